"""W1 to W14, judged from recorded facts."""

from collections.abc import Iterator

from servicelane.audit.findings import Broken, Rules
from servicelane.audit.story import Recorded, Story
from shared.branch import Branch
from shared.contracts import delivery as d
from shared.contracts import reception as r
from shared.contracts import workshop as w
from shared.contracts.event import NoticeRaised

rules = Rules()

WORK = (w.CarTaken, w.FaultConfirmed, w.PartsIssued, w.WorkStarted, w.WorkFinished)
WASH_POINTS = {
    "outside_no_scratch_or_dent",
    "cabin",
    "boot",
    "engine_bay",
    "ashtray",
    "mats",
    "instruments",
    "belongings_protected",
}


def _ordered(story: Story, moment: Recorded) -> dict[str, dict[str, int]]:
    """Consented at that moment: the parts and quantities of each item of the order."""
    signed = story.before(r.WorkOrderSigned, moment)
    if not signed:
        return {}
    return {item.item: {part.part_no: part.quantity for part in item.parts} for item in signed[-1].fact.items}


@rules("W1")
def accepted_before_worked_on(story: Story, branch: Branch) -> Iterator[Broken]:
    for kind in WORK:
        for work in story.all(kind):
            if not story.before(w.JobAccepted, work):
                yield f"{kind.__name__} before the supervisor accepted the car", work


@rules("W2")
def each_item_goes_to_one_able_team(story: Story, branch: Branch) -> Iterator[Broken]:
    for dispatched in story.all(w.JobDispatched):
        items = [assignment.item for assignment in dispatched.fact.assignments]
        if len(items) != len(set(items)):
            yield "an item was given to two teams", dispatched
        skills = {item.item: item.skill for opened in story.before(w.JobOpened, dispatched) for item in opened.fact.items}
        for assignment in dispatched.fact.assignments:
            able = skills.get(assignment.item) in branch.team_skills(assignment.team)
            if not able and not assignment.override_reason:
                yield f"team {assignment.team} has not the skill for item {assignment.item} and no reason is given", dispatched


@rules("W2")
def named_technicians_do_the_work(story: Story, branch: Branch) -> Iterator[Broken]:
    for kind in (w.WorkStarted, w.WorkFinished):
        for work in story.all(kind):
            named = {
                person for n in story.before(w.TechniciansNamed, work) if n.fact.item == work.fact.item for person in n.fact.technicians
            }
            if work.fact.by not in named:
                yield f"{work.fact.by} was not named for item {work.fact.item}", work


@rules("W3")
def team_checked_the_car_on_taking_it(story: Story, branch: Branch) -> Iterator[Broken]:
    for started in story.all(w.WorkStarted):
        if not story.before(w.CarTaken, started):
            yield "work started before a team took the car against its check-in sheet", started


@rules("W4")
def fault_confirmed(story: Story, branch: Branch) -> Iterator[Broken]:
    for finished in story.all(w.WorkFinished):
        if finished.fact.item not in {c.fact.item for c in story.before(w.FaultConfirmed, finished)}:
            yield f"item {finished.fact.item} finished without its fault confirmed", finished


@rules("W5")
def parts_only_for_consented_items(story: Story, branch: Branch) -> Iterator[Broken]:
    drawn: dict[tuple[str, str], int] = {}
    for issued in story.all(w.PartsIssued):
        key = (issued.fact.item, issued.fact.part_no)
        drawn[key] = drawn.get(key, 0) + issued.fact.quantity
        allowed = _ordered(story, issued).get(issued.fact.item, {}).get(issued.fact.part_no, 0)
        if drawn[key] > allowed:
            yield f"{drawn[key]} of {issued.fact.part_no} drawn for item {issued.fact.item}, {allowed} consented", issued


@rules("W14")
def only_what_the_order_says(story: Story, branch: Branch) -> Iterator[Broken]:
    for started in story.all(w.WorkStarted):
        if started.fact.item not in _ordered(story, started):
            yield f"item {started.fact.item} was worked on but is not on the signed order", started


@rules("W14")
def finished_what_was_started(story: Story, branch: Branch) -> Iterator[Broken]:
    for finished in story.all(w.WorkFinished):
        key = (finished.fact.item, finished.fact.round)
        if key not in {(s.fact.item, s.fact.round) for s in story.before(w.WorkStarted, finished)}:
            yield f"item {finished.fact.item} finished without a start", finished


@rules("W9")
def inspected_by_technician_then_leader(story: Story, branch: Branch) -> Iterator[Broken]:
    for inspected in story.all(w.LeaderInspected):
        own = {s.fact.item for s in story.before(w.SelfInspected, inspected) if s.fact.passed and s.fact.round == inspected.fact.round}
        if missing := set(inspected.fact.items) - own:
            yield f"leader inspection without the technician's own of {', '.join(sorted(missing))}", inspected
        workers = {s.fact.by for s in story.before(w.WorkStarted, inspected) if s.fact.item in inspected.fact.items}
        if inspected.fact.by in workers:
            yield f"{inspected.fact.by} inspected their own work as leader", inspected


