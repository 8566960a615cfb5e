"""D10: a claim from the labelled old part to the money; it ages, and is withdrawn with the settlement that it came from."""

from datetime import timedelta

import pytest

from services.delivery.claim import Claim
from shared.money import Money
from tests.delivery.conftest import CatchUp, Until
from tests.delivery.desk import HANDED_IN, NOW, PARKED, item, qc_passed, refused, revised
from tests.delivery.people import Desk, Tell, arrive, clause

AMOUNT = Money.of(542)


def claim(*, has_part: bool = True) -> Claim:
    blank = Claim(id="visit-1.item-1")
    return blank.after(blank.open("vehicle-1", "S-1", AMOUNT, None, has_part=has_part))


def kept(has: Claim) -> Claim:
    return has.after(has.keep_old_part("OP-1", "shelf-2", "parts-1"))


def sent(has: Claim) -> Claim:
    return has.after(has.send(("work_order",), "advisor-1"))


@pytest.mark.clause("D10")
def test_a_claim_goes_from_the_labelled_part_to_the_money() -> None:
    done = sent(kept(claim()))
    done = done.after(done.decide(Money.of(500), "MFR-1", "advisor-1", approved=True))
    done = done.after(done.pay(Money.of(500), "cashier-1"))
    assert done.old_part
    assert done.paid
    assert (done.visit, done.item, done.old_part.place, done.paid.amount) == ("visit-1", "item-1", "shelf-2", Money.of(500))
    assert not done.is_under_way


@pytest.mark.clause("D10")
def test_a_claim_is_not_sent_without_its_old_part_unless_there_was_none() -> None:
    with refused("D10", "old_part"):
        claim().send(("work_order",), "advisor-1")
    assert sent(claim(has_part=False)).sent


@pytest.mark.clause("D10")
def test_no_step_of_a_claim_comes_before_the_one_it_needs_or_twice() -> None:
    with refused("D10", "sent"):
        kept(claim()).decide(AMOUNT, "MFR-1", "advisor-1", approved=True)
    with refused("D10", "approved"):
        sent(kept(claim())).pay(AMOUNT, "cashier-1")
    with refused("D10"):
        sent(sent(kept(claim())))
    rejected = sent(kept(claim()))
    rejected = rejected.after(rejected.decide(AMOUNT, "MFR-1", "advisor-1", approved=False))
    assert rejected.decided
    assert rejected.decided.amount == Money.zero()
    with refused("D10", "approved"):
        rejected.pay(AMOUNT, "cashier-1")


@pytest.mark.clause("D10")
def test_no_more_is_approved_than_claimed_nor_paid_than_approved() -> None:
    with refused("D10"):
        sent(kept(claim())).decide(Money.of("542.01"), "MFR-1", "advisor-1", approved=True)
    approved = sent(kept(claim()))
    approved = approved.after(approved.decide(Money.of(500), "MFR-1", "advisor-1", approved=True))
    with refused("D10"):
        approved.pay(Money.of("500.01"), "cashier-1")


@pytest.mark.clause("D10")
@pytest.mark.parametrize("warranty", ["yes", "first_maintenance"])
async def test_each_item_that_costs_the_customer_nothing_is_claimed_when_settled(
    desk: Desk, tell: Tell, catch_up: CatchUp, until: Until, warranty: str
) -> None:
    await arrive(tell, items=(item(), item("item-2", warranty=warranty)))
    await desk.to_the_desk(("item-1", "item-2"))
    await desk.settle()
    await catch_up()
    (opened,) = (await desk.get("/claims?state=opened", by="cashier-1")).json()
    assert (opened["id"], opened["amount"]["amount"]) == ("visit-1.item-2", "542.00")
    await until(NOW + timedelta(days=8))
    assert [(notice["claim"], notice["state"]) for notice in await desk.told("claim_ages")] == [("visit-1.item-2", "opened")]
    await desk.did("/claims/visit-1.item-2/old-part", {"label": "OP-1", "place": "shelf-2"}, by="parts-1")
    await desk.did("/claims/visit-1.item-2/sending", {"papers": ["work_order", "settlement"]})
    assert clause(await desk.post("/claims/visit-1.item-2/payment", {"amount": "542"}, by="cashier-1")) == (409, "D10")
    decision = {"approved": True, "amount": "540.00", "reference": "MFR-9"}
    await desk.did("/claims/visit-1.item-2/decision", decision, by="bizsup-1")
    await until(NOW + timedelta(days=20))
    assert [notice["state"] for notice in await desk.told("claim_ages")] == ["opened", "approved"]
    await desk.did("/claims/visit-1.item-2/payment", {"amount": "540.00"}, by="cashier-1")
    await until(NOW + timedelta(days=50))
    assert len(await desk.told("claim_ages")) == 2


@pytest.mark.clause("D10")
async def test_a_countered_settlements_claims_are_withdrawn_and_claimed_anew(desk: Desk, tell: Tell, catch_up: CatchUp) -> None:
    items = (item(), item("item-2", warranty="yes"))
    await arrive(tell, items=items)
    await desk.to_the_desk(("item-1", "item-2"))
    await desk.settle()
    await catch_up()
    more = (*items, item("found-1"))
    await tell(revised(more))
    await catch_up()
    assert [claim["id"] for claim in (await desk.get("/claims?state=withdrawn")).json()] == ["visit-1.item-2"]
    assert clause(await desk.post("/claims/visit-1.item-2/old-part", {"label": "OP-1", "place": "shelf-2"})) == (409, "D10")
    await tell(qc_passed(items=[each.item for each in more], revision=2))
    await tell(PARKED)
    await tell(HANDED_IN)
    await desk.to_the_desk(tuple(each.item for each in more))
    await desk.settle()
    await catch_up()
    (again,) = (await desk.get("/claims?state=opened")).json()
    assert (again["id"], again["settlement"]) == ("visit-1.item-2", "S-20260309-0002")
