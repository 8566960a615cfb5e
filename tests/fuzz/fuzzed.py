"""What `make fuzz` does: the walk, then schemathesis over every department with real tokens, on one stack, and what came of both."""

import asyncio
import tempfile
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from deploy.local.stack import embedded_stack
from shared.branch import ROLES, Branch
from shared.contracts.event import DEPARTMENTS
from tests.fuzz.asked import documents_at, ids_left, token_of
from tests.fuzz.attacked import Attack
from tests.fuzz.reached import Reached
from tests.fuzz.walk import read_back, whole

BRANCH = Path(__file__).parents[2] / "data" / "branch"
MORNING = datetime.fromisoformat("2026-03-09T07:00:00+08:00")
"""A Monday, before the branch opens."""
SHORT = 600
"""Calls of the short form, which takes at most four minutes on two cores."""


@dataclass
class Outcome:
    """`checks` is what had to be so, in words, and whether it is; `broken` what a call of the fuzzer broke."""

    reached: Reached
    attacks: list[Attack] = field(default_factory=list)
    checks: dict[str, bool] = field(default_factory=dict)

    @property
    def broken(self) -> dict[str, str]:
        return {name: says for attack in self.attacks for name, says in attack.failures.items()}

    @property
    def not_so(self) -> list[str]:
        return [what for what, is_so in self.checks.items() if not is_so]

    def __str__(self) -> str:
        failed = len(self.broken) + len(self.not_so)
        return f"{sum(attack.cases for attack in self.attacks) + len(self.checks) - failed} passed, {failed} failed"


async def fuzz(cases: int, seed: int, folder: Path | None = None) -> Outcome:
    """At least `cases` calls, evenly over all operations."""
    with tempfile.TemporaryDirectory(prefix="servicelane-fuzz-") as made:
        branch = Branch.load(BRANCH)
        async with embedded_stack(folder or Path(made), BRANCH, clock="stepped", start=MORNING) as stack:
            outcome = Outcome(Reached(documents_at(stack.url)))
            walk = await whole.run(stack, branch, outcome.reached)
            tokens = {role: token_of(stack.url, branch.people(role)[0].id) for role in ROLES}
            ids = ids_left(stack.url, tokens)
            operations = sum(len(each) for document in outcome.reached.documents.values() for each in document["paths"].values())
            for name in DEPARTMENTS:
                outcome.attacks.append(Attack(name, f"{stack.url}/{name}", tokens, ids, outcome.reached))
                await asyncio.to_thread(outcome.attacks[-1].run, -(-cases // operations), seed)
            outcome.checks = {
                **{f"the walk: {wrong}": False for wrong in walk.wrong},
                **read_back.checks(walk, outcome.reached),
                **outcome.reached.checks(),
            }
    return outcome
