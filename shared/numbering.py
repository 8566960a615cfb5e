"""The head of a partition: its lease, its newest number, and how committed entries get theirs.

Numbers are contiguous because they are given in one transaction that moves the head, and given once because that transaction
compares the lease's token: who lost the lease without knowing it is fenced off. Leases run on system time.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from shared import system_time
from shared.failpoints import reach
from shared.journal import Entry
from shared.store import DuplicateKeyError, ReplaceOne, ReturnDocument, Session, Store
from shared.tries import to_its_end

LEASE_SECONDS = 3.0
BATCH = 500

_PAST = datetime(1970, 1, 1, tzinfo=UTC)


class LeaseLost(Exception):
    """Another relay has the partition, or the head is not as this one believed; take the lease again and read it anew."""


@dataclass
class Head:
    """A partition's head as the holder of its lease knows it; `published` is what Kafka has acknowledged.

    In the database `published` may lag behind: it is written with the next numbers, or when there are none.
    """

    partition: int
    epoch: int
    seq: int
    published: int
    token: int


async def take_lease(store: Store, partition: int, owner: str, seconds: float = LEASE_SECONDS) -> Head | None:
    """The head, where the lease is free or already this owner's; None where another holds it."""
    heads = store.collection("heads")
    fresh = {"epoch": store.epoch, "seq": 0, "published": 0, "token": 0, "owner": "", "until": _PAST}
    now = system_time.now()
    with suppress(DuplicateKeyError):
        await heads.update_one({"_id": partition}, {"$setOnInsert": fresh}, upsert=True)
    row = await heads.find_one_and_update(
        {"_id": partition, "$or": [{"until": {"$lt": now}}, {"until": {"$gt": now + system_time.LONGEST_LEASE}}, {"owner": owner}]},
        {"$set": {"owner": owner, "until": now + timedelta(seconds=seconds)}, "$inc": {"token": 1}},
        return_document=ReturnDocument.AFTER,
    )
    return Head(partition, row["epoch"], row["seq"], row["published"], row["token"]) if row else None


async def renew_lease(store: Store, head: Head, seconds: float = LEASE_SECONDS) -> None:
    await _set(store, head, {"until": system_time.now() + timedelta(seconds=seconds)})


async def mark_published(store: Store, head: Head) -> None:
    await _set(store, head, {"published": head.published})


async def release_leases(store: Store, owner: str) -> None:
    """So that whoever comes next need not wait for them to run out."""
    await store.collection("heads").update_many({"owner": owner}, {"$set": {"until": _PAST, "owner": ""}})


async def number(store: Store, head: Head, limit: int = BATCH) -> list[Entry]:
    """Give the next numbers to committed entries that have none; those entries, in the order of their numbers.

    Sorted by subject and `k` over a snapshot: `k` of a subject is never numbered before `k-1`, since units of one subject
    commit one after the other.
    """
    tried = False
    """Whether an earlier try came to its commit, which may have landed without our knowing."""

    async def work(session: Session) -> list[Entry]:
        nonlocal tried
        unnumbered = store.collection("journal").find({"partition": head.partition, "unnumbered": True}, session=session)
        rows = await unnumbered.sort([("subject", 1), ("k", 1)]).limit(limit).to_list(limit)
        if not rows:
            if tried:
                raise LeaseLost
            return []
        reach("after_commit_before_numbering")
        entries = [replace(Entry.from_document(row), epoch=head.epoch, seq=head.seq + n) for n, row in enumerate(rows, start=1)]
        believed = {"_id": head.partition, "token": head.token, "seq": head.seq}
        moving = {"$set": {"seq": entries[-1].seq, "published": head.published}}
        moved = await to_its_end(store.collection("heads").update_one(believed, moving, session=session))
        if moved.matched_count == 0:
            raise LeaseLost
        numbered = [_numbered(row, entry) for row, entry in zip(rows, entries, strict=True)]
        await to_its_end(store.collection("journal").bulk_write(numbered, ordered=False, session=session))
        tried = True
        return entries

    entries = await store.in_transaction(work)
    head.seq += len(entries)
    return entries


async def anything_unnumbered(store: Store, partition: int) -> bool:
    return await store.collection("journal").find_one({"partition": partition, "unnumbered": True}, {"_id": 1}) is not None


async def entries_between(store: Store, epoch: int, partition: int, first: int, last: int, limit: int = BATCH) -> list[Entry]:
    """At most `limit` entries with numbers from `first` to `last`, in order."""
    number_range = {"epoch": epoch, "partition": partition, "seq": {"$gte": first, "$lte": last}}
    rows = await store.collection("journal").find(number_range).sort("seq", 1).limit(limit).to_list(limit)
    return [Entry.from_document(row) for row in rows]


def _numbered(row: Mapping[str, Any], entry: Entry) -> ReplaceOne[dict[str, Any]]:
    """The whole row anew: an update of single fields costs the embedded database half as much again."""
    stays = {name: value for name, value in row.items() if name != "unnumbered"}
    return ReplaceOne({"_id": entry.id}, {**stays, "epoch": entry.epoch, "seq": entry.seq})


async def _set(store: Store, head: Head, fields: Mapping[str, Any]) -> None:
    result = await store.collection("heads").update_one({"_id": head.partition, "token": head.token}, {"$set": fields})
    if result.matched_count == 0:
        raise LeaseLost
