"""D5: payments, refunds and reversals are facts of their own; what is not paid is put on account by somebody who is not the cashier."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from services.delivery.case import Case
from services.delivery.ledger import (
    AT_THE_TILL,
    approved_by_insurer,
    due,
    due_to_leave,
    on_account,
    refund_due,
    refund_fell_due,
    shares,
    used_up,
)
from services.delivery.settlement import settled
from shared.branch import Branch
from shared.contracts.delivery import DebtArose, ExitPassRevoked, PaymentReversed, PaymentTaken, PutOnAccount, RefundPaid
from shared.contracts.event import Event
from shared.contracts.values import Payer
from shared.money import Money
from shared.refusal import NotFound, Refused

Method = Literal["wechat", "alipay", "card", "cash", "transfer"]


class MoreThanOwed(Refused):
    clause = "D5"
    title = {"en": "That is more than this payer still owes.", "zh-CN": "金额超过该付款方的应付余额。"}
    remedy = {"en": "Take the amount that is still owed, or say that too much came in.", "zh-CN": "请按应付余额收款，或注明为多付款项。"}


class PaysElsewhere(Refused):
    clause = "D5"
    title = {"en": "This payer does not pay at the till.", "zh-CN": "该付款方不在收银台付款。"}
    remedy = {
        "en": "Take money of the customer, the insurer or the account; the warranty pays by its claim.",
        "zh-CN": "请按客户、保险或挂账单位收款；质保费用通过索赔结算。",
    }


class PaymentIdTaken(Refused):
    clause = "D5"
    title = {"en": "Another payment has this id.", "zh-CN": "该收款编号已用于另一笔收款。"}
    remedy = {"en": "Give a new payment an id of its own.", "zh-CN": "请为新的收款使用新的编号。"}


class NoDepositNow(Refused):
    clause = "D5"
    title = {
        "en": "A deposit is paid before the settlement, or for an item that awaits its ruling.",
        "zh-CN": "订金须在结算前或针对待裁定项目收取。",
    }
    remedy = {"en": "Take it as a payment of what is owed.", "zh-CN": "请作为应付款收取。"}


class ApproverIsCashier(Refused):
    clause = "D5"
    title = {"en": "Who takes the money does not approve what is owed.", "zh-CN": "收银与挂账审批不得为同一人。"}
    remedy = {"en": "Let somebody else approve, or take the payment.", "zh-CN": "请由另一人审批或收款。"}


class AccountLimitExceeded(Refused):
    clause = "D5"
    title = {"en": "That exceeds what may be put on account.", "zh-CN": "超过挂账限额。"}
    remedy = {"en": "Take a payment for what exceeds the limit.", "zh-CN": "超出限额部分请当场收款。"}


class InsurerNotAnswered(Refused):
    clause = "D5"
    title = {"en": "The insurer's claim number and approved amount are not known.", "zh-CN": "缺少保险理赔号和核定金额。"}
    remedy = {"en": "Record the insurer's answer first.", "zh-CN": "请先登记保险公司的核定结果。"}


class MoreThanApproved(Refused):
    clause = "D5"
    title = {"en": "The insurer approved less than that.", "zh-CN": "超过保险公司的核定金额。"}
    remedy = {
        "en": "The gap needs the customer's new consent, or goodwill.",
        "zh-CN": "差额须经客户重新同意承担，或由业务主管批准优惠承担。",
    }


class ReversedBefore(Refused):
    clause = "D5"
    title = {"en": "This payment was reversed before.", "zh-CN": "该笔收款已冲回。"}
    remedy = {"en": "Take a new payment with an id of its own.", "zh-CN": "请以新编号重新收款。"}


class NothingToRefund(Refused):
    clause = "D5"
    title = {"en": "That is more than was paid too much.", "zh-CN": "超过可退金额。"}
    remedy = {"en": "Refund what was paid beyond what is owed.", "zh-CN": "只能退还多付的金额。"}


class DepositIsHeld(Refused):
    clause = "R5"
    title = {"en": "An item awaits its ruling: the deposit is held until then.", "zh-CN": "有项目待裁定，订金暂不退还。"}
    remedy = {
        "en": "Refund what was paid beyond the deposit; for the deposit wait for the manufacturer's ruling.",
        "zh-CN": "可退还订金以外的多付款；订金请等待厂家裁定。",
    }


@dataclass(frozen=True)
class Limit:
    """D5: what a customer may owe on account over all visits, and what the other visits take of it."""

    amount: Decimal
    elsewhere: Decimal = Decimal(0)


def take(case: Case, taken: PaymentTaken, branch: Branch, *, overpaid: bool = False) -> list[Event]:
    """D5: the same payment told twice is one; its repetition announces nothing. `overpaid`: more came in, the rest is to be refunded.

    A debt, a supplement and what is on account are paid after the exit too; a refunded deposit that bounced has no settlement.
    """
    if before := case.payment(taken.payment):
        return _same_payment(before, taken)
    if taken.payer not in AT_THE_TILL:
        raise PaysElsewhere(visit=case.id, payer=taken.payer)
    if taken.kind == "deposit":
        _must_take_deposits(case)
    else:
        share = shares(case).get(taken.payer)
        unpaid = share.unpaid if share else taken.amount * 0
        if not (case.released_unsettled and unpaid):
            settled(case)
        if not taken.amount or (taken.amount > unpaid and not overpaid):
            raise MoreThanOwed(visit=case.id, payer=taken.payer, owed=str(unpaid), asked=str(taken.amount))
    if branch.same_person(taken.cashier, (entry.approver for entry in (*case.earlier_accounts, *case.on_account))):
        raise ApproverIsCashier(visit=case.id)
    after = case.after([taken])
    return [taken, *used_up(after), *refund_fell_due(case, after)]


def reverse(case: Case, payment: str, reason: str, by: str) -> list[Event]:
    """EDGE_CASES 6: before the car left its pass is revoked; after, it is a debt, and the delivery is not undone."""
    if not (taken := case.payment(payment)):
        raise NotFound(missing=("payment",), visit=case.id, payment=payment)
    if payment in {reversal.payment for reversal in case.reversals}:
        raise ReversedBefore(visit=case.id, payment=payment)
    reversed_ = PaymentReversed(visit=case.id, payment=payment, amount=taken.amount, reason=reason, by=by)
    return [reversed_, *consequences(case, case.after([reversed_]), "payment_reversed")]


def refund(case: Case, paid_back: RefundPaid) -> list[Event]:
    """D5: what was paid beyond what is owed; the same refund told twice is one. R5: only a deposit is held for a ruling, nothing else."""
    if before := next((entry for entry in case.refunds if entry.refund == paid_back.refund), None):
        if before != paid_back.model_copy(update={"cashier": before.cashier}):
            raise PaymentIdTaken(visit=case.id, payment=paid_back.refund)
        return []
    if not case.released_unsettled:
        settled(case)
    share = shares(case).get(paid_back.payer)
    if not share or not paid_back.amount or paid_back.amount > share.refund:
        raise NothingToRefund(visit=case.id, refund_due=str(share.refund if share else 0), asked=str(paid_back.amount))
    free = refund_due(case).get(paid_back.payer, paid_back.amount * 0)
    if paid_back.amount > free:
        awaited = tuple(item for item in settled(case).awaiting_ruling if case.ruling_of(item) is None)
        raise DepositIsHeld(missing=awaited, visit=case.id, refund_due=str(free), asked=str(paid_back.amount))
    return [paid_back]


def put_on_account(case: Case, payer: Payer, amount: Money | None, approver: str, limit: Limit, branch: Branch) -> list[Event]:
    """D5: `amount` None is all that the payer still owes. The insurer's share is owed by its claim: the limit is not for it."""
    owed = due(case).get(payer) or settled(case).total * 0
    if payer is Payer.INSURER:
        amount = amount or min(owed, _approved(case))
    amount = amount or owed
    if not amount or amount > owed:
        raise MoreThanOwed(visit=case.id, payer=payer, owed=str(owed), asked=str(amount))
    if branch.same_person(approver, (entry.cashier for entry in case.payments)):
        raise ApproverIsCashier(visit=case.id)
    if payer is Payer.INSURER:
        if amount > _approved(case):
            raise MoreThanApproved(visit=case.id, approved=str(_approved(case)), asked=str(amount))
    elif on_account(case) + amount.amount + limit.elsewhere > limit.amount:
        raise AccountLimitExceeded(visit=case.id, limit=limit.amount, other_visits=limit.elsewhere, asked=amount)
    return [PutOnAccount(visit=case.id, payer=payer, amount=amount, approver=approver)]


