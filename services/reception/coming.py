"""How a visit comes in: a booking takes its slot (A1), an arrival its place in the queue (R1), each in one transaction."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from services.reception import appointment, files, store
from services.reception.appointment import SlotDay, slot_day_id
from services.reception.bodies import BookAppointment, Queued, RecordArrival, SlotOffered
from services.reception.estimate import operation_of
from services.reception.vehicle import Vehicle
from services.reception.visit import Visit
from shared.branch import Branch
from shared.contracts.reception import AppointmentBooked
from shared.identity import new_id
from shared.refusal import Malformed, NotFound
from shared.unit import Unit
from shared.web import Call

_DAYS_AROUND = 7


async def offered_slots(call: Call, day: date, operations: Sequence[str]) -> list[SlotOffered]:
    hours = _hours(operations, call.branch)
    book = await _slot_day(call, day)
    return [
        SlotOffered(
            day=day,
            slot=slot,
            places=call.branch.site.shop.slot_capacity,
            taken=book.taken(slot),
            hours_left={skill: book.hours_left(skill, slot, call.branch) for skill in hours},
        )
        for slot in book.free_slots(hours, call.branch, call.now)
    ]


async def _slot_day(call: Call, day: date) -> SlotDay:
    known = await call.store.select(SlotDay, {"id": slot_day_id(day)})
    return known[0] if known else SlotDay(id=slot_day_id(day))


def _hours(operations: Sequence[str], branch: Branch) -> dict[str, Decimal]:
    for code in operations:
        operation_of(code, branch)
    return appointment.hours_by_skill(operations, branch)


def booking(call: Call, body: BookAppointment) -> Callable[[Unit], Awaitable[Visit]]:
    async def book(unit: Unit) -> Visit:
        hours = _hours(body.operations, unit.branch)
        arrives_at = appointment.moment(body.day, body.slot, unit.branch)
        visit, nearest = new_id("visit"), await _nearest(unit, body.day, body.slot, hours)
        day = await unit.create(
            SlotDay, slot_day_id(body.day), lambda slots: slots.take(visit, body.slot, hours, unit.branch, unit.now, nearest)
        )
        booked = AppointmentBooked(
            visit=visit,
            customer=await files.file_customer(unit, body.customer, call.store.group_key),
            vehicle=await files.file_vehicle(unit, body.vehicle, call.store.group_key),
            channel=body.channel,
            arrives_at=arrives_at.astimezone(UTC),
            advisor=_advisor(body.advisor, len(day.places), unit.branch),
            wish=await unit.put_text(body.wish) if body.wish else None,
            operations=body.operations,
            day=body.day,
        )
        return await unit.create(Visit, visit, lambda seen: seen.book(booked))

    return book


async def _nearest(unit: Unit, day: date, slot: time, hours: dict[str, Decimal]) -> list[datetime]:
    """The free slots to offer; other days are looked at only where the wanted slot has no room."""
    wanted = await unit.find(SlotDay, slot_day_id(day))
    if wanted.has_room(slot, hours, unit.branch):
        return []
    days = [day + timedelta(days=offset) for offset in range(-_DAYS_AROUND, _DAYS_AROUND + 1)]
    coming = [each for each in days if each >= unit.now.astimezone(unit.branch.site.zone).date()]
    books = [await unit.find(SlotDay, slot_day_id(each)) for each in coming]
    return appointment.nearest_free(books, appointment.moment(day, slot, unit.branch), hours, unit.branch, unit.now)


def _advisor(wanted: str | None, booked_that_day: int, branch: Branch) -> str:
    """The advisor wanted, or one after the other."""
    advisors = [person.id for person in branch.people("advisor")]
    if wanted is None:
        return advisors[booked_that_day % len(advisors)]
    if wanted not in advisors:
        raise Malformed(missing=("advisor",), advisors=advisors)
    return wanted


# R1 arrival


def arrival(call: Call, body: RecordArrival) -> Callable[[Unit], Awaitable[Visit]]:
    async def arrive(unit: Unit) -> Visit:
        visit_id = body.appointment or new_id("visit")
        seen = await unit.find(Visit, visit_id)
        if body.appointment and not seen.exists:
            raise NotFound(missing=(visit_id,))
        customer = await files.file_customer(unit, body.customer, call.store.group_key) if body.customer else seen.customer
        vehicle = await files.file_vehicle(unit, body.vehicle, call.store.group_key) if body.vehicle else seen.vehicle
        assert customer and vehicle
        day = unit.now.astimezone(unit.branch.site.zone).date()
        place = await unit.next_number(f"queue:{day.isoformat()}")
        doubtful = await files.vin_doubtful(unit, vehicle)
        arrived = await unit.create(
            Visit, visit_id, lambda visit: visit.arrive(customer, vehicle, day, place, unit.now, vin_doubtful=doubtful)
        )
        await unit.create(Vehicle, vehicle, lambda car: car.open(visit_id))
        return arrived

    return arrive


async def queue(call: Call) -> list[Queued]:
    return [await _queued(call, visit) for visit in await store.waiting_to_be_greeted(call.store)]


async def _queued(call: Call, visit: Visit) -> Queued:
    customer = await call.store.record(f"customer:{visit.customer}") or {}
    vehicle = await call.store.record(f"vehicle:{visit.vehicle}") or {}
    return Queued.model_validate(
        {
            "visit": visit.id,
            "queue_number": visit.queue_number,
            "arrived_at": visit.arrived_at,
            "slot": visit.slot_held,
            "customer": visit.customer,
            "name": customer.get("name"),
            "form_of_address": customer.get("form_of_address"),
            "plate": vehicle.get("plate"),
            "advisor": visit.advisor,
        }
    )


async def standing_before(call: Call, visit: str) -> tuple[str, ...]:
    """R1: the visits that were to be served before this one."""
    waiting = [each.id for each in await store.waiting_to_be_greeted(call.store)]
    return tuple(waiting[: waiting.index(visit)]) if visit in waiting else ()
