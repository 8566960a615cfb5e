"""R7, EDGE_CASES 3: two files of one car, or of one person, are read as one, and parted again."""

import asyncio
from typing import Any, cast

import pytest

from services.reception import coming
from services.reception.bodies import RecordArrival
from services.reception.visit import Visit
from shared.contracts.delivery import BalanceChanged
from shared.contracts.reception import CustomerErased, FilesMerged, FilesParted, VehicleVisitOpened
from shared.contracts.values import NextMaintenance
from shared.money import Money
from shared.store import Store
from shared.unit import Unit
from shared.web import Call
from tests.reception.conftest import Desk, HandClock, Tell
from tests.reception.recorded import journal, text, told
from tests.reception.test_api import BOOKING
from tests.reception.test_changes import answer, quote
from tests.reception.walk import CUSTOMER, SHEET, VEHICLE, arrive, gone, ordered

MISTYPED: dict[str, Any] = {"vin": "LFPH3APC2RC879157", "plate": "京A12345", "engine_no": None}
"""One digit off that of `VEHICLE`."""
REASON = "车架号录入错误，实为同一辆车"
SAME_WOMAN = {"name": "李莉", "phone": "13704741381"}


async def left(desk: Desk, tell: Tell, visit: str, due: NextMaintenance | None = None) -> Any:
    """The car of the visit is gone; gives the visit."""
    exit_pass = await gone(desk, visit)
    await tell(exit_pass.model_copy(update={"next": due}), visit)
    return await desk.ok("GET", f"/visits/{visit}")


async def two_files_of_one_car(desk: Desk, tell: Tell) -> tuple[str, str]:
    """The mistyped one, at whose visit a repair was declined, and the right one; no car is here."""
    visit = await ordered(desk, **MISTYPED)
    await answer(desk, visit, await quote(desk, visit, operations=["R-RBP"]), accepted=False)
    wrong = await left(desk, tell, visit)
    right = await left(desk, tell, await ordered(desk))
    return wrong["vehicle"], right["vehicle"]


async def merge(desk: Desk, file: str, into: str, kind: str = "vehicles") -> Any:
    return await desk.who_is("bizsup-1").ok("POST", f"/{kind}/{file}/merger", {"into": into, "reason": REASON})


async def part(desk: Desk, file: str, kind: str = "vehicles") -> Any:
    return await desk.who_is("bizsup-1").ok("POST", f"/{kind}/{file}/separation", {"reason": "两辆不同的车"})


@pytest.mark.clause("R7")
async def test_edge_case_3_a_merger_is_an_event_with_who_when_and_why_and_the_supervisor_hears_of_it(
    desk: Desk, store: Store, tell: Tell, clock: HandClock
) -> None:
    wrong, right = await two_files_of_one_car(desk, tell)
    merged = await desk.ok("POST", f"/vehicles/{wrong}/merger", {"into": right, "reason": REASON})
    assert (merged["id"], merged["into"]) == (wrong, right)
    (said,) = await journal(store, wrong, FilesMerged)
    assert (said.kind, said.file, said.into, said.by, said.at) == ("vehicle", wrong, right, "advisor-1", clock.now())
    assert await text(store, said.reason) == REASON
    (shown,) = await desk.ok("GET", f"/mergers/{right}")
    assert (shown["file"], shown["into"], shown["by"], shown["reason"]) == (wrong, right, "advisor-1", REASON)
    (notice,) = await told(store, "files_merged")
    assert notice["roles"] == ["business_supervisor"]
    assert (await desk.send("POST", f"/vehicles/{wrong}/separation", {"reason": "x"})).status_code == 403
    await part(desk, wrong)
    (undone,) = await journal(store, wrong, FilesParted)
    assert (undone.file, undone.former, undone.by, await text(store, undone.reason)) == (wrong, right, "bizsup-1", "两辆不同的车")
    assert await desk.ok("GET", f"/mergers/{right}") == []


