"""What clients send before the car comes (A2 to A4), while it is here (W6 to W8, R5), and where a visit ends otherwise (R14)."""

from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field, model_validator

from services.reception.bodies import CustomerGiven, EstimateLine, VehicleGiven
from services.reception.supplement import SignedHow
from shared.branch import LocalTime
from shared.contracts.values import Channel, Warranty
from shared.web import Body


class ConfirmAppointment(Body):
    channel: Channel = Field(examples=["phone"])


class MoveAppointment(Body):
    """A2."""

    day: date = Field(examples=["2026-03-10"])
    slot: LocalTime = Field(examples=["10:00"])
    channel: Channel = Field(default=Channel.PHONE, examples=["phone"])


class CancelAppointment(Body):
    """A2."""

    channel: Channel = Field(default=Channel.PHONE, examples=["phone"])
    reason: str | None = Field(default=None, max_length=500)


class Prepare(Body):
    """A3: what is ready: bay_and_team, surroundings, customer_file, forms."""

    things: tuple[str, ...] = Field(min_length=1, examples=[["bay_and_team", "surroundings", "customer_file", "forms"]])


class DoChecklist(Body):
    """A4: appearance, forms, tools_and_materials, surroundings: all of them."""

    points: tuple[str, ...] = Field(examples=[["appearance", "forms", "tools_and_materials", "surroundings"]])


class QuoteChange(Body):
    """W8, R6: what was `found` (the workshop's id), or the customer's own wish: operations added, items of the order dropped.

    `lines` price an item off the list, with its reason, or name who pays all of it; the ids are `found`, or `wish-1` … in the order of
    the operations.
    `warranty_reason`: why the vehicle has a first maintenance free of charge once more (R4).
    """

    found: str | None = Field(default=None, min_length=1, max_length=80, examples=["found-1"])
    operations: tuple[str, ...] = Field(default=(), examples=[["R-WIPE"]])
    dropped: tuple[str, ...] = Field(default=(), examples=[["item-2"]])
    warranty: Warranty = Warranty.NO
    warranty_reason: str | None = Field(default=None, min_length=1, max_length=500, examples=["厂家特批"])
    lines: tuple[EstimateLine, ...] = ()

    @model_validator(mode="after")
    def _found_or_wished(self) -> "QuoteChange":
        if self.found is not None and self.operations:
            raise ValueError("what was found is quoted alone: its operation is known")
        return self


class AnswerChange(Body):
    """W8: the customer's answer to the quote that was shown: `accepted` is true, false, or the ids of the lines accepted.

    `dialled` is the number that was dialled; left out, the one that the file has now. `supplement_hash` is that of the add-on
    authorisation (增项单) as it was shown; `by_hand`: the customer signed it.
    """

    accepted: bool | tuple[str, ...] = Field(examples=[True])
    channel: Channel = Field(examples=["phone"])
    answered_by: str = Field(
        default="customer", min_length=1, max_length=40, description="`customer`, or who it was, in words.", examples=["customer"]
    )
    dialled: str | None = Field(default=None, max_length=40)
    content_hash: str
    supplement_hash: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")
    by_hand: bool = False
    picture_sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")

    @model_validator(mode="after")
    def _signed_over_what_was_shown(self) -> "AnswerChange":
        if self.by_hand and self.supplement_hash is None:
            raise ValueError("who signs signs over the supplement's hash: give supplement_hash")
        return self

    @property
    def signed(self) -> SignedHow:
        return SignedHow(content_hash=self.supplement_hash, by_hand=self.by_hand, picture_sha256=self.picture_sha256)

    @property
    def lines(self) -> tuple[str, ...] | None:
        """None for all of them."""
        return self.accepted if isinstance(self.accepted, tuple) else None if self.accepted else ()


class AnswerForInsurer(Body):
    """W8: what the insurer said to the quote; `approved_amount` is what it pays of it in all, 0 where it declines."""

    consents: bool = Field(examples=[True])
    claim_number: str = Field(min_length=1, max_length=80, examples=["PICC-2026-0309-77"])
    approved_amount: Decimal = Field(ge=0, max_digits=12, decimal_places=2, examples=["1200.00"])
    answered_by: str = Field(min_length=1, max_length=80, description="Who at the insurer.", examples=["定损员 赵强"])
    channel: Channel = Field(examples=["phone"])
    content_hash: str


class GrantGap(Body):
    reason: str = Field(min_length=1, max_length=500, examples=["老客户，差额由本店承担"])


class EscalateWarranty(Body):
    """R5: `reason` is why it is unclear, as the customer was told."""

    reason: str = Field(min_length=1, max_length=2000, examples=["质量担保范围不明，需厂家服务部确认"])


class RecordRuling(Body):
    """R5: the manufacturer's approval or rejection, with its reference."""

    covers: bool = Field(examples=[True])
    reference: str = Field(min_length=1, max_length=80, examples=["MFR-2026-0312"])


class TellProgress(Body):
    """W7."""

    answer: Literal["accepts", "wants_car_as_promised"] = Field(examples=["accepts"])
    channel: Channel = Field(examples=["phone"])


class AnswerBelongings(Body):
    """W6."""

    agrees: bool = Field(examples=[True])
    channel: Channel = Field(examples=["phone"])


class CorrectCheckIn(Body):
    """R2: `value` as text: kilometres; the share of a full tank, 0 to 1; marks as `part:mark,part:mark`."""

    field: Literal["odometer_km", "fuel", "damage"] = Field(examples=["odometer_km"])
    value: str = Field(max_length=2000, examples=["40288"])
    reason: str = Field(min_length=1, max_length=500, examples=["登记表里程与实车不符"])


class EndAsInquiry(Body):
    """R14: `call_hour` is when the customer likes to be called."""

    about: str = Field(min_length=1, max_length=2000, examples=["询问冷却液更换"])
    reason: Literal["inquiry", "cancelled_before_signature"] = Field(examples=["inquiry"])
    call_hour: LocalTime = Field(examples=["18:30"])


class RecordInquiry(Body):
    """R14: somebody who came without a car."""

    customer: CustomerGiven
    vehicle: VehicleGiven | None = None
    about: str = Field(min_length=1, max_length=2000, examples=["咨询保养套餐"])
    call_hour: LocalTime = Field(examples=["18:30"])


class CancelOrder(Body):
    reason: str | None = Field(default=None, max_length=500, examples=["客户放弃维修"])
