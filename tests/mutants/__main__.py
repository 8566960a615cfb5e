"""`make mutants`: each rule of the domain files taken out in turn; its clause's tests have to notice.

    python -m tests.mutants [--only W11|check.py|NAME]… [--sample] [--modules M…] [--tests PATH…]

Ends with 1 where a mutant lived, or was noticed only by tests of other clauses.
"""

import argparse
import fnmatch
import os
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

from tests.mutants.guards import Guard, guards_of
from tests.mutants.judging import Judging, Verdict

ROOT = Path(__file__).parents[2]
DEPARTMENTS = ("reception", "workshop", "delivery", "followup")
WALL = "A department's domain does no input or output and knows nobody who does"


def domain_of(department: str) -> list[str]:
    """The modules that the wall of pyproject.toml keeps pure."""
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    (wall,) = [contract for contract in linter["contracts"] if contract["name"] == WALL]
    impure = [allowed.partition(" -> ")[0] for allowed in wall["ignore_imports"]]
    modules = [f"services.{department}.{path.stem}" for path in sorted((ROOT / "services" / department).glob("*.py"))]
    return [module for module in modules if not any(fnmatch.fnmatch(module, pattern) for pattern in impure)]


def judged(guards: Sequence[Guard], tests: Sequence[str]) -> list[Verdict]:
    judging = Judging(guards, os.cpu_count() or 1)
    os.environ["SERVICELANE_TEST_SEARCH"] = "mutants"
    status = pytest.main(["-q", "--no-header", "--no-summary", "-W", "ignore", *tests], plugins=[judging])
    if not judging.verdicts and guards:
        sys.exit(f"the tests {', '.join(tests)} could not be run: pytest ended with {status}")
    return list(judging.verdicts.values())


def table_of(verdicts: Sequence[Verdict]) -> Table:
    table = Table("clause", "where", "taken out", "noticed by", box=None)
    for verdict in verdicts:
        noticed = verdict.killed_by or "[bold red]nobody: survived[/]"
        if verdict.killed_by and not verdict.held:
            noticed = f"[red]no test of its clause[/], but {noticed}"
        table.add_row(" ".join(sorted(verdict.guard.clauses)), verdict.guard.where, verdict.guard.does, noticed)
    return table


def main() -> int:
    options = parsed()
    rooms = [(options.modules, options.tests)] if options.modules else [(domain_of(each), [f"tests/{each}"]) for each in DEPARTMENTS]
    verdicts: list[Verdict] = []
    for modules, tests in rooms:
        guards = [guard for guard in guards_of(modules) if not options.only or any(_is_meant(guard, only) for only in options.only)]
        guards = guards[:1] if options.sample else guards
        verdicts += judged(guards, tests) if guards else []
    loose = [verdict for verdict in verdicts if not verdict.held]
    console = Console(width=None if sys.stdout.isatty() else 240)
    console.print(table_of(loose if len(verdicts) > 20 and not options.all else verdicts))
    console.print(f"{len(verdicts)} guards taken out, {len(verdicts) - len(loose)} noticed by a test of their clause, {len(loose)} not")
    return 1 if loose or not verdicts else 0


def _is_meant(guard: Guard, only: str) -> bool:
    return only in guard.clauses or only in guard.where or only in guard.does


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("--only", action="append", default=[], help="a clause, a file, a function or a refusal; may be repeated")
    parser.add_argument("--all", action="store_true", help="print those that are noticed too")
    parser.add_argument("--sample", action="store_true", help="one guard a department")
    parser.add_argument("--modules", nargs="+", default=[], help="other modules than the departments' domains, with --tests")
    parser.add_argument("--tests", nargs="+", default=[])
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
