"""F2 to F9 and D8, judged from recorded facts. Dates are counted again here, from the day of delivery in the site's time zone."""

from collections.abc import Iterator
from datetime import date, timedelta

from servicelane.audit.findings import Broken, Rules
from servicelane.audit.story import Recorded, Story
from shared.branch import Branch
from shared.calendar import add_working_days
from shared.contracts import delivery as d
from shared.contracts import followup as f
from shared.contracts import reception as r

rules = Rules()


def _day(moment: Recorded, branch: Branch) -> date:
    return moment.at.astimezone(branch.site.zone).date()


def _closed(story: Story, kind: str) -> list[Recorded]:
    return [closed for closed in story.all(f.CallDutyClosed) if closed.fact.kind == kind]


@rules("F2")
def file_within_two_working_days(story: Story, branch: Branch) -> Iterator[Broken]:
    for signed in story.all(r.WorkOrderSigned):
        last_day = add_working_days(_day(signed, branch), branch.site.deadlines.customer_file_working_days, branch.site.site.country)
        opened = story.first(f.CustomerFileOpened)
        if opened and _day(opened, branch) > last_day:
            yield f"the customer file was opened on {_day(opened, branch)}, due by {last_day}", opened


@rules("F3")
def contact_planned_with_the_file(story: Story, branch: Branch) -> Iterator[Broken]:
    for closed in _closed(story, "first"):
        if not story.before(f.ContactPlanned, closed):
            yield "called without a plan for the contact", closed


@rules("F4")
def one_first_call_duty_a_delivery(story: Story, branch: Branch) -> Iterator[Broken]:
    duties = [duty for duty in story.all(f.CallDutyOpened) if duty.fact.kind == "first"]
    deliveries = story.all(d.ExitPassUsed)
    if len(duties) != len(deliveries):
        yield f"{len(deliveries)} deliveries started {len(duties)} first-call duties", *(duties + deliveries)


@rules("F4")
def first_call_in_its_window(story: Story, branch: Branch) -> Iterator[Broken]:
    delivered = story.first(d.ExitPassUsed)
    deadlines = branch.site.deadlines
    for closed in _closed(story, "first"):
        if delivered is None:
            continue
        days = (_day(closed, branch) - _day(delivered, branch)).days
        if not deadlines.first_call_from_day <= days <= deadlines.first_call_limit_days:
            yield f"the first call was closed on day {days} after delivery", closed, delivered


@rules("F6")
def second_call_in_its_window(story: Story, branch: Branch) -> Iterator[Broken]:
    first = next(iter(_closed(story, "first")), None)
    deadlines = branch.site.deadlines
    for closed in _closed(story, "second"):
        if first is None:
            yield "a second call without a first", closed
            continue
        start = _day(first, branch) + timedelta(days=deadlines.second_call_after_days)
        if not start <= _day(closed, branch) < start + timedelta(days=deadlines.second_call_window_days):
            yield f"the second call was closed on {_day(closed, branch)}, its window starts on {start}", closed, first


@rules("F6")
def topics_differ_from_the_first_call(story: Story, branch: Branch) -> Iterator[Broken]:
    first = next(iter(_closed(story, "first")), None)
    for closed in _closed(story, "second"):
        if first and closed.fact.outcome == "called" and set(closed.fact.topics) & set(first.fact.topics):
            yield "the second call repeats the first call's topics", closed, first


@rules("F8")
def every_closed_call_is_in_the_register(story: Story, branch: Branch) -> Iterator[Broken]:
    for closed in story.all(f.CallDutyClosed):
        tries = [call for call in story.all(f.CallRegistered) if call.fact.duty == closed.fact.duty]
        held = any(call.fact.reached for call in tries)
        if not tries:
            yield "a call duty was closed without a call in the register", closed
        elif (closed.fact.outcome == "called") != held:
            yield f"closed as {closed.fact.outcome}, the register says otherwise", *[closed, *tries]


@rules("D8")
def reminder_scheduled(story: Story, branch: Branch) -> Iterator[Broken]:
    for delivered in story.all(d.ExitPassUsed):
        scheduled = story.all(f.ReminderScheduled)
        if not any(x.fact.due_on == delivered.fact.next.due_on and x.fact.remind_on <= x.fact.due_on for x in scheduled):
            yield "no reminder stands for the next maintenance", delivered
