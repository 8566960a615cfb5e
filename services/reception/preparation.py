"""A3: what has to be ready before a booked car comes, and what is missing while there is still time."""

from collections.abc import Mapping, Sequence
from datetime import date

from services.reception.appointment import Appointment
from services.reception.estimate import parts_of_operations
from services.reception.stock import Stock, looked_up
from shared.branch import Branch
from shared.contracts.event import Fact, Instant
from shared.contracts.reception import PartsLookedUp
from shared.refusal import Malformed

THINGS = ("bay_and_team", "surroundings", "customer_file", "forms")
"""What the advisor sees to; parts say by themselves whether they are there."""


class Team(Fact):
    """A team that can do the work of the appointment, by the skills of its technicians."""

    team: str
    skills: tuple[str, ...]


class Preparation(Fact):
    """One line of the board: `missing` names what is not ready, parts as `part:NUMBER`."""

    visit: str
    arrives_at: Instant
    advisor: str
    customer: str
    vehicle: str
    operations: tuple[str, ...]
    parts: tuple[PartsLookedUp.Line, ...]
    teams: tuple[Team, ...]
    prepared: tuple[str, ...]
    missing: tuple[str, ...]
    no_shows: tuple[date, ...] = ()


def preparations_of_day(coming: Sequence[Appointment], stock: Mapping[str, Stock], branch: Branch, today: date) -> list[Preparation]:
    """A3: of the cars of one day, by their arrival. What the earlier of them need is not there for the later."""
    prepared: list[Preparation] = []
    needed: dict[str, int] = {}
    for appointment in sorted(coming, key=lambda each: (str(each.arrives_at), each.id)):
        left = {part_no: known.model_copy(update={"owed": known.owed + needed.get(part_no, 0)}) for part_no, known in stock.items()}
        prepared.append(preparation_of(appointment, left, branch, today))
        for line in prepared[-1].parts:
            needed[line.part_no] = needed.get(line.part_no, 0) + line.quantity
    return prepared


def preparation_of(appointment: Appointment, stock: Mapping[str, Stock], branch: Branch, today: date) -> Preparation:
    """A part that is ordered counts as there where it comes on the day before at the latest."""
    known = [code for code in appointment.operations if code in branch.operations]
    parts = looked_up(appointment.id, parts_of_operations(known, branch), stock, today).lines
    skills = {branch.operations[code].skill for code in known}
    assert appointment.day and appointment.arrives_at and appointment.advisor and appointment.customer and appointment.vehicle
    late = [line.part_no for line in parts if not line.available and (line.expected_on is None or line.expected_on >= appointment.day)]
    return Preparation(
        visit=appointment.id,
        arrives_at=appointment.arrives_at,
        advisor=appointment.advisor,
        customer=appointment.customer,
        vehicle=appointment.vehicle,
        operations=appointment.operations,
        parts=parts,
        teams=_teams(skills, branch),
        prepared=appointment.prepared,
        missing=(*(f"part:{part_no}" for part_no in late), *(thing for thing in THINGS if thing not in appointment.prepared)),
        no_shows=appointment.no_shows,
    )


def _teams(skills: set[str], branch: Branch) -> tuple[Team, ...]:
    able = {team: branch.team_skills(team) & skills for team in branch.teams}
    return tuple(Team(team=team, skills=tuple(sorted(shared))) for team, shared in able.items() if shared)


def checked_things(things: Sequence[str]) -> tuple[str, ...]:
    if not things or (unknown := set(things) - set(THINGS)):
        raise Malformed(missing=("things",), offered=list(THINGS), unknown=sorted(unknown) if things else [])
    return tuple(things)
