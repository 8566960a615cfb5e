"""W1 to W14: stock and shifts, and the first car from the waiting area to the finished one."""

from tests.fuzz.walk.steps import (
    ADVISOR,
    BOSS,
    CLERK,
    FOREMAN,
    LEADER,
    PAPERS,
    QC,
    TEAM,
    TECHNICIAN,
    WASH,
    WASHER,
    Car,
    begin,
    draw,
    finish,
    hand_over,
    inspect,
    last,
    lead,
    name,
    park,
    take_on,
)
from tests.fuzz.walk.walking import Walk


async def stock(w: Walk) -> None:
    at = "/workshop/stock/RG-8001"
    counted = {"counted": 41}
    await w.refused("W5", CLERK, f"POST {at}/counts", counted)
    await w.does(CLERK, f"POST {at}/counts", counted | {"reason": "盘点差异：多出库存"})
    await w.does(CLERK, f"POST {at}/receipts", {"quantity": 6, "reference": "DN-20260309-7"}, quantity="change")


async def attendance(w: Walk) -> None:
    shift = {"days": [0, 2, 4], "starts": "08:30", "ends": "17:30"}
    await w.does(FOREMAN, "POST /workshop/attendance/tech-8/shift", shift)
    planned = {"kind": "training", "starts_at": w.moment("09:00", days=2), "ends_at": w.moment("17:00", days=2)}
    away = await w.does(FOREMAN, "POST /workshop/attendance/tech-7/absences", planned)
    await w.refused("W2", FOREMAN, "POST /workshop/attendance/tech-7/absences", planned)
    absence = last(away["absences"]["tech-7"], "absence")
    await w.does(FOREMAN, f"POST /workshop/attendance/tech-7/absences/{absence}/end")


async def handed_over(w: Walk, car: Car) -> None:
    """W1: sent back, handed over again, accepted, moved."""
    accepted = {"car_matches_sheet": True, "things": ["car", "key", "order", "sheet"]}
    await w.refused("W1", FOREMAN, f"POST {car.job}/acceptance", accepted | {"things": ["car"]})
    await w.does(FOREMAN, f"POST {car.job}/sending-back", {"reason": "里程与登记表不符"})
    await w.told()
    await hand_over(car)
    await w.does(FOREMAN, f"POST {car.job}/acceptance", accepted)
    await w.does(FOREMAN, f"POST {car.job}/moves", {"to_place": "bay-4", "for_work": True, "things": ["key", "car"]})


async def given_out(w: Walk, car: Car) -> None:
    """W2, W3."""
    given = [{"item": item, "team": TEAM} for item in car.items]
    await w.refused("W2", FOREMAN, f"POST {car.job}/dispatch", {"priority": 1, "assignments": given})
    given = [each | {"override_reason": "技师持有诊断资质"} for each in given]
    await w.does(FOREMAN, f"POST {car.job}/dispatch", {"priority": 1, "assignments": given})
    for item in car.items:
        await name(car, item)
    await w.does(TECHNICIAN, f"POST {car.job}/taking", {"difference": "右后门有新划痕"})
    await w.refused("W3", TECHNICIAN, f"POST {car.job}/taking", {})
    await w.told()


async def parts(w: Walk, car: Car, item: str) -> None:
    """W5."""
    strange = [{"part_no": "AL-3004", "quantity": 1}]
    await w.refused("W5", CLERK, f"POST {car.job}/parts-issues", {"item": item, "drawn_by": TECHNICIAN, "lines": strange})
    await w.does(CLERK, "POST /workshop/stock/BP-4001/orders", {"quantity": 5, "visit": car.id})
    slip = await draw(car, item)
    await w.does(CLERK, f"POST {car.job}/slips/{slip}/printing")
    back = {"slip": slip, "part_no": "BP-4001", "quantity": 1, "opened": False, "unneeded": False}
    await w.does(CLERK, f"POST {car.job}/parts-returns", back, opened="to_stock=true")
    await draw(car, item)


