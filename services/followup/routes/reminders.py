"""D8 over HTTP: reminders of the next maintenance, and what the customer answers to the offer of an appointment."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from services.followup import store
from services.followup.acts import reminders
from services.followup.reminder import Reminder
from shared.unit import Unit
from shared.web import Body, Call, Roles, table

MAY: Roles = {
    "see_reminders": ("followup_agent", "business_supervisor", "receptionist", "advisor", "group_analyst"),
    "answer_reminder": ("followup_agent", "business_supervisor"),
    "end_reminder": ("followup_agent", "business_supervisor", "advisor"),
}

router = APIRouter()
allowed = table(MAY)

Text = Annotated[str, Field(min_length=1, max_length=4000)]
Limit = Annotated[int, Query(ge=1, le=200)]


@router.get("/reminders")
async def see_reminders(
    state: Literal["scheduled", "come", "all"] = "scheduled",
    until: date | None = None,
    limit: Limit = 100,
    after: str | None = None,
    call: Call = allowed("see_reminders"),
) -> list[Reminder]:
    """D8: the reminders of the next maintenance, those that come `until` a date; by vehicle."""
    return await store.reminders(call.store, state, until, limit, after)


class AnswerReminder(Body):
    """`wish`: what the customer wants and when, for the appointment."""

    wants_appointment: bool
    channel: Literal["phone", "message"] = "phone"
    wish: Text | None = Field(default=None, examples=["下周六上午，顺便检查空调"])


@router.post("/reminders/{vehicle}/answer")
async def answer_reminder(vehicle: str, body: AnswerReminder, call: Call = allowed("answer_reminder")) -> Reminder:
    """D8: the customer was reminded and offered an appointment. By phone it is in the call register too; yes goes to reception."""

    async def work(unit: Unit) -> Reminder:
        wish = await unit.put_text(body.wish) if body.wish else None
        by_phone = body.channel == "phone"
        return await reminders.answer(unit, vehicle, wish, wants_appointment=body.wants_appointment, by_phone=by_phone)

    return await call.do(work, Reminder)


class EndReminder(Body):
    reason: Literal["sold", "given_up", "not_wanted"] = Field(examples=["sold"])


@router.post("/reminders/{vehicle}/ending")
async def end_reminder(vehicle: str, body: EndReminder, call: Call = allowed("end_reminder")) -> Reminder:
    """EDGE_CASES 15: sold: the former owner is reminded of nothing any more; complaints stay theirs."""
    return await call.do(lambda unit: reminders.end(unit, vehicle, body.reason), Reminder)
