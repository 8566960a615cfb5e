"""D5 over HTTP: accounts over visits, reversals, the insurer, discounts and credit notes by those whose right it is."""

import asyncio

import pytest

from shared.contracts.event import VisitEvent
from tests.delivery.conftest import CatchUp
from tests.delivery.desk import DOCUMENTS, HANDED_IN, PARKED, check_in, documents_taken, inquiry_ended, item, pays, qc_passed, signed_order
from tests.delivery.people import CASE, Desk, Tell, arrive, clause

SECOND = "visit-2"


async def _settled(desk: Desk, tell: Tell, **shares: str) -> None:
    await arrive(tell, paid_by=pays(**shares or {"card": "1"}))
    await desk.to_the_desk()
    await desk.settle()


async def _leave(desk: Desk, visit: str = "visit-1") -> None:
    await desk.did(f"/cases/{visit}/documents-return", {"documents": DOCUMENTS})
    number = (await desk.did(f"/cases/{visit}/exit-pass"))["exit_pass"]["number"]
    await desk.did(f"/gate/{number}", by="gate-1")


async def _arrives_again(tell: Tell, labour: str) -> None:
    """The same customer with another visit."""
    before: tuple[VisitEvent, ...] = (check_in(), documents_taken(), signed_order((item(labour=labour),)))
    for event in (*before, qc_passed(), PARKED, HANDED_IN):
        await tell(event.model_copy(update={"visit": SECOND}))


@pytest.mark.clause("D5")
async def test_what_a_customer_may_owe_on_account_is_one_limit_over_all_visits(desk: Desk, tell: Tell) -> None:
    await _settled(desk, tell)
    await desk.did(f"{CASE}/account", {"payer": "customer"}, by="bizsup-1")
    await _arrives_again(tell, labour="19200.00")
    await desk.to_the_desk(visit=SECOND)
    await desk.settle(visit=SECOND)
    refused = await desk.post(f"/cases/{SECOND}/account", {"payer": "customer"}, by="bizsup-1")
    assert clause(refused) == (409, "D5")
    await desk.did(f"/cases/{SECOND}/account", {"payer": "customer", "amount": "19458.00"}, by="bizsup-1")
    await desk.did(f"{CASE}/payments", {"payment": "pay-1", "method": "card", "amount": "542"}, by="cashier-1")
    await desk.did(f"/cases/{SECOND}/account", {"payer": "customer"}, by="bizsup-1")


@pytest.mark.clause("D5")
async def test_two_visits_of_one_customer_at_once_do_not_both_take_the_rest_of_the_limit(desk: Desk, tell: Tell) -> None:
    await arrive(tell, items=(item(labour="11000.00"),))
    await _arrives_again(tell, labour="11000.00")
    for visit in ("visit-1", SECOND):
        await desk.to_the_desk(visit=visit)
        await desk.settle(visit=visit)
    asked = [desk.post(f"/cases/{visit}/account", {"payer": "customer"}, by="bizsup-1") for visit in ("visit-1", SECOND)]
    assert sorted(answer.status_code for answer in await asyncio.gather(*asked)) == [200, 409]


@pytest.mark.clause("D5")
async def test_edge_case_6_a_payment_bounced_after_the_exit_is_a_debt_and_told(desk: Desk, tell: Tell, catch_up: CatchUp) -> None:
    await _settled(desk, tell)
    await desk.did(f"{CASE}/payments", {"payment": "pay-1", "method": "transfer", "amount": "542"}, by="cashier-1")
    await _leave(desk)
    assert (await desk.get("/debts")).json() == []
    await desk.did(f"{CASE}/payments/pay-1/reversal", {"reason": "银行退回"}, by="cashier-1")
    await catch_up()
    assert [notice["to"] for notice in await desk.told("debt_arose")] == [("business_supervisor", "advisor-1")]
    assert (await desk.get("/debts")).json()[0]["due"]["customer"]["amount"] == "542.00"
    await desk.did(f"{CASE}/payments", {"payment": "pay-2", "method": "card", "amount": "542"}, by="cashier-1")
    assert (await desk.get("/debts")).json() == []
    await catch_up()
    owed = [entry["data"]["owed"]["amount"] for entry in await desk.journal() if entry["type"] == "delivery.balance_changed.v1"]
    assert owed == ["542.00", "0.00"]