@pytest.mark.clause("R7")
@pytest.mark.clause("R9")
async def test_edge_case_3_history_plates_and_proposals_of_both_files_of_a_car_are_seen_under_the_surviving_one(
    desk: Desk, tell: Tell
) -> None:
    wrong, right = await two_files_of_one_car(desk, tell)
    before = {id: await desk.ok("GET", f"/vehicles/{id}") for id in (wrong, right)}
    await merge(desk, wrong, right)
    for asked in (wrong, right):
        file = await desk.ok("GET", f"/vehicles/{asked}")
        assert (file["id"], file["vehicle"]["vin"]) == (right, VEHICLE["vin"])
        assert set(file["visits"]) == {*before[wrong]["visits"], *before[right]["visits"]}
        assert file["plates"] == [VEHICLE["plate"], MISTYPED["plate"]]
        assert file["merged"] == {wrong: before[wrong]["vehicle"]}
    assert {each["id"] for each in await desk.ok("GET", f"/visits?vehicle={right}")} == set(file["visits"])
    here = await desk.ok("POST", "/arrivals", {"customer": CUSTOMER, "vehicle": {"vin": MISTYPED["vin"], "plate": MISTYPED["plate"]}})
    assert here["vehicle"] == right
    proposed = await desk.ok("GET", f"/visits/{here['id']}/proposals")
    assert [each["operation"] for each in proposed["operations"]] == ["R-RBP"]


@pytest.mark.clause("R9")
async def test_edge_case_3_what_was_done_under_one_file_is_not_proposed_for_the_others_recommendation(
    desk: Desk, tell: Tell, clock: HandClock
) -> None:
    wrong, right = await two_files_of_one_car(desk, tell)
    await merge(desk, wrong, right)
    clock.goes(days=7)
    due = NextMaintenance(due_on=clock.now().date(), odometer_km=50000)
    await left(desk, tell, await ordered(desk, "R-RBP"), due)
    here = await arrive(desk)
    proposed = await desk.ok("GET", f"/visits/{here}/proposals")
    assert (proposed["operations"], proposed["maintenance_due"]) == ([], due.model_dump(mode="json"))


@pytest.mark.clause("R2")
async def test_edge_case_3_the_last_reading_is_that_of_either_file(desk: Desk, tell: Tell) -> None:
    wrong, right = await two_files_of_one_car(desk, tell)
    (third,) = [(await desk.ok("POST", "/vehicles", {"vin": "LFPH3APC2RC879158"}))["id"]]
    await merge(desk, wrong, third)
    await merge(desk, right, third)
    here = await desk.ok("POST", "/arrivals", {"customer": CUSTOMER, "vehicle": {"vin": "LFPH3APC2RC879158"}})
    await desk.ok("POST", f"/visits/{here['id']}/greeting")
    drafted = await desk.ok("PUT", f"/visits/{here['id']}/check-in-sheet", SHEET | {"odometer_km": SHEET["odometer_km"] - 1})
    assert drafted["sheet_missing"] == ["odometer_lower_reason"]


@pytest.mark.clause("R7")
async def test_edge_case_3_undone_both_files_are_as_they_were_and_what_happened_meanwhile_stays_where_it_was_recorded(
    desk: Desk, tell: Tell, store: Store
) -> None:
    wrong, right = await two_files_of_one_car(desk, tell)
    before = {id: await desk.ok("GET", f"/vehicles/{id}") for id in (wrong, right)}
    await merge(desk, wrong, right)
    meanwhile = await left(desk, tell, await ordered(desk, vin=MISTYPED["vin"], plate=VEHICLE["plate"]))
    assert meanwhile["vehicle"] == right
    await part(desk, wrong)
    assert await desk.ok("GET", f"/vehicles/{wrong}") == before[wrong]
    after = await desk.ok("GET", f"/vehicles/{right}")
    assert after == before[right] | {"visits": [*before[right]["visits"], meanwhile["id"]]}
    opened = await store.collection("journal").find({"type": VehicleVisitOpened.TYPE}).to_list(None)
    assert sum(entry["data"]["vehicle"] == wrong for entry in opened) == 1
    there = await desk.ok("POST", "/arrivals", {"customer": CUSTOMER, "vehicle": {"vin": MISTYPED["vin"]}})
    assert there["vehicle"] == wrong
    here = await arrive(desk)
    proposals = {visit: (await desk.ok("GET", f"/visits/{visit}/proposals"))["operations"] for visit in (there["id"], here)}
    assert {visit: [each["operation"] for each in found] for visit, found in proposals.items()} == {there["id"]: ["R-RBP"], here: []}


