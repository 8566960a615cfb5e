"""Asks for the gauges of a process when somebody scrapes: few questions, each by an index, and no sooner than `KEPT_SECONDS` again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from shared import system_time
from shared.department import Census
from shared.intake import Intake
from shared.metrics import Metrics, Readings
from shared.relay import Relay
from shared.store import Store
from shared.tries import DatabaseError

KEPT_SECONDS = 5.0
ASKING_SECONDS = 3.0

Readiness = Callable[[], Awaitable[Mapping[str, bool]]]


class Measuring:
    """`running` are the parts of the process by name; it may grow after this was made. Without a store there is no database yet."""

    def __init__(self, metrics: Metrics, readiness: Readiness, running: Mapping[str, Any], store: Store | None = None) -> None:
        self.metrics = metrics
        self.store = store
        self._readiness = readiness
        self._running = running
        self._measured_at = float("-inf")
        self._one_at_a_time = asyncio.Lock()

    async def text(self) -> bytes:
        """What a scrape gets."""
        async with self._one_at_a_time:
            if system_time.monotonic() - self._measured_at > KEPT_SECONDS:
                self.metrics.readings = await self._measured()
                self._measured_at = system_time.monotonic()
        return self.metrics.text()

    async def _measured(self) -> Readings:
        readings = Readings()
        ready = await self._readiness()
        readings.note_all("ready", {part: float(up) for part, up in ready.items()})
        if self.store:
            readings.note("info", 1, self.store.name, self.store.site.id, servicelane_version())
            readings.note("transaction_retries_total", self.store.retries)
            readings.note("relay_partitions", self.store.partitions)
        self._look_at_the_parts(readings)
        if "database" in ready:
            readings.note("database_up", float(self.store is not None and await self._asked(self.store, readings)))
        return readings

    def _look_at_the_parts(self, readings: Readings) -> None:
        relay, intake = self._running.get("relay"), self._running.get("stream")
        readings.note("relay_partitions_held", len(relay.held) if isinstance(relay, Relay) else 0)
        if isinstance(intake, Intake):
            under_way = intake.flow()
            readings.note("intake_queued", under_way["queued"])
            readings.note("waiting_overdue", len(under_way["overdue"]))
            readings.note_all("intake_missing", _by_department(under_way["missing"]))

    async def _asked(self, store: Store, readings: Readings) -> bool:
        """Whether the database answered all of it in time."""
        asked = Readings()
        try:
            async with asyncio.timeout(ASKING_SECONDS):
                self._note_flow(await store.flow(), asked)
                await _note_lateness(store, asked)
                await _note_channels(store, asked)
                for census in store.department.census:
                    await _take(census, store, asked)
        except (DatabaseError, TimeoutError):
            return False
        readings.of |= asked.of
        return True

    def _note_flow(self, flow: Mapping[str, Any], readings: Readings) -> None:
        readings.note("relay_unnumbered", flow["unnumbered"])
        readings.note("relay_unpublished", sum(flow["newest"].values()) - sum(flow["published"].values()))
        readings.note("waiting_queues", flow["waiting"])
        for name in ("dead_letters", "timers_due", "timers_failing"):
            readings.note(name, flow[name])
        intake = self._running.get("stream")
        if isinstance(intake, Intake):
            readings.note_all("intake_lag", _lag(intake.newest, flow["applied"]))


def servicelane_version() -> str:
    try:
        return version("servicelane")
    except PackageNotFoundError:
        return "0"


def _by_department(by_stream: Mapping[str, int]) -> dict[str, float]:
    """A stream's id is `SITE/DEPARTMENT/EPOCH/PARTITION`."""
    sums: dict[str, float] = {}
    for stream, number in by_stream.items():
        department = stream.split("/")[1]
        sums[department] = sums.get(department, 0) + number
    return sums


def _lag(newest: Mapping[tuple[str, int], tuple[int, int]], applied: Mapping[str, Mapping[str, int]]) -> dict[str, float]:
    """A partition of which nothing was applied yet lacks all of it; what was applied meanwhile is no lag below zero."""
    lag: dict[str, float] = {}
    for (department, partition), (_, seq) in newest.items():
        behind = seq - applied.get(department, {}).get(str(partition), 0)
        lag[department] = lag.get(department, 0) + max(0, behind)
    return lag


async def _note_lateness(store: Store, readings: Readings) -> None:
    now = store.clock.now()
    oldest = await store.collection("timers").find_one({"state": "waiting", "due_at": {"$lte": now}}, {"due_at": 1}, sort=[("due_at", 1)])
    readings.note("timers_late_seconds", (now - oldest["due_at"]) / timedelta(seconds=1) if oldest else 0)


async def _note_channels(store: Store, readings: Readings) -> None:
    channels = await store.collection("channels").find({}, {"failures": 1}).to_list(None)
    readings.note_all("channel_failures", {row["_id"]: row["failures"] for row in channels})
    for row in channels:
        waiting = await store.collection("outbox").count_documents({"channel": row["_id"], "state": "waiting"})
        readings.note("channel_waiting", waiting, row["_id"])


async def _take(census: Census, store: Store, readings: Readings) -> None:
    now = store.clock.now().astimezone(UTC)
    pipeline = [{"$match": _at(now, census.where)}, {"$group": {"_id": f"${census.by}" if census.by else None, "number": {"$sum": 1}}}]
    counted = {census.what: 0.0} if census.what else dict.fromkeys(census.values, 0.0)
    async for row in store.collection(census.collection).aggregate(pipeline):
        label = census.what or str(row["_id"])
        if label in counted:
            counted[label] = row["number"]
    readings.note_all(census.measure, counted)


def _at(now: datetime, where: Any) -> Any:
    """The condition, with the present in place of `Census.NOW`: times are stored as UTC text of whole seconds."""
    if where == Census.NOW:
        return now.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {name: _at(now, value) for name, value in where.items()} if isinstance(where, Mapping) else where
