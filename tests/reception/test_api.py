"""Reception over HTTP and a real database: the clean path, what a body's fields become, and who is let in."""

import asyncio
from typing import Any

import pytest

from shared.store import Store
from tests.reception.conftest import Desk, HandClock
from tests.reception.walk import CHOICES, CUSTOMER, SHEET, VEHICLE, accept_estimate, arrive, check_in, consult, ordered, sign_order

BOOKING: dict[str, Any] = {
    "customer": CUSTOMER,
    "vehicle": VEHICLE,
    "channel": "phone",
    "day": "2026-03-10",
    "slot": "10:00",
    "advisor": "advisor-2",
    "wish": "刹车有尖叫声",
    "operations": ["R-FBP"],
}
HANDOVER = {"place": "waiting-3", "things": ["key", "work_order", "check_in_sheet"], "notes": "客户下午来取"}


async def text(store: Store, key: str) -> str:
    body = await store.record(key)
    assert body
    return str(body["text"])


@pytest.mark.clause("R11")
@pytest.mark.clause("W1")
async def test_a_visit_goes_from_the_gate_to_the_waiting_area(desk: Desk) -> None:
    visit = await arrive(desk)
    await desk.refused("R2", "PUT", f"/visits/{visit}/order", CHOICES)
    await check_in(desk, visit)
    await desk.ok("POST", f"/visits/{visit}/check-in-sheet/prints")
    await consult(desk, visit, "R-FBP", "R-BULB")
    papers = {"documents": ["driving_licence", "maintenance_booklet"], "vin": VEHICLE["vin"], "plate": VEHICLE["plate"]}
    await desk.ok("POST", f"/visits/{visit}/documents", papers)
    await accept_estimate(desk, visit)
    await desk.ok("POST", f"/visits/{visit}/waiting-place", {"place": "lounge"})
    await desk.refused("R11", "POST", f"/visits/{visit}/handover", HANDOVER)
    await sign_order(desk, visit)
    await desk.ok("POST", f"/visits/{visit}/order/prints")
    handed = await desk.ok("POST", f"/visits/{visit}/handover", HANDOVER)
    await desk.refused("W1", "POST", f"/visits/{visit}/handover", HANDOVER)
    assert handed["customer_copies_given"]
    assert handed["signed"]["number"].endswith("-20260309-0001")
    (car,) = await desk.ok("GET", "/board")
    assert (car["visit"], car["stage"], len(car["left"])) == (visit, "handed_over", 2)


@pytest.mark.clause("A1")
async def test_everything_given_at_the_booking_can_be_read_back(desk: Desk, store: Store) -> None:
    booked = await desk.ok("POST", "/appointments", BOOKING)
    (seen,) = await desk.ok("GET", "/appointments?day=2026-03-10")
    assert seen == booked
    assert (booked["advisor"], booked["channel"], booked["operations"]) == ("advisor-2", "phone", ["R-FBP"])
    assert (booked["day"], booked["arrives_at"]) == ("2026-03-10", "2026-03-10T02:00:00Z")
    assert await text(store, booked["wish"]) == "刹车有尖叫声"
    customer = await desk.ok("GET", f"/customers/{booked['customer']}")
    assert customer["customer"].items() >= {**CUSTOMER, "phone": "+8618679719991"}.items()
    vehicle = await desk.ok("GET", f"/vehicles/{booked['vehicle']}")
    assert vehicle["vehicle"].items() >= VEHICLE.items()


@pytest.mark.clause("A1")
async def test_a_full_slot_is_refused_over_http_with_the_nearest_and_takes_nothing(desk: Desk) -> None:
    for number in range(4):
        vin = f"LFPH3APC2RC87910{number}"
        await desk.ok("POST", "/appointments", {**BOOKING, "vehicle": {"vin": vin}})
    problem = await desk.refused("A1", "POST", "/appointments", {**BOOKING, "vehicle": {"vin": "LFPH3APC2RC879199"}})
    assert problem["facts"]["nearest"][0] == {"day": "2026-03-10", "slot": "09:30"}
    slots = {slot["slot"]: slot for slot in await desk.ok("GET", "/slots?day=2026-03-10&operations=R-FBP")}
    assert "10:00:00" not in slots
    assert slots["09:30:00"]["taken"] == 0
    assert await desk.ok("GET", "/slots?day=2031-03-10&operations=R-FBP") == []
    await desk.ok("POST", "/appointments", {**BOOKING, "vehicle": {"vin": "LFPH3APC2RC879199"}, **problem["facts"]["nearest"][0]})


