"""A visit that ends without delivery of a repair: inquiries (R14), a customer who cancels; and what the workshop sends back (W1)."""

from typing import Any

import pytest

from services.reception.store import shop_load, stock
from shared.contracts.followup import ContactInvalid
from shared.contracts.reception import CarHandedBack, CarHandedOver, CheckInCorrected, InquiryEnded, OrderCancelled
from shared.contracts.workshop import HandoverSentBack, JobEnded, RevisionTaken, WorkFound, WorkStarted
from shared.store import Store
from tests.reception.conftest import Desk, HandClock, Tell
from tests.reception.recorded import journal, text, told
from tests.reception.test_changes import answer, found, quote
from tests.reception.walk import CHOICES, CUSTOMER, VEHICLE, arrive, check_in, consult, gone, ordered

ENDED = {"about": "询问冷却液更换", "reason": "cancelled_before_signature", "call_hour": "18:30"}
HANDOVER = {"place": "waiting-3", "things": ["key", "work_order", "check_in_sheet"]}


@pytest.mark.clause("R14")
@pytest.mark.parametrize("checked_in", [True, False])
async def test_a_visit_that_ends_without_a_signature_is_an_inquiry_and_its_car_leaves(
    desk: Desk, tell: Tell, store: Store, checked_in: bool
) -> None:
    visit = await arrive(desk)
    if checked_in:
        await check_in(desk, visit)
        await consult(desk, visit)
    await desk.ok("POST", f"/visits/{visit}/inquiry-end", ENDED)
    (ended,) = await journal(store, visit, InquiryEnded)
    assert (ended.reason, ended.call_hour, ended.car_here, ended.advisor) == ("cancelled_before_signature", "18:30", True, "advisor-1")
    assert await text(store, ended.about) == ENDED["about"]
    await desk.refused("R14", "POST", f"/visits/{visit}/inquiry-end", ENDED)
    await desk.refused("R14", "PUT", f"/visits/{visit}/order", CHOICES)
    await tell(await gone(desk, visit), visit)
    await desk.refused("D5", "POST", f"/visits/{visit}/inquiry-end", ENDED)
    assert await arrive(desk) != visit


@pytest.mark.clause("R1")
async def test_who_ended_the_visit_before_being_greeted_does_not_wait_any_more(desk: Desk) -> None:
    visit = (await desk.ok("POST", "/arrivals", {"customer": CUSTOMER, "vehicle": VEHICLE}))["id"]
    assert [each["visit"] for each in await desk.ok("GET", "/queue")] == [visit]
    await desk.ok("POST", f"/visits/{visit}/inquiry-end", ENDED)
    assert await desk.ok("GET", "/queue") == []


@pytest.mark.clause("R14")
async def test_a_signed_order_is_not_ended_as_an_inquiry(desk: Desk) -> None:
    visit = await ordered(desk)
    await desk.refused("R14", "POST", f"/visits/{visit}/inquiry-end", ENDED)


@pytest.mark.clause("R14")
async def test_somebody_who_comes_without_a_car_is_recorded(desk: Desk, store: Store) -> None:
    asked = {"customer": CUSTOMER, "about": "咨询保养套餐", "call_hour": "10:30"}
    visit = await desk.ok("POST", "/inquiries", asked)
    (ended,) = await journal(store, visit["id"], InquiryEnded)
    assert (ended.reason, ended.call_hour, ended.car_here, ended.vehicle) == ("inquiry", "10:30", False, "")
    assert ended.customer == visit["customer"]
    assert visit["closed"]


