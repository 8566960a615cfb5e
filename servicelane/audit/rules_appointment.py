"""A1 to A4 and R1: who comes when, and who is served first. Judged over the whole site: appointments and queues are about many visits."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from servicelane.audit.findings import Broken, Rules
from servicelane.audit.story import Recorded, Story
from shared.branch import Branch
from shared.contracts import reception as r

rules = Rules()


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


@rules("R1", r.CustomerGreeted)
def greeted_after_arrival(greeted: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if not story.before(greeted, r.CustomerArrived):
        yield "greeted without an arrival on record"


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
    if (own := arrivals.pop(greeted.fact.visit, None)) is None:
        return
    gone = {each.fact.visit for each in site.before(greeted, r.CustomerGreeted, r.InquiryEnded, r.VisitClosed)}
    for visit, arrived in arrivals.items():
        if visit in gone or visit in greeted.fact.passed_over:
            continue
        if _place_in_queue(arrived, branch) < _place_in_queue(own, branch):
            yield f"served before {visit}, who stood before, and it is not on record", arrived


@rules("R7", r.VehicleVisitOpened, house_rule=True, of_site=True)
def one_open_visit_a_vehicle(opened: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    steps = [
        each
        for each in site.before(opened, r.VehicleVisitOpened, r.VehicleVisitClosed)
        if each.fact.vehicle == opened.fact.vehicle and each.fact.visit != opened.fact.visit
    ]
    closed = {each.fact.visit for each in steps if isinstance(each.fact, r.VehicleVisitClosed)}
    for step in steps:
        if isinstance(step.fact, r.VehicleVisitOpened) and step.fact.visit not in closed:
            yield f"the car's visit {step.fact.visit} was still open", step
