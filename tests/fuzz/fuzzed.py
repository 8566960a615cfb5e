"""What `make fuzz` does: the walk, hostile messages into the topics, then schemathesis over every department with real tokens, in
sequences and by operation, all on one stack; and what came of them.
"""

import asyncio
import tempfile
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from deploy.local.stack import embedded_stack
from shared.branch import ROLES, Branch
from shared.contracts.event import DEPARTMENTS
from tests.fuzz import hostile
from tests.fuzz.asked import documents_at, ids_left, token_of
from tests.fuzz.attacked import Attack
from tests.fuzz.reached import Reached
from tests.fuzz.walk import read_back, whole

BRANCH = Path(__file__).parents[2] / "data" / "branch"
MORNING = datetime.fromisoformat("2026-03-09T07:00:00+08:00")
"""A Monday, before the branch opens."""
SHORT = 600
"""Calls of the short form, which takes at most four minutes on two cores."""
IN_SEQUENCES = 4
"""One call in so many is part of a sequence."""


@dataclass
class Outcome:
    """`checks` is what had to be so, in words, and whether it is; `broken` what a call of the fuzzer broke."""

    reached: Reached
    attacks: list[Attack] = field(default_factory=list)
    checks: dict[str, bool] = field(default_factory=dict)

    @property
    def cases(self) -> int:
        return sum(attack.cases for attack in self.attacks)

    @property
    def broken(self) -> dict[str, str]:
        return {name: says for attack in self.attacks for name, says in attack.failures.items()}

    @property
    def not_so(self) -> list[str]:
        return [what for what, is_so in self.checks.items() if not is_so]

    def __str__(self) -> str:
        failed = sum(attack.failed for attack in self.attacks) + len(self.not_so)
        return f"{self.cases + len(self.checks) - failed} passed, {failed} failed"


def _attack(outcome: Outcome, cases: int, seed: int) -> None:
    for attack in outcome.attacks:
        attack.run_sequences(cases // IN_SEQUENCES // len(outcome.attacks), seed)
    _by_operation(outcome, cases, seed)


def _by_operation(outcome: Outcome, cases: int, seed: int) -> None:
    """Again, from another seed, as long as there were too few: of an operation without parameters there are few different calls."""
    operations = sum(len(attack.operations()) for attack in outcome.attacks)
    while (lacking := cases - outcome.cases) > 0:
        for attack in outcome.attacks:
            attack.run(-(-lacking // operations), seed)
        seed += 1


async def fuzz(cases: int, seed: int, folder: Path | None = None) -> Outcome:
    """At least `cases` calls, evenly over all operations, as the documents allow them and as they do not."""
    with tempfile.TemporaryDirectory(prefix="servicelane-fuzz-") as made:
        branch = Branch.load(BRANCH)
        async with embedded_stack(folder or Path(made), BRANCH, clock="stepped", start=MORNING) as stack:
            outcome = Outcome(Reached(documents_at(stack.url)))
            walk = await whole.run(stack, branch, outcome.reached)
            tokens = {role: token_of(stack.url, branch.people(role)[0].id) for role in ROLES}
            ids = ids_left(stack.url, tokens)
            hostile_messages = await hostile.checks(stack, tokens["group_analyst"])
            outcome.attacks = [Attack(name, f"{stack.url}/{name}", tokens, ids, outcome.reached) for name in DEPARTMENTS]
            await asyncio.to_thread(_attack, outcome, cases, seed)
            outcome.checks = {
                **{f"the walk: {wrong}": False for wrong in walk.wrong},
                **hostile_messages,
                **read_back.checks(walk, outcome.reached),
                **outcome.reached.checks(),
                "calls took from earlier answers": any(attack.followed for attack in outcome.attacks),
            }
    return outcome
