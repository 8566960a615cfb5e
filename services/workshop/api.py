"""The workshop's HTTP commands and queries: parse, authorise, call, answer. No rules here; W1 to W14 are in the files beside.

Every command on a job answers the job as it is then, its version in `ETag`. Who acts is the person of the token.
"""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from services.workshop import handover, inspection, parking, wash, work
from services.workshop.job import Job
from services.workshop.routes import attendance, dispatching, meanwhile, stock
from services.workshop.stage import Stage
from services.workshop.store import absent_now, jobs_at
from shared.refusal import Malformed
from shared.texts import texts_of
from shared.unit import Unit
from shared.web import Body, Call, Page, Roles, table

_TEAM: tuple[str, ...] = ("team_leader", "technician")
_FINAL: tuple[str, ...] = ("qc_inspector", "technical_director")
_WORKSHOP: tuple[str, ...] = ("workshop_supervisor", *_TEAM, *_FINAL, "washer", "parts_clerk")

MAY: Roles = {
    "see_jobs": (*_WORKSHOP, "advisor", "receptionist", "business_supervisor", "group_analyst"),
    "read_texts": ("workshop_supervisor", *_TEAM, *_FINAL, "advisor", "receptionist", "business_supervisor"),
    "accept_job": ("workshop_supervisor",),
    "send_back": ("workshop_supervisor",),
    "move_car": ("workshop_supervisor", *_TEAM, *_FINAL, "washer"),
    "take_car": _TEAM,
    "confirm_fault": _TEAM,
    "do_work": ("technician",),
    "inspect_own_work": ("technician",),
    "inspect_as_leader": ("team_leader",),
    "write_recommendations": ("team_leader",),
    "pass_final_inspection": _FINAL,
    "wash_car": ("washer",),
    "park_car": ("washer", *_TEAM, "workshop_supervisor"),
    "take_papers": ("workshop_supervisor",),
}

router = APIRouter()
for beside in (dispatching, meanwhile, stock, attendance):
    router.include_router(beside.router)
allowed = table(MAY)

Place = Annotated[str, Field(min_length=1, max_length=60)]
StaffId = Annotated[str, Field(min_length=1, max_length=60)]
Text = Annotated[str, Field(min_length=1, max_length=2000)]


@router.get("/jobs")
async def see_jobs(
    state: Stage | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
    after: str | None = None,
    call: Call = allowed("see_jobs"),
) -> Page[Job]:
    """The jobs, by id, of one stage or of all."""
    jobs = await jobs_at(call.store, state, limit, after)
    return Page(items=jobs, next=jobs[-1].id if len(jobs) == limit else None)


@router.get("/jobs/{visit}")
async def see_job(visit: str, call: Call = allowed("see_jobs")) -> Job:
    return await call.get(Job, visit)


@router.get("/jobs/{visit}/texts")
async def read_texts(visit: str, call: Call = allowed("read_texts")) -> dict[str, str]:
    """What was written about the job, by its key: notes of the handover (W1), differences (W3), needs (W6), why it failed (W11) …"""
    return await texts_of(call.store, [await call.get(Job, visit)])


class AcceptJob(Body):
    car_matches_sheet: bool = Field(examples=[True])
    things: tuple[handover.Thing, ...] = Field(examples=[["car", "key", "order", "sheet"]])


@router.post("/jobs/{visit}/acceptance")
async def accept_job(visit: str, body: AcceptJob, call: Call = allowed("accept_job")) -> Job:
    """W1: the supervisor has checked the car against its papers and takes it, key and papers over."""
    return await call.update(
        Job, visit, lambda job: handover.accept(job, call.person.id, body.things, car_matches_sheet=body.car_matches_sheet)
    )


class Reason(Body):
    reason: Text = Field(examples=["里程数与登记表不符"])


@router.post("/jobs/{visit}/sending-back")
async def send_back(visit: str, body: Reason, call: Call = allowed("send_back")) -> Job:
    """W1: car and papers do not agree: the car goes back to the advisor, and is accepted only after it was handed over anew."""

    async def send(unit: Unit) -> Job:
        reason = await unit.put_text(body.reason)
        return await unit.update(Job, visit, lambda job: handover.send_back(job, call.person.id, reason))

    return await call.do(send, Job)


