"""Effects of events: ids that derive from their cause, and several causes in one transaction, each wholly or not at all."""

from datetime import UTC, datetime
from typing import Any

import pytest

from shared.contracts.envelope import Envelope
from shared.effects import SYSTEM
from shared.reaction import NotYet
from shared.store import MongoUnit, Store
from tests.spine.conftest import OpenStore
from tests.spine.parcels import Parcel, posted


def cause(id: str, subject: str = "p-1") -> Envelope:
    return Envelope(
        id=id,
        source="/T/workshop",
        type="workshop.something.v1",
        time=datetime(2026, 3, 9, tzinfo=UTC),
        subject=subject,
        site="T",
        department="workshop",
        epoch=1,
        partition=0,
        seq=1,
        aggregate="job:p-1",
        version=1,
        ordinal=0,
        actor="tech-1",
        correlationid=f"of {id}",
        data={},
    )


async def entries(store: Store) -> list[dict[str, Any]]:
    return await store.collection("journal").find({}).sort([("subject", 1), ("k", 1)]).to_list(None)


async def test_entries_of_a_reaction_say_what_caused_them_and_have_the_same_ids_for_ever(open_store: OpenStore) -> None:
    store = await open_store()

    async def react(unit: MongoUnit) -> None:
        await unit.create(Parcel, "p-1", posted)
        await unit.tell("came", clause="R1", visit="p-1", roles=("advisor",))

    await store.transact(react, actor=SYSTEM, correlation="of e-1", cause=cause("e-1"))
    first = await entries(store)
    assert [(entry["causation"], entry["correlation"], entry["actor"]) for entry in first] == [("e-1", "of e-1", "system")] * 2
    for name in ("journal", "parcels", "gates", "notices"):
        await store.collection(name).delete_many({})
    await store.transact(react, actor=SYSTEM, correlation="of e-1", cause=cause("e-1"))
    assert [entry["_id"] for entry in await entries(store)] == [entry["_id"] for entry in first]


async def test_many_causes_in_one_transaction_each_with_its_own(store: Store) -> None:
    async def batch(unit: MongoUnit) -> None:
        async with unit.reacting_to(cause("e-1")) as reacting:
            await reacting.create(Parcel, "p-1", posted)
        async with unit.reacting_to(cause("e-2")) as reacting:
            await reacting.update(Parcel, "p-1", lambda parcel: parcel.move("shelf"))

    await store.transact(batch, actor=SYSTEM, correlation="batch")
    assert [(entry["k"], entry["version"], entry["causation"], entry["correlation"]) for entry in await entries(store)] == [
        (1, 1, "e-1", "of e-1"),
        (2, 2, "e-2", "of e-2"),
    ]


async def test_a_reaction_that_must_wait_leaves_nothing_and_the_rest_of_its_batch_stands(store: Store) -> None:
    async def batch(unit: MongoUnit) -> None:
        async with unit.reacting_to(cause("e-1")) as reacting:
            await reacting.create(Parcel, "p-1", posted)
        with pytest.raises(NotYet):
            async with unit.reacting_to(cause("e-2")) as reacting:
                await reacting.update(Parcel, "p-1", lambda parcel: parcel.move("shelf"))
                await reacting.next_number("moves")
                raise NotYet("job:p-1")
        async with unit.reacting_to(cause("e-3")) as reacting:
            assert (await reacting.load(Parcel, "p-1")).place == "post office"
            assert await reacting.next_number("moves") == 1

    await store.transact(batch, actor=SYSTEM, correlation="batch")
    assert [entry["causation"] for entry in await entries(store)] == ["e-1"]
    assert (await store.get(Parcel, "p-1")).version == 1


async def test_a_commit_at_a_gate_where_something_waits_wakes_the_drainer(store: Store) -> None:
    async def put_in(unit: MongoUnit) -> None:
        unit.touch("p-1", waiting=1)

    await store.transact(put_in, actor=SYSTEM, correlation="c")
    store.to_drain.clear()
    store.drainable.clear()
    await store.transact(lambda unit: unit.create(Parcel, "p-2", posted), actor="x", correlation="c")
    assert not store.to_drain.is_set()
    await store.transact(lambda unit: unit.create(Parcel, "p-1", posted), actor="x", correlation="c")
    assert store.to_drain.is_set()
    assert store.drainable == {"p-1"}
