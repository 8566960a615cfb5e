"""D8: a reminder that came is answered; a vehicle that was sold reminds its former owner of nothing."""

from datetime import date

import pytest

from services.followup.acts import reminders
from services.followup.acts.contacts import say_do_not_call
from services.followup.contact import CustomerWantsNoCalls
from services.followup.register import RegisteredCall
from services.followup.reminder import NotRemindedYet, Reminder, ReminderIsOver
from shared.branch import Branch
from shared.contracts.event import RecordChanged
from shared.contracts.followup import ReminderAnswered, ReminderCame, ReminderEnded
from shared.contracts.reception import AppointmentBooked, VehicleOwnerChanged
from shared.contracts.values import Channel
from tests.followup.conftest import Agent, HandClock, Tell, Until
from tests.followup.office import Office
from tests.followup.people import CUSTOMER, VEHICLE, VISIT, checked_in, delivered, local, order_signed

CAME = "2026-08-26 09:00"


@pytest.fixture
async def office(branch: Branch) -> Office:
    office = Office(branch)
    await office.delivered_visit()
    return office


async def answer(office: Office, wants: bool, at: str = CAME, by_phone: bool = True) -> Reminder:
    return await office.act(
        lambda unit: reminders.answer(unit, VEHICLE, "text:followup:wish", wants_appointment=wants, by_phone=by_phone), local(at)
    )


@pytest.mark.clause("D8")
@pytest.mark.clause("F8")
async def test_yes_is_announced_with_the_wish_and_the_call_is_in_the_register(office: Office) -> None:
    with pytest.raises(NotRemindedYet):
        await answer(office, wants=True, at="2026-08-25 09:00")
    await office.until(local(CAME))
    await answer(office, wants=True)
    (said,) = office.journalled(ReminderAnswered)
    assert isinstance(said, ReminderAnswered)
    assert (said.vehicle, said.customer, said.wants_appointment, said.wish) == (VEHICLE, CUSTOMER, True, "text:followup:wish")
    assert said.due_on == date(2026, 9, 9)
    (call,) = [office.found(RegisteredCall, key) for name, key in office.rows if name == RegisteredCall.COLLECTION]
    assert (call.id, call.purpose, call.result) == (said.call, "reminder", "wants_appointment")
    with pytest.raises(ReminderIsOver):
        await answer(office, wants=False)


@pytest.mark.clause("D8")
@pytest.mark.clause("F10")
@pytest.mark.parametrize("asked", [True, False])
async def test_a_reminder_that_nobody_gave_before_the_maintenance_was_due_comes_before_the_supervisor(office: Office, asked: bool) -> None:
    await office.until(local(CAME))
    if asked:
        await answer(office, wants=False)
    await office.until(local("2026-09-09 23:59"))
    late = f"{VISIT}-reminder"
    assert [each for each in office.told("duty_overdue") if each["facts"]["duty"] == late] == []
    await office.until(local("2026-09-10 00:00"))
    told = [list(each["roles"]) for each in office.told("duty_overdue") if each["facts"]["duty"] == late]
    assert told == ([] if asked else [["business_supervisor"]])


@pytest.mark.clause("D8")
async def test_the_next_delivery_brings_the_next_reminder(office: Office) -> None:
    await office.until(local(CAME))
    await answer(office, wants=False)
    await office.hear(checked_in("visit-2"), local("2026-09-01 08:00"))
    await office.hear(order_signed("visit-2"), local("2026-09-01 09:00"))
    due = delivered("visit-2").next
    assert due
    await office.hear(delivered("visit-2", due=due.model_copy(update={"due_on": date(2027, 3, 1)})), local("2026-09-01 16:00"))
    reminder = office.found(Reminder, VEHICLE)
    assert (reminder.visit, reminder.came, reminder.wants_appointment) == ("visit-2", False, None)


@pytest.mark.clause("D8")
async def test_who_wants_no_calls_is_reminded_by_message(office: Office) -> None:
    await office.until(local(CAME))
    await office.act(lambda unit: say_do_not_call(unit, CUSTOMER, do_not_call=True), local(CAME))
    with pytest.raises(CustomerWantsNoCalls):
        await answer(office, wants=True)
    answered = await answer(office, wants=True, by_phone=False)
    assert (answered.wants_appointment, answered.channel) == (True, "message")


@pytest.mark.clause("D8")
async def test_a_vehicle_that_was_sold_reminds_its_former_owner_of_nothing(office: Office) -> None:
    same = VehicleOwnerChanged(vehicle=VEHICLE, owner=CUSTOMER, since=date(2026, 5, 1))
    await office.hear(same, local("2026-05-01 09:00"))
    assert office.journalled(ReminderEnded) == []
    await office.hear(same.model_copy(update={"owner": "customer-2", "former": CUSTOMER}), local("2026-05-01 09:00"))
    assert len(office.journalled(ReminderEnded)) == 1
    await office.until(local("2027-01-01 09:00"))
    assert office.journalled(ReminderCame) == []
    with pytest.raises(ReminderIsOver):
        await office.act(lambda unit: reminders.end(unit, VEHICLE, "sold"), local("2027-01-01 09:00"))


@pytest.mark.clause("D8")
@pytest.mark.parametrize("former", [CUSTOMER, None], ids=["owner on record", "first owner on record"])
async def test_a_car_sold_during_an_open_order_reminds_who_signed_of_nothing(office: Office, former: str | None) -> None:
    await office.hear(checked_in("visit-2"), local("2026-05-01 08:00"))
    await office.hear(order_signed("visit-2"), local("2026-05-01 09:00"))
    await office.hear(
        VehicleOwnerChanged(vehicle=VEHICLE, owner="customer-2", former=former, since=date(2026, 5, 1)), local("2026-05-01 10:00")
    )
    await office.hear(delivered("visit-2"), local("2026-05-01 16:00"))
    assert [len(office.journalled(ReminderEnded, visit)) for visit in (VISIT, "visit-2")] == [1, 1]
    await office.until(local("2027-01-01 09:00"))
    assert office.journalled(ReminderCame, "visit-2") == []


