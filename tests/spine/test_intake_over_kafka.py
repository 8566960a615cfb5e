"""Relay and intake together, over a real broker: what one department commits has its effect in the next, once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.local.embedded import start_broker
from shared import intake as intake_module
from shared.contracts.records import CustomerRecord
from shared.intake import Intake
from shared.relay import Relay
from shared.store import Store
from tests.spine.conftest import OpenStore
from tests.spine.parcels import Parcel, posted
from tests.spine.shelves import SHELVES, Shelf, entries, notes
from tests.waiting_for import until

pytestmark = pytest.mark.slow


@asynccontextmanager
async def relaying(store: Store, kafka_url: str) -> AsyncIterator[Relay]:
    relay = Relay(store, kafka_url)
    await relay.start()
    try:
        yield relay
    finally:
        await relay.stop()


@asynccontextmanager
async def taking_in(store: Store, kafka_url: str) -> AsyncIterator[Intake]:
    intake = Intake(store, kafka_url, fetch_wait_ms=30)
    await intake.start()
    try:
        yield intake
    finally:
        await intake.stop()


async def post_and_move(store: Store, parcel: str, *places: str) -> None:
    await store.transact(lambda unit: unit.create(Parcel, parcel, posted), actor="a", correlation=parcel)
    for place in places:
        await move(store, parcel, place)


async def move(store: Store, parcel: str, place: str) -> None:
    await store.transact(lambda unit: unit.update(Parcel, parcel, lambda it: it.move(place)), actor="a", correlation=parcel)


async def shelves_with(store: Store, *noted: str) -> int:
    return len([shelf for shelf in await store.select(Shelf, {}, limit=1000) if shelf.notes == noted])


async def test_what_is_committed_in_one_department_has_its_effect_in_the_next_once_with_two_workers(
    open_store: OpenStore, kafka_url: str
) -> None:
    parcels, shelves, second = await open_store(), await open_store(SHELVES), await open_store(SHELVES)
    async with relaying(parcels, kafka_url), taking_in(shelves, kafka_url) as intake:
        await until(lambda: intake.ready, deadline=20, what="the first worker to join")
        await post_and_move(parcels, "p", "hall")
        await until(lambda: shelves_with(shelves, "hall"), what="the first effect")
        async with taking_in(second, kafka_url) as other:
            for number in range(20):
                await post_and_move(parcels, f"q{number}", "hall")
                await asyncio.sleep(0.02)
            await until(lambda: other.ready, deadline=20, what="the second worker to join")
            await post_and_move(parcels, "r", "hall")
            await until(lambda: _all(shelves, 22), deadline=20, what="every effect")
        customer = await parcels.transact(
            lambda unit: unit.put_record("customer:c", CustomerRecord(name="Li", phone="+8613800000000")), actor="a", correlation="c"
        )
        await until(lambda: shelves.record(customer), deadline=15, what="the record")
    assert [await entries(shelves, f"q{number}") for number in range(20)] == [2] * 20


async def _all(store: Store, count: int) -> bool:
    return await shelves_with(store, "hall") == count


async def test_what_has_no_effect_here_is_noted_down_when_somebody_asks_how_far_everything_is(
    open_store: OpenStore, kafka_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake_module, "COLLECT_SECONDS", 600.0)
    parcels, deaf = await open_store(), await open_store(replace(SHELVES, reactions={}))
    async with relaying(parcels, kafka_url), taking_in(deaf, kafka_url) as intake:
        await until(lambda: intake.ready, deadline=20, what="the worker to join")
        await post_and_move(parcels, "p", "hall")
        await until(lambda: intake.flow()["queued"] > 0, what="the events to be in hand")
        await until(lambda: _noted_down(deaf, 2), what="the position")


async def test_what_has_an_effect_here_waits_for_nothing(open_store: OpenStore, kafka_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_module, "COLLECT_SECONDS", 600.0)
    parcels, shelves = await open_store(), await open_store(SHELVES)
    async with relaying(parcels, kafka_url), taking_in(shelves, kafka_url) as intake:
        await until(lambda: intake.ready, deadline=20, what="the worker to join")
        await post_and_move(parcels, "p", "hall")
        await until(lambda: shelves_with(shelves, "hall"), what="the effect, without anybody asking")


async def test_a_broker_that_lost_everything_heals_also_for_a_newcomer(open_store: OpenStore, tmp_path: Path) -> None:
    parcels, shelves = await open_store(), await open_store(SHELVES)
    broker = start_broker(tmp_path / "broker.log")
    try:
        async with relaying(parcels, broker.address):
            for number in range(5):
                await post_and_move(parcels, f"p{number}", "hall", "desk")
            await until(lambda: _published(parcels, 15), what="all to be published")
            broker.kill()
            broker = start_broker(tmp_path / "broker.log", port=broker.port)
            async with taking_in(shelves, broker.address) as intake:
                await until(lambda: shelves_with(shelves, "hall", "desk"), deadline=30, what="the newcomer's first effect")
                await until(lambda: _all_moved(shelves, 5), deadline=15, what="the newcomer's effects")
                broker.kill()
                await move(parcels, "p0", "lost with the broker")
                broker = start_broker(tmp_path / "broker.log", port=broker.port)
                await until(lambda: _noted(shelves, "p0", 3), deadline=30, what="what was lost")
                await until(lambda: intake.ready, deadline=10, what="nothing to be missing")
    finally:
        broker.stop()
    assert await notes(shelves, "p0") == ["hall", "desk", "lost with the broker"]


async def _noted_down(store: Store, seq: int) -> bool:
    return seq in (await store.flow())["applied"].get("reception", {}).values()


async def _published(store: Store, count: int) -> bool:
    return bool(sum((await store.flow())["published"].values()) == count)


async def _all_moved(store: Store, count: int) -> bool:
    return await shelves_with(store, "hall", "desk") == count


async def _noted(store: Store, parcel: str, count: int) -> bool:
    return len(await notes(store, parcel)) == count


async def test_started_without_a_broker_it_waits_and_stops_in_time(open_store: OpenStore, tmp_path: Path) -> None:
    broker = start_broker(tmp_path / "broker.log")
    broker.kill()
    shelves = await open_store(SHELVES)
    async with taking_in(shelves, broker.address) as intake:
        await asyncio.sleep(0.2)
        assert not intake.ready
        stopping = asyncio.create_task(intake.stop())
        await asyncio.wait_for(stopping, 5)
