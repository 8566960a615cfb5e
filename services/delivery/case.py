"""The delivery case: what delivery knows of one visit, and how each of its events changes that (R2, W11, W13, D1 to D9, the gate).

The moves stand beside it, in the order of the procedure: `check`, `advice`, `ruling`, `settlement`, `payment`, `exit_pass`;
`revision` is how the car goes back to the workshop, `release` how it leaves without a settlement.
"""

from typing import ClassVar

from services.delivery.order import Order
from shared.aggregate import Aggregate
from shared.contracts.delivery import (
    AccompaniedCheckDone,
    AccountUsedUp,
    BalanceChanged,
    BookletExplained,
    CallHourConfirmed,
    CancellationNoted,
    CarReady,
    CarReleasedUnsettled,
    CarReturned,
    CaseAnnounced,
    CaseOpened,
    CollectorAuthorised,
    CreditNoteIssued,
    CustomerCalled,
    DamageNoted,
    DamageSettled,
    DebtArose,
    DiscountGiven,
    DocumentsReturned,
    ExitPassIssued,
    ExitPassRevoked,
    ExitPassUsed,
    InsurerAnswered,
    InternalCheckPassed,
    ItemRuled,
    NextMaintenanceSet,
    OdometerCorrected,
    PapersReceived,
    PartsOutChanged,
    PaymentReversed,
    PaymentTaken,
    PutOnAccount,
    RecommendationAdded,
    RecommendationAnswered,
    RefundFellDue,
    RefundPaid,
    ReservationReleased,
    RulingReserved,
    SettlementClosed,
    SettlementCountered,
    SettlementPrinted,
    ShareMoved,
    StatementNumbered,
    SupplementClosed,
    SupplementTold,
)
from shared.contracts.event import Event
from shared.contracts.reception import CheckInCorrected, OrderCancelled, VehicleCheckedIn
from shared.contracts.values import NextMaintenance, Recommendation
from shared.contracts.workshop import CarParked, QcPassed
from shared.refusal import NotReadyYet, Refused


class CarHasLeft(Refused):
    clause = "D5"
    title = {"en": "The exit pass was used: the car is delivered.", "zh-CN": "出门证已使用，车辆已交付离场。"}
    remedy = {"en": "Open a new visit, or book an appointment.", "zh-CN": "请新建来访记录或预约。"}


class QcNotPassed(Refused):
    clause = "W11"
    title = {"en": "The final inspection has not passed.", "zh-CN": "车辆尚未通过总检。"}
    remedy = {"en": "Wait until a QC inspector passes the car.", "zh-CN": "请等待质检员完成总检并签字。"}


class CarNotParked(Refused):
    clause = "W13"
    title = {"en": "The car is not parked in the finished area yet.", "zh-CN": "车辆尚未停放到竣工区。"}
    remedy = {"en": "Wait until the workshop has parked it.", "zh-CN": "请等待车间将车辆停放到竣工区。"}


class SettlementIsClosed(Refused):
    clause = "D5"
    title = {"en": "The settlement is closed: nothing on it changes.", "zh-CN": "结算单已签字结清，内容不得更改。"}
    remedy = {"en": "It can only be countered.", "zh-CN": "只能通过冲销更正。"}


