"""The least that reads a topic from its beginning: aiokafka's `getmany`, and pydantic for what stands around each event."""

from __future__ import annotations

import time

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.contracts.envelope import Envelope


async def read(kafka: str, topic: str, number: int) -> float:
    """Events a second."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, enable_auto_commit=False, fetch_max_wait_ms=50)
    await consumer.start()
    partition = TopicPartition(topic, 0)
    consumer.assign([partition])
    await consumer.seek_to_beginning(partition)
    begun, seen = time.perf_counter(), 0
    while seen < number:
        for messages in (await consumer.getmany(timeout_ms=1000)).values():
            for message in messages:
                Envelope.model_validate_json(message.value)
            seen += len(messages)
    rate = seen / (time.perf_counter() - begun)
    await consumer.stop()
    return rate
