"""D5: the settlement statement: the consented items of the revision that QC judged, at their frozen prices, shared to the cent."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

from services.delivery.case import Case
from services.delivery.damage import DamageOpen
from services.delivery.ledger import refund_fell_due
from services.delivery.lines import Discount, Line, charged, discounts, item_lines, lines, owed
from services.delivery.order import Order, Returned
from services.delivery.ruling import unreleased
from shared.branch import Site
from shared.calendar import local_day
from shared.contracts.delivery import SettlementClosed, SettlementPrinted, SupplementClosed
from shared.contracts.event import Event, Fact
from shared.contracts.values import NextMaintenance, Payer, Recommendation, Signature, Warranty
from shared.money import Money
from shared.refusal import Refused
from shared.signing import content_hash


class WarrantyNotRuled(Refused):
    clause = "R5"
    title = {"en": "Whether the warranty covers an item is not ruled.", "zh-CN": "有项目的质量担保范围尚未裁定。"}
    remedy = {
        "en": "Wait for the ruling, or let the customer sign that the item stays open and the business supervisor release it.",
        "zh-CN": "请等待厂家裁定，或由客户签署待裁定确认并由业务主管放行。",
    }


class NotCheckedWithCustomer(Refused):
    clause = "D4"
    title = {"en": "The car was not checked together with the customer.", "zh-CN": "尚未陪同客户验车。"}
    remedy = {"en": "Check the car with the customer first.", "zh-CN": "请先陪同客户验车。"}


class SafetyItemUnanswered(Refused):
    clause = "D6"
    title = {"en": "A recommended safety item has no valid answer.", "zh-CN": "有安全类建议项目尚未得到有效答复。"}
    remedy = {
        "en": "Explain it: repaired today by a changed order, or noted and signed by the customer.",
        "zh-CN": "请说明：当日变更委托维修，或由客户注明并签字。",
    }


class NextMaintenanceMissing(Refused):
    clause = "D8"
    title = {"en": "The next maintenance is not on the settlement.", "zh-CN": "结算单上没有下次保养。"}
    remedy = {"en": "Set date and odometer of the next maintenance.", "zh-CN": "请填写下次保养的日期和里程。"}


class CallHourMissing(Refused):
    clause = "D9"
    title = {"en": "The convenient call hour is not on the settlement.", "zh-CN": "结算单上没有方便回访的时间。"}
    remedy = {"en": "Confirm the hour with the customer.", "zh-CN": "请与客户确认方便回访的时间。"}


class SignedAnotherStatement(Refused):
    clause = "D5"
    title = {"en": "What was signed is not the present statement.", "zh-CN": "签字内容与当前结算单不一致。"}
    remedy = {"en": "Show the statement again and let it be signed.", "zh-CN": "请重新出示结算单并请客户签字。"}


class SettlementNotClosed(Refused):
    clause = "D5"
    title = {"en": "The settlement is not closed.", "zh-CN": "结算单尚未签字结清。"}
    remedy = {"en": "Let the customer sign the settlement first.", "zh-CN": "请先让客户在结算单上签字。"}


class Statement(Fact):
    """The statement as it stands: closed, or a draft whose `missing` names what has to come before the signature, by clause.

    `content_hash` is what the customer signs; null as long as the statement lacks its number, the next maintenance or the hour.
    `first_call_by` is D4's promise as the paper prints it (EDGE_CASES 12): a date, counted from the signature, of a draft from today.
    """

    visit: str
    closed: bool
    number: str | None
    revision: int
    lines: tuple[Line, ...]
    total: Money
    tax_contained: Money
    owed: Mapping[Payer, Money]
    recommendations: tuple[Recommendation, ...]
    next: NextMaintenance | None
    call_hour: str | None
    first_call_by: date | None = None
    discounts: tuple[Discount, ...] = ()
    returned: tuple[Returned, ...] = ()
    awaiting_ruling: tuple[str, ...] = ()
    content_hash: str | None
    missing: tuple[str, ...] = ()


def printed(case: Case, order: Order | None, site: Site, now: datetime) -> Statement:
    """D5, D4: the statement with the date by which the first call comes."""
    day = local_day(case.settlement.signature.at if case.settlement else now, site.zone)
    promised = site.deadlines.first_call_promised_by(day)
    return statement(case, order, site.prices.tax_rate).model_copy(update={"first_call_by": promised})


def statement(case: Case, order: Order | None, tax_rate: Decimal) -> Statement:
    if case.settlement:
        return Statement(closed=True, **case.settlement.model_dump(exclude={"signature"}))
    order = case.judged(order)
    missing = tuple(f"{problem.clause} {what}" for problem in _open_points(case, order) for what in problem.missing)
    content = {**_accounts(case, order, tax_rate), **_particulars(case)}
    signable = case.statement_number and case.next and case.call_hour
    shown = content_hash(_unsigned(case, order, tax_rate)) if signable else None
    return Statement(closed=False, content_hash=shown, missing=missing, **content)


def close(case: Case, order: Order | None, tax_rate: Decimal, signed: str, picture_sha256: str | None, now: datetime) -> list[Event]:
    """D5: closed by the customer's signature over `signed`, the hash of the statement as shown."""
    case.must_hold_the_car()
    case.must_not_be_settled()
    order = case.judged(order)
    for problem in _open_points(case, order):
        raise problem
    closed = _unsigned(case, order, tax_rate)
    if signed != content_hash(closed):
        raise SignedAnotherStatement(visit=case.id)
    signature = Signature(signer="customer", at=now, content_hash=signed, picture_sha256=picture_sha256)
    signed_for = closed.model_copy(update={"content_hash": signed, "signature": signature})
    return [signed_for, *refund_fell_due(case, case.after([signed_for]))]


