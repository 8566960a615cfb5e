"""The job: what the workshop knows of one visit. Its moves are in the files beside, in the procedure's order:

handover (W1) · dispatch (W2) · work (W3, W4, W14) · parts (W5) · inspection (W9, W10, W11) · wash (W12) · parking (W13, D1)

A move is a function that takes the job and returns events or raises a refusal; `Job.apply` is where they change it.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from shared.aggregate import Aggregate
from shared.contracts.event import Event, Fact
from shared.contracts.workshop import (
    CarMoved,
    CarParked,
    CarTaken,
    FaultConfirmed,
    HandoverOffered,
    JobAccepted,
    JobAnnounced,
    JobDispatched,
    JobOpened,
    LeaderInspected,
    PapersHandedIn,
    PartsIssued,
    QcPassed,
    RecommendationsWritten,
    SelfInspected,
    TechniciansNamed,
    WashFinished,
    WashOpened,
    WashStarted,
    WorkFinished,
    WorkStarted,
)
from shared.refusal import Refused


class WorkOrderNotSigned(Refused):
    clause = "R11"
    title = {"en": "The work order is not signed.", "zh-CN": "任务委托书尚未签字。"}
    remedy = {"en": "Let the customer sign the order first.", "zh-CN": "请先让客户在任务委托书上签字。"}


class JobNotAccepted(Refused):
    clause = "W1"
    title = {"en": "The supervisor has not accepted the car.", "zh-CN": "车间主管尚未接收车辆。"}
    remedy = {"en": "Check the car against its papers and accept it first.", "zh-CN": "请先核对车辆与单据并接收。"}


class CarGone(Refused):
    clause = "W13"
    title = {"en": "The car is parked for delivery; the workshop no longer holds it.", "zh-CN": "车辆已停入竣工区，车间不再保管。"}
    remedy = {"en": "Let delivery return the car to the workshop first.", "zh-CN": "如需再作业，请先由交车部门退回车间。"}


class CarHasPassed(Refused):
    clause = "W11"
    title = {
        "en": "The car has passed its final inspection; later work on it would void the pass.",
        "zh-CN": "车辆已通过总检，继续作业将使总检失效。",
    }
    remedy = {"en": "Leave the car as it passed, or let the order be revised.", "zh-CN": "请保持总检后的状态，或先变更委托书。"}


class NotOrdered(Refused):
    clause = "W14"
    title = {"en": "The work order has no such item.", "zh-CN": "任务委托书中没有该项目。"}
    remedy = {
        "en": "Do only what is ordered; new work needs the customer's consent first.",
        "zh-CN": "只做委托的项目；新增项目须先征得客户同意。",
    }


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


class Hand(Fact):
    """One thing that a person did to the car: what W11 and W9 judge independence by, over all rounds of the visit."""

    did: str
    item: str | None = None


class Item(BaseModel):
    """An ordered item and what became of it. `started_by`, `finished_by` and `self_inspected_by` are of the present round."""

    model_config = ConfigDict(extra="forbid")

    operation: str
    skill: str
    hours: Decimal
    parts: dict[str, int] = {}
    team: str | None = None
    override_reason: str | None = None
    technicians: tuple[str, ...] = ()
    fault_confirmed_by: str | None = None
    drawn: dict[str, int] = {}
    started_by: tuple[str, ...] = ()
    finished_by: tuple[str, ...] = ()
    self_inspected_by: str | None = None

    @property
    def finished(self) -> bool:
        return bool(self.started_by) and set(self.started_by) == set(self.finished_by)

    @property
    def lacking(self) -> dict[str, int]:
        """The parts that the item needs and that have not been drawn for it, with how many."""
        left = {part_no: needed - self.drawn.get(part_no, 0) for part_no, needed in self.parts.items()}
        return {part_no: quantity for part_no, quantity in left.items() if quantity > 0}

    def assign(self, given: JobDispatched.Assignment) -> None:
        if given.team != self.team:
            self.technicians = ()
        self.team = given.team
        self.override_reason = given.override_reason

    def reopen(self) -> None:
        self.started_by = self.finished_by = ()
        self.self_inspected_by = None


class Job(Aggregate):
    """One visit's car in the workshop: `id` is the visit. It belongs to the workshop from `accepted` until `parked`."""

    COLLECTION: ClassVar[str] = "jobs"

    stage: Stage = Stage.ANNOUNCED
    vehicle: str = ""
    revision: int = 0
    items: dict[str, Item] = {}
    promised_at: datetime | None = None
    wash_accepted: bool = False
    old_parts_kept: bool = False
    advisor: str = ""
    offered: HandoverOffered | None = None
    accepted: JobAccepted | None = None
    place: str | None = None
    moves: tuple[CarMoved, ...] = ()
    priority: int | None = None
    taken: dict[str, CarTaken] = {}
    slips: tuple[PartsIssued, ...] = ()
    hands: dict[str, tuple[Hand, ...]] = {}
    round: int = 1
    leader_inspected: dict[str, LeaderInspected] = {}
    recommendations: dict[str, RecommendationsWritten] = {}
    qc: QcPassed | None = None
    wash_opened: bool = False
    wash_started_by: str | None = None
    washed: WashFinished | None = None
    parked: CarParked | None = None
    papers: PapersHandedIn | None = None

    @property
    def teams(self) -> tuple[str, ...]:
        """The teams that have an item of this job."""
        return tuple(dict.fromkeys(item.team for item in self.items.values() if item.team))

    def items_of(self, team: str) -> dict[str, Item]:
        return {name: item for name, item in self.items.items() if item.team == team}

    def leader_has_passed(self, team: str) -> bool:
        """Whether the leader's passed inspection covers everything that the team has now."""
        inspected = self.leader_inspected.get(team)
        return inspected is not None and set(self.items_of(team)) <= set(inspected.items)

    def hours_of(self, team: str) -> Decimal:
        """The standard hours that the team has of this job and has not finished."""
        return sum((item.hours for item in self.items_of(team).values() if not item.finished), start=Decimal(0))

    def must_be_ordered(self) -> None:
        if not self.revision:
            raise WorkOrderNotSigned(missing=("signature",), visit=self.id)

    def must_be_held(self) -> None:
        """R11, W1, W13: the order is signed and the workshop has the car."""
        self.must_be_ordered()
        if not self.accepted:
            raise JobNotAccepted(missing=("acceptance",), visit=self.id)
        if self.parked:
            raise CarGone(visit=self.id, spot=self.parked.spot)

    def must_be_workable(self) -> None:
        """As `must_be_held`, and no pass of the final inspection would be voided."""
        self.must_be_held()
        if self.qc:
            raise CarHasPassed(visit=self.id, inspector=self.qc.inspector)

    def ordered(self, item: str) -> Item:
        if item not in self.items:
            raise NotOrdered(item=item, ordered=list(self.items))
        return self.items[item]

    def apply(self, event: Event) -> None:  # noqa: C901, PLR0912 - one case an event, all in one place
        match event:
            case JobAnnounced():
                self.vehicle = event.vehicle
            case JobOpened():
                self._take_over_order(event)
            case HandoverOffered():
                self.offered, self.place = event, event.place
            case JobAccepted():
                self.accepted = event
            case CarMoved():
                self._move(event)
            case JobDispatched():
                self.priority = event.priority
                for given in event.assignments:
                    self.items[given.item].assign(given)
            case TechniciansNamed():
                self.items[event.item].technicians = event.technicians
            case CarTaken():
                self.taken[event.team] = event
            case FaultConfirmed():
                self.items[event.item].fault_confirmed_by = event.by
                self._touched(event.by, "confirmed_fault", event.item)
            case PartsIssued():
                self._draw(event)
            case WorkStarted():
                self.items[event.item].started_by += (event.by,)
                self._touched(event.by, "started", event.item)
            case WorkFinished():
                self.items[event.item].finished_by += (event.by,)
                self._touched(event.by, "finished", event.item)
            case SelfInspected():
                self._self_inspected(event)
            case LeaderInspected():
                self._leader_inspected(event)
            case RecommendationsWritten():
                self.recommendations[event.team] = event
            case QcPassed():
                self.qc = event
            case WashOpened():
                self.wash_opened = True
            case WashStarted():
                self.wash_started_by = event.by
            case WashFinished():
                self.washed = event
            case CarParked():
                self.parked, self.place = event, event.spot
            case PapersHandedIn():
                self.papers = event
            case _:
                raise ValueError(f"{type(event).__name__} is no event of a job")
        self.stage = self._stage()

    def _take_over_order(self, order: JobOpened) -> None:
        self.revision = order.revision
        self.promised_at, self.advisor = order.promised_at, order.advisor
        self.wash_accepted, self.old_parts_kept = order.wash, order.old_parts_kept
        self.items = {
            item.item: Item(operation=item.operation, skill=item.skill, hours=item.hours, parts=_sums(item.parts)) for item in order.items
        }

    def _move(self, move: CarMoved) -> None:
        self.moves += (move,)
        if "car" in move.things:
            self.place = move.to_place
        if move.for_work:
            self._touched(move.by, "moved_for_work")

    def _draw(self, issue: PartsIssued) -> None:
        self.slips += (issue,)
        drawn = self.items[issue.item].drawn
        drawn[issue.part_no] = drawn.get(issue.part_no, 0) + issue.quantity
        self._touched(issue.drawn_by, "drew_parts", issue.item)

    def _self_inspected(self, inspected: SelfInspected) -> None:
        self._touched(inspected.by, "self_inspected", inspected.item)
        if inspected.passed:
            self.items[inspected.item].self_inspected_by = inspected.by
        else:
            self.items[inspected.item].reopen()

    def _leader_inspected(self, inspected: LeaderInspected) -> None:
        self._touched(inspected.by, "leader_inspected")
        self.recommendations.pop(inspected.team, None)
        if inspected.passed:
            self.leader_inspected[inspected.team] = inspected
            return
        self.leader_inspected.pop(inspected.team, None)
        for item in inspected.items:
            self.items[item].reopen()

    def _touched(self, person: str, did: str, item: str | None = None) -> None:
        hand = Hand(did=did, item=item)
        if hand not in self.hands.get(person, ()):
            self.hands[person] = (*self.hands.get(person, ()), hand)

    def _stage(self) -> Stage:
        reached = (
            (Stage.PARKED, self.parked),
            (Stage.WASHED, self.washed),
            (Stage.WASHING, self.wash_started_by),
            (Stage.TO_WASH, self.wash_opened),
            (Stage.QC_PASSED, self.qc),
            (Stage.DISPATCHED, self.priority),
            (Stage.ACCEPTED, self.accepted),
            (Stage.OFFERED, self.offered),
            (Stage.ORDERED, self.revision),
        )
        return next((stage for stage, fact in reached if fact), Stage.ANNOUNCED)


def _sums(parts: Iterable[tuple[str, int]]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for part_no, quantity in parts:
        sums[part_no] = sums.get(part_no, 0) + quantity
    return sums
