"""What a restore cannot bring back, told from what the other departments have: numbers that they had applied, effects that stand at them.

An event that was lost is known by what others did about it: their entry names it as its cause, and nobody has it. What the restored
department did by itself it does again, under the same ids, as it catches up; that is not lost.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from servicelane.backup.databases import Databases
from shared.contracts.event import DEPARTMENTS, DepartmentName
from shared.journal import derived_id

GENERATIONS = 3
"""Own reaction to own reaction and so on: how far what is done again by itself is followed."""
ORDINALS = range(1, 9)


@dataclass
class Lost:
    """Of one department: `seen[partition]` is the highest of its old numbers that another had applied, `kept` what the backup has.

    `visits`: by visit, the types of the entries that others recorded because of what is lost.
    """

    department: DepartmentName
    epoch: int
    kept: Mapping[str, int]
    seen: dict[str, int] = field(default_factory=dict)
    visits: dict[str, list[str]] = field(default_factory=dict)

    @property
    def beyond(self) -> dict[str, tuple[int, int]]:
        """By partition, first and last number that others had applied and that is gone."""
        return {
            partition: (self.kept.get(partition, 0) + 1, seen)
            for partition, seen in sorted(self.seen.items())
            if seen > self.kept.get(partition, 0)
        }


def newest_epoch(databases: Databases, site: str, department: DepartmentName, readers: Iterable[str]) -> int:
    """The highest epoch of a department that anybody has heard of."""
    rows = (row for reader in readers for row in databases.rows(reader, "positions", _of(site, department), ("epoch",)))
    return max((int(row["epoch"]) for row in rows), default=0)


def told_by_others(
    databases: Databases, site: str, department: DepartmentName, epoch: int, kept: Mapping[str, int], own: str, others: Sequence[str]
) -> Lost:
    """`own` is the restored database, `others` those of the departments that still have theirs."""
    lost = Lost(department, epoch, kept)
    old = {**_of(site, department), "epoch": epoch}
    for other in others:
        for row in databases.rows(other, "positions", old, ("partition", "seq")):
            lost.seen[str(row["partition"])] = max(row["seq"], lost.seen.get(str(row["partition"]), 0))
    known = {str(row["_id"]): str(row["subject"]) for db in (own, *others) for row in databases.rows(db, "journal", {}, ("subject",))}
    orphans = [row for other in others for row in _effects(databases, other) if row["causation"] not in known]
    visits = {row["subject"] for row in orphans}
    coming = _done_again(department, [*(id for id, subject in known.items() if subject in visits), *_timers(databases, site, own, visits)])
    for row in orphans:
        if row["causation"] not in coming:
            lost.visits.setdefault(row["subject"], []).append(row["type"])
    return lost


def _effects(databases: Databases, database: str) -> Iterator[dict[str, Any]]:
    return databases.rows(database, "journal", {"causation": {"$ne": None}}, ("causation", "subject", "type"))


def _of(site: str, department: DepartmentName) -> dict[str, Any]:
    return {"site": site, "department": department}


def _timers(databases: Databases, site: str, own: str, visits: Collection[str]) -> Iterator[str]:
    for row in databases.rows(own, "timers", {"state": "waiting", "subject": {"$in": list(visits)}}, ("due_at",)):
        yield f"timer:{site}:{row['_id']}:{row['due_at'].isoformat()}"


def _done_again(department: DepartmentName, causes: Collection[str]) -> set[str]:
    """The ids of all that the department may record by itself in consequence of these."""
    found: set[str] = set()
    for _ in range(GENERATIONS):
        causes = {derived_id(cause, department, ordinal) for cause in causes for ordinal in ORDINALS}
        found |= causes
    return found


def others_than(restored: Iterable[str], site: str) -> list[str]:
    return [f"{site.lower()}_{name}" for name in DEPARTMENTS if name not in set(restored)]
