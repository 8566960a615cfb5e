"""What reception announces, in the order of the procedure: A, R, and the handover of W1."""

from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from typing import Literal

from pydantic import Field

from shared.contracts.event import Event, Fact, Instant, VisitEvent
from shared.contracts.values import (
    Channel,
    DamageMark,
    FaultState,
    NextMaintenance,
    OrderItem,
    PaymentChoice,
    Signature,
    Warranty,
)
from shared.money import Money


class SlotTaken(Event):
    """A1: a place in an arrival slot of one day is held for a visit, with the labour hours it brings per skill."""

    TYPE = "reception.slot_taken.v1"
    CLAUSE = "A1"
    day: date
    slot: time
    visit: str
    hours_by_skill: Mapping[str, Decimal] = {}


class SlotFreed(Event):
    """A2: the place is free again: moved, cancelled or not shown up."""

    TYPE = "reception.slot_freed.v1"
    CLAUSE = "A2"
    day: date
    slot: time
    visit: str


class AppointmentBooked(VisitEvent):
    """A1: `wish` is the key of a text record; `day` is the local day of the slot.

    `no_shows` are the days on which this customer did not come before; `answers` is the reminder that was answered yes (D8).
    """

    TYPE = "reception.appointment_booked.v1"
    CLAUSE = "A1"
    customer: str
    vehicle: str
    channel: Channel
    arrives_at: Instant
    advisor: str
    wish: str | None = None
    operations: tuple[str, ...] = ()
    day: date | None = None
    no_shows: tuple[date, ...] = ()
    answers: str | None = None


class AppointmentWished(VisitEvent):
    """D8, A1: the customer answered the maintenance reminder of `visit` with yes: a receptionist books it. `wish` is a text's key."""

    TYPE = "reception.appointment_wished.v1"
    CLAUSE = "D8"
    customer: str
    vehicle: str
    due_on: date
    wish: str | None = None


class AppointmentWishClosed(VisitEvent):
    """D8: the appointment that answers the reminder of `visit` was booked, or the customer does not want one any more."""

    TYPE = "reception.appointment_wish_closed.v1"
    CLAUSE = "D8"
    outcome: str = Field(pattern="^(booked|withdrawn)$")
    appointment: str | None = None
    by: str


class AppointmentReminded(VisitEvent):
    """A2: the day before, the customer is reminded."""

    TYPE = "reception.appointment_reminded.v1"
    CLAUSE = "A2"
    day: date


class AppointmentConfirmed(VisitEvent):
    TYPE = "reception.appointment_confirmed.v1"
    CLAUSE = "A2"
    channel: Channel
    by: str


class AppointmentMoved(VisitEvent):
    """A2: to another slot; the place in the former one is free again."""

    TYPE = "reception.appointment_moved.v1"
    CLAUSE = "A2"
    day: date
    arrives_at: Instant
    channel: Channel
    by: str


class AppointmentCancelled(VisitEvent):
    """A2: `reason` is the key of a text record."""

    TYPE = "reception.appointment_cancelled.v1"
    CLAUSE = "A2"
    channel: Channel
    reason: str | None = None
    by: str


class CustomerDidNotCome(VisitEvent):
    """A2: the day of the appointment has ended and nobody came; shown at the next booking."""

    TYPE = "reception.customer_did_not_come.v1"
    CLAUSE = "A2"
    customer: str
    day: date


class AppointmentPrepared(VisitEvent):
    """A3: what is ready for the appointment: bay and team, surroundings, the customer's file and history, forms, parts."""

    TYPE = "reception.appointment_prepared.v1"
    CLAUSE = "A3"
    things: tuple[str, ...]
    by: str


class AppointmentKept(VisitEvent):
    """R1: the customer has come."""

    TYPE = "reception.appointment_kept.v1"
    CLAUSE = "R1"


class OpeningChecklistDone(Event):
    """A4: one advisor's checklist of one day: appearance, forms, tools and materials, surroundings."""

    TYPE = "reception.opening_checklist_done.v1"
    CLAUSE = "A4"
    day: date
    advisor: str
    points: tuple[str, ...]


