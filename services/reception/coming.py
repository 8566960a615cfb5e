"""How a visit comes in: a booking takes its slot (A1), an arrival its place in the queue (R1), each in one transaction."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from decimal import Decimal

from services.reception import files, slots, store
from services.reception.acts import appointments
from services.reception.appointment import Appointment
from services.reception.bodies import CustomerGiven, Queued, RecordArrival, SlotOffered
from services.reception.estimate import operation_of
from services.reception.slots import SlotDay, slot_day_id
from services.reception.visit import Visit
from shared import merged_files
from shared.branch import Branch
from shared.identity import new_id
from shared.unit import Unit
from shared.web import Call


async def offered_slots(call: Call, day: date, operations: Sequence[str]) -> list[SlotOffered]:
    hours = hours_of(operations, call.branch)
    book = await _slot_day(call, day)
    there = (await store.attendance(call.store)).of_day(day, call.branch)
    return [
        SlotOffered(
            day=day,
            slot=slot,
            places=call.branch.site.shop.slot_capacity,
            taken=book.taken(slot),
            hours_left={skill: book.room_for(skill, slot, there) for skill in hours},
        )
        for slot in book.free_slots(hours, there, call.now)
    ]


async def _slot_day(call: Call, day: date) -> SlotDay:
    known = await call.store.select(SlotDay, {"id": slot_day_id(day)})
    return known[0] if known else SlotDay(id=slot_day_id(day))


def hours_of(operations: Sequence[str], branch: Branch) -> dict[str, Decimal]:
    for code in operations:
        operation_of(code, branch)
    return slots.hours_by_skill(operations, branch)


# R1 arrival


def arrival(call: Call, body: RecordArrival) -> Callable[[Unit], Awaitable[Visit]]:
    async def arrive(unit: Unit) -> Visit:
        visit_id = body.appointment or new_id("visit")
        booked = await unit.load(Appointment, body.appointment) if body.appointment else Appointment(id=visit_id)
        customer = await _here(unit, call, body.customer) if body.customer else await _read_as(unit, booked.customer)
        vehicle = (
            await files.file_vehicle(unit, body.vehicle, call.store.group_key) if body.vehicle else await _read_as(unit, booked.vehicle)
        )
        day = unit.now.astimezone(unit.branch.site.zone).date()
        place = await unit.next_number(f"queue:{day.isoformat()}")
        doubtful = await files.vin_doubtful(unit, vehicle)
        arrived = await unit.create(
            Visit, visit_id, lambda visit: visit.arrive(customer, vehicle, day, place, unit.now, booked=booked, vin_doubtful=doubtful)
        )
        if body.appointment:
            await appointments.kept(unit, body.appointment)
        await files.open_visit(unit, vehicle, visit_id)
        if await store.wrong_phones(unit, await merged_files.family(unit, customer)):
            people = (arrived.advisor,) if arrived.advisor else ()
            await unit.tell("phone_to_check", clause="R7", visit=visit_id, roles=("receptionist",), people=people, customer=customer)
        return arrived

    return arrive


async def _read_as(unit: Unit, booked: str | None) -> str:
    """R7: what the booking named may have been merged since, or is so at this moment: both files' gates are touched."""
    assert booked
    read_as = await merged_files.surviving(unit, booked)
    unit.touch(booked)
    unit.touch(read_as)
    return read_as


async def _here(unit: Unit, call: Call, given: CustomerGiven) -> str:
    return await files.file_customer(unit, given, call.store.group_key, in_person=True)


async def queue(call: Call) -> list[Queued]:
    return [await _queued(call, visit) for visit in await store.waiting_to_be_greeted(call.store)]


async def _queued(call: Call, visit: Visit) -> Queued:
    customer = await call.store.record(f"customer:{await merged_files.surviving(call.store, visit.customer or '')}") or {}
    vehicle = await store.vehicle_as_read(call.store, visit.vehicle) if visit.vehicle else None
    return Queued.model_validate(
        {
            "visit": visit.id,
            "queue_number": visit.queue_number,
            "arrived_at": visit.arrived_at,
            "slot": visit.slot_held,
            "customer": visit.customer,
            "name": customer.get("name"),
            "form_of_address": customer.get("form_of_address"),
            "plate": vehicle.plate if vehicle else None,
            "advisor": visit.advisor,
        }
    )


async def standing_before(call: Call, visit: str) -> tuple[str, ...]:
    """R1: the visits that were to be served before this one."""
    waiting = [each.id for each in await store.waiting_to_be_greeted(call.store)]
    return tuple(waiting[: waiting.index(visit)]) if visit in waiting else ()
