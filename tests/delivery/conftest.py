"""A delivery that runs: its department on a database of the test's own, told events as the intake tells them."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime

import pytest

from services.delivery.app import DELIVERY
from services.delivery.reactions import REACTIONS
from shared.branch import Branch
from shared.contracts.envelope import Envelope
from shared.contracts.event import DepartmentName, VisitEvent
from shared.store import Store
from shared.unit import Unit
from tests.delivery.desk import NOW

Tell = Callable[[VisitEvent], Awaitable[None]]


class StandingClock:
    def now(self) -> datetime:
        return NOW


@pytest.fixture
async def store(mongo_url: str, branch: Branch) -> AsyncIterator[Store]:
    opened = await Store.open(mongo_url, DELIVERY, branch, StandingClock())
    yield opened
    opened.close()


@pytest.fixture
def tell(store: Store) -> Tell:
    """Lets delivery hear of an event, each in a transaction of its own cause."""
    numbers = itertools.count(1)

    async def hear(event: VisitEvent) -> None:
        async def react(unit: Unit) -> None:
            for reaction in REACTIONS[type(event)]:
                await reaction(event, unit)

        await store.transact(react, actor="system", correlation="c-1", cause=_envelope(event, store, next(numbers)))

    return hear


def _envelope(event: VisitEvent, store: Store, seq: int) -> Envelope:
    department: DepartmentName = "workshop" if event.TYPE.startswith("workshop") else "reception"
    return Envelope(
        id=f"{event.TYPE}:{event.visit}:{seq}",
        source=f"{store.site.id}/{department}",
        type=event.TYPE,
        time=NOW,
        subject=event.visit,
        site=store.site.id,
        department=department,
        epoch=1,
        partition=0,
        seq=seq,
        aggregate=f"{department}:{event.visit}",
        version=seq,
        ordinal=0,
        actor="advisor-1",
        correlationid="c-1",
        data=event.model_dump(mode="json"),
    )
