"""W2, R10: who works when: shifts and absences. Who is away counts neither for load nor for skills, and is stood in for (W9, W10)."""

from collections.abc import Sequence
from datetime import datetime, time
from decimal import Decimal
from typing import ClassVar, Literal
from zoneinfo import ZoneInfo

from shared.aggregate import Aggregate
from shared.branch import Branch, Site
from shared.contracts.event import Event, Fact, Instant
from shared.contracts.workshop import AbsenceEnded, AbsenceRecorded, ShiftSet
from shared.refusal import Malformed, NotFound, Refused

Kind = Literal["leave", "training", "unplanned"]
ROSTER = "roster"
"""The id of the branch's one roster."""


class AwayAlready(Refused):
    clause = "W2"
    title = {"en": "The person is on record as away in that time.", "zh-CN": "该人员在此期间已登记缺勤。"}
    remedy = {"en": "End the absence named, or choose another time.", "zh-CN": "请先结束所列缺勤，或更改时间。"}


class BackAlready(Refused):
    clause = "W2"
    title = {"en": "The absence is over.", "zh-CN": "该缺勤已结束。"}
    remedy = {"en": "Record a new one if the person is away again.", "zh-CN": "如再次缺勤，请重新登记。"}


class Shift(Fact):
    days: tuple[int, ...]
    starts: time
    ends: time

    @property
    def hours(self) -> Decimal:
        return Decimal((_minutes(self.ends) - _minutes(self.starts)) // 6) / 10


class Absence(Fact):
    absence: str
    kind: str
    starts_at: Instant
    ends_at: Instant | None = None

    def covers(self, moment: datetime) -> bool:
        return self.starts_at <= moment and (self.ends_at is None or moment < self.ends_at)

    def overlaps(self, starts_at: datetime, ends_at: datetime | None) -> bool:
        return (ends_at is None or self.starts_at < ends_at) and (self.ends_at is None or starts_at < self.ends_at)


class Roster(Aggregate):
    """Of the whole branch. Who has no shift works in all opening hours."""

    COLLECTION: ClassVar[str] = "rosters"

    shifts: dict[str, Shift] = {}
    absences: dict[str, tuple[Absence, ...]] = {}

    def absent(self, now: datetime, zone: ZoneInfo) -> frozenset[str]:
        """Who is away at the moment, or does not work on that day of the week."""
        day = now.astimezone(zone).weekday()
        off = {person for person, shift in self.shifts.items() if day not in shift.days}
        return frozenset(off | {person for person, absences in self.absences.items() if any(each.covers(now) for each in absences)})

    def hours_today(self, person: str, site: Site, now: datetime) -> Decimal:
        """The hours that the person works on the day: by shift, else while the shop is open; none where away."""
        if person in self.absent(now, site.zone):
            return Decimal(0)
        shop = site.shop
        return self.shifts.get(person, Shift(days=tuple(shop.open_days), starts=shop.opens, ends=shop.closes)).hours

    def absence(self, person: str, absence: str) -> Absence:
        found = next((each for each in self.absences.get(person, ()) if each.absence == absence), None)
        if found is None:
            raise NotFound(missing=(absence,))
        return found

    def apply(self, event: Event) -> None:
        match event:
            case ShiftSet():
                self.shifts[event.person] = Shift(days=event.days, starts=event.starts, ends=event.ends)
            case AbsenceRecorded():
                self.absences[event.person] = (*self.absences.get(event.person, ()), Absence.model_validate(event.model_dump()))
            case AbsenceEnded():
                ended = {"ends_at": event.ends_at}
                self.absences[event.person] = tuple(
                    each.model_copy(update=ended) if each.absence == event.absence else each for each in self.absences[event.person]
                )
            case _:
                raise ValueError(f"{type(event).__name__} is no event of a roster")


def set_shift(roster: Roster, person: str, shift: Shift, by: str, branch: Branch) -> Sequence[Event]:
    _must_be_staff(person, branch)
    if shift.starts >= shift.ends or not shift.days or not set(shift.days) <= set(range(7)):
        raise Malformed(missing=("days", "starts", "ends"), reason="days are 0 (Monday) to 6, and a shift ends after it starts")
    days = tuple(sorted(set(shift.days)))
    if roster.shifts.get(person) == shift.model_copy(update={"days": days}):
        return []
    return [ShiftSet(person=person, days=days, starts=shift.starts, ends=shift.ends, by=by)]


def record_absence(
    roster: Roster, person: str, kind: Kind, starts_at: datetime, ends_at: datetime | None, by: str, branch: Branch
) -> Sequence[Event]:
    _must_be_staff(person, branch)
    if ends_at is not None and ends_at <= starts_at:
        raise Malformed(missing=("ends_at",), reason="an absence ends after it starts")
    known = roster.absences.get(person, ())
    if overlapping := [each.absence for each in known if each.overlaps(starts_at, ends_at)]:
        raise AwayAlready(person=person, absences=overlapping)
    return [
        AbsenceRecorded(person=person, absence=f"absence-{len(known) + 1}", kind=kind, starts_at=starts_at, ends_at=ends_at, by=by),
    ]


def end_absence(roster: Roster, person: str, absence: str, ends_at: datetime, by: str) -> Sequence[Event]:
    """The person is back earlier than thought, or at last, or does not go at all."""
    known = roster.absence(person, absence)
    ends_at = max(ends_at, known.starts_at)
    if known.ends_at is not None and known.ends_at <= ends_at:
        raise BackAlready(absence=absence, ends_at=known.ends_at.isoformat())
    return [AbsenceEnded(person=person, absence=absence, ends_at=ends_at, by=by)]


def _must_be_staff(person: str, branch: Branch) -> None:
    if person not in branch.staff:
        raise NotFound(missing=(person,))


def _minutes(of_day: time) -> int:
    return of_day.hour * 60 + of_day.minute
