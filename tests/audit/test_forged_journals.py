"""For each rule a journal is forged that breaks it; the audit names that clause and that rule."""

from datetime import timedelta
from typing import Any

import pytest

from servicelane.audit.journals import Journals
from servicelane.audit.judge import RULES, judge
from shared.branch import Branch
from shared.contracts import reception as r
from shared.contracts.followup import SiteSettingChanged
from shared.contracts.values import Payer
from tests.audit import forged_counter, forged_delivery, forged_followup, forged_workshop
from tests.audit.flows import FLOWS, clean
from tests.audit.goods import CAR, CUSTOMER, ITEM
from tests.audit.hand import DAY, VISIT, Forgery, added, changed, journals, repeated, then, without

ERASED = r.CustomerErased(customer=CUSTOMER, visits=(VISIT,), reason="text:reception:1", by="bizsup-1")
FORGED = [
    (clause, rule, forge, *(flow or ("clean",)))
    for module in (forged_counter, forged_workshop, forged_delivery, forged_followup)
    for clause, rule, forge, *flow in module.FORGED
]


@pytest.mark.parametrize(
    ("clause", "rule", "forge", "flow"), FORGED, ids=[f"{c}-{n}-{flow}-{i}" for i, (c, n, _, flow) in enumerate(FORGED)]
)
def test_a_forged_journal_is_found_out_by_the_clause_that_it_breaks(
    clause: str, rule: str, forge: Forgery, flow: str, branch: Branch
) -> None:
    verdict = judge(journals(forge(FLOWS[flow]())), branch)
    assert (clause, rule) in {(violation.clause, violation.rule) for violation in verdict.violations}


@pytest.mark.parametrize(
    "honest",
    [
        then(without("first_closed"), forged_followup.come_back(forged_followup.STOPPED)),
        forged_followup.come_back(linked_after="first_closed"),
        forged_followup.come_back(customer="customer-2"),
    ],
    ids=["replaced", "held before the link", "another customer's"],
)
def test_a_come_back_whose_first_orders_call_is_replaced_or_over_has_not_two(honest: Forgery, branch: Branch) -> None:
    verdict = judge(journals(honest(clean())), branch)
    assert forged_followup.ONE_CALL not in {violation.rule for violation in verdict.violations}


def test_a_come_back_counted_against_those_who_worked_breaks_nothing(branch: Branch) -> None:
    honest = added("linked", "followup", forged_followup.counted_against("team-m"), after="complained")
    verdict = judge(journals(honest(FLOWS[forged_followup.COMPLAINT]())), branch)
    assert "a_come_back_names_who_did_the_work" not in {violation.rule for violation in verdict.violations}


@pytest.mark.parametrize(("days", "former"), [(-900, CUSTOMER), (0, None)], ids=["by its customer", "during the visit"])
def test_a_reminder_that_ended_since_the_car_was_sold_breaks_nothing(days: int, former: str | None, branch: Branch) -> None:
    sold = forged_delivery.owner_noted(DAY.date() + timedelta(days=days), former)
    assert forged_delivery.SOLD not in {violation.rule for violation in judge(journals(sold(clean())), branch).violations}


@pytest.mark.parametrize(
    ("hour", "said", "honest"), [("08:00", True, True), ("08:00", False, False), ("09:00", True, False), ("09:00", False, True)]
)
def test_a_try_is_judged_by_the_hour_that_the_customer_had_named_by_then(hour: str, said: bool, honest: bool, branch: Branch) -> None:
    """It was made at 08:00, and the held call at 10:00, which is the hour again by then."""
    moved = forged_followup.HOUR_CHANGED.model_copy(update={"hour": hour})
    forged = then(
        added("hour_back", "followup", moved.model_copy(update={"hour": "10:00"}), after="planned"),
        added("tried", "followup", forged_followup.TRY.model_copy(update={"in_convenient_hour": said}), after="planned"),
        added("hour_changed", "followup", moved, after="planned"),
    )
    found = {violation.rule for violation in judge(journals(forged(clean())), branch).violations}
    assert (forged_followup.HOUR_RULE not in found) is honest


