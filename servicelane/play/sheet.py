"""A day sheet: one visit a line, what customers want and what goes wrong.

It is refused whole, before anything starts, where anything in it is not understood.
"""

import json
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from shared.branch import Branch

Clock = Annotated[time, BeforeValidator(lambda text: time.fromisoformat(text) if isinstance(text, str) else text)]


class BadSheet(ValueError):
    """The sheet cannot be played; the text says file, line, field and reason."""


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Appointment(_Line):
    by: Literal["phone", "walk_in", "online"]
    booked_days_before: int = Field(ge=0)
    slot: Clock


class Customer(_Line):
    name: str = Field(min_length=1)
    phone: str = Field(pattern=r"^\+\d{6,15}$")
    brings: Literal["self", "driver", "tow"]


class Vehicle(_Line):
    plate: str | None
    vin: str = Field(pattern="^[A-HJ-NPR-Z0-9]{17}$")
    engine_no: str
    model: str
    odometer_km: int = Field(ge=0)
    fuel: Decimal = Field(ge=0, le=1)


class Damage(_Line):
    part: str
    mark: Literal["scratch", "dent", "chip", "crack"]


class CheckIn(_Line):
    damage: tuple[Damage, ...]
    belongings: tuple[str, ...]


WarrantyWord = Literal["no", "yes", "unclear", "first_maintenance"]
Ruling = Literal["covers", "rejects"]


class _Covered(_Line):
    """An operation and its warranty; an unclear one comes with what the manufacturer will rule."""

    op: str
    warranty: WarrantyWord
    manufacturer: Ruling | None = None

    @model_validator(mode="after")
    def _an_unclear_warranty_is_ruled(self) -> Self:
        if (self.warranty == "unclear") != (self.manufacturer is not None):
            raise ValueError("the manufacturer's ruling is there for an unclear warranty, and only then")
        return self


class Finding(_Covered):
    customer: Literal["accepts", "declines"]


class Item(_Covered):
    fault: Literal["determined", "to_be_inspected"]
    finds: Finding | None = None

    @model_validator(mode="after")
    def _an_inspection_finds(self) -> Self:
        if (self.fault == "to_be_inspected") != (self.finds is not None):
            raise ValueError("an item to be inspected finds something, a determined one does not")
        return self


class Choices(_Line):
    wash: bool
    old_parts: Literal["keep", "dispose"]
    waits: Literal["lounge", "leaves", "courtesy_transport"]
    call_hour: str = Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")


class Pays(_Line):
    method: Literal["wechat", "alipay", "card", "cash", "insurer", "on_account"]
    share: Decimal = Field(gt=0, le=1)


class AddOn(_Line):
    what: Literal["add_on"]
    op: str
    customer: Literal["accepts", "declines", "accepts_later"]


class Late(_Line):
    what: Literal["late"]
    minutes: int = Field(gt=0)
    customer: Literal["accepts", "wants_car_as_promised"]


class BelongingsMoved(_Line):
    what: Literal["belongings"]
    items: str
    customer: Literal["agrees", "refuses"]


class QcFail(_Line):
    what: Literal["qc_fail"]
    times: int = Field(gt=0)
    why: str


class HandoverSentBack(_Line):
    what: Literal["handover_sent_back"]
    why: str


class DifferenceOnTaking(_Line):
    what: Literal["difference_on_taking"]
    why: str


class Recommend(_Line):
    what: Literal["recommend"]
    op: str
    safety: bool
    customer: Literal["accepts", "declines", "next_time"]


class CustomerCancels(_Line):
    what: Literal["customer_cancels"]
    when: Literal["before_signature", "after_inspection"]


Happening = Annotated[
    AddOn | Late | BelongingsMoved | QcFail | HandoverSentBack | DifferenceOnTaking | Recommend | CustomerCancels,
    Field(discriminator="what"),
]


class FirstCall(_Line):
    unreached_tries: int = Field(ge=0, le=3)
    result: Literal["content", "complaint"]
    complaint: str | None
    solved_on_call: bool
    solution_found_after_hours: int = Field(ge=0)


class SecondCall(_Line):
    result: Literal["content", "complaint"]


class FollowUp(_Line):
    first_call: FirstCall
    second_call: SecondCall
    letter: bool


