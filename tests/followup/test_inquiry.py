"""R14: a visit that ends without a signed order has its file and its calls once; so has an order that was cancelled."""

from datetime import date

import pytest

from services.followup import desk
from services.followup.calls import CallDuty, OpinionMissing
from services.followup.file import CustomerFile, FileDuty
from services.followup.reminder import Reminder
from shared.branch import Branch
from shared.contracts.followup import CallDutyOpened, FileDutyOpened
from shared.reaction import NotYet
from tests.followup.office import Office
from tests.followup.people import CUSTOMER, VEHICLE, VISIT, checked_in, inquiry_ended, left_unsettled, local, order_signed, said

FIRST = f"{VISIT}-first"


@pytest.fixture
def office(branch: Branch) -> Office:
    return Office(branch)


@pytest.mark.clause("R14")
@pytest.mark.clause("F2")
@pytest.mark.clause("F4")
async def test_an_inquiry_without_a_car_has_its_file_and_its_calls_from_its_end(office: Office) -> None:
    await office.hear(inquiry_ended(), local("2026-03-09 11:00"))
    assert office.found(FileDuty, VISIT).due_by == local("2026-03-11 23:59:59")
    duty = office.found(CallDuty, FIRST)
    assert (duty.hour, duty.planned_on, duty.due_by) == ("10:00", date(2026, 3, 10), local("2026-03-16 23:59:59"))
    assert (duty.customer, duty.agent) == (CUSTOMER, "agent-1")


@pytest.mark.clause("R14")
@pytest.mark.clause("F4")
@pytest.mark.parametrize("vehicle", ["", VEHICLE])
async def test_how_the_car_runs_is_asked_on_the_first_call_of_an_inquiry_that_has_one(office: Office, vehicle: str) -> None:
    await office.hear(inquiry_ended().model_copy(update={"vehicle": vehicle}), local("2026-03-09 11:00"))
    at = local("2026-03-10 10:00")
    await office.act(lambda unit: desk.open_file(unit, VISIT, "text:followup:need", ("service_opinion",), at), local("2026-03-09 12:00"))
    words = said("service_opinion", car_runs_well=None)
    if vehicle:
        with pytest.raises(OpinionMissing):
            await office.act(lambda unit: desk.hold_call(unit, FIRST, words, None), at)
    else:
        assert (await office.act(lambda unit: desk.hold_call(unit, FIRST, words, None), at)).outcome == "called"


@pytest.mark.clause("R14")
@pytest.mark.clause("F4")
async def test_the_exit_of_a_visit_cancelled_before_the_signature_opens_no_second_set(office: Office) -> None:
    await office.hear(checked_in(), local("2026-03-09 08:10"))
    await office.hear(inquiry_ended(reason="cancelled_before_signature", car_here=True), local("2026-03-09 11:00"))
    await office.hear(left_unsettled(), local("2026-03-11 12:00"))
    assert len(office.journalled(FileDutyOpened)) == len(office.journalled(CallDutyOpened)) == 1
    assert office.found(CallDuty, FIRST).due_by == local("2026-03-16 23:59:59")
    assert ("reminders", VEHICLE) not in office.rows


@pytest.mark.clause("R14")
async def test_an_unsettled_exit_waits_until_reception_has_said_what_it_ends(office: Office) -> None:
    await office.hear(checked_in(), local("2026-03-09 08:10"))
    with pytest.raises(NotYet):
        await office.hear(left_unsettled(), local("2026-03-09 12:00"))


@pytest.mark.clause("F2")
@pytest.mark.clause("F4")
async def test_an_order_cancelled_before_anybody_touched_the_car_is_called_from_its_exit(office: Office) -> None:
    await office.hear(checked_in(), local("2026-03-09 08:10"))
    await office.hear(order_signed(), local("2026-03-09 09:00"))
    await office.hear(left_unsettled(), local("2026-03-11 12:00"))
    assert office.found(CallDuty, FIRST).due_by == local("2026-03-18 23:59:59")
    assert office.found(FileDuty, VISIT).due_by == local("2026-03-11 23:59:59")
    assert (Reminder.COLLECTION, VEHICLE) not in office.rows


@pytest.mark.clause("F2")
def test_an_inquiry_without_a_car_is_in_the_file_without_a_vehicle() -> None:
    file = CustomerFile(id=CUSTOMER)
    file = file.after(file.add_visit(VISIT, ""))
    assert (file.visits, file.vehicles) == ((VISIT,), ())
