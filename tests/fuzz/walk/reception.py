"""A1 to A4, R1 to R14, W8: the counter, with its files."""

from collections.abc import Mapping
from typing import Any

from tests.fuzz.walk.steps import (
    ADVISOR,
    BOSS,
    CHOICES,
    DOCUMENTS,
    HANDED_OVER,
    RECEPTIONIST,
    SHEET,
    Car,
    accept,
    arrive,
    check_in,
    diagnose,
    estimate,
    hand_over,
    leave,
    sign,
)
from tests.fuzz.walk.walking import Walk

TRAVELLING = "京A88888"
MOVED = {"plate": TRAVELLING, "plate_moved": True}
"""One plate, which goes from car to car: each time the file of the one that had it was looked at, and the plate is the other's now."""
SEEN = f"plate={TRAVELLING}"

POINTS = ["appearance", "forms", "tools_and_materials", "surroundings"]


async def files(w: Walk) -> None:
    """What comes from the system before, and prices."""
    customer, vehicle = w.stranger()
    known = await w.does(RECEPTIONIST, "POST /reception/customers", customer)
    owned = {"owned_by": known["id"], "owned_since": "2024-02-03"}
    await w.does(RECEPTIONIST, "POST /reception/vehicles", w.stranger()[1] | {"plate": TRAVELLING})
    at = "POST /reception/vehicles"
    car = await w.does(RECEPTIONIST, at, vehicle | MOVED | owned, owned_by="owner", owned_since="since", plate_moved=SEEN)
    record = {
        "vin": vehicle["vin"],
        "record": "OLD-17",
        "on": "2025-06-07",
        "odometer_km": 30_017,
        "operations": ["M-20K"],
        "recommended": ["R-FBP"],
        "next": {"due_on": "2026-06-07", "odometer_km": 45_017},
    }
    await w.does(BOSS, "POST /reception/vehicle-history", record)
    await w.refused("R9", BOSS, "POST /reception/vehicle-history", record)
    await w.does(BOSS, "POST /reception/prices/BW-5002", {"unit_price": "7.25"})
    corrected = {"name": "李晓丽", "phone": "+8613811112222", "form_of_address": "李经理", "address": "朝阳路 7 号"}
    corrected["phone_verified_by"] = "in_person"
    await w.does(RECEPTIONIST, f"PUT /reception/customers/{known['id']}", corrected, phone_verified_by="phone_verified=true")
    other = await w.does(RECEPTIONIST, at, w.stranger()[1])
    licence = MOVED | {"engine_no": "CA4GC700017", "model": "红旗 HS5", "registered_on": "2022-02-02", "owner": "李晓丽"}
    await w.does(RECEPTIONIST, f"PUT /reception/vehicles/{other['id']}", licence, plate_moved=SEEN)
    buyer, _ = w.stranger()
    for new in (buyer, {"id": known["id"]}):
        await w.does(RECEPTIONIST, f"POST /reception/vehicles/{car['id']}/owner", {"customer": new, "since": "2026-03-01"}, id="owner")


async def mergers(w: Walk) -> None:
    """R7: two files of one are read as one, and parted again; who asks to be forgotten is."""
    ids = []
    for _ in range(2):
        customer, vehicle = w.stranger()
        known = await w.does(RECEPTIONIST, "POST /reception/customers", customer)
        car = await w.does(RECEPTIONIST, "POST /reception/vehicles", vehicle)
        ids.append({"customers": known["id"], "vehicles": car["id"]})
    for kind in ("customers", "vehicles"):
        file, into = (each[kind] for each in ids)
        await w.refused("R7", BOSS, f"POST /reception/{kind}/{file}/separation", {"reason": "从未合并"})
        await w.does(BOSS, f"POST /reception/{kind}/{file}/merger", {"into": into, "reason": f"同一{kind}"})
        await w.does(BOSS, f"POST /reception/{kind}/{file}/separation", {"reason": f"并非同一{kind}"})
    await w.told()
    await w.does(BOSS, "POST /reception/erasures", {"customer": ids[1]["customers"], "reason": "客户要求删除"})


