"""A delivery desk in a test: the sample branch, a signed order, and a case carried move by move as its people would."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from services.delivery import advice, check, correction, discount, exit_pass, insurer, payment, settlement
from services.delivery.case import Case
from services.delivery.order import Order
from shared.branch import Branch
from shared.contracts.delivery import PaymentTaken, RefundPaid
from shared.contracts.event import Event
from shared.contracts.reception import DocumentsTaken, InquiryEnded, OrderRevised, VehicleCheckedIn, WarrantyRuled, WorkOrderSigned
from shared.contracts.values import (
    FaultState,
    NextMaintenance,
    OrderItem,
    PartLine,
    Payer,
    PaymentChoice,
    Recommendation,
    Signature,
    Warranty,
)
from shared.contracts.workshop import CarParked, PapersHandedIn, QcPassed
from shared.money import Money
from shared.refusal import Refused

BRANCH = Branch.load(Path(__file__).parent.parent.parent / "data" / "branch")
SITE = BRANCH.site
TAX = SITE.prices.tax_rate
LIMIT = SITE.prices.account_limit
NOW = datetime(2026, 3, 9, 6, 0, tzinfo=UTC)
"""14:00 in the shop, which closes at 20:00; 17:30 to 19:00 is peak."""
VISIT = "visit-1"
ADVISOR, SUPERVISOR, CASHIER, BOSS, GATE = "advisor-1", "supervisor-1", "cashier-1", "bizsup-1", "gate-1"
SIGNED = Signature(signer="customer", at=NOW, content_hash="0" * 64)
NEXT = NextMaintenance(due_on=date(2026, 9, 9), odometer_km=45000)
SAFETY = Recommendation(recommendation="rec-1", operation="R-FBD", safety=True)
ADVICE = Recommendation(recommendation="rec-2", operation="M-ALIGN")
DOCUMENTS = ("driving_licence", "maintenance_booklet")
ALL_PAPERS: tuple[check.Paper, ...] = ("key", "order", "sheet", "old_parts", "belongings")

Move = Callable[[Case], Sequence[Event]]


def item(id: str = "item-1", *, labour: str = "144.00", part: str = "398.00", kind: str = "repair", warranty: str = "no") -> OrderItem:
    return OrderItem(
        item=id,
        operation="R-FBP",
        kind=kind,
        skill="chassis",
        hours=Decimal("0.8"),
        fault=FaultState.DETERMINED,
        warranty=Warranty(warranty),
        labour=Money.of(labour),
        parts=(PartLine(line=f"{id}.1", part_no="BP-4001", quantity=1, unit_price=Money.of(part), amount=Money.of(part)),),
    )


def pays(**shares: str) -> tuple[PaymentChoice, ...]:
    return tuple(PaymentChoice(method=method, share=Decimal(share)) for method, share in shares.items())


def signed_order(items: Sequence[OrderItem] = (item(),), paid_by: Sequence[PaymentChoice] = pays(card="1")) -> WorkOrderSigned:
    nothing = Money.zero()
    labour = sum((entry.labour for entry in items), start=nothing)
    total = sum((entry.amount for entry in items), start=nothing)
    return WorkOrderSigned(
        visit=VISIT,
        number="WO-1",
        revision=1,
        customer="customer-1",
        vehicle="vehicle-1",
        advisor=ADVISOR,
        items=tuple(items),
        labour=labour,
        parts=total - labour,
        total=total,
        promised_at=NOW + timedelta(hours=2),
        pays=tuple(paid_by),
        payment_ways_told=True,
        old_parts="keep",
        wash=True,
        delivery_procedure_explained=True,
        order_explained=True,
        new_work_rule_told=True,
        content_hash="0" * 64,
        signature=SIGNED,
    )


def order(items: Sequence[OrderItem] = (item(),), paid_by: Sequence[PaymentChoice] = pays(card="1")) -> Order:
    return Order.signed(signed_order(items, paid_by))


def revised(items: Sequence[OrderItem], revision: int = 2, paid_by: Sequence[PaymentChoice] = pays(card="1")) -> OrderRevised:
    """W8: the order as reception announces it after a consented change."""
    signed = signed_order(items, paid_by)
    kept = signed.model_dump(include={"visit", "items", "labour", "parts", "total", "promised_at", "wash", "pays"})
    return OrderRevised(revision=revision, change=f"change-{revision - 1}", **kept)


def ruled(item: str = "item-1", *, covers: bool) -> WarrantyRuled:
    return WarrantyRuled(visit=VISIT, item=item, covers=covers, reference="MFR-1", by=ADVISOR)


def inquiry_ended(reason: str = "cancelled_before_signature", *, car_here: bool = True) -> InquiryEnded:
    return InquiryEnded(
        visit=VISIT,
        customer="customer-1",
        vehicle="vehicle-1",
        advisor=ADVISOR,
        about="text:reception:about",
        reason=reason,
        call_hour="10:00",
        car_here=car_here,
    )


def check_in() -> VehicleCheckedIn:
    return VehicleCheckedIn(
        visit=VISIT,
        customer="customer-1",
        vehicle="vehicle-1",
        advisor=ADVISOR,
        brought_by="self",
        covers_fitted=("seat", "wheel", "floor"),
        odometer_km=40000,
        fuel=Decimal("0.5"),
        spare_wheel=True,
        content_hash="0" * 64,
        signature=SIGNED,
    )


def documents_taken() -> DocumentsTaken:
    return DocumentsTaken(visit=VISIT, documents=DOCUMENTS, vin_matches=True, plate_matches=True)


def qc_passed(recommendations: Sequence[Recommendation] = (), items: Sequence[str] = ("item-1",), revision: int = 1) -> QcPassed:
    return QcPassed(
        visit=VISIT,
        inspector="qc-1",
        revision=revision,
        round=1,
        items=tuple(items),
        recommendations=tuple(recommendations),
        wash=True,
        content_hash="0" * 64,
        signature=SIGNED,
    )


PARKED = CarParked(visit=VISIT, by="wash-1", spot="F-3", nose_to_exit=True)
HANDED_IN = PapersHandedIn(visit=VISIT, from_person="tech-1", supervisor="supervisor-1", things=("key", "order", "sheet"))


def carry(case: Case, *moves: Move) -> Case:
    """The case after these moves, each as one commit."""
    for move in moves:
        case = case.after(move(case))
    return case


def announced() -> Case:
    return carry(Case(id=VISIT), lambda case: case.announce(check_in()))


def opened(*recommendations: Recommendation, items: Sequence[str] = ("item-1",)) -> Case:
    return carry(announced(), lambda case: case.open(qc_passed(recommendations, items)))


def parked(*recommendations: Recommendation, items: Sequence[str] = ("item-1",)) -> Case:
    return carry(opened(*recommendations, items=items), lambda case: case.make_ready(PARKED))


def papers(case: Case) -> Sequence[Event]:
    return check.receive_papers(case, ADVISOR, SUPERVISOR, ALL_PAPERS, HANDED_IN.things, BRANCH)


def internal_check(kept: Order) -> Move:
    points, items = tuple(check.InternalPoint), [entry.item for entry in kept.items]
    return lambda case: check.check_internally(case, kept, ADVISOR, items, points, road_test=True)


def customer_call(kept: Order, at: datetime = NOW + timedelta(hours=1)) -> Move:
    return lambda case: check.call_customer(case, kept, ADVISOR, at, SITE, NOW)


def accompanied_check(kept: Order, statement: str = "S-20260309-0001") -> Move:
    points, items = tuple(check.AccompaniedPoint), [entry.item for entry in kept.items]
    return lambda case: check.check_with_customer(case, kept, ADVISOR, items, points, statement)


def next_maintenance(case: Case) -> Sequence[Event]:
    return advice.set_next_maintenance(case, NEXT, date(2026, 3, 9), reminder_told=True)


def call_hour(case: Case) -> Sequence[Event]:
    return advice.confirm_call_hour(case, "18:30")


def at_the_desk(kept: Order, *recommendations: Recommendation) -> Case:
    """Checked with the customer; the statement lacks nothing but answers to recommendations and the signature."""
    case = parked(*recommendations, items=[entry.item for entry in kept.items])
    moves = (papers, internal_check(kept), customer_call(kept), accompanied_check(kept), next_maintenance, call_hour)
    return carry(case, *moves)


def close(kept: Order, signed: str | None = None) -> Move:
    def sign(case: Case) -> Sequence[Event]:
        shown = signed or settlement.statement(case, kept, TAX).content_hash or ""
        return settlement.close(case, kept, TAX, shown, None, NOW)

    return sign


def settled(kept: Order) -> Case:
    return carry(at_the_desk(kept), close(kept))


def pay(
    amount: str,
    payer: Payer = Payer.CUSTOMER,
    id: str = "pay-1",
    cashier: str = CASHIER,
    *,
    kind: str = "payment",
    overpaid: bool = False,
    branch: Branch = BRANCH,
) -> Move:
    taken = PaymentTaken(visit=VISIT, payment=id, payer=payer, method="card", amount=Money.of(amount), cashier=cashier, kind=kind)
    return lambda case: payment.take(case, taken, branch, overpaid=overpaid)


def reverse(id: str = "pay-1") -> Move:
    return lambda case: payment.reverse(case, id, "text:delivery:bounced", CASHIER)


def refund(amount: str, payer: Payer = Payer.CUSTOMER, id: str = "back-1") -> Move:
    paid_back = RefundPaid(visit=VISIT, refund=id, payer=payer, method="card", amount=Money.of(amount), cashier=CASHIER)
    return lambda case: payment.refund(case, paid_back)


def account(
    payer: Payer,
    amount: str | None = None,
    approver: str = BOSS,
    limit: Decimal = LIMIT,
    elsewhere: Decimal = Decimal(0),
    branch: Branch = BRANCH,
) -> Move:
    asked = None if amount is None else Money.of(amount)
    return lambda case: payment.put_on_account(case, payer, asked, approver, payment.Limit(limit, elsewhere), branch)


def insurer_approves(amount: str) -> Move:
    return lambda case: insurer.answer(case, "PICC-1", Money.of(amount), ADVISOR)


def goodwill(amount: str, payer: Payer = Payer.INSURER, supplement: str | None = None) -> Move:
    return lambda case: insurer.goodwill(case, payer, Money.of(amount), "text:delivery:why", BOSS, supplement)


def customer_bears_the_gap(case: Case) -> Sequence[Event]:
    return insurer.consent(case, insurer.gap(case).content_hash, None, NOW)


def take_off(kept: Order, line: str, amount: str, role: str = "business_supervisor") -> Move:
    limits = SITE.prices.discount_limits
    return lambda case: discount.give(case, kept, line, Money.of(amount), "text:delivery:why", role, (role,), limits)


def credit(amount: str, payer: Payer = Payer.CUSTOMER, supplement: str | None = None) -> Move:
    return lambda case: correction.credit(case, "CN-1", payer, Money.of(amount), "text:delivery:why", BOSS, supplement)


def issue_pass(case: Case, number: str = "P-20260309-0001", now: datetime = NOW) -> Sequence[Event]:
    return exit_pass.issue(case, number, CASHIER, now + timedelta(hours=24), now)


def give_back(case: Case) -> Sequence[Event]:
    return exit_pass.return_documents(case, DOCUMENTS, DOCUMENTS, ADVISOR)


def pass_the_gate(case: Case, number: str = "P-20260309-0001", now: datetime = NOW) -> Sequence[Event]:
    return exit_pass.use(case, number, DOCUMENTS, GATE, now)


@contextmanager
def refused(clause: str, *missing: str) -> Iterator[None]:
    """The block is refused with this clause, naming at least these as missing."""
    try:
        yield
    except Refused as problem:
        assert problem.clause == clause, f"refused with {problem.clause}, not {clause}: {problem}"
        assert set(missing) <= set(problem.missing), problem.missing
    else:
        raise AssertionError(f"not refused with {clause}")
