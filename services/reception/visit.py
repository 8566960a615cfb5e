"""A visit at the counter: arrival (R1), check-in sheet (R2), consultation (R3), diagnosis (R4), papers (R7), waiting (R13)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import ClassVar

from services.reception.appointment import Appointment
from services.reception.arrival import AlreadyArrived, AlreadyGreeted, CustomerNotHere, NotGreeted, VisitOver
from services.reception.check_in import (
    CheckInSheetIncomplete,
    Sheet,
    SheetContentDiffers,
    SheetNotSigned,
    VehicleAlreadyCheckedIn,
    WitnessUnknown,
    WrongSignerOfSheet,
    checked_in_event,
    corrected,
    lacking,
    signer_of,
)
from services.reception.consultation import (
    Diagnosis,
    DiagnosisFrozen,
    FirstMaintenance,
    NoSuchDiagnosis,
    NothingSaid,
    check_first_maintenance,
)
from services.reception.inquiry import InquiryAlreadyRecorded, InquiryOver, OrderIsSigned, inquiry_ended
from services.reception.papers import DocumentsAlreadyTaken, PapersDoNotMatch, SameVehicle
from shared.aggregate import Aggregate
from shared.contracts.event import Event, Instant
from shared.contracts.reception import (
    BringerRecorded,
    CheckInCorrected,
    CheckInSheetDrafted,
    CheckInSheetPrinted,
    CheckInSignatureRefused,
    ConcernsRecorded,
    CustomerArrived,
    CustomerGreeted,
    DocumentsTaken,
    FaultDiagnosed,
    InquiryEnded,
    VehicleCheckedIn,
    VisitClosed,
    VisitVehicleCorrected,
    WaitingPlaceRecorded,
)
from shared.contracts.values import FaultState, Signature, Warranty
from shared.signing import content_hash


class Visit(Aggregate):
    COLLECTION: ClassVar[str] = "visits"

    customer: str | None = None
    vehicle: str | None = None
    advisor: str | None = None
    arrived_at: Instant | None = None
    day: date | None = None
    queue_number: int | None = None
    slot_held: Instant | None = None
    vin_doubtful: bool = False
    greeted_at: Instant | None = None
    greeted_by: str | None = None
    sheet: Sheet | None = None
    sheet_by: str | None = None
    sheet_missing: tuple[str, ...] = ()
    sheet_hash: str | None = None
    signature_refused: CheckInSignatureRefused | None = None
    checked_in_at: Instant | None = None
    sheet_signature: Signature | None = None
    bringer: str | None = None
    sheet_printed: tuple[str, ...] = ()
    purpose: str | None = None
    words: tuple[str, ...] = ()
    diagnoses: tuple[Diagnosis, ...] = ()
    documents: tuple[str, ...] = ()
    papers_asked_for: bool = False
    waiting_place: str | None = None
    reach: str | None = None
    corrections: tuple[CheckInCorrected, ...] = ()
    inquiry: InquiryEnded | None = None
    closed: bool = False

    # R1

    def arrive(
        self,
        customer: str,
        vehicle: str,
        day: date,
        queue_number: int,
        now: datetime,
        *,
        booked: Appointment | None = None,
        vin_doubtful: bool = False,
    ) -> list[Event]:
        if self.exists:
            raise AlreadyArrived(visit=self.id)
        return [
            CustomerArrived(
                visit=self.id,
                customer=customer,
                vehicle=vehicle,
                day=day,
                queue_number=queue_number,
                with_appointment=booked is not None and booked.exists,
                slot_held=booked.arrives_at if booked else None,
                arrived_at=now,
                vin_doubtful=vin_doubtful,
                advisor=booked.advisor if booked else None,
            )
        ]

    def place_in_queue(self, slot_minutes: int) -> tuple[datetime, int]:
        """R1: who came first is served first; an appointment holds its slot until the slot is over."""
        arrived_at = self._here()
        held = self.slot_held
        if held is not None and arrived_at <= held + timedelta(minutes=slot_minutes):
            arrived_at = min(held, arrived_at)
        return arrived_at, self.queue_number or 0

    def greet(self, by: str, passed_over: Sequence[str], now: datetime) -> list[Event]:
        arrived_at = self._here()
        if self.greeted_at is not None:
            raise AlreadyGreeted(visit=self.id, greeted_by=self.greeted_by)
        waited = int((now - arrived_at).total_seconds())
        return [CustomerGreeted(visit=self.id, by=by, waited_seconds=waited, passed_over=tuple(passed_over))]

    # R2

    def draft_sheet(self, advisor: str, sheet: Sheet, last_odometer_km: int | None = None) -> list[Event]:
        """R2: the sheet as far as it is filled in; what is still missing is answered, and refused only when it is signed."""
        self._sheet_open()
        complete = not lacking(sheet, last_odometer_km)
        hashed = content_hash(checked_in_event(self.id, self._customer, self._vehicle, advisor, sheet)) if complete else None
        drafted = CheckInSheetDrafted(visit=self.id, advisor=advisor, sheet=sheet, content_hash=hashed, last_odometer_km=last_odometer_km)
        return [drafted]

    def sign_sheet(
        self, signed_hash: str, signer: str, picture_sha256: str | None, now: datetime, bringer: str | None = None
    ) -> list[Event]:
        """R2: by the customer, or by the tow driver of a car that was towed in, who is known by name (`bringer`, a text)."""
        self._sheet_open()
        if self.sheet is None or self.sheet_by is None or self.sheet_hash is None:
            raise CheckInSheetIncomplete(missing=self.sheet_missing or lacking(Sheet()), visit=self.id)
        if signer != (expected := signer_of(self.sheet)):
            raise WrongSignerOfSheet(missing=(f"signature:{expected}",), visit=self.id)
        if signer == "tow_driver" and bringer is None:
            raise WitnessUnknown(missing=("bringer",), visit=self.id)
        if signed_hash != self.sheet_hash:
            raise SheetContentDiffers(visit=self.id, content_hash=self.sheet_hash)
        signature = Signature(signer=signer, at=now, content_hash=signed_hash, picture_sha256=picture_sha256)
        checked_in = checked_in_event(self.id, self._customer, self._vehicle, self.sheet_by, self.sheet, signed_hash, signature)
        if bringer is None or self.sheet.brought_by in (None, "self"):
            return [checked_in]
        return [BringerRecorded(visit=self.id, brought_by=self.sheet.brought_by or "", who=bringer), checked_in]

    def refuse_signature(self, advisor: str, reason: str, witness: str) -> list[Event]:
        """R2: recorded with a witness; the sheet may still be signed, and until then no order and no work."""
        self._sheet_open()
        if self.sheet_hash is None:
            raise CheckInSheetIncomplete(missing=self.sheet_missing or lacking(Sheet()), visit=self.id)
        return [CheckInSignatureRefused(visit=self.id, advisor=advisor, reason=reason, witness=witness)]

    def print_sheet(self, copies: Sequence[str]) -> list[Event]:
        if self.checked_in_at is None:
            raise SheetNotSigned(missing=("signature",), visit=self.id)
        return [CheckInSheetPrinted(visit=self.id, copies=tuple(copies))]

    def correct_sheet(self, field: str, value: str, reason: str, by: str) -> list[Event]:
        """A typed fact of the signed sheet, by a fact of its own: the sheet stays as it was signed. `reason` is a text record."""
        self._here()
        if self.checked_in_at is None:
            raise SheetNotSigned(missing=("signature",), visit=self.id)
        return [corrected(self.id, field, value, reason, by)]

    @property
    def odometer_km(self) -> int | None:
        """As it was read, or corrected since."""
        corrected_to = [int(each.value) for each in self.corrections if each.field == "odometer_km"]
        return corrected_to[-1] if corrected_to else self.sheet.odometer_km if self.sheet else None

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
        first_maintenance: FirstMaintenance | None = None,
        warranty_reason: str | None = None,
    ) -> list[Event]:
        """R4: `item` None gives the next id; a known one is replaced. `first_maintenance`: as the vehicle had it at an earlier visit."""
        self._attended()
        if order_signed:
            raise DiagnosisFrozen(visit=self.id)
        if item is not None and self.diagnosis_of(item) is None:
            raise NoSuchDiagnosis(missing=(item,), visit=self.id)
        check_first_maintenance(self.id, warranty, first_maintenance, warranty_reason)
        return [
            FaultDiagnosed(
                visit=self.id,
                item=item or f"item-{len(self.diagnoses) + 1}",
                operation=operation,
                fault=fault,
                warranty=warranty,
                customer_told=customer_told,
                told=told,
                warranty_reason=warranty_reason,
            )
        ]

    def check_first_maintenance(self, had: FirstMaintenance | None) -> None:
        """R4: before the order, as the vehicle had it whose visit this is now: another may have been diagnosed (R7)."""
        for each in self.diagnoses:
            check_first_maintenance(self.id, each.warranty, had, each.warranty_reason)

    def diagnosis_of(self, item: str) -> Diagnosis | None:
        return next((diagnosis for diagnosis in self.diagnoses if diagnosis.item == item), None)

    # R7

    def correct_vehicle(self, vehicle: str, reason: str, by: str) -> list[Event]:
        """R7: another car was typed at the arrival; nothing of it is signed yet. `reason` is a text record."""
        self._here()
        if self.checked_in_at is not None:
            raise VehicleAlreadyCheckedIn(visit=self.id)
        if vehicle == self.vehicle:
            raise SameVehicle(visit=self.id, vehicle=vehicle)
        return [VisitVehicleCorrected(visit=self.id, vehicle=vehicle, former=self._vehicle, reason=reason, by=by)]

    def take_documents(
        self,
        documents: Sequence[str],
        *,
        vin_matches: bool | None,
        plate_matches: bool | None,
        engine_no_matches: bool | None = None,
        owner_matches: bool | None = None,
    ) -> list[Event]:
        self._attended()
        if again := sorted(set(documents) & set(self.documents)):
            raise DocumentsAlreadyTaken(visit=self.id, documents=again)
        matches = {"vin": vin_matches, "plate": plate_matches, "engine_no": engine_no_matches, "owner": owner_matches}
        if differing := [name for name, same in matches.items() if same is False]:
            raise PapersDoNotMatch(missing=differing, visit=self.id, vehicle=self.vehicle)
        return [DocumentsTaken(visit=self.id, documents=tuple(documents), **{f"{name}_matches": same for name, same in matches.items()})]

    # R13

    def record_waiting_place(self, place: str, reach: str | None) -> list[Event]:
        """R13: `reach` is the key of a text record; None = by the phone of the customer's file."""
        self._here()
        return [WaitingPlaceRecorded(visit=self.id, place=place, reach=reach or f"customer:{self._customer}")]

    # R14

    def end_as_inquiry(self, about: str, reason: str, call_hour: str, by: str, *, order_signed: bool) -> list[Event]:
        """R14: the visit ends without a signed order; a car that is here is let out by delivery. `about` is a text record."""
        self._here()
        if order_signed:
            raise OrderIsSigned(visit=self.id)
        return [inquiry_ended(self.id, self._customer, self._vehicle, self.advisor or by, about, reason, call_hour, car_here=True)]

    def be_an_inquiry(self, customer: str, vehicle: str | None, about: str, call_hour: str, by: str) -> list[Event]:
        """R14: somebody who came without a car; over as soon as it is recorded."""
        if self.exists:
            raise InquiryAlreadyRecorded(visit=self.id)
        told = inquiry_ended(self.id, customer, vehicle, by, about, "inquiry", call_hour, car_here=False)
        return [told, VisitClosed(visit=self.id)]

    def close(self) -> list[Event]:
        """D5: the car has left."""
        return [] if self.closed else [VisitClosed(visit=self.id)]

    # what has to be true first

    @property
    def _customer(self) -> str:
        assert self.customer is not None, "known since the arrival, which every move asks for first"
        return self.customer

    @property
    def _vehicle(self) -> str:
        assert self.vehicle is not None, "known since the arrival, which every move asks for first"
        return self.vehicle

    def check_open(self) -> None:
        """Raises `VisitOver`, or `InquiryOver` where it ended without an order."""
        if self.closed:
            raise VisitOver(visit=self.id)
        if self.inquiry is not None:
            raise InquiryOver(visit=self.id)

    def _here(self) -> datetime:
        if self.arrived_at is None:
            raise CustomerNotHere(missing=("arrival",), visit=self.id)
        self.check_open()
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

    def apply(self, event: Event) -> None:  # noqa: C901, PLR0912  one line an event
        match event:
            case CustomerArrived():
                self.customer, self.vehicle, self.day = event.customer, event.vehicle, event.day
                self.arrived_at, self.queue_number, self.slot_held = event.arrived_at, event.queue_number, event.slot_held
                self.vin_doubtful, self.advisor = event.vin_doubtful, event.advisor
            case VisitVehicleCorrected():
                self.vehicle, self.vin_doubtful, self.sheet_hash = event.vehicle, False, None
            case CustomerGreeted():
                assert self.arrived_at is not None
                self.greeted_at, self.greeted_by = self.arrived_at + timedelta(seconds=event.waited_seconds), event.by
            case CheckInSheetDrafted():
                self.sheet, self.sheet_by, self.sheet_hash = event.sheet, event.advisor, event.content_hash
                self.sheet_missing = lacking(event.sheet, event.last_odometer_km)
            case CheckInSignatureRefused():
                self.signature_refused = event
            case BringerRecorded():
                self.bringer = event.who
            case VehicleCheckedIn():
                self.advisor, self.checked_in_at, self.sheet_signature = event.advisor, event.signature.at, event.signature
            case CheckInCorrected():
                self.corrections = (*self.corrections, event)
            case CheckInSheetPrinted():
                self.sheet_printed = tuple(dict.fromkeys((*self.sheet_printed, *event.copies)))
            case ConcernsRecorded():
                self.purpose, self.words = event.purpose, event.words
            case FaultDiagnosed():
                self._diagnosed(Diagnosis.model_validate(event.model_dump()))
            case DocumentsTaken():
                self.documents, self.papers_asked_for = (*self.documents, *event.documents), True
            case WaitingPlaceRecorded():
                self.waiting_place, self.reach = event.place, event.reach
            case InquiryEnded():
                self.inquiry, self.customer, self.vehicle = event, event.customer, event.vehicle or None
            case VisitClosed():
                self.closed = True