async def belongings(w: Walk, car: Car) -> None:
    """W6."""
    job = await w.does(TECHNICIAN, f"POST {car.job}/belongings", {"need": "移开后备箱物品以便检修"})
    request = last(job["belongings"], "request")
    await w.refused("W6", TECHNICIAN, f"POST {car.job}/belongings/{request}/moving", {"to_place": "locker-2"})
    await w.told()
    await w.does(ADVISOR, f"POST {car.visit}/belongings/{request}/answer", {"agrees": True, "channel": "message"})
    await w.told()
    await w.does(TECHNICIAN, f"POST {car.job}/belongings/{request}/moving", {"to_place": "locker-2"})


async def progress(w: Walk, car: Car) -> None:
    """W7."""
    await w.refused("W7", TECHNICIAN, f"POST {car.job}/progress", {"kind": "resumed"})
    job = await w.does(TECHNICIAN, f"POST {car.job}/progress", {"kind": "later", "minutes": 47, "note": "螺栓锈死"})
    await w.told()
    report = last(job["progress"], "report")
    await w.does(ADVISOR, f"POST {car.visit}/progress/{report}/told", {"answer": "wants_car_as_promised", "channel": "online"})


async def found(w: Walk, car: Car, inspection: str) -> str:
    """R6, W8: what the inspection found; the customer authorises it. The item."""
    finding = {"kind": "finding", "item": inspection, "operation": "R-RBP", "note": "后制动片磨损到极限", "safety": True}
    job = await w.does(TECHNICIAN, f"POST {car.job}/found", finding)
    item = last(job["found"], "found")
    await w.told()
    await w.refused("W8", TECHNICIAN, f"POST {car.job}/items/{item}/start")
    cheaper = [{"part_no": "BP-4002", "quantity": 1, "unit_price": "311.10"}]
    line = {"item": item, "labour": "99.90", "parts": cheaper, "price_reason": "配套更换优惠", "payer": "customer"}
    quoted = await w.does(ADVISOR, f"POST {car.visit}/changes", {"found": item, "warranty": "no", "lines": [line]})
    change = quoted["changes"][-1]
    at = f"{car.visit}/changes/{change['change']}"
    paper = (await w.asks(ADVISOR, f"{at}/supplement"))["paper"]
    picture = await w.keeps_picture(ADVISOR, "reception")
    agreed = {"accepted": [item], "channel": "phone", "answered_by": "李丽本人", "dialled": "+861065000000", "by_hand": True}
    signed = {"content_hash": change["content_hash"], "supplement_hash": paper["content_hash"], "picture_sha256": picture}
    strange = {"dialled": "+8613900001111", "content_hash": change["content_hash"], "accepted": True, "channel": "phone"}
    await w.refused("W8", ADVISOR, f"POST {at}/answer", strange)
    await w.does(ADVISOR, f"POST {at}/answer", agreed | signed, supplement_hash="content_hash", by_hand="signer=李丽本人")
    await w.told()
    car.items[item] = "R-RBP"
    return item


async def first_car(w: Walk, car: Car) -> None:
    """Both items, what was found, QC that fails once, wash and parking."""
    repair, inspection = car.items
    await handed_over(w, car)
    await given_out(w, car)
    at = f"{car.job}/items/{repair}"
    await w.refused("W4", TECHNICIAN, f"POST {at}/start")
    await w.does(TECHNICIAN, f"POST {at}/fault-confirmation", {"road_test": True})
    await parts(w, car, repair)
    await belongings(w, car)
    await w.does(TECHNICIAN, f"POST {at}/start")
    await w.refused("W14", TECHNICIAN, f"POST {at}/start")
    await progress(w, car)
    await w.refused("R6", TECHNICIAN, f"POST {car.job}/found", {"kind": "finding", "item": inspection, "operation": "R-RBP"})
    await finish(car, repair)
    await w.refused("W9", LEADER, f"POST {car.job}/leader-inspections", {"passed": True})
    await begin(car, inspection)
    await finish(car, inspection)
    more = await found(w, car, inspection)
    await w.does(FOREMAN, f"POST {car.job}/dispatch", {"priority": 1, "assignments": [{"item": more, "team": TEAM}]})
    await name(car, more)
    await begin(car, more)
    await finish(car, more)
    await damaged(w, car)
    await judged(w, car, repair)
    await washed(w, car)
    await w.refused("W13", WASHER, f"POST {car.job}/parking", {"spot": "F-12", "nose_to_exit": False})
    await w.does(WASHER, f"POST {car.job}/parking", {"spot": "F-12", "nose_to_exit": True})
    await w.told()
    await w.refused("D1", FOREMAN, f"POST {car.job}/papers", {"from_person": TECHNICIAN, "things": ["key"]})
    await w.does(FOREMAN, f"POST {car.job}/papers", {"from_person": TECHNICIAN, "things": PAPERS})
    await w.told()


