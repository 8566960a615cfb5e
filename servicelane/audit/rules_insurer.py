"""W8, EDGE_CASES 7: of work found later that an insurer is to pay, the insurer consents too, and what it leaves is borne by consent."""

from collections.abc import Iterator
from decimal import Decimal

from servicelane.audit.amounts import added
from servicelane.audit.consent import items_of, revision
from servicelane.audit.findings import Broken, Rules
from servicelane.audit.story import Recorded, Story
from shared.branch import Branch
from shared.contracts import delivery as d
from shared.contracts import reception as r
from shared.contracts.values import OrderItem, Payer
from shared.money import Money

rules = Rules()

ROUNDING = Decimal("0.01")
"""Of a share on one line."""


def _quote(story: Story, change: str, moment: Recorded) -> Recorded | None:
    return next((each for each in story.before(moment, r.ChangeQuoted) if each.fact.change == change), None)


def _asked(item: OrderItem, story: Story, moment: Recorded) -> Money:
    """What the insurer is to pay of the item: its share of every line, as far as its limit goes."""
    signed = story.before(moment, r.WorkOrderSigned)
    share = sum(choice.share for order in signed for choice in order.fact.pays if choice.method == "insurer")
    if item.payer is not None:
        share = Decimal(item.payer is Payer.INSURER)
    if item.free_for_customer or not share:
        return item.labour * 0
    if item.insurer_up_to is not None:
        return item.insurer_up_to
    amount: Money = sum((part.amount * share for part in item.parts), start=item.labour * share)
    return amount


def _approved(story: Story, quote: Recorded, moment: Recorded) -> Recorded | None:
    """The newest answer of the insurer to the quote, or to the one whose place it took with another bearer of the gap."""
    answers = [each for each in story.before(moment, r.InsurerConsentRecorded) if each.fact.change == quote.fact.change]
    if answers or not any(item.gap_to for item in quote.fact.items):
        return answers[-1] if answers else None
    before = _quote(story, quote.fact.answers_to or "", moment)
    return _approved(story, before, moment) if before and before is not quote else None


@rules("W8", r.OrderRevised, house_rule=True)
def the_insurer_consents_to_what_it_is_to_pay(revised: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if (quote := _quote(story, revised.fact.change, revised)) is None:
        return
    agreed = [item for item in quote.fact.items if item.item in items_of(revised)]
    asked, said = added(_asked(item, story, revised) for item in agreed), _approved(story, quote, revised)
    approved = added((said.fact.approved,)) if said and said.fact.consents else {}
    cents = len([line for item in agreed for line in (item.labour, *item.parts)])
    for currency, amount in asked.items():
        if amount - approved.get(currency, 0) > cents * ROUNDING:
            yield f"revision {revised.fact.revision} lets the insurer pay {amount} {currency}, to which it has not consented", quote


@rules("W8", r.InsurerConsentRecorded, house_rule=True)
def the_insurers_answer_says_who_and_for_what_claim(said: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    fact, quote = said.fact, _quote(story, said.fact.change, said)
    if quote is None or quote.content_hash != fact.content_hash:
        yield "the insurer answered another quote than the one on record"
    if not fact.claim_number or not fact.answered_by or bool(fact.approved) != fact.consents:
        yield "the insurer's answer lacks who, the claim or the amount"


@rules("W8", r.ChangeQuoted, house_rule=True)
def the_house_bears_a_gap_only_by_right(quoted: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if not any(item.gap_to is Payer.GOODWILL for item in quoted.fact.items):
        return
    granted = [each.fact for each in story.before(quoted, r.InsurerGapGranted) if each.fact.change == quoted.fact.answers_to]
    person = branch.staff.get(granted[-1].by) if granted else None
    if not granted or not granted[-1].reason or (person and not person.is_a("business_supervisor")):
        yield f"{quoted.fact.change} lets the house bear what the insurer does not pay, and nobody whose right it is granted that"


@rules("D5", d.SettlementClosed, house_rule=True)
def the_insurer_pays_no_more_than_it_consented_to(closed: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    for name, item in items_of(revision(story, closed.fact.revision)).items():
        if item.insurer_up_to is None:
            continue
        shares = added(line.shares[Payer.INSURER] for line in closed.fact.lines if line.item == name and Payer.INSURER in line.shares)
        if any(amount > item.insurer_up_to.amount for amount in shares.values()):
            yield f"the insurer is charged more of item {name} than the {item.insurer_up_to} that it consented to"
