"""EDGE_CASES 3, 14 and 15 as far as they are reception's; 1 is in test_ending, 4 in test_changes, 8 in test_estimate."""

from typing import Any

import pytest

from services.reception.files import forget_owner
from services.reception.vehicle import plate_key
from shared.contracts.reception import (
    ChangeAnswered,
    ChangeQuoted,
    EstimateAccepted,
    FaultDiagnosed,
    VehicleOwnerChanged,
    VisitVehicleCorrected,
)
from shared.contracts.workshop import JobEnded
from shared.store import Store
from tests.reception.conftest import Desk, Tell
from tests.reception.recorded import journal, text
from tests.reception.test_changes import answer, found, quote, said
from tests.reception.walk import (
    CHOICES,
    CUSTOMER,
    SHEET,
    VEHICLE,
    accept_estimate,
    arrive,
    check_in,
    consult,
    gone,
    ordered,
    sign_order,
)

OTHER_CAR = {"vin": "LFPM4ACC0RD346802", "plate": "京J9F945"}
NEW_OWNER = {"name": "王勇", "phone": "13704741381"}


@pytest.mark.clause("R7")
async def test_edge_case_3_a_car_typed_wrong_at_the_arrival_is_corrected_and_its_history_follows_the_vin(desk: Desk, store: Store) -> None:
    visit = await arrive(desk)
    wrong = (await desk.ok("GET", f"/visits/{visit}"))["vehicle"]
    await desk.ok("PUT", f"/visits/{visit}/check-in-sheet", SHEET)
    correction = {"vehicle": OTHER_CAR, "reason": "车架号录入错误"}
    seen = await desk.ok("POST", f"/visits/{visit}/vehicle-correction", correction)
    assert (seen["vehicle"] != wrong, seen["sheet_hash"]) == (True, None)
    (corrected,) = await journal(store, visit, VisitVehicleCorrected)
    assert (corrected.former, corrected.by, await text(store, corrected.reason)) == (wrong, "advisor-1", "车架号录入错误")
    shown = {car: await desk.ok("GET", f"/vehicles/{car}") for car in (wrong, seen["vehicle"])}
    assert {car: (file["open_visit"], file["visits"]) for car, file in shown.items()} == {
        wrong: (None, []),
        seen["vehicle"]: (visit, [visit]),
    }
    await desk.refused("R7", "POST", f"/visits/{visit}/vehicle-correction", correction)
    await check_in(desk, visit)
    await desk.refused("R2", "POST", f"/visits/{visit}/vehicle-correction", {"vehicle": VEHICLE, "reason": "x"})


@pytest.mark.clause("R7")
async def test_edge_case_3_one_car_is_not_here_twice_and_one_plate_is_not_two_cars(desk: Desk) -> None:
    visit = await arrive(desk)
    again = {"customer": CUSTOMER, "vehicle": {"vin": VEHICLE["vin"]}}
    assert (await desk.refused("R7", "POST", "/arrivals", again))["facts"]["link"] == f"/visits/{visit}"
    typo = {"customer": CUSTOMER, "vehicle": {"vin": OTHER_CAR["vin"], "plate": VEHICLE["plate"]}}
    held_by = (await desk.ok("GET", f"/visits/{visit}"))["vehicle"]
    assert (await desk.refused("R7", "POST", "/arrivals", typo))["facts"]["link"] == f"/vehicles/{held_by}"


@pytest.mark.clause("W8")
async def test_edge_case_14_the_number_is_resolved_when_dialling_and_a_new_one_is_verified_before_it_consents(
    desk: Desk, tell: Tell, store: Store
) -> None:
    visit = await ordered(desk)
    customer = (await desk.ok("GET", f"/visits/{visit}"))["customer"]
    for number in (1, 2):
        await tell(found(visit, number=number), visit)
    first, second = [await quote(desk, visit, found=f"found-{number}") for number in (1, 2)]
    changed = await desk.who_is("agent-1").ok("PUT", f"/customers/{customer}", {"phone": "13900000000"})
    assert changed["customer"]["phone_verified"] is False
    path = f"/visits/{visit}/changes/change-1/answer"
    refused = await desk.refused("W8", "POST", path, said(first, accepted=True))
    assert refused["missing"] == ["phone_verified_by"]
    for other in ("139 0000 0000", "139 0000 0001"):
        await desk.refused("W8", "POST", path, said(first, accepted=True, dialled=other))
    await answer(desk, visit, second, accepted=False)  # to say no costs nothing
    await desk.ok("PUT", f"/customers/{customer}", {"phone_verified_by": "former_number"})
    await answer(desk, visit, first, accepted=True)
    declined, accepted = await journal(store, visit, ChangeAnswered)
    assert await text(store, declined.dialled) == await text(store, accepted.dialled) == "+8613900000000"


