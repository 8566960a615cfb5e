"""W6, W7, and how the advisor reaches the customer: what the workshop asks or reports, told and answered in time."""

from collections.abc import Iterator
from datetime import datetime

from servicelane.audit.findings import Broken, Rules
from servicelane.audit.standing import decisions_on_damage
from servicelane.audit.story import Recorded, Story
from servicelane.audit.telling import missing_receivers, told_at_once
from shared.branch import Branch
from shared.contracts import reception as r
from shared.contracts import workshop as w

rules = Rules()

TO_BE_TOLD = ("stopped", "waiting_for_parts", "later", "earlier")
SYSTEM = "system"


@rules("W6", r.BelongingsAnswered)
def asked_for_a_need_of_the_work(answered: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if answered.fact.request not in {each.fact.request for each in story.before(answered, w.BelongingsRequested)}:
        yield "the customer was asked about belongings, and the workshop had named no need"


@rules("W6", w.BelongingsRequested)
def customer_asked_before_belongings_are_touched(asked: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    answers = [each for each in story.all(r.BelongingsAnswered) if each.fact.request == asked.fact.request]
    yield from _answered_in_time(asked.fact.request, answers, story, "belongings")


@rules("W6", w.BelongingsMoved)
def belongings_moved_only_with_leave(moved: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    answers = [each.fact for each in story.before(moved, r.BelongingsAnswered) if each.fact.request == moved.fact.request]
    if not answers or not answers[-1].agrees:
        yield "belongings were moved without the customer's leave"


@rules("W6", w.DamageReported, house_rule=True)
def damage_is_told_at_once(damaged: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    for who in missing_receivers(story, damaged, "W6", "workshop_supervisor", "business_supervisor"):
        yield f"the car was damaged here, and the {who.replace('_', ' ')} was not told at once"


@rules("W6", w.CarParked, house_rule=True)
def damage_is_decided_with_the_customer_before_the_car_is_done(parked: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    decided = decisions_on_damage(story, parked)
    for damaged in story.before(parked, w.DamageReported):
        if (decision := decided.get(damaged.fact.damage)) is None:
            yield f"{damaged.fact.damage} was not decided when the car was parked as finished", damaged
        elif not decision.fact.customer_told:
            yield f"{damaged.fact.damage} was decided, and the customer had not been told", decision


@rules("W7", w.ProgressReported)
def progress_is_told_at_once(reported: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    for who in missing_receivers(story, reported, "W7", "workshop_supervisor"):
        yield f"the progress changed, and the {who.replace('_', ' ')} was not told at once"


@rules("W7", w.ProgressReported)
def customer_told_of_progress_in_time(reported: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if reported.fact.kind in TO_BE_TOLD and reported.fact.by != SYSTEM:
        answers = [each for each in story.all(r.ProgressTold) if each.fact.report == reported.fact.report]
        yield from _answered_in_time(reported.fact.report, answers, story, "a change of progress")


@rules("W7", r.ProgressTold)
def told_what_was_reported(told: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if told.fact.report not in {each.fact.report for each in story.before(told, w.ProgressReported)}:
        yield "the customer was told of a change of progress that nobody reported"


@rules("W7", r.ProgressTold)
def the_supervisor_knows_who_wants_the_car_as_promised(told: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    heard = told_at_once(story, told, "W7")
    if told.fact.answer == "wants_car_as_promised" and not any("workshop_supervisor" in each.fact.roles for each in heard):
        yield "the customer wants the car as promised, and the workshop supervisor was not told"


@rules("W7", r.AdvisorTaskMoved)
def a_time_that_is_over_is_not_moved(moved: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    """EDGE_CASES 12: a changed calendar recomputes what is open, never past breaches."""
    times = _times(moved.fact.task, story, moved)
    if not times or moved.at >= min(times[-1], moved.fact.due_by):
        yield f"the time of an advisor's task was moved to {moved.fact.due_by.isoformat()} when it was over"


@rules("W8", w.WorkFound)
def customer_asked_about_found_work_in_time(found: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    answers = [each for each in story.all(r.ChangeAnswered) if each.fact.found == found.fact.found]
    cancelled = [each for each in story.all(r.OrderCancelled) if found.before(each)]
    yield from _answered_in_time(found.fact.found, answers + cancelled, story, f"{found.fact.operation} ({found.fact.kind})")


def _answered_in_time(about: str, answers: list[Recorded], story: Story, what: str) -> Iterator[Broken]:
    """By the time that the advisor's task has; where nobody has such a task, that is found by what starts what."""
    for task in story.all(r.AdvisorTaskOpened):
        if task.fact.about != about:
            continue
        first, due_by = min((each.at for each in answers), default=story.until), _times(task.fact.task, story)[-1]
        if first > due_by:
            yield f"the customer was not reached about {what} by {due_by.isoformat()}", task


def _times(task: str, story: Story, until: Recorded | None = None) -> list[datetime]:
    """By when an advisor's task was due, one after the other, as calendar or opening hours changed; the last holds."""
    said = [each for each in story.all(r.AdvisorTaskOpened, r.AdvisorTaskMoved) if each.fact.task == task]
    return [each.fact.due_by for each in said if until is None or each.before(until)]
