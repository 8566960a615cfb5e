"""Beside the intake: a FastStream consumer as people write it today, with an inbox row per event so that nothing is applied twice."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from aiokafka import AIOKafkaProducer
from motor.motor_asyncio import AsyncIOMotorClient

from bench.events import checked_in
from bench.figure import Figure, at_least


async def beside(url: str, kafka: str, product: Sequence[float], number: int) -> list[Figure]:
    if find_spec("faststream") is None:
        return [Figure("intake, beside FastStream", float("nan"), None, False, "", "not installed: requirements-bench.txt")]
    rate = await consume(url, kafka, number // 10)
    return [at_least("intake, beside FastStream", None, product, [rate], "/s")]


async def consume(url: str, kafka: str, number: int) -> float:
    """Events a second, from the first to the last effect."""
    from faststream.kafka import KafkaBroker  # noqa: PLC0415  an optional part

    client: Any = AsyncIOMotorClient(url)
    topic, done = f"bench.{secrets.token_hex(4)}", asyncio.Event()
    inbox, states = client[topic.replace(".", "_")]["inbox"], client[topic.replace(".", "_")]["states"]
    for collection in (inbox, states):
        await collection.insert_one({"_id": "first"})
    await _publish(kafka, topic, number)
    times: list[float] = []
    broker = KafkaBroker(kafka, logger=None)

    @broker.subscriber(topic, group_id=topic, auto_offset_reset="earliest")
    async def handle(event: dict[str, Any]) -> None:
        async with await client.start_session() as session, session.start_transaction():
            if await inbox.find_one({"_id": event["id"]}, session=session) is None:
                await inbox.insert_one({"_id": event["id"]}, session=session)
                await states.insert_one({"_id": event["subject"], "data": event["data"]}, session=session)
        times.append(time.perf_counter())
        if len(times) == number:
            done.set()

    async with broker:
        await broker.start()
        await asyncio.wait_for(done.wait(), 120)
    return (number - 1) / (times[-1] - times[0])


async def _publish(kafka: str, topic: str, number: int) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=kafka, acks="all", enable_idempotence=False)
    await producer.start()
    await asyncio.gather(*[await producer.send(topic, value) for value in checked_in("X", 1, number)])
    await producer.stop()
