"""F7: campaigns: decided two weeks before or with a reason, each customer told by phone, by letter within two days after."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from servicelane.audit.findings import Broken, Rules
from servicelane.audit.rules_followup import day_of, dropped, moved_to
from servicelane.audit.rules_supervision import TIMER_MAY_TAKE
from servicelane.audit.story import Recorded, Story
from shared.branch import Branch
from shared.calendar import add_working_days, end_of_day
from shared.contracts import followup as f
from shared.contracts.event import Event

rules = Rules()


def _of(site: Story, invitation: str, kind: type[Event]) -> list[Recorded]:
    return site.having(kind, "invitation", invitation)


@rules("F7", f.CampaignDecided, of_site=True)
def decided_in_time_or_with_a_reason(decided: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    last_day = decided.fact.held_on - timedelta(days=branch.site.deadlines.campaign_told_days_before)
    if day_of(decided.at, branch) > last_day and not decided.fact.reason:
        yield f"decided after {last_day} without the supervisor's reason"


@rules("F7", f.CampaignCustomersChosen, of_site=True)
def chosen_in_time_or_with_a_reason(chosen: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    decided = next((each for each in site.all(f.CampaignDecided) if each.fact.campaign == chosen.fact.campaign), None)
    if decided and chosen.at > decided.fact.tell_by and not chosen.fact.reason:
        yield f"chosen after {decided.fact.tell_by.isoformat()} without the supervisor's reason"


@rules("F7", f.CampaignCustomersChosen, of_site=True)
def each_chosen_customer_is_invited(chosen: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    invited = {each.fact.customer for each in site.all(f.InvitationOpened) if each.fact.campaign == chosen.fact.campaign}
    if missing := set(chosen.fact.customers) - invited:
        yield f"{len(missing)} of the customers chosen are nobody's to invite"


def _told(site: Story, invitation: Recorded) -> Recorded | None:
    """When the calling was over: reached, tried often enough, no number left to dial, or stopped by the customer."""
    tries = [each for each in _of(site, invitation.fact.invitation, f.InvitationTried) if each.fact.over]
    given_up = _of(site, invitation.fact.invitation, f.InvitationGivenUp)
    stopped, resumed = (_of(site, invitation.fact.invitation, kind) for kind in (f.InvitationStopped, f.InvitationResumed))
    return next(iter([*tries, *given_up, *(each for each in stopped if not any(each.before(again) for again in resumed))]), None)


@rules("F7", f.InvitationOpened, of_site=True)
def told_by_phone_in_time(invitation: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    told = _told(site, invitation)
    at: datetime = told.at if told else site.until
    if at > invitation.fact.tell_by:
        yield f"the customer was not told of the campaign by {invitation.fact.tell_by.isoformat()}"


@rules("F7", f.InvitationTried, f.InvitationGivenUp, of_site=True)
def letter_within_two_days_after(tried: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    opened = _of(site, tried.fact.invitation, f.InvitationOpened)
    over = isinstance(tried.fact, f.InvitationGivenUp) or tried.fact.over
    if not over or not opened or not opened[0].fact.letter:
        return
    last_day = add_working_days(day_of(tried.at, branch), branch.site.deadlines.campaign_letter_working_days, branch.site.days)
    if moved := moved_to(site, tried, tried.fact.invitation):
        last_day = day_of(moved, branch)
    ends = [*_of(site, tried.fact.invitation, f.InvitationSent), dropped(site, tried.fact.invitation), _lapsed(site, tried.fact.invitation)]
    end = next(filter(None, ends), None)
    if day_of(end.at if end else site.until, branch) > last_day:
        yield f"the letter of the campaign was not sent by {last_day}"


def _lapsed(site: Story, invitation: str) -> Recorded | None:
    """The campaign's day was over before it was done."""
    return next(iter(_of(site, invitation, f.InvitationLapsed)), None)


def _over_at(site: Story, campaign: str, branch: Branch) -> datetime | None:
    """The last moment of the campaign's day."""
    decided = site.having(f.CampaignDecided, "campaign", campaign)
    return end_of_day(decided[0].fact.held_on, branch.site.zone) if decided else None


@rules("F7", f.InvitationOpened, house_rule=True, of_site=True)
def what_is_open_lapses_with_the_campaigns_day(invitation: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    over_at = _over_at(site, invitation.fact.campaign, branch)
    if over_at is None or site.until <= over_at + TIMER_MAY_TAKE or _lapsed(site, invitation.fact.invitation):
        return
    told = _told(site, invitation)
    letter_due = told is not None and getattr(told.fact, "letter_by", None) is not None
    sent = _of(site, invitation.fact.invitation, f.InvitationSent) or dropped(site, invitation.fact.invitation)
    if told is None or (letter_due and not sent):
        yield f"the campaign's day is over, and the {'call' if told is None else 'letter'} about it is still somebody's duty"


@rules("F7", f.InvitationLapsed, of_site=True)
def only_what_nobody_did_lapses_and_not_before_the_day_is_over(lapsed: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    opened = next(iter(_of(site, lapsed.fact.invitation, f.InvitationOpened)), None)
    over_at = _over_at(site, lapsed.fact.campaign, branch)
    if over_at is None or lapsed.at <= over_at:
        yield "an invitation lapsed before its campaign's day was over"
    told = _told(site, opened) if opened else None
    if told and told.before(lapsed) and (lapsed.fact.what == "call" or _of(site, lapsed.fact.invitation, f.InvitationSent)):
        yield f"the {lapsed.fact.what} about the campaign was done, and counts as lapsed", told


@rules("F7", f.InvitationTried, f.InvitationSent, of_site=True)
def who_is_told_too_late_does_not_count_as_told(told: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    lapsed = _lapsed(site, told.fact.invitation)
    if lapsed and lapsed.before(told):
        yield "the invitation had lapsed, and a call or letter after it counts as one", lapsed


@rules("F8", f.InvitationTried, of_site=True)
def invitations_are_in_the_call_register(tried: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    if tried.fact.call not in {call.fact.call for call in site.all(f.CallRegistered)}:
        yield "a call about a campaign is not in the call register"


@rules("F9", f.InvitationSent, of_site=True)
def invitations_are_in_the_letter_register(sent: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    if sent.fact.letter not in {letter.fact.letter for letter in site.all(f.LetterRegistered)}:
        yield "a letter of a campaign is not in the letter register"
