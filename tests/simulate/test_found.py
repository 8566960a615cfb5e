"""What the simulation found wrong in the product, or what was seen while looking there, each as small as it could be made."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from unittest import mock

import pytest
from pymongo.errors import AutoReconnect

from shared.applying import Applying, Stream
from shared.backfill import Requests
from shared.branch import Branch
from shared.contracts.envelope import ReplayRequest
from shared.department import Department
from shared.numbering import LeaseLost, number, take_lease
from shared.presence import STILL_SECONDS, Presence
from shared.refusal import DatabaseAway
from shared.store import Store
from shared.waiting import Turns
from tests.simulate.database import Client, Server
from tests.simulate.storage import Transaction
from tests.simulate.weather import Weather
from tests.spine.parcels import PARCELS, Parcel, SteppedClock, posted
from tests.spine.shelves import SHELVES, Sender, notes

OpenStore = Callable[[Department], Awaitable[Store]]


@pytest.fixture
def server() -> Server:
    return Server("db", Weather(random.Random(1)))


@pytest.fixture
async def open_store(server: Server, branch: Branch) -> AsyncIterator[OpenStore]:
    """As often as a department has processes."""
    opened = []

    async def open_one(department: Department) -> Store:
        with mock.patch("shared.store.AsyncIOMotorClient", lambda _url, **_: Client(server)):
            opened.append(await Store.open("memory", department, branch, SteppedClock(), partitions=1))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


async def test_a_session_that_could_not_be_put_down_is_put_down_when_it_is_used_again(server: Server) -> None:
    """It was taken for put down: its process died, and nobody could end the transaction that held a visit for a minute."""
    processes: Any = Client(server)["bj01_workshop"]["processes"]
    presence = Presence(processes, lambda _sessions: processes.find_one())
    server.weather.databases_away.add("db")
    with pytest.raises(AutoReconnect):
        await presence.uses("s-1")
    server.weather.databases_away.clear()
    await presence.uses("s-1")
    assert [row["sessions"] for row in await processes.find().to_list()] == [["s-1"]]


async def test_a_process_that_stood_still_and_was_taken_for_dead_puts_its_sessions_down_before_it_goes_on(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was killed before its next beat, and nobody knew the session whose transaction held a visit for a minute."""
    processes: Any = Client(server)["bj01_workshop"]["processes"]
    presence = Presence(processes, lambda _sessions: processes.find_one())
    await presence.uses("s-1")
    await processes.delete_one({"_id": (await processes.find_one())["_id"]})
    later = time.monotonic() + STILL_SECONDS + 0.1
    monkeypatch.setattr("shared.presence.system_time.monotonic", lambda: later)
    await presence.uses("s-1")
    assert [row["sessions"] for row in await processes.find().to_list()] == [["s-1"]]


async def test_a_transaction_whose_abort_was_lost_on_its_way_holds_nobody_up(server: Server, open_store: OpenStore) -> None:
    """A server that could not be reached for a moment and was never gone: the gate stayed locked for a minute."""
    store = await open_store(SHELVES)

    async def cut_off(session: Any) -> None:
        await store.collection("gates").insert_one({"_id": "visit-1"}, session=session)
        server.weather.databases_away.add("db")
        await store.collection("gates").find_one({"_id": "visit-1"}, session=session)

    with pytest.raises(DatabaseAway):
        await store.in_transaction(cut_off, patience=0.05)
    server.weather.databases_away.clear()

    async def again(session: Any) -> None:
        await store.collection("gates").insert_one({"_id": "visit-1"}, session=session)

    await store.in_transaction(again, patience=5.0)
    assert await store.collection("gates").count_documents({}) == 1


async def test_numbers_that_were_given_without_the_relays_knowing_are_published(server: Server, open_store: OpenStore) -> None:
    """The commit is there, its answer was lost, the server restarted: a second try finds nothing to number, and the first was forgotten."""
    store = await open_store(PARCELS)
    await store.transact(lambda unit: unit.create(Parcel, "p", posted), actor="a", correlation="c")
    head = await take_lease(store, 0, "relay")
    assert head
    with _after_the_next_commit(server, lambda: _away_for_a_moment(server)), pytest.raises(LeaseLost):
        await number(store, head)
    again = await take_lease(store, 0, "relay")
    assert again and (again.seq, again.published) == (1, 0)


async def test_what_another_worker_committed_is_not_taken_for_ones_own_batch(server: Server, open_store: OpenStore) -> None:
    """Ids of a reaction's entries derive from its event: that the first is there does not say who wrote it, nor that the rest is."""
    store = await open_store(SHELVES)
    one, other = (Applying(each, Turns(each)) for each in (store, await open_store(SHELVES)))
    sender = Sender(store)
    opened, moved = *sender.post("p"), *sender.move("p", "hall")

    async def meanwhile() -> None:
        server.restart()
        await other.apply([opened])

    with _before_the_next_commit(server, meanwhile):
        await one.apply([opened, moved])
    assert await notes(store, "p") == ["hall"]
    assert not await one.is_behind(Stream.of(moved), 2)


async def test_a_request_for_no_number_at_all_is_not_served_again_and_again() -> None:
    """A consumer that was told of fewer numbers while it asked: nothing overlapped its request, and the relay was busy with it for ever."""
    requests, served = Requests(1), []

    def request(consumer: str, first: int, last: int) -> ReplayRequest:
        asked_at = datetime(2026, 3, 9, tzinfo=UTC)
        stream = Stream("BJ01", "workshop", 1, 0)
        return ReplayRequest(**stream._asdict(), first=first, last=last, consumer=consumer, asked_at=asked_at)

    async def serve(_epoch: int, _partition: int, first: int, last: int) -> None:
        served.append((first, last))

    requests.add(request("one", 13, 7))
    requests.add(request("other", 1, 2))
    await requests.serve_next(0, serve)
    requests.add(request("other", 3, 4))
    await requests.serve_next(0, serve)
    assert served == [(1, 2), (3, 4)]
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await requests.serve_next(0, serve)


def _after_the_next_commit(server: Server, happens: Callable[[], None]) -> Any:
    commit, left = server.storage.commit, [happens]

    def commit_and_then(session: Any, transaction: Transaction) -> None:
        commit(session, transaction)
        if left:
            left.pop()()

    return mock.patch.object(server.storage, "commit", commit_and_then)


def _away_for_a_moment(server: Server) -> None:
    def back() -> None:
        server.restart()
        server.weather.databases_away.clear()

    server.weather.databases_away.add("db")
    asyncio.get_running_loop().call_later(0.02, back)


def _before_the_next_commit(server: Server, happens: Callable[[], Awaitable[None]]) -> Any:
    left = [happens]

    async def before_commit(_weather: Weather) -> None:
        if left:
            await left.pop()()

    return mock.patch.object(Weather, "before_commit", before_commit)
