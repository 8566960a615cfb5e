"""An ear on Kafka topics, for tests: keeps what it hears of one site."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.contracts.topics import CUSTOMERS


class Ear:
    """`heard`: (topic, message) in the order of arrival; within a partition that is the order of the topic."""

    def __init__(self, site: str) -> None:
        self._site = site
        self.heard: list[tuple[str, dict[str, Any]]] = []

    def events(self, topic: str) -> list[dict[str, Any]]:
        return [message for heard_on, message in self.heard if heard_on == topic and "data" in message]

    def numbers(self, topic: str) -> dict[int, list[int]]:
        """The numbers heard, per partition, in the order of the topic."""
        numbers: dict[int, list[int]] = {}
        for event in self.events(topic):
            numbers.setdefault(event["partition"], []).append(event["seq"])
        return numbers

    def heartbeats(self, topic: str) -> dict[int, int]:
        """The newest heartbeat of each partition."""
        beats = [message for heard_on, message in self.heard if heard_on == topic and "heartbeat" in message.get("type", "")]
        return {beat["partition"]: beat["seq"] for beat in beats}

    def records(self) -> list[tuple[str, int, dict[str, Any] | None]]:
        return [(record["key"], record["revision"], record["body"]) for topic, record in self.heard if topic == CUSTOMERS]

    def hear(self, topic: str, value: bytes) -> None:
        message = json.loads(value)
        if message.get("site") == self._site:
            self.heard.append((topic, message))


@asynccontextmanager
async def listening(kafka_url: str, site: str, topics: Iterable[str], partitions: int = 4) -> AsyncIterator[Ear]:
    ear = Ear(site)
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka_url, auto_offset_reset="earliest", fetch_max_wait_ms=30, enable_auto_commit=False)
    await consumer.start()
    consumer.assign([TopicPartition(topic, partition) for topic in topics for partition in range(partitions)])

    async def listen() -> None:
        async for message in consumer:
            ear.hear(message.topic, message.value)

    task = asyncio.create_task(listen())
    try:
        yield ear
    finally:
        task.cancel()
        await asyncio.wait({task})
        await asyncio.wait({asyncio.ensure_future(consumer.stop())}, timeout=2.0)
