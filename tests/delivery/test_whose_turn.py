"""Every call against the states in which it is not delivery's turn: each is refused by the rule that says so, and by no other.

A rule taken out lets a later one refuse in its place, often of the same clause; so these name the refusal, not the clause alone.
"""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from services.delivery import advice, check, correction, damage, exit_pass, release, ruling, settlement
from services.delivery.advice import Said
from services.delivery.case import CarHasLeft, CarNotParked, Case, QcNotPassed, SettlementIsClosed
from services.delivery.claim import Claim, ClaimMoved
from services.delivery.exit_pass import CallHourUnknown, GatePass, NotTheExitPass
from services.delivery.ledger import shares
from services.delivery.payment import DepositIsHeld, NothingToRefund
from services.delivery.ruling import SupplementToldBefore
from services.delivery.settlement import SettlementNotClosed
from services.delivery.till import Till, TillIsClosed
from shared.contracts.event import Event
from shared.contracts.values import DamageMark, Payer
from shared.contracts.workshop import JobEnded
from shared.money import Money
from shared.refusal import Refused
from tests.delivery.desk import (
    ADVICE,
    ADVISOR,
    BOSS,
    BRANCH,
    NOW,
    VISIT,
    Move,
    accompanied_check,
    announced,
    at_the_desk,
    call_hour,
    carry,
    close,
    customer_call,
    give_back,
    internal_check,
    issue_pass,
    item,
    next_maintenance,
    opened,
    order,
    papers,
    parked,
    pass_the_gate,
    pay,
    refund,
    reverse,
    settled,
    take_off,
)

ORDER = order()
UNRULED = order((item(), item("item-2", warranty="unclear", labour="100.00", part="50.00")))
MARK = DamageMark(part="door-front-left", mark="scratch")


def answer(case: Case) -> Sequence[Event]:
    return advice.answer(case, ADVICE.recommendation, Said("declines"), NOW)


def explain_booklet(case: Case) -> Sequence[Event]:
    return advice.explain_booklet(case, ORDER, entries=True, first_maintenance=True)


def authorise(case: Case) -> Sequence[Event]:
    return check.authorise_collector(case, "text:delivery:who", "written_proxy", ADVISOR, identity_checked=True)


def note_damage(case: Case) -> Sequence[Event]:
    return damage.note(case, MARK, ADVISOR, None)


def settle_damage(case: Case) -> Sequence[Event]:
    return damage.settle(case, "damage-1", "agreed_with_customer", ADVISOR, customer_told=True)


def counter(case: Case) -> Sequence[Event]:
    return correction.counter(case, "CS-1", "S-2", "text:delivery:why")


def reserve(case: Case) -> Sequence[Event]:
    return ruling.reserve(case, UNRULED, ruling.reservation(case, UNRULED).content_hash, None, NOW)


def let_go(case: Case) -> Sequence[Event]:
    return ruling.release(case, BOSS)


def print_copies(case: Case) -> Sequence[Event]:
    return settlement.print_copies(case, ("customer",))


deposit = pay("10.00", kind="deposit")


def left() -> Case:
    return carry(settled(ORDER), pay("542.00", id="pay-0"), issue_pass, give_back, pass_the_gate)


def left_unsettled() -> Case:
    """R14: let go untouched; so nothing that a settlement forbids stands in the way."""
    return carry(let_go_untouched(), call_hour, issue_pass, give_back, pass_the_gate)


def let_go_untouched() -> Case:
    return carry(announced(), lambda case: release.untouched(case, JobEnded(visit=VISIT, reason="cancelled")))


ON_THE_CAR = {
    "papers": papers,
    "internal_check": internal_check(ORDER),
    "note_damage": note_damage,
    "accompanied_check": accompanied_check(ORDER),
    "answer": answer,
    "explain_booklet": explain_booklet,
    "next_maintenance": next_maintenance,
    "call_hour": call_hour,
    "take_off": take_off(ORDER, "item-1.labour", "1.00"),
    "reserve": reserve,
    "let_go": let_go,
    "close": close(ORDER, signed="0" * 64),
    "counter": counter,
    "give_back": give_back,
}
"""What delivery does only while it holds the car."""