@pytest.mark.clause("W8")
async def test_edge_case_14_in_person_or_by_the_former_number_needs_no_verified_one(desk: Desk, tell: Tell) -> None:
    visit = await ordered(desk)
    customer = (await desk.ok("GET", f"/visits/{visit}"))["customer"]
    await desk.ok("PUT", f"/customers/{customer}", {"phone": "13900000000"})
    await answer(desk, visit, await quote(desk, visit, operations=["R-BULB"]), accepted=[], channel="in_person")
    await answer(desk, visit, await quote(desk, visit, operations=["R-WIPE"]), accepted=True, dialled=CUSTOMER["phone"])


@pytest.mark.clause("W8")
@pytest.mark.clause("R13")
async def test_edge_case_14_a_strange_number_consents_only_where_the_customer_said_to_be_reached_by_it(desk: Desk) -> None:
    """The file's number is as it always was: that does not make any other one the customer's."""
    visit = await ordered(desk)
    change = await quote(desk, visit, operations=["R-WIPE"])
    path = f"/visits/{visit}/changes/{change['change']}/answer"
    for strange in ("13900000001", "010-6500-0000"):
        refused = await desk.refused("W8", "POST", path, said(change, accepted=True, dialled=strange))
        assert refused["missing"] == ["phone_verified_by"]
    await desk.ok("POST", f"/visits/{visit}/waiting-place", {"place": "leaves", "reach": "家里座机 010-6500-0000，请找李强"})
    await desk.refused("W8", "POST", path, said(change, accepted=True, dialled="13900000001"))
    await answer(desk, visit, change, accepted=True, dialled="01065000000")


@pytest.mark.clause("R9")
async def test_edge_case_14_a_strange_number_does_not_accept_an_estimate(desk: Desk, store: Store) -> None:
    visit = await arrive(desk)
    await check_in(desk, visit)
    await consult(desk, visit)
    estimate = (await desk.ok("POST", f"/visits/{visit}/estimates"))["estimates"][-1]
    agreed = {"channel": "phone", "dialled": "13900000001", "content_hash": estimate["content_hash"]}
    await desk.refused("R9", "POST", f"/visits/{visit}/estimates/1/acceptance", agreed)
    assert await journal(store, visit, EstimateAccepted) == []


@pytest.mark.clause("R9")
async def test_edge_case_14_a_number_that_nobody_verified_does_not_accept_an_estimate(desk: Desk, store: Store) -> None:
    visit = await arrive(desk)
    await check_in(desk, visit)
    await consult(desk, visit)
    customer = (await desk.ok("GET", f"/visits/{visit}"))["customer"]
    await desk.ok("PUT", f"/customers/{customer}", {"phone": "13900000000"})
    estimate = (await desk.ok("POST", f"/visits/{visit}/estimates"))["estimates"][-1]
    path, agreed = f"/visits/{visit}/estimates/1/acceptance", {"channel": "phone", "content_hash": estimate["content_hash"]}
    refused = await desk.refused("R9", "POST", path, agreed)
    assert refused["missing"] == ["phone_verified_by"]
    assert await journal(store, visit, EstimateAccepted) == []
    await desk.ok("PUT", f"/customers/{customer}", {"phone_verified_by": "in_person"})
    await desk.ok("POST", path, agreed)
    (accepted,) = await journal(store, visit, EstimateAccepted)
    assert await text(store, accepted.dialled) == "+8613900000000"


async def test_edge_case_14_a_family_or_a_company_shares_one_number(desk: Desk) -> None:
    first = await desk.ok("POST", "/arrivals", {"customer": CUSTOMER, "vehicle": VEHICLE})
    second = await desk.ok("POST", "/arrivals", {"customer": CUSTOMER | {"name": "李强"}, "vehicle": OTHER_CAR})
    assert first["customer"] != second["customer"]


async def sold(desk: Desk, vehicle: str, **body: Any) -> Any:
    return await desk.ok("POST", f"/vehicles/{vehicle}/owner", {"customer": NEW_OWNER} | body)


