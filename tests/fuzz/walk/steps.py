"""The ordinary steps of a visit, each as its person does it; the chapters go off this way, and try what is forbidden on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.fuzz.walk.walking import Walk

RECEPTIONIST, ADVISOR, BOSS = "greeter-1", "advisor-1", "bizsup-1"
FOREMAN, LEADER, TECHNICIAN, QC, WASHER, CLERK = "supervisor-1", "leader-m", "tech-1", "qc-1", "wash-1", "parts-1"
CASHIER, GATE, AGENT = "cashier-1", "gate-1", "agent-1"
TEAM = "team-m"

SHEET = {
    "brought_by": "self",
    "covers_fitted": ["seat", "wheel", "floor"],
    "odometer_km": 40228,
    "fuel": "0.75",
    "damage": [{"part": "roof", "mark": "chip"}],
    "belongings": ["雨伞"],
    "spare_wheel": True,
    "tools": ["jack", "wrench"],
}
CHOICES = {
    "pays": [{"method": "wechat", "share": "0.25"}, {"method": "card", "share": "0.75"}],
    "payment_ways_told": True,
    "old_parts": "keep",
    "wash": False,
    "delivery_procedure_explained": True,
    "order_explained": True,
    "new_work_rule_told": True,
}
HANDED_OVER = {"place": "waiting-3", "things": ["key", "work_order", "check_in_sheet"], "notes": "客户赶时间"}
DOCUMENTS = ["driving_licence", "maintenance_booklet"]
PAPERS = ["key", "order", "sheet", "old_parts", "belongings"]
WASH = ["outside_no_scratch_or_dent", "cabin", "boot", "engine_bay", "ashtray", "mats", "instruments", "belongings_protected"]
CHECK = [
    "completion_recorded",
    "inspector_signature",
    "faults_gone",
    "replaced_parts_at_hand",
    "clean_inside_and_out",
    "outside_matches_sheet",
    "spare_wheel_and_tools",
    "nothing_left_behind",
]
SHOWN = [
    "work_shown",
    "replaced_parts_shown",
    "recommendations_explained",
    "next_maintenance_told",
    "spare_wheel_and_tools_shown",
    "cleanliness_shown",
    "call_within_3_days_told",
    "convenient_hour_asked",
    "covers_taken_off_and_recycled",
]


@dataclass
class Car:
    """A visit; the vehicle `described` as its licence has it; `items` are operations by item."""

    walk: Walk
    id: str
    customer: str
    vehicle: str
    described: Mapping[str, Any]
    items: dict[str, str] = field(default_factory=dict)

    @property
    def visit(self) -> str:
        return f"/reception/visits/{self.id}"

    @property
    def job(self) -> str:
        return f"/workshop/jobs/{self.id}"

    @property
    def case(self) -> str:
        return f"/delivery/cases/{self.id}"


def last(entries: Any, key: str) -> str:
    """The id of the newest entry, of a list of facts or a map by id."""
    return str(list(entries)[-1] if isinstance(entries, dict) else entries[-1][key])


# reception


async def arrive(w: Walk) -> Car:
    customer, vehicle = w.stranger()
    arrived = await w.does(RECEPTIONIST, "POST /reception/arrivals", {"customer": customer, "vehicle": vehicle})
    return Car(w, arrived["id"], arrived["customer"], arrived["vehicle"], vehicle)


async def check_in(car: Car, sheet: Mapping[str, Any] = SHEET, signed: Mapping[str, Any] | None = None) -> None:
    drafted = await car.walk.does(ADVISOR, f"PUT {car.visit}/check-in-sheet", sheet, belongings="~belongings")
    signed = {"content_hash": drafted["sheet_hash"], **(signed or {})}
    at = f"{car.visit}/check-in-sheet/signature"
    await car.walk.does(ADVISOR, f"POST {at}", signed, name="~bringer", firm="~bringer", phone="~bringer")


async def diagnose(car: Car, operation: str, fault: str = "determined", warranty: str = "no", told: str | None = None) -> str:
    found = {"operation": operation, "fault": fault, "warranty": warranty, "customer_told": True, "told": told}
    diagnosed = await car.walk.does(ADVISOR, f"POST {car.visit}/diagnoses", found)
    item = last(diagnosed["diagnoses"], "item")
    car.items[item] = operation
    return item


async def estimate(car: Car, lines: Sequence[Mapping[str, Any]] = ()) -> Any:
    return (await car.walk.does(ADVISOR, f"POST {car.visit}/estimates", {"lines": list(lines)}))["estimates"][-1]


async def accept(car: Car, shown: Mapping[str, Any], **said: Any) -> None:
    agreed = {"content_hash": shown["content_hash"], **said}
    await car.walk.does(ADVISOR, f"POST {car.visit}/estimates/{shown['number']}/acceptance", agreed)


async def sign(car: Car, choices: Mapping[str, Any] = CHOICES, **signed: Any) -> None:
    drafted = await car.walk.does(ADVISOR, f"PUT {car.visit}/order", choices)
    hashed = {"content_hash": drafted["draft"]["content_hash"], **signed}
    await car.walk.does(ADVISOR, f"POST {car.visit}/order/signature", hashed)


async def hand_over(car: Car) -> None:
    await car.walk.does(ADVISOR, f"POST {car.visit}/handover", HANDED_OVER)
    await car.walk.told()


async def ordered(w: Walk, *items: tuple[str, str], choices: Mapping[str, Any] = CHOICES) -> Car:
    """From the gate to the car in the waiting area; `items` are operations, each with its warranty."""
    car = await arrive(w)
    await w.does(RECEPTIONIST, f"POST {car.visit}/greeting")
    await check_in(car)
    await w.does(ADVISOR, f"POST {car.visit}/concerns", {"purpose": "repair", "words": ["刹车有尖叫声"]})
    for operation, warranty in items:
        await diagnose(car, operation, warranty=warranty)
        if warranty == "unclear":
            item = list(car.items)[-1]
            await w.does(ADVISOR, f"POST {car.visit}/items/{item}/escalation", {"reason": "质量担保范围不明"})
            asked = {"item": item, "operation": operation, "fault": "determined", "warranty": warranty, "customer_told": True}
            await w.refused("R5", ADVISOR, f"POST {car.visit}/diagnoses", asked | {"operation": "R-THERM"})
            await w.refused("R5", ADVISOR, f"POST {car.visit}/diagnoses", asked | {"warranty": "yes"})
    await w.does(ADVISOR, f"POST {car.visit}/parts-lookup")
    await accept(car, await estimate(car))
    await w.does(ADVISOR, f"POST {car.visit}/promise", {})
    await w.does(RECEPTIONIST, f"POST {car.visit}/waiting-place", {"place": "lounge"})
    await sign(car, choices)
    await hand_over(car)
    return car


# workshop


async def take_on(car: Car) -> None:
    w = car.walk
    handed = {"car_matches_sheet": True, "things": ["car", "key", "order", "sheet"]}
    await w.does(FOREMAN, f"POST {car.job}/acceptance", handed)
    given = [{"item": item, "team": TEAM} for item in car.items]
    await w.does(FOREMAN, f"POST {car.job}/dispatch", {"priority": 2, "assignments": given})
    for item in car.items:
        await name(car, item)
    await w.does(TECHNICIAN, f"POST {car.job}/taking", {})


async def name(car: Car, item: str) -> None:
    await car.walk.does(LEADER, f"POST {car.job}/items/{item}/technicians", {"technicians": [TECHNICIAN]})


async def draw(car: Car, item: str) -> str | None:
    """The slip of the item's parts, where it has some."""
    lines = [{"part_no": part, "quantity": quantity} for part, quantity in car.walk.branch.operations[car.items[item]].parts]
    if not lines:
        return None
    slip = {"item": item, "drawn_by": TECHNICIAN, "lines": lines}
    issued = await car.walk.does(CLERK, f"POST {car.job}/parts-issues", slip)
    return last(issued["slips"], "slip")


