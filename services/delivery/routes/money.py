"""D5 over HTTP: discounts, payments, accounts, the insurer, refunds, reversals, and what corrects a settlement.

Every change of what is owed keeps the customer's account in the same transaction; every movement of money is booked in a till.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from services.delivery import correction, discount, insurer, ledger, payment, store
from services.delivery.case import Case
from services.delivery.insurer import Gap
from services.delivery.ledger import Due, Share
from services.delivery.payment import Limit, Method
from services.delivery.till import Till
from shared.contracts.delivery import PaymentTaken, RefundPaid
from shared.contracts.event import Event
from shared.contracts.values import Payer
from shared.money import Money
from shared.unit import Unit
from shared.web import Body, Call, Roles, table

_MONEY: tuple[str, ...] = ("cashier", "business_supervisor")
_DESK: tuple[str, ...] = ("advisor", *_MONEY)

MAY: Roles = {
    "give_discount": ("advisor", "business_supervisor"),
    "see_ledger": (*_DESK, "group_analyst"),
    "see_till": (*_MONEY, "group_analyst"),
    "see_debts": (*_DESK, "group_analyst"),
    "see_refunds": (*_DESK, "group_analyst"),
    "take_payment": ("cashier",),
    "put_on_account": ("business_supervisor",),
    "record_insurer": _DESK,
    "take_gap_consent": ("advisor", "cashier"),
    "grant_goodwill": ("business_supervisor",),
    "reverse_payment": _MONEY,
    "pay_refund": ("cashier",),
    "counter_settlement": ("business_supervisor",),
    "issue_credit_note": ("business_supervisor",),
}

router = APIRouter()
allowed = table(MAY)

Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Limited = Annotated[int, Query(ge=1, le=200)]
Amount = Annotated[Decimal, Field(gt=0, max_digits=12, decimal_places=2, examples=["120.00"])]
Id = Annotated[str, Field(pattern="^[A-Za-z0-9_-]{1,64}$")]
Words = Annotated[str, Field(min_length=1, max_length=2000)]
Supplement = Annotated[Id | None, Field(description="R5: of this supplementary settlement; of the settlement where null.")]


async def _change(unit: Unit, visit: str, decide: Callable[[Case], Sequence[Event]]) -> Case:
    case = await unit.update(Case, visit, decide)
    await store.keep_account(unit, case)
    return case


async def _book(unit: Unit, visit: str, entry: str, method: str, amount: Money, cashier: str) -> None:
    till = await store.open_till(unit)
    await unit.create(Till, till, lambda till: till.book(visit, entry, method, amount, cashier))


def _money(call: Call, amount: Decimal) -> Money:
    return Money(amount=amount, currency=call.branch.site.site.currency)


class GiveDiscount(Body):
    line: str = Field(max_length=80, examples=["item-1.labour"])
    amount: Decimal = Field(ge=0, max_digits=12, decimal_places=2, description="Zero takes the line's discount back.")
    reason: Words


@router.post("/cases/{visit}/discounts")
async def give_discount(visit: str, body: GiveDiscount, call: Call = allowed("give_discount")) -> Case:
    """D5: before the signature, off a line of the customer's side, within the limit of the giver's role."""
    amount = _money(call, body.amount)

    async def work(unit: Unit) -> Case:
        order = await store.judged_order(unit, visit)
        reason = await unit.put_text(body.reason)
        limits = unit.branch.site.prices.discount_limits
        return await unit.update(
            Case, visit, lambda case: discount.give(case, order, body.line, amount, reason, unit.actor, call.person.roles, limits)
        )

    return await call.do(work, Case)


@router.get("/cases/{visit}/ledger")
async def see_ledger(visit: str, call: Call = allowed("see_ledger")) -> Mapping[Payer, Share]:
    """D5: what each payer owes, has paid, may owe on account, still owes, and is to get back."""
    return ledger.shares(await call.get(Case, visit))


@router.get("/till")
async def see_till(limit: Limited = 100, after: str | None = None, call: Call = allowed("see_till")) -> list[Due]:
    """D5: settled, not let out yet: what each payer still owes."""
    return await store.till(call.store, limit, after)


@router.get("/debts")
async def see_debts(limit: Limited = 100, after: str | None = None, call: Call = allowed("see_debts")) -> list[Due]:
    """D5: gone, and something is owed again: bounced payments, insurers that paid less, supplements."""
    return await store.debts(call.store, limit, after)


@router.get("/refunds")
async def see_refunds(limit: Limited = 100, after: str | None = None, call: Call = allowed("see_refunds")) -> list[Due]:
    """D5: money is to be paid back, the car here or gone: paid too much, credited, deposits that are held no longer."""
    return await store.refunds(call.store, limit, after)


class TakePayment(Body):
    payment: Id = Field(description="The till's own id of this payment: the same twice is one.")
    payer: Payer = Payer.CUSTOMER
    method: Method = Field(examples=["wechat"])
    amount: Amount
    kind: Literal["payment", "deposit"] = Field(
        default="payment", description="A deposit comes before the settlement, or for an item that awaits its ruling."
    )
    overpaid: bool = Field(default=False, description="More came in than is owed, as with a transfer: the rest is to be refunded.")


@router.post("/cases/{visit}/payments")
async def take_payment(visit: str, body: TakePayment, call: Call = allowed("take_payment")) -> Case:
    """D5: in parts, as many as it takes; a double tap of the same payment is one payment. Debts are paid after the exit too."""
    amount = _money(call, body.amount)
    taken = PaymentTaken(
        visit=visit, payment=body.payment, payer=body.payer, method=body.method, amount=amount, cashier=call.person.id, kind=body.kind
    )

    async def work(unit: Unit) -> Case:
        before = await unit.load(Case, visit)
        case = await _change(unit, visit, lambda case: payment.take(case, taken, unit.branch, overpaid=body.overpaid))
        if case is not before:
            await _book(unit, visit, body.payment, body.method, amount, unit.actor)
        return case

    return await call.do(work, Case)


class PutShareOnAccount(Body):
    payer: Payer = Field(examples=["on_account"])
    amount: Amount | None = Field(default=None, description="All that the payer still owes (the insurer: has approved) where null.")
    claim_number: Annotated[str, Field(min_length=1, max_length=80)] | None = Field(default=None, description="Insurer only.")
    approved_amount: Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=2)] | None = Field(
        default=None, description="Insurer only, with its claim number; what was recorded before where null."
    )


@router.post("/cases/{visit}/account")
async def put_on_account(visit: str, body: PutShareOnAccount, call: Call = allowed("put_on_account")) -> Case:
    """D5: a share is owed, not paid, and lets the car go; approved by somebody who is not the cashier.

    The limit is for all visits of the customer; the insurer's share needs its claim number and approved amount instead.
    """
    amount = None if body.amount is None else _money(call, body.amount)

    async def work(unit: Unit) -> Case:
        if body.claim_number and body.approved_amount is not None:
            number, approved = body.claim_number, _money(call, body.approved_amount)
            await unit.update(Case, visit, lambda case: insurer.answer(case, number, approved, unit.actor))
        elsewhere = await store.account_elsewhere(unit, await unit.load(Case, visit))
        limit = Limit(unit.branch.site.prices.account_limit, elsewhere)
        return await _change(unit, visit, lambda case: payment.put_on_account(case, body.payer, amount, unit.actor, limit, unit.branch))

    return await call.do(work, Case)


class RecordInsurer(Body):
    claim_number: str = Field(min_length=1, max_length=80, examples=["PICC-2026-0309-77"])
    approved_amount: Decimal = Field(ge=0, max_digits=12, decimal_places=2)


@router.post("/cases/{visit}/insurer")
async def record_insurer(visit: str, body: RecordInsurer, call: Call = allowed("record_insurer")) -> Case:
    """D5: what the insurer approved, or later paid in fact: a smaller answer makes the rest due again."""
    approved = _money(call, body.approved_amount)
    return await call.do(
        lambda unit: _change(unit, visit, lambda case: insurer.answer(case, body.claim_number, approved, unit.actor)), Case
    )


@router.get("/cases/{visit}/insurer/gap")
async def see_gap(visit: str, call: Call = allowed("take_gap_consent")) -> Gap:
    """D5: what the insurer leaves open, and the hash that the customer signs to bear it: of the settlement, then of its supplements."""
    return insurer.gap(await call.get(Case, visit))


class TakeGapConsent(Body):
    content_hash: Hash = Field(description="The hash of the gap that the customer signed.")
    picture_sha256: Hash | None = None


@router.post("/cases/{visit}/insurer/gap")
async def take_gap_consent(visit: str, body: TakeGapConsent, call: Call = allowed("take_gap_consent")) -> Case:
    """EDGE_CASES 7: the gap becomes the customer's only by a new consent."""

    async def work(unit: Unit) -> Case:
        return await _change(unit, visit, lambda case: insurer.consent(case, body.content_hash, body.picture_sha256, unit.now))

    return await call.do(work, Case)


