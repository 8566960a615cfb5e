"""R5, D10: an item whose ruling is out is reserved and released; the ruling leads to a claim, or to a supplement and a call that day."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from services.delivery import ruling, settlement
from services.delivery.case import Case
from shared.contracts.event import Event
from shared.contracts.values import Payer
from shared.contracts.workshop import QcPassed
from shared.money import Money
from tests.delivery.conftest import CatchUp, Until
from tests.delivery.desk import (
    BOSS,
    NOW,
    TAX,
    Move,
    at_the_desk,
    carry,
    close,
    item,
    order,
    parked,
    pays,
    qc_passed,
    refused,
    ruled,
    settled,
)
from tests.delivery.people import CASE, Desk, Tell, arrive, clause

MIXED = (item("item-1"), item("item-2", warranty="unclear", labour="100.00", part="50.00"))
OPEN = order(MIXED)


def reserve(case: Case) -> Sequence[Event]:
    return ruling.reserve(case, OPEN, ruling.reservation(case, OPEN).content_hash, None, NOW)


def release(case: Case) -> Sequence[Event]:
    return ruling.release(case, BOSS)


def rules(*, covers: bool) -> Move:
    return lambda case: ruling.rule(case, ruled("item-2", covers=covers), None)


@pytest.mark.clause("R5")
def test_reserved_and_released_the_item_is_left_out_and_the_rest_is_settled() -> None:
    case = at_the_desk(OPEN)
    assert "R5 item-2" in settlement.statement(case, OPEN, TAX).missing
    with refused("R5", "item-2"):
        close(OPEN)(carry(case, reserve))
    closed = carry(case, reserve, release, close(OPEN)).settlement
    assert closed
    assert (closed.awaiting_ruling, closed.total, closed.owed) == (("item-2",), Money.of(542), {Payer.CUSTOMER: Money.of(542)})
    assert {line.item for line in closed.lines} == {"item-1"}


@pytest.mark.clause("R5")
def test_a_visit_whose_only_item_awaits_its_ruling_is_settled_with_nothing_owed() -> None:
    only = order((item(warranty="unclear"),))
    case = at_the_desk(only)
    signed = ruling.reservation(case, only).content_hash
    case = carry(case, lambda case: ruling.reserve(case, only, signed, None, NOW), release, close(only))
    assert case.settlement
    assert (case.settlement.lines, case.settlement.total, case.settlement.owed) == ((), Money.of(0), {})


@pytest.mark.clause("R5")
def test_the_reservation_is_signed_as_shown_once_and_released_once() -> None:
    case = at_the_desk(OPEN)
    with refused("R5", "reservation"):
        release(case)
    with refused("R5"):
        ruling.reserve(case, OPEN, "0" * 64, None, NOW)
    with refused("R5"):
        reserve(carry(case, reserve))
    with refused("R5"):
        release(carry(case, reserve, release))


@pytest.mark.clause("R5")
def test_where_nothing_is_unclear_nothing_is_reserved() -> None:
    with refused("R5"):
        ruling.reservation(at_the_desk(order()), order())
    with refused("R5"):
        ruling.reservation(carry(at_the_desk(OPEN), rules(covers=True)), OPEN)


@pytest.mark.clause("R5")
def test_nothing_is_reserved_before_delivery_holds_the_car() -> None:
    with refused("W13"):
        carry(Case(id="visit-1"), lambda case: case.open(_judged()), reserve)
    assert parked(items=("item-1", "item-2")).spot


def _judged() -> QcPassed:
    return qc_passed(items=("item-1", "item-2"))


@pytest.mark.clause("R5")
@pytest.mark.parametrize(("covers", "owed"), [(True, {"customer": 542, "warranty": 150}), (False, {"customer": 692})])
def test_a_ruling_before_the_settlement_says_who_pays_the_frozen_price(covers: bool, owed: dict[str, int]) -> None:
    closed = carry(at_the_desk(OPEN), rules(covers=covers), close(OPEN)).settlement
    assert closed
    assert (closed.awaiting_ruling, closed.owed) == ((), {Payer(payer): Money.of(amount) for payer, amount in owed.items()})


@pytest.mark.clause("R5")
def test_the_first_ruling_of_an_item_stays() -> None:
    case = carry(at_the_desk(OPEN), rules(covers=True), rules(covers=False))
    assert [entry.covers for entry in case.rulings] == [True]


@pytest.mark.clause("R5")
def test_a_supplement_is_the_items_frozen_price_shared_as_the_customer_chose() -> None:
    split = order(MIXED, pays(insurer="0.5", card="0.5"))
    case = settled(split.ruled(()).without(("item-2",)))
    owed = settlement.supplement(case, split, "item-2", "SU-1")
    assert (owed.total, owed.owed) == (Money.of(150), {Payer.INSURER: Money.of(75), Payer.CUSTOMER: Money.of(75)})


async def _left_open(desk: Desk, tell: Tell) -> None:
    await arrive(tell, items=MIXED)
    await desk.to_the_desk(("item-1", "item-2"))
    assert clause(await desk.post(f"{CASE}/settlement", {"content_hash": "0" * 64})) == (409, "R5")
    shown = (await desk.get(f"{CASE}/reservation")).json()
    await desk.did(f"{CASE}/reservation", {"content_hash": shown["content_hash"]})
    await desk.did(f"{CASE}/reservation/release", by="bizsup-1")
    await desk.settle()
    await desk.did(f"{CASE}/payments", {"payment": "pay-1", "method": "card", "amount": "542"}, by="cashier-1")


async def _leave(desk: Desk) -> None:
    await desk.did(f"{CASE}/documents-return", {"documents": ["driving_licence", "maintenance_booklet"]})
    number = (await desk.did(f"{CASE}/exit-pass"))["exit_pass"]["number"]
    await desk.did(f"/gate/{number}", by="gate-1")


@pytest.mark.clause("D10")
async def test_edge_case_5_a_covering_ruling_after_the_exit_opens_a_claim_and_changes_no_settlement(desk: Desk, tell: Tell) -> None:
    await _left_open(desk, tell)
    await _leave(desk)
    assert (await desk.get(f"{CASE}/reservation")).json()["items"] == ["item-2"]
    before = (await desk.get(CASE)).json()["settlement"]
    await tell(ruled("item-2", covers=True))
    case = (await desk.get(CASE)).json()
    assert (case["settlement"], case["supplements"]) == (before, [])
    (claim,) = (await desk.get("/claims")).json()
    assert (claim["id"], claim["amount"]["amount"], claim["reference"]) == ("visit-1.item-2", "150.00", "MFR-1")


@pytest.mark.clause("D5")
@pytest.mark.parametrize(("covers", "back"), [(True, "200.00"), (False, "50.00")])
async def test_edge_case_5_the_deposit_that_a_ruling_sets_free_is_told_and_listed_until_it_is_paid_back(
    desk: Desk, tell: Tell, catch_up: CatchUp, covers: bool, back: str
) -> None:
    await _left_open(desk, tell)
    deposit = {"payment": "dep-1", "method": "card", "amount": "200", "kind": "deposit"}
    await desk.did(f"{CASE}/payments", deposit, by="cashier-1")
    await _leave(desk)
    await catch_up()
    assert (await desk.told("refund_due"), (await desk.get("/refunds")).json()) == ([], []), "held until the ruling"
    await tell(ruled("item-2", covers=covers))
    await catch_up()
    (told,) = await desk.told("refund_due")
    assert (told["to"], told["payer"], told["amount"]) == (("cashier", "advisor-1"), "customer", f"{back} CNY")
    (listed,) = (await desk.get("/refunds", by="cashier-1")).json()
    assert (listed["visit"], listed["refund"]["customer"]["amount"]) == ("visit-1", back)
    await desk.did(f"{CASE}/refunds", {"refund": "back-1", "method": "card", "amount": back}, by="cashier-1")
    assert (await desk.get("/refunds")).json() == []


@pytest.mark.clause("R5")
async def test_edge_case_5_a_rejecting_ruling_after_the_exit_is_a_supplement_and_a_call_the_same_day(
    desk: Desk, tell: Tell, catch_up: CatchUp, until: Until
) -> None:
    await _left_open(desk, tell)
    await _leave(desk)
    await tell(ruled("item-2", covers=False))
    await catch_up()
    (supplement,) = (await desk.get(CASE)).json()["supplements"]
    assert (supplement["total"]["amount"], supplement["settlement"]) == ("150.00", "S-20260309-0001")
    assert [notice["to"] for notice in await desk.told("supplement_to_tell")] == [("advisor-1",)]
    await until(NOW + timedelta(hours=12))
    assert [notice["to"] for notice in await desk.told("supplement_untold")] == [("business_supervisor", "advisor-1")]
    await desk.did(f"{CASE}/supplements/{supplement['number']}/told")
    assert clause(await desk.post(f"{CASE}/supplements/{supplement['number']}/told")) == (409, "R5")
    assert clause(await desk.post(f"{CASE}/exit-pass")) == (409, "D5")


@pytest.mark.clause("R5")
async def test_a_supplement_told_in_time_does_not_escalate(desk: Desk, tell: Tell, catch_up: CatchUp, until: Until) -> None:
    await _left_open(desk, tell)
    await tell(ruled("item-2", covers=False))
    await catch_up()
    await desk.did(f"{CASE}/supplements/SU-20260309-0001/told")
    await until(NOW + timedelta(hours=12))
    assert await desk.told("supplement_untold") == []


@pytest.mark.clause("R5")
async def test_a_supplement_whose_settlement_was_countered_is_to_be_told_to_nobody(
    desk: Desk, tell: Tell, catch_up: CatchUp, until: Until
) -> None:
    await _left_open(desk, tell)
    await tell(ruled("item-2", covers=False))
    await catch_up()
    await desk.did(f"{CASE}/settlement/counter", {"reason": "付款方改变"}, by="bizsup-1")
    await until(NOW + timedelta(hours=12))
    assert await desk.told("supplement_untold") == []


@pytest.mark.clause("R5")
async def test_the_open_item_ages_and_escalates_until_it_is_ruled(desk: Desk, tell: Tell, catch_up: CatchUp, until: Until) -> None:
    await _left_open(desk, tell)
    await catch_up()
    await until(NOW + timedelta(days=4))
    assert [notice["item"] for notice in await desk.told("ruling_awaited")] == ["item-2"]
    await until(NOW + timedelta(days=10))
    assert len(await desk.told("ruling_awaited")) == 2
    await tell(ruled("item-2", covers=True))
    await until(NOW + timedelta(days=30))
    assert len(await desk.told("ruling_awaited")) == 2
