"""Deadlines that fire by themselves: once in effect, on business time, whatever restarts meanwhile.

A due timer is claimed under a lease (so that workers share the work) and fired in one transaction that also takes it away
(so that its effects come once even where two workers believe that they have it). A handler that fails is tried again, ever
more slowly, and counts in `flow()` as failing.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from shared import system_time, tracing
from shared.effects import SYSTEM
from shared.loops import Loops
from shared.reaction import Timer
from shared.store import MongoUnit, Store

log = logging.getLogger(__name__)

POLL_SECONDS = 0.15
CLAIM_SECONDS = 10.0
BATCH = 50
LONGEST_PAUSE_SECONDS = 60.0


class TimerLoop:
    """Fires a department's timers. Several may run, in one process or many."""

    def __init__(self, store: Store, *, claim_seconds: float = CLAIM_SECONDS) -> None:
        self._store = store
        self._timers = store.collection("timers")
        self._claim_seconds = claim_seconds
        self._owner = uuid.uuid4().hex
        self._loops = Loops(log)

    async def start(self) -> None:
        self._loops.start({"timers": self._fire_or_rest})

    async def stop(self) -> None:
        """At once: a claim that is left behind runs out, a transaction under way is as if it had not been."""
        await self._loops.stop()

    async def _fire_or_rest(self) -> None:
        if not await self.fire_due():
            await asyncio.sleep(POLL_SECONDS)

    async def fire_due(self) -> int:
        """Fire what is due now and claimed by nobody else; how many were."""
        return sum([await self._fire(row) for row in await self._free() if await self._claim(row)])

    async def _free(self) -> list[dict[str, Any]]:
        """The next of those that are due and not claimed. Asked by the index's own fields alone: with another condition beside them
        the embedded database looks at every timer there is.
        """
        due = {"state": "waiting", "due_at": {"$lte": self._store.clock.now()}}
        limit = BATCH
        while True:
            rows = await self._timers.find(due).sort([("due_at", 1)]).limit(limit).to_list(limit)
            now = system_time.now()
            free = [row for row in rows if not (until := row.get("claimed_until")) or not now <= until <= now + system_time.LONGEST_LEASE]
            if free or len(rows) < limit:
                return free[:BATCH]
            limit *= 2

    async def _claim(self, row: Mapping[str, Any]) -> bool:
        until = system_time.now() + timedelta(seconds=self._claim_seconds)
        as_read = {"_id": row["_id"], "state": "waiting", "due_at": row["due_at"], "claimed_until": row.get("claimed_until")}
        claimed = await self._timers.update_one(as_read, {"$set": {"claimed_until": until, "claimed_by": self._owner}})
        return claimed.matched_count == 1

    async def _fire(self, row: Mapping[str, Any]) -> bool:
        async def work(unit: MongoUnit) -> None:
            present = await unit.row("timers", row["_id"])
            if present is None or present["state"] != "waiting" or any(present.get(of) != row.get(of) for of in ("due_at", "setting")):
                return  # fired, moved, set again or cancelled since it was read
            timer = _timer(present)
            unit.effects.timers[timer.key] = None  # first, so that a handler may schedule its own key again
            unit.touch(timer.subject)
            await self._store.department.timers[timer.kind](timer, unit)

        cause = f"timer:{self._store.site.id}:{row['_id']}:{row['due_at'].isoformat()}"
        if setting := row.get("setting"):  # one that an earlier version set has none
            cause += f":{setting}"
        try:
            with tracing.span(f"timer {row['kind']}", parent=row.get("trace"), visit=row["subject"]):
                await self._store.transact(work, actor=SYSTEM, correlation=row["correlation"], derived_from=cause)
        except Exception as error:
            log.exception("timer %s (%s) failed and is tried again", row["_id"], row["kind"])
            await self._postpone(row, error)
            return False
        return True

    async def _postpone(self, row: Mapping[str, Any], error: Exception) -> None:
        pause = min(LONGEST_PAUSE_SECONDS, 0.5 * 2 ** min(row["tries"], 10))
        again_at = system_time.now() + timedelta(seconds=pause)
        failed = {"$set": {"claimed_until": again_at, "error": f"{type(error).__name__}: {error}"}, "$inc": {"tries": 1}}
        await self._timers.update_one({"_id": row["_id"], "state": "waiting", "claimed_by": self._owner}, failed)


def _timer(row: Mapping[str, Any]) -> Timer:
    return Timer(key=row["_id"], kind=row["kind"], due_at=row["due_at"], subject=row["subject"], facts=row["facts"])
