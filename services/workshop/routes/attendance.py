"""Who works when, over HTTP (W2, R10): shifts and absences, kept by the supervisors."""

from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter
from pydantic import AwareDatetime, Field

from services.workshop import attendance
from services.workshop.attendance import ROSTER, Absence, Roster, Shift
from services.workshop.store import roster_of
from shared.branch import LocalTime
from shared.web import Body, Call, Roles, table

_SUPERVISORS: tuple[str, ...] = ("workshop_supervisor", "business_supervisor")

MAY: Roles = {
    "see_attendance": (*_SUPERVISORS, "team_leader", "advisor", "receptionist"),
    "set_shift": _SUPERVISORS,
    "record_absence": _SUPERVISORS,
    "end_absence": _SUPERVISORS,
}

router = APIRouter()
allowed = table(MAY)


class Presence(Body):
    person: str
    roles: tuple[str, ...]
    team: str | None
    present: bool
    hours_today: Decimal
    shift: Shift | None
    absences: tuple[Absence, ...]


@router.get("/attendance")
async def see_attendance(call: Call = allowed("see_attendance")) -> list[Presence]:
    """Everybody of the branch: who is here now, with shift and absences."""
    roster, site = await roster_of(call.store), call.branch.site
    absent = roster.absent(call.now, site.zone)
    return [
        Presence(
            person=person.id,
            roles=person.roles,
            team=person.team,
            present=person.id not in absent,
            hours_today=roster.hours_today(person.id, site, call.now),
            shift=roster.shifts.get(person.id),
            absences=roster.absences.get(person.id, ()),
        )
        for person in call.branch.staff.values()
    ]


class SetShift(Body):
    days: Annotated[tuple[Annotated[int, Field(ge=0, le=6)], ...], Field(min_length=1, max_length=7, examples=[[0, 1, 2, 3, 4]])]
    starts: LocalTime = Field(examples=["08:00"])
    ends: LocalTime = Field(examples=["17:00"])


@router.post("/attendance/{person}/shift")
async def set_shift(person: str, body: SetShift, call: Call = allowed("set_shift")) -> Roster:
    """W2: the days of the week (Monday is 0) and the local hours in which the person works; without one, all opening hours."""
    shift = Shift(days=body.days, starts=body.starts, ends=body.ends)
    return await call.create(Roster, ROSTER, lambda roster: attendance.set_shift(roster, person, shift, call.person.id, call.branch))


class RecordAbsence(Body):
    kind: attendance.Kind = Field(examples=["leave"])
    starts_at: AwareDatetime
    ends_at: AwareDatetime | None = Field(default=None, description="Left out while nobody knows.")


@router.post("/attendance/{person}/absences")
async def record_absence(person: str, body: RecordAbsence, call: Call = allowed("record_absence")) -> Roster:
    """W2: the person is away: proposals, skills and load no longer count on them; another leader stands in for a leader."""
    return await call.create(
        Roster,
        ROSTER,
        lambda roster: attendance.record_absence(roster, person, body.kind, body.starts_at, body.ends_at, call.person.id, call.branch),
    )


@router.post("/attendance/{person}/absences/{absence}/end")
async def end_absence(person: str, absence: str, call: Call = allowed("end_absence")) -> Roster:
    """W2: the person is back, now."""
    return await call.create(Roster, ROSTER, lambda roster: attendance.end_absence(roster, person, absence, call.now, call.person.id))
