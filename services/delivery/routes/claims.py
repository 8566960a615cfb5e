"""D10 over HTTP: claims towards the manufacturer, from the labelled old part to the money. A claim has the id `VISIT.ITEM`."""

from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from services.delivery.claim import Claim
from services.delivery.store import ClaimState, claims
from shared.money import Money
from shared.web import Body, Call, Roles, table

MAY: Roles = {
    "see_claims": ("advisor", "cashier", "parts_clerk", "business_supervisor", "group_analyst"),
    "keep_old_part": ("advisor", "parts_clerk", "business_supervisor"),
    "send_claim": ("advisor", "business_supervisor"),
    "decide_claim": ("advisor", "business_supervisor"),
    "pay_claim": ("cashier", "business_supervisor"),
}

router = APIRouter()
allowed = table(MAY)

Code = Annotated[str, Field(min_length=1, max_length=80)]
Amount = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=2, examples=["542.00"])]


@router.get("/claims")
async def see_claims(
    state: ClaimState | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
    after: str | None = None,
    call: Call = allowed("see_claims"),
) -> list[Claim]:
    """The claims of one state or of all, by id; `after` is the last id of the page before."""
    return await claims(call.store, state, limit, after)


@router.get("/claims/{claim}")
async def see_claim(claim: str, call: Call = allowed("see_claims")) -> Claim:
    return await call.get(Claim, claim)


class KeepOldPart(Body):
    label: Code = Field(examples=["OP-20260309-1"])
    place: Code = Field(examples=["shelf-2"])


@router.post("/claims/{claim}/old-part")
async def keep_old_part(claim: str, body: KeepOldPart, call: Call = allowed("keep_old_part")) -> Claim:
    """D10: the old part is labelled and lies in a known place; again where it is moved."""
    return await call.update(Claim, claim, lambda claim: claim.keep_old_part(body.label, body.place, call.person.id))


class SendClaim(Body):
    papers: tuple[Code, ...] = Field(min_length=1, max_length=50, examples=[["work_order", "settlement", "photos"]])


@router.post("/claims/{claim}/sending")
async def send_claim(claim: str, body: SendClaim, call: Call = allowed("send_claim")) -> Claim:
    return await call.update(Claim, claim, lambda claim: claim.send(body.papers, call.person.id))


class DecideClaim(Body):
    approved: bool
    amount: Amount = Field(default=Decimal(0), description="What the manufacturer pays; nothing where it is rejected.")
    reference: Code = Field(examples=["MFR-4711"])


@router.post("/claims/{claim}/decision")
async def decide_claim(claim: str, body: DecideClaim, call: Call = allowed("decide_claim")) -> Claim:
    """D10: the manufacturer's answer as it came."""
    amount = _money(call, body.amount)
    return await call.update(Claim, claim, lambda claim: claim.decide(amount, body.reference, call.person.id, approved=body.approved))


class PayClaim(Body):
    amount: Amount


@router.post("/claims/{claim}/payment")
async def pay_claim(claim: str, body: PayClaim, call: Call = allowed("pay_claim")) -> Claim:
    amount = _money(call, body.amount)
    return await call.update(Claim, claim, lambda claim: claim.pay(amount, call.person.id))


def _money(call: Call, amount: Decimal) -> Money:
    return Money(amount=amount, currency=call.branch.site.site.currency)