OF_THE_VISIT = {
    "customer_call": customer_call(ORDER),
    "authorise": authorise,
    "settle_damage": settle_damage,
    "print_copies": print_copies,
    "deposit": deposit,
    "issue_pass": issue_pass,
    "pass_the_gate": pass_the_gate,
}
"""What it does until the car has left."""

BEFORE_THE_SIGNATURE = (
    "customer_call",
    "answer",
    "next_maintenance",
    "call_hour",
    "take_off",
    "reserve",
    "let_go",
    "close",
)


def refusal(move: Move, case: Case) -> type[Refused]:
    with pytest.raises(Refused) as refused:
        move(case)
    return refused.type


@pytest.mark.clause("W11")
@pytest.mark.parametrize("name", ON_THE_CAR)
def test_nothing_is_done_on_a_car_that_has_not_passed(name: str) -> None:
    assert refusal(ON_THE_CAR[name], announced()) is QcNotPassed


@pytest.mark.clause("W13")
@pytest.mark.parametrize("name", ON_THE_CAR)
def test_nothing_is_done_on_a_car_that_the_workshop_has_not_parked(name: str) -> None:
    assert refusal(ON_THE_CAR[name], opened(ADVICE)) is CarNotParked


@pytest.mark.clause("D5")
@pytest.mark.parametrize("name", [*ON_THE_CAR, *OF_THE_VISIT])
@pytest.mark.parametrize("gone", [left(), left_unsettled()], ids=["settled", "unsettled"])
def test_nothing_is_done_on_a_car_that_has_left(name: str, gone: Case) -> None:
    assert refusal({**ON_THE_CAR, **OF_THE_VISIT}[name], gone) is CarHasLeft


@pytest.mark.clause("D5")
@pytest.mark.parametrize("name", BEFORE_THE_SIGNATURE)
def test_what_stands_on_the_statement_is_not_changed_after_its_signature(name: str) -> None:
    signed = carry(at_the_desk(ORDER, ADVICE), close(ORDER))
    assert refusal({**ON_THE_CAR, **OF_THE_VISIT}[name], signed) is SettlementIsClosed


@pytest.mark.clause("D5")
def test_what_was_never_settled_is_not_countered() -> None:
    assert refusal(counter, at_the_desk(ORDER)) is SettlementNotClosed


@pytest.mark.clause("D1")
def test_without_the_papers_no_car_is_checked() -> None:
    assert refusal(internal_check(ORDER), parked()) is check.PapersNotReceived


@pytest.mark.clause("D3")
def test_no_work_is_shown_to_a_customer_who_was_not_called() -> None:
    assert refusal(accompanied_check(ORDER), carry(parked(), papers, internal_check(ORDER))) is check.CustomerNotCalled


@pytest.mark.clause("D9")
def test_an_untouched_car_leaves_once_the_call_hour_is_known() -> None:
    assert refusal(issue_pass, let_go_untouched()) is CallHourUnknown
    assert carry(let_go_untouched(), call_hour, issue_pass).exit_pass


@pytest.mark.clause("D5")
def test_the_gate_is_shown_no_pass_but_the_one_that_holds() -> None:
    issued = carry(settled(ORDER), pay("542.00"), issue_pass)
    assert issued.exit_pass
    assert GatePass.of(issued, issued.exit_pass.number).visit == VISIT
    for case, number in ((issued, "P-20260309-0009"), (settled(ORDER), "P-20260309-0001")):
        with pytest.raises(NotTheExitPass):
            GatePass.of(case, number)


@pytest.mark.clause("R5")
def test_a_deposit_for_an_item_that_awaits_its_ruling_is_not_paid_back_before_the_ruling() -> None:
    closed = carry(at_the_desk(UNRULED), deposit, reserve, let_go, close(UNRULED), pay("542.00", id="pay-2", overpaid=True))
    assert refusal(refund("10.00"), closed) is DepositIsHeld