class GrantGoodwill(Body):
    payer: Payer = Field(description="Whose share the house bears.", examples=["insurer"])
    amount: Amount
    reason: Words
    supplement: Supplement = None


@router.post("/cases/{visit}/goodwill")
async def grant_goodwill(visit: str, body: GrantGoodwill, call: Call = allowed("grant_goodwill")) -> Case:
    """D5: the house bears what a payer still owes."""
    amount = _money(call, body.amount)

    async def work(unit: Unit) -> Case:
        reason = await unit.put_text(body.reason)
        return await _change(unit, visit, lambda case: insurer.goodwill(case, body.payer, amount, reason, unit.actor, body.supplement))

    return await call.do(work, Case)


class Reason(Body):
    reason: Words


@router.post("/cases/{visit}/payments/{taken}/reversal")
async def reverse_payment(visit: str, taken: str, body: Reason, call: Call = allowed("reverse_payment")) -> Case:
    """D5: before the car left its pass is revoked; after, it is a debt, and the supervisor and advisor are told.

    The till has it as its cashier's, whose taking it was: who books it took no money and may close the till.
    """

    async def work(unit: Unit) -> Case:
        reason = await unit.put_text(body.reason)
        case = await _change(unit, visit, lambda case: payment.reverse(case, taken, reason, unit.actor))
        if back := case.payment(taken):
            await _book(unit, visit, f"{taken}.reversal", back.method, back.amount * -1, back.cashier)
        return case

    return await call.do(work, Case)


