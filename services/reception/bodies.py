"""What clients send to reception, in the procedure's order. Who acts is never in a body: it comes from the token."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, model_validator

from shared.branch import LocalTime
from shared.contracts.values import Channel, DamageMark, FaultState, PaymentChoice, Warranty
from shared.web import Body


class CustomerGiven(Body):
    """A customer of the file by `id`, or a new one by name and phone; what is given with an id corrects the file."""

    id: str | None = Field(default=None, min_length=1, max_length=60, examples=["customer-5f3c9a0b1d2e4f607182"])
    name: str | None = Field(default=None, min_length=1, max_length=80, examples=["李丽"])
    phone: str | None = Field(default=None, max_length=40, examples=["+8618679719991"])
    form_of_address: str | None = Field(default=None, max_length=40, examples=["李女士"])
    address: str | None = Field(default=None, max_length=200)

    @model_validator(mode="after")
    def _known_or_described(self) -> "CustomerGiven":
        if self.id is None and (self.name is None or self.phone is None):
            raise ValueError("give the id of a customer of the file, or name and phone")
        return self


class VehicleGiven(Body):
    """The vehicle as its driving licence says (R7). The VIN is its identity.

    `plate_moved` says that both files were compared and the plate now belongs to this VIN.
    """

    vin: str = Field(max_length=40, examples=["LFPH3APC2RC879156"])
    plate: str | None = Field(default=None, max_length=20, examples=["京GED411"])
    plate_moved: bool = False
    engine_no: str | None = Field(default=None, max_length=40, examples=["CA4GC217118"])
    model: str | None = Field(default=None, max_length=80, examples=["红旗 H5 1.8T"])
    registered_on: date | None = None
    owner: str | None = Field(default=None, max_length=80)


class CorrectCustomer(Body):
    """What is given replaces what the file has; the rest stays.

    `phone_verified_by`: how it was made sure that the number is the customer's; until then it consents to no money.
    """

    name: str | None = Field(default=None, min_length=1, max_length=80)
    phone: str | None = Field(default=None, max_length=40)
    form_of_address: str | None = Field(default=None, max_length=40)
    address: str | None = Field(default=None, max_length=200)
    phone_verified_by: Literal["in_person", "former_number"] | None = None


class ChangeOwner(Body):
    """R7: who owns the vehicle now, and since when (left out: today)."""

    customer: CustomerGiven
    since: date | None = None


class CorrectVisitVehicle(Body):
    """R7: the car that really came, where another was typed at the arrival."""

    vehicle: VehicleGiven
    reason: str = Field(min_length=1, max_length=500, examples=["车架号录入错误"])


class CorrectVehicle(Body):
    """What is given replaces what the file has; the rest stays. The VIN is the vehicle's identity and never changes."""

    plate: str | None = Field(default=None, max_length=20)
    plate_moved: bool = False
    engine_no: str | None = Field(default=None, max_length=40)
    model: str | None = Field(default=None, max_length=80)
    registered_on: date | None = None
    owner: str | None = Field(default=None, max_length=80)


class BookAppointment(Body):
    """A1. Left out, the advisor is the one with the fewest appointments that day."""

    customer: CustomerGiven
    vehicle: VehicleGiven
    channel: Literal[Channel.PHONE, Channel.WALK_IN, Channel.ONLINE] = Field(examples=["phone"])
    day: date = Field(examples=["2026-03-09"])
    slot: LocalTime = Field(examples=["08:00"])
    advisor: str | None = Field(default=None, min_length=1, max_length=80, examples=["advisor-1"])
    wish: str | None = Field(default=None, max_length=2000, examples=["更换制动液"])
    operations: tuple[str, ...] = Field(default=(), examples=[["M-BFL"]])
    reminder: str | None = Field(
        default=None, min_length=1, max_length=80, description="D8: the visit whose maintenance reminder is answered yes"
    )


class RecordArrival(Body):
    """R1. With an appointment, customer and vehicle are those of the booking unless others are given."""

    appointment: str | None = Field(default=None, min_length=1, max_length=80, examples=["visit-5f3c9a0b1d2e4f607182"])
    customer: CustomerGiven | None = None
    vehicle: VehicleGiven | None = None

    @model_validator(mode="after")
    def _somebody_with_a_car(self) -> "RecordArrival":
        if self.appointment is None and (self.customer is None or self.vehicle is None):
            raise ValueError("without an appointment, give customer and vehicle")
        return self


