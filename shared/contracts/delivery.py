"""What delivery announces, in the order of D1 to D9 and the gate."""

from collections.abc import Mapping

from pydantic import Field

from shared.contracts.event import Event, Fact, Instant, VisitEvent
from shared.contracts.values import NextMaintenance, Payer, Recommendation, Signature
from shared.money import Money


class CaseAnnounced(VisitEvent):
    """The car is checked in (R2): delivery knows the visit; nothing may be done yet."""

    TYPE = "delivery.case_announced.v1"
    CLAUSE = "R2"
    customer: str = ""
    vehicle: str = ""
    advisor: str = ""
    odometer_km: int | None = None


class OdometerCorrected(VisitEvent):
    """D8: reception corrected the reading of the check-in sheet (R2): the next maintenance is counted from this one."""

    TYPE = "delivery.odometer_corrected.v1"
    CLAUSE = "D8"
    odometer_km: int = Field(ge=0)


class CaseOpened(VisitEvent):
    """QC passed (W11): delivery opens its case on the revision that QC judged, and tells the advisor."""

    TYPE = "delivery.case_opened.v1"
    CLAUSE = "W11"
    revision: int
    recommendations: tuple[Recommendation, ...]
    items: tuple[str, ...] = ()
    inspector: str = ""


class CarReady(VisitEvent):
    """D1: the car is parked on `spot`; delivery holds it and the advisor was told."""

    TYPE = "delivery.car_ready.v1"
    CLAUSE = "D1"
    spot: str


class CancellationNoted(VisitEvent):
    """D5: the customer ended the order after its diagnosis: what was consented to by this revision is settled, and nothing else.

    `declined` are the operations that the customer does not want.
    """

    TYPE = "delivery.cancellation_noted.v1"
    CLAUSE = "D5"
    kind: str = Field(pattern="^(after_diagnosis)$")
    revision: int
    declined: tuple[str, ...] = ()


class PapersReceived(VisitEvent):
    """D1: key, order, sheet, old parts and belongings passed from the workshop supervisor to the advisor."""

    TYPE = "delivery.papers_received.v1"
    CLAUSE = "D1"
    from_person: str
    advisor: str
    things: tuple[str, ...]


class InternalCheckPassed(VisitEvent):
    """D2: each ordered item checked on the car, and every point of the internal checklist."""

    TYPE = "delivery.internal_check_passed.v1"
    CLAUSE = "D2"
    advisor: str
    items: tuple[str, ...]
    checklist: tuple[str, ...]
    road_test: bool


class CustomerCalled(VisitEvent):
    """D3: the customer was told that the car is done, and a delivery time agreed."""

    TYPE = "delivery.customer_called.v1"
    CLAUSE = "D3"
    advisor: str
    delivery_at: Instant


class AccompaniedCheckDone(VisitEvent):
    """D4: the points of the accompanied check that were gone through with the customer, 三件套 into the recycling container."""

    TYPE = "delivery.accompanied_check_done.v1"
    CLAUSE = "D4"
    advisor: str
    items_shown: tuple[str, ...]
    checklist: tuple[str, ...]
    with_collector: bool = False


class RecommendationAnswered(VisitEvent):
    """D6: `answer` is accepts, declines or next_time; a safety item that is not repaired today carries the customer's signed note."""

    TYPE = "delivery.recommendation_answered.v1"
    CLAUSE = "D6"
    recommendation: str
    operation: str
    safety: bool
    answer: str = Field(pattern="^(accepts|declines|next_time)$")
    consequence_explained: bool
    note: str | None = None
    signature: Signature | None = None


class RecommendationAdded(VisitEvent):
    """D6: found or declined after the final inspection, which does not name it: it comes on the settlement beside what the pass names.

    Of a car that leaves unsettled and was not inspected: what was found on it to be unsafe, which the customer answers before the pass.
    """

    TYPE = "delivery.recommendation_added.v1"
    CLAUSE = "D6"
    recommendation: Recommendation


class StatementNumbered(VisitEvent):
    """D5: after the accompanied check the settlement statement gets its number, so that what the customer signs carries it."""

    TYPE = "delivery.statement_numbered.v1"
    CLAUSE = "D5"
    number: str


class BookletExplained(VisitEvent):
    """D7: maintenance booklet entries, and at a first maintenance the warranty rules."""

    TYPE = "delivery.booklet_explained.v1"
    CLAUSE = "D7"
    entries: bool
    first_maintenance: bool


