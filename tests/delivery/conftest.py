"""A delivery that runs: its department on a database of the test's own, told events as the intake tells them."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime

import pytest

from services.delivery.app import DELIVERY
from services.delivery.reactions import REACTIONS
from shared.branch import Branch
from shared.contracts import delivery
from shared.contracts.envelope import Envelope
from shared.contracts.event import Event, VisitEvent, event_types
from shared.store import Store
from shared.timers import TimerLoop
from shared.unit import Unit
from tests.delivery.desk import NOW
from tests.delivery.people import Desk, Tell, desk_of
from tests.publishing import publisher_of

CatchUp = Callable[[], Awaitable[None]]
Until = Callable[[datetime], Awaitable[None]]

OWN = {kind.TYPE: kind for kind in event_types(vars(delivery))}


class SteppedClock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


@pytest.fixture
async def store(mongo_url: str, branch: Branch, clock: SteppedClock) -> AsyncIterator[Store]:
    opened = await Store.open(mongo_url, DELIVERY, branch, clock)
    yield opened
    opened.close()


@pytest.fixture
async def desk(store: Store) -> AsyncIterator[Desk]:
    async with desk_of(store) as people:
        yield people


@pytest.fixture
def tell(store: Store) -> Tell:
    """Lets delivery hear of an event, each in a transaction of its own cause."""
    numbers = itertools.count(1)

    async def hear(event: VisitEvent) -> None:
        await _react(store, event, _envelope(event, store, next(numbers)))

    return hear


@pytest.fixture
def catch_up(store: Store) -> CatchUp:
    """Lets delivery hear of its own events, as it does from its topic, until it has nothing more to say."""
    heard: set[str] = set()

    async def hear_own() -> None:
        while rows := [row async for row in store.collection("journal").find().sort([("subject", 1), ("k", 1)]) if row["_id"] not in heard]:
            for row in rows:
                heard.add(row["_id"])
                if (kind := OWN.get(row["type"])) in REACTIONS:
                    assert kind
                    event = kind.model_validate(row["data"])
                    await _react(store, event, _envelope(event, store, len(heard)))

    return hear_own


@pytest.fixture
def until(store: Store, clock: SteppedClock) -> Until:
    """Moves the clock; what is due by then fires."""
    loop = TimerLoop(store)

    async def step(moment: datetime) -> None:
        clock.time = moment
        while await loop.fire_due():
            pass

    return step


async def _react(store: Store, event: Event, cause: Envelope) -> None:
    async def react(unit: Unit) -> None:
        for reaction in REACTIONS[type(event)]:
            await reaction(event, unit)

    await store.transact(react, actor="system", correlation="c-1", cause=cause)


def _envelope(event: Event, store: Store, seq: int) -> Envelope:
    department = publisher_of(event)
    visit = getattr(event, "visit", "")
    return Envelope(
        id=f"{event.TYPE}:{visit}:{seq}",
        source=f"{store.site.id}/{department}",
        type=event.TYPE,
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
        actor="advisor-1",
        correlationid="c-1",
        data=event.model_dump(mode="json"),
    )
