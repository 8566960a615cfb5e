"""The relay's side of Kafka: a producer that is made anew after errors, and the topics, made and made again.

`acks=all`, neither idempotent nor transactional (the embedded broker has no such producer): numbers make what is twice or
missing harmless.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError

from shared.contracts.topics import ALL_TOPICS, CUSTOMERS
from shared.tracing import HEADER

log = logging.getLogger(__name__)

SEND_SECONDS = 10.0

Message = tuple[str, bytes] | tuple[str, bytes, str]
"""Key and value; and its trace, where it has one."""


class Publisher:
    def __init__(self, kafka_url: str, client_id: str) -> None:
        self._kafka_url = kafka_url
        self._client_id = client_id
        self._producer: AIOKafkaProducer | None = None
        self._making = asyncio.Lock()

    async def send(self, topic: str, partition: int, messages: Sequence[Message]) -> None:
        """In order, and acknowledged when this returns. After an error some may be there: send all of them again."""
        async with asyncio.timeout(SEND_SECONDS):
            producer = await self._present()
        try:
            async with asyncio.timeout(SEND_SECONDS):
                sent = [
                    await producer.send(
                        topic, value, key=key.encode(), partition=partition, headers=[(HEADER, each.encode()) for each in trace]
                    )
                    for key, value, *trace in messages
                ]
                outcomes = await asyncio.gather(*sent, return_exceptions=True)
            for outcome in outcomes:
                if isinstance(outcome, BaseException):
                    raise outcome
        except BaseException:
            await self._discard(producer)
            raise

    async def stop(self) -> None:
        if self._producer:
            await self._discard(self._producer)

    async def _present(self) -> AIOKafkaProducer:
        async with self._making:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    bootstrap_servers=self._kafka_url,
                    client_id=self._client_id,
                    acks="all",
                    enable_idempotence=False,
                    request_timeout_ms=5000,
                    metadata_max_age_ms=3000,
                )
                try:
                    await producer.start()
                except BaseException:
                    await _stopped(producer)
                    raise
                self._producer = producer
            return self._producer

    async def _discard(self, producer: AIOKafkaProducer) -> None:
        if self._producer is producer:
            self._producer = None
            await _stopped(producer)


class Topics:
    """Makes the topics that are missing, with the site's number of partitions, and makes up for those that have too few."""

    def __init__(self, kafka_url: str, client_id: str, partitions: int, replication: int) -> None:
        self._kafka_url = kafka_url
        self._client_id = client_id
        self._partitions = partitions
        self._replication = replication
        self._admin: AIOKafkaAdminClient | None = None

    async def ensure(self) -> None:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                admin = await self._connected()
                present = set(await admin.list_topics())
                await self._create([name for name in ALL_TOPICS if name not in present], admin)
                await self._widen([name for name in ALL_TOPICS if name in present], admin)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        admin, self._admin = self._admin, None
        if admin:
            await _closed(admin)

    async def _connected(self) -> AIOKafkaAdminClient:
        if self._admin is None:
            self._admin = AIOKafkaAdminClient(bootstrap_servers=self._kafka_url, client_id=self._client_id, request_timeout_ms=5000)
            await self._admin.start()
        return self._admin

    async def _create(self, names: Sequence[str], admin: AIOKafkaAdminClient) -> None:
        for name in names:  # one by one: a relay of another department may be making the same ones
            compacted = {"cleanup.policy": "compact"} if name == CUSTOMERS else {}
            topic = NewTopic(name, num_partitions=self._partitions, replication_factor=self._replication, topic_configs=compacted)
            with suppress(TopicAlreadyExistsError):
                await admin.create_topics([topic])
            log.info("topic made: %s", name)

    async def _widen(self, names: Sequence[str], admin: AIOKafkaAdminClient) -> None:
        if not names:
            return
        for topic in await admin.describe_topics(list(names)):
            if 0 < len(topic["partitions"]) < self._partitions:  # a broker that makes topics by itself makes narrow ones
                await admin.create_partitions({topic["topic"]: NewPartitions(total_count=self._partitions)})


async def _stopped(producer: AIOKafkaProducer) -> None:
    """Stopping waits for what can no longer be sent: not for long."""
    await _within_a_second(asyncio.ensure_future(producer.stop()))


async def _closed(admin: AIOKafkaAdminClient) -> None:
    await _within_a_second(asyncio.ensure_future(admin.close()))


async def _within_a_second(ending: asyncio.Future[None]) -> None:
    done, _ = await asyncio.wait({ending}, timeout=1.0)
    for each in done:
        if not each.cancelled() and (error := each.exception()):
            log.debug("while stopping: %r", error)
    if not done:
        ending.cancel()


__all__ = ["KafkaError", "Message", "Publisher", "Topics"]