@pytest.mark.clause("D5")
async def test_edge_case_6_what_is_to_be_paid_back_after_the_exit_is_told_each_time_that_it_grows_and_listed(
    desk: Desk, tell: Tell, catch_up: CatchUp
) -> None:
    await _settled(desk, tell)
    await desk.did(f"{CASE}/payments", {"payment": "pay-1", "method": "transfer", "amount": "542"}, by="cashier-1")
    await _leave(desk)
    await catch_up()
    assert (await desk.told("refund_due"), (await desk.get("/refunds")).json()) == ([], [])
    await desk.did(f"{CASE}/credit-notes", {"amount": "98.00", "reason": "少换一件"}, by="bizsup-1")
    await desk.did(f"{CASE}/payments", {"payment": "pay-2", "method": "card", "amount": "2", "overpaid": True}, by="cashier-1")
    await catch_up()
    assert [(told["to"], told["amount"]) for told in await desk.told("refund_due")] == [
        (("cashier", "advisor-1"), "98.00 CNY"),
        (("cashier", "advisor-1"), "2.00 CNY"),
    ]
    (listed,) = (await desk.get("/refunds")).json()
    assert (listed["due"], listed["refund"]["customer"]["amount"]) == ({}, "100.00")
    assert (await desk.get("/debts")).json() == []
    await desk.did(f"{CASE}/refunds", {"refund": "back-1", "method": "cash", "amount": "100"}, by="cashier-1")
    assert (await desk.get("/refunds")).json() == []


@pytest.mark.clause("D5")
async def test_a_deposit_is_due_back_where_less_is_settled_or_the_car_is_let_go(desk: Desk, tell: Tell, catch_up: CatchUp) -> None:
    both: tuple[VisitEvent, ...] = (check_in(), documents_taken())
    for event in both:
        await tell(event)
        await tell(event.model_copy(update={"visit": SECOND}))
    for visit in ("visit-1", SECOND):
        deposit = {"payment": "dep-1", "method": "card", "amount": "600", "kind": "deposit"}
        await desk.did(f"/cases/{visit}/payments", deposit, by="cashier-1")
    assert (await desk.get("/refunds")).json() == [], "nothing is settled yet"
    await tell(inquiry_ended())
    more: tuple[VisitEvent, ...] = (signed_order(), qc_passed(), PARKED, HANDED_IN)
    for event in more:
        await tell(event.model_copy(update={"visit": SECOND}))
    await desk.to_the_desk(visit=SECOND)
    await desk.settle(visit=SECOND)
    await catch_up()
    assert sorted(told["amount"] for told in await desk.told("refund_due")) == ["58.00 CNY", "600.00 CNY"]
    listed = (await desk.get("/refunds")).json()
    assert [(each["visit"], each["refund"]["customer"]["amount"]) for each in listed] == [("visit-1", "600.00"), (SECOND, "58.00")]


@pytest.mark.clause("D5")
async def test_a_page_of_debts_is_filled_with_what_is_owed_still_whatever_was_paid_before_it(desk: Desk, tell: Tell) -> None:
    await _settled(desk, tell)
    await _arrives_again(tell, labour="100.00")
    await desk.to_the_desk(visit=SECOND)
    await desk.settle(visit=SECOND)
    for visit, amount in (("visit-1", "542"), (SECOND, "498")):
        await desk.did(f"/cases/{visit}/payments", {"payment": "pay-1", "method": "transfer", "amount": amount}, by="cashier-1")
        await _leave(desk, visit)
        await desk.did(f"/cases/{visit}/payments/pay-1/reversal", {"reason": "银行退回"}, by="cashier-1")
    assert [debt["visit"] for debt in (await desk.get("/debts?limit=1")).json()] == ["visit-1"]
    await desk.did(f"{CASE}/payments", {"payment": "pay-2", "method": "card", "amount": "542"}, by="cashier-1")
    assert [debt["visit"] for debt in (await desk.get("/debts?limit=1")).json()] == [SECOND]
    assert (await desk.get(f"/debts?limit=1&after={SECOND}")).json() == []
    unknown = await desk.get("/debts?after=ST-1")
    assert (unknown.status_code, unknown.json()["missing"]) == (422, ["after"])


