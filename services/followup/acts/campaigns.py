"""F7: a campaign's customers get their duties; calls and letters are in the registers; what is late escalates."""

from services.followup import desk
from services.followup.acts import erased
from services.followup.acts.agents import who_acts
from services.followup.acts.contacts import give_up_telling, number_is_wrong, wants_no_calls
from services.followup.agents import ROSTER, Roster, agents
from services.followup.campaign import Campaign, Invitation, invitation_id
from services.followup.deadlines import settle_telling, watch_inviting, watch_letter, watch_telling
from shared import merged_files
from shared.reaction import Timer, Timers
from shared.refusal import NotFound
from shared.unit import Unit


async def choose_customers(unit: Unit, campaign_id: str, customers: tuple[str, ...], reason: str | None = None) -> Campaign:
    """A duty for each, spread over the agents in turn; who wants no calls is left out, and that is recorded."""
    if unknown := [each for each in customers if await unit.record(f"customer:{each}") is None]:
        raise NotFound(missing=[f"customer:{each}" for each in unknown])
    customers = tuple(dict.fromkeys([await merged_files.surviving(unit, each) for each in customers]))
    for customer in customers:
        await erased.must_be_there(unit, customer)
    invited = (await unit.load(Campaign, campaign_id)).customers
    leave_out = tuple([each for each in customers if await wants_no_calls(unit, each) or await _is_invited(unit, each, invited)])
    before = len(invited)
    campaign = await unit.update(
        Campaign, campaign_id, lambda campaign: campaign.choose(customers, leave_out, reason, unit.actor, unit.branch, unit.now)
    )
    turn = agents(unit.branch, await unit.find(Roster, ROSTER))
    for number, customer in enumerate(campaign.customers[before:], before):
        await _invite(unit, campaign, customer, turn[number % len(turn)])
    for agent in turn:
        await unit.tell("campaign_calls_due", clause="F7", people=(await who_acts(unit, agent),), campaign=campaign.id)
    return campaign


async def _is_invited(unit: Unit, customer: str, invited: tuple[str, ...]) -> bool:
    return not set(invited).isdisjoint(await merged_files.family(unit, customer))


async def _invite(unit: Unit, campaign: Campaign, customer: str, agent: str) -> None:
    site = unit.branch.site
    id = invitation_id(campaign.id, customer)
    invitation = await unit.create(Invitation, id, lambda invitation: invitation.open(campaign, customer, agent, unit.now, site))
    await watch_telling(unit, invitation)
    if await number_is_wrong(unit, customer):
        await give_up_telling(unit, id)


async def call_customer(unit: Unit, id: str, result: str, note: str | None, *, reached: bool) -> Invitation:
    invitation, site = await unit.load(Invitation, id), unit.branch.site
    campaign = await unit.load(Campaign, invitation.campaign)
    invitation.may_call(campaign, site, unit.now)
    call = await desk.register_call(
        unit, direction="out", customer=invitation.customer, visit=None, purpose="campaign", reached=reached, result=result, note=note
    )
    invitation = await unit.update(Invitation, id, lambda invitation: invitation.call(call.id, campaign, site, unit.now, reached=reached))
    if invitation.over:
        await settle_telling(unit, id)
    await watch_letter(unit, invitation)
    return invitation


async def send_letter(unit: Unit, id: str, content: str) -> Invitation:
    invitation, site = await unit.load(Invitation, id), unit.branch.site
    campaign = await unit.load(Campaign, invitation.campaign)
    invitation.may_send(campaign, site, unit.now)
    letter = await desk.register_letter(unit, "invitation", invitation.customer, None, content)
    await unit.cancel(f"{id}:letter")
    return await unit.update(Invitation, id, lambda invitation: invitation.send(letter.id, campaign, site, unit.now))


async def follow_untold(timer: Timer, unit: Unit) -> None:
    await _follow(unit, timer.key.removesuffix(":told"), "call")


async def follow_unsent(timer: Timer, unit: Unit) -> None:
    await _follow(unit, timer.key.removesuffix(":letter"), "letter")


async def _follow(unit: Unit, id: str, what: str) -> None:
    """F10: late, it comes before the supervisor; F7: with the campaign's day over, it lapses, which is told too."""
    invitation = await unit.load(Invitation, id)
    roles, people = ("business_supervisor",), (await who_acts(unit, invitation.agent),)
    if invitation.is_late(what, unit.now):
        invitation = await unit.update(Invitation, id, lambda invitation: invitation.escalate(what, unit.now))
        await unit.tell("duty_overdue", clause="F10", roles=roles, people=people, duty=id, level="red")
    campaign = await unit.load(Campaign, invitation.campaign)
    if not campaign.is_over(unit.branch.site, unit.now):
        await watch_inviting(unit, invitation, what)
    elif invitation.due_by(what):
        await unit.update(Invitation, id, lambda invitation: invitation.lapse(what))
        await unit.tell("invitation_lapsed", clause="F7", roles=roles, people=people, campaign=campaign.id, customer=invitation.customer)


async def watch_what_is_late(unit: Unit) -> None:
    """F7: until its campaign's day is over; what had escalated before anything lapsed has no timer."""
    for where in ({"overdue": "call", "over": False}, {"overdue": "letter", "sent": None, "lapsed": None}):
        for id in await unit.ids(Invitation, where):
            await watch_inviting(unit, await unit.load(Invitation, id), str(where["overdue"]))


TIMERS: Timers = {"campaign_untold": follow_untold, "campaign_letter_late": follow_unsent}
