"""R14: a visit that ended unsigned, or untouched, leaves without settlement and inspection; its reason is kept."""

from datetime import timedelta

import pytest

from services.delivery.check import AccompaniedPoint, InternalPoint
from shared.contracts.event import VisitEvent
from shared.contracts.reception import OrderCancelled
from shared.contracts.workshop import JobEnded, WorkFound
from tests.delivery.conftest import CatchUp, Until
from tests.delivery.desk import (
    DOCUMENTS,
    HANDED_IN,
    NOW,
    PARKED,
    VISIT,
    check_in,
    documents_taken,
    inquiry_ended,
    item,
    qc_passed,
    signed_order,
)
from tests.delivery.people import CASE, Desk, Tell, clause


async def _leave(desk: Desk) -> None:
    number = (await desk.did(f"{CASE}/exit-pass", by="cashier-1"))["exit_pass"]["number"]
    assert clause(await desk.post(f"{CASE}/exit-pass", by="cashier-1")) == (409, "D5")
    assert clause(await desk.post(f"/gate/{number}", by="gate-1")) == (409, "R7")
    await desk.did(f"{CASE}/documents-return", {"documents": DOCUMENTS})
    assert (await desk.did(f"/gate/{number}", by="gate-1"))["settlement"] is None


async def _left(desk: Desk) -> dict[str, object]:
    return next(entry["data"] for entry in await desk.journal() if entry["type"] == "delivery.exit_pass_used.v1")


@pytest.mark.clause("R14")
async def test_a_checked_in_car_whose_order_was_never_signed_leaves_without_settlement(desk: Desk, tell: Tell) -> None:
    for event in (check_in(), documents_taken(), inquiry_ended()):
        await tell(event)
    assert [case["id"] for case in (await desk.get("/cases?state=unsettled")).json()] == [VISIT]
    await _leave(desk)
    left = await _left(desk)
    assert (left["unsettled"], left["call_hour"], left["next"]) == (True, "10:00", None)


@pytest.mark.clause("R14")
async def test_a_car_that_was_never_checked_in_leaves_too(desk: Desk, tell: Tell) -> None:
    for event in (documents_taken(), inquiry_ended("inquiry")):
        await tell(event)
    await _leave(desk)
    assert (await _left(desk))["customer"] == "customer-1"


@pytest.mark.clause("R14")
async def test_an_inquiry_without_a_car_leaves_nothing_here(desk: Desk, tell: Tell) -> None:
    await tell(inquiry_ended("inquiry", car_here=False))
    assert (await desk.get(CASE)).status_code == 404


@pytest.mark.clause("D9")
async def test_edge_case_1_an_untouched_car_leaves_without_qc_once_its_call_hour_is_known(desk: Desk, tell: Tell) -> None:
    for event in (check_in(), documents_taken(), signed_order(), JobEnded(visit=VISIT, reason="cancelled")):
        await tell(event)
    assert clause(await desk.post(f"{CASE}/exit-pass", by="cashier-1")) == (409, "D9")
    await desk.did(f"{CASE}/call-hour", {"hour": "19:00"})
    await _leave(desk)
    assert (await _left(desk))["call_hour"] == "19:00"


@pytest.mark.clause("D6")
async def test_edge_case_1_a_safety_item_found_on_an_untouched_car_is_noted_and_signed_before_it_leaves(desk: Desk, tell: Tell) -> None:
    unsafe = WorkFound(visit=VISIT, found="found-1", kind="add_on", operation="R-FBD", by="tech-1", safety=True)
    worn = WorkFound(visit=VISIT, found="found-2", kind="add_on", operation="R-WIPE", by="tech-1")
    for event in (check_in(), documents_taken(), signed_order(), unsafe, worn):
        await tell(event)
    at = f"{CASE}/recommendations/found-1/answer"
    assert (await desk.get(CASE)).json()["recommendations"] == []
    await tell(JobEnded(visit=VISIT, reason="cancelled"))
    assert [each["recommendation"] for each in (await desk.get(CASE)).json()["recommendations"]] == ["found-1"]
    await desk.did(f"{CASE}/call-hour", {"hour": "19:00"})
    refused = await desk.post(f"{CASE}/exit-pass", by="cashier-1")
    assert (clause(refused), refused.json()["missing"]) == ((409, "D6"), ["found-1"])
    await desk.did(at, {"answer": "accepts"})  # nothing is repaired any more: it is no answer
    assert clause(await desk.post(f"{CASE}/exit-pass", by="cashier-1")) == (409, "D6")
    assert clause(await desk.post(at, {"answer": "declines"})) == (409, "D6")
    shown = (await desk.get(f"{at}?answer=declines")).json()
    said = {"answer": "declines", "consequence_explained": True, "note": "自行处理", "content_hash": shown["content_hash"]}
    await desk.did(at, said)
    await _leave(desk)


