"""F2 to F4 and F6: the file and the two calls. Dates are counted again here, from the day of delivery in the site's time zone."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from servicelane.audit.findings import Broken, Rules
from servicelane.audit.story import Recorded, Story
from shared.branch import Branch
from shared.calendar import add_working_days
from shared.contracts import delivery as d
from shared.contracts import followup as f
from shared.contracts import reception as r

rules = Rules()


def day_of(moment: datetime, branch: Branch) -> date:
    return moment.astimezone(branch.site.zone).date()


def moved_to(site: Story, since: Recorded, duty: str, until: datetime | None = None) -> datetime | None:
    """EDGE_CASES 12: where a changed calendar moved the deadline to, after `since`; None where it did not."""
    moves = [each for each in site.all(f.DeadlineMoved) if each.fact.duty == duty and since.before(each)]
    last = [each.fact.due_by for each in moves if until is None or each.at <= until]
    return last[-1] if last else None


def ended(story: Story, duty: Recorded) -> Recorded | None:
    """How a call duty ended: held, given up, or stopped for good (the customer wants no calls, another call takes its place)."""
    ends = [each for each in story.all(f.CallDutyClosed, f.CallDutyStopped) if each.fact.duty == duty.fact.duty]
    resumed = [each for each in story.all(f.CallDutyResumed) if each.fact.duty == duty.fact.duty]
    return next((end for end in ends if not any(end.before(each) for each in resumed)), None)


def dropped(site: Story, duty: str) -> Recorded | None:
    """The customer's record was erased: nothing is done any more of what was due."""
    return next((each for each in site.all(f.DutyDropped) if each.fact.duty == duty), None)


def _first_closed(story: Story) -> Recorded | None:
    return next((closed for closed in story.all(f.CallDutyClosed) if closed.fact.kind == "first"), None)


def _over(story: Story) -> Recorded | None:
    """When the visit was over for the customer: an inquiry's end (R14), or the delivery."""
    return story.first(r.InquiryEnded) or story.first(d.ExitPassUsed)


def _formalities(story: Story) -> Recorded | None:
    """F2: the signed order, or, where none is signed that day, the check-in sheet; an inquiry without a car has neither."""
    return story.first(r.VehicleCheckedIn) or story.first(r.WorkOrderSigned) or story.first(r.InquiryEnded)


