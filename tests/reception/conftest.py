"""A reception that runs: its API over a database of the test's own, and events told to it as the intake tells them."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import httpx
import pytest

from services.reception.app import RECEPTION
from services.reception.reactions import REACTIONS
from shared.auth import Person, Unauthenticated
from shared.branch import Branch
from shared.contracts.envelope import Envelope
from shared.contracts.event import Event
from shared.contracts.followup import SiteSettingChanged
from shared.store import Store
from shared.timers import TimerLoop
from shared.waiting import Turns
from tests.publishing import publisher_of
from tests.reception.counter import NOW
from tests.served import served

PICTURES = ("ab" * 32, "cd" * 32)
"""Those that visits of these tests name."""


@dataclass
class HandClock:
    """Business time, moved by the test."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def goes(self, **by: float) -> None:
        self.at += timedelta(**by)


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
class Desk:
    """A person at the API."""

    http: httpx.AsyncClient
    staff: str = "advisor-1"

    async def send(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        given = {"Authorization": f"Bearer {self.staff}", **{name.replace("_", "-"): value for name, value in headers.items()}}
        return await self.http.request(method, path, json=body, headers=given)

    async def ok(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        answer = await self.send(method, path, body, **headers)
        assert answer.is_success, answer.text
        return answer.json()

    async def refused(self, clause: str, method: str, path: str, body: Any = None, status: int = 409) -> dict[str, Any]:
        answer = await self.send(method, path, body)
        assert (answer.status_code, answer.json()["clause"]) == (status, clause), answer.text
        problem: dict[str, Any] = answer.json()
        return problem

    def who_is(self, staff: str) -> "Desk":
        return Desk(self.http, staff)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def store(mongo_url: str, branch: Branch, clock: HandClock) -> AsyncIterator[Store]:
    opened = await Store.open(mongo_url, RECEPTION, branch, clock, group_key="a key of the group")
    await opened.collection("pictures.files").insert_many([{"filename": sha256} for sha256 in PICTURES])
    yield opened
    opened.close()


@pytest.fixture
async def desk(store: Store, branch: Branch) -> AsyncIterator[Desk]:
    app = served(RECEPTION, store, StaffOf(branch))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://reception") as http:
        yield Desk(http)


Tell = Callable[[Event, str], Awaitable[None]]


@pytest.fixture
def tell(store: Store) -> Tell:
    """Lets reception hear of an event about a subject; all its reactions are in one transaction, as in the intake."""
    numbers = itertools.count(1)

    async def hear(event: Event, subject: str) -> None:
        cause = envelope(event, subject, store, next(numbers))

        async def react(unit: Any) -> None:
            for reaction in REACTIONS[type(event)]:
                await reaction(event, unit)

        await store.transact(react, actor="system", correlation="c-1", cause=cause)

    return hear


def envelope(event: Event, subject: str, store: Store, seq: int) -> Envelope:
    department = publisher_of(event)
    attributes: Mapping[str, Any] = {"source": f"{store.site.id}/{department}", "type": event.TYPE, "time": NOW, "subject": subject}
    numbers: Mapping[str, Any] = {"epoch": 1, "partition": 0, "seq": seq, "version": seq, "ordinal": 0}
    return Envelope(
        id=f"{event.TYPE}:{subject}:{seq}",
        site=store.site.id,
        department=department,
        aggregate=f"{department}:{subject}",
        actor="somebody",
        correlationid="c-1",
        data=event.model_dump(mode="json"),
        **attributes,
        **numbers,
    )


ChangeSetting = Callable[..., Awaitable[None]]


@pytest.fixture
def change_setting(store: Store) -> ChangeSetting:
    """Lets reception hear that the business supervisor changed settings, one after the other, with all that every department does then."""
    numbers = itertools.count(1)

    async def hear(*changes: tuple[str, Any]) -> None:
        for key, value in changes:
            event = SiteSettingChanged(key=key, value=value, by="bizsup-1", reason="text:followup:1")
            cause = envelope(event, "site_changes", store, next(numbers))
            react = partial(Turns(store).handlers.react, cause)
            await store.transact(react, actor="system", correlation="c-1", cause=cause)

    return hear


@pytest.fixture
def timers(store: Store) -> TimerLoop:
    """Fires what is due: `await timers.fire_due()`."""
    return TimerLoop(store)
