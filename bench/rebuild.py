"""From a topic to a read model, from the beginning, against aiokafka's `getmany` and pydantic alone; events a second.

The product's way is that of its intake: each batch is a transaction with its positions, so that the read model is durable and exact at
every moment. The baseline only reads. It reads all of the topic, the product the first 20,000 of its million.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import subprocess
import time
from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from fastapi import APIRouter

from bench import bare_rebuild
from bench.events import checked_in
from bench.figure import Figure, at_least
from bench.servers import ROOT, branch, broker, database, folder
from shared.applying import Applying
from shared.clock import RealClock
from shared.contracts.envelope import Envelope
from shared.contracts.reception import VehicleCheckedIn
from shared.department import Department
from shared.intake import BATCH_SIZE
from shared.store import Store
from shared.unit import Unit
from shared.waiting import Turns

PRODUCED_AT_ONCE = 2_000
QUIXSTREAMS = ROOT / "build" / "quixstreams" / "bin" / "python"


async def keep(event: VehicleCheckedIn, unit: Unit) -> None:
    await unit.put("cars", event.visit, {"vehicle": event.vehicle, "odometer_km": event.odometer_km}, subject=event.visit)


CARS = Department(
    name="followup", title="Cars", aggregates=(), router=APIRouter(), read_models=("cars",), reactions={VehicleCheckedIn: (keep,)}
)


async def publish(kafka: str, topic: str, site: str, number: int) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=kafka, acks="all", enable_idempotence=False, linger_ms=5)
    await producer.start()
    for first in range(1, number + 1, PRODUCED_AT_ONCE):
        values = checked_in(site, first, min(PRODUCED_AT_ONCE, number - first + 1))
        await asyncio.gather(*[await producer.send(topic, value, partition=0) for value in values])
    await producer.stop()


async def product(url: str, kafka: str, topic: str, site: str, number: int) -> float:
    """Into an empty database, the first `number` events."""
    sample = branch()
    identity = sample.site.site.model_copy(update={"id": site})
    here = sample.model_copy(update={"site": sample.site.model_copy(update={"site": identity})})
    store = await Store.open(url, CARS, here, RealClock())
    for name in ("cars", "positions", "gates"):
        await store.collection(name).delete_many({})
    applying = Applying(store, Turns(store))
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, enable_auto_commit=False, fetch_max_wait_ms=50)
    await consumer.start()
    consumer.assign([partition := TopicPartition(topic, 0)])
    await consumer.seek_to_beginning(partition)
    begun, seen = time.perf_counter(), 0
    while seen < number:
        batches = await consumer.getmany(timeout_ms=1000, max_records=min(BATCH_SIZE, number - seen))
        for messages in batches.values():
            await applying.apply([Envelope.model_validate_json(message.value) for message in messages])
            seen += len(messages)
    rate = seen / (time.perf_counter() - begun)
    assert await store.collection("cars").count_documents({}) == number, "the read model lacks something"
    await consumer.stop()
    store.close()
    return rate


async def measure(*, short: bool) -> list[Figure]:
    events, applied, rounds = (20_000, 600, 2) if short else (1_000_000, 20_000, 3)
    site, topic = f"B{secrets.token_hex(4).upper()}", f"bench.{secrets.token_hex(4)}"
    with folder() as at, database(at) as url, broker(at) as kafka:
        await publish(kafka, topic, site, events)
        ours, bare = [], []
        for _ in range(rounds):
            ours.append(await product(url, kafka, topic, site, applied))
            bare.append(await bare_rebuild.read(kafka, topic, events))
        return [at_least("rebuild", 0.4, ours, bare, "/s"), *_beside(kafka, topic, events // 10, ours)]


def _beside(kafka: str, topic: str, number: int, ours: Sequence[float]) -> list[Figure]:
    """quixstreams stands in an environment of its own, which `make bench` makes: it wants an older pydantic."""
    if not QUIXSTREAMS.exists():
        return [Figure("rebuild, beside quixstreams", None, None, False, "", f"no {QUIXSTREAMS.relative_to(ROOT)}: `make bench` makes it")]
    command = [str(QUIXSTREAMS), "-m", "bench.bare_quixstreams", kafka, topic, str(number)]
    done = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        return [Figure("rebuild, beside quixstreams", None, None, False, "", f"failed: {last[:100]}")]
    version, rate = done.stdout.split()[-2:]
    return [at_least(f"rebuild, beside quixstreams {version}", None, ours, [float(rate)], "/s")]
