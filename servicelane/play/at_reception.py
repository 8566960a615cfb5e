"""A visit at reception: A1, R1 to R13, and the advisor's side of W1."""

from decimal import Decimal
from typing import Any

from servicelane.play import meanwhile
from servicelane.play.client import Person, Unexpected
from servicelane.play.course import Course
from servicelane.play.sheet import Visit

FULL_SLOT = "A1"
TOW_DRIVER = {"name": "赵师傅", "firm": "京安拖车", "phone": "13800138000"}


def _customer(sheet: Visit) -> dict[str, Any]:
    return {"name": sheet.customer.name, "phone": sheet.customer.phone}


def _vehicle(sheet: Visit) -> dict[str, Any]:
    car = sheet.vehicle
    return {"vin": car.vin, "plate": car.plate, "engine_no": car.engine_no, "model": car.model, "owner": sheet.customer.name}


async def book(course: Course) -> None:
    """A1: the slot wanted, or the nearest that is offered instead."""
    sheet, appointment = course.sheet, course.sheet.appointment
    if appointment is None:
        return
    async with course.house.one("receptionist") as receptionist:
        wish = {
            "customer": _customer(sheet),
            "vehicle": _vehicle(sheet),
            "channel": appointment.by,
            "wish": "；".join(sheet.words),
            "operations": [item.op for item in sheet.items],
        }
        wanted = {"day": sheet.date.isoformat(), "slot": f"{appointment.slot:%H:%M}"}
        answer = await receptionist.attempt("POST", "/reception/appointments", wish | wanted)
        if answer.status == 409 and answer.clause == FULL_SLOT:
            nearest = answer.body["facts"]["nearest"][0]
            booked = await receptionist.post("/reception/appointments", wish | {"day": nearest["day"], "slot": nearest["slot"]})
        elif answer.status == 201:
            booked = answer.body
        else:
            raise Unexpected(f"{sheet.visit}: booking: {answer.status} {answer.body}")
        course.id = booked["id"]


async def receive(course: Course) -> bool:
    """From the arrival to the car in the waiting area, its order signed; False where the customer ended the visit before that."""
    await _arrive(course)
    async with course.house.one("advisor") as advisor:
        course.advisor = advisor.id
        await _check_in(course, advisor)
        await _consult(course, advisor)
        await _estimate(course, advisor)
        if course.cancels("before_signature"):
            await _end_unsigned(course, advisor)
            return False
        await _order(course, advisor)
        await _hand_over(course, advisor)
    return True


async def _arrive(course: Course) -> None:
    sheet = course.sheet
    course.station = "queue"
    async with course.house.one("receptionist") as receptionist:
        known = {"appointment": course.id} if course.id else {"customer": _customer(sheet), "vehicle": _vehicle(sheet)}
        arrived = await receptionist.post("/reception/arrivals", known)
        course.id, course.customer = arrived["id"], arrived["customer"]
        await course.takes(5)
        await receptionist.post(f"/reception/visits/{course.id}/greeting")


async def _check_in(course: Course, advisor: Person) -> None:
    sheet, visit = course.sheet, f"/reception/visits/{course.id}"
    course.station = "check-in"
    await course.cheat("work_order_before_check_in:R2", advisor, "PUT", f"{visit}/order", _choices(course))
    await course.takes(10)
    facts = {
        "brought_by": sheet.customer.brings,
        "covers_fitted": ["seat", "wheel", "floor"],
        "odometer_km": sheet.vehicle.odometer_km,
        "fuel": str(sheet.vehicle.fuel),
        "damage": [mark.model_dump() for mark in sheet.check_in.damage],
        "belongings": list(sheet.check_in.belongings),
        "spare_wheel": True,
        "tools": ["jack", "wrench"],
    }
    for site in course.branch.site.site.sister_sites[:1]:
        await course.cheat("foreign_site:403", advisor, "PUT", f"{visit}/check-in-sheet", facts, site=site)
    drafted = await advisor.put(f"{visit}/check-in-sheet", facts)
    signer = "tow_driver" if sheet.customer.brings == "tow" else "customer"
    signed = {"content_hash": drafted["sheet_hash"], "signer": signer} | ({"bringer": TOW_DRIVER} if signer == "tow_driver" else {})
    await advisor.post(f"{visit}/check-in-sheet/signature", signed)
    await advisor.post(f"{visit}/check-in-sheet/prints")


