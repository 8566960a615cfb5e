"""Parts over HTTP: slips and returns (W5), the shelves, orders and receipts (R8, A3)."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from services.workshop import parts
from services.workshop.job import Job
from services.workshop.parts import Stock
from services.workshop.store import stocks
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
        "washer",
        "advisor",
    ),
    "issue_parts": ("parts_clerk",),
    "receive_goods": ("parts_clerk",),
}

router = APIRouter()
allowed = table(MAY)

StaffId = Annotated[str, Field(min_length=1, max_length=60)]


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
        today = unit.now.astimezone(unit.branch.site.zone).date()
        slip = parts.Slip(
            number=f"SLIP-{today:%Y%m%d}-{await unit.next_number(f'slip:{today}'):04}",
            item=body.item,
            lines=wanted,
            drawn_by=body.drawn_by,
            given_by=call.person.id,
        )
        stock = [await unit.find(Stock, part_no) for part_no in sorted(wanted)]
        job = await unit.update(Job, visit, lambda job: parts.issue(job, slip, stock, unit.branch, unit.now))
        for part_no in sorted(wanted):
            await unit.update(Stock, part_no, lambda part: parts.draw(part, slip))
        return job

    return await call.do(issue, Job)


@router.get("/stock")
async def see_all_stock(
    limit: Annotated[int, Query(ge=1, le=500)] = 200, after: str | None = None, call: Call = allowed("see_stock")
) -> Page[Stock]:
    shelves = await stocks(call.store, limit, after)
    return Page(items=shelves, next=shelves[-1].id if len(shelves) == limit else None)


@router.get("/stock/{part_no}")
async def see_stock(part_no: str, call: Call = allowed("see_stock")) -> Stock:
    return await call.get(Stock, part_no)


class ReceiveGoods(Body):
    quantity: int = Field(gt=0, le=100_000)
    reference: str = Field(min_length=1, max_length=60, description="The delivery note's number.", examples=["DN-20260309-1"])


@router.post("/stock/{part_no}/receipts")
async def receive_goods(part_no: str, body: ReceiveGoods, call: Call = allowed("receive_goods")) -> Stock:
    """R8, W5: goods came in and were counted."""
    return await call.update(Stock, part_no, lambda stock: parts.receive(stock, body.quantity, body.reference))
