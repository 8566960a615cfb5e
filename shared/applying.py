"""What arrives from Kafka is applied exactly once in effect: position and effects are one transaction.

A position is the last number applied of one partition of one department's epoch. It is compared and set inside the
transaction, never from memory: two workers may hold one partition while a group rebalances.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from shared.contracts.envelope import Envelope, Heartbeat, ReplayRequest
from shared.contracts.event import DepartmentName, EpochStarted
from shared.contracts.records import Record
from shared.effects import SYSTEM
from shared.foresight import Foresight
from shared.journal import derived_id
from shared.refusal import DatabaseAway
from shared.store import MongoUnit, Store
from shared.waiting import Turns

log = logging.getLogger(__name__)

Arrival = Envelope | Record


class Stream(NamedTuple):
    """One partition of one department in one epoch: what one contiguous row of numbers belongs to."""

    site: str
    department: DepartmentName
    epoch: int
    partition: int

    @classmethod
    def of(cls, numbered: Envelope | Heartbeat | ReplayRequest) -> Stream:
        return cls(numbered.site, numbered.department, numbered.epoch, numbered.partition)

    @property
    def id(self) -> str:
        return f"{self.site}/{self.department}/{self.epoch}/{self.partition}"


@dataclass
class Position:
    """`closed`: a later epoch has begun. `doubtful`: an epoch in which events may come again that were applied before it began.

    `end`: nothing beyond this number counts, though Kafka may still have it: it was lost with the database that had it.
    """

    stream: Stream
    seq: int = 0
    closed: bool = False
    doubtful: bool = False
    end: int | None = None

    @classmethod
    async def load(cls, unit: MongoUnit, stream: Stream) -> Position:
        row = await unit.fetch("positions", stream.id)
        return cls(stream, row["seq"], row["closed"], row["doubtful"], row.get("end")) if row else cls(stream)

    def save(self, unit: MongoUnit) -> None:
        state = {"seq": self.seq, "closed": self.closed, "doubtful": self.doubtful, "end": self.end}
        unit.effects.documents["positions", self.stream.id] = {"_id": self.stream.id, **self.stream._asdict(), **state}


@dataclass
class Applied:
    """`missing`: the newest number known of each stream in which numbers before it are missing. `records`: keys that are new here.

    `reached`: the last number applied of each stream that went on.
    """

    missing: dict[Stream, int] = field(default_factory=dict)
    records: list[str] = field(default_factory=list)
    reached: dict[Stream, int] = field(default_factory=dict)

    def lacks(self, stream: Stream, newest: int) -> None:
        self.missing[stream] = max(newest, self.missing.get(stream, 0))

    def add(self, other: Applied) -> None:
        for stream, newest in other.missing.items():
            self.lacks(stream, newest)
        self.records += other.records
        self.reached |= other.reached


class Applying:
    """Applies what arrives to one department's database."""

    def __init__(self, store: Store, turns: Turns) -> None:
        self._store = store
        self._turns = turns
        self._foresight = Foresight(turns.handlers)
        self._known: dict[Stream, int] = {}
        """Up to where streams were applied as this process last saw it; a position never goes back, so it is at least there."""

    async def apply(self, arrivals: Sequence[Arrival]) -> Applied:
        """All in one transaction; one by one where that cannot be written. `DatabaseAway` is raised; the same again is right then."""
        try:
            return await self._together(arrivals)
        except DatabaseAway:
            raise
        except Exception:
            log.exception("a batch could not be written; one by one", extra={"size": len(arrivals)})
        applied = Applied()
        for arrival in arrivals:
            applied.add(await self._alone(arrival))
        return applied

    async def is_behind(self, stream: Stream, newest: int) -> bool:
        if newest <= self._known.get(stream, 0):
            return False
        row = await self._store.fetch("positions", stream.id)
        self._known[stream] = row["seq"] if row else 0
        end = row.get("end") if row else None
        return (newest if end is None else min(newest, end)) > self._known[stream] and not (row and row["closed"])

    async def seq(self, stream: Stream) -> int:
        """The last number applied."""
        row = await self._store.fetch("positions", stream.id)
        return int(row["seq"]) if row else 0

    async def _together(self, arrivals: Sequence[Arrival], grave: Exception | None = None) -> Applied:
        async def work(unit: MongoUnit) -> Applied:
            applied = Applied()
            # read ahead, all at once
            await unit.rows("positions", sorted({Stream.of(arrival).id for arrival in arrivals if isinstance(arrival, Envelope)}))
            await self._foresight.look_ahead(unit, arrivals)
            for arrival in sorted(arrivals, key=lambda arrival: not isinstance(arrival, Record)):  # what is announced is here already
                if isinstance(arrival, Record):
                    await _keep(unit, arrival, applied)
                else:
                    await self._in_order(unit, arrival, applied, grave)
            return applied

        applied = await self._store.transact(work, actor=SYSTEM, correlation="intake")
        self._known |= applied.reached
        return applied

    async def _alone(self, arrival: Arrival) -> Applied:
        try:
            return await self._together([arrival])
        except DatabaseAway:
            raise
        except Exception as error:
            if isinstance(arrival, Record):
                raise
            return await self._together([arrival], grave=error)

    async def _in_order(self, unit: MongoUnit, envelope: Envelope, applied: Applied, grave: Exception | None) -> None:
        position = await Position.load(unit, Stream.of(envelope))
        if envelope.seq <= position.seq or position.closed or _is_beyond(position, envelope.seq):
            return
        if envelope.seq > position.seq + 1:
            applied.lacks(position.stream, envelope.seq)
            return
        if envelope.seq == 1 and envelope.epoch > 1 and not await _leave_previous_epoch(unit, envelope, position, applied):
            return
        if grave:
            await self._turns.bury(unit, envelope, grave)
        elif not (position.doubtful and await _had_effects(unit, envelope)):
            await self._turns.take(unit, envelope)
            self._foresight.learn(unit, envelope)
        position.seq = applied.reached[position.stream] = envelope.seq
        position.save(unit)


