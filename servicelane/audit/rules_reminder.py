"""D8 after the delivery: the reminder comes by itself, and who says yes to it is offered an appointment. Judged from recorded facts."""

from collections.abc import Iterator

from servicelane.audit.findings import Broken, Rules
from servicelane.audit.one_file import ever_one
from servicelane.audit.story import Recorded, Story
from servicelane.audit.telling import told_at_once
from shared.branch import Branch
from shared.contracts import followup as f
from shared.contracts import reception as r

rules = Rules()


@rules("D8", f.ReminderScheduled, of_site=True)
def the_reminder_came_by_itself(scheduled: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    """Unless another delivery of the car, under whichever file, took its place, the car was sold, or nobody is to be reminded any more."""
    fact, zone = scheduled.fact, branch.site.zone
    if site.until.astimezone(zone).date() <= fact.remind_on:
        return
    came = [each for each in site.all(f.ReminderCame) if (each.fact.vehicle, each.fact.visit) == (fact.vehicle, fact.visit)]
    files = ever_one(site, fact.vehicle)
    over = [each for each in site.all(f.ReminderEnded, f.ReminderScheduled) if each.fact.vehicle in files and scheduled.before(each)]
    over += [each for each in site.all(r.CustomerErased) if each.fact.customer == fact.customer]
    in_time = any(each.at.astimezone(zone).date() <= fact.remind_on for each in over if each is not scheduled)
    if not came and not in_time:
        yield f"the reminder of {fact.remind_on} for the maintenance of {fact.due_on} never came"
    begun_late = scheduled.at.astimezone(zone).date() > fact.due_on
    for late in came:
        if not in_time and not begun_late and late.at.astimezone(zone).date() > fact.due_on:
            yield f"the reminder of {fact.remind_on} came when the maintenance of {fact.due_on} was past", late


@rules("D8", f.ReminderAnswered, of_site=True)
def reception_hears_who_wants_to_come(answered: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    """Unless it has booked by then."""
    booked = any(each.fact.answers == answered.fact.visit for each in site.all(r.AppointmentBooked))
    if answered.fact.wants_appointment and not booked and not told_at_once(site, answered, "A1"):
        yield "the customer wants an appointment, and reception was not told"


@rules("D8", r.AppointmentBooked, of_site=True)
def an_appointment_from_a_reminder_was_wanted(booked: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    """Reception may book before it has heard the answer from follow-up."""
    if (reminder := booked.fact.answers) is None:
        return
    said = [each.fact for each in site.all(f.ReminderAnswered) if each.fact.visit == reminder]
    if not any(each.wants_appointment and each.vehicle in ever_one(site, booked.fact.vehicle) for each in said):
        yield f"booked as the answer to the reminder of {reminder}, to which nobody said yes"


@rules("D8", f.ReminderEnded, of_site=True)
def a_reminder_ends_as_sold_where_the_car_was(ended: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    """EDGE_CASES 15: by itself it ends for who owned the car, or where it has an owner only since the visit began."""
    fact, announced = ended.fact, site.having(f.VisitAnnounced, "visit", ended.fact.visit)
    if (fact.by, fact.reason) != ("system", "sold") or not announced:
        return
    files, theirs = ever_one(site, fact.vehicle), ever_one(site, fact.customer)
    began_on = announced[0].fact.checked_in_at.astimezone(branch.site.zone).date()
    owners = [each.fact for each in site.before(ended, r.VehicleOwnerChanged) if each.fact.vehicle in files]
    if not any(each.former in theirs or (each.since >= began_on and each.owner not in theirs) for each in owners):
        yield "the reminder ended as if the car had been sold, and its customer sold it to nobody"
