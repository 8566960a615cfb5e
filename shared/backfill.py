"""Replay: what a consumer missed comes again from the journal, in chunks, on the department's backfill topic."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from aiokafka import AIOKafkaConsumer, TopicPartition
from pydantic import ValidationError

from shared.contracts.envelope import ReplayRequest
from shared.contracts.topics import REPLAY
from shared.store import Store

log = logging.getLogger(__name__)

IDLE_SECONDS = 5.0

Serve = Callable[[int, int, int, int], Awaitable[None]]
"""Publish again: epoch, partition, first and last number."""


class Requests:
    """Who asked for what of this department, per partition; of one consumer only its newest request counts."""

    def __init__(self, partitions: int) -> None:
        self._asked: dict[int, dict[tuple[str, int], ReplayRequest]] = {partition: {} for partition in range(partitions)}
        self._news = {partition: asyncio.Event() for partition in range(partitions)}

    def add(self, request: ReplayRequest) -> None:
        if request.partition in self._asked and request.first <= request.last:
            self._asked[request.partition][request.consumer, request.epoch] = request
            self._news[request.partition].set()

    async def serve_next(self, partition: int, serve: Serve) -> None:
        """Wait for a request and serve it, with all that overlap it in one go.

        What its consumers ask meanwhile is the same asked again: it is forgotten, and asked once more where something is still missing.
        """
        asked = self._asked[partition]
        while not asked:
            self._news[partition].clear()
            await self._news[partition].wait()
        epoch = min(request.epoch for request in asked.values())
        waiting = sorted((request for request in asked.values() if request.epoch == epoch), key=lambda request: request.first)
        first, last, served = waiting[0].first, waiting[0].last, []
        for request in waiting:
            if request.first <= last + 1:
                last = max(last, request.last)
                served.append((request.consumer, epoch))
        try:
            await serve(epoch, partition, first, last)
        finally:
            for each in served:
                asked.pop(each, None)


class RequestReader:
    """Reads the replay topic without a group. A consumer that hears nothing for a while is made anew.

    A broker that restarted empty never says that an offset is out of range: the new consumer goes back to the start where the
    topic has become shorter than what was read.
    """

    def __init__(self, store: Store, kafka_url: str, requests: Requests, client_id: str) -> None:
        self._store = store
        self._kafka_url = kafka_url
        self._requests = requests
        self._client_id = client_id
        self._read: dict[TopicPartition, int] = {}

    async def read(self) -> None:
        """Until the topic is silent for `IDLE_SECONDS`; called again and again."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._kafka_url,
            client_id=self._client_id,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="latest",
            fetch_max_wait_ms=200,
            request_timeout_ms=5000,
            metadata_max_age_ms=3000,
        )
        try:
            await consumer.start()
            await self._take_position(consumer)
            while batch := await consumer.getmany(timeout_ms=int(IDLE_SECONDS * 1000)):
                for partition, messages in batch.items():
                    for message in messages:
                        self._hear(message.value)
                    self._read[partition] = messages[-1].offset + 1
        finally:
            await asyncio.wait({asyncio.ensure_future(consumer.stop())}, timeout=1.0)

    async def _take_position(self, consumer: AIOKafkaConsumer) -> None:
        partitions = [TopicPartition(REPLAY, number) for number in range(self._store.partitions)]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        for partition, end in ends.items():
            read = self._read.setdefault(partition, end)
            consumer.seek(partition, read if read <= end else 0)

    def _hear(self, value: bytes | None) -> None:
        try:
            request = ReplayRequest.model_validate_json(value or b"")
        except ValidationError:
            log.warning("not a replay request, skipped")
            return
        if (request.site, request.department) == (self._store.site.id, self._store.name):
            self._requests.add(request)
