"""W8, D5: a revision takes the car back while delivery holds it, and is refused after the exit; what comes back is checked anew."""

import pytest

from services.delivery import revision
from services.delivery.case import Case
from tests.delivery.conftest import CatchUp
from tests.delivery.desk import (
    DOCUMENTS,
    HANDED_IN,
    PARKED,
    Move,
    announced,
    at_the_desk,
    carry,
    check_in,
    customer_call,
    give_back,
    internal_check,
    issue_pass,
    item,
    opened,
    order,
    papers,
    parked,
    pass_the_gate,
    pay,
    qc_passed,
    refused,
    revised,
    settled,
    signed_order,
)
from tests.delivery.people import CASE, Desk, Tell, arrive, clause

ORDER = order()
MORE = (item("item-1"), item("found-1", labour="100.00", part="50.00"))


def take(number: int = 2) -> Move:
    return lambda case: revision.take(case, number, "C-1")


def happened(case: Case, move: Move) -> list[str]:
    return [type(event).__name__ for event in move(case)]


@pytest.mark.clause("W8")
def test_a_revision_counters_the_settlement_revokes_the_pass_and_returns_the_car() -> None:
    case = carry(settled(ORDER), pay("542.00"), issue_pass)
    assert happened(case, take()) == ["SettlementCountered", "ExitPassRevoked", "CarReturned"]
    case = carry(case, take())
    assert (case.settlement, case.exit_pass, case.statement_number, case.holds_the_car) == (None, None, None, False)
    assert [entry.counters for entry in case.countered] == ["S-20260309-0001"]
    assert [entry.number for entry in case.earlier_settlements] == ["S-20260309-0001"]


@pytest.mark.clause("W8")
@pytest.mark.parametrize("case", [announced(), opened()], ids=["announced", "opened"])
def test_a_revision_while_the_workshop_holds_the_car_is_the_workshops(case: Case) -> None:
    assert happened(case, take()) == []


@pytest.mark.clause("W8")
def test_a_revision_that_qc_judged_already_returns_nothing() -> None:
    assert happened(parked(), take(1)) == []


@pytest.mark.clause("W8")
def test_before_the_settlement_only_the_car_goes_back() -> None:
    assert happened(at_the_desk(ORDER), take()) == ["CarReturned"]


@pytest.mark.clause("W8")
def test_after_the_exit_a_revision_is_refused() -> None:
    left = carry(settled(ORDER), pay("542.00"), issue_pass, give_back, pass_the_gate)
    assert happened(left, take()) == ["RevisionRefused"]


@pytest.mark.clause("W13")
@pytest.mark.parametrize("move", [papers, internal_check(ORDER), give_back])
def test_a_returned_car_is_not_deliverys_until_it_is_parked_again(move: Move) -> None:
    with refused("W13"):
        move(carry(at_the_desk(ORDER), take()))


@pytest.mark.clause("D2")
def test_a_car_that_came_back_is_checked_again_before_the_customer_is_called() -> None:
    again = order(MORE).model_copy(update={"revision": 2})
    case = carry(at_the_desk(ORDER), take())
    case = carry(case, lambda case: case.open(qc_passed(items=("item-1", "found-1"), revision=2)), lambda case: case.make_ready(PARKED))
    with refused("D2", "internal_check"):
        customer_call(again)(case)
    with refused("D1"):
        internal_check(again)(case)
    assert carry(case, papers, internal_check(again), customer_call(again)).called