@rules("W10")
def recommendations_before_final_inspection(story: Story, branch: Branch) -> Iterator[Broken]:
    for passed in story.all(w.QcPassed):
        written = {x.fact.team for x in story.before(w.RecommendationsWritten, passed) if x.fact.round == passed.fact.round}
        teams = {x.fact.team for x in story.before(w.LeaderInspected, passed) if x.fact.passed and x.fact.round == passed.fact.round}
        if not written or written != teams:
            yield f"recommendations of {', '.join(sorted(teams - written)) or 'the team'} missing before the final inspection", passed
    for written_down in story.all(w.RecommendationsWritten):
        fact = written_down.fact
        if not any(x.fact.team == fact.team and x.fact.passed for x in story.before(w.LeaderInspected, written_down)):
            yield "recommendations written before the leader's inspection passed", written_down
        if fact.signature.content_hash != fact.content_hash or fact.signature.signer != fact.leader:
            yield "the team leader's signature is not over the recommendations", written_down


@rules("W11")
def inspector_did_not_work_on_the_car(story: Story, branch: Branch) -> Iterator[Broken]:
    for passed in story.all(w.QcPassed):
        hands = {x.fact.by for kind in (*WORK[1:2], *WORK[3:], w.SelfInspected, w.LeaderInspected) for x in story.all(kind)}
        hands |= {x.fact.drawn_by for x in story.all(w.PartsIssued)}
        hands |= {x.fact.by for x in story.all(w.CarMoved) if x.fact.for_work}
        if passed.fact.inspector in hands:
            yield f"{passed.fact.inspector} judged a car that they had worked on", passed
        person = branch.staff.get(passed.fact.inspector)
        if person is not None and not person.is_a("qc_inspector", "technical_director"):
            yield f"{passed.fact.inspector} is neither QC inspector nor technical director", passed


@rules("W11")
def every_item_inspected_before_the_pass(story: Story, branch: Branch) -> Iterator[Broken]:
    for passed in story.all(w.QcPassed):
        judged = {item for x in story.before(w.LeaderInspected, passed) if x.fact.passed for item in x.fact.items}
        finished = {x.fact.item for x in story.before(w.WorkFinished, passed)}
        for item in _ordered(story, passed):
            if item not in judged or item not in finished or item not in passed.fact.items:
                yield f"item {item} was not finished and inspected when the car passed", passed
        fact = passed.fact
        if fact.signature.content_hash != fact.content_hash or fact.signature.signer != fact.inspector:
            yield "the inspector's signature is not over the inspection", passed


@rules("W11")
def nothing_goes_on_without_a_pass(story: Story, branch: Branch) -> Iterator[Broken]:
    for kind in (w.WashStarted, w.CarParked, d.SettlementClosed, d.ExitPassIssued, d.ExitPassUsed):
        for step in story.all(kind):
            if not story.before(w.QcPassed, step):
                yield f"{kind.__name__} without a passed final inspection", step


@rules("W11")
def later_work_voids_the_pass(story: Story, branch: Branch) -> Iterator[Broken]:
    last = story.last(w.QcPassed)
    for kind in (w.PartsIssued, w.WorkStarted, w.WorkFinished):
        for work in story.all(kind):
            if last and last.before(work):
                yield f"{kind.__name__} after the car had passed", work, last


@rules("W12")
def washed_where_accepted(story: Story, branch: Branch) -> Iterator[Broken]:
    signed = story.last(r.WorkOrderSigned)
    for parked in story.all(w.CarParked):
        washed = story.before(w.WashFinished, parked)
        if signed and signed.fact.wash and not washed:
            yield "parked without the wash that the customer accepted", parked
        if signed and not signed.fact.wash and story.all(w.WashStarted):
            yield "washed though the customer declined", parked
    for finished in story.all(w.WashFinished):
        if missing := WASH_POINTS - set(finished.fact.checklist):
            yield f"wash checklist without {', '.join(sorted(missing))}", finished


@rules("W12")
def told_when_the_wash_begins(story: Story, branch: Branch) -> Iterator[Broken]:
    for started in story.all(w.WashStarted):
        if not any(told.fact.clause == "W12" and told.at >= started.at for told in story.all(NoticeRaised)):
            yield "nobody was told that washing began", started


@rules("W13")
def parked_nose_to_the_exit(story: Story, branch: Branch) -> Iterator[Broken]:
    for parked in story.all(w.CarParked):
        if not parked.fact.spot or not parked.fact.nose_to_exit:
            yield "parked without a spot, or not nose to the exit", parked