class MoveCar(Body):
    to_place: Place = Field(examples=["bay-3"])
    for_work: bool = Field(default=False, description="Moved as part of the work: counts as having worked on the car (W11).")
    things: tuple[Literal["car", "key"], ...] = Field(default=("car", "key"), min_length=1)


@router.post("/jobs/{visit}/moves")
async def move_car(visit: str, body: MoveCar, call: Call = allowed("move_car")) -> Job:
    """W1: car, key or both are moved; where from is known here. Before the order is signed, a car may be parked only."""
    return await call.update(Job, visit, lambda job: handover.move(job, call.person.id, body.to_place, body.things, for_work=body.for_work))


class TakeCar(Body):
    difference: Text | None = Field(default=None, description="What differs from the check-in sheet.", examples=["右前门有划痕"])


@router.post("/jobs/{visit}/taking")
async def take_car(visit: str, body: TakeCar | None = None, call: Call = allowed("take_car")) -> Job:
    """W3: the caller's team takes the car and has checked it against the check-in sheet."""
    found = body.difference if body else None

    async def take(unit: Unit) -> Job:
        difference = await unit.put_text(found) if found else None
        return await unit.update(Job, visit, lambda job: work.take(job, call.person.id, difference, unit.branch))

    return await call.do(take, Job)


class ConfirmFault(Body):
    road_test: bool = Field(examples=[False])


@router.post("/jobs/{visit}/items/{item}/fault-confirmation")
async def confirm_fault(visit: str, item: str, body: ConfirmFault, call: Call = allowed("confirm_fault")) -> Job:
    """W4: a technician named for the item, or the leader, confirms its fault on the car."""
    absent = await absent_now(call.store)
    return await call.update(
        Job, visit, lambda job: work.confirm_fault(job, item, call.person.id, call.branch, absent, road_test=body.road_test)
    )


class RoundBody(Body):
    passed: bool = Field(examples=[True])


@router.post("/jobs/{visit}/items/{item}/start")
async def start_work(visit: str, item: str, call: Call = allowed("do_work")) -> Job:
    """W14: a named technician starts an ordered item."""
    return await call.update(Job, visit, lambda job: work.start(job, item, call.person.id, call.now))


@router.post("/jobs/{visit}/items/{item}/finish")
async def finish_work(visit: str, item: str, call: Call = allowed("do_work")) -> Job:
    """W14: who started the item has finished it."""
    return await call.update(Job, visit, lambda job: work.finish(job, item, call.person.id))


@router.post("/jobs/{visit}/items/{item}/reassembly")
async def reassemble(visit: str, item: str, call: Call = allowed("do_work")) -> Job:
    """W14: the customer ended the order, or dropped the item: begun, it is put together as received in place of being finished."""
    return await call.update(Job, visit, lambda job: work.reassemble(job, item, call.person.id))


@router.post("/jobs/{visit}/items/{item}/self-inspection")
async def inspect_own_work(visit: str, item: str, body: RoundBody, call: Call = allowed("inspect_own_work")) -> Job:
    """W9: the technician inspects the own finished work; not passed, it is open again."""
    return await call.update(Job, visit, lambda job: inspection.inspect_own_work(job, item, call.person.id, passed=body.passed))


class LeaderInspection(RoundBody):
    items: tuple[str, ...] = Field(default=(), description="The items sent back, where it did not pass.")
    team: str | None = Field(
        default=None, min_length=1, max_length=80, description="Whose work, where the caller stands in for several leaders."
    )


@router.post("/jobs/{visit}/leader-inspections")
async def inspect_as_leader(visit: str, body: LeaderInspection, call: Call = allowed("inspect_as_leader")) -> Job:
    """W9: the leader inspects all items of the team, or sends some of them back."""
    absent = await absent_now(call.store)
    return await call.update(
        Job,
        visit,
        lambda job: inspection.inspect_as_leader(job, call.person.id, body.items, call.branch, absent, body.team, passed=body.passed),
    )


class Recommend(Body):
    operation: str = Field(examples=["R-FBP"])
    safety: bool = False


class WriteRecommendations(Body):
    recommendations: tuple[Recommend, ...] = Field(default=(), max_length=30)
    notes: Text | None = None
    team: str | None = Field(
        default=None, min_length=1, max_length=80, description="For which team, where the caller stands in for several leaders."
    )


