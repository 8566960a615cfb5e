"""F4, F6: windows and rules of the two calls, in the domain alone."""

from collections.abc import Callable
from datetime import date

import pytest

from services.followup import calls
from services.followup.calls import CallDuty, duty_id, first_window, second_window, visit_of
from services.followup.file import ContactPlan
from services.followup.talk import EntrySaid, in_convenient_hour, part_of_day
from services.followup.unsolved import OwnerMayNotSolve
from shared.branch import Branch
from shared.contracts.event import Event
from shared.contracts.followup import CallDutyClosed, CallDutyOpened, CallKind, CustomerNotReached, OpinionRecorded
from shared.refusal import Refused
from tests.followup.people import CUSTOMER, VISIT, ZONE, local, said

PLAN = ContactPlan(by="agent-1", need="text:followup:1", topics=("next_maintenance", "tyres"), at=local("2026-03-10 18:30"))
DELIVERED = "2026-03-09 16:00"
FIRST_CLOSED = "2026-03-11 18:35"


def duty(branch: Branch, kind: CallKind = "first", covered: tuple[str, ...] = ("car_condition",)) -> CallDuty:
    blank = CallDuty(id=duty_id(VISIT, kind))
    if kind == "first":
        return blank.after(blank.open(CUSTOMER, "agent-1", "18:30", first_window(local(DELIVERED), branch.site)))
    return blank.after(blank.open(CUSTOMER, "agent-1", "18:30", second_window(local(FIRST_CLOSED), branch.site), covered))


def hold(call: CallDuty, branch: Branch, at: str, *topics: str, plan: ContactPlan | None = PLAN) -> list[Event]:
    return call.hold(said(*topics), plan, branch, local(at))


def tried(call: CallDuty, branch: Branch, *moments: str) -> CallDuty:
    for number, moment in enumerate(moments, 1):
        call = call.after(call.fail_to_reach(f"call-{number}", "no_answer", PLAN, branch.site, local(moment)))
    return call


def every_move(call: CallDuty, branch: Branch) -> list[Callable[[], object]]:
    now = local("2026-03-18 11:00")
    return [
        lambda: call.hold(said("tyres"), PLAN, branch, now),
        lambda: call.fail_to_reach("call-2", "busy", PLAN, branch.site, now),
        lambda: call.give_up("message", branch.site, now),
        lambda: call.change_hour("10:00", "agent-1"),
    ]


@pytest.mark.clause("F4")
@pytest.mark.parametrize(
    ("delivered", "earliest", "promise", "last", "planned", "for_duty_agent"),
    [
        ("2026-03-09 16:00", "2026-03-10", "2026-03-12", "2026-03-16", "2026-03-10", False),
        ("2026-03-09 23:30", "2026-03-10", "2026-03-12", "2026-03-16", "2026-03-10", False),
        ("2026-03-13 16:00", "2026-03-14", "2026-03-16", "2026-03-20", "2026-03-16", False),  # Friday: Monday
        ("2025-09-26 16:00", "2025-09-27", "2025-09-29", "2025-10-03", "2025-09-28", False),  # the make-up Sunday
        ("2025-09-29 16:00", "2025-09-30", "2025-10-02", "2025-10-06", "2025-09-30", False),  # before the holiday, not too early
        ("2025-09-30 16:00", "2025-10-01", "2025-10-03", "2025-10-07", "2025-10-01", True),  # eight days of holiday
        ("2026-04-30 16:00", "2026-05-01", "2026-05-03", "2026-05-07", "2026-05-06", False),  # after it, still before day 7 ends
    ],
)
def test_the_first_calls_window_and_planned_day(
    branch: Branch, delivered: str, earliest: str, promise: str, last: str, planned: str, for_duty_agent: bool
) -> None:
    window = first_window(local(delivered), branch.site)
    assert window.not_before == local(f"{earliest} 00:00")
    assert window.promise_by == local(f"{promise} 23:59:59")
    assert window.due_by == local(f"{last} 23:59:59")
    assert (window.planned_on, window.for_duty_agent) == (date.fromisoformat(planned), for_duty_agent)


@pytest.mark.clause("F4")
def test_a_site_may_set_the_first_calls_days(branch: Branch) -> None:
    deadlines = branch.site.deadlines.model_copy(
        update={"first_call_from_day": 2, "first_call_promise_days": 4, "first_call_limit_days": 5}
    )
    window = first_window(local(DELIVERED), branch.site.model_copy(update={"deadlines": deadlines}))
    assert window.not_before == local("2026-03-11 00:00")
    assert window.promise_by == local("2026-03-13 23:59:59")
    assert window.due_by == local("2026-03-14 23:59:59")


