"""Delivery over HTTP and a real database: a car from the finished area through the gate, and what is refused on its way."""

import asyncio

import pytest

from tests.delivery.conftest import CatchUp
from tests.delivery.desk import ADVICE, DOCUMENTS, PARKED, SAFETY, VISIT, check_in, item, order, pays, qc_passed, signed_order
from tests.delivery.people import CASE, Desk, Tell, arrive, clause


@pytest.mark.clause("D5")
async def test_a_car_goes_from_the_finished_area_through_the_gate(desk: Desk, tell: Tell) -> None:
    await arrive(tell, SAFETY, ADVICE)
    await desk.to_the_desk()
    await desk.did(f"{CASE}/recommendations/rec-2/answer", {"answer": "declines"})
    to_sign = (await desk.get(f"{CASE}/recommendations/rec-1/answer?answer=next_time")).json()
    said = {"answer": "next_time", "consequence_explained": True, "note": "下次来修", "content_hash": to_sign["content_hash"]}
    await desk.did(f"{CASE}/recommendations/rec-1/answer", said)
    settled = await desk.settle()
    assert settled["settlement"]["number"] == "S-20260309-0001"
    await desk.did(f"{CASE}/settlement/print", {"copies": ["customer", "cashier", "file"]}, by="cashier-1")
    assert (await desk.get("/till", by="cashier-1")).json()[0]["due"] == {"customer": {"amount": "542.00", "currency": "CNY"}}
    await desk.did(f"{CASE}/payments", {"payment": "pay-1", "method": "card", "amount": "542.00"}, by="cashier-1")
    await desk.did(f"{CASE}/documents-return", {"documents": DOCUMENTS})
    released = await desk.did(f"{CASE}/exit-pass", by="cashier-1")
    number = released["exit_pass"]["number"]
    assert not (await desk.get(f"/gate/{number}", by="gate-1")).json()["used"]
    passed = await desk.did(f"/gate/{number}", by="gate-1")
    assert passed.pop("plate") is None
    assert passed.pop("valid_until") == "2026-03-10T06:00:00Z"
    assert passed == {"number": "P-20260309-0001", "visit": VISIT, "vehicle": "vehicle-1", "settlement": "S-20260309-0001", "used": True}
    assert [entry["type"].split(".")[1] for entry in await desk.journal() if entry["subject"] == VISIT] == [
        "case_announced", "case_opened", "notice_raised", "car_ready", "notice_raised", "papers_received", "internal_check_passed",
        "customer_called", "accompanied_check_done", "statement_numbered", "booklet_explained", "next_maintenance_set",
        "call_hour_confirmed", "recommendation_answered", "recommendation_answered", "settlement_closed",
        "settlement_printed", "payment_taken", "documents_returned", "exit_pass_issued", "exit_pass_used",
    ]  # fmt: skip
    assert [case["id"] for case in (await desk.get("/cases?state=delivered")).json()] == [VISIT]
    assert [entry["item"] for entry in (await desk.get(f"{CASE}/order")).json()["items"]] == [item().item]


@pytest.mark.clause("D5")
async def test_insurer_and_account_let_the_car_go_when_the_supervisor_approves(desk: Desk, tell: Tell) -> None:
    await arrive(tell, paid_by=pays(insurer="0.8", on_account="0.2"))
    await desk.to_the_desk()
    await desk.settle()
    refused = await desk.post(f"{CASE}/exit-pass")
    assert (clause(refused), refused.json()["missing"]) == ((409, "D5"), ["insurer 433.60 CNY", "on_account 108.40 CNY"])
    assert clause(await desk.post(f"{CASE}/account", {"payer": "insurer"}, by="bizsup-1")) == (409, "D5")
    approved = {"payer": "insurer", "claim_number": "PICC-1", "approved_amount": "433.60"}
    await desk.did(f"{CASE}/account", approved, by="bizsup-1")
    await desk.did(f"{CASE}/account", {"payer": "on_account", "amount": "108.40"}, by="bizsup-1")
    await desk.did(f"{CASE}/exit-pass")


