"""D5: discounts, deposits, refunds, reversals, the insurer's answer, credit notes: what each payer owes and has paid, to the cent."""

from datetime import timedelta
from decimal import Decimal

import pytest

from services.delivery import correction, insurer, settlement
from services.delivery.case import Case
from services.delivery.ledger import due, due_to_leave, shares
from shared.contracts.values import Payer
from shared.money import Money
from shared.signing import content_hash
from tests.delivery.desk import (
    NOW,
    TAX,
    Move,
    account,
    announced,
    at_the_desk,
    carry,
    close,
    credit,
    customer_bears_the_gap,
    give_back,
    goodwill,
    insurer_approves,
    issue_pass,
    item,
    order,
    pass_the_gate,
    pay,
    pays,
    refund,
    refused,
    reverse,
    settled,
    take_off,
)

ORDER = order()
INSURED = order(paid_by=pays(insurer="0.5", card="0.5"))
CUSTOMER, INSURER = Payer.CUSTOMER, Payer.INSURER


def released() -> Case:
    return carry(settled(ORDER), pay("542.00"), issue_pass)


def delivered() -> Case:
    return carry(released(), give_back, pass_the_gate)


def happened(case: Case, move: Move) -> list[str]:
    return [type(event).__name__ for event in move(case)]


# discounts, EDGE_CASES 8


@pytest.mark.clause("D5")
def test_edge_case_8_a_discount_is_on_the_statement_that_is_signed() -> None:
    closed = carry(at_the_desk(ORDER), take_off(ORDER, "item-1.1", "98.00"), close(ORDER)).settlement
    assert closed
    assert (closed.total, closed.owed, closed.tax_contained) == (Money.of(444), {CUSTOMER: Money.of(444)}, Money.of("51.08"))
    assert [(entry.line, entry.amount, entry.reason) for entry in closed.discounts] == [("item-1.1", Money.of(98), "text:delivery:why")]
    assert content_hash(closed) == closed.content_hash


@pytest.mark.clause("D5")
def test_edge_case_8_no_line_goes_below_zero_and_no_warranty_line_is_discounted() -> None:
    with refused("D5"):
        take_off(ORDER, "item-1.1", "398.01")(at_the_desk(ORDER))
    free = order([item(warranty="yes")])
    with refused("D5"):
        take_off(free, "item-1.labour", "1.00")(at_the_desk(free))
    whole = carry(at_the_desk(ORDER), take_off(ORDER, "item-1.1", "398.00"), take_off(ORDER, "item-1.labour", "144.00"), close(ORDER))
    assert whole.settlement
    assert (whole.settlement.total, whole.settlement.owed) == (Money.of(0), {})
    assert carry(whole, issue_pass).exit_pass


@pytest.mark.clause("D5")
def test_edge_case_8_nobody_takes_off_more_than_the_role_may_counting_what_others_gave() -> None:
    with refused("D5"):
        take_off(ORDER, "item-1.1", "100.01", role="advisor")(at_the_desk(ORDER))
    with refused("D5"):
        take_off(ORDER, "item-1.1", "1.00", role="cashier")(at_the_desk(ORDER))
    case = carry(at_the_desk(ORDER), take_off(ORDER, "item-1.1", "60.00", role="advisor"))
    with refused("D5"):
        take_off(ORDER, "item-1.labour", "40.01", role="advisor")(case)
    taken_back = carry(case, take_off(ORDER, "item-1.1", "0.00", role="advisor"))
    assert take_off(ORDER, "item-1.labour", "100.00", role="advisor")(taken_back)


@pytest.mark.clause("D5")
def test_edge_case_8_after_the_signature_only_a_credit_note() -> None:
    with refused("D5"):
        take_off(ORDER, "item-1.1", "1.00")(settled(ORDER))
    case = carry(settled(ORDER), credit("42.00"))
    assert due(case) == {CUSTOMER: Money.of(500)}
    assert case.settlement == settled(ORDER).settlement
    with refused("D5"):
        credit("500.01")(case)
    with refused("D5"):
        credit("1.00", Payer.WARRANTY)(settled(order([item(warranty="yes")])))


@pytest.mark.clause("D5")
def test_a_discount_is_shared_by_those_who_pay_the_line() -> None:
    split = order([item(labour="0.01", part="0.03")], pays(insurer="0.5", card="0.5"))
    closed = carry(
        at_the_desk(split), take_off(split, "item-1.1", "0.03"), take_off(split, "item-1.labour", "0.01"), close(split)
    ).settlement
    assert closed
    assert (closed.total, closed.owed) == (Money.of(0), {})