class NextMaintenanceSet(VisitEvent):
    """D8: pointed out on the settlement, and the customer was told that a reminder comes before it is due."""

    TYPE = "delivery.next_maintenance_set.v1"
    CLAUSE = "D8"
    next: NextMaintenance
    reminder_told: bool = True


class CallHourConfirmed(VisitEvent):
    """D9: the hour of the day, local time `HH:MM`, at which the customer wants to be called."""

    TYPE = "delivery.call_hour_confirmed.v1"
    CLAUSE = "D9"
    hour: str = Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")


class SettlementClosed(VisitEvent):
    """D5: the settlement statement, signed by the customer: the consented items at their frozen prices, shared to the cent.

    `total` is what is charged: the lines without the discounts. `returned` is what was consented to and is not charged.
    """

    class Line(Fact):
        line: str
        item: str
        kind: str = Field(pattern="^(labour|part)$")
        code: str
        amount: Money
        shares: Mapping[Payer, Money]

    class Discount(Fact):
        """What is taken off a line, and off whose share of it; `reason` is the key of a text record."""

        line: str
        amount: Money
        shares: Mapping[Payer, Money]
        reason: str

    class Returned(Fact):
        """Parts of a consented line that went back to the parts store; `amount` is what the line is less by."""

        line: str
        item: str
        part_no: str
        quantity: int
        amount: Money

    TYPE = "delivery.settlement_closed.v1"
    CLAUSE = "D5"
    number: str
    revision: int
    lines: tuple[Line, ...]
    total: Money
    tax_contained: Money
    owed: Mapping[Payer, Money]
    recommendations: tuple[Recommendation, ...]
    next: NextMaintenance
    call_hour: str
    awaiting_ruling: tuple[str, ...] = ()
    discounts: tuple[Discount, ...] = ()
    returned: tuple[Returned, ...] = ()
    content_hash: str
    signature: Signature


class PartsOutChanged(VisitEvent):
    """W5, D5: how many of a part stay with an item, since some came back against slip `slip`: of its line no more is charged."""

    TYPE = "delivery.parts_out_changed.v1"
    CLAUSE = "D5"
    item: str
    part_no: str
    out: int = Field(ge=0)
    slip: str


class SettlementPrinted(VisitEvent):
    TYPE = "delivery.settlement_printed.v1"
    CLAUSE = "D5"
    number: str
    copies: tuple[str, ...]


class PaymentTaken(VisitEvent):
    """D5: one payment, a fact of its own. `payment` is the caller's id of it: the same id twice is one payment.

    A deposit is paid before the settlement, or for an item that awaits its ruling.
    """

    TYPE = "delivery.payment_taken.v1"
    CLAUSE = "D5"
    payment: str
    payer: Payer
    method: str
    amount: Money
    cashier: str
    kind: str = Field(default="payment", pattern="^(payment|deposit)$")


class PutOnAccount(VisitEvent):
    """D5: a payer's share is owed, not paid, and lets the car go; `approver` is not the cashier."""

    TYPE = "delivery.put_on_account.v1"
    CLAUSE = "D5"
    payer: Payer
    amount: Money
    approver: str


class AccountUsedUp(VisitEvent):
    """D5: of what this payer was allowed to owe on account, so much is not owed any more: what is owed later needs an approval anew."""

    TYPE = "delivery.account_used_up.v1"
    CLAUSE = "D5"
    payer: Payer
    amount: Money


class ExitPassIssued(VisitEvent):
    """D5: the one exit pass of the visit; without a settlement where the visit ended unsigned or untouched (R14)."""

    TYPE = "delivery.exit_pass_issued.v1"
    CLAUSE = "D5"
    number: str
    settlement: str | None
    released_by: str
    valid_until: Instant | None = None


class DocumentsReturned(VisitEvent):
    """R7: the papers taken at reception were given back."""

    TYPE = "delivery.documents_returned.v1"
    CLAUSE = "R7"
    documents: tuple[str, ...]
    by: str


class ExitPassUsed(VisitEvent):
    """D5: the gate checked the pass and voided it by its use: the car is delivered, nobody holds it any more."""

    TYPE = "delivery.exit_pass_used.v1"
    CLAUSE = "D5"
    number: str
    gatekeeper: str
    customer: str
    vehicle: str
    call_hour: str
    next: NextMaintenance | None
    unsettled: bool = False


class RulingReserved(VisitEvent):
    """R5: the ruling of these items is still out at delivery: they stay open, awaiting ruling, and the customer signed so."""

    TYPE = "delivery.ruling_reserved.v1"
    CLAUSE = "R5"
    items: tuple[str, ...] = Field(min_length=1)
    content_hash: str
    signature: Signature


