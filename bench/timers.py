"""Claiming 1,000 due duties among 1 million open ones, against claiming them among 10 thousand: by the product's own timer loop."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from fastapi import APIRouter

from bench.figure import Figure, at_most, spread
from bench.servers import branch, database, folder
from shared.department import Department
from shared.reaction import Timer
from shared.store import Store
from shared.timers import TimerLoop
from shared.unit import Unit

NOW = datetime(2026, 3, 9, 2, 0, tzinfo=UTC)
SEED_BATCH = 5_000


async def nothing(timer: Timer, unit: Unit) -> None:
    """The duty's own work is no part of the figure."""


DUTIES = Department(name="followup", title="Duties", aggregates=(), router=APIRouter(), timers={"duty": nothing})


class Standing:
    def now(self) -> datetime:
        return NOW


def duty(number: int, due_at: datetime) -> dict[str, Any]:
    row = {"kind": "duty", "due_at": due_at, "subject": f"visit-{number}", "facts": {}, "state": "waiting", "tries": 0}
    return {"_id": f"duty-{number}-{due_at:%H%M%S%f}", **row, "correlation": "bench"}


async def seed(store: Store, numbers: Sequence[int], since: datetime, step: timedelta) -> None:
    """One every `step` from `since` on."""
    for first in range(0, len(numbers), SEED_BATCH):
        rows = [duty(number, since + step * number) for number in numbers[first : first + SEED_BATCH]]
        await store.collection("timers").insert_many(rows, ordered=False)


async def claimed(store: Store, due: int, round: int) -> float:
    """Seconds until so many that have just come due are fired."""
    await seed(store, range(due), NOW - timedelta(hours=1 + round), timedelta(milliseconds=1))
    loop, fired, begun = TimerLoop(store), 0, time.perf_counter()
    while fired < due:
        fired += await loop.fire_due()
    return time.perf_counter() - begun


async def measure(*, short: bool) -> list[Figure]:
    open_duties = (10_000, 100_000) if short else (10_000, 1_000_000)
    with folder() as at, database(at) as url:
        return [await _compared(url, open_duties, due=200 if short else 1_000, rounds=3)]


async def _compared(url: str, open_duties: tuple[int, int], *, due: int, rounds: int) -> Figure:
    took: dict[int, list[float]] = {number: [] for number in open_duties}
    async with AsyncExitStack() as closing:
        stores = {}
        for number in open_duties:
            stores[number] = await Store.open(url, DUTIES, branch(), Standing())
            closing.callback(stores[number].close)
            await seed(stores[number], range(number), NOW + timedelta(hours=1), timedelta(seconds=1))
        for round in range(rounds):
            for number in open_duties:
                took[number].append(await claimed(stores[number], due, round))
    few, many = took[open_duties[0]], took[open_duties[1]]
    says = tuple(f"{spread(seconds, ' s')} among {number:,}" for seconds, number in ((many, open_duties[1]), (few, open_duties[0])))
    return at_most(f"timers, {due:,} due", 1.3, median(many), median(few), says=(says[0], says[1]))
