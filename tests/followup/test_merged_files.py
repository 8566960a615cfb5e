"""R7, EDGE_CASES 3 in follow-up: what is recorded under either of two files is seen, and due, as one person's and one car's."""

from datetime import date
from typing import Any, Literal

import pytest

from services.followup.acts import campaigns, complaints, contacts
from services.followup.acts.counting import facts_of
from services.followup.calls import CallDuty
from services.followup.campaign import Campaign, Invitation
from services.followup.complaint import NotAComeBack
from services.followup.contact import CustomerWantsNoCalls, NumberIsWrong
from services.followup.reminder import Reminder
from shared.branch import Branch
from shared.contracts.followup import (
    CallDutyResumed,
    CallDutyStopped,
    CampaignDecided,
    ComeBackLinked,
    ReminderCame,
    ReminderEnded,
)
from shared.contracts.reception import AppointmentBooked, FilesMerged, FilesParted, VehicleOwnerChanged
from shared.contracts.records import CustomerRecord
from shared.store import Store
from tests.followup.conftest import Agent, Tell
from tests.followup.office import Office
from tests.followup.people import CUSTOMER, NEXT, VEHICLE, checked_in, delivered, local, order_signed

OTHER, OTHER_CAR = "customer-2", "vehicle-2"
OTHER_PHONE = "+8613704741381"
NOW = "2026-03-10 10:00"


def merged(kind: Literal["customer", "vehicle"], file: str, into: str) -> FilesMerged:
    return FilesMerged(kind=kind, file=file, into=into, reason="text:reception:1", by="bizsup-1", at=local(NOW))


def parted(kind: Literal["customer", "vehicle"], file: str, former: str) -> FilesParted:
    return FilesParted(kind=kind, file=file, former=former, reason="text:reception:2", by="bizsup-1", at=local(NOW))


MERGED, PARTED = merged("customer", OTHER, CUSTOMER), parted("customer", OTHER, CUSTOMER)
ONE_CAR, TWO_CARS = merged("vehicle", OTHER_CAR, VEHICLE), parted("vehicle", OTHER_CAR, VEHICLE)


@pytest.fixture
async def office(branch: Branch) -> Office:
    """Two visits of one person and of one car, each under files of its own; both cars are delivered."""
    office = Office(branch)
    office.knows_customer(OTHER_PHONE, OTHER)
    await office.delivered_visit()
    await visit(office, "visit-2", "2026-03-09 17:00")
    return office


async def visit(office: Office, id: str, left_at: str, customer: str = OTHER, vehicle: str = OTHER_CAR) -> None:
    at = local(left_at)
    await office.hear(checked_in(id, customer, vehicle), at)
    await office.hear(order_signed(id, customer, vehicle), at)
    await office.hear(delivered(id, customer, vehicle), at)


async def says_do_not_call(office: Office, customer: str, *, do_not_call: bool = True) -> None:
    await office.act(lambda unit: contacts.say_do_not_call(unit, customer, do_not_call=do_not_call), local(NOW))


async def dialled(office: Office, customer: str) -> str:
    key = await office.act(lambda unit: contacts.dial(unit, customer, "first"), local(NOW))
    return office.text(key)


@pytest.mark.clause("F4")
@pytest.mark.parametrize("said_under", [CUSTOMER, OTHER])
async def test_who_asked_under_either_file_not_to_be_called_is_called_under_none(office: Office, said_under: str) -> None:
    await says_do_not_call(office, said_under)
    await office.hear(MERGED, local(NOW))
    assert [office.found(CallDuty, f"visit-{n}-first").outcome for n in (1, 2)] == ["stopped", "stopped"]
    assert {f"visit-{n}-first:{level}" for n in (1, 2) for level in ("amber", "red")}.isdisjoint(office.timers)
    for customer in (CUSTOMER, OTHER):
        with pytest.raises(CustomerWantsNoCalls):
            await dialled(office, customer)
    await says_do_not_call(office, CUSTOMER, do_not_call=False)
    assert await dialled(office, OTHER)


