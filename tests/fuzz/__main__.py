"""`python -m tests.fuzz`: the walk, then schemathesis over every department with real tokens; a table of what was reached."""

import argparse
import asyncio
import sys

from rich.console import Console
from rich.table import Table

from tests.fuzz.fuzzed import SHORT, Outcome, fuzz
from tests.fuzz.reached import refusing


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--short", action="store_const", dest="cases", const=SHORT, help="four minutes")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    return _told(asyncio.run(fuzz(given.cases, given.seed)))


def _told(outcome: Outcome) -> int:
    console, reached = Console(), outcome.reached
    table = Table("department", "cases", "following an answer", "failures", "commands", "succeeded")
    for attack in outcome.attacks:
        commands = [name for name in reached.commands if name.startswith(f"{attack.department} ")]
        succeeded = [name for name in commands if reached.succeeded[name]]
        table.add_row(
            attack.department, str(attack.cases), str(attack.followed), str(attack.failed), str(len(commands)), str(len(succeeded))
        )
    console.print(table)
    console.print("clause refused:", " ".join(f"{clause} {reached.refused[clause]}" for clause in refusing()))
    console.print("answers:", " ".join(f"{status} {count}" for status, count in sorted(reached.statuses.items())))
    for what in outcome.not_so:
        console.print(f"not so: {what}", markup=False, highlight=False)
    for name, says in outcome.broken.items():
        console.print(f"\n{name}\n{says}", markup=False, highlight=False)
    print(outcome)
    return 1 if outcome.broken or outcome.not_so else 0


if __name__ == "__main__":
    sys.exit(main())
