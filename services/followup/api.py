"""Follow-up's HTTP commands and queries: parse, authorise, call, answer. No rules here; F2 to F9 are in the files beside.

A visit's file duty has the visit's id. Its call duties are `VISIT-first` and `VISIT-second`. Who acts is the person of the token.
Free text (need, opinion, notes, letters) is kept as records; topics and results are codes and name nobody.
"""

from typing import Annotated, Literal, Self

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, Field, model_validator

from services.followup import desk, store
from services.followup.acts.entries import open_entries
from services.followup.calls import CallDuty
from services.followup.file import FileDuty
from services.followup.register import Letter, RegisteredCall
from services.followup.routes import ROUTERS
from services.followup.talk import EntrySaid, Said
from shared import merged_files
from shared.unit import Unit
from shared.web import Body, Call, Roles, table

_DEPARTMENT: tuple[str, ...] = ("followup_agent", "business_supervisor")
_READERS: tuple[str, ...] = (*_DEPARTMENT, "group_analyst")

MAY: Roles = {
    "see_duties": _READERS,
    "see_file": (*_DEPARTMENT, "advisor"),
    "see_registers": _DEPARTMENT,
    "open_file": _DEPARTMENT,
    "plan_contact": _DEPARTMENT,
    "hold_call": _DEPARTMENT,
    "register_call": _DEPARTMENT,
    "register_letter": _DEPARTMENT,
}

router = APIRouter()
for _more in ROUTERS:
    router.include_router(_more)
allowed = table(MAY)

Text = Annotated[str, Field(min_length=1, max_length=4000)]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Id = Annotated[str, Field(min_length=1, max_length=80)]
Limit = Annotated[int, Query(ge=1, le=200)]
State = Literal["open", "closed", "all"]


async def _text(unit: Unit, text: str | None) -> str | None:
    return await unit.put_text(text) if text else None


@router.get("/file-duties")
async def see_file_duties(
    state: State = "open",
    agent: str | None = None,
    due_before: AwareDatetime | None = None,
    limit: Limit = 100,
    after: str | None = None,
    call: Call = allowed("see_duties"),
) -> list[store.FileDutyShown]:
    """F2: the customer files that are due, or were; by id, `after` is the last id of the page before.

    `agent` asks for those that this person acts for today, as agent or as stand-in (F1).
    """
    return await store.file_duties(call.store, call.now, state, agent, due_before, limit, after)


@router.get("/file-duties/{visit}")
async def see_file_duty(visit: str, call: Call = allowed("see_duties")) -> FileDuty:
    return await call.get(FileDuty, visit)


class PlanContact(Body):
    """F3: the likely need, the topics and the time of the next contact. The second call's topics come from here (F6)."""

    need: Text = Field(examples=["下次保养前更换前制动片"])
    topics: tuple[Code, ...] = Field(min_length=1, max_length=10, examples=[["car_condition", "service_opinion", "next_maintenance"]])
    at: AwareDatetime = Field(examples=["2026-03-11T18:30:00+08:00"])


@router.post("/file-duties/{visit}/file", status_code=201)
async def open_file(visit: str, body: PlanContact, call: Call = allowed("open_file")) -> FileDuty:
    """F2, F3: the customer's file exists from here on (or has one visit more), and with it the next contact is planned."""

    async def work(unit: Unit) -> FileDuty:
        need = await unit.put_text(body.need)
        return await desk.open_file(unit, visit, need, body.topics, body.at)

    return await call.do(work, FileDuty)


@router.post("/file-duties/{visit}/contact-plan")
async def plan_contact(visit: str, body: PlanContact, call: Call = allowed("plan_contact")) -> FileDuty:
    """F3: the next contact of this visit is planned anew; the newest plan holds."""

    async def work(unit: Unit) -> FileDuty:
        need = await unit.put_text(body.need)
        return await desk.plan_contact(unit, visit, need, body.topics, body.at)

    return await call.do(work, FileDuty)


@router.get("/files/{customer}")
async def see_file(customer: str, call: Call = allowed("see_file")) -> store.FileShown:
    """F2: the customer file: the customer, the vehicles, visits with their plans, calls with their notes, letters,
    reminders and complaints.
    """
    return await store.file_of(call.store, customer)


@router.get("/duties")
async def see_call_duties(
    state: State = "open",
    kind: Literal["first", "second"] | None = None,
    agent: str | None = None,
    visit: str | None = None,
    due_before: AwareDatetime | None = None,
    limit: Limit = 100,
    after: str | None = None,
    call: Call = allowed("see_duties"),
) -> list[store.CallDutyShown]:
    """F4, F6: the calls that are due, or were; by id, `after` is the last id of the page before.

    `agent` asks for those that this person acts for today, as agent or as stand-in (F1).
    """
    return await store.call_duties(call.store, call.now, state, kind, agent, visit, due_before, limit, after)


@router.get("/duties/{duty}")
async def see_call_duty(duty: str, call: Call = allowed("see_duties")) -> CallDuty:
    return await call.get(CallDuty, duty)


class EntryGiven(Body):
    """F4: a demand, wish or complaint is an entry of its own, with an owner (a staff id)."""

    kind: Literal["demand", "wish", "complaint"]
    text: Text = Field(examples=["希望周末也能预约"])
    owner: Id = Field(examples=["advisor-1"])


class HoldCall(Body):
    """A call that reached the customer. The first call needs `opinion` and, of a visit with a car, `car_runs_well` (F4)."""

    result: Code = Field(examples=["content"])
    topics: tuple[Code, ...] = Field(min_length=1, max_length=10, examples=[["car_condition", "service_opinion"]])
    car_runs_well: bool | None = None
    opinion: Text | None = Field(default=None, examples=["服务很好，等待时间短"])
    entries: tuple[EntryGiven, ...] = Field(default=(), max_length=20)
    note: Text | None = None