class CustomerArrived(VisitEvent):
    """R1: the customer is in the queue; `queue_number` counts the day's arrivals.

    `vin_doubtful`: the VIN's check digit does not fit, which not every maker keeps: compare it with the car (R7).
    """

    TYPE = "reception.customer_arrived.v1"
    CLAUSE = "R1"
    customer: str
    vehicle: str
    day: date
    queue_number: int
    with_appointment: bool
    slot_held: Instant | None = None
    arrived_at: Instant | None = None
    vin_doubtful: bool = False
    advisor: str | None = None


class VehicleVisitOpened(Event):
    """R7: the vehicle is here for `visit`; it can have one open visit at a time."""

    TYPE = "reception.vehicle_visit_opened.v1"
    CLAUSE = "R7"
    vehicle: str
    visit: str


class VehicleVisitClosed(Event):
    """R7: the vehicle's visit is over; the next one may open. `mistaken`: it never was this vehicle's, another had come."""

    TYPE = "reception.vehicle_visit_closed.v1"
    CLAUSE = "R7"
    vehicle: str
    visit: str
    mistaken: bool = False


class VehicleOwnerChanged(Event):
    """R7: the vehicle has another owner since that day (EDGE_CASES 15): its work follows the VIN, the former owner's data does not."""

    TYPE = "reception.vehicle_owner_changed.v1"
    CLAUSE = "R7"
    vehicle: str
    owner: str
    former: str | None = None
    since: date


class VisitVehicleCorrected(VisitEvent):
    """R7: another car than was typed at the arrival; its history follows the VIN. `reason` is the key of a text record."""

    TYPE = "reception.visit_vehicle_corrected.v1"
    CLAUSE = "R7"
    vehicle: str
    former: str
    reason: str
    by: str


class CustomerGreeted(VisitEvent):
    """R1: greeted and guided to park; `passed_over` are the visits that stood before this one in the queue."""

    TYPE = "reception.customer_greeted.v1"
    CLAUSE = "R1"
    by: str
    waited_seconds: int
    passed_over: tuple[str, ...] = ()


class CheckInSheetDrafted(VisitEvent):
    """R2: the sheet as far as it is filled in; a later draft replaces an earlier one. None = not looked at or asked yet.

    `content_hash` is what the customer signs (that of the `VehicleCheckedIn` to come); None while the sheet is incomplete.
    `last_odometer_km` is the reading of the vehicle's last visit: one that is lower now has its reason. Reasons, like belongings, are keys
    of text records (of an older entry the words themselves).
    """

    class Sheet(Fact):
        brought_by: str | None = Field(default=None, pattern="^(self|driver|tow)$")
        covers_fitted: tuple[str, ...] = ()
        odometer_km: int | None = None
        odometer_unreadable: str | None = None
        odometer_lower_reason: str | None = None
        fuel: Decimal | None = None
        fuel_unreadable: str | None = None
        damage: tuple[DamageMark, ...] | None = None
        belongings_asked: bool = False
        belongings: str | None = None
        spare_wheel: bool | None = None
        tools: tuple[str, ...] | None = None
        photos: tuple[str, ...] = ()

    TYPE = "reception.check_in_sheet_drafted.v1"
    CLAUSE = "R2"
    advisor: str
    sheet: Sheet
    content_hash: str | None = None
    last_odometer_km: int | None = None


class CheckInSignatureRefused(VisitEvent):
    """R2: the customer refuses to sign the sheet; a witness was there. Work stays locked. Both are keys of text records."""

    TYPE = "reception.check_in_signature_refused.v1"
    CLAUSE = "R2"
    advisor: str
    reason: str
    witness: str


class BringerRecorded(VisitEvent):
    """R2: who brought the car (送修人) where it was not the customer: name, firm and phone, the key of a text record.

    A tow driver signs the sheet as a witness of the car's state; the order is signed by the customer alone (R11).
    """

    TYPE = "reception.bringer_recorded.v1"
    CLAUSE = "R2"
    brought_by: str = Field(pattern="^(driver|tow)$")
    who: str


class VehicleCheckedIn(VisitEvent):
    """R2: the check-in sheet is complete and signed; every department knows the visit from here on.

    `fuel` is the share of a full tank, 0 to 1. `belongings` is the key of a text record. An unreadable odometer or fuel gauge
    is `None` with its reason, the key of a text record too (of an older entry the words themselves).
    """

    TYPE = "reception.vehicle_checked_in.v1"
    CLAUSE = "R2"
    customer: str
    vehicle: str
    advisor: str
    brought_by: str = Field(pattern="^(self|driver|tow)$")
    covers_fitted: tuple[str, ...]
    odometer_km: int | None
    odometer_unreadable: str | None = None
    fuel: Decimal | None
    fuel_unreadable: str | None = None
    damage: tuple[DamageMark, ...] = ()
    belongings: str | None = None
    spare_wheel: bool
    tools: tuple[str, ...] = ()
    photos: tuple[str, ...] = ()
    content_hash: str
    signature: Signature


