"""Loops that outlive their servers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from shared import system_time

LONGEST_PAUSE = 1.0

Step = Callable[[], Awaitable[None]]


class Loops:
    """Those of one part, begun together and ended together."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, steps: Mapping[str, Step]) -> None:
        """By the name that the log and a list of tasks say."""
        self._tasks += [asyncio.create_task(for_ever(name, step, self._log), name=name) for name, step in steps.items()]

    def cancel(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def stop(self, within: float = 1.0) -> None:
        """A step under way has so many seconds to end; what still hangs then is left."""
        self.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=within)


def is_meant() -> bool:
    """Whether a `CancelledError` just caught is an order to end: when the broker goes, aiokafka cancels calls under way."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def for_ever(name: str, step: Step, log: logging.Logger) -> None:
    """`step` again and again, also after it failed, then ever more slowly; ends by being cancelled."""
    pause = 0.05
    while True:
        started = system_time.monotonic()
        try:
            await step()
        except asyncio.CancelledError:
            if is_meant():
                raise
        except Exception as error:  # noqa: BLE001  servers come and go, the loop stays
            log.warning("%s: %r; trying again", name, error)
        else:
            continue
        pause = 0.05 if system_time.monotonic() - started > LONGEST_PAUSE * 5 else min(LONGEST_PAUSE, pause * 2)
        await asyncio.sleep(pause)
