"""F7: a campaign from its decision to the letters, with what is late and who is left out."""

from datetime import date
from typing import Any

import pytest

from services.followup import desk
from services.followup.acts import campaigns, contacts
from services.followup.acts.summaries import begin_watching
from services.followup.campaign import (
    Campaign,
    CampaignIsOver,
    CampaignTooLate,
    ChosenTooLate,
    CustomerWasTold,
    Invitation,
    NobodyChosen,
    NoLetterDue,
    TooLateToInvite,
    invitation_id,
)
from services.followup.register import Letter, RegisteredCall
from shared.branch import Branch
from shared.contracts.followup import CallRegistered, ContactInvalid, DutyOverdue, InvitationLapsed, InvitationStopped, SiteSettingChanged
from shared.refusal import NotFound
from tests.followup.conftest import Agent as Person
from tests.followup.conftest import HandClock, Until
from tests.followup.office import Office
from tests.followup.people import CUSTOMER, local

NOW = "2026-03-09 10:00"
OTHER = "customer-2"
A_CALL: dict[str, Any] = {"direction": "out", "customer": CUSTOMER, "visit": None, "purpose": "inquiry", "note": None}
ID, HERS = "campaign-1", invitation_id("campaign-1", CUSTOMER)


@pytest.fixture
def office(branch: Branch) -> Office:
    office = Office(branch)
    office.knows_customer("+8613900000000", OTHER, "北京市西城区")
    return office


async def decide(office: Office, held_on: str = "2026-04-11", reason: str | None = None, letter: bool = True) -> Campaign:
    day, site = date.fromisoformat(held_on), office.branch.site
    return await office.act(
        lambda unit: unit.create(
            Campaign, ID, lambda campaign: campaign.decide("free_check", "text:1", day, reason, "bizsup-1", site, unit.now, letter=letter)
        ),
        local(NOW),
        "bizsup-1",
    )


async def choose(office: Office, *customers: str, at: str = NOW, reason: str | None = None, by: str = "bizsup-1") -> Campaign:
    return await office.act(lambda unit: campaigns.choose_customers(unit, ID, customers, reason), local(at), by)


async def call(office: Office, at: str, reached: bool = True, result: str = "will_come") -> Invitation:
    return await office.act(lambda unit: campaigns.call_customer(unit, HERS, result, None, reached=reached), local(at))


async def send(office: Office, at: str) -> Invitation:
    return await office.act(lambda unit: campaigns.send_letter(unit, HERS, "text:2"), local(at))


def overdue(office: Office) -> list[str]:
    return [each.kind for each in office.journalled(DutyOverdue, "") if isinstance(each, DutyOverdue)]


@pytest.mark.clause("F7")
async def test_customers_are_to_be_told_by_phone_two_weeks_before_and_the_calls_are_spread(office: Office) -> None:
    campaign = await decide(office)
    assert campaign.tell_by == local("2026-03-28 23:59:59")
    await choose(office, CUSTOMER, OTHER)
    agents = [office.found(Invitation, invitation_id(ID, each)).agent for each in (CUSTOMER, OTHER)]
    assert agents == ["agent-1", "agent-2"]
    assert len(office.told("campaign_calls_due")) == 2


@pytest.mark.clause("F7")
async def test_a_campaign_that_is_decided_late_needs_the_supervisors_reason(office: Office) -> None:
    with pytest.raises(CampaignTooLate):
        await decide(office, "2026-03-22")
    await decide(office, "2026-03-23")
    campaign = await decide(Office(office.branch), "2026-03-22", reason="text:3")
    assert campaign.tell_by == local("2026-03-10 23:59:59")
    with pytest.raises(CampaignIsOver):
        await decide(Office(office.branch), "2026-03-09", reason="text:3")


@pytest.mark.clause("F7")
@pytest.mark.parametrize(("reason", "by"), [(None, "bizsup-1"), ("text:3", "agent-1")], ids=["no reason", "by an agent"])
async def test_customers_who_are_chosen_too_late_to_be_told_in_time_need_the_supervisors_reason(
    office: Office, reason: str | None, by: str
) -> None:
    await decide(office)
    await choose(office, CUSTOMER, at="2026-03-28 20:00", by="agent-1")
    with pytest.raises(ChosenTooLate):
        await choose(office, OTHER, at="2026-03-29 09:00", reason=reason, by=by)
    await choose(office, OTHER, at="2026-03-29 09:00", reason="text:3")
    assert office.found(Campaign, ID).customers == (CUSTOMER, OTHER)


