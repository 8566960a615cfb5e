"""What went by the procedure is found to have gone by it, on whatever way."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from servicelane.audit.judge import judge
from shared.branch import Branch
from shared.contracts.event import Event, NoticeRaised
from shared.contracts.followup import DeadlineMoved, SiteSettingChanged, StaffChanged
from shared.contracts.reception import AdvisorTaskMoved, AdvisorTaskOpened, CustomerArrived, PartPriced
from shared.contracts.workshop import (
    AbsenceEnded,
    AbsenceRecorded,
    BelongingsRequested,
    DamageDecided,
    ItemReassembled,
    JobDispatched,
    JobEnded,
    ProgressReported,
    WorkFound,
)
from tests.audit.changes import Journal
from tests.audit.flows import FLOWS, clean
from tests.audit.hand import DAY, VISIT, Forgery, added, changed, journals, later, moved, repeated, then, without


@pytest.mark.parametrize("flow", FLOWS)
def test_an_honest_journal_has_no_violation(flow: str, branch: Branch) -> None:
    verdict = judge(journals(FLOWS[flow]()), branch)
    assert [f"{v.clause} {v.rule}: {v.says}" for v in verdict.violations] == []
    assert verdict.orders == (flow != "cancelled_before_signature")


def test_a_car_is_let_go_by_the_end_of_the_inquiry_or_of_its_job_whichever_is_heard_first(branch: Branch) -> None:
    steps = FLOWS["cancelled_before_signature"]()
    by_the_job = [replace(step, cause="job_ended") if step.name == "released_unsettled" else step for step in steps]
    assert not judge(journals(by_the_job), branch).violations
    twice = repeated("released_unsettled")(by_the_job)
    assert "InquiryEnded started CarReleasedUnsettled 2 times" in [v.says for v in judge(journals(twice), branch).violations]


def test_each_fact_is_judged_by_the_settings_of_its_moment(branch: Branch) -> None:
    """The first call is closed on day 2: a site that asks for it on day 1 from then on does not judge what was before."""
    limit = SiteSettingChanged(key="deadlines.first_call_limit_days", value=1, by="bizsup-1", reason="text:followup:20")
    before = added("changed_before", "followup", limit, after="visit_announced")(clean())
    after = added("changed_after", "followup", limit, after="second_due")(clean())
    judged = [{v.rule for v in judge(journals(steps), branch).violations} for steps in (before, after)]
    assert judged == [{"first_call_in_its_window"}, set()]


@pytest.mark.parametrize(("seconds_before", "accused"), [(0, False), (30, False), (120, True)])
def test_who_comes_in_the_moment_of_a_greeting_was_not_passed_over(seconds_before: int, accused: bool, branch: Branch) -> None:
    """The one who greets has looked at the queue by then; and entries of two visits are not numbered in the order of their commits."""
    arrived, greeted = (next(step for step in clean() if step.name == name) for name in ("arrived", "greeted"))
    held = arrived.at - timedelta(minutes=1)
    came = CustomerArrived(
        visit="visit-0", customer="c-2", vehicle="v-2", day=DAY.date(), queue_number=2, with_appointment=True, slot_held=held
    )
    after = int((greeted.at - arrived.at).total_seconds()) - seconds_before
    steps = added("other_arrived", "reception", came, after="arrived", seconds=after)(clean())
    found = {violation.rule for violation in judge(journals(steps), branch).violations}
    assert ("who_was_passed_over_is_on_record" in found) == accused


@pytest.mark.parametrize(("days", "late"), [(1, False), (3, True)])
def test_a_car_that_stands_here_unsigned_has_its_file_two_working_days_after_its_check_in(days: int, late: bool, branch: Branch) -> None:
    """EDGE_CASES 2: towed in; the duty begins when the day ends."""
    visit = Journal()
    visit.arrive()
    visit.check_in()
    visit.clock += timedelta(days=1)
    visit.file_due("checked_in")
    visit.clock += timedelta(days=days - 1)
    visit.open_file()
    found = [
        (violation.clause, violation.says) for violation in judge(journals(visit.steps), branch).violations if violation.clause == "F2"
    ]
    assert found == ([("F2", "the customer file was opened on 2026-03-12, due by 2026-03-11")] if late else [])


RATE = SiteSettingChanged(key="prices.labour_rate_per_hour", value="200.00", before="180.00", by="bizsup-1", reason="text:followup:20")
PRICE = PartPriced(part_no="BP-4001", unit_price=Decimal(380), former=Decimal(398), by="bizsup-1")


def test_an_estimate_is_judged_by_the_list_that_reception_had_heard_of(branch: Branch) -> None:
    """A change takes effect in reception a little after it was recorded."""
    steps = then(added("rate", "followup", RATE, after="visit_announced"), added("price", "reception", PRICE, after="concerns"))(clean())
    assert "a_price_off_the_list_has_its_reason" not in {violation.rule for violation in judge(journals(steps), branch).violations}


def test_a_quote_that_only_says_who_bears_the_insurers_gap_keeps_its_prices(branch: Branch) -> None:
    """They were heard by the insurer; meanwhile the list has changed."""
    dearer = PRICE.model_copy(update={"part_no": "BP-4002", "former": Decimal(342)})
    steps = added("price", "reception", dearer, after="insurer_said")(FLOWS["insured_add_on"]())
    assert "a_price_off_the_list_has_its_reason" not in {violation.rule for violation in judge(journals(steps), branch).violations}


def test_who_inspected_is_judged_by_the_roles_of_that_day(branch: Branch) -> None:
    promoted = StaffChanged(staff="advisor-3", roles=("qc_inspector",), by="bizsup-1")
    inspected = changed("qc_passed", inspector="advisor-3")(clean())
    for steps, wrong in ((inspected, True), (added("promoted", "followup", promoted, after="file_duty")(inspected), False)):
        broken = {violation.rule for violation in judge(journals(steps), branch).violations}
        assert ("inspector_has_the_right" in broken) is wrong


@pytest.mark.parametrize(
    ("step", "field", "role", "rule"),
    [
        ("accepted", "supervisor", "workshop_supervisor", "accepted_by_the_supervisor"),
        ("named", "leader", "team_leader", "named_by_a_leader"),
        ("leader_inspected", "by", "team_leader", "inspected_by_the_teams_leader"),
        ("recommended", "leader", "team_leader", "recommendations_signed_by_a_leader"),
    ],
)
@pytest.mark.parametrize("who", ["promoted", "unknown here"])
def test_who_acted_in_the_workshop_is_judged_by_the_roles_of_that_day(
    step: str, field: str, role: str, rule: str, who: str, branch: Branch
) -> None:
    """Of somebody whom the branch does not know nothing is said."""
    promoted = StaffChanged(staff="advisor-3", roles=(role,), team="team-m", by="bizsup-1")
    by: dict[str, Any] = {field: "advisor-3" if who == "promoted" else "sister-7"}
    acted = changed(step, **by)(clean())
    if who == "promoted":
        assert rule in {violation.rule for violation in judge(journals(acted), branch).violations}
        acted = added("promoted", "followup", promoted, after="file_duty")(acted)
    assert rule not in {violation.rule for violation in judge(journals(acted), branch).violations}


def test_a_repair_of_before_repairs_were_recorded_is_not_missed(branch: Branch) -> None:
    older = then(without("damage_repaired"), changed("qc_passed", resign=True, repaired=None))
    steps = changed("qc_passed-2", resign=True, repaired=None)(older(FLOWS["damaged"]()))
    assert [violation.says for violation in judge(journals(steps), branch).violations] == []


def test_a_repair_that_was_given_up_is_not_missed(branch: Branch) -> None:
    left = DamageDecided(visit=VISIT, damage="damage-1", decision="as_it_is", customer_told=True, supervisor="supervisor-1")
    given_up = added("given_up", "workshop", left, after="damage_decided")
    steps = then(without("damage_repaired"), given_up, changed("qc_passed-2", resign=True, repaired=()))(FLOWS["damaged"]())
    assert [violation.says for violation in judge(journals(steps), branch).violations] == []


def test_a_car_is_accepted_by_whom_the_site_lets(branch: Branch) -> None:
    steps = changed("accepted", supervisor="leader-m")(clean())
    lets = branch.with_settings({"may.workshop.accept_job": ["workshop_supervisor", "team_leader"]})
    assert judge(journals(steps), lets).violations == ()


def test_what_the_customer_dropped_when_it_was_begun_may_go_to_another_team(branch: Branch) -> None:
    """EDGE_CASES 1: somebody has to put it together, also where those who began it are away."""
    steps = FLOWS["cancelled_under_way"]()
    undone = next(step.fact.item for step in steps if isinstance(step.fact, ItemReassembled))
    given = (JobDispatched.Assignment(item=undone, team="team-e", override_reason="text:workshop:1"),)
    again = JobDispatched(visit=VISIT, supervisor="supervisor-1", priority=3, assignments=given)
    found = judge(journals(added("given_again", "workshop", again, after="reassembled")(steps)), branch).violations
    assert [violation.says for violation in found] == []


def test_who_is_back_is_named_though_another_whose_absence_has_the_same_number_is_away(branch: Branch) -> None:
    """Absences are numbered for each person."""
    steps = clean()
    for name, person, ends_at in (("other", "tech-2", DAY + timedelta(days=9)), ("own", "tech-1", DAY)):
        away = AbsenceRecorded(person=person, absence="absence-1", kind="leave", starts_at=DAY - timedelta(days=1), by="supervisor-1")
        back = AbsenceEnded(person=person, absence="absence-1", ends_at=ends_at, by="supervisor-1")
        steps = added(f"{name}_back", "workshop", back, after="accepted")(steps)
        steps = added(f"{name}_away", "workshop", away, after="accepted")(steps)
    assert [violation.says for violation in judge(journals(steps), branch).violations] == []


FOUND_LAST = WorkFound(visit=VISIT, found="found-9", kind="add_on", operation="R-TIE", by="tech-1")
ASKED_LAST = BelongingsRequested(visit=VISIT, request="need-9", need="text:workshop:9", by="tech-1")
LATE_LAST = ProgressReported(visit=VISIT, report="report-9", kind="resumed", minutes=0, by="system")
AT_RISK_LAST = LATE_LAST.model_copy(update={"kind": "at_risk"})
TOLD_LAST = NoticeRaised(notice="n-9", about="n", clause="W7", visit=VISIT, roles=("workshop_supervisor",), people=("advisor-1",))


@pytest.mark.parametrize(
    ("flow", "fact", "after"),
    [
        ("cancelled_after_inspection", FOUND_LAST, "quoted"),
        ("clean", FOUND_LAST, "returned"),
        ("clean", ASKED_LAST, "returned"),
        ("clean", AT_RISK_LAST, "returned"),
    ],
)
@pytest.mark.parametrize("heard", ["in time", "too late"])
def test_what_the_workshop_says_as_the_visit_ends_is_a_task_where_reception_heard_it_before(
    branch: Branch, flow: str, fact: Event, after: str, heard: str
) -> None:
    """Two seconds before the customer ends the order, or before the car is through the gate."""
    told = added("told_last", "workshop", TOLD_LAST, after="last", cause="last")
    about = next(getattr(fact, name) for name in ("found", "request", "report") if hasattr(fact, name))
    task = AdvisorTaskOpened(visit=VISIT, task="task-9", kind="change", about=about, advisor="advisor-1", due_by=DAY + timedelta(days=90))
    steps = then(added("last", "workshop", fact, after=after, seconds=2), told)(FLOWS[flow]())
    if heard == "in time":
        steps = added("task_last", "reception", task, after="last", cause="last", seconds=1)(steps)
    assert [violation.says for violation in judge(journals(steps), branch).violations] == []


@pytest.mark.parametrize("ended", [True, False])
def test_a_car_that_is_brought_to_a_job_which_has_just_ended_is_not_offered(branch: Branch, ended: bool) -> None:
    steps = without("offered")(clean())
    if ended:
        over = JobEnded(visit=VISIT, reason="cancelled_before_work")
        steps = added("over", "workshop", over, after="job_opened")(steps)
    says = [violation.says for violation in judge(journals(steps), branch).violations if violation.rule == "effects"]
    assert ("CarHandedOver started HandoverOffered 0 times" in says) is not ended


@pytest.mark.parametrize(
    "heard_late",
    [without("wash_opened"), then(without("wash_opened-2"), moved("wash_opened", before="wash_started"))],
    ids=["void by then", "passed again by then"],
)
def test_a_pass_that_was_void_before_the_workshop_heard_of_it_opens_no_wash(heard_late: Forgery, branch: Branch) -> None:
    """Kafka was away."""
    verdict = judge(journals(heard_late(FLOWS["add_on_accepted_later"]())), branch)
    assert [violation.says for violation in verdict.violations] == []


@pytest.mark.parametrize("moved", [True, False])
@pytest.mark.parametrize(
    ("flow", "step", "after", "duty", "kind", "rule"),
    [
        ("month_summed_up", "filed", "summary", "2026-03", "summary", "summed_up_in_time"),
        ("complaint_unsolved", "reported", "complained", f"{VISIT}-first-1", "complaint", "unsolved_is_reported_in_two_working_days"),
    ],
)
def test_a_deadline_that_a_changed_calendar_moved_is_judged_by_its_new_day(
    branch: Branch, flow: str, step: str, after: str, duty: str, kind: str, rule: str, moved: bool
) -> None:
    """EDGE_CASES 12."""
    steps = later(step, days=40)(FLOWS[flow]())
    if moved:
        begun = next(each for each in steps if each.name == after)
        deadline = DeadlineMoved(duty=duty, kind=kind, due_by=begun.at + timedelta(days=90))
        steps = added("moved", "followup", deadline, after=after)(steps)
    broken = {violation.rule for violation in judge(journals(steps), branch).violations}
    assert (rule in broken) is not moved


@pytest.mark.parametrize("moved", [True, False])
def test_an_advisors_time_that_changed_opening_hours_moved_is_judged_by_the_new_one(branch: Branch, moved: bool) -> None:
    """EDGE_CASES 12."""
    steps = later("told_late", hours=1)(FLOWS["add_on_accepted"]())
    if moved:
        anew = AdvisorTaskMoved(visit=VISIT, task="task-report-1", kind="progress", due_by=DAY + timedelta(days=90))
        steps = added("moved", "reception", anew, after="task-2")(steps)
    broken = {violation.rule for violation in judge(journals(steps), branch).violations}
    assert broken == (set() if moved else {"customer_told_of_progress_in_time"})
