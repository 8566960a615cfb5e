"""A unit of work in memory: what a command or a reaction has decided so far, before any of it is written.

Nothing here knows a database. `shared.store` gives the rows to read and writes the effects at the end, all at once.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from copy import copy
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Self, TypeVar

from pydantic_core import to_jsonable_python

from shared import tracing
from shared.aggregate import Aggregate
from shared.branch import Branch
from shared.contracts.envelope import Envelope
from shared.contracts.event import DepartmentName, Event, NoticeRaised, RecordChanged
from shared.contracts.records import RecordBody, TextRecord
from shared.epochs import NEVER_RESTORED, SinceRestore
from shared.journal import Entry, derived_id
from shared.reaction import Timer
from shared.refusal import NotFound, Stale

A = TypeVar("A", bound=Aggregate)

SYSTEM = "system"


@dataclass
class Effects:
    """Everything that is to be written. `gates` are the subjects touched, each with the change of its number of waiting events."""

    aggregates: dict[tuple[type[Aggregate], str], Aggregate] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    gates: dict[str, int] = field(default_factory=dict)
    documents: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    notices: dict[str, dict[str, Any]] = field(default_factory=dict)
    timers: dict[str, tuple[Timer, str, str | None, str] | None] = field(default_factory=dict)
    """None: it is there no more."""
    counters: dict[str, int] = field(default_factory=dict)

    def copy(self) -> Effects:
        return Effects(**{each.name: getattr(self, each.name).copy() for each in fields(self)})


def kind_name(kind: type[Aggregate]) -> str:
    """`WorkOrder` is `work_order`: how entries and `NotYet` name an aggregate, before `:ID`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()


