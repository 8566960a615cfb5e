"""What the advisor takes to the customer while the car is in the workshop, and what comes back: W1, W6, W7, W8, R5, R6."""

from decimal import Decimal
from typing import Any

from servicelane.play import at_the_till
from servicelane.play.client import Person
from servicelane.play.course import Course
from servicelane.play.sheet import AddOn, BelongingsMoved, Finding, Item, Late


def _advisor(course: Course) -> Person:
    return course.house.person(course.advisor)


def _visit(course: Course) -> str:
    return f"/reception/visits/{course.id}"


async def correct_and_hand_over_again(course: Course, why: str) -> None:
    """W1: sent back; the sheet's fact is corrected by one of its own, and car and papers are handed over again."""
    correction = {"field": "odometer_km", "value": str(course.sheet.vehicle.odometer_km), "reason": why}
    await _advisor(course).post(f"{_visit(course)}/check-in-corrections", correction)
    await course.takes(5)
    things = ["key", "work_order", "check_in_sheet"]
    await _advisor(course).post(f"{_visit(course)}/handover", {"place": "waiting-area", "things": things})
    await course.world.everything_told()


async def ask_about_belongings(course: Course, technician: Person, wanted: BelongingsMoved) -> None:
    """W6: the advisor asks first; refused, they stay where they are and the work is done around them."""
    job = await technician.post(f"/workshop/jobs/{course.id}/belongings", {"need": wanted.items})
    await course.world.everything_told()
    await course.takes(5)
    answer = {"agrees": wanted.customer == "agrees", "channel": _channel(course)}
    await _advisor(course).post(f"{_visit(course)}/belongings/{_newest(job['belongings'], 'request')}/answer", answer)
    await course.world.everything_told()


async def report_late(course: Course, technician: Person, late: Late) -> None:
    """W7: reported at once, the customer told by the advisor; who wants the car as promised is put first in line."""
    job = await technician.post(f"/workshop/jobs/{course.id}/progress", {"kind": "later", "minutes": late.minutes, "note": "作业延时"})
    await course.world.everything_told()
    await course.takes(5)
    told = {"answer": late.customer, "channel": _channel(course)}
    await _advisor(course).post(f"{_visit(course)}/progress/{_newest(job['progress'], 'report')}/told", told)
    if late.customer == "wants_car_as_promised":
        course.priority = 1
    await course.world.everything_told()


async def report_waiting(course: Course, technician: Person) -> None:
    """W7: the job waits for parts, by what was ordered for it or by the technician's word; the customer hears it each time anew."""
    job = await technician.get(f"/workshop/jobs/{course.id}")
    if not job["waiting"]:
        job = await technician.post(f"/workshop/jobs/{course.id}/progress", {"kind": "waiting_for_parts"})
    await course.world.everything_told()
    await _tell_reports(course, [each["report"] for each in job["progress"] if each["kind"] == "waiting_for_parts"][-1:])


async def tell_warnings(course: Course) -> None:
    """W7: what the software itself warned of: the promised time is at risk."""
    job = await _advisor(course).get(f"/workshop/jobs/{course.id}")
    await _tell_reports(course, [each["report"] for each in job["progress"] if each["kind"] == "at_risk"])


async def _tell_reports(course: Course, reports: list[str]) -> None:
    for report in reports:
        course.moves[f"told {report}"] += 1
        if course.moves[f"told {report}"] == 1:
            await course.takes(5)
            told = {"answer": "accepts", "channel": _channel(course)}
            await _advisor(course).post(f"{_visit(course)}/progress/{report}/told", told)
            await course.world.everything_told()


async def what_is_found(course: Course, technician: Person, item: str) -> list[str]:
    """W8, R6: what an inspection finds, and what is found besides; the items that the customer accepted."""
    accepted = []
    if finding := course.finding_of(item):
        accepted += await _put_to_customer(course, technician, {"kind": "finding", "item": item, "operation": finding.op}, finding)
    cancelled = course.cancels("after_inspection")
    if cancelled and finding:
        await _advisor(course).post(f"{_visit(course)}/cancellation", {"reason": "客户放弃维修"})
        await course.world.everything_told()
        course.items = {name: operation for name, operation in course.items.items() if name in course.worked}
    for add_on in [] if cancelled else course.once(AddOn):
        accepted += await _put_to_customer(course, technician, {"kind": "add_on", "operation": add_on.op}, add_on)
    return accepted


