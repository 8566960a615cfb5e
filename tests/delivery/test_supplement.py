"""R5, D5: the money of a supplementary settlement: goodwill, credit notes and the insurer's gap are booked on their paper."""

import pytest

from services.delivery import insurer, ruling, settlement
from services.delivery.case import Case
from services.delivery.ledger import due, due_to_leave, shares
from shared.contracts.values import OrderItem, Payer, PaymentChoice
from shared.money import Money
from shared.refusal import NotFound
from tests.delivery.desk import (
    BOSS,
    NOW,
    SITE,
    Move,
    account,
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
    ruled,
)
from tests.delivery.people import CASE, Desk, Tell, arrive

CUSTOMER, INSURER = Payer.CUSTOMER, Payer.INSURER
SETTLED, OPEN = item("item-1"), item("item-2", warranty="unclear", labour="100.00", part="50.00")
SUPPLEMENT = "SU-20260309-0001"
CARD, HALF = pays(card="1"), pays(insurer="0.5", card="0.5")


def with_supplement(*items: OrderItem, paid_by: tuple[PaymentChoice, ...] = CARD, after: tuple[Move, ...] = (), left: bool = False) -> Case:
    """Settled around item-2, which the manufacturer then rejects: 150.00 more. `after` is what is done about the settlement before."""
    kept = order(items or (SETTLED, OPEN), paid_by)
    case = at_the_desk(kept)
    signed = ruling.reservation(case, kept).content_hash
    case = carry(
        case, lambda case: ruling.reserve(case, kept, signed, None, NOW), lambda case: ruling.release(case, BOSS), close(kept), *after
    )
    if left:
        case = carry(case, issue_pass, give_back, pass_the_gate)
    more = settlement.supplement(case, kept, "item-2", SUPPLEMENT)
    return carry(case, lambda case: ruling.rule(case, ruled("item-2", covers=False), more))


@pytest.mark.clause("R5")
def test_edge_case_5_goodwill_and_a_credit_note_lessen_a_supplement_where_the_settlement_asked_for_nothing() -> None:
    case = with_supplement(OPEN, left=True)
    assert due(case) == {CUSTOMER: Money.of(150)}
    case = carry(case, goodwill("50.00", CUSTOMER, SUPPLEMENT), credit("40.00", supplement=SUPPLEMENT))
    assert due(case) == {CUSTOMER: Money.of(60)}
    with refused("D5"):
        goodwill("60.01", CUSTOMER, SUPPLEMENT)(case)
    with refused("D5"):
        credit("60.01", supplement=SUPPLEMENT)(case)
    paid = carry(case, pay("60.00"), credit("10.00", supplement=SUPPLEMENT))
    assert shares(paid)[CUSTOMER].refund == Money.of(10)
    assert due(carry(paid, refund("10.00"))) == {}


@pytest.mark.clause("D5")
def test_on_a_settlement_that_asked_for_nothing_no_goodwill_and_no_credit_note_is_booked() -> None:
    case = with_supplement(OPEN, left=True)
    with refused("D5"):
        goodwill("150.00", CUSTOMER)(case)
    with refused("D5"):
        credit("150.00")(case)


@pytest.mark.clause("D5")
def test_goodwill_for_the_supplement_does_not_let_the_car_go() -> None:
    case = carry(with_supplement(), goodwill("150.00", CUSTOMER, SUPPLEMENT), pay("392.00"))
    assert due_to_leave(case) == due(case) == {CUSTOMER: Money.of(150)}
    with refused("D5", "customer 150.00 CNY"):
        issue_pass(case)
    case = carry(case, pay("150.00", id="pay-2"), issue_pass)
    assert due(case) == {}


@pytest.mark.clause("D5")
@pytest.mark.parametrize("less", [pay("542.00"), credit("542.00")], ids=["paid", "credited"])
def test_an_approval_for_the_settlement_puts_no_supplement_on_account(less: Move) -> None:
    case = with_supplement(after=(account(CUSTOMER), less), left=True)
    assert due(case) == {CUSTOMER: Money.of(150)}
    assert shares(case)[CUSTOMER].on_account == Money.of(0)


@pytest.mark.clause("D5")
def test_on_neither_paper_more_is_borne_than_it_asks_for() -> None:
    case = with_supplement()
    with refused("D5"):
        goodwill("150.01", CUSTOMER, SUPPLEMENT)(case)
    with refused("D5"):
        goodwill("542.01", CUSTOMER)(case)
    with refused("D5"):
        goodwill("0.01", CUSTOMER)(carry(case, pay("542.00")))


def test_a_supplement_that_nobody_made_is_not_found() -> None:
    for move in (goodwill("1.00", CUSTOMER, "SU-9"), credit("1.00", supplement="SU-9")):
        with pytest.raises(NotFound):
            move(with_supplement())


@pytest.mark.clause("D5")
def test_edge_case_7_the_customer_signs_for_the_gap_of_each_paper() -> None:
    case = carry(with_supplement(paid_by=HALF), insurer_approves("200.00"), account(INSURER))
    shown = insurer.gap(case)
    assert (shown.supplement, shown.amount) == (None, Money.of(71))
    case = carry(case, customer_bears_the_gap)
    shown = insurer.gap(case)
    assert (shown.supplement, shown.amount) == (SUPPLEMENT, Money.of(75))
    case = carry(case, customer_bears_the_gap)
    assert [(move.supplement, move.amount) for move in case.moves] == [(None, Money.of(71)), (SUPPLEMENT, Money.of(75))]
    assert (due_to_leave(case), due(case)) == ({CUSTOMER: Money.of(342)}, {CUSTOMER: Money.of(492)})
    with refused("D5"):
        insurer.gap(case)


@pytest.mark.clause("D5")
def test_edge_case_7_what_the_insurer_approved_beyond_the_settlement_is_the_supplements() -> None:
    case = carry(with_supplement(paid_by=HALF), insurer_approves("300.00"))
    shown = insurer.gap(case)
    assert (shown.supplement, shown.amount) == (SUPPLEMENT, Money.of(46))


@pytest.mark.clause("R5")
async def test_edge_case_5_the_house_bears_a_supplement_over_http(desk: Desk, tell: Tell) -> None:
    await arrive(tell, items=(OPEN,))
    await desk.to_the_desk(("item-2",))
    shown = (await desk.get(f"{CASE}/reservation")).json()
    await desk.did(f"{CASE}/reservation", {"content_hash": shown["content_hash"]})
    await desk.did(f"{CASE}/reservation/release", by="bizsup-1")
    await desk.settle()
    await tell(ruled("item-2", covers=False))
    currency, payer = SITE.site.currency, {"payer": "customer", "reason": "客户满意"}
    await desk.did(f"{CASE}/goodwill", {**payer, "amount": "100", "supplement": SUPPLEMENT}, by="bizsup-1")
    await desk.did(f"{CASE}/credit-notes", {**payer, "amount": "20", "supplement": SUPPLEMENT}, by="bizsup-1")
    ledger = (await desk.get(f"{CASE}/ledger")).json()
    assert ledger["customer"]["due"] == {"amount": "30.00", "currency": currency}
    assert (await desk.post(f"{CASE}/goodwill", {**payer, "amount": "1", "supplement": "SU-9"}, by="bizsup-1")).status_code == 404
