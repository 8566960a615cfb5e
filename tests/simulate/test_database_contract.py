"""What the product relies on in MongoDB, asked of the embedded server and of the database in memory that stands for it in simulations."""

import asyncio
import random
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from bson.errors import InvalidDocument
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import DeleteOne, InsertOne, ReadPreference, ReplaceOne, ReturnDocument, UpdateOne, WriteConcern
from pymongo.errors import BulkWriteError, DuplicateKeyError, OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern

from tests.simulate.database import Client, Server
from tests.simulate.storage import Storage
from tests.simulate.weather import Weather


@pytest.fixture(params=["memory", pytest.param("embedded", marks=pytest.mark.slow)])
async def client(request: pytest.FixtureRequest) -> AsyncIterator[Any]:
    if request.param == "memory":
        yield Client(Server("memory", Weather(random.Random(7))))
        return
    client: AsyncIOMotorClient[Any] = AsyncIOMotorClient(request.getfixturevalue("mongo_url"), tz_aware=True, retryWrites=False)
    yield client
    client.close()


@pytest.fixture
async def database(client: Any) -> Any:
    database = client[f"contract_{secrets.token_hex(4)}"]
    for name in ("things", "others"):
        await database.create_collection(name)
    return database


@pytest.fixture
def things(database: Any) -> Any:
    return database["things"]


def begin(session: Any) -> None:
    session.start_transaction(
        read_concern=ReadConcern("snapshot"), write_concern=WriteConcern("majority"), read_preference=ReadPreference.PRIMARY
    )


async def in_transaction(client: Any, work: Callable[[Any], Awaitable[Any]]) -> Any:
    async with await client.start_session() as session:
        begin(session)
        answer = await work(session)
        await session.commit_transaction()
        return answer


def passes(error: PyMongoError) -> bool:
    return error.has_error_label("TransientTransactionError")


# -- transactions


async def test_a_transaction_reads_as_of_its_first_read_and_its_own_writes(client: Any, things: Any) -> None:
    await things.insert_one({"_id": "a", "n": 1})
    async with await client.start_session() as session:
        begin(session)
        assert (await things.find_one({"_id": "a"}, session=session))["n"] == 1
        await things.update_one({"_id": "a"}, {"$set": {"n": 2}})
        await things.insert_one({"_id": "b", "n": 1})
        assert (await things.find_one({"_id": "a"}, session=session))["n"] == 1
        assert await things.find({}, session=session).to_list(None) == [{"_id": "a", "n": 1}]
        await things.insert_one({"_id": "c", "n": 3}, session=session)
        assert [each["_id"] for each in await things.find({"n": {"$gt": 0}}, session=session).sort("_id", 1).to_list(None)] == ["a", "c"]
        assert await things.find_one({"_id": "c"}) is None, "nobody sees what is not committed"
        await session.commit_transaction()
    assert await things.find_one({"_id": "c"}) == {"_id": "c", "n": 3}


async def test_who_writes_what_somebody_wrote_since_the_snapshot_conflicts_and_may_try_again(client: Any, things: Any) -> None:
    await things.insert_one({"_id": "a", "n": 1})
    async with await client.start_session() as session:
        begin(session)
        await things.find_one({"_id": "a"}, session=session)
        await things.update_one({"_id": "a"}, {"$inc": {"n": 1}})
        with pytest.raises(PyMongoError) as failed:
            await things.update_one({"_id": "a"}, {"$inc": {"n": 10}}, session=session)
        assert passes(failed.value)
        await session.abort_transaction()
    assert await things.find_one({"_id": "a"}) == {"_id": "a", "n": 2}


async def test_who_writes_what_another_transaction_has_in_hand_conflicts_in_a_bulk_too(client: Any, things: Any) -> None:
    await things.insert_one({"_id": "a", "n": 1})
    async with await client.start_session() as first, await client.start_session() as second:
        begin(first)
        begin(second)
        await things.update_one({"_id": "a"}, {"$inc": {"n": 1}}, session=first)
        with pytest.raises(PyMongoError) as failed:
            await things.bulk_write([UpdateOne({"_id": "a"}, {"$inc": {"n": 10}})], ordered=False, session=second)
        assert passes(failed.value)
        await second.abort_transaction()
        await first.commit_transaction()
    assert await things.find_one({"_id": "a"}) == {"_id": "a", "n": 2}


