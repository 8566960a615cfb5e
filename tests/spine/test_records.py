"""Personal data: never in the journal, always in its newest state on `customers`, and gone everywhere once erased."""

import json
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest

from shared.contracts.records import CustomerRecord
from shared.contracts.topics import CUSTOMERS, backfill_topic, partition_of
from shared.refusal import NotFound
from shared.relay import Relay
from shared.store import MongoUnit, Store
from tests.spine.listening import Ear, listening
from tests.spine.test_relay import all_published, asking
from tests.waiting_for import until

KEY = "customer:c-1"


@pytest.fixture
async def relay(store: Store, kafka_url: str) -> AsyncIterator[Relay]:
    started = Relay(store, kafka_url)
    await started.start()
    yield started
    await started.stop()


async def put(store: Store, name: str) -> None:
    await store.transact(
        lambda unit: unit.put_record(KEY, CustomerRecord(name=name, phone="+8613800000000")), actor="rec-1", correlation="c"
    )


async def erase(store: Store) -> None:
    await store.transact(lambda unit: unit.erase_record(KEY), actor="rec-1", correlation="c")


async def entries(store: Store) -> list[dict[str, Any]]:
    return await store.collection("journal").find({}).sort([("subject", 1), ("k", 1)]).to_list(None)


async def test_the_journal_says_that_a_record_changed_and_nothing_of_it(store: Store) -> None:
    await put(store, "Wang Fang")
    await put(store, "Wang Fang-Li")
    assert (await store.record(KEY) or {})["name"] == "Wang Fang-Li"
    assert [entry["data"] for entry in await entries(store)] == [
        {"key": KEY, "revision": 1, "erased": False},
        {"key": KEY, "revision": 2, "erased": False},
    ]
    assert "Wang" not in json.dumps(await entries(store), default=str)


async def test_a_text_has_a_key_of_its_department(store: Store) -> None:
    key = await store.transact(lambda unit: unit.put_text("it rattles"), actor="rec-1", correlation="c")
    assert key.startswith("text:reception:")
    assert await store.record(key) == {"kind": "text", "text": "it rattles"}


async def test_a_record_is_published_and_each_change_of_it(store: Store, kafka_url: str, relay: Relay) -> None:
    async with listening(kafka_url, store.site.id, [CUSTOMERS]) as ear:
        for n in range(1, 4):
            await put(store, f"name {n}")
            await until(partial(_newest_is, ear, n))
    assert [body and body["name"] for _, _, body in ear.records()][-1] == "name 3"


def _newest_is(ear: Ear, revision: int) -> bool:
    return bool(ear.records()) and ear.records()[-1][1] == revision


async def test_an_erased_record_is_published_as_erased_and_stays_so(store: Store, kafka_url: str, relay: Relay) -> None:
    await put(store, "Wang Fang")
    await erase(store)
    assert await store.record(KEY) is None
    with pytest.raises(NotFound):
        await put(store, "Wang Fang")
    await until(lambda: all_published(store, 2))
    async with listening(kafka_url, store.site.id, [CUSTOMERS]) as ear:
        await until(lambda: bool(ear.records()) and ear.records()[-1] == (KEY, 2, None))
    assert [entry["data"]["erased"] for entry in await entries(store)] == [False, True]


async def test_a_replay_that_crosses_a_change_publishes_the_present_record_again(store: Store, kafka_url: str, relay: Relay) -> None:
    await put(store, "Wang Fang")
    await put(store, "Wang Fang-Li")
    await until(lambda: all_published(store, 2))
    async with listening(kafka_url, store.site.id, [CUSTOMERS, backfill_topic("reception")]) as ear:
        before = len(ear.records())
        await asking(kafka_url, store, partition_of(KEY, 4), 1, 1, lambda: bool(ear.events(backfill_topic("reception"))))
        await until(lambda: len(ear.records()) > before)
        await until(lambda: ear.records()[-1][1] == 2)


async def test_erased_before_its_publication_a_record_never_leaves(store: Store, kafka_url: str) -> None:
    await put(store, "Wang Fang")
    await erase(store)
    relay = Relay(store, kafka_url)
    await relay.start()
    await until(lambda: all_published(store, 2))
    await relay.stop()
    async with listening(kafka_url, store.site.id, [CUSTOMERS]) as ear:
        await until(ear.records)
    assert all(record == (KEY, 2, None) for record in ear.records())


async def test_another_departments_record_is_not_written_here(store: Store) -> None:
    foreign = {"_id": "text:workshop:1", "revision": 3, "body": {"kind": "text", "text": "x"}, "department": "workshop"}
    await store.collection("records").insert_one(foreign)

    async def work(unit: MongoUnit) -> None:
        assert await unit.record("text:workshop:1") == {"kind": "text", "text": "x"}
        await unit.erase_record("text:workshop:1")

    with pytest.raises(NotFound):
        await store.transact(work, actor="rec-1", correlation="c")
