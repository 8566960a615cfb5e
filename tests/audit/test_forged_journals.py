"""For each MUST a journal is forged that breaks it; the audit names that clause, and finds nothing in an honest one."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from servicelane.audit.journals import Journals
from servicelane.audit.judge import RULES, judge
from shared.branch import Branch
from shared.contracts.delivery import PutOnAccount
from shared.contracts.values import FaultState, Payer, PaymentChoice, Warranty
from shared.contracts.workshop import JobDispatched
from shared.money import Money
from tests.audit.clean_visit import (
    ITEM,
    SAFETY,
    VISIT,
    Forgery,
    Step,
    changed,
    clean_steps,
    journals,
    later,
    moved,
    repeated,
    without,
)


def test_an_honest_journal_has_no_violation(branch: Branch) -> None:
    verdict = judge(journals(clean_steps()), branch)
    assert [f"{v.clause} {v.rule}: {v.says}" for v in verdict.violations] == []
    assert verdict.orders == 1


UNINSPECTED = ITEM.model_copy(update={"fault": FaultState.TO_BE_INSPECTED})


def _account_approved_by_the_cashier(steps: list[Step]) -> list[Step]:
    paid = next(step for step in steps if step.name == "paid")
    put = PutOnAccount(visit=VISIT, payer=Payer.ON_ACCOUNT, amount=Money.of(1), approver="cashier-1")
    return [*steps, replace(paid, name="put", fact=put)]


FORGERIES: list[tuple[str, str, Forgery]] = [
    ("R1", "greeted_after_arrival", without("arrived")),
    ("R2", "checked_in_before_order", moved("checked_in", before="left")),
    ("R2", "check_in_sheet_complete_and_signed", changed("checked_in", resign=True, covers_fitted=("seat",))),
    ("R2", "check_in_sheet_complete_and_signed", changed("checked_in", odometer_km=49_000)),
    ("R2", "check_in_sheet_complete_and_signed", changed("checked_in", resign=True, odometer_km=None)),
    ("R4", "every_item_diagnosed_and_told", changed("diagnosed", customer_told=False)),
    ("R4", "every_item_diagnosed_and_told", without("diagnosed")),
    ("R5", "nothing_unruled_is_settled", changed("ordered", resign=True, items=(ITEM.model_copy(update={"warranty": Warranty.UNCLEAR}),))),
    ("R6", "nothing_priced_before_its_inspection", changed("ordered", resign=True, items=(UNINSPECTED,))),
    ("R7", "documents_verified", changed("documents", vin_matches=False)),
    ("R7", "papers_given_back", without("returned")),
    ("R8", "parts_looked_up_before_order", without("parts")),
    ("R9", "estimate_adds_up", changed("estimated", total=Money.of(500))),
    ("R9", "order_is_the_accepted_estimate", without("accepted_estimate")),
    ("R9", "order_is_the_accepted_estimate", changed("ordered", resign=True, items=(ITEM.model_copy(update={"labour": Money.of(200)}),))),
    ("R10", "promise_is_possible", changed("promised", promised_at=datetime(2026, 3, 9, 1, tzinfo=UTC))),
    ("R11", "work_starts_after_signature", moved("started", before="ordered")),
    ("R11", "work_starts_after_signature", moved("drawn", before="ordered")),
    ("R11", "order_explained_and_signed", changed("ordered", wash=False)),
    ("R11", "order_explained_and_signed", changed("ordered", resign=True, new_work_rule_told=False)),
    ("R11", "order_explained_and_signed", changed("ordered", resign=True, pays=(PaymentChoice(method="card", share=Decimal("0.5")),))),
    ("R11", "order_printed_for_the_customer", without("printed")),
    ("R13", "waiting_place_known", without("waits")),
    ("W1", "handed_over_before_accepted", without("handed_over", "offered")),
    ("W1", "accepted_before_worked_on", moved("taken", before="accepted")),
    ("W2", "each_item_goes_to_one_able_team", changed("dispatched", assignments=(JobDispatched.Assignment(item="i1", team="team-b"),))),
    ("W2", "named_technicians_do_the_work", changed("started", by="tech-2")),
    ("W3", "team_checked_the_car_on_taking_it", without("taken")),
    ("W4", "fault_confirmed", without("confirmed")),
    ("W5", "parts_only_for_consented_items", changed("drawn", part_no="TY-5001")),
    ("W5", "parts_only_for_consented_items", repeated("drawn", slip="S-2")),
    ("W9", "inspected_by_technician_then_leader", without("self_inspected")),
    ("W9", "inspected_by_technician_then_leader", changed("leader_inspected", by="tech-1")),
    ("W10", "recommendations_before_final_inspection", without("recommended")),
    ("W10", "recommendations_before_final_inspection", moved("recommended", before="leader_inspected")),
    ("W11", "inspector_did_not_work_on_the_car", changed("qc_passed", inspector="tech-1")),
    ("W11", "inspector_did_not_work_on_the_car", changed("qc_passed", inspector="advisor-1")),
    ("W11", "every_item_inspected_before_the_pass", without("leader_inspected")),
    ("W11", "nothing_goes_on_without_a_pass", moved("wash_started", before="qc_passed")),
    ("W11", "nothing_goes_on_without_a_pass", without("qc_passed")),
    ("W11", "later_work_voids_the_pass", moved("finished", before="wash_started")),
    ("W12", "washed_where_accepted", without("washed")),
    ("W12", "washed_where_accepted", changed("washed", checklist=("cabin",))),
    ("W12", "told_when_the_wash_begins", without("wash_told")),
    ("W13", "parked_nose_to_the_exit", changed("parked", nose_to_exit=False)),
    ("W14", "only_what_the_order_says", changed("started", item="i9")),
    ("W14", "finished_what_was_started", without("started")),
    ("D1", "delivered_from_a_known_spot", without("ready_told")),
    ("D1", "papers_back_before_the_customer_comes", without("papers")),
    ("D2", "checked_before_the_call", moved("called", before="checked")),
    ("D2", "checked_before_the_call", changed("checked", checklist=("faults_gone",))),
    ("D3", "big_jobs_not_at_peak_hour", changed("ordered", resign=True, items=(ITEM.model_copy(update={"kind": "accident"}),))),
    ("D4", "accompanied_check_before_settlement", without("accompanied")),
    ("D5", "settlement_equals_consent", changed("settled", resign=True, lines=())),
    ("D5", "settlement_equals_consent", changed("settled", resign=True, revision=2)),
    ("D5", "shares_make_every_line_to_the_cent", changed("settled", resign=True, owed={Payer.CUSTOMER: Money.of("541.99")})),
    ("D5", "free_items_cost_nothing", changed("ordered", resign=True, items=(ITEM.model_copy(update={"warranty": Warranty.YES}),))),
    ("D5", "settlement_signed", changed("settled", total=Money.of(1))),
    ("D5", "paid_or_on_account_before_the_pass", without("paid")),
    ("D5", "paid_or_on_account_before_the_pass", changed("paid", amount=Money.of("541.99"))),
    ("D5", "one_exit_pass_used_once", repeated("pass", number="EP-2")),
    ("D5", "one_exit_pass_used_once", without("pass")),
    ("D5", "the_approver_is_not_the_cashier", _account_approved_by_the_cashier),
    ("D6", "safety_items_answered_before_settlement", without("answered")),
    ("D6", "safety_items_answered_before_settlement", changed("answered", signature=None)),
    ("D6", "safety_items_answered_before_settlement", changed("settled", resign=True, recommendations=(SAFETY,) * 0)),
    ("D8", "next_maintenance_on_the_settlement", without("next_set")),
    ("D8", "reminder_scheduled", without("reminder")),
    ("D9", "call_hour_on_the_settlement", changed("hour", hour="11:00")),
    ("F2", "file_within_two_working_days", later("file", days=4)),
    ("F3", "contact_planned_with_the_file", without("planned")),
    ("F4", "one_first_call_duty_a_delivery", without("first_due")),
    ("F4", "first_call_in_its_window", later("first_closed", days=6)),
    ("F6", "second_call_in_its_window", later("second_closed", days=8)),
    ("F6", "topics_differ_from_the_first_call", changed("second_closed", topics=("brakes",))),
    ("F8", "every_closed_call_is_in_the_register", without("first_call")),
    ("F8", "every_closed_call_is_in_the_register", changed("first_call", reached=False)),
]


@pytest.mark.parametrize(("clause", "rule", "forge"), FORGERIES, ids=[f"{c}-{n}-{i}" for i, (c, n, _) in enumerate(FORGERIES)])
def test_a_forged_journal_is_found_out_by_the_clause_that_it_breaks(clause: str, rule: str, forge: Forgery, branch: Branch) -> None:
    verdict = judge(journals(forge(clean_steps())), branch)
    assert (clause, rule) in {(violation.clause, violation.rule) for violation in verdict.violations}


def test_every_rule_of_the_audit_has_a_journal_that_breaks_it() -> None:
    assert {(rule.clause, rule.name) for rule in RULES} == {(clause, rule) for clause, rule, _ in FORGERIES}


def test_an_effect_that_never_came_is_a_violation(branch: Branch) -> None:
    verdict = judge(journals(without("wash_opened")(clean_steps())), branch)
    assert [v.says for v in verdict.violations if v.rule == "effects"] == ["QcPassed started WashOpened 0 times"]


def test_an_effect_that_came_twice_is_a_violation(branch: Branch) -> None:
    verdict = judge(journals(repeated("case_opened")(clean_steps())), branch)
    assert [v.says for v in verdict.violations if v.rule == "effects"] == ["QcPassed started CaseOpened 2 times"]


def test_a_department_that_is_behind_is_a_violation(branch: Branch) -> None:
    steps = clean_steps()
    last = sum(1 for step in steps if step.department == "workshop")
    verdict = judge(journals(steps, applied={"delivery": {"workshop": {"0": last - 1}}}), branch)
    behind = f"delivery has applied workshop 0 to {last - 1} of {last}"
    assert behind in [violation.says for violation in verdict.violations if violation.rule == "positions"]


def test_a_missing_number_is_a_violation(branch: Branch) -> None:
    honest = journals(clean_steps())
    torn = Journals({**honest.entries, "workshop": honest.entries["workshop"][:3] + honest.entries["workshop"][4:]})
    assert [v.says for v in judge(torn, branch).violations if v.rule == "numbers"] == ["workshop (1, 0): 5 follows 3"]
