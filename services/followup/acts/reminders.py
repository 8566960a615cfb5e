"""D8: a reminder that came is answered, or ends."""

from services.followup import desk
from services.followup.reminder import Reminder
from shared.contracts.reception import VehicleOwnerChanged
from shared.unit import Unit


async def answer(unit: Unit, vehicle: str, wish: str | None, *, wants_appointment: bool, by_phone: bool) -> Reminder:
    """The call is in the register (F8). Reception hears of a yes and makes the appointment (A1)."""
    reminder = await unit.load(Reminder, vehicle)
    call = None
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
        Reminder, vehicle, lambda reminder: reminder.answer(unit.actor, wish, call, wants_appointment=wants_appointment)
    )


async def end(unit: Unit, vehicle: str, reason: str) -> Reminder:
    await unit.cancel(f"reminder:{vehicle}")
    return await unit.update(Reminder, vehicle, lambda reminder: reminder.end(unit.actor, reason))


async def end_for_former_owner(event: VehicleOwnerChanged, unit: Unit) -> None:
    """EDGE_CASES 15: sold: the former owner is reminded of nothing any more; a complaint stays theirs."""
    reminder = await unit.find(Reminder, event.vehicle)
    if reminder.exists and not reminder.ended and reminder.customer != event.owner:
        await end(unit, event.vehicle, "sold")
