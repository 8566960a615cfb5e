"""A department that was restored from a backup begins a new epoch of its numbers, as it is opened for the first time.

What it had published after the backup is lost, and others may have applied it. So its old numbers end where the backup has them, the
first of the new ones says so (`EpochStarted`), and whatever it gives out one by one goes on well beyond what it may have given out since.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from shared.contracts.event import EpochStarted
from shared.journal import Entry

if TYPE_CHECKING:
    from shared.store import Session, Store

RESTORING = "restoring"
"""In `meta` while a restore is under way: this is no database that could be worked with."""
RESTORED = "restored"
"""In `meta` of a database that was restored and not opened since: `epoch` is the new one, `ended` the old numbers of others that were
restored from the same backup, by department: `{"epoch": …, "last": {PARTITION: …}}`."""
SINCE = "since_restore"

SKIPPED_NUMBERS = 500
"""By so many go on the series of papers and registers: more than a branch gives out of one in a day that may be lost."""
SKIPPED_REVISIONS = 1_000_000
"""By so many an epoch go on the revisions of personal records: readers keep the highest."""
SERIES_OF_THE_DAY = timedelta(days=1)

_PAST = datetime(1970, 1, 1, tzinfo=UTC)


class UnfinishedRestore(Exception):
    """A restore was broken off: the database is not whole."""


@dataclass(frozen=True)
class SinceRestore:
    """What a unit of work has to know of restores: from where it goes on giving out what others may know already.

    `until`: series that begin before then, such as those of the day, may have begun before and been lost. `times`: how often restored.
    """

    epoch: int = 1
    until: datetime | None = None
    times: int = 0

    @property
    def numbers_after(self) -> int:
        return self.times * SKIPPED_NUMBERS

    @property
    def revisions_after(self) -> int:
        return (self.epoch - 1) * SKIPPED_REVISIONS

    def series_after(self, now: datetime) -> int:
        return SKIPPED_NUMBERS if self.until and now < self.until else 0


NEVER_RESTORED = SinceRestore()


async def refuse_unfinished(store: Store) -> None:
    if begun := await store.collection("meta").find_one({"_id": RESTORING}):
        raise UnfinishedRestore(
            f"the restore of {store.name} from {begun.get('archive', 'a backup')} was not finished: run `servicelane restore` again"
        )


async def since_restore(store: Store, epoch: int) -> SinceRestore:
    row = await store.collection("meta").find_one({"_id": SINCE})
    return SinceRestore(epoch, row["until"], row["times"]) if row else SinceRestore(epoch)


async def begin_where_restored(store: Store) -> None:
    """All of it in one transaction: whoever opens the database first does it, and nobody twice."""
    if await store.collection("meta").find_one({"_id": RESTORED}):
        await store.in_transaction(lambda session: _begin(store, session))


async def _begin(store: Store, session: Session) -> None:
    meta = store.collection("meta")
    restored = await meta.find_one({"_id": RESTORED}, session=session)
    if restored is None:
        return
    present = await meta.find_one({"_id": "epoch"}, session=session)
    assert present
    previous, epoch = int(present["value"]), int(restored["epoch"])
    heads = {head["_id"]: head async for head in store.collection("heads").find({}, session=session)}
    last = {str(partition): int(heads[partition]["seq"]) if partition in heads else 0 for partition in range(store.partitions)}
    for partition in range(store.partitions):
        await _announce(store, session, EpochStarted(previous=previous, last=last), epoch, partition)
    for department, old in {**restored["ended"], store.name: {"epoch": previous, "last": last}}.items():
        await _end(store, session, department, old)
    await store.collection("counters").update_many({}, {"$inc": {"value": SKIPPED_NUMBERS}}, session=session)
    await meta.replace_one({"_id": "epoch"}, {"value": epoch}, session=session)
    since = {"$set": {"until": store.clock.now() + SERIES_OF_THE_DAY}, "$inc": {"times": 1}}
    await meta.update_one({"_id": SINCE}, since, upsert=True, session=session)
    await meta.delete_one({"_id": RESTORED}, session=session)


async def _announce(store: Store, session: Session, started: EpochStarted, epoch: int, partition: int) -> None:
    """The first number of each partition; a free lease, which nobody holds who had it at the time of the backup."""
    head = {"epoch": epoch, "seq": 1, "published": 0, "token": 0, "owner": "", "until": _PAST}
    await store.collection("heads").replace_one({"_id": partition}, head, upsert=True, session=session)
    entry = Entry(
        id=str(uuid.uuid4()),
        subject=f"epoch-{epoch}-{partition}",
        aggregate=f"epoch:{epoch}",
        version=1,
        ordinal=partition,
        type=started.wire_type(store.name),
        time=store.clock.now().isoformat(),
        actor="system",
        clause="",
        correlation=f"epoch-{epoch}",
        causation=None,
        data=started.model_dump(mode="json"),
        partition=partition,
        k=1,
    )
    numbered = {name: value for name, value in entry.document().items() if name != "unnumbered"}
    await store.collection("journal").insert_one({**numbered, "epoch": epoch, "seq": 1}, session=session)


async def _end(store: Store, session: Session, department: str, old: Mapping[str, Any]) -> None:
    """What was lost is not to come back from Kafka, where it may still be: nobody has it any more who could answer for it."""
    for partition, seq in old["last"].items():
        stream = {"site": store.site.id, "department": department, "epoch": old["epoch"], "partition": int(partition)}
        id = "/".join(map(str, stream.values()))
        change = {"$set": {"end": seq}, "$setOnInsert": {**stream, "seq": 0, "closed": False, "doubtful": False}}
        await store.collection("positions").update_one({"_id": id}, change, upsert=True, session=session)
