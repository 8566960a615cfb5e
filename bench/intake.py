"""Events a second to durable effect in one worker: as delivery's intake applies cars checked in (a case and its journal entry each)."""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient

from bench import bare_faststream
from bench.bare_intake import Bare
from bench.events import checked_in
from bench.figure import Figure, at_least
from bench.servers import branch, broker, database, folder
from services.delivery.app import DELIVERY
from shared.applying import Applying
from shared.clock import RealClock
from shared.contracts.envelope import Envelope
from shared.intake import BATCH_SIZE
from shared.store import Store
from shared.waiting import Turns

Way = Callable[[Sequence[bytes]], Awaitable[None]]


class Product:
    """What the intake's worker does with what its queue holds, 200 at a time; Kafka is left out on both sides."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.applying = Applying(store, Turns(store))
        self.seq = 0

    def values(self, number: int) -> list[bytes]:
        first, self.seq = self.seq + 1, self.seq + number
        return list(checked_in(self.store.site.id, first, number))

    async def apply(self, values: Sequence[bytes]) -> None:
        for first in range(0, len(values), BATCH_SIZE):
            await self.applying.apply([Envelope.model_validate_json(value) for value in values[first : first + BATCH_SIZE]])


async def timed(way: Way, values: Sequence[bytes]) -> float:
    begun = time.perf_counter()
    await way(values)
    return len(values) / (time.perf_counter() - begun)


async def in_batches(bare: Bare, values: Sequence[bytes]) -> None:
    for first in range(0, len(values), BATCH_SIZE):
        await bare.together(values[first : first + BATCH_SIZE])


async def measure(*, short: bool) -> list[Figure]:
    with folder() as at, database(at) as url, broker(at) as kafka:
        return await _measure(url, kafka, rounds=3 if short else 6, each=600 if short else 2_000)


async def _measure(url: str, kafka: str, *, rounds: int, each: int) -> list[Figure]:
    client: Any = AsyncIOMotorClient(url)
    site = branch()
    store = await Store.open(url, DELIVERY, site, RealClock())
    product = Product(store)
    await product.apply(product.values(BATCH_SIZE))
    bare = Bare(client, f"{site.site.id.lower()}_bare", *await _written(store))
    await bare.prepare()
    indexed = Bare(client, f"{site.site.id.lower()}_indexed", *await _written(store))
    await indexed.prepare(store.collection("cases"), store.collection("journal"))
    rates: dict[str, list[float]] = {"product": [], "bulk": [], "indexed": [], "single": []}
    for _ in range(rounds):
        rates["product"].append(await timed(product.apply, product.values(each)))
        rates["bulk"].append(await timed(lambda values: in_batches(bare, values), _others(each)))
        rates["indexed"].append(await timed(lambda values: in_batches(indexed, values), _others(each)))
        rates["single"].append(await timed(bare.one_by_one, _others(each // 10)))
    assert await store.collection("cases").count_documents({}) == product.seq, "an effect is missing"
    store.close()
    return [
        at_least("intake, against one transaction an event", 5.0, rates["product"], rates["single"], "/s"),
        at_least("intake, against the bulk write limit", 0.6, rates["product"], rates["bulk"], "/s"),
        at_least("intake, beside bulk writes into the product's indexes", None, rates["product"], rates["indexed"], "/s"),
        *await bare_faststream.beside(url, kafka, rates["product"], each),
    ]


def _others(number: int) -> list[bytes]:
    return list(checked_in("X", 1, number, run=secrets.token_hex(4)))


async def _written(store: Store) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the product stored of one event."""
    state = await store.collection("cases").find_one({})
    entry = await store.collection("journal").find_one({"subject": state["_id"]}) if state else None
    assert state and entry
    return state, entry
