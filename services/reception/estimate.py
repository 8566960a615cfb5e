"""R9: the estimate, labour and parts apart, line by line, at the branch's prices."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import ClassVar

from services.reception.consultation import Diagnosis
from shared.aggregate import Aggregate
from shared.branch import Branch, Operation
from shared.contracts.event import Event, Fact
from shared.contracts.reception import EstimateGiven, PartPriced, PriceList
from shared.contracts.values import FaultState, OrderItem, PartLine, Payer
from shared.money import Money
from shared.refusal import Malformed, Refused


class PriceReasonMissing(Refused):
    clause = "R9"
    title = {"en": "A price off the list has no reason.", "zh-CN": "价格与价目表不符，缺少原因。"}
    remedy = {"en": "Say why the price differs, or use the list price.", "zh-CN": "请说明原因，或使用价目表价格。"}


class ItemNotDiagnosed(Refused):
    clause = "R4"
    title = {"en": "An item has no diagnosis that the customer was told.", "zh-CN": "有项目未诊断或未告知客户。"}
    remedy = {"en": "Diagnose the item and tell the customer, warranty included.", "zh-CN": "请先诊断并告知客户（含质量担保情况）。"}


class PricedAfterItsInspection(Refused):
    clause = "R6"
    title = {"en": "A fault that is still to be inspected has no repair to price yet.", "zh-CN": "故障尚待检查，暂不能报维修价格。"}
    remedy = {"en": "Order the inspection; its finding is priced after it.", "zh-CN": "请先下检查项目，检查后再报价。"}


class NothingToEstimate(Refused):
    clause = "R9"
    title = {"en": "There is no item to estimate.", "zh-CN": "没有可报价的项目。"}
    remedy = {"en": "Diagnose at least one item first.", "zh-CN": "请先诊断至少一个项目。"}


class UnknownPart(Malformed):
    title = {"en": "The part is not in the branch's catalogue.", "zh-CN": "配件目录中没有该配件。"}
    remedy = {"en": "Choose a part of the catalogue.", "zh-CN": "请从配件目录中选择。"}


class UnknownOperation(Malformed):
    title = {"en": "The operation is not in the branch's catalogue.", "zh-CN": "工时目录中没有该项目。"}
    remedy = {"en": "Choose an operation of the catalogue.", "zh-CN": "请从工时目录中选择。"}


class PaidByTheWarranty(Malformed):
    title = {"en": "The warranty pays for this item, or it is a free first maintenance.", "zh-CN": "该项目由质量担保或首保承担。"}
    remedy = {"en": "Leave the payer out.", "zh-CN": "请不要填写付款方。"}


class PartsNotLookedUp(Refused):
    clause = "R8"
    title = {"en": "The availability of some parts was not looked up.", "zh-CN": "有配件尚未查询库存。"}
    remedy = {"en": "Look the parts of the order up.", "zh-CN": "请查询所需配件的库存。"}


class NoEstimate(Refused):
    clause = "R9"
    title = {"en": "There is no such estimate.", "zh-CN": "没有该报价。"}
    remedy = {"en": "Give the customer an estimate first.", "zh-CN": "请先向客户报价。"}


class EstimateReplaced(Refused):
    clause = "R9"
    title = {"en": "A later estimate has replaced this one.", "zh-CN": "该报价已被新的报价取代。"}
    remedy = {"en": "Show the latest estimate.", "zh-CN": "请出示最新报价。"}


class EstimateExpired(Refused):
    clause = "R9"
    title = {"en": "The estimate is no longer valid.", "zh-CN": "报价已过有效期。"}
    remedy = {"en": "Give a new estimate.", "zh-CN": "请重新报价。"}


class EstimateAlreadyAccepted(Refused):
    clause = "R9"
    title = {"en": "The estimate was accepted already.", "zh-CN": "该报价已被接受。"}
    remedy = {"en": "Give a new estimate where something changes.", "zh-CN": "如有变化，请重新报价。"}


class EstimateContentDiffers(Refused):
    clause = "R9"
    title = {"en": "What the customer agreed to is not this estimate.", "zh-CN": "客户同意的内容与该报价不一致。"}
    remedy = {"en": "Show the estimate again.", "zh-CN": "请重新出示报价。"}


class EstimateNotAccepted(Refused):
    clause = "R9"
    title = {"en": "The customer has not accepted the estimate.", "zh-CN": "客户尚未接受报价。"}
    remedy = {"en": "Obtain the customer's consent to the latest estimate.", "zh-CN": "请就最新报价取得客户同意。"}


class ListPrice(Aggregate):
    """R9: what one part costs from now on, where that was changed since the branch's folder was read; `id` is the part number."""

    COLLECTION: ClassVar[str] = "list_prices"

    unit_price: Decimal | None = None

    def set(self, unit_price: Decimal, by: str, branch: Branch) -> list[Event]:
        if self.id not in branch.parts:
            raise UnknownPart(missing=("part_no",))
        former = branch.parts[self.id].unit_price if self.unit_price is None else self.unit_price
        return [] if unit_price == former else [PartPriced(part_no=self.id, unit_price=unit_price, former=former, by=by)]

    def apply(self, event: Event) -> None:
        match event:
            case PartPriced():
                self.unit_price = event.unit_price


class AskedPart(Fact):
    part_no: str
    quantity: int
    unit_price: Decimal | None = None