class ReservationReleased(VisitEvent):
    """R5: the business supervisor lets the car go with items that await their ruling."""

    TYPE = "delivery.reservation_released.v1"
    CLAUSE = "R5"
    items: tuple[str, ...]
    supervisor: str


class ItemRuled(VisitEvent):
    """R5: the manufacturer's ruling reached the case: the item is charged to the warranty, or to the customer's side."""

    TYPE = "delivery.item_ruled.v1"
    CLAUSE = "R5"
    item: str
    covers: bool
    reference: str


class SupplementClosed(VisitEvent):
    """R5: a supplementary settlement after a rejecting ruling; the first settlement stays as it is. The customer is called the same day."""

    TYPE = "delivery.supplement_closed.v1"
    CLAUSE = "R5"
    number: str
    settlement: str
    items: tuple[str, ...]
    total: Money
    owed: Mapping[Payer, Money]
    customer_called: bool


class ClaimOpened(VisitEvent):
    """D10: a warranty item's claim towards the manufacturer; the old part is kept for it."""

    TYPE = "delivery.claim_opened.v1"
    CLAUSE = "D10"
    claim: str
    item: str
    vehicle: str
    amount: Money
    reference: str | None = None
    has_part: bool = True
    settlement: str | None = None


class SettlementCountered(VisitEvent):
    """D5: a settlement is countered as a whole, never changed; `by_revision` where a revision of the order asks for it."""

    TYPE = "delivery.settlement_countered.v1"
    CLAUSE = "D5"
    number: str
    counters: str
    reason: str
    by_revision: int | None = None


class ExitPassRevoked(VisitEvent):
    """D5: revoked before it was used; a new one may follow."""

    TYPE = "delivery.exit_pass_revoked.v1"
    CLAUSE = "D5"
    number: str
    reason: str


class CarReturned(VisitEvent):
    """The car goes from delivery back to the workshop, which holds it again."""

    TYPE = "delivery.car_returned.v1"
    CLAUSE = "W8"
    revision: int
    reason: str


class RevisionRefused(VisitEvent):
    """W8: the car has left: the revision has no effect, and reception offers an appointment."""

    TYPE = "delivery.revision_refused.v1"
    CLAUSE = "W8"
    revision: int


class CarReleasedUnsettled(VisitEvent):
    """R14: the visit ended unsigned or untouched: the car may leave without settlement and inspection, the reason kept."""

    TYPE = "delivery.car_released_unsettled.v1"
    CLAUSE = "R14"
    reason: str
    customer: str
    vehicle: str
    advisor: str = ""


class SupplementTold(VisitEvent):
    """R5: the customer was called about a supplementary settlement."""

    TYPE = "delivery.supplement_told.v1"
    CLAUSE = "R5"
    number: str
    advisor: str


class OldPartKept(VisitEvent):
    """D10: the old part of a claim, by its label, and where it lies for the manufacturer."""

    TYPE = "delivery.old_part_kept.v1"
    CLAUSE = "D10"
    claim: str
    label: str
    place: str
    by: str


class ClaimSent(VisitEvent):
    """D10: the claim went to the manufacturer with these papers."""

    TYPE = "delivery.claim_sent.v1"
    CLAUSE = "D10"
    claim: str
    papers: tuple[str, ...] = Field(min_length=1)
    by: str


class ClaimDecided(VisitEvent):
    """D10: the manufacturer approved the claim, perhaps for less than was claimed, or rejected it (`amount` is zero)."""

    TYPE = "delivery.claim_decided.v1"
    CLAUSE = "D10"
    claim: str
    approved: bool
    amount: Money
    reference: str
    by: str


class ClaimPaid(VisitEvent):
    TYPE = "delivery.claim_paid.v1"
    CLAUSE = "D10"
    claim: str
    amount: Money
    by: str


class ClaimWithdrawn(VisitEvent):
    """D10: the settlement that the claim came from was countered; the next settlement opens it again."""

    TYPE = "delivery.claim_withdrawn.v1"
    CLAUSE = "D10"
    claim: str
    counter: str


class ClaimLessened(VisitEvent):
    """D10: of the item's parts some came back against slip `slip`, after it was claimed: `amount`, what stayed, is claimed from now on."""

    TYPE = "delivery.claim_lessened.v1"
    CLAUSE = "D10"
    claim: str
    item: str
    amount: Money
    slip: str
    has_part: bool = True


class DamageNoted(VisitEvent):
    """D2, D4: damage that the check-in sheet does not have, such as a scratch of the wash: a case of its own until it is settled."""

    TYPE = "delivery.damage_noted.v1"
    CLAUSE = "D2"
    damage: str
    part: str
    mark: str
    by: str
    note: str | None = None


