"""What starts by itself in follow-up, and what its timers do."""

from datetime import date
from decimal import Decimal

import pytest

from services.followup import desk
from services.followup.calls import CallDuty
from services.followup.file import FileDuty
from services.followup.reactions import REACTIONS
from services.followup.reminder import Reminder
from shared.branch import Branch
from shared.contracts.delivery import ExitPassUsed
from shared.contracts.event import Event
from shared.contracts.followup import CallDutyClosed, DutyOverdue, FileDutyOpened, ReminderCame, ReminderScheduled
from shared.contracts.reception import OrderRevised, RevisionAnswered
from shared.contracts.values import NextMaintenance, OrderItem
from shared.money import Money
from shared.refusal import NotFound
from tests.followup.office import Office
from tests.followup.people import CUSTOMER, VEHICLE, VISIT, checked_in, delivered, local, order_signed, said, settled

FIRST, SECOND = f"{VISIT}-first", f"{VISIT}-second"


@pytest.fixture
def office(branch: Branch) -> Office:
    return Office(branch)


async def file_and_plan(office: Office, *topics: str) -> None:
    at, now = local("2026-03-10 18:30"), local("2026-03-09 17:00")
    await office.act(lambda unit: desk.open_file(unit, VISIT, "text:followup:need", topics or ("car_condition", "tyres"), at), now)


async def closed_first_call(office: Office, at: str = "2026-03-10 18:30") -> None:
    await office.act(lambda unit: desk.hold_call(unit, FIRST, said("car_condition"), None), local(at))
    (closed,) = office.journalled(CallDutyClosed)
    await office.hear(closed, local(at))


@pytest.mark.clause("F2")
async def test_a_signed_order_opens_the_file_duty_and_tells_its_agent(office: Office) -> None:
    await office.hear(checked_in(), local("2026-03-09 08:10"))
    await office.hear(order_signed(), local("2026-03-09 09:00"))
    duty = office.found(FileDuty, VISIT)
    assert (duty.customer, duty.agent, duty.due_by) == (CUSTOMER, "agent-1", local("2026-03-11 23:59:59"))
    assert [list(notice["people"]) for notice in office.told("customer_file_due")] == [["agent-1"]]
    assert set(office.timers) == {f"{VISIT}:file"}


@pytest.mark.clause("F2")
async def test_where_no_order_is_signed_that_day_the_days_run_from_the_check_in(office: Office) -> None:
    await office.hear(checked_in(), local("2026-03-09 08:10"))
    await office.until(local("2026-03-09 23:59"))
    assert office.journalled(FileDutyOpened) == []
    await office.until(local("2026-03-10 00:00"))
    await office.hear(order_signed(), local("2026-03-11 09:00"))
    (opened,) = office.journalled(FileDutyOpened)
    assert isinstance(opened, FileDutyOpened)
    assert opened.due_by == local("2026-03-11 23:59:59")


@pytest.mark.clause("F1")
async def test_visits_go_to_the_agent_who_has_the_fewest(office: Office) -> None:
    for number in (1, 2, 3):
        await office.hear(checked_in(f"visit-{number}"), local("2026-03-09 08:10"))
    assert [office.found(FileDuty, f"visit-{number}").agent for number in (1, 2, 3)] == ["agent-1", "agent-2", "agent-1"]


@pytest.mark.clause("F1")
async def test_after_its_second_call_a_visit_no_longer_counts(office: Office) -> None:
    await office.delivered_visit()
    await file_and_plan(office)
    await closed_first_call(office)
    await office.act(lambda unit: desk.hold_call(unit, SECOND, said("tyres"), None), local("2026-03-17 10:00"))
    _, closed = office.journalled(CallDutyClosed)
    await office.hear(closed, local("2026-03-17 10:00"))
    assert office.rows["agents", "agent-1"]["visits"] == 0


@pytest.mark.clause("F4")
async def test_a_delivery_opens_the_first_call_in_the_hour_that_was_confirmed(office: Office) -> None:
    await office.delivered_visit()
    duty = office.found(CallDuty, FIRST)
    assert (duty.kind, duty.customer, duty.agent, duty.hour, duty.planned_on) == ("first", CUSTOMER, "agent-1", "18:30", date(2026, 3, 10))


