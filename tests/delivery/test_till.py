"""D5: the day's till: totals by method, differences, closed by somebody who took no money into it."""

from datetime import timedelta

import pytest

from services.delivery.till import Till
from shared.money import Money
from tests.delivery.conftest import CatchUp, Until
from tests.delivery.desk import BRANCH, NOW, refused
from tests.delivery.people import CASE, Desk, Tell, arrive

DAY = "/tills/2026-03-09"


def till() -> Till:
    blank = Till(id="till-2026-03-09")
    for entry, method, amount in (("a", "cash", "100.00"), ("b", "card", "50.00"), ("c", "cash", "-20.00")):
        blank = blank.after(blank.book("visit-1", entry, method, Money.of(amount), "cashier-1"))
    return blank


def counted(cash: str = "80.00", card: str = "50.00") -> Till:
    return till().after(till().count({"cash": Money.of(cash), "card": Money.of(card)}, "cashier-1"))


@pytest.mark.clause("D5")
def test_a_till_is_closed_with_its_totals_by_method() -> None:
    done = counted().after(counted().close("bizsup-1", None, BRANCH)).closed
    assert done
    assert (done.totals, done.differences, done.entries) == ({"cash": Money.of(80), "card": Money.of(50)}, {}, 3)


@pytest.mark.clause("D5")
def test_a_difference_is_named_and_needs_a_note() -> None:
    short = counted(cash="79.50")
    with refused("D5", "cash -0.50 CNY"):
        short.close("bizsup-1", None, BRANCH)
    closed = short.after(short.close("bizsup-1", "text:delivery:note", BRANCH)).closed
    assert closed
    assert closed.differences == {"cash": Money.of("-0.50")}


@pytest.mark.clause("D5")
def test_who_took_money_or_counted_it_does_not_close_it() -> None:
    with refused("D5"):
        counted().close("cashier-1", None, BRANCH)


@pytest.mark.clause("D5")
def test_edge_case_9_nor_by_a_second_account_that_is_named_late() -> None:
    assert counted().close("bizsup-1", None, BRANCH)
    with refused("D5"):
        counted().close("bizsup-1", None, BRANCH.with_settings({"accounts.cashier-1": "bizsup-1"}))


@pytest.mark.clause("D5")
def test_it_is_counted_after_the_last_booking_and_closed_once() -> None:
    with refused("D5", "count"):
        till().close("bizsup-1", None, BRANCH)
    late = counted().after(counted().book("visit-2", "d", "cash", Money.of(1), "cashier-1"))
    with refused("D5", "count"):
        late.close("bizsup-1", None, BRANCH)
    closed = counted().after(counted().close("bizsup-1", None, BRANCH))
    with refused("D5"):
        closed.close("bizsup-1", None, BRANCH)
    with refused("D5"):
        closed.book("visit-2", "d", "cash", Money.of(1), "cashier-1")


async def _pay(desk: Desk, id: str, amount: str, method: str = "cash") -> None:
    await desk.did(f"{CASE}/payments", {"payment": id, "method": method, "amount": amount}, by="cashier-1")


@pytest.mark.clause("D5")
async def test_every_movement_is_booked_once_and_what_comes_after_the_closing_is_tomorrows(desk: Desk, tell: Tell) -> None:
    await arrive(tell)
    await desk.to_the_desk()
    await desk.settle()
    await _pay(desk, "pay-1", "300.00")
    await _pay(desk, "pay-1", "300.00")
    await _pay(desk, "pay-2", "200.00", "card")
    await desk.did(f"{CASE}/payments/pay-2/reversal", {"reason": "拒付"}, by="cashier-1")
    await desk.did(f"{CASE}/payments", {"payment": "pay-3", "method": "transfer", "amount": "250", "overpaid": True}, by="cashier-1")
    await desk.did(f"{CASE}/refunds", {"refund": "back-1", "method": "cash", "amount": "8"}, by="cashier-1")
    shown = (await desk.get(DAY, by="cashier-1")).json()
    booked = {method: entry["amount"] for method, entry in shown["booked"].items()}
    assert booked == {"cash": "292.00", "card": "0.00", "transfer": "250.00"}
    assert shown["entries"] == 5
    await desk.did(f"{DAY}/count", {"counted": {"cash": "292.00", "transfer": "250.00"}}, by="cashier-1")
    assert (await desk.post(f"{DAY}/closing", by="cashier-1")).status_code == 403
    closed = (await desk.did(f"{DAY}/closing", by="bizsup-1"))["closed"]
    assert (closed["differences"], closed["approver"]) == ({}, "bizsup-1")
    await desk.did(f"{CASE}/credit-notes", {"amount": "10", "reason": "少换一件"}, by="bizsup-1")
    await desk.did(f"{CASE}/refunds", {"refund": "back-2", "method": "cash", "amount": "10"}, by="cashier-1")
    assert (await desk.get("/tills/2026-03-10", by="cashier-1")).json()["booked"]["cash"]["amount"] == "-10.00"


@pytest.mark.clause("D5")
async def test_who_books_a_reversal_took_no_money_and_closes_the_till(desk: Desk, tell: Tell) -> None:
    """EDGE_CASES 6: the branch has one business supervisor. What is taken back is booked as its cashier's."""
    await arrive(tell)
    await desk.did(f"{CASE}/payments", {"payment": "dep-1", "method": "cash", "amount": "50", "kind": "deposit"}, by="cashier-1")
    await desk.did(f"{CASE}/payments/dep-1/reversal", {"reason": "假币"}, by="bizsup-1")
    booked = [entry["data"] for entry in await desk.journal() if entry["type"] == "delivery.taking_booked.v1"]
    assert [(entry["entry"], entry["cashier"]) for entry in booked] == [("dep-1", "cashier-1"), ("dep-1.reversal", "cashier-1")]
    await desk.did(f"{DAY}/count", {"counted": {"cash": "0"}}, by="cashier-1")
    assert (await desk.did(f"{DAY}/closing", by="bizsup-1"))["closed"]["approver"] == "bizsup-1"


@pytest.mark.clause("D5")
async def test_a_till_left_open_at_the_days_end_is_told(desk: Desk, tell: Tell, catch_up: CatchUp, until: Until) -> None:
    await arrive(tell)
    await desk.did(f"{CASE}/payments", {"payment": "dep-1", "method": "cash", "amount": "50", "kind": "deposit"}, by="cashier-1")
    await catch_up()
    await until(NOW + timedelta(hours=11))
    assert [notice["to"] for notice in await desk.told("till_not_closed")] == [("cashier", "business_supervisor")]


@pytest.mark.clause("D5")
async def test_a_till_closed_in_time_is_not(desk: Desk, tell: Tell, catch_up: CatchUp, until: Until) -> None:
    await arrive(tell)
    await desk.did(f"{CASE}/payments", {"payment": "dep-1", "method": "cash", "amount": "50", "kind": "deposit"}, by="cashier-1")
    await desk.did(f"{DAY}/count", {"counted": {"cash": "50"}}, by="cashier-1")
    await desk.did(f"{DAY}/closing", by="bizsup-1")
    await catch_up()
    await until(NOW + timedelta(hours=11))
    assert await desk.told("till_not_closed") == []
