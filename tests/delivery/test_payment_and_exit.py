"""D5, R7: payments, accounts, the one exit pass, documents given back, and the gate."""

from decimal import Decimal

import pytest

from services.delivery import correction, exit_pass
from services.delivery.case import Case
from services.delivery.ledger import Due, due
from shared.contracts.delivery import ExitPassUsed
from shared.contracts.values import Payer
from shared.money import Money
from tests.delivery.desk import (
    ADVISOR,
    BOSS,
    BRANCH,
    CASHIER,
    DOCUMENTS,
    GATE,
    NEXT,
    Move,
    account,
    announced,
    at_the_desk,
    call_hour,
    carry,
    close,
    customer_call,
    give_back,
    insurer_approves,
    internal_check,
    issue_pass,
    item,
    order,
    papers,
    parked,
    pass_the_gate,
    pay,
    pays,
    refused,
    settled,
)

ORDER = order()
SPLIT = order(paid_by=pays(insurer="0.5", on_account="0.3", card="0.2"))


def released() -> Case:
    return carry(settled(ORDER), pay("542.00"), issue_pass)


def delivered() -> Case:
    return carry(released(), give_back, pass_the_gate)


@pytest.mark.clause("D5")
@pytest.mark.parametrize("case", [announced(), parked(), at_the_desk(ORDER)], ids=["announced", "parked", "at the desk"])
def test_without_a_settlement_nothing_is_paid_and_no_pass_is_issued(case: Case) -> None:
    for move in (pay("10"), account(Payer.CUSTOMER), issue_pass):
        with refused("D5", "settlement"):
            move(case)


@pytest.mark.clause("D5")
def test_the_pass_is_refused_with_the_amount_that_is_missing() -> None:
    with refused("D5", "customer 42.00 CNY"):
        issue_pass(carry(settled(ORDER), pay("500.00")))


@pytest.mark.clause("D5")
def test_a_double_tap_of_a_payment_is_one_payment() -> None:
    case = carry(settled(ORDER), pay("500.00"))
    assert pay("500.00")(case) == []
    assert due(case) == {Payer.CUSTOMER: Money.of(42)}
    assert pay("542.00", cashier="cashier-9")(delivered()) == []


@pytest.mark.clause("D5")
def test_another_payment_under_the_same_id_is_refused() -> None:
    with refused("D5"):
        pay("41.00")(carry(settled(ORDER), pay("500.00")))


@pytest.mark.clause("D5")
@pytest.mark.parametrize(("amount", "payer"), [("542.01", Payer.CUSTOMER), ("1.00", Payer.INSURER), ("1.00", Payer.WARRANTY)])
def test_never_more_than_the_payer_owes(amount: str, payer: Payer) -> None:
    with refused("D5"):
        pay(amount, payer)(settled(ORDER))


@pytest.mark.clause("D5")
def test_insurer_and_account_are_owed_and_let_the_car_go_once_approved() -> None:
    case = carry(settled(SPLIT), pay("108.40"))
    with refused("D5", "insurer 271.00 CNY", "on_account 162.60 CNY"):
        issue_pass(case)
    case = carry(case, insurer_approves("271.00"), account(Payer.INSURER), account(Payer.ON_ACCOUNT), issue_pass)
    assert {entry.payer: entry.amount for entry in case.on_account} == {
        Payer.INSURER: Money.of(271),
        Payer.ON_ACCOUNT: Money.of("162.60"),
    }


@pytest.mark.clause("D5")
def test_nothing_owed_needs_no_payment() -> None:
    free = order([item(warranty="yes")])
    assert due(settled(free)) == {}
    assert carry(settled(free), issue_pass).exit_pass


@pytest.mark.clause("D5")
def test_who_takes_money_does_not_approve_an_account_nor_the_other_way_round() -> None:
    with refused("D5"):
        account(Payer.ON_ACCOUNT, approver=CASHIER)(carry(settled(SPLIT), pay("108.40")))
    with refused("D5"):
        pay("108.40", cashier=BOSS)(carry(settled(SPLIT), insurer_approves("271.00"), account(Payer.INSURER)))


@pytest.mark.clause("D5")
def test_who_approved_an_account_of_a_settlement_that_was_countered_takes_no_money_of_the_next() -> None:
    case = carry(
        settled(ORDER), account(Payer.CUSTOMER), lambda case: correction.counter(case, "C-1", "S-20260309-0002", "text:delivery:why")
    )
    case = carry(case, close(ORDER))
    with refused("D5"):
        pay("542.00", cashier=BOSS)(case)
    assert pay("542.00")(case)


