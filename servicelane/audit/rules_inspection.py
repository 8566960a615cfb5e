"""W9 to W13: inspected by technician, leader and inspector, in every round; washed and parked. Judged from recorded facts."""

from collections.abc import Iterator

from servicelane.audit.consent import taken, worked_by
from servicelane.audit.findings import Broken, Rules
from servicelane.audit.people import leads, may_be
from servicelane.audit.standing import decisions_on_damage, newest_pass, voided_by
from servicelane.audit.story import Recorded, Story
from servicelane.audit.telling import missing_receivers
from shared.branch import Branch
from shared.contracts import delivery as d
from shared.contracts import reception as r
from shared.contracts import workshop as w

rules = Rules()

NEEDS_A_PASS = (w.WashStarted, w.CarParked, d.SettlementClosed, d.ExitPassIssued, d.ExitPassUsed)
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


def _last_finish(story: Story, item: str, moment: Recorded) -> Recorded | None:
    finished = [each for each in story.before(moment, w.WorkFinished) if each.fact.item == item]
    return finished[-1] if finished else None


@rules("W9", w.SelfInspected)
def technician_inspects_own_work(inspected: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    item = inspected.fact.item
    if inspected.fact.by not in {each.fact.by for each in story.before(inspected, w.WorkFinished) if each.fact.item == item}:
        yield f"{inspected.fact.by} self-inspected item {item}, which they had not finished"


@rules("W9", w.LeaderInspected)
def inspected_by_technician_then_leader(inspected: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    for item in inspected.fact.items:
        done = _last_finish(story, item, inspected)
        own = [each for each in story.between(done, inspected, w.SelfInspected) if each.fact.item == item and each.fact.passed]
        if not own:
            yield f"leader inspection of {item} without the technician's own"
    workers = {each.fact.by for each in story.before(inspected, w.WorkStarted) if each.fact.item in inspected.fact.items}
    if branch.same_person(inspected.fact.by, workers):
        yield f"{inspected.fact.by} inspected their own work as leader"


@rules("W9", w.LeaderInspected)
def inspected_by_the_teams_leader(inspected: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    """Or, said so, by a leader who stands in."""
    fact = inspected.fact
    if not may_be(fact.by, branch, "team_leader"):
        yield f"{fact.by}, who inspected as leader, is no team leader"
    elif not fact.stand_in and not leads(fact.by, fact.team, branch):
        yield f"{fact.by} inspected for {fact.team}, which is another leader's, and not as a stand-in"


@rules("W10", w.RecommendationsWritten)
def recommendations_signed_by_a_leader(written: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if not may_be(written.fact.leader, branch, "team_leader"):
        yield f"{written.fact.leader}, who signed the recommendations of {written.fact.team}, is no team leader"


@rules("W10", w.RecommendationsWritten)
def recommendations_after_the_leaders_pass(written: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    team = written.fact.team
    inspected = [each for each in story.before(written, w.LeaderInspected) if each.fact.team == team]
    if not inspected or not inspected[-1].fact.passed:
        yield "recommendations written before the leader's inspection passed"
    if not written.truly_signed or written.fact.signature.signer != written.fact.leader:
        yield "the team leader's signature is not over the recommendations"


@rules("W10", w.QcPassed)
def recommendations_before_final_inspection(passed: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    judged = {each.fact.team: each for each in story.before(passed, w.LeaderInspected) if each.fact.passed}
    if not judged and worked_by(story, passed):
        yield "final inspection without a team's passed inspection and recommendations"
    for team, inspected in judged.items():
        if team not in {each.fact.team for each in story.between(inspected, passed, w.RecommendationsWritten)}:
            yield f"recommendations of {team} missing before the final inspection", inspected
    written = {each.fact.team: each.fact.recommendations for each in story.before(passed, w.RecommendationsWritten)}
    advised = {each.operation for each in passed.fact.recommendations}
    advised |= {item.operation for item in worked_by(story, passed).values()}
    for team, recommended in written.items():
        if lost := {each.operation for each in recommended} - advised:
            yield f"recommended by {team}, but lost at the final inspection: {', '.join(sorted(lost))}"


@rules("W11", w.QcPassed, w.QcFailed)
def inspector_has_the_right(judged: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    may = {person.id for role in ("qc_inspector", "technical_director") for person in branch.people(role)}
    if judged.fact.inspector in branch.staff and branch.person_of(judged.fact.inspector) not in may:
        yield f"{judged.fact.inspector} is neither QC inspector nor technical director"


@rules("W11", w.QcPassed, house_rule=True)
def inspector_did_not_work_on_the_car(passed: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    """Over all rounds of the visit. Work after the pass voids it, so only what came before counts."""
    hands = {each.fact.by for each in story.before(passed, w.FaultConfirmed, w.WorkStarted, w.WorkFinished, w.ItemReassembled)}
    hands |= {each.fact.by for each in story.before(passed, w.SelfInspected, w.LeaderInspected, w.DamageRepaired)}
    hands |= {each.fact.drawn_by for each in story.before(passed, w.PartsIssued)}
    hands |= {each.fact.by for each in story.before(passed, w.CarMoved) if each.fact.for_work}
    if branch.same_person(passed.fact.inspector, hands):
        yield f"{passed.fact.inspector} judged a car that they had worked on"


@rules("W11", w.QcPassed)
def every_item_inspected_before_the_pass(passed: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    fact = passed.fact
    if fact.revision != taken(story, passed):
        yield f"revision {fact.revision} was inspected, the workshop had taken revision {taken(story, passed)}"
    for item in worked_by(story, passed):
        done = _last_finish(story, item, passed)
        led = [each for each in story.between(done, passed, w.LeaderInspected) if item in each.fact.items]
        if done is None or not led or not led[-1].fact.passed or item not in fact.items:
            yield f"item {item} was not finished and inspected when the car passed"
    if not passed.truly_signed or fact.signature.signer != fact.inspector:
        yield "the inspector's signature is not over the inspection"


@rules("W11", w.QcPassed, house_rule=True)
def damage_is_repaired_before_the_pass(passed: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    """Of an inspection that does not say what was repaired, from before repairs were recorded, nothing is said."""
    if (judged := passed.fact.repaired) is None:
        return
    repaired = {each.fact.damage for each in story.before(passed, w.DamageRepaired)}
    for damage, decision in decisions_on_damage(story, passed).items():
        if decision.fact.decision == "repair" and damage not in repaired:
            yield f"{damage} was to be repaired, and was not when the car passed", decision
    if set(judged) != repaired:
        yield f"the inspection names {', '.join(judged) or 'no damage'} as repaired, on record is {', '.join(sorted(repaired)) or 'none'}"


@rules("W11", w.QcPassed, w.QcFailed)
def what_failed_is_done_again(judged: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    for failed in story.before(judged, w.QcFailed)[-1:]:
        for item in failed.fact.items:
            again = {type(each.fact) for each in story.between(failed, judged, w.WorkStarted, w.WorkFinished) if each.fact.item == item}
            if item in worked_by(story, judged) and len(again) < 2:
                yield f"item {item} had failed and was inspected again without being done again", failed


@rules("W11", w.QcFailed)
def the_team_is_told_of_rework(failed: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    for who in missing_receivers(story, failed, "W11", "workshop_supervisor"):
        yield f"the inspection failed, and the {'team' if who == 'advisor' else who.replace('_', ' ')} was not told"


@rules("W11", w.QcPassed, w.QcFailed)
def rework_is_counted(judged: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    failures = [each.fact.round for each in story.before(judged, w.QcFailed)]
    if failures and judged.fact.round <= max(failures):
        yield f"round {judged.fact.round} after round {max(failures)} had failed"


def _needs_no_pass(step: Recorded) -> bool:
    """A car that leaves unsettled, unsigned or untouched (R14)."""
    return isinstance(step.fact, d.ExitPassIssued | d.ExitPassUsed) and (
        getattr(step.fact, "unsettled", False) or getattr(step.fact, "settlement", "") is None
    )


@rules("W11", *NEEDS_A_PASS)
def nothing_goes_on_without_a_pass(step: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if not _needs_no_pass(step) and not newest_pass(story, step):
        yield f"{type(step.fact).__name__} without a passed final inspection"


@rules("W11", *NEEDS_A_PASS)
def later_work_voids_the_pass(step: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    passed = newest_pass(story, step)
    if passed and not _needs_no_pass(step) and (voiding := voided_by(story, passed, step)):
        yield f"{type(step.fact).__name__} on a pass that {type(voiding.fact).__name__} had voided", passed, voiding


@rules("W12", w.CarParked)
def washed_where_accepted(parked: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    passed = newest_pass(story, parked)
    if passed and passed.fact.wash and not story.between(passed, parked, w.WashFinished):
        yield "parked without the wash that the customer accepted", passed


@rules("W12", w.WashStarted)
def washed_only_where_accepted(started: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    signed = story.newest(started, r.WorkOrderSigned, r.OrderRevised)
    if signed and not signed.fact.wash:
        yield "washed though the customer declined", signed


@rules("W12", w.QcPassed)
def wash_as_the_customer_chose(passed: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    for order in story.all(r.WorkOrderSigned, r.OrderRevised):
        if order.fact.revision == passed.fact.revision and order.fact.wash is not passed.fact.wash:
            yield "the wash is not what the customer chose in the order", order


@rules("W12", w.WashFinished)
def washed_by_the_checklist(finished: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if missing := WASH_POINTS - set(finished.fact.checklist):
        yield f"wash checklist without {', '.join(sorted(missing))}"


@rules("W12", w.WashStarted)
def told_when_the_wash_begins(started: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    for who in missing_receivers(story, started, "W12", "workshop_supervisor"):
        yield f"the {who.replace('_', ' ')} was not told that washing began"


@rules("W13", w.CarParked)
def parked_nose_to_the_exit(parked: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if not parked.fact.nose_to_exit:
        yield "not parked nose to the exit"


@rules("W13", w.CarParked, house_rule=True)
def the_spot_is_on_record(parked: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if not parked.fact.spot:
        yield "parked without a spot"


@rules("W13", d.CarReady)
def ready_where_it_was_parked(ready: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if (parked := story.newest(ready, w.CarParked)) and parked.fact.spot != ready.fact.spot:
        yield f"ready on {ready.fact.spot}, parked on {parked.fact.spot}", parked