async def test_two_that_insert_the_same_id_do_not_both_commit(client: Any, things: Any) -> None:
    async with await client.start_session() as first, await client.start_session() as second:
        begin(first)
        begin(second)
        await things.find_one({"_id": "a"}, session=second)
        await things.insert_one({"_id": "a", "by": 1}, session=first)
        await first.commit_transaction()
        with pytest.raises(PyMongoError):
            await things.insert_one({"_id": "a", "by": 2}, session=second)
        await second.abort_transaction()
    assert await things.find_one({"_id": "a"}) == {"_id": "a", "by": 1}


async def test_write_skew_is_possible(client: Any, things: Any) -> None:
    """Two doctors on call, each sees the other and goes home: what the product's gate documents are there to prevent."""
    for doctor in ("a", "b"):
        await things.insert_one({"_id": doctor, "on_call": True})

    async with await client.start_session() as first, await client.start_session() as second:
        for session, doctor in ((first, "a"), (second, "b")):
            begin(session)
            assert len(await things.find({"on_call": True}, session=session).to_list(None)) == 2
            await things.update_one({"_id": doctor}, {"$set": {"on_call": False}}, session=session)
        await first.commit_transaction()
        await second.commit_transaction()
    assert await things.find({"on_call": True}).to_list(None) == []


async def test_a_document_that_both_touch_prevents_it(client: Any, database: Any) -> None:
    things, gates = database["things"], database["others"]
    await gates.insert_one({"_id": "gate", "touched": 0})
    async with await client.start_session() as first, await client.start_session() as second:
        for session in (first, second):
            begin(session)
            await things.find({}, session=session).to_list(None)
        await gates.update_one({"_id": "gate", "touched": 0}, {"$inc": {"touched": 1}}, session=first)
        await first.commit_transaction()
        with pytest.raises(PyMongoError) as failed:
            await gates.update_one({"_id": "gate", "touched": 0}, {"$inc": {"touched": 1}}, session=second)
        assert passes(failed.value)
        await second.abort_transaction()


async def test_an_aborted_transaction_leaves_nothing(client: Any, things: Any) -> None:
    async with await client.start_session() as session:
        begin(session)
        await things.insert_one({"_id": "a"}, session=session)
        await session.abort_transaction()
    async with await client.start_session() as session:
        begin(session)
        await things.insert_one({"_id": "b"}, session=session)
    assert await things.find({}).to_list(None) == []


async def test_ending_a_session_ends_its_transaction_and_frees_what_it_held(client: Any, things: Any) -> None:
    await things.insert_one({"_id": "a", "n": 1})
    dead = await client.start_session()
    begin(dead)
    await things.update_one({"_id": "a"}, {"$inc": {"n": 10}}, session=dead)
    await client.admin.command("killSessions", [{"id": dead.session_id["id"]}])

    async def raise_it(session: Any) -> None:
        await things.update_one({"_id": "a"}, {"$inc": {"n": 1}}, session=session)

    await in_transaction(client, raise_it)
    with pytest.raises(PyMongoError) as failed:
        await things.find_one({"_id": "a"}, session=dead)
    assert passes(failed.value)
    await dead.abort_transaction()
    assert await things.find_one({"_id": "a"}) == {"_id": "a", "n": 2}


async def test_a_commit_of_a_transaction_that_was_ended_fails_and_is_not_unclear(client: Any, things: Any) -> None:
    async with await client.start_session() as session:
        begin(session)
        await things.insert_one({"_id": "a"}, session=session)
        await client.admin.command("killSessions", [{"id": session.session_id["id"]}])
        with pytest.raises(PyMongoError) as failed:
            await session.commit_transaction()
        assert not failed.value.has_error_label("UnknownTransactionCommitResult")
    assert await things.find({}).to_list(None) == []