# payments, EDGE_CASES 6


@pytest.mark.clause("D5")
def test_edge_case_6_partly_paid_the_pass_names_what_is_missing_until_the_rest_is_on_account() -> None:
    case = carry(settled(ORDER), pay("500.00"))
    with refused("D5", "customer 42.00 CNY"):
        issue_pass(case)
    assert carry(case, account(CUSTOMER), issue_pass).exit_pass


@pytest.mark.clause("D5")
def test_edge_case_6_what_was_paid_too_much_is_refunded_and_no_more() -> None:
    with refused("D5"):
        pay("600.00")(settled(ORDER))
    case = carry(settled(ORDER), pay("600.00", overpaid=True))
    assert shares(case)[CUSTOMER].refund == Money.of(58)
    with refused("D5"):
        refund("58.01")(case)
    case = carry(case, refund("58.00"))
    assert refund("58.00")(case) == []
    with refused("D5"):
        refund("1.00", id="back-2")(case)
    with refused("D5"):
        refund("57.00")(case)
    assert carry(case, issue_pass).exit_pass


@pytest.mark.clause("D5")
@pytest.mark.parametrize("payer", [CUSTOMER, INSURER])
def test_edge_case_6_what_comes_in_once_all_is_paid_is_taken_and_refunded(payer: Payer) -> None:
    for case in (carry(settled(ORDER), pay("542.00")), delivered()):
        with refused("D5"):
            pay("542.00", payer, id="pay-2")(case)
        twice = carry(case, pay("542.00", payer, id="pay-2", overpaid=True))
        assert shares(twice)[payer].refund == Money.of(542)
        assert shares(carry(twice, refund("542.00", payer)))[payer].refund == Money.of(0)


@pytest.mark.clause("D5")
@pytest.mark.parametrize("payer", [Payer.WARRANTY, Payer.GOODWILL])
@pytest.mark.parametrize("kind", ["deposit", "payment"])
def test_nothing_is_taken_of_who_does_not_pay_at_the_till(payer: Payer, kind: str) -> None:
    """It would count for nobody, and could not be refunded."""
    with refused("D5"):
        pay("50.00", payer, kind=kind, overpaid=True)(announced() if kind == "deposit" else settled(ORDER))


@pytest.mark.clause("D5")
def test_edge_case_6_a_payment_reversed_before_the_car_left_revokes_the_pass() -> None:
    assert happened(released(), reverse()) == ["PaymentReversed", "ExitPassRevoked"]
    case = carry(released(), reverse(), give_back)
    with refused("D5"):
        pass_the_gate(case)
    with refused("D5", "customer 542.00 CNY"):
        issue_pass(case)
    with refused("D5"):
        reverse()(case)
    assert pay("542.00")(case) == [], "the reversed payment told again is the same payment, not a new one"
    again = carry(case, pay("542.00", id="pay-2"), lambda case: issue_pass(case, "P-20260309-0002"))
    assert again.exit_pass
    assert again.passes_revoked == ("P-20260309-0001",)


@pytest.mark.clause("D5")
def test_edge_case_6_a_payment_reversed_after_the_car_left_is_a_debt_and_the_delivery_is_not_undone() -> None:
    assert happened(delivered(), reverse()) == ["PaymentReversed", "DebtArose"]
    case = carry(delivered(), reverse())
    assert (case.left, due(case)) == (True, {CUSTOMER: Money.of(542)})
    assert due(carry(case, pay("542.00", id="pay-2"))) == {}


@pytest.mark.clause("D5")
def test_a_deposit_counts_for_the_settlement_and_comes_before_it() -> None:
    case = carry(announced(), pay("100.00", id="dep-1", kind="deposit"))
    assert [entry.kind for entry in case.payments] == ["deposit"]
    paid = carry(at_the_desk(ORDER), pay("100.00", id="dep-1", kind="deposit"), close(ORDER))
    assert due(paid) == {CUSTOMER: Money.of(442)}
    with refused("D5"):
        pay("1.00", id="dep-2", kind="deposit")(paid)