@pytest.mark.clause("R7")
@pytest.mark.clause("R9")
async def test_edge_case_15_work_and_open_recommendations_follow_the_vin_to_the_new_owner(desk: Desk, tell: Tell, store: Store) -> None:
    visit = await ordered(desk)
    await answer(desk, visit, await quote(desk, visit, operations=["R-RBP"]), accepted=False)
    seen = await desk.ok("GET", f"/visits/{visit}")
    await tell(await gone(desk, visit), visit)
    car = await sold(desk, seen["vehicle"], since="2026-03-09")
    owner = car["owners"][-1]["customer"]
    assert owner != seen["customer"]
    (changed,) = await journal(store, seen["vehicle"], VehicleOwnerChanged)
    assert (changed.owner, changed.former, changed.since.isoformat()) == (owner, None, "2026-03-09")
    file = await desk.ok("GET", f"/vehicles/{seen['vehicle']}")
    assert (file["vehicle"]["owner"], file["visits"]) == ("王勇", [visit])
    second = await desk.ok("POST", "/arrivals", {"customer": {"id": owner}, "vehicle": VEHICLE})
    proposals = await desk.ok("GET", f"/visits/{second['id']}/proposals")
    assert [each["operation"] for each in proposals["operations"]] == ["R-RBP"]
    assert seen["customer"] not in str(proposals)
    await desk.refused("R7", "POST", f"/vehicles/{seen['vehicle']}/owner", {"customer": {"id": owner}})
    back = await desk.ok("POST", f"/vehicles/{seen['vehicle']}/owner", {"customer": {"id": seen["customer"]}})
    assert [each["customer"] for each in back["owners"]] == [owner, seen["customer"]]


FIRST = {"operation": "M-FIRST", "fault": "determined", "warranty": "first_maintenance", "customer_told": True}


async def first_maintenance(desk: Desk) -> str:
    """A visit with its signed order for it, which costs nobody anything."""
    visit = await arrive(desk)
    await check_in(desk, visit)
    await desk.ok("POST", f"/visits/{visit}/concerns", {"purpose": "maintenance", "words": ["首保"]})
    await desk.ok("POST", f"/visits/{visit}/diagnoses", FIRST)
    await accept_estimate(desk, visit)
    await sign_order(desk, visit, CHOICES | {"pays": []})
    return visit


@pytest.mark.clause("R4")
async def test_edge_case_15_the_free_first_maintenance_is_had_once_a_vehicle_whoever_owns_it(desk: Desk, tell: Tell, store: Store) -> None:
    first = await first_maintenance(desk)
    seen = await desk.ok("GET", f"/visits/{first}")
    assert (await desk.ok("GET", f"/visits/{first}/proposals"))["first_maintenance"] is None
    await tell(await gone(desk, first), first)
    owner = (await sold(desk, seen["vehicle"], since="2026-03-09"))["owners"][-1]["customer"]
    second = (await desk.ok("POST", "/arrivals", {"customer": {"id": owner}, "vehicle": VEHICLE}))["id"]
    await desk.ok("POST", f"/visits/{second}/greeting")
    assert (await desk.ok("GET", f"/visits/{second}/proposals"))["first_maintenance"] == {"on": "2026-03-09", "visit": first}
    refused = await desk.refused("R4", "POST", f"/visits/{second}/diagnoses", FIRST)
    assert (refused["missing"], refused["facts"]["on"], refused["facts"]["had_at"]) == (["warranty_reason"], "2026-03-09", first)
    await desk.ok("POST", f"/visits/{second}/diagnoses", FIRST | {"warranty": "no"})
    await desk.ok("POST", f"/visits/{second}/diagnoses", FIRST | {"item": "item-1", "warranty_reason": "厂家特批"})
    *_, diagnosed = await journal(store, second, FaultDiagnosed)
    assert diagnosed.warranty_reason
    assert await text(store, diagnosed.warranty_reason) == "厂家特批"
    assert "厂家特批" in (await desk.ok("GET", f"/visits/{second}/texts")).values()


@pytest.mark.clause("R4")
@pytest.mark.clause("W8")
async def test_edge_case_15_a_first_maintenance_of_the_old_records_counts_and_a_wish_for_another_is_refused(
    desk: Desk, store: Store
) -> None:
    visit = await ordered(desk)
    record = {"vin": VEHICLE["vin"], "record": "OLD-1", "on": "2024-06-01", "operations": ["M-FIRST"]}
    await desk.who_is("bizsup-1").ok("POST", "/vehicle-history", record)
    assert (await desk.ok("GET", f"/visits/{visit}/proposals"))["first_maintenance"] == {"on": "2024-06-01", "visit": "OLD-1"}
    wish = {"operations": ["M-FIRST"], "warranty": "first_maintenance"}
    await desk.refused("R4", "POST", f"/visits/{visit}/changes", wish)
    await quote(desk, visit, **wish, warranty_reason="厂家特批")
    (quoted,) = await journal(store, visit, ChangeQuoted)
    assert quoted.warranty_reason
    assert await text(store, quoted.warranty_reason) == "厂家特批"


