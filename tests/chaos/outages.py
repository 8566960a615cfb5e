"""How long something did not work: every department is asked whether it is ready and what it has applied, the entry whether it is there,
and the database to write.
"""

import asyncio
import itertools
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import PyMongoError

from deploy.local.embedded import HOST, database_url
from deploy.local.stack import Stack
from servicelane.flow import Flow, distances
from shared.contracts.event import DEPARTMENTS

EVERY = 0.25
SLOW_SECONDS = 2.0
"""What takes longer does not work."""
DEAF_SECONDS = 5.0
"""So long a department may lack something and apply nothing of that partition: it says all the while that it is ready."""
STEADY_SECONDS = 3.0
"""So long all has to work before a fault counts as overcome: what was struck notices it only after a while."""


class Hearing:
    """Whether every department hears what it has not applied yet, partition by partition, from one look at the flow to the next."""

    def __init__(self) -> None:
        self._since: dict[tuple[str, str, str, int], float] = {}

    def is_deaf(self, flow: Flow, now: float) -> bool:
        """Whether somewhere nothing was applied for `DEAF_SECONDS`, though something was there; `now` in seconds, of any beginning."""
        lacking = {(it.reader, it.writer, it.partition, it.applied) for it in distances(flow) if it.applied < it.newest}
        self._since = {standing: self._since.get(standing, now) for standing in lacking}
        return any(now - since > DEAF_SECONDS for since in self._since.values())


class Watch:
    """`down_at` is the last moment at which something did not work. Departments are asked past what is cut; database and entry are not:
    `ports` are where their callers reach them.
    """

    def __init__(self, stack: Stack, ports: Mapping[str, int]) -> None:
        self._stack = stack
        self._ports = ports
        self._hearing = Hearing()
        self.down_at = time.monotonic()

    async def look(self) -> None:
        slow = int(SLOW_SECONDS * 1000)
        client: Any = AsyncIOMotorClient(database_url(self._ports["database"]), serverSelectionTimeoutMS=slow // 2, socketTimeoutMS=slow)
        try:
            async with httpx.AsyncClient(timeout=SLOW_SECONDS, trust_env=False) as http:
                for number in itertools.count():
                    asked = [f"{self._stack.address(name)}/health/ready" for name in DEPARTMENTS]
                    asked.append(f"http://{HOST}:{self._ports['entry']}/health/live")
                    answers = (_answers(http, url) for url in asked)
                    if not all(await asyncio.gather(_is_written(client, number), self._hears(http), *answers)):
                        self.down_at = time.monotonic()
                    await asyncio.sleep(EVERY)
        finally:
            client.close()

    async def _hears(self, http: httpx.AsyncClient) -> bool:
        """Who does not answer is not ready either, and is asked that too."""
        try:
            looks = await asyncio.gather(*(http.get(f"{self._stack.address(name)}/health/flow") for name in DEPARTMENTS))
        except httpx.HTTPError:
            return True
        if not all(look.is_success for look in looks):
            return True
        return not self._hearing.is_deaf({name: look.json() for name, look in zip(DEPARTMENTS, looks, strict=True)}, time.monotonic())

    async def outage_since(self, struck_at: float, over: Callable[[], bool], patience: float) -> float | None:
        """Seconds from the strike to the last moment at which something did not work; None where that goes on beyond the patience."""
        while not over() or time.monotonic() - max(self.down_at, struck_at) < STEADY_SECONDS:
            if time.monotonic() - struck_at > patience:
                return None
            await asyncio.sleep(EVERY)
        return max(0.0, self.down_at - struck_at)


async def _answers(http: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await http.get(url)).is_success
    except httpx.HTTPError:
        return False


async def _is_written(client: Any, number: int) -> bool:
    try:
        await client["chaos"]["writes"].replace_one({"_id": "newest"}, {"number": number}, upsert=True)
    except PyMongoError:
        return False
    return True
