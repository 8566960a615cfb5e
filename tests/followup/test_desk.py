"""F8, F9 and what one act of the agent writes in more than one place."""

import pytest

from services.followup import desk
from services.followup.calls import CallDuty, CarNotDelivered, FirstCallStillOpen
from services.followup.contact import NumberUnknown
from services.followup.file import CustomerFile
from services.followup.register import Letter, RegisteredCall
from shared.branch import Branch
from shared.contracts.event import Event
from shared.contracts.followup import CallDutyClosed, CallRegistered, CustomerNotReached, LetterRegistered
from shared.effects import BufferedUnit
from shared.refusal import NotFound, NotReadyYet
from tests.followup.office import Office
from tests.followup.people import CUSTOMER, PHONE, VEHICLE, VISIT, checked_in, local, said

FIRST = f"{VISIT}-first"


@pytest.fixture
async def office(branch: Branch) -> Office:
    office = Office(branch)
    await office.delivered_visit()
    at, now = local("2026-03-10 18:30"), local("2026-03-09 17:00")
    await office.act(lambda unit: desk.open_file(unit, VISIT, "text:followup:need", ("car_condition", "tyres"), at), now)
    return office


def registered(office: Office) -> list[RegisteredCall]:
    return [office.found(RegisteredCall, call) for collection, call in office.rows if collection == "call_register"]


async def hold(office: Office, at: str = "2026-03-10 18:30", duty: str = FIRST) -> CallDuty:
    return await office.act(lambda unit: desk.hold_call(unit, duty, said("car_condition"), None), local(at))


async def attempt(office: Office, at: str) -> CallDuty:
    return await office.act(lambda unit: desk.try_call(unit, FIRST, "no_answer", None), local(at))


@pytest.mark.clause("F2")
async def test_the_file_has_the_visit_and_its_vehicle(office: Office) -> None:
    file = office.found(CustomerFile, CUSTOMER)
    assert (file.visits, file.vehicles) == ((VISIT,), (VEHICLE,))
    assert f"{VISIT}:file" not in office.timers


@pytest.mark.clause("F8")
async def test_a_held_call_is_in_the_register_with_the_number_dialled(office: Office) -> None:
    await hold(office)
    (call,) = registered(office)
    assert (call.number, call.direction, call.agent, call.customer, call.visit, call.duty) == (1, "out", "agent-1", CUSTOMER, VISIT, FIRST)
    assert (call.purpose, call.try_number, call.reached, call.result, call.in_convenient_hour) == ("first", 1, True, "content", True)
    assert call.at == local("2026-03-10 18:30")
    assert office.text(call.dialled) == PHONE


@pytest.mark.clause("F8")
async def test_every_try_is_in_the_register_and_numbers_have_no_holes(office: Office) -> None:
    await attempt(office, "2026-03-10 10:00")
    await attempt(office, "2026-03-10 14:00")
    await hold(office, "2026-03-11 18:30")
    assert [(call.number, call.try_number, call.reached) for call in registered(office)] == [(1, 1, False), (2, 2, False), (3, 3, True)]
    tries = office.journalled(CustomerNotReached)
    assert [getattr(each, "call", "") for each in tries] == [call.id for call in registered(office)[:2]]


@pytest.mark.clause("F8")
async def test_the_number_is_the_one_of_the_day_on_which_it_is_dialled(office: Office) -> None:
    await attempt(office, "2026-03-10 10:00")
    office.knows_customer("+8613900000000")
    await hold(office, "2026-03-11 18:30")
    assert [office.text(call.dialled) for call in registered(office)] == [PHONE, "+8613900000000"]


@pytest.mark.clause("F8")
async def test_no_call_to_a_customer_without_a_number_and_nothing_is_written(office: Office) -> None:
    office.knows_customer("")
    before = len(office.journal)
    with pytest.raises(NumberUnknown):
        await hold(office)
    assert len(office.journal) == before


async def test_a_customers_record_that_is_still_on_its_way_is_waited_for(office: Office) -> None:
    del office.rows["records", f"customer:{CUSTOMER}"]
    with pytest.raises(NotReadyYet):
        await hold(office)


