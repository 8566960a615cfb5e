"""W7: a change of progress is reported at once, and what the customer said to it comes back."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Literal

from services.workshop.found import must_have_to_do_with
from services.workshop.job import Job
from shared.branch import Branch, Site
from shared.contracts.event import Event
from shared.contracts.reception import ProgressTold
from shared.contracts.workshop import ProgressAnswered, ProgressReported
from shared.refusal import Malformed, Refused

SYSTEM = "system"
NOTHING: Mapping[str, date] = {}
Kind = Literal["stopped", "waiting_for_parts", "later", "earlier", "resumed"]


class NothingToResume(Refused):
    clause = "W7"
    title = {"en": "The work goes on already.", "zh-CN": "作业正在进行，无需恢复。"}
    remedy = {"en": "Report what changes.", "zh-CN": "请上报实际变化。"}


def report(
    job: Job, by: str, kind: Kind, minutes: int, note: str | None, branch: Branch, short: Mapping[str, date] = NOTHING
) -> Sequence[Event]:
    """Reported by somebody who has to do with the car. `note` is the key of a text record; `minutes` are how much later or earlier,
    `short` the parts that it waits for, with the days when they come.
    """
    job.must_be_held()
    must_have_to_do_with(job, by, branch)
    if kind in ("later", "earlier") and not minutes:
        raise Malformed(missing=("minutes",), reason="how much later or earlier")
    if kind == "resumed" and not rests(job):
        raise NothingToResume(visit=job.id)
    return [_reported(job, by, kind, minutes=minutes, note=note, parts=tuple(short), expected_on=max(short.values(), default=None))]


def rests(job: Job) -> bool:
    """Stopped or waiting for parts, and not resumed since."""
    of_rest = [each.kind for each in job.progress if each.kind in ("stopped", "waiting_for_parts", "resumed")]
    return bool(of_rest) and of_rest[-1] != "resumed"


def wait(job: Job, by: str, short: Mapping[str, date]) -> Sequence[Event]:
    """R8: parts were ordered for the job: it waits for all that it is short of, by the day when the last of them comes.

    Nothing where the workshop does not have the car (yet), or where the customer has to be told nothing new.
    """
    if not job.accepted or job.parked or job.ended or not short:
        return []
    last = max(short.values())
    known = [each.expected_on for each in job.progress if each.kind == "waiting_for_parts" and each.expected_on]
    if set(short) <= set(job.waiting) and known and last <= known[-1]:
        return []
    return [_reported(job, by, "waiting_for_parts", parts=tuple(short), expected_on=last)]


def resume(job: Job) -> Sequence[Event]:
    """What it waited for is there."""
    return [_reported(job, SYSTEM, "resumed", parts=job.waiting)] if job.waiting else []


def warn(job: Job, late_by: timedelta, site: Site) -> Sequence[Event]:
    """The software's own warning: as things stand the car will be later than promised; in the site's steps, so as not to ask twice."""
    step = site.deadlines.lateness_step_minutes
    minutes = -(-late_by // timedelta(minutes=step)) * step
    return [_reported(job, SYSTEM, "at_risk", minutes=minutes)]


def _reported(job: Job, by: str, kind: str, **facts: object) -> ProgressReported:
    number = job.number_after(job.progress)
    return ProgressReported.model_validate({"visit": job.id, "report": f"report-{number}", "kind": kind, "by": by, **facts})


def note_answer(job: Job, told: ProgressTold) -> Sequence[Event]:
    """Accepted, the promised time is a new one; who wants the car as promised is first in line from now on."""
    return [ProgressAnswered(visit=job.id, report=told.report, accepted=told.answer == "accepts", promised_at=told.promised_at)]
