"""A visit at delivery: D1 to D9, the till and the gate."""

from datetime import datetime, timedelta
from typing import Any

from servicelane.play import at_the_till
from servicelane.play.client import Person
from servicelane.play.course import Course
from servicelane.play.sheet import Cheat, Recommend
from shared.calendar import add_working_time

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
UNRULED: Cheat = "settle_unruled_warranty:R5"
UNANSWERED: Cheat = "settle_with_unanswered_safety_item:D6"


async def deliver(course: Course) -> None:
    """From the papers in the advisor's hands to the gate."""
    async with course.house.one("advisor", among=[course.advisor]) as advisor:
        delivery_at = await _check_and_call(course, advisor)
    await course.world.at(delivery_at)
    async with course.house.one("advisor", among=[course.advisor]) as advisor:
        await _with_the_customer(course, advisor)
        await _settle(course, advisor)
    await at_the_till.pay(course)
    await _leave(course)


async def _check_and_call(course: Course, advisor: Person) -> datetime:
    case = f"/delivery/cases/{course.id}"
    course.station = "internal check"
    await advisor.post(f"{case}/papers", {"from_person": course.house.the("workshop_supervisor").id, "things": course.papers})
    agreed = {"delivery_at": _delivery_time(course).isoformat()}
    await course.cheat("call_customer_before_internal_check:D2", advisor, "POST", f"{case}/customer-call", agreed)
    await course.takes(10)
    await advisor.post(f"{case}/internal-check", {"items": list(course.items), "checklist": CHECK, "road_test": False})
    delivery_at = _delivery_time(course)
    await advisor.post(f"{case}/customer-call", {"delivery_at": delivery_at.isoformat()})
    return delivery_at


def _delivery_time(course: Course) -> datetime:
    """Half an hour from now, in opening hours; a big job outside the peak hours (D3)."""
    site = course.branch.site
    moment = add_working_time(course.world.now, timedelta(minutes=30), site)
    big = any(course.branch.operations[op].kind in ("major_repair", "accident") for op in course.items.values())
    for start, end in site.shop.peak_hours if big else ():
        local = moment.astimezone(site.zone)
        if start <= local.time() < end:
            moment = datetime.combine(local.date(), end, site.zone)
    return moment


async def _with_the_customer(course: Course, advisor: Person) -> None:
    case = f"/delivery/cases/{course.id}"
    course.station = "accompanied check"
    await course.takes(10)
    checked = await advisor.post(f"{case}/accompanied-check", {"items_shown": list(course.items), "checklist": SHOWN})
    first = any(item.warranty == "first_maintenance" for item in course.sheet.items)
    await advisor.post(f"{case}/booklet", {"entries": True, "first_maintenance": first})
    proposed = await advisor.get(f"{case}/next-maintenance")
    await advisor.post(f"{case}/next-maintenance", proposed | {"reminder_told": True})
    await advisor.post(f"{case}/call-hour", {"hour": course.sheet.choices.call_hour})
    await _answer_recommendations(course, advisor, checked["recommendations"])


async def _answer_recommendations(course: Course, advisor: Person, recommendations: list[dict[str, Any]]) -> None:
    case = f"/delivery/cases/{course.id}"
    wanted: dict[str, list[str]] = {}
    for each in course.happening(Recommend):
        wanted.setdefault(each.op, []).append(each.customer)
    if _awaited(course):
        course.no_occasion(UNANSWERED, "an item awaits its ruling, which is reserved after the answers (R5)")
    elif any(entry["safety"] for entry in recommendations):
        await course.cheat(UNANSWERED, advisor, "POST", f"{case}/settlement", {"content_hash": "0" * 64})
    else:
        course.no_occasion(UNANSWERED, "no safety item was recommended")
    for entry in recommendations:
        at, said_of_it = f"{case}/recommendations/{entry['recommendation']}/answer", wanted.get(entry["operation"], [])
        answer = said_of_it.pop(0) if said_of_it else "declines"
        said: dict[str, Any] = {"answer": answer, "consequence_explained": True}
        if entry["safety"] and answer != "accepts":
            said["note"] = "已了解不维修的后果"
            said["content_hash"] = (await advisor.get(f"{at}?answer={answer}"))["content_hash"]
        await advisor.post(at, said)


async def _settle(course: Course, advisor: Person) -> None:
    case = f"/delivery/cases/{course.id}"
    course.station = "settlement"
    await course.takes(10)
    await _reserve_unruled(course, advisor)
    statement = await advisor.get(f"{case}/settlement")
    await advisor.post(f"{case}/settlement", {"content_hash": statement["content_hash"]})
    await advisor.post(f"{case}/settlement/print", {"copies": ["customer", "cashier", "file"]})


async def _reserve_unruled(course: Course, advisor: Person) -> None:
    """R5: what the manufacturer has not ruled on stays open: the customer signs so, and the business supervisor releases."""
    case = f"/delivery/cases/{course.id}"
    if not (unruled := _awaited(course)):
        course.no_occasion(UNRULED, "the ruling came before the settlement" if course.ruled else "no item awaits a ruling")
        return
    await course.cheat(UNRULED, advisor, "POST", f"{case}/settlement", {"content_hash": "0" * 64})
    reservation = await advisor.get(f"{case}/reservation")
    await advisor.post(f"{case}/reservation", {"content_hash": reservation["content_hash"]})
    await course.house.the("business_supervisor").post(f"{case}/reservation/release")
    course.reserved |= unruled


def _awaited(course: Course) -> set[str]:
    """Items of the order on which the manufacturer has not ruled."""
    return course.unruled & set(course.items)


async def leave_unsettled(course: Course) -> None:
    """R14: the car leaves without settlement and inspection."""
    course.no_occasion("exit_before_payment:D5", "nothing is owed")
    await _leave(course)


async def _leave(course: Course) -> None:
    case, cashier = f"/delivery/cases/{course.id}", course.house.the("cashier")
    advisor = course.house.person(course.advisor)
    await advisor.post(f"{case}/documents-return", {"documents": ["driving_licence", "maintenance_booklet"]})
    issued = await cashier.post(f"{case}/exit-pass")
    await course.cheat("second_exit_pass:D5", cashier, "POST", f"{case}/exit-pass")
    course.station = "gate"
    await course.takes(5)
    await course.house.the("gatekeeper").post(f"/delivery/gate/{issued['exit_pass']['number']}")
    course.station = "delivered"
    await course.world.everything_told()