@pytest.mark.clause("D6")
async def test_what_the_final_inspection_names_is_not_recommended_twice(desk: Desk, tell: Tell) -> None:
    unsafe = WorkFound(visit=VISIT, found="found-1", kind="add_on", operation="R-FBD", by="tech-1", safety=True)
    for event in (check_in(), documents_taken(), signed_order(), unsafe, JobEnded(visit=VISIT, reason="cancelled", touched=True)):
        await tell(event)
    assert (await desk.get(CASE)).json()["recommendations"] == []


@pytest.mark.clause("W11")
async def test_edge_case_1_a_touched_car_is_settled_after_qc_with_the_consented_inspection_alone(desk: Desk, tell: Tell) -> None:
    inspection = item(labour="120.00", part="0.00")
    for event in (check_in(), documents_taken(), signed_order([inspection]), JobEnded(visit=VISIT, reason="cancelled", touched=True)):
        await tell(event)
    assert clause(await desk.post(f"{CASE}/exit-pass")) == (409, "D5")
    assert clause(await desk.post(f"{CASE}/papers", {"from_person": "supervisor-1", "things": ["key", "order", "sheet"]})) == (409, "W11")
    await tell(qc_passed())
    await tell(PARKED)
    await tell(HANDED_IN)
    await desk.to_the_desk()
    assert (await desk.settle())["settlement"]["total"]["amount"] == "120.00"


@pytest.mark.clause("D5")
@pytest.mark.parametrize(("done", "total"), [(("item-1",), "542.00"), ((), "0.00")])
async def test_edge_case_1_what_nobody_had_begun_when_the_order_was_ended_is_neither_checked_nor_charged(
    desk: Desk, tell: Tell, done: tuple[str, ...], total: str
) -> None:
    both = signed_order([item(), item("item-2", labour="90.00")])
    for event in (check_in(), documents_taken(), both, qc_passed(items=done), PARKED, HANDED_IN):
        await tell(event)
    await desk.did(f"{CASE}/papers", {"from_person": "supervisor-1", "things": ["key", "order", "sheet"]})
    check = {"items": done, "checklist": list(InternalPoint), "road_test": False}
    assert clause(await desk.post(f"{CASE}/internal-check", check)) == (409, "D2")
    await tell(OrderCancelled(visit=VISIT, revision=1, kind="after_diagnosis", advisor="advisor-1"))
    await desk.did(f"{CASE}/internal-check", check)
    await desk.did(f"{CASE}/customer-call", {"delivery_at": "2026-03-09T16:00:00+08:00"})
    await desk.did(f"{CASE}/accompanied-check", {"items_shown": done, "checklist": list(AccompaniedPoint)})
    await desk.did(f"{CASE}/booklet", {"entries": True, "first_maintenance": False})
    proposed = (await desk.get(f"{CASE}/next-maintenance")).json()
    await desk.did(f"{CASE}/next-maintenance", proposed | {"reminder_told": True})
    await desk.did(f"{CASE}/call-hour", {"hour": "18:30"})
    assert (await desk.settle())["settlement"]["total"]["amount"] == total
    if not done:
        assert (await desk.did(f"{CASE}/exit-pass", by="cashier-1"))["exit_pass"]


@pytest.mark.clause("R14")
@pytest.mark.parametrize("ended", [inquiry_ended(), JobEnded(visit=VISIT, reason="cancelled")])
async def test_a_car_that_was_let_go_and_stands_for_weeks_is_told_of_until_it_leaves(
    desk: Desk, tell: Tell, catch_up: CatchUp, until: Until, ended: VisitEvent
) -> None:
    """It was never parked as finished, so nothing else would tell of it."""
    for event in (check_in(), documents_taken(), ended):
        await tell(event)
    for weeks in (1, 2):
        await until(NOW + timedelta(days=7 * weeks, minutes=weeks))
    told = await desk.told("released_car_waits")
    assert [notice["to"] for notice in told] == [("business_supervisor", "advisor-1")] * 2
    await desk.did(f"{CASE}/call-hour", {"hour": "19:00"})
    await _leave(desk)
    await catch_up()
    await until(NOW + timedelta(days=60))
    assert len(await desk.told("released_car_waits")) == 2
    assert await desk.told("car_waits") == []


@pytest.mark.clause("R14")
async def test_whichever_says_first_that_the_visit_ended_it_is_released_once(desk: Desk, tell: Tell) -> None:
    for event in (check_in(), JobEnded(visit=VISIT, reason="inquiry_ended"), inquiry_ended(), JobEnded(visit=VISIT, reason="again")):
        await tell(event)
    assert await desk.types() == ["case_announced", "car_released_unsettled", "call_hour_confirmed"]
