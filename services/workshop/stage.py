"""Where a job stands, for lists and queries."""

from enum import StrEnum


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