async def _consult(course: Course, advisor: Person) -> None:
    sheet, visit = course.sheet, f"/reception/visits/{course.id}"
    course.station = "consultation"
    kinds = {course.branch.operations[item.op].kind for item in sheet.items}
    purpose = next((kind for kind in ("accident", "diagnosis", "repair") if kind in kinds), "maintenance")
    await advisor.post(f"{visit}/concerns", {"purpose": purpose, "words": list(sheet.words)})
    for item in sheet.items:
        found = {"operation": item.op, "fault": item.fault, "warranty": item.warranty, "customer_told": True}
        diagnosed = await advisor.post(f"{visit}/diagnoses", found)
        course.items[list(diagnosed["diagnoses"])[-1]["item"]] = item.op
    for key, ordered in meanwhile.unclear(course):
        await meanwhile.escalate(course, key, covers=ordered.manufacturer == "covers")
    papers = ["driving_licence", "maintenance_booklet"]
    await advisor.post(f"{visit}/documents", {"documents": papers, "vin": sheet.vehicle.vin, "plate": sheet.vehicle.plate})
    await course.takes(10)


async def _estimate(course: Course, advisor: Person) -> None:
    visit = f"/reception/visits/{course.id}"
    course.station = "estimate"
    await advisor.post(f"{visit}/parts-lookup")
    estimate = (await advisor.post(f"{visit}/estimates"))["estimates"][-1]
    await course.takes(5)
    await advisor.post(
        f"{visit}/estimates/{estimate['number']}/acceptance", {"channel": "in_person", "content_hash": estimate["content_hash"]}
    )
    await advisor.post(f"{visit}/promise")


def _choices(course: Course) -> dict[str, Any]:
    sheet = course.sheet
    return {
        "pays": [{"method": pay.method, "share": str(Decimal(pay.share))} for pay in sheet.pays],
        "payment_ways_told": True,
        "old_parts": sheet.choices.old_parts,
        "wash": sheet.choices.wash,
        "delivery_procedure_explained": True,
        "order_explained": True,
        "new_work_rule_told": True,
    }


async def _order(course: Course, advisor: Person) -> None:
    visit = f"/reception/visits/{course.id}"
    course.station = "work order"
    drafted = await advisor.put(f"{visit}/order", _choices(course))
    await advisor.post(f"{visit}/waiting-place", {"place": course.sheet.choices.waits})
    await _work_before_signature(course)
    await course.takes(5)
    await advisor.post(f"{visit}/order/signature", {"content_hash": drafted["draft"]["content_hash"]})
    await advisor.post(f"{visit}/order/prints")


async def _work_before_signature(course: Course) -> None:
    technician = course.house.the("technician")
    item = next(iter(course.items))
    if "work_before_signature:R11" in course.sheet.cheats:
        await course.world.everything_told()
    await course.cheat("work_before_signature:R11", technician, "POST", f"/workshop/jobs/{course.id}/items/{item}/start")


async def _end_unsigned(course: Course, advisor: Person) -> None:
    """R14: the visit becomes an inquiry; it has its file and its calls."""
    course.ended = "the customer ended the visit before the signature"
    said = {"about": "；".join(course.sheet.words), "reason": "cancelled_before_signature", "call_hour": course.sheet.choices.call_hour}
    await advisor.post(f"/reception/visits/{course.id}/inquiry-end", said)
    await course.world.everything_told()


async def _hand_over(course: Course, advisor: Person) -> None:
    course.station = "handover"
    await course.takes(5)
    things = ["key", "work_order", "check_in_sheet"]
    await advisor.post(f"/reception/visits/{course.id}/handover", {"place": "waiting-area", "things": things})
    await course.world.everything_told()