class CheckInSheetPrinted(VisitEvent):
    TYPE = "reception.check_in_sheet_printed.v1"
    CLAUSE = "R2"
    copies: tuple[str, ...]


class ConcernsRecorded(VisitEvent):
    """R3: purpose of the visit and the customer's own words about each fault (keys of text records)."""

    TYPE = "reception.concerns_recorded.v1"
    CLAUSE = "R3"
    purpose: str
    words: tuple[str, ...]


class FaultDiagnosed(VisitEvent):
    """R4: one item or demand: determined or to be inspected, under warranty or not, and that the customer was told.

    `told` is the key of a text record: what was said. The same `item` again replaces what was found before.
    `warranty_reason`, a text record too: why the vehicle has a first maintenance free of charge once more.
    """

    TYPE = "reception.fault_diagnosed.v1"
    CLAUSE = "R4"
    item: str
    operation: str
    fault: FaultState
    warranty: Warranty
    customer_told: bool
    told: str | None = None
    warranty_reason: str | None = None


class DocumentsTaken(VisitEvent):
    """R7: papers taken into custody and compared with the file; None = no licence there, or nothing in the file, to compare with.

    No documents: they were asked for, and the customer has none here.
    """

    TYPE = "reception.documents_taken.v1"
    CLAUSE = "R7"
    documents: tuple[str, ...]
    vin_matches: bool | None
    plate_matches: bool | None
    engine_no_matches: bool | None = None
    owner_matches: bool | None = None


class PartsLookedUp(VisitEvent):
    """R8: for every part of the order: is it on hand, and if not, when is it expected."""

    class Line(Fact):
        part_no: str
        quantity: int
        available: bool
        expected_on: date | None = None

    TYPE = "reception.parts_looked_up.v1"
    CLAUSE = "R8"
    lines: tuple[Line, ...]


class PriceList(Fact):
    """R9: what the list said when something was priced, as far as it was asked: the labour rate an hour, and a piece of each part.

    A change of the list takes effect where it has been heard of; until then the one before is used, and it is this one that counts.
    """

    labour_rate: Decimal
    parts: Mapping[str, Decimal] = {}


class EstimateGiven(VisitEvent):
    """R9: labour and parts apart, line by line. `number` counts the visit's estimates; `proposed` are operations from the history.

    `listed` is the list that it was priced by; null in an entry from before it was kept.
    """

    TYPE = "reception.estimate_given.v1"
    CLAUSE = "R9"
    number: int
    items: tuple[OrderItem, ...]
    labour: Money
    parts: Money
    total: Money
    valid_until: date
    proposed: tuple[str, ...] = ()
    listed: PriceList | None = None


class EstimateAccepted(VisitEvent):
    """R9: the customer consents to `items`; prices freeze here. `content_hash` is that of the `EstimateGiven` of this number.

    `dialled` is the key of a text record with the number dialled, where there was one.
    """

    TYPE = "reception.estimate_accepted.v1"
    CLAUSE = "R9"
    number: int
    channel: Channel
    items: tuple[str, ...]
    dialled: str | None = None
    content_hash: str


class CompletionPromised(VisitEvent):
    """R10: `earliest` is what the shop's load allows, `promised_at` what was said."""

    TYPE = "reception.completion_promised.v1"
    CLAUSE = "R10"
    promised_at: Instant
    earliest: Instant


class WorkOrderDrafted(VisitEvent):
    """R11: what was told and chosen, put into an order that the customer can read and sign; a later draft replaces an earlier one.

    `content_hash` is that of the `WorkOrderSigned` to come.
    """

    TYPE = "reception.work_order_drafted.v1"
    CLAUSE = "R11"
    number: str
    advisor: str
    pays: tuple[PaymentChoice, ...]
    payment_ways_told: bool
    old_parts: str = Field(pattern="^(keep|dispose)$")
    wash: bool
    delivery_procedure_explained: bool
    order_explained: bool
    new_work_rule_told: bool
    content_hash: str