@pytest.mark.clause("D5")
def test_what_is_on_account_is_paid_later_and_frees_the_account() -> None:
    case = carry(settled(ORDER), account(CUSTOMER), issue_pass, give_back, pass_the_gate)
    assert shares(case)[CUSTOMER].on_account == Money.of(542)
    case = carry(case, pay("500.00"))
    assert shares(case)[CUSTOMER].on_account == Money.of(42)
    with refused("D5"):
        pay("42.01", id="pay-2")(case)


@pytest.mark.clause("D5")
def test_edge_case_6_what_was_on_account_and_paid_is_a_debt_where_the_payment_bounces_after_the_exit() -> None:
    case = carry(settled(ORDER), account(CUSTOMER), issue_pass, give_back, pass_the_gate, pay("500.00"))
    assert happened(case, reverse()) == ["PaymentReversed", "DebtArose"]
    case = carry(case, reverse())
    assert (due(case), shares(case)[CUSTOMER].on_account) == ({CUSTOMER: Money.of(500)}, Money.of(42))
    assert [debt.amount for debt in case.debts] == [Money.of(500)]


@pytest.mark.clause("D5")
def test_edge_case_6_what_was_on_account_and_paid_holds_the_car_where_the_payment_bounces_before_the_exit() -> None:
    case = carry(settled(ORDER), account(CUSTOMER), pay("542.00"), issue_pass)
    assert happened(case, reverse()) == ["PaymentReversed", "ExitPassRevoked"]
    case = carry(case, reverse())
    with refused("D5", "customer 542.00 CNY"):
        issue_pass(case, "P-20260309-0002")
    assert account(CUSTOMER)(carry(settled(ORDER), pay("500.00"), reverse()))


@pytest.mark.clause("D5")
def test_an_account_that_was_paid_frees_its_limit_on_the_same_visit() -> None:
    case = carry(settled(ORDER), account(CUSTOMER, "300.00", limit=Decimal(300)), pay("542.00"), reverse())
    with refused("D5"):
        account(CUSTOMER, "300.01", limit=Decimal(300), approver="bizsup-2")(case)
    assert account(CUSTOMER, "300.00", limit=Decimal(300), approver="bizsup-2")(case)


@pytest.mark.clause("D5")
def test_an_insurers_payment_that_bounces_may_be_put_on_its_account_again_by_the_same_claim() -> None:
    case = carry(settled(INSURED), insurer_approves("271.00"), account(INSURER), pay("271.00", INSURER), reverse())
    assert due(case)[INSURER] == Money.of(271)
    assert due(carry(case, account(INSURER))) == {CUSTOMER: Money.of(271)}
    with refused("D5"):
        account(INSURER)(carry(case, account(INSURER)))


@pytest.mark.clause("D5")
def test_the_account_limit_counts_what_other_visits_owe() -> None:
    with refused("D5"):
        account(CUSTOMER, limit=Decimal(1000), elsewhere=Decimal("458.01"))(settled(ORDER))
    assert account(CUSTOMER, limit=Decimal(1000), elsewhere=Decimal(458))(settled(ORDER))


# several payers, EDGE_CASES 7


@pytest.mark.clause("D5")
def test_edge_case_7_the_insurers_share_needs_its_claim_number_and_approved_amount() -> None:
    with refused("D5", "claim_number", "approved_amount"):
        account(INSURER)(settled(INSURED))
    case = carry(settled(INSURED), insurer_approves("271.00"), account(INSURER), pay("271.00"), issue_pass)
    assert case.exit_pass


@pytest.mark.clause("D5")
def test_edge_case_7_what_the_insurer_does_not_pay_does_not_slide_to_the_customer() -> None:
    case = carry(settled(INSURED), insurer_approves("200.00"), account(INSURER), pay("271.00"))
    assert due_to_leave(case) == {INSURER: Money.of(71)}
    with refused("D5", "insurer 71.00 CNY"):
        issue_pass(case)
    with refused("D5"):
        account(INSURER)(case)
    with refused("D5"):
        pay("71.00", id="pay-2")(case)


@pytest.mark.clause("D5")
def test_edge_case_7_goodwill_bears_the_gap() -> None:
    case = carry(settled(INSURED), insurer_approves("200.00"), account(INSURER), pay("271.00"))
    with refused("D5"):
        goodwill("71.01")(case)
    case = carry(case, goodwill("71.00"), issue_pass)
    assert [(move.from_payer, move.to_payer, move.amount) for move in case.moves] == [(INSURER, Payer.GOODWILL, Money.of(71))]


