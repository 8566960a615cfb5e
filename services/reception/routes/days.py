"""Reception over HTTP before the car comes: A1 to A4. No rules here."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from services.reception import coming, store
from services.reception.acts import appointments, days
from services.reception.appointment import PHONE_SCRIPT, Appointment
from services.reception.bodies import BookAppointment, SlotOffered
from services.reception.opening import OpeningChecklist
from services.reception.preparation import Preparation
from services.reception.routes.bodies import CancelAppointment, ConfirmAppointment, DoChecklist, MoveAppointment, Prepare
from services.reception.wish import Wish
from shared.web import Call, Roles, table

COUNTER = ("receptionist", "advisor")
READERS = (*COUNTER, "followup_agent", "business_supervisor", "group_analyst")

MAY: Roles = {
    "book_appointment": COUNTER,
    "change_appointment": COUNTER,
    "prepare_appointment": ("advisor",),
    "do_checklist": ("advisor",),
    "read_slots": READERS,
    "read_preparations": (*COUNTER, "workshop_supervisor", "parts_clerk", "business_supervisor", "group_analyst"),
    "end_wish": COUNTER,
    "read_checklists": ("advisor", "business_supervisor", "group_analyst"),
}
allowed = table(MAY)
router = APIRouter()


class OpeningOfTheDay(BaseModel):
    """A4: who has done it, and who has not."""

    day: date
    done: list[OpeningChecklist]
    missing: list[str]


# A1


@router.get("/booking-script")
async def booking_script(call: Call = allowed("read_slots")) -> list[dict[str, str]]:
    """A1: what is asked on the telephone, in its order, in Chinese and English."""
    names = {"branch": call.branch.site.site.name, "name": call.person.name}
    return [{language: line.format(**names) for language, line in step.items()} for step in PHONE_SCRIPT]


@router.get("/slots")
async def slots(day: date, operations: tuple[str, ...] = Query(default=()), call: Call = allowed("read_slots")) -> list[SlotOffered]:
    """A1: the slots of `day` that are still free for a visit with these operations."""
    return await coming.offered_slots(call, day, operations)


@router.post("/appointments", status_code=201)
async def book_appointment(body: BookAppointment, call: Call = allowed("book_appointment")) -> Appointment:
    """A1: takes a place in the slot; the answer's `id` is the visit to come, `no_shows` the days this customer did not come.

    A full slot is refused (409 A1) with `nearest`: the nearest free ones, as `day` and `slot`.
    """
    return await call.do(appointments.booking(call, body), Appointment)


@router.get("/appointments")
async def appointments_of(day: date, call: Call = allowed("read_slots")) -> list[Appointment]:
    """A1: the appointments of a day, by their time; those that were cancelled too."""
    return await store.appointments_of(call.store, day)


@router.get("/appointments/{visit}")
async def one_appointment(visit: str, call: Call = allowed("read_slots")) -> Appointment:
    return await call.get(Appointment, visit)


@router.get("/appointment-wishes")
async def appointment_wishes(
    after: str | None = None, limit: Annotated[int, Query(ge=1, le=500)] = 100, call: Call = allowed("read_slots")
) -> list[Wish]:
    """D8: who said yes to a maintenance reminder and is not booked yet; book with `reminder`, the wish's id."""
    return await store.open_wishes(call.store, after, limit)


@router.post("/appointment-wishes/{reminder}/withdrawal")
async def withdraw_wish(reminder: str, call: Call = allowed("end_wish")) -> Wish:
    """D8: the customer does not want the appointment any more, or came without."""
    return await call.update(Wish, reminder, lambda wish: wish.withdraw(call.person.id))


# A2


@router.post("/appointments/{visit}/confirmation")
async def confirm_appointment(visit: str, body: ConfirmAppointment, call: Call = allowed("change_appointment")) -> Appointment:
    """A2: the customer said that they will come."""
    return await call.do(appointments.confirmation(call, visit, body.channel), Appointment)


@router.post("/appointments/{visit}/move")
async def move_appointment(visit: str, body: MoveAppointment, call: Call = allowed("change_appointment")) -> Appointment:
    """A2: to another slot; a full one is refused (409 A1) with `nearest`, and the appointment stays where it was."""
    return await call.do(appointments.move(call, visit, body), Appointment)


@router.post("/appointments/{visit}/cancellation")
async def cancel_appointment(visit: str, body: CancelAppointment, call: Call = allowed("change_appointment")) -> Appointment:
    """A2: the place is free again."""
    return await call.do(appointments.cancellation(call, visit, body), Appointment)


# A3


@router.get("/preparations")
async def preparations(day: date, call: Call = allowed("read_preparations")) -> list[Preparation]:
    """A3: per appointment of `day` the parts on hand or ordered, the teams that can do it, what is prepared and what is missing."""
    return await store.preparations_of(call.store, day)


@router.post("/appointments/{visit}/preparations")
async def prepare_appointment(visit: str, body: Prepare, call: Call = allowed("prepare_appointment")) -> Appointment:
    """A3: what the advisor has seen to."""
    return await call.do(appointments.preparing(call, visit, body.things), Appointment)


# A4


@router.post("/opening-checklists", status_code=201)
async def do_checklist(body: DoChecklist, call: Call = allowed("do_checklist")) -> OpeningChecklist:
    """A4: the advisor's own, of today; once a day."""
    return await call.do(days.checklist(call, body), OpeningChecklist)


@router.get("/opening-checklists")
async def opening_checklists(day: date, call: Call = allowed("read_checklists")) -> OpeningOfTheDay:
    done = await call.store.select(OpeningChecklist, {"day": day.isoformat()}, limit=500)
    have = {each.advisor for each in done}
    there = (await store.attendance(call.store)).of_day(day, call.branch)
    return OpeningOfTheDay(day=day, done=done, missing=[each.id for each in there.people("advisor") if each.id not in have])