class WorkOrderSigned(VisitEvent):
    """R11: the customer signed the order; revision 1 of it. Later revisions are `OrderRevised`."""

    TYPE = "reception.work_order_signed.v1"
    CLAUSE = "R11"
    number: str
    revision: int
    customer: str
    vehicle: str
    advisor: str
    items: tuple[OrderItem, ...]
    labour: Money
    parts: Money
    total: Money
    promised_at: Instant
    pays: tuple[PaymentChoice, ...]
    payment_ways_told: bool
    old_parts: str = Field(pattern="^(keep|dispose)$")
    wash: bool
    delivery_procedure_explained: bool
    order_explained: bool
    new_work_rule_told: bool
    content_hash: str
    signature: Signature


class WorkOrderPrinted(VisitEvent):
    """R11: the copies made (`customer`, `workshop`), and that the customer was given theirs of the order and the check-in sheet."""

    TYPE = "reception.work_order_printed.v1"
    CLAUSE = "R11"
    copies: tuple[str, ...]
    customer_copies_given: bool


class WaitingPlaceRecorded(VisitEvent):
    """R13: lounge, leaves or courtesy_transport; `reach` is the key of the record that says how to reach the customer."""

    TYPE = "reception.waiting_place_recorded.v1"
    CLAUSE = "R13"
    place: str = Field(pattern="^(lounge|leaves|courtesy_transport)$")
    reach: str


class CarHandedOver(VisitEvent):
    """W1: the advisor's side: car in the waiting area, key, order and sheet passed to the workshop supervisor."""

    TYPE = "reception.car_handed_over.v1"
    CLAUSE = "W1"
    advisor: str
    place: str
    things: tuple[str, ...]
    notes: str | None = None


class VisitClosed(VisitEvent):
    """The car has left through the gate (D5): nothing of this visit changes any more."""

    TYPE = "reception.visit_closed.v1"
    CLAUSE = "D5"


class CarHandedBack(VisitEvent):
    """W1: the workshop's sending back was taken note of; the car is reception's again until it is handed over anew."""

    TYPE = "reception.car_handed_back.v1"
    CLAUSE = "W1"
    advisor: str
    reason: str | None = None


class CheckInCorrected(VisitEvent):
    """A typed fact of the check-in sheet is corrected by a fact of its own; the signed sheet stays as it was."""

    TYPE = "reception.check_in_corrected.v1"
    CLAUSE = "R2"
    field: str = Field(pattern="^(odometer_km|fuel|damage)$")
    value: str
    reason: str
    by: str


class AdvisorTaskOpened(VisitEvent):
    """W6, W7, W8, R5, R6: something that the advisor has to take to the customer by `due_by`. `about` is the id of what asks for it.

    What the workshop said of it: the operation found, the inspected `item`, whether it is safety-related; the kind of progress, its
    minutes and date; `note` is the key of a text record.
    """

    TYPE = "reception.advisor_task_opened.v1"
    CLAUSE = "W7"
    task: str
    kind: str = Field(pattern="^(change|finding|progress|belongings|ruling|delay_warning)$")
    about: str
    advisor: str
    due_by: Instant
    operation: str | None = None
    item: str | None = None
    progress: str | None = None
    minutes: int = 0
    expected_on: date | None = None
    note: str | None = None
    since: Instant | None = Field(default=None, description="What `due_by` is counted from; None of an entry from before it was kept.")
    safety: bool = False


class AdvisorTaskMoved(VisitEvent):
    """The calendar changed (of a ruling, R5), or the opening hours: an advisor's task that is not late is due at another moment."""

    TYPE = "reception.advisor_task_moved.v1"
    CLAUSE = "W7"
    task: str
    kind: str
    due_by: Instant


class AdvisorTaskDone(VisitEvent):
    TYPE = "reception.advisor_task_done.v1"
    CLAUSE = "W7"
    task: str
    by: str


class AdvisorTaskOverdue(VisitEvent):
    """The time of an advisor's task has passed with the customer unasked: the supervisors were told."""

    TYPE = "reception.advisor_task_overdue.v1"
    CLAUSE = "W7"
    task: str
    kind: str
    advisor: str
    due_by: Instant