class DraftCheckInSheet(Body):
    """R2. Whatever is left out was not looked at yet; `damage: []` and `belongings: []` say that there is none."""

    brought_by: Literal["self", "driver", "tow"] | None = Field(default=None, examples=["self"])
    covers_fitted: tuple[Literal["seat", "wheel", "floor"], ...] = Field(default=(), examples=[["seat", "wheel", "floor"]])
    odometer_km: int | None = Field(default=None, ge=0, le=9_999_999, examples=[40228])
    odometer_unreadable: str | None = Field(default=None, min_length=1, max_length=200)
    odometer_lower_reason: str | None = Field(
        default=None, min_length=1, max_length=200, description="why it reads less than at the last visit"
    )
    fuel: Decimal | None = Field(default=None, ge=0, le=1, examples=["0.75"])
    fuel_unreadable: str | None = Field(default=None, min_length=1, max_length=200)
    damage: tuple[DamageMark, ...] | None = Field(default=None, examples=[[{"part": "roof", "mark": "chip"}]])
    belongings: tuple[str, ...] | None = Field(default=None, examples=[["雨伞"]])
    spare_wheel: bool | None = Field(default=None, examples=[True])
    tools: tuple[str, ...] | None = Field(default=None, examples=[["jack", "wrench"]])
    photos: tuple[str, ...] = Field(default=(), description="SHA-256 of each photo")


class Sign(Body):
    """A signature over what was shown: `content_hash` as the draft answered it. A tow driver signs for a towed-in car's sheet."""

    content_hash: str = Field(examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])
    signer: Literal["customer", "tow_driver"] = "customer"
    picture_sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")


class Bringer(Body):
    """Who brought the car in the customer's place."""

    name: str = Field(min_length=1, max_length=100, examples=["赵师傅"])
    firm: str | None = Field(default=None, min_length=1, max_length=100, examples=["京安拖车"])
    phone: str = Field(min_length=5, max_length=40, examples=["13800138000"])


class SignSheet(Sign):
    """R2. `bringer` is who brought the car where it was not the customer; a tow driver, who signs as witness, gives the firm too."""

    bringer: Bringer | None = None


class RefuseSignature(Body):
    """R2: the customer refuses to sign the sheet. `witness` says who was there: name, and how to be reached."""

    reason: str = Field(min_length=1, max_length=1000, examples=["客户认为前杠划痕不是原有的"])
    witness: str = Field(min_length=1, max_length=200, examples=["唐晓，接待员"])


class PrintSheet(Body):
    copies: tuple[Literal["customer", "workshop"], ...] = Field(default=("customer", "workshop"), min_length=1)


class RecordConcerns(Body):
    """R3: the purpose of the visit, and the customer's own words about each fault."""

    purpose: Literal["maintenance", "repair", "accident", "diagnosis", "inquiry", "other"] = Field(examples=["repair"])
    words: tuple[Annotated[str, Field(min_length=1)], ...] = Field(min_length=1, examples=[["刹车有尖叫声"]])


class DiagnoseFault(Body):
    """R4: one item or demand. `item` is left out for a new one; given, it replaces what was found before."""

    item: str | None = Field(default=None, min_length=1, max_length=80, examples=["item-1"])
    operation: str = Field(examples=["R-FBP"])
    fault: FaultState = Field(examples=["determined"])
    warranty: Warranty = Field(examples=["no"])
    customer_told: bool = Field(examples=[True])
    told: str | None = Field(default=None, max_length=2000, description="what the customer was told")
    warranty_reason: str | None = Field(
        default=None, min_length=1, max_length=500, description="why the vehicle has a first maintenance free of charge once more"
    )


class TakeDocuments(Body):
    """R7: the papers taken, none where the customer has none here, and what the driving licence shows, VIN and plate at least.

    What the vehicle's file does not know of engine number and owner, it has from here.
    """

    documents: tuple[Literal["driving_licence", "maintenance_booklet"], ...] = Field(examples=[["driving_licence", "maintenance_booklet"]])
    vin: str | None = Field(default=None, examples=["LFPH3APC2RC879156"])
    plate: str | None = Field(default=None, examples=["京GED411"])
    engine_no: str | None = Field(default=None, min_length=1, max_length=40, examples=["CA4GC217118"])
    owner: str | None = Field(default=None, min_length=1, max_length=80, examples=["李丽"])