@pytest.mark.clause("D5")
async def test_a_deposit_that_was_refunded_and_bounced_after_an_unsettled_exit_is_listed_and_paid(desk: Desk, tell: Tell) -> None:
    for event in (check_in(), documents_taken()):
        await tell(event)
    deposit = {"payment": "dep-1", "method": "transfer", "amount": "50", "kind": "deposit"}
    await desk.did(f"{CASE}/payments", deposit, by="cashier-1")
    await tell(inquiry_ended())
    await _leave(desk)
    again = {"payment": "pay-1", "method": "cash", "amount": "50"}
    assert clause(await desk.post(f"{CASE}/payments", again | {"overpaid": True}, by="cashier-1")) == (409, "D5")
    await desk.did(f"{CASE}/refunds", {"refund": "back-1", "method": "cash", "amount": "50"}, by="cashier-1")
    assert (await desk.get("/debts")).json() == []
    await desk.did(f"{CASE}/payments/dep-1/reversal", {"reason": "银行退回"}, by="cashier-1")
    (debt,) = (await desk.get("/debts")).json()
    assert (debt["visit"], debt["settlement"], debt["due"]["customer"]["amount"]) == ("visit-1", None, "50.00")
    await desk.did(f"{CASE}/payments", again, by="cashier-1")
    assert (await desk.get("/debts")).json() == []


@pytest.mark.clause("D5")
@pytest.mark.parametrize("pass_is_out", [True, False])
async def test_edge_case_6_a_deposit_that_was_refunded_and_bounced_before_an_unsettled_exit_is_paid_first(
    desk: Desk, tell: Tell, pass_is_out: bool
) -> None:
    """What was paid back in cash is owed: once, the car left with it, and it was in no list of debts."""
    for event in (check_in(), documents_taken()):
        await tell(event)
    deposit = {"payment": "dep-1", "method": "transfer", "amount": "50", "kind": "deposit"}
    await desk.did(f"{CASE}/payments", deposit, by="cashier-1")
    await tell(inquiry_ended())
    await desk.did(f"{CASE}/refunds", {"refund": "back-1", "method": "cash", "amount": "50"}, by="cashier-1")
    if pass_is_out:
        await desk.did(f"{CASE}/exit-pass", by="cashier-1")
    await desk.did(f"{CASE}/payments/dep-1/reversal", {"reason": "银行退回"}, by="cashier-1")
    assert (await desk.get(CASE)).json()["exit_pass"] is None
    answer = await desk.post(f"{CASE}/exit-pass", by="cashier-1")
    assert (clause(answer), answer.json()["missing"]) == ((409, "D5"), ["customer 50.00 CNY"])
    await desk.did(f"{CASE}/payments", {"payment": "pay-1", "method": "cash", "amount": "50"}, by="cashier-1")
    await _leave(desk)


@pytest.mark.clause("D5")
async def test_edge_case_6_a_payment_bounced_before_the_exit_revokes_the_pass_and_the_gate_is_told(
    desk: Desk, tell: Tell, catch_up: CatchUp
) -> None:
    await _settled(desk, tell)
    await desk.did(f"{CASE}/payments", {"payment": "pay-1", "method": "transfer", "amount": "542"}, by="cashier-1")
    number = (await desk.did(f"{CASE}/exit-pass"))["exit_pass"]["number"]
    await desk.did(f"{CASE}/payments/pay-1/reversal", {"reason": "银行退回"}, by="cashier-1")
    await catch_up()
    assert [notice["number"] for notice in await desk.told("exit_pass_revoked")] == [number]
    assert clause(await desk.post(f"/gate/{number}", by="gate-1")) == (409, "D5")
    assert clause(await desk.get(f"/gate/{number}", by="gate-1")) == (409, "D5")


