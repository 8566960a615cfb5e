"""A visit over the API, from the gate to the waiting area, as the people of the counter do it."""

from collections.abc import Mapping
from typing import Any

from shared.contracts.delivery import ExitPassUsed
from tests.reception.conftest import Desk

CUSTOMER = {"name": "李丽", "phone": "18679719991", "form_of_address": "李女士", "address": "东直门外大街 1 号"}
VEHICLE = {
    "vin": "LFPH3APC2RC879156",
    "plate": "京GED411",
    "engine_no": "CA4GC217118",
    "model": "红旗 H5 1.8T",
    "registered_on": "2024-05-01",
    "owner": "李丽",
}
SHEET: dict[str, Any] = {
    "brought_by": "self",
    "covers_fitted": ["seat", "wheel", "floor"],
    "odometer_km": 40228,
    "fuel": "0.75",
    "damage": [{"part": "roof", "mark": "chip"}],
    "belongings": ["雨伞", "行车记录仪"],
    "spare_wheel": True,
    "tools": ["jack", "wrench"],
    "photos": ["ab" * 32],
}
CHOICES = {
    "pays": [{"method": "wechat", "share": "0.2"}, {"method": "card", "share": "0.8"}],
    "payment_ways_told": True,
    "old_parts": "keep",
    "wash": False,
    "delivery_procedure_explained": True,
    "order_explained": True,
    "new_work_rule_told": True,
}


INSURED = CHOICES | {"pays": [{"method": "wechat", "share": "0.5"}, {"method": "insurer", "share": "0.5"}]}


async def arrive(desk: Desk, **vehicle: Any) -> str:
    arrived = await desk.ok("POST", "/arrivals", {"customer": CUSTOMER, "vehicle": {**VEHICLE, **vehicle}})
    await desk.ok("POST", f"/visits/{arrived['id']}/greeting")
    return str(arrived["id"])


async def check_in(desk: Desk, visit: str) -> Any:
    drafted = await desk.ok("PUT", f"/visits/{visit}/check-in-sheet", SHEET)
    return await desk.ok("POST", f"/visits/{visit}/check-in-sheet/signature", {"content_hash": drafted["sheet_hash"]})


async def consult(desk: Desk, visit: str, *operations: str) -> None:
    await desk.ok("POST", f"/visits/{visit}/concerns", {"purpose": "repair", "words": ["刹车有尖叫声"]})
    for operation in operations or ("R-FBP",):
        found = {"operation": operation, "fault": "determined", "warranty": "no", "customer_told": True, "told": "不在质保范围内"}
        await desk.ok("POST", f"/visits/{visit}/diagnoses", found)


async def accept_estimate(desk: Desk, visit: str) -> Any:
    await desk.ok("POST", f"/visits/{visit}/parts-lookup")
    estimate = (await desk.ok("POST", f"/visits/{visit}/estimates"))["estimates"][-1]
    return await desk.ok("POST", f"/visits/{visit}/estimates/{estimate['number']}/acceptance", {"content_hash": estimate["content_hash"]})


async def sign_order(desk: Desk, visit: str, choices: Mapping[str, Any] = CHOICES) -> Any:
    await desk.ok("POST", f"/visits/{visit}/promise")
    drafted = await desk.ok("PUT", f"/visits/{visit}/order", choices)
    return await desk.ok("POST", f"/visits/{visit}/order/signature", {"content_hash": drafted["draft"]["content_hash"]})


async def ordered(desk: Desk, *operations: str, **vehicle: Any) -> str:
    """A visit with its signed order; gives its id."""
    return await ordered_as(CHOICES, desk, *operations, **vehicle)


async def ordered_as(choices: Mapping[str, Any], desk: Desk, *operations: str, **vehicle: Any) -> str:
    """The same, with what the customer was told and chose."""
    visit = await arrive(desk, **vehicle)
    await check_in(desk, visit)
    await consult(desk, visit, *operations)
    await accept_estimate(desk, visit)
    await sign_order(desk, visit, choices)
    await desk.ok("POST", f"/visits/{visit}/waiting-place", {"place": "lounge"})
    return visit


async def gone(desk: Desk, visit: str) -> ExitPassUsed:
    """What delivery announces when the car has left."""
    seen = await desk.ok("GET", f"/visits/{visit}")
    customer, vehicle = seen["customer"], seen["vehicle"]
    return ExitPassUsed(visit=visit, number="EP-1", gatekeeper="gate-1", customer=customer, vehicle=vehicle, call_hour="18:30", next=None)
