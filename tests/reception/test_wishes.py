"""D8, A1: a maintenance reminder that was answered yes is an appointment to be booked, until it is booked or not wanted any more."""

from datetime import date

import pytest

from shared.contracts.followup import ReminderAnswered
from shared.contracts.reception import AppointmentWishClosed
from shared.store import Store
from tests.reception.conftest import Desk, Tell
from tests.reception.recorded import journal, told
from tests.reception.test_appointments import book
from tests.reception.walk import CUSTOMER, VEHICLE

pytestmark = pytest.mark.clause("D8")

REMINDER = "visit-0"


async def _said_yes(desk: Desk, tell: Tell, *, wants: bool = True) -> ReminderAnswered:
    filed = await desk.who_is("bizsup-1").ok("POST", "/customers", CUSTOMER)
    vehicle = await desk.who_is("bizsup-1").ok("POST", "/vehicles", VEHICLE)
    answered = ReminderAnswered(
        visit=REMINDER,
        customer=filed["id"],
        vehicle=vehicle["id"],
        agent="agent-1",
        wants_appointment=wants,
        wish="text:followup:1",
        due_on=date(2026, 9, 9),
    )
    await tell(answered, REMINDER)
    return answered


async def test_a_yes_is_proposed_until_a_receptionist_books_it(desk: Desk, tell: Tell, store: Store) -> None:
    answered = await _said_yes(desk, tell)
    (wish,) = await desk.ok("GET", "/appointment-wishes")
    assert (wish["id"], wish["customer"], wish["vehicle"], wish["due_on"], wish["wish"]) == (
        REMINDER,
        answered.customer,
        answered.vehicle,
        "2026-09-09",
        "text:followup:1",
    )
    (notice,) = await told(store, "appointment_wanted")
    assert (notice["roles"], notice["visit"]) == (["receptionist"], REMINDER)
    booked = await book(desk, reminder=REMINDER)
    assert booked["answers"] == REMINDER
    assert await desk.ok("GET", "/appointment-wishes") == []
    (closed,) = await journal(store, REMINDER, AppointmentWishClosed)
    assert (closed.outcome, closed.appointment) == ("booked", booked["id"])
    await desk.refused("D8", "POST", f"/appointment-wishes/{REMINDER}/withdrawal")


async def test_a_no_is_no_wish(desk: Desk, tell: Tell) -> None:
    await _said_yes(desk, tell, wants=False)
    assert await desk.ok("GET", "/appointment-wishes") == []


async def test_what_was_booked_before_the_yes_arrived_is_not_proposed_again(desk: Desk, tell: Tell, store: Store) -> None:
    await book(desk, reminder=REMINDER)
    await _said_yes(desk, tell)
    assert await desk.ok("GET", "/appointment-wishes") == []
    assert await told(store, "appointment_wanted") == []


async def test_a_wish_is_not_booked_for_another_vehicle_and_may_be_withdrawn(desk: Desk, tell: Tell) -> None:
    await _said_yes(desk, tell)
    other = {**VEHICLE, "vin": "LFPM4ACC0RD346802", "plate": "京J9F945"}
    body = {"customer": CUSTOMER, "vehicle": other, "channel": "phone", "day": "2026-03-10", "slot": "08:00", "reminder": REMINDER}
    await desk.refused("D8", "POST", "/appointments", body)
    assert await desk.ok("GET", "/appointments?day=2026-03-10") == []
    assert (await desk.ok("POST", f"/appointment-wishes/{REMINDER}/withdrawal"))["outcome"] == "withdrawn"
    assert await desk.ok("GET", "/appointment-wishes") == []