@pytest.mark.clause("D5")
async def test_edge_case_7_the_gap_that_an_insurer_leaves_is_signed_for_or_granted(desk: Desk, tell: Tell) -> None:
    await _settled(desk, tell, insurer="0.5", card="0.5")
    await desk.did(f"{CASE}/insurer", {"claim_number": "PICC-1", "approved_amount": "200.00"})
    await desk.did(f"{CASE}/account", {"payer": "insurer"}, by="bizsup-1")
    await desk.did(f"{CASE}/payments", {"payment": "pay-1", "method": "card", "amount": "271"}, by="cashier-1")
    assert (await desk.post(f"{CASE}/exit-pass")).json()["missing"] == ["insurer 71.00 CNY"]
    assert (await desk.post(f"{CASE}/goodwill", {"payer": "insurer", "amount": "1", "reason": "x"})).status_code == 403
    await desk.did(f"{CASE}/goodwill", {"payer": "insurer", "amount": "70.00", "reason": "老客户"}, by="bizsup-1")
    shown = (await desk.get(f"{CASE}/insurer/gap")).json()
    assert shown["amount"]["amount"] == "1.00"
    await desk.did(f"{CASE}/insurer/gap", {"content_hash": shown["content_hash"]})
    await desk.did(f"{CASE}/payments", {"payment": "pay-2", "method": "card", "amount": "1"}, by="cashier-1")
    await desk.did(f"{CASE}/exit-pass")
    ledger = (await desk.get(f"{CASE}/ledger")).json()
    assert (ledger["insurer"]["on_account"]["amount"], ledger["customer"]["due"]["amount"]) == ("200.00", "0.00")


@pytest.mark.clause("D5")
async def test_edge_case_7_that_the_insurer_pays_less_after_the_exit_is_told_as_that(desk: Desk, tell: Tell, catch_up: CatchUp) -> None:
    await _settled(desk, tell, insurer="1")
    await desk.did(f"{CASE}/insurer", {"claim_number": "PICC-1", "approved_amount": "542.00"})
    await desk.did(f"{CASE}/account", {"payer": "insurer"}, by="bizsup-1")
    await _leave(desk)
    await desk.did(f"{CASE}/insurer", {"claim_number": "PICC-1", "approved_amount": "500.00"})
    await catch_up()
    (told,) = await desk.told("insurer_pays_less")
    assert (told["payer"], told["amount"]) == ("insurer", "42.00 CNY")
    assert await desk.told("debt_arose") == []


@pytest.mark.clause("D5")
async def test_edge_case_8_a_discount_within_the_role_and_a_credit_note_after(desk: Desk, tell: Tell) -> None:
    await arrive(tell)
    await desk.to_the_desk()
    off = {"line": "item-1.labour", "amount": "100.01", "reason": "等待时间长"}
    assert clause(await desk.post(f"{CASE}/discounts", off)) == (409, "D5")
    assert (await desk.post(f"{CASE}/discounts", off, by="cashier-1")).status_code == 403
    assert (await desk.post(f"{CASE}/discounts", off | {"line": "item-9.labour"}, by="bizsup-1")).status_code == 404
    await desk.did(f"{CASE}/discounts", off, by="bizsup-1")
    settled = await desk.settle()
    assert settled["settlement"]["total"]["amount"] == "441.99"
    assert clause(await desk.post(f"{CASE}/discounts", off, by="bizsup-1")) == (409, "D5")
    credited = await desk.did(f"{CASE}/credit-notes", {"amount": "41.99", "reason": "少换一件"}, by="bizsup-1")
    assert credited["credit_notes"][0]["number"] == "CN-20260309-0001"
    assert (await desk.get("/till", by="cashier-1")).json()[0]["due"]["customer"]["amount"] == "400.00"


@pytest.mark.clause("D5")
async def test_a_countered_settlement_frees_the_account(desk: Desk, tell: Tell) -> None:
    await _settled(desk, tell)
    await desk.did(f"{CASE}/account", {"payer": "customer"}, by="bizsup-1")
    assert (await desk.store.fetch("accounts", "customer-1") or {})["visits"] == {"visit-1": "542.00"}
    await desk.did(f"{CASE}/settlement/counter", {"reason": "付款方改变"}, by="bizsup-1")
    assert (await desk.store.fetch("accounts", "customer-1") or {})["visits"] == {}
    assert (await desk.settle())["settlement"]["number"] == "S-20260309-0002"
