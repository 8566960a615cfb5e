"""The vehicle: its VIN is its identity, the plate a dated attribute (R7); one open visit at a time."""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from shared.aggregate import Aggregate
from shared.contracts.event import Event, Fact
from shared.contracts.reception import VehicleOwnerChanged, VehicleVisitClosed, VehicleVisitOpened
from shared.contracts.records import FormerPlate, VehicleRecord
from shared.identity import normalised_vin
from shared.refusal import Malformed, Refused


class VinNotValid(Malformed):
    title = {"en": "This is not a VIN.", "zh-CN": "车辆识别代号（VIN）无效。"}
    remedy = {"en": "A VIN has 17 letters and digits, none of them I, O or Q.", "zh-CN": "VIN 为 17 位字母和数字，不含 I、O、Q。"}


class VehicleHasOpenVisit(Refused):
    clause = "R7"
    title = {"en": "The vehicle has an open visit already.", "zh-CN": "该车辆已有未结束的来访。"}
    remedy = {"en": "Go on with the open visit.", "zh-CN": "请在未结束的来访中继续办理。"}


PLATE_CHOICES = ("typing_error", "plate_moved", "new_car")


class PlateOfAnotherVehicle(Refused):
    """Names both by id, with a link to the file that holds the plate: a refusal shows no plate and no VIN."""

    clause = "R7"
    title = {"en": "The plate belongs to another VIN in the file.", "zh-CN": "该车牌在档案中属于另一 VIN。"}
    remedy = {
        "en": "Compare both files: correct the VIN that was typed; or say that the plate has moved to this vehicle; "
        "or, for a new car, leave the plate out until it has its own. Two files of one car are merged.",
        "zh-CN": "请核对两份档案：更正录入的 VIN；或注明车牌已转到本车；新车尚无车牌的请先留空。同一辆车的两份档案请合并。",
    }


class OwnerAlready(Refused):
    clause = "R7"
    title = {"en": "The customer is the vehicle's owner already.", "zh-CN": "该客户已是车主。"}
    remedy = {"en": "Nothing is to be changed.", "zh-CN": "无需变更。"}


class Owner(Fact):
    customer: str
    since: date


class Vehicle(Aggregate):
    COLLECTION: ClassVar[str] = "vehicles"

    open_visit: str | None = None
    visits: list[str] = []
    owners: list[Owner] = []

    def check_free(self) -> None:
        """R7: refused with the open visit where there is one."""
        if self.open_visit is not None:
            raise VehicleHasOpenVisit(visit=self.open_visit, link=f"/visits/{self.open_visit}", vehicle=self.id)

    def open(self, visit: str) -> list[Event]:
        self.check_free()
        return [VehicleVisitOpened(vehicle=self.id, visit=visit)]

    def close(self, visit: str, *, mistaken: bool = False) -> list[Event]:
        return [VehicleVisitClosed(vehicle=self.id, visit=visit, mistaken=mistaken)] if self.open_visit == visit else []

    def change_owner(self, customer: str, since: date) -> list[Event]:
        former = self.owners[-1].customer if self.owners else None
        if customer == former:
            raise OwnerAlready(vehicle=self.id, owner=customer)
        return [VehicleOwnerChanged(vehicle=self.id, owner=customer, former=former, since=since)]

    def apply(self, event: Event) -> None:
        match event:
            case VehicleOwnerChanged():
                self.owners.append(Owner(customer=event.owner, since=event.since))
            case VehicleVisitOpened():
                self.open_visit = event.visit
                self.visits.append(event.visit)
            case VehicleVisitClosed():
                self.open_visit = None
                if event.mistaken:
                    self.visits.remove(event.visit)


def checked_vin(vin: str) -> str:
    """The VIN normalised; its form is checked, not its check digit, which not every maker keeps."""
    normal = normalised_vin(vin)
    if not re.fullmatch(r"[A-HJ-NPR-Z0-9]{17}", normal):
        raise VinNotValid(missing=("vin",))
    return normal


_LETTERS = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", map(int, "12345678123457923456789"), strict=True))
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_CHECK_DIGITS = "0123456789X"


def check_digit_fits(vin: str) -> bool:
    """The ninth place of a VIN is computed from the others; a misread VIN seldom fits. A warning only."""
    normal = checked_vin(vin)
    total = sum(_worth(letter) * weight for letter, weight in zip(normal, _WEIGHTS, strict=True))
    return normal[8] == _CHECK_DIGITS[total % len(_CHECK_DIGITS)]


def _worth(letter: str) -> int:
    return int(letter) if letter.isdecimal() else _LETTERS[letter]


def normalised_plate(plate: str) -> str:
    """Half width, upper case, without the dot: `京ＧＥＤ·411` is `京GED411`."""
    return re.sub(r"[\s·•.\-]", "", unicodedata.normalize("NFKC", plate).upper())


def _as_read(plate: str) -> str:
    return normalised_plate(plate).replace("O", "0").replace("I", "1")


def same_plate(one: str, other: str) -> bool:
    """O and 0, I and 1 are not told apart, as nobody does at the counter."""
    return _as_read(one) == _as_read(other)


def plate_key(plate: str, group_key: str) -> str:
    """What a plate is found by, without keeping the plate itself outside its record."""
    return "plate-" + hmac.new(group_key.encode(), _as_read(plate).encode(), hashlib.sha256).hexdigest()[:20]


def read_as_one(files: Sequence[VehicleRecord]) -> VehicleRecord | None:
    """R7: the files of one car, the surviving one first: what that does not know is the next one's. Its VIN is the car's."""
    if not files:
        return None
    told = {field: value for file in reversed(files) for field, value in file.model_dump().items() if value is not None}
    former = sorted((each for file in files for each in file.former_plates), key=lambda each: each.until)
    return VehicleRecord.model_validate({"plate": None} | told | {"former_plates": former})


def without_plate(known: VehicleRecord, until: date) -> VehicleRecord:
    """R7: its plate is another's now, or another is on the car: it is kept with the day."""
    if known.plate is None:
        return known
    former = FormerPlate(plate=known.plate, until=until)
    return known.model_copy(update={"plate": None, "former_plates": (*known.former_plates, former)})


def described(
    known: VehicleRecord | None,
    vin: str,
    *,
    plate: str | None,
    engine_no: str | None,
    model: str | None,
    registered_on: date | None,
    owner: str | None,
) -> VehicleRecord:
    """The file after what was given; what was not given stays as known."""
    given = {
        "plate": plate and normalised_plate(plate),
        "engine_no": engine_no,
        "model": model,
        "registered_on": registered_on,
        "owner": owner,
    }
    given = {field: value for field, value in given.items() if value is not None}
    if known is not None:
        return known.model_copy(update=given)
    return VehicleRecord.model_validate({"vin": checked_vin(vin), "plate": None} | given)