@pytest.mark.clause("F4")
async def test_parted_again_the_calls_that_the_others_wish_had_stopped_are_due_and_their_own_are_not(office: Office) -> None:
    await says_do_not_call(office, OTHER)
    await office.hear(MERGED, local(NOW))
    (stopped,) = office.journalled(CallDutyStopped)
    assert isinstance(stopped, CallDutyStopped)
    assert (stopped.duty, stopped.said_under) == ("visit-1-first", OTHER)
    await office.hear(stopped, local(NOW))
    assert office.rows["agents", "agent-1"]["visits"] == 0
    await office.hear(PARTED, local("2026-03-11 10:00"))
    assert [office.found(CallDuty, f"visit-{n}-first").outcome for n in (1, 2)] == [None, "stopped"]
    (resumed,) = office.journalled(CallDutyResumed)
    await office.hear(resumed, local("2026-03-11 10:00"))
    assert office.rows["agents", "agent-1"]["visits"] == 1
    assert "visit-1-first:red" in office.timers
    await office.until(local("2026-03-13 00:01"))
    assert office.found(CallDuty, "visit-1-first").overdue == "amber"


async def found_wrong(office: Office, number: str, customer: str) -> None:
    key = await office.act(lambda unit: unit.put_text(number), local(NOW))
    await office.act(lambda unit: contacts.find_number_wrong(unit, customer, "call-1", key, "visit-1"), local(NOW))


@pytest.mark.clause("F8")
async def test_the_number_of_the_surviving_file_is_dialled_and_the_others_where_that_is_wrong(office: Office) -> None:
    await office.hear(MERGED, local(NOW))
    own = office.rows["records", f"customer:{CUSTOMER}"]["body"]["phone"]
    assert await dialled(office, OTHER) == await dialled(office, CUSTOMER) == own
    for number, customer in ((own, CUSTOMER), (OTHER_PHONE, OTHER)):
        await found_wrong(office, number, customer)
        if customer == CUSTOMER:
            assert await dialled(office, CUSTOMER) == OTHER_PHONE
    with pytest.raises(NumberIsWrong):
        await dialled(office, CUSTOMER)


@pytest.mark.clause("F7")
async def test_a_person_of_two_files_is_invited_once_and_an_invitation_that_the_merger_stopped_comes_back(office: Office) -> None:
    held_on = date(2026, 4, 20)

    async def campaign(id: str, *customers: str) -> Any:
        await office.act(
            lambda unit: unit.create(
                Campaign,
                id,
                lambda known: known.decide("offer", "text:followup:1", held_on, None, "bizsup-1", unit.branch.site, unit.now, letter=False),
            ),
            local(NOW),
        )
        return await office.act(lambda unit: campaigns.choose_customers(unit, id, customers), local(NOW))

    assert (await campaign("k-1", CUSTOMER, OTHER)).customers == (CUSTOMER, OTHER)
    await says_do_not_call(office, OTHER)
    await office.hear(MERGED, local(NOW))
    assert office.found(Invitation, f"k-1:{CUSTOMER}").over
    await office.hear(PARTED, local(NOW))
    assert [office.found(Invitation, f"k-1:{customer}").over for customer in (CUSTOMER, OTHER)] == [False, True]
    await office.hear(MERGED, local(NOW))
    await says_do_not_call(office, CUSTOMER, do_not_call=False)
    assert [office.found(Invitation, f"k-1:{customer}").over for customer in (CUSTOMER, OTHER)] == [False, False]
    assert (await campaign("k-2", OTHER, CUSTOMER)).customers == (CUSTOMER,)
    assert f"k-1:{CUSTOMER}:told" in office.timers
    assert office.journalled(CampaignDecided)


