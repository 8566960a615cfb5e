"""A follow-up that runs: its API over a database of the test's own, events told to it as the intake tells them, a clock to step."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from services.followup.app import FOLLOWUP
from services.followup.reactions import REACTIONS
from shared.auth import Person, Unauthenticated
from shared.branch import Branch
from shared.contracts.envelope import Envelope
from shared.contracts.event import Event
from shared.contracts.records import CustomerRecord, VehicleRecord
from shared.store import Store
from shared.timers import TimerLoop
from shared.unit import Unit
from tests.followup.people import CUSTOMER, PHONE, VEHICLE, local
from tests.publishing import publisher_of
from tests.served import served


@dataclass
class HandClock:
    """Business time, moved by the test."""

    at: datetime

    def now(self) -> datetime:
        return self.at.astimezone(UTC)


class StaffOf:
    """Takes a staff id for its token: who may do what is judged as always."""

    def __init__(self, branch: Branch) -> None:
        self._branch = branch

    async def person(self, token: str | None) -> Person:
        if token not in self._branch.staff:
            raise Unauthenticated
        member = self._branch.staff[token]
        return Person(id=member.id, name=member.name, sites=(self._branch.site.id,), roles=member.roles)


@dataclass
class Agent:
    """A person at the API."""

    http: httpx.AsyncClient
    staff: str = "agent-1"

    async def send(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        given = {"Authorization": f"Bearer {self.staff}", **{name.replace("_", "-"): value for name, value in headers.items()}}
        return await self.http.request(method, path, json=body, headers=given)

    async def get(self, path: str) -> Any:
        answer = await self.send("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, body: Any = None, **headers: str) -> Any:
        answer = await self.send("POST", path, body, **headers)
        assert answer.is_success, answer.text
        return answer.json()

    async def refused(self, clause: str, path: str, body: Any = None) -> dict[str, Any]:
        answer = await self.send("POST", path, body)
        assert (answer.status_code, answer.json().get("clause")) == (409, clause), answer.text
        problem: dict[str, Any] = answer.json()
        return problem

    def who_is(self, staff: str) -> "Agent":
        return Agent(self.http, staff)


@pytest.fixture
def clock() -> HandClock:
    return HandClock(local("2026-03-09 08:10"))


@pytest.fixture
async def store(mongo_url: str, branch: Branch, clock: HandClock) -> AsyncIterator[Store]:
    opened = await Store.open(mongo_url, FOLLOWUP, branch, clock)
    await _know_the_customer(opened)
    yield opened
    opened.close()


async def _know_the_customer(store: Store) -> None:
    """What the intake keeps of the topic `customers`."""
    customer = CustomerRecord(name="李丽", phone=PHONE, address="北京市东城区东直门外大街1号").model_dump(mode="json")
    vehicle = VehicleRecord(vin="LFPH3APC2RC879156", plate="京GED411").model_dump(mode="json")
    for key, body in ((f"customer:{CUSTOMER}", customer), (f"vehicle:{VEHICLE}", vehicle)):
        row = {"_id": key, "revision": 1, "department": "reception", "body": body}
        await store.collection("records").insert_one(row)


@pytest.fixture
async def agent(store: Store, branch: Branch) -> AsyncIterator[Agent]:
    app = served(FOLLOWUP, store, StaffOf(branch))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://followup") as http:
        yield Agent(http)


Tell = Callable[[Event], Awaitable[None]]


@pytest.fixture
def tell(store: Store) -> Tell:
    """Lets follow-up hear of an event that happens now; all its reactions are in one transaction, as in the intake."""
    numbers = itertools.count(1)

    async def hear(event: Event) -> None:
        async def react(unit: Unit) -> None:
            for reaction in REACTIONS[type(event)]:
                await reaction(event, unit)

        await store.transact(react, actor="system", correlation="c-1", cause=envelope_of(event, store, next(numbers)))

    return hear


Until = Callable[[str], Awaitable[None]]


@pytest.fixture
def until(store: Store, clock: HandClock) -> Until:
    """Steps the clock to a local time; what is due by then fires."""
    loop = TimerLoop(store)

    async def step(moment: str) -> None:
        clock.at = local(moment)
        while await loop.fire_due():
            pass

    return step


async def heard_beside(event: Event, store: Store, happens: Callable[[], Awaitable[Any]]) -> int:
    """Hears of the event, as the intake does, while something happens beside it; how often it was tried."""
    tries = 0

    async def beside(unit: Unit) -> None:
        nonlocal tries
        tries += 1
        for reaction in REACTIONS[type(event)]:
            await reaction(event, unit)
        if tries == 1:
            await happens()

    await store.transact(beside, actor="system", correlation="c-1", cause=envelope_of(event, store, 99))
    return tries


def envelope_of(event: Event, store: Store, seq: int) -> Envelope:
    department = publisher_of(event)
    visit = getattr(event, "visit", "")
    return Envelope(
        id=f"{event.TYPE}:{visit}:{seq}",
        source=f"{store.site.id}/{department}",
        type=event.wire_type(department),
        time=store.clock.now(),
        subject=visit,
        site=store.site.id,
        department=department,
        epoch=1,
        partition=0,
        seq=seq,
        aggregate=f"{department}:{visit}",
        version=seq,
        ordinal=0,
        actor="somebody",
        correlationid="c-1",
        data=event.model_dump(mode="json"),
    )
