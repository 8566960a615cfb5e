"""The job: what the workshop knows of one visit. Its moves are in the files beside, in the procedure's order:

handover (W1) · dispatch (W2) · work (W3, W4, W14) · parts (W5) · belongings (W6) · progress (W7) · found, revision (W8) ·
inspection (W9, W10, W11) · wash (W12) · parking (W13, D1)

A move is a function that takes the job and returns events or raises a refusal; `Job.apply` is where they change it.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

from services.workshop.barred import CarGone, CarHasPassed, JobHasEnded, JobNotAccepted, NotConsented, NotOrdered, WorkOrderNotSigned
from services.workshop.item import Belongings, Damage, Found, Hand, Item
from services.workshop.stage import Stage, stage_of
from shared.aggregate import Aggregate
from shared.contracts.event import Event
from shared.contracts.workshop import (
    BelongingsMoved,
    BelongingsRequestAnswered,
    BelongingsRequested,
    CarCameBack,
    CarMoved,
    CarParked,
    CarTaken,
    DamageDecided,
    DamageRepaired,
    DamageReported,
    FaultConfirmed,
    HandoverOffered,
    HandoverSentBack,
    ItemReassembled,
    JobAccepted,
    JobAnnounced,
    JobDispatched,
    JobEnded,
    JobOpened,
    LeaderInspected,
    PapersHandedIn,
    PartsIssued,
    PartsReturned,
    ProgressAnswered,
    ProgressReported,
    QcFailed,
    QcPassed,
    RecommendationsWritten,
    RevisionTaken,
    SelfInspected,
    SlipPrinted,
    TechniciansNamed,
    WashFinished,
    WashOpened,
    WashStarted,
    WorkDeclined,
    WorkFinished,
    WorkFound,
    WorkStarted,
)


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
    sent_back: tuple[HandoverSentBack, ...] = ()
    accepted: JobAccepted | None = None
    ended: JobEnded | None = None
    place: str | None = None
    key_place: str | None = None
    moves: tuple[CarMoved, ...] = ()
    priority: int | None = None
    taken: dict[str, CarTaken] = {}
    part_numbers: tuple[str, ...] = ()
    slips: tuple[PartsIssued, ...] = ()
    returns: tuple[PartsReturned, ...] = ()
    printed_slips: tuple[str, ...] = ()
    belongings: tuple[Belongings, ...] = ()
    damages: tuple[Damage, ...] = ()
    progress: tuple[ProgressReported, ...] = ()
    waiting: tuple[str, ...] = ()
    risk_known_for: datetime | None = None
    found: tuple[Found, ...] = ()
    declined: tuple[str, ...] = ()
    order_ended: bool = False
    """EDGE_CASES 1: by the customer, when the car had been touched: what was begun is finished, or put together again."""
    hands: dict[str, tuple[Hand, ...]] = {}
    round: int = 1
    leader_inspected: dict[str, LeaderInspected] = {}
    recommendations: dict[str, RecommendationsWritten] = {}
    set_aside: dict[str, RecommendationsWritten] = {}
    failures: tuple[QcFailed, ...] = ()
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

    @property
    def touched(self) -> bool:
        """EDGE_CASES 1: somebody laid hands on the car, it was damaged here, or its belongings lie elsewhere."""
        return bool(self.hands or self.damages or any(each.moved_to for each in self.belongings))

    def items_of(self, team: str) -> dict[str, Item]:
        return {name: item for name, item in self.items.items() if item.team == team}

    def has_begun(self, item: str) -> bool:
        """Whether somebody started it, in whatever round."""
        return any(Hand(did="started", item=item) in hands for hands in self.hands.values())

    def leader_has_passed(self, team: str) -> bool:
        """Whether the leader's passed inspection covers everything that the team has now."""
        inspected = self.leader_inspected.get(team)
        return inspected is not None and set(self.items_of(team)) <= set(inspected.items)

    def out(self) -> dict[tuple[str, str, str], int]:
        """What was issued and has not come back, by slip, item and part."""
        lines: dict[tuple[str, str, str], int] = {}
        for issued in self.slips:
            line = (issued.slip, issued.item, issued.part_no)
            lines[line] = lines.get(line, 0) + issued.quantity
        for returned in self.returns:
            lines[returned.slip, returned.item, returned.part_no] -= returned.quantity
        return {line: quantity for line, quantity in lines.items() if quantity}

    def out_for(self, item: str, part_no: str) -> int:
        """How many of the part are with the item, over all slips."""
        return sum(quantity for (_, name, part), quantity in self.out().items() if (name, part) == (item, part_no))

    @property
    def waits_for_order(self) -> bool:
        """Checked in, and nothing signed: it may come to be signed, or the visit ends as an inquiry."""
        return not self.revision and not self.ended

    def must_be_ordered(self) -> None:
        if not self.revision:
            raise WorkOrderNotSigned(missing=("signature",), visit=self.id)
        if self.ended:
            raise JobHasEnded(visit=self.id, reason=self.ended.reason)

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

    @property
    def done(self) -> dict[str, Item]:
        """The ordered items without those that were put together again in place of being done (EDGE_CASES 1)."""
        return {name: item for name, item in self.items.items() if not item.undone}

    def ordered(self, item: str) -> Item:
        known = self.had(item)
        if known.dropped:
            raise NotOrdered(item=item, ordered=list(self.done))
        return known

    def had(self, item: str) -> Item:
        """As `ordered`, or dropped by the customer when it had been begun."""
        if item not in self.items:
            if item in {each.found for each in self.found}:
                raise NotConsented(missing=("consent",), item=item)
            raise NotOrdered(item=item, ordered=list(self.done))
        return self.items[item]

    def apply(self, event: Event) -> None:  # noqa: C901, PLR0912, PLR0915 - one case an event, all in one place
        match event:
            case JobAnnounced():
                self.vehicle = event.vehicle
            case JobOpened():
                self.advisor, self.old_parts_kept = event.advisor, event.old_parts_kept
                self.revision, self.promised_at, self.wash_accepted = event.revision, event.promised_at, event.wash
                self._take_over_items(event.items)
            case HandoverOffered():
                self.offered, self.place, self.key_place = event, event.place, event.place
            case HandoverSentBack():
                self.offered, self.sent_back = None, (*self.sent_back, event)
            case JobAccepted():
                self.accepted, self.key_place = event, event.supervisor
            case JobEnded():
                self.ended = event
            case CarMoved():
                self._move(event)
            case JobDispatched():
                self.priority = event.priority
                for given in event.assignments:
                    self.items[given.item].assign(given)
            case TechniciansNamed():
                self.items[event.item].name(event.technicians)
            case CarTaken():
                self.taken[event.team] = event
            case FaultConfirmed():
                self.items[event.item].fault_confirmed_by = event.by
                self._touched(event.by, "confirmed_fault", event.item)
            case PartsIssued():
                self._draw(event)
            case PartsReturned():
                self._take_back(event)
            case SlipPrinted():
                self.printed_slips += (event.slip,)
            case WorkStarted():
                self.items[event.item].start(event)
                self._touched(event.by, "started", event.item)
            case WorkFinished():
                self.items[event.item].finished_by += (event.by,)
                self._touched(event.by, "finished", event.item)
            case BelongingsRequested():
                self.belongings += (Belongings(request=event.request, need=event.need, by=event.by),)
            case BelongingsRequestAnswered():
                self._note_belongings(event.request, agrees=event.agrees)
            case BelongingsMoved():
                self._note_belongings(event.request, moved_to=event.to_place)
            case DamageReported():
                self.damages += (Damage.model_validate(event.model_dump()),)
                self.washed = self.wash_started_by = None
            case DamageDecided():
                self._decide(event)
            case DamageRepaired():
                self._note_damage(event.damage, repaired_by=event.by, repair_note=event.note)
                self._touched(event.by, "repaired_damage")
            case ProgressReported():
                self._report(event)
            case ProgressAnswered():
                self.promised_at = event.promised_at
                self.priority = self.priority if event.accepted else 1
            case WorkFound():
                self.found += (Found.of(event),)
            case ItemReassembled():
                self.items[event.item].reassemble(event.by)
                self._touched(event.by, "reassembled", event.item)
                self._inspect_again(self.items[event.item].team or "")
                self._decline((event.operation,))
            case WorkDeclined():
                self.order_ended = self.order_ended or event.change is None
                self._order({name: item for name, item in self.items.items() if name not in event.items})
                self._decline(event.operations)
            case CarCameBack():
                self.parked = self.papers = None
                self._void_pass()
            case RevisionTaken():
                self._revise(event)
            case SelfInspected():
                self._self_inspected(event)
            case LeaderInspected():
                self._leader_inspected(event)
            case RecommendationsWritten():
                self.recommendations[event.team] = event
                self.set_aside.pop(event.team, None)
            case QcPassed():
                self.qc = event
            case QcFailed():
                self._fail(event)
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
        self.stage = stage_of(self)

    def _report(self, report: ProgressReported) -> None:
        self.progress += (report,)
        self.waiting = {"waiting_for_parts": report.parts, "resumed": ()}.get(report.kind, self.waiting)
        if report.kind not in ("resumed", "earlier"):
            self.risk_known_for = self.promised_at

    def _take_over_items(self, lines: Iterable[JobOpened.Item]) -> None:
        self._order({line.item: Item.ordered(line, self.items.get(line.item)) for line in lines})
        self._count_drawn()
        self.part_numbers = tuple(dict.fromkeys((*self.part_numbers, *(part for item in self.items.values() for part in item.parts))))

    def _order(self, items: dict[str, Item]) -> None:
        self.items = items
        for team, inspected in self.leader_inspected.items():
            kept = tuple(name for name in inspected.items if name in items)
            self.leader_inspected[team] = inspected.model_copy(update={"items": kept})

    def _decline(self, operations: Iterable[str]) -> None:
        self.declined = tuple(dict.fromkeys((*self.declined, *operations)))

    def _revise(self, taken: RevisionTaken) -> None:
        self.revision = taken.revision
        self.promised_at = taken.promised_at or self.promised_at
        self.wash_accepted = self.wash_accepted if taken.wash is None else taken.wash
        dropped = {name: item for name, item in self.items.items() if name not in taken.items and (item.dropped or name in taken.begun)}
        self._take_over_items(taken.work)
        self._order({**self.items, **{name: item.model_copy(update={"dropped": True}) for name, item in dropped.items()}})
        if self.qc:
            self._void_pass()

    def _void_pass(self) -> None:
        self.round += 1
        self.qc = self.washed = self.wash_started_by = None
        self.wash_opened = False

    def _fail(self, failed: QcFailed) -> None:
        self.failures += (failed,)
        self._void_pass()
        for name in failed.items:
            item = self.items[name]
            item.reopen()
            self._inspect_again(item.team or "")

    def _inspect_again(self, team: str) -> None:
        """What the leader recommended holds until the team writes anew, and for good where the work went to another team."""
        self.leader_inspected.pop(team, None)
        if written := self.recommendations.pop(team, None):
            self.set_aside[team] = written

    def _note_belongings(self, request: str, **told: bool | str) -> None:
        self.belongings = tuple(each.model_copy(update=told) if each.request == request else each for each in self.belongings)

    def _decide(self, decided: DamageDecided) -> None:
        self._note_damage(decided.damage, decision=decided.decision)
        if decided.decision == "repair" and self.qc:
            self._void_pass()

    def _note_damage(self, damage: str, **told: str) -> None:
        self.damages = tuple(each.model_copy(update=told) if each.damage == damage else each for each in self.damages)

    def _move(self, move: CarMoved) -> None:
        self.moves += (move,)
        if "car" in move.things:
            self.place = move.to_place
        if "key" in move.things:
            self.key_place = move.to_place
        if move.for_work:
            self._touched(move.by, "moved_for_work")

    def _draw(self, issue: PartsIssued) -> None:
        self.slips += (issue,)
        self._count_drawn()
        self.items[issue.item].need_again(issue.part_no)
        self.waiting = tuple(part_no for part_no in self.waiting if part_no != issue.part_no)
        self._touched(issue.drawn_by, "drew_parts", issue.item)

    def _take_back(self, returned: PartsReturned) -> None:
        """An item that lacks a part again is not done."""
        self.returns += (returned,)
        self._count_drawn()
        if (item := self.items.get(returned.item)) is None:
            return
        if returned.unneeded:
            item.do_without(returned.part_no, returned.quantity)
        if item.lacking:
            item.reopen()
            self._inspect_again(item.team or "")

    def _count_drawn(self) -> None:
        for item in self.items.values():
            item.drawn = {}
        for (_, name, part_no), quantity in self.out().items():
            if name in self.items:
                drawn = self.items[name].drawn
                drawn[part_no] = drawn.get(part_no, 0) + quantity

    def _self_inspected(self, inspected: SelfInspected) -> None:
        self._touched(inspected.by, "self_inspected", inspected.item)
        if inspected.passed:
            self.items[inspected.item].self_inspected_by = inspected.by
        else:
            self.items[inspected.item].reopen()

    def _leader_inspected(self, inspected: LeaderInspected) -> None:
        self._touched(inspected.by, "leader_inspected")
        self._inspect_again(inspected.team)
        if inspected.passed:
            self.leader_inspected[inspected.team] = inspected
            return
        for item in inspected.items:
            self.items[item].reopen()

    def _touched(self, person: str, did: str, item: str | None = None) -> None:
        hand = Hand(did=did, item=item)
        if hand not in self.hands.get(person, ()):
            self.hands[person] = (*self.hands.get(person, ()), hand)