@pytest.mark.clause("A1")
async def test_the_last_place_of_a_slot_is_given_once_to_two_who_book_at_once(desk: Desk) -> None:
    async def book(number: int) -> int:
        vehicle = {"vin": f"LFPH3APC2RC8791{number:02}"}
        return (await desk.send("POST", "/appointments", {**BOOKING, "vehicle": vehicle})).status_code

    answers = await asyncio.gather(*(book(number) for number in range(7)))
    assert sorted(answers) == [201] * 4 + [409] * 3


@pytest.mark.clause("R1")
async def test_an_arrival_with_an_appointment_is_the_booked_visit_and_the_queue_says_how_to_address_the_customer(
    desk: Desk, clock: HandClock
) -> None:
    booked = await desk.ok("POST", "/appointments", BOOKING)
    clock.goes(hours=24)
    arrived = await desk.ok("POST", "/arrivals", {"appointment": booked["id"]})
    assert (arrived["id"], arrived["slot_held"], arrived["queue_number"]) == (booked["id"], "2026-03-10T02:00:00Z", 1)
    (waiting,) = await desk.who_is("greeter-1").ok("GET", "/queue")
    assert (waiting["visit"], waiting["form_of_address"], waiting["plate"]) == (booked["id"], "李女士", "京GED411")
    await desk.who_is("greeter-1").ok("POST", f"/visits/{booked['id']}/greeting")
    assert await desk.ok("GET", "/queue") == []


async def test_an_arrival_by_no_appointment_at_all_is_refused(desk: Desk) -> None:
    for appointment in ("", None):
        await desk.refused("", "POST", "/arrivals", {"appointment": appointment}, status=422)


@pytest.mark.clause("R1")
async def test_who_was_passed_over_in_the_queue_is_on_record(desk: Desk, store: Store, clock: HandClock) -> None:
    first = await desk.ok("POST", "/arrivals", {"customer": CUSTOMER, "vehicle": VEHICLE})
    clock.goes(minutes=3)
    second = await desk.ok("POST", "/arrivals", {"customer": CUSTOMER, "vehicle": {"vin": "LFPM4ACC0RD346802"}})
    assert [each["visit"] for each in await desk.ok("GET", "/queue")] == [first["id"], second["id"]]
    await desk.ok("POST", f"/visits/{second['id']}/greeting")
    row = await store.collection("journal").find_one({"type": "reception.customer_greeted.v1"})
    assert row
    assert row["data"]["passed_over"] == [first["id"]]


@pytest.mark.clause("R2")
@pytest.mark.clause("R3")
@pytest.mark.clause("R4")
async def test_everything_said_and_seen_at_the_counter_can_be_read_back(desk: Desk, store: Store) -> None:
    visit = await arrive(desk)
    checked_in = await check_in(desk, visit)
    sheet = checked_in["sheet"]
    assert await text(store, sheet.pop("belongings")) == "雨伞\n行车记录仪"
    assert sheet.items() >= {name: value for name, value in SHEET.items() if name != "belongings"}.items()
    await consult(desk, visit)
    await desk.ok("POST", f"/visits/{visit}/waiting-place", {"place": "leaves", "reach": "打丈夫电话"})
    seen = await desk.ok("GET", f"/visits/{visit}")
    assert (seen["purpose"], await text(store, seen["words"][0])) == ("repair", "刹车有尖叫声")
    told = seen["diagnoses"][0].pop("told")
    expected = {"warranty_reason": None} | {
        "item": "item-1",
        "operation": "R-FBP",
        "fault": "determined",
        "warranty": "no",
        "customer_told": True,
    }
    assert seen["diagnoses"] == [expected]
    assert await text(store, told) == "不在质保范围内"
    assert (seen["waiting_place"], await text(store, seen["reach"])) == ("leaves", "打丈夫电话")