@pytest.mark.clause("D5")
def test_edge_case_9_a_cashier_does_not_approve_by_a_second_account_that_is_named_late() -> None:
    """What was taken or approved by the one account counts against the other from the day on which both are known to be one person's."""
    taken = carry(settled(SPLIT), pay("108.40"))
    approved = carry(settled(SPLIT), insurer_approves("271.00"), account(Payer.INSURER))
    assert account(Payer.ON_ACCOUNT)(taken)
    assert pay("108.40")(approved)
    for settings in ({f"accounts.{CASHIER}": BOSS}, {f"accounts.{BOSS}": CASHIER}):
        one_person = BRANCH.with_settings(settings)
        with refused("D5"):
            account(Payer.ON_ACCOUNT, branch=one_person)(taken)
        with refused("D5"):
            pay("108.40", branch=one_person)(approved)


@pytest.mark.clause("D5")
def test_the_account_has_a_limit_which_is_not_the_insurers() -> None:
    case = carry(settled(SPLIT), insurer_approves("271.00"))
    limit = Decimal("162.59")
    with refused("D5"):
        account(Payer.ON_ACCOUNT, limit=limit)(case)
    case = carry(case, account(Payer.INSURER, limit=limit), account(Payer.ON_ACCOUNT, "100.00", limit=limit))
    with refused("D5"):
        account(Payer.CUSTOMER, "62.60", limit=limit)(case)


@pytest.mark.clause("D5")
def test_nothing_is_put_on_account_twice_or_beyond_what_is_owed() -> None:
    with refused("D5"):
        account(Payer.INSURER)(carry(settled(SPLIT), insurer_approves("271.00"), account(Payer.INSURER)))
    with refused("D5"):
        account(Payer.INSURER, "271.01")(carry(settled(SPLIT), insurer_approves("300.00")))


@pytest.mark.clause("D5")
def test_the_till_sees_what_each_payer_still_owes() -> None:
    shown = Due.of(carry(settled(SPLIT), pay("8.40")))
    assert shown.due == {Payer.INSURER: Money.of(271), Payer.ON_ACCOUNT: Money.of("162.60"), Payer.CUSTOMER: Money.of(100)}


@pytest.mark.clause("D5")
def test_a_second_exit_pass_is_refused() -> None:
    with refused("D5"):
        issue_pass(released(), "P-20260309-0002")


@pytest.mark.clause("R7")
def test_documents_are_given_back_before_the_car_passes_the_gate() -> None:
    with refused("R7", *DOCUMENTS):
        pass_the_gate(released())
    one = carry(released(), lambda case: exit_pass.return_documents(case, DOCUMENTS, DOCUMENTS[:1], ADVISOR))
    with refused("R7", DOCUMENTS[1]):
        pass_the_gate(one)
    with refused("R7", DOCUMENTS[0]):
        give_back(one)


@pytest.mark.clause("R7")
def test_a_document_that_was_not_taken_is_not_given_back() -> None:
    with refused("R7", "passport"):
        exit_pass.return_documents(parked(), DOCUMENTS, ("passport",), ADVISOR)


@pytest.mark.clause("D5")
def test_the_gate_takes_only_the_pass_of_the_visit_and_only_once() -> None:
    case = carry(released(), give_back)
    with refused("D5"):
        pass_the_gate(case, "P-20260309-0002")
    with refused("D5"):
        pass_the_gate(carry(settled(ORDER), give_back))
    (used,) = pass_the_gate(case)
    assert used == ExitPassUsed(
        visit="visit-1",
        number="P-20260309-0001",
        gatekeeper=GATE,
        customer="customer-1",
        vehicle="vehicle-1",
        call_hour="18:30",
        next=NEXT,
    )
    with refused("D5"):
        pass_the_gate(carry(case, pass_the_gate))


@pytest.mark.clause("D5")
@pytest.mark.parametrize(
    "move",
    [
        papers,
        internal_check(ORDER),
        customer_call(ORDER),
        call_hour,
        close(ORDER),
        account(Payer.CUSTOMER),
        give_back,
        issue_pass,
        pass_the_gate,
        pay("1.00", id="pay-2"),
    ],
)
def test_after_the_exit_delivery_does_nothing_more(move: Move) -> None:
    with refused("D5"):
        move(delivered())
