"""What may stand in the lines of an import: each kind of file, its columns, and what is wrong with a value, in words."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar

import phonenumbers
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator
from vininfo import Vin
from vininfo.exceptions import ValidationError as NoVin


@dataclass(frozen=True)
class Known:
    """What values are held against: the site's country, its catalogue, and its day."""

    country: str
    today: date
    operations: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()


def _known(info: ValidationInfo) -> Known:
    assert isinstance(info.context, Known)
    return info.context


def half_width(value: Any) -> Any:
    """`１２` is 12, and spaces around mean nothing; an empty cell is one that was left out."""
    return unicodedata.normalize("NFKC", value).strip() or None if isinstance(value, str) else value


def phone(value: str, info: ValidationInfo) -> str:
    country = _known(info).country
    try:
        number = phonenumbers.parse(value, country)
    except phonenumbers.NumberParseException:
        raise ValueError("is not a phone number") from None
    if not phonenumbers.is_valid_number(number):
        raise ValueError(f"is not a phone number of {country}; give it with its area or country code")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def vin(value: str) -> str:
    normal = value.replace(" ", "").upper()
    try:
        Vin(normal)
    except NoVin:
        raise ValueError("is not a VIN: 17 letters and digits, none of them I, O or Q") from None
    return normal


def check_digit_fits(normal: str) -> bool:
    return bool(Vin(normal).verify_checksum())


_CHINESE_PLATE = re.compile(r"[\u4e00-\u9fff][A-Z][A-Z0-9]{4,6}[A-Z0-9挂学警港澳使领临超]")
_PLATE = re.compile(r"[A-Z0-9\u0080-\uffff]{2,12}")


def plate(value: str, info: ValidationInfo) -> str:
    normal = re.sub(r"[\s·•.\-]", "", value.upper())
    if not (_CHINESE_PLATE if _known(info).country == "CN" else _PLATE).fullmatch(normal):
        raise ValueError("is not a plate")
    return normal


def day(value: Any) -> Any:
    """`2024-05-01`, `2024/5/1` and `2024.5.1` alike."""
    parts = re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", value) if isinstance(value, str) else None
    try:
        return date(*map(int, parts.groups())) if parts else value
    except ValueError:
        raise ValueError("is not a date") from None


def past(value: date, info: ValidationInfo) -> date:
    if value > _known(info).today:
        raise ValueError("is a day to come")
    return value


def codes(value: Any) -> Any:
    return tuple(filter(None, re.split(r"[;,\s]+", value))) if isinstance(value, str) else value


def operations(value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    if unknown := [code for code in value if code not in _known(info).operations]:
        raise ValueError(f"{', '.join(unknown)}: not in the site's catalogue")
    return value


def part(value: str, info: ValidationInfo) -> str:
    if value not in _known(info).parts:
        raise ValueError("is not in the site's catalogue")
    return value


Text80 = Annotated[str, Field(min_length=1, max_length=80)]
Phone = Annotated[str, Field(max_length=40), AfterValidator(phone)]
VinText = Annotated[str, Field(max_length=40), AfterValidator(vin)]
Plate = Annotated[str, Field(max_length=20), AfterValidator(plate)]
Day = Annotated[date, BeforeValidator(day)]
PastDay = Annotated[Day, AfterValidator(past)]
Codes = Annotated[tuple[str, ...], BeforeValidator(codes), AfterValidator(operations)]
PartNo = Annotated[str, Field(max_length=60), AfterValidator(part)]
Kilometres = Annotated[int, Field(ge=0, le=9_999_999)]
Pieces = Annotated[int, Field(ge=0, le=1_000_000)]
Price = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=2)]


class Line(BaseModel):
    """One line of a file. `KEYS` are what may stand in a file once only, each by the name under which it is said."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    KEYS: ClassVar[Mapping[str, Callable[[Any], object]]] = {}

    @model_validator(mode="before")
    @classmethod
    def _tidy(cls, row: Any) -> Any:
        tidy = {name: half_width(value) for name, value in row.items()}
        return {name: value for name, value in tidy.items() if value is not None}

    def warnings(self) -> list[tuple[str, str]]:
        """Field and what is odd about it; it is taken all the same."""
        return []


class CustomerLine(Line):
    """A customer. A number may be shared by a family or a company; name and number together are one person."""

    KEYS = {"name": lambda line: (line.name, line.phone)}

    name: Text80
    phone: Phone
    form_of_address: Annotated[str, Field(max_length=40)] | None = None
    address: Annotated[str, Field(max_length=200)] | None = None


class VehicleLine(Line):
    """A vehicle, and its owner where both name and number are given."""

    KEYS = {"vin": lambda line: line.vin, "plate": lambda line: line.plate}

    vin: VinText
    plate: Plate | None = None
    engine_no: Annotated[str, Field(max_length=40)] | None = None
    model: Text80 | None = None
    registered_on: PastDay | None = None
    owner_name: Text80 | None = None
    owner_phone: Phone | None = None
    owned_since: PastDay | None = None

    @model_validator(mode="after")
    def _whole_owner(self) -> "VehicleLine":
        if (self.owner_name is None) != (self.owner_phone is None):
            raise ValueError("owner_name and owner_phone are given together, or neither")
        return self

    def warnings(self) -> list[tuple[str, str]]:
        return [] if check_digit_fits(self.vin) else [("vin", "the check digit does not fit; compare it with the car")]


class HistoryLine(Line):
    """A visit before this software. `record` is its number in the old records; codes are separated by `;`."""

    KEYS = {"record": lambda line: (line.vin, line.record)}

    vin: VinText
    record: Annotated[str, Field(min_length=1, max_length=60)]
    date: PastDay
    odometer_km: Kilometres | None = None
    operations: Codes = ()
    recommended: Codes = ()
    next_due_on: Day | None = None
    next_due_km: Annotated[int, Field(gt=0, le=9_999_999)] | None = None

    @model_validator(mode="after")
    def _whole_next(self) -> "HistoryLine":
        if (self.next_due_on is None) != (self.next_due_km is None):
            raise ValueError("next_due_on and next_due_km are given together, or neither")
        return self


class StockLine(Line):
    """What was counted on the shelf, or what came in by the delivery note `reference`."""

    KEYS = {"part_no": lambda line: (line.part_no, line.reference)}

    part_no: PartNo
    counted: Pieces | None = None
    received: Annotated[int, Field(gt=0, le=100_000)] | None = None
    reference: Annotated[str, Field(max_length=60)] | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> "StockLine":
        if (self.counted is None) == (self.received is None):
            raise ValueError("either counted or received is given")
        if self.received is not None and self.reference is None:
            raise ValueError("received needs its reference, the delivery note's number")
        return self


class PriceLine(Line):
    """The list price of a part from now on."""

    KEYS = {"part_no": lambda line: line.part_no}

    part_no: PartNo
    unit_price: Price


KINDS: Mapping[str, type[Line]] = {
    "customers": CustomerLine,
    "vehicles": VehicleLine,
    "history": HistoryLine,
    "stock": StockLine,
    "prices": PriceLine,
}
"""In the order in which they build on one another."""
