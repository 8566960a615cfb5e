"""From a QC pass answered to wash job and delivery case readable, against a bare chain of transaction, send, receive, transaction.

Readable means: a look at the database, every 4 ms, finds both; product and baseline are looked at alike, and by turns.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from bench import orders
from bench.client import Client, Request
from bench.figure import Figure, at_most, p99
from bench.servers import folder, programs
from bench.site import Site, site
from deploy.local.embedded import free_port

LOOK_SECONDS = 0.004
PATIENCE = 60.0
A_SECOND = 50
DATABASES = ("bench_sender", "bench_receiver")


@dataclass
class Watch:
    """Waits for effects: `collections` are where both appear, `effect` what a row has then."""

    collections: Sequence[tuple[Any, dict[str, Any]]]
    awaited: dict[str, float] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)

    async def until_all_are_there(self) -> None:
        """Of what is awaited, now or later until then; each with the time from its answer."""
        deadline = time.perf_counter() + PATIENCE
        while self.awaited:
            there = set(self.awaited)
            for collection, effect in self.collections:
                if there:
                    where = {"_id": {"$in": list(there)}, **effect}
                    there = {row["_id"] async for row in collection.find(where, {"_id": 1})}
            now = time.perf_counter()
            self.seconds += [now - self.awaited.pop(visit) for visit in there]
            if now > deadline:
                raise TimeoutError(f"{len(self.awaited)} effects did not come within {PATIENCE:.0f} s")
            await asyncio.sleep(LOOK_SECONDS)


Sent = tuple[str, Request]
AtRest = Callable[[], Awaitable[None]]


async def idle(sent: Sequence[Sent], watch: Watch, at_rest: AtRest) -> list[float]:
    """One at a time, nothing else under way: neither what follows from the one before."""
    client = Client()
    for visit, request in sent:
        await at_rest()
        await client.send(request)
        watch.awaited[visit] = time.perf_counter()
        await watch.until_all_are_there()
    client.close()
    return watch.seconds


async def loaded(sent: Sequence[Sent], watch: Watch, at_rest: AtRest) -> list[float]:
    """50 a second, whether or not the ones before are through."""
    await at_rest()
    clients: asyncio.Queue[Client] = asyncio.Queue()
    looking: asyncio.Task[None] | None = None

    async def one(visit: str, request: Request) -> None:
        nonlocal looking
        client = clients.get_nowait() if not clients.empty() else Client()
        await client.send(request)
        clients.put_nowait(client)
        watch.awaited[visit] = time.perf_counter()
        if looking is None or looking.done():
            looking = asyncio.create_task(watch.until_all_are_there())

    begun, under_way = time.perf_counter(), []
    for number, (visit, request) in enumerate(sent):
        await asyncio.sleep(max(0.0, begun + number / A_SECOND - time.perf_counter()))
        under_way.append(asyncio.create_task(one(visit, request)))
    await asyncio.gather(*under_way)
    if looking:
        await looking
    while not clients.empty():
        clients.get_nowait().close()
    return watch.seconds


class Chain:
    """The bare program: a process that sends and reacts, and one that reacts."""

    def __init__(self, running: Site) -> None:
        self.site = running
        self.port = free_port()

    def commands(self) -> list[tuple[str, ...]]:
        mongo, kafka = self.site.stack.mongo_url, self.site.stack.kafka_url
        receiver = ("bench.bare_chain", "receiver", mongo, DATABASES[1], kafka, "-")
        return [receiver, ("bench.bare_chain", "sender", mongo, DATABASES[0], kafka, str(self.port))]

    async def prepare(self) -> None:
        for name in DATABASES:
            for collection in ("passes", "passes_journal", "effects", "effects_journal"):
                await self.site.databases[name].create_collection(collection)

    async def requests(self, number: int) -> list[Sent]:
        body = orders.to_inspect()["workshop", "jobs"]["recommendations"]
        return [(visit, Request(self.port, f"/{visit}", body)) for visit in (secrets.token_hex(8) for _ in range(number))]

    def watch(self) -> Watch:
        return Watch([(self.site.databases[name]["effects"], {}) for name in DATABASES])

    async def at_rest(self) -> None:
        """The effects are all that it does."""


class Product:
    def __init__(self, running: Site) -> None:
        self.site = running

    async def requests(self, number: int) -> list[Sent]:
        return [(visit, self.site.pass_qc(visit)) for visit in await self.site.seed(orders.to_inspect(), number)]

    def watch(self) -> Watch:
        cases = (self.site.database("delivery")["cases"], {"revision": 1})
        return Watch([(self.site.database("workshop")["jobs"], {"wash_opened": True}), cases])

    async def at_rest(self) -> None:
        await self.site.at_rest()


async def measure(*, short: bool) -> list[Figure]:
    with folder() as at:
        return await _measure(at, rounds=2 if short else 4, each=25 if short else 60)


async def _measure(at: Path, *, rounds: int, each: int) -> list[Figure]:
    figures = []
    async with site(at) as running:
        product, chain = Product(running), Chain(running)
        await chain.prepare()
        async with programs(at, *chain.commands()):
            for name, way, number in (("idle", idle, each), (f"at {A_SECOND}/s", loaded, each * 3)):
                took: dict[str, list[float]] = {"product": [], "chain": []}
                for kind in (product, chain):
                    await idle(await kind.requests(5), kind.watch(), kind.at_rest)
                for _ in range(rounds):
                    took["product"] += await way(await product.requests(number), product.watch(), product.at_rest)
                    await product.at_rest()
                    took["chain"] += await way(await chain.requests(number), chain.watch(), chain.at_rest)
                figures += compared(name, took["product"], took["chain"])
    return figures


def compared(name: str, product: Sequence[float], chain: Sequence[float]) -> list[Figure]:
    ms = [value * 1000 for value in product], [value * 1000 for value in chain]
    return [
        at_most(f"reaction {name}, median", 1.5, median(ms[0]), median(ms[1]), " ms"),
        at_most(f"reaction {name}, p99", 2.0, p99(ms[0]), p99(ms[1]), " ms"),
    ]