@pytest.mark.clause("F6")
@pytest.mark.parametrize(
    ("closed", "start", "last", "planned"),
    [
        ("2026-03-11 18:35", "2026-03-18", "2026-03-24", "2026-03-18"),
        ("2026-03-14 10:00", "2026-03-21", "2026-03-27", "2026-03-23"),  # the window starts on a Saturday
    ],
)
def test_the_second_call_is_due_in_the_seven_days_that_start_a_week_after_the_first(
    branch: Branch, closed: str, start: str, last: str, planned: str
) -> None:
    window = second_window(local(closed), branch.site)
    assert window.not_before == local(f"{start} 00:00")
    assert window.promise_by == window.due_by == local(f"{last} 23:59:59")
    assert window.planned_on == date.fromisoformat(planned)


@pytest.mark.clause("F4")
def test_a_call_records_the_opinion_and_the_entries_with_their_owners_and_closes_the_duty(branch: Branch) -> None:
    wish = EntrySaid(kind="wish", text="text:followup:2", owner="advisor-1")
    events = duty(branch).hold(said("car_condition").model_copy(update={"entries": (wish,)}), PLAN, branch, local("2026-03-10 18:30"))
    opinion, closed = events
    assert isinstance(opinion, OpinionRecorded)
    assert isinstance(closed, CallDutyClosed)
    assert (opinion.car_runs_well, opinion.entries[0].kind, opinion.entries[0].owner) == (True, "wish", "advisor-1")
    assert (closed.kind, closed.outcome, closed.topics) == ("first", "called", ("car_condition",))
    assert closed.in_convenient_hour
    assert duty(branch).after(events).outcome == "called"


@pytest.mark.clause("F3")
@pytest.mark.clause("F4")
@pytest.mark.clause("F6")
@pytest.mark.parametrize(
    ("kind", "at", "topics", "clause", "refusal"),
    [
        ("first", "2026-03-09 18:30", ("car_condition",), "F4", calls.FirstCallTooEarly),
        ("first", "2026-03-09 23:59", ("car_condition",), "F4", calls.FirstCallTooEarly),
        ("second", "2026-03-17 23:59", ("tyres",), "F6", calls.SecondCallTooEarly),
        ("second", "2026-03-18 10:00", ("tyres", "car_condition"), "F6", calls.TopicsRepeated),
        ("second", "2026-03-18 10:00", ("weather",), "F6", calls.TopicsNotPlanned),
    ],
)
def test_a_call_out_of_its_window_or_with_the_wrong_topics_is_refused(
    branch: Branch, kind: CallKind, at: str, topics: tuple[str, ...], clause: str, refusal: type[Refused]
) -> None:
    with pytest.raises(refusal) as raised:
        hold(duty(branch, kind), branch, at, *topics)
    assert raised.value.clause == clause


@pytest.mark.clause("F4")
def test_a_late_call_is_still_made(branch: Branch) -> None:
    assert duty(branch).after(hold(duty(branch), branch, "2026-03-30 10:00", "car_condition")).outcome == "called"


@pytest.mark.clause("F6")
def test_the_second_call_takes_other_topics_of_the_plan(branch: Branch) -> None:
    second = duty(branch, "second")
    assert second.after(hold(second, branch, "2026-03-18 10:00", "tyres")).topics == ("tyres",)


@pytest.mark.clause("F3")
@pytest.mark.parametrize("kind", ["first", "second"])
def test_no_call_without_a_planned_contact(branch: Branch, kind: CallKind) -> None:
    with pytest.raises(calls.ContactNotPlanned):
        hold(duty(branch, kind), branch, "2026-03-18 10:00", "tyres", plan=None)


@pytest.mark.clause("F4")
@pytest.mark.parametrize("lacking", [{"opinion": None}, {"car_runs_well": None}])
def test_a_first_call_without_the_opinion_is_refused(branch: Branch, lacking: dict[str, None]) -> None:
    with pytest.raises(calls.OpinionMissing) as refused:
        duty(branch).hold(said("car_condition").model_copy(update=lacking), PLAN, branch, local("2026-03-10 18:30"))
    assert list(refused.value.missing) == list(lacking)


