"""EDGE_CASES 13, 14: customers who want no calls, numbers that are wrong, records that change or are erased."""

import pytest

from services.followup import desk
from services.followup.acts import complaints, contacts
from services.followup.acts.entries import open_entries
from services.followup.calls import CallDuty, FirstCallClosed, FirstCallStillOpen, TriesMissing
from services.followup.contact import CustomerWantsNoCalls, NumberIsWrong, NumberUnknown
from services.followup.talk import EntrySaid
from shared.branch import Branch
from shared.contracts.event import RecordChanged
from shared.contracts.followup import CallDutyClosed, CallDutyStopped, CallHourChanged, CallRegistered, ContactInvalid
from shared.contracts.values import Channel
from shared.effects import BufferedUnit
from shared.reaction import NotYet
from shared.store import Store
from tests.followup.conftest import Agent, Tell, heard_beside
from tests.followup.office import Office
from tests.followup.people import CUSTOMER, VISIT, checked_in, delivered, local, order_signed, said

FIRST, SECOND = f"{VISIT}-first", f"{VISIT}-second"
KEY = f"customer:{CUSTOMER}"
HOUR = "2026-03-10 18:30"
PLAN = {"need": "雨刮异响", "topics": ["car_condition"], "at": "2026-03-12T18:30:00+08:00"}


@pytest.fixture
async def office(branch: Branch) -> Office:
    office = Office(branch)
    await office.delivered_visit()
    at, now = local(HOUR), local("2026-03-09 17:00")
    await office.act(lambda unit: desk.open_file(unit, VISIT, "text:followup:need", ("car_condition", "tyres"), at), now)
    return office


async def no_calls(office: Office, at: str = "2026-03-10 09:00") -> None:
    await office.act(lambda unit: contacts.say_do_not_call(unit, CUSTOMER, do_not_call=True), local(at))


def stopped(office: Office) -> list[tuple[str, str]]:
    return [(each.duty, each.reason) for each in office.journalled(CallDutyStopped) if isinstance(each, CallDutyStopped)]


@pytest.mark.clause("F4")
@pytest.mark.clause("F6")
async def test_do_not_call_me_ends_the_calls_that_are_due(office: Office) -> None:
    await no_calls(office)
    assert stopped(office) == [(FIRST, "do_not_call")]
    assert office.found(CallDuty, FIRST).outcome == "stopped"
    assert not [key for key in office.timers if key.startswith(FIRST)]


@pytest.mark.clause("F4")
async def test_who_wants_no_calls_at_the_moment_of_the_delivery_is_not_called(agent: Agent, store: Store, tell: Tell) -> None:
    await tell(checked_in())
    await tell(order_signed())
    await agent.post(f"/file-duties/{VISIT}/file", PLAN)
    assert await heard_beside(delivered(), store, lambda: agent.post(f"/contacts/{CUSTOMER}/do-not-call", {"do_not_call": True})) == 2
    (call,) = await agent.get("/duties?state=all")
    assert call["stopped"] == "do_not_call"


async def calls_again(office: Office, at: str) -> None:
    await office.act(lambda unit: contacts.say_do_not_call(unit, CUSTOMER, do_not_call=False), local(at))


def due(office: Office, *duties: str) -> list[str]:
    return [id for id in duties if office.found(CallDuty, id).outcome is None and f"{id}:red" in office.timers]


@pytest.mark.clause("F4")
@pytest.mark.clause("F6")
async def test_who_wants_calls_again_is_called_and_has_the_second_call_after_the_first(office: Office) -> None:
    await no_calls(office)
    await calls_again(office, "2026-03-11 09:00")
    assert due(office, FIRST) == [FIRST]
    await office.act(lambda unit: desk.hold_call(unit, FIRST, said("car_condition"), None), local("2026-03-11 18:30"))
    (closed,) = office.journalled(CallDutyClosed)
    await office.hear(closed, local("2026-03-11 18:30"))
    await no_calls(office, "2026-03-12 09:00")
    await calls_again(office, "2026-03-13 09:00")
    assert due(office, FIRST, SECOND) == [SECOND]


@pytest.mark.clause("F4")
async def test_a_call_whose_days_went_by_while_none_was_wanted_is_nobodys_to_make_any_more(office: Office) -> None:
    await no_calls(office)
    await calls_again(office, "2026-03-17 09:00")
    assert office.found(CallDuty, FIRST).outcome == "stopped"
    await office.until(local("2026-05-01 00:00"))
    assert office.found(CallDuty, FIRST).overdue is None


@pytest.mark.clause("F4")
async def test_calls_that_were_stopped_for_another_reason_do_not_come_back(office: Office) -> None:
    await no_calls(office)
    office.rows["records", KEY] = {"_id": KEY, "revision": 2, "body": None, "department": "reception"}
    await calls_again(office, "2026-03-11 09:00")
    assert office.found(CallDuty, FIRST).outcome == "stopped"


@pytest.mark.clause("F4")
async def test_do_not_call_taken_back_on_receptions_record_gives_the_calls_back_as_well(office: Office) -> None:
    record = office.rows["records", KEY]["body"]
    for wish in (True, False):
        record["do_not_call"] = wish
        await office.hear(RecordChanged(key=KEY, revision=1), local("2026-03-10 09:00"))
        assert due(office, FIRST) == ([] if wish else [FIRST])


