"""D5: nothing on a settlement is changed later: before the exit it is countered as a whole, and a credit note lessens what is owed."""

from services.delivery import revision
from services.delivery.case import Case
from services.delivery.ledger import AT_THE_TILL, owed_by, refund_fell_due, used_up
from services.delivery.settlement import settled
from shared.contracts.delivery import CreditNoteIssued, StatementNumbered
from shared.contracts.event import Event
from shared.contracts.values import Payer
from shared.money import Money
from shared.refusal import Refused


class CreditBeyondOwed(Refused):
    clause = "D5"
    title = {"en": "A credit note is not for more than the payer owes.", "zh-CN": "贷项金额不得超过该付款方的应付金额。"}
    remedy = {"en": "Credit what is owed at most.", "zh-CN": "最多冲减应付金额。"}


def counter(case: Case, number: str, statement: str, reason: str) -> list[Event]:
    """D5: the car stays; the next statement has a number of its own. What was paid counts for it."""
    case.must_hold_the_car()
    settled(case)
    return [*revision.counter(case, number, reason), StatementNumbered(visit=case.id, number=statement)]


def credit(case: Case, number: str, payer: Payer, amount: Money, reason: str, approver: str, supplement: str | None = None) -> list[Event]:
    """EDGE_CASES 8, 11: also after the exit; what was paid beyond it is to be refunded."""
    closed = settled(case)
    still = owed_by(case, supplement).get(payer, amount * 0)
    if payer not in AT_THE_TILL or not amount or amount > still:
        raise CreditBeyondOwed(visit=case.id, payer=payer, owed=str(still), asked=str(amount))
    note = CreditNoteIssued(
        visit=case.id,
        number=number,
        settlement=closed.number,
        payer=payer,
        amount=amount,
        reason=reason,
        approver=approver,
        supplement=supplement,
    )
    after = case.after([note])
    return [note, *used_up(after), *refund_fell_due(case, after)]