@pytest.mark.clause("F4")
async def test_an_unreachable_customer_is_told_of_to_the_supervisor_and_the_duty_closes(office: Office) -> None:
    for moment in ("2026-03-10 18:30", "2026-03-11 10:00", "2026-03-11 14:00"):
        await attempt(office, moment)
    duty = await office.act(lambda unit: desk.close_not_reached(unit, FIRST, "letter", "text:followup:letter"), local("2026-03-11 14:05"))
    assert duty.outcome == "not_reached"
    (letter,) = [office.found(Letter, key) for name, key in office.rows if name == Letter.COLLECTION]
    assert (letter.kind, letter.customer, letter.visit, letter.content) == ("notice", CUSTOMER, VISIT, "text:followup:letter")
    assert len(office.told("customer_not_reached")) == 1
    assert not any(key.startswith(FIRST) for key in office.timers)
    (closed,) = office.journalled(CallDutyClosed)
    await office.hear(closed, local("2026-03-11 14:05"))
    assert office.found(CallDuty, f"{VISIT}-second").not_before == local("2026-03-18 00:00")


@pytest.mark.clause("F4")
@pytest.mark.clause("F6")
async def test_calls_of_a_visit_that_is_only_checked_in_are_refused_and_of_an_unknown_one_not_found(branch: Branch) -> None:
    office = Office(branch)
    await office.hear(checked_in(), local("2026-03-09 08:10"))
    for duty, problem in [
        (FIRST, CarNotDelivered),
        (f"{VISIT}-second", FirstCallStillOpen),
        ("visit-9-first", NotFound),
        (f"{VISIT}-third", NotFound),
    ]:
        with pytest.raises(problem):
            await hold(office, duty=duty)


async def call_in(unit: BufferedUnit, customer: str = CUSTOMER) -> RegisteredCall:
    return await desk.register_call(
        unit,
        direction="in",
        customer=customer,
        visit=None,
        purpose="inquiry",
        reached=True,
        result="answered",
        topics=("opening_hours",),
        number="+8613911112222",
        note="text:followup:note",
    )


@pytest.mark.clause("F8")
async def test_an_incoming_call_is_registered_with_the_callers_number(office: Office) -> None:
    call = await office.act(call_in, local("2026-03-12 09:00"))
    assert (call.number, call.direction, call.purpose, call.note, call.subject) == (1, "in", "inquiry", "text:followup:note", CUSTOMER)
    assert office.text(call.dialled) == "+8613911112222"


@pytest.mark.clause("F8")
@pytest.mark.clause("F9")
async def test_the_registers_know_their_customers(office: Office) -> None:
    with pytest.raises(NotFound):
        await office.act(lambda unit: call_in(unit, "customer-9"), local("2026-03-12 09:00"))
    with pytest.raises(NotFound):
        await office.act(
            lambda unit: desk.register_letter(unit, "notice", "customer-9", None, "text:followup:1"), local("2026-03-12 09:00")
        )


@pytest.mark.clause("F9")
async def test_a_letter_is_registered_with_the_address_that_it_went_to(office: Office) -> None:
    office.knows_customer(address="北京市东城区东直门外大街1号")
    letter = await office.act(
        lambda unit: desk.register_letter(unit, "notice", CUSTOMER, VISIT, "text:followup:letter"), local("2026-03-12 09:00")
    )
    assert (letter.number, letter.kind, letter.visit, letter.content, letter.sent_by) == (
        1,
        "notice",
        VISIT,
        "text:followup:letter",
        "agent-1",
    )
    assert office.text(letter.address).startswith("北京市")


@pytest.mark.clause("F8")
@pytest.mark.clause("F9")
@pytest.mark.parametrize("kind", [CallRegistered, LetterRegistered])
async def test_a_register_keeps_every_field_of_its_event(office: Office, kind: type[Event]) -> None:
    office.knows_customer(address="北京市")
    await hold(office)
    await office.act(lambda unit: desk.register_letter(unit, "answer", CUSTOMER, VISIT, "text:followup:1"), local("2026-03-12 09:00"))
    (event,) = office.journalled(kind)
    row = registered(office)[0] if kind is CallRegistered else office.found(Letter, getattr(event, "letter", ""))
    kept = row.model_dump(mode="json")
    wanted = event.model_dump(mode="json", exclude={"call", "letter"})
    assert {name: kept[name] for name in wanted} == wanted
