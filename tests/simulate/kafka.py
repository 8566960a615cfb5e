"""aiokafka as the product calls it, on the broker in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import ProducerClosed, RequestTimedOutError, TopicAlreadyExistsError

from tests.simulate.broker import Broker, Headers, Message

Sent = tuple[str, int, tuple[bytes, bytes, Headers], asyncio.Future[None]]


class Producer:
    """What is sent goes to the broker in the order of sending, and is acknowledged; or fails, with some of it there or all."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._unsent: list[Sent] = []
        self._under_way: list[Sent] = []
        self._sending: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self._broker.travel()

    async def stop(self) -> None:
        """What was not acknowledged fails, whoever waits for it."""
        if self._sending:
            self._sending.cancel()
            await asyncio.wait({self._sending})
        _fail([*self._under_way, *self._unsent], ProducerClosed())

    async def send(self, topic: str, value: bytes, *, key: bytes, partition: int, headers: Headers = ()) -> asyncio.Future[None]:
        outcome: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._unsent.append((topic, partition, (key, value, headers), outcome))
        if self._sending is None or self._sending.done():
            self._sending = asyncio.ensure_future(self._send_all())
        return outcome

    async def _send_all(self) -> None:
        while self._unsent:
            batch = self._under_way = self._unsent
            self._unsent = []
            try:
                await self._send_batch(batch)
            except Exception as error:  # noqa: BLE001  whatever it is, the sender is told
                _fail(batch, error)
            for *_, outcome in batch:
                if not outcome.done():
                    outcome.set_result(None)

    async def _send_batch(self, batch: Sequence[Sent]) -> None:
        await self._broker.travel()
        for topic, partition, message, _ in batch:
            self._broker.append(topic, partition, [message])
        await self._broker.travel()
        if self._broker.weather.draw(self._broker.weather.noise.twice):
            raise RequestTimedOutError  # all of it is there, and will be sent again


def _fail(batch: Sequence[Sent], error: Exception) -> None:
    for *_, outcome in batch:
        if not outcome.done():
            outcome.set_exception(error)


class _Metadata:
    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    async def force_metadata_update(self) -> None:
        await self._broker.travel()


class Consumer:
    """One without a group. On a broker that was emptied its offsets are stale, and it hears nothing."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._client = _Metadata(broker)
        self._next: dict[TopicPartition, int] = {}

    async def start(self) -> None:
        await self._broker.travel()

    async def stop(self) -> None:
        await asyncio.sleep(0)

    def partitions_for_topic(self, topic: str) -> set[int] | None:
        return set(range(len(self._broker.logs[topic]))) if topic in self._broker.logs else None

    def assign(self, partitions: Iterable[TopicPartition]) -> None:
        self._next = dict.fromkeys(partitions, 0)

    async def end_offsets(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
        await self._broker.travel()
        return {place: len(self._log(place)) for place in partitions}

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self._next[partition] = offset

    async def getmany(self, *, timeout_ms: int) -> dict[TopicPartition, list[Message]]:
        ends = asyncio.get_running_loop().time() + timeout_ms / 1000
        while True:
            news = self._broker.news
            if not self._broker.weather.broker_away and (batch := self._batch()):
                await self._broker.weather.travel()
                return batch
            try:
                async with asyncio.timeout_at(ends):
                    await news.wait()
            except TimeoutError:
                return {}

    def _batch(self) -> dict[TopicPartition, list[Message]]:
        batch = {place: self._log(place)[offset : offset + 50] for place, offset in self._next.items() if offset < len(self._log(place))}
        for place, messages in batch.items():
            self._next[place] += len(messages)
        return batch

    def _log(self, place: TopicPartition) -> list[Message]:
        logs = self._broker.logs.get(place.topic, [])
        return logs[place.partition] if place.partition < len(logs) else []


class Admin:
    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    async def start(self) -> None:
        await self._broker.travel()

    async def close(self) -> None:
        await asyncio.sleep(0)

    async def list_topics(self) -> list[str]:
        await self._broker.travel()
        return list(self._broker.logs)

    async def create_topics(self, topics: Sequence[Any]) -> None:
        self._broker.must_be_there()
        for topic in topics:
            if topic.name in self._broker.logs:
                raise TopicAlreadyExistsError
            self._broker.make(topic.name, topic.num_partitions)

    async def describe_topics(self, names: Sequence[str]) -> list[Mapping[str, Any]]:
        await self._broker.travel()
        return [{"topic": name, "partitions": self._broker.logs.get(name, [])} for name in names]

    async def create_partitions(self, wanted: Mapping[str, Any]) -> None:
        for name, partitions in wanted.items():
            self._broker.widen(name, partitions.total_count)
