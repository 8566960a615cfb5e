"""D1 to D4 and D6 to D9: the car and its customer, judged from recorded facts. What a return undid has to be done again."""

from collections.abc import Iterator
from datetime import timedelta

from servicelane.audit.consent import Items, done_of, revision
from servicelane.audit.findings import Broken, Rules
from servicelane.audit.standing import newest_pass
from servicelane.audit.story import Recorded, Story
from servicelane.audit.telling import told_at_once
from shared.branch import Branch
from shared.calendar import add_working_time
from shared.contracts import delivery as d
from shared.contracts import followup as f
from shared.contracts import reception as r
from shared.contracts import workshop as w
from shared.contracts.event import Event
from shared.contracts.values import Warranty

rules = Rules()

IN_DELIVERYS_HANDS = (d.PapersReceived, d.InternalCheckPassed, d.AccompaniedCheckDone, d.SettlementClosed)
CHECK_POINTS = {
    "completion_recorded",
    "inspector_signature",
    "faults_gone",
    "replaced_parts_at_hand",
    "clean_inside_and_out",
    "outside_matches_sheet",
    "spare_wheel_and_tools",
    "nothing_left_behind",
}
SHOWN_POINTS = {
    "work_shown",
    "replaced_parts_shown",
    "recommendations_explained",
    "next_maintenance_told",
    "spare_wheel_and_tools_shown",
    "cleanliness_shown",
    "call_within_3_days_told",
    "convenient_hour_asked",
    "covers_taken_off_and_recycled",
}


def _since_ready(story: Story, moment: Recorded, kind: type[Event]) -> Recorded | None:
    """The newest of its kind since the car came to delivery, the last time."""
    returned = story.newest(moment, d.CarReturned)
    return next(reversed(story.between(returned, moment, kind)), None)


def _judged(story: Story, moment: Recorded) -> Items:
    """The items of the revision of the order that the final inspection judged."""
    passed = newest_pass(story, moment)
    return done_of(story, revision(story, passed.fact.revision), moment) if passed else {}