@pytest.mark.clause("F4")
async def test_a_delivery_that_is_heard_of_before_the_check_in_waits_for_it(office: Office) -> None:
    with pytest.raises(NotFound) as lacking:
        await office.hear(delivered(), local("2026-03-09 16:00"))
    assert lacking.value.missing == (f"file_duty:{VISIT}",)


@pytest.mark.clause("F4")
async def test_the_days_run_from_the_delivery_and_not_from_when_it_was_heard_of(office: Office) -> None:
    await office.delivered_visit("2026-03-09 16:00")
    assert office.found(CallDuty, FIRST).due_by == local("2026-03-16 23:59:59")


@pytest.mark.clause("F4")
async def test_without_a_working_day_inside_the_supervisor_is_told(office: Office) -> None:
    await office.delivered_visit("2025-09-30 16:00")
    assert office.found(CallDuty, FIRST).for_duty_agent
    assert len(office.told("no_working_day_for_call")) == 1


@pytest.mark.clause("F6")
async def test_the_end_of_the_first_call_opens_the_second(office: Office) -> None:
    await office.delivered_visit()
    await file_and_plan(office)
    await closed_first_call(office)
    second = office.found(CallDuty, SECOND)
    assert (second.not_before, second.due_by) == (local("2026-03-17 00:00"), local("2026-03-23 23:59:59"))
    assert (second.agent, second.hour, second.covered) == ("agent-1", "18:30", ("car_condition",))
    assert set(office.timers) == {f"{SECOND}:red", f"reminder:{VEHICLE}"}


@pytest.mark.clause("F10")
async def test_a_call_that_is_not_made_turns_amber_after_day_three_and_red_after_day_seven(office: Office) -> None:
    await office.delivered_visit()
    await file_and_plan(office)
    for moment, levels in [
        ("2026-03-12 23:59", []),
        ("2026-03-13 00:00", ["amber"]),
        ("2026-03-16 23:59", ["amber"]),
        ("2026-03-17 00:00", ["amber", "red"]),
        ("2026-03-30 00:00", ["amber", "red"]),
    ]:
        await office.until(local(moment))
        assert [event.level for event in office.journalled(DutyOverdue) if isinstance(event, DutyOverdue)] == levels
    told = office.told("duty_overdue")
    assert [list(notice["roles"]) for notice in told] == [["business_supervisor"]] * 2
    assert [notice["clause"] for notice in told] == ["F10", "F10"]


@pytest.mark.clause("F10")
async def test_a_call_that_was_made_in_time_never_escalates(office: Office) -> None:
    await office.delivered_visit()
    await file_and_plan(office)
    await closed_first_call(office)
    await office.act(lambda unit: desk.hold_call(unit, SECOND, said("tyres"), None), local("2026-03-17 10:00"))
    await office.until(local("2026-08-01 00:00"))
    assert office.journalled(DutyOverdue) == []


@pytest.mark.clause("F10")
async def test_a_file_that_is_not_opened_escalates(office: Office) -> None:
    await office.delivered_visit()
    await office.until(local("2026-03-12 00:00"))
    assert [event.kind for event in office.journalled(DutyOverdue) if isinstance(event, DutyOverdue)] == ["file"]


@pytest.mark.clause("D8")
async def test_a_delivery_schedules_the_reminder_and_the_day_tells_the_agent(office: Office) -> None:
    await office.delivered_visit()
    reminder = office.found(Reminder, VEHICLE)
    assert (reminder.remind_on, reminder.due_on, reminder.came) == (date(2026, 8, 26), date(2026, 9, 9), False)
    await office.until(local("2026-08-26 07:59"))
    assert office.journalled(ReminderCame) == []
    await office.until(local("2026-08-26 08:00"))
    assert len(office.journalled(ReminderCame)) == len(office.told("maintenance_reminder")) == 1
    assert office.found(Reminder, VEHICLE).came