class WarrantyQuestionEscalated(VisitEvent):
    """R5: still unclear: the reason was told to the customer, and the manufacturer's service department asked. `reason` is a text.

    `operation`: what the question is about; None of an entry from before it was kept.
    """

    TYPE = "reception.warranty_question_escalated.v1"
    CLAUSE = "R5"
    item: str
    operation: str | None = None
    reason: str
    by: str


class WarrantyRuled(VisitEvent):
    """R5: the manufacturer's approval or rejection, with its reference; it may come after the delivery."""

    TYPE = "reception.warranty_ruled.v1"
    CLAUSE = "R5"
    item: str
    covers: bool
    reference: str
    by: str


class ChangeQuoted(VisitEvent):
    """W8, R6, R9: found or wished work priced for the customer, at today's prices. `found` is the workshop's id of it, null for a wish.

    `answers_to` points to an earlier quote of the same that was declined, or ran out. `dropped` are items of the order that the customer
    no longer wants, `lookup` says which of the parts are there (R8). `insurer` is what the insurer is asked to pay of each item:
    its consent is needed too (EDGE_CASES 7). `listed` is the list that it was priced by; null where the prices are those of the quote
    before, and in an entry from before it was kept. `warranty_reason` is the key of a text record: why the vehicle has a first
    maintenance free of charge once more (R4).
    """

    TYPE = "reception.change_quoted.v1"
    CLAUSE = "W8"
    change: str
    found: str | None = None
    items: tuple[OrderItem, ...]
    total: Money
    promised_at: Instant | None = None
    valid_until: date
    answers_to: str | None = None
    dropped: tuple[str, ...] = ()
    lookup: tuple[PartsLookedUp.Line, ...] = ()
    insurer: Mapping[str, Money] = {}
    listed: PriceList | None = None
    warranty_reason: str | None = None
    content_hash: str


class ChangeAnswered(VisitEvent):
    """W8: the customer was reached and said yes or no to a quote: who answered, by which channel, at what price, line by line.

    `answered_by` is `customer`, or the key of a text record (of an older entry the words themselves); `dialled` is the key of one with the
    number dialled, where there was one.
    """

    TYPE = "reception.change_answered.v1"
    CLAUSE = "W8"
    change: str
    found: str | None = None
    accepted: tuple[str, ...] = ()
    declined: tuple[str, ...] = ()
    operations_declined: tuple[str, ...] = ()
    answered_by: str = "customer"
    channel: Channel
    dialled: str | None = None
    total: Money
    content_hash: str
    advisor: str
    answered_at: Instant | None = None


class SupplementAuthorised(VisitEvent):
    """W8: the add-on authorisation (增项单), a paper of its own beside the signed order: what the customer agreed to, as it was agreed.

    `total` is of what was accepted, `order_total` what the whole order comes to with it, `insurer` the insurer's part of it by item.
    `signature` where the customer signed; else the `ChangeAnswered` beside it says who authorised this content and by which channel.
    """

    TYPE = "reception.supplement_authorised.v1"
    CLAUSE = "W8"
    number: str
    order: str
    change: str
    found: str | None = None
    items: tuple[OrderItem, ...]
    dropped: tuple[str, ...] = ()
    declined: tuple[str, ...] = ()
    total: Money
    order_total: Money
    promised_at: Instant
    insurer: Mapping[str, Money] = {}
    content_hash: str
    signature: Signature | None = None


class InsurerConsentRecorded(VisitEvent):
    """W8: the insurer's own answer to a quote of which it is to pay a share: who there, by which channel, for what claim, how much.

    The newest answer to a quote holds. `answered_by` is the key of a text record; refused, nothing is approved.
    """

    TYPE = "reception.insurer_consent_recorded.v1"
    CLAUSE = "W8"
    change: str
    consents: bool
    claim_number: str
    approved: Money
    answered_by: str
    channel: Channel
    content_hash: str
    advisor: str


class InsurerGapGranted(VisitEvent):
    """W8: the house bears what the insurer does not pay of a quote, as goodwill. `reason` is the key of a text record."""

    TYPE = "reception.insurer_gap_granted.v1"
    CLAUSE = "W8"
    change: str
    amount: Money
    by: str
    reason: str


