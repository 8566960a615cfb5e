"""W12: the free wash: a job by itself once QC has passed, started and finished by a washer, with its checklist."""

from collections.abc import Sequence
from typing import Literal, get_args

from services.workshop.job import Job
from shared.contracts.event import Event
from shared.contracts.workshop import WashFinished, WashOpened, WashStarted
from shared.refusal import NotReadyYet, Refused

Point = Literal["outside_no_scratch_or_dent", "cabin", "boot", "engine_bay", "ashtray", "mats", "instruments", "belongings_protected"]
CHECKLIST: tuple[Point, ...] = get_args(Point)


class QcNotPassed(Refused):
    clause = "W11"
    title = {"en": "The car has not passed its final inspection.", "zh-CN": "车辆尚未通过总检。"}
    remedy = {"en": "Let an inspector pass the car first.", "zh-CN": "请先完成总检。"}


class WashDeclined(Refused):
    clause = "W12"
    title = {"en": "The customer declined the wash.", "zh-CN": "客户不需要洗车。"}
    remedy = {"en": "Park the car in the finished area.", "zh-CN": "请直接停入竣工区。"}


class WashStartedAlready(Refused):
    clause = "W12"
    title = {"en": "The wash has begun already.", "zh-CN": "洗车已开始。"}
    remedy = {"en": "Go on with it, or park the washed car.", "zh-CN": "请继续洗车或停放已洗车辆。"}


class NoWashUnderWay(Refused):
    clause = "W12"
    title = {"en": "No wash of this car is under way.", "zh-CN": "该车没有进行中的洗车作业。"}
    remedy = {"en": "Start the wash first.", "zh-CN": "请先开始洗车。"}


class WashChecklistIncomplete(Refused):
    clause = "W12"
    title = {"en": "The wash checklist is not complete.", "zh-CN": "洗车检查项目不全。"}
    remedy = {"en": "Check the points named.", "zh-CN": "请检查所列项目。"}


def open_wash(job: Job) -> Sequence[Event]:
    """What the QC pass starts by itself; nothing where the customer declined."""
    return [WashOpened(visit=job.id)] if job.qc and job.wash_accepted and not job.wash_opened else []


def start(job: Job, by: str) -> Sequence[Event]:
    must_have_passed(job)
    job.must_be_held()
    if not job.wash_accepted:
        raise WashDeclined(visit=job.id)
    if not job.wash_opened:
        raise NotReadyYet(missing=("wash_opened",), visit=job.id)
    if job.wash_started_by:
        raise WashStartedAlready(by=job.wash_started_by)
    return [WashStarted(visit=job.id, by=by)]


def finish(job: Job, by: str, checklist: Sequence[str]) -> Sequence[Event]:
    must_have_passed(job)
    job.must_be_held()
    if not job.wash_started_by or job.washed:
        raise NoWashUnderWay(visit=job.id)
    if unchecked := [point for point in CHECKLIST if point not in checklist]:
        raise WashChecklistIncomplete(missing=unchecked)
    return [WashFinished(visit=job.id, by=by, checklist=CHECKLIST)]


def must_have_passed(job: Job) -> None:
    if not job.qc:
        raise QcNotPassed(missing=("final_inspection",), visit=job.id)
