"""The four journals as recorded facts, read over the departments' APIs (`GET /journal`), and what each department says it has applied."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from shared.contracts import delivery, followup, reception, workshop
from shared.contracts.envelope import Envelope
from shared.contracts.event import DEPARTMENTS, EpochStarted, Event, NoticeRaised, RecordChanged, event_types

EVERYWHERE: tuple[type[Event], ...] = (RecordChanged, NoticeRaised, EpochStarted)
EVENTS: Mapping[str, type[Event]] = {
    kind.wire_type(department): kind
    for department, module in zip(DEPARTMENTS, (reception, workshop, delivery, followup), strict=True)
    for kind in (*event_types(vars(module)), *EVERYWHERE)
}


@dataclass(frozen=True)
class Entry:
    """One journal entry: its envelope and, where the audit knows the type, the fact in it; `unreadable` says why it has none."""

    envelope: Envelope
    fact: Event | None
    unreadable: str = ""

    @classmethod
    def of(cls, envelope: Envelope) -> "Entry":
        kind = EVENTS.get(envelope.type)
        if kind is None:
            return cls(envelope, None)
        try:
            return cls(envelope, kind.model_validate(envelope.data))
        except ValidationError as error:
            return cls(envelope, None, f"{envelope.type}: {error.error_count()} of its fields are not what they have to be")


@dataclass(frozen=True)
class Journals:
    """`entries` by department in the order of their numbers; `applied[reader][writer][partition]` is the last number applied.

    `dead` counts events that a department could not digest, `waiting` those that still lack something; `under_way` says what
    had not come to its end as the journals were read.
    """

    entries: Mapping[str, tuple[Entry, ...]]
    applied: Mapping[str, Mapping[str, Mapping[str, int]]] = field(default_factory=dict)
    waiting: Mapping[str, int] = field(default_factory=dict)
    dead: Mapping[str, int] = field(default_factory=dict)
    under_way: tuple[str, ...] = ()

    @classmethod
    def of(cls, envelopes: Iterable[Envelope], **kept: Any) -> "Journals":
        by_department: dict[str, list[Entry]] = {department: [] for department in DEPARTMENTS}
        for envelope in envelopes:
            by_department[envelope.department].append(Entry.of(envelope))
        for entries in by_department.values():
            entries.sort(key=lambda entry: (entry.envelope.epoch, entry.envelope.partition, entry.envelope.seq))
        return cls({department: tuple(entries) for department, entries in by_department.items()}, **kept)

    def every(self) -> Iterator[Entry]:
        for entries in self.entries.values():
            yield from entries

    @cached_property
    def lost(self) -> frozenset[str]:
        """Ids of events that others acted upon and that no journal has, where a department was restored from a backup."""
        entries = list(self.every())
        if not any(isinstance(entry.fact, EpochStarted) for entry in entries):
            return frozenset()
        causes = {entry.envelope.causationid for entry in entries if entry.envelope.causationid}
        return frozenset(causes - {entry.envelope.id for entry in entries})

    @cached_property
    def until(self) -> datetime:
        """The newest moment on record."""
        return max((entry.envelope.time for entry in self.every()), default=datetime.min.replace(tzinfo=UTC))
