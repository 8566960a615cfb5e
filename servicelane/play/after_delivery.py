"""A visit after delivery, up to the end of the follow-up: F2 to F4, F6, F8, F9."""

from datetime import date, datetime, time, timedelta
from typing import Any

from servicelane.play.client import Person
from servicelane.play.course import Course

FIRST_TOPICS = ["car_condition", "service_opinion"]
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
    await course.world.at(_convenient(course, duty))
    agent = course.house.person(duty["agent"])
    said: dict[str, Any] = {"result": "content", "topics": topics, "note": "客户满意"}
    if kind == "first":
        said |= {"car_runs_well": True, "opinion": "服务满意"}
    await agent.post(f"{path}/call", said)
    course.station = f"{kind} call held"


def _convenient(course: Course, duty: dict[str, Any]) -> datetime:
    """The customer's hour on the day that the duty plans, at the earliest now."""
    zone = course.branch.site.zone
    day, hour = date.fromisoformat(duty["planned_on"]), time.fromisoformat(course.sheet.choices.call_hour)
    moment = datetime.combine(day, hour, zone)
    while moment < course.world.now:
        moment += timedelta(days=1)
    return moment
