"""One order's story: what the journals say about one visit, in the order in which each department recorded it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from servicelane.audit.journals import Entry, Journals
from shared.contracts.event import Event, VisitEvent

F = TypeVar("F", bound=Event)


@dataclass(frozen=True)
class Recorded:
    """A fact with who, when and where in its department's order it was recorded."""

    fact: Any
    at: datetime
    by: str
    id: str
    department: str
    place: int

    def before(self, other: "Recorded") -> bool:
        """Recorded before the other: by the department's own order, across departments by business time (equal times are in order)."""
        if self.department == other.department:
            return self.place < other.place
        return self.at <= other.at


class Story:
    def __init__(self, visit: str, entries: list[Entry]) -> None:
        self.visit = visit
        self.entries = entries
        self._facts = [
            Recorded(entry.fact, entry.envelope.time, entry.envelope.actor, entry.envelope.id, entry.envelope.department, place)
            for place, entry in enumerate(entries)
            if entry.fact is not None
        ]

    def all(self, kind: type[F]) -> list[Recorded]:
        return [recorded for recorded in self._facts if isinstance(recorded.fact, kind)]

    def first(self, kind: type[F]) -> Recorded | None:
        return next(iter(self.all(kind)), None)

    def last(self, kind: type[F]) -> Recorded | None:
        return next(reversed(self.all(kind)), None)

    def before(self, kind: type[F], moment: Recorded) -> list[Recorded]:
        return [recorded for recorded in self.all(kind) if recorded.before(moment)]

    def __iter__(self) -> Iterator[Recorded]:
        return iter(self._facts)


def stories(journals: Journals) -> dict[str, Story]:
    """Every visit's story; a fact belongs to the visit that it names."""
    by_visit: dict[str, list[Entry]] = {}
    for entry in journals.every():
        visit = entry.fact.visit if isinstance(entry.fact, VisitEvent) else getattr(entry.fact, "visit", None)
        if visit:
            by_visit.setdefault(visit, []).append(entry)
    return {visit: Story(visit, entries) for visit, entries in by_visit.items()}
