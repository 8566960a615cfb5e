"""`make chaos`: cars are played on real processes while a seeded monkey strikes; then the audit says whether anything shows it."""

import argparse
import asyncio
import itertools
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

from rich.console import Console

from deploy.local import apache
from deploy.local.stack import Stack, embedded_stack
from servicelane.play.command import play_at
from servicelane.play.sheet import Visit, read_sheet
from servicelane.play.summary import Summary
from shared.branch import Branch
from tests.chaos.detour import Detour
from tests.chaos.monkey import Monkey
from tests.chaos.outages import Watch
from tests.chaos.table import Check, Report

ROOT = Path(__file__).parents[2]
PATIENCE = 600.0
"""Seconds without any movement after which the day is given up: much more than the longest fault, on a slow machine too."""
SHORT = (2, 8)
"""Visits and faults of the short form."""
LED_AROUND = ("database", "broker", "entry")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--sheet", type=Path, default=ROOT / "data" / "branch" / "load-300.jsonl")
    parser.add_argument("--branch", type=Path, default=ROOT / "data" / "branch")
    parser.add_argument("--visits", type=int, help="only so many, the first of the sheet")
    parser.add_argument("--faults", type=int, help="only so many, then the day goes on in peace")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pause", type=float, help="mean seconds between two faults: 2, or 20 where there are more than 20 visits")
    parser.add_argument("--out", type=Path, default=ROOT / "build")
    parser.add_argument("--short", action="store_true", help=f"four minutes: {SHORT[0]} visits, {SHORT[1]} faults")
    asked = parser.parse_args(arguments)
    if asked.short:
        asked.visits, asked.faults = SHORT
    if missing := apache.why_not():
        sys.exit(f"chaos needs a real Apache Kafka: {missing}")
    branch = Branch.load(asked.branch)
    visits = tuple(itertools.islice(read_sheet(asked.sheet, branch), asked.visits))
    pause = asked.pause or (2.0 if len(visits) <= 20 else 20.0)
    console = Console() if sys.stdout.isatty() else Console(width=140)
    report = asyncio.run(_chaos(asked.sheet.name, visits, branch, asked.branch, asked.seed, pause, asked.faults, console))
    report.write(asked.out, console)
    return 0 if not report.failed else 1


async def _chaos(
    name: str, visits: tuple[Visit, ...], branch: Branch, folder: Path, seed: int, pause: float, faults: int | None, console: Console
) -> Report:
    start = min(visit.booking(branch) or visit.arrival(branch) for visit in visits) - timedelta(hours=1)
    began = time.monotonic()
    async with _stack(folder, start) as (stack, detours):
        stack.supervisor.report = lambda says: console.print(says, highlight=False, soft_wrap=True)
        watch = Watch(stack, {name: detour.port for name, detour in detours.items()})
        monkey = Monkey(stack, detours, seed, pause, watch, await _second_relays(stack))
        looking, striking = asyncio.create_task(watch.look()), asyncio.create_task(monkey.strike(faults))
        summary = await _played(f"http://127.0.0.1:{detours['entry'].port}", name, visits, branch, console, striking, monkey)
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking  # one that ended before has seen no outage since
    struck = {each.kind for each in monkey.struck}
    return Report(
        sheet=name,
        visits=len(visits),
        seed=seed,
        seconds=time.monotonic() - began,
        struck=monkey.struck,
        not_struck=[kind for kind in monkey.faults if kind not in struck],
        checks=_checks(summary),
    )


@asynccontextmanager
async def _stack(folder: Path, start: datetime) -> AsyncIterator[tuple[Stack, Mapping[str, Detour]]]:
    """A stack of its own whose departments reach database and broker by a detour each, and the player the entry."""
    detours: dict[str, Detour] = {}

    async def lead_around(ports: Mapping[str, int]) -> Mapping[str, int]:
        for name in LED_AROUND:
            detours[name] = Detour(ports[name])
        return {name: await detour.open() for name, detour in detours.items()}

    with tempfile.TemporaryDirectory(prefix="servicelane-chaos-", ignore_cleanup_errors=True) as data:
        stack = embedded_stack(Path(data) / "stack", folder, clock="stepped", start=start, broker="apache", lead_around=lead_around)
        async with stack as running:
            try:
                yield running, detours
            finally:
                for detour in detours.values():
                    await detour.close()


async def _second_relays(stack: Stack) -> list[str]:
    """Of the two departments that write most: they share the partitions with the departments' own, and each is struck by itself."""
    relays = [stack.second(department, "relay") for department in ("reception", "workshop")]
    for relay in relays:
        await stack.supervisor.start(relay)
        await stack.supervisor.wait_until_ready(relay.name)
    return [relay.name for relay in relays]


async def _played(
    url: str, name: str, visits: tuple[Visit, ...], branch: Branch, console: Console, striking: "asyncio.Task[None]", monkey: Monkey
) -> Summary:
    """The day under the monkey. The audit at its end asks without patience: so the monkey rests then."""

    async def rest() -> None:
        striking.cancel()
        with suppress(asyncio.CancelledError):
            await striking
        await monkey.make_good()

    return await play_at(url, name, visits, branch, console, patience=PATIENCE, before_audit=rest)


def _checks(summary: Summary) -> list[Check]:
    """What the audit calls *exactly once* is loss and doubling; all else is a clause."""
    violations = summary.verdict.violations
    twice = [each for each in violations if each.clause == "exactly once"]
    broken = [each for each in violations if each.clause != "exactly once"]
    passed = [tried for tried in summary.tried if tried.outcome == "passed"]
    return [
        Check("every car done", not summary.stuck, f"{summary.delivered} delivered, {summary.cancelled} cancelled, {summary.stuck} stuck"),
        Check("all else that a day has to do was done", not summary.failed, ", ".join(summary.failed) or "nothing failed"),
        Check("nothing lost, nothing twice", not twice, f"{summary.verdict.entries} entries, {len(twice)} findings"),
        Check("no clause broken", not broken, f"{summary.verdict.orders} orders, {len(broken)} violations"),
        Check("no cheat passed", not passed, f"{len(summary.tried)} tried, {len(passed)} passed"),
        Check("every duty closed", not summary.open, f"{summary.held} calls held, {summary.not_reached} not reached, {summary.open} open"),
    ]


if __name__ == "__main__":
    sys.exit(main())
