"""Three small departments that do to each other what the real ones do: react, wait for one another, write records, set timers.

A desk opens a visit and notes numbers on it. The workshop keeps a job for it, notes after the desk, and is told some of its own by
a timer. Delivery keeps a case that hears both, and hears of a workshop's note only behind the desk's of the same number. Follow-up
keeps a tally: a plain document, without entries of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from fastapi import APIRouter

from shared.aggregate import Aggregate
from shared.contracts.event import DepartmentName, Event
from shared.contracts.records import TextRecord
from shared.department import Department
from shared.reaction import NotYet, Timer
from shared.unit import Unit

CHIME_SECONDS = 0.8


class VisitOpened(Event):
    TYPE = "reception.sim_visit_opened.v1"
    visit: str


class VisitNoted(Event):
    TYPE = "reception.sim_visit_noted.v1"
    visit: str
    n: int


class JobOpened(Event):
    TYPE = "workshop.sim_job_opened.v1"
    visit: str


class JobNoted(Event):
    TYPE = "workshop.sim_job_noted.v1"
    visit: str
    n: int


class JobChimed(Event):
    TYPE = "workshop.sim_job_chimed.v1"
    visit: str
    n: int


class CaseOpened(Event):
    TYPE = "delivery.sim_case_opened.v1"
    visit: str


class CaseNoted(Event):
    TYPE = "delivery.sim_case_noted.v1"
    visit: str
    what: str


class Paper(Aggregate):
    """What all three keep of a visit: what was noted, in order."""

    COLLECTION = "papers"

    notes: tuple[str, ...] = ()

    def apply(self, event: Event) -> None:
        match event:
            case VisitNoted():
                self.notes = (*self.notes, f"visit {event.n}")
            case JobNoted():
                self.notes = (*self.notes, f"job {event.n}")
            case JobChimed():
                self.notes = (*self.notes, f"chime {event.n}")
            case CaseNoted():
                self.notes = (*self.notes, event.what)


async def open_visit(unit: Unit, visit: str) -> Paper:
    await unit.put_record(record_of(visit), TextRecord(text=visit))
    return await unit.create(Paper, visit, lambda paper: [] if paper.exists else [VisitOpened(visit=visit)])


async def note_visit(unit: Unit, visit: str, n: int) -> Paper:
    if n % 3 == 0:
        await unit.put_record(record_of(visit), TextRecord(text=f"{visit} {n}"))
    return await unit.update(Paper, visit, lambda paper: [VisitNoted(visit=visit, n=n)])


def record_of(visit: str) -> str:
    return f"text:reception:{visit}"


async def open_job(event: VisitOpened, unit: Unit) -> None:
    await unit.create(Paper, event.visit, lambda job: [JobOpened(visit=event.visit)])


async def note_job(event: VisitNoted, unit: Unit) -> None:
    await unit.update(Paper, event.visit, lambda job: [JobNoted(visit=event.visit, n=event.n)])
    if event.n % 2 == 0:
        due = unit.now + timedelta(seconds=CHIME_SECONDS)
        await unit.schedule(
            Timer(key=f"chime:{event.visit}:{event.n}", kind="chime", due_at=due, subject=event.visit, facts={"n": event.n})
        )


async def chime(timer: Timer, unit: Unit) -> None:
    n = int(timer.facts["n"])
    await unit.update(Paper, timer.subject, lambda job: [JobChimed(visit=timer.subject, n=n)])


async def open_case(event: VisitOpened, unit: Unit) -> None:
    await unit.create(Paper, event.visit, lambda case: [CaseOpened(visit=event.visit)])


async def note_case(event: VisitNoted, unit: Unit) -> None:
    await unit.update(Paper, event.visit, lambda case: [CaseNoted(visit=event.visit, what=f"visit {event.n}")])


async def hear_job(event: JobNoted, unit: Unit) -> None:
    case = await unit.load(Paper, event.visit)
    if f"visit {event.n}" not in case.notes:
        raise NotYet(f"note:{event.visit}:{event.n}")
    await unit.update(Paper, event.visit, lambda case: [CaseNoted(visit=event.visit, what=f"job {event.n}")])


async def hear_chime(event: JobChimed, unit: Unit) -> None:
    await unit.update(Paper, event.visit, lambda case: [CaseNoted(visit=event.visit, what=f"chime {event.n}")])


async def tally_note(event: VisitNoted, unit: Unit) -> None:
    await _tally(unit, event.visit, f"visit {event.n}")


async def tally_case(event: CaseNoted, unit: Unit) -> None:
    await _tally(unit, event.visit, f"case {event.what}")


async def _tally(unit: Unit, visit: str, what: str) -> None:
    tally = await unit.fetch("tallies", visit) or {"heard": []}
    await unit.put("tallies", visit, {"heard": [*tally["heard"], what]}, subject=visit)


DEPARTMENTS: Mapping[DepartmentName, Department] = {
    each.name: each
    for each in (
        Department(name="reception", title="Desk", aggregates=(Paper,), router=APIRouter()),
        Department(
            name="workshop",
            title="Jobs",
            aggregates=(Paper,),
            router=APIRouter(),
            reactions={VisitOpened: (open_job,), VisitNoted: (note_job,)},
            timers={"chime": chime},
        ),
        Department(
            name="delivery",
            title="Cases",
            aggregates=(Paper,),
            router=APIRouter(),
            reactions={VisitOpened: (open_case,), VisitNoted: (note_case,), JobNoted: (hear_job,), JobChimed: (hear_chime,)},
        ),
        Department(
            name="followup",
            title="Tallies",
            aggregates=(),
            router=APIRouter(),
            read_models=("tallies",),
            reactions={VisitNoted: (tally_note,), CaseNoted: (tally_case,)},
        ),
    )
}
