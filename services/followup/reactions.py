"""What starts by itself in follow-up, from others' events and from its own, and what its timers do. The tables are at the end."""

from datetime import datetime

from services.followup.acts import agents, campaigns, contacts, erased, house, merging, reminders, summaries, unsolved
from services.followup.calls import CallDuty, duty_id, first_window, second_window
from services.followup.deadlines import watch_answer, watch_call, watch_file, watch_reminder, watch_signing
from services.followup.file import FileDuty
from services.followup.reminder import Reminder
from shared import merged_files
from shared.contracts.delivery import ExitPassUsed, SettlementClosed
from shared.contracts.event import RecordChanged
from shared.contracts.followup import CallDutyClosed, CallDutyResumed, CallDutyStopped, ContactInvalid, SiteSettingChanged, StaffChanged
from shared.contracts.reception import (
    AppointmentBooked,
    FilesMerged,
    FilesParted,
    InquiryEnded,
    OrderRevised,
    RevisionAnswered,
    VehicleCheckedIn,
    VehicleOwnerChanged,
    WorkOrderSigned,
)
from shared.contracts.workshop import JobDispatched, QcPassed
from shared.reaction import NotYet, Reactions, Timer, Timers
from shared.unit import Unit


async def announce_visit(event: VehicleCheckedIn, unit: Unit) -> None:
    """R2: the visit is known from here on, and who looks after it."""
    agent = await agents.give_to_an_agent(unit, event.visit)
    duty = await unit.create(FileDuty, event.visit, lambda duty: duty.announce(event.customer, event.vehicle, agent, _happened_at(unit)))
    await watch_signing(unit, duty)


async def open_file_duty(event: WorkOrderSigned, unit: Unit) -> None:
    """F2: the two days run from the signature."""
    await _open_file_duty(unit, event.visit, _happened_at(unit))


async def _open_file_duty(unit: Unit, visit: str, since: datetime) -> None:
    known = (await unit.load(FileDuty, visit)).due_by
    duty = await unit.update(FileDuty, visit, lambda duty: duty.open(since, unit.branch.site))
    if await erased.is_erased(unit, duty.customer):
        await erased.drop_file(unit, visit)
    elif known is None and duty.due_by:
        await watch_file(unit, duty)
        await unit.tell(
            "customer_file_due", clause="F2", visit=visit, people=(await agents.who_acts(unit, duty.agent),), due_by=duty.due_by.isoformat()
        )


async def follow_inquiry(event: InquiryEnded, unit: Unit) -> None:
    """R14: a visit without a signed order starts F2 and F4 as a delivery does, from its end. It may never have been checked in."""
    ended_at = _happened_at(unit)
    if not (await unit.find(FileDuty, event.visit)).exists:
        agent = await agents.give_to_an_agent(unit, event.visit)
        await unit.create(FileDuty, event.visit, lambda duty: duty.announce(event.customer, event.vehicle, agent, ended_at))
    await _open_file_duty(unit, event.visit, ended_at)
    await _open_first_call(unit, event.visit, event.customer, event.call_hour, ended_at)
    await _remember(unit, event.visit, advisor=event.advisor, inquiry=event.reason, about=event.about, ended_at=ended_at)


async def remember_order(event: WorkOrderSigned, unit: Unit) -> None:
    """What the customer file shows of a visit's order."""
    operations = [item.operation for item in event.items]
    await _remember(unit, event.visit, advisor=event.advisor, order=event.number, signed_at=_happened_at(unit), operations=operations)


async def remember_revision(event: OrderRevised, unit: Unit) -> None:
    """W8: it takes effect when who holds the car has taken it."""
    operations = [item.operation for item in event.items]
    await _remember(unit, event.visit, revised={"revision": event.revision, "operations": operations})


async def take_revision(event: RevisionAnswered, unit: Unit) -> None:
    revised = (await unit.fetch("visits", event.visit) or {}).get("revised")
    if revised and revised["revision"] == event.revision:
        await _remember(unit, event.visit, revised=None, **({"operations": revised["operations"]} if event.taken else {}))


async def remember_settlement(event: SettlementClosed, unit: Unit) -> None:
    recommendations = [each.model_dump() for each in event.recommendations]
    await _remember(unit, event.visit, settlement=event.number, total=str(event.total), recommendations=recommendations)


async def remember_teams(event: JobDispatched, unit: Unit) -> None:
    """F5: a come-back counts against the teams that did the work: of each item the last that it was given to."""
    known = (await unit.fetch("visits", event.visit) or {}).get("team_by_item", {})
    await _remember(unit, event.visit, team_by_item={**known, **{each.item: each.team for each in event.assignments}})