@pytest.mark.clause("F7")
@pytest.mark.clause("F8")
@pytest.mark.clause("F9")
async def test_the_letter_follows_within_two_working_days_and_both_are_registered(office: Office) -> None:
    await decide(office)
    await choose(office, CUSTOMER)
    with pytest.raises(NoLetterDue):
        await send(office, "2026-03-13 09:00")
    told = await call(office, "2026-03-13 10:00")  # Friday
    assert told.letter_by == local("2026-03-17 23:59:59")
    with pytest.raises(CustomerWasTold):
        await call(office, "2026-03-13 11:00")
    await send(office, "2026-03-16 10:00")
    with pytest.raises(NoLetterDue):
        await send(office, "2026-03-16 11:00")
    (entered,) = [office.found(RegisteredCall, key) for name, key in office.rows if name == RegisteredCall.COLLECTION]
    (letter,) = [office.found(Letter, key) for name, key in office.rows if name == Letter.COLLECTION]
    assert (entered.purpose, entered.reached, letter.kind) == ("campaign", True, "invitation")
    assert not [key for key in office.timers if key.startswith(ID)]


@pytest.mark.clause("F7")
async def test_after_three_tries_in_vain_the_letter_alone_says_it(office: Office) -> None:
    await decide(office)
    await choose(office, CUSTOMER)
    tries = [await call(office, f"2026-03-1{day} 10:00", reached=False) for day in (0, 1, 2)]
    assert [each.over for each in tries] == [False, False, True]
    assert (tries[-1].reached, tries[-1].letter_by) == (False, local("2026-03-16 23:59:59"))


@pytest.mark.clause("F7")
async def test_a_wrong_number_ends_the_calling_and_the_letter_is_due(office: Office) -> None:
    await decide(office)
    await choose(office, CUSTOMER)
    await call(office, "2026-03-13 10:00", reached=False, result="wrong_number")  # Friday
    (found,) = office.journalled(ContactInvalid, None)
    await office.hear(found, local("2026-03-13 10:00"))
    hers = office.found(Invitation, HERS)
    assert (hers.over, hers.reached, hers.letter_by) == (True, False, local("2026-03-17 23:59:59"))
    await send(office, "2026-03-16 10:00")
    await office.until(local("2026-04-11 00:00"))
    assert overdue(office) == []


@pytest.mark.clause("F7")
async def test_who_is_chosen_and_has_no_number_but_a_wrong_one_is_written_to(office: Office) -> None:
    await decide(office)
    await office.act(lambda unit: desk.register_call(unit, **A_CALL, reached=False, result="wrong_number"), local(NOW))
    await choose(office, CUSTOMER, OTHER)
    assert office.found(Invitation, HERS).letter_by == local("2026-03-11 23:59:59")
    assert not office.found(Invitation, invitation_id(ID, OTHER)).over
    await office.until(local("2026-03-12 00:00"))
    assert overdue(office) == ["campaign_letter"]


@pytest.mark.clause("F7")
async def test_who_cannot_be_called_is_written_to_also_of_a_campaign_without_letters(office: Office) -> None:
    await decide(office, letter=False)
    await office.act(lambda unit: desk.register_call(unit, **A_CALL, reached=False, result="wrong_number"), local(NOW))
    await choose(office, CUSTOMER)
    assert office.found(Invitation, HERS).letter_by == local("2026-03-11 23:59:59")


@pytest.mark.clause("F7")
async def test_a_number_that_was_corrected_meanwhile_is_called(office: Office) -> None:
    await decide(office)
    await choose(office, CUSTOMER)
    await call(office, "2026-03-13 10:00", reached=False, result="wrong_number")
    (found,) = office.journalled(ContactInvalid, None)
    office.knows_customer("+8613900000001")
    await office.hear(found, local("2026-03-13 10:01"))
    assert (await call(office, "2026-03-13 10:02")).reached


@pytest.mark.clause("F7")
async def test_a_campaign_without_letters_ends_with_the_call(office: Office) -> None:
    await decide(office, letter=False)
    await choose(office, CUSTOMER)
    assert (await call(office, "2026-03-10 10:00")).letter_by is None


