"""A day of two visits, both washed, one with a cheat: on a stack of the test's own, to be struck while it is played."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient
from rich.console import Console

from deploy.local.stack import Stack, embedded_stack
from servicelane.play.command import play_at
from servicelane.play.sheet import read_sheet
from servicelane.play.summary import Summary
from shared.branch import Branch
from shared.contracts.event import DEPARTMENTS
from tests.conftest import BRANCH
from tests.waiting_for import until

VISITS = ("BJ01-0-0001", "BJ01-0-0003")
SHEET = "two-visits.jsonl"
LAST_LINE = (
    f"played {SHEET}: 2 visits, 2 delivered, 0 cancelled, 0 stuck; 1 cheats: 1 refused, 0 passed, 0 not tried; "
    "audit: 2 orders, 0 violations; follow-up: 4 calls held, 0 not reached, 0 open"
)
SECONDS = 600.0
"""Within which something must come: a broken play fails the test, it does not hold it."""

Row = dict[str, Any]


def write_sheet(folder: Path) -> Path:
    lines = (BRANCH / "day-0.jsonl").read_text(encoding="utf-8").splitlines()
    sheet = folder / SHEET
    sheet.write_text("".join(f"{line}\n" for line in lines if json.loads(line)["visit"] in VISITS), encoding="utf-8")
    return sheet


@dataclass
class Day:
    """The stack on which the sheet is being played; the databases are looked into, never written to."""

    stack: Stack
    play: asyncio.Task[Summary]
    databases: Mapping[str, Any]

    async def last_line(self) -> str:
        return str(await asyncio.wait_for(self.play, SECONDS))

    async def recorded(self, event: str) -> None:
        """Return when a department has it in its journal: `workshop.work_started`."""
        kind = f"{event}.v1"
        journal = self.databases[event.split(".", maxsplit=1)[0]]["journal"]
        await self._comes(lambda: journal.find_one({"type": kind}), event)

    async def dies(self, name: str) -> int:
        """Return when its process has died by itself; its exit status."""
        await self._comes(lambda: self._deaths_of(name), f"the end of {name}")
        return self._deaths_of(name)[0]

    async def rows(self, department: str, collection: str, where: Mapping[str, Any] | None = None) -> list[Row]:
        rows: list[Row] = await self.databases[department][collection].find(where or {}).to_list(None)
        return rows

    async def published(self, department: str) -> dict[int, int]:
        """The newest number of each partition that Kafka has, when the department has nothing left to number or to publish."""

        async def at_rest() -> dict[int, int]:
            heads = {head["_id"]: head for head in await self.rows(department, "heads")}
            under_way = any(head["published"] < head["seq"] for head in heads.values())
            if under_way or await self.rows(department, "journal", {"unnumbered": True}):
                return {}
            return {partition: head["published"] for partition, head in heads.items()}

        return await until(at_rest, deadline=SECONDS, what=f"{department} having published all")

    async def applied(self, reader: str, department: str) -> dict[int, int]:
        """The last number of each partition of `department` that `reader` has applied."""
        return {row["partition"]: row["seq"] for row in await self.rows(reader, "positions", {"department": department})}

    def _deaths_of(self, name: str) -> list[int]:
        return [death.status for death in self.stack.deaths if death.name == name]

    async def _comes(self, condition: Any, what: str) -> None:
        """The play's own failure is raised at once."""

        async def there() -> bool:
            answer = condition()
            value = await answer if asyncio.iscoroutine(answer) or asyncio.isfuture(answer) else answer
            assert value or not self.play.done(), f"the play ended without {what}: {self.play.result()}"
            return bool(value)

        await until(there, deadline=SECONDS, every=0.01, what=what)


@asynccontextmanager
async def played_day(folder: Path, *, failpoint: Mapping[str, str] | None = None) -> AsyncIterator[Day]:
    """`failpoint`: where the first process of a department dies. It is held down then, until the test releases it.

    Only of a department that records nothing before the first call: it would die there before it is held.
    """
    branch = Branch.load(BRANCH)
    visits = read_sheet(write_sheet(folder), branch)
    start = min(visit.arrival(branch) for visit in visits) - timedelta(hours=1)
    first_env = {name: {"SERVICELANE_FAILPOINT": point} for name, point in (failpoint or {}).items()}
    async with embedded_stack(folder / "stack", BRANCH, clock="stepped", start=start, first_env=first_env) as stack:
        for name in first_env:
            stack.hold(name)
        assert not stack.deaths
        client: Any = AsyncIOMotorClient(stack.mongo_url, serverSelectionTimeoutMS=60_000)
        databases: Mapping[str, Any] = {name: client[f"{branch.site.id.lower()}_{name}"] for name in DEPARTMENTS}
        play = asyncio.create_task(play_at(stack.url, SHEET, visits, branch, Console()))
        try:
            yield Day(stack, play, databases)
        finally:
            play.cancel()
            with suppress(asyncio.CancelledError):
                await play
            client.close()
