"""What the workshop announces, in the order of W1 to W14; stock last."""

from datetime import date
from decimal import Decimal

from pydantic import Field

from shared.contracts.event import Event, Fact, Instant, VisitEvent
from shared.contracts.values import Recommendation, Signature


class JobAnnounced(VisitEvent):
    """The car is checked in (R2): the workshop knows the visit; nothing may be done yet."""

    TYPE = "workshop.job_announced.v1"
    CLAUSE = "R2"
    vehicle: str


class JobOpened(VisitEvent):
    """The order is signed (R11): the job exists, with the items of that revision."""

    class Item(Fact):
        item: str
        operation: str
        skill: str
        hours: Decimal
        parts: tuple[tuple[str, int], ...] = ()

    TYPE = "workshop.job_opened.v1"
    CLAUSE = "W1"
    revision: int
    items: tuple[Item, ...]
    promised_at: Instant
    wash: bool
    advisor: str
    old_parts_kept: bool = False


class HandoverOffered(VisitEvent):
    """W1: car, key and papers wait for the supervisor to check and accept them; `notes` is the key of a text record."""

    TYPE = "workshop.handover_offered.v1"
    CLAUSE = "W1"
    advisor: str
    place: str
    things: tuple[str, ...]
    notes: str | None = None


class JobAccepted(VisitEvent):
    """W1: the supervisor checked car against papers and accepted: the workshop holds the car from here."""

    TYPE = "workshop.job_accepted.v1"
    CLAUSE = "W1"
    supervisor: str
    car_matches_sheet: bool
    things: tuple[str, ...]


class CarMoved(VisitEvent):
    """W1: `things` (car, key) moved: who, from where, to where. `for_work` counts as having worked on the car (W11)."""

    TYPE = "workshop.car_moved.v1"
    CLAUSE = "W1"
    by: str
    from_place: str
    to_place: str
    for_work: bool = False
    things: tuple[str, ...] = ("car", "key")


class JobDispatched(VisitEvent):
    """W2: the supervisor set the priority (1 is first) and gave items to teams; `proposed` is what the software suggested.

    `override_reason`, where a team lacks the skill, is the key of a text record.
    """

    class Assignment(Fact):
        item: str
        team: str
        override_reason: str | None = None

    TYPE = "workshop.job_dispatched.v1"
    CLAUSE = "W2"
    supervisor: str
    priority: int = Field(ge=1, le=5)
    assignments: tuple[Assignment, ...]
    proposed: tuple[Assignment, ...] = ()


class TechniciansNamed(VisitEvent):
    """W2: the team's leader names who does the item."""

    TYPE = "workshop.technicians_named.v1"
    CLAUSE = "W2"
    item: str
    team: str
    leader: str
    technicians: tuple[str, ...]


class CarTaken(VisitEvent):
    """W3: the team checked the car against the check-in sheet on taking it; `difference` is the key of a text record."""

    TYPE = "workshop.car_taken.v1"
    CLAUSE = "W3"
    team: str
    by: str
    difference: str | None = None


class FaultConfirmed(VisitEvent):
    TYPE = "workshop.fault_confirmed.v1"
    CLAUSE = "W4"
    item: str
    by: str
    road_test: bool


class PartsIssued(VisitEvent):
    """W5: one line of a parts issue slip, drawn against a consented item and signed by the technician."""

    TYPE = "workshop.parts_issued.v1"
    CLAUSE = "W5"
    slip: str
    item: str
    part_no: str
    quantity: int = Field(gt=0)
    drawn_by: str
    given_by: str
    signature: Signature


class WorkStarted(VisitEvent):
    TYPE = "workshop.work_started.v1"
    CLAUSE = "W14"
    item: str
    by: str
    round: int


class WorkFinished(VisitEvent):
    TYPE = "workshop.work_finished.v1"
    CLAUSE = "W14"
    item: str
    by: str
    round: int


class SelfInspected(VisitEvent):
    """W9: the technician's own inspection of an item."""

    TYPE = "workshop.self_inspected.v1"
    CLAUSE = "W9"
    item: str
    by: str
    passed: bool
    round: int


class LeaderInspected(VisitEvent):
    """W9: the leader's inspection of the team's items."""

    TYPE = "workshop.leader_inspected.v1"
    CLAUSE = "W9"
    team: str
    by: str
    items: tuple[str, ...]
    passed: bool
    round: int


class RecommendationsWritten(VisitEvent):
    """W10: written into the order and signed by the team leader, none being a valid answer; `notes` is a text record's key."""

    TYPE = "workshop.recommendations_written.v1"
    CLAUSE = "W10"
    team: str
    leader: str
    recommendations: tuple[Recommendation, ...] = ()
    notes: str | None = None
    content_hash: str
    signature: Signature
    round: int


class QcPassed(VisitEvent):
    """W11: the final inspection of the car passed and was signed; it judged this `revision` of the order."""

    TYPE = "workshop.qc_passed.v1"
    CLAUSE = "W11"
    inspector: str
    revision: int
    round: int
    items: tuple[str, ...]
    recommendations: tuple[Recommendation, ...]
    wash: bool
    content_hash: str
    signature: Signature


class WashOpened(VisitEvent):
    """W12: QC passed and a wash was accepted: the wash exists as a job, by itself."""

    TYPE = "workshop.wash_opened.v1"
    CLAUSE = "W12"


class WashStarted(VisitEvent):
    TYPE = "workshop.wash_started.v1"
    CLAUSE = "W12"
    by: str


class WashFinished(VisitEvent):
    """W12: every point of the wash checklist, as checked."""

    TYPE = "workshop.wash_finished.v1"
    CLAUSE = "W12"
    by: str
    checklist: tuple[str, ...]


class CarParked(VisitEvent):
    """W13: in the finished area, nose to the exit, on the named spot: delivery holds the car from here."""

    TYPE = "workshop.car_parked.v1"
    CLAUSE = "W13"
    by: str
    spot: str
    nose_to_exit: bool


class PapersHandedIn(VisitEvent):
    """D1: key, order, sheet, old parts and belongings come back from the team to the workshop supervisor."""

    TYPE = "workshop.papers_handed_in.v1"
    CLAUSE = "D1"
    from_person: str
    supervisor: str
    things: tuple[str, ...]


class StockChanged(Event):
    """W5, R8: a part's stock after a receipt or an issue. `on_hand` is never below zero; `lead_days` says when more can be had."""

    TYPE = "workshop.stock_changed.v1"
    CLAUSE = "W5"
    part_no: str
    change: int
    on_hand: int = Field(ge=0)
    reason: str
    reference: str | None = None
    lead_days: int = Field(ge=0)
    expected_on: date | None = None