class DamageSettled(VisitEvent):
    """D2: put right, or agreed with the customer, who was told."""

    TYPE = "delivery.damage_settled.v1"
    CLAUSE = "D2"
    damage: str
    how: str = Field(pattern="^(put_right|agreed_with_customer)$")
    by: str
    customer_told: bool = True


class CollectorAuthorised(VisitEvent):
    """D4: somebody else takes delivery for the customer. `collector` is the key of a text record."""

    TYPE = "delivery.collector_authorised.v1"
    CLAUSE = "D4"
    collector: str
    proof: str = Field(pattern="^(code|written_proxy)$")
    by: str
    identity_checked: bool = True


class DiscountGiven(VisitEvent):
    """D5: taken off one line before the signature, within the giver's limit; the newest of a line holds. `reason` is a text record."""

    TYPE = "delivery.discount_given.v1"
    CLAUSE = "D5"
    line: str
    amount: Money
    reason: str
    by: str


class InsurerAnswered(VisitEvent):
    """D5: the insurer's claim number and the amount that it approved for it; the newest answer to a claim holds."""

    TYPE = "delivery.insurer_answered.v1"
    CLAUSE = "D5"
    claim_number: str
    approved: Money
    by: str


class ShareMoved(VisitEvent):
    """D5: what one payer does not pay is borne by another: as goodwill, or by the customer's new consent, signed. `reason` is a text.

    Of what `supplement` asks for, where one is named (R5), else of what the settlement does.
    """

    TYPE = "delivery.share_moved.v1"
    CLAUSE = "D5"
    settlement: str
    from_payer: Payer
    to_payer: Payer
    amount: Money
    by: str
    reason: str | None = None
    content_hash: str | None = None
    signature: Signature | None = None
    supplement: str | None = None


class PaymentReversed(VisitEvent):
    """D5: a payment came back, or bounced. `reason` is the key of a text record."""

    TYPE = "delivery.payment_reversed.v1"
    CLAUSE = "D5"
    payment: str
    amount: Money
    reason: str
    by: str


class RefundPaid(VisitEvent):
    """D5: what was paid beyond what is owed goes back; `refund` is the caller's id of it."""

    TYPE = "delivery.refund_paid.v1"
    CLAUSE = "D5"
    refund: str
    payer: Payer
    method: str
    amount: Money
    cashier: str


class CreditNoteIssued(VisitEvent):
    """D5: after the settlement what a payer owes becomes less by a note of its own. `reason` is the key of a text record.

    It lessens `supplement` where one is named (R5), else the settlement.
    """

    TYPE = "delivery.credit_note_issued.v1"
    CLAUSE = "D5"
    number: str
    settlement: str
    payer: Payer
    amount: Money
    reason: str
    approver: str
    supplement: str | None = None


class DebtArose(VisitEvent):
    """D5: the car has left, and this payer owes again; the delivery is not undone."""

    TYPE = "delivery.debt_arose.v1"
    CLAUSE = "D5"
    payer: Payer
    amount: Money
    reason: str


class RefundFellDue(VisitEvent):
    """D5: so much more is to be paid back to this payer: paid too much, credited, or a deposit whose item was ruled (R5)."""

    TYPE = "delivery.refund_fell_due.v1"
    CLAUSE = "D5"
    payer: Payer
    amount: Money


class BalanceChanged(VisitEvent):
    """D5: what the customer owes for a visit that has left, at the till or on account; zero: nothing any more."""

    TYPE = "delivery.balance_changed.v1"
    CLAUSE = "D5"
    customer: str
    owed: Money


class TakingBooked(Event):
    """D5: a payment, or less than zero a refund or a reversal, booked in a day's till."""

    TYPE = "delivery.taking_booked.v1"
    CLAUSE = "D5"
    till: str
    visit: str
    entry: str
    method: str
    amount: Money
    cashier: str


class TillCounted(Event):
    """D5: the cashier counted the till; `expected` is what was booked by method."""

    TYPE = "delivery.till_counted.v1"
    CLAUSE = "D5"
    till: str
    cashier: str
    counted: Mapping[str, Money]
    expected: Mapping[str, Money]


class TillClosed(Event):
    """D5: the day's till is closed by somebody who took no money into it. `note` on the differences is a text record."""

    TYPE = "delivery.till_closed.v1"
    CLAUSE = "D5"
    till: str
    totals: Mapping[str, Money]
    differences: Mapping[str, Money]
    entries: int
    cashier: str
    approver: str
    note: str | None = None
