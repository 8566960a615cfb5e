"""What has to reach the customer while the car is here: belongings and damage (W6), progress (W7), found work (W8).

Each answers the job with the newest entry last; reception's advisor has a task with a time, and the answer comes back by itself.
"""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field

from services.workshop import belongings, damage, found, progress
from services.workshop.job import Job
from services.workshop.store import shortage
from shared.unit import Unit
from shared.web import Body, Call, Roles, table

_ON_THE_CAR: tuple[str, ...] = ("technician", "team_leader")

MAY: Roles = {
    "request_belongings": _ON_THE_CAR,
    "move_belongings": _ON_THE_CAR,
    "report_damage": (*_ON_THE_CAR, "washer", "qc_inspector", "technical_director", "workshop_supervisor"),
    "decide_damage": ("workshop_supervisor",),
    "repair_damage": ("technician",),
    "report_progress": _ON_THE_CAR,
    "report_found": (*_ON_THE_CAR, "qc_inspector", "technical_director"),
}

router = APIRouter()
allowed = table(MAY)

Text = Annotated[str, Field(min_length=1, max_length=2000)]


class RequestBelongings(Body):
    need: Text = Field(examples=["后备箱物品需移开以便检修"])


@router.post("/jobs/{visit}/belongings")
async def request_belongings(visit: str, body: RequestBelongings, call: Call = allowed("request_belongings")) -> Job:
    """W6: the work needs belongings moved, the car entered or its electrics run; the advisor asks the customer first."""

    async def ask(unit: Unit) -> Job:
        need = await unit.put_text(body.need)
        return await unit.update(Job, visit, lambda job: belongings.ask(job, call.person.id, need, unit.branch))

    return await call.do(ask, Job)


class MoveBelongings(Body):
    to_place: str = Field(min_length=1, max_length=60, examples=["locker-2"])


@router.post("/jobs/{visit}/belongings/{request}/moving")
async def move_belongings(visit: str, request: str, body: MoveBelongings, call: Call = allowed("move_belongings")) -> Job:
    """W6: moved as the customer agreed; 409 W6 before the answer, and where they refused."""
    return await call.update(Job, visit, lambda job: belongings.move(job, request, call.person.id, body.to_place, call.branch))


class ReportDamage(Body):
    during: damage.During = Field(examples=["wash"])
    note: Text = Field(examples=["左前门划痕，约 5 厘米"])


@router.post("/jobs/{visit}/damage")
async def report_damage(visit: str, body: ReportDamage, call: Call = allowed("report_damage")) -> Job:
    """W6, W12: the car was damaged here; supervisors and advisor are told at once, and a wash that was done is void."""

    async def report(unit: Unit) -> Job:
        note = await unit.put_text(body.note)
        return await unit.update(Job, visit, lambda job: damage.report(job, call.person.id, body.during, note))

    return await call.do(report, Job)


class DecideDamage(Body):
    decision: damage.Decision
    customer_told: bool = Field(examples=[True])


@router.post("/jobs/{visit}/damage/{id}/decision")
async def decide_damage(visit: str, id: str, body: DecideDamage, call: Call = allowed("decide_damage")) -> Job:
    """W6: to be repaired (a passed final inspection is void), or left as it is by agreement with the customer, who was told.

    A repair that nobody has made may be given up so.
    """
    return await call.update(
        Job, visit, lambda job: damage.decide(job, id, body.decision, call.person.id, customer_told=body.customer_told)
    )


class RepairDamage(Body):
    note: Text = Field(description="What was done.", examples=["左前门抛光补漆"])


@router.post("/jobs/{visit}/damage/{id}/repair")
async def repair_damage(visit: str, id: str, body: RepairDamage, call: Call = allowed("repair_damage")) -> Job:
    """W14: the caller has repaired the damage, as was decided; the final inspection waits for it, and is somebody else's (W11)."""

    async def repair(unit: Unit) -> Job:
        note = await unit.put_text(body.note)
        return await unit.update(Job, visit, lambda job: damage.repair(job, id, call.person.id, note))

    return await call.do(repair, Job)


class ReportProgress(Body):
    kind: progress.Kind = Field(examples=["later"])
    minutes: int = Field(default=0, ge=0, le=100_000, description="How much later or earlier.", examples=[45])
    note: Text | None = None


@router.post("/jobs/{visit}/progress")
async def report_progress(visit: str, body: ReportProgress, call: Call = allowed("report_progress")) -> Job:
    """W7: any change of progress, at once; supervisor and advisor are told."""

    async def report(unit: Unit) -> Job:
        note = await unit.put_text(body.note) if body.note else None
        short = await shortage(unit, await unit.load(Job, visit)) if body.kind == "waiting_for_parts" else {}
        return await unit.update(
            Job, visit, lambda job: progress.report(job, call.person.id, body.kind, body.minutes, note, unit.branch, short)
        )

    return await call.do(report, Job)


class ReportFound(Body):
    kind: Literal["add_on", "finding"]
    operation: str = Field(min_length=1, max_length=60, examples=["R-FBP"])
    item: str | None = Field(default=None, description="The item whose inspection found it; a finding has one.")
    note: Text | None = None
    safety: bool = Field(default=False, description="Declined, it is a safety-related recommendation (W10, D6).")


@router.post("/jobs/{visit}/found")
async def report_found(visit: str, body: ReportFound, call: Call = allowed("report_found")) -> Job:
    """W8, R6: work that the order does not have; `found` is the id of the item that it may become. Not to be begun before consent."""

    async def report(unit: Unit) -> Job:
        note = await unit.put_text(body.note) if body.note else None
        return await unit.update(
            Job,
            visit,
            lambda job: found.report(job, call.person.id, body.kind, body.item, body.operation, note, unit.branch, safety=body.safety),
        )

    return await call.do(report, Job)
