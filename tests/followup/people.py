"""Facts that the follow-up tests begin with: a visit, its customer and car, and what an agent says on a call."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from services.followup.talk import Said
from shared.contracts.delivery import ExitPassUsed, SettlementClosed
from shared.contracts.reception import InquiryEnded, VehicleCheckedIn, WorkOrderSigned
from shared.contracts.values import NextMaintenance, PaymentChoice, Signature
from shared.money import Money

ZONE = ZoneInfo("Asia/Shanghai")
VISIT, CUSTOMER, VEHICLE = "visit-1", "customer-1", "vehicle-1"
PHONE = "+8618679719991"
SIGNED = Signature(signer="customer", at=datetime(2026, 3, 9, 1, tzinfo=UTC), content_hash="0" * 64)
NEXT = NextMaintenance(due_on=date(2026, 9, 9), odometer_km=45000)


def local(text: str) -> datetime:
    """A moment of the branch's local time, such as `2026-03-09 18:30`."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def said(*topics: str, opinion: str | None = "text:followup:1", car_runs_well: bool | None = True) -> Said:
    return Said(result="content", topics=topics or ("car_condition",), opinion=opinion, car_runs_well=car_runs_well)


def checked_in(visit: str = VISIT, customer: str = CUSTOMER, vehicle: str = VEHICLE) -> VehicleCheckedIn:
    return VehicleCheckedIn(
        visit=visit,
        customer=customer,
        vehicle=vehicle,
        advisor="advisor-1",
        brought_by="self",
        covers_fitted=("seat", "wheel", "floor"),
        odometer_km=40000,
        fuel=Decimal("0.5"),
        spare_wheel=True,
        content_hash="0" * 64,
        signature=SIGNED,
    )


def order_signed(visit: str = VISIT, customer: str = CUSTOMER, vehicle: str = VEHICLE) -> WorkOrderSigned:
    return WorkOrderSigned(
        visit=visit,
        number="WO-1",
        revision=1,
        customer=customer,
        vehicle=vehicle,
        advisor="advisor-1",
        items=(),
        labour=Money.zero(),
        parts=Money.zero(),
        total=Money.zero(),
        promised_at=local("2026-03-09 16:00"),
        pays=(PaymentChoice(method="wechat", share=Decimal(1)),),
        payment_ways_told=True,
        old_parts="dispose",
        wash=True,
        delivery_procedure_explained=True,
        order_explained=True,
        new_work_rule_told=True,
        content_hash="0" * 64,
        signature=SIGNED,
    )


def settled(visit: str = VISIT) -> SettlementClosed:
    return SettlementClosed(
        visit=visit,
        number="S-1",
        revision=1,
        lines=(),
        total=Money.of("480.00"),
        tax_contained=Money.of("55.22"),
        owed={},
        recommendations=(),
        next=NEXT,
        call_hour="18:30",
        content_hash="0" * 64,
        signature=SIGNED,
    )


def inquiry_ended(visit: str = VISIT, reason: str = "inquiry", car_here: bool = False) -> InquiryEnded:
    return InquiryEnded(
        visit=visit,
        customer=CUSTOMER,
        vehicle=VEHICLE,
        advisor="advisor-1",
        about="text:reception:1",
        reason=reason,
        call_hour="10:00",
        car_here=car_here,
    )


def delivered(visit: str = VISIT, customer: str = CUSTOMER, vehicle: str = VEHICLE, due: NextMaintenance | None = NEXT) -> ExitPassUsed:
    return ExitPassUsed(visit=visit, number="EP-1", gatekeeper="gate-1", customer=customer, vehicle=vehicle, call_hour="18:30", next=due)


def left_unsettled(visit: str = VISIT) -> ExitPassUsed:
    return delivered(visit, due=None).model_copy(update={"unsettled": True})