def consequences(before: Case, after: Case, reason: str) -> list[Event]:
    """What follows where somebody owes more than before: the pass is revoked, or, the car having left, it is a debt."""
    if after.left:
        grown = {payer: amount - due(before).get(payer, amount * 0) for payer, amount in due(after).items()}
        return [DebtArose(visit=after.id, payer=payer, amount=more, reason=reason) for payer, more in grown.items() if more.amount > 0]
    if after.exit_pass and due_to_leave(after):
        return [ExitPassRevoked(visit=after.id, number=after.exit_pass.number, reason=reason)]
    return []


def _must_take_deposits(case: Case) -> None:
    case.must_not_have_left()
    awaits = case.settlement and any(case.ruling_of(item) is None for item in case.settlement.awaiting_ruling)
    if case.released_unsettled or (case.settlement and not awaits):
        raise NoDepositNow(visit=case.id)


def _same_payment(before: PaymentTaken, again: PaymentTaken) -> list[Event]:
    if before != again.model_copy(update={"cashier": before.cashier}):
        raise PaymentIdTaken(visit=again.visit, payment=again.payment)
    return []


def _approved(case: Case) -> Money:
    """What the insurer approved and neither has paid nor has on account yet."""
    if (approved := approved_by_insurer(case)) is None:
        raise InsurerNotAnswered(missing=("claim_number", "approved_amount"), visit=case.id)
    share = shares(case).get(Payer.INSURER)
    return max(approved - (share.paid + share.on_account), approved * 0) if share else approved
