"""D8: a reminder that came is answered, or ends."""

from services.followup import desk
from services.followup.reminder import Reminder
from shared import merged_files
from shared.contracts.event import RecordChanged
from shared.contracts.reception import AppointmentBooked, VehicleOwnerChanged
from shared.unit import Unit


async def answer(unit: Unit, vehicle: str, wish: str | None, *, wants_appointment: bool, by_phone: bool) -> Reminder:
    """The call is in the register (F8). Reception hears of a yes and makes the appointment (A1)."""
    reminder = await unit.load(Reminder, vehicle)
    call, channel = None, "phone" if by_phone else "message"
    if by_phone and reminder.came:
        registered = await desk.register_call(
            unit,
            direction="out",
            customer=reminder.customer,
            visit=reminder.visit,
            purpose="reminder",
            result="wants_appointment" if wants_appointment else "no_appointment",
            note=wish,
        )
        call = registered.id
    return await unit.update(
        Reminder, vehicle, lambda reminder: reminder.answer(unit.actor, wish, call, channel, wants_appointment=wants_appointment)
    )


async def note_booking(event: AppointmentBooked, unit: Unit) -> None:
    """D8: reception has booked the appointment that the customer said yes to."""
    for vehicle in await merged_files.family(unit, event.vehicle) if event.answers else ():
        if (await unit.find(Reminder, vehicle)).visit == event.answers:
            await unit.update(Reminder, vehicle, lambda known: known.note_booking(event.visit))


async def end_for_erased(event: RecordChanged, unit: Unit) -> None:
    """A customer whose record was erased is reminded of nothing. Whether it has come here is looked at before this."""
    if event.key.startswith("customer:") and await unit.record(event.key) is None:
        for vehicle in await unit.ids(Reminder, {"customer": event.key.removeprefix("customer:"), "ended": None}):
            await end(unit, vehicle, "not_wanted")


async def end(unit: Unit, vehicle: str, reason: str) -> Reminder:
    await unit.cancel(f"reminder:{vehicle}")
    return await unit.update(Reminder, vehicle, lambda reminder: reminder.end(unit.actor, reason))


async def end_for_former_owner(event: VehicleOwnerChanged, unit: Unit) -> None:
    """EDGE_CASES 15: sold: the former owner is reminded of nothing any more; a complaint stays theirs."""
    for vehicle in await merged_files.family(unit, event.vehicle):
        reminder = await unit.find(Reminder, vehicle)
        if reminder.exists and not reminder.ended and not await merged_files.same(unit, reminder.customer, event.owner):
            await end(unit, vehicle, "sold")


async def is_superseded(unit: Unit, reminder: Reminder) -> bool:
    """R7: a later delivery of the car is on record under another of its files, and brings its own reminder."""
    others = [await unit.find(Reminder, vehicle) for vehicle in await merged_files.family(unit, reminder.id) if vehicle != reminder.id]
    return any(other.is_later_than(reminder) for other in others)
