"""D5: what each payer owes and has paid, counted anew from the recorded facts; nothing of it is kept.

What the warranty or the house bears is claimed or written off elsewhere: no money of theirs comes to the till.
"""

from collections.abc import Mapping
from decimal import Decimal

from services.delivery.case import Case
from shared.contracts.delivery import AccountUsedUp, BalanceChanged, RefundFellDue
from shared.contracts.event import Event, Fact
from shared.contracts.values import Payer
from shared.money import Money
from shared.refusal import NotFound

AT_THE_TILL = (Payer.CUSTOMER, Payer.INSURER, Payer.ON_ACCOUNT)

Sums = dict[Payer, Money]


class Share(Fact):
    """One payer's side: `due` is neither paid nor on account, `on_account` is allowed to be owed, `refund` was paid too much."""

    owed: Money
    paid: Money
    on_account: Money
    due: Money
    refund: Money

    @classmethod
    def of(cls, owed: Money, paid: Money, allowed: Money) -> "Share":
        nothing = owed * 0
        rest = owed - paid
        on_account = min(allowed, max(rest, nothing))
        return cls(owed=owed, paid=paid, on_account=on_account, due=max(rest - on_account, nothing), refund=max(paid - owed, nothing))

    @property
    def unpaid(self) -> Money:
        return self.due + self.on_account


class Due(Fact):
    """A visit, and what each payer still owes; nothing where the exit pass may be issued. `settlement` is null where it left unsettled.

    `refund` is what is to be paid back to whom; a deposit that is held is not (R5).
    """

    visit: str
    settlement: str | None
    due: Mapping[Payer, Money]
    refund: Mapping[Payer, Money] = {}

    @classmethod
    def of(cls, case: Case) -> "Due":
        number = case.settlement.number if case.settlement else None
        return cls(visit=case.id, settlement=number, due=due(case), refund=refund_due(case))


def shares(case: Case) -> dict[Payer, Share]:
    """All that is owed, supplements included. Before the settlement nothing is owed, and what was paid is a deposit."""
    return _shares(case, owed(case))


def due(case: Case) -> Sums:
    """What each payer still owes at the till: neither paid nor on account. Payers who owe nothing more are left out."""
    return {payer: share.due for payer, share in shares(case).items() if share.due}


def due_to_leave(case: Case) -> Sums:
    """What stands in the way of the exit pass: a supplement does not, the supervisor let the car go with its item open (R5)."""
    return {payer: share.due for payer, share in _shares(case, owed_by(case)).items() if share.due}


def due_by(case: Case, supplement: str | None = None) -> Sums:
    """What each payer still owes by the settlement, or by one of its supplements; what is paid or on account is the settlement's first."""
    if supplement is None:
        return due_to_leave(case)
    asked = owed_by(case, supplement)
    return {payer: min(amount, asked[payer]) for payer, amount in due(case).items() if payer in asked}


def supplements(case: Case) -> tuple[str, ...]:
    """R5: those of the settlement that stands, by their numbers."""
    return tuple(each.number for each in case.supplements if case.settlement and each.settlement == case.settlement.number)


def owed(case: Case) -> Sums:
    sums = owed_by(case)
    for number in supplements(case):
        _add(sums, owed_by(case, number))
    return sums


def owed_by(case: Case, supplement: str | None = None) -> Sums:
    """By the settlement, or by one of its supplements, with the shares that were moved there, and less its credit notes."""
    if not case.settlement:
        return {}
    if supplement is not None and supplement not in supplements(case):
        raise NotFound(missing=("supplement",), visit=case.id, number=supplement)
    number = case.settlement.number
    sums = dict(next((each.owed for each in case.supplements if each.number == supplement), case.settlement.owed))
    for move in case.moves:
        if (move.settlement, move.supplement) == (number, supplement):
            _add(sums, {move.from_payer: move.amount * -1})
            _add(sums, {move.to_payer: move.amount})
    for note in case.credit_notes:
        if (note.settlement, note.supplement) == (number, supplement):
            _add(sums, {note.payer: note.amount * -1})
    return sums


def on_account(case: Case) -> Decimal:
    """What this visit's customer owes on account; the insurer owes by its claim."""
    allowed = (share.on_account.amount for payer, share in shares(case).items() if payer is not Payer.INSURER)
    return sum(allowed, start=Decimal(0))


