"""The relay: numbers without holes, in order, once; published, and published again for who missed something."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from deploy.local.embedded import start_broker
from shared.contracts.envelope import Envelope, ReplayRequest
from shared.contracts.topics import REPLAY, backfill_topic, events_topic, partition_of
from shared.numbering import LeaseLost, number, take_lease
from shared.relay import Relay
from shared.store import MongoUnit, Store
from tests.spine.conftest import OpenStore
from tests.spine.listening import Ear, listening
from tests.spine.parcels import Parcel, posted
from tests.waiting_for import until

EVENTS, BACKFILL = events_topic("reception"), backfill_topic("reception")

StartRelay = Callable[..., Any]


@pytest.fixture
async def start_relay(kafka_url: str) -> AsyncIterator[StartRelay]:
    async with AsyncExitStack() as started:

        async def start(store: Store, url: str = kafka_url, **settings: Any) -> Relay:
            relay = Relay(store, url, **settings)
            await relay.start()
            started.push_async_callback(relay.stop)
            await until(relay.topics_are_there.is_set, what="topics")
            return relay

        yield start


async def post(store: Store, *ids: str) -> None:
    for parcel in ids:
        await store.transact(partial(_create, parcel), actor="adv-1", correlation=f"c-{parcel}")


async def _create(parcel: str, unit: MongoUnit) -> Parcel:
    return await unit.create(Parcel, parcel, posted)


async def move(store: Store, id: str, place: str) -> None:
    await store.transact(lambda unit: unit.update(Parcel, id, lambda parcel: parcel.move(place)), actor="adv-1", correlation="c")


async def all_published(store: Store, entries: int) -> bool:
    flow = await store.flow()
    return bool(flow["unnumbered"] == 0 and flow["published"] == flow["newest"] and sum(flow["published"].values()) == entries)


async def ask(kafka_url: str, store: Store, partition: int, first: int, last: int) -> None:
    request = ReplayRequest(
        site=store.site.id,
        department="reception",
        epoch=1,
        partition=partition,
        first=first,
        last=last,
        consumer="tests",
        asked_at=datetime.now(UTC),
    )
    producer = AIOKafkaProducer(bootstrap_servers=kafka_url)
    await producer.start()
    await producer.send_and_wait(REPLAY, request.model_dump_json().encode(), partition=partition)
    await producer.stop()


async def asking(kafka_url: str, store: Store, partition: int, first: int, last: int, enough: Callable[[], bool]) -> None:
    """Asks as a consumer does: again, as long as something is missing."""

    async def once_more() -> bool:
        await ask(kafka_url, store, partition, first, last)
        with suppress(AssertionError):
            return await until(enough, deadline=1)
        return False

    await until(once_more, deadline=20, what="the replay")


def _all_heard(ear: Ear, partition: int, newest: int) -> bool:
    return set(range(1, newest + 1)) <= set(ear.numbers(BACKFILL).get(partition, ()))


async def test_an_entry_is_published_as_the_envelope_that_the_journal_has(store: Store, kafka_url: str, start_relay: StartRelay) -> None:
    await start_relay(store)
    await post(store, "p-1")
    async with listening(kafka_url, store.site.id, [EVENTS]) as ear:
        await until(lambda: ear.events(EVENTS), what="the event")
    envelope = Envelope.model_validate(ear.events(EVENTS)[0])
    assert (envelope.source, envelope.type) == (f"/{store.site.id}/reception", "reception.parcel_posted.v1")
    assert (envelope.partition, envelope.seq) == (partition_of("p-1", 4), 1)
    await until(lambda: all_published(store, 1))
    assert (await store.journal()) == ([envelope], None)


async def test_numbers_are_contiguous_whoever_commits_at_the_same_time(store: Store, kafka_url: str, start_relay: StartRelay) -> None:
    await start_relay(store)

    async def work(worker: int) -> None:
        for n in range(10):
            await post(store, f"p-{worker}-{n}")
            await move(store, f"p-{worker}-{n}", "shelf")
            await move(store, "hot", f"{worker}-{n}")

    await post(store, "hot")
    await asyncio.gather(*(work(worker) for worker in range(5)))
    async with listening(kafka_url, store.site.id, [EVENTS]) as ear:
        await until(lambda: len(ear.events(EVENTS)) >= 151, deadline=20)
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in ear.numbers(EVENTS).values())
    assert sum(map(len, ear.numbers(EVENTS).values())) == 151
    hot = [event["version"] for event in ear.events(EVENTS) if event["subject"] == "hot"]
    assert hot == list(range(1, 52))


async def test_a_transaction_that_commits_late_gets_its_number_too(store: Store, start_relay: StartRelay) -> None:
    await start_relay(store)
    may_commit = asyncio.Event()

    async def slowly(unit: MongoUnit) -> None:
        await unit.create(Parcel, "p-late", posted)
        await may_commit.wait()

    late = asyncio.create_task(store.transact(slowly, actor="adv-1", correlation="c"))
    await post(store, *(f"p-{n}" for n in range(12)))
    await until(lambda: all_published(store, 12))
    may_commit.set()
    await late
    await until(lambda: all_published(store, 13))
    page, _ = await store.journal(subject="p-late")
    assert page[0].seq == max(envelope.seq for envelope in (await store.journal())[0] if envelope.partition == page[0].partition)


async def test_two_relays_at_once_give_every_entry_one_number(open_store: OpenStore, kafka_url: str, start_relay: StartRelay) -> None:
    stores = [await open_store(), await open_store()]
    relays = [await start_relay(store, lease_seconds=0.3) for store in stores]

    async def work(store: Store, name: str) -> None:
        for n in range(25):
            await post(store, f"{name}-{n}")

    async def come_and_go() -> None:
        for _ in range(3):
            await until(lambda: relays[0].held)
            await relays.pop(0).stop()
            relays.append(await start_relay(stores[0], lease_seconds=0.3))

    await asyncio.gather(work(stores[0], "a"), work(stores[1], "b"), come_and_go())
    await until(lambda: all_published(stores[0], 50), deadline=20)
    async with listening(kafka_url, stores[0].site.id, [EVENTS]) as ear:
        await until(lambda: len({event["id"] for event in ear.events(EVENTS)}) == 50)
    given = {(event["partition"], event["seq"]): event["id"] for event in ear.events(EVENTS)}
    assert len(given) == 50
    assert all((event["partition"], event["seq"]) in given for event in ear.events(EVENTS))
    assert sum(len(set(numbers)) for numbers in ear.numbers(EVENTS).values()) == 50


async def test_a_partition_is_one_relays_until_its_lease_is_over(store: Store) -> None:
    first = await take_lease(store, 0, "first", seconds=60)
    assert first is not None
    assert await take_lease(store, 0, "second") is None
    again = await take_lease(store, 0, "first")
    assert again is not None
    assert again.token == first.token + 1


async def test_a_lease_that_was_given_by_a_clock_that_ran_ahead_is_free(store: Store) -> None:
    """As after a power cut on a machine whose clock was hours ahead and is right since."""
    assert await take_lease(store, 0, "first", seconds=8 * 3600)
    assert await take_lease(store, 0, "second")


async def test_a_relay_that_lost_its_lease_unknowingly_is_fenced_off(store: Store) -> None:
    await post(store, "p-1")
    partition = partition_of("p-1", 4)
    slow = await take_lease(store, partition, "slow", seconds=0)
    quick = await until(lambda: take_lease(store, partition, "quick"))
    assert slow
    assert quick
    with pytest.raises(LeaseLost):
        await number(store, slow)
    assert (await store.flow())["unnumbered"] == 1
    assert [entry.seq for entry in await number(store, quick)] == [1]
    await move(store, "p-1", "shelf")
    with pytest.raises(LeaseLost):
        await number(store, slow)
    assert [entry.seq for entry in await number(store, quick)] == [2]


async def test_what_was_numbered_and_not_published_is_published_by_who_comes_next(
    store: Store, kafka_url: str, start_relay: StartRelay
) -> None:
    await post(store, *(f"p-{n}" for n in range(8)))
    for partition in range(4):
        head = await take_lease(store, partition, "killed", seconds=0)
        assert head is not None
        await number(store, head)
    assert (await store.flow())["published"] == {str(partition): 0 for partition in range(4)}
    await start_relay(store)
    await until(lambda: all_published(store, 8))
    async with listening(kafka_url, store.site.id, [EVENTS]) as ear:
        await until(lambda: len(ear.events(EVENTS)) == 8)


async def test_heartbeats_tell_the_newest_numbers_behind_their_events(store: Store, kafka_url: str, start_relay: StartRelay) -> None:
    await start_relay(store)
    await post(store, *(f"p-{n}" for n in range(8)))
    async with listening(kafka_url, store.site.id, [EVENTS]) as ear:
        await until(lambda: sum(ear.heartbeats(EVENTS).values()) == 8)
        newest = {partition: max(numbers) for partition, numbers in ear.numbers(EVENTS).items()}
        assert {partition: seq for partition, seq in ear.heartbeats(EVENTS).items() if seq} == newest
        so_far = len(ear.heard)
        await until(lambda: len(ear.heard) >= so_far + 4, what="heartbeats without events")


async def test_a_replay_is_served_on_the_backfill_topic_and_nowhere_else(store: Store, kafka_url: str, start_relay: StartRelay) -> None:
    await start_relay(store)
    await post(store, "p-1")
    for n in range(9):
        await move(store, "p-1", f"shelf {n}")
    await until(lambda: all_published(store, 10))
    partition = partition_of("p-1", 4)
    async with listening(kafka_url, store.site.id, [EVENTS, BACKFILL]) as ear:
        await asking(kafka_url, store, partition, 3, 7, lambda: len(ear.events(BACKFILL)) >= 5)
    assert ear.numbers(BACKFILL)[partition][:5] == [3, 4, 5, 6, 7]
    assert ear.numbers(EVENTS)[partition] == list(range(1, 11))


@pytest.mark.slow
async def test_a_broker_that_lost_everything_is_filled_by_heartbeats_and_replay(
    store: Store, tmp_path: Path, start_relay: StartRelay
) -> None:
    broker = start_broker(tmp_path / "broker.log")
    relay = await start_relay(store, broker.address)
    await post(store, *(f"p-{n}" for n in range(8)))
    await until(lambda: all_published(store, 8))
    broker.kill()
    await post(store, "p-dark")
    broker = start_broker(tmp_path / "broker.log", port=broker.port)
    try:
        await until(lambda: all_published(store, 9), deadline=30, what="the relay going on")
        await until(relay.topics_are_there.is_set)
        async with listening(broker.address, store.site.id, [EVENTS, BACKFILL]) as ear:
            await until(lambda: sum(ear.heartbeats(EVENTS).values()) == 9, what="heartbeats")
            for partition, newest in [beat for beat in ear.heartbeats(EVENTS).items() if beat[1]]:
                await asking(broker.address, store, partition, 1, newest, partial(_all_heard, ear, partition, newest))
    finally:
        await relay.stop()
        broker.kill()


@pytest.mark.slow
async def test_a_relay_stops_quickly_also_where_its_broker_is_gone(store: Store, tmp_path: Path, start_relay: StartRelay) -> None:
    broker = start_broker(tmp_path / "broker.log")
    relay = await start_relay(store, broker.address)
    await post(store, "p-1")
    await until(lambda: all_published(store, 1))
    broker.kill()
    await post(store, "p-2")
    async with asyncio.timeout(4):
        await relay.stop()