@pytest.mark.clause("R9")
@pytest.mark.clause("R11")
async def test_everything_priced_and_chosen_can_be_read_back(desk: Desk, store: Store) -> None:
    visit = await arrive(desk)
    await check_in(desk, visit)
    await consult(desk, visit)
    await desk.refused("R9", "POST", f"/visits/{visit}/estimates", {"lines": [{"item": "item-1", "labour": "100.00"}]})
    line = {
        "item": "item-1",
        "labour": "100.00",
        "parts": [{"part_no": "BP-4001", "quantity": 2, "unit_price": "250.05"}],
        "price_reason": "老客户",
    }
    await desk.ok("POST", f"/visits/{visit}/estimates", {"lines": [line]})
    await desk.ok("POST", f"/visits/{visit}/parts-lookup")
    estimate = (await desk.ok("GET", f"/visits/{visit}/order"))["estimates"][-1]
    consent = {"channel": "phone", "items": ["item-1"], "content_hash": estimate["content_hash"]}
    await desk.ok("POST", f"/visits/{visit}/estimates/1/acceptance", consent)
    await desk.ok("POST", f"/visits/{visit}/promise", {"promised_at": "2026-03-09T15:30:00+08:00"})
    drafted = await desk.ok("PUT", f"/visits/{visit}/order", CHOICES)
    hashed = {"content_hash": drafted["draft"]["content_hash"], "picture_sha256": "cd" * 32}
    await desk.ok("POST", f"/visits/{visit}/order/signature", hashed)
    await desk.ok("POST", f"/visits/{visit}/waiting-place", {"place": "lounge"})
    await desk.ok("POST", f"/visits/{visit}/handover", HANDOVER)
    order = await desk.ok("GET", f"/visits/{visit}/order")
    signed = order["signed"]
    assert signed.items() >= CHOICES.items()
    assert (signed["labour"]["amount"], signed["parts"]["amount"], signed["total"]["amount"]) == ("100.00", "500.10", "600.10")
    assert await text(store, signed["items"][0]["price_reason"]) == "老客户"
    assert signed["promised_at"] == "2026-03-09T07:30:00Z"
    assert (signed["signature"]["signer"], signed["signature"]["picture_sha256"]) == ("customer", "cd" * 32)
    assert order["accepted"].items() >= consent.items()
    handed = order["handed_over"]
    assert (handed["place"], handed["things"], await text(store, handed["notes"])) == ("waiting-3", HANDOVER["things"], "客户下午来取")


@pytest.mark.clause("R7")
async def test_a_second_open_visit_of_one_vehicle_is_refused_with_a_link_to_the_first(desk: Desk) -> None:
    visit = await arrive(desk)
    problem = await desk.refused("R7", "POST", "/arrivals", {"customer": CUSTOMER, "vehicle": {"vin": VEHICLE["vin"].lower()}})
    assert problem["facts"]["link"] == f"/visits/{visit}"
    assert len(await desk.ok("GET", "/visits?day=2026-03-09")) == 1


@pytest.mark.clause("R7")
async def test_a_plate_of_another_vin_is_refused_until_somebody_says_that_it_moved(desk: Desk) -> None:
    await arrive(desk)
    (first,) = await desk.ok("GET", "/visits")
    other = {"vin": "LFPM4ACC0RD346802", "plate": "京ＧＥＤ·４１１"}
    problem = await desk.refused("R7", "POST", "/arrivals", {"customer": CUSTOMER, "vehicle": other})
    assert problem["facts"]["held_by"] == first["vehicle"]
    assert VEHICLE["plate"] not in str(problem)
    moved = await desk.ok("POST", "/arrivals", {"customer": CUSTOMER, "vehicle": {**other, "plate_moved": True}})
    assert (await desk.ok("GET", f"/vehicles/{moved['vehicle']}"))["vehicle"]["plate"] == "京GED411"
    assert (await desk.ok("GET", f"/vehicles/{first['vehicle']}"))["vehicle"]["plate"] is None


@pytest.mark.clause("R7")
async def test_papers_with_another_plate_are_refused_until_the_file_is_corrected(desk: Desk) -> None:
    visit = await arrive(desk)
    papers = {"documents": ["driving_licence"], "vin": VEHICLE["vin"], "plate": "津A12345"}
    assert (await desk.refused("R7", "POST", f"/visits/{visit}/documents", papers))["missing"] == ["plate"]
    vehicle = (await desk.ok("GET", f"/visits/{visit}"))["vehicle"]
    await desk.ok("PUT", f"/vehicles/{vehicle}", {"plate": "津A12345"})
    assert (await desk.ok("POST", f"/visits/{visit}/documents", papers))["documents"] == ["driving_licence"]
    await desk.refused("", "POST", f"/visits/{visit}/documents", {"documents": ["driving_licence"]}, status=422)