@pytest.mark.clause("D2")
async def test_a_call_before_the_internal_check_is_refused_from_check_in_on_and_leaves_nothing(desk: Desk, tell: Tell) -> None:
    await tell(check_in())
    answer = await desk.post(f"{CASE}/customer-call", {"delivery_at": "2026-03-09T16:00:00+08:00"}, **{"X-Correlation-Id": "cheat-1"})
    assert clause(answer) == (409, "D2")
    assert await desk.journal("cheat-1") == []


@pytest.mark.clause("D6")
async def test_settling_with_an_unanswered_safety_item_is_refused_and_later_goes_through(desk: Desk, tell: Tell) -> None:
    await arrive(tell, SAFETY)
    await desk.to_the_desk()
    shown = (await desk.get(f"{CASE}/settlement")).json()
    assert shown["missing"] == ["D6 rec-1"]
    assert clause(await desk.post(f"{CASE}/settlement", {"content_hash": shown["content_hash"]})) == (409, "D6")
    unsigned = await desk.post(f"{CASE}/recommendations/rec-1/answer", {"answer": "declines", "note": "不修"})
    assert (clause(unsigned), unsigned.json()["missing"]) == ((409, "D6"), ["consequence_explained", "signature"])
    assert await desk.store.record("text:delivery:visit-1.rec-1") is None
    to_sign = (await desk.get(f"{CASE}/recommendations/rec-1/answer")).json()["content_hash"]
    said = {"answer": "declines", "consequence_explained": True, "note": "不修", "content_hash": to_sign}
    await desk.did(f"{CASE}/recommendations/rec-1/answer", said)
    await desk.settle()
    record = await desk.store.record("text:delivery:visit-1.rec-1")
    assert record
    assert record["text"] == "不修"


@pytest.mark.clause("D7")
@pytest.mark.parametrize(
    ("warranty", "booklet", "told"), [("first_maintenance", False, 1), ("first_maintenance", True, 0), ("yes", False, 0)]
)
async def test_the_advisor_hears_of_a_first_maintenance_that_is_settled_and_not_explained_and_explains_it(
    desk: Desk, tell: Tell, catch_up: CatchUp, warranty: str, booklet: bool, told: int
) -> None:
    await arrive(tell, items=(item(warranty=warranty),), paid_by=())
    await desk.to_the_desk(booklet=booklet)
    await desk.settle()
    await catch_up()
    assert await desk.told("first_maintenance_untold") == [{"to": ("advisor-1",)}] * told
    explained = await desk.post(f"{CASE}/booklet", {"entries": True, "first_maintenance": True})
    assert explained.is_success is not booklet


@pytest.mark.clause("D5")
async def test_pass_before_payment_and_a_second_pass_are_refused_and_take_no_number(desk: Desk, tell: Tell) -> None:
    await arrive(tell)
    assert clause(await desk.post(f"{CASE}/exit-pass")) == (409, "D5")
    await desk.to_the_desk()
    await desk.settle()
    assert clause(await desk.post(f"{CASE}/exit-pass")) == (409, "D5")
    await desk.did(f"{CASE}/payments", {"payment": "pay-1", "method": "card", "amount": "542"}, by="cashier-1")
    assert (await desk.did(f"{CASE}/exit-pass"))["exit_pass"]["number"] == "P-20260309-0001"
    assert clause(await desk.post(f"{CASE}/exit-pass")) == (409, "D5")
    assert clause(await desk.post("/gate/P-20260309-0001", by="gate-1")) == (409, "R7")