@rules("D1", d.CarReady)
def delivered_from_a_known_spot(ready: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if not story.before(ready, w.CarParked):
        yield "ready for delivery without being parked"
    if not any(told.fact.people for told in told_at_once(story, ready, "D1")):
        yield "the advisor was not told that the car is done and where it stands"


@rules("D1", d.PapersReceived)
def things_come_back_hand_by_hand(received: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if not story.before(received, w.PapersHandedIn):
        yield "key and papers came to the advisor without having come back to the workshop supervisor"


@rules("D1", *IN_DELIVERYS_HANDS)
def done_only_in_deliverys_hands(step: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if not _since_ready(story, step, d.CarReady):
        yield f"{type(step.fact).__name__} while delivery did not have the car"


@rules("D1", d.SettlementClosed)
def papers_back_before_the_customer_comes(closed: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if not _since_ready(story, closed, d.PapersReceived):
        yield "settled without key and papers back with the advisor"


@rules("D2", d.CustomerCalled)
def checked_before_the_call(called: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if not _since_ready(story, called, d.InternalCheckPassed):
        yield "the customer was called before the internal check"


@rules("D2", d.InternalCheckPassed)
def every_item_and_point_checked(checked: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if missing := CHECK_POINTS - set(checked.fact.checklist):
        yield f"internal check without {', '.join(sorted(missing))}"
    ordered, passed = set(_judged(story, checked)), newest_pass(story, checked)
    if missing := ordered - set(checked.fact.items):
        yield f"internal check without items {', '.join(sorted(missing))}"
    if passed and (missing := ordered - set(passed.fact.items)):
        yield f"checked without the inspector's signature on {', '.join(sorted(missing))}", passed


@rules("D2", d.SettlementClosed, house_rule=True)
def damage_is_settled_before_the_settlement(closed: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    settled = {each.fact.damage for each in story.before(closed, d.DamageSettled)}
    for damage in story.before(closed, d.DamageNoted):
        if damage.fact.damage not in settled:
            yield f"{damage.fact.mark} on {damage.fact.part} was noted and not settled with the customer", damage


@rules("D3", d.InternalCheckPassed, house_rule=True)
def called_at_once(checked: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    """Within the minutes of opening hours that the site has for it, unless the car goes back to the workshop."""
    minutes = branch.site.deadlines.customer_told_within_minutes
    called_by = add_working_time(checked.at, timedelta(minutes=minutes), branch.site)
    over = [each.at for each in story.all(d.CustomerCalled, d.CarReturned, d.InternalCheckPassed) if checked.before(each)]
    if min(over, default=story.until) > called_by:
        yield f"the car was done, and its customer not told by {called_by.isoformat()}"


@rules("D3", d.AccompaniedCheckDone)
def called_before_handed_over(shown: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if not _since_ready(story, shown, d.CustomerCalled):
        yield "delivered without the customer having been told and a time agreed"


@rules("D3", d.CustomerCalled)
def big_jobs_not_at_peak_hour(called: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    big = any(item.kind in ("major_repair", "accident") for item in _judged(story, called).values())
    local = called.fact.delivery_at.astimezone(branch.site.zone).time()
    if big and any(start <= local < end for start, end in branch.site.shop.peak_hours):
        yield f"a major repair or accident car was given {local:%H:%M}"


@rules("D4", d.SettlementClosed)
def accompanied_check_before_settlement(closed: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if not _since_ready(story, closed, d.AccompaniedCheckDone):
        yield "settled without the accompanied check"


@rules("D4", d.AccompaniedCheckDone)
def every_item_and_point_shown(shown: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if missing := SHOWN_POINTS - set(shown.fact.checklist):
        yield f"accompanied check without {', '.join(sorted(missing))}"
    if missing := set(_judged(story, shown)) - set(shown.fact.items_shown):
        yield f"not shown: {', '.join(sorted(missing))}"


@rules("D6", d.SettlementClosed)
def recommendations_on_the_settlement(closed: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    """What the pass names, and what was found or declined after it; the workshop finds nothing once the car is parked (W13)."""
    passed, opened = newest_pass(story, closed), story.newest(closed, d.CaseOpened)
    printed = {each.recommendation for each in closed.fact.recommendations}
    later = [each.fact.recommendation for each in story.between(opened, closed, d.RecommendationAdded)] if opened else []
    for advice in (*(passed.fact.recommendations if passed else ()), *later):
        if advice.recommendation not in printed:
            yield f"recommended {advice.operation} is not on the settlement"
    ordered = {item.operation for item in done_of(story, revision(story, closed.fact.revision), closed).values()}
    for found in story.between(passed, closed, w.WorkFound) if passed else ():
        said = any(each.operation == found.fact.operation and each.safety >= found.fact.safety for each in closed.fact.recommendations)
        if not said and found.fact.operation not in ordered:
            yield f"{found.fact.operation}, found after the final inspection, is not on the settlement", found


@rules("D6", d.SettlementClosed)
def safety_items_answered_before_settlement(closed: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    passed = newest_pass(story, closed)
    answers = {each.fact.recommendation: each for each in story.before(closed, d.RecommendationAnswered)}
    ordered = {item.operation for item in done_of(story, revision(story, closed.fact.revision), closed).values()}
    recommended = (*(passed.fact.recommendations if passed else ()), *closed.fact.recommendations)
    for advice in {each.recommendation: each for each in recommended if each.safety}.values():
        answer = answers.get(advice.recommendation)
        if answer is None:
            yield f"safety item {advice.operation} unanswered at settlement"
        elif answer.fact.answer == "accepts" and advice.operation not in ordered:
            yield f"safety item {advice.operation} accepted, but not on the order", answer


@rules("D6", d.ExitPassIssued)
def safety_items_answered_before_an_unsettled_pass(issued: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    """EDGE_CASES 1: no final inspection names what was found on a car that nobody had touched when its order was ended."""
    if issued.fact.settlement is not None:
        return
    put_off = {each.fact.recommendation for each in story.before(issued, d.RecommendationAnswered) if each.fact.answer != "accepts"}
    for ended in [each for each in story.before(issued, w.JobEnded) if not each.fact.touched][:1]:
        for found in story.before(ended, w.WorkFound):
            if found.fact.safety and found.fact.found not in put_off:
                yield f"safety item {found.fact.operation} unanswered when the car was let go unsettled", found


@rules("D6", d.RecommendationAnswered)
def a_refused_safety_item_is_signed(answered: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    fact = answered.fact
    if not fact.safety or fact.answer == "accepts":
        return
    if not (fact.consequence_explained and fact.note and fact.signature):
        yield f"safety item {fact.operation} refused without the customer's signed note"
    elif fact.signature.content_hash != answered.content_hash:
        yield f"the signature is not over the refusal of {fact.operation}"


@rules("D7", d.ExitPassUsed)
def first_maintenance_explained(used: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    items = _judged(story, used).values()
    first = any(item.warranty is Warranty.FIRST_MAINTENANCE for item in items)
    if first and not any(each.fact.first_maintenance for each in story.before(used, d.BookletExplained)):
        yield "a first maintenance, and the customer was not told that it is free and what the warranty asks"


@rules("D8", d.SettlementClosed)
def next_maintenance_on_the_settlement(closed: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    collected = story.newest(closed, d.NextMaintenanceSet)
    if not collected or collected.fact.next != closed.fact.next:
        yield "the next maintenance was not collected before the settlement was printed"
    elif not collected.fact.reminder_told:
        yield "the customer was not told that a reminder comes", collected


@rules("D8", d.NextMaintenanceSet, d.SettlementClosed)
def next_maintenance_lies_ahead(collected: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    """Of the reading at the check-in, as far as delivery knew that it was corrected."""
    reading = story.newest(collected, d.CaseAnnounced, d.OdometerCorrected)
    if reading and collected.fact.next.odometer_km <= (reading.fact.odometer_km or 0):
        yield f"the next maintenance at {collected.fact.next.odometer_km} km, the car came with {reading.fact.odometer_km}", reading


@rules("D8", d.ExitPassUsed)
def reminder_scheduled(used: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if (due := used.fact.next) is None:
        return
    scheduled = story.all(f.ReminderScheduled)
    if not any(each.fact.due_on == due.due_on and each.fact.remind_on <= each.fact.due_on for each in scheduled):
        yield "no reminder stands for the next maintenance"


@rules("D9", d.SettlementClosed)
def call_hour_on_the_settlement(closed: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    confirmed = story.newest(closed, d.CallHourConfirmed)
    if not confirmed or confirmed.fact.hour != closed.fact.call_hour:
        yield "the call hour was not confirmed before the settlement was printed"


@rules("D9", d.ExitPassUsed)
def call_hour_goes_on_to_follow_up(used: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    asked = [each.fact.call_hour for each in story.all(r.InquiryEnded)]
    asked += [each.fact.hour for each in story.before(used, d.CallHourConfirmed)]
    if not used.fact.call_hour or used.fact.call_hour not in asked:
        yield "the car left, and the hour that the customer named is not the one that follow-up has"