@pytest.mark.clause("F4")
@pytest.mark.clause("R14")
def test_who_has_no_car_here_need_not_say_how_it_runs_but_what_the_opinion_is(branch: Branch) -> None:
    at, words = local("2026-03-10 18:30"), said("service_opinion", car_runs_well=None)
    assert duty(branch).after(duty(branch).hold(words, PLAN, branch, at, has_car=False)).outcome == "called"
    with pytest.raises(calls.OpinionMissing) as refused:
        duty(branch).hold(words.model_copy(update={"opinion": None}), PLAN, branch, at, has_car=False)
    assert list(refused.value.missing) == ["opinion"]


@pytest.mark.clause("F6")
def test_what_is_said_on_the_second_call_is_recorded_too(branch: Branch) -> None:
    complaint = EntrySaid(kind="complaint", text="text:followup:2", owner="agent-1")
    words = said("tyres", opinion=None, car_runs_well=None).model_copy(update={"entries": (complaint,)})
    opinion, _ = duty(branch, "second").hold(words, PLAN, branch, local("2026-03-18 10:00"))
    assert isinstance(opinion, OpinionRecorded)
    assert [entry.kind for entry in opinion.entries] == ["complaint"]


@pytest.mark.clause("F4")
def test_an_entry_is_owned_by_somebody_of_the_branch_who_can_work_on_it(branch: Branch) -> None:
    for owner, refused in (("nobody-1", calls.EntryWithoutOwner), ("tech-1", OwnerMayNotSolve)):
        entry = EntrySaid(kind="demand", text="text:followup:2", owner=owner)
        with pytest.raises(refused):
            duty(branch).hold(said("a").model_copy(update={"entries": (entry,)}), PLAN, branch, local("2026-03-10 18:30"))


@pytest.mark.clause("F4")
@pytest.mark.clause("F6")
@pytest.mark.parametrize(("kind", "refusal"), [("first", calls.CarNotDelivered), ("second", calls.FirstCallStillOpen)])
def test_a_duty_that_is_not_open_yet_is_refused_by_its_clause(branch: Branch, kind: CallKind, refusal: type[Refused]) -> None:
    blank = CallDuty(id=duty_id(VISIT, kind))
    for move in every_move(blank, branch):
        with pytest.raises(refusal):
            move()


@pytest.mark.clause("F4")
@pytest.mark.clause("F6")
@pytest.mark.parametrize(("kind", "refusal"), [("first", calls.FirstCallClosed), ("second", calls.SecondCallClosed)])
def test_a_closed_duty_is_refused(branch: Branch, kind: CallKind, refusal: type[Refused]) -> None:
    call = duty(branch, kind)
    closed = call.after(hold(call, branch, "2026-03-18 10:00", "tyres"))
    for move in every_move(closed, branch):
        with pytest.raises(refusal):
            move()


@pytest.mark.clause("F4")
def test_a_try_keeps_the_duty_open(branch: Branch) -> None:
    event, *rest = duty(branch).fail_to_reach("call-1", "no_answer", PLAN, branch.site, local("2026-03-10 18:45"))
    assert isinstance(event, CustomerNotReached)
    assert (event.part_of_day, event.in_convenient_hour, rest) == ("evening", True, [])
    assert duty(branch).after([event]).outcome is None


@pytest.mark.clause("F4")
@pytest.mark.parametrize(
    ("moments", "lacking"),
    [
        (("2026-03-10 10:00", "2026-03-11 18:30"), ["3 tries"]),
        (("2026-03-10 10:00", "2026-03-10 14:00", "2026-03-10 18:30"), ["two days"]),
        (("2026-03-10 18:30", "2026-03-11 18:30", "2026-03-12 18:30"), ["different parts of the day"]),
        (("2026-03-10 10:00", "2026-03-11 14:00", "2026-03-12 17:30"), ["a try in the convenient hour"]),
    ],
)
def test_a_customer_is_not_given_up_before_enough_tries(branch: Branch, moments: tuple[str, ...], lacking: list[str]) -> None:
    with pytest.raises(calls.TriesMissing) as raised:
        tried(duty(branch), branch, *moments).give_up("message", branch.site, local("2026-03-12 19:00"))
    assert list(raised.value.missing) == lacking


