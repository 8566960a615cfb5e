"""R5: items that await the manufacturer's ruling: reserved by the customer, released by the business supervisor, ruled later.

A ruling after the settlement leads to a claim (D10) or to a supplementary settlement; the first settlement stays as it is.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from services.delivery.case import Case
from services.delivery.ledger import refund_fell_due
from services.delivery.order import Order
from shared.contracts.delivery import ItemRuled, ReservationReleased, RulingReserved, SupplementClosed, SupplementTold
from shared.contracts.event import Event, Fact
from shared.contracts.reception import WarrantyRuled
from shared.contracts.values import Signature
from shared.refusal import NotFound, Refused
from shared.signing import content_hash


class NothingAwaitsRuling(Refused):
    clause = "R5"
    title = {"en": "No item of this order awaits a ruling.", "zh-CN": "本委托书没有待裁定的项目。"}
    remedy = {"en": "Go on with the settlement.", "zh-CN": "请继续结账。"}


class ReservedBefore(Refused):
    clause = "R5"
    title = {"en": "The customer signed this reservation before.", "zh-CN": "客户已签署该待裁定确认。"}
    remedy = {"en": "Let the business supervisor release it.", "zh-CN": "请业务主管放行。"}


class SignedAnotherReservation(Refused):
    clause = "R5"
    title = {"en": "What was signed is not the present reservation.", "zh-CN": "签字内容与当前待裁定项目不一致。"}
    remedy = {"en": "Show the reservation again and let it be signed.", "zh-CN": "请重新出示待裁定确认并请客户签字。"}


class NotReserved(Refused):
    clause = "R5"
    title = {"en": "The customer has not signed that items stay open.", "zh-CN": "客户尚未签署待裁定确认。"}
    remedy = {"en": "Let the customer sign the reservation first.", "zh-CN": "请先请客户签署待裁定确认。"}


class ReleasedBefore(Refused):
    clause = "R5"
    title = {"en": "This reservation was released before.", "zh-CN": "该待裁定确认已放行。"}
    remedy = {"en": "Go on with the settlement.", "zh-CN": "请继续结账。"}


class SupplementToldBefore(Refused):
    clause = "R5"
    title = {"en": "The customer was called about this supplement before.", "zh-CN": "该补充结算已通知客户。"}
    remedy = {"en": "Take the payment.", "zh-CN": "请办理收款。"}


class Reservation(Fact):
    """R5: the items that stay open; `content_hash` is what the customer signs."""

    visit: str
    items: tuple[str, ...]
    content_hash: str
    reserved: bool
    released: bool


_NOT_SIGNED = Signature(signer="customer", at=datetime.fromtimestamp(0, UTC), content_hash="")


def reservation(case: Case, order: Order | None) -> Reservation:
    draft = _draft(case, case.judged(order))
    return Reservation(
        visit=case.id,
        items=draft.items,
        content_hash=content_hash(draft),
        reserved=case.reserved is not None and case.reserved.items == draft.items,
        released=case.reservation_released is not None and set(draft.items) <= set(case.reservation_released.items),
    )


def reserve(case: Case, order: Order | None, signed: str, picture_sha256: str | None, now: datetime) -> list[Event]:
    """R5: the customer signs that these items stay open, on account, awaiting their ruling."""
    case.must_hold_the_car()
    case.must_not_be_settled()
    shown = reservation(case, order)
    if shown.reserved:
        raise ReservedBefore(visit=case.id)
    if signed != shown.content_hash:
        raise SignedAnotherReservation(visit=case.id)
    signature = Signature(signer="customer", at=now, content_hash=signed, picture_sha256=picture_sha256)
    return [RulingReserved(visit=case.id, items=shown.items, content_hash=signed, signature=signature)]


def release(case: Case, supervisor: str) -> list[Event]:
    """R5: the business supervisor lets the car go with them."""
    case.must_hold_the_car()
    case.must_not_be_settled()
    if not case.reserved:
        raise NotReserved(missing=("reservation",), visit=case.id)
    if case.reservation_released:
        raise ReleasedBefore(visit=case.id)
    return [ReservationReleased(visit=case.id, items=case.reserved.items, supervisor=supervisor)]


def unreleased(case: Case, awaiting: Iterable[str]) -> tuple[str, ...]:
    """The unruled items that stand in the way of the settlement: not reserved and released."""
    released = case.reservation_released.items if case.reservation_released else ()
    return tuple(item for item in awaiting if item not in released)


def rule(case: Case, event: WarrantyRuled, supplement: SupplementClosed | None) -> list[Event]:
    """R5: the first ruling of an item is kept; `supplement` is what it leads to where it rejects an item settled around.

    EDGE_CASES 5: the deposit is held no longer: what the supplement does not take of it goes back.
    """
    if case.ruling_of(event.item):
        return []
    ruled = ItemRuled(visit=case.id, item=event.item, covers=event.covers, reference=event.reference)
    events: list[Event] = [ruled, supplement] if supplement else [ruled]
    return [*events, *refund_fell_due(case, case.after(events))]


def was_left_out(case: Case, item: str) -> bool:
    """The settlement was closed around this item, and it has not been ruled since."""
    return case.settlement is not None and item in case.settlement.awaiting_ruling and case.ruling_of(item) is None


def tell_supplement(case: Case, number: str, advisor: str) -> list[Event]:
    """R5: called the same day that the ruling came."""
    if number not in {supplement.number for supplement in case.supplements}:
        raise NotFound(missing=("supplement",), visit=case.id, number=number)
    if number in case.supplements_told:
        raise SupplementToldBefore(visit=case.id, number=number)
    return [SupplementTold(visit=case.id, number=number, advisor=advisor)]


def _draft(case: Case, order: Order) -> RulingReserved:
    if not order.unruled:
        raise NothingAwaitsRuling(visit=case.id)
    return RulingReserved(visit=case.id, items=order.unruled, content_hash="", signature=_NOT_SIGNED)