@pytest.mark.clause("R7")
async def test_the_licence_is_compared_with_engine_number_and_owner_and_tells_the_file_what_it_does_not_know(desk: Desk) -> None:
    visit = await arrive(desk, engine_no=None)
    papers = {"documents": ["driving_licence"], "vin": VEHICLE["vin"], "plate": VEHICLE["plate"], "engine_no": "CA4GC217118"}
    assert (await desk.refused("R7", "POST", f"/visits/{visit}/documents", papers | {"owner": "王强"}))["missing"] == ["owner"]
    vehicle = (await desk.ok("GET", f"/visits/{visit}"))["vehicle"]
    assert (await desk.ok("GET", f"/vehicles/{vehicle}"))["vehicle"]["engine_no"] is None
    await desk.ok("POST", f"/visits/{visit}/documents", papers | {"owner": VEHICLE["owner"]})
    assert (await desk.ok("GET", f"/vehicles/{vehicle}"))["vehicle"]["engine_no"] == "CA4GC217118"
    booklet = {"documents": ["maintenance_booklet"], "engine_no": "CA4GC217119"}
    assert (await desk.refused("R7", "POST", f"/visits/{visit}/documents", booklet))["missing"] == ["engine_no"]


@pytest.mark.clause("R7")
@pytest.mark.clause("R11")
@pytest.mark.parametrize("done", [True, False])
async def test_the_advisor_is_told_of_papers_and_copies_that_a_handed_over_car_still_lacks(desk: Desk, done: bool) -> None:
    visit = await ordered(desk)
    if done:
        await desk.ok("POST", f"/visits/{visit}/documents", {"documents": []})
    await desk.ok("POST", f"/visits/{visit}/check-in-sheet/prints")
    await desk.ok("POST", f"/visits/{visit}/order/prints", {"customer_copies_given": done})
    await desk.ok("POST", f"/visits/{visit}/handover", HANDOVER)
    lacking = [(each["about"], each["clause"]) for each in (await desk.ok("GET", "/notices"))["items"] if each["visit"] == visit]
    assert sorted(lacking) == ([] if done else [("copies_not_given", "R11"), ("papers_not_asked_for", "R7")])


@pytest.mark.clause("A1")
@pytest.mark.clause("R3")
async def test_the_customers_words_are_read_by_who_works_on_the_car_and_how_to_reach_them_by_who_speaks_with_them(desk: Desk) -> None:
    booked = await desk.ok("POST", "/appointments", BOOKING)
    visit = booked["id"]
    assert await desk.ok("GET", f"/visits/{visit}/texts") == {booked["wish"]: BOOKING["wish"]}
    await desk.ok("POST", "/arrivals", {"appointment": visit})
    await desk.ok("POST", f"/visits/{visit}/greeting")
    await check_in(desk, visit)
    await consult(desk, visit)
    seen = await desk.ok("POST", f"/visits/{visit}/waiting-place", {"place": "leaves", "reach": "先打办公室 8601"})
    for staff, reaches in (("advisor-1", True), ("tech-1", False), ("agent-1", False)):
        read = await desk.who_is(staff).ok("GET", f"/visits/{visit}/texts")
        assert read[seen["words"][0]] == "刹车有尖叫声"
        assert read[seen["diagnoses"][0]["told"]] == "不在质保范围内"
        assert (seen["reach"] in read) is reaches
    for staff in ("cashier-1", "wash-1", "group-1"):
        assert (await desk.who_is(staff).send("GET", f"/visits/{visit}/texts")).status_code == 403
    assert (await desk.send("GET", "/visits/visit-9/texts")).status_code == 404


async def test_a_known_number_with_the_same_name_is_the_same_customer_and_with_another_name_another(desk: Desk) -> None:
    first = await desk.ok("POST", "/arrivals", {"customer": CUSTOMER, "vehicle": VEHICLE})
    again = {**CUSTOMER, "phone": "+86 186-7971-9991"}
    second = await desk.ok("POST", "/arrivals", {"customer": again, "vehicle": {"vin": "LFPM4ACC0RD346802"}})
    third = await desk.ok("POST", "/arrivals", {"customer": {**again, "name": "李强"}, "vehicle": {"vin": "LFPM4ACC0RD346803"}})
    assert first["customer"] == second["customer"] != third["customer"]
    await desk.ok("PUT", f"/customers/{first['customer']}", {"phone": "13900000000"})
    assert (await desk.ok("GET", f"/customers/{first['customer']}"))["customer"]["phone"] == "+8613900000000"