async def test_a_write_outside_waits_for_the_transaction_that_holds_the_document(client: Any, things: Any) -> None:
    await things.insert_one({"_id": "a", "n": 1})
    async with await client.start_session() as session:
        begin(session)
        await things.update_one({"_id": "a"}, {"$inc": {"n": 1}}, session=session)
        outside = asyncio.ensure_future(things.update_one({"_id": "a"}, {"$inc": {"n": 10}}))
        await asyncio.wait({outside}, timeout=0.1)
        await session.commit_transaction()
        await outside
    assert await things.find_one({"_id": "a"}) == {"_id": "a", "n": 12}


async def test_twenty_that_count_in_transactions_and_try_again_count_to_twenty(client: Any, things: Any) -> None:
    await things.insert_one({"_id": "a", "n": 0})

    async def count(session: Any) -> None:
        row = await things.find_one({"_id": "a"}, session=session)
        await things.update_one({"_id": "a", "n": row["n"]}, {"$inc": {"n": 1}}, session=session)

    async def try_until_done() -> None:
        while True:
            try:
                await in_transaction(client, count)
                return
            except PyMongoError as error:
                assert passes(error)
                await asyncio.sleep(random.uniform(0.001, 0.02))

    await asyncio.gather(*(try_until_done() for _ in range(20)))
    assert await things.find_one({"_id": "a"}) == {"_id": "a", "n": 20}


# -- unique indexes


async def test_a_partial_unique_index_binds_only_what_is_in_it(things: Any) -> None:
    await things.create_index([("epoch", 1), ("seq", 1)], unique=True, partialFilterExpression={"seq": {"$gt": 0}}, name="number")
    await things.insert_one({"_id": "a", "epoch": 1})
    await things.insert_one({"_id": "b", "epoch": 1})
    await things.update_one({"_id": "a"}, {"$set": {"seq": 1}})
    with pytest.raises(DuplicateKeyError):
        await things.update_one({"_id": "b"}, {"$set": {"seq": 1}})
    await things.update_one({"_id": "b"}, {"$set": {"seq": 2}})
    assert len(await things.find({"seq": {"$gt": 0}}).to_list(None)) == 2


async def test_a_unique_violation_inside_a_transaction_ends_it_and_says_which_index(client: Any, things: Any) -> None:
    await things.create_index([("k", 1)], unique=True)
    await things.insert_one({"_id": "a", "k": 1})
    async with await client.start_session() as session:
        begin(session)
        await things.insert_one({"_id": "z", "k": 9}, session=session)
        with pytest.raises(PyMongoError) as failed:
            await things.bulk_write([InsertOne({"_id": "b", "k": 1})], ordered=False, session=session)
        assert isinstance(failed.value, BulkWriteError)
        assert [each["code"] for each in failed.value.details["writeErrors"]] == [11000]
        assert "k_1" in failed.value.details["writeErrors"][0]["errmsg"]
        await session.abort_transaction()
    assert [each["_id"] for each in await things.find({}).to_list(None)] == ["a"]


async def test_an_id_that_is_there_is_a_duplicate_of_the_index_of_ids(client: Any, things: Any) -> None:
    await things.insert_one({"_id": "a"})
    async with await client.start_session() as session:
        begin(session)
        with pytest.raises(BulkWriteError) as failed:
            await things.bulk_write([InsertOne({"_id": "a"})], ordered=False, session=session)
        error = failed.value.details["writeErrors"][0]
        assert error["code"] == 11000
        assert "_id_" in error["errmsg"] or "_id" in error["keyPattern"]
        await session.abort_transaction()


async def test_two_transactions_never_commit_the_same_unique_key(client: Any, things: Any) -> None:
    await things.create_index([("k", 1)], unique=True)

    async def insert(id: str) -> bool:
        async def work(session: Any) -> None:
            await things.insert_one({"_id": id, "k": 1}, session=session)

        try:
            await in_transaction(client, work)
        except PyMongoError:
            return False
        return True

    assert sum(await asyncio.gather(*(insert(id) for id in "abcd"))) <= 1
    assert len(await things.find({"k": 1}).to_list(None)) <= 1


