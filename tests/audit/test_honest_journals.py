"""What went by the procedure is found to have gone by it, on whatever way."""

import pytest

from servicelane.audit.judge import judge
from shared.branch import Branch
from tests.audit.flows import FLOWS
from tests.audit.hand import journals


@pytest.mark.parametrize("flow", FLOWS)
def test_an_honest_journal_has_no_violation(flow: str, branch: Branch) -> None:
    verdict = judge(journals(FLOWS[flow]()), branch)
    assert [f"{v.clause} {v.rule}: {v.says}" for v in verdict.violations] == []
    assert verdict.orders == (flow != "cancelled_before_signature")