class AskedLine(Fact):
    """An item as the advisor wants it priced: None = as the catalogue has it. `price_reason` is the key of a text record.

    `payer` owes the whole item; None: by the shares of the order's ways to pay.
    """

    item: str
    labour: Decimal | None = None
    parts: tuple[AskedPart, ...] | None = None
    price_reason: str | None = None
    payer: Payer | None = None


class Estimate(Fact):
    """An estimate as it was shown; `content_hash` is what the customer consents to."""

    number: int
    items: tuple[OrderItem, ...]
    labour: Money
    parts: Money
    total: Money
    valid_until: date
    proposed: tuple[str, ...]
    content_hash: str


def operation_of(code: str, branch: Branch) -> Operation:
    if code not in branch.operations:
        raise UnknownOperation(missing=("operation",), operation=code)
    return branch.operations[code]


def parts_of_operations(operations: Sequence[str], branch: Branch) -> dict[str, int]:
    return _summed([pair for code in operations for pair in operation_of(code, branch).parts])


def parts_of_items(items: Sequence[OrderItem]) -> dict[str, int]:
    return _summed([(part.part_no, part.quantity) for item in items for part in item.parts])


def _summed(pairs: Sequence[tuple[str, int]]) -> dict[str, int]:
    wanted: dict[str, int] = {}
    for part_no, quantity in pairs:
        wanted[part_no] = wanted.get(part_no, 0) + quantity
    return wanted


def priced(diagnosis: Diagnosis, asked: AskedLine, branch: Branch) -> OrderItem:
    """R9: standard hours × the branch's rate, and the parts at list price; off the list only with a reason."""
    operation = operation_of(diagnosis.operation, branch)
    if diagnosis.fault is FaultState.TO_BE_INSPECTED and operation.kind != "diagnosis":
        raise PricedAfterItsInspection(missing=(diagnosis.item,), operation=operation.operation)
    currency = branch.site.site.currency
    listed = Money.of(operation.hours * branch.site.prices.labour_rate_per_hour, currency)
    labour = listed if asked.labour is None else Money.of(asked.labour, currency)
    listed_parts = tuple(AskedPart(part_no=part_no, quantity=quantity) for part_no, quantity in operation.parts)
    parts = listed_parts if asked.parts is None else asked.parts
    lines = tuple(_part_line(f"{diagnosis.item}-part-{number}", part, branch) for number, part in enumerate(parts, 1))
    off_list = labour != listed or any(line.unit_price.amount != branch.parts[line.part_no].unit_price for line in lines)
    if off_list and asked.price_reason is None:
        raise PriceReasonMissing(missing=("price_reason",), item=diagnosis.item, listed_labour=str(listed))
    ordered = OrderItem(
        item=diagnosis.item,
        operation=operation.operation,
        kind=operation.kind,
        skill=operation.skill,
        hours=operation.hours,
        fault=diagnosis.fault,
        warranty=diagnosis.warranty,
        labour=labour,
        parts=lines,
        price_reason=asked.price_reason if off_list else None,
        payer=asked.payer,
    )
    if ordered.payer and ordered.free_for_customer:
        raise PaidByTheWarranty(missing=("payer",), item=ordered.item)
    return ordered


def price_list(items: Sequence[OrderItem], branch: Branch) -> PriceList:
    """R9: what the list says now of what these items ask of it."""
    parts = {part.part_no: branch.parts[part.part_no].unit_price for item in items for part in item.parts}
    return PriceList(labour_rate=branch.site.prices.labour_rate_per_hour, parts=parts)


def _part_line(line: str, part: AskedPart, branch: Branch) -> PartLine:
    if part.part_no not in branch.parts:
        raise UnknownPart(missing=("part_no",), part_no=part.part_no)
    price = branch.parts[part.part_no].unit_price if part.unit_price is None else part.unit_price
    unit_price = Money.of(price, branch.site.site.currency)
    return PartLine(line=line, part_no=part.part_no, quantity=part.quantity, unit_price=unit_price, amount=unit_price * part.quantity)


def estimated(
    visit: str,
    number: int,
    diagnoses: Sequence[Diagnosis],
    asked: Sequence[AskedLine],
    proposed: Sequence[str],
    branch: Branch,
    now: datetime,
) -> EstimateGiven:
    """R9: no lines asked = every diagnosed item at list prices. Valid through the last day of the branch's validity."""
    found = {diagnosis.item: diagnosis for diagnosis in diagnoses}
    asked = asked or [AskedLine(item=item) for item in found]
    if not asked:
        raise NothingToEstimate(missing=("diagnosis",), visit=visit)
    if unknown := sorted({line.item for line in asked if line.item not in found or not found[line.item].customer_told}):
        raise ItemNotDiagnosed(missing=unknown, visit=visit)
    if len({line.item for line in asked}) < len(asked):
        raise Malformed(missing=("lines",), reason="an item stands there twice")
    items = tuple(priced(found[line.item], line, branch) for line in asked)
    zero = Money.zero(branch.site.site.currency)
    labour = sum((item.labour for item in items), start=zero)
    parts = sum((part.amount for item in items for part in item.parts), start=zero)
    today = now.astimezone(branch.site.zone).date()
    return EstimateGiven(
        visit=visit,
        number=number,
        items=items,
        labour=labour,
        parts=parts,
        total=labour + parts,
        valid_until=today + timedelta(days=branch.site.prices.estimate_valid_days),
        proposed=tuple(proposed),
        listed=price_list(items, branch),
    )
