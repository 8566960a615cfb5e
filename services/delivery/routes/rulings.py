"""R5 over HTTP: items that await the manufacturer's ruling are reserved and released; a supplement is told the same day."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from services.delivery import ruling
from services.delivery.case import Case
from services.delivery.ruling import Reservation
from services.delivery.store import judged_order, order_of
from shared.unit import Unit
from shared.web import Body, Call, Roles, table

MAY: Roles = {
    "see_reservation": ("advisor", "cashier", "business_supervisor", "group_analyst"),
    "reserve": ("advisor", "cashier"),
    "release_reservation": ("business_supervisor",),
    "tell_supplement": ("advisor", "business_supervisor"),
}

router = APIRouter()
allowed = table(MAY)

Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


@router.get("/cases/{visit}/reservation")
async def see_reservation(visit: str, call: Call = allowed("see_reservation")) -> Reservation:
    """R5: the items that stay open and the hash that the customer signs; 409 where nothing awaits a ruling."""
    case = await call.get(Case, visit)
    return ruling.reservation(case, await order_of(call.store, case))


class Reserve(Body):
    content_hash: Hash = Field(description="The hash of the reservation that the customer signed.")
    picture_sha256: Hash | None = None


@router.post("/cases/{visit}/reservation")
async def reserve(visit: str, body: Reserve, call: Call = allowed("reserve")) -> Case:
    """R5: the customer signs that these items stay open on account until they are ruled."""

    async def work(unit: Unit) -> Case:
        order = await judged_order(unit, visit)
        return await unit.update(Case, visit, lambda case: ruling.reserve(case, order, body.content_hash, body.picture_sha256, unit.now))

    return await call.do(work, Case)


@router.post("/cases/{visit}/reservation/release")
async def release_reservation(visit: str, call: Call = allowed("release_reservation")) -> Case:
    """R5: the settlement may leave these items out, and the car may go."""
    return await call.update(Case, visit, lambda case: ruling.release(case, call.person.id))


@router.post("/cases/{visit}/supplements/{number}/told")
async def tell_supplement(visit: str, number: str, call: Call = allowed("tell_supplement")) -> Case:
    """R5: the customer was called about the supplementary settlement, the same day that the ruling came."""

    async def work(unit: Unit) -> Case:
        await unit.cancel(f"{visit}:supplement:{number}")
        return await unit.update(Case, visit, lambda case: ruling.tell_supplement(case, number, unit.actor))

    return await call.do(work, Case)