class PayRefund(Body):
    refund: Id = Field(description="The till's own id of this refund: the same twice is one.")
    payer: Payer = Payer.CUSTOMER
    method: Method
    amount: Amount


@router.post("/cases/{visit}/refunds")
async def pay_refund(visit: str, body: PayRefund, call: Call = allowed("pay_refund")) -> Case:
    """D5: what was paid beyond what is owed goes back; a deposit for an item that awaits its ruling is held."""
    amount = _money(call, body.amount)
    paid_back = RefundPaid(visit=visit, refund=body.refund, payer=body.payer, method=body.method, amount=amount, cashier=call.person.id)

    async def work(unit: Unit) -> Case:
        before = await unit.load(Case, visit)
        case = await _change(unit, visit, lambda case: payment.refund(case, paid_back))
        if case is not before:
            await _book(unit, visit, body.refund, body.method, amount * -1, unit.actor)
        return case

    return await call.do(work, Case)


@router.post("/cases/{visit}/settlement/counter")
async def counter_settlement(visit: str, body: Reason, call: Call = allowed("counter_settlement")) -> Case:
    """D5: as a whole, before the exit; the pass that it let out is revoked, and a new statement is signed."""

    async def work(unit: Unit) -> Case:
        reason = await unit.put_text(body.reason)
        number, statement = await store.next_paper(unit, "counter"), await store.next_paper(unit, "settlement")
        return await _change(unit, visit, lambda case: correction.counter(case, number, statement, reason))

    return await call.do(work, Case)


class IssueCreditNote(Body):
    payer: Payer = Payer.CUSTOMER
    amount: Amount
    reason: Words
    supplement: Supplement = None


@router.post("/cases/{visit}/credit-notes")
async def issue_credit_note(visit: str, body: IssueCreditNote, call: Call = allowed("issue_credit_note")) -> Case:
    """D5: after the settlement, also after the exit, less is owed only by a note of its own."""
    amount = _money(call, body.amount)

    async def work(unit: Unit) -> Case:
        reason = await unit.put_text(body.reason)
        number = await store.next_paper(unit, "credit-note")
        return await _change(
            unit, visit, lambda case: correction.credit(case, number, body.payer, amount, reason, unit.actor, body.supplement)
        )

    return await call.do(work, Case)
