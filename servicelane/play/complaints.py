"""F5: a complaint from the first call: solved on the call, or worked on until the customer is content."""

from datetime import datetime, timedelta
from typing import Any

from servicelane.play.client import Person
from servicelane.play.course import Course
from shared.calendar import add_working_time, local_day, opening_hours


async def until_content(course: Course, agent: Person) -> None:
    """Solved on the call, or after its hours, when the shop is open; the customer hears the solution the same day that it is found."""
    first, world = course.sheet.follow_up.first_call, course.world
    await world.everything_told()
    complaint = (await agent.get(f"/followup/complaints?visit={course.id}"))[-1]
    at = f"/followup/complaints/{complaint['id']}"
    if not first.solved_on_call:
        found_at = add_working_time(world.now + timedelta(hours=first.solution_found_after_hours), timedelta(0), course.branch.site)
        await _unsolved(course, agent, complaint, found_at)
        await world.at(found_at)
    await agent.post(f"{at}/solution", {"solution": "重新检查并消除异响"})
    if not first.solved_on_call:
        await world.minutes(10)
    await agent.post(f"{at}/told", {"channel": "phone", "content": True})
    await world.everything_told()


async def _unsolved(course: Course, agent: Person, complaint: dict[str, Any], until: datetime) -> None:
    """What is not solved within its two days is reported in time; the supervisor decides, with a date."""
    site, world = course.branch.site, course.world
    report_by = datetime.fromisoformat(complaint["report_by"])
    if until <= report_by:
        return
    hours = opening_hours(local_day(report_by, site.zone), site)
    await world.at(hours[1] - timedelta(hours=1) if hours else report_by - timedelta(hours=12))
    at = f"/followup/complaints/{complaint['id']}"
    await agent.post(f"{at}/report", {"reason": "尚未找到原因"})
    await world.everything_told()
    decision = {"decision": "由技术总监主持复检", "due_on": local_day(until, site.zone).isoformat()}
    await course.house.the("business_supervisor").post(f"{at}/decision", decision)