def _is_beyond(position: Position, seq: int) -> bool:
    return position.end is not None and seq > position.end


async def _leave_previous_epoch(unit: MongoUnit, envelope: Envelope, position: Position, applied: Applied) -> bool:
    """The old epoch is finished up to where it counts, then closed; until then the new one waits.

    Epochs between the two are of restores that were lost in turn: all that was applied of them may come again.
    """
    if envelope.type != EpochStarted.wire_type(envelope.department):
        return True
    started = EpochStarted.model_validate(envelope.data)
    last = started.last.get(str(envelope.partition), 0)
    old = await Position.load(unit, position.stream._replace(epoch=started.previous))
    if old.seq < last:
        applied.lacks(old.stream, last)
        return False
    between = await _epochs_between(unit, old.stream, position.stream)
    position.doubtful = old.seq > last or old.doubtful or any(lost.seq for lost in between)
    for ended in (old, *between):
        ended.closed = True
        ended.save(unit)
    return True


async def _epochs_between(unit: MongoUnit, old: Stream, new: Stream) -> list[Position]:
    where = {**old._asdict(), "epoch": {"$gt": old.epoch, "$lt": new.epoch}}
    rows = unit.store.collection("positions").find(where, session=unit.session)
    return [await Position.load(unit, old._replace(epoch=row["epoch"])) async for row in rows]


async def _had_effects(unit: MongoUnit, envelope: Envelope) -> bool:
    """Whether this event's reactions wrote to the journal before: ids of a reaction's entries derive from its event."""
    ids = [derived_id(envelope.id, unit.store.name, ordinal) for ordinal in range(1, 9)]
    return await unit.store.collection("journal").find_one({"_id": {"$in": ids}}, session=unit.session) is not None


async def _keep(unit: MongoUnit, record: Record, applied: Applied) -> None:
    """The highest revision stays; an erasure is one, and stays whatever comes."""
    present = unit.effects.records.get(record.key) or await unit.row("records", record.key)
    if present and (present["revision"] >= record.revision or present["body"] is None):
        return
    kept = {"revision": record.revision, "body": record.body, "department": record.department}
    unit.effects.records[record.key] = {"_id": record.key, **kept}
    applied.records.append(record.key)