Cheat = Literal[
    "work_order_before_check_in:R2",
    "work_before_signature:R11",
    "settle_unruled_warranty:R5",
    "part_not_on_order:W5",
    "add_on_before_consent:W8",
    "qc_by_own_technician:W11",
    "wash_before_qc:W11",
    "call_customer_before_internal_check:D2",
    "exit_before_payment:D5",
    "second_exit_pass:D5",
    "settle_with_unanswered_safety_item:D6",
    "foreign_site:403",
    "wrong_role:403",
]


class Visit(_Line):
    visit: str = Field(min_length=1)
    date: date
    arrives: Clock
    appointment: Appointment | None
    customer: Customer
    vehicle: Vehicle
    check_in: CheckIn
    words: tuple[str, ...] = Field(min_length=1)
    items: tuple[Item, ...] = Field(min_length=1)
    choices: Choices
    pays: tuple[Pays, ...] = Field(min_length=1)
    happens: tuple[Happening, ...]
    follow_up: FollowUp
    cheats: tuple[Cheat, ...]

    @model_validator(mode="after")
    def _shares_make_a_whole(self) -> "Visit":
        if (whole := sum(pay.share for pay in self.pays)) != 1:
            raise ValueError(f"the shares of pays sum to {whole}, not to 1")
        return self

    def arrival(self, branch: Branch) -> datetime:
        return datetime.combine(self.date, self.arrives, branch.site.zone)

    def booking(self, branch: Branch) -> datetime | None:
        """When the appointment is made: at opening time of its day, in the order of the sheet."""
        if self.appointment is None:
            return None
        day = self.date - timedelta(days=self.appointment.booked_days_before)
        return min(datetime.combine(day, branch.site.shop.opens, branch.site.zone), self.arrival(branch))

    def operations(self) -> Iterator[tuple[str, str]]:
        """Every operation that the visit names, with the field that names it."""
        for index, item in enumerate(self.items):
            yield f"items.{index}.op", item.op
            if item.finds:
                yield f"items.{index}.finds.op", item.finds.op
        for index, happening in enumerate(self.happens):
            if isinstance(happening, AddOn | Recommend):
                yield f"happens.{index}.op", happening.op

    def left_out(self) -> Iterator[tuple[str, str]]:
        """What a day would never come to though the sheet says it: the field, and why."""
        cancels = [(f"happens.{index}", each) for index, each in enumerate(self.happens) if isinstance(each, CustomerCancels)]
        for where, cancelled in cancels:
            if cancelled.when == "after_inspection" and not any(item.finds for item in self.items):
                yield f"{where}.when", "nothing is to be inspected, so that the customer cannot cancel after it"
        for where, _ in cancels[1:]:
            yield where, "the customer cancels once"
        if self.follow_up.first_call.result == "complaint" and not self.follow_up.first_call.complaint:
            yield "follow_up.first_call.complaint", "the result is a complaint, and this says none"


def read_sheet(path: Path, branch: Branch) -> tuple[Visit, ...]:
    """The visits of a sheet, every operation being in the branch's catalogue; `BadSheet` names the first thing that is wrong."""
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")  # splitlines would part a text at what is no end of a line
    except (OSError, UnicodeDecodeError) as error:
        raise BadSheet(f"{path}: cannot be read: {error}") from error
    visits: dict[str, Visit] = {}
    for number, line in enumerate(lines, start=1):
        if line.strip():
            visit = _visit(line, f"{path}:{number}", branch)
            if visit.visit in visits:
                raise BadSheet(f"{path}:{number}: visit: {visit.visit} stands there twice")
            visits[visit.visit] = visit
    if not visits:
        raise BadSheet(f"{path}: there is no visit on the sheet")
    return tuple(visits.values())


def _visit(line: str, where: str, branch: Branch) -> Visit:
    try:
        content = json.loads(line, parse_float=Decimal)
    except json.JSONDecodeError as error:
        raise BadSheet(f"{where}: not JSON: {error}") from error
    except (ValueError, RecursionError) as error:
        raise BadSheet(f"{where}: no visit of a person: a number too long, or too deep: {error}") from error
    try:
        visit = Visit.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "visit"
        raise BadSheet(f"{where}: {field}: {first['msg']}") from error
    for field, op in visit.operations():
        if op not in branch.operations:
            raise BadSheet(f"{where}: {field}: {op} is not among the branch's operations")
    for field, why in visit.left_out():
        raise BadSheet(f"{where}: {field}: {why}")
    return visit