@pytest.mark.clause("F7")
async def test_a_changed_calendar_moves_a_letter_that_is_not_late(office: Office) -> None:
    await decide(office)
    await choose(office, CUSTOMER)
    await call(office, "2026-03-13 10:00")  # Friday
    closed = SiteSettingChanged(key="calendar.holidays", value=("2026-03-17",), by="bizsup-1", reason="text:followup:9")
    await office.hear(closed, local("2026-03-16 09:00"))
    assert office.found(Invitation, HERS).letter_by == local("2026-03-18 23:59:59")
    await office.until(local("2026-03-18 23:59"))
    assert overdue(office) == []
    await office.until(local("2026-03-19 00:00"))
    assert overdue(office) == ["campaign_letter"]
    await office.hear(closed.model_copy(update={"value": ("2026-03-17", "2026-03-18")}), local("2026-03-19 09:00"))
    assert office.found(Invitation, HERS).letter_by == local("2026-03-18 23:59:59")


@pytest.mark.clause("F7")
@pytest.mark.clause("F10")
async def test_a_call_and_a_letter_that_are_late_escalate(office: Office) -> None:
    await decide(office)
    await choose(office, CUSTOMER)
    await office.until(local("2026-03-29 00:00"))
    assert overdue(office) == ["campaign_call"]
    await call(office, "2026-03-29 10:00")
    await office.until(local("2026-04-01 00:00"))
    assert overdue(office) == ["campaign_call", "campaign_letter"]


def lapsed(office: Office) -> list[tuple[str, str]]:
    return [(each.customer, each.what) for each in office.journalled(InvitationLapsed, None) if isinstance(each, InvitationLapsed)]


@pytest.mark.clause("F7")
@pytest.mark.clause("F10")
async def test_who_was_not_told_until_the_campaigns_day_was_over_is_nobodys_to_tell_any_more(office: Office) -> None:
    await decide(office)
    await choose(office, CUSTOMER, OTHER)
    await office.act(lambda unit: campaigns.call_customer(unit, invitation_id(ID, OTHER), "no_answer", None, reached=False), local(NOW))
    await office.until(local("2026-04-11 23:59:59"))
    assert (overdue(office), lapsed(office)) == (["campaign_call"] * 2, [])
    await office.until(local("2026-04-12 00:00"))
    assert sorted(lapsed(office)) == sorted([(CUSTOMER, "call"), (OTHER, "call")])
    hers = office.found(Invitation, HERS)
    assert (hers.over, hers.reached, hers.lapsed, hers.letter_by) == (True, False, "call", None)
    assert overdue(office) == ["campaign_call"] * 2
    assert [sorted(each["roles"]) for each in office.told("invitation_lapsed")] == [["business_supervisor"]] * 2
    assert list(office.timers) == []


@pytest.mark.clause("F7")
@pytest.mark.clause("F8")
async def test_a_call_after_the_campaigns_day_counts_as_no_invitation_and_is_entered_as_what_it_is(office: Office) -> None:
    await decide(office)
    await choose(office, CUSTOMER)
    assert (await call(office, "2026-04-11 18:00", reached=False, result="no_answer")).calls
    with pytest.raises(TooLateToInvite):
        await call(office, "2026-04-12 00:00")
    await office.until(local("2026-04-12 00:00"))
    with pytest.raises(TooLateToInvite):
        await call(office, "2026-04-12 09:00")
    with pytest.raises(TooLateToInvite):
        await send(office, "2026-04-12 09:00")
    entered = {**A_CALL, "purpose": "campaign", "result": "told_too_late"}
    await office.act(lambda unit: desk.register_call(unit, **entered), local("2026-04-12 09:00"))
    assert [each.result for each in office.journalled(CallRegistered, None) if isinstance(each, CallRegistered)] == [
        "no_answer",
        "told_too_late",
    ]
    assert office.found(Invitation, HERS).lapsed == "call"


