"""R5 and D10: unclear cover goes to the manufacturer, its ruling to a claim or to the customer's side; each warranty item has its claim."""

from collections.abc import Iterable, Iterator

from servicelane.audit.amounts import Sum, added, amount_of, lacking
from servicelane.audit.consent import consented, free_for_customer, items_of, revision, rulings, unruled
from servicelane.audit.findings import Broken, Rules
from servicelane.audit.parts_out import known_out, less_returned
from servicelane.audit.standing import final_settlement
from servicelane.audit.story import Recorded, Story
from shared.branch import Branch
from shared.contracts import delivery as d
from shared.contracts import reception as r
from shared.contracts.values import OrderItem, Warranty

rules = Rules()

_RULED = {True: Warranty.YES, False: Warranty.NO, None: Warranty.UNCLEAR}


def _against_the_manufacturer(items: Iterable[OrderItem], story: Story, moment: Recorded) -> Iterator[str]:
    """What is unclear was asked about, for the work that it is; what was asked about is said to be covered, or not, by a ruling alone."""
    asked = {each.fact.item: each.fact.operation for each in story.before(moment, r.WarrantyQuestionEscalated)}
    covers = {each.fact.item: each.fact.covers for each in story.before(moment, r.WarrantyRuled)}
    for item in items:
        if item.item not in asked:
            if item.warranty is Warranty.UNCLEAR:
                yield f"item {item.item}, though its cover is unclear and the manufacturer was not asked"
        elif asked[item.item] not in (None, item.operation):
            yield f"item {item.item} as {item.operation}, though the manufacturer was asked about {asked[item.item]}"
        elif item.warranty not in (Warranty.UNCLEAR, _RULED[covers.get(item.item)]):
            yield f"item {item.item} as warranty {item.warranty}, which the manufacturer has not said"


