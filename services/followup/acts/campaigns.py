"""F7: a campaign's customers get their duties; calls and letters are in the registers; what is late escalates."""

from datetime import timedelta

from services.followup import desk
from services.followup.acts.agents import who_acts
from services.followup.acts.contacts import number_is_wrong, wants_no_calls
from services.followup.agents import ROSTER, Roster, agents
from services.followup.campaign import Campaign, Invitation, invitation_id
from shared import merged_files
from shared.contracts.followup import ContactInvalid
from shared.reaction import Timer, Timers
from shared.refusal import NotFound
from shared.unit import Unit

_SECOND = timedelta(seconds=1)


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
    await _watch(unit, invitation)
    if await number_is_wrong(unit, customer):
        await _give_up(unit, id)


async def give_up_calls(event: ContactInvalid, unit: Unit) -> None:
    await give_up_where_no_number_is_left(unit, event.customer)


async def give_up_where_no_number_is_left(unit: Unit, customer: str) -> None:
    """EDGE_CASES 13: where no number of the person is left to dial, those who are still to be called are written to."""
    if not await number_is_wrong(unit, customer):
        return
    for file in await merged_files.family(unit, customer):
        for id in await unit.ids(Invitation, {"customer": file, "over": False}):
            await _give_up(unit, id)


async def _give_up(unit: Unit, id: str) -> None:
    invitation = await unit.update(Invitation, id, lambda invitation: invitation.give_up(unit.branch.site, unit.now))
    await unit.cancel(f"{id}:told")
    await watch_letter(unit, invitation)


async def _watch(unit: Unit, invitation: Invitation) -> None:
    assert invitation.tell_by
    due_at = invitation.tell_by + _SECOND
    await unit.schedule(Timer(key=f"{invitation.id}:told", kind="campaign_untold", due_at=due_at, subject=invitation.customer))


async def resume_invitations(unit: Unit, customer: str) -> None:
    """R7: those that were stopped for what another person had said."""
    for id in await unit.ids(Invitation, {"customer": customer, "stopped": "do_not_call"}):
        invitation = await unit.update(Invitation, id, lambda invitation: invitation.resume(unit.now))
        if not invitation.over:
            await _watch(unit, invitation)


async def call_customer(unit: Unit, id: str, result: str, note: str | None, *, reached: bool) -> Invitation:
    invitation = await unit.load(Invitation, id)
    invitation.may_call()
    call = await desk.register_call(
        unit, direction="out", customer=invitation.customer, visit=None, purpose="campaign", reached=reached, result=result, note=note
    )
    invitation = await unit.update(Invitation, id, lambda invitation: invitation.call(call.id, unit.branch.site, unit.now, reached=reached))
    if invitation.over:
        await unit.cancel(f"{id}:told")
    await watch_letter(unit, invitation)
    return invitation


async def watch_letter(unit: Unit, invitation: Invitation) -> None:
    if invitation.letter_by:
        due_at = invitation.letter_by + _SECOND
        await unit.schedule(Timer(key=f"{invitation.id}:letter", kind="campaign_letter_late", due_at=due_at, subject=invitation.subject))


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
