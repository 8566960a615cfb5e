"""Where a job stands, for lists and queries."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.workshop.job import Job


class Stage(StrEnum):
    """Where a job stands, told from its facts, for lists and queries; no rule looks at it."""

    ANNOUNCED = "announced"
    ORDERED = "ordered"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DISPATCHED = "dispatched"
    QC_PASSED = "qc_passed"
    TO_WASH = "to_wash"
    WASHING = "washing"
    WASHED = "washed"
    PARKED = "parked"
    ENDED = "ended"


def stage_of(job: Job) -> Stage:
    reached = (
        (Stage.ENDED, job.ended),
        (Stage.PARKED, job.parked),
        (Stage.WASHED, job.washed),
        (Stage.WASHING, job.wash_started_by),
        (Stage.TO_WASH, job.wash_opened),
        (Stage.QC_PASSED, job.qc),
        (Stage.DISPATCHED, job.teams or (job.accepted and not job.items)),
        (Stage.ACCEPTED, job.accepted),
        (Stage.OFFERED, job.offered),
        (Stage.ORDERED, job.revision),
    )
    return next((stage for stage, fact in reached if fact), Stage.ANNOUNCED)