@pytest.mark.clause("R7")
async def test_edge_case_3_an_open_visit_in_both_is_refused_with_a_link(desk: Desk, tell: Tell) -> None:
    wrong, right = await two_files_of_one_car(desk, tell)
    first, second = await arrive(desk, **MISTYPED), await arrive(desk)
    body = {"into": right, "reason": REASON}
    refused = await desk.refused("R7", "POST", f"/vehicles/{wrong}/merger", body)
    assert refused["facts"]["links"] == [f"/visits/{first}", f"/visits/{second}"]
    assert (await desk.ok("GET", f"/vehicles/{wrong}"))["id"] == wrong
    await left(desk, tell, second)
    await merge(desk, wrong, right)
    again = {"customer": CUSTOMER, "vehicle": {"vin": VEHICLE["vin"]}}
    assert (await desk.refused("R7", "POST", "/arrivals", again))["facts"]["link"] == f"/visits/{first}"
    await left(desk, tell, first)
    await desk.ok("POST", "/arrivals", again)


@pytest.mark.clause("R7")
async def test_a_file_is_merged_once_never_in_a_circle_and_only_a_merged_one_is_parted(desk: Desk, tell: Tell) -> None:
    wrong, right = await two_files_of_one_car(desk, tell)
    third = (await desk.ok("POST", "/vehicles", {"vin": "LFPH3APC2RC879158"}))["id"]
    boss = desk.who_is("bizsup-1")
    assert (await boss.send("POST", f"/vehicles/{wrong}/merger", {"into": wrong, "reason": REASON})).status_code == 422
    assert (await boss.send("POST", f"/vehicles/{wrong}/merger", {"into": "vehicle-0", "reason": REASON})).status_code == 404
    assert (await boss.send("POST", f"/vehicles/{wrong}/merger", {"into": right, "reason": ""})).status_code == 422
    await boss.refused("R7", "POST", f"/vehicles/{wrong}/separation", {"reason": "x"})
    await merge(desk, wrong, right)
    for file, into in ((wrong, third), (right, wrong), (third, wrong)):
        refused = await boss.refused("R7", "POST", f"/vehicles/{file}/merger", {"into": into, "reason": REASON})
        assert refused["facts"]["link"] == f"/vehicles/{right}"
    await merge(desk, right, third)
    assert (await desk.ok("GET", f"/vehicles/{wrong}"))["id"] == third
    await part(desk, right)
    assert (await desk.ok("GET", f"/vehicles/{wrong}"))["id"] == right


@pytest.mark.clause("R7")
async def test_edge_case_3_the_plate_of_either_file_is_the_cars_and_the_papers_are_compared_with_the_right_vin(
    desk: Desk, tell: Tell
) -> None:
    wrong, right = await two_files_of_one_car(desk, tell)
    typo = {"customer": CUSTOMER, "vehicle": {"vin": VEHICLE["vin"], "plate": MISTYPED["plate"]}}
    refused = await desk.refused("R7", "POST", "/arrivals", typo)
    assert refused["facts"]["choices"] == ["typing_error", "plate_moved", "new_car"]
    here = await arrive(desk, **MISTYPED)
    await merge(desk, wrong, right)
    licence = {"documents": ["driving_licence"], "vin": VEHICLE["vin"], "plate": VEHICLE["plate"]}
    taken = await desk.ok("POST", f"/visits/{here}/documents", licence)
    assert taken["documents"] == ["driving_licence"]
    await left(desk, tell, here)
    assert (await desk.ok("POST", "/arrivals", typo))["vehicle"] == right


@pytest.mark.clause("R7")
async def test_edge_case_3_papers_that_were_printed_keep_their_text_and_get_a_correction_note(
    desk: Desk, tell: Tell, clock: HandClock
) -> None:
    wrong, right = await two_files_of_one_car(desk, tell)
    (visit,) = (await desk.ok("GET", f"/vehicles/{wrong}"))["visits"]
    order = await desk.ok("GET", f"/visits/{visit}/order")
    assert (await desk.ok("GET", f"/visits/{visit}"))["notes"] == []
    clock.goes(hours=1)
    await merge(desk, wrong, right)
    clock.goes(hours=1)
    await part(desk, wrong)
    merged, parted = (await desk.ok("GET", f"/visits/{visit}"))["notes"]
    assert (merged["what"], merged["former"], merged["now"], merged["by"]) == ("merged", wrong, right, "bizsup-1")
    assert wrong in merged["text"]["zh-CN"] and right in merged["text"]["zh-CN"]
    assert (parted["what"], parted["former"], parted["now"]) == ("parted", right, wrong)
    assert await desk.ok("GET", f"/visits/{visit}/order") == order
    (own,) = (await desk.ok("GET", f"/vehicles/{right}"))["visits"]
    assert (await desk.ok("GET", f"/visits/{own}"))["notes"] == []


# two files of one person