@pytest.mark.clause("D8")
async def test_a_car_of_two_files_is_reminded_once_and_each_of_two_cars_once_they_are_parted(office: Office) -> None:
    await office.hear(ONE_CAR, local(NOW))
    await office.until(local("2026-08-26 09:01"))
    came = [each.vehicle for each in office.journalled(ReminderCame, "visit-2") if isinstance(each, ReminderCame)]
    assert (came, office.journalled(ReminderCame)) == ([OTHER_CAR], [])
    await office.hear(TWO_CARS, local("2026-08-27 09:00"))
    await office.until(local("2026-08-27 09:01"))
    assert [each.came for each in (office.found(Reminder, VEHICLE), office.found(Reminder, OTHER_CAR))] == [True, True]


@pytest.mark.clause("D8")
async def test_a_booking_and_a_sale_reach_the_reminder_of_whichever_file(office: Office) -> None:
    await office.hear(ONE_CAR, local(NOW))
    await office.hear(MERGED, local(NOW))
    booked = AppointmentBooked(
        visit="visit-3",
        customer=CUSTOMER,
        vehicle=VEHICLE,
        channel="phone",
        arrives_at=local("2026-09-07 09:00"),
        advisor="advisor-1",
        day=date(2026, 9, 7),
        answers="visit-2",
    )
    await office.hear(booked, local(NOW))
    assert office.found(Reminder, OTHER_CAR).appointment == "visit-3"
    await office.hear(VehicleOwnerChanged(vehicle=VEHICLE, owner=OTHER, since=date(2026, 3, 10)), local(NOW))
    assert office.journalled(ReminderEnded) == []
    await office.hear(VehicleOwnerChanged(vehicle=VEHICLE, owner="customer-9", former=OTHER, since=date(2026, 3, 11)), local(NOW))
    assert [office.found(Reminder, car).ended for car in (VEHICLE, OTHER_CAR)] == ["sold", "sold"]


@pytest.mark.clause("F5")
async def test_a_car_that_comes_back_under_its_other_file_is_a_come_back_with_one_call_about_both(office: Office) -> None:
    await office.act(
        lambda unit: complaints.open_complaint(unit, "complaint-1", "letter", OTHER, "visit-1", "text:followup:1", "advisor-1"), local(NOW)
    )
    with pytest.raises(NotAComeBack):
        await office.act(lambda unit: complaints.link_come_back(unit, "complaint-1", "visit-2"), local(NOW))
    await office.hear(ONE_CAR, local(NOW))
    await office.hear(MERGED, local(NOW))
    await office.act(lambda unit: complaints.link_come_back(unit, "complaint-1", "visit-2"), local(NOW))
    assert len(office.journalled(ComeBackLinked)) == 1
    first, second = office.found(CallDuty, "visit-1-first"), office.found(CallDuty, "visit-2-first")
    assert (first.outcome, second.outcome, second.about) == ("stopped", None, ("visit-1",))


async def test_of_three_files_the_middle_one_takes_its_own_along_when_it_is_parted(office: Office) -> None:
    office.knows_customer("+8613900000000", "customer-3")
    await office.hear(MERGED, local(NOW))
    await office.hear(merged("customer", CUSTOMER, "customer-3"), local(NOW))
    assert await dialled(office, OTHER) == "+8613900000000"
    await office.hear(parted("customer", CUSTOMER, "customer-3"), local(NOW))
    assert await dialled(office, OTHER) == office.rows["records", f"customer:{CUSTOMER}"]["body"]["phone"]


# over HTTP: what is seen

PLAN = {"need": "下次保养", "topics": ["car_condition"], "at": "2026-03-12T18:30:00+08:00"}


async def filed(agent: Agent, tell: Tell, store: Store) -> None:
    """A visit, a call and a letter under each of two files."""
    body = CustomerRecord(name="李莉", phone=OTHER_PHONE, address="朝阳门 3 号").model_dump(mode="json")
    await store.collection("records").insert_one({"_id": f"customer:{OTHER}", "revision": 1, "department": "reception", "body": body})
    for id, customer, car in (("visit-1", CUSTOMER, VEHICLE), ("visit-2", OTHER, OTHER_CAR)):
        await tell(checked_in(id, customer, car))
        await tell(order_signed(id, customer, car))
        await tell(delivered(id, customer, car, due=NEXT))
        await agent.post(f"/file-duties/{id}/file", PLAN)
        await agent.post("/calls", {"direction": "in", "customer": customer, "purpose": "inquiry", "result": "answered"})
        await agent.post("/letters", {"kind": "notice", "customer": customer, "content": "感谢惠顾"})


