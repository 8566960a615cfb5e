"""The walk on a stack of its own: each command succeeds, each clause refuses, each field that is given is seen again."""

from pathlib import Path

import pytest

from deploy.local.stack import embedded_stack
from shared.branch import Branch
from tests.conftest import BRANCH
from tests.fuzz.asked import documents_at
from tests.fuzz.fuzzed import MORNING
from tests.fuzz.reached import Reached
from tests.fuzz.walk import read_back, whole

pytestmark = pytest.mark.slow


async def test_each_command_succeeds_each_clause_refuses_and_each_field_is_read_back(tmp_path: Path, sample_branch: Branch) -> None:
    async with embedded_stack(tmp_path, BRANCH, clock="stepped", start=MORNING) as stack:
        reached = Reached(documents_at(stack.url))
        walk = await whole.run(stack, sample_branch, reached)
    assert "\n".join(walk.wrong) == ""
    assert [what for what, is_so in {**reached.checks(), **read_back.checks(walk, reached)}.items() if not is_so] == []
