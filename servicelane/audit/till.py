"""The till, counted again at a moment: what each payer owes for a settlement, has paid, and may owe on account."""

from collections import defaultdict
from decimal import Decimal

from servicelane.audit.amounts import Sum, added
from servicelane.audit.story import Recorded, Story
from shared.contracts import delivery as d
from shared.contracts.values import Payer
from shared.money import Money

Amounts = dict[Payer, list[Money]]

NOT_AT_THE_TILL = (Payer.WARRANTY, Payer.GOODWILL)
"""What the manufacturer or the house bears is claimed or written off elsewhere."""


def owed(story: Story, closed: Recorded, moment: Recorded) -> Amounts:
    """By the settlement, with the shares that were moved since, and less its credit notes; its supplements apart (R5)."""
    sums: Amounts = defaultdict(list)
    for payer, amount in closed.fact.owed.items():
        sums[payer].append(amount)
    for step in story.before(moment, d.ShareMoved, d.CreditNoteIssued):
        fact = step.fact
        if fact.settlement != closed.fact.number or fact.supplement is not None:
            continue
        if isinstance(fact, d.ShareMoved):
            sums[fact.to_payer].append(fact.amount)
        sums[fact.from_payer if isinstance(fact, d.ShareMoved) else fact.payer].append(fact.amount * -1)
    return sums


def paid(story: Story, moment: Recorded) -> Amounts:
    """Over all settlements of the visit: what was paid for a countered one counts for the next. The same payment twice is one."""
    back = {each.fact.payment for each in story.before(moment, d.PaymentReversed)}
    payments = {each.fact.payment: each.fact for each in story.before(moment, d.PaymentTaken)}
    sums: Amounts = defaultdict(list)
    for id, payment in payments.items():
        if id not in back:
            sums[payment.payer].append(payment.amount)
    for refund in story.before(moment, d.RefundPaid):
        sums[refund.fact.payer].append(refund.fact.amount * -1)
    return sums


def approved_by_insurer(story: Story, moment: Recorded) -> list[Money]:
    """The newest answer to each claim: together they are what the insurer approved."""
    return list({each.fact.claim_number: each.fact.approved for each in story.before(moment, d.InsurerAnswered)}.values())


def allowed(story: Story, moment: Recorded) -> Amounts:
    """On account, of the settlement that stands; the insurer up to what it approved last and has not paid."""
    counter = story.newest(moment, d.SettlementCountered)
    sums: Amounts = defaultdict(list)
    for put in story.between(counter, moment, d.PutOnAccount):
        sums[put.fact.payer].append(put.fact.amount)
    if Payer.INSURER in sums and (approved := approved_by_insurer(story, moment)):
        to_come = added((*approved, *(money * -1 for money in paid(story, moment)[Payer.INSURER])))
        sums[Payer.INSURER] = [
            Money(amount=max(min(amount, to_come.get(currency, Decimal(0))), Decimal(0)), currency=currency)
            for currency, amount in added(sums[Payer.INSURER]).items()
        ]
    return sums


def rest(story: Story, closed: Recorded, moment: Recorded) -> dict[Payer, Sum]:
    """Of each payer: owed, neither paid nor on account; less than zero where too much was paid."""
    has_paid, may_owe = paid(story, moment), allowed(story, moment)
    return {
        payer: added((*amounts, *(money * -1 for money in (*has_paid[payer], *may_owe[payer]))))
        for payer, amounts in owed(story, closed, moment).items()
    }


def due(story: Story, closed: Recorded, moment: Recorded) -> dict[Payer, str]:
    """What each payer still owes at the till, as text."""
    missing = {
        payer: ", ".join(f"{amount} {currency}" for currency, amount in sums.items() if amount > 0)
        for payer, sums in rest(story, closed, moment).items()
        if payer not in NOT_AT_THE_TILL
    }
    return {payer: text for payer, text in missing.items() if text}
