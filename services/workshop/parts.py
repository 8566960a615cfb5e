"""W5: parts leave the stock against the work order only, on a slip that the technician signs; stock never goes below zero."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar

from services.workshop.job import Job
from services.workshop.work import must_be_named
from shared.aggregate import Aggregate
from shared.branch import Branch
from shared.contracts.event import Event
from shared.contracts.values import Signature
from shared.contracts.workshop import PartsIssued, StockChanged
from shared.refusal import Refused
from shared.signing import content_hash


class PartNotOnOrder(Refused):
    clause = "W5"
    title = {"en": "No consented item needs this part, or not so many.", "zh-CN": "没有已同意的项目需要该配件，或数量超出。"}
    remedy = {"en": "Draw only what the order still needs.", "zh-CN": "只能按委托书所需领取。"}


class StockTooLow(Refused):
    clause = "W5"
    title = {"en": "There are not enough of the part in stock.", "zh-CN": "库存不足。"}
    remedy = {"en": "Wait for the goods expected on the date named.", "zh-CN": "请等待预计到货。"}


class StockKnown(Refused):
    clause = "W5"
    title = {"en": "The part has its opening stock already.", "zh-CN": "该配件已有期初库存。"}
    remedy = {"en": "Book goods in, or count the stock.", "zh-CN": "请办理入库或盘点。"}


class Stock(Aggregate):
    """What lies on the shelf of one part; `id` is the part number."""

    COLLECTION: ClassVar[str] = "stock"

    on_hand: int = 0
    lead_days: int = 0

    def apply(self, event: Event) -> None:
        match event:
            case StockChanged():
                self.on_hand = event.on_hand
                self.lead_days = event.lead_days
            case _:
                raise ValueError(f"{type(event).__name__} is no event of a stock")


@dataclass(frozen=True)
class Slip:
    """A 出库单 as it is filled in: parts for one item, by part number."""

    number: str
    item: str
    lines: Mapping[str, int]
    drawn_by: str
    given_by: str


def open_stock(stock: Stock, on_hand: int, lead_days: int) -> Sequence[Event]:
    if stock.exists:
        raise StockKnown(part_no=stock.id)
    return [StockChanged(part_no=stock.id, change=on_hand, on_hand=on_hand, reason="opening_stock", lead_days=lead_days)]


def issue(job: Job, slip: Slip, shelf: Sequence[Stock], branch: Branch, now: datetime) -> Sequence[Event]:
    """The job's side of a slip, all lines or none. What is not on the order is refused whatever else is missing."""
    _must_be_needed(job, slip)
    job.must_be_workable()
    must_be_named(job.items[slip.item], slip.item, slip.drawn_by)
    today = now.astimezone(branch.site.zone).date()
    if short := {stock.id: _shortage(stock, slip, today) for stock in shelf if stock.on_hand < slip.lines[stock.id]}:
        raise StockTooLow(missing=tuple(short), short=short)
    return [_signed_line(job, slip, part_no, now) for part_no in slip.lines]


def _must_be_needed(job: Job, slip: Slip) -> None:
    lacking = job.items[slip.item].lacking if slip.item in job.items else {}
    if too_many := {part_no: quantity for part_no, quantity in slip.lines.items() if quantity > lacking.get(part_no, 0)}:
        raise PartNotOnOrder(item=slip.item, wanted=too_many, still_needed=lacking)


def _shortage(stock: Stock, slip: Slip, today: date) -> dict[str, object]:
    expected_on = today + timedelta(days=stock.lead_days)
    return {"on_hand": stock.on_hand, "wanted": slip.lines[stock.id], "expected_on": expected_on.isoformat()}


def _signed_line(job: Job, slip: Slip, part_no: str, now: datetime) -> PartsIssued:
    line = PartsIssued(
        visit=job.id,
        slip=slip.number,
        item=slip.item,
        part_no=part_no,
        quantity=slip.lines[part_no],
        drawn_by=slip.drawn_by,
        given_by=slip.given_by,
        signature=Signature(signer=slip.drawn_by, at=now, content_hash=""),
    )
    return line.model_copy(update={"signature": Signature(signer=slip.drawn_by, at=now, content_hash=content_hash(line))})


def draw(stock: Stock, slip: Slip) -> Sequence[Event]:
    """The stock's side of a slip."""
    return [_changed(stock, -slip.lines[stock.id], "issue", slip.number)]


def receive(stock: Stock, quantity: int, reference: str) -> Sequence[Event]:
    """Goods came in; `reference` is the delivery note's number."""
    return [_changed(stock, quantity, "receipt", reference)]


def _changed(stock: Stock, change: int, reason: str, reference: str) -> StockChanged:
    if stock.on_hand + change < 0:
        raise StockTooLow(missing=(stock.id,), on_hand=stock.on_hand)
    return StockChanged(
        part_no=stock.id,
        change=change,
        on_hand=stock.on_hand + change,
        reason=reason,
        reference=reference,
        lead_days=stock.lead_days,
    )
