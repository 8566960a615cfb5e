"""What the workshop announces, in the order of W1 to W14; stock last."""

from datetime import date, time
from decimal import Decimal

from pydantic import Field

from shared.contracts.event import Event, Fact, Instant, VisitEvent
from shared.contracts.values import FaultState, Recommendation, Signature


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
        fault: FaultState = FaultState.DETERMINED

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
    """W1: `things` (car, key) moved: who, from where, to where. `for_work` counts as having worked on the car (W11).

    `key_from_place`: where the key was, where it moved with the car and was not with it.
    """

    TYPE = "workshop.car_moved.v1"
    CLAUSE = "W1"
    by: str
    from_place: str
    to_place: str
    for_work: bool = False
    things: tuple[str, ...] = ("car", "key")
    key_from_place: str | None = None


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
    """W5: one line of a parts issue slip, drawn against a consented item and signed by the technician.

    `out` is how many of the part are with the item then: issued and not come back, over all slips.
    """

    TYPE = "workshop.parts_issued.v1"
    CLAUSE = "W5"
    slip: str
    item: str
    part_no: str
    quantity: int = Field(gt=0)
    drawn_by: str
    given_by: str
    signature: Signature
    out: int | None = None


class WorkStarted(VisitEvent):
    TYPE = "workshop.work_started.v1"
    CLAUSE = "W14"
    item: str
    by: str
    round: int
    at: Instant | None = None


class WorkFinished(VisitEvent):
    """W14: who started the item has finished it; `item_finished` is false while another who began it is still at it."""

    TYPE = "workshop.work_finished.v1"
    CLAUSE = "W14"
    item: str
    by: str
    round: int
    item_finished: bool = True


class ItemReassembled(VisitEvent):
    """W14: begun, when the customer ended the order or dropped the item: put together again as received. It is inspected like all work,
    becomes a recommendation, and is not charged.
    """

    TYPE = "workshop.item_reassembled.v1"
    CLAUSE = "W14"
    item: str
    operation: str
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
    """W9: the leader's inspection of the team's items; `stand_in` where a leader of another team did it."""

    TYPE = "workshop.leader_inspected.v1"
    CLAUSE = "W9"
    team: str
    by: str
    items: tuple[str, ...]
    passed: bool
    round: int
    stand_in: bool = False


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
    """W11: the final inspection of the car passed and was signed; it judged this `revision` of the order.

    `repaired` is the damage of our own that had been repaired by then; null where repairs were not recorded yet.
    """

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
    repaired: tuple[str, ...] | None = None


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
    """W5, R8: a part's stock after a receipt, an issue, a return or a count. `on_hand` is never below zero.

    `free` is what no signed order has reserved; `lead_days` says when more can be had, `expected_on` when ordered ones come.
    """

    TYPE = "workshop.stock_changed.v1"
    CLAUSE = "W5"
    part_no: str
    change: int
    on_hand: int = Field(ge=0)
    reason: str
    reference: str | None = None
    lead_days: int = Field(ge=0)
    expected_on: date | None = None
    visit: str | None = None
    free: int | None = None


class PartsReserved(Event):
    """R8: what a signed order still needs of a part, and how many of them lie on the shelf for it: first signed, first served.

    `quantity` replaces what the visit had claimed before; zero frees it.
    """

    TYPE = "workshop.parts_reserved.v1"
    CLAUSE = "R8"
    part_no: str
    visit: str
    quantity: int = Field(ge=0)
    covered: int = Field(ge=0)
    free: int = Field(ge=0)


class StockCounted(Event):
    """W5: stock-taking: counted on the shelf; a difference to the books has its reason, the key of a text record."""

    TYPE = "workshop.stock_counted.v1"
    CLAUSE = "W5"
    part_no: str
    counted: int = Field(ge=0)
    difference: int
    reason: str | None = None
    by: str


class ReorderPointsChecked(Event):
    """A3: the day's check of the reorder points: `below` are the parts that want ordering."""

    TYPE = "workshop.reorder_points_checked.v1"
    CLAUSE = "A3"
    day: date
    below: tuple[str, ...]


class HandoverSentBack(VisitEvent):
    """W1: car and papers do not agree: the supervisor sends the car back to reception. `reason` is the key of a text record."""

    TYPE = "workshop.handover_sent_back.v1"
    CLAUSE = "W1"
    supervisor: str
    reason: str


class WorkFound(VisitEvent):
    """W8, R6: work that the order does not have: found while working, or what an inspection (`item`) found to be wrong.

    `found` is also the id that the item has on the order once it is consented; before that it must not start (W8).
    """

    TYPE = "workshop.work_found.v1"
    CLAUSE = "W8"
    found: str
    kind: str = Field(pattern="^(add_on|finding)$")
    item: str | None = None
    operation: str
    by: str
    note: str | None = None
    safety: bool = False


class WorkDeclined(VisitEvent):
    """W8, W10: the customer said no to these operations, or ended the order (`change` null; then perhaps none): they become
    recommendations.

    `items` are those of the order that nobody had begun when it was ended: they are not done, and not charged.
    """

    TYPE = "workshop.work_declined.v1"
    CLAUSE = "W10"
    change: str | None
    operations: tuple[str, ...]
    items: tuple[str, ...] = ()


class CarCameBack(VisitEvent):
    """W8: delivery gave the car back: the workshop holds it again, and its pass is void; `revision` is the one that delivery knows."""

    TYPE = "workshop.car_came_back.v1"
    CLAUSE = "W8"
    revision: int
    reason: str


