"""What a department's database has to have before the department serves: collections, indexes, and what was settled once for ever.

All of it runs at every start, by several processes at once too; where two meet (a duplicate key), `Store.open` runs it again.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from shared import epochs, system_time
from shared.effects import SYSTEM

if TYPE_CHECKING:
    from shared.store import MongoUnit, Store

OWN_COLLECTIONS = (
    "journal",
    "gates",
    "heads",
    "positions",
    "waiting",
    "dead_letters",
    "records",
    "notices",
    "timers",
    "counters",
    "answers",
    "meta",
    "outbox",
    "channels",
    "pictures.files",
    "pictures.chunks",
    "pictures.uploads",
    "processes",
)
"""Of the spine; a department's own have other names."""

ANSWERS_SECONDS = 30 * 24 * 3600
"""So long a command that is sent again with its `Idempotency-Key` is answered as it was, and not carried out anew."""


async def prepare(store: Store, partitions: int) -> None:
    """Fills in what the store knows of its database: `partitions` (the first start's stay for ever), epoch, and what was restored."""
    department = store.department
    mixed_up = set(OWN_COLLECTIONS) & {*department.read_models, *(kind.COLLECTION for kind in department.aggregates)}
    if mixed_up:
        raise ValueError(f"{store.name}: collections of its own named {', '.join(sorted(mixed_up))}")
    await epochs.refuse_unfinished(store)
    await _make_indexes(store)
    await _make_collections(store)
    store.partitions = await _settled(store, "partitions", partitions)
    await epochs.begin_where_restored(store)
    store.epoch = await _settled(store, "epoch", 1)
    store.since_restore = await epochs.since_restore(store, store.epoch)
    store.committed = {partition: asyncio.Event() for partition in range(store.partitions)}
    store.presence.start()
    await store.transact(_seed_once, actor=SYSTEM, correlation=f"seed-{store.name}")


async def _settled(store: Store, name: str, value: int) -> int:
    """What was settled first, by whatever process."""
    meta = store.collection("meta")
    await meta.update_one({"_id": name}, {"$setOnInsert": {"value": value}}, upsert=True)
    row = await meta.find_one({"_id": name})
    assert row
    return int(row["value"])


async def _seed_once(unit: MongoUnit) -> None:
    if await unit.row("meta", "seeded") is None:
        await unit.store.collection("meta").insert_one({"_id": "seeded", "at": system_time.now()}, session=unit.session)
        await unit.store.department.seed(unit)


async def _make_indexes(store: Store) -> None:
    journal = store.collection("journal")
    number = [("epoch", 1), ("partition", 1), ("seq", 1)]
    await journal.create_index(number, unique=True, partialFilterExpression={"seq": {"$gt": 0}}, name="number")
    unnumbered = [("partition", 1), ("subject", 1), ("k", 1)]
    await journal.create_index(unnumbered, partialFilterExpression={"unnumbered": True}, name="unnumbered")
    await journal.create_index([("subject", 1), ("k", 1)], unique=True)
    await journal.create_index([("correlation", 1)])
    await journal.create_index([("pictures", 1)], sparse=True)
    await store.collection("timers").create_index([("state", 1), ("due_at", 1)])
    await store.collection("notices").create_index([("at", -1), ("_id", 1)])
    await store.collection("answers").create_index([("records", 1)], sparse=True)
    await store.collection("answers").create_index([("at", 1)], expireAfterSeconds=ANSWERS_SECONDS)
    await store.collection("pictures.files").create_index([("filename", 1)], unique=True)
    await store.collection("pictures.files").create_index([("metadata.unnamed", 1)], sparse=True)
    # GridFS makes it only in an empty collection, and what was restored is none
    await store.collection("pictures.chunks").create_index([("files_id", 1), ("n", 1)], unique=True)
    await store.collection("outbox").create_index([("channel", 1), ("state", 1), ("tries", 1), ("at", 1)])
    for name, indexes in store.department.indexes.items():
        for index in indexes:
            await store.collection(name).create_index(list(index.keys), unique=index.unique)


async def _make_collections(store: Store) -> None:
    """A collection that first appears inside a transaction would make every other transaction that creates it fail."""
    department = store.department
    await store.create_collections([*OWN_COLLECTIONS, *department.read_models, *(kind.COLLECTION for kind in department.aggregates)])
