"""A visit after delivery, up to the end of the follow-up: F2 to F4, F6, F8, F9."""

from datetime import date, datetime, time, timedelta
from typing import Any

from servicelane.play import complaints
from servicelane.play.client import Person
from servicelane.play.course import Course

FIRST_TOPICS = ["car_condition", "service_opinion"]
TRIES_NEEDED = 3
SECOND_TOPICS = ["next_maintenance", "seasonal_check"]


async def open_file(course: Course) -> None:
    """F2, F3: the next morning, the file with the plan of the next contact."""
    agent = await _agent(course, f"/followup/file-duties/{course.id}")
    plan = {
        "need": "；".join(course.sheet.words),
        "topics": FIRST_TOPICS + SECOND_TOPICS,
        "at": (course.world.now + timedelta(days=2)).isoformat(),
    }
    await agent.post(f"/followup/file-duties/{course.id}/file", plan)


async def follow_up(course: Course) -> None:
    """The two calls in the customer's convenient hour, and the letter."""
    await _hold_call(course, "first", FIRST_TOPICS)
    if course.sheet.follow_up.letter:
        letter = {"kind": "notice", "customer": course.customer, "visit": course.id, "content": "感谢惠顾，附保养提示。"}
        await course.house.the("followup_agent").post("/followup/letters", letter)
    await course.world.everything_told()
    await _hold_call(course, "second", SECOND_TOPICS)
    await course.world.everything_told()


async def _agent(course: Course, duty: str) -> Person:
    reader = course.house.the("business_supervisor")
    return course.house.person((await reader.get(duty))["agent"])


async def _hold_call(course: Course, kind: str, topics: list[str]) -> None:
    path = f"/followup/duties/{course.id}-{kind}"
    duty = await course.house.the("business_supervisor").get(path)
    course.station = f"{kind} call due"
    agent = course.house.person(duty["agent"])
    first = course.sheet.follow_up.first_call
    if kind == "first" and first.unreached_tries:
        await _try_in_vain(course, agent, duty, first.unreached_tries)
        if first.unreached_tries == TRIES_NEEDED:
            await agent.post(f"{path}/not-reached", {"told_by": "message"})
            course.station = "first call held"
            return
    await course.world.at(_convenient(course, duty))
    await agent.post(f"{path}/call", _said(course, agent, kind, topics))
    course.station = f"{kind} call held"
    if kind == "first" and first.complaint:
        await complaints.until_content(course, agent)


def _said(course: Course, agent: Person, kind: str, topics: list[str]) -> dict[str, Any]:
    first, second = course.sheet.follow_up.first_call, course.sheet.follow_up.second_call
    result = first.result if kind == "first" else second.result
    said: dict[str, Any] = {"result": result, "topics": topics, "note": "客户满意" if result == "content" else "客户有意见"}
    if kind == "first":
        said |= {"car_runs_well": not first.complaint, "opinion": first.complaint or "服务满意"}
        if first.complaint:
            said["entries"] = [{"kind": "complaint", "text": first.complaint, "owner": agent.id}]
    return said


async def _try_in_vain(course: Course, agent: Person, duty: dict[str, Any], tries: int) -> None:
    """EDGE_CASES 13: on two days and in different parts of the day, the first in the promised hour."""
    for number in range(tries):
        moment = _convenient(course, duty)
        if number == 1:
            moment = _another_part_of_the_day(course, moment)
        await course.world.at(moment)
        await agent.post(f"/followup/duties/{course.id}-first/tries", {"result": "no_answer"})
        await course.world.minutes(30)


def _another_part_of_the_day(course: Course, moment: datetime) -> datetime:
    local = moment.astimezone(course.branch.site.zone)
    return local.replace(hour=15 if local.hour < 12 else 10, minute=0) + timedelta(days=0 if local.hour < 12 else 1)


def _convenient(course: Course, duty: dict[str, Any]) -> datetime:
    """The customer's hour on the day that the duty plans, at the earliest now."""
    zone = course.branch.site.zone
    day, hour = date.fromisoformat(duty["planned_on"]), time.fromisoformat(course.sheet.choices.call_hour)
    moment = datetime.combine(day, hour, zone)
    while moment < course.world.now:
        moment += timedelta(days=1)
    return moment