async def reassembled_car(w: Walk, car: Car) -> None:
    """EDGE_CASES 1: begun, then the customer ends the order: put together as received, and inspected."""
    (item,) = car.items
    await take_on(car)
    await begin(car, item)
    await w.refused("W14", TECHNICIAN, f"POST {car.job}/items/{item}/reassembly")
    await w.does(ADVISOR, f"POST {car.visit}/cancellation", {"reason": "客户放弃维修"})
    await w.told()
    await w.does(TECHNICIAN, f"POST {car.job}/items/{item}/reassembly")
    await w.does(TECHNICIAN, f"POST {car.job}/items/{item}/self-inspection", {"passed": True})
    await lead(car)
    for issued in (await w.get(car.job))["slips"]:
        back = {name: issued[name] for name in ("slip", "part_no", "quantity")} | {"opened": False}
        await w.does(CLERK, f"POST {car.job}/parts-returns", back)
    car.items.clear()
    await inspect(car)
    await park(car)


async def damaged(w: Walk, car: Car) -> None:
    """W6, W14: by ourselves, and repaired before the final inspection."""
    job = await w.does(TECHNICIAN, f"POST {car.job}/damage", {"during": "road_test", "note": "前保险杠擦伤"})
    at = f"{car.job}/damage/{last(job['damages'], 'damage')}"
    repaired = {"note": "前保险杠抛光补漆"}
    await w.refused("W6", TECHNICIAN, f"POST {at}/repair", repaired)
    await w.does(FOREMAN, f"POST {at}/decision", {"decision": "repair", "customer_told": True})
    await w.told()
    await w.does(TECHNICIAN, f"POST {at}/repair", repaired)


async def judged(w: Walk, car: Car, repair: str) -> None:
    """W9 to W11: each sends back once."""
    written = {"recommendations": [{"operation": "R-FBD", "safety": True}], "notes": "前制动盘有沟槽", "team": TEAM}
    await w.refused("W10", LEADER, f"POST {car.job}/recommendations", written)
    await w.does(LEADER, f"POST {car.job}/leader-inspections", {"passed": False, "items": [repair], "team": TEAM})
    await again(w, car, repair)
    await w.does(LEADER, f"POST {car.job}/leader-inspections", {"passed": True})
    await w.does(LEADER, f"POST {car.job}/recommendations", written)
    await w.refused("W11", WASHER, f"POST {car.job}/wash/start")
    await w.does(QC, f"POST {car.job}/final-inspection/failure", {"items": [repair], "why": "制动片未到位"})
    await w.told()
    await again(w, car, repair)
    await lead(car, {"operation": "R-FBD", "safety": True}, {"operation": "M-ALIGN", "safety": False})
    await inspect(car)


async def again(w: Walk, car: Car, item: str) -> None:
    await w.does(TECHNICIAN, f"POST {car.job}/items/{item}/start")
    await finish(car, item)


async def washed(w: Walk, car: Car) -> None:
    """W12: damage on the way is decided first."""
    await w.refused("W12", WASHER, f"POST {car.job}/wash/finish", {"checklist": WASH})
    await w.does(WASHER, f"POST {car.job}/wash/start")
    job = await w.does(WASHER, f"POST {car.job}/damage", {"during": "wash", "note": "左后视镜外壳擦伤"})
    damage = last(job["damages"], "damage")
    await w.does(FOREMAN, f"POST {car.job}/damage/{damage}/decision", {"decision": "as_it_is", "customer_told": True})
    await w.does(WASHER, f"POST {car.job}/wash/start")
    await w.does(WASHER, f"POST {car.job}/wash/finish", {"checklist": WASH})


async def pictures(w: Walk) -> None:
    for who, department in ((FOREMAN, "workshop"), (ADVISOR, "delivery"), (BOSS, "followup")):
        await w.keeps_picture(who, department)
