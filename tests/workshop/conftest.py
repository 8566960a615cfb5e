"""A workshop that runs: its department on a database of the test's own, told events as the intake tells them."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
import pytest

from services.workshop.app import WORKSHOP
from services.workshop.reactions import REACTIONS
from shared.auth import Person, Unauthenticated
from shared.branch import Branch
from shared.contracts.envelope import Envelope
from shared.contracts.event import Event
from shared.store import Store
from tests.publishing import publisher_of
from tests.served import served
from tests.workshop.shop import NOW

Tell = Callable[[Event], Awaitable[None]]
Settle = Callable[[], Awaitable[None]]
OWN = {kind.TYPE: kind for kind in REACTIONS if kind.TYPE.startswith("workshop.")}


class StandingClock:
    def now(self) -> datetime:
        return NOW


@pytest.fixture
async def store(mongo_url: str, branch: Branch) -> AsyncIterator[Store]:
    opened = await Store.open(mongo_url, WORKSHOP, branch, StandingClock())
    yield opened
    opened.close()


@pytest.fixture
def tell(store: Store) -> Tell:
    """Lets the workshop hear of an event, all its reactions in one transaction, as in the intake."""
    numbers = itertools.count(1)

    async def hear(event: Event) -> None:
        cause = envelope(event, store, next(numbers))

        async def react(unit: Any) -> None:
            for reaction in REACTIONS[type(event)]:
                await reaction(event, unit)

        await store.transact(react, actor="system", correlation="c-1", cause=cause)

    return hear


@pytest.fixture
def settle(store: Store, tell: Tell) -> Callable[[], Awaitable[None]]:
    """Lets the workshop hear of its own events as its topic brings them, until there are no new ones."""
    heard: set[str] = set()

    async def hear_all() -> None:
        while new := [
            row async for row in store.collection("journal").find({"_id": {"$nin": list(heard)}}).sort([("subject", 1), ("k", 1)])
        ]:
            for row in new:
                heard.add(row["_id"])
                if kind := OWN.get(row["type"]):
                    await tell(kind.model_validate(row["data"]))

    return hear_all


def envelope(event: Event, store: Store, seq: int) -> Envelope:
    said = event.model_dump()
    subject = said.get("visit") or said.get("part_no") or said["person"]
    department = publisher_of(event)
    return Envelope(
        id=f"{event.TYPE}:{subject}:{seq}",
        source=f"{store.site.id}/{department}",
        type=event.TYPE,
        time=NOW,
        subject=subject,
        site=store.site.id,
        department=department,
        epoch=1,
        partition=0,
        seq=seq,
        aggregate=f"{department}:{subject}",
        version=seq,
        ordinal=0,
        actor="advisor-1",
        correlationid="c-1",
        data=event.model_dump(mode="json"),
    )


class StaffOf:
    """Takes a staff id for its token: who may do what is judged as always."""

    def __init__(self, branch: Branch) -> None:
        self._branch = branch

    async def person(self, token: str | None) -> Person:
        if token not in self._branch.staff:
            raise Unauthenticated
        member = self._branch.staff[token]
        return Person(id=member.id, name=member.name, sites=(self._branch.site.id,), roles=member.roles)


@dataclass(frozen=True)
class Floor:
    """The people of the workshop at its API."""

    http: httpx.AsyncClient

    async def send(self, staff: str, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        given = {"Authorization": f"Bearer {staff}", **{name.replace("_", "-"): value for name, value in headers.items()}}
        return await self.http.request(method, path, json=body, headers=given)

    async def get(self, staff: str, path: str) -> Any:
        answer = await self.send(staff, "GET", path)
        assert answer.is_success, answer.text
        return answer.json()

    async def post(self, staff: str, path: str, body: Any = None) -> Any:
        answer = await self.send(staff, "POST", path, body)
        assert answer.is_success, f"{path}: {answer.text}"
        return answer.json()

    async def refused(self, clause: str, staff: str, path: str, body: Any = None) -> dict[str, Any]:
        answer = await self.send(staff, "POST", path, body)
        problem: dict[str, Any] = answer.json()
        assert (answer.status_code, problem["clause"]) == (409, clause), answer.text
        return problem


@pytest.fixture
async def floor(store: Store, branch: Branch) -> AsyncIterator[Floor]:
    app = served(WORKSHOP, store, StaffOf(branch))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://workshop") as http:
        yield Floor(http)
