"""D5 over HTTP: the day's till is counted by the cashier and closed by somebody who took no money into it."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from services.delivery.payment import Method
from services.delivery.till import Till, till_id
from shared.money import Money
from shared.unit import Unit
from shared.web import Body, Call, Roles, table

MAY: Roles = {
    "see_till_of_day": ("cashier", "business_supervisor", "group_analyst"),
    "count_till": ("cashier",),
    "close_till": ("business_supervisor",),
}

router = APIRouter()
allowed = table(MAY)


@router.get("/tills/{day}")
async def see_till_of_day(day: date, call: Call = allowed("see_till_of_day")) -> Till:
    """What was taken that day by method, how it was counted, and whether it is closed."""
    return await call.get(Till, till_id(day))


class CountTill(Body):
    counted: dict[Method, Annotated[Decimal, Field(max_digits=12, decimal_places=2)]] = Field(examples=[{"cash": "542.00"}])


@router.post("/tills/{day}/count")
async def count_till(day: date, body: CountTill, call: Call = allowed("count_till")) -> Till:
    """D5: by method; what is booked after it asks for another count."""
    currency = call.branch.site.site.currency
    counted: dict[str, Money] = {method: Money(amount=amount, currency=currency) for method, amount in body.counted.items()}
    return await call.update(Till, till_id(day), lambda till: till.count(counted, call.person.id))


class CloseTill(Body):
    note: str | None = Field(default=None, min_length=1, max_length=2000, description="On the differences, where there are any.")


@router.post("/tills/{day}/closing")
async def close_till(day: date, body: CloseTill, call: Call = allowed("close_till")) -> Till:
    """D5: at the day's end, with totals by method; a difference needs a note."""

    async def work(unit: Unit) -> Till:
        note = await unit.put_text(body.note) if body.note else None
        return await unit.update(Till, till_id(day), lambda till: till.close(unit.actor, note, unit.branch))

    return await call.do(work, Till)
