"""R8, A3, W5: what lies on the shelf of a part, for whom, and what is ordered. Never below zero, with however many clerks at once."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import takewhile
from typing import ClassVar, Self

from pydantic import model_validator

from shared.aggregate import Aggregate
from shared.contracts.event import Event, Fact
from shared.contracts.workshop import PartOrdered, PartsReserved, ReorderPointsChecked, StockChanged, StockCounted
from shared.refusal import Refused


class StockTooLow(Refused):
    clause = "W5"
    title = {"en": "There are not enough of the part that are not reserved for others.", "zh-CN": "可用库存不足（其余已为其他委托预留）。"}
    remedy = {"en": "Order it, and wait for the goods expected on the date named.", "zh-CN": "请订货，并等待预计到货。"}


class StockKnown(Refused):
    clause = "W5"
    title = {"en": "The part has its opening stock already.", "zh-CN": "该配件已有期初库存。"}
    remedy = {"en": "Book goods in, or count the stock.", "zh-CN": "请办理入库或盘点。"}


class DifferenceUnexplained(Refused):
    clause = "W5"
    title = {"en": "What was counted is not what the books say.", "zh-CN": "盘点数量与账面不符。"}
    remedy = {"en": "Count again, or give the reason.", "zh-CN": "请复盘，或填写差异原因。"}


class OnOrder(Fact):
    quantity: int
    expected_on: date
    visit: str | None = None


class Stock(Aggregate):
    """The shelf of one part; `id` is the part number.

    `claims` are what each visit's signed order still needs, in the order in which they were signed; `reserved` is how many of those
    lie on the shelf for it, `free` what is left for anybody.
    """

    COLLECTION: ClassVar[str] = "stock"

    on_hand: int = 0
    lead_days: int = 0
    claims: dict[str, int] = {}
    reserved: dict[str, int] = {}
    free: int = 0
    on_order: tuple[OnOrder, ...] = ()

    @model_validator(mode="after")
    def _as_read(self) -> Self:
        self._share_out()
        return self

    @property
    def position(self) -> int:
        """What there will be when all that is ordered has come and all that is claimed has gone."""
        return self.on_hand + sum(order.quantity for order in self.on_order) - sum(self.claims.values())

    def for_visit(self, visit: str) -> int:
        """How many the visit may take: what is reserved for it, and what is free."""
        return self.reserved.get(visit, 0) + self.free

    def covers(self, visit: str) -> bool:
        return self.reserved.get(visit, 0) >= self.claims.get(visit, 0)

    def expected_on(self, visit: str, wanted: int, today: date) -> date:
        """The day by which enough come for those before the visit in the line and for it: ordered, else by the lead time.

        What should have come by now counts, but its day is no day to name. Who has no claim yet is the last.
        """
        there = self.on_hand - sum(self.claims[other] for other in takewhile(lambda other: other != visit, self.claims))
        for order in sorted(self.on_order, key=lambda order: order.expected_on):
            there += order.quantity
            if there >= wanted and order.expected_on >= today:
                return order.expected_on
        return today + timedelta(days=self.lead_days)

    @property
    def arrives_on(self) -> date | None:
        """When anything comes next, for whomever."""
        return min((order.expected_on for order in self.on_order), default=None)

    def apply(self, event: Event) -> None:
        match event:
            case StockChanged():
                self.on_hand, self.lead_days = event.on_hand, event.lead_days
                self.on_order = left_on_order(self.on_order, event)
                if event.reason == "issue" and event.visit:
                    self._claim(event.visit, self.claims.get(event.visit, 0) + event.change)
            case PartsReserved():
                self._claim(event.visit, event.quantity)
            case PartOrdered():
                self.on_order += (OnOrder(quantity=event.quantity, expected_on=event.expected_on, visit=event.visit),)
            case StockCounted():
                pass
            case _:
                raise ValueError(f"{type(event).__name__} is no event of a stock")
        self._share_out()

    def _share_out(self) -> None:
        self.reserved, self.free = shared_out(self.on_hand, self.claims)

    def _claim(self, visit: str, quantity: int) -> None:
        """A claim keeps its place in the line, also where it grows."""
        self.claims = {name: claimed for name, claimed in {**self.claims, visit: quantity}.items() if claimed > 0}


def shared_out(on_hand: int, claims: Mapping[str, int]) -> tuple[dict[str, int], int]:
    """First signed, first served: what of the shelf is whose, and what is free."""
    reserved = {}
    for visit, claimed in claims.items():
        if given := min(claimed, on_hand):
            reserved[visit] = given
            on_hand -= given
    return reserved, on_hand


def left_on_order(orders: Sequence[OnOrder], change: StockChanged) -> tuple[OnOrder, ...]:
    """A receipt is of what was ordered first."""
    came = change.change if change.reason == "receipt" else 0
    left = []
    for order in sorted(orders, key=lambda order: order.expected_on):
        quantity = order.quantity - min(order.quantity, came)
        came -= order.quantity - quantity
        if quantity:
            left.append(order.model_copy(update={"quantity": quantity}))
    return tuple(left)


def open_stock(stock: Stock, on_hand: int, lead_days: int) -> Sequence[Event]:
    if stock.exists:
        raise StockKnown(part_no=stock.id)
    return [StockChanged(part_no=stock.id, change=on_hand, on_hand=on_hand, reason="opening_stock", lead_days=lead_days, free=on_hand)]


def reserve(stock: Stock, visit: str, needed: int) -> Sequence[Event]:
    """R8: what the visit's order needs of the part from now on."""
    if stock.claims.get(visit, 0) == needed:
        return []
    reserved, free = shared_out(stock.on_hand, {**stock.claims, visit: needed})
    return [PartsReserved(part_no=stock.id, visit=visit, quantity=needed, covered=reserved.get(visit, 0), free=free)]