def test_a_second_call_whose_number_is_known_to_be_wrong_is_not_asked_for_in_the_register(branch: Branch) -> None:
    letter = added("letter", "followup", forged_followup.LETTER.model_copy(update={"number": 1}), after="planned")
    not_called = then(without("second_call"), letter, added("wrong", "followup", forged_followup.WRONG, after="planned"))
    instead: dict[str, Any] = {"outcome": "not_reached", "topics": (), "told_by": "letter", "letter": "l-2"}
    wrong = then(not_called, changed("second_closed", contact_invalid=True, **instead))
    assert [v.rule for v in judge(journals(wrong(clean())), branch).violations] == []
    trying = then(not_called, changed("second_closed", **instead))
    found = {v.rule for v in judge(journals(trying(clean())), branch).violations}
    assert found == {"every_closed_call_is_in_the_register", "given_up_only_after_enough_tries"}


@pytest.mark.parametrize(("vehicle", "asked"), [("", False), (CAR, True)])
def test_how_the_car_runs_is_asked_for_where_the_visit_has_a_car(vehicle: str, asked: bool, branch: Branch) -> None:
    inquired = forged_followup.INQUIRY.model_copy(update={"vehicle": vehicle})
    forged = then(changed("opinion", car_runs_well=None), added("inquired", "reception", inquired, after="file_duty"))
    rules = {violation.rule for violation in judge(journals(forged(clean())), branch).violations}
    assert ("opinion_asked_on_the_first_call" in rules) is asked


def test_a_wish_that_was_decided_in_time_has_the_decisions_own_date(branch: Branch) -> None:
    verdict = judge(journals(forged_followup.decided_wish(days=60)(clean())), branch)
    assert "answered_or_escalated" not in {violation.rule for violation in verdict.violations}


@pytest.mark.parametrize(("kind", "duty"), [("file", f"{VISIT}-file"), ("entry", "e-1"), ("campaign_letter", "k-1:c")])
def test_what_was_due_of_an_erased_customer_is_not_asked_for(kind: str, duty: str, branch: Branch) -> None:
    steps = forged_followup.DUE_FOR_EVER[kind](clean())
    rules = {"file_within_two_working_days", "overdue_duties_escalate", "answered_or_escalated", "letter_within_two_days_after"}
    assert rules & {violation.rule for violation in judge(journals(steps), branch).violations}
    dropped = forged_followup.DROPPED.model_copy(update={"visit": VISIT if kind == "file" else "", "duty": duty, "kind": kind})
    honest = then(added("erased", "reception", ERASED, after="file_duty"), added("dropped", "followup", dropped, after="file_duty"))
    left = {violation.rule for violation in judge(journals(honest(steps)), branch).violations}
    assert not left & {*rules, "dropped_for_who_was_erased_alone"}


@pytest.mark.parametrize(
    ("honest", "broken"),
    [
        (forged_followup.invited((forged_followup.LAPSED, 4)), {"told_by_phone_in_time"}),
        (forged_followup.invited((forged_followup.TO_BE_WRITTEN_TO, 3), (forged_followup.UNSENT, 4)), {"told_by_phone_in_time"}),
        (forged_followup.invited((forged_followup.TO_BE_WRITTEN_TO, -2), (forged_followup.UNSENT, 4)), {"letter_within_two_days_after"}),
        (forged_followup.invited((forged_followup.TO_BE_WRITTEN_TO, -2), (forged_followup.SENT, -1)), set()),
    ],
    ids=["nobody was told", "no letter was fitting any more", "the letter was late already", "told and written to"],
)
def test_what_lapsed_counts_neither_as_told_nor_as_sent(honest: Forgery, broken: set[str], branch: Branch) -> None:
    assert {v.rule for v in judge(journals(honest(clean())), branch).violations if v.clause == "F7"} == broken


