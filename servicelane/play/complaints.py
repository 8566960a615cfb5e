"""F5: a complaint from the first call: solved on the call, or worked on until the customer is content."""

from servicelane.play.client import Person
from servicelane.play.course import Course


async def until_content(course: Course, agent: Person) -> None:
    """Solved on the call, or after its hours; the customer hears the solution the same day that it is found."""
    first = course.sheet.follow_up.first_call
    await course.world.everything_told()
    complaint = (await agent.get(f"/followup/complaints?visit={course.id}"))[-1]["id"]
    at = f"/followup/complaints/{complaint}"
    if not first.solved_on_call:
        await course.world.minutes(first.solution_found_after_hours * 60)
    await agent.post(f"{at}/solution", {"solution": "重新检查并消除异响"})
    if not first.solved_on_call:
        await course.world.minutes(10)
    await agent.post(f"{at}/told", {"channel": "phone", "content": True})
    await course.world.everything_told()