def order(stock: Stock, quantity: int, visit: str | None, by: str, today: date) -> Sequence[Event]:
    """R8, A3: ordered from the supplier, for a visit that waits for it or for the shelf."""
    expected_on = today + timedelta(days=stock.lead_days)
    return [PartOrdered(part_no=stock.id, quantity=quantity, expected_on=expected_on, visit=visit, by=by)]


def receive(stock: Stock, quantity: int, reference: str) -> Sequence[Event]:
    """Goods came in; `reference` is the delivery note's number."""
    return [_changed(stock, quantity, "receipt", reference)]


def draw(stock: Stock, quantity: int, visit: str, slip: str) -> Sequence[Event]:
    """W5: the stock's side of a slip: of what is reserved for the visit, or free."""
    if quantity > stock.for_visit(visit):
        raise StockTooLow(missing=(stock.id,), on_hand=stock.on_hand, free=stock.free, reserved=stock.reserved.get(visit, 0))
    return [_changed(stock, -quantity, "issue", slip, visit)]


def put_back(stock: Stock, quantity: int, visit: str, slip: str) -> Sequence[Event]:
    """W5: an unopened part comes back against its slip."""
    return [_changed(stock, quantity, "return", slip, visit)]


def count(stock: Stock, counted: int, reason: str | None, by: str) -> Sequence[Event]:
    """Stock-taking: a difference is a fact of its own, with its reason."""
    difference = counted - stock.on_hand
    if difference and not reason:
        raise DifferenceUnexplained(missing=("reason",), on_hand=stock.on_hand, counted=counted)
    taken = StockCounted(part_no=stock.id, counted=counted, difference=difference, reason=reason, by=by)
    return [taken, _changed(stock, difference, "stock_taking", None)] if difference else [taken]


def _changed(stock: Stock, change: int, reason: str, reference: str | None, visit: str | None = None) -> StockChanged:
    changed = StockChanged(
        part_no=stock.id,
        change=change,
        on_hand=stock.on_hand + change,
        reason=reason,
        reference=reference,
        lead_days=stock.lead_days,
        visit=visit,
    )
    then = stock.after([changed])
    return changed.model_copy(update={"free": then.free, "expected_on": then.arrives_on})


class ReorderCheck(Aggregate):
    """A3: one day's check of all reorder points; `id` names the day."""

    COLLECTION: ClassVar[str] = "reorder_checks"

    below: tuple[str, ...] = ()

    def apply(self, event: Event) -> None:
        match event:
            case ReorderPointsChecked():
                self.below = event.below
            case _:
                raise ValueError(f"{type(event).__name__} is no event of a reorder check")


def check_reorder_points(check: ReorderCheck, day: date, shelves: Sequence[Stock], reorder_at: Mapping[str, int]) -> Sequence[Event]:
    """A3: once a day. Below its point is a part of which there will be less, when what is ordered has come and what is claimed gone."""
    if check.exists:
        return []
    return [ReorderPointsChecked(day=day, below=below(shelves, reorder_at))]


def below(shelves: Sequence[Stock], reorder_at: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(stock.id for stock in shelves if stock.position < reorder_at.get(stock.id, 0))
