"""An event loop without a clock and without sockets: time is a number, and chance, seeded, says whose turn it is.

Each simulated process has a queue of its own, first in, first out, as a real event loop has; which of the processes runs next is
drawn. A process that is killed never runs again: nothing of it is cancelled, no `finally` is reached, as with kill -9.
"""

from __future__ import annotations

import asyncio
import heapq
import random
from collections import deque
from collections.abc import Callable
from contextvars import Context, ContextVar, copy_context
from typing import Any, TypeVarTuple, Unpack

Ts = TypeVarTuple("Ts")

MOST_STEPS = 300_000

STEP_SECONDS = 0.00001
"""What one step takes, so that nothing goes on for ever in no time."""


class NothingCanHappen(Exception):
    """Everybody waits for somebody else."""


class Spinning(Exception):
    """Somebody is busy with nothing: a run has some ten thousand steps."""


class Process:
    """One life of one simulated process. `skew`: how far its wall clock is off, in seconds."""

    def __init__(self, name: str, loop: SeededLoop) -> None:
        self.name = name
        self.alive = True
        self.paused = False
        self.skew = 0.0
        self.steps = 0
        self.queue: deque[asyncio.Handle] = deque()
        self.died: asyncio.Future[None] = loop.create_future()
        self.dies_at_step = 0
        self.dies_at_edge = 0
        self.context = copy_context()
        self.context.run(PROCESS.set, self)


PROCESS: ContextVar[Process | None] = ContextVar("process", default=None)
"""Whose code is running; None for the world around the processes."""


class SeededLoop(asyncio.BaseEventLoop):
    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self.tasks: list[asyncio.Task[Any]] = []
        self.steps = 0
        self._chance = chance
        self._now = 0.0
        self._timers: list[asyncio.TimerHandle] = []
        self._world = Process.__new__(Process)
        self._world.queue, self._world.paused, self._world.alive = deque(), False, True
        self._world.name = "world"
        self._world.steps = self._world.dies_at_step = 0
        self._awake: list[Process] = []
        self.set_task_factory(self._make_task)

    def time(self) -> float:
        return self._now

    def call_soon(self, callback: Callable[[Unpack[Ts]], object], *args: *Ts, context: Context | None = None) -> asyncio.Handle:
        handle = asyncio.Handle(callback, args, self, context)
        self._ready_now(handle)
        return handle

    def call_at(
        self, when: float, callback: Callable[[Unpack[Ts]], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        timer = asyncio.TimerHandle(when, callback, args, self, context)
        heapq.heappush(self._timers, timer)
        return timer

    # -- processes

    def kill(self, process: Process) -> None:
        process.alive = False
        process.queue.clear()
        if process in self._awake:
            self._awake.remove(process)
        if not process.died.done():
            process.died.set_result(None)

    def pause(self, process: Process, seconds: float) -> None:
        """It stands still, as a machine that swaps, or a debugger; others go on."""
        process.paused = True
        if process in self._awake:
            self._awake.remove(process)
        self.call_later(seconds, self._resume, process)

    def _resume(self, process: Process) -> None:
        process.paused = False
        if process.alive and process.queue and process not in self._awake:
            self._awake.append(process)

    def empty(self) -> None:
        """Nothing more happens; nothing is held any more."""
        self._awake.clear()
        self._timers.clear()
        for task in self.tasks:
            task._log_destroy_pending = False  # type: ignore[attr-defined]  # asyncio's own; abandoned on purpose, and not to be reported
        self.tasks.clear()

    # -- what asyncio asks of a loop

    def _run_once(self) -> None:
        if not self._awake:
            self._go_to_next_timer()
        while self._timers and self._timers[0].when() <= self._now:
            self._ready_now(heapq.heappop(self._timers))
        if not self._awake:
            return
        process = self._awake[int(self._chance.random() * len(self._awake))]
        handle = process.queue.popleft()
        if not process.queue:
            self._awake.remove(process)
        self._now += STEP_SECONDS
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise Spinning(process.name)
        process.steps += 1
        if process.steps == process.dies_at_step:
            self.kill(process)
        elif not handle.cancelled():
            handle._run()

    def _go_to_next_timer(self) -> None:
        while self._timers and self._timers[0].cancelled():
            heapq.heappop(self._timers)
        if not self._timers:
            raise NothingCanHappen
        self._now = max(self._now, self._timers[0].when())

    def _ready_now(self, handle: asyncio.Handle) -> None:
        if handle.cancelled():
            return
        process = handle._context.get(PROCESS) or self._world  # type: ignore[attr-defined]  # has `get_context` only from Python 3.12 on
        if not process.alive:
            return
        if not process.queue and not process.paused:
            self._awake.append(process)
        process.queue.append(handle)

    def _make_task(self, loop: asyncio.AbstractEventLoop, coroutine: Any, context: Context | None = None) -> asyncio.Task[Any]:
        task = asyncio.Task(coroutine, loop=loop, context=context)
        self.tasks.append(task)
        return task

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Cancelled timers are passed over when their time comes."""

    def _process_events(self, event_list: Any) -> None:
        raise NotImplementedError

    def _write_to_self(self) -> None:
        """Nobody sleeps outside."""
