"""F1, F7 to F10: the registers, campaigns, summaries, and that what is overdue comes before the supervisor."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from servicelane.audit.findings import Broken, Rules
from servicelane.audit.one_file import ever_one
from servicelane.audit.rules_followup import dropped, ended, moved_to
from servicelane.audit.story import Recorded, Story
from servicelane.audit.telling import told_at_once
from shared.branch import Branch
from shared.contracts import followup as f
from shared.contracts import reception as r

rules = Rules()

TIMER_MAY_TAKE = timedelta(hours=1)


@rules("F1", f.AgentsNamed, f.AgentAway, of_site=True)
def the_supervisor_names_people_of_the_department(named: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    fact = named.fact
    people = fact.agents if isinstance(fact, f.AgentsNamed) else (fact.stand_in,)
    for person in people:
        if person in branch.staff and not branch.staff[person].is_a("followup_agent", "business_supervisor"):
            yield f"{person} is nobody of the follow-up department"
    if fact.by in branch.staff and not branch.staff[fact.by].is_a("business_supervisor"):
        yield f"{fact.by}, who named them, is not the business supervisor"
    if isinstance(fact, f.AgentAway) and (fact.until < fact.since or fact.stand_in == fact.agent):
        yield f"{fact.agent} is away without a stand-in from a day to a day"


@rules("F8", f.CallDutyClosed)
def every_closed_call_is_in_the_register(closed: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    tries = [call for call in story.all(f.CallRegistered) if call.fact.duty == closed.fact.duty]
    held = any(call.fact.reached for call in tries)
    if not tries and not closed.fact.contact_invalid:
        yield "a call duty was closed without a call in the register"
    elif (closed.fact.outcome == "called") != held:
        yield f"closed as {closed.fact.outcome}, the register says otherwise", *tries


@rules("F8", f.CallDutyClosed, f.InvitationGivenUp, of_site=True)
def a_number_is_wrong_where_a_call_showed_it(given_up: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    fact = given_up.fact
    if isinstance(fact, f.CallDutyClosed) and not fact.contact_invalid:
        return
    duties = (f.CallDutyOpened,) if isinstance(fact, f.CallDutyClosed) else (f.InvitationOpened,)
    whose = {each.fact.customer for each in site.all(*duties) if _name(each) == _name(given_up)}
    wrong = {each.fact.customer for each in site.before(given_up, f.ContactInvalid)}
    if not any(wrong & ever_one(site, customer) for customer in whose):
        yield f"{_name(given_up)} was given up for a wrong number, and no call had shown that it is"


@rules("F8", f.CustomerNotReached)
def every_try_is_in_the_register(tried: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if tried.fact.call not in {call.fact.call for call in story.all(f.CallRegistered)}:
        yield "a try to reach the customer is not in the register"


def _numbers(step: Recorded, site: Story, register: str) -> Iterator[Broken]:
    kind = type(step.fact)
    if len(site.having(kind, "number", step.fact.number)) > 1:
        yield f"the {register} register has number {step.fact.number} twice"
    if step.fact.number > 1 and not site.having(kind, "number", step.fact.number - 1):
        yield f"number {step.fact.number - 1} is missing in the {register} register"


@rules("F8", f.CallRegistered, of_site=True)
def call_register_is_whole(call: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    yield from _numbers(call, site, "call")


@rules("F8", f.CustomerToldSolution, f.EntryClosed, of_site=True)
def told_by_phone_is_in_the_register(told: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    if told.fact.channel == "phone" and not site.having(f.CallRegistered, "call", told.fact.call):
        yield "what the customer was told by phone is not in the call register"


@rules("F9", f.LetterRegistered, of_site=True)
def letter_register_is_whole(letter: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    yield from _numbers(letter, site, "letter")


@rules("F9", f.CallDutyClosed, of_site=True)
def written_to_instead_of_called_is_in_the_register(closed: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    if closed.fact.told_by == "letter" and not site.having(f.LetterRegistered, "letter", closed.fact.letter):
        yield "a letter in place of the call is not in the letter register"


@rules("F9", f.CustomerToldSolution, f.EntryClosed, of_site=True)
def told_by_letter_is_in_the_register(told: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    if told.fact.channel == "letter" and not site.having(f.LetterRegistered, "letter", told.fact.letter):
        yield "what the customer was told by letter is not in the letter register"


@rules("F10", f.CallDutyOpened, f.FileDutyOpened, house_rule=True)
def overdue_duties_escalate(duty: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    over = _over(duty, story)
    levels = {each.fact.level for each in story.all(f.DutyOverdue) if each.fact.duty == _name(duty)}
    moved = [each.fact.due_by for each in story.all(f.FileDutyMoved)] if isinstance(duty.fact, f.FileDutyOpened) else []
    due = {"red": [duty.fact.due_by, *moved][-1]} | ({"amber": duty.fact.promise_by} if getattr(duty.fact, "kind", "") == "first" else {})
    for level, by in due.items():
        if over > by + TIMER_MAY_TAKE and not levels & {level, "red"}:
            yield f"past its date ({by.isoformat()}) the supervisor was not told"


def _name(duty: Recorded) -> str:
    """As `DutyOverdue` and `DutyDropped` name it."""
    match duty.fact:
        case f.EntryOpened():
            return str(duty.fact.entry)
        case f.InvitationOpened() | f.InvitationGivenUp():
            return str(duty.fact.invitation)
        case f.FileDutyOpened():
            return f"{duty.fact.visit}-file"
    return str(duty.fact.duty)


def _over(duty: Recorded, story: Story) -> datetime:
    opened = isinstance(duty.fact, f.FileDutyOpened)
    end = story.first(f.CustomerFileOpened) or dropped(story, _name(duty)) if opened else ended(story, duty)
    return end.at if end else story.until


@rules("F10", f.DutyOverdue, house_rule=True, of_site=True)
def overdue_comes_before_the_supervisor(overdue: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    if not any("business_supervisor" in told.fact.roles for told in told_at_once(site, overdue, "F10")):
        yield f"{overdue.fact.duty} is overdue, and the business supervisor was not told"


@rules("F10", f.DutyDropped, of_site=True)
def dropped_for_who_was_erased_alone(gone: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    erased = {each.fact.customer for each in site.before(gone, r.CustomerErased)}
    whose = {each.fact.customer for each in site.all(f.FileDutyOpened, f.EntryOpened, f.InvitationOpened) if _name(each) == gone.fact.duty}
    if gone.fact.customer not in erased or not any(gone.fact.customer in ever_one(site, each) for each in whose):
        yield f"{gone.fact.duty} was dropped, and its customer not erased"


@rules("F10", f.SummaryOpened, of_site=True)
def summed_up_in_time(opened: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    filed = [each for each in site.all(f.SummaryFiled) if each.fact.period == opened.fact.period]
    due_by = moved_to(site, opened, opened.fact.period) or opened.fact.due_by
    if (filed[0].at if filed else site.until) > due_by:
        yield f"the summary of {opened.fact.period} was not filed by {due_by.isoformat()}"


@rules("F10", f.SummarySigned, of_site=True)
def edited_and_signed_by_the_supervisor(signed: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    period, signer = signed.fact.period, signed.fact.signature.signer
    if not signed.truly_signed:
        yield "the signature is not over what the summary says"
    if signer in branch.staff and not branch.staff[signer].is_a("business_supervisor"):
        yield f"{signer}, who signed, is not the business supervisor"
    for kind in (f.SummaryDrafted, f.SummaryEdited):
        if not any(each.fact.period == period for each in site.before(signed, kind)):
            yield f"signed without a {kind.__name__}"


@rules("F10", f.SummaryFiled, of_site=True)
def given_in_a_meeting_and_filed_as_signed(filed: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    period = filed.fact.period
    if not any(each.fact.period == period and each.fact.present for each in site.before(filed, f.SummaryPresented)):
        yield f"the summary of {period} was filed, and no department meeting had it"
    signed = [each for each in site.before(filed, f.SummarySigned) if each.fact.period == period]
    if not signed or signed[-1].fact.content_hash != filed.fact.content_hash:
        yield f"what was filed for {period} is not what was signed"