@pytest.mark.clause("D5")
async def test_two_taps_of_one_payment_at_once_are_one_payment(desk: Desk, tell: Tell) -> None:
    await arrive(tell)
    await desk.to_the_desk()
    await desk.settle()
    tap = {"payment": "pay-1", "method": "wechat", "amount": "542.00"}
    answers = await asyncio.gather(*(desk.post(f"{CASE}/payments", tap, by="cashier-1") for _ in range(3)))
    assert [answer.status_code for answer in answers] == [200] * 3
    assert [entry["type"] for entry in await desk.journal()].count("delivery.payment_taken.v1") == 1


@pytest.mark.clause("D5")
async def test_the_desk_waits_for_an_order_that_is_still_on_its_way(desk: Desk, tell: Tell) -> None:
    for event in (check_in(), qc_passed(), PARKED):
        await tell(event)
    answer = await desk.get(f"{CASE}/settlement")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    await tell(signed_order())
    assert (await desk.get(f"{CASE}/settlement")).json()["total"] == {"amount": "542.00", "currency": "CNY"}
    assert [entry["item"] for entry in (await desk.get(f"{CASE}/order")).json()["items"]] == [item().item]
    assert order().items == (item(),)


async def test_wrong_roles_bad_bodies_unknown_visits_and_no_token_change_nothing(desk: Desk, tell: Tell) -> None:
    await arrive(tell)
    before = len(await desk.journal())
    papers = {"from_person": "supervisor-1", "things": ["key", "order", "sheet"]}
    answers = [
        await desk.post(f"{CASE}/papers", papers, by="cashier-1"),
        await desk.post(f"{CASE}/exit-pass", by="gate-1"),
        await desk.post(f"{CASE}/account", {"payer": "insurer"}, by="cashier-1"),
        await desk.post(f"{CASE}/papers", papers | {"advisor": "advisor-2"}),
        await desk.post(f"{CASE}/papers", {"from_person": 7, "things": ["car"]}),
        await desk.post(f"{CASE}/payments", {"payment": "a b", "method": "card", "amount": "1.001"}, by="cashier-1"),
        await desk.post(f"{CASE}/call-hour", {"hour": "25:00"}),
        await desk.post(f"{CASE}/call-hour", {"hour": "18:3０"}),
        await desk.post("/cases/visit-9/papers", papers),
        await desk.post("/gate/P-9", by="gate-1"),
        await desk.post(f"{CASE}/papers", papers, by="nobody"),
        await desk.post(f"{CASE}/papers", papers, **{"If-Match": '"1"'}),
    ]
    assert [answer.status_code for answer in answers] == [403, 403, 403, 422, 422, 422, 422, 422, 404, 404, 401, 409]
    assert len(await desk.journal()) == before


async def test_the_gatekeeper_sees_the_plate_of_the_pass_and_no_prices(desk: Desk, tell: Tell) -> None:
    await arrive(tell)
    await desk.to_the_desk()
    await desk.settle()
    await desk.did(f"{CASE}/payments", {"payment": "pay-1", "method": "card", "amount": "542"}, by="cashier-1")
    number = (await desk.did(f"{CASE}/exit-pass"))["exit_pass"]["number"]
    record = {"_id": "vehicle:vehicle-1", "revision": 1, "body": {"kind": "vehicle", "vin": "LFPH3APC2RC879156", "plate": "京GED411"}}
    await desk.store.collection("records").insert_one(record)
    shown = (await desk.get(f"/gate/{number}", by="gate-1")).json()
    assert shown["plate"] == "京GED411"
    assert set(shown) == {"number", "visit", "vehicle", "settlement", "used", "valid_until", "plate"}
    assert (await desk.get(CASE, by="gate-1")).status_code == 403


async def test_each_stage_lists_its_cases(desk: Desk, tell: Tell) -> None:
    await arrive(tell)
    stages = ("announced", "opened", "ready", "checked", "called", "settled", "released", "delivered")
    shown = {stage: [case["id"] for case in (await desk.get(f"/cases?state={stage}")).json()] for stage in stages}
    assert shown == {stage: [VISIT] if stage == "ready" else [] for stage in stages}
