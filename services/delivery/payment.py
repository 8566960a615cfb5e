"""D5: payments are facts of their own; what is not paid is put on account by somebody who is not the cashier."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from services.delivery.case import Case
from services.delivery.settlement import settled
from shared.contracts.delivery import PaymentTaken, PutOnAccount
from shared.contracts.event import Event, Fact
from shared.contracts.values import Payer
from shared.money import Money
from shared.refusal import Refused

Method = Literal["wechat", "alipay", "card", "cash", "transfer"]

# What the manufacturer or the house bears is claimed or written off elsewhere: the car does not wait for it.
_NOT_AT_THE_TILL = (Payer.WARRANTY, Payer.GOODWILL)


class MoreThanOwed(Refused):
    clause = "D5"
    title = {"en": "That is more than this payer still owes.", "zh-CN": "金额超过该付款方的应付余额。"}
    remedy = {"en": "Take the amount that is still owed, or less.", "zh-CN": "请按应付余额或更少的金额收款。"}


class PaymentIdTaken(Refused):
    clause = "D5"
    title = {"en": "Another payment has this id.", "zh-CN": "该收款编号已用于另一笔收款。"}
    remedy = {"en": "Give a new payment an id of its own.", "zh-CN": "请为新的收款使用新的编号。"}


class ApproverIsCashier(Refused):
    clause = "D5"
    title = {"en": "Who takes the money does not approve what is owed.", "zh-CN": "收银与挂账审批不得为同一人。"}
    remedy = {"en": "Let somebody else approve, or take the payment.", "zh-CN": "请由另一人审批或收款。"}


class AccountLimitExceeded(Refused):
    clause = "D5"
    title = {"en": "That exceeds what may be put on account.", "zh-CN": "超过挂账限额。"}
    remedy = {"en": "Take a payment for what exceeds the limit.", "zh-CN": "超出限额部分请当场收款。"}


class Due(Fact):
    """A settled visit that is not let out yet, and what each payer still owes; nothing where the exit pass may be issued."""

    visit: str
    settlement: str
    due: Mapping[Payer, Money]

    @classmethod
    def of(cls, case: Case) -> "Due":
        return cls(visit=case.id, settlement=settled(case).number, due=due(case))


def due(case: Case) -> dict[Payer, Money]:
    """What each payer still owes at the till: neither paid nor on account. Payers who owe nothing more are left out."""
    open_shares = {payer: amount for payer, amount in settled(case).owed.items() if payer not in _NOT_AT_THE_TILL}
    covered = [(entry.payer, entry.amount) for entry in case.payments] + [(entry.payer, entry.amount) for entry in case.on_account]
    for payer, amount in covered:
        open_shares[payer] -= amount
    return {payer: amount for payer, amount in open_shares.items() if amount}


def take(case: Case, payment: str, payer: Payer, method: Method, amount: Money, cashier: str) -> list[Event]:
    """D5: the same payment told twice is one; its repetition announces nothing."""
    taken = PaymentTaken(visit=case.id, payment=payment, payer=payer, method=method, amount=amount, cashier=cashier)
    if before := case.payment(payment):
        return _same_payment(before, taken)
    case.must_not_have_left()
    _must_be_due(case, payer, amount)
    if cashier in {entry.approver for entry in case.on_account}:
        raise ApproverIsCashier(visit=case.id)
    return [taken]


def put_on_account(case: Case, payer: Payer, amount: Money | None, approver: str, limit: Decimal) -> list[Event]:
    """D5: `amount` None is all that the payer still owes. The insurer's share is owed by the claim: the limit is not for it."""
    case.must_not_have_left()
    amount = amount or due(case).get(payer) or Money.zero(settled(case).total.currency)
    _must_be_due(case, payer, amount)
    if approver in {entry.cashier for entry in case.payments}:
        raise ApproverIsCashier(visit=case.id)
    if payer is not Payer.INSURER and _on_account(case) + amount.amount > limit:
        raise AccountLimitExceeded(visit=case.id, limit=limit, asked=amount)
    return [PutOnAccount(visit=case.id, payer=payer, amount=amount, approver=approver)]


def _same_payment(before: PaymentTaken, again: PaymentTaken) -> list[Event]:
    if (before.payer, before.method, before.amount) != (again.payer, again.method, again.amount):
        raise PaymentIdTaken(visit=again.visit, payment=again.payment)
    return []


def _must_be_due(case: Case, payer: Payer, amount: Money) -> None:
    owed = due(case).get(payer)
    if not owed or amount > owed or not amount:
        raise MoreThanOwed(visit=case.id, payer=payer, owed=str(owed or 0), asked=str(amount))


def _on_account(case: Case) -> Decimal:
    return sum((entry.amount.amount for entry in case.on_account if entry.payer is not Payer.INSURER), start=Decimal(0))