async def opening(w: Walk) -> None:
    """A4."""
    await w.refused("A4", ADVISOR, "POST /reception/opening-checklists", {"points": POINTS[1:]})
    await w.does(ADVISOR, "POST /reception/opening-checklists", {"points": POINTS})


async def appointments(w: Walk) -> str:
    """A1 to A3; the visit that is expected tomorrow."""
    customer, vehicle = w.stranger()
    wish = {"customer": customer, "vehicle": vehicle, "channel": "online", "wish": "更换制动液", "operations": ["M-BFL"]}
    wanted = wish | {"day": w.day(1), "slot": "09:00", "advisor": "advisor-2"}
    await w.refused("A1", RECEPTIONIST, "POST /reception/appointments", wanted | {"slot": "03:00"})
    wanted["vehicle"] = vehicle | MOVED
    booked = await w.does(RECEPTIONIST, "POST /reception/appointments", wanted, plate_moved=SEEN)
    at = f"/reception/appointments/{booked['id']}"
    await w.does(RECEPTIONIST, f"POST {at}/confirmation", {"channel": "message"})
    await w.does(RECEPTIONIST, f"POST {at}/move", {"day": w.day(1), "slot": "10:30", "channel": "phone"})
    await w.does("advisor-2", f"POST {at}/preparations", {"things": ["bay_and_team", "forms"]})
    other, vehicle = w.stranger()
    given_up = await w.does(RECEPTIONIST, "POST /reception/appointments", wanted | {"customer": other, "vehicle": vehicle})
    at = f"/reception/appointments/{given_up['id']}"
    await w.does(RECEPTIONIST, f"POST {at}/cancellation", {"channel": "walk_in", "reason": "客户出差"})
    await w.refused("A2", RECEPTIONIST, f"POST {at}/confirmation", {"channel": "phone"})
    return str(booked["id"])


async def first_car(w: Walk) -> Car:
    """R1 to R13 as they should be, and each tried too early: a repair, and an inspection whose price comes later."""
    car = await arrive(w)
    visit = car.visit
    await w.does(RECEPTIONIST, f"POST {visit}/greeting")
    await w.refused("R1", RECEPTIONIST, f"POST {visit}/greeting")
    await w.refused("R2", ADVISOR, f"PUT {visit}/order", CHOICES)
    photo = await w.keeps_picture(ADVISOR, "reception")
    await check_in(car, SHEET | {"photos": [photo]}, {"signer": "customer", "picture_sha256": photo})
    await w.does(ADVISOR, f"POST {visit}/check-in-sheet/prints", {"copies": ["customer"]})
    await w.does(ADVISOR, f"POST {visit}/check-in-corrections", {"field": "odometer_km", "value": "40229", "reason": "误读里程"})
    await w.told()
    await w.refused("R3", ADVISOR, f"PUT {visit}/order", CHOICES)
    await w.does(ADVISOR, f"POST {visit}/concerns", {"purpose": "diagnosis", "words": ["刹车时方向盘抖动"]})
    again = {"item": "item-9", "operation": "R-FBP", "fault": "determined", "warranty": "no", "customer_told": True}
    await w.refused("R4", ADVISOR, f"POST {visit}/diagnoses", again)
    repair = await diagnose(car, "R-FBP", told="不在质保范围内")
    await w.does(ADVISOR, f"POST {visit}/diagnoses", again | {"item": repair})
    inspection = await diagnose(car, "D-BRK", fault="to_be_inspected")
    await w.refused("R5", ADVISOR, f"POST {visit}/items/{repair}/ruling", {"covers": True, "reference": "MFR-1"})
    licence = {name: car.described[name] for name in ("vin", "plate", "engine_no", "owner")}
    papers = {"documents": DOCUMENTS, **licence}
    await w.does(ADVISOR, f"POST {visit}/documents", papers)
    await w.refused("R7", ADVISOR, f"POST {visit}/documents", papers)
    parts = [{"part_no": "BP-4001", "quantity": 1, "unit_price": "377.50"}]
    dearer: dict[str, Any] = {"item": repair, "labour": "133.30", "parts": parts}
    await w.refused("R9", ADVISOR, f"POST {visit}/estimates", {"lines": [dearer, {"item": inspection}]})
    lines = [dearer | {"price_reason": "老客户优惠", "payer": "customer"}, {"item": inspection}]
    await accept(car, await estimate(car, lines), channel="walk_in", items=[repair, inspection], dialled="+8613900002222")
    await w.refused("R8", ADVISOR, f"POST {visit}/promise", {})
    await w.does(ADVISOR, f"POST {visit}/parts-lookup")
    await w.refused("R10", ADVISOR, f"POST {visit}/promise", {"promised_at": w.moment("06:00")})
    await w.does(ADVISOR, f"POST {visit}/promise", {"promised_at": w.moment("16:30", days=1)})
    await w.refused("R12", ADVISOR, f"PUT {visit}/order", CHOICES | {"new_work_rule_told": False})
    await w.refused("R11", "tech-1", f"POST {car.job}/items/{repair}/start")
    await sign(car, CHOICES | {"wash": True}, signer="customer", picture_sha256=photo)
    await w.does(ADVISOR, f"POST {visit}/order/prints", {"copies": ["customer"], "customer_copies_given": True})
    await w.refused("R14", ADVISOR, f"POST {visit}/inquiry-end", {"about": "询价", "reason": "inquiry", "call_hour": "10:00"})
    await w.refused("R13", ADVISOR, f"POST {visit}/handover", HANDED_OVER)
    await w.does(RECEPTIONIST, f"POST {visit}/waiting-place", {"place": "courtesy_transport", "reach": "家里座机 010-6500-0000"})
    await hand_over(car)
    return car


