"""Who does what, over HTTP (W2): proposal, load, dispatch, the technicians named."""

from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from services.workshop import dispatch
from services.workshop.job import Job
from services.workshop.store import absent_now, roster_of, team_loads
from shared.contracts.workshop import JobDispatched
from shared.unit import Unit
from shared.web import Body, Call, Roles, table

_ON_CARS: tuple[str, ...] = ("team_leader", "technician", "qc_inspector", "technical_director", "washer")

MAY: Roles = {
    "see_load": ("workshop_supervisor", *_ON_CARS, "parts_clerk", "advisor", "receptionist", "business_supervisor", "group_analyst"),
    "dispatch_job": ("workshop_supervisor",),
    "name_technicians": ("team_leader",),
}

router = APIRouter()
allowed = table(MAY)

StaffId = Annotated[str, Field(min_length=1, max_length=60)]
Text = Annotated[str, Field(min_length=1, max_length=2000)]


class Proposal(Body):
    assignments: tuple[JobDispatched.Assignment, ...]


@router.get("/jobs/{visit}/dispatch-proposal")
async def see_dispatch_proposal(visit: str, call: Call = allowed("dispatch_job")) -> Proposal:
    """W2: which team the software would give each item, by skills and present load."""
    job = await call.get(Job, visit)
    return Proposal(assignments=dispatch.propose(job, call.branch, await team_loads(call.store), await absent_now(call.store)))


class TeamLoad(Body):
    team: str
    skills: tuple[str, ...]
    technicians: tuple[str, ...]
    present: tuple[str, ...]
    hours: Decimal = Field(description="Standard hours of the items that the team has and has not finished.")
    hours_today: Decimal = Field(description="Hours that its technicians work today.")


@router.get("/load")
async def see_load(call: Call = allowed("see_load")) -> list[TeamLoad]:
    """W2: what each team can do, and has to do."""
    loads, roster, site = await team_loads(call.store), await roster_of(call.store), call.branch.site
    absent = roster.absent(call.now, site.zone)
    return [
        TeamLoad(
            team=team,
            skills=tuple(sorted(call.branch.team_skills(team))),
            technicians=tuple(person.id for person in call.branch.team(team)),
            present=tuple(person.id for person in call.branch.team(team) if person.id not in absent),
            hours=loads.get(team, Decimal(0)),
            hours_today=sum((roster.hours_today(person.id, site, call.now) for person in call.branch.team(team)), start=Decimal(0)),
        )
        for team in call.branch.teams
    ]


class Assign(Body):
    item: str
    team: str = Field(examples=["team-e"])
    override_reason: Text | None = Field(default=None, description="Why a team without the skill gets it all the same.")


class DispatchJob(Body):
    priority: int = Field(ge=1, le=5, description="1 is first.", examples=[3])
    assignments: tuple[Assign, ...] = Field(min_length=1)


@router.post("/jobs/{visit}/dispatch")
async def dispatch_job(visit: str, body: DispatchJob, call: Call = allowed("dispatch_job")) -> Job:
    """W2: the supervisor sets the priority and gives items to teams, each item to one."""
    loads, absent, by = await team_loads(call.store), await absent_now(call.store), call.person.id

    async def give(unit: Unit) -> Job:
        given = [await _assignment(entry, unit) for entry in body.assignments]
        return await unit.update(Job, visit, lambda job: dispatch.assign(job, by, body.priority, given, unit.branch, loads, absent))

    return await call.do(give, Job)


async def _assignment(entry: Assign, unit: Unit) -> JobDispatched.Assignment:
    reason = await unit.put_text(entry.override_reason) if entry.override_reason else None
    return JobDispatched.Assignment(item=entry.item, team=entry.team, override_reason=reason)


class NameTechnicians(Body):
    technicians: tuple[StaffId, ...] = Field(min_length=1, examples=[["tech-4"]])


@router.post("/jobs/{visit}/items/{item}/technicians")
async def name_technicians(visit: str, item: str, body: NameTechnicians, call: Call = allowed("name_technicians")) -> Job:
    """W2: the leader of the item's team names who of the team does it; anew without one who began it and is away, or left the team."""
    absent = await absent_now(call.store)
    return await call.update(Job, visit, lambda job: dispatch.name(job, item, call.person.id, body.technicians, call.branch, absent))
