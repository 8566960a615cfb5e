"""What is wrong with the world just now: how long things take, what is away, and what gets lost on its way.

Every call over an edge (database, broker) goes through `travel` twice, before and after its effect: each is a point at which
others go on, and at which the caller may die.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field

from tests.simulate.loop import PROCESS, SeededLoop


@dataclass
class Noise:
    """Chances, each of one message."""

    lost: float = 0.0
    twice: float = 0.0
    swapped: float = 0.0


@dataclass
class Weather:
    """Fair until somebody changes it. `slow`: the mean of what a slow call takes, in seconds, and one call in ten is slow."""

    chance: random.Random
    slow: float = 0.0
    late_commits: float = 0.0
    noise: Noise = field(default_factory=Noise)
    broker_away: bool = False
    databases_away: set[str] = field(default_factory=set)

    def clear(self) -> None:
        self.slow = self.late_commits = 0.0
        self.noise = Noise()
        self.broker_away = False
        self.databases_away.clear()

    def draw(self, chance: float) -> bool:
        return chance > 0 and self.chance.random() < chance

    async def travel(self) -> None:
        """There or back: mostly at once, sometimes milliseconds, in slow times much longer."""
        await _may_die_here()
        draw = self.chance.random()
        if self.slow and draw < 0.1:
            await asyncio.sleep(self.chance.expovariate(1 / self.slow))
        elif draw < 0.3:
            await asyncio.sleep(self.chance.expovariate(1 / 0.004))
        else:
            await asyncio.sleep(0)

    async def before_commit(self) -> None:
        if self.late_commits:
            await asyncio.sleep(self.chance.uniform(0, self.late_commits))


async def _may_die_here() -> None:
    process = PROCESS.get()
    if process is None or not process.dies_at_edge:
        return
    process.dies_at_edge -= 1
    if process.dies_at_edge == 0:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, SeededLoop)
        loop.kill(process)
        await loop.create_future()