async def test_of_upserts_of_one_id_at_once_one_inserts_and_the_others_find_it_or_are_told(things: Any) -> None:
    async def settle(value: int) -> None:
        try:
            await things.update_one({"_id": "epoch"}, {"$setOnInsert": {"value": value}}, upsert=True)
        except DuplicateKeyError:
            return

    await asyncio.gather(*(settle(value) for value in range(8)))
    [row] = await things.find({}).to_list(None)
    assert row["value"] in range(8)


# -- single operations


async def test_find_one_and_update_gives_the_document_before_or_after_or_nothing(things: Any) -> None:
    await things.insert_one({"_id": 0, "until": datetime(2026, 3, 9, tzinfo=UTC), "token": 1, "owner": ""})
    free = {"_id": 0, "$or": [{"until": {"$lt": datetime(2026, 3, 9, 0, 0, 1, tzinfo=UTC)}}, {"owner": "me"}]}
    taken = await things.find_one_and_update(
        free,
        {"$set": {"owner": "you", "until": datetime(2026, 3, 10, tzinfo=UTC)}, "$inc": {"token": 1}},
        return_document=ReturnDocument.AFTER,
    )
    assert (taken["token"], taken["owner"]) == (2, "you")
    assert await things.find_one_and_update(free, {"$inc": {"token": 1}}) is None
    assert (await things.find_one_and_update({"_id": 0}, {"$inc": {"token": 1}}))["token"] == 2


async def test_ten_that_take_a_lease_at_once_are_one(things: Any) -> None:
    await things.insert_one({"_id": 0, "owner": ""})
    taken = await asyncio.gather(*(things.find_one_and_update({"_id": 0, "owner": ""}, {"$set": {"owner": str(n)}}) for n in range(10)))
    assert sum(each is not None for each in taken) == 1


async def test_a_bulk_write_counts_what_it_inserted_matched_and_upserted(client: Any, things: Any) -> None:
    await things.insert_one({"_id": "a", "n": 1})
    await things.insert_one({"_id": "d", "n": 1})
    operations = [
        InsertOne({"_id": "b"}),
        ReplaceOne({"_id": "a", "n": 1}, {"_id": "a", "n": 2}),
        ReplaceOne({"_id": "c"}, {"_id": "c", "body": {"text": "t"}}, upsert=True),
        UpdateOne({"_id": "nobody"}, {"$inc": {"n": 1}}),
        UpdateOne({"_id": "e"}, {"$set": {"n": 5}}, upsert=True),
        DeleteOne({"_id": "d"}),
    ]

    async def work(session: Any) -> Any:
        return await things.bulk_write(operations, ordered=False, session=session)

    done = await in_transaction(client, work)
    assert (done.inserted_count, done.matched_count, done.upserted_count, done.deleted_count) == (1, 1, 2, 1)
    assert await things.find_one({"_id": "c"}) == {"_id": "c", "body": {"text": "t"}}
    assert [each["_id"] for each in await things.find({}).sort("_id", 1).to_list(None)] == ["a", "b", "c", "e"]


async def test_updates_as_the_product_makes_them(things: Any) -> None:
    await things.update_one({"_id": "p"}, {"$max": {"beats": 1}, "$addToSet": {"sessions": {"$each": ["x", "y"]}}}, upsert=True)
    await things.update_one({"_id": "p"}, {"$max": {"beats": 0}, "$addToSet": {"sessions": {"$each": ["y", "z"]}}}, upsert=True)
    assert await things.find_one({"_id": "p"}) == {"_id": "p", "beats": 1, "sessions": ["x", "y", "z"]}
    await things.update_one({"_id": "p"}, {"$set": {"seq": 4}, "$unset": {"beats": ""}, "$push": {"sessions": "w"}})
    assert await things.find_one({"_id": "p"}) == {"_id": "p", "seq": 4, "sessions": ["x", "y", "z", "w"]}
    await things.update_one({"_id": "p"}, {"$pull": {"sessions": {"$in": ["y", "w", "v"]}}})
    assert await things.find_one({"_id": "p"}) == {"_id": "p", "seq": 4, "sessions": ["x", "z"]}
    done = await things.update_many({"seq": 4}, {"$inc": {"seq": 1}})
    assert done.matched_count == 1
    assert (await things.update_one({"_id": "q"}, {"$set": {"n": 1}})).matched_count == 0
    assert (await things.delete_one({"_id": "p", "seq": 4})).deleted_count == 0
    assert (await things.delete_one({"_id": "p", "seq": 5})).deleted_count == 1