@pytest.mark.clause("F7")
@pytest.mark.parametrize(
    ("told_at", "late"), [("2026-04-10 10:00", []), ("2026-04-07 10:00", ["campaign_letter"])], ids=["not due yet", "late"]
)
async def test_a_letter_that_was_not_sent_until_the_campaigns_day_was_over_is_not_sent_any_more(
    office: Office, told_at: str, late: list[str]
) -> None:
    await decide(office)
    await choose(office, CUSTOMER)
    assert (await call(office, told_at)).letter_by
    await office.until(local("2026-04-12 00:00"))
    assert (overdue(office), lapsed(office)) == (late, [(CUSTOMER, "letter")])
    hers = office.found(Invitation, HERS)
    assert (hers.reached, hers.letter_by, hers.sent) == (True, None, None)
    with pytest.raises(TooLateToInvite):
        await send(office, "2026-04-12 09:00")
    with pytest.raises(CustomerWasTold):
        await call(office, "2026-04-12 09:00")
    assert list(office.timers) == []


@pytest.mark.clause("F7")
async def test_what_is_due_until_the_campaigns_own_day_is_late_before_it_lapses(office: Office) -> None:
    await decide(office, "2026-03-10", reason="text:3")
    await choose(office, CUSTOMER)
    assert office.found(Invitation, HERS).tell_by == local("2026-03-10 23:59:59")
    await office.until(local("2026-03-11 00:00"))
    assert (overdue(office), lapsed(office)) == (["campaign_call"], [(CUSTOMER, "call")])


@pytest.mark.clause("F7")
async def test_nothing_lapses_of_who_was_told_and_written_to_or_wants_no_calls(office: Office) -> None:
    await decide(office)
    await choose(office, CUSTOMER, OTHER)
    await call(office, "2026-03-13 10:00")
    await send(office, "2026-03-16 10:00")
    await office.act(lambda unit: contacts.say_do_not_call(unit, OTHER, do_not_call=True), local(NOW))
    await office.until(local("2026-05-01 00:00"))
    assert (overdue(office), lapsed(office)) == ([], [])


@pytest.mark.clause("F7")
async def test_what_had_escalated_before_anything_lapsed_lapses_when_the_month_is_over(office: Office) -> None:
    await decide(office)
    await choose(office, CUSTOMER)
    await office.until(local("2026-03-29 00:00"))
    office.timers.clear()  # as an earlier version left it
    await office.act(begin_watching, local("2026-04-20 09:00"), "system")
    await office.until(local("2026-05-01 00:00"))
    assert lapsed(office) == [(CUSTOMER, "call")]


@pytest.mark.clause("F7")
async def test_who_wants_no_calls_is_left_out_and_who_says_so_later_is_not_called(office: Office) -> None:
    await decide(office)
    await office.act(lambda unit: contacts.say_do_not_call(unit, OTHER, do_not_call=True), local(NOW))
    campaign = await choose(office, CUSTOMER, OTHER, CUSTOMER)
    assert (campaign.customers, campaign.left_out) == ((CUSTOMER,), (OTHER,))
    with pytest.raises(NobodyChosen):
        await choose(office, CUSTOMER)
    with pytest.raises(NotFound):
        await choose(office, "customer-9")
    await office.act(lambda unit: contacts.say_do_not_call(unit, CUSTOMER, do_not_call=True), local(NOW))
    assert len(office.journalled(InvitationStopped)) == 1
    with pytest.raises(CustomerWasTold):
        await call(office, "2026-03-10 10:00")
    with pytest.raises(CampaignIsOver):
        await choose(office, OTHER, at="2026-04-11 09:00")


@pytest.mark.clause("F7")
@pytest.mark.parametrize(("again_at", "is_due"), [("2026-03-28 23:00", True), ("2026-03-29 09:00", False)])
async def test_who_wants_calls_again_is_told_while_there_is_time(office: Office, again_at: str, is_due: bool) -> None:
    await decide(office)
    await choose(office, CUSTOMER)
    await office.act(lambda unit: contacts.say_do_not_call(unit, CUSTOMER, do_not_call=True), local(NOW))
    await office.act(lambda unit: contacts.say_do_not_call(unit, CUSTOMER, do_not_call=False), local(again_at))
    assert office.found(Invitation, HERS).over is not is_due
    assert (f"{HERS}:told" in office.timers) is is_due


