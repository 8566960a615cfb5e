"""A1 to A3: an appointment takes its slot, moves, ends, is prepared; what its timers do. Each in one transaction."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from services.reception import files, slots
from services.reception.acts import days, people
from services.reception.appointment import Appointment, missed_at, reminder_at
from services.reception.bodies import BookAppointment
from services.reception.desk import Work
from services.reception.estimate import operation_of
from services.reception.preparation import checked_things
from services.reception.routes.bodies import CancelAppointment, MoveAppointment
from services.reception.slots import SlotDay, slot_day_id
from services.reception.wish import Wish
from shared import merged_files
from shared.branch import OPENING, Branch
from shared.calendar import local_day
from shared.contracts.followup import SiteSettingChanged
from shared.contracts.reception import AppointmentBooked
from shared.contracts.values import Channel
from shared.identity import new_id
from shared.reaction import Timer
from shared.refusal import Malformed
from shared.site_changes import as_changed
from shared.unit import Unit
from shared.web import Call

REMINDER, NO_SHOW = "appointment_reminder", "appointment_missed"


def hours_of(operations: Sequence[str], branch: Branch) -> dict[str, Decimal]:
    for code in operations:
        operation_of(code, branch)
    return slots.hours_by_skill(operations, branch)


# A1


def booking(call: Call, body: BookAppointment) -> Work[Appointment]:
    async def book(unit: Unit) -> Appointment:
        visit = new_id("visit")
        advisor = await _advisor(unit, body.advisor, body.day)
        await _take_slot(unit, visit, body.day, body.slot, hours_of(body.operations, unit.branch))
        customer = await files.file_customer(unit, body.customer, call.store.group_key)
        booked = AppointmentBooked(
            visit=visit,
            customer=customer,
            vehicle=await files.file_vehicle(unit, body.vehicle, call.store.group_key),
            channel=body.channel,
            arrives_at=slots.moment(body.day, body.slot, unit.branch).astimezone(UTC),
            advisor=advisor,
            wish=await unit.put_text(body.wish) if body.wish else None,
            operations=body.operations,
            day=body.day,
            no_shows=await _no_shows(unit, customer),
            answers=body.reminder,
        )
        appointment = await unit.create(Appointment, visit, lambda known: known.book(booked))
        await _set_timers(unit, visit, body.day)
        await days.tell_of_one_more(unit, visit, body.day)
        if body.reminder:
            await _answer_reminder(unit, body.reminder, booked)
        return appointment

    return book


async def _no_shows(unit: Unit, customer: str) -> tuple[str, ...]:
    """A2: of all files of the person."""
    kept = [await unit.fetch("no_shows", id) or {"days": ()} for id in await merged_files.family(unit, customer)]
    return tuple(sorted(day for each in kept for day in each["days"]))


async def _answer_reminder(unit: Unit, reminder: str, booked: AppointmentBooked) -> None:
    """D8: also before follow-up's word of the yes has come: then there is nothing to close."""
    if (wish := await unit.find(Wish, reminder)).exists:
        read_as = await merged_files.surviving(unit, wish.vehicle)
        await unit.update(Wish, reminder, lambda wish: wish.book(booked.visit, booked.vehicle, unit.actor, read_as))


async def _take_slot(unit: Unit, visit: str, day: date, slot: time, hours: dict[str, Decimal]) -> None:
    there = (await people.attendance(unit)).of_day(day, unit.branch)
    nearest = await _nearest(unit, day, slot, hours)
    await unit.create(SlotDay, slot_day_id(day), lambda known: known.take(visit, slot, hours, there, unit.now, nearest))


async def _set_timers(unit: Unit, visit: str, day: date) -> None:
    """Who books on the day before, or later, needs no reminder."""
    await unit.schedule(Timer(key=_no_show(visit), kind=NO_SHOW, due_at=missed_at(day, unit.branch), subject=visit))
    if (at := reminder_at(day, unit.branch)) > unit.now:
        await unit.schedule(Timer(key=_reminder(visit), kind=REMINDER, due_at=at, subject=visit))
    else:
        await unit.cancel(_reminder(visit))


async def keep_to_opening_hours(event: SiteSettingChanged, unit: Unit) -> None:
    """EDGE_CASES 12, A2: reminded when somebody is there, and expected until the branch closes, by the hours as they are now.

    What would have been due already by these stays when it was.
    """
    if event.key not in OPENING:
        return
    branch = await as_changed(event, unit)
    for visit in await unit.ids(Appointment, {"kept": False, "cancelled": False, "not_come": False}):
        appointment = await unit.load(Appointment, visit)
        assert appointment.day is not None
        if (at := missed_at(appointment.day, branch)) > unit.now:
            await unit.schedule(Timer(key=_no_show(visit), kind=NO_SHOW, due_at=at, subject=visit))
        if not appointment.reminded and (at := reminder_at(appointment.day, branch)) > unit.now:
            await unit.schedule(Timer(key=_reminder(visit), kind=REMINDER, due_at=at, subject=visit))


