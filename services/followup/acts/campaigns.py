"""F7: a campaign's customers get their duties; calls and letters are in the registers; what is late escalates."""

from services.followup import desk
from services.followup.acts.agents import who_acts
from services.followup.acts.contacts import give_up_telling, number_is_wrong, wants_no_calls
from services.followup.agents import ROSTER, Roster, agents
from services.followup.campaign import Campaign, Invitation, invitation_id
from services.followup.deadlines import settle_telling, watch_letter, watch_telling
from shared import merged_files
from shared.reaction import Timer, Timers
from shared.refusal import NotFound
from shared.unit import Unit


async def choose_customers(unit: Unit, campaign_id: str, customers: tuple[str, ...], reason: str | None = None) -> Campaign:
    """A duty for each, spread over the agents in turn; who wants no calls is left out, and that is recorded."""
    if unknown := [each for each in customers if await unit.record(f"customer:{each}") is None]:
        raise NotFound(missing=[f"customer:{each}" for each in unknown])
    customers = tuple(dict.fromkeys([await merged_files.surviving(unit, each) for each in customers]))
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
    invitation = await unit.load(Invitation, id)
    invitation.may_call()
    call = await desk.register_call(
        unit, direction="out", customer=invitation.customer, visit=None, purpose="campaign", reached=reached, result=result, note=note
    )
    invitation = await unit.update(Invitation, id, lambda invitation: invitation.call(call.id, unit.branch.site, unit.now, reached=reached))
    if invitation.over:
        await settle_telling(unit, id)
    await watch_letter(unit, invitation)
    return invitation


async def send_letter(unit: Unit, id: str, content: str) -> Invitation:
    invitation = await unit.load(Invitation, id)
    invitation.may_send()
    letter = await desk.register_letter(unit, "invitation", invitation.customer, None, content)
    await unit.cancel(f"{id}:letter")
    return await unit.update(Invitation, id, lambda invitation: invitation.send(letter.id))


async def escalate_untold(timer: Timer, unit: Unit) -> None:
    await _escalate(unit, timer.key.removesuffix(":told"), "call")


async def escalate_letter(timer: Timer, unit: Unit) -> None:
    await _escalate(unit, timer.key.removesuffix(":letter"), "letter")


async def _escalate(unit: Unit, id: str, what: str) -> None:
    invitation = await unit.load(Invitation, id)
    if invitation.is_late(what):
        await unit.update(Invitation, id, lambda invitation: invitation.escalate(what))
        people = (await who_acts(unit, invitation.agent),)
        await unit.tell("duty_overdue", clause="F10", roles=("business_supervisor",), people=people, duty=id, level="red")


TIMERS: Timers = {"campaign_untold": escalate_untold, "campaign_letter_late": escalate_letter}