@pytest.mark.clause("D8")
async def test_edge_case_15_an_owner_of_long_ago_who_is_only_noted_now_sold_nothing(office: Office) -> None:
    """A driver brings the company's car, and during the visit it is noted whose it is."""
    await office.hear(checked_in("visit-2"), local("2026-05-01 08:00"))
    await office.hear(order_signed("visit-2"), local("2026-05-01 09:00"))
    await office.hear(VehicleOwnerChanged(vehicle=VEHICLE, owner="company-1", since=date(2024, 5, 1)), local("2026-05-01 10:00"))
    await office.hear(delivered("visit-2"), local("2026-05-01 16:00"))
    await office.until(local("2027-01-01 09:00"))
    assert len(office.journalled(ReminderCame, "visit-2")) == 1


@pytest.mark.clause("D8")
async def test_edge_case_15_noting_after_the_delivery_who_has_always_owned_the_car_sells_nothing(office: Office) -> None:
    """A son brings his father's car; whose it is, is noted later. When the father sells it, nobody here has it any more."""
    noted = VehicleOwnerChanged(vehicle=VEHICLE, owner="father-1", since=date(2020, 5, 1))
    await office.hear(noted, local("2026-05-01 10:00"))
    assert office.journalled(ReminderEnded) == []
    await office.until(local(CAME))
    assert len(office.journalled(ReminderCame)) == 1
    sold = noted.model_copy(update={"owner": "customer-2", "former": "father-1", "since": date(2026, 8, 27)})
    await office.hear(sold, local("2026-08-28 10:00"))
    assert [each.reason for each in office.journalled(ReminderEnded) if isinstance(each, ReminderEnded)] == ["sold"]


@pytest.mark.clause("D8")
@pytest.mark.parametrize(("since", "kept"), [("2026-04-30", True), ("2026-05-01", False)], ids=["before the visit", "during it"])
async def test_an_owner_whose_note_is_heard_of_after_the_exit_is_judged_as_if_it_had_been_in_time(
    office: Office, since: str, kept: bool
) -> None:
    await office.hear(checked_in("visit-2"), local("2026-05-01 08:00"))
    await office.hear(order_signed("visit-2"), local("2026-05-01 09:00"))
    await office.hear(delivered("visit-2"), local("2026-05-02 16:00"))
    noted = VehicleOwnerChanged(vehicle=VEHICLE, owner="customer-2", since=date.fromisoformat(since))
    await office.hear(noted, local("2026-05-01 10:00"))
    assert (office.journalled(ReminderEnded, "visit-2") == []) is kept


@pytest.mark.clause("D8")
async def test_the_new_owners_next_delivery_begins_anew(office: Office) -> None:
    await office.hear(
        VehicleOwnerChanged(vehicle=VEHICLE, owner="customer-2", former=CUSTOMER, since=date(2026, 5, 1)), local("2026-05-01 10:00")
    )
    await office.hear(checked_in("visit-2", customer="customer-2"), local("2026-05-02 08:00"))
    await office.hear(order_signed("visit-2", customer="customer-2"), local("2026-05-02 09:00"))
    await office.hear(delivered("visit-2", customer="customer-2"), local("2026-05-02 16:00"))
    await office.until(local(CAME))
    assert len(office.journalled(ReminderCame, "visit-2")) == 1


@pytest.mark.clause("D8")
async def test_an_erased_customer_is_reminded_of_nothing(office: Office) -> None:
    key = f"customer:{CUSTOMER}"
    office.rows["records", key] = {"_id": key, "revision": 2, "body": None, "department": "reception"}
    await office.hear(RecordChanged(key=key, revision=2, erased=True), local("2026-05-01 09:00"))
    assert len(office.journalled(ReminderEnded)) == 1
    await office.until(local("2027-01-01 09:00"))
    assert office.journalled(ReminderCame) == []


@pytest.mark.clause("D8")
async def test_the_appointment_that_answers_a_reminder_is_known_here(office: Office) -> None:
    await office.until(local(CAME))
    await answer(office, wants=True)
    other = AppointmentBooked(
        visit="visit-9", customer=CUSTOMER, vehicle=VEHICLE, channel=Channel.PHONE, arrives_at=local(CAME), advisor="advisor-1"
    )
    await office.hear(other, local(CAME))
    assert office.found(Reminder, VEHICLE).appointment is None
    await office.hear(other.model_copy(update={"answers": VISIT}), local(CAME))
    assert office.found(Reminder, VEHICLE).appointment == "visit-9"


@pytest.mark.clause("D8")
async def test_reminders_over_http(agent: Agent, tell: Tell, until: Until, clock: HandClock) -> None:
    await tell(checked_in())
    await tell(order_signed())
    await tell(delivered())
    await agent.refused("D8", f"/reminders/{VEHICLE}/answer", {"wants_appointment": True})
    await until(CAME)
    assert [each["id"] for each in await agent.get("/reminders?state=come")] == [VEHICLE]
    said = await agent.post(f"/reminders/{VEHICLE}/answer", {"wants_appointment": True, "wish": "周六上午"})
    assert said["wants_appointment"] is True
    assert await agent.get("/reminders?state=come") == []
    assert [each["visit"] for each in await agent.get("/reminders?state=all")] == [VISIT]
    assert (await agent.post(f"/reminders/{VEHICLE}/ending", {"reason": "sold"}))["ended"] == "sold"