@pytest.mark.clause("W8")
async def test_edge_case_4_accepted_the_next_day_at_the_desk_is_settled_anew_and_what_was_paid_counts(
    desk: Desk, tell: Tell, catch_up: CatchUp
) -> None:
    await arrive(tell)
    await desk.to_the_desk()
    await desk.settle()
    await desk.did(f"{CASE}/payments", {"payment": "pay-1", "method": "card", "amount": "542"}, by="cashier-1")
    first = (await desk.did(f"{CASE}/exit-pass"))["exit_pass"]["number"]
    await tell(revised(MORE))
    await catch_up()
    assert (await desk.types())[-3:] == ["settlement_countered", "exit_pass_revoked", "car_returned"]
    assert [notice["to"] for notice in await desk.told("car_goes_back")] == [("workshop_supervisor", "advisor-1")]
    assert clause(await desk.post(f"/gate/{first}", by="gate-1")) == (409, "D5")
    await tell(qc_passed(items=("item-1", "found-1"), revision=2))
    await tell(PARKED)
    await tell(HANDED_IN)
    await desk.to_the_desk(("item-1", "found-1"))
    settled = await desk.settle()
    assert (settled["settlement"]["number"], settled["settlement"]["total"]["amount"]) == ("S-20260309-0002", "692.00")
    assert (await desk.get("/till", by="cashier-1")).json()[0]["due"]["customer"]["amount"] == "150.00"
    assert clause(await desk.post(f"{CASE}/exit-pass")) == (409, "D5")
    await desk.did(f"{CASE}/payments", {"payment": "pay-2", "method": "card", "amount": "150"}, by="cashier-1")
    await desk.did(f"{CASE}/documents-return", {"documents": DOCUMENTS})
    second = (await desk.did(f"{CASE}/exit-pass"))["exit_pass"]["number"]
    assert second != first
    await desk.did(f"/gate/{second}", by="gate-1")
    await tell(revised(MORE, revision=3))
    assert (await desk.types())[-1] == "revision_refused"


@pytest.mark.clause("W8")
async def test_a_revision_that_came_before_the_car_was_parked_takes_it_back_at_once(desk: Desk, tell: Tell) -> None:
    await arrive(tell)
    for event in (revised(MORE), PARKED):
        await tell(event)
    assert (await desk.types())[-1] == "car_returned"


@pytest.mark.clause("W8")
async def test_the_revision_that_qc_judged_is_settled_whichever_came_first(desk: Desk, tell: Tell) -> None:
    await tell(check_in())
    for event in (signed_order(), qc_passed(items=("item-1", "found-1"), revision=2), PARKED):
        await tell(event)
    assert (await desk.get(f"{CASE}/settlement")).status_code == 503
    await tell(revised(MORE))
    assert (await desk.get(f"{CASE}/settlement")).json()["total"]["amount"] == "692.00"
    assert "car_returned" not in await desk.types()


@pytest.mark.clause("D2")
async def test_edge_case_10_work_left_undone_goes_back_on_the_advisors_word_until_the_pass_is_used(desk: Desk, tell: Tell) -> None:
    await arrive(tell)
    await desk.to_the_desk()
    await desk.settle()
    returned = await desk.did(f"{CASE}/return", {"reason": "异响仍在"})
    assert (returned["spot"], returned["settlement"]) == (None, None)
    assert (await desk.types())[-2:] == ["settlement_countered", "car_returned"]
    assert clause(await desk.post(f"{CASE}/return", {"reason": "再退"})) == (409, "W13")


@pytest.mark.clause("D2")
async def test_the_workshop_supervisor_is_told_that_the_advisor_sends_the_car_back_and_reads_why(
    desk: Desk, tell: Tell, catch_up: CatchUp
) -> None:
    """Not that a revision asks for work. Who collects the car is not the workshop's to know."""
    await arrive(tell)
    who = {"collector": "李丽 110101199003070000", "proof": "written_proxy", "identity_checked": True}
    await desk.did(f"{CASE}/collector", who)
    await desk.did(f"{CASE}/damages", {"part": "hood", "mark": "dent", "note": "引擎盖有凹痕"})
    await desk.did(f"{CASE}/return", {"reason": "异响仍在，需返工"})
    await catch_up()
    assert await desk.told("car_goes_back") == []
    (notice,) = await desk.told("car_sent_back")
    assert notice["to"] == ("workshop_supervisor", "advisor-1")
    read = (await desk.get(f"{CASE}/texts", by="supervisor-1")).json()
    assert read[notice["reason"]] == "异响仍在，需返工"
    assert sorted(read.values()) == sorted(["异响仍在，需返工", "引擎盖有凹痕"])
    assert len((await desk.get(f"{CASE}/texts")).json()) == 3
