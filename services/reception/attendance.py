"""R10, A1: who of the branch is there when, from the shifts and absences that the workshop tells."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from shared.branch import Branch, StaffMember
from shared.calendar import opening_hours
from shared.contracts.event import Fact, Instant
from shared.contracts.workshop import AbsenceEnded, AbsenceRecorded, ShiftSet

ROSTER = "roster"
"""The id of the one document of it."""

HORIZON = timedelta(days=366)
"""Nobody is waited for longer."""


class Shift(Fact):
    days: tuple[int, ...]
    starts: time
    ends: time


class Absence(Fact):
    starts_at: Instant
    ends_at: Instant | None = None


class Attendance(Fact):
    """Who has no shift works in all opening hours."""

    shifts: Mapping[str, Shift] = {}
    absences: Mapping[str, Mapping[str, Absence]] = {}

    def after(self, event: ShiftSet | AbsenceRecorded | AbsenceEnded) -> "Attendance":
        if isinstance(event, ShiftSet):
            shift = Shift(days=event.days, starts=event.starts, ends=event.ends)
            return self.model_copy(update={"shifts": {**self.shifts, event.person: shift}})
        known = self.absences.get(event.person, {})
        begun = event.starts_at if isinstance(event, AbsenceRecorded) else known[event.absence].starts_at
        absence = Absence(starts_at=begun, ends_at=event.ends_at)
        return self.model_copy(update={"absences": {**self.absences, event.person: {**known, event.absence: absence}}})

    def is_there(self, person: str, moment: datetime, branch: Branch) -> bool:
        here = moment.astimezone(branch.site.zone)
        shift = self.shifts.get(person)
        if shift and not (here.weekday() in shift.days and shift.starts <= here.time() < shift.ends):
            return False
        absences = self.absences.get(person, {}).values()
        return not any(each.starts_at <= moment and (each.ends_at is None or moment < each.ends_at) for each in absences)

    def of_day(self, day: date, branch: Branch) -> Branch:
        """The branch without those who are away for more than half of the day's opening hours (A1)."""
        pieces = list(_pieces_of(day, self, list(branch.staff.values()), branch))

        def counts(person: str) -> bool:
            lengths = [(end - begin, self.is_there(person, begin, branch)) for begin, end in pieces]
            return 2 * sum((span for span, there in lengths if there), timedelta(0)) >= sum((span for span, _ in lengths), timedelta(0))

        return branch.model_copy(update={"staff": {id: member for id, member in branch.staff.items() if counts(id)}})


def attendance_of(kept: Mapping[str, Any] | None) -> Attendance:
    return Attendance.model_validate((kept or {}).get("kept", {}))


def able(skill: str, branch: Branch) -> list[StaffMember]:
    return [person for person in branch.people("technician") if skill in person.skills]


def done_by(
    start: datetime, span: timedelta, people: Sequence[StaffMember], attendance: Attendance, branch: Branch, *, shared: bool
) -> datetime | None:
    """When `span` of work is done by these people from `start` on: `shared` among all who are there, else by any one of them.

    None where they are not there for so long within a year.
    """
    if span <= timedelta(0):
        return start
    zone = branch.site.zone
    day = start.astimezone(zone).date()
    while day <= start.astimezone(zone).date() + HORIZON:
        for begins, end in _pieces_of(day, attendance, people, branch):
            begin = max(begins, start)
            there = sum(attendance.is_there(person.id, begin, branch) for person in people)
            hands = there if shared else min(there, 1)
            if end <= begin or not hands:
                continue
            if span <= (end - begin) * hands:
                return begin + span / hands
            span -= (end - begin) * hands
        day += timedelta(days=1)
    return None


def _pieces_of(day: date, attendance: Attendance, people: Sequence[StaffMember], branch: Branch) -> Iterator[tuple[datetime, datetime]]:
    """The day's opening hours, cut where somebody comes or goes; UTC."""
    if not (hours := opening_hours(day, branch.site)):
        return
    cuts = {*hours}
    for person in people:
        if shift := attendance.shifts.get(person.id):
            cuts |= {datetime.combine(day, hour, branch.site.zone).astimezone(hours[0].tzinfo) for hour in (shift.starts, shift.ends)}
        for absence in attendance.absences.get(person.id, {}).values():
            cuts |= {moment for moment in (absence.starts_at, absence.ends_at) if moment}
    inside = sorted(cut for cut in cuts if hours[0] <= cut <= hours[1])
    yield from pairwise(inside)
