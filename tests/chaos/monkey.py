"""A seeded monkey at a stack: which faults there are, what each does, and in which order they strike.

Every kind strikes once, in an order that the seed gives, then again at random; each when the one before is overcome.
"""

import asyncio
import random
import resource
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from deploy.local.stack import PROCESSES, Stack
from shared.contracts.event import DEPARTMENTS
from tests.chaos.detour import Detour
from tests.chaos.outages import Watch

PATIENCE = 150.0
"""Seconds within which everything has to be ready again after a fault has ended."""
BROKER_STOPS = 60.0
DISK_FULL = 8.0
REFUSED = 5.0


@dataclass(frozen=True)
class Struck:
    """One fault: `at` seconds after the monkey began, `lasted` as it was meant to, `outage` until all was ready again (None: never)."""

    kind: str
    at: float
    lasted: float
    outage: float | None


@dataclass
class Monkey:
    stack: Stack
    detours: Mapping[str, Detour]
    seed: int
    pause: float
    watch: Watch
    more: Sequence[str] = ()
    """Processes that run beside those of every stack."""
    struck: list[Struck] = field(default_factory=list)
    wiped: bool = False

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._began = time.monotonic()
        self.faults: dict[str, Callable[[], Awaitable[None]]] = {
            **{f"kill -9 {name}": partial(self._kill, name) for name in (*DEPARTMENTS, "database", "broker", "entry", *self.more)},
            **{f"cut connections to the {name}": partial(self._cut, name) for name in self.detours},
            **{f"no connection to the {name} for {REFUSED:g} s": partial(self._refuse, name) for name in ("database", "broker")},
            f"broker stopped for {BROKER_STOPS:g} s": self._stop_broker,
            "broker wiped": self._wipe,
            "no file of the database may grow": lambda: self._fill_disk("database"),
            "no file of the broker may grow": lambda: self._fill_disk("broker"),
        }

    async def strike(self, at_most: int | None = None) -> None:
        """Until it is cancelled, or so often; a fault that is under way then is taken back by `make_good`."""
        kinds = list(self.faults)
        self._random.shuffle(kinds)
        while at_most is None or len(self.struck) < at_most:
            await asyncio.sleep(self._random.uniform(0.3, 1.7) * self.pause)
            kind = kinds.pop() if kinds else self._random.choice([each for each in self.faults if each != "broker wiped"])
            await self.strike_once(kind)

    async def strike_once(self, kind: str) -> None:
        struck_at = time.monotonic()
        await self.faults[kind]()
        lasted = time.monotonic() - struck_at
        outage = await self.watch.outage_since(struck_at, self._all_run, lasted + PATIENCE)
        self.struck.append(Struck(kind, struck_at - self._began, lasted, outage))

    async def make_good(self) -> None:
        """The end: nothing is struck any more, and everything runs."""
        for detour in self.detours.values():
            await detour.refuse(0)
        self.stack.release("broker")
        for name in ("database", "broker"):
            self._limit(name, resource.RLIM_INFINITY)
        await self.stack.until_ready()

    def _all_run(self) -> bool:
        return len(self.stack.processes) == len(PROCESSES) + len(self.more)

    async def _kill(self, name: str) -> None:
        self.stack.kill(name)

    async def _cut(self, name: str) -> None:
        self.detours[name].cut()

    async def _refuse(self, name: str) -> None:
        await self.detours[name].refuse(REFUSED)

    async def _stop_broker(self) -> None:
        self.stack.hold("broker")
        self.stack.kill("broker")
        try:
            await asyncio.sleep(BROKER_STOPS)
        finally:
            self.stack.release("broker")

    async def _wipe(self) -> None:
        await self.stack.empty_broker()

    async def _fill_disk(self, name: str) -> None:
        """Nothing more that the process writes to a file is taken (RLIMIT_FSIZE: EFBIG, no ENOSPC), then there is room again.

        A server that did not end by itself over it is started anew, as who has made room would.
        """
        dead = self.stack.processes.get(name)
        self._limit(name, 1)
        await asyncio.sleep(DISK_FULL)
        self._limit(name, resource.RLIM_INFINITY)
        if dead is not None and self.stack.processes.get(name) == dead:
            self.stack.kill(name)

    def _limit(self, name: str, size: int) -> None:
        """The soft limit alone, so that it may be lifted again."""
        with suppress(KeyError, ProcessLookupError):
            pid = self.stack.processes[name]
            _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (size if hard == resource.RLIM_INFINITY else min(size, hard), hard))