class Case(Aggregate):
    """One visit in delivery. Delivery holds the car while it has a `spot` and has not `left`."""

    COLLECTION: ClassVar[str] = "cases"

    customer: str = ""
    vehicle: str = ""
    advisor: str = ""
    odometer_km: int | None = None

    revision: int | None = None
    items_judged: tuple[str, ...] = ()
    recommendations: tuple[Recommendation, ...] = ()
    spot: str | None = None
    cancelled: CancellationNoted | None = None

    papers: PapersReceived | None = None
    damages: dict[str, DamageNoted] = {}
    damages_settled: tuple[str, ...] = ()
    internal_check: InternalCheckPassed | None = None
    called: CustomerCalled | None = None
    collector: CollectorAuthorised | None = None
    accompanied_check: AccompaniedCheckDone | None = None
    answers: tuple[RecommendationAnswered, ...] = ()
    booklet: BookletExplained | None = None
    next: NextMaintenance | None = None
    call_hour: str | None = None

    parts_out: dict[str, dict[str, int]] = {}
    rulings: tuple[ItemRuled, ...] = ()
    reserved: RulingReserved | None = None
    reservation_released: ReservationReleased | None = None

    discounts: tuple[DiscountGiven, ...] = ()
    statement_number: str | None = None
    settlement: SettlementClosed | None = None
    printed: tuple[SettlementPrinted, ...] = ()
    payments: tuple[PaymentTaken, ...] = ()
    reversals: tuple[PaymentReversed, ...] = ()
    refunds: tuple[RefundPaid, ...] = ()
    insurer: tuple[InsurerAnswered, ...] = ()
    moves: tuple[ShareMoved, ...] = ()
    on_account: tuple[PutOnAccount, ...] = ()
    account_used_up: tuple[AccountUsedUp, ...] = ()
    credit_notes: tuple[CreditNoteIssued, ...] = ()
    debts: tuple[DebtArose, ...] = ()
    refunds_due: tuple[RefundFellDue, ...] = ()
    supplements: tuple[SupplementClosed, ...] = ()
    supplements_told: tuple[str, ...] = ()
    countered: tuple[SettlementCountered, ...] = ()
    earlier_settlements: tuple[SettlementClosed, ...] = ()
    earlier_accounts: tuple[PutOnAccount, ...] = ()
    returned: tuple[CarReturned, ...] = ()

    released_unsettled: CarReleasedUnsettled | None = None
    exit_pass: ExitPassIssued | None = None
    passes_revoked: tuple[str, ...] = ()
    documents_returned: tuple[str, ...] = ()
    left: bool = False
    balance: BalanceChanged | None = None

    def announce(self, event: VehicleCheckedIn) -> list[Event]:
        """R2: delivery knows the visit; nothing may be done yet."""
        if self.exists:
            return []
        return [
            CaseAnnounced(
                visit=event.visit,
                customer=event.customer,
                vehicle=event.vehicle,
                advisor=event.advisor,
                odometer_km=event.odometer_km,
            )
        ]

    def correct_odometer(self, event: CheckInCorrected) -> list[Event]:
        """D8: the next maintenance lies ahead of the reading as it was corrected."""
        return [OdometerCorrected(visit=self.id, odometer_km=int(event.value))]

    def open(self, event: QcPassed) -> list[Event]:
        """W11: the case opens on the revision that QC judged."""
        return [
            CaseOpened(
                visit=self.id,
                revision=event.revision,
                recommendations=event.recommendations,
                items=event.items,
                inspector=event.inspector,
            )
        ]

    def make_ready(self, event: CarParked) -> list[Event]:
        """D1: parked (W13): delivery holds the car."""
        return [CarReady(visit=self.id, spot=event.spot)]

    def note_cancellation(self, event: OrderCancelled) -> list[Event]:
        """EDGE_CASES 1: what was consented to is settled, nothing else."""
        if self.cancelled:
            return []
        return [CancellationNoted(visit=self.id, kind=event.kind, revision=event.revision, declined=event.declined)]

    def is_ahead(self, due: NextMaintenance) -> bool:
        """D8: beyond the odometer's reading at the check-in, as it was corrected since."""
        return due.odometer_km > (self.odometer_km or 0)

    @property
    def holds_the_car(self) -> bool:
        return self.spot is not None and not self.left

    def must_not_have_left(self) -> None:
        if self.left:
            raise CarHasLeft(visit=self.id)

    def must_have_passed_qc(self) -> None:
        if self.revision is None:
            self.must_not_have_left()
            raise QcNotPassed(missing=("qc_passed",), visit=self.id)

    def must_hold_the_car(self) -> None:
        """Delivery acts on the car only while it holds it: from parked (W13) to the exit (D5)."""
        self.must_not_have_left()
        self.must_have_passed_qc()
        if self.spot is None:
            raise CarNotParked(missing=("car_parked",), visit=self.id)

    def must_be_about_to_leave(self) -> None:
        """R14: delivery holds the car, or lets it go unsettled from wherever it stands."""
        if self.released_unsettled:
            self.must_not_have_left()
        else:
            self.must_hold_the_car()

    def must_not_be_settled(self) -> None:
        if self.settlement:
            raise SettlementIsClosed(visit=self.id, number=self.settlement.number)

    def judged(self, order: Order | None) -> Order:
        """The order as ruled so far, less parts that came back, where it is what QC judged: no other is checked, shown or settled.

        It may still be on its way. Of an order that the customer ended, what was not begun was not judged, and is not charged.
        """
        self.must_have_passed_qc()
        if order is None or order.revision != self.revision:
            raise NotReadyYet(missing=("work_order",), visit=self.id)
        if self.cancelled:
            order = order.without([item.item for item in order.items if item.item not in self.items_judged])
        return order.ruled(self.rulings).less(self.parts_out)

    def ruling_of(self, item: str) -> ItemRuled | None:
        return next((ruling for ruling in self.rulings if ruling.item == item), None)

    @property
    def open_damages(self) -> tuple[str, ...]:
        return tuple(damage for damage in self.damages if damage not in self.damages_settled)

    def answer_to(self, recommendation: str) -> RecommendationAnswered | None:
        return next((answer for answer in self.answers if answer.recommendation == recommendation), None)

    def payment(self, id: str) -> PaymentTaken | None:
        return next((taken for taken in self.payments if taken.payment == id), None)

    def apply(self, event: Event) -> None:  # noqa: C901, PLR0912, PLR0915  (one case an event: the one place where state changes)
        match event:
            case CaseAnnounced():
                self.customer, self.vehicle = event.customer, event.vehicle
                self.advisor, self.odometer_km = event.advisor, event.odometer_km
            case OdometerCorrected():
                self.odometer_km = event.odometer_km
            case CaseOpened():
                self.revision, self.items_judged = event.revision, event.items
                self.recommendations = event.recommendations
            case CarReady():
                self.spot = event.spot
            case CancellationNoted():
                self.cancelled = event
            case PapersReceived():
                self.papers = event
            case DamageNoted():
                self.damages[event.damage] = event
            case DamageSettled():
                self.damages_settled += (event.damage,)
            case InternalCheckPassed():
                self.internal_check = event
            case CustomerCalled():
                self.called = event
            case CollectorAuthorised():
                self.collector = event
            case AccompaniedCheckDone():
                self.accompanied_check = event
            case ItemRuled():
                self.rulings += (event,)
            case RulingReserved():
                self.reserved, self.reservation_released = event, None
            case ReservationReleased():
                self.reservation_released = event
            case PartsOutChanged():
                self.parts_out[event.item] = {**self.parts_out.get(event.item, {}), event.part_no: event.out}
            case StatementNumbered():
                self.statement_number = event.number
            case RecommendationAdded():
                self.recommendations += (event.recommendation,)
            case RecommendationAnswered():
                self.answers = (*(answer for answer in self.answers if answer.recommendation != event.recommendation), event)
            case BookletExplained():
                self.booklet = event
            case NextMaintenanceSet():
                self.next = event.next
            case CallHourConfirmed():
                self.call_hour = event.hour
            case DiscountGiven():
                self.discounts = (*(entry for entry in self.discounts if entry.line != event.line), event)
            case SettlementClosed():
                self.settlement = event
            case SettlementPrinted():
                self.printed += (event,)
            case PaymentTaken():
                self.payments += (event,)
            case PaymentReversed():
                self.reversals += (event,)
            case RefundPaid():
                self.refunds += (event,)
            case InsurerAnswered():
                self.insurer = (*(entry for entry in self.insurer if entry.claim_number != event.claim_number), event)
            case ShareMoved():
                self.moves += (event,)
            case CreditNoteIssued():
                self.credit_notes += (event,)
            case DebtArose():
                self.debts += (event,)
            case RefundFellDue():
                self.refunds_due += (event,)
            case PutOnAccount():
                self.on_account += (event,)
            case AccountUsedUp():
                self.account_used_up += (event,)
            case SupplementClosed():
                self.supplements += (event,)
            case SupplementTold():
                self.supplements_told += (event.number,)
            case SettlementCountered():
                self.countered += (event,)
                self.earlier_settlements += (self.settlement,) if self.settlement else ()
                self.settlement = self.statement_number = None
                self.earlier_accounts += self.on_account
                self.on_account = self.account_used_up = ()
            case CarReturned():
                self.returned += (event,)
                self.spot = self.papers = self.internal_check = self.called = self.accompanied_check = self.booklet = None
            case CarReleasedUnsettled():
                self.released_unsettled = event
                self.customer, self.vehicle = event.customer or self.customer, event.vehicle or self.vehicle
                self.advisor = event.advisor or self.advisor
            case ExitPassIssued():
                self.exit_pass = event
            case ExitPassRevoked():
                self.passes_revoked += (event.number,)
                self.exit_pass = None
            case DocumentsReturned():
                self.documents_returned += event.documents
            case BalanceChanged():
                self.balance = event
            case ExitPassUsed():
                self.left = True