@pytest.mark.clause("W8")
async def test_edge_case_1_who_cancels_after_the_diagnosis_keeps_what_was_consented(desk: Desk, tell: Tell, store: Store) -> None:
    visit = await ordered(desk, "D-ENG")
    for number, operation in enumerate(("R-COIL", "R-PLUG", "R-BATT"), 1):
        await tell(found(visit, operation, number, kind="finding"), visit)
    await answer(desk, visit, await quote(desk, visit, found="found-1"), accepted=False)
    await quote(desk, visit, found="found-2")
    stands = (await desk.send("GET", f"/visits/{visit}/changes")).headers["ETag"]
    changes = await desk.ok("POST", f"/visits/{visit}/cancellation", {"reason": "客户放弃维修"}, If_Match=stands)
    assert changes["cancelled"]
    (cancelled,) = await journal(store, visit, OrderCancelled)
    assert (cancelled.revision, cancelled.declined) == (1, ("R-COIL", "R-PLUG", "R-BATT"))
    assert await desk.ok("GET", "/tasks") == []
    offers = (await desk.ok("GET", f"/visits/{visit}/proposals"))["operations"]
    assert sorted(each["operation"] for each in offers) == ["R-BATT", "R-COIL", "R-PLUG"]
    await desk.refused("W8", "POST", f"/visits/{visit}/cancellation")
    await desk.refused("W8", "POST", f"/visits/{visit}/changes", {"operations": ["R-WIPE"]})
    await tell(WorkFound(visit=visit, found="found-4", kind="add_on", operation="R-WIPE", by="tech-1"), visit)
    assert await desk.ok("GET", "/tasks") == []


@pytest.mark.clause("W8")
async def test_an_order_with_accepted_further_work_is_not_ended_as_diagnosed_only(desk: Desk, tell: Tell) -> None:
    visit = await ordered(desk, "D-ENG")
    await tell(found(visit, "R-COIL"), visit)
    await answer(desk, visit, await quote(desk, visit, found="found-1"), accepted=True)
    refused = await desk.refused("W8", "POST", f"/visits/{visit}/cancellation")
    assert refused["missing"] == ["found-1"]


@pytest.mark.clause("W8")
async def test_edge_case_1_a_customer_whose_further_work_has_begun_still_ends_the_order(desk: Desk, tell: Tell, store: Store) -> None:
    visit = await ordered(desk, "D-ENG")
    await tell(found(visit, "R-COIL"), visit)
    await answer(desk, visit, await quote(desk, visit, found="found-1"), accepted=True)
    await tell(RevisionTaken(visit=visit, revision=2, items=("item-1", "found-1")), visit)
    await tell(WorkStarted(visit=visit, item="found-1", by="tech-1", round=1), visit)
    await desk.refused("W8", "POST", f"/visits/{visit}/changes", {"dropped": ["found-1"]})
    await desk.ok("POST", f"/visits/{visit}/cancellation")
    (cancelled,) = await journal(store, visit, OrderCancelled)
    assert (cancelled.revision, cancelled.declined) == (2, ())


@pytest.mark.clause("W8")
async def test_edge_case_1_a_cancelled_order_is_not_handed_over_and_its_hours_are_free_at_once(
    desk: Desk, tell: Tell, store: Store
) -> None:
    visit = await ordered(desk)
    await desk.ok("POST", f"/visits/{visit}/cancellation")
    await desk.refused("W8", "POST", f"/visits/{visit}/handover", HANDOVER)
    assert await journal(store, visit, CarHandedOver) == []
    await tell(JobEnded(visit=visit, reason="cancelled_before_work"), visit)
    (car,) = await desk.ok("GET", "/board")
    assert (car["ended"], car["left"], car["to_draw"]) == (True, [], {})
    assert (await shop_load(store)).cars == 0
    assert (await stock(store))["BP-4001"].owed == 0


async def test_a_car_whose_order_was_ended_is_never_late(desk: Desk, tell: Tell, clock: HandClock) -> None:
    visit = await ordered(desk)
    await desk.ok("POST", f"/visits/{visit}/cancellation")
    await tell(JobEnded(visit=visit, reason="cancelled_before_work"), visit)
    clock.goes(days=1)
    (car,) = await desk.ok("GET", "/board")
    assert not car["at_risk"]


@pytest.mark.clause("R14")
async def test_the_job_of_a_visit_that_was_never_signed_ends_and_nothing_is_on_the_board(desk: Desk, tell: Tell) -> None:
    visit = await arrive(desk)
    await check_in(desk, visit)
    await desk.ok("POST", f"/visits/{visit}/inquiry-end", ENDED)
    await tell(JobEnded(visit=visit, reason="cancelled_before_signature"), visit)
    assert await desk.ok("GET", "/board") == []