class OrderRevised(VisitEvent):
    """W8: revision `n` of the order: all its items as they are consented now. It takes effect when who holds the car has taken it."""

    TYPE = "reception.order_revised.v1"
    CLAUSE = "W8"
    revision: int = Field(gt=1)
    change: str
    items: tuple[OrderItem, ...]
    labour: Money
    parts: Money
    total: Money
    promised_at: Instant
    wash: bool
    pays: tuple[PaymentChoice, ...]


class RevisionAnswered(VisitEvent):
    """W8: who holds the car has taken the revision, or refused it since the car has left: a next revision may follow."""

    TYPE = "reception.revision_answered.v1"
    CLAUSE = "W8"
    revision: int
    taken: bool
    voids_pass: bool = False


class ProgressTold(VisitEvent):
    """W7: the customer was told of a change of progress, and answered: accepts, or wants the car as promised."""

    TYPE = "reception.progress_told.v1"
    CLAUSE = "W7"
    report: str
    answer: str = Field(pattern="^(accepts|wants_car_as_promised)$")
    channel: Channel
    promised_at: Instant
    advisor: str


class BelongingsAnswered(VisitEvent):
    """W6: what the customer said when asked whether belongings may be moved or the car entered."""

    TYPE = "reception.belongings_answered.v1"
    CLAUSE = "W6"
    request: str
    agrees: bool
    channel: Channel
    advisor: str


class InquiryEnded(VisitEvent):
    """R14: a visit without a signed order: who, when, what about. Delivery lets the car out without settlement and inspection."""

    TYPE = "reception.inquiry_ended.v1"
    CLAUSE = "R14"
    customer: str
    vehicle: str
    advisor: str
    about: str
    reason: str = Field(pattern="^(inquiry|cancelled_before_signature)$")
    call_hour: str
    car_here: bool


class OrderCancelled(VisitEvent):
    """The customer ended a signed order after its diagnosis: only what was consented and done is charged (EDGE_CASES 1).

    `touched` is not known here: the workshop says it. `declined` are the operations that become recommendations, `reason` is
    the key of a text record.
    """

    TYPE = "reception.order_cancelled.v1"
    CLAUSE = "W8"
    revision: int
    kind: str = Field(pattern="^(after_diagnosis)$")
    declined: tuple[str, ...] = ()
    advisor: str
    reason: str | None = None


class PartPriced(Event):
    """R9: the list price of a part from now on; what is consented keeps the price of then. Every department takes note of it."""

    TYPE = "reception.part_priced.v1"
    CLAUSE = "R9"
    part_no: str
    unit_price: Decimal
    former: Decimal
    by: str


class VehicleHistoryRecorded(Event):
    """R9: a visit before this software, as the branch's old records have it; `recommended` was not done then.

    `record` is its number there, with which it is recorded once. The newest one by date says when maintenance is next due.
    """

    TYPE = "reception.vehicle_history_recorded.v1"
    CLAUSE = "R9"
    vehicle: str
    record: str
    on: date
    odometer_km: int | None = None
    operations: tuple[str, ...] = ()
    recommended: tuple[str, ...] = ()
    next: NextMaintenance | None = None
    by: str


class FilesMerged(Event):
    """R7: two files turned out to be of one car, or of one person: `file` is read as `into` from now on (EDGE_CASES 3).

    Nothing that was recorded under either is rewritten. `reason` is the key of a text record; `at` is when it was said.
    """

    TYPE = "reception.files_merged.v1"
    CLAUSE = "R7"
    kind: Literal["customer", "vehicle"]
    file: str
    into: str
    reason: str
    by: str
    at: Instant


class FilesParted(Event):
    """R7: they were two after all: each is read as itself again, with what was recorded under it, meanwhile too."""

    TYPE = "reception.files_parted.v1"
    CLAUSE = "R7"
    kind: Literal["customer", "vehicle"]
    file: str
    former: str
    reason: str
    by: str
    at: Instant


class CustomerErased(Event):
    """A customer's personal data were erased: records, texts, pictures, in every department; `visits` were the customer's.

    `vehicles` keep their VIN, which their history follows, and nothing of their owner. What was recorded in ids stays recorded.
    `merged` are the same person's other files, each erased with a fact of its own at the same moment.
    """

    TYPE = "reception.customer_erased.v1"
    customer: str
    merged: tuple[str, ...] = ()
    visits: tuple[str, ...] = ()
    vehicles: tuple[str, ...] = ()
    reason: str
    by: str
