"""How long something did not work: every department is asked whether it is ready, and the database to write, again and again."""

import asyncio
import itertools
import time
from collections.abc import Callable
from typing import Any

import httpx
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import PyMongoError

from deploy.local.embedded import database_url
from deploy.local.stack import Stack
from shared.contracts.event import DEPARTMENTS

EVERY = 0.25
SLOW_SECONDS = 2.0
"""What takes longer does not work."""
STEADY_SECONDS = 3.0
"""So long all has to work before a fault counts as overcome: what was struck notices it only after a while."""


class Watch:
    """`down_at` is the last moment at which something did not work. Departments are asked past what is cut, the database is not."""

    def __init__(self, stack: Stack, database_port: int) -> None:
        self._stack = stack
        self._database_port = database_port
        self.down_at = time.monotonic()

    async def look(self) -> None:
        slow = int(SLOW_SECONDS * 1000)
        client: Any = AsyncIOMotorClient(database_url(self._database_port), serverSelectionTimeoutMS=slow // 2, socketTimeoutMS=slow)
        try:
            async with httpx.AsyncClient(timeout=SLOW_SECONDS, trust_env=False) as http:
                for number in itertools.count():
                    departments = (self._is_ready(http, name) for name in DEPARTMENTS)
                    if not all(await asyncio.gather(_is_written(client, number), *departments)):
                        self.down_at = time.monotonic()
                    await asyncio.sleep(EVERY)
        finally:
            client.close()

    async def _is_ready(self, http: httpx.AsyncClient, name: str) -> bool:
        try:
            return (await http.get(f"{self._stack.address(name)}/health/ready")).is_success
        except httpx.HTTPError:
            return False

    async def outage_since(self, struck_at: float, over: Callable[[], bool], patience: float) -> float | None:
        """Seconds from the strike to the last moment at which something did not work; None where that goes on beyond the patience."""
        while not over() or time.monotonic() - max(self.down_at, struck_at) < STEADY_SECONDS:
            if time.monotonic() - struck_at > patience:
                return None
            await asyncio.sleep(EVERY)
        return max(0.0, self.down_at - struck_at)


async def _is_written(client: Any, number: int) -> bool:
    try:
        await client["chaos"]["writes"].replace_one({"_id": "newest"}, {"number": number}, upsert=True)
    except PyMongoError:
        return False
    return True