@pytest.mark.clause("D8")
async def test_a_later_delivery_of_the_vehicle_takes_the_reminders_place(office: Office) -> None:
    await office.delivered_visit()
    await office.hear(checked_in("visit-2"), local("2026-08-01 08:00"))
    due = NextMaintenance(due_on=date(2027, 2, 1), odometer_km=50000)
    await office.hear(delivered("visit-2", due=due), local("2026-08-01 16:00"))
    await office.until(local("2026-12-31 00:00"))
    assert office.told("maintenance_reminder") == []
    await office.until(local("2027-01-18 08:00"))
    assert [notice["visit"] for notice in office.told("maintenance_reminder")] == ["visit-2"]


@pytest.mark.clause("D8")
@pytest.mark.parametrize(
    ("due_on", "remind_on"), [("2026-03-15", "2026-03-10"), ("2026-03-09", "2026-03-09"), ("2026-03-31", "2026-03-17")]
)
async def test_a_reminder_is_never_before_the_day_after_delivery_nor_after_it_is_due(office: Office, due_on: str, remind_on: str) -> None:
    await office.hear(checked_in(), local("2026-03-09 08:10"))
    due = NextMaintenance(due_on=date.fromisoformat(due_on), odometer_km=1)
    await office.hear(delivered(due=due), local("2026-03-09 16:00"))
    (scheduled,) = office.journalled(ReminderScheduled)
    assert isinstance(scheduled, ReminderScheduled)
    assert scheduled.remind_on == date.fromisoformat(remind_on)


@pytest.mark.clause("D8")
async def test_a_car_that_left_without_a_next_maintenance_has_no_reminder(office: Office) -> None:
    await office.hear(checked_in(), local("2026-03-09 08:10"))
    await office.hear(delivered(due=None), local("2026-03-09 16:00"))
    assert office.journalled(ReminderScheduled) == []
    assert office.found(CallDuty, FIRST).kind == "first"


async def test_the_file_remembers_order_settlement_and_delivery_in_whatever_order_they_are_heard_of(office: Office) -> None:
    await office.hear(settled(), local("2026-03-09 15:00"))
    await office.delivered_visit()
    history = office.rows["visits", VISIT]
    assert (history["order"], history["settlement"], history["total"]) == ("WO-1", "S-1", "480.00 CNY")
    assert history["delivered_at"].startswith("2026-03-09")


def ordered(*operations: str) -> tuple[OrderItem, ...]:
    facts = {"kind": "repair", "skill": "mechanical", "hours": Decimal(1), "fault": "determined", "warranty": "no", "labour": Money.of(100)}
    return tuple(OrderItem.model_validate({"item": f"i-{each}", "operation": each, **facts}) for each in operations)


def revised(revision: int, *operations: str) -> OrderRevised:
    signed = order_signed().model_dump(include={"labour", "parts", "total", "promised_at", "wash", "pays"})
    return OrderRevised(visit=VISIT, revision=revision, change=f"change-{revision}", items=ordered(*operations), **signed)


@pytest.mark.clause("F2")
async def test_the_file_has_each_add_on_that_was_taken_and_none_that_came_too_late(office: Office) -> None:
    await office.hear(checked_in(), local("2026-03-09 08:10"))
    await office.hear(order_signed().model_copy(update={"items": ordered("M-BFL")}), local("2026-03-09 09:00"))

    async def shown_after(event: Event) -> list[str]:
        await office.hear(event, local("2026-03-09 11:00"))
        return list(office.rows["visits", VISIT]["operations"])

    assert await shown_after(revised(2, "M-BFL", "R-FBP")) == ["M-BFL"]
    assert await shown_after(RevisionAnswered(visit=VISIT, revision=2, taken=True)) == ["M-BFL", "R-FBP"]
    assert await shown_after(revised(3, "M-BFL", "R-FBP", "R-RBP")) == ["M-BFL", "R-FBP"]
    assert await shown_after(RevisionAnswered(visit=VISIT, revision=3, taken=False)) == ["M-BFL", "R-FBP"]
    assert await shown_after(RevisionAnswered(visit=VISIT, revision=3, taken=True)) == ["M-BFL", "R-FBP"]


def test_what_a_delivery_starts_is_in_one_table() -> None:
    assert [reaction.__name__ for reaction in REACTIONS[ExitPassUsed]] == ["open_first_call", "schedule_reminder"]
