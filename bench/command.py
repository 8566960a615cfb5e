"""Commands a second: signed order, dispatch, QC pass over HTTP with 32 clients, against bare FastAPI and motor with one transaction."""

from __future__ import annotations

import secrets
from pathlib import Path

from bench import orders
from bench.client import Request, all_at_once
from bench.figure import Figure, at_least
from bench.servers import folder, programs
from bench.site import Site, site
from deploy.local.embedded import free_port

CLIENTS = 32
DATABASE = "bench_command"
HERE = ("ordered", "accepted", "dispatched", "qc_passed", "to_wash")
BODY = {"visit": "visit-1", "inspector": "qc-1", "revision": 1, "round": 1, "items": ["item-1"], "wash": True, "content_hash": "0" * 64}


class Bare:
    """Two bare processes, as the product's commands go to two departments."""

    def __init__(self, running: Site) -> None:
        self.site = running
        self.ports = (free_port(), free_port())

    def commands(self) -> list[tuple[str, ...]]:
        return [("bench.bare_command", self.site.stack.mongo_url, DATABASE, str(port)) for port in self.ports]

    async def requests(self, each: int) -> list[Request]:
        """As many as the product gets: one of three at the first process, with states as big as the product's."""
        state = orders.to_inspect()["workshop", "jobs"]
        visits = [secrets.token_hex(8) for _ in range(3 * each)]
        await self.site.databases[DATABASE]["states"].insert_many([{**state, "_id": visit} for visit in visits])
        return [Request(self.ports[number % 3 > 0], f"/{visit}", BODY) for number, visit in enumerate(visits)]


async def of_product(running: Site, each: int) -> list[Request]:
    """Of each kind so many, mixed."""
    signed = [running.sign(visit) for visit in await running.seed(orders.to_sign(), each)]
    given = [running.dispatch(visit) for visit in await running.seed(orders.to_dispatch(), each)]
    passed = [running.pass_qc(visit) for visit in await running.seed(orders.to_inspect(), each)]
    return [request for three in zip(signed, given, passed, strict=True) for request in three]


async def clear_shop(running: Site) -> None:
    """Cars of the rounds before have left: a branch has some dozens of open jobs, not thousands."""
    await running.at_rest()
    await running.database("workshop")["jobs"].update_many({"stage": {"$in": HERE}}, {"$set": {"stage": "parked"}})
    await running.database("reception")["board"].update_many({"stage": {"$ne": "left"}}, {"$set": {"stage": "left"}})


async def measure(*, short: bool) -> list[Figure]:
    rounds, each = (3, 20) if short else (6, 50)
    with folder() as at:
        return await _measure(at, rounds, each)


async def _measure(at: Path, rounds: int, each: int) -> list[Figure]:
    product, baseline = [], []
    async with site(at) as running:
        bare = Bare(running)
        async with programs(at, *bare.commands()):
            await all_at_once(await of_product(running, 8), CLIENTS)
            await all_at_once(await bare.requests(8), CLIENTS)
            for _ in range(rounds):
                await clear_shop(running)
                product.append(await all_at_once(await of_product(running, each), CLIENTS))
                await running.at_rest()
                baseline.append(await all_at_once(await bare.requests(each), CLIENTS))
    return [at_least("command", 0.7, product, baseline, "/s")]
