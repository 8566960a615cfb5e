"""D5, EDGE_CASES 7: the insurer's answer; what it does not pay never slides to the customer: goodwill, or a new consent, signed."""

from datetime import datetime

from services.delivery.case import Case
from services.delivery.ledger import approved_by_insurer, due_by, owed_by, shares, supplements, used_up
from services.delivery.payment import MoreThanOwed, consequences
from services.delivery.settlement import settled
from shared.contracts.delivery import InsurerAnswered, ShareMoved
from shared.contracts.event import Event, Fact
from shared.contracts.values import Payer, Signature
from shared.money import Money
from shared.refusal import Refused
from shared.signing import content_hash


class NoGap(Refused):
    clause = "D5"
    title = {"en": "The insurer leaves nothing open.", "zh-CN": "保险赔付没有差额。"}
    remedy = {"en": "Record the insurer's answer and put its share on account.", "zh-CN": "请登记保险核定结果并将其份额挂账。"}


class SignedAnotherGap(Refused):
    clause = "D5"
    title = {"en": "What was signed is not the present gap.", "zh-CN": "签字内容与当前差额不一致。"}
    remedy = {"en": "Show the gap again and let it be signed.", "zh-CN": "请重新出示差额并请客户签字。"}


class Gap(Fact):
    """What the insurer leaves open, of the settlement or of a supplement; `content_hash` is what the customer signs to bear it."""

    visit: str
    supplement: str | None = None
    amount: Money
    content_hash: str


def answer(case: Case, claim_number: str, approved: Money, by: str) -> list[Event]:
    """D5: also later, where the insurer pays less than it said: what is missing is due again."""
    answered = InsurerAnswered(visit=case.id, claim_number=claim_number, approved=approved, by=by)
    return [answered, *consequences(case, case.after([answered]), "insurer_pays_less")]


def gap(case: Case) -> Gap:
    move = _gap_to_customer(case)
    return Gap(visit=case.id, supplement=move.supplement, amount=move.amount, content_hash=content_hash(move))


def consent(case: Case, signed: str, picture_sha256: str | None, now: datetime) -> list[Event]:
    """EDGE_CASES 7: the customer signs to bear the gap."""
    move = _gap_to_customer(case)
    if signed != content_hash(move):
        raise SignedAnotherGap(visit=case.id)
    signature = Signature(signer="customer", at=now, content_hash=signed, picture_sha256=picture_sha256)
    moved = move.model_copy(update={"content_hash": signed, "signature": signature})
    return [moved, *used_up(case.after([moved]))]


def goodwill(case: Case, payer: Payer, amount: Money, reason: str, by: str, supplement: str | None = None) -> list[Event]:
    """D5: the house bears what this payer still owes; whose right it is, the table of who may says."""
    nothing = settled(case).total * 0
    still = due_by(case, supplement).get(payer, nothing)
    if not amount or amount > still:
        raise MoreThanOwed(visit=case.id, payer=payer, owed=str(still), asked=str(amount))
    moved = _move(case, payer, Payer.GOODWILL, amount, by, supplement).model_copy(update={"reason": reason})
    return [moved, *used_up(case.after([moved]))]


def _gap_to_customer(case: Case) -> ShareMoved:
    nothing = settled(case).total * 0
    for supplement in (None, *supplements(case)):
        if (amount := _gap_of(case, supplement, nothing)) > nothing:
            return _move(case, Payer.INSURER, Payer.CUSTOMER, amount, "customer", supplement)
    raise NoGap(visit=case.id)


def _gap_of(case: Case, supplement: str | None, nothing: Money) -> Money:
    """What was approved or paid is the settlement's first."""
    share, approved = shares(case).get(Payer.INSURER), approved_by_insurer(case)
    if not share or approved is None:
        return nothing
    covered, asked = max(share.paid, approved), owed_by(case, supplement).get(Payer.INSURER, nothing)
    return min(asked, share.owed - covered) if supplement else asked - covered


def _move(case: Case, from_payer: Payer, to_payer: Payer, amount: Money, by: str, supplement: str | None) -> ShareMoved:
    return ShareMoved(
        visit=case.id,
        settlement=settled(case).number,
        from_payer=from_payer,
        to_payer=to_payer,
        amount=amount,
        by=by,
        supplement=supplement,
    )