@pytest.mark.clause("R11")
async def test_an_unsigned_order_is_not_cancelled(desk: Desk) -> None:
    await desk.refused("R11", "POST", f"/visits/{await arrive(desk)}/cancellation")


@pytest.mark.clause("W1")
async def test_what_the_workshop_sends_back_is_corrected_and_handed_over_again(desk: Desk, tell: Tell, store: Store) -> None:
    visit = await ordered(desk)
    await desk.ok("POST", f"/visits/{visit}/handover", HANDOVER)
    await tell(HandoverSentBack(visit=visit, supervisor="supervisor-1", reason="text:workshop:1"), visit)
    (back,) = await journal(store, visit, CarHandedBack)
    assert (back.advisor, back.reason) == ("advisor-1", "text:workshop:1")
    (car,) = await desk.ok("GET", "/board")
    assert car["stage"] == "signed"
    signed = (await desk.ok("GET", f"/visits/{visit}"))["sheet"]
    correction = {"field": "odometer_km", "value": "40288", "reason": "登记表里程与实车不符"}
    seen = await desk.ok("POST", f"/visits/{visit}/check-in-corrections", correction)
    assert (seen["sheet"], [each["value"] for each in seen["corrections"]]) == (signed, ["40288"])
    (corrected,) = await journal(store, visit, CheckInCorrected)
    assert (corrected.by, await text(store, corrected.reason)) == ("advisor-1", correction["reason"])
    await desk.ok("POST", f"/visits/{visit}/handover", HANDOVER)
    await desk.refused("W1", "POST", f"/visits/{visit}/handover", HANDOVER)


@pytest.mark.clause("R2")
@pytest.mark.parametrize(
    "correction",
    [
        {"field": "odometer_km", "value": "-3"},
        {"field": "odometer_km", "value": "forty"},
        {"field": "fuel", "value": "1.5"},
        {"field": "damage", "value": "wing:scratch"},
        {"field": "damage", "value": "roof:hole"},
        {"field": "vin", "value": "1"},
    ],
)
async def test_a_correction_has_to_be_a_value_of_its_field(desk: Desk, correction: dict[str, Any]) -> None:
    visit = await arrive(desk)
    await check_in(desk, visit)
    answered = await desk.send("POST", f"/visits/{visit}/check-in-corrections", correction | {"reason": "笔误"})
    assert answered.status_code == 422


@pytest.mark.clause("R2")
async def test_only_a_signed_sheet_is_corrected(desk: Desk) -> None:
    visit = await arrive(desk)
    correction = {"field": "fuel", "value": "0.5", "reason": "笔误"}
    await desk.refused("R2", "POST", f"/visits/{visit}/check-in-corrections", correction)


@pytest.mark.clause("R7")
@pytest.mark.clause("F8")
async def test_edge_case_13_a_number_that_was_wrong_is_asked_for_when_the_customer_is_here_again(
    desk: Desk, tell: Tell, store: Store
) -> None:
    first = await arrive(desk)
    customer = (await desk.ok("GET", f"/visits/{first}"))["customer"]
    await tell(await gone(desk, first), first)
    dialled = {"_id": "text:followup:7", "revision": 1, "body": {"kind": "text", "text": "+8618679719991"}, "department": "followup"}
    await store.collection("records").insert_one(dialled)
    await tell(ContactInvalid(customer=customer, visit=first, call="call-1", dialled="text:followup:7"), customer)
    assert (await desk.ok("GET", f"/customers/{customer}"))["wrong_phones"] == [customer]
    second = await arrive(desk)
    (notice,) = await told(store, "phone_to_check")
    assert (notice["visit"], notice["clause"], notice["roles"], notice["facts"]) == (second, "R7", ["receptionist"], {"customer": customer})
    await desk.ok("PUT", f"/customers/{customer}", {"phone": "13900000000", "phone_verified_by": "in_person"})
    assert (await desk.ok("GET", f"/customers/{customer}"))["wrong_phones"] == []
    await tell(await gone(desk, second), second)
    third = await desk.ok("POST", "/arrivals", {"customer": {"id": customer}, "vehicle": VEHICLE})
    assert [each["visit"] for each in await told(store, "phone_to_check")] == [second] != [third["id"]]