async def remember_inspector(event: QcPassed, unit: Unit) -> None:
    await _remember(unit, event.visit, inspector=event.inspector)


async def open_first_call(event: ExitPassUsed, unit: Unit) -> None:
    """F4: its days run from the delivery; the convenient hour is the one that the customer confirmed (D9).

    An inquiry's calls run from its end: its exit opens no second set. Which of the two an unsettled exit is, reception has said.
    """
    visit = await unit.fetch("visits", event.visit) or {}
    if event.unsettled and not visit.keys() & {"order", "inquiry"}:
        raise NotYet(f"visit:{event.visit}")
    if "inquiry" not in visit:
        await _open_first_call(unit, event.visit, event.customer, event.call_hour, _happened_at(unit))
    await _remember(unit, event.visit, delivered_at=_happened_at(unit))


async def _open_first_call(unit: Unit, visit: str, customer: str, hour: str, since: datetime) -> None:
    agent = (await unit.load(FileDuty, visit)).agent
    window = first_window(since, unit.branch.site)
    duty = await unit.create(CallDuty, duty_id(visit, "first"), lambda duty: duty.open(customer, agent, hour, window))
    for earlier in await contacts.visits_joined(unit, visit):
        await contacts.widen_call(unit, duty.id, earlier)
    await _watch(unit, duty)


async def schedule_reminder(event: ExitPassUsed, unit: Unit) -> None:
    """D8: the next maintenance is watched from the delivery on, where one was set.

    Of a car that was sold meanwhile it is recorded as ended: the former owner is reminded of nothing (EDGE_CASES 15).
    """
    due = event.next
    if due is None:
        return
    duty = await unit.load(FileDuty, event.visit)
    delivered_at, site = _happened_at(unit), unit.branch.site
    reminder = await unit.create(
        Reminder,
        event.vehicle,
        lambda reminder: reminder.schedule(event.visit, event.customer, duty.agent, delivered_at, due, site),
    )
    if reminder.visit != event.visit:
        return
    if await erased.is_erased(unit, event.customer):
        await reminders.end(unit, reminder.id, "not_wanted")
    elif await reminders.is_former_owners(unit, reminder, duty.checked_in_at or delivered_at):
        await reminders.end(unit, reminder.id, "sold")
    else:
        await watch_reminder(unit, reminder)


async def open_second_call(event: CallDutyClosed, unit: Unit) -> None:
    """F6: counts from the end of the first call, however it ended."""
    if event.kind != "first":
        return
    first = await unit.load(CallDuty, event.duty)
    window = second_window(_happened_at(unit), unit.branch.site)
    duty = await unit.create(
        CallDuty,
        duty_id(event.visit, "second"),
        lambda duty: duty.open(first.customer, first.agent, first.hour, window, event.topics),
    )
    await _watch(unit, duty)


async def release_agent(event: CallDutyClosed | CallDutyStopped, unit: Unit) -> None:
    """F1: after the second call, or where no call is wanted any more, the visit no longer counts for its agent."""
    if event.kind == "second" or isinstance(event, CallDutyStopped):
        duty = await unit.load(CallDuty, event.duty)
        await agents.count_visits(unit, duty.agent, -1, event.visit)


async def count_again(event: CallDutyResumed, unit: Unit) -> None:
    """F1: the visit is in its agent's care again."""
    duty = await unit.load(CallDuty, event.duty)
    await agents.count_visits(unit, duty.agent, 1, event.visit)


async def _watch(unit: Unit, duty: CallDuty) -> None:
    if await erased.is_erased(unit, duty.customer):
        await contacts.stop_call(unit, duty.id, erased.ERASED)
        return
    if said_under := await contacts.refused_under(unit, duty.customer):
        await contacts.stop_call(unit, duty.id, "do_not_call", said_under if said_under != duty.customer else None)
        return
    if await contacts.is_replaced(unit, duty.visit):
        await contacts.stop_call(unit, duty.id, "replaced")
        return
    await watch_call(unit, duty)
    if duty.for_duty_agent:
        await unit.tell("no_working_day_for_call", clause="F4", visit=duty.visit, roles=("business_supervisor",), duty=duty.id)


async def _remember(unit: Unit, visit: str, **facts: object) -> None:
    await unit.put("visits", visit, {**(await unit.fetch("visits", visit) or {}), **facts}, subject=visit)