class RevisionTaken(VisitEvent):
    """W8: the workshop works by this revision from here on; `voids_pass` where a passed inspection is void by it.

    `work` is the order's copy as of this revision, `items` their ids. `begun` are items that it drops though somebody had begun them
    before reception could know: they are put together again before the final inspection.
    """

    TYPE = "workshop.revision_taken.v1"
    CLAUSE = "W8"
    revision: int
    items: tuple[str, ...]
    voids_pass: bool = False
    work: tuple[JobOpened.Item, ...] = ()
    begun: tuple[str, ...] = ()
    promised_at: Instant | None = None
    wash: bool | None = None


class ProgressReported(VisitEvent):
    """W7: stopped, waiting for parts, later, earlier, going on again: reported by the technician, or by the software itself (`system`).

    `parts` are those that are waited for.
    """

    TYPE = "workshop.progress_reported.v1"
    CLAUSE = "W7"
    report: str
    kind: str = Field(pattern="^(stopped|waiting_for_parts|later|earlier|resumed|at_risk)$")
    minutes: int = 0
    expected_on: date | None = None
    by: str
    note: str | None = None
    parts: tuple[str, ...] = ()


class ProgressAnswered(VisitEvent):
    """W7: what the customer said to a change of progress reached the workshop; who wants the car as promised is put first in line."""

    TYPE = "workshop.progress_answered.v1"
    CLAUSE = "W7"
    report: str
    accepted: bool
    promised_at: Instant


class BelongingsRequested(VisitEvent):
    """W6: the work needs belongings moved or the car entered; the advisor asks the customer first. `need` is a text record."""

    TYPE = "workshop.belongings_requested.v1"
    CLAUSE = "W6"
    request: str
    need: str
    by: str


class BelongingsRequestAnswered(VisitEvent):
    """W6: the customer's answer reached the workshop; refused, the belongings stay and the work is done around them."""

    TYPE = "workshop.belongings_request_answered.v1"
    CLAUSE = "W6"
    request: str
    agrees: bool


class BelongingsMoved(VisitEvent):
    """W6: belongings were moved, or the car entered, with the customer's agreement to the request."""

    TYPE = "workshop.belongings_moved.v1"
    CLAUSE = "W6"
    request: str
    by: str
    to_place: str


class DamageReported(VisitEvent):
    """W6, W12: the car was damaged while the workshop had it; a wash that was done is void. `note` is the key of a text record."""

    TYPE = "workshop.damage_reported.v1"
    CLAUSE = "W6"
    damage: str
    during: str = Field(pattern="^(work|road_test|move|wash)$")
    by: str
    note: str


class DamageDecided(VisitEvent):
    """W6: the customer was told, and it was decided: to be repaired, which voids a passed inspection, or left as it is by agreement.

    The newest decision holds: a repair that nobody has made may be given up.
    """

    TYPE = "workshop.damage_decided.v1"
    CLAUSE = "W6"
    damage: str
    decision: str = Field(pattern="^(repair|as_it_is)$")
    customer_told: bool
    supervisor: str


class DamageRepaired(VisitEvent):
    """W14: the damage was repaired, as decided. `note`, what was done, is the key of a text record."""

    TYPE = "workshop.damage_repaired.v1"
    CLAUSE = "W14"
    damage: str
    by: str
    note: str


class QcFailed(VisitEvent):
    """W11: the final inspection failed: these items go back to their teams, and the round is counted. `why` is a text record."""

    TYPE = "workshop.qc_failed.v1"
    CLAUSE = "W11"
    inspector: str
    round: int
    items: tuple[str, ...]
    why: str


class JobEnded(VisitEvent):
    """A job that ends without a passed inspection: the order was cancelled before anybody touched the car."""

    TYPE = "workshop.job_ended.v1"
    CLAUSE = "W1"
    reason: str
    touched: bool = False


class PartOrdered(Event):
    """R8, A3: a part was ordered: below its reorder point, or because a visit waits for it."""

    TYPE = "workshop.part_ordered.v1"
    CLAUSE = "R8"
    part_no: str
    quantity: int = Field(gt=0)
    expected_on: date
    visit: str | None = None
    by: str


class PartsReturned(VisitEvent):
    """W5: returned against the line of its slip; back into stock only if unopened.

    `unneeded`: the work did without it, and it is not drawn again. `out` is how many of the part stay with the item.
    """

    TYPE = "workshop.parts_returned.v1"
    CLAUSE = "W5"
    slip: str
    item: str
    part_no: str
    quantity: int = Field(gt=0)
    to_stock: bool
    by: str
    unneeded: bool = False
    out: int | None = None


class SlipPrinted(VisitEvent):
    TYPE = "workshop.slip_printed.v1"
    CLAUSE = "W5"
    slip: str
    by: str


class ShiftSet(Event):
    """W2, R10: when a person works: `days` of the week, Monday is 0; local times."""

    TYPE = "workshop.shift_set.v1"
    CLAUSE = "W2"
    person: str
    days: tuple[int, ...]
    starts: time
    ends: time
    by: str


class AbsenceRecorded(Event):
    """W2, R10: a person is away: neither load nor promises count on them; `ends_at` is null while nobody knows."""

    TYPE = "workshop.absence_recorded.v1"
    CLAUSE = "W2"
    person: str
    absence: str
    kind: str = Field(pattern="^(leave|training|unplanned)$")
    starts_at: Instant
    ends_at: Instant | None = None
    by: str


class AbsenceEnded(Event):
    """W2: the person is back, from `ends_at` on."""

    TYPE = "workshop.absence_ended.v1"
    CLAUSE = "W2"
    person: str
    absence: str
    ends_at: Instant
    by: str
