"""F7 over HTTP: campaigns and the invitations of their customers. An invitation's id is `CAMPAIGN:CUSTOMER`."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from services.followup import store
from services.followup.acts import campaigns
from services.followup.campaign import Campaign, Invitation
from shared.identity import new_id
from shared.unit import Unit
from shared.web import Body, Call, Roles, table

_DEPARTMENT: tuple[str, ...] = ("followup_agent", "business_supervisor")

MAY: Roles = {
    "see_campaigns": (*_DEPARTMENT, "advisor", "receptionist", "group_analyst"),
    "decide_campaign": ("business_supervisor",),
    "choose_customers": _DEPARTMENT,
    "call_invited": _DEPARTMENT,
    "send_invitation": _DEPARTMENT,
}

router = APIRouter()
allowed = table(MAY)

Text = Annotated[str, Field(min_length=1, max_length=4000)]
Id = Annotated[str, Field(min_length=1, max_length=80)]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Limit = Annotated[int, Query(ge=1, le=200)]


@router.get("/campaigns")
async def see_campaigns(limit: Limit = 100, after: str | None = None, call: Call = allowed("see_campaigns")) -> list[Campaign]:
    """F7: the latest first."""
    return await store.campaigns(call.store, limit, after)


@router.get("/campaigns/{campaign}")
async def see_campaign(campaign: str, call: Call = allowed("see_campaigns")) -> Campaign:
    return await call.get(Campaign, campaign)


class DecideCampaign(Body):
    """`reason` is needed where it is decided less than two weeks before."""

    kind: Literal["event", "offer", "free_check"] = Field(examples=["free_check"])
    about: Text = Field(examples=["春季免费检测"])
    held_on: date = Field(examples=["2026-04-11"])
    letter: bool = True
    reason: Text | None = None


@router.post("/campaigns", status_code=201)
async def decide_campaign(body: DecideCampaign, call: Call = allowed("decide_campaign")) -> Campaign:
    """F7: decided by the business supervisor. 409 F7 later than two weeks before without a reason."""

    async def work(unit: Unit) -> Campaign:
        about = await unit.put_text(body.about)
        reason = await unit.put_text(body.reason) if body.reason else None
        site = unit.branch.site
        return await unit.create(
            Campaign,
            new_id("campaign"),
            lambda campaign: campaign.decide(body.kind, about, body.held_on, reason, unit.actor, site, unit.now, letter=body.letter),
        )

    return await call.do(work, Campaign)


class ChooseCustomers(Body):
    """`reason` is needed where it is too late to tell them two weeks before; then the business supervisor chooses."""

    customers: tuple[Id, ...] = Field(min_length=1, max_length=200)
    reason: Text | None = None


@router.post("/campaigns/{campaign}/customers")
async def choose_customers(campaign: str, body: ChooseCustomers, call: Call = allowed("choose_customers")) -> Campaign:
    """F7: each of them gets a call duty; who wants no calls is left out and shown so. More may be chosen later."""

    async def work(unit: Unit) -> Campaign:
        reason = await unit.put_text(body.reason) if body.reason else None
        return await campaigns.choose_customers(unit, campaign, body.customers, reason)

    return await call.do(work, Campaign)


@router.get("/invitations")
async def see_invitations(
    state: Literal["open", "closed", "all"] = "open",
    campaign: str | None = None,
    agent: str | None = None,
    limit: Limit = 100,
    after: str | None = None,
    call: Call = allowed("see_campaigns"),
) -> list[Invitation]:
    """F7: who is still to be called, or to be written to."""
    return await store.invitations(call.store, call.now, state, campaign, agent, limit, after)


class CallInvited(Body):
    reached: bool
    result: Code = Field(examples=["will_come"])
    note: Text | None = None


@router.post("/invitations/{invitation}/call")
async def call_invited(invitation: str, body: CallInvited, call: Call = allowed("call_invited")) -> Invitation:
    """F7, F8: told by phone, or tried in vain; after three tries the letter alone says it.

    409 F7 when the campaign's day is past: the call goes into the call register, and counts as no invitation.
    """

    async def work(unit: Unit) -> Invitation:
        note = await unit.put_text(body.note) if body.note else None
        return await campaigns.call_customer(unit, invitation, body.result, note, reached=body.reached)

    return await call.do(work, Invitation)


class SendInvitation(Body):
    content: Text = Field(examples=["诚邀您参加春季免费检测"])


@router.post("/invitations/{invitation}/letter")
async def send_invitation(invitation: str, body: SendInvitation, call: Call = allowed("send_invitation")) -> Invitation:
    """F7, F9: the letter that follows the call, within two working days, while the campaign's day is to come."""

    async def work(unit: Unit) -> Invitation:
        return await campaigns.send_letter(unit, invitation, await unit.put_text(body.content))

    return await call.do(work, Invitation)
