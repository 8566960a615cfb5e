"""A process among those of its department: it says that it lives, and ends what a dead one left open.

A process that is killed between its writes and its commit leaves a transaction open on the server, which holds its rows for a
minute: whoever touches the same visit would wait that long. No clocks are compared: a process is gone when its count has
stood still at several looks of another, who between them could write its own. Taking a living one for dead is harmless, its
transaction is tried again.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from shared import system_time
from shared.loops import Loops

log = logging.getLogger(__name__)

BEAT_SECONDS = 1.0
GONE_AFTER_LOOKS = 3
STILL_SECONDS = 2 * BEAT_SECONDS
SESSION_SECONDS = 3600.0
"""Twice as long as a server and its drivers keep a session that is not used."""


class Presence:
    """`processes` is the department's collection of them; `kill` ends sessions on the server, with their transactions."""

    def __init__(self, processes: Any, kill: Callable[[Sequence[Any]], Awaitable[None]]) -> None:
        self._processes = processes
        self._kill = kill
        self._id = uuid.uuid4().hex
        self._beats = 0
        self._said_at = float("-inf")
        self._sessions: dict[Any, float] = {}
        self._stood_still: dict[str, tuple[int, int]] = {}
        self._loops = Loops(log)

    def start(self) -> None:
        self._loops.start({"presence": self._beat})

    def stop(self) -> None:
        self._loops.cancel()

    async def uses(self, session: Any) -> None:
        """Before its first transaction a session is put down, so that others can end it; and all of them are again before the next
        one of a process that was so long still that the others may have taken it for dead.
        """
        now, known = system_time.monotonic(), session in self._sessions
        if not known or now - self._said_at > STILL_SECONDS:
            await self._say_so(session)
        self._sessions[session] = now  # not before: where the database is away it is not put down yet

    async def _say_so(self, *new: Any) -> None:
        """Sessions are added and never replaced: of several writes under way at once, any may be the last."""
        more = {"$addToSet": {"sessions": {"$each": list(new)}}} if new else {}
        said = await self._processes.update_one({"_id": self._id}, {"$max": {"beats": self._beats}, **more}, upsert=True)
        self._said_at = system_time.monotonic()
        if said.upserted_id is not None and self._sessions:  # somebody took it for dead
            again = {"$addToSet": {"sessions": {"$each": list(self._sessions)}}}
            await self._processes.update_one({"_id": self._id}, again, upsert=True)

    async def _beat(self) -> None:
        self._beats += 1
        await self._say_so()
        await self._forget_sessions()
        await self._look_around()
        await asyncio.sleep(BEAT_SECONDS)

    async def _forget_sessions(self) -> None:
        """The driver drops what it did not use for half an hour; nothing of it is open then."""
        long_ago = system_time.monotonic() - SESSION_SECONDS
        if idle := [session for session, used_at in self._sessions.items() if used_at < long_ago]:
            await self._processes.update_one({"_id": self._id}, {"$pull": {"sessions": {"$in": idle}}})
            for session in idle:
                if self._sessions[session] < long_ago:
                    del self._sessions[session]

    async def _look_around(self) -> None:
        async for other in self._processes.find({"_id": {"$ne": self._id}}):
            beats, looks = self._stood_still.get(other["_id"], (-1, 0))
            if beats != other["beats"]:
                self._stood_still[other["_id"]] = (other["beats"], 0)
            elif looks + 1 < GONE_AFTER_LOOKS:
                self._stood_still[other["_id"]] = (beats, looks + 1)
            else:
                log.info("a process of this department is gone; what it left open is ended")
                await self._kill(other.get("sessions", []))
                await self._processes.delete_one({"_id": other["_id"], "beats": beats})