@pytest.mark.clause("F4")
async def test_calls_are_not_given_back_where_the_other_department_still_says_that_none_are_wanted(office: Office) -> None:
    office.rows["records", KEY]["body"]["do_not_call"] = True
    await no_calls(office)
    await calls_again(office, "2026-03-11 09:00")
    assert due(office, FIRST) == []


@pytest.mark.clause("F4")
async def test_edge_case_10_a_come_back_that_was_linked_while_no_call_was_wanted_has_the_one_call_about_both(office: Office) -> None:
    await office.hear(checked_in("visit-2"), local("2026-03-10 08:10"))
    taken = local("2026-03-10 09:00")
    await office.act(
        lambda unit: complaints.open_complaint(unit, "complaint-1", "letter", CUSTOMER, VISIT, "text:followup:2", "advisor-1"), taken
    )
    await no_calls(office)
    await office.hear(delivered("visit-2"), local("2026-03-10 16:00"))
    await office.act(lambda unit: complaints.link_come_back(unit, "complaint-1", "visit-2"), local("2026-03-10 17:00"))
    await calls_again(office, "2026-03-11 09:00")
    assert due(office, FIRST, "visit-2-first") == ["visit-2-first"]
    assert office.found(CallDuty, "visit-2-first").about == (VISIT,)


@pytest.mark.clause("F4")
async def test_a_later_delivery_opens_a_call_and_stops_it_so_that_both_are_recorded(office: Office) -> None:
    await no_calls(office)
    await office.hear(checked_in("visit-2"), local("2026-04-09 08:10"))
    await office.hear(order_signed("visit-2"), local("2026-04-09 09:00"))
    await office.hear(delivered("visit-2"), local("2026-04-09 16:00"))
    assert stopped(office)[1:] == []
    assert office.found(CallDuty, "visit-2-first").outcome == "stopped"


@pytest.mark.clause("F4")
@pytest.mark.clause("F7")
async def test_no_campaign_call_either_but_the_customers_own_questions_are_answered(office: Office) -> None:
    await no_calls(office)

    async def register(unit: BufferedUnit, purpose: str) -> object:
        return await desk.register_call(unit, direction="out", customer=CUSTOMER, visit=None, purpose=purpose, result="answered", note=None)

    with pytest.raises(CustomerWantsNoCalls):
        await office.act(lambda unit: register(unit, "campaign"), local(HOUR))
    await office.act(lambda unit: register(unit, "inquiry"), local(HOUR))


@pytest.mark.clause("F5")
async def test_an_open_complaint_survives_do_not_call_me(office: Office) -> None:
    entry = EntrySaid(kind="complaint", text="text:followup:2", owner="advisor-1")
    words = said("car_condition").model_copy(update={"entries": (entry,)})

    async def hold(unit: BufferedUnit) -> None:
        await open_entries(unit, await desk.hold_call(unit, FIRST, words, None))

    await office.act(hold, local(HOUR))
    await no_calls(office, "2026-03-10 19:00")
    complaint = f"{FIRST}-1"
    await office.act(lambda unit: complaints.solve(unit, complaint, "text:followup:3"), local("2026-03-11 10:00"))
    told = await office.act(lambda unit: complaints.tell_customer(unit, complaint, Channel.PHONE, content=True), local("2026-03-11 11:00"))
    assert told.closed


@pytest.mark.clause("F8")
async def test_a_wrong_number_makes_the_contact_invalid_until_it_is_corrected(office: Office) -> None:
    await office.act(lambda unit: desk.try_call(unit, FIRST, "wrong_number", None), local("2026-03-10 10:00"))
    assert len(office.journalled(ContactInvalid)) == 1
    (notice,) = office.told("contact_invalid")
    assert (list(notice["roles"]), list(notice["people"])) == (["receptionist"], ["advisor-1"])
    with pytest.raises(NumberIsWrong):
        await office.act(lambda unit: desk.try_call(unit, FIRST, "no_answer", None), local("2026-03-10 11:00"))
    office.knows_customer("+8613900000000")
    await office.act(lambda unit: desk.hold_call(unit, FIRST, said("car_condition"), None), local(HOUR))


@pytest.mark.clause("F4")
async def test_where_the_number_is_wrong_a_letter_takes_the_calls_place(office: Office) -> None:
    await office.act(lambda unit: desk.try_call(unit, FIRST, "wrong_number", None), local("2026-03-10 10:00"))
    with pytest.raises(TriesMissing):
        await office.act(lambda unit: desk.close_not_reached(unit, FIRST, "message"), local("2026-03-10 11:00"))
    await office.act(lambda unit: desk.close_not_reached(unit, FIRST, "letter", "text:followup:letter"), local("2026-03-10 11:00"))
    (closed,) = office.journalled(CallDutyClosed)
    assert isinstance(closed, CallDutyClosed)
    assert (closed.outcome, closed.contact_invalid) == ("not_reached", True)


