"""What a consumer finds missing is asked for and read again: the truth is the journal of whoever published it.

A request goes to the topic `replay`; the answer comes on the department's `backfill` topic, which is read only while something
is missing. At most one request a second and stream, one in flight: it is over when its last number is applied, or when nothing
came for a while.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared import system_time
from shared.applying import Applying, Stream
from shared.contracts.envelope import Envelope, ReplayRequest
from shared.contracts.event import DEPARTMENTS
from shared.contracts.topics import REPLAY, backfill_topic
from shared.loops import Loops
from shared.publisher import Publisher
from shared.tracing import heard

log = logging.getLogger(__name__)

SILENCE_SECONDS = 3.0
"""So long without an answer: the request is asked again, by a new reader (the embedded broker, restarted empty, leaves old ones deaf)."""
LONGEST_SILENCE_SECONDS = 60.0
BETWEEN_REQUESTS_SECONDS = 1.0
RECORDS_AT_ONCE = 500
"""Numbers that one request for records spans at most."""

FORGOTTEN_SECONDS = 30.0
"""So long without word of it, or any of it coming: heartbeats say it again where it is true."""

Receive = Callable[[str, bytes | None, str | None, int | None], Awaitable[None]]
"""Topic, value, the trace of the message, and its partition."""


@dataclass
class Missing:
    """What is missing of one stream up to `newest`; asked for at `asked_at` up to `asked_to` (0: not in flight).

    `applied` is None until the database was asked: nobody knows yet from where. `said_at`: when it was last heard of, or some of it
    came; `came_at`: when some of it was last applied.
    """

    newest: int
    asked_to: int = 0
    asked_at: float = float("-inf")
    applied: int | None = None
    said_at: float = float("-inf")
    came_at: float = float("-inf")
    in_vain: int = 0

    @property
    def count(self) -> int:
        """Numbers; one where nobody knows yet from where."""
        return 1 if self.applied is None else self.newest - self.applied

    def may_be_asked_for(self, now: float) -> bool:
        """A request is over with its last number, or when nothing of it came for a while: whoever should serve it may never have had it.

        Each time that goes on for twice as long, since what was asked for may also stand behind much of other streams.
        """
        if self.applied is None or self.applied >= self.newest or now - self.asked_at < BETWEEN_REQUESTS_SECONDS:
            return False
        patience = min(SILENCE_SECONDS * 2**self.in_vain, LONGEST_SILENCE_SECONDS)
        return self.applied >= self.asked_to or now - max(self.asked_at, self.came_at) > patience

    def ask(self, now: float) -> None:
        self.in_vain = min(self.in_vain + 1, 10) if self.asked_to and self.came_at < self.asked_at else 0
        self.asked_to, self.asked_at = self.newest, now


class Healing:
    """Asks, reads the answers and gives them to `receive` like anything that arrives."""

    def __init__(self, consumer: str, kafka_url: str, applying: Applying, receive: Receive) -> None:
        self.missing: dict[Stream, Missing] = {}
        self._consumer = consumer
        self._kafka_url = kafka_url
        self._applying = applying
        self._receive = receive
        self._publisher = Publisher(kafka_url, f"{consumer}.healing")
        self._something = asyncio.Event()
        self._loops = Loops(log)

    async def start(self) -> None:
        self._loops.start({"healing": self._heal})

    async def stop(self) -> None:
        await self._loops.stop()
        await asyncio.wait({asyncio.ensure_future(self._publisher.stop())}, timeout=1.5)

    def lacks(self, stream: Stream, newest: int) -> None:
        missing = self.missing.setdefault(stream, Missing(newest))
        missing.newest = max(missing.newest, newest)
        missing.said_at = system_time.monotonic()
        self._something.set()

    def newest_is(self, stream: Stream, newest: int) -> None:
        """By the department's own word: whoever spoke of more was wrong, or a heartbeat is late, and the next one says more."""
        if stream in self.missing:
            self.missing[stream].newest = newest

    async def ask_for(self, announced: Sequence[Envelope]) -> None:
        """The records that these announced, of each stream the oldest first; they come on their own topic, like new ones."""
        streams: dict[Stream, list[int]] = {}
        for envelope in announced:
            streams.setdefault(Stream.of(envelope), []).append(envelope.seq)
        for stream, numbers in streams.items():
            first = min(numbers)
            await self._request(stream, first, min(max(numbers), first + RECORDS_AT_ONCE), f"{self._consumer}.records")

    async def _heal(self) -> None:
        await self._something.wait()
        reader = AIOKafkaConsumer(
            bootstrap_servers=self._kafka_url,
            client_id=f"{self._consumer}.healing",
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="latest",
            fetch_max_wait_ms=50,
            request_timeout_ms=5000,
            metadata_max_age_ms=3000,
        )
        try:
            await reader.start()
            await self._read_from_here(reader)
            await self._ask_and_read(reader)
        finally:
            for missing in self.missing.values():
                missing.asked_to = 0  # the next reader starts behind what this one did not read
            await asyncio.wait({asyncio.ensure_future(reader.stop())}, timeout=1.0)

    async def _read_from_here(self, reader: AIOKafkaConsumer) -> None:
        """At the end of every partition, and sure of it, before anything is asked: an answer can then not be missed."""
        await reader._client.force_metadata_update()  # noqa: SLF001  it has no topic yet, and no other way to learn of them
        partitions = [
            TopicPartition(backfill_topic(department), partition)
            for department in DEPARTMENTS
            for partition in reader.partitions_for_topic(backfill_topic(department)) or ()
        ]
        if not partitions:
            raise LookupError("the backfill topics are not there yet")
        reader.assign(partitions)
        for partition, end in (await reader.end_offsets(partitions)).items():
            reader.seek(partition, end)

    async def _ask_and_read(self, reader: AIOKafkaConsumer) -> None:
        heard_at = system_time.monotonic()
        while await self._still_missing():
            if await self._ask():
                heard_at = max(heard_at, system_time.monotonic())
            batch = await reader.getmany(timeout_ms=100)
            for partition, messages in batch.items():
                heard_at = system_time.monotonic()
                for message in messages:
                    await self._receive(partition.topic, message.value, heard(message.headers), partition.partition)
            if system_time.monotonic() - heard_at > SILENCE_SECONDS:
                return

    async def _still_missing(self) -> bool:
        for stream, missing in list(self.missing.items()):
            before = missing.applied
            if await self._applying.is_behind(stream, missing.newest):
                missing.applied = await self._applying.seq(stream)
            else:
                self.missing.pop(stream, None)
            if missing.applied is not None and (before is None or missing.applied > before):
                missing.said_at = missing.came_at = system_time.monotonic()
            elif system_time.monotonic() - missing.said_at > FORGOTTEN_SECONDS:
                self.missing.pop(stream, None)
        if not self.missing:
            self._something.clear()
        return bool(self.missing)

    async def _ask(self) -> bool:
        """One request for each stream that has none in flight. Whether any was sent."""
        now, asked = system_time.monotonic(), False
        for stream, missing in list(self.missing.items()):
            if missing.applied is not None and missing.may_be_asked_for(now):
                await self._request(stream, missing.applied + 1, missing.newest, self._consumer)
                missing.ask(now)
                asked = True
        return asked

    async def _request(self, stream: Stream, first: int, last: int, consumer: str) -> None:
        request = ReplayRequest(**stream._asdict(), first=first, last=last, consumer=consumer, asked_at=system_time.now())
        await self._publisher.send(REPLAY, stream.partition, [(stream.id, request.model_dump_json().encode())])
        log.info("asked for %s %d to %d", stream.id, first, last)
