"""Parts over HTTP: slips and returns (W5), the shelves, stock-taking, orders and receipts (R8, A3)."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from services.workshop import parts, progress, stock
from services.workshop.job import Job
from services.workshop.stock import Stock
from services.workshop.store import shelf_of, shelves_below, shortage, stocks
from shared.refusal import Malformed
from shared.unit import Unit
from shared.web import Body, Call, Page, Roles, table

MAY: Roles = {
    "see_stock": (
        "parts_clerk",
        "workshop_supervisor",
        "team_leader",
        "technician",
        "qc_inspector",
        "technical_director",
        "advisor",
        "group_analyst",
    ),
    "issue_parts": ("parts_clerk",),
    "print_slip": ("parts_clerk",),
    "take_parts_back": ("parts_clerk",),
    "order_part": ("parts_clerk",),
    "receive_goods": ("parts_clerk",),
    "count_stock": ("parts_clerk",),
}

router = APIRouter()
allowed = table(MAY)

StaffId = Annotated[str, Field(min_length=1, max_length=60)]
Pieces = Annotated[int, Field(gt=0, le=100_000)]


class SlipLine(Body):
    part_no: str = Field(examples=["OF-2001"])
    quantity: int = Field(gt=0, le=1000)


class IssueParts(Body):
    item: str
    drawn_by: StaffId = Field(description="The technician who signs the slip.", examples=["tech-1"])
    lines: tuple[SlipLine, ...] = Field(min_length=1, max_length=50)


@router.post("/jobs/{visit}/parts-issues")
async def issue_parts(visit: str, body: IssueParts, call: Call = allowed("issue_parts")) -> Job:
    """W5: one slip: parts for one item leave the stock, all of them or none. The caller gives, the technician draws and signs."""
    wanted = {line.part_no: line.quantity for line in body.lines}
    if len(wanted) < len(body.lines):
        raise Malformed(missing=("lines.part_no",), reason="a part stands there twice")

    async def issue(unit: Unit) -> Job:
        today = _today(unit)
        slip = parts.Slip(
            number=f"SLIP-{today:%Y%m%d}-{await unit.next_number(f'slip:{today}'):04}",
            item=body.item,
            lines=wanted,
            drawn_by=body.drawn_by,
            given_by=call.person.id,
        )
        shelves = [await shelf_of(unit, part_no) for part_no in sorted(wanted)]
        job = await unit.update(Job, visit, lambda job: parts.issue(job, slip, shelves, unit.branch, unit.now))
        for part_no in sorted(wanted):
            await unit.update(Stock, part_no, lambda shelf: stock.draw(shelf, slip.lines[shelf.id], visit, slip.number))
        return job

    return await call.do(issue, Job)


@router.post("/jobs/{visit}/slips/{slip}/printing")
async def print_slip(visit: str, slip: str, call: Call = allowed("print_slip")) -> Job:
    """W5: the slip that the technician signed was printed."""
    return await call.update(Job, visit, lambda job: parts.print_slip(job, slip, call.person.id))


class ReturnPart(Body):
    slip: str = Field(min_length=1, max_length=60, examples=["SLIP-20260309-0001"])
    part_no: str = Field(min_length=1, max_length=60, examples=["OF-2001"])
    quantity: Pieces
    opened: bool = Field(default=False, description="Opened or used: scrapped, not back on the shelf.")
    unneeded: bool = Field(default=False, description="The work did without it: not charged, nor drawn again.")


@router.post("/jobs/{visit}/parts-returns")
async def take_parts_back(visit: str, body: ReturnPart, call: Call = allowed("take_parts_back")) -> Job:
    """W5: back against the line of its slip, never more than is still out; 409 W5 with the rest otherwise.

    The settlement then charges what stayed with the item. What the work did without comes back also after the inspection, or the exit.
    """

    async def take(unit: Unit) -> Job:
        job = await unit.update(
            Job,
            visit,
            lambda job: parts.take_back(
                job, body.slip, body.part_no, body.quantity, call.person.id, opened=body.opened, unneeded=body.unneeded
            ),
        )
        if not body.opened:
            await unit.update(Stock, body.part_no, lambda shelf: stock.put_back(shelf, body.quantity, visit, body.slip))
        return job

    return await call.do(take, Job)


@router.get("/stock")
async def see_all_stock(
    limit: Annotated[int, Query(ge=1, le=500)] = 200, after: str | None = None, call: Call = allowed("see_stock")
) -> Page[Stock]:
    """The shelves: what is there, reserved for whom, free, and ordered."""
    shelves = await stocks(call.store, limit, after)
    return Page(items=shelves, next=shelves[-1].id if len(shelves) == limit else None)


@router.get("/stock-below-reorder-point")
async def see_what_to_order(call: Call = allowed("see_stock")) -> list[Stock]:
    """A3: the parts that want ordering: what is there and ordered, less what is claimed, is below the reorder point."""
    return await shelves_below(call.store)


@router.get("/stock/{part_no}")
async def see_stock(part_no: str, call: Call = allowed("see_stock")) -> Stock:
    return await call.get(Stock, part_no)


class OrderPart(Body):
    quantity: Pieces
    visit: str | None = Field(default=None, description="The visit whose job waits for the part.")


@router.post("/stock/{part_no}/orders")
async def order_part(part_no: str, body: OrderPart, call: Call = allowed("order_part")) -> Stock:
    """R8, A3: ordered from the supplier. For a visit in the workshop, supervisor and advisor hear that it waits, and until when (W7)."""

    async def order(unit: Unit) -> Stock:
        await shelf_of(unit, part_no)
        shelf = await unit.update(Stock, part_no, lambda shelf: stock.order(shelf, body.quantity, body.visit, call.person.id, _today(unit)))
        if body.visit:
            short = await shortage(unit, await unit.load(Job, body.visit))
            await unit.update(Job, body.visit, lambda job: progress.wait(job, call.person.id, short))
        return shelf

    return await call.do(order, Stock)


class ReceiveGoods(Body):
    quantity: Pieces
    reference: str = Field(min_length=1, max_length=60, description="The delivery note's number.", examples=["DN-20260309-1"])


@router.post("/stock/{part_no}/receipts")
async def receive_goods(part_no: str, body: ReceiveGoods, call: Call = allowed("receive_goods")) -> Stock:
    """R8, W5: goods came in and were counted; the jobs that waited for them go on."""

    async def receive(unit: Unit) -> Stock:
        await shelf_of(unit, part_no)
        return await unit.update(Stock, part_no, lambda shelf: stock.receive(shelf, body.quantity, body.reference))

    return await call.do(receive, Stock)


class CountStock(Body):
    counted: int = Field(ge=0, le=1_000_000)
    reason: str | None = Field(default=None, min_length=1, max_length=2000, description="Why the books say otherwise.")


@router.post("/stock/{part_no}/counts")
async def count_stock(part_no: str, body: CountStock, call: Call = allowed("count_stock")) -> Stock:
    """W5: stock-taking; a difference is booked as a fact of its own and needs its reason."""

    async def count(unit: Unit) -> Stock:
        reason = await unit.put_text(body.reason) if body.reason else None
        await shelf_of(unit, part_no)
        return await unit.update(Stock, part_no, lambda shelf: stock.count(shelf, body.counted, reason, call.person.id))

    return await call.do(count, Stock)


def _today(unit: Unit) -> date:
    return unit.now.astimezone(unit.branch.site.zone).date()