def test_a_journal_of_nonsense_is_judged_and_does_not_end_the_audit(branch: Branch) -> None:
    said = SiteSettingChanged(key="prices.labour_rate_per_hour", before="abc", value="-", by="bizsup-1", reason="text:followup:1")
    gap = changed("estimated", items=(ITEM.model_copy(update={"gap_to": Payer.GOODWILL}),))
    judge(journals(then(gap, added("said", "followup", said, after="file_duty"))(clean())), branch)


def test_every_rule_of_the_audit_has_a_journal_that_breaks_it() -> None:
    assert {(rule.clause, rule.name) for rule in RULES} == {(clause, rule) for clause, rule, _, _ in FORGED}


def test_an_effect_that_never_came_is_a_violation(branch: Branch) -> None:
    verdict = judge(journals(without("wash_opened")(clean())), branch)
    assert [v.says for v in verdict.violations if v.rule == "effects"] == ["QcPassed started WashOpened 0 times"]


@pytest.mark.parametrize(
    ("flow", "forge"),
    [
        ("add_on_accepted_later", without("wash_opened-2")),
        ("wish_after_settlement", without("wash_opened")),
        ("wish_after_settlement", without("wash_opened", "wash_opened-2")),
    ],
    ids=["the pass stands", "voided after its wash", "both"],
)
def test_a_pass_whose_wash_never_was_opened_is_a_violation(flow: str, forge: Forgery, branch: Branch) -> None:
    verdict = judge(journals(forge(FLOWS[flow]())), branch)
    assert {v.says for v in verdict.violations if v.rule == "effects"} == {"QcPassed started WashOpened 0 times"}


@pytest.mark.parametrize(
    ("task", "kind"),
    [("task-3", "WorkFound"), ("task-2", "ProgressReported"), ("task", "BelongingsRequested")],
)
def test_what_reception_heard_before_the_visit_ended_and_made_no_task_of_is_a_violation(task: str, kind: str, branch: Branch) -> None:
    """It has heard of what the workshop recorded later: of the revision that was taken."""
    verdict = judge(journals(without(task)(FLOWS["add_on_accepted"]())), branch)
    assert [v.says for v in verdict.violations if v.rule == "effects"] == [f"{kind} started AdvisorTaskOpened 0 times"]


def test_a_wash_that_was_opened_twice_or_though_it_was_declined_is_a_violation(branch: Branch) -> None:
    for forge, times in ((repeated("wash_opened"), 2), (changed("qc_passed", resign=True, wash=False), 1)):
        verdict = judge(journals(forge(clean())), branch)
        assert [v.says for v in verdict.violations if v.rule == "effects"] == [f"QcPassed started WashOpened {times} times"]


def test_an_effect_that_came_twice_is_a_violation(branch: Branch) -> None:
    verdict = judge(journals(repeated("case_opened")(clean())), branch)
    assert [v.says for v in verdict.violations if v.rule == "effects"] == ["QcPassed started CaseOpened 2 times"]


def test_a_revision_that_nobody_took_is_a_violation(branch: Branch) -> None:
    verdict = judge(journals(without("revision_taken", "revision_noted")(FLOWS["add_on_accepted"]())), branch)
    said = [violation.says for violation in verdict.violations if violation.rule == "effects"]
    assert said == ["revision 2 was answered 0 times", "revision 2 was noted as answered 0 times"]


def test_a_department_that_is_behind_is_a_violation(branch: Branch) -> None:
    steps = clean()
    last = sum(1 for step in steps if step.department == "workshop")
    verdict = judge(journals(steps, applied={"delivery": {"workshop": {"0": last - 1}}}), branch)
    behind = f"delivery has applied workshop 0 to {last - 1} of {last}"
    assert behind in [violation.says for violation in verdict.violations if violation.rule == "positions"]


def test_a_missing_number_is_a_violation(branch: Branch) -> None:
    honest = journals(clean())
    torn = Journals({**honest.entries, "workshop": honest.entries["workshop"][:3] + honest.entries["workshop"][4:]})
    assert [v.says for v in judge(torn, branch).violations if v.rule == "numbers"] == ["workshop (1, 0): 5 follows 3"]
