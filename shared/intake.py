"""The intake of a department: what arrives on its topics goes through a bounded queue to one worker, which applies it in batches.

The only place that imports Faust. Kafka's offsets are a hint: what Faust acknowledged and was not applied shows as a gap, and
heals. Nothing is raised out of an agent; while the database is away, the worker tries the same batch again.
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from enum import Enum
from typing import Any

import faust
from aiokafka import AIOKafkaConsumer
from faust.transport.drivers import aiokafka as driver
from pydantic import ValidationError
from pydantic_core import from_json

from shared import provenance, system_time
from shared.applying import Applied, Applying, Arrival, Stream
from shared.contracts.envelope import Envelope, Heartbeat
from shared.contracts.event import DEPARTMENTS
from shared.contracts.records import Record
from shared.contracts.topics import CUSTOMERS, events_topic
from shared.healing import Healing, Receive
from shared.loops import Loops
from shared.store import Store
from shared.tracing import Traced, heard
from shared.waiting import Turns

log = logging.getLogger(__name__)

TOPICS = (*(events_topic(department) for department in DEPARTMENTS), CUSTOMERS)
QUEUE_SIZE = 1000
BATCH_SIZE = 200
SWEEP_SECONDS = 1.0
COLLECT_SECONDS = 1.0
"""How long events that have no reaction here wait for others, so that not each of them costs a transaction: until one that has
comes, or somebody asks how far everything is."""
STOP_SECONDS = 2.0

HEARTBEAT: str = Heartbeat.model_fields["type"].default


class Asked(Enum):
    """In the queue: somebody asked how far everything is, so what was collected until here is written down."""

    HOW_FAR = "how far"


class Intake:
    def __init__(self, store: Store, kafka_url: str, *, fetch_wait_ms: int = 500, alarm_after: timedelta = timedelta(seconds=60)) -> None:
        self.group = f"servicelane.{store.site.id}.{store.name}" + (f".{store.epoch}" if store.epoch > 1 else "")
        """A restored department reads anew what Kafka still has: personal records too, which no number says are missing."""
        self.turns = Turns(store, alarm_after=alarm_after)
        self.applying = Applying(store, self.turns)
        self.healing = Healing(self.group, kafka_url, self.applying, self.receive)
        self.newest: dict[tuple[str, int], tuple[int, int]] = {}
        """Of each department and partition the newest number that a heartbeat named: epoch and seq."""
        self._store = store
        self._listening = Listening(self.group, kafka_url, fetch_wait_ms, self.receive)
        self._queue: asyncio.Queue[Arrival | Heartbeat | Asked] = asyncio.Queue(QUEUE_SIZE)
        self._in_hand: list[Arrival | Heartbeat] = []
        self._asked = False
        """Whether `Asked` is in the queue: once at most, so that it never fills while the database is away."""
        self._loops = Loops(log)

    @property
    def joined(self) -> bool:
        """It is a member of its group and gets what arrives."""
        return self._listening.joined

    @property
    def ready(self) -> bool:
        """It has joined and nothing is known to be missing."""
        return self.joined and not self.healing.missing

    def flow(self) -> dict[str, Any]:
        """What is under way in this process."""
        return {
            "joined": self.joined,
            "queued": self._queue.qsize() + len(self._in_hand),
            "missing": {stream.id: missing.count for stream, missing in self.healing.missing.items()},
            "overdue": sorted(self.turns.overdue),
        }

    async def start(self) -> None:
        self._store.asked_how_far.add(self._hurry)
        await self.healing.start()
        self._loops.start(
            {
                "intake worker": self._work,
                "intake drain": self._drain,
                "intake sweep": self._sweep,
                "intake records": self._ask_for_records,
                "intake listening": self._listening.listen,
            }
        )

    async def stop(self) -> None:
        """Within the deadlines, also with the broker or the database gone. What was not applied comes again."""
        self._store.asked_how_far.discard(self._hurry)
        await self._loops.stop(within=STOP_SECONDS + 1.0)
        await self.healing.stop()

    async def receive(self, topic: str, value: bytes | None, trace: str | None = None, partition: int | None = None) -> None:
        """One message of any topic; what belongs to another site, or no department can have published there, is passed over."""
        arrival = _read(topic, value, trace)
        if arrival is None or arrival.site != self._store.site.id:
            return
        if provenance.is_believable(topic, partition, arrival):
            if isinstance(arrival, Heartbeat):
                self.newest[arrival.department, arrival.partition] = (arrival.epoch, arrival.seq)
            await self._queue.put(arrival)
        else:
            log.error("a message on %s that nobody can have published there, passed over", topic)

    # -- the worker

    async def _work(self) -> None:
        if not self._in_hand:
            await self._take_in_hand()
        await self._digest(self._in_hand)
        self._in_hand = []

    def _hurry(self) -> None:
        if not self._asked:
            with suppress(asyncio.QueueFull):  # then nothing is waited for anyway
                self._queue.put_nowait(Asked.HOW_FAR)
                self._asked = True

    async def _take_in_hand(self) -> None:
        """What is there, at once; where it has no effect here but a higher position, what comes within a while too."""
        until, concerns_us = None, False
        while len(self._in_hand) < BATCH_SIZE and not (concerns_us and self._queue.empty()):
            arrival = await self._next(until)
            if not isinstance(arrival, Asked):
                self._in_hand.append(arrival)
                until = until or system_time.monotonic() + COLLECT_SECONDS
                concerns_us = concerns_us or isinstance(arrival, Record) or arrival.type in self.turns.handlers
            elif self._in_hand and self._queue.empty():
                break

    async def _next(self, until: float | None) -> Arrival | Heartbeat | Asked:
        """What comes next; where nothing came `until` then, as if somebody had asked."""
        try:
            async with asyncio.timeout(None if until is None else max(0.0, until - system_time.monotonic())):
                arrival = await self._queue.get()
        except TimeoutError:
            return Asked.HOW_FAR
        if isinstance(arrival, Asked):
            self._asked = False
        return arrival

    async def _digest(self, batch: Sequence[Arrival | Heartbeat]) -> None:
        applied = await self._apply([each for each in batch if not isinstance(each, Heartbeat)])
        for stream, newest in applied.missing.items():
            self.healing.lacks(stream, newest)
        for stream, newest in {Stream.of(beat): beat.seq for beat in batch if isinstance(beat, Heartbeat)}.items():
            if await self.applying.is_behind(stream, newest):
                self.healing.lacks(stream, newest)
            self.healing.newest_is(stream, newest)
        if applied.records:
            await self.turns.drain_waiting_for(applied.records)

    async def _apply(self, arrivals: Sequence[Arrival]) -> Applied:
        return await self.applying.apply(arrivals) if arrivals else Applied()

    # -- what waits

    async def _drain(self) -> None:
        await self._store.to_drain.wait()
        await self.turns.drain_touched()

    async def _sweep(self) -> None:
        await self.turns.sweep()
        await asyncio.sleep(SWEEP_SECONDS)

    async def _ask_for_records(self) -> None:
        """Beside the sweep, which goes on while the broker is away."""
        await self.healing.ask_for(self.turns.announced_in_vain)
        await asyncio.sleep(SWEEP_SECONDS)


def _read(topic: str, value: bytes | None, trace: str | None = None) -> Arrival | Heartbeat | None:
    try:
        if len(value or b"") > provenance.MESSAGE_BYTES:
            raise ValueError("too large to have been published")
        if topic == CUSTOMERS:
            return Record.model_validate_json(value or b"")
        plain = from_json(value or b"")
        if plain["type"] == HEARTBEAT:
            return Heartbeat.model_validate(plain)
        return Traced.model_validate({**plain, "traceparent": trace}) if trace else Envelope.model_validate(plain)
    except (ValidationError, ValueError, KeyError, TypeError):
        log.error("a message on %s that is none of ours, passed over", topic)  # noqa: TRY400  its text may hold personal data
        return None


# -- Faust


def _transport(fetch_wait_ms: int) -> type[driver.Transport]:
    """Faust waits 1.5 s for a fetch to fill and has no setting for it; the embedded broker sits half of it out, 0.75 s a hop."""

    class PromptThread(driver.AIOKafkaConsumerThread):
        mundane_level = "debug"

        def _create_worker_consumer(self, transport: Any) -> Any:
            consumer = super()._create_worker_consumer(transport)
            consumer._fetch_max_wait_ms = fetch_wait_ms  # noqa: SLF001  read when it starts
            return consumer

    class PromptConsumer(driver.Consumer):
        mundane_level = "debug"

        def _new_consumer_thread(self) -> Any:
            return PromptThread(self, loop=self.loop, beacon=self.beacon)

        async def getmany(self, timeout: float) -> AsyncIterator[tuple[Any, Any]]:  # noqa: ASYNC109  as Faust calls it
            """In a broker that lost everything, offsets begin anew: Faust would pass over all below those that it has read or committed."""
            async for partition, message in super().getmany(timeout):
                if message.offset < (self._read_offset[partition] or 0):
                    for known in (self._read_offset, self._committed_offset, self._acked, self._acked_index, self._gap):
                        known.pop(partition, None)
                yield partition, message

    class PromptTransport(driver.Transport):
        Consumer = PromptConsumer

    return PromptTransport


class Listening:
    """A Faust app that gives every message of the topics to `receive`. It is made anew only where Faust says that it crashed."""

    def __init__(self, group: str, kafka_url: str, fetch_wait_ms: int, receive: Receive) -> None:
        self._group = group
        self._kafka_url = kafka_url
        self._fetch_wait_ms = fetch_wait_ms
        self._receive = receive
        self._app: Any = None

    @property
    def joined(self) -> bool:
        app = self._app
        return bool(app and app.started and not app.should_stop and app.rebalancing_count and not app.rebalancing)

    async def listen(self) -> None:
        """Until Faust crashes; called again then."""
        await self._await_topics()
        self._app = self._new_app()
        try:
            await self._app.start()
            await self._app.wait_until_stopped()
        finally:
            await self._leave()

    async def _leave(self) -> None:
        """With the broker gone Faust's stop hangs: it has two seconds."""
        app, self._app = self._app, None
        if app and app.started:
            ending = asyncio.ensure_future(app.stop())
            await asyncio.wait({ending}, timeout=STOP_SECONDS)
            if ending.done() and not ending.cancelled() and (error := ending.exception()):
                log.debug("while stopping: %r", error)
            ending.cancel()

    async def _await_topics(self) -> None:
        """Faust joins late, or never, where topics are made after it started: the relays make them."""
        probe = AIOKafkaConsumer(bootstrap_servers=self._kafka_url, client_id=f"{self._group}.probe", request_timeout_ms=5000)
        try:
            await probe.start()
            lacking = set(TOPICS) - await probe.topics()
        finally:
            await asyncio.wait({asyncio.ensure_future(probe.stop())}, timeout=1.0)
        if lacking:
            raise LookupError(f"topics are not there yet: {', '.join(sorted(lacking))}")

    def _new_app(self) -> Any:
        app = faust.App(
            self._group,
            broker=f"kafka://{self._kafka_url}",
            datadir=tempfile.gettempdir(),
            autodiscover=False,
            set_as_current=False,
            broker_session_timeout=6.0,
            broker_heartbeat_interval=2.0,
            broker_request_timeout=10.0,
            stream_wait_empty=False,
            consumer_auto_offset_reset="earliest",
            consumer_metadata_max_age_ms=3000,
            topic_allow_declare=False,
            topic_disable_leader=True,
            web_enabled=False,
            worker_redirect_stdouts=False,
        )
        app.transport = _transport(self._fetch_wait_ms)(app.conf.broker_consumer, app)
        for name in TOPICS:
            topic = app.topic(name, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")
            app.agent(topic, name=f"{self._group}.{name}")(self._agent(name))
        return app

    def _agent(self, topic: str) -> Callable[[Any], Awaitable[None]]:
        async def hear(stream: Any) -> None:
            async for value in stream:
                event = stream.current_event
                await self._receive(topic, value, heard(event.headers), event.message.partition)

        return hear
