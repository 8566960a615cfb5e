"""What the spine's tests share: a store of parcels on a site of its own, on business time that is stepped."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from shared.branch import Branch
from shared.department import Department
from shared.store import Store
from tests.spine.parcels import PARCELS, SteppedClock

OpenStore = Callable[..., Awaitable[Store]]


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


@pytest.fixture
async def open_store(mongo_url: str, branch: Branch, clock: SteppedClock) -> AsyncIterator[OpenStore]:
    """Opens this test's database, as often as it likes, as each process of a department does."""
    async with AsyncExitStack() as opened:

        async def open_one(department: Department = PARCELS, *, url: str = mongo_url, partitions: int = 4) -> Store:
            store = await Store.open(url, department, branch, clock, partitions=partitions)
            opened.callback(store.close)
            return store

        yield open_one


@pytest.fixture
async def store(open_store: OpenStore) -> Store:
    return await open_store()