async def begin(car: Car, item: str) -> None:
    at = f"{car.job}/items/{item}"
    await car.walk.does(TECHNICIAN, f"POST {at}/fault-confirmation", {"road_test": False})
    await draw(car, item)
    await car.walk.does(TECHNICIAN, f"POST {at}/start")


async def finish(car: Car, item: str) -> None:
    at = f"{car.job}/items/{item}"
    await car.walk.does(TECHNICIAN, f"POST {at}/finish")
    await car.walk.does(TECHNICIAN, f"POST {at}/self-inspection", {"passed": True})


async def lead(car: Car, *recommended: Mapping[str, Any]) -> None:
    await car.walk.does(LEADER, f"POST {car.job}/leader-inspections", {"passed": True})
    await car.walk.does(LEADER, f"POST {car.job}/recommendations", {"recommendations": list(recommended), "notes": "下次检查刹车盘"})


async def inspect(car: Car) -> None:
    revision = (await car.walk.get(car.job))["revision"]
    await car.walk.does(QC, f"POST {car.job}/final-inspection", {"revision": revision})
    await car.walk.told()


async def park(car: Car) -> None:
    w = car.walk
    await w.does(WASHER, f"POST {car.job}/parking", {"spot": "F-12", "nose_to_exit": True})
    await w.told()
    await w.does(FOREMAN, f"POST {car.job}/papers", {"from_person": TECHNICIAN, "things": PAPERS})
    await w.told()


