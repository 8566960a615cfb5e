"""W5: parts leave the stock against the work order only, on a slip that the technician signs, and come back only against that slip."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.workshop.job import Job
from services.workshop.stock import Stock, StockTooLow
from services.workshop.work import must_be_named
from shared.branch import Branch
from shared.contracts.event import Event
from shared.contracts.values import Signature
from shared.contracts.workshop import PartsIssued, PartsReturned, SlipPrinted
from shared.refusal import NotFound, Refused
from shared.signing import content_hash


class PartNotOnOrder(Refused):
    clause = "W5"
    title = {"en": "No consented item needs this part, or not so many.", "zh-CN": "没有已同意的项目需要该配件，或数量超出。"}
    remedy = {"en": "Draw only what the order still needs.", "zh-CN": "只能按委托书所需领取。"}


class NotOnSlip(Refused):
    clause = "W5"
    title = {"en": "No slip of this job has this part.", "zh-CN": "该车的出库单上没有此配件。"}
    remedy = {"en": "Return a part against the slip that it left on.", "zh-CN": "请按原出库单退库。"}


class MoreThanIssued(Refused):
    clause = "W5"
    title = {"en": "More than what is still out on this slip.", "zh-CN": "退库数量超出该出库单未退数量。"}
    remedy = {"en": "Return at most the rest that is named.", "zh-CN": "最多只能退所列余量。"}


class ItemNeedsItsPart(Refused):
    clause = "W5"
    title = {"en": "The inspected item would be without its part.", "zh-CN": "已检验的项目不能没有其配件。"}
    remedy = {
        "en": "Leave one with the item, or let the order be revised or the inspection fail first.",
        "zh-CN": "请为该项目至少保留一件，或先变更委托书、判定总检不合格。",
    }


@dataclass(frozen=True)
class Slip:
    """A 出库单 as it is filled in: parts for one item, by part number."""

    number: str
    item: str
    lines: Mapping[str, int]
    drawn_by: str
    given_by: str


def needs(job: Job) -> dict[str, int]:
    """R8: the parts that the job still has to draw, over all its items."""
    needed: dict[str, int] = {}
    for item in () if job.ended else job.items.values():
        for part_no, quantity in item.lacking.items():
            needed[part_no] = needed.get(part_no, 0) + quantity
    return needed


def issue(job: Job, slip: Slip, shelf: Sequence[Stock], branch: Branch, now: datetime) -> Sequence[Event]:
    """The job's side of a slip, all lines or none. What is not on the order is refused whatever else is missing."""
    _must_be_needed(job, slip)
    job.must_be_workable()
    must_be_named(job.ordered(slip.item), slip.item, slip.drawn_by)
    today = now.astimezone(branch.site.zone).date()
    if short := {stock.id: _shortage(stock, job, slip, today) for stock in shelf if stock.for_visit(job.id) < slip.lines[stock.id]}:
        raise StockTooLow(missing=tuple(short), short=short)
    return [_signed_line(job, slip, part_no, now) for part_no in slip.lines]


def _must_be_needed(job: Job, slip: Slip) -> None:
    undrawn = job.items[slip.item].undrawn if slip.item in job.items else {}
    if too_many := {part_no: quantity for part_no, quantity in slip.lines.items() if quantity > undrawn.get(part_no, 0)}:
        raise PartNotOnOrder(item=slip.item, wanted=too_many, still_needed=undrawn)


def _shortage(stock: Stock, job: Job, slip: Slip, today: date) -> dict[str, object]:
    wanted = slip.lines[stock.id]
    told = {"on_hand": stock.on_hand, "free": stock.free, "wanted": wanted}
    return told | {"expected_on": stock.expected_on(job.id, wanted, today).isoformat()}


def _signed_line(job: Job, slip: Slip, part_no: str, now: datetime) -> PartsIssued:
    line = PartsIssued(
        visit=job.id,
        slip=slip.number,
        item=slip.item,
        part_no=part_no,
        quantity=slip.lines[part_no],
        drawn_by=slip.drawn_by,
        given_by=slip.given_by,
        out=job.out_for(slip.item, part_no) + slip.lines[part_no],
        signature=Signature(signer=slip.drawn_by, at=now, content_hash=""),
    )
    return line.model_copy(update={"signature": Signature(signer=slip.drawn_by, at=now, content_hash=content_hash(line))})


def print_slip(job: Job, slip: str, by: str) -> Sequence[Event]:
    if slip not in {line.slip for line in job.slips}:
        raise NotFound(missing=(slip,))
    return [SlipPrinted(visit=job.id, slip=slip, by=by)]


def take_back(job: Job, slip: str, part_no: str, quantity: int, by: str, *, opened: bool, unneeded: bool = False) -> Sequence[Event]:
    """The job's side of a return; an opened part does not go back to the shelf. An item that then lacks it is not done any more.

    `unneeded`: what the work did without may come back at any time, also when the car has passed or left: nobody touches the car for it.
    """
    issued = [line for line in job.slips if (line.slip, line.part_no) == (slip, part_no)]
    if not issued:
        raise NotOnSlip(slip=slip, part_no=part_no)
    if not unneeded:
        job.must_be_workable()
    item = issued[0].item
    if quantity > (rest := job.out().get((slip, item, part_no), 0)):
        raise MoreThanIssued(slip=slip, part_no=part_no, rest=rest)
    stays = job.out_for(item, part_no) - quantity
    if item in job.items and (job.qc or job.parked) and not stays:
        raise ItemNeedsItsPart(missing=(part_no,), visit=job.id, item=item)
    to_stock = not opened
    return [
        PartsReturned(
            visit=job.id, slip=slip, item=item, part_no=part_no, quantity=quantity, to_stock=to_stock, by=by, unneeded=unneeded, out=stays
        )
    ]
