"""D2, D4: damage that the check-in sheet does not have, such as a scratch of the wash, is a case of its own: told, then settled."""

from typing import Literal, Self

from services.delivery.case import Case
from shared.contracts.delivery import DamageNoted, DamageSettled
from shared.contracts.event import Event, Fact
from shared.contracts.values import DamageMark
from shared.contracts.workshop import DamageDecided, DamageRepaired, DamageReported
from shared.refusal import NotFound, Refused

How = Literal["put_right", "agreed_with_customer"]


class DamageOpen(Refused):
    clause = "D2"
    title = {"en": "Damage was noted and is not settled.", "zh-CN": "有登记的车损尚未处理。"}
    remedy = {"en": "Let it be put right, or agree it with the customer.", "zh-CN": "请修复，或与客户达成一致并登记。"}


class CustomerNotToldOfDamage(Refused):
    clause = "D2"
    title = {"en": "The customer was not told of the damage.", "zh-CN": "尚未告知客户车损情况。"}
    remedy = {"en": "Tell the customer first.", "zh-CN": "请先告知客户。"}


class DamageSettledBefore(Refused):
    clause = "D2"
    title = {"en": "This damage was settled before.", "zh-CN": "该车损已处理完毕。"}
    remedy = {"en": "Go on with the check.", "zh-CN": "请继续检查。"}


class WorkshopDamage(Fact):
    """D2, W6: what the workshop damaged while it had the car: what the outside may show beside the check-in outline, or does no more.

    `during` and `reported_by` are null of what was reported before delivery kept it.
    """

    damage: str
    during: str | None = None
    reported_by: str | None = None
    state: Literal["undecided", "to_repair", "repaired", "as_it_is"] = "undecided"
    repaired_by: str | None = None

    @classmethod
    def after(cls, before: Self | None, event: DamageReported | DamageDecided | DamageRepaired) -> Self:
        match event:
            case DamageReported():
                told = {"during": event.during, "reported_by": event.by}
            case DamageDecided():
                told = {"state": "to_repair" if event.decision == "repair" else "as_it_is"}
            case DamageRepaired():
                told = {"state": "repaired", "repaired_by": event.by}
        return (before or cls(damage=event.damage)).model_copy(update=told)


def note(case: Case, mark: DamageMark, by: str, words: str | None) -> list[Event]:
    """D2: `words` is the key of a text record."""
    case.must_hold_the_car()
    damage = f"damage-{case.number_after(case.damages)}"
    return [DamageNoted(visit=case.id, damage=damage, part=mark.part, mark=mark.mark, by=by, note=words)]


def settle(case: Case, damage: str, how: How, by: str, *, customer_told: bool) -> list[Event]:
    """D2: also while the workshop puts it right."""
    case.must_not_have_left()
    if damage not in case.damages:
        raise NotFound(missing=("damage",), visit=case.id, damage=damage)
    if damage in case.damages_settled:
        raise DamageSettledBefore(visit=case.id, damage=damage)
    if not customer_told:
        raise CustomerNotToldOfDamage(missing=("customer_told",), visit=case.id)
    return [DamageSettled(visit=case.id, damage=damage, how=how, by=by, customer_told=customer_told)]


def must_be_settled(case: Case) -> None:
    if case.open_damages:
        raise DamageOpen(missing=case.open_damages, visit=case.id)