async def repair(car: Car) -> None:
    """From the waiting area to the finished one, not washed."""
    await take_on(car)
    for item in car.items:
        await begin(car, item)
        await finish(car, item)
    await lead(car)
    await inspect(car)
    await park(car)


# delivery


async def take_back(car: Car) -> None:
    await car.walk.does(ADVISOR, f"POST {car.case}/papers", {"from_person": FOREMAN, "things": PAPERS})


async def checked(car: Car, hour: str = "20:00") -> None:
    """To the statement that the customer is to sign, but for the answers to recommendations."""
    w = car.walk
    await w.does(ADVISOR, f"POST {car.case}/internal-check", {"items": list(car.items), "checklist": CHECK, "road_test": True})
    await w.does(ADVISOR, f"POST {car.case}/customer-call", {"delivery_at": w.moment(hour)})
    await accompany(car)
    await w.does(ADVISOR, f"POST {car.case}/call-hour", {"hour": "18:30"})
    await w.does(ADVISOR, f"POST {car.case}/next-maintenance", next_maintenance(w))


def next_maintenance(w: Walk) -> dict[str, Any]:
    """So near that its reminder comes within the walk."""
    return {"due_on": w.day(17), "odometer_km": 50_228, "reminder_told": True}


async def accompany(car: Car) -> None:
    shown = {"items_shown": list(car.items), "checklist": SHOWN}
    await car.walk.does(ADVISOR, f"POST {car.case}/accompanied-check", shown)


async def settle(car: Car, **signed: Any) -> Any:
    statement = await car.walk.asks(ADVISOR, f"{car.case}/settlement")
    await car.walk.does(ADVISOR, f"POST {car.case}/settlement", {"content_hash": statement["content_hash"], **signed})
    return await car.walk.asks(CASHIER, f"{car.case}/settlement")


async def pay(car: Car, id: str, amount: str, **said: Any) -> None:
    paid = {"payment": f"{id}-{car.id[-6:]}", "method": "card", "amount": amount, **said}
    await car.walk.does(CASHIER, f"POST {car.case}/payments", paid)


async def pay_all(car: Car, id: str = "rest") -> None:
    """What the customer still owes."""
    share = (await car.walk.get(f"{car.case}/ledger"))["customer"]
    await pay(car, id, share["due"]["amount"])


async def leave(car: Car) -> None:
    issued = await car.walk.does(CASHIER, f"POST {car.case}/exit-pass")
    await car.walk.does(GATE, f"POST /delivery/gate/{issued['exit_pass']['number']}")
    await car.walk.told()
