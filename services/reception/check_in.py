"""R2: what a complete check-in sheet (接车登记表) has on it, and who signs it."""

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

from shared.contracts.reception import CheckInCorrected, CheckInSheetDrafted, VehicleCheckedIn
from shared.contracts.values import Signature
from shared.refusal import Malformed, Refused

Sheet: TypeAlias = CheckInSheetDrafted.Sheet

REASONS = ("odometer_unreadable", "odometer_lower_reason", "fuel_unreadable")
"""Of a sheet: each the key of a text record, since words may name people."""

COVERS = ("seat", "wheel", "floor")
_CORNERS = ("left_front", "left_rear", "right_front", "right_rear")
OUTLINE = (
    "front_bumper",
    "rear_bumper",
    "bonnet",
    "roof",
    "boot",
    "windscreen",
    "rear_windscreen",
    *(f"{corner}_{part}" for corner in _CORNERS for part in ("door", "fender", "window", "wheel", "light")),
    *(f"{side}_{part}" for side in ("left", "right") for part in ("mirror", "sill")),
)
"""The parts of the vehicle outline that can be marked."""

MARKS = ("scratch", "dent", "chip", "crack")

_NOT_YET_SIGNED = Signature(signer="", at=datetime(2000, 1, 1, tzinfo=UTC), content_hash="")


class CheckInSheetIncomplete(Refused):
    clause = "R2"
    title = {"en": "The check-in sheet is not complete.", "zh-CN": "接车登记表不完整。"}
    remedy = {"en": "Fill in what is missing.", "zh-CN": "请补全缺少的内容。"}


class SheetContentDiffers(Refused):
    clause = "R2"
    title = {"en": "What was signed is not the present sheet.", "zh-CN": "所签内容与当前接车登记表不一致。"}
    remedy = {"en": "Show the present sheet and let it be signed.", "zh-CN": "请出示当前登记表并重新签字。"}


class WrongSignerOfSheet(Refused):
    clause = "R2"
    title = {"en": "The sheet has to be signed by another person.", "zh-CN": "接车登记表签字人不符。"}
    remedy = {
        "en": "The customer signs; for a car that was towed in, the tow driver.",
        "zh-CN": "由客户签字；拖车送修的由拖车司机签字。",
    }


class WitnessUnknown(Refused):
    clause = "R2"
    title = {"en": "Who signs as the tow driver is not recorded.", "zh-CN": "未登记签字的拖车司机。"}
    remedy = {"en": "Give name, firm and phone of the tow driver (`bringer`).", "zh-CN": "请填写拖车司机姓名、单位和电话。"}


class VehicleAlreadyCheckedIn(Refused):
    clause = "R2"
    title = {"en": "The vehicle is checked in: its sheet is signed.", "zh-CN": "车辆已接车，登记表已签字。"}
    remedy = {"en": "A signed sheet is not changed.", "zh-CN": "已签字的登记表不可更改。"}


class SheetNotSigned(Refused):
    clause = "R2"
    title = {"en": "The check-in sheet is not signed.", "zh-CN": "接车登记表尚未签字。"}
    remedy = {"en": "Complete the walk-around inspection and let the sheet be signed.", "zh-CN": "请完成环车检查并签字。"}


class UnknownOutlinePart(Refused):
    clause = "R2"
    title = {"en": "A mark is on a part that the outline does not have.", "zh-CN": "损伤标记的部位不在车辆外形图上。"}
    remedy = {"en": "Mark the damage on a part of the outline.", "zh-CN": "请在外形图已有部位上标记。"}


def lacking(sheet: Sheet, last_odometer_km: int | None = None) -> tuple[str, ...]:
    """What a sheet still lacks, in the order of the walk-around; marks on no part of the outline raise `UnknownOutlinePart`."""
    if unknown := sorted({mark.part for mark in sheet.damage or ()} - set(OUTLINE)):
        raise UnknownOutlinePart(missing=unknown, outline=list(OUTLINE))
    demands = (
        *((f"cover:{cover}", cover in sheet.covers_fitted) for cover in COVERS),
        ("brought_by", sheet.brought_by is not None),
        ("odometer", (sheet.odometer_km is None) != (sheet.odometer_unreadable is None)),
        ("odometer_lower_reason", sheet.odometer_lower_reason is not None or (sheet.odometer_km or 0) >= _last(sheet, last_odometer_km)),
        ("fuel", (sheet.fuel is None) != (sheet.fuel_unreadable is None)),
        ("damage", sheet.damage is not None),
        ("belongings", sheet.belongings_asked),
        ("spare_wheel", sheet.spare_wheel is not None),
        ("tools", sheet.tools is not None),
    )
    return tuple(name for name, fulfilled in demands if not fulfilled)


def _last(sheet: Sheet, last_odometer_km: int | None) -> int:
    """What the reading is compared with; nothing, where it could not be read."""
    return 0 if sheet.odometer_km is None else last_odometer_km or 0


def signer_of(sheet: Sheet) -> str:
    return "tow_driver" if sheet.brought_by == "tow" else "customer"


def checked_in_event(
    visit: str, customer: str, vehicle: str, advisor: str, sheet: Sheet, signed_hash: str = "", signature: Signature = _NOT_YET_SIGNED
) -> VehicleCheckedIn:
    """The event of a complete sheet; unsigned, to compute the hash that is to be signed."""
    return VehicleCheckedIn(
        visit=visit,
        customer=customer,
        vehicle=vehicle,
        advisor=advisor,
        content_hash=signed_hash,
        signature=signature,
        **sheet.model_dump(exclude={"belongings_asked"}),
    )


def corrected(visit: str, field: str, value: str, reason: str, by: str) -> CheckInCorrected:
    """`value` as text: kilometres, the share of a full tank, or marks as `part:mark,part:mark`. Raises `Malformed`."""
    plain = {"odometer_km": _kilometres, "fuel": _share, "damage": _marks}[field](value)
    if plain is None:
        raise Malformed(missing=("value",), field=field)
    return CheckInCorrected(visit=visit, field=field, value=plain, reason=reason, by=by)


def _kilometres(value: str) -> str | None:
    return str(int(value)) if value.isdecimal() and len(value) <= len("9999999") else None


def _share(value: str) -> str | None:
    try:
        share = Decimal(value)
    except InvalidOperation:
        return None
    return str(share) if share.is_finite() and 0 <= share <= 1 else None


def _marks(value: str) -> str | None:
    marks = [mark.strip() for mark in value.split(",") if mark.strip()]
    known = all(part in OUTLINE and kind in MARKS for part, _, kind in (mark.partition(":") for mark in marks))
    return ",".join(marks) if known else None