@pytest.mark.clause("F6")
async def test_a_number_known_to_be_wrong_is_not_tried_again_before_the_second_call_is_written_instead(office: Office) -> None:
    await office.act(lambda unit: desk.try_call(unit, FIRST, "wrong_number", None), local("2026-03-10 10:00"))
    await office.act(lambda unit: desk.close_not_reached(unit, FIRST, "letter", "text:followup:letter"), local("2026-03-10 11:00"))
    await office.hear(office.journalled(CallDutyClosed)[0], local("2026-03-10 11:00"))
    with pytest.raises(NumberIsWrong):
        await office.act(lambda unit: desk.try_call(unit, SECOND, "no_answer", None), local("2026-03-17 18:30"))
    second = await office.act(
        lambda unit: desk.close_not_reached(unit, SECOND, "letter", "text:followup:letter"), local("2026-03-17 18:30")
    )
    assert (second.outcome, second.tries) == ("not_reached", ())


@pytest.mark.clause("F8")
async def test_an_erased_customer_is_refused_and_not_told_to_try_again(office: Office) -> None:
    office.rows["records", KEY] = {"_id": KEY, "revision": 2, "body": None, "department": "reception"}
    with pytest.raises(NumberUnknown):
        await office.act(lambda unit: desk.try_call(unit, FIRST, "no_answer", None), local(HOUR))


@pytest.mark.clause("F4")
async def test_an_erasure_ends_the_calls_when_the_record_is_gone_here_too(office: Office) -> None:
    erased = RecordChanged(key=KEY, revision=2, erased=True)
    with pytest.raises(NotYet) as waits:
        await office.hear(erased, local(HOUR))
    assert waits.value.key == KEY
    office.rows["records", KEY] = {"_id": KEY, "revision": 2, "body": None, "department": "reception"}
    await office.hear(erased, local(HOUR))
    assert stopped(office) == [(FIRST, "erased")]


@pytest.mark.clause("F4")
async def test_do_not_call_on_receptions_record_ends_them_as_well(office: Office) -> None:
    office.rows["records", KEY]["body"]["do_not_call"] = True
    await office.hear(RecordChanged(key=KEY, revision=1), local(HOUR))
    assert stopped(office) == [(FIRST, "do_not_call")]


@pytest.mark.clause("F6")
async def test_facts_of_the_second_call_carry_its_own_clause(office: Office) -> None:
    await office.act(lambda unit: desk.hold_call(unit, FIRST, said("car_condition"), None), local(HOUR))
    (closed,) = office.journalled(CallDutyClosed)
    await office.hear(closed, local(HOUR))
    await office.act(lambda unit: desk.hold_call(unit, SECOND, said("tyres"), None), local("2026-03-17 18:30"))
    clauses = {(entry.type, entry.data["duty"]): entry.clause for entry in office.journal if "call_duty" in entry.type}
    assert clauses == {
        ("followup.call_duty_opened.v1", FIRST): "F4",
        ("followup.call_duty_closed.v1", FIRST): "F4",
        ("followup.call_duty_opened.v1", SECOND): "F6",
        ("followup.call_duty_closed.v1", SECOND): "F6",
    }


@pytest.mark.clause("F4")
@pytest.mark.clause("F6")
async def test_edge_case_14_another_hour_is_said_at_the_counter_and_the_second_call_takes_it_over(office: Office) -> None:
    await office.act(lambda unit: desk.change_hour(unit, FIRST, "10:00"), local("2026-03-09 17:30"), "recept-1")
    (changed,) = office.journalled(CallHourChanged)
    assert isinstance(changed, CallHourChanged)
    assert (changed.duty, changed.hour, changed.by) == (FIRST, "10:00", "recept-1")
    await office.act(lambda unit: desk.hold_call(unit, FIRST, said("car_condition"), None), local("2026-03-10 10:10"))
    assert [each.in_convenient_hour for each in office.journalled(CallRegistered) if isinstance(each, CallRegistered)] == [True]
    with pytest.raises(FirstCallStillOpen):
        await office.act(lambda unit: desk.change_hour(unit, SECOND, "12:00"), local("2026-03-10 10:10"))
    await office.hear(office.journalled(CallDutyClosed)[0], local("2026-03-10 10:10"))
    assert office.found(CallDuty, SECOND).hour == "10:00"
    with pytest.raises(FirstCallClosed):
        await office.act(lambda unit: desk.change_hour(unit, FIRST, "12:00"), local("2026-03-10 10:20"))


async def test_edge_case_14_another_hour_over_http(agent: Agent, tell: Tell) -> None:
    path = f"/duties/{FIRST}/hour"
    assert (await agent.send("POST", path, {"hour": "10:00"})).status_code == 404
    await tell(checked_in())
    await agent.refused("F4", path, {"hour": "10:00"})
    await tell(delivered())
    for malformed in ({"hour": "24:00"}, {"hour": "9:00"}, {}):
        assert (await agent.send("POST", path, malformed)).status_code == 422
    assert (await agent.get(f"/duties/{FIRST}"))["hour"] == "18:30"
    assert (await agent.who_is("advisor-1").post(path, {"hour": "10:00"}))["hour"] == "10:00"