class BufferedUnit:
    """`shared.unit.Unit` over buffered effects.

    Reads see the unit's own effects first. `cause` makes the ids of what it writes derived ones; without a cause they are random.
    """

    def __init__(
        self,
        department: DepartmentName,
        branch: Branch,
        now: datetime,
        *,
        actor: str,
        correlation: str,
        cause: Envelope | None = None,
        derived_from: str | None = None,
        expected: int | None = None,
        since_restore: SinceRestore = NEVER_RESTORED,
    ) -> None:
        self.effects = Effects()
        self._since_restore = since_restore
        self.loaded: dict[tuple[type[Aggregate], str], Aggregate] = {}
        self.seen: dict[tuple[str, str], dict[str, Any] | None] = {}
        self.waited_for: set[str] = set()
        self.partitions_written: set[int] = set()
        self._department = department
        self._branch = branch
        self._now = now
        self._actor = actor
        self._correlation = correlation
        self._expected = expected
        self._cause = cause
        self._derived_from = cause.id if cause else derived_from
        self._ids_given = 0

    async def row(self, collection: str, id: str) -> dict[str, Any] | None:
        """A stored document as the transaction sees it; where from, subclasses say."""
        raise NotImplementedError

    @property
    def now(self) -> datetime:
        return self._now

    @property
    def actor(self) -> str:
        return self._actor

    @property
    def branch(self) -> Branch:
        return self._branch

    @property
    def cause(self) -> Envelope | None:
        return self._cause

    @asynccontextmanager
    async def reacting_to(self, cause: Envelope) -> AsyncIterator[Self]:
        """A unit for the reactions to one event, inside this one: same transaction, same reads.

        Left by an exception, its effects are dropped and the rest of this unit stands; otherwise they become this unit's.
        One block an event: the ids of its entries count from the block's start.
        """
        inner = copy(self)
        inner.begin(cause)
        yield inner
        self.effects = inner.effects

    def begin(self, cause: Envelope) -> None:
        """From here on this unit works for that event, on effects of its own."""
        self.effects = self.effects.copy()
        self._actor, self._correlation, self._cause = SYSTEM, cause.correlationid, cause
        self._derived_from, self._ids_given = cause.id, 0

    async def load(self, kind: type[A], id: str) -> A:
        found = await self.find(kind, id)
        if not found.exists:
            raise NotFound(missing=(f"{kind_name(kind)}:{id}",))
        return found

    async def find(self, kind: type[A], id: str) -> A:
        state = self.effects.aggregates.get((kind, id)) or self.loaded.get((kind, id))
        if state is None:
            row = await self.row(kind.COLLECTION, id)
            state = aggregate_from(kind, row) if row else kind(id=id)
            # what is done again by itself after a restore is what was lost, and keeps the numbers by which others know it
            state.skip_numbers(self._since_restore.numbers_after if self._derived_from is None else 0)
            self.loaded[kind, id] = state
        assert isinstance(state, kind)
        return state

    async def update(self, kind: type[A], id: str, decide: Callable[[A], Sequence[Event]]) -> A:
        return await self._decide(await self.load(kind, id), decide)

    async def create(self, kind: type[A], id: str, decide: Callable[[A], Sequence[Event]]) -> A:
        return await self._decide(await self.find(kind, id), decide)

    async def changes(self, aggregate: str, subject: str, after: int) -> list[dict[str, Any]]:
        """What happened to an aggregate after that version: `what` (event type), `by`, `at`, `version`; where from, subclasses say."""
        raise NotImplementedError

    async def _decide(self, before: A, decide: Callable[[A], Sequence[Event]]) -> A:
        if before.exists:  # whoever expects a version has seen one: it is not of what this command makes
            expected, self._expected = self._expected, None
            if expected is not None and expected != before.version:
                changed = await self.changes(f"{kind_name(type(before))}:{before.id}", before.subject, expected)
                raise Stale(expected=expected, present=before.version, changed=changed)
        events = decide(before)
        if not events:
            return before
        after = before.after(events)
        kind = type(before)
        self.effects.aggregates[kind, before.id] = after
        for ordinal, event in enumerate(events):
            self._journal(event, after.subject, f"{kind_name(kind)}:{after.id}", after.version, ordinal)
        return after

    def must_have_met_what_is_expected(self) -> None:
        """At its end: a version was expected, and all that it decided is new; where it decided nothing, nothing is at stake."""
        if self._expected is not None and self.effects.aggregates:
            raise Stale(expected=self._expected, present=0, changed=[])

    async def put_record(self, key: str, body: RecordBody) -> str:
        return await self._change_record(key, body.model_dump(mode="json"))

    async def erase_record(self, key: str) -> None:
        """The body goes, the revision stays: an erasure is one revision more, and the last."""
        await self._change_record(key, None)

    async def _change_record(self, key: str, body: dict[str, Any] | None) -> str:
        before = await self._see("records", key, self.effects.records.get(key))
        if before and (before["department"] != self._department or before["body"] is None):
            raise NotFound(missing=(key,))
        revision = max(before["revision"] if before else 0, self._since_restore.revisions_after) + 1
        self.effects.records[key] = {"_id": key, "revision": revision, "body": body, "department": self._department}
        self._journal(RecordChanged(key=key, revision=revision, erased=body is None), key, f"record:{key}", revision, 0)
        return key

    async def put_text(self, text: str) -> str:
        return await self.put_record(f"text:{self._department}:{self._new_id()}", TextRecord(text=text))

    async def record(self, key: str) -> Mapping[str, Any] | None:
        row = await self._see("records", key, self.effects.records.get(key))
        return row["body"] if row else None

    async def tell(
        self,
        about: str,
        *,
        clause: str,
        visit: str | None = None,
        roles: Sequence[str] = (),
        people: Sequence[str] = (),
        **facts: str,
    ) -> None:
        raised = NoticeRaised(
            notice=f"notice-{self._new_id()}",
            about=about,
            clause=clause,
            visit=visit,
            roles=tuple(roles),
            people=tuple(people),
            facts=facts,
        )
        told = raised.model_dump(mode="json", exclude={"notice"})
        self.effects.notices[raised.notice] = {"_id": raised.notice, **told, "at": instant(self._now), "read": []}
        self._journal(raised, visit or raised.notice, f"notice:{raised.notice}", 1, 0, clause)

    async def schedule(self, timer: Timer) -> None:
        self.effects.timers[timer.key] = (timer, self._correlation, tracing.current(), self._id_of_setting(timer.key))
        self.touch(timer.subject)

    async def cancel(self, key: str) -> None:
        self.effects.timers[key] = None

    async def put(self, name: str, id: str, document: Mapping[str, Any], *, subject: str) -> None:
        self.effects.documents[name, id] = {**to_jsonable_python(document), "_id": id}
        self.touch(subject)

    async def fetch(self, name: str, id: str) -> dict[str, Any] | None:
        row = await self._see(name, id, self.effects.documents.get((name, id)))
        return plain_document(row) if row else None

    async def ids(self, kind: type[A], where: Mapping[str, Any]) -> list[str]:
        asked = {name.split(".")[0] for name in where}
        states = ((id, state) for (of, id), state in self.effects.aggregates.items() if of is kind)
        decided = {id: state.model_dump(mode="json", include=asked) for id, state in states}
        stored = set(await self.stored_ids(kind, where)) - decided.keys()
        return sorted(stored | {id for id, row in decided.items() if _has(row, where)})

    async def stored_ids(self, kind: type[A], where: Mapping[str, Any]) -> list[str]:
        """As the transaction sees them, without what this unit decided; where from, subclasses say."""
        raise NotImplementedError

    async def next_number(self, series: str) -> int:
        row = await self._see("counters", series, None)
        present: int = self.effects.counters.get(series, row["value"] if row else self._since_restore.series_after(self._now))
        self.effects.counters[series] = present + 1
        return present + 1

    def touch(self, subject: str, waiting: int = 0) -> None:
        """Write to the subject's gate: no other unit that touches it commits on what it read before. `waiting` changes its count."""
        self.effects.gates[subject] = self.effects.gates.get(subject, 0) + waiting

    async def waiting(self, subject: str) -> int:
        """How many events wait at the subject's gate, those of this unit included."""
        row = await self._see("gates", subject, None)
        return (row["waiting"] if row else 0) + self.effects.gates.get(subject, 0)

    async def _see(self, collection: str, id: str, own: dict[str, Any] | None) -> dict[str, Any] | None:
        if own is not None:
            return own
        if (collection, id) not in self.seen:
            self.seen[collection, id] = await self.row(collection, id)
        return self.seen[collection, id]

    def _new_id(self) -> str:
        if self._derived_from is None:
            return str(uuid.uuid4())
        self._ids_given += 1
        return derived_id(self._derived_from, self._department, self._ids_given)

    def _id_of_setting(self, key: str) -> str:
        """A timer may be set again for the moment at which it has just fired: what it does then is not what it did before."""
        return str(uuid.uuid4()) if self._derived_from is None else derived_id(self._derived_from, f"{self._department}:timer:{key}", 0)

    def _journal(self, event: Event, subject: str, aggregate: str, version: int, ordinal: int, clause: str | None = None) -> None:
        self.touch(subject)
        entry = Entry(
            id=self._new_id(),
            subject=subject,
            aggregate=aggregate,
            version=version,
            ordinal=ordinal,
            type=event.wire_type(self._department),
            time=instant(self._now),
            actor=self._actor,
            clause=event.carries_out if clause is None else clause,
            correlation=self._correlation,
            causation=self._cause.id if self._cause else None,
            data=event.model_dump(mode="json"),
            trace=tracing.current(),
        )
        self.effects.entries.append(entry)


def _has(row: Mapping[str, Any], where: Mapping[str, Any]) -> bool:
    """As the database would find it: a name may lead into lists, of which one value is enough, and None is what is not there."""
    return all(value in _values(row, name.split(".")) for name, value in where.items())


def _values(row: Any, path: Sequence[str]) -> list[Any]:
    if isinstance(row, list):
        return [row, *row] if not path else [value for each in row for value in _values(each, path)] or [None]
    if not path:
        return [row]
    return _values(row.get(path[0]), path[1:]) if isinstance(row, Mapping) else [None]


def instant(moment: datetime) -> str:
    text: str = to_jsonable_python(moment)
    return text


def aggregate_from(kind: type[A], row: Mapping[str, Any]) -> A:
    return kind.model_validate(plain_document(row))


def plain_document(row: Mapping[str, Any]) -> dict[str, Any]:
    """A stored document as everybody else sees it: `id` in place of `_id`."""
    return {"id": row["_id"], **{name: value for name, value in row.items() if name != "_id"}}
