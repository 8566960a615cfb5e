"""The world around a played day: the business clock, which is stepped to the next thing that somebody has to do, and the people who do it.

A course (of a visit, of a call) is a coroutine that acts at once and `wait`s for business time. The clock is stepped when
every course waits, the system has nothing under way and what was due has fired: so a slow machine breaks no deadline.
"""

import asyncio
import heapq
import itertools
import time
from collections import deque
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from servicelane.flow import unsettled
from servicelane.play.client import Desk, Unexpected
from shared.branch import Branch
from shared.calendar import add_working_time

GRID = timedelta(minutes=5)
"""Things happen on a grid of five minutes, so that what happens at the same time takes one step of the clock."""

LONGEST_PAUSE = 0.25
"""Seconds between two looks at the flow: a machine that is slow is not made slower by being asked."""


class World:
    def __init__(self, desk: Desk, branch: Branch, *, patience: float = 120) -> None:
        self.desk = desk
        self.branch = branch
        self.now = datetime.min.replace(tzinfo=UTC)
        self.failures: dict[str, BaseException] = {}
        self._patience = patience
        self._order = itertools.count()
        self._agenda: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._acting = 0
        self._all_wait = asyncio.Event()
        self._courses: set[asyncio.Task[None]] = set()
        self._background: set[asyncio.Task[None]] = set()

    def start(self, name: str, course: Coroutine[Any, Any, None], *, background: bool = False) -> None:
        """Begin a course; one that fails is kept in `failures` under its name, and the others go on.

        One in the background goes on as long as there are others, and no longer.
        """
        self._acting += 1
        self._all_wait.clear()
        task = asyncio.create_task(self._follow(name, course))
        kept = self._background if background else self._courses
        kept.add(task)
        task.add_done_callback(kept.discard)

    async def _follow(self, name: str, course: Coroutine[Any, Any, None]) -> None:
        try:
            await course
        except Exception as error:  # noqa: BLE001 - a course that fails is reported, the others go on
            self.failures[name] = error
        finally:
            self._rest()

    def _rest(self) -> None:
        self._acting -= 1
        if not self._acting:
            self._all_wait.set()

    async def parked(self, future: asyncio.Future[None]) -> None:
        self._rest()
        await future

    def resume(self, future: asyncio.Future[None]) -> None:
        self._acting += 1
        self._all_wait.clear()
        future.set_result(None)

    async def at(self, moment: datetime) -> None:
        """Wait for a moment of business time, on the grid; one that is past means: when nothing is under way any more."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._agenda, (_on_grid(max(moment.astimezone(UTC), self.now)), next(self._order), future))
        await self.parked(future)

    async def minutes(self, minutes: float) -> None:
        await self.at(self.now + timedelta(minutes=minutes))

    async def everything_told(self) -> None:
        """Wait until what was done has reached every department."""
        await self.at(self.now)

    async def hours_of_work(self, hours: float) -> None:
        """Work takes its hours within opening hours; what does not fit today goes on when the shop opens again."""
        await self.at(add_working_time(self.now, timedelta(hours=hours), self.branch.site))

    async def play(self) -> None:
        """Until no course is left but those in the background."""
        try:
            await self._turn()
        finally:
            for task in self._background:
                task.cancel()

    async def _turn(self) -> None:
        while self._courses:
            await self._all_wait.wait()
            await self.settled()
            if not self._agenda:
                break
            moment = self._agenda[0][0]
            if moment > self.now:
                await self._step(moment)
            while self._agenda and self._agenda[0][0] <= self.now:
                self.resume(heapq.heappop(self._agenda)[2])

    async def _step(self, moment: datetime) -> None:
        await self._clock_to(moment)
        self.now = moment
        await self.settled()

    async def _clock_to(self, moment: datetime) -> None:
        until = time.monotonic() + self._patience
        while True:
            answer = await self.desk.operate("POST", "/clock", {"to": moment.isoformat()})
            if answer.status < 300:
                return
            if time.monotonic() > until or answer.status not in (502, 503, 504):
                raise Unexpected(f"the clock was not stepped to {moment.isoformat()}: {answer.status} {answer.body}")

    async def settled(self) -> None:
        """Every journal entry numbered, published and applied by every department, every due timer fired, nothing waiting.

        A system that gets on with it is waited for, however slow it is; one that stands still, for as long as the patience is.
        """
        begun = time.monotonic()
        until, seen = begun + self._patience, None
        while (flow := await self._flow()) is None or unsettled(flow):
            if flow != seen:
                until, seen = time.monotonic() + self._patience, flow
            if time.monotonic() > until:
                raise Unexpected(f"the departments did not come to rest: {unsettled(flow) if flow else 'no answer'}")
            await asyncio.sleep(min(max(0.01, (time.monotonic() - begun) / 10), LONGEST_PAUSE))

    async def _flow(self) -> dict[str, Any] | None:
        answer = await self.desk.operate("GET", "/flow")
        return answer.body if answer.status == 200 else None


def _on_grid(moment: datetime) -> datetime:
    start = datetime.min.replace(tzinfo=UTC)
    return moment + (start - moment) % GRID


class Pool:
    """People of one kind (or bays): who is free takes the next task, first come first served."""

    def __init__(self, world: World, members: Iterable[str]) -> None:
        self._world = world
        self._members = tuple(members)
        self._free = deque(self._members)
        self._queue: deque[tuple[asyncio.Future[None], frozenset[str], list[str]]] = deque()

    @asynccontextmanager
    async def one(self, *, among: Iterable[str] | None = None) -> AsyncIterator[str]:
        """Somebody (of `among`, where given), held until the block ends."""
        fit = frozenset(self._members if among is None else among)
        if not fit & set(self._members):
            raise Unexpected(f"nobody of {sorted(fit)} is among {self._members}")
        member = await self._taken(fit)
        try:
            yield member
        finally:
            self._free.append(member)
            self._serve()

    async def _taken(self, fit: frozenset[str]) -> str:
        for member in self._free:
            if member in fit:
                self._free.remove(member)
                return member
        got: list[str] = []
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append((future, fit, got))
        await self._world.parked(future)
        return got[0]

    def _serve(self) -> None:
        for waiting in list(self._queue):
            future, fit, got = waiting
            for member in self._free:
                if member in fit:
                    self._free.remove(member)
                    self._queue.remove(waiting)
                    got.append(member)
                    self._world.resume(future)
                    break
