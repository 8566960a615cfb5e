"""`python -m tests.fuzz`: a played day, then schemathesis over every department with real tokens; a table of what was reached."""

import argparse
import asyncio
import sys
import tempfile
import tomllib
from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table

from deploy.local.stack import embedded_stack
from servicelane.play.sheet import read_sheet
from shared.branch import ROLES, Branch
from shared.contracts.event import DEPARTMENTS
from tests.fuzz.attacked import Attack
from tests.fuzz.played import documents_at, ids_left, play_counted, token_of
from tests.fuzz.reached import Reached

ROOT = Path(__file__).parents[2]
CLAUSES = tuple(tomllib.loads((ROOT / "docs" / "clauses.toml").read_text(encoding="utf-8")))
BRANCH = ROOT / "data" / "branch"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sheet", type=Path, default=BRANCH / "day-0.jsonl")
    given = parser.parse_args()
    return asyncio.run(_fuzz(given.cases, given.seed, given.sheet))


async def _fuzz(cases: int, seed: int, sheet: Path) -> int:
    branch, console = Branch.load(BRANCH), Console()
    visits = read_sheet(sheet, branch)
    start = min(visit.booking(branch) or visit.arrival(branch) for visit in visits) - timedelta(hours=1)
    with tempfile.TemporaryDirectory(prefix="servicelane-fuzz-") as folder:
        async with embedded_stack(Path(folder), BRANCH, clock="stepped", start=start) as stack:
            reached = Reached(documents_at(stack.url))
            played = await play_counted(stack.url, sheet, branch, reached, console)
            tokens = {role: token_of(stack.url, branch.people(role)[0].id) for role in ROLES}
            ids = ids_left(stack.url, tokens)
            operations = sum(len(each) for document in reached.documents.values() for each in document["paths"].values())
            attacks = [Attack(name, f"{stack.url}/{name}", tokens, ids, reached) for name in DEPARTMENTS]
            for attack in attacks:
                await asyncio.to_thread(attack.run, -(-cases // operations), seed)
    return _told(console, reached, attacks, played=played)


def _told(console: Console, reached: Reached, attacks: list[Attack], *, played: bool) -> int:
    table = Table("department", "cases", "failures", "commands", "succeeded")
    for attack in attacks:
        commands = [name for name in reached.commands if name.startswith(f"{attack.department} ")]
        succeeded = [name for name in commands if reached.succeeded[name]]
        table.add_row(attack.department, str(attack.cases), str(len(attack.failures)), str(len(commands)), str(len(succeeded)))
    console.print(table)
    console.print("clause refused:", " ".join(f"{clause} {reached.refused[clause]}" for clause in CLAUSES))
    console.print("answers:", " ".join(f"{status} {count}" for status, count in sorted(reached.statuses.items())))
    for name in reached.never_succeeded():
        console.print(f"never succeeded: {name}")
    for clause in reached.never_refused(CLAUSES):
        console.print(f"never refused: {clause}")
    failures = {name: says for attack in attacks for name, says in attack.failures.items()}
    for name, says in failures.items():
        console.print(f"\n{name}\n{says}", markup=False, highlight=False)
    wrong = len(failures) + len(reached.never_succeeded()) + len(reached.never_refused(CLAUSES)) + (not played)
    print(f"{sum(attack.cases for attack in attacks)} passed, {wrong} failed")  # noqa: T201
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
