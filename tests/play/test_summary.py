"""The last line of a played day, and whether the day was good."""

import pytest

from servicelane.audit.judge import judge
from servicelane.play.summary import Summary, summed_up
from shared.branch import Branch
from tests.audit.flows import clean
from tests.audit.hand import VISIT, journals

GOOD = (
    "played day.jsonl: 1 visits, 1 delivered, 0 cancelled, 0 stuck; 0 cheats: 0 refused, 0 passed, 0 not tried; "
    "audit: 1 orders, 0 violations; follow-up: 2 calls held, 0 not reached, 0 open"
)


def _played(branch: Branch, *failed: str) -> Summary:
    told = journals(clean())
    return summed_up("day.jsonl", [VISIT], 1, (), failed, told, judge(told, branch))


def test_a_good_day_has_its_one_line(branch: Branch) -> None:
    summary = _played(branch)
    assert (summary.good, str(summary)) == (True, GOOD)


@pytest.mark.parametrize("failed", [("the branch's days",), ("delivery of BP-4001", "BJ01-0-0001 file")])
def test_whatever_failed_beside_the_visits_makes_a_day_bad_and_is_named_at_its_end(failed: tuple[str, ...], branch: Branch) -> None:
    summary = _played(branch, *failed)
    assert (summary.good, str(summary)) == (False, f"{GOOD}; failed: {', '.join(failed)}")
