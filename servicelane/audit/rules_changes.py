"""W8: what changes after the order is signed: found or wished for, quoted, answered, a revision, taken by who holds the car."""

from collections.abc import Iterator

from servicelane.audit.amounts import added
from servicelane.audit.consent import ever_ordered, items_of, orders, revision, taken
from servicelane.audit.findings import Broken, Rules
from servicelane.audit.standing import TOUCHES
from servicelane.audit.story import Recorded, Story
from shared.branch import Branch
from shared.contracts import reception as r
from shared.contracts import workshop as w

rules = Rules()


def _quote(story: Story, change: str, moment: Recorded) -> Recorded | None:
    found = [each for each in story.before(moment, r.ChangeQuoted) if each.fact.change == change]
    return found[-1] if found else None


@rules("W8", r.ChangeQuoted)
def quoted_line_by_line(quoted: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    fact = quoted.fact
    if fact.content_hash != quoted.content_hash:
        yield "the hash that the customer consents to is not that of the quote"
    if added(money for item in fact.items for money in (item.labour, *(part.amount for part in item.parts))) != added((fact.total,)):
        yield f"the lines do not make {fact.total}"
    if not fact.items and not fact.dropped:
        yield "a quote with nothing in it"
    if fact.found and fact.found not in {each.fact.found for each in story.before(quoted, w.WorkFound)}:
        yield f"{fact.found} is quoted, but the workshop did not report it"


@rules("W8", r.ChangeQuoted, house_rule=True)
def asked_again_points_to_the_refusal(quoted: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    earlier = [each for each in story.before(quoted, r.ChangeQuoted) if quoted.fact.found and each.fact.found == quoted.fact.found]
    if earlier and quoted.fact.answers_to != earlier[-1].fact.change:
        yield f"{quoted.fact.found} is quoted again without pointing to the quote that was declined", earlier[-1]


@rules("W8", r.ChangeAnswered)
def consent_says_who_how_and_what(answered: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    fact = answered.fact
    if (quote := _quote(story, fact.change, answered)) is None:
        yield "an answer to a quote that nobody gave"
        return
    if fact.content_hash != quote.content_hash:
        yield "the customer answered another quote than the one on record", quote
    lines = {*(item.item for item in quote.fact.items), *quote.fact.dropped}
    if {*fact.accepted, *fact.declined} != lines or set(fact.accepted) & set(fact.declined):
        yield "not every line of the quote has one answer", quote
    agreed = [item for item in quote.fact.items if item.item in fact.accepted]
    if added(money for item in agreed for money in (item.labour, *(part.amount for part in item.parts))) != added((fact.total,)):
        yield f"consent to {fact.total}, the accepted lines make another sum", quote
    if not fact.answered_by:
        yield "nobody is on record as having answered"
    if fact.change in {each.fact.change for each in story.before(answered, r.ChangeAnswered)}:
        yield "the same quote was answered twice"


@rules("W8", r.ChangeAnswered, house_rule=True)
def answered_while_the_quote_was_valid(answered: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    quote = _quote(story, answered.fact.change, answered)
    if quote and answered.at.astimezone(branch.site.zone).date() > quote.fact.valid_until:
        yield "the quote was answered after its validity", quote


@rules("W8", r.OrderRevised)
def revision_is_what_was_consented(revised: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    fact = revised.fact
    answers = [each.fact for each in story.before(revised, r.ChangeAnswered) if each.fact.change == fact.change]
    quote, before = _quote(story, fact.change, revised), _effective(story, fact.revision)
    if not answers or quote is None or before is None:
        yield f"revision {fact.revision} without the customer's answer, its quote or the revision before it"
        return
    accepted = set(answers[-1].accepted)
    kept = {name: item for name, item in items_of(before).items() if name not in accepted or name not in quote.fact.dropped}
    agreed = {item.item: item for item in quote.fact.items if item.item in accepted}
    if {**kept, **agreed} != items_of(revised) or not accepted:
        yield f"revision {fact.revision} is not the order with what the customer accepted", quote


def _effective(story: Story, number: int) -> Recorded | None:
    """The revision that number `number` builds upon: the one before, unless it was refused."""
    earlier = [order for order in orders(story) if order.fact.revision < number]
    refused = {each.fact.revision for each in story.all(r.RevisionAnswered) if not each.fact.taken}
    return next((order for order in reversed(earlier) if order.fact.revision not in refused), None)


@rules("W8", w.RevisionTaken)
def revision_taken_as_published(step: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    number = step.fact.revision
    published = revision(story, number)
    if published is None or not published.before(step):
        yield f"the workshop took revision {number}, which reception had not published"
    elif set(step.fact.items) != set(items_of(published)):
        yield f"the workshop took other items than those of revision {number}", published
    if number <= max((each.fact.revision for each in story.before(step, w.JobOpened, w.RevisionTaken)), default=0):
        yield f"revision {number} was taken after a newer one, or twice"


@rules("W8", *TOUCHES)
def found_work_starts_after_consent(work: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    """Of every item that is not on the order as it was signed."""
    item = work.fact.item
    if item in {each for order in story.all(r.WorkOrderSigned) for each in items_of(order)}:
        return
    if not any(item in answered.fact.accepted for answered in story.before(work, r.ChangeAnswered)):
        yield f"{type(work.fact).__name__} on {item} without the customer's recorded consent"
    revised = [each.fact.revision for each in story.before(work, r.OrderRevised) if item in items_of(each)]
    if not any(number <= taken(story, work) for number in revised):
        yield f"{type(work.fact).__name__} on {item} before the workshop had a revision of the order with it"


@rules("W8", w.QcPassed)
def declined_work_is_recommended(passed: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    ordered = {item.operation for item in ever_ordered(story).values()}
    advised = {each.operation for each in passed.fact.recommendations}
    for step in story.all(r.ChangeAnswered, r.OrderCancelled):
        declined = step.fact.declined if isinstance(step.fact, r.OrderCancelled) else step.fact.operations_declined
        for operation in declined if step.clearly_before(passed) else ():
            if operation not in ordered | advised:
                yield f"{operation} was declined and is not among the recommendations", step


@rules("W8", w.WorkDeclined)
def only_what_nobody_had_begun_is_left_out(declined: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if declined.fact.items and not story.before(declined, r.OrderCancelled):
        yield "work that was ordered is left out, though the customer had not ended the order"
    for begun in story.before(declined, w.WorkStarted):
        if begun.fact.item in declined.fact.items:
            yield f"item {begun.fact.item} is left out, though it had been begun", begun


@rules("W14", w.ItemReassembled)
def only_begun_work_that_nobody_wants_is_reassembled(undone: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    item = undone.fact.item
    dropped = any(item in each.fact.begun for each in story.before(undone, w.RevisionTaken))
    if not dropped and not story.before(undone, r.OrderCancelled):
        yield f"item {item} was reassembled in place of being finished, though the customer had not ended the order"
    if item not in {each.fact.item for each in story.before(undone, w.WorkStarted)}:
        yield f"item {item} was reassembled, though nobody had begun it"


@rules("W8", r.OrderCancelled)
def only_consented_work_stays_ordered(cancelled: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if cancelled.fact.revision != max(
        (each.fact.revision for each in story.before(cancelled, r.WorkOrderSigned, r.OrderRevised)), default=0
    ):
        yield "the order was ended at another revision than its newest"
    for later in story.all(r.OrderRevised):
        if cancelled.before(later):
            yield "the order was revised after the customer had ended it", later
