"""F7: campaigns: decided in time, customers chosen, each told by phone two weeks before, by letter within two days after."""

from datetime import date, datetime, timedelta

from shared.aggregate import Aggregate
from shared.branch import Branch, Site
from shared.calendar import add_working_days, end_of_day, local_day, moves
from shared.contracts.event import Event
from shared.contracts.followup import (
    CampaignCustomersChosen,
    CampaignDecided,
    DeadlineMoved,
    DutyDropped,
    DutyOverdue,
    InvitationGivenUp,
    InvitationLapsed,
    InvitationOpened,
    InvitationResumed,
    InvitationSent,
    InvitationStopped,
    InvitationTried,
)
from shared.refusal import Refused


class CampaignTooLate(Refused):
    clause = "F7"
    title = {"en": "The campaign is decided less than two weeks before.", "zh-CN": "活动决定时间不足两周。"}
    remedy = {"en": "Give the reason for it.", "zh-CN": "请说明原因。"}


class ChosenTooLate(Refused):
    clause = "F7"
    title = {
        "en": "It is less than two weeks before the campaign: too late to tell them in time.",
        "zh-CN": "距活动不足两周，已无法按期告知。",
    }
    remedy = {"en": "Let the business supervisor choose them, with the reason for it.", "zh-CN": "请由业务主管选择并说明原因。"}


class CampaignIsOver(Refused):
    clause = "F7"
    title = {"en": "The campaign's day is past.", "zh-CN": "活动日期已过。"}
    remedy = {"en": "Name a day to come.", "zh-CN": "请填写将来的日期。"}


class NobodyChosen(Refused):
    clause = "F7"
    title = {"en": "Nobody is left to invite: all want no calls, or are invited already.", "zh-CN": "无可邀请客户：均要求不致电或已邀请。"}
    remedy = {"en": "Choose other customers.", "zh-CN": "请选择其他客户。"}


class CustomerWasTold(Refused):
    clause = "F7"
    title = {"en": "The call about this campaign is done.", "zh-CN": "该活动的电话邀请已完成。"}
    remedy = {"en": "Enter a further call in the call register.", "zh-CN": "其他通话请登记在电话登记表。"}


class TooLateToInvite(Refused):
    clause = "F7"
    title = {"en": "The campaign's day is past: nobody is invited to it any more.", "zh-CN": "活动日期已过，邀请已失效。"}
    remedy = {
        "en": "Enter a call in the call register, a letter in the letter register: neither counts as the invitation.",
        "zh-CN": "通话请登记在电话登记表，信函请登记在信函登记表，均不计为邀请。",
    }


class NoLetterDue(Refused):
    clause = "F7"
    title = {"en": "No letter of this campaign is due to this customer.", "zh-CN": "目前无需向该客户寄送活动信函。"}
    remedy = {"en": "The letter follows the call, once, where the campaign has one.", "zh-CN": "活动信函在电话之后寄送一次。"}