@router.post("/duties/{duty}/call")
async def hold_call(duty: str, body: HoldCall, call: Call = allowed("hold_call")) -> CallDuty:
    """F4, F6, F8: the customer was reached: opinion and entries are recorded, the call is registered, the duty is closed.

    409 F3 before a contact is planned; F4 before the first call's first day; F6 before the second call's window, or with
    topics that are not planned or were those of the first call.
    """

    async def work(unit: Unit) -> CallDuty:
        entries = [EntrySaid(kind=entry.kind, text=await unit.put_text(entry.text), owner=entry.owner) for entry in body.entries]
        said = Said(
            result=body.result,
            topics=body.topics,
            car_runs_well=body.car_runs_well,
            opinion=await _text(unit, body.opinion),
            entries=tuple(entries),
        )
        held = await desk.hold_call(unit, duty, said, await _text(unit, body.note))
        await open_entries(unit, held)
        return held

    return await call.do(work, CallDuty)


class TryCall(Body):
    """A try that did not reach the customer."""

    result: Literal["no_answer", "busy", "switched_off", "wrong_number"] = Field(examples=["no_answer"])
    note: Text | None = None


@router.post("/duties/{duty}/tries")
async def try_call(duty: str, body: TryCall, call: Call = allowed("hold_call")) -> CallDuty:
    """F8: the customer was called and not reached: the try is registered, the duty stays open. The same windows as for a call."""

    async def work(unit: Unit) -> CallDuty:
        return await desk.try_call(unit, duty, body.result, await _text(unit, body.note))

    return await call.do(work, CallDuty)


class CloseNotReached(Body):
    told_by: Literal["message", "letter"] = Field(examples=["message"], description="How the customer was written to in place of the call.")
    content: Text | None = Field(default=None, description="The letter's words: of a letter always, of a message never.")

    @model_validator(mode="after")
    def _a_letter_has_words(self) -> Self:
        if (self.content is not None) != (self.told_by == "letter"):
            raise ValueError("content: of a letter always, of a message never")
        return self


@router.post("/duties/{duty}/not-reached")
async def close_not_reached(duty: str, body: CloseNotReached, call: Call = allowed("hold_call")) -> CallDuty:
    """F4: ended as *not reached*, after 3 tries on at least 2 days, in different parts of the day, one in the convenient hour.

    By letter alone where every number is known to be wrong. The letter is in its register (F9).
    """

    async def work(unit: Unit) -> CallDuty:
        return await desk.close_not_reached(unit, duty, body.told_by, await _text(unit, body.content))

    return await call.do(work, CallDuty)


@router.get("/calls")
async def see_calls(
    customer: str | None = None,
    visit: str | None = None,
    limit: Limit = 100,
    after: Annotated[int, Query(ge=0)] = 0,
    call: Call = allowed("see_registers"),
) -> list[store.CallShown]:
    """F8: the call register, in the order of its numbers; `after` is the last number of the page before."""
    return await store.calls(call.store, customer, visit, limit, after)


class RegisterCall(Body):
    """F8: a call that no call duty asks for. For an outgoing call the number is taken from the customer's record."""

    direction: Literal["in", "out"]
    customer: Id = Field(examples=["customer-5f3c9a0b1d2e4f607182"])
    visit: Id | None = None
    purpose: Literal["campaign", "reminder", "inquiry", "complaint", "other"] = Field(examples=["inquiry"])
    reached: bool = True
    result: Code = Field(examples=["answered"])
    topics: tuple[Code, ...] = Field(default=(), max_length=10)
    number: Annotated[str, Field(pattern=r"^\+?[0-9 -]{3,24}$")] | None = Field(
        default=None, description="The caller's number, of an incoming call."
    )
    note: Text | None = None


@router.post("/calls", status_code=201)
async def register_call(body: RegisterCall, call: Call = allowed("register_call")) -> RegisteredCall:
    async def work(unit: Unit) -> RegisteredCall:
        return await desk.register_call(
            unit,
            direction=body.direction,
            customer=await merged_files.surviving(unit, body.customer),
            visit=body.visit,
            purpose=body.purpose,
            reached=body.reached,
            result=body.result,
            topics=body.topics,
            number=body.number,
            note=await _text(unit, body.note),
        )

    return await call.do(work, RegisteredCall)


@router.get("/letters")
async def see_letters(
    customer: str | None = None,
    visit: str | None = None,
    limit: Limit = 100,
    after: Annotated[int, Query(ge=0)] = 0,
    call: Call = allowed("see_registers"),
) -> list[store.LetterShown]:
    """F9: the letter register, in the order of its numbers; `after` is the last number of the page before."""
    return await store.letters(call.store, customer, visit, limit, after)


class RegisterLetter(Body):
    kind: Literal["notice", "invitation", "answer"]
    customer: Id = Field(examples=["customer-5f3c9a0b1d2e4f607182"])
    visit: Id | None = None
    content: Text = Field(examples=["感谢惠顾，附保养提示"])


@router.post("/letters", status_code=201)
async def register_letter(body: RegisterLetter, call: Call = allowed("register_letter")) -> Letter:
    """F9: a letter that went out. The address is kept as it was that day."""

    async def work(unit: Unit) -> Letter:
        content = await unit.put_text(body.content)
        customer = await merged_files.surviving(unit, body.customer)
        return await desk.register_letter(unit, body.kind, customer, body.visit, content)

    return await call.do(work, Letter)