@pytest.mark.clause("R5")
def test_edge_case_6_what_is_no_deposit_is_paid_back_while_an_item_awaits_its_ruling() -> None:
    """Of the deposit's payer too, and no cent of the deposit with it, however often it is asked for."""
    no_deposit = carry(at_the_desk(UNRULED), reserve, let_go, close(UNRULED), pay("600.00", id="pay-2", overpaid=True))
    assert shares(carry(no_deposit, refund("58.00")))[Payer.CUSTOMER].refund == Money.of(0)
    assert refusal(refund("58.01"), no_deposit) is NothingToRefund
    held = carry(at_the_desk(UNRULED), deposit, reserve, let_go, close(UNRULED), pay("600.00", id="pay-2", overpaid=True))
    assert refusal(refund("58.01"), held) is DepositIsHeld
    paid_back = carry(held, refund("58.00"))
    assert refusal(refund("0.01", id="back-2"), paid_back) is DepositIsHeld
    assert carry(paid_back, reverse("pay-1")).reversals
    theirs = carry(held, pay("5.00", Payer.INSURER, id="pay-3", overpaid=True))
    assert carry(theirs, refund("5.00", Payer.INSURER)).refunds


@pytest.mark.clause("R5")
def test_a_supplement_is_told_once() -> None:
    case = carry(at_the_desk(UNRULED), reserve, let_go, close(UNRULED))
    case = case.after([settlement.supplement(case, UNRULED, "item-2", "SU-1")])
    told = case.after(ruling.tell_supplement(case, "SU-1", ADVISOR))
    assert refusal(lambda case: ruling.tell_supplement(case, "SU-1", ADVISOR), told) is SupplementToldBefore


def _claim(*steps: str) -> Claim:
    claim = Claim(id="visit-1.item-1")
    claim = claim.after(claim.open("vehicle-1", "S-1", Money.of(542), None, has_part=False))
    for step in steps:
        claim = claim.after(CLAIM[step](claim))
    return claim


CLAIM = {
    "keep": lambda claim: claim.keep_old_part("OP-1", "shelf-2", "parts-1"),
    "send": lambda claim: claim.send(("work_order",), ADVISOR),
    "decide": lambda claim: claim.decide(Money.of(542), "MFR-1", ADVISOR, approved=True),
    "pay": lambda claim: claim.pay(Money.of(542), "cashier-1"),
    "withdraw": lambda claim: claim.withdraw("S-1", "CS-1"),
}


@pytest.mark.clause("D10")
@pytest.mark.parametrize("step", ["keep", "send", "decide", "pay"])
def test_a_withdrawn_claim_rests_wherever_it_was(step: str) -> None:
    before = {"decide": ("send",), "pay": ("send", "decide")}.get(step, ())
    with pytest.raises(ClaimMoved):
        CLAIM[step](_claim(*before, "withdraw"))


@pytest.mark.clause("D10")
@pytest.mark.parametrize("steps", [("send",), ("send", "decide"), ("send", "decide", "pay")])
def test_a_claim_is_sent_decided_and_paid_once(steps: tuple[str, ...]) -> None:
    with pytest.raises(ClaimMoved):
        CLAIM[steps[-1]](_claim(*steps))


@pytest.mark.clause("D5")
def test_a_closed_till_is_not_counted_anew() -> None:
    till = Till(id="till-2026-03-09")
    till = till.after(till.count({}, "cashier-1"))
    till = till.after(till.close(BOSS, None, BRANCH))
    with pytest.raises(TillIsClosed):
        till.count({}, "cashier-1")


@pytest.mark.clause("D5")
def test_an_expired_pass_of_a_car_that_left_is_not_issued_anew() -> None:
    with pytest.raises(CarHasLeft):
        exit_pass.issue(left(), "P-20260309-0002", "cashier-1", NOW + timedelta(days=3), NOW + timedelta(days=2))
