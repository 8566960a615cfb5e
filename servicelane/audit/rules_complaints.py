"""F5, and the demands and wishes of F4: worked on, reported, decided, told the same day, until the customer is content."""

from collections.abc import Iterator

from servicelane.audit.findings import Broken, Rules
from servicelane.audit.one_file import read_as_one
from servicelane.audit.rules_followup import day_of, dropped, ended, moved_to
from servicelane.audit.story import Recorded, Story
from shared.branch import Branch
from shared.calendar import add_working_days
from shared.contracts import followup as f
from shared.contracts import workshop as w
from shared.contracts.event import Event

rules = Rules()


def _of(site: Story, complaint: str, *kinds: type[Event]) -> list[Recorded]:
    return [each for each in site.all(*kinds) if each.fact.complaint == complaint]


@rules("F4", f.OpinionRecorded)
def entries_are_things_of_their_own(said: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    kept = {each.fact.entry for each in story.all(f.EntryOpened)} | {each.fact.complaint for each in story.all(f.ComplaintOpened)}
    for entry in said.fact.entries:
        if entry.entry not in kept:
            yield f"the customer's {entry.kind} was heard on the call and nobody has it"


@rules("F5", f.EntryOpened, of_site=True)
def answered_or_escalated(opened: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    """In two working days, or by the date of the newest decision that was taken while there was time."""
    answered = [each for each in site.all(f.EntryClosed) if each.fact.entry == opened.fact.entry]
    gone = dropped(site, opened.fact.entry)
    ended = answered[0].at if answered else gone.at if gone else site.until
    escalated = [each for each in site.all(f.DutyOverdue) if each.fact.duty == opened.fact.entry]
    last_day = day_of(moved_to(site, opened, opened.fact.entry) or opened.fact.answer_by, branch)
    for decided in site.all(f.EntryDecided):
        if decided.fact.entry == opened.fact.entry and day_of(decided.at, branch) <= last_day:
            last_day = decided.fact.due_on
    if day_of(ended, branch) > last_day and not escalated:
        yield f"the customer's {opened.fact.kind} was not answered by {last_day}, and the supervisor not told"


@rules("F5", f.EntryDecided, of_site=True)
def an_entry_is_decided_by_the_supervisor_with_a_date(decided: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    if not any(each.fact.entry == decided.fact.entry and each.before(decided) for each in site.all(f.EntryReported)):
        yield "decided before it was reported"
    yield from _supervisors_decision(decided, branch)


@rules("F5", f.ComplaintOpened, f.CustomerToldSolution, of_site=True)
def unsolved_is_reported_in_two_working_days(start: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    """From the complaint on, and again from each solution that did not content the customer."""
    if getattr(start.fact, "content", False):
        return
    settings, complaint = branch.site, start.fact.complaint
    last_day = add_working_days(day_of(start.at, branch), settings.deadlines.complaint_report_working_days, settings.days)
    steps = [each for each in _of(site, complaint, f.SolutionFound, f.ComplaintReported) if start.before(each)]
    first = min((each.at for each in steps), default=site.until)
    if moved := moved_to(site, start, complaint, first):
        last_day = day_of(moved, branch)
    if day_of(first, branch) > last_day:
        yield f"unsolved, and not reported to the business supervisor by {last_day}"


@rules("F5", f.ComplaintDecided, of_site=True)
def decided_by_the_supervisor_with_a_date(decided: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    if not any(each.before(decided) for each in _of(site, decided.fact.complaint, f.ComplaintReported)):
        yield "decided before it was reported"
    yield from _supervisors_decision(decided, branch)


def _supervisors_decision(decided: Recorded, branch: Branch) -> Iterator[Broken]:
    person = branch.staff.get(decided.fact.supervisor)
    if person is not None and not person.is_a("business_supervisor"):
        yield f"{decided.fact.supervisor}, who decided, is not the business supervisor"
    if decided.fact.due_on < day_of(decided.at, branch):
        yield f"decided for {decided.fact.due_on}, which was past"


@rules("F5", f.SolutionFound, of_site=True)
def told_the_same_day(found: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    day = day_of(found.at, branch)
    told = [each for each in _of(site, found.fact.complaint, f.CustomerToldSolution) if found.before(each)]
    heard = day_of(told[0].at if told else site.until, branch)
    if heard > day:
        yield f"the solution was found on {day}, the customer {'heard it' if told else 'had not heard it'} on {heard}"


@rules("F5", f.CustomerToldSolution, of_site=True)
def there_was_a_solution_to_tell(told: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    found = [each for each in _of(site, told.fact.complaint, f.SolutionFound) if each.before(told)]
    if len(found) <= sum(1 for each in _of(site, told.fact.complaint, f.CustomerToldSolution) if each.clearly_before(told)):
        yield "the customer was told of a solution that nobody had found"


@rules("F5", f.ComplaintClosed, of_site=True)
def closed_when_the_customer_is_content(closed: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    told = [each for each in _of(site, closed.fact.complaint, f.CustomerToldSolution) if each.before(closed)]
    if not told or not told[-1].fact.content:
        yield "the complaint was closed, and the customer was not content"


@rules("F5", f.ComeBackLinked, of_site=True)
def a_come_back_names_who_did_the_work(linked: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    if linked.fact.order and not (linked.fact.teams and linked.fact.inspector):
        yield f"visit {linked.fact.come_back} is a come-back, and no team and inspector are named for it"
        return
    given = [each for each in site.having(w.JobDispatched, "visit", linked.fact.visit) if each.clearly_before(linked)]
    team = {each.item: each.team for dispatched in given for each in dispatched.fact.assignments}
    begun = {each.fact.item for each in site.having(w.WorkStarted, "visit", linked.fact.visit) if each.clearly_before(linked)}
    if left_out := {team[item] for item in begun & team.keys()} - set(linked.fact.teams):
        yield f"visit {linked.fact.come_back} is a come-back, and is not counted against {', '.join(sorted(left_out))}, who worked"


@rules("F4", f.ComeBackLinked, house_rule=True, of_site=True)
def one_first_call_about_a_come_back_and_its_first_order(linked: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    """EDGE_CASES 10: what is due is replaced, not doubled. A call that was over before the link stays; so does another customer's."""
    earlier, later = (_first_call(site, visit) for visit in (linked.fact.visit, linked.fact.come_back))
    if earlier is None or later is None or later.fact.customer not in read_as_one(site, earlier.fact.customer, linked):
        return
    if all(_open_or_held_after(linked, duty, site) for duty in (earlier, later)):
        yield f"two first calls are open or held, of {linked.fact.visit} and of its come-back {linked.fact.come_back}", earlier, later


def _first_call(site: Story, visit: str | None) -> Recorded | None:
    opened = (duty for duty in site.all(f.CallDutyOpened) if duty.fact.visit == visit and duty.fact.kind == "first")
    return next(opened, None)


def _open_or_held_after(linked: Recorded, duty: Recorded, site: Story) -> bool:
    """Not over before the link, and not stopped since."""
    end = ended(site, duty)
    return end is None or (isinstance(end.fact, f.CallDutyClosed) and not end.before(linked))