def used_up(after: Case) -> list[Event]:
    """D5: an approval is for what is owed at its time: as far as that is paid, borne or credited since, it allows nothing more."""
    approved, unpaid = _put_on_account(after), {payer: share.unpaid for payer, share in shares(after).items()}
    over = {payer: amount - unpaid.get(payer, amount * 0) for payer, amount in approved.items()}
    return [AccountUsedUp(visit=after.id, payer=payer, amount=amount) for payer, amount in over.items() if amount.amount > 0]


def balance_after_leaving(case: Case) -> list[Event]:
    """What the customer owes for a car that has left, where that is not what was said before; the insurer owes by its claim."""
    unpaid = [share.unpaid for payer, share in shares(case).items() if payer is not Payer.INSURER]
    before = case.balance.owed if case.balance else None
    owed = sum(unpaid[1:], start=unpaid[0]) if unpaid else before
    if not case.left or owed is None or owed == (before or owed * 0):
        return []
    return [BalanceChanged(visit=case.id, customer=case.customer, owed=owed)]


def refund_due(case: Case) -> Sums:
    """What is to be paid back: all that was paid too much but what is held. Nothing before the settlement, unless the car is let go."""
    if not case.settlement and not case.released_unsettled:
        return {}
    held = deposits_held(case)
    free = {payer: share.refund - held.get(payer, share.refund * 0) for payer, share in shares(case).items()}
    return {payer: amount for payer, amount in free.items() if amount.amount > 0}


def deposits_held(case: Case) -> Sums:
    """R5: by payer, as long as an item that the settlement left open awaits its ruling; what else was paid too much is not for it."""
    if not case.settlement or all(case.ruling_of(item) for item in case.settlement.awaiting_ruling):
        return {}
    sums: Sums = {}
    back = {reversal.payment for reversal in case.reversals}
    for payment in case.payments:
        if payment.kind == "deposit" and payment.payment not in back:
            _add(sums, {payment.payer: payment.amount})
    return sums


def refund_fell_due(before: Case, after: Case) -> list[Event]:
    """D5, EDGE_CASES 5, 6: what is to be paid back by these events and was not before."""
    known = refund_due(before)
    grown = {payer: amount - known.get(payer, amount * 0) for payer, amount in refund_due(after).items()}
    return [RefundFellDue(visit=after.id, payer=payer, amount=more) for payer, more in grown.items() if more.amount > 0]


def approved_by_insurer(case: Case) -> Money | None:
    """The newest answer to each claim, together; None before there is one."""
    answers = [answer.approved for answer in case.insurer]
    return sum(answers[1:], start=answers[0]) if answers else None


def _shares(case: Case, owed: Sums) -> dict[Payer, Share]:
    paid = _paid(case)
    allowed = _allowed(case, paid)
    nothing = next((amount * 0 for amount in (*owed.values(), *paid.values())), Money.zero())
    return {
        payer: Share.of(owed.get(payer, nothing), paid.get(payer, nothing), allowed.get(payer, nothing))
        for payer in AT_THE_TILL
        if payer in owed or payer in paid
    }


def _paid(case: Case) -> Sums:
    sums: Sums = {}
    back = {reversal.payment for reversal in case.reversals}
    for payment in case.payments:
        if payment.payment not in back:
            _add(sums, {payment.payer: payment.amount})
    for refund in case.refunds:
        _add(sums, {refund.payer: refund.amount * -1})
    return sums


def _allowed(case: Case, paid: Sums) -> Sums:
    """On account; the insurer up to what it approved last and has not paid."""
    sums = _put_on_account(case)
    if Payer.INSURER in sums and (approved := approved_by_insurer(case)) is not None:
        to_come = max(approved - paid.get(Payer.INSURER, approved * 0), approved * 0)
        sums[Payer.INSURER] = min(sums[Payer.INSURER], to_come)
    return sums


def _put_on_account(case: Case) -> Sums:
    """By its approvals, less what of them is used up."""
    sums: Sums = {}
    for entry in case.on_account:
        _add(sums, {entry.payer: entry.amount})
    for used in case.account_used_up:
        _add(sums, {used.payer: used.amount * -1})
    return sums


def _add(sums: Sums, more: Mapping[Payer, Money]) -> None:
    for payer, amount in more.items():
        sums[payer] = sums[payer] + amount if payer in sums else amount
