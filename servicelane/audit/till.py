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

RAISING = (d.SupplementClosed, d.ShareMoved, d.PaymentReversed, d.RefundPaid)
"""After these somebody may owe more than before."""


def owed(story: Story, closed: Recorded, moment: Recorded, *, supplements: bool = False) -> Amounts:
    """By the settlement, or by its `supplements` too (R5), with the shares that were moved since, and less the credit notes."""
    sums: Amounts = defaultdict(list)
    asked = [each.fact.owed for each in story.before(moment, d.SupplementClosed) if each.fact.settlement == closed.fact.number]
    for payer, amount in (share for shares in (closed.fact.owed, *(asked if supplements else ())) for share in shares.items()):
        sums[payer].append(amount)
    for step in story.before(moment, d.ShareMoved, d.CreditNoteIssued):
        fact = step.fact
        if fact.settlement != closed.fact.number or (fact.supplement is not None and not supplements):
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


def allowed(story: Story, closed: Recorded, moment: Recorded) -> defaultdict[Payer, Sum]:
    """On account, of the settlement that stands, as far as it was owed ever since: what was paid and is owed again needs another approval.

    The insurer up to what it approved last and has not paid.
    """
    sums: defaultdict[Payer, Sum] = defaultdict(dict)
    counter = story.newest(moment, d.SettlementCountered)
    for step in (*sorted(story.between(counter, moment, d.PutOnAccount, *RAISING), key=lambda each: each.place), moment):
        unpaid = _unpaid(story, closed, step)
        for payer, on_account in sums.items():
            sums[payer] = _least(on_account, unpaid.get(payer, {}))
        if isinstance(step.fact, d.PutOnAccount) and step is not moment:
            put = step.fact
            sums[put.payer] = added((put.amount, *_money(sums[put.payer])))
    if Payer.INSURER in sums and (approved := approved_by_insurer(story, moment)):
        to_come = added((*approved, *(money * -1 for money in paid(story, moment)[Payer.INSURER])))
        sums[Payer.INSURER] = _least(sums[Payer.INSURER], to_come)
    return sums


def beyond_its_claims(story: Story, closed: Recorded, put: Recorded) -> Sum:
    """What the insurer owes by this and earlier approvals, and has paid, beyond what it approved."""
    borne = (put.fact.amount, *_money(allowed(story, closed, put)[Payer.INSURER]), *paid(story, put)[Payer.INSURER])
    beyond = added((*borne, *(money * -1 for money in approved_by_insurer(story, put))))
    return {currency: amount for currency, amount in beyond.items() if amount > 0}


def _unpaid(story: Story, closed: Recorded, moment: Recorded) -> dict[Payer, Sum]:
    has_paid = paid(story, moment)
    return {
        payer: added((*amounts, *(money * -1 for money in has_paid[payer])))
        for payer, amounts in owed(story, closed, moment, supplements=True).items()
    }


def _least(one: Sum, other: Sum) -> Sum:
    """Of each currency the smaller amount, and never less than nothing."""
    return {currency: max(min(amount, other.get(currency, Decimal(0))), Decimal(0)) for currency, amount in one.items()}


def _money(amounts: Sum) -> list[Money]:
    return [Money(amount=amount, currency=currency) for currency, amount in amounts.items()]


def rest(story: Story, closed: Recorded | None, moment: Recorded, *, supplements: bool = False) -> dict[Payer, Sum]:
    """Of each payer: owed, neither paid nor on account; less than zero where too much was paid. `closed` None: nothing settled."""
    has_paid = paid(story, moment)
    asked = owed(story, closed, moment, supplements=supplements) if closed else {}
    may_owe = allowed(story, closed, moment) if closed else {}
    return {
        payer: added((*asked.get(payer, ()), *(money * -1 for money in (*has_paid.get(payer, ()), *_money(may_owe.get(payer, {}))))))
        for payer in {**asked, **has_paid}
    }


def due(story: Story, closed: Recorded | None, moment: Recorded) -> dict[Payer, str]:
    """What each payer still owes at the till, as text."""
    missing = {
        payer: ", ".join(f"{amount} {currency}" for currency, amount in sums.items() if amount > 0)
        for payer, sums in rest(story, closed, moment).items()
        if payer not in NOT_AT_THE_TILL
    }
    return {payer: text for payer, text in missing.items() if text}
