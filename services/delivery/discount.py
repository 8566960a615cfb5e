"""D5, EDGE_CASES 8: a discount is taken off a line before the signature, with its reason, within what the giver's role may give."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from services.delivery.case import Case
from services.delivery.lines import Line, lines
from services.delivery.order import Order
from shared.contracts.delivery import DiscountGiven
from shared.contracts.event import Event
from shared.contracts.values import Payer
from shared.money import Money
from shared.refusal import NotFound, Refused


class DiscountBeyondLimit(Refused):
    clause = "D5"
    title = {"en": "That is more than your role may take off.", "zh-CN": "超过您岗位的折扣权限。"}
    remedy = {"en": "Let somebody with a higher limit give it.", "zh-CN": "请由更高权限的人员批准。"}


class DiscountBeyondLine(Refused):
    clause = "D5"
    title = {"en": "A line never goes below zero.", "zh-CN": "折扣后金额不得低于零。"}
    remedy = {"en": "Take off the line's amount at most.", "zh-CN": "折扣最多为该行金额。"}


class WarrantyLineNotDiscounted(Refused):
    clause = "D5"
    title = {"en": "Nothing is taken off what the manufacturer pays.", "zh-CN": "质量担保项目不得打折。"}
    remedy = {"en": "Take it off a line of the customer's side.", "zh-CN": "请在客户付费的行上打折。"}


def give(
    case: Case, order: Order | None, line: str, amount: Money, reason: str, by: str, roles: Iterable[str], limits: Mapping[str, Decimal]
) -> list[Event]:
    """D5: `amount` zero takes a discount back. The limit is for the visit: what others gave counts too."""
    case.must_hold_the_car()
    case.must_not_be_settled()
    ordered = case.judged(order)
    settled_line = _line(case, ordered, line)
    if Payer.WARRANTY in settled_line.shares:
        raise WarrantyLineNotDiscounted(visit=case.id, line=line)
    if amount > settled_line.amount:
        raise DiscountBeyondLine(visit=case.id, line=line, amount=str(settled_line.amount))
    limit = max((limits.get(role, Decimal(0)) for role in roles), default=Decimal(0))
    given = sum((entry.amount.amount for entry in case.discounts if entry.line != line), start=amount.amount)
    if amount and given > limit:
        raise DiscountBeyondLimit(visit=case.id, limit=limit, asked=given)
    return [DiscountGiven(visit=case.id, line=line, amount=amount, reason=reason, by=by)]


def _line(case: Case, order: Order, id: str) -> Line:
    for line in lines(order.without(order.unruled)):
        if line.line == id:
            return line
    raise NotFound(missing=("line",), visit=case.id, line=id)