@pytest.mark.clause("F2")
@pytest.mark.clause("F8")
async def test_edge_case_3_visits_calls_letters_and_contacts_of_both_files_are_seen_under_the_surviving_one(
    agent: Agent, tell: Tell, store: Store
) -> None:
    await filed(agent, tell, store)
    before = {id: await agent.get(f"/files/{id}") for id in (CUSTOMER, OTHER)}
    await tell(MERGED)
    await tell(ONE_CAR)
    for asked in (CUSTOMER, OTHER):
        file = await agent.get(f"/files/{asked}")
        assert (file["file"]["id"], file["customer"]["name"], file["merged"][OTHER]["phone"]) == (CUSTOMER, "李丽", OTHER_PHONE)
        assert [each["visit"] for each in file["visits"]] == ["visit-1", "visit-2"]
        assert [[duty["id"] for duty in each["calls"]] for each in file["visits"]] == [["visit-1-first"], ["visit-2-first"]]
        assert list(file["vehicles"]) == [VEHICLE]
        assert [len(file[what]) for what in ("calls", "letters", "reminders")] == [2, 2, 2]
        assert [len(await agent.get(f"/{register}?customer={asked}")) for register in ("calls", "letters")] == [2, 2]
    for page in ("", "&limit=1"):
        assert [each["id"] for each in await agent.get(f"/reminders?state=scheduled{page}")] == [OTHER_CAR]
    assert await agent.get(f"/reminders?state=scheduled&limit=1&after={OTHER_CAR}") == []
    await agent.post(f"/contacts/{OTHER}/do-not-call", {"do_not_call": True})
    assert (await agent.get(f"/contacts/{OTHER}"))["id"] == CUSTOMER
    await agent.post("/calls", {"direction": "in", "customer": OTHER, "purpose": "inquiry", "result": "meanwhile"})
    await tell(PARTED)
    await tell(TWO_CARS)
    after = {id: await agent.get(f"/files/{id}") for id in (CUSTOMER, OTHER)}
    assert [each["call"]["result"] for each in after[CUSTOMER]["calls"]] == ["meanwhile", "answered"]
    for id in (CUSTOMER, OTHER):
        for same in ("file", "customer", "vehicles", "letters", "reminders", "merged"):
            assert after[id][same] == before[id][same]
    assert after[OTHER]["calls"] == before[OTHER]["calls"]


async def test_edge_case_3_a_complaint_under_either_file_is_found_under_both(agent: Agent, tell: Tell, store: Store) -> None:
    await filed(agent, tell, store)
    said = {"channel": "letter", "customer": OTHER, "visit": "visit-2", "text": "等候太久", "owner": "advisor-1"}
    early = await agent.post("/complaints", said)
    await tell(MERGED)
    meanwhile = await agent.post("/complaints", said)
    found = await agent.get(f"/complaints?customer={CUSTOMER}")
    assert {each["id"]: each["customer"] for each in found} == {early["id"]: OTHER, meanwhile["id"]: CUSTOMER}
    await tell(PARTED)
    assert [each["id"] for each in await agent.get(f"/complaints?customer={OTHER}")] == [early["id"]]


@pytest.mark.clause("F10")
async def test_a_call_that_was_stopped_and_is_due_again_is_not_counted_as_stopped(agent: Agent, tell: Tell, store: Store) -> None:
    await filed(agent, tell, store)
    await agent.post(f"/contacts/{OTHER}/do-not-call", {"do_not_call": True})
    await tell(MERGED)
    assert (await facts_of(store, "2026-03")).calls["first"].stopped == 2
    await tell(PARTED)
    assert (await facts_of(store, "2026-03")).calls["first"].stopped == 1
