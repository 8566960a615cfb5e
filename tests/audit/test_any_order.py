"""Whatever is missing, twice, late or out of order in a journal: the audit judges it, and never fails."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicelane.audit.judge import judge
from shared.branch import Branch
from tests.audit.flows import FLOWS
from tests.audit.hand import Step, journals

JOURNALS = {name: flow() for name, flow in FLOWS.items()}


def _torn(steps: list[Step], chance: random.Random) -> list[Step]:
    kept = [step for step in steps for _ in range(chance.choice((0, 1, 1, 1, 2)))]
    if chance.random() < 0.5:
        chance.shuffle(kept)
    return kept


@given(flow=st.sampled_from(sorted(JOURNALS)), seed=st.integers(0, 2**32))
def test_no_rule_fails_on_any_part_of_a_journal_in_any_order(flow: str, seed: int, sample_branch: Branch) -> None:
    judge(journals(_torn(JOURNALS[flow], random.Random(seed))), sample_branch)


@pytest.mark.parametrize("flow", ["add_on_accepted", "wish_after_settlement"])
def test_no_rule_fails_on_a_journal_that_ends_anywhere(flow: str, sample_branch: Branch) -> None:
    steps = JOURNALS[flow]
    for length in range(0, len(steps), 3):
        judge(journals(steps[:length]), sample_branch)


def test_no_rule_fails_on_facts_of_two_visits_in_one(sample_branch: Branch) -> None:
    judge(journals([*JOURNALS["failed_twice"], *JOURNALS["cancelled_before_signature"]]), sample_branch)
