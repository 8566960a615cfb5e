"""One order's story: what the journals say about one visit, in the order in which each department recorded it."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from servicelane.audit.journals import Entry, Journals
from shared.contracts.event import DEPARTMENTS, DepartmentName, Event
from shared.signing import content_hash


@dataclass(frozen=True, eq=False)
class Recorded:
    """A fact with who, when and where in its department's order it was recorded; `data` is the fact as it stands in the journal."""

    fact: Any
    at: datetime
    by: str
    id: str
    department: DepartmentName
    partition: int
    place: tuple[int, int]
    cause: str | None
    clause: str
    data: Mapping[str, Any]

    @classmethod
    def of(cls, entry: Entry) -> "Recorded":
        envelope = entry.envelope
        return cls(
            entry.fact,
            envelope.time,
            envelope.actor,
            envelope.id,
            envelope.department,
            envelope.partition,
            (envelope.epoch, envelope.seq),
            envelope.causationid,
            envelope.clause or getattr(entry.fact, "clause", ""),
            envelope.data,
        )

    def before(self, other: "Recorded") -> bool:
        """Recorded before the other, or at the same moment in another department: what is needed for an act may have been there."""
        return self.place < other.place if self._beside(other) else self.at <= other.at

    def clearly_before(self, other: "Recorded") -> bool:
        """Recorded before the other without doubt: what speaks against an act."""
        return self.place < other.place if self._beside(other) else self.at < other.at

    def comes_after(self, other: "Recorded") -> bool:
        """After the other in the order of one department, which is also that in which others hear of them."""
        return self._beside(other) and self.place > other.place

    def _beside(self, other: "Recorded") -> bool:
        return (self.department, self.partition) == (other.department, other.partition)

    @property
    def content_hash(self) -> str:
        """Computed again from the journal's own words, so that a field that is younger than the fact does not change it."""
        return content_hash(self.data)

    @property
    def truly_signed(self) -> bool:
        """The signature is over what the fact says."""
        return bool(self.fact.content_hash == self.fact.signature.content_hash == self.content_hash)


class Story:
    """`until` is the newest moment that any of the journals knows: what is not recorded by then has not happened yet."""

    def __init__(self, visit: str, entries: list[Entry], until: datetime) -> None:
        self.visit = visit
        self.until = until
        self._facts = [Recorded.of(entry) for entry in entries if entry.fact is not None]
        self._by_kind: dict[type[Event], list[Recorded]] = defaultdict(list)
        for recorded in self._facts:
            self._by_kind[type(recorded.fact)].append(recorded)
        self._by_field: dict[tuple[type[Event], str], dict[Any, list[Recorded]]] = {}
        self._lines: dict[tuple[type[Event], str], dict[Any, dict[tuple[str, int], list[Recorded]]]] = {}

    @cached_property
    def since(self) -> datetime:
        """The first moment on record."""
        return min((recorded.at for recorded in self._facts), default=self.until)

    def all(self, *kinds: type[Event]) -> list[Recorded]:
        """Of one kind, in the order in which its department recorded them; of several, one kind after the other."""
        return [recorded for kind in kinds for recorded in self._by_kind.get(kind, ())]

    def first(self, kind: type[Event]) -> Recorded | None:
        return next(iter(self.all(kind)), None)

    def last(self, kind: type[Event]) -> Recorded | None:
        return next(reversed(self.all(kind)), None)

    def having(self, kind: type[Event], field: str, value: Any) -> list[Recorded]:
        """Of one kind those with the value, as `all` has them; looked up, since a site has very many."""
        if (known := self._by_field.get((kind, field))) is None:
            known = self._by_field[kind, field] = defaultdict(list)
            for recorded in self.all(kind):
                known[getattr(recorded.fact, field)].append(recorded)
        return known.get(value, [])

    def last_having(self, kind: type[Event], field: str, moment: Recorded) -> Recorded | None:
        """The last before the moment that has the moment's own value, as the last of all those; looked up by place within a partition."""
        if (known := self._lines.get((kind, field))) is None:
            known = self._lines[kind, field] = defaultdict(lambda: defaultdict(list))
            for recorded in self.all(kind):
                known[getattr(recorded.fact, field)][recorded.department, recorded.partition].append(recorded)
        found = [_last(line, moment) for line in known.get(getattr(moment.fact, field), {}).values()]
        return max((each for each in found if each), key=lambda each: (each.place[0], each.partition, each.place[1]), default=None)

    def before(self, moment: Recorded, *kinds: type[Event]) -> list[Recorded]:
        return [recorded for recorded in self.all(*kinds) if recorded.before(moment)]

    def newest(self, moment: Recorded, *kinds: type[Event]) -> Recorded | None:
        """The last of these kinds before the moment."""
        found: Recorded | None = None
        for recorded in self.before(moment, *kinds):
            if found is None or found.before(recorded):
                found = recorded
        return found

    def between(self, start: Recorded | None, end: Recorded, *kinds: type[Event]) -> list[Recorded]:
        """After `start` (from the beginning where it is None) and before `end`."""
        return [recorded for recorded in self.before(end, *kinds) if start is None or start.before(recorded)]

    def __iter__(self) -> Iterator[Recorded]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)


def _last(line: list[Recorded], moment: Recorded) -> Recorded | None:
    """Of one partition, in the order of its numbers."""
    if (line[0].department, line[0].partition) == (moment.department, moment.partition):
        place = bisect_left(line, moment.place, key=lambda each: each.place)
        return line[place - 1] if place else None
    return next((each for each in reversed(line) if each.before(moment)), None)


def told_in_order(story: Story) -> list[Recorded]:
    """The facts as they happened: by time, and at one moment what caused something before what it caused."""
    known = {recorded.id: recorded for recorded in story}

    def depth(recorded: Recorded, seen: frozenset[str] = frozenset()) -> int:
        cause = known.get(recorded.cause or "")
        if cause is None or cause.at != recorded.at or recorded.id in seen:
            return 0
        return 1 + depth(cause, seen | {recorded.id})

    return sorted(story, key=lambda recorded: (recorded.at, depth(recorded), DEPARTMENTS.index(recorded.department), recorded.place))


def stories(journals: Journals) -> dict[str, Story]:
    """Every visit's story; a fact belongs to the visit that it names."""
    by_visit: dict[str, list[Entry]] = defaultdict(list)
    for entry in journals.every():
        if visit := getattr(entry.fact, "visit", None):
            by_visit[visit].append(entry)
    return {visit: Story(visit, entries, journals.until) for visit, entries in by_visit.items()}


def whole(journals: Journals) -> Story:
    """The site's story: what is about no visit, or about many."""
    return Story("", list(journals.every()), journals.until)