async def test_the_same_key_twice_is_one_arrival(desk: Desk) -> None:
    body = {"customer": CUSTOMER, "vehicle": VEHICLE}
    first = await desk.ok("POST", "/arrivals", body, Idempotency_Key="tap-1")
    assert await desk.ok("POST", "/arrivals", body, Idempotency_Key="tap-1") == first
    assert len(await desk.ok("GET", "/queue")) == 1


async def test_no_event_carries_a_name_a_number_a_plate_or_a_word_of_the_customer(desk: Desk, store: Store) -> None:
    visit = await ordered(desk)
    await desk.ok("POST", f"/visits/{visit}/handover", HANDOVER)
    rows = [str(row["data"]) async for row in store.collection("journal").find({})]
    assert rows
    for secret in ("李丽", "8679719991", "GED411", VEHICLE["vin"], "东直门", "尖叫", "雨伞", "不在质保", "下午"):
        assert not any(secret in row for row in rows), secret


@pytest.mark.parametrize(
    ("staff", "method", "path", "body"),
    [
        ("tech-1", "POST", "/arrivals", {"customer": CUSTOMER, "vehicle": VEHICLE}),
        ("greeter-1", "POST", "/visits/x/estimates", {}),
        ("tech-1", "GET", "/visits/x/order", None),
        ("tech-1", "GET", "/customers/x", None),
        ("group-1", "GET", "/customers/x", None),
    ],
)
async def test_whose_job_it_is_not_is_not_let_in(desk: Desk, staff: str, method: str, path: str, body: Any) -> None:
    assert (await desk.who_is(staff).send(method, path, body)).status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/arrivals", {"customer": CUSTOMER}),
        ("POST", "/arrivals", {"customer": {"name": "李丽"}, "vehicle": VEHICLE}),
        ("POST", "/arrivals", {"customer": {**CUSTOMER, "phone": "none"}, "vehicle": VEHICLE}),
        ("POST", "/arrivals", {"customer": CUSTOMER, "vehicle": {"vin": "TOO-SHORT"}}),
        ("POST", "/arrivals", {"customer": CUSTOMER, "vehicle": VEHICLE, "by": "advisor-2"}),
        ("POST", "/appointments", {**BOOKING, "operations": ["X-NONE"]}),
        ("POST", "/appointments", {**BOOKING, "advisor": "tech-1"}),
        ("POST", "/appointments", {**BOOKING, "channel": "letter"}),
        ("POST", "/appointments", {**BOOKING, "slot": "10:00+08:00"}),
        ("PUT", "/visits/x/check-in-sheet", {**SHEET, "fuel": 1.5}),
        ("POST", "/visits/x/estimates", {"lines": [{"item": "item-1", "parts": [{"part_no": "BP-4001", "quantity": 1.5}]}]}),
        ("POST", "/visits/x/estimates", {"lines": [{"item": "item-1", "labour": "1e26", "price_reason": "x"}]}),
        (
            "POST",
            "/visits/x/estimates",
            {"lines": [{"item": "item-1", "parts": [{"part_no": "BP-4001", "quantity": 1, "unit_price": "1e26"}]}]},
        ),
        ("POST", "/visits/x/concerns", {"purpose": "repair", "words": [""]}),
        ("POST", "/visits/x/concerns", {"purpose": "repair", "words": ["刹车有尖叫声", ""]}),
        ("POST", "/visits/x/promise", {"promised_at": "2026-03-09T15:30:00"}),
    ],
)
async def test_a_malformed_body_is_told_apart_from_a_refusal(desk: Desk, method: str, path: str, body: Any) -> None:
    answer = await desk.send(method, path, body)
    assert (answer.status_code, answer.json()["clause"]) == (422, ""), answer.text


@pytest.mark.parametrize("path", ["/visits/x", "/visits/x/order", "/customers/x", "/vehicles/x", "/visits/x/proposals"])
async def test_what_is_not_here_is_not_found(desk: Desk, path: str) -> None:
    assert (await desk.send("GET", path)).status_code == 404


async def test_every_command_on_an_unknown_visit_is_not_found(desk: Desk) -> None:
    for path, body in {"greeting": None, "estimates": {}, "handover": HANDOVER, "parts-lookup": None, "promise": {}}.items():
        assert (await desk.send("POST", f"/visits/x/{path}", body)).status_code == 404