async def towed_car(w: Walk) -> None:
    """R2, R7, R14: brought by somebody else, mistyped, its sheet first refused; it leaves without an order."""
    car = await arrive(w)
    visit = car.visit
    await w.does(RECEPTIONIST, f"POST {visit}/greeting")
    _, vehicle = w.stranger()
    await w.does(
        RECEPTIONIST, f"POST {visit}/vehicle-correction", {"vehicle": vehicle | MOVED, "reason": "车架号录入错误"}, plate_moved=SEEN
    )
    sheet = SHEET | {
        "brought_by": "tow",
        "odometer_km": None,
        "odometer_unreadable": "仪表无电",
        "fuel": None,
        "fuel_unreadable": "油表无电",
    }
    await w.does(ADVISOR, f"PUT {visit}/check-in-sheet", sheet)
    await w.does(ADVISOR, f"POST {visit}/check-in-sheet/refusal", {"reason": "前杠划痕不是原有的", "witness": "唐晓，接待员"})
    driver = {"name": "赵师傅", "firm": "京安拖车", "phone": "13800138000"}
    await check_in(car, sheet, {"signer": "tow_driver", "bringer": driver})
    ended = {"about": "只想了解维修价格", "reason": "cancelled_before_signature", "call_hour": "11:30"}
    await w.does(ADVISOR, f"POST {visit}/inquiry-end", ended)
    await w.told()
    await leave(car)


async def inquiry(w: Walk) -> None:
    """R14: without a car that is here."""
    customer, vehicle = w.stranger()
    asked = {"customer": customer, "vehicle": vehicle, "about": "咨询首保政策", "call_hour": "09:15"}
    known = (await w.does(RECEPTIONIST, "POST /reception/inquiries", asked))["customer"]
    again = {"customer": {"id": known}, "vehicle": vehicle | MOVED}
    await w.does(RECEPTIONIST, "POST /reception/inquiries", asked | again, id="customer", plate_moved=SEEN)


async def expected_car(w: Walk, visit: str) -> None:
    """R1: who was expected comes."""
    await w.does(RECEPTIONIST, "POST /reception/arrivals", {"appointment": visit}, appointment="visit")


INSURED = CHOICES | {"pays": [{"method": "insurer", "share": "0.6"}, {"method": "card", "share": "0.4"}]}