@pytest.mark.clause("F7")
async def test_who_wants_calls_again_and_has_no_number_but_a_wrong_one_is_written_to(office: Office) -> None:
    await decide(office)
    await choose(office, CUSTOMER)
    await office.act(lambda unit: contacts.say_do_not_call(unit, CUSTOMER, do_not_call=True), local(NOW))
    await office.act(lambda unit: desk.register_call(unit, **A_CALL, reached=False, result="wrong_number"), local(NOW))
    await office.act(lambda unit: contacts.say_do_not_call(unit, CUSTOMER, do_not_call=False), local(NOW))
    assert office.found(Invitation, HERS).letter_by == local("2026-03-11 23:59:59")


@pytest.mark.clause("F7")
async def test_a_campaign_over_http(agent: Person, clock: HandClock) -> None:
    supervisor = agent.who_is("bizsup-1")
    decided = {"kind": "event", "about": "自驾游", "held_on": "2026-04-11"}
    assert (await agent.send("POST", "/campaigns", decided)).status_code == 403
    await supervisor.refused("F7", "/campaigns", {**decided, "held_on": "2026-03-12"})
    campaign = (await supervisor.post("/campaigns", decided))["id"]
    await agent.post(f"/campaigns/{campaign}/customers", {"customers": [CUSTOMER]})
    (open_one,) = await agent.get(f"/invitations?campaign={campaign}&agent=agent-1")
    await agent.post(f"/invitations/{open_one['id']}/call", {"reached": True, "result": "will_come", "note": "带家人"})
    assert len(await agent.get("/invitations")) == 1
    await agent.post(f"/invitations/{open_one['id']}/letter", {"content": "诚邀您参加"})
    assert await agent.get("/invitations") == []
    (closed,) = await agent.get("/invitations?state=closed")
    assert closed["sent"]
    assert [each["id"] for each in await agent.get("/campaigns")] == [campaign]
    assert (await agent.get(f"/campaigns/{campaign}"))["customers"] == [CUSTOMER]


@pytest.mark.clause("F7")
@pytest.mark.clause("F10")
@pytest.mark.usefixtures("store")
async def test_a_letter_that_is_late_is_among_what_is_late_until_it_is_sent(agent: Person, until: Until) -> None:
    supervisor = agent.who_is("bizsup-1")
    campaign = (await supervisor.post("/campaigns", {"kind": "event", "about": "自驾游", "held_on": "2026-04-11"}))["id"]
    await agent.post(f"/campaigns/{campaign}/customers", {"customers": [CUSTOMER]})

    async def open_and_late() -> list[tuple[int, int, int]]:
        return [(each["invitations"], each["letters"], each["late"]) for each in (await agent.get("/overview"))["people"]]

    await until("2026-03-29 00:00")
    assert await open_and_late() == [(1, 0, 1)]
    hers = f"/invitations/{invitation_id(campaign, CUSTOMER)}"
    await agent.post(f"{hers}/call", {"reached": True, "result": "will_come"})
    assert await open_and_late() == [(0, 1, 0)]
    await until("2026-04-02 00:00")
    assert await open_and_late() == [(0, 1, 1)]
    await agent.post(f"{hers}/letter", {"content": "诚邀您参加"})
    assert await open_and_late() == []


@pytest.mark.clause("F7")
@pytest.mark.clause("F10")
@pytest.mark.usefixtures("store")
async def test_what_lapsed_is_late_no_longer_and_the_months_summary_counts_it(agent: Person, until: Until) -> None:
    supervisor = agent.who_is("bizsup-1")
    campaign = (await supervisor.post("/campaigns", {"kind": "event", "about": "自驾游", "held_on": "2026-04-11"}))["id"]
    await agent.post(f"/campaigns/{campaign}/customers", {"customers": [CUSTOMER]})
    await until("2026-04-13 09:00")
    assert (await agent.get("/overview"))["people"] == []
    assert await agent.get("/invitations") == []
    (closed,) = await agent.get("/invitations?state=closed")
    assert (closed["lapsed"], closed["reached"]) == ("call", False)
    hers = f"/invitations/{closed['id']}"
    await agent.refused("F7", f"{hers}/call", {"reached": True, "result": "will_come"})
    await agent.refused("F7", f"{hers}/letter", {"content": "诚邀您参加"})
    assert [each["call"]["purpose"] for each in await agent.get("/calls")] == []
    await until("2026-05-04 09:00")
    facts = (await supervisor.post("/summaries", {"period": "2026-04"}))["facts"]
    assert (facts["invitations_lapsed"], facts["invited_reached"]) == (1, 0)
