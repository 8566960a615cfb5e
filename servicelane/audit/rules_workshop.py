"""W1 to W5 and W14: the car in the workshop, judged from recorded facts."""

from collections.abc import Iterator

from servicelane.audit.consent import ever_ordered, worked_by
from servicelane.audit.findings import Broken, Rules
from servicelane.audit.people import may_be
from servicelane.audit.standing import TOUCHES, decisions_on_damage
from servicelane.audit.story import Recorded, Story
from servicelane.audit.telling import missing_receivers
from shared.branch import Branch
from shared.contracts import delivery as d
from shared.contracts import reception as r
from shared.contracts import workshop as w

rules = Rules()

ACCEPTS = "workshop.accept_job"
"""Whom a site may name other roles for (`may` of its settings)."""


@rules("W1", w.JobAccepted)
def handed_over_before_accepted(accepted: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    sent_back = story.newest(accepted, w.HandoverSentBack)
    offered = story.between(sent_back, accepted, w.HandoverOffered)
    if not offered or not story.between(sent_back, accepted, r.CarHandedOver):
        yield "accepted by the workshop without the advisor's handover"


@rules("W1", w.JobAccepted)
def accepted_by_the_supervisor(accepted: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if not may_be(accepted.fact.supervisor, branch, *branch.site.may.get(ACCEPTS, ("workshop_supervisor",))):
        yield f"{accepted.fact.supervisor}, who accepted the car, is no workshop supervisor"


@rules("W1", w.HandoverSentBack, house_rule=True)
def sent_back_before_accepted(sent_back: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if not sent_back.fact.reason:
        yield "sent back without a reason"
    if story.before(sent_back, w.JobAccepted):
        yield "sent back after it had been accepted"


@rules("W1", w.CarTaken, w.DamageRepaired, *TOUCHES)
def worked_on_only_in_the_workshops_hands(work: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    name = type(work.fact).__name__
    if not story.before(work, w.JobAccepted):
        yield f"{name} before the supervisor accepted the car"
    if (parked := story.newest(work, w.CarParked)) and not story.between(parked, work, w.CarCameBack):
        yield f"{name} while the car was parked for delivery", parked
    if any(used.clearly_before(work) for used in story.all(d.ExitPassUsed)):
        yield f"{name} after the car had left"


@rules("W2", w.JobDispatched)
def each_item_goes_to_one_team(dispatched: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    items = [assignment.item for assignment in dispatched.fact.assignments]
    if len(items) != len(set(items)):
        yield "an item was given to two teams"
    begun = {each.fact.item for each in story.before(dispatched, w.WorkStarted)}
    """To be finished or, the customer having dropped it, put together again: by another team where its own is away."""
    if strange := set(items) - set(worked_by(story, dispatched)) - begun:
        yield f"dispatched, but not on the order: {', '.join(sorted(strange))}"


@rules("W2", w.JobDispatched, house_rule=True)
def each_team_is_able(dispatched: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    skills = {item.item: item.skill for item in ever_ordered(story).values()}
    for assignment in dispatched.fact.assignments:
        able = skills.get(assignment.item) in branch.team_skills(assignment.team)
        if not able and not assignment.override_reason:
            yield f"team {assignment.team} has not the skill for item {assignment.item} and no reason is given"


@rules("W2", w.TechniciansNamed)
def named_by_a_leader(named: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    """The team's own, or who stands in for them: a leader too."""
    if not may_be(named.fact.leader, branch, "team_leader"):
        yield f"{named.fact.leader}, who named the technicians for item {named.fact.item}, is no team leader"


@rules("W2", w.WorkStarted, w.WorkFinished, w.ItemReassembled)
def named_technicians_do_the_work(work: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    named = {each for n in story.before(work, w.TechniciansNamed) if n.fact.item == work.fact.item for each in n.fact.technicians}
    if work.fact.by not in named:
        yield f"{work.fact.by} was not named for item {work.fact.item}"


def team_of(story: Story, item: str, moment: Recorded) -> str | None:
    """The team that had the item at the moment."""
    given = [(each.item, each.team) for job in story.before(moment, w.JobDispatched) for each in job.fact.assignments]
    return dict(given).get(item)


@rules("W3", w.WorkStarted)
def team_checked_the_car_on_taking_it(started: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if team_of(story, started.fact.item, started) not in {each.fact.team for each in story.before(started, w.CarTaken)}:
        yield "work started before its team took the car against its check-in sheet"


@rules("W3", w.CarTaken, house_rule=True)
def a_difference_is_told_at_once(taken: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    for who in missing_receivers(story, taken, "W3", "workshop_supervisor") if taken.fact.difference else ():
        yield f"the car was not as its sheet says, and the {who.replace('_', ' ')} was not told at once"


@rules("W4", w.WorkFinished)
def fault_confirmed(finished: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if finished.fact.item not in {each.fact.item for each in story.before(finished, w.FaultConfirmed)}:
        yield f"item {finished.fact.item} finished without its fault confirmed"


@rules("W5", w.PartsIssued)
def parts_only_for_consented_items(issued: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    key = (issued.fact.item, issued.fact.part_no)
    drawn = issued.fact.quantity
    for step in story.before(issued, w.PartsIssued, w.PartsReturned):
        if (step.fact.item, step.fact.part_no) == key:
            drawn += -step.fact.quantity if isinstance(step.fact, w.PartsReturned) else step.fact.quantity
    item = worked_by(story, issued).get(issued.fact.item)
    allowed = sum(part.quantity for part in item.parts if part.part_no == issued.fact.part_no) if item else 0
    if drawn > allowed:
        yield f"{drawn} of {issued.fact.part_no} drawn for item {issued.fact.item}, {allowed} consented"


@rules("W5", w.PartsIssued)
def slip_signed_by_the_technician(issued: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if issued.fact.signature.signer != issued.fact.drawn_by:
        yield f"the slip is signed by {issued.fact.signature.signer}, {issued.fact.drawn_by} drew the part"


@rules("W5", w.PartsReturned, house_rule=True)
def returned_only_against_its_slip(returned: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    line = (returned.fact.slip, returned.fact.item, returned.fact.part_no)
    rest = -returned.fact.quantity
    for step in story.before(returned, w.PartsIssued, w.PartsReturned):
        if (step.fact.slip, step.fact.item, step.fact.part_no) == line:
            rest += -step.fact.quantity if isinstance(step.fact, w.PartsReturned) else step.fact.quantity
    if rest < 0:
        yield f"{-rest} of {returned.fact.part_no} more returned than slip {returned.fact.slip} issued"


@rules("W5", w.StockChanged, house_rule=True, of_site=True)
def stock_is_counted_through(changed: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    earlier = site.last_having(w.StockChanged, "part_no", changed)
    if earlier and earlier.fact.on_hand + changed.fact.change != changed.fact.on_hand:
        yield f"{earlier.fact.on_hand} {changed.fact.change:+} of {changed.fact.part_no} is not {changed.fact.on_hand}", earlier
    if changed.fact.on_hand < 0:
        yield f"{changed.fact.on_hand} of {changed.fact.part_no} on hand"


@rules("W5", w.StockCounted, house_rule=True, of_site=True)
def a_difference_on_the_shelf_has_its_reason(counted: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    if counted.fact.difference and not counted.fact.reason:
        yield f"{counted.fact.difference:+} of {counted.fact.part_no} on the shelf, and nobody said why"


@rules("W14", w.WorkStarted)
def only_what_the_order_says(started: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if started.fact.item not in worked_by(story, started):
        yield f"item {started.fact.item} was worked on but is not on the order"


@rules("W14", w.WorkFinished)
def finished_what_was_started(finished: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    started = {(each.fact.item, each.fact.round, each.fact.by) for each in story.before(finished, w.WorkStarted)}
    if (finished.fact.item, finished.fact.round, finished.fact.by) not in started:
        yield f"item {finished.fact.item} finished without a start"


@rules("W14", w.DamageRepaired)
def repaired_as_decided_by_a_technician(repaired: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    decision = decisions_on_damage(story, repaired).get(repaired.fact.damage)
    if decision is None or decision.fact.decision != "repair":
        yield f"{repaired.fact.damage} was repaired, though that had not been decided"
    if not may_be(repaired.fact.by, branch, "technician"):
        yield f"{repaired.fact.by}, who repaired {repaired.fact.damage}, is no technician"