@pytest.mark.clause("D5")
def test_edge_case_7_or_the_customer_signs_a_new_consent_to_bear_it() -> None:
    case = carry(settled(INSURED), insurer_approves("200.00"), account(INSURER), pay("271.00"))
    with refused("D5"):
        insurer.consent(case, "0" * 64, None, NOW)
    case = carry(case, customer_bears_the_gap)
    (move,) = case.moves
    assert move.signature
    assert move.signature.content_hash == content_hash(move)
    assert due(case) == {CUSTOMER: Money.of(71)}
    with refused("D5"):
        customer_bears_the_gap(case)
    assert carry(case, pay("71.00", id="pay-2"), issue_pass).exit_pass


@pytest.mark.clause("D5")
def test_edge_case_7_an_insurer_that_pays_less_after_the_exit_leaves_a_debt_of_its_own() -> None:
    case = carry(settled(INSURED), insurer_approves("271.00"), account(INSURER), pay("271.00"), issue_pass, give_back, pass_the_gate)
    assert happened(case, insurer_approves("200.00")) == ["InsurerAnswered", "DebtArose"]
    case = carry(case, insurer_approves("200.00"))
    assert due(case) == {INSURER: Money.of(71)}
    assert due(carry(case, goodwill("71.00"))) == {}
    assert due(carry(case, pay("200.00", INSURER, id="pay-2"))) == {INSURER: Money.of(71)}


@pytest.mark.clause("D5")
def test_edge_case_7_an_insurer_that_pays_more_than_it_said_last_leaves_no_debt_less_than_nothing() -> None:
    case = carry(settled(INSURED), insurer_approves("271.00"), account(INSURER), pay("271.00"), issue_pass, give_back, pass_the_gate)
    case = carry(case, insurer_approves("200.00"))
    assert happened(case, insurer_approves("250.00")) == ["InsurerAnswered"]
    case = carry(case, insurer_approves("250.00"))
    assert ([debt.amount for debt in case.debts], due(case)) == ([Money.of(71)], {INSURER: Money.of(21)})


@pytest.mark.clause("D5")
def test_an_insurer_that_approves_less_before_the_exit_revokes_the_pass() -> None:
    case = carry(settled(INSURED), insurer_approves("271.00"), account(INSURER), pay("271.00"), issue_pass)
    assert happened(case, insurer_approves("270.99")) == ["InsurerAnswered", "ExitPassRevoked"]


# corrections


@pytest.mark.clause("D5")
def test_edge_case_11_a_credit_note_after_the_exit_makes_a_refund_of_what_was_paid() -> None:
    case = carry(delivered(), credit("398.00"))
    assert shares(case)[CUSTOMER].refund == Money.of(398)
    assert due(carry(case, refund("398.00"))) == {}


@pytest.mark.clause("D5")
def test_a_credit_note_lessens_what_is_on_account_and_refunds_nothing_that_was_not_paid() -> None:
    case = carry(settled(ORDER), account(CUSTOMER), credit("42.00"))
    assert (shares(case)[CUSTOMER].on_account, shares(case)[CUSTOMER].refund) == (Money.of(500), Money.of(0))


@pytest.mark.clause("D5")
def test_a_countered_settlement_is_signed_anew_under_its_own_number_and_keeps_what_was_paid() -> None:
    case = carry(released(), lambda case: correction.counter(case, "C-1", "S-20260309-0002", "text:delivery:why"))
    assert (case.settlement, case.exit_pass, case.spot) == (None, None, "F-3")
    shown = settlement.statement(case, ORDER, TAX)
    assert (shown.number, shown.missing) == ("S-20260309-0002", ())
    again = carry(case, close(ORDER))
    assert due(again) == {}
    with refused("D5"):
        correction.counter(delivered(), "C-1", "S-2", "text:delivery:why")


@pytest.mark.clause("D5")
def test_an_exit_pass_is_valid_for_its_hours_and_then_issued_anew() -> None:
    case = carry(released(), give_back)
    late = NOW + timedelta(hours=25)
    with refused("D5"):
        pass_the_gate(case, now=late)
    with refused("D5"):
        issue_pass(case, "P-2", NOW + timedelta(hours=23))
    case = carry(case, lambda case: issue_pass(case, "P-2", late))
    assert case.passes_revoked == ("P-20260309-0001",)
    with refused("D5"):
        pass_the_gate(case, now=late)
    assert carry(case, lambda case: pass_the_gate(case, "P-2", late)).left