async def two_files_of_one_person(desk: Desk, tell: Tell) -> tuple[Any, Any]:
    """Their visits, whose cars have left."""
    first = await desk.ok("POST", "/arrivals", {"customer": SAME_WOMAN, "vehicle": {"vin": "LFPM4ACC0RD346802"}})
    return await left(desk, tell, first["id"]), await left(desk, tell, await ordered(desk))


@pytest.mark.clause("R7")
async def test_edge_case_3_contacts_of_both_files_of_a_person_are_seen_under_the_surviving_one(desk: Desk, tell: Tell) -> None:
    other, own = await two_files_of_one_person(desk, tell)
    assert (
        await desk.send("POST", f"/customers/{other['customer']}/merger", {"into": own["customer"], "reason": REASON})
    ).status_code == 403
    await merge(desk, other["customer"], own["customer"], "customers")
    for asked in (other["customer"], own["customer"]):
        file = await desk.ok("GET", f"/customers/{asked}")
        assert (file["id"], file["customer"]["name"]) == (own["customer"], CUSTOMER["name"])
        assert {id: record["phone"] for id, record in file["merged"].items()} == {other["customer"]: "+8613704741381"}
    again = await desk.ok("POST", "/customers", SAME_WOMAN)
    assert (again["id"], again["customer"]["name"], again["customer"]["phone"]) == (own["customer"], CUSTOMER["name"], "+8618679719991")
    corrected = await desk.ok("PUT", f"/customers/{other['customer']}", {"address": "朝阳门 3 号"})
    assert (corrected["id"], corrected["customer"]["address"]) == (own["customer"], "朝阳门 3 号")
    await part(desk, other["customer"], "customers")
    back = await desk.ok("GET", f"/customers/{other['customer']}")
    assert (back["id"], back["customer"]["name"], back["customer"]["address"]) == (other["customer"], SAME_WOMAN["name"], None)
    assert (await desk.ok("GET", f"/customers/{own['customer']}"))["customer"]["address"] == "朝阳门 3 号"


@pytest.mark.clause("R7")
async def test_edge_case_3_a_person_with_an_open_visit_under_both_files_is_merged_afterwards(desk: Desk) -> None:
    first = await desk.ok("POST", "/arrivals", {"customer": SAME_WOMAN, "vehicle": {"vin": "LFPM4ACC0RD346802"}})
    second = await desk.ok("POST", "/arrivals", {"customer": CUSTOMER, "vehicle": VEHICLE})
    body = {"into": second["customer"], "reason": REASON}
    refused = await desk.who_is("bizsup-1").refused("R7", "POST", f"/customers/{first['customer']}/merger", body)
    assert refused["facts"]["links"] == [f"/visits/{first['id']}", f"/visits/{second['id']}"]


@pytest.mark.clause("R1")
@pytest.mark.clause("R7")
async def test_edge_case_3_who_arrives_as_booked_at_the_moment_of_a_merger_is_here_under_the_surviving_file(
    desk: Desk, store: Store
) -> None:
    booked = await desk.ok("POST", "/appointments", {**BOOKING, "customer": SAME_WOMAN})
    own = (await desk.ok("POST", "/customers", CUSTOMER))["id"]
    arrive = coming.arrival(cast(Call, None), RecordArrival(appointment=booked["id"]))
    tries = 0

    async def beside(unit: Unit) -> Visit:
        nonlocal tries
        tries += 1
        visit = await arrive(unit)
        if tries == 1:
            await merge(desk, booked["customer"], own, "customers")
        return visit

    visit = await store.transact(beside, actor="greeter-1", correlation="c-1")
    assert (tries, visit.customer) == (2, own)


async def test_edge_case_3_debts_under_either_file_are_in_the_way_of_an_erasure_and_it_covers_both(
    desk: Desk, tell: Tell, store: Store
) -> None:
    other, own = await two_files_of_one_person(desk, tell)
    boss = desk.who_is("bizsup-1")
    await merge(desk, other["customer"], own["customer"], "customers")
    owes = BalanceChanged(visit=other["id"], customer=other["customer"], owed=Money.of("542.00"))
    await tell(owes, other["id"])
    body = {"customer": own["customer"], "reason": "客户要求删除个人信息"}
    refused = await boss.refused("D5", "POST", "/erasures", body)
    assert refused["missing"] == [other["id"]]
    assert (await desk.ok("GET", f"/customers/{own['customer']}"))["owing"] == [other["id"]]
    await tell(owes.model_copy(update={"owed": owes.owed * 0}), other["id"])
    erased = await boss.ok("POST", "/erasures", body)
    assert (set(erased["visits"]), erased["merged"]) == ({other["id"], own["id"]}, [other["customer"]])
    for id in (other["customer"], own["customer"]):
        (said,) = await journal(store, id, CustomerErased)
        assert said.by == "bizsup-1"
        assert (await desk.send("GET", f"/customers/{id}")).status_code == 404
    records = await store.collection("records").find({"body": {"$ne": None}}).to_list(None)
    assert not [row for row in records if any(word in str(row) for word in ("李丽", "李莉", "13704741381", "18679719991"))]