class PartAsked(Body):
    part_no: str = Field(examples=["BP-4001"])
    quantity: int = Field(gt=0, le=999, strict=True, examples=[1])
    unit_price: Decimal | None = Field(
        default=None, ge=0, max_digits=12, decimal_places=2, description="off the list: needs the line's price_reason"
    )


class EstimateLine(Body):
    """One diagnosed item. Labour and parts left out are those of the branch's catalogue."""

    item: str = Field(examples=["item-1"])
    labour: Decimal | None = Field(default=None, ge=0, max_digits=12, decimal_places=2, description="off the list: needs price_reason")
    parts: tuple[PartAsked, ...] | None = Field(default=None, max_length=200)
    price_reason: str | None = Field(default=None, min_length=1, max_length=500)
    payer: Literal["customer", "insurer", "on_account"] | None = Field(
        default=None, description="Owes the whole item. Left out: as the order's ways to pay share it. None for what the warranty pays."
    )


class GiveEstimate(Body):
    """R9. No lines: every diagnosed item at list prices."""

    lines: tuple[EstimateLine, ...] = Field(default=(), max_length=200)


class AcceptEstimate(Body):
    """R9: the customer's consent to `items` of the estimate shown (left out: all), whose `content_hash` this is.

    `dialled` is the number that was dialled; left out, the one that the file has now.
    """

    channel: Channel = Field(default=Channel.IN_PERSON, examples=["in_person"])
    items: tuple[str, ...] | None = Field(default=None, examples=[["item-1"]])
    dialled: str | None = Field(default=None, max_length=40)
    content_hash: str


class PromiseCompletion(Body):
    """R10. Left out, the earliest possible time is promised."""

    promised_at: AwareDatetime | None = Field(default=None, examples=["2026-03-09T15:30:00+08:00"])


class RecordWaitingPlace(Body):
    """R13. `reach` says how to reach the customer; left out, by the phone of the file."""

    place: Literal["lounge", "leaves", "courtesy_transport"] = Field(examples=["lounge"])
    reach: str | None = Field(default=None, max_length=200)


class DraftWorkOrder(Body):
    """R11: what was told and chosen. `pays` may be empty only where the customer's side owes nothing."""

    pays: tuple[PaymentChoice, ...] = Field(examples=[[{"method": "wechat", "share": "1"}]])
    payment_ways_told: bool = Field(examples=[True])
    old_parts: Literal["keep", "dispose"] = Field(examples=["keep"])
    wash: bool = Field(examples=[True])
    delivery_procedure_explained: bool = Field(examples=[True])
    order_explained: bool = Field(examples=[True])
    new_work_rule_told: bool = Field(examples=[True], description="R12: newly found work only after reached, agreed and authorised")


class PrintWorkOrder(Body):
    copies: tuple[Literal["customer", "workshop"], ...] = Field(default=("customer", "workshop"), min_length=1)
    customer_copies_given: bool = Field(
        default=True,
        description="R11: the customer has the copies of the order and of the check-in sheet; counts once both are printed",
    )


class HandCarOver(Body):
    """W1, the advisor's side: `place` is the waiting area where the car stands."""

    place: str = Field(min_length=1, max_length=40, examples=["waiting-3"])
    things: tuple[Literal["key", "work_order", "check_in_sheet", "booklet", "other"], ...] = Field(
        examples=[["key", "work_order", "check_in_sheet"]]
    )
    notes: str | None = Field(default=None, max_length=2000)


class SlotOffered(Body):
    """An arrival slot of the branch: its places, and the labour hours per skill that can still arrive in it."""

    day: date
    slot: time
    places: int
    taken: int
    hours_left: dict[str, Decimal]


class Queued(Body):
    """One in the arrival queue (R1), with what is needed to greet properly."""

    visit: str
    queue_number: int
    arrived_at: datetime
    slot: datetime | None
    customer: str
    name: str | None
    form_of_address: str | None
    plate: str | None
    advisor: str | None
