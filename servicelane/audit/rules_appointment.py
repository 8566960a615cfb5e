"""A1 to A4 and R1: who comes when, and who is served first. Judged over the whole site: appointments and queues are about many visits."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from servicelane.audit.findings import Broken, Rules
from servicelane.audit.one_file import read_as_one
from servicelane.audit.story import Recorded, Story
from shared.branch import Branch
from shared.contracts import reception as r

rules = Rules()

PREPARED = {"bay_and_team", "surroundings", "customer_file", "forms"}
CHECKLIST = {"appearance", "forms", "tools_and_materials", "surroundings"}


@rules("A1", r.AppointmentBooked, of_site=True)
def booked_into_a_slot(booked: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    slots = [taken for taken in site.all(r.SlotTaken) if taken.fact.visit == booked.fact.visit]
    if not any(taken.at == booked.at or taken.before(booked) for taken in slots):
        yield "an appointment without an arrival slot"


@rules("A1", r.SlotTaken, house_rule=True, of_site=True)
def slot_has_room(taken: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    held = {taken.fact.visit}
    for step in sorted(site.before(taken, r.SlotTaken, r.SlotFreed), key=lambda each: each.place):
        if (step.fact.day, step.fact.slot) == (taken.fact.day, taken.fact.slot):
            (held.discard if isinstance(step.fact, r.SlotFreed) else held.add)(step.fact.visit)
    held.add(taken.fact.visit)
    if len(held) > branch.site.shop.slot_capacity:
        yield f"{len(held)} places taken in the slot of {taken.fact.slot:%H:%M}, it has {branch.site.shop.slot_capacity}"


def _day_of_appointment(story: Story, moment: Recorded, branch: Branch) -> tuple[date, date] | None:
    """The local day that the appointment is for, and the day on which that was agreed."""
    agreed = story.newest(moment, r.AppointmentBooked, r.AppointmentMoved)
    return (agreed.fact.day, agreed.at.astimezone(branch.site.zone).date()) if agreed and agreed.fact.day else None


def days_between(first: date, last: date) -> Iterator[date]:
    """Without both."""
    return (first + timedelta(days=number) for number in range(1, (last - first).days))


def branch_opens(day: date, branch: Branch) -> bool:
    return day.weekday() in branch.site.shop.open_days


@rules("A2", r.AppointmentKept, house_rule=True)
def reminded_the_day_before(kept: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    """Who agreed on the last open day before, or later, needs no reminder; who comes early had none yet."""
    known, came = _day_of_appointment(story, kept, branch), kept.at.astimezone(branch.site.zone).date()
    if known is None or not any(branch_opens(each, branch) for each in days_between(*reversed(known))) or came < known[0]:
        return
    if not any(reminded.fact.day == known[0] for reminded in story.before(kept, r.AppointmentReminded)):
        yield f"the customer was not reminded of the appointment on {known[0]}"


@rules("A2", r.AppointmentBooked, house_rule=True)
def every_appointment_is_kept_or_its_end_is_recorded(booked: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    ends = (r.AppointmentKept, r.AppointmentCancelled, r.CustomerDidNotCome, r.CustomerArrived)
    days = [each.fact.day for each in (booked, *story.all(r.AppointmentMoved)) if each.fact.day]
    if days and days[-1] < story.until.astimezone(branch.site.zone).date() and not story.all(*ends):
        yield f"nobody came on {days[-1]}, and it is not on record"


@rules("A3", r.AppointmentKept)
def prepared_before_arrival(kept: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    """Of those that were agreed before the day and come on it."""
    known, came = _day_of_appointment(story, kept, branch), kept.at.astimezone(branch.site.zone).date()
    if known is None or known[1] >= known[0] or came < known[0]:
        return
    ready = {thing for prepared in story.before(kept, r.AppointmentPrepared) for thing in prepared.fact.things}
    if missing := PREPARED - ready:
        yield f"not prepared: {', '.join(sorted(missing))}"


@rules("A4", r.VehicleCheckedIn, of_site=True)
def advisor_had_done_the_opening_checklist(checked_in: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    """Not on the day in whose middle the journals begin."""
    zone, shop = branch.site.zone, branch.site.shop
    day = checked_in.at.astimezone(zone).date()
    if site.since > datetime.combine(day, shop.opens, zone):
        return
    done = [each for each in site.all(r.OpeningChecklistDone) if (each.fact.day, each.fact.advisor) == (day, checked_in.fact.advisor)]
    if not any(each.at <= checked_in.at for each in done):
        yield f"{checked_in.fact.advisor} received customers on {day} without the opening checklist"


@rules("A4", r.OpeningChecklistDone, of_site=True)
def opening_checklist_is_whole(done: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    if missing := CHECKLIST - set(done.fact.points):
        yield f"opening checklist without {', '.join(sorted(missing))}"


@rules("R1", r.CustomerGreeted)
def greeted_after_arrival(greeted: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if not story.before(greeted, r.CustomerArrived):
        yield "greeted without an arrival on record"


NOTICED = timedelta(minutes=1)
"""Who came so shortly before a greeting may not have stood in the queue that was looked at; nor do numbers tell which came first."""


def _place_in_queue(arrived: Recorded, branch: Branch) -> datetime:
    """Who came first is served first; an appointment holds its slot until the slot is over."""
    came: datetime = arrived.fact.arrived_at or arrived.at
    held: datetime | None = arrived.fact.slot_held
    if held is not None and came <= held + timedelta(minutes=branch.site.shop.slot_minutes):
        return min(came, held)
    return came


@rules("R1", r.CustomerGreeted, of_site=True)
def who_was_passed_over_is_on_record(greeted: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    arrivals = {each.fact.visit: each for each in site.all(r.CustomerArrived) if each.clearly_before(greeted)}
    seen = greeted.at - NOTICED
    if (own := arrivals.pop(greeted.fact.visit, None)) is None:
        return
    gone = {each.fact.visit for each in site.before(greeted, r.CustomerGreeted, r.InquiryEnded, r.VisitClosed)}
    for visit, arrived in arrivals.items():
        if visit in gone or visit in greeted.fact.passed_over or arrived.at > seen:
            continue
        if _place_in_queue(arrived, branch) < _place_in_queue(own, branch):
            yield f"served before {visit}, who stood before, and it is not on record", arrived


@rules("R7", r.VehicleVisitOpened, house_rule=True, of_site=True)
def one_open_visit_a_vehicle(opened: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    """Whichever of the car's files it was opened under."""
    files = read_as_one(site, opened.fact.vehicle, opened)
    steps = [
        each
        for each in site.before(opened, r.VehicleVisitOpened, r.VehicleVisitClosed)
        if each.fact.vehicle in files and each.fact.visit != opened.fact.visit
    ]
    closed = {each.fact.visit for each in steps if isinstance(each.fact, r.VehicleVisitClosed)}
    for step in steps:
        if isinstance(step.fact, r.VehicleVisitOpened) and step.fact.visit not in closed:
            yield f"the car's visit {step.fact.visit} was still open", step
