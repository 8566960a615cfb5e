"""D8: a reminder that came is answered, or ends."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.followup import desk
from services.followup.file import FileDuty
from services.followup.reminder import Reminder
from shared import merged_files
from shared.calendar import local_day
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
    """EDGE_CASES 15: sold: the former owner is reminded of nothing any more; a complaint stays theirs.

    Who brought the car and never owned it is reminded still when it is noted who does.
    """
    assert unit.cause
    await _note_owner(event, unit)
    for vehicle in await merged_files.family(unit, event.vehicle):
        reminder = await unit.find(Reminder, vehicle)
        if not reminder.exists or reminder.ended:
            continue
        began_at = (await unit.load(FileDuty, reminder.visit)).checked_in_at or reminder.delivered_at or unit.cause.time
        if await is_former_owners(unit, reminder, began_at):
            await end(unit, vehicle, "sold")


async def _note_owner(event: VehicleOwnerChanged, unit: Unit) -> None:
    assert unit.cause
    known = await unit.fetch("owners", event.vehicle) or {"former": []}
    former = sorted({*known["former"], *([event.former] if event.former else [])} - {event.owner})
    noted = {"owner": event.owner, "former": former, "at": unit.cause.time.isoformat(), "since": event.since.isoformat()}
    await unit.put("owners", event.vehicle, noted, subject=event.vehicle)


async def is_former_owners(unit: Unit, reminder: Reminder, checked_in_at: datetime) -> bool:
    """Whether the car was sold by its customer: before, or since the visit began, while who signed stayed who signed.

    An owner who was only noted during the visit, and has owned the car since before it, had somebody else bring it.
    """
    rows = [await unit.fetch("owners", vehicle) for vehicle in await merged_files.family(unit, reminder.id)]
    known = sorted((row for row in rows if row), key=_noted_at)
    if not known or await merged_files.same(unit, reminder.customer, known[-1]["owner"]):
        return False
    former = {each for row in known for each in row["former"]} & {*await merged_files.family(unit, reminder.customer)}
    is_newly_owned = known[-1].get("since", "9999") >= local_day(checked_in_at, unit.branch.site.zone).isoformat()
    return bool(former) or (is_newly_owned and _noted_at(known[-1]) >= checked_in_at)


def _noted_at(row: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(row["at"])


async def is_superseded(unit: Unit, reminder: Reminder) -> bool:
    """R7: a later delivery of the car is on record under another of its files, and brings its own reminder."""
    others = [await unit.find(Reminder, vehicle) for vehicle in await merged_files.family(unit, reminder.id) if vehicle != reminder.id]
    return any(other.is_later_than(reminder) for other in others)
