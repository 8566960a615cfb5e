"""The files without a visit: customers, vehicles with their history, and the end of a customer's personal data."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest

from services.reception import files
from services.reception.bodies import CustomerGiven, VehicleGiven
from shared.contracts.delivery import BalanceChanged
from shared.contracts.followup import ComplaintClosed, ComplaintOpened
from shared.contracts.reception import PartPriced
from shared.money import Money
from shared.refusal import NotFound
from shared.site_changes import SiteChanges, keep_price
from shared.store import Store
from shared.unit import Unit
from tests.reception import walk
from tests.reception.conftest import Desk, Tell
from tests.reception.counter import NOW

CUSTOMER = {"name": "李丽", "phone": "18679719991"}
VEHICLE = {"vin": walk.VEHICLE["vin"], "plate": "京GED411", "owner": "李丽"}
REASON = {"reason": "客户要求删除个人信息"}
BOOKING = {"vehicle": {"vin": VEHICLE["vin"]}, "channel": "online", "day": "2026-03-10", "slot": "09:00", "wish": "刹车有尖叫声"}
KEY = "a key of the group"
SECRETS = ("李丽", "8679719991", "东直门外大街", "雨伞", "刹车有尖叫声", "京GED411", "CA4GC217118")


async def everywhere(store: Store) -> str:
    """Everything that the database has, as text."""
    found = []
    for name in await store._database.list_collection_names():
        found += [f"{name}: {row}" async for row in store.collection(name).find({})]
    return "\n".join(found)


async def test_a_customer_is_filed_once_without_a_visit(desk: Desk) -> None:
    filed = await desk.ok("POST", "/customers", CUSTOMER)
    assert (filed["customer"]["name"], filed["customer"]["phone"]) == ("李丽", "+8618679719991")
    assert (await desk.ok("POST", "/customers", CUSTOMER))["id"] == filed["id"]
    assert (await desk.ok("POST", "/customers", {**CUSTOMER, "name": "李强"}))["id"] != filed["id"]
    assert (await desk.send("POST", "/customers", {"name": "李丽"})).status_code == 422
    assert (await desk.send("POST", "/customers", {**CUSTOMER, "id": filed["id"]})).status_code == 422
    assert (await desk.who_is("washer-1").send("POST", "/customers", CUSTOMER)).status_code in (401, 403)


async def test_a_vehicle_is_filed_once_with_its_owner(desk: Desk) -> None:
    owner = (await desk.ok("POST", "/customers", CUSTOMER))["id"]
    filed = await desk.ok("POST", "/vehicles", {**VEHICLE, "owned_by": owner, "owned_since": "2024-05-01"})
    again = await desk.ok("POST", "/vehicles", {**VEHICLE, "owned_by": owner})
    assert (filed["vehicle"]["owner"], filed["id"]) == ("李丽", again["id"])
    other = {"vin": "LFPH3APC2RC879157", "plate": "京GED411"}
    await desk.refused("R7", "POST", "/vehicles", other)


@pytest.mark.clause("R9")
async def test_history_from_before_is_proposed_at_the_next_visit_and_taken_over_once(desk: Desk) -> None:
    boss = desk.who_is("bizsup-1")
    await desk.ok("POST", "/vehicles", VEHICLE)
    old = {
        "vin": VEHICLE["vin"],
        "record": "RO-1",
        "on": "2024-08-15",
        "odometer_km": 20150,
        "operations": ["M-10K"],
        "recommended": ["R-FBP"],
    }
    older = {**old, "record": "RO-0", "on": "2023-08-15", "odometer_km": 10150, "recommended": []}
    for past in (old, older):
        kept = await boss.ok("POST", "/vehicle-history", past)
    assert [each["record"] for each in kept["records"]] == ["RO-1", "RO-0"]
    await boss.refused("R9", "POST", "/vehicle-history", old)
    visit = await walk.arrive(desk)
    proposals = await desk.ok("GET", f"/visits/{visit}/proposals")
    assert [each["operation"] for each in proposals["operations"]] == ["R-FBP"]
    drafted = await desk.ok("PUT", f"/visits/{visit}/check-in-sheet", {**walk.SHEET, "odometer_km": 20149})
    assert drafted["sheet_missing"] == ["odometer_lower_reason"]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"operations": ["X"]}, 422),
        ({"vin": "LFPH3APC2RC879157"}, 404),
        ({"vin": "x"}, 422),
        ({"on": "yesterday"}, 422),
        ({"record": ""}, 422),
    ],
)
async def test_history_that_cannot_be_is_refused(desk: Desk, change: dict[str, Any], status: int) -> None:
    await desk.ok("POST", "/vehicles", VEHICLE)
    past = {"vin": VEHICLE["vin"], "record": "RO-1", "on": "2024-08-15", **change}
    assert (await desk.who_is("bizsup-1").send("POST", "/vehicle-history", past)).status_code == status


async def gone(desk: Desk, tell: Tell, visit: str) -> str:
    """The car has left; gives the customer."""
    left = await walk.gone(desk, visit)
    await tell(left, visit)
    return str((await desk.ok("GET", f"/visits/{visit}"))["customer"])


async def test_nothing_of_an_erased_customer_is_left_and_the_journal_stays(desk: Desk, store: Store, tell: Tell) -> None:
    visit = await walk.ordered(desk)
    keyed = await desk.ok(
        "PUT", f"/customers/{(await desk.ok('GET', f'/visits/{visit}'))['customer']}", {"address": "东直门外大街 2 号"}, Idempotency_Key="k"
    )
    customer = await gone(desk, tell, visit)
    assert keyed["id"] == customer
    before = await store.collection("journal").find({}).to_list(None)
    there = await everywhere(store)
    assert all(secret in there for secret in SECRETS)
    exported = await desk.who_is("bizsup-1").ok("GET", f"/personal-data/{visit}")
    assert len(exported["records"]) >= 3
    assert exported["pictures"] == ["ab" * 32]

    erased = await desk.who_is("bizsup-1").ok("POST", "/erasures", {"customer": customer, **REASON})
    assert (erased["visits"], erased["by"]) == ([visit], "bizsup-1")
    left = await everywhere(store)
    assert [secret for secret in SECRETS if secret in left] == []
    assert REASON["reason"] in left
    after = {entry["_id"]: entry for entry in await store.collection("journal").find({}).to_list(None)}
    for entry in before:  # what says whose pictures are needed still is beside the entry, and no part of it
        entry.pop("pictures", None)
        assert after[entry["_id"]] == entry
    for id in (customer, visit):
        rest = await desk.who_is("bizsup-1").ok("GET", f"/personal-data/{id}")
        assert (set(rest["records"]) <= {erased["reason"]}, rest["pictures"]) == (True, [])
    assert (await desk.send("GET", f"/customers/{customer}")).status_code == 404
    assert (await desk.who_is("bizsup-1").send("POST", "/erasures", {"customer": customer, **REASON})).status_code == 404


async def test_reasons_on_the_check_in_sheet_and_who_answered_are_no_words_of_the_journal_and_go_with_an_erasure(
    desk: Desk, store: Store, tell: Tell
) -> None:
    """Once, they stood in the journal as typed, and no erasure reached them."""
    why = {
        "odometer_unreadable": "李丽没带钥匙",
        "odometer_lower_reason": "李丽换过仪表",
        "fuel_unreadable": "李丽说油表坏了",
    }
    visit = await walk.arrive(desk)
    await desk.ok("PUT", f"/visits/{visit}/check-in-sheet", {**walk.SHEET, **why})
    drafted = await desk.ok("PUT", f"/visits/{visit}/check-in-sheet", {**walk.SHEET, **why, "odometer_km": None, "fuel": None})
    assert drafted["sheet_missing"] == []
    for reader in ("advisor-1", "supervisor-1"):
        texts = await desk.who_is(reader).ok("GET", f"/visits/{visit}/texts")
        assert {name: texts[drafted["sheet"][name]] for name in why} == why
    await desk.ok("POST", f"/visits/{visit}/check-in-sheet/signature", {"content_hash": drafted["sheet_hash"]})
    await walk.consult(desk, visit)
    await walk.accept_estimate(desk, visit)
    await walk.sign_order(desk, visit)
    quoted = (await desk.ok("POST", f"/visits/{visit}/changes", {"operations": ["R-WIPE"]}))["changes"][-1]
    paper = (await desk.ok("GET", f"/visits/{visit}/changes/change-1/supplement"))["paper"]
    said = {"accepted": True, "channel": "in_person", "answered_by": "李丽的丈夫", "content_hash": quoted["content_hash"]}
    signed = {**said, "by_hand": True, "supplement_hash": paper["content_hash"]}
    (answered,) = (await desk.ok("POST", f"/visits/{visit}/changes/change-1/answer", signed))["changes"]
    texts = await desk.ok("GET", f"/visits/{visit}/texts")
    shown = await desk.ok("GET", f"/visits/{visit}/changes/change-1/supplement")
    by = (answered["answered_by"], shown["authorised_by"], shown["paper"]["signature"]["signer"])
    assert [texts[each] for each in by] == ["李丽的丈夫"] * 3

    words = (*why.values(), "李丽的丈夫")
    journalled = [str(entry) async for entry in store.collection("journal").find({})]
    assert [each for each in words for entry in journalled if each in entry] == []
    customer = await gone(desk, tell, visit)
    there = await everywhere(store)
    assert all(each in there for each in words)
    await desk.who_is("bizsup-1").ok("POST", "/erasures", {"customer": customer, **REASON})
    left = await everywhere(store)
    assert [each for each in words if each in left] == []


async def test_the_car_of_an_erased_owner_may_come_back_with_somebody_else(desk: Desk, store: Store, tell: Tell) -> None:
    customer = await gone(desk, tell, await walk.ordered(desk))
    await desk.who_is("bizsup-1").ok("POST", "/erasures", {"customer": customer, **REASON})
    other = {"customer": {"name": "张磊", "phone": "+8618800433047"}, "vehicle": {"vin": VEHICLE["vin"], "plate": "京GED411"}}
    visit = await desk.ok("POST", "/arrivals", other)
    file = await desk.ok("GET", f"/vehicles/{visit['vehicle']}")
    assert (file["vehicle"]["plate"], file["vehicle"]["owner"], len(file["visits"])) == ("京GED411", None, 2)
    again = await desk.ok("POST", "/customers", CUSTOMER)
    assert again["id"] != customer


async def test_the_file_of_a_car_that_has_another_owner_by_now_stays(desk: Desk, tell: Tell) -> None:
    former = await gone(desk, tell, await walk.ordered(desk))
    buyer = (await desk.ok("POST", "/customers", {"name": "张磊", "phone": "+8618800433047"}))["id"]
    await desk.ok("POST", "/vehicles", {"vin": VEHICLE["vin"], "owned_by": buyer})
    erased = await desk.who_is("bizsup-1").ok("POST", "/erasures", {"customer": former, **REASON})
    assert erased["vehicles"] == []


OTHER = {"name": "张磊", "phone": "+8618800433047"}


async def test_the_name_of_a_former_owner_goes_out_of_the_file_of_a_car_that_somebody_else_has_by_now(
    desk: Desk, store: Store, tell: Tell
) -> None:
    former = await gone(desk, tell, await walk.ordered(desk))
    visit = await desk.ok("POST", "/arrivals", {"customer": OTHER, "vehicle": {"vin": VEHICLE["vin"]}})
    await tell(await walk.gone(desk, visit["id"]), visit["id"])
    await desk.ok("POST", "/vehicles", {"vin": VEHICLE["vin"]}, Idempotency_Key="file")
    erased = await desk.who_is("bizsup-1").ok("POST", "/erasures", {"customer": former, **REASON})
    assert erased["vehicles"] == []
    assert "李丽" not in await everywhere(store)
    file = (await desk.ok("GET", f"/vehicles/{visit['vehicle']}"))["vehicle"]
    assert (file["owner"], file["plate"]) == (None, VEHICLE["plate"])


async def test_the_name_goes_out_of_the_file_of_a_car_that_was_booked_and_never_came(desk: Desk, store: Store) -> None:
    customer = (await desk.ok("POST", "/customers", CUSTOMER))["id"]
    booked = await desk.ok("POST", "/appointments", {**BOOKING, "customer": {"id": customer}, "vehicle": VEHICLE})
    await desk.ok("POST", f"/appointments/{booked['id']}/cancellation", {"channel": "phone"})
    await desk.who_is("bizsup-1").ok("POST", "/erasures", {"customer": customer, **REASON})
    assert "李丽" not in await everywhere(store)


async def test_the_name_of_another_owner_stays_in_the_file_of_a_car_that_they_brought(desk: Desk, tell: Tell) -> None:
    brought = await gone(desk, tell, await walk.ordered(desk, owner="张磊"))
    visit = await desk.ok("POST", "/arrivals", {"customer": OTHER, "vehicle": {"vin": VEHICLE["vin"]}})
    await tell(await walk.gone(desk, visit["id"]), visit["id"])
    await desk.who_is("bizsup-1").ok("POST", "/erasures", {"customer": brought, **REASON})
    assert (await desk.ok("GET", f"/vehicles/{visit['vehicle']}"))["vehicle"]["owner"] == "张磊"


async def test_a_kept_answer_that_shows_the_car_of_an_erased_owner_goes(desk: Desk, store: Store) -> None:
    owner = (await desk.ok("POST", "/customers", CUSTOMER))["id"]
    filed = await desk.ok("POST", "/vehicles", {**VEHICLE, "owned_by": owner})
    again = {"vin": VEHICLE["vin"]}
    assert (await desk.ok("POST", "/vehicles", again, Idempotency_Key="k"))["vehicle"]["plate"] == VEHICLE["plate"]
    erased = await desk.who_is("bizsup-1").ok("POST", "/erasures", {"customer": owner, **REASON})
    assert erased["vehicles"] == [filed["id"]]
    assert [secret for secret in SECRETS if secret in await everywhere(store)] == []
    assert (await desk.ok("POST", "/vehicles", again, Idempotency_Key="k"))["vehicle"]["plate"] is None


async def test_an_open_visit_is_in_the_way_of_an_erasure(desk: Desk) -> None:
    visit = await walk.arrive(desk)
    customer = (await desk.ok("GET", f"/visits/{visit}"))["customer"]
    refused = await desk.who_is("bizsup-1").refused("D5", "POST", "/erasures", {"customer": customer, **REASON})
    assert refused["missing"] == [visit]
    assert (await desk.ok("GET", f"/customers/{customer}"))["customer"]["name"] == "李丽"


async def by_id(unit: Unit, customer: str) -> None:
    await unit.put_text(await files.file_customer(unit, CustomerGiven(id=customer), KEY))


async def as_owner(unit: Unit, customer: str) -> None:
    await files.change_owner(unit, await files.file_vehicle(unit, VehicleGiven(vin=VEHICLE["vin"]), KEY), customer, NOW.date())


@pytest.mark.parametrize("served", [by_id, as_owner])
async def test_who_is_served_at_the_moment_of_an_erasure_is_not_served_as_who_was_erased(
    desk: Desk, store: Store, served: Callable[[Unit, str], Awaitable[None]]
) -> None:
    customer = (await desk.ok("POST", "/customers", CUSTOMER))["id"]
    tries = 0

    async def beside(unit: Unit) -> None:
        nonlocal tries
        tries += 1
        await served(unit, customer)
        if tries == 1:
            await desk.who_is("bizsup-1").ok("POST", "/erasures", {"customer": customer, **REASON})

    with pytest.raises(NotFound):
        await store.transact(beside, actor="advisor-1", correlation="c-1")
    assert (tries, [secret for secret in ("李丽", customer) if secret in await bodies(store)]) == (2, [])


async def bodies(store: Store) -> str:
    return str([row["body"] async for row in store.collection("records").find({})])


async def test_of_a_booking_and_an_erasure_at_once_one_succeeds(desk: Desk) -> None:
    boss = desk.who_is("bizsup-1")
    for _ in range(4):
        customer = (await desk.ok("POST", "/customers", CUSTOMER))["id"]
        booked, erased = await asyncio.gather(
            desk.send("POST", "/appointments", {**BOOKING, "customer": {"id": customer}}),
            boss.send("POST", "/erasures", {"customer": customer, **REASON}),
        )
        assert sorted((booked.status_code, erased.status_code)) in ([201, 404], [201, 409])
        if booked.is_success:
            await desk.ok("POST", f"/appointments/{booked.json()['id']}/cancellation", {"channel": "phone"})


async def test_an_erasure_that_was_lost_with_the_database_is_given_again(desk: Desk, store: Store, tell: Tell) -> None:
    """Restored, reception has its rows of before, and what of the records the topic has: their ends."""
    boss = desk.who_is("bizsup-1")
    visit = await walk.ordered(desk)
    customer = (await desk.ok("GET", f"/visits/{visit}"))["customer"]
    await desk.ok("PUT", f"/customers/{customer}", {"address": "东直门外大街 2 号"}, Idempotency_Key="k")
    assert await gone(desk, tell, visit) == customer
    names = [name for name in await store._database.list_collection_names() if name != "records"]
    backup = {name: await store.collection(name).find({}).to_list(None) for name in names}
    await boss.ok("POST", "/erasures", {"customer": customer, **REASON})
    for name, rows in backup.items():
        await store.collection(name).delete_many({})
        if rows:
            await store.collection(name).insert_many(rows)
    assert SECRETS[0] in await everywhere(store)
    erased = await boss.ok("POST", "/erasures", {"customer": customer, **REASON})
    assert erased["visits"] == [visit]
    assert [secret for secret in SECRETS if secret in await everywhere(store)] == []
    assert (await boss.ok("GET", f"/personal-data/{visit}"))["pictures"] == []
    assert await store.collection("phones").count_documents({"customers": customer}) == 0
    assert await store.collection("plates").count_documents({"vehicle": {"$ne": None}}) == 0
    assert (await boss.send("POST", "/erasures", {"customer": customer, **REASON})).status_code == 404


async def test_the_number_of_before_leads_to_an_erased_customer_no_longer(desk: Desk, store: Store) -> None:
    customer = (await desk.ok("POST", "/customers", CUSTOMER))["id"]
    await desk.ok("PUT", f"/customers/{customer}", {"phone": "13704741381"})
    await desk.who_is("bizsup-1").ok("POST", "/erasures", {"customer": customer, **REASON})
    assert await store.collection("phones").count_documents({"customers": customer}) == 0


@pytest.mark.clause("F5")
async def test_an_open_complaint_is_in_the_way_of_an_erasure_until_the_customer_is_content(desk: Desk, tell: Tell) -> None:
    customer = (await desk.ok("POST", "/customers", CUSTOMER))["id"]
    opened = ComplaintOpened(
        complaint="complaint-1",
        channel="call",
        customer=customer,
        words="text:followup:1",
        owner="advisor-1",
        taken_by="agent-1",
        report_by=NOW,
    )
    await tell(opened, customer)
    refused = await desk.who_is("bizsup-1").refused("F5", "POST", "/erasures", {"customer": customer, **REASON})
    assert refused["missing"] == ["complaint-1"]
    await tell(ComplaintClosed(complaint="complaint-1"), customer)
    await desk.who_is("bizsup-1").ok("POST", "/erasures", {"customer": customer, **REASON})


async def test_a_debt_is_in_the_way_of_an_erasure_until_it_is_paid(desk: Desk, tell: Tell) -> None:
    customer = (await desk.ok("POST", "/customers", CUSTOMER))["id"]
    owes = BalanceChanged(visit="visit-1", customer=customer, owed=Money.of(Decimal(542), "CNY"))
    await tell(owes, "visit-1")
    refused = await desk.who_is("bizsup-1").refused("D5", "POST", "/erasures", {"customer": customer, **REASON})
    assert refused["missing"] == ["visit-1"]
    await tell(owes.model_copy(update={"owed": owes.owed * 0}), "visit-1")
    await desk.who_is("bizsup-1").ok("POST", "/erasures", {"customer": customer, **REASON})


async def test_only_the_business_supervisor_erases_and_with_a_reason_that_names_nobody(desk: Desk) -> None:
    customer = (await desk.ok("POST", "/customers", CUSTOMER))["id"]
    for person in ("advisor-1", "greeter-1", "group-1"):
        assert (await desk.who_is(person).send("POST", "/erasures", {"customer": customer, **REASON})).status_code == 403
    for reason in ("", "应李丽要求", "+8618679719991"):
        assert (await desk.who_is("bizsup-1").send("POST", "/erasures", {"customer": customer, "reason": reason})).status_code == 422
    assert (await desk.who_is("bizsup-1").send("POST", "/erasures", {"customer": "nobody", **REASON})).status_code == 404


@pytest.mark.parametrize(
    "named",
    [
        "客户 18679719991 要求删除",
        "客户 186-7971-9991 要求删除",
        "客户１８６７９７１９９９１要求删除",
        "原号码 13704741381",
        "李 丽要求删除",
        "住东直门外大街1号的客户",
        "京G·ED411 车主",
        "京ged411 车主",
        "京A12345 车主",
    ],
)
async def test_a_reason_may_not_hold_number_address_or_plate_as_anybody_types_them(desk: Desk, named: str) -> None:
    file = await desk.ok("POST", "/customers", {**CUSTOMER, "phone": "13704741381", "address": "东直门外大街 1 号"})
    customer = (await desk.ok("PUT", f"/customers/{file['id']}", {"phone": CUSTOMER["phone"]}))["id"]
    car = {**VEHICLE, "plate": "京A12345", "owned_by": customer}
    await desk.ok("PUT", f"/vehicles/{(await desk.ok('POST', '/vehicles', car))['id']}", {"plate": VEHICLE["plate"]})
    boss = desk.who_is("bizsup-1")
    refused = await boss.send("POST", "/erasures", {"customer": customer, "reason": named})
    assert (refused.status_code, refused.json()["missing"]) == (422, ["reason"])
    await boss.ok("POST", "/erasures", {"customer": customer, "reason": "2026-03-09 来信要求，编号 186"})


@pytest.mark.clause("R9")
async def test_a_changed_list_price_is_the_estimates_from_now_on_and_not_of_what_was_estimated(desk: Desk, store: Store) -> None:
    boss = desk.who_is("bizsup-1")
    changes = SiteChanges(store)
    visit = await walk.arrive(desk)
    await walk.check_in(desk, visit)
    await walk.consult(desk, visit, "R-FBP")
    await desk.ok("POST", f"/visits/{visit}/parts-lookup")
    first = (await desk.ok("POST", f"/visits/{visit}/estimates"))["estimates"][-1]
    (line,) = first["items"][0]["parts"]
    former = Decimal(line["unit_price"]["amount"])
    for _ in range(2):
        await boss.ok("POST", f"/prices/{line['part_no']}", {"unit_price": str(former + 10)})
    journalled = await store.collection("journal").find({"type": "reception.part_priced.v1"}).to_list(None)
    assert [Decimal(entry["data"]["former"]) for entry in journalled] == [former]
    priced = PartPriced.model_validate(journalled[0]["data"])
    await store.transact(lambda unit: keep_price(priced, unit), actor="system", correlation="c-1")
    await changes.look()
    second = (await desk.ok("POST", f"/visits/{visit}/estimates"))["estimates"]
    prices = [Decimal(each["items"][0]["parts"][0]["unit_price"]["amount"]) for each in second]
    assert prices == [former, former + 10]


async def test_a_price_that_cannot_be_is_refused(desk: Desk) -> None:
    boss = desk.who_is("bizsup-1")
    for part_no, price in (("no-such", "1.00"), ("OF-2001", "-1"), ("OF-2001", "1.005"), ("OF-2001", "x")):
        assert (await boss.send("POST", f"/prices/{part_no}", {"unit_price": price})).status_code == 422
    assert (await desk.send("POST", "/prices/OF-2001", {"unit_price": "1.00"})).status_code == 403


async def test_vin_and_plate_are_looked_up_by_whose_files_they_are_in(desk: Desk) -> None:
    assert await desk.ok("GET", f"/vehicle-lookup?vin={VEHICLE['vin']}&plate=京GED411") == {"vehicle": None, "plate_held_by": None}
    filed = (await desk.ok("POST", "/vehicles", VEHICLE))["id"]
    other = await desk.ok("GET", "/vehicle-lookup?vin=LFPH3APC2RC879157&plate=京G·ED411")
    assert other == {"vehicle": None, "plate_held_by": filed}
    assert (await desk.ok("GET", f"/vehicle-lookup?vin={VEHICLE['vin']}"))["vehicle"] == filed


@pytest.mark.parametrize("customer", [{"id": "", "name": "李丽"}, {"id": ""}, {"name": "李丽"}])
async def test_a_customer_who_is_neither_named_nor_of_the_file_is_refused(desk: Desk, customer: dict[str, Any]) -> None:
    answer = await desk.send("POST", "/arrivals", {"customer": customer, "vehicle": VEHICLE})
    assert answer.status_code == 422, answer.text