async def _put_to_customer(course: Course, technician: Person, found: dict[str, Any], wanted: AddOn | Finding) -> list[str]:
    job = await technician.post(f"/workshop/jobs/{course.id}/found", found | {"note": "作业中发现"})
    item = _newest(job["found"], "found")
    await course.world.everything_told()
    if isinstance(wanted, AddOn):
        await course.cheat("add_on_before_consent:W8", technician, "POST", f"/workshop/jobs/{course.id}/items/{item}/start")
    await course.takes(10)
    accepts = wanted.customer == "accepts" and not course.cancels("after_inspection")
    if isinstance(wanted, AddOn) and wanted.customer == "accepts_later":
        course.asked_later.append((item, wanted))
    return [item] if await _quote_and_answer(course, item, wanted, accepts=accepts) else []


async def ask_again(course: Course) -> list[str]:
    """W8: declined at first, asked once more before the car leaves the workshop; the items, now accepted."""
    again, course.asked_later = course.asked_later, []
    for item, wanted in again:
        await course.takes(10)
        await _quote_and_answer(course, item, wanted, accepts=True)
    return [item for item, _ in again]


async def _insurer_consents(course: Course, change: Any) -> None:
    """W8: the insurer is asked too for what it is to pay; the sheets know of none that declines."""
    said = {
        "consents": True,
        "claim_number": f"CLAIM-{course.id}",
        "approved_amount": str(sum(Decimal(share["amount"]) for share in change["insurer"].values())),
        "answered_by": "定损员",
        "channel": "phone",
        "content_hash": change["content_hash"],
    }
    await _advisor(course).post(f"{_visit(course)}/changes/{change['change']}/insurer", said)


async def _quote_and_answer(course: Course, found: str, wanted: AddOn | Finding, *, accepts: bool) -> bool:
    warranty = wanted.warranty if isinstance(wanted, Finding) else "no"
    quoted = await _advisor(course).post(f"{_visit(course)}/changes", {"found": found, "warranty": warranty})
    change = quoted["changes"][-1]
    if warranty == "unclear":
        await escalate(course, found, covers=isinstance(wanted, Finding) and wanted.manufacturer == "covers")
    answer = {
        "accepted": accepts,
        "channel": _channel(course),
        "answered_by": "customer",
        "content_hash": change["content_hash"],
    }
    if accepts:
        shown = await _advisor(course).get(f"{_visit(course)}/changes/{change['change']}/supplement")
        answer |= {"supplement_hash": shown["paper"]["content_hash"], "by_hand": answer["channel"] == "in_person"}
    await _advisor(course).post(f"{_visit(course)}/changes/{change['change']}/answer", answer)
    if accepts and change["insurer"]:
        await _insurer_consents(course, change)
    if accepts:
        course.items[found] = wanted.op
    await course.world.everything_told()
    return accepts


async def escalate(course: Course, item: str, *, covers: bool) -> None:
    """R5: the customer is told why it is unclear and the manufacturer asked; the ruling comes after the hours of `site.toml`."""
    await _advisor(course).post(f"{_visit(course)}/items/{item}/escalation", {"reason": "质量担保范围不明，需厂家服务部确认"})
    course.unruled.add(item)
    course.world.start(f"{course.sheet.visit} ruling of {item}", _ruling(course, item, covers=covers))


async def _ruling(course: Course, item: str, *, covers: bool) -> None:
    await course.world.minutes(course.branch.site.play.manufacturer_rules_after_hours * 60)
    ruling = {"covers": covers, "reference": f"MFR-{course.sheet.visit}-{item}"}
    await _advisor(course).post(f"{_visit(course)}/items/{item}/ruling", ruling)
    course.unruled.discard(item)
    course.ruled = True
    await course.world.everything_told()
    if item in course.reserved:
        await at_the_till.settle_supplements(course)


def unclear(course: Course) -> list[tuple[str, Item]]:
    """The ordered items whose warranty is unclear, with their ids."""
    return [(key, item) for key, item in zip(course.items, course.sheet.items, strict=False) if item.warranty == "unclear"]


def _channel(course: Course) -> str:
    return "in_person" if course.sheet.choices.waits == "lounge" else "phone"


def _newest(entries: Any, key: str) -> str:
    """The id of the newest entry, of a list of facts or a map by id."""
    return str(list(entries)[-1] if isinstance(entries, dict) else entries[-1][key])