async def _nearest(unit: Unit, day: date, slot: time, hours: dict[str, Decimal]) -> list[datetime]:
    """The free slots to offer; other days are looked at only where the wanted slot has no room."""
    attendance = await people.attendance(unit)
    wanted = await unit.find(SlotDay, slot_day_id(day))
    if wanted.has_room(slot, hours, attendance.of_day(day, unit.branch)):
        return []
    shop = unit.branch.site.shop
    around = shop.offered_days_around
    days = [day + timedelta(days=offset) for offset in range(-around, around + 1)]
    coming = [each for each in days if each >= unit.now.astimezone(unit.branch.site.zone).date()]
    books = [(await unit.find(SlotDay, slot_day_id(each)), attendance.of_day(each, unit.branch)) for each in coming]
    return slots.nearest_free(books, slots.moment(day, slot, unit.branch), hours, unit.now, shop.nearest_slots_offered)


async def _advisor(unit: Unit, wanted: str | None, day: date) -> str:
    """The advisor wanted, or who has the fewest appointments of those who are there that day, one after the other where several have."""
    everybody = [person.id for person in unit.branch.people("advisor")]
    if wanted is not None:
        if wanted not in everybody:
            raise Malformed(missing=("advisor",), advisors=everybody)
        return wanted
    there = (await people.attendance(unit)).of_day(day, unit.branch)
    advisors = [person.id for person in there.people("advisor")] or everybody
    booked = [await unit.find(Appointment, visit) for visit in (await unit.find(SlotDay, slot_day_id(day))).places]
    had = Counter(each.advisor for each in booked)
    turn = (len(booked) + 1) % len(advisors)
    return min((*advisors[turn:], *advisors[:turn]), key=lambda advisor: had[advisor])


def _reminder(visit: str) -> str:
    return f"{REMINDER}:{visit}"


def _no_show(visit: str) -> str:
    return f"{NO_SHOW}:{visit}"


# A2


async def remind(timer: Timer, unit: Unit) -> None:
    """TELL the customer: by whom it was booked with, and by the channels outside."""
    appointment = await unit.load(Appointment, timer.subject)
    if appointment.remind():
        await unit.update(Appointment, timer.subject, lambda known: known.remind())
        day, advisor = str(appointment.day), appointment.advisor or ""
        await unit.tell("appointment_tomorrow", clause="A2", visit=timer.subject, roles=("receptionist",), people=(advisor,), day=day)


async def record_no_show(timer: Timer, unit: Unit) -> None:
    appointment = await unit.load(Appointment, timer.subject)
    if not appointment.miss() or appointment.customer is None:
        return
    await unit.update(Appointment, timer.subject, lambda known: known.miss())
    await _free_slot(unit, appointment)
    before = await unit.fetch("no_shows", appointment.customer) or {"days": []}
    days = [*before["days"], str(appointment.day)]
    await unit.put("no_shows", appointment.customer, {"days": days}, subject=appointment.customer)


def confirmation(call: Call, visit: str, channel: Channel) -> Work[Appointment]:
    return lambda unit: unit.update(Appointment, visit, lambda known: known.confirm(channel, call.person.id))


def move(call: Call, visit: str, body: MoveAppointment) -> Work[Appointment]:
    """To another slot, or refused with the nearest free ones and nothing changed."""

    async def to_another_slot(unit: Unit) -> Appointment:
        before = await unit.load(Appointment, visit)
        arrives_at = slots.moment(body.day, body.slot, unit.branch).astimezone(UTC)
        moved = await unit.update(Appointment, visit, lambda known: known.move(body.day, arrives_at, body.channel, call.person.id))
        await _free_slot(unit, before)
        await _take_slot(unit, visit, body.day, body.slot, hours_of(before.operations, unit.branch))
        await _set_timers(unit, visit, body.day)
        if body.day != before.day:
            await days.tell_of_one_more(unit, visit, body.day)
        return moved

    return to_another_slot


def cancellation(call: Call, visit: str, body: CancelAppointment) -> Work[Appointment]:
    async def cancel(unit: Unit) -> Appointment:
        reason = await unit.put_text(body.reason) if body.reason else None
        ended = await unit.update(Appointment, visit, lambda known: known.cancel(body.channel, reason, call.person.id))
        await _free_slot(unit, ended)
        await _end_timers(unit, visit)
        return ended

    return cancel


async def kept(unit: Unit, visit: str) -> None:
    """R1: the customer has come; on another day than was agreed, the place on that day is somebody else's."""
    came = await unit.update(Appointment, visit, lambda known: known.keep())
    if came.day != local_day(unit.now, unit.branch.site.zone):
        await _free_slot(unit, came)
    await _end_timers(unit, visit)


async def _free_slot(unit: Unit, appointment: Appointment) -> None:
    assert appointment.day is not None
    await unit.update(SlotDay, slot_day_id(appointment.day), lambda known: known.free(appointment.id))


async def _end_timers(unit: Unit, visit: str) -> None:
    await unit.cancel(_reminder(visit))
    await unit.cancel(_no_show(visit))


# A3


def preparing(call: Call, visit: str, things: Sequence[str]) -> Work[Appointment]:
    return lambda unit: unit.update(Appointment, visit, lambda known: known.prepare(checked_things(things), call.person.id))