class Campaign(Aggregate):
    """One campaign. `about` and `reason` are keys of text records."""

    COLLECTION = "campaigns"

    kind: str = ""
    about: str = ""
    held_on: date | None = None
    tell_by: datetime | None = None
    letter: bool = False
    reason: str | None = None
    by: str = ""
    customers: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    def decide(
        self, kind: str, about: str, held_on: date, reason: str | None, by: str, site: Site, now: datetime, *, letter: bool
    ) -> list[Event]:
        today = local_day(now, site.zone)
        if held_on <= today:
            raise CampaignIsOver(held_on=held_on)
        last_day = held_on - timedelta(days=site.deadlines.campaign_told_days_before)
        if last_day < today and not reason:
            raise CampaignTooLate(missing=("reason",), held_on=held_on, until=last_day)
        if last_day < today:
            last_day = min(held_on, add_working_days(today, 1, site.days))
        return [
            CampaignDecided(
                campaign=self.id,
                kind=kind,
                about=about,
                held_on=held_on,
                tell_by=end_of_day(last_day, site.zone),
                letter=letter,
                reason=reason,
                by=by,
            )
        ]

    def is_over(self, site: Site, now: datetime) -> bool:
        """Its day is past: there is nothing more to tell anybody of."""
        return self.held_on is not None and self.held_on < local_day(now, site.zone)

    def choose(
        self, customers: tuple[str, ...], leave_out: tuple[str, ...], reason: str | None, by: str, branch: Branch, now: datetime
    ) -> list[Event]:
        """`leave_out` want no calls, or are invited already under another file of theirs."""
        if self.held_on is None or self.tell_by is None or self.held_on <= local_day(now, branch.site.zone):
            raise CampaignIsOver(held_on=self.held_on)
        if now > self.tell_by and not reason:
            raise ChosenTooLate(missing=("reason",), tell_by=self.tell_by)
        if now > self.tell_by and by not in {person.id for person in branch.people("business_supervisor")}:
            raise ChosenTooLate(missing=("business_supervisor",), tell_by=self.tell_by)
        left_out = tuple(each for each in dict.fromkeys(customers) if each in leave_out or each in self.customers)
        chosen = tuple(each for each in dict.fromkeys(customers) if each not in left_out)
        if not chosen:
            raise NobodyChosen(campaign=self.id)
        return [CampaignCustomersChosen(campaign=self.id, customers=chosen, left_out=left_out, by=by, reason=reason)]

    def apply(self, event: Event) -> None:
        match event:
            case CampaignDecided():
                for name in CampaignDecided.model_fields.keys() & Campaign.model_fields.keys():
                    setattr(self, name, getattr(event, name))
            case CampaignCustomersChosen():
                self.customers = (*self.customers, *event.customers)
                self.left_out = tuple(dict.fromkeys((*self.left_out, *event.left_out)))


def invitation_id(campaign: str, customer: str) -> str:
    return f"{campaign}:{customer}"


