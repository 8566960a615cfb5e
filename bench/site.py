"""A running site to measure: the embedded stack, its databases for seeding and for seeing effects, and its people's commands."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from motor.motor_asyncio import AsyncIOMotorClient

from bench import orders
from bench.client import Request
from bench.servers import BRANCH
from deploy.local.stack import Stack, embedded_stack
from servicelane.flow import unsettled
from shared.branch import Branch
from tests.workshop import shop

ADVISOR = "advisor-1"
BULK = 500


@dataclass
class Site:
    stack: Stack
    databases: Any
    name: str
    tokens: Mapping[str, str]

    def database(self, department: str) -> Any:
        return self.databases[f"{self.name}_{department}"]

    async def seed(self, template: orders.Rows, number: int) -> list[str]:
        """So many visits as the template has one; their ids."""
        visits = [f"bench-{secrets.token_hex(8)}" for _ in range(number)]
        for first in range(0, number, BULK):
            rows = orders.copies(template, visits[first : first + BULK])
            for (department, collection), documents in rows.items():
                await self.database(department)[collection].insert_many(documents, ordered=False)
        return visits

    def sign(self, visit: str) -> Request:
        return self._command("reception", ADVISOR, f"/visits/{visit}/order/signature", {"content_hash": orders.hash_to_sign(visit)})

    def dispatch(self, visit: str) -> Request:
        given = {"priority": 3, "assignments": [{"item": shop.ITEM, "team": "team-e"}]}
        return self._command("workshop", shop.SUPERVISOR, f"/jobs/{visit}/dispatch", given)

    def pass_qc(self, visit: str) -> Request:
        return self._command("workshop", shop.QC, f"/jobs/{visit}/final-inspection", {"revision": 1})

    def _command(self, department: str, person: str, path: str, body: Any) -> Request:
        headers = {"Authorization": f"Bearer {self.tokens[person]}", "Idempotency-Key": secrets.token_hex(16)}
        return Request(self.stack.ports[department], path, body, headers)

    async def written_out(self) -> None:
        """What was seeded in bulk is on the disk: its writing would hold up every commit that is measured."""
        await self.databases.admin.command("fsync")

    async def at_rest(self, seconds: float = 120) -> None:
        """Returns when every effect is there."""
        async with asyncio.timeout(seconds), httpx.AsyncClient(trust_env=False, timeout=20) as http:
            while True:
                answer = await http.get(f"{self.stack.url}/flow")
                if answer.status_code == 200 and not unsettled(answer.json()):
                    return
                await asyncio.sleep(0.1)


@asynccontextmanager
async def site(at: Path, people: Sequence[str] = (ADVISOR, shop.SUPERVISOR, shop.QC)) -> AsyncIterator[Site]:
    """Ready and at rest; business time stands still at the seeded visits' morning."""
    async with embedded_stack(at / "stack", BRANCH, clock="stepped", start=orders.NOW) as stack:
        databases: Any = AsyncIOMotorClient(stack.mongo_url)
        async with httpx.AsyncClient(base_url=stack.url, trust_env=False) as http:
            tokens = {}
            for person in people:
                answer = (await http.post("/issuer/token", json={"person": person})).raise_for_status()
                tokens[person] = answer.json()["access_token"]
        running = Site(stack, databases, Branch.load(BRANCH).site.id.lower(), tokens)
        try:
            await running.at_rest()
            yield running
        finally:
            databases.close()