def _happened_at(unit: Unit) -> datetime:
    """When the event happened, which is what the procedure counts from, not when it was heard of here."""
    assert unit.cause
    return unit.cause.time


async def open_file_duty_of_unsigned_day(timer: Timer, unit: Unit) -> None:
    """F2: no order was signed on the day of the check-in, so the days run from the check-in sheet (EDGE_CASES 2)."""
    duty = await unit.load(FileDuty, timer.subject)
    assert duty.checked_in_at
    await _open_file_duty(unit, duty.id, duty.checked_in_at)


async def escalate_file(timer: Timer, unit: Unit) -> None:
    duty = await unit.load(FileDuty, timer.subject)
    if duty.is_late:
        await unit.update(FileDuty, duty.id, FileDuty.escalate)
        await _tell_overdue(unit, duty.id, f"{duty.id}-file", duty.agent, "red")


async def escalate_call_to_amber(timer: Timer, unit: Unit) -> None:
    await _escalate_call(unit, timer.facts["duty"], "amber")


async def escalate_call_to_red(timer: Timer, unit: Unit) -> None:
    await _escalate_call(unit, timer.facts["duty"], "red")


async def _escalate_call(unit: Unit, duty_id: str, level: str) -> None:
    duty = await unit.load(CallDuty, duty_id)
    if duty.is_late(level):
        await unit.update(CallDuty, duty_id, lambda duty: duty.escalate(level))
        await _tell_overdue(unit, duty.visit, duty_id, duty.agent, level)


async def _tell_overdue(unit: Unit, visit: str, duty: str, agent: str, level: str) -> None:
    """F10: the business supervisor hears of it by itself, and so does the agent."""
    people = (await agents.who_acts(unit, agent),)
    await unit.tell("duty_overdue", clause="F10", visit=visit, roles=("business_supervisor",), people=people, duty=duty, level=level)


async def remind_of_maintenance(timer: Timer, unit: Unit) -> None:
    """D8: the agent is told to remind the customer and to offer an appointment."""
    reminder = await unit.load(Reminder, timer.facts["vehicle"])
    if reminder.stands_for(timer.subject) and not await reminders.is_superseded(unit, reminder):
        await unit.update(Reminder, reminder.id, lambda reminder: reminder.come(timer.subject))
        await watch_answer(unit, reminder)
        await unit.tell(
            "maintenance_reminder",
            clause="D8",
            visit=reminder.visit,
            people=(await agents.who_acts(unit, reminder.agent),),
            vehicle=reminder.id,
            customer=reminder.customer,
            due_on=str(reminder.due_on),
        )


async def escalate_reminder(timer: Timer, unit: Unit) -> None:
    reminder = await unit.load(Reminder, timer.facts["vehicle"])
    if reminder.visit == timer.subject and reminder.is_late:
        await unit.update(Reminder, reminder.id, Reminder.escalate)
        await _tell_overdue(unit, reminder.visit, f"{reminder.visit}-reminder", reminder.agent, "red")


REACTIONS: Reactions = {
    VehicleCheckedIn: (announce_visit,),
    WorkOrderSigned: (open_file_duty, remember_order),
    OrderRevised: (remember_revision,),
    RevisionAnswered: (take_revision,),
    InquiryEnded: (follow_inquiry,),
    JobDispatched: (remember_teams,),
    QcPassed: (remember_inspector,),
    SettlementClosed: (remember_settlement,),
    ExitPassUsed: (open_first_call, schedule_reminder),
    CallDutyClosed: (open_second_call, release_agent),
    CallDutyStopped: (release_agent,),
    CallDutyResumed: (count_again,),
    ContactInvalid: (contacts.give_up_calls,),
    FilesMerged: (merged_files.keep_merged, merging.hold_what_was_said),
    FilesParted: (merged_files.keep_parted, merging.give_back),
    AppointmentBooked: (reminders.note_booking,),
    VehicleOwnerChanged: (reminders.end_for_former_owner,),
    SiteSettingChanged: (house.count_anew,),
    StaffChanged: (agents.tell_of_who_left,),
    RecordChanged: (contacts.follow_customer_record, erased.end_what_is_due, reminders.end_for_erased),
}

TIMERS: Timers = {
    "order_unsigned": open_file_duty_of_unsigned_day,
    "file_overdue": escalate_file,
    "call_amber": escalate_call_to_amber,
    "call_red": escalate_call_to_red,
    "maintenance_reminder": remind_of_maintenance,
    "reminder_overdue": escalate_reminder,
    **unsolved.TIMERS,
    **campaigns.TIMERS,
    **summaries.TIMERS,
}
