"""A process among those of its department: it says that it lives, and ends what a dead one left open.

A process that is killed between its writes and its commit leaves a transaction open on the server, which holds its rows for a
minute: whoever touches the same visit would wait that long. No clocks are compared: a process is gone when its count has
stood still for a while under the eyes of another. Taking a living one for dead is harmless, its transaction is tried again.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from shared.loops import for_ever

log = logging.getLogger(__name__)

BEAT_SECONDS = 1.0
GONE_AFTER_SECONDS = 3.0


class Presence:
    """`processes` is the department's collection of them; `kill` ends sessions on the server, with their transactions."""

    def __init__(self, processes: Any, kill: Callable[[Sequence[Any]], Awaitable[None]]) -> None:
        self._processes = processes
        self._kill = kill
        self._id = uuid.uuid4().hex
        self._beats = 0
        self._sessions: set[Any] = set()
        self._stood_still_since: dict[str, tuple[int, float]] = {}
        self._looked_at = 0.0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(for_ever("presence", self._beat, log))

    def stop(self) -> None:
        if self._task:
            self._task.cancel()

    async def uses(self, session: Any) -> None:
        """Before its first transaction a session is put down, so that others can end it."""
        if session not in self._sessions:
            self._sessions.add(session)
            await self._say_so()

    async def _say_so(self) -> None:
        state = {"beats": self._beats, "sessions": list(self._sessions)}
        await self._processes.update_one({"_id": self._id}, {"$set": state}, upsert=True)

    async def _beat(self) -> None:
        self._beats += 1
        await self._say_so()
        await self._look_around()
        await asyncio.sleep(BEAT_SECONDS)

    async def _look_around(self) -> None:
        now, before = time.monotonic(), self._looked_at
        self._looked_at = now
        if now - before > 2 * BEAT_SECONDS:
            self._stood_still_since.clear()  # it was we who slept, or the database that was away
        async for other in self._processes.find({"_id": {"$ne": self._id}}):
            beats, since = self._stood_still_since.get(other["_id"], (-1, now))
            if beats != other["beats"]:
                self._stood_still_since[other["_id"]] = (other["beats"], now)
            elif now - since > GONE_AFTER_SECONDS:
                log.info("a process of this department is gone; what it left open is ended")
                await self._kill(other["sessions"])
                await self._processes.delete_one({"_id": other["_id"], "beats": beats})
