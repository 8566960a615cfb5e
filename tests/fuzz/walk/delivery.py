"""D1 to D10, R5: the first car goes out; then the cars whose money, insurer and warranty take more."""

from decimal import Decimal
from typing import Any

from tests.fuzz.walk.steps import (
    ADVISOR,
    BOSS,
    CASHIER,
    CHECK,
    CLERK,
    DOCUMENTS,
    RECEPTIONIST,
    SHOWN,
    Car,
    checked,
    inspect,
    last,
    leave,
    next_maintenance,
    park,
    pay,
    pay_all,
    settle,
    take_back,
)
from tests.fuzz.walk.walking import Walk

NOTHING = "0" * 64


async def first_car(w: Walk, car: Car) -> None:
    case = car.case
    check = {"items": list(car.items), "checklist": CHECK, "road_test": True}
    await w.refused("D1", ADVISOR, f"POST {case}/internal-check", check)
    await take_back(car)
    await damages(w, car)
    await w.refused("D2", ADVISOR, f"POST {case}/customer-call", {"delivery_at": w.moment("16:00")})
    await w.does(ADVISOR, f"POST {case}/internal-check", check)
    await w.refused("D3", ADVISOR, f"POST {case}/customer-call", {"delivery_at": w.moment("03:00")})
    await w.does(ADVISOR, f"POST {case}/customer-call", {"delivery_at": w.moment("16:00")})
    await accompanied(w, car)
    await w.does(ADVISOR, f"POST {case}/booklet", {"entries": True, "first_maintenance": True})
    await w.refused("D7", ADVISOR, f"POST {case}/booklet", {"entries": False})
    await advised(w, car)
    await w.refused("D8", ADVISOR, f"POST {case}/next-maintenance", next_maintenance(w) | {"reminder_told": False})
    await w.does(ADVISOR, f"POST {case}/next-maintenance", next_maintenance(w))
    await w.refused("D9", ADVISOR, f"POST {case}/settlement", {"content_hash": NOTHING})
    await w.does(ADVISOR, f"POST {case}/call-hour", {"hour": "18:30"})
    picture = await w.keeps_picture(ADVISOR, "delivery")
    await settle(car, picture_sha256=picture)
    await w.does(CASHIER, f"POST {case}/settlement/print", {"copies": ["cashier", "file"]})
    await w.refused("D5", CASHIER, f"POST {case}/exit-pass")
    await pay_all(car)
    await w.does(RECEPTIONIST, f"POST {case}/documents-return", {"documents": DOCUMENTS})
    await leave(car)


async def damages(w: Walk, car: Car) -> None:
    case = await w.does(ADVISOR, f"POST {car.case}/damages", {"part": "hood", "mark": "dent", "note": "引擎盖有凹痕"})
    noted = last(case["damages"], "damage")
    await w.does(BOSS, f"POST {car.case}/damages/{noted}/settlement", {"how": "put_right", "customer_told": True})


async def accompanied(w: Walk, car: Car) -> None:
    """D4: with somebody whom the customer sent."""
    await w.refused("D4", ADVISOR, f"POST {car.case}/settlement", {"content_hash": NOTHING})
    sent = {"collector": "李丽之夫王强", "proof": "code", "identity_checked": True}
    await w.does(RECEPTIONIST, f"POST {car.case}/collector", sent)
    shown = {"items_shown": list(car.items), "checklist": SHOWN, "with_collector": True}
    await w.does(ADVISOR, f"POST {car.case}/accompanied-check", shown)


async def advised(w: Walk, car: Car) -> None:
    """D6."""
    await w.refused("D6", ADVISOR, f"POST {car.case}/settlement", {"content_hash": NOTHING})
    picture = await w.keeps_picture(ADVISOR, "delivery")
    for each in (await w.get(car.case))["recommendations"]:
        at = f"{car.case}/recommendations/{each['recommendation']}/answer"
        said: dict[str, Any] = {"answer": "next_time", "consequence_explained": True}
        if each["safety"]:
            shown = await w.asks(ADVISOR, f"{at}?answer=next_time")
            said |= {"note": "已了解制动盘沟槽的后果", "content_hash": shown["content_hash"], "picture_sha256": picture}
        await w.does(ADVISOR, f"POST {at}", said)