@rules("F2", r.WorkOrderSigned, r.InquiryEnded, r.VehicleCheckedIn)
def file_within_two_working_days(cause: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    """Of a car that stands here unsigned too (EDGE_CASES 2). A calendar that changed meanwhile may have given more time."""
    if isinstance(cause.fact, r.VehicleCheckedIn) and story.all(r.WorkOrderSigned, r.InquiryEnded):
        return
    start, site = _formalities(story) or cause, branch.site
    last_day = add_working_days(day_of(start.at, branch), site.deadlines.customer_file_working_days, site.days)
    last_day = max((last_day, *(day_of(moved.fact.due_by, branch) for moved in story.all(f.FileDutyMoved))))
    opened, erased = story.first(f.CustomerFileOpened), dropped(story, f"{story.visit}-file")
    if opened and day_of(opened.at, branch) > last_day:
        yield f"the customer file was opened on {day_of(opened.at, branch)}, due by {last_day}", opened
    elif not opened and day_of(erased.at if erased else story.until, branch) > last_day:
        yield f"there is no customer file, due by {last_day}"


@rules("F2", f.CustomerFileOpened)
def one_file_duty_a_visit(opened: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if len(duties := story.before(opened, f.FileDutyOpened)) != 1:
        yield f"the file of a visit that had {len(duties)} file duties"


@rules("F3", f.CallDutyClosed)
def contact_planned_with_the_file(closed: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if not story.before(closed, f.ContactPlanned):
        yield "called without a plan for the contact"


@rules("F4", d.ExitPassUsed, r.InquiryEnded)
def one_first_call_duty_a_visit(over: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    duties = [duty for duty in story.all(f.CallDutyOpened) if duty.fact.kind == "first"]
    if over is _over(story) and len(duties) != 1:
        yield f"the end of the visit started {len(duties)} first-call duties", *duties


@rules("F4", f.CallDutyOpened)
def first_call_in_its_window(duty: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if duty.fact.kind != "first" or (over := _over(story)) is None:
        return
    deadlines, closed = branch.site.deadlines, ended(story, duty)
    days = (day_of(closed.at if closed else story.until, branch) - day_of(over.at, branch)).days
    if days > deadlines.first_call_limit_days:
        yield f"the first call was {'closed' if closed else 'still open'} on day {days}", over
    elif closed and isinstance(closed.fact, f.CallDutyClosed) and days < deadlines.first_call_from_day:
        yield f"the first call was closed on day {days}", closed, over


@rules("F4", f.CallDutyClosed)
def called_in_the_convenient_hour(closed: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if closed.fact.kind == "first" and closed.fact.outcome == "called" and closed.fact.in_convenient_hour is False:
        yield "the first call was not held in the hour that the customer had named"


@rules("F4", f.CustomerNotReached, f.CallDutyClosed)
def the_convenient_hour_is_that_of_its_time(called: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    """EDGE_CASES 14: the hour that the customer had named by then; a change counts from then on."""
    named = [each for each in story.before(called, f.CallDutyOpened) if each.fact.duty == called.fact.duty]
    changed = [each for each in story.before(called, f.CallHourChanged) if each.fact.duty == called.fact.duty]
    said, hour = called.fact.in_convenient_hour, (*named, *changed)[-1].fact.hour if named else ""
    if said is not None and hour and said != _in_hour(called.fact.at or called.at, hour, branch):
        yield f"said to be {'in' if said else 'outside of'} the customer's hour, which was {hour}", *changed


def _in_hour(moment: datetime, hour: str, branch: Branch) -> bool:
    """Also across midnight."""
    local = moment.astimezone(branch.site.zone)
    start = local.replace(hour=int(hour[:2]), minute=int(hour[3:]), second=0, microsecond=0)
    return (local - start) % timedelta(days=1) < timedelta(minutes=branch.site.deadlines.convenient_hour_minutes)


@rules("F4", f.CallDutyClosed)
def opinion_asked_on_the_first_call(closed: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    """Who only inquired may have no car (R14)."""
    if closed.fact.kind != "first" or closed.fact.outcome != "called":
        return
    inquiry = story.first(r.InquiryEnded)
    has_car = inquiry is None or bool(inquiry.fact.vehicle)
    said = [each.fact for each in story.all(f.OpinionRecorded) if each.fact.duty == closed.fact.duty]
    if not any(each.opinion and (each.car_runs_well is not None or not has_car) for each in said):
        yield "how the car runs and what the customer thinks of the service is not on record"


@rules("F4", f.CallDutyClosed, house_rule=True)
def given_up_only_after_enough_tries(closed: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    """Three tries, on two days, in different parts of the day, one in the promised hour, or a wrong number; then written to instead."""
    if closed.fact.outcome != "not_reached":
        return
    needed = branch.site.deadlines.tries_until_not_reached
    tries = [each for each in story.before(closed, f.CustomerNotReached) if each.fact.duty == closed.fact.duty]
    days, parts = {day_of(each.fact.at, branch) for each in tries}, {each.fact.part_of_day for each in tries}
    enough = len(tries) >= needed and len(days) >= 2 and len(parts) >= 2 and any(each.fact.in_convenient_hour for each in tries)
    if not enough and not closed.fact.contact_invalid:
        yield f"given up after {len(tries)} tries on {len(days)} days in {len(parts)} parts of the day"
    if not closed.fact.told_by:
        yield "given up without writing to the customer instead"


@rules("F6", f.CallDutyClosed)
def one_second_call_duty(closed: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    duties = [duty for duty in story.all(f.CallDutyOpened) if duty.fact.kind == "second"]
    if closed is _first_closed(story) and len(duties) != 1:
        yield f"the first call started {len(duties)} second-call duties", *duties


@rules("F6", f.CallDutyOpened)
def second_call_in_its_window(duty: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if duty.fact.kind != "second":
        return
    if (first := _first_closed(story)) is None:
        yield "a second call without a first"
        return
    start = day_of(first.at, branch) + timedelta(days=branch.site.deadlines.second_call_after_days)
    last = start + timedelta(days=branch.site.deadlines.second_call_window_days - 1)
    closed = ended(story, duty)
    held = day_of(closed.at if closed else story.until, branch)
    if held > last or (closed and isinstance(closed.fact, f.CallDutyClosed) and held < start):
        yield f"the second call was {'closed' if closed else 'still open'} on {held}, its days are {start} to {last}", first


@rules("F6", f.CallDutyClosed)
def topics_differ_from_the_first_call(closed: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if closed.fact.kind != "second" or closed.fact.outcome != "called":
        return
    first, planned = _first_closed(story), story.newest(closed, f.ContactPlanned)
    if first and set(closed.fact.topics) & set(first.fact.topics):
        yield "the second call repeats the first call's topics", first
    if planned and (unplanned := set(closed.fact.topics) - set(planned.fact.topics)):
        yield f"topics that the plan does not have: {', '.join(sorted(unplanned))}", planned
