"""A loop that outlives its servers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from shared import system_time

LONGEST_PAUSE = 1.0


def is_meant() -> bool:
    """Whether a `CancelledError` just caught is an order to end: when the broker goes, aiokafka cancels calls under way."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def for_ever(name: str, step: Callable[[], Awaitable[None]], log: logging.Logger) -> None:
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