@rules("R5", r.WorkOrderSigned)
def unclear_cover_escalated_before_signature(signed: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    for said in _against_the_manufacturer(signed.fact.items, story, signed):
        yield f"ordered {said}"


@rules("R5", r.ChangeAnswered)
def unclear_cover_escalated_before_consent(answered: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    quotes = [each.fact for each in story.before(answered, r.ChangeQuoted) if each.fact.change == answered.fact.change]
    accepted = [item for quote in quotes for item in quote.items if item.item in answered.fact.accepted]
    for said in _against_the_manufacturer(accepted, story, answered):
        yield f"accepted {said}"


@rules("R5", r.WarrantyRuled)
def ruled_once_on_what_was_asked(ruled: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    item = ruled.fact.item
    if item not in {each.fact.item for each in story.before(ruled, r.WarrantyQuestionEscalated)}:
        yield f"a ruling on item {item} that nobody asked for"
    if not ruled.fact.reference:
        yield f"the ruling on item {item} has no reference"
    if item in {each.fact.item for each in story.before(ruled, r.WarrantyRuled)}:
        yield f"item {item} was ruled on twice"


@rules("R5", d.ItemRuled)
def charged_as_the_manufacturer_ruled(ruled: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    said = {each.fact.item: each.fact for each in story.before(ruled, r.WarrantyRuled)}
    ruling = said.get(ruled.fact.item)
    if ruling is None or (ruling.covers, ruling.reference) != (ruled.fact.covers, ruled.fact.reference):
        yield f"delivery charges item {ruled.fact.item} by a ruling that reception does not have"


@rules("R5", d.SettlementClosed)
def nothing_unruled_is_settled(closed: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    order = revision(story, closed.fact.revision)
    open_items = unruled(items_of(order).values(), rulings(story, closed))
    if settled := open_items & {line.item for line in closed.fact.lines}:
        yield f"settled before the manufacturer ruled: {', '.join(sorted(settled))}"


@rules("R5", d.RulingReserved, house_rule=True)
def reservation_signed(reserved: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if not reserved.truly_signed:
        yield "the signature is not over what the reservation says"
    known = items_of(consented(story, reserved))
    if strange := [item for item in reserved.fact.items if item not in known or known[item].warranty is not Warranty.UNCLEAR]:
        yield f"reserved though nothing is unclear: {', '.join(strange)}"


@rules("R5", d.SettlementClosed, house_rule=True)
def left_open_only_reserved_and_released(closed: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    waiting = set(closed.fact.awaiting_ruling)
    reserved = {item for each in story.before(closed, d.RulingReserved) for item in each.fact.items}
    if missing := waiting - reserved:
        yield f"left open without the customer's signature: {', '.join(sorted(missing))}"
    released = {
        item
        for each in story.before(closed, d.ReservationReleased)
        if each.fact.supervisor not in branch.staff or branch.staff[each.fact.supervisor].is_a("business_supervisor")
        for item in each.fact.items
    }
    if missing := waiting - released:
        yield f"left open without the business supervisor's release: {', '.join(sorted(missing))}"
    if settled := waiting & {line.item for line in closed.fact.lines}:
        yield f"settled and left open at once: {', '.join(sorted(settled))}"


def _left_out(ruled: Recorded, story: Story) -> Recorded | None:
    """The settlement that stands and was closed around this item before its ruling came."""
    closed = final_settlement(story)
    return closed if closed and closed.before(ruled) and ruled.fact.item in closed.fact.awaiting_ruling else None


@rules("R5", d.ItemRuled, house_rule=True)
def late_ruling_leads_to_claim_or_supplement(ruled: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if not (closed := _left_out(ruled, story)):
        return
    item = ruled.fact.item
    claims = [each for each in story.all(d.ClaimOpened) if each.fact.item == item]
    supplements = [each for each in story.all(d.SupplementClosed) if item in each.fact.items]
    if ruled.fact.covers and (not claims or supplements):
        yield f"item {item} is covered, and it has {len(claims)} claims and {len(supplements)} supplements", closed
    if not ruled.fact.covers and (claims or len(supplements) != 1):
        yield f"item {item} is rejected, and it has {len(claims)} claims and {len(supplements)} supplements", closed


@rules("R5", d.SupplementClosed, house_rule=True)
def supplement_equals_what_was_left_open(supplement: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    closed = [each for each in story.before(supplement, d.SettlementClosed) if each.fact.number == supplement.fact.settlement]
    if not closed or not set(supplement.fact.items) <= set(closed[-1].fact.awaiting_ruling):
        yield "a supplement to a settlement that left nothing of it open"
        return
    items = items_of(revision(story, closed[-1].fact.revision))
    amounts = less_returned((items[item] for item in supplement.fact.items if item in items), known_out(story, supplement))
    if _sum(amounts) != added((supplement.fact.total,)):
        yield f"{supplement.fact.total} is not what the customer had consented to"
    if added(supplement.fact.owed.values()) != added((supplement.fact.total,)):
        yield "what the payers owe does not make the supplement"


def _sum(items: Iterable[OrderItem]) -> Sum:
    return added(money for item in items for money in (item.labour, *(part.amount for part in item.parts)))


@rules("R5", d.SupplementClosed, house_rule=True)
def called_the_same_day(supplement: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if supplement.fact.customer_called:
        return
    zone = branch.site.zone
    day = supplement.at.astimezone(zone).date()
    told = [each for each in story.all(d.SupplementTold) if each.fact.number == supplement.fact.number]
    if told and told[0].at.astimezone(zone).date() > day:
        yield "the customer was called on a later day", told[0]
    elif not told and story.until.astimezone(zone).date() > day:
        yield "the customer was never called"


@rules("D10", d.SettlementClosed)
def each_warranty_item_has_a_claim(closed: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    final = final_settlement(story)
    if final is not closed:
        return
    claimed = {each.fact.item for each in _claims(story)}
    known = rulings(story, closed)
    for item in items_of(revision(story, closed.fact.revision)).values():
        settled = item.item in {line.item for line in closed.fact.lines}
        if settled and free_for_customer(item, known) and amount_of(item) and item.item not in claimed:
            yield f"item {item.item} is under warranty and has no claim"


def _claims(story: Story) -> list[Recorded]:
    """The claims that stand in the end."""
    withdrawn = {each.fact.claim: each for each in story.all(d.ClaimWithdrawn)}
    return [each for each in story.all(d.ClaimOpened) if not ((gone := withdrawn.get(each.fact.claim)) and each.before(gone))]


@rules("D10", d.ClaimOpened, d.ClaimLessened)
def claims_what_the_warranty_covers(claim: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    item = items_of(consented(story, claim)).get(claim.fact.item)
    covers = {**{each.fact.item: each.fact.covers for each in story.before(claim, r.WarrantyRuled)}, **rulings(story, claim)}
    if item is None or not free_for_customer(item, covers):
        yield f"a claim for item {claim.fact.item}, which the warranty does not cover"
    elif amount_of(*less_returned((item,), known_out(story, claim))) != added((claim.fact.amount,)):
        yield f"the claim is for {claim.fact.amount}, the item's price is another"


@rules("D10", d.ClaimSent)
def sent_with_papers_and_old_part(sent: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    opened = [each for each in story.before(sent, d.ClaimOpened) if each.fact.claim == sent.fact.claim]
    if not opened:
        yield "a claim was sent that was never opened"
        return
    kept = [each for each in story.before(sent, d.OldPartKept) if each.fact.claim == sent.fact.claim]
    if getattr(opened[-1].fact, "has_part", True) and not kept:
        yield "the claim was sent and nobody knows where its old part is"


@rules("D10", d.ClaimPaid)
def paid_as_decided(paid: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    decided = [each for each in story.before(paid, d.ClaimDecided) if each.fact.claim == paid.fact.claim]
    if not decided or not decided[-1].fact.approved:
        yield "a claim was paid that was not approved"
    elif too_much := lacking(paid.fact.amount, (decided[-1].fact.amount,)):
        yield f"paid {too_much} more than was approved"
