"""A visit at the counter: arrival (R1), check-in sheet (R2), consultation (R3), diagnosis (R4), papers (R7), waiting (R13)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import ClassVar

from services.reception.check_in import (
    CheckInSheetIncomplete,
    Sheet,
    SheetContentDiffers,
    SheetNotSigned,
    VehicleAlreadyCheckedIn,
    WrongSignerOfSheet,
    checked_in_event,
    lacking,
    signer_of,
)
from shared.aggregate import Aggregate
from shared.contracts.event import Event, Fact, Instant
from shared.contracts.reception import (
    AppointmentBooked,
    CheckInSheetDrafted,
    CheckInSheetPrinted,
    ConcernsRecorded,
    CustomerArrived,
    CustomerGreeted,
    DocumentsTaken,
    FaultDiagnosed,
    VehicleCheckedIn,
    VisitClosed,
    WaitingPlaceRecorded,
)
from shared.contracts.values import Channel, FaultState, Signature, Warranty
from shared.refusal import Refused
from shared.signing import content_hash


class VisitAlreadyBooked(Refused):
    clause = "A1"
    title = {"en": "This visit is booked already.", "zh-CN": "该次来访已预约。"}
    remedy = {"en": "Book another visit.", "zh-CN": "请另建预约。"}


class CustomerNotHere(Refused):
    clause = "R1"
    title = {"en": "The customer has not arrived.", "zh-CN": "客户尚未到店。"}
    remedy = {"en": "Record the arrival first.", "zh-CN": "请先登记到店。"}


class AlreadyArrived(Refused):
    clause = "R1"
    title = {"en": "The arrival is recorded already.", "zh-CN": "已登记到店。"}
    remedy = {"en": "Go on with the visit.", "zh-CN": "请继续办理。"}


class NotGreeted(Refused):
    clause = "R1"
    title = {"en": "The customer has not been greeted.", "zh-CN": "尚未迎接客户。"}
    remedy = {"en": "Greet the customer and guide them to park first.", "zh-CN": "请先迎接客户并引导停车。"}


class AlreadyGreeted(Refused):
    clause = "R1"
    title = {"en": "The customer was greeted already.", "zh-CN": "客户已被迎接。"}
    remedy = {"en": "Go on with the visit.", "zh-CN": "请继续办理。"}


class VisitOver(Refused):
    clause = "D5"
    title = {"en": "The visit is over: the car has left.", "zh-CN": "来访已结束，车辆已离店。"}
    remedy = {"en": "Open a new visit.", "zh-CN": "请新建来访。"}


class NothingSaid(Refused):
    clause = "R3"
    title = {"en": "The customer's own words are missing.", "zh-CN": "缺少客户原话。"}
    remedy = {"en": "Record what the customer says about each fault.", "zh-CN": "请记录客户对每项故障的描述。"}


class NoSuchDiagnosis(Refused):
    clause = "R4"
    title = {"en": "No such item was diagnosed in this visit.", "zh-CN": "本次来访没有该诊断项目。"}
    remedy = {"en": "Record the item's diagnosis first.", "zh-CN": "请先记录该项目的诊断。"}


class DiagnosisFrozen(Refused):
    clause = "R11"
    title = {"en": "The work order is signed: its items no longer change here.", "zh-CN": "任务委托书已签字，项目不可在此更改。"}
    remedy = {"en": "Newly found work goes through an add-on with its own consent.", "zh-CN": "新增项目须另行征得客户同意。"}


class PapersDoNotMatch(Refused):
    clause = "R7"
    title = {"en": "The papers do not match the file.", "zh-CN": "证件与档案不符。"}
    remedy = {"en": "Compare papers, car and file, and correct the file first.", "zh-CN": "请核对证件、车辆和档案，先更正档案。"}


class DocumentsAlreadyTaken(Refused):
    clause = "R7"
    title = {"en": "These papers are in custody already.", "zh-CN": "该证件已在保管中。"}
    remedy = {"en": "Record only papers that are newly taken.", "zh-CN": "只登记新收取的证件。"}


class Booking(Fact):
    """A1: `wish` is the key of a text record."""

    day: date | None
    arrives_at: Instant
    channel: Channel
    wish: str | None
    operations: tuple[str, ...]


class Diagnosis(Fact):
    item: str
    operation: str
    fault: FaultState
    warranty: Warranty
    customer_told: bool
    told: str | None


class Visit(Aggregate):
    COLLECTION: ClassVar[str] = "visits"

    customer: str | None = None
    vehicle: str | None = None
    advisor: str | None = None
    booking: Booking | None = None
    arrived_at: Instant | None = None
    day: date | None = None
    queue_number: int | None = None
    slot_held: Instant | None = None
    greeted_at: Instant | None = None
    greeted_by: str | None = None
    sheet: Sheet | None = None
    sheet_by: str | None = None
    sheet_missing: tuple[str, ...] = ()
    sheet_hash: str | None = None
    checked_in_at: Instant | None = None
    sheet_signature: Signature | None = None
    sheet_printed: tuple[str, ...] = ()
    purpose: str | None = None
    words: tuple[str, ...] = ()
    diagnoses: tuple[Diagnosis, ...] = ()
    documents: tuple[str, ...] = ()
    waiting_place: str | None = None
    reach: str | None = None
    closed: bool = False

    # A1, R1

    def book(self, booked: AppointmentBooked) -> list[Event]:
        """A1: the slot itself is taken in the day's `SlotDay`, in the same transaction."""
        if self.exists:
            raise VisitAlreadyBooked(visit=self.id)
        return [booked]

    def arrive(self, customer: str, vehicle: str, day: date, queue_number: int, now: datetime) -> list[Event]:
        if self.arrived_at is not None:
            raise AlreadyArrived(visit=self.id)
        return [
            CustomerArrived(
                visit=self.id,
                customer=customer,
                vehicle=vehicle,
                day=day,
                queue_number=queue_number,
                with_appointment=self.booking is not None,
                slot_held=self.booking.arrives_at if self.booking else None,
                arrived_at=now,
            )
        ]

    def greet(self, by: str, passed_over: Sequence[str], now: datetime) -> list[Event]:
        arrived_at = self._here()
        if self.greeted_at is not None:
            raise AlreadyGreeted(visit=self.id, greeted_by=self.greeted_by)
        waited = int((now - arrived_at).total_seconds())
        return [CustomerGreeted(visit=self.id, by=by, waited_seconds=waited, passed_over=tuple(passed_over))]

    # R2

    def draft_sheet(self, advisor: str, sheet: Sheet) -> list[Event]:
        """R2: the sheet as far as it is filled in; what is still missing is answered, and refused only when it is signed."""
        self._sheet_open()
        complete = not lacking(sheet)
        hashed = content_hash(checked_in_event(self.id, self._customer, self._vehicle, advisor, sheet)) if complete else None
        return [CheckInSheetDrafted(visit=self.id, advisor=advisor, sheet=sheet, content_hash=hashed)]

    def sign_sheet(self, signed_hash: str, signer: str, picture_sha256: str | None, now: datetime) -> list[Event]:
        """R2: by the customer, or by the tow driver of a car that was towed in."""
        self._sheet_open()
        if self.sheet is None or self.sheet_by is None or self.sheet_hash is None:
            raise CheckInSheetIncomplete(missing=lacking(self.sheet or Sheet()), visit=self.id)
        if signer != (expected := signer_of(self.sheet)):
            raise WrongSignerOfSheet(missing=(f"signature:{expected}",), visit=self.id)
        if signed_hash != self.sheet_hash:
            raise SheetContentDiffers(visit=self.id, content_hash=self.sheet_hash)
        signature = Signature(signer=signer, at=now, content_hash=signed_hash, picture_sha256=picture_sha256)
        return [checked_in_event(self.id, self._customer, self._vehicle, self.sheet_by, self.sheet, signed_hash, signature)]

    def print_sheet(self, copies: Sequence[str]) -> list[Event]:
        if self.checked_in_at is None:
            raise SheetNotSigned(missing=("signature",), visit=self.id)
        return [CheckInSheetPrinted(visit=self.id, copies=tuple(copies))]

    # R3, R4

    def record_concerns(self, purpose: str, words: Sequence[str], *, order_signed: bool) -> list[Event]:
        """R3: `words` are keys of text records."""
        self._attended()
        if not words:
            raise NothingSaid(missing=("words",), visit=self.id)
        if order_signed:
            raise DiagnosisFrozen(visit=self.id)
        return [ConcernsRecorded(visit=self.id, purpose=purpose, words=tuple(words))]

    def diagnose(
        self,
        item: str | None,
        operation: str,
        fault: FaultState,
        warranty: Warranty,
        *,
        customer_told: bool,
        told: str | None,
        order_signed: bool,
    ) -> list[Event]:
        """R4: `item` None gives the next id; a known one is replaced."""
        self._attended()
        if order_signed:
            raise DiagnosisFrozen(visit=self.id)
        if item is not None and self.diagnosis_of(item) is None:
            raise NoSuchDiagnosis(missing=(item,), visit=self.id)
        return [
            FaultDiagnosed(
                visit=self.id,
                item=item or f"item-{len(self.diagnoses) + 1}",
                operation=operation,
                fault=fault,
                warranty=warranty,
                customer_told=customer_told,
                told=told,
            )
        ]

    def diagnosis_of(self, item: str) -> Diagnosis | None:
        return next((diagnosis for diagnosis in self.diagnoses if diagnosis.item == item), None)

    # R7, R13

    def take_documents(self, documents: Sequence[str], *, vin_matches: bool | None, plate_matches: bool | None) -> list[Event]:
        self._attended()
        if again := sorted(set(documents) & set(self.documents)):
            raise DocumentsAlreadyTaken(visit=self.id, documents=again)
        if differing := [name for name, matches in (("vin", vin_matches), ("plate", plate_matches)) if matches is False]:
            raise PapersDoNotMatch(missing=differing, visit=self.id, vehicle=self.vehicle)
        return [DocumentsTaken(visit=self.id, documents=tuple(documents), vin_matches=vin_matches, plate_matches=plate_matches)]

    def record_waiting_place(self, place: str, reach: str | None) -> list[Event]:
        """R13: `reach` is the key of a text record; None = by the phone of the customer's file."""
        self._here()
        return [WaitingPlaceRecorded(visit=self.id, place=place, reach=reach or f"customer:{self._customer}")]

    def close(self) -> list[Event]:
        """D5: the car has left."""
        return [] if self.closed else [VisitClosed(visit=self.id)]

    def place_in_queue(self, slot_minutes: int) -> tuple[datetime, int]:
        """R1: who came first is served first; an appointment holds its slot until the slot is over."""
        arrived_at = self._here()
        held = self.slot_held
        if held is not None and arrived_at <= held + timedelta(minutes=slot_minutes):
            arrived_at = min(held, arrived_at)
        return arrived_at, self.queue_number or 0

    # what has to be true first

    @property
    def _customer(self) -> str:
        if self.customer is None:
            raise CustomerNotHere(missing=("arrival",), visit=self.id)
        return self.customer

    @property
    def _vehicle(self) -> str:
        if self.vehicle is None:
            raise CustomerNotHere(missing=("arrival",), visit=self.id)
        return self.vehicle

    def _here(self) -> datetime:
        if self.arrived_at is None:
            raise CustomerNotHere(missing=("arrival",), visit=self.id)
        if self.closed:
            raise VisitOver(visit=self.id)
        return self.arrived_at

    def _attended(self) -> None:
        self._here()
        if self.greeted_at is None:
            raise NotGreeted(missing=("greeting",), visit=self.id)

    def _sheet_open(self) -> None:
        self._attended()
        if self.checked_in_at is not None:
            raise VehicleAlreadyCheckedIn(visit=self.id)

    def _diagnosed(self, found: Diagnosis) -> None:
        if self.diagnosis_of(found.item) is None:
            self.diagnoses = (*self.diagnoses, found)
        else:
            self.diagnoses = tuple(found if before.item == found.item else before for before in self.diagnoses)

    def apply(self, event: Event) -> None:  # noqa: C901  one line an event
        match event:
            case AppointmentBooked():
                self.customer, self.vehicle, self.advisor = event.customer, event.vehicle, event.advisor
                self.booking = Booking.model_validate(event.model_dump())
            case CustomerArrived():
                self.customer, self.vehicle, self.day = event.customer, event.vehicle, event.day
                self.arrived_at, self.queue_number, self.slot_held = event.arrived_at, event.queue_number, event.slot_held
            case CustomerGreeted():
                self.greeted_at, self.greeted_by = self._here() + timedelta(seconds=event.waited_seconds), event.by
            case CheckInSheetDrafted():
                self.sheet, self.sheet_by, self.sheet_hash = event.sheet, event.advisor, event.content_hash
                self.sheet_missing = lacking(event.sheet)
            case VehicleCheckedIn():
                self.advisor, self.checked_in_at, self.sheet_signature = event.advisor, event.signature.at, event.signature
            case CheckInSheetPrinted():
                self.sheet_printed = event.copies
            case ConcernsRecorded():
                self.purpose, self.words = event.purpose, event.words
            case FaultDiagnosed():
                self._diagnosed(Diagnosis.model_validate(event.model_dump()))
            case DocumentsTaken():
                self.documents = (*self.documents, *event.documents)
            case WaitingPlaceRecorded():
                self.waiting_place, self.reach = event.place, event.reach
            case VisitClosed():
                self.closed = True