async def returned_car(w: Walk, car: Car) -> None:
    """D2: it goes back to the workshop, and comes out again; the bill: a discount, a payment that bounces, one too many, a counter."""
    await take_back(car)
    await w.does(ADVISOR, f"POST {car.case}/return", {"reason": "左前轮仍有异响"})
    await w.told()
    await inspect(car)
    await park(car)
    await take_back(car)
    await checked(car)
    await w.does(
        ADVISOR, f"POST {car.case}/discounts", {"line": f"{next(iter(car.items))}.labour", "amount": "10.10", "reason": "等待过久"}
    )
    await pay(car, "deposit", "50.50", method="cash", kind="deposit", payer="customer")
    theirs = {"payment": "theirs", "method": "card", "amount": "1.10", "kind": "deposit", "payer": "warranty"}
    await w.refused("D5", CASHIER, f"POST {car.case}/payments", theirs)
    await settle(car)
    await w.does(BOSS, f"POST {car.case}/settlement/counter", {"reason": "客户要求重开结算单"})
    await settle(car)
    await pay(car, "check", "20.20", method="transfer")
    await w.does(CASHIER, f"POST {car.case}/payments/check-{car.id[-6:]}/reversal", {"reason": "转账被退回"})
    await w.does(BOSS, f"POST {car.case}/credit-notes", {"payer": "customer", "amount": "30.30", "reason": "异响补偿"})
    await w.does(BOSS, f"POST {car.case}/account", {"payer": "customer", "amount": "5.50"})
    due = (await w.get(f"{car.case}/ledger"))["customer"]["due"]["amount"]
    more = {"payment": f"more-{car.id[-6:]}", "method": "alipay", "amount": str(Decimal(due) + Decimal("8.80")), "overpaid": True}
    await w.does(CASHIER, f"POST {car.case}/payments", more, also=f"{car.case}/ledger", overpaid="refund=3.30")
    back = {"refund": f"back-{car.id[-6:]}", "payer": "customer", "method": "wechat", "amount": "3.30"}
    await w.does(CASHIER, f"POST {car.case}/refunds", back)
    await leave(car)


async def insured_car(w: Walk, car: Car) -> str:
    """D5, EDGE_CASES 7: of what the insurer does not pay, the house bears some, and the customer signs for the rest. The claim of D10."""
    await take_back(car)
    await checked(car)
    await settle(car)
    share = Decimal((await w.get(f"{car.case}/ledger"))["insurer"]["owed"]["amount"])
    said = {"claim_number": "PICC-2026-0309-77", "approved_amount": str(share - 40)}
    await w.does(CASHIER, f"POST {car.case}/insurer", said, approved_amount="approved")
    await w.does(BOSS, f"POST {car.case}/goodwill", {"payer": "insurer", "amount": "15.15", "reason": "长期客户"}, payer="from_payer")
    gap = await w.asks(ADVISOR, f"{car.case}/insurer/gap")
    picture = await w.keeps_picture(ADVISOR, "delivery")
    signed = {"content_hash": gap["content_hash"], "picture_sha256": picture}
    await w.does(CASHIER, f"POST {car.case}/insurer/gap", signed)
    await w.does(BOSS, f"POST {car.case}/account", {"payer": "insurer", **said}, approved_amount="approved")
    await pay_all(car)
    await leave(car)
    claims = await w.get("/delivery/claims?state=opened")
    return next(str(each["id"]) for each in claims if each["id"].startswith(car.id))


async def claim(w: Walk, claim: str) -> None:
    """D10."""
    at, papers = f"/delivery/claims/{claim}", {"papers": ["work_order", "statement"]}
    await w.refused("D10", BOSS, f"POST {at}/sending", papers)
    await w.does(CLERK, f"POST {at}/old-part", {"label": "OP-0309-1", "place": "shelf-7"})
    await w.does(ADVISOR, f"POST {at}/sending", papers)
    await w.does(BOSS, f"POST {at}/decision", {"approved": True, "amount": "77.70", "reference": "MFR-CLAIM-77"})
    await w.does(CASHIER, f"POST {at}/payment", {"amount": "66.60"})


async def unruled_car(w: Walk, car: Car) -> None:
    """R5: it leaves with an item open; the manufacturer rejects it, and the customer is told of the supplement."""
    await take_back(car)
    await checked(car)
    shown = await w.asks(ADVISOR, f"{car.case}/reservation")
    picture = await w.keeps_picture(ADVISOR, "delivery")
    signed = {"content_hash": shown["content_hash"], "picture_sha256": picture}
    await w.does(ADVISOR, f"POST {car.case}/reservation", signed)
    await w.does(BOSS, f"POST {car.case}/reservation/release")
    await settle(car)
    await pay_all(car)
    await leave(car)
    item = shown["items"][0]
    await w.does(BOSS, f"POST {car.visit}/items/{item}/ruling", {"covers": False, "reference": "MFR-2026-0309"})
    await w.told()
    number = (await w.get(car.case))["supplements"][-1]["number"]
    await w.does(ADVISOR, f"POST {car.case}/supplements/{number}/told")
    less = {"payer": "customer", "amount": "25.25", "reason": "旧件检测有误", "supplement": number}
    await w.does(BOSS, f"POST {car.case}/goodwill", less)
    await w.does(BOSS, f"POST {car.case}/credit-notes", less)


async def ended_car(w: Walk, car: Car) -> None:
    """EDGE_CASES 1: the customer ends the order before anybody touched the car."""
    await w.does(ADVISOR, f"POST {car.visit}/cancellation", {"reason": "客户放弃维修"})
    await w.told()
    await w.does(ADVISOR, f"POST {car.case}/call-hour", {"hour": "09:45"})
    await leave(car)


async def unrepaired_car(w: Walk, car: Car) -> None:
    """EDGE_CASES 1: nothing of it was done in the end, so nothing is charged."""
    await take_back(car)
    await checked(car)
    statement = await settle(car)
    assert Decimal(statement["total"]["amount"]) == 0
    await leave(car)


async def tills(w: Walk) -> None:
    at = f"/delivery/tills/{w.day()}"
    await w.does(CASHIER, f"POST {at}/count", {"counted": {"cash": "51.51"}})
    await w.does(BOSS, f"POST {at}/closing", {"note": "现金多出，明日核对"})