class Invitation(Aggregate):
    """One customer of one campaign. `over`: the calling is; `letter_by`: a letter is due until then; `sent` is the letter.

    `lapsed`: what was still due, the `call` or the `letter`, when the campaign's day was over.
    """

    COLLECTION = "invitations"

    campaign: str = ""
    customer: str = ""
    agent: str = ""
    tell_by: datetime | None = None
    letter: bool = False
    calls: tuple[str, ...] = ()
    reached: bool = False
    over: bool = False
    letter_by: datetime | None = None
    told_at: datetime | None = None
    sent: str | None = None
    stopped: str | None = None
    said_under: str | None = None
    lapsed: str | None = None
    overdue: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        return self.customer or self.id

    def open(self, campaign: Campaign, customer: str, agent: str, now: datetime, site: Site) -> list[Event]:
        assert campaign.tell_by
        tell_by = max(campaign.tell_by, end_of_day(local_day(now, site.zone), site.zone))
        return [
            InvitationOpened(
                invitation=self.id, campaign=campaign.id, customer=customer, agent=agent, tell_by=tell_by, letter=campaign.letter
            )
        ]

    def may_call(self, campaign: Campaign, site: Site, now: datetime) -> None:
        if self.lapsed == "call" or (not self.over and campaign.is_over(site, now)):
            raise TooLateToInvite(invitation=self.id, held_on=campaign.held_on)
        if self.over:
            raise CustomerWasTold(invitation=self.id)

    def call(self, call: str, campaign: Campaign, site: Site, now: datetime, *, reached: bool) -> list[Event]:
        """Reached, or tried often enough (three times): the letter is due within two working days, where the campaign has one."""
        self.may_call(campaign, site, now)
        over = reached or len(self.calls) + 1 >= site.deadlines.tries_until_not_reached
        letter_by = _letter_by(now, site) if over and self.letter else None
        return [
            InvitationTried(
                invitation=self.id,
                campaign=self.campaign,
                customer=self.customer,
                call=call,
                reached=reached,
                over=over,
                letter_by=letter_by,
                at=now,
            )
        ]

    def give_up(self, site: Site, now: datetime) -> list[Event]:
        """EDGE_CASES 13: no number is left to dial: a letter alone says it, also of a campaign that has none otherwise."""
        if self.over:
            return []
        letter_by = _letter_by(now, site)
        return [InvitationGivenUp(invitation=self.id, campaign=self.campaign, customer=self.customer, letter_by=letter_by, at=now)]

    def move(self, site: Site, now: datetime) -> list[Event]:
        """The calendar changed (EDGE_CASES 12): the letter is due on another day, where it is not late."""
        if self.sent or "letter" in self.overdue or not self.told_at or not self.letter_by:
            return []
        due_by = _letter_by(self.told_at, site)
        return [DeadlineMoved(duty=self.id, kind="campaign_letter", due_by=due_by)] if moves(self.letter_by, due_by, now) else []

    def may_send(self, campaign: Campaign, site: Site, now: datetime) -> None:
        if self.lapsed or (self.due_by("letter") and campaign.is_over(site, now)):
            raise TooLateToInvite(invitation=self.id, held_on=campaign.held_on)
        if self.due_by("letter") is None:
            raise NoLetterDue(invitation=self.id)

    def send(self, letter: str, campaign: Campaign, site: Site, now: datetime) -> list[Event]:
        self.may_send(campaign, site, now)
        return [InvitationSent(invitation=self.id, campaign=self.campaign, customer=self.customer, letter=letter)]

    def drop_letter(self, reason: str) -> list[Event]:
        if self.letter_by is None or self.sent:
            return []
        return [DutyDropped(visit="", duty=self.id, kind="campaign_letter", customer=self.customer, reason=reason)]

    def stop(self, reason: str, said_under: str | None = None) -> list[Event]:
        if self.over:
            return []
        return [InvitationStopped(invitation=self.id, campaign=self.campaign, customer=self.customer, reason=reason, said_under=said_under)]

    def resume(self, now: datetime, *, parted: bool = False) -> list[Event]:
        """The customer wants calls again, or (R7, `parted`) it was another person who wants none; not where it is too late to tell them."""
        if self.stopped != "do_not_call" or (parted and not self.said_under) or self.tell_by is None or self.tell_by <= now:
            return []
        return [InvitationResumed(invitation=self.id, campaign=self.campaign, customer=self.customer)]

    def due_by(self, what: str) -> datetime | None:
        """Until when the `call` or the `letter` is still to be done; None where it is not."""
        if what == "call":
            return None if self.over else self.tell_by
        return None if self.sent else self.letter_by

    def is_late(self, what: str, now: datetime) -> bool:
        """To be escalated (F10): its day is over."""
        due_by = self.due_by(what)
        return due_by is not None and due_by < now and what not in self.overdue

    def escalate(self, what: str, now: datetime) -> list[Event]:
        return [DutyOverdue(visit="", duty=self.id, kind=f"campaign_{what}", level="red")] if self.is_late(what, now) else []

    def lapse(self, what: str) -> list[Event]:
        """The campaign's day is over, which the timer knows: what was not done by then is not done any more."""
        if self.due_by(what) is None:
            return []
        return [InvitationLapsed(invitation=self.id, campaign=self.campaign, customer=self.customer, what=what)]

    def apply(self, event: Event) -> None:  # noqa: C901  one line an event
        match event:
            case InvitationOpened():
                for name in InvitationOpened.model_fields.keys() & Invitation.model_fields.keys():
                    setattr(self, name, getattr(event, name))
            case InvitationTried():
                self.calls = (*self.calls, event.call)
                self.reached, self.over, self.letter_by, self.told_at = event.reached, event.over, event.letter_by, event.at
            case InvitationGivenUp():
                self.over, self.letter_by, self.told_at = True, event.letter_by, event.at
            case DeadlineMoved():
                self.letter_by = event.due_by
            case DutyDropped():
                self.letter_by = None
            case InvitationSent():
                self.sent = event.letter
            case InvitationStopped():
                self.over, self.stopped, self.said_under = True, event.reason, event.said_under
            case InvitationResumed():
                self.over, self.stopped, self.said_under = False, None, None
            case InvitationLapsed():
                self.over, self.letter_by, self.lapsed = True, None, event.what
            case DutyOverdue():
                self.overdue = (*self.overdue, event.kind.removeprefix("campaign_"))


def _letter_by(told_at: datetime, site: Site) -> datetime:
    last_day = add_working_days(local_day(told_at, site.zone), site.deadlines.campaign_letter_working_days, site.days)
    return end_of_day(last_day, site.zone)