def print_copies(case: Case, copies: Sequence[str]) -> list[Event]:
    """D5: printed when closed, and again whenever a copy is asked for; after the exit no more."""
    case.must_not_have_left()
    return [SettlementPrinted(visit=case.id, number=settled(case).number, copies=tuple(copies))]


def settled(case: Case) -> SettlementClosed:
    if not case.settlement:
        raise SettlementNotClosed(missing=("settlement",), visit=case.id)
    return case.settlement


def supplement(case: Case, order: Order, item: str, number: str) -> SupplementClosed:
    """R5: an item that the manufacturer rejected is owed by the customer's side, at its frozen price and shares."""
    entry = next(entry for entry in order.less(case.parts_out).items if entry.item == item).model_copy(update={"warranty": Warranty.NO})
    return SupplementClosed(
        visit=case.id,
        number=number,
        settlement=settled(case).number,
        items=(item,),
        total=entry.amount,
        owed=owed(item_lines(entry, order.pays)),
        customer_called=False,
    )


def _accounts(case: Case, order: Order, tax_rate: Decimal) -> dict[str, object]:
    settled_order = order.without(order.unruled)
    settled_lines = lines(settled_order)
    taken_off = discounts(settled_lines, case.discounts)
    total = charged(settled_lines, taken_off, Money.zero(order.total.currency))
    return {
        "visit": order.visit,
        "revision": order.revision,
        "lines": settled_lines,
        "total": total,
        "tax_contained": total.contained_tax(tax_rate),
        "owed": owed(settled_lines, taken_off),
        "discounts": taken_off,
        "returned": settled_order.returned,
        "awaiting_ruling": order.unruled,
    }


def _particulars(case: Case) -> dict[str, object]:
    return {
        "number": case.statement_number,
        "recommendations": case.recommendations,
        "next": case.next,
        "call_hour": case.call_hour,
    }


_NOT_SIGNED = Signature(signer="customer", at=datetime.fromtimestamp(0, UTC), content_hash="")


def _unsigned(case: Case, order: Order, tax_rate: Decimal) -> SettlementClosed:
    return SettlementClosed.model_validate(
        {**_accounts(case, order, tax_rate), **_particulars(case), "content_hash": "", "signature": _NOT_SIGNED}
    )


def _open_points(case: Case, order: Order) -> Iterator[Refused]:
    """What has to be there before the statement is closed, in the order in which it is refused."""
    if unruled := unreleased(case, order.unruled):
        yield WarrantyNotRuled(missing=unruled, visit=case.id)
    if case.open_damages:
        yield DamageOpen(missing=case.open_damages, visit=case.id)
    if not case.accompanied_check or not case.statement_number:
        yield NotCheckedWithCustomer(missing=("accompanied_check",), visit=case.id)
    if unanswered := tuple(advice.recommendation for advice in case.recommendations if not _answered(case, order, advice)):
        yield SafetyItemUnanswered(missing=unanswered, visit=case.id)
    if not case.next or not case.is_ahead(case.next):
        yield NextMaintenanceMissing(missing=("next_maintenance",), visit=case.id)
    if not case.call_hour:
        yield CallHourMissing(missing=("call_hour",), visit=case.id)


def put_off(case: Case, advice: Recommendation) -> bool:
    """D6: declined or put off, with the signature that such an answer of a safety item cannot be recorded without."""
    answer = case.answer_to(advice.recommendation)
    return answer is not None and answer.answer != "accepts"


def _answered(case: Case, order: Order, advice: Recommendation) -> bool:
    """A safety item: repaired today, or declined or put off with the signature that its answer cannot be recorded without."""
    if not advice.safety:
        return True
    answer = case.answer_to(advice.recommendation)
    if answer and answer.answer == "accepts":
        return any(item.operation == advice.operation for item in order.items)
    return put_off(case, advice)