CONDITIONS: list[tuple[dict[str, Any], str]] = [
    ({}, "abc"),
    ({"_id": {"$in": ["a", "c", "x"]}}, "ac"),
    ({"_id": {"$ne": "a"}}, "bc"),
    ({"n": None}, "c"),
    ({"n": {"$gt": 1}}, "b"),
    ({"n": {"$gte": 1, "$lt": 2}}, "a"),
    ({"n": {"$lte": 2}, "flag": True}, "a"),
    ({"n": {"$exists": False}}, "c"),
    ({"$or": [{"n": 2}, {"flag": True}]}, "ab"),
    ({"$and": [{"n": 1}, {"flag": True}]}, "a"),
    ({"events.0.key": {"$in": ["k1"]}}, "a"),
    ({"events.key": "k2"}, "ab"),
    ({"tags": "t"}, "b"),
    ({"closed": {"$ne": True}}, "abc"),
    ({"at": {"$lt": datetime(2026, 3, 10, tzinfo=UTC)}}, "a"),
]


@pytest.mark.parametrize(("where", "found"), CONDITIONS)
async def test_conditions_as_the_product_asks_them(things: Any, where: dict[str, Any], found: str) -> None:
    await things.insert_one(
        {"_id": "a", "n": 1, "flag": True, "events": [{"key": "k1"}, {"key": "k2"}], "at": datetime(2026, 3, 9, tzinfo=UTC)}
    )
    await things.insert_one({"_id": "b", "n": 2, "events": [{"key": "k2"}], "tags": ["s", "t"]})
    await things.insert_one({"_id": "c", "at": None})
    assert "".join(sorted([row["_id"] async for row in things.find(where)])) == found


async def test_orders_limits_and_projections(things: Any) -> None:
    for id, subject, k in (("a", "s", 2), ("b", "s", 1), ("c", "r", 3), ("d", None, 0)):
        await things.insert_one({"_id": id, "subject": subject, "k": k, "events": [1, 2, 3]})
    ordered = things.find({}).sort([("subject", 1), ("k", 1)])
    assert [row["_id"] for row in await ordered.limit(3).to_list(3)] == ["d", "c", "b"]
    assert [row["_id"] for row in await things.find({}).sort("k", -1).to_list(2)] == ["c", "a"]
    assert await things.find_one({"_id": "a"}, {"k": 1}) == {"_id": "a", "k": 2}
    assert await things.find_one({"_id": "a"}, {"_id": 1}) == {"_id": "a"}
    assert (await things.find({"_id": "a"}, {"events": {"$slice": 1}}).to_list(None))[0]["events"] == [1]


async def test_what_is_read_is_a_copy_with_the_databases_types(things: Any) -> None:
    await things.insert_one({"_id": "a", "events": (1, 2), "at": datetime(2026, 3, 9, 1, 2, 3, 456789, tzinfo=UTC)})
    row = await things.find_one({"_id": "a"})
    assert row == {"_id": "a", "events": [1, 2], "at": datetime(2026, 3, 9, 1, 2, 3, 456000, tzinfo=UTC)}
    row["events"].append(3)
    assert (await things.find_one({"_id": "a"}))["events"] == [1, 2]
    with pytest.raises((InvalidDocument, OperationFailure)):
        await things.insert_one({"_id": "b", "x": {"\0": 1}})


def test_the_next_transaction_of_a_session_ends_the_one_before() -> None:
    """The driver lets nobody ask this of a server: a session whose task was cancelled on the way to its commit goes back to the pool."""
    storage = Storage()
    before = storage.begin("session", 0.0)
    storage.snapshot(before)
    storage.write("db.things", None, {"_id": "a"}, before)
    storage.begin("session", 1.0)
    assert storage.write("db.things", None, {"_id": "a"}, None)
    with pytest.raises(OperationFailure):
        storage.commit("session", before)