async def insured_changes(w: Walk, car: Car) -> None:
    """W8, EDGE_CASES 7: of later work the insurer pays less than was asked; the rest is the customer's, and once the house's."""
    await w.refused("W8", ADVISOR, f"POST {car.visit}/changes", {})
    change = await quoted(w, car, {"operations": ["R-TIE"], "dropped": [list(car.items)[-1]]})
    await insurer_says(w, car, change)
    await w.does(ADVISOR, f"POST {car.visit}/changes/{change['change']}/insurer/gap")
    await agreed(w, car, (await newest(w, car)))
    change = await quoted(w, car, {"operations": ["R-BALL"]})
    await insurer_says(w, car, change)
    await w.does(BOSS, f"POST {car.visit}/changes/{change['change']}/insurer/goodwill", {"reason": "承诺时限未兑现"})
    await agreed(w, car, (await newest(w, car)))
    del car.items[list(car.items)[1]]
    await had_first_maintenance(w, car)
    wish = {"operations": ["M-FIRST"], "warranty": "first_maintenance"}
    await w.refused("R4", ADVISOR, f"POST {car.visit}/changes", wish)
    await quoted(w, car, wish | {"warranty_reason": "活动赠送首保"})


async def quoted(w: Walk, car: Car, wanted: Mapping[str, Any]) -> Any:
    return (await w.does(ADVISOR, f"POST {car.visit}/changes", wanted, operations="operation"))["changes"][-1]


async def newest(w: Walk, car: Car) -> Any:
    return (await w.get(f"{car.visit}/changes"))["changes"][-1]


async def insurer_says(w: Walk, car: Car, change: Mapping[str, Any]) -> None:
    said = {"consents": True, "claim_number": "PICC-2026-0309-88", "approved_amount": "44.40", "answered_by": "定损员老钱"}
    at = f"{car.visit}/changes/{change['change']}/insurer"
    await w.does(ADVISOR, f"POST {at}", said | {"channel": "online", "content_hash": change["content_hash"]}, approved_amount="approved")


async def agreed(w: Walk, car: Car, change: Mapping[str, Any]) -> None:
    at = f"{car.visit}/changes/{change['change']}"
    paper = (await w.asks(ADVISOR, f"{at}/supplement"))["paper"]
    said = {"accepted": True, "channel": "in_person", "by_hand": True, "supplement_hash": paper["content_hash"]}
    await w.does(ADVISOR, f"POST {at}/answer", said | {"content_hash": change["content_hash"]})
    await w.told()
    car.items |= {item["item"]: item["operation"] for item in change["items"]}


async def wishes(w: Walk, car: Car, withdrawn: Car) -> None:
    """D8, A1: what a maintenance reminder led to is booked, or not wanted any more."""
    wish = {"customer": {"id": car.customer}, "vehicle": {"vin": car.described["vin"]}, "channel": "phone", "reminder": car.id}
    await w.does(RECEPTIONIST, "POST /reception/appointments", wish | {"day": w.day(3), "slot": "11:00"}, reminder="answers")
    await w.does(RECEPTIONIST, f"POST /reception/appointment-wishes/{withdrawn.id}/withdrawal")


async def come_back(w: Walk, car: Car) -> Car:
    """R1: the same car once more, brought by a driver; its odometer reads less than before."""
    again = {"customer": {"id": car.customer}, "vehicle": {"vin": car.described["vin"], **MOVED}}
    arrived = await w.does(RECEPTIONIST, "POST /reception/arrivals", again, id="customer", plate_moved=SEEN)
    here = Car(w, arrived["id"], car.customer, car.vehicle, {**car.described, **MOVED})
    await w.does(RECEPTIONIST, f"POST {here.visit}/greeting")
    sheet = SHEET | {"brought_by": "driver", "odometer_km": 40_001, "odometer_lower_reason": "更换过仪表"}
    await check_in(here, sheet, {"bringer": {"name": "司机小马", "phone": "+8613600004444"}})
    await w.told()
    await had_first_maintenance(w, here)
    first = {"operation": "M-FIRST", "fault": "determined", "warranty": "first_maintenance", "customer_told": True}
    await w.refused("R4", ADVISOR, f"POST {here.visit}/diagnoses", first)
    await w.does(ADVISOR, f"POST {here.visit}/diagnoses", first | {"warranty_reason": "厂家特批再次首保"})
    return here


async def had_first_maintenance(w: Walk, car: Car) -> None:
    """R4: as the branch's old records have it."""
    old = {"vin": car.described["vin"], "record": f"OLD-{car.id}", "on": "2024-01-02", "operations": ["M-FIRST"]}
    await w.does(BOSS, "POST /reception/vehicle-history", old)