async def test_edge_case_3_an_erasure_by_the_merged_files_id_covers_both_too(desk: Desk, tell: Tell) -> None:
    other, own = await two_files_of_one_person(desk, tell)
    await merge(desk, other["customer"], own["customer"], "customers")
    body = {"customer": other["customer"], "reason": "客户要求删除个人信息"}
    erased = await desk.who_is("bizsup-1").ok("POST", "/erasures", body)
    assert (erased["id"], erased["merged"]) == (own["customer"], [other["customer"]])
    assert (await desk.send("GET", f"/customers/{own['customer']}")).status_code == 404


async def test_edge_case_3_an_erasure_takes_the_plates_of_all_files_of_a_car_of_theirs_and_of_no_car_that_was_sold(
    desk: Desk, tell: Tell
) -> None:
    boss = desk.who_is("bizsup-1")
    wrong, right = await two_files_of_one_car(desk, tell)
    await merge(desk, wrong, right)
    theirs = (await desk.ok("GET", "/visits"))[0]["customer"]
    buyer = (await desk.ok("POST", "/customers", {"name": "张磊", "phone": "+8618800433047"}))["id"]
    body = {"customer": theirs, "reason": "客户要求删除个人信息"}
    await desk.ok("POST", f"/vehicles/{wrong}/owner", {"customer": {"id": buyer}, "since": "2026-03-09"})
    assert (await boss.ok("POST", "/erasures", body))["vehicles"] == []
    assert (await desk.ok("GET", f"/vehicles/{right}"))["plates"] == [VEHICLE["plate"], MISTYPED["plate"]]
    erased = await boss.ok("POST", "/erasures", body | {"customer": buyer})
    assert set(erased["vehicles"]) == {wrong, right}
    assert (await desk.ok("GET", f"/vehicles/{right}"))["plates"] == []


@pytest.mark.clause("R7")
async def test_edge_case_3_a_plate_that_both_files_have_stays_that_of_the_other_when_the_owner_of_one_is_erased(desk: Desk) -> None:
    owner = (await desk.ok("POST", "/customers", CUSTOMER))["id"]
    theirs = (await desk.ok("POST", "/vehicles", MISTYPED | {"owned_by": owner}))["id"]
    others = (await desk.ok("POST", "/vehicles", {"vin": VEHICLE["vin"]}))["id"]
    await merge(desk, theirs, others)
    await desk.ok("PUT", f"/vehicles/{others}", {"plate": MISTYPED["plate"]})
    await part(desk, theirs)
    lookup = f"/vehicle-lookup?vin={VEHICLE['vin']}&plate={MISTYPED['plate']}"
    assert (await desk.ok("GET", lookup))["plate_held_by"] == others
    erased = await desk.who_is("bizsup-1").ok("POST", "/erasures", {"customer": owner, "reason": "客户要求删除个人信息"})
    assert erased["vehicles"] == [theirs]
    assert (await desk.ok("GET", lookup))["plate_held_by"] == others
    assert (await desk.ok("GET", f"/vehicles/{others}"))["plates"] == [MISTYPED["plate"]]


@pytest.mark.clause("R7")
async def test_a_merger_and_arrivals_under_both_files_at_once_never_leave_two_open_visits_of_one_car(desk: Desk, tell: Tell) -> None:
    wrong, right = await two_files_of_one_car(desk, tell)
    for _ in range(4):
        come = [desk.send("POST", "/arrivals", {"customer": CUSTOMER, "vehicle": {"vin": car["vin"]}}) for car in (MISTYPED, VEHICLE)]
        said = desk.send("POST", f"/vehicles/{wrong}/merger", {"into": right, "reason": REASON})
        *arrivals, merger = await asyncio.gather(*come, said)
        here = [answer.json() for answer in arrivals if answer.is_success]
        if merger.is_success:
            assert len(here) == 1
            await part(desk, wrong)
        else:
            assert (len(here), merger.json()["clause"]) == (2, "R7")
        for visit in here:
            await left(desk, tell, visit["id"])
