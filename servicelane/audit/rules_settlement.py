"""D5 and the gate: what is settled, by whom it is paid, and what lets the car out. Judged from recorded facts."""

from collections.abc import Iterator
from decimal import Decimal

from servicelane.audit.amounts import added, amount_of, by_payer, lines_of, settled_lines
from servicelane.audit.consent import done_of, free_for_customer, items_of, orders, revision, rulings, unruled
from servicelane.audit.findings import Broken, Rules
from servicelane.audit.parts_out import known_out, less_returned, out, price
from servicelane.audit.standing import exit_passes, final_claim, final_settlement, newest_pass, settlement
from servicelane.audit.story import Recorded, Story
from servicelane.audit.telling import told_at_once
from servicelane.audit.till import NOT_AT_THE_TILL, beyond_its_claims, due, rest
from shared.branch import Branch
from shared.contracts import delivery as d
from shared.contracts import workshop as w
from shared.contracts.values import Payer

rules = Rules()


@rules("D5", d.SettlementClosed)
def settlement_signed(closed: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if not closed.truly_signed:
        yield "the signature is not over what the settlement says"


@rules("D5", d.SettlementClosed, house_rule=True)
def settlement_equals_consent(closed: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    """What awaits its ruling is left open (R5); everything else is there, at the price that was consented to.

    Of a part that came back to the store only what stayed is charged, as far as delivery knew of it when the customer signed.
    """
    order = revision(story, closed.fact.revision)
    if not order or not order.before(closed):
        yield "settled without the consented order of that revision"
        return
    done = done_of(story, order, closed).values()
    left_open = unruled(done, rulings(story, closed))
    if set(closed.fact.awaiting_ruling) != left_open:
        yield (
            f"left open: {', '.join(closed.fact.awaiting_ruling) or 'nothing'}; unruled: {', '.join(sorted(left_open)) or 'nothing'}",
            order,
        )
    items = less_returned((item for item in done if item.item not in left_open), known_out(story, closed))
    if settled_lines(closed.fact.lines) != lines_of(items):
        yield "the settlement's lines are not the consented ones at their frozen prices", order
    passed = newest_pass(story, closed)
    if passed and passed.fact.revision != closed.fact.revision:
        yield "the settled revision is not the one that QC judged", passed


@rules("D5", d.PartsOutChanged, house_rule=True)
def counted_as_the_parts_store_did(counted: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    fact, steps = counted.fact, story.all(w.PartsIssued, w.PartsReturned)
    cause = next((each for each in steps if each.id == counted.cause), None)
    if cause is None or (cause.fact.item, cause.fact.part_no) != (fact.item, fact.part_no):
        yield f"{fact.part_no} of item {fact.item} was counted, and none was drawn or came back"
    elif fact.out != (stayed := out(story, cause, fact.item, fact.part_no)):
        yield f"{fact.out} of {fact.part_no} counted with item {fact.item}, {stayed} stayed by the slips", cause


@rules("D5", w.PartsReturned, house_rule=True)
def what_came_back_is_not_charged(returned: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    """The settlement that stands has less of it, or, closed before that was known, the supervisor was told that a credit note is due.

    What the warranty pays is not credited: its claim has less of it, or, sent by then, the supervisor was told to correct it.
    """
    fact, closed = returned.fact, final_settlement(story)
    order = revision(story, closed.fact.revision) if closed and fact.out is not None else None
    if closed is None or order is None or (item := items_of(order).get(fact.item)) is None or fact.item in closed.fact.awaiting_ruling:
        return
    key = (fact.item, fact.part_no)
    if any((each.fact.item, each.fact.part_no) == key and returned.before(each) for each in story.all(w.PartsIssued)):
        return
    (shrunk,) = less_returned((item,), {key: out(story, returned, *key)})
    charged, stayed = settled_lines(closed.fact.lines).get((fact.item, "part", fact.part_no), {}), price(shrunk, fact.part_no)
    if not any(amount > stayed.get(currency, 0) for currency, amount in charged.items()):
        return
    by_warranty = any(line.item == fact.item and Payer.WARRANTY in line.shares for line in closed.fact.lines)
    if any("business_supervisor" in each.fact.roles for each in told_at_once(story, returned, "D10" if by_warranty else "D5")):
        return
    if by_warranty:
        claimed, worth = final_claim(story, fact.item), amount_of(shrunk)
        if claimed and claimed.fact.amount.amount > worth.get(claimed.fact.amount.currency, 0):
            yield f"{fact.part_no} came back from item {fact.item}, and {claimed.fact.amount} is claimed as if it had stayed", claimed
    else:
        yield f"{fact.part_no} came back from item {fact.item}, was charged, and nobody was told that a credit note is due", closed


@rules("D5", d.SettlementClosed, house_rule=True)
def shares_make_every_line_to_the_cent(closed: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    fact = closed.fact
    for line in fact.lines:
        if added(line.shares.values()) != added((line.amount,)):
            yield f"the shares of line {line.line} do not make {line.amount}"
    for discount in fact.discounts:
        if added(discount.shares.values()) != added((discount.amount,)):
            yield f"the shares of the discount on {discount.line} do not make {discount.amount}"
    if by_payer((line.shares for line in fact.lines), (each.shares for each in fact.discounts)) != by_payer((fact.owed,)):
        yield "what the payers owe is not what their lines say"
    if added((*(line.amount for line in fact.lines), *(each.amount * -1 for each in fact.discounts))) != added((fact.total,)):
        yield "the lines do not make the total"
    if fact.total.contained_tax(branch.site.prices.tax_rate) != fact.tax_contained:
        yield f"{fact.tax_contained} is not the tax contained in {fact.total}"


@rules("D5", d.SettlementClosed, house_rule=True)
def free_items_cost_nothing(closed: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    known, items = rulings(story, closed), items_of(revision(story, closed.fact.revision))
    free = {name for name, item in items.items() if free_for_customer(item, known)}
    for line in closed.fact.lines:
        charged = [payer for payer, share in line.shares.items() if share and payer not in NOT_AT_THE_TILL]
        if line.item in free and charged:
            yield f"item {line.item} is free for the customer but charged to {', '.join(charged)}"
        if line.item not in free and line.shares.get(Payer.WARRANTY):
            yield f"item {line.item} is charged to a warranty that does not cover it"


@rules("D5", d.SettlementClosed, house_rule=True)
def who_was_named_for_an_item_owes_it(closed: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    """What an insurer does not pay of its item is borne by whom it was agreed with (W8)."""
    known, items = rulings(story, closed), items_of(revision(story, closed.fact.revision))
    named = {name: {item.payer, item.gap_to} for name, item in items.items() if item.payer and not free_for_customer(item, known)}
    for line in closed.fact.lines:
        others = {payer for payer, share in line.shares.items() if share} - named.get(line.item, line.shares.keys())
        if others:
            yield f"item {line.item} is to be paid by {items[line.item].payer}, and {line.line} is charged to {', '.join(sorted(others))}"


@rules("D5", d.SettlementClosed, house_rule=True)
def discounts_as_given(closed: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    """With a reason, never below zero, never off what the warranty pays."""
    given = {each.fact.line: each.fact for each in story.before(closed, d.DiscountGiven)}
    lines = {line.line: line for line in closed.fact.lines}
    for discount in closed.fact.discounts:
        line, known = lines.get(discount.line), given.get(discount.line)
        if known is None or not known.reason or discount.amount.amount > known.amount.amount:
            yield f"{discount.amount} off {discount.line}, and nobody gave it with a reason"
        if line is None or discount.amount.amount > line.amount.amount or Payer.WARRANTY in line.shares:
            yield f"{discount.amount} off {discount.line}, more than the customer's side has there"


@rules("D5", d.DiscountGiven, house_rule=True)
def nobody_gives_more_than_the_role_may(given: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    """The limit is for the visit: what others gave counts too, the newest of each line. Zero takes a discount back."""
    if (person := branch.staff.get(given.fact.by)) is None:
        return
    limits = branch.site.prices.discount_limits
    limit = max((limits.get(role, Decimal(0)) for role in person.roles), default=Decimal(0))
    newest = {each.fact.line: each.fact.amount.amount for each in story.before(given, d.DiscountGiven)}
    newest[given.fact.line] = given.fact.amount.amount
    if given.fact.amount and sum(newest.values()) > limit:
        yield f"{sum(newest.values())} taken off, {given.fact.by} may {limit}"


@rules("D5", d.SettlementClosed, house_rule=True)
def settled_again_only_after_a_counter(closed: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if earlier := settlement(story, closed):
        yield f"settled while {earlier.fact.number} stood", earlier
    if closed.fact.number in {each.fact.number for each in story.before(closed, d.SettlementClosed)}:
        yield f"two settlements have the number {closed.fact.number}"


@rules("D5", d.SettlementCountered, house_rule=True)
def counters_what_stands(counter: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    stands = settlement(story, counter)
    if not stands or stands.fact.number != counter.fact.counters:
        yield f"{counter.fact.counters} was countered, and it did not stand"
    if not counter.fact.reason:
        yield "countered without a reason"
    if any(used.before(counter) for used in story.all(d.ExitPassUsed)):
        yield "countered after the car had left"


@rules("D5", d.PutOnAccount, house_rule=True)
def no_account_beyond_its_limit(put: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    """Of one approval alone, which no payment and no other visit can make right; the insurer owes by its claim."""
    limit = branch.site.prices.account_limit
    if put.fact.payer is not Payer.INSURER and put.fact.amount.amount > limit:
        yield f"{put.fact.amount} on account, the limit is {limit}"


@rules("D5", d.PutOnAccount, house_rule=True)
def the_approver_is_not_the_cashier(put: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if branch.same_person(put.fact.approver, (each.fact.cashier for each in story.all(d.PaymentTaken))):
        yield f"{put.fact.approver} took money and approved an account on the same visit"


@rules("D5", d.ShareMoved, house_rule=True)
def a_gap_is_borne_by_consent_or_goodwill(moved: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    fact = moved.fact
    if fact.to_payer is Payer.GOODWILL and not fact.reason:
        yield "borne as goodwill without a reason"
    if fact.to_payer is Payer.CUSTOMER and not (fact.signature and fact.content_hash == fact.signature.content_hash == moved.content_hash):
        yield f"{fact.amount} slid to the customer without a new signed consent"


@rules("D5", d.PutOnAccount, house_rule=True)
def the_insurer_owes_by_its_claim(put: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if put.fact.payer is not Payer.INSURER:
        return
    answered, stands = story.newest(put, d.InsurerAnswered), settlement(story, put)
    if answered is None or not answered.fact.claim_number:
        yield "the insurer's share is on account without its claim number and approval"
        return
    for currency, amount in (beyond_its_claims(story, stands, put) if stands else {}).items():
        yield f"{put.fact.amount} on the insurer's account, {amount} {currency} more than it approved", answered


@rules("D5", d.PaymentReversed, house_rule=True)
def a_reversal_has_its_consequence(back: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    """Of a payment that was taken; after the exit it is a debt (before it, the pass does not stand)."""
    taken = {each.fact.payment: each.fact for each in story.before(back, d.PaymentTaken)}.get(back.fact.payment)
    if taken is None:
        yield "a payment was reversed that nobody had taken"
        return
    left, stands = story.newest(back, d.ExitPassUsed), settlement(story, back)
    if not left or not stands or any(back.before(each) for each in story.all(d.DebtArose)):
        return
    overpaid = rest(story, stands, back, supplements=True).get(taken.payer, {}).get(taken.amount.currency, Decimal(0))
    if overpaid + taken.amount.amount > 0:
        yield f"the car had left, {taken.amount} came back, and nobody was told of the debt", left


@rules("D5", d.ExitPassIssued, d.ExitPassUsed, house_rule=True)
def paid_or_on_account_before_the_pass(step: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    """Without a settlement too: of a deposit that was refunded and came back from the bank, the refund is owed."""
    unsettled = getattr(step.fact, "settlement", "") is None or getattr(step.fact, "unsettled", False)
    stands = None if unsettled else settlement(story, step)
    if not unsettled and (not stands or stands.fact.number != getattr(step.fact, "settlement", stands.fact.number)):
        yield "the car is let out without the settlement that stands"
        return
    for payer, missing in due(story, stands, step).items():
        yield f"the car is let out though {payer} still owes {missing}", *((stands,) if stands else ())


@rules("D5", d.ExitPassIssued, house_rule=True)
def one_exit_pass_a_visit(issued: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if standing := exit_passes(story, issued):
        yield f"a second exit pass while {standing[-1].fact.number} stood", standing[-1]
    if issued.fact.number in {each.fact.number for each in story.before(issued, d.ExitPassIssued)}:
        yield f"two exit passes have the number {issued.fact.number}"


@rules("D5", d.ExitPassUsed, house_rule=True)
def left_once_on_a_pass_that_stood(used: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    standing = {each.fact.number: each for each in exit_passes(story, used)}
    if used.fact.number not in standing:
        yield "the car left on a pass that did not stand"
        return
    issued, stands = standing[used.fact.number], settlement(story, used)
    if issued.fact.settlement != (stands.fact.number if stands else None):
        yield "the car left on a pass whose settlement did not stand", issued
    if used.fact.unsettled is not (issued.fact.settlement is None):
        yield "the gate's record does not say whether the visit was settled", issued
    if earlier := story.before(used, d.ExitPassUsed):
        yield "the car left twice", earlier[-1]


@rules("D5", d.ExitPassUsed, house_rule=True)
def nothing_consented_is_left_out(used: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    """A revision from before the exit is settled, unless delivery answered that the car had left."""
    stands = settlement(story, used)
    refused = {each.fact.revision for each in story.all(d.RevisionRefused)}
    for order in orders(story):
        if stands and order.clearly_before(used) and order.fact.revision not in refused and order.fact.revision > stands.fact.revision:
            yield f"the car left with revision {stands.fact.revision} settled, revision {order.fact.revision} was consented", order


@rules("D5", d.PaymentTaken, d.RefundPaid, d.PaymentReversed, house_rule=True, of_site=True)
def money_is_booked_in_a_till_once(step: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    """Judged from the day on that the site has a till."""
    fact, sign = step.fact, 1 if isinstance(step.fact, d.PaymentTaken) else -1
    there = [each for each in site.all(d.TakingBooked) if each.fact.visit == fact.visit and each.fact.amount == fact.amount * sign]
    booked = sum(1 for each in there if each.at == step.at)
    alike = sum(
        1 for each in site.all(type(fact)) if each.fact.visit == fact.visit and each.at == step.at and each.fact.amount == fact.amount
    )
    if booked != alike and any(each.before(step) for each in site.all(d.TakingBooked)):
        yield f"{fact.amount} was taken {alike} times and booked {booked} times"


@rules("D5", d.TillClosed, house_rule=True, of_site=True)
def a_till_is_closed_by_another(closed: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    entries = [each for each in site.all(d.TakingBooked) if each.fact.till == closed.fact.till and each.before(closed)]
    if branch.same_person(closed.fact.approver, (closed.fact.cashier, *(each.fact.cashier for each in entries))):
        yield f"{closed.fact.approver} closed a till that they had taken money into"
    if any(each.fact.till == closed.fact.till and closed.before(each) for each in site.all(d.TakingBooked)):
        yield "money was booked into a till that was closed"
    if any(difference for difference in closed.fact.differences.values()) and not closed.fact.note:
        yield "the till did not agree, and nobody said why"