@pytest.mark.clause("R4")
@pytest.mark.clause("R7")
async def test_edge_case_15_a_vehicle_that_was_typed_wrong_does_not_get_it_twice(desk: Desk) -> None:
    await desk.who_is("greeter-1").ok("POST", "/vehicles", VEHICLE)
    record = {"vin": VEHICLE["vin"], "record": "OLD-1", "on": "2024-06-01", "operations": ["M-FIRST"]}
    await desk.who_is("bizsup-1").ok("POST", "/vehicle-history", record)
    visit = await arrive(desk, **OTHER_CAR)
    await desk.ok("POST", f"/visits/{visit}/diagnoses", FIRST)
    await desk.ok("POST", f"/visits/{visit}/vehicle-correction", {"vehicle": VEHICLE, "reason": "车架号录入错误"})
    await check_in(desk, visit)
    await desk.ok("POST", f"/visits/{visit}/concerns", {"purpose": "maintenance", "words": ["首保"]})
    await accept_estimate(desk, visit)
    await desk.ok("POST", f"/visits/{visit}/promise")
    await desk.refused("R4", "PUT", f"/visits/{visit}/order", CHOICES | {"pays": []})
    await desk.ok("POST", f"/visits/{visit}/diagnoses", FIRST | {"item": "item-1", "warranty_reason": "厂家特批"})
    await accept_estimate(desk, visit)
    await sign_order(desk, visit, CHOICES | {"pays": []})


@pytest.mark.clause("R4")
async def test_a_first_maintenance_that_was_not_done_is_still_to_be_had(desk: Desk, tell: Tell) -> None:
    visit = await first_maintenance(desk)
    await desk.ok("POST", f"/visits/{visit}/cancellation", {})
    await tell(JobEnded(visit=visit, reason="cancelled_before_work", touched=False), visit)
    await tell(await gone(desk, visit), visit)
    second = await arrive(desk)
    await desk.ok("POST", f"/visits/{second}/diagnoses", FIRST)


@pytest.mark.clause("R7")
async def test_edge_case_15_a_car_sold_during_an_open_order_keeps_its_customer(desk: Desk) -> None:
    visit = await ordered(desk)
    seen = await desk.ok("GET", f"/visits/{visit}")
    await sold(desk, seen["vehicle"])
    assert (await desk.ok("GET", f"/visits/{visit}"))["customer"] == seen["customer"]
    order = await desk.ok("GET", f"/visits/{visit}/order")
    assert order["signed"]["customer"] == seen["customer"]


@pytest.mark.clause("R7")
async def test_a_plate_that_was_replaced_or_has_moved_is_kept_with_its_day_until_the_owner_is_forgotten(desk: Desk, store: Store) -> None:
    desk = desk.who_is("greeter-1")
    first = await desk.ok("POST", "/vehicles", VEHICLE)
    await desk.ok("PUT", f"/vehicles/{first['id']}", {"plate": "京A12345"})
    await desk.ok("POST", "/vehicles", {"vin": "LFPM4ACC0RD346802", "plate": "京A12345", "plate_moved": True})
    file = await desk.ok("GET", f"/vehicles/{first['id']}")
    former = [{"plate": plate, "until": "2026-03-09"} for plate in (VEHICLE["plate"], "京A12345")]
    assert (file["vehicle"]["plate"], file["vehicle"]["former_plates"]) == (None, former)
    assert file["plates"] == ["京A12345", VEHICLE["plate"]]
    await store.transact(lambda unit: forget_owner(unit, first["id"]), actor="bizsup-1", correlation="c-1")
    file = await desk.ok("GET", f"/vehicles/{first['id']}")
    assert (file["vehicle"]["former_plates"], file["plates"]) == ([], [])
    held = await store.fetch("plates", plate_key("京A12345", store.group_key))
    assert held
    assert held["vehicle"] != first["id"]


@pytest.mark.clause("R7")
async def test_the_same_plate_read_otherwise_is_no_other_one(desk: Desk) -> None:
    desk = desk.who_is("greeter-1")
    first = await desk.ok("POST", "/vehicles", VEHICLE | {"plate": "京GE0411"})
    await desk.ok("PUT", f"/vehicles/{first['id']}", {"plate": "京GEO41I"})
    assert (await desk.ok("GET", f"/vehicles/{first['id']}"))["vehicle"]["former_plates"] == []
