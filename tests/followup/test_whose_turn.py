"""What may be said once, or only while something is open: each call out of its turn is refused by the rule that says so."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from services.followup.agents import NobodyToFollowUp, agents
from services.followup.campaign import Campaign, CustomerWasTold, Invitation, NoLetterDue, TooLateToInvite
from services.followup.complaint import Complaint, ComplaintIsClosed, ComplaintStands, NoFirstVisit, NoSolutionYet
from services.followup.entry import Entry, EntryIsClosed
from services.followup.register import CallRegisteredAlready, Letter, LetterRegisteredAlready, RegisteredCall
from services.followup.summary import NothingDrafted, SignedAlready, Summary
from shared.branch import Branch
from shared.contracts.followup import CallRegistered, InvitationOpened, LetterRegistered, SummaryFacts
from shared.contracts.values import Channel
from shared.refusal import Refused

NOW = datetime(2026, 4, 9, 6, 0, tzinfo=UTC)


def refusal(call: Callable[[], object]) -> type[Refused]:
    with pytest.raises(Refused) as refused:
        call()
    return refused.type


@pytest.mark.clause("F1")
def test_a_branch_without_agents_and_supervisors_follows_nobody_up(branch: Branch) -> None:
    others = {id: member for id, member in branch.staff.items() if not member.is_a("followup_agent", "business_supervisor")}
    assert refusal(lambda: agents(branch.model_copy(update={"staff": others}))) is NobodyToFollowUp


def complaint(branch: Branch, visit: str | None = "visit-1") -> Complaint:
    blank = Complaint(id="complaint-1")
    return blank.after(blank.open("call", "customer-1", visit, "text:followup:1", "agent-1", "agent-1", branch, NOW))


@pytest.mark.clause("F5")
def test_a_complaint_is_opened_once(branch: Branch) -> None:
    stands = complaint(branch)
    again = ("call", "customer-1", "visit-1", "text:followup:1", "agent-1", "agent-1", branch, NOW)
    assert refusal(lambda: stands.open(*again)) is ComplaintStands


@pytest.mark.clause("F5")
def test_the_customer_is_told_a_solution_that_there_is_until_content(branch: Branch) -> None:
    stands = complaint(branch)

    def tell(of: Complaint) -> object:
        return of.tell("agent-1", Channel.PHONE, branch.site, NOW, content=True)

    assert refusal(lambda: tell(stands)) is NoSolutionYet
    solved = stands.after(stands.solve("agent-1", "text:followup:2", branch.site, NOW))
    content = solved.after(solved.tell("agent-1", Channel.PHONE, branch.site, NOW, content=True))
    assert refusal(lambda: tell(content)) is ComplaintIsClosed


@pytest.mark.clause("F5")
def test_a_complaint_about_no_visit_has_no_come_back(branch: Branch) -> None:
    assert refusal(lambda: complaint(branch, None).link_come_back("visit-2", None, (), None, "agent-1")) is NoFirstVisit


@pytest.mark.clause("F5")
def test_an_entry_is_answered_once(branch: Branch) -> None:
    blank = Entry(id="entry-1")
    entry = blank.after(blank.open("wish", "customer-1", "visit-1", "text:followup:1", "agent-1", branch.site, NOW))
    answered = entry.after(entry.close("agent-1", "text:followup:2", Channel.MESSAGE))
    assert refusal(lambda: answered.close("agent-1", "text:followup:3", Channel.MESSAGE)) is EntryIsClosed


def invitation() -> Invitation:
    opened = InvitationOpened(
        invitation="invitation-1",
        campaign="campaign-1",
        customer="customer-1",
        agent="agent-1",
        tell_by=NOW + timedelta(days=3),
        letter=True,
    )
    return Invitation(id="invitation-1").after([opened])


@pytest.mark.clause("F7")
def test_who_was_told_of_a_campaign_is_not_called_again_and_gets_one_letter(branch: Branch) -> None:
    of = Campaign(id="campaign-1", held_on=NOW.date() + timedelta(days=20)), branch.site, NOW
    assert refusal(lambda: invitation().send("letter-1", *of)) is NoLetterDue
    told = invitation().after(invitation().call("call-1", *of, reached=True))
    assert refusal(lambda: told.call("call-2", *of, reached=True)) is CustomerWasTold
    sent = told.after(told.send("letter-1", *of))
    assert refusal(lambda: sent.send("letter-2", *of)) is NoLetterDue


@pytest.mark.clause("F7")
def test_nobody_is_invited_to_what_is_over_and_what_lapsed_stays_so(branch: Branch) -> None:
    campaign = Campaign(id="campaign-1", held_on=NOW.date())
    today, afterwards = (campaign, branch.site, NOW), (campaign, branch.site, NOW + timedelta(days=1))
    told = invitation().after(invitation().call("call-1", *today, reached=True))
    assert refusal(lambda: invitation().call("call-1", *afterwards, reached=True)) is TooLateToInvite
    assert refusal(lambda: told.send("letter-1", *afterwards)) is TooLateToInvite
    assert refusal(lambda: told.call("call-2", *afterwards, reached=True)) is CustomerWasTold
    never_told, unsent = invitation().after(invitation().lapse("call")), told.after(told.lapse("letter"))
    assert (never_told.lapse("call"), never_told.lapse("letter"), unsent.lapse("letter")) == ([], [], [])
    assert (never_told.resume(NOW), never_told.give_up(branch.site, NOW), never_told.stop("do_not_call")) == ([], [], [])


@pytest.mark.clause("F8")
def test_a_call_is_in_the_register_once() -> None:
    made = CallRegistered(
        call="call-1",
        number=1,
        direction="out",
        agent="agent-1",
        customer="customer-1",
        purpose="inquiry",
        try_number=1,
        reached=True,
        result="content",
    )
    registered = RegisteredCall(id="call-1").after([made])
    assert refusal(lambda: registered.enter(made)) is CallRegisteredAlready


@pytest.mark.clause("F9")
def test_a_letter_is_in_the_register_once() -> None:
    posted = LetterRegistered(
        letter="letter-1", number=1, kind="notice", customer="customer-1", content="text:followup:1", sent_by="agent-1"
    )
    registered = Letter(id="letter-1").after([posted])
    assert refusal(lambda: registered.enter(posted)) is LetterRegisteredAlready


@pytest.mark.clause("F10")
def test_a_summary_is_drafted_before_it_is_edited_or_signed_and_signed_once(branch: Branch) -> None:
    blank = Summary(id="2026-03")
    assert refusal(lambda: blank.edit("text:followup:1", "bizsup-1")) is NothingDrafted
    assert refusal(lambda: blank.sign("bizsup-1", NOW)) is NothingDrafted
    drafted = blank.after(blank.draft(SummaryFacts(), "bizsup-1", branch.site, NOW))
    edited = drafted.after(drafted.edit("text:followup:1", "bizsup-1"))
    signed = edited.after(edited.sign("bizsup-1", NOW))
    assert refusal(lambda: signed.sign("bizsup-1", NOW)) is SignedAlready
    assert refusal(lambda: signed.edit("text:followup:2", "bizsup-1")) is SignedAlready
    assert refusal(lambda: signed.draft(SummaryFacts(), "bizsup-1", branch.site, NOW)) is SignedAlready