@pytest.mark.clause("F4")
def test_after_enough_tries_the_duty_closes_as_not_reached_and_never_as_called(branch: Branch) -> None:
    call = tried(duty(branch), branch, "2026-03-10 18:30", "2026-03-11 10:00", "2026-03-11 14:00")
    (closed,) = call.give_up("message", branch.site, local("2026-03-11 14:05"))
    assert isinstance(closed, CallDutyClosed)
    assert (closed.outcome, closed.told_by) == ("not_reached", "message")


@pytest.mark.clause("F4")
@pytest.mark.clause("F6")
@pytest.mark.parametrize("kind", ["first", "second"])
def test_edge_case_14_from_the_change_on_the_new_hour_holds_and_earlier_tries_are_as_they_were(branch: Branch, kind: CallKind) -> None:
    day = {"first": 10, "second": 18}[kind]
    call = tried(duty(branch, kind), branch, f"2026-03-{day} 18:30", f"2026-03-{day} 09:00")
    call = call.after(call.change_hour("09:00", "agent-1"))
    call = tried(call, branch, f"2026-03-{day + 1} 18:30")
    assert [each.in_convenient_hour for each in call.tries] == [True, False, False]
    closed = call.hold(said("tyres"), PLAN, branch, local(f"2026-03-{day + 1} 09:10"))[-1]
    assert isinstance(closed, CallDutyClosed)
    assert closed.in_convenient_hour is True
    assert call.change_hour("09:00", "agent-2") == []


@pytest.mark.clause("F4")
def test_edge_case_14_a_try_in_the_new_hour_is_the_one_in_the_convenient_hour(branch: Branch) -> None:
    call = tried(duty(branch), branch, "2026-03-10 10:00", "2026-03-11 14:00")
    call = call.after(call.change_hour("08:00", "agent-1"))
    call = tried(call, branch, "2026-03-12 08:30")
    assert [each.told_by for each in call.give_up("message", branch.site, local("2026-03-12 09:00")) if isinstance(each, CallDutyClosed)]


@pytest.mark.clause("F10")
def test_an_open_call_turns_amber_and_red_once_each(branch: Branch) -> None:
    call = duty(branch)
    amber = call.after(call.escalate("amber"))
    red = amber.after(amber.escalate("red"))
    assert (amber.overdue, red.overdue) == ("amber", "red")
    assert amber.escalate("amber") == red.escalate("red") == red.escalate("amber") == []


@pytest.mark.clause("F10")
def test_a_closed_call_is_never_late(branch: Branch) -> None:
    call = duty(branch)
    closed = call.after(hold(call, branch, "2026-03-10 18:30"))
    assert closed.escalate("amber") == closed.escalate("red") == []


@pytest.mark.clause("F4")
@pytest.mark.parametrize(
    ("moment", "inside"),
    [("2026-03-10 18:29", False), ("2026-03-10 18:30", True), ("2026-03-10 19:29", True), ("2026-03-10 19:30", False)],
)
def test_the_convenient_hour_is_sixty_minutes_of_local_time(branch: Branch, moment: str, inside: bool) -> None:
    assert in_convenient_hour(local(moment), "18:30", branch.site) is inside


def test_the_convenient_hour_may_pass_midnight(branch: Branch) -> None:
    assert in_convenient_hour(local("2026-03-10 00:10"), "23:30", branch.site)


@pytest.mark.parametrize(("hour", "part"), [("08:00", "morning"), ("12:00", "afternoon"), ("16:59", "afternoon"), ("17:00", "evening")])
def test_parts_of_the_day(branch: Branch, hour: str, part: str) -> None:
    assert part_of_day(local(f"2026-03-10 {hour}"), branch.site) == part


def test_a_dutys_id_names_its_visit() -> None:
    assert [visit_of(duty) for duty in ("visit-1-first", "visit-1-second", "visit-1-third", "first")] == ["visit-1", "visit-1", None, None]


def test_the_opened_duty_keeps_every_field_of_its_event(branch: Branch) -> None:
    blank = CallDuty(id=duty_id(VISIT, "second"))
    (event,) = blank.open(CUSTOMER, "agent-1", "18:30", second_window(local(FIRST_CLOSED), branch.site), ("car_condition",))
    assert isinstance(event, CallDutyOpened)
    kept = blank.after([event]).model_dump()
    assert {name: kept[name] for name in CallDutyOpened.model_fields if name != "duty"} == event.model_dump(exclude={"duty"})
    assert event.not_before.astimezone(ZONE).hour == 0
