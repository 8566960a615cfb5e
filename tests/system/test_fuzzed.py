"""A short run of what `make fuzz` does at length: nothing breaks, no answer is undocumented.

On a stack of its own: it may change settings and send people away.
"""

import asyncio
from pathlib import Path

import pytest

from deploy.local.stack import embedded_stack
from shared.branch import ROLES, Branch
from shared.contracts.event import DEPARTMENTS
from tests.conftest import BRANCH
from tests.fuzz.asked import documents_at, ids_left, token_of
from tests.fuzz.attacked import Attack
from tests.fuzz.reached import Reached

pytestmark = pytest.mark.slow

EXAMPLES = 2


async def test_no_call_breaks_a_department_or_is_answered_with_what_is_not_documented(tmp_path: Path, sample_branch: Branch) -> None:
    async with embedded_stack(tmp_path, BRANCH) as stack:
        tokens = {role: token_of(stack.url, sample_branch.people(role)[0].id) for role in ROLES}
        reached = Reached(documents_at(stack.url))
        ids = ids_left(stack.url, tokens)
        attacks = [Attack(name, f"{stack.url}/{name}", tokens, ids, reached) for name in DEPARTMENTS]
        for attack in attacks:
            await asyncio.to_thread(attack.run, EXAMPLES, every=2)
    assert {name: says for attack in attacks for name, says in attack.failures.items()} == {}
    assert {200, 403, 404, 422} <= reached.statuses.keys()