@router.post("/jobs/{visit}/recommendations")
async def write_recommendations(visit: str, body: WriteRecommendations, call: Call = allowed("write_recommendations")) -> Job:
    """W10: the leader writes the team's recommendations and notes into the order and signs; none is an answer too."""
    unknown = [entry.operation for entry in body.recommendations if entry.operation not in call.branch.operations]
    if unknown:
        raise Malformed(missing=("recommendations.operation",), unknown=unknown)

    absent = await absent_now(call.store)
    recommended = [(entry.operation, entry.safety) for entry in body.recommendations]

    async def write(unit: Unit) -> Job:
        notes = await unit.put_text(body.notes) if body.notes else None
        return await unit.update(
            Job,
            visit,
            lambda job: inspection.write_recommendations(job, call.person.id, recommended, notes, unit.branch, unit.now, absent, body.team),
        )

    return await call.do(write, Job)


class WhoMayInspect(Body):
    may: tuple[str, ...]
    missing: tuple[str, ...] = Field(description="What has to be done before the final inspection.")


@router.get("/jobs/{visit}/final-inspection")
async def see_who_may_inspect(visit: str, call: Call = allowed("see_jobs")) -> WhoMayInspect:
    """W11: the inspectors who did not work on this car, and what is still missing."""
    job = await call.get(Job, visit)
    return WhoMayInspect(may=inspection.who_may(job, call.branch, await absent_now(call.store)), missing=inspection.missing(job))


class PassFinalInspection(Body):
    revision: int = Field(ge=1, description="The revision of the order that the inspector judged.", examples=[1])


@router.post("/jobs/{visit}/final-inspection")
async def pass_final_inspection(visit: str, body: PassFinalInspection, call: Call = allowed("pass_final_inspection")) -> Job:
    """W11: the final inspection of the whole car passed, signed by an inspector who did not work on it."""
    return await call.update(Job, visit, lambda job: inspection.pass_final(job, call.person.id, body.revision, call.branch, call.now))


class FailFinalInspection(Body):
    items: tuple[str, ...] = Field(min_length=1, description="The items that are to be done again.", examples=[["item-1"]])
    why: Text = Field(examples=["制动异响未消除"])


@router.post("/jobs/{visit}/final-inspection/failure")
async def fail_final_inspection(visit: str, body: FailFinalInspection, call: Call = allowed("pass_final_inspection")) -> Job:
    """W11: not passed: the items go back to their teams, and the round is counted."""

    async def fail(unit: Unit) -> Job:
        why = await unit.put_text(body.why)
        return await unit.update(Job, visit, lambda job: inspection.fail_final(job, call.person.id, body.items, why, unit.branch))

    return await call.do(fail, Job)


@router.post("/jobs/{visit}/wash/start")
async def start_wash(visit: str, call: Call = allowed("wash_car")) -> Job:
    """W12: washing begins; the wash opened by itself when QC passed."""
    return await call.update(Job, visit, lambda job: wash.start(job, call.person.id))


class FinishWash(Body):
    checklist: tuple[wash.Point, ...] = Field(examples=[list(wash.CHECKLIST)])


@router.post("/jobs/{visit}/wash/finish")
async def finish_wash(visit: str, body: FinishWash, call: Call = allowed("wash_car")) -> Job:
    """W12: every point of the wash checklist has been checked."""
    return await call.update(Job, visit, lambda job: wash.finish(job, call.person.id, body.checklist))


class ParkCar(Body):
    spot: Place = Field(examples=["F-12"])
    nose_to_exit: bool = Field(examples=[True])


@router.post("/jobs/{visit}/parking")
async def park_car(visit: str, body: ParkCar, call: Call = allowed("park_car")) -> Job:
    """W13: parked in the finished area; from here on delivery holds the car."""
    return await call.update(Job, visit, lambda job: parking.park(job, call.person.id, body.spot, nose_to_exit=body.nose_to_exit))


class HandInPapers(Body):
    from_person: StaffId = Field(examples=["tech-1"])
    things: tuple[parking.Paper, ...] = Field(examples=[["key", "order", "sheet", "old_parts"]])


@router.post("/jobs/{visit}/papers")
async def take_papers(visit: str, body: HandInPapers, call: Call = allowed("take_papers")) -> Job:
    """D1: key, order, sheet, old parts and belongings come back to the supervisor, who confirms."""
    return await call.update(Job, visit, lambda job: parking.take_papers(job, call.person.id, body.from_person, body.things, call.branch))
