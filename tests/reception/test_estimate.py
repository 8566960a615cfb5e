from datetime import date, timedelta
from decimal import Decimal

import pytest

from services.reception.changes import Changes
from services.reception.estimate import (
    AskedLine,
    AskedPart,
    EstimateContentDiffers,
    EstimateExpired,
    EstimateReplaced,
    ItemNotDiagnosed,
    PaidByTheWarranty,
    PartsNotLookedUp,
    PricedAfterItsInspection,
    PriceReasonMissing,
    UnknownPart,
)
from services.reception.quote import Wanted
from services.reception.stock import Stock, looked_up
from services.reception.supplement import SignedHow
from shared.contracts.reception import EstimateAccepted, PartsLookedUp
from shared.contracts.values import Channel, FaultState, Payer, Warranty
from shared.money import Money
from shared.refusal import Malformed, Refused
from shared.signing import content_hash
from tests.reception.counter import BRANCH, NOW, STOCK, VISIT, Counter, carried_to

TODAY = date(2026, 3, 9)


def at_the_desk(*operations: str) -> Counter:
    counter = carried_to("diagnose")
    for operation in operations:
        counter.diagnose(operation)
    return counter


@pytest.mark.clause("R9")
def test_labour_and_parts_stand_apart_line_by_line_and_sum_to_the_cent() -> None:
    counter = at_the_desk("M-TYRE4", "R-BULB")
    counter.estimate()
    estimate = counter.order.estimates[-1]
    tyres, bulb = estimate.items
    tyre, weight = BRANCH.parts["TY-5001"].unit_price, BRANCH.parts["BW-5002"].unit_price
    assert tyres.labour == Money.of("288.00")  # 1.6 h × 180.00
    assert bulb.labour == Money.of("36.00")
    assert [(line.part_no, line.quantity, line.amount) for line in tyres.parts] == [
        ("TY-5001", 4, Money.of(tyre * 4)),
        ("BW-5002", 8, Money.of(weight * 8)),
    ]
    assert estimate.labour == Money.of("324.00")
    assert estimate.parts == Money.of(tyre * 4 + weight * 8 + BRANCH.parts["HL-9002"].unit_price)
    assert estimate.total == estimate.labour + estimate.parts
    assert len({line.line for item in estimate.items for line in item.parts}) == 3


@pytest.mark.clause("R9")
@pytest.mark.parametrize(
    "line",
    [
        AskedLine(item="item-1", labour=Decimal("99.99")),
        AskedLine(item="item-1", parts=(AskedPart(part_no="BP-4001", quantity=1, unit_price=Decimal("0.01")),)),
    ],
    ids=["labour", "part"],
)
def test_a_price_off_the_list_needs_a_reason(line: AskedLine) -> None:
    counter = at_the_desk("R-FBP")
    with pytest.raises(PriceReasonMissing) as refused:
        counter.order.give_estimate(counter.visit, [line], (), BRANCH, NOW)
    assert refused.value.clause == "R9"
    with_reason = line.model_copy(update={"price_reason": "text:reception:7"})
    counter.ordered(counter.order.give_estimate(counter.visit, [with_reason], (), BRANCH, NOW))
    assert counter.order.estimates[-1].items[0].price_reason == "text:reception:7"


@pytest.mark.clause("R9")
def test_a_reason_is_kept_only_where_a_price_is_off_the_list() -> None:
    counter = at_the_desk("R-FBP")
    counter.ordered(counter.order.give_estimate(counter.visit, [AskedLine(item="item-1", price_reason="text:x")], (), BRANCH, NOW))
    assert counter.order.estimates[-1].items[0].price_reason is None


def test_an_unknown_part_or_the_same_item_twice_is_malformed() -> None:
    counter = at_the_desk("R-FBP")
    for lines in ([AskedLine(item="item-1", parts=(AskedPart(part_no="XX-1", quantity=1),))], [AskedLine(item="item-1")] * 2):
        with pytest.raises(Malformed):
            counter.order.give_estimate(counter.visit, lines, (), BRANCH, NOW)
    assert issubclass(UnknownPart, Malformed)


@pytest.mark.parametrize("warranty", [Warranty.YES, Warranty.FIRST_MAINTENANCE])
def test_edge_case_7_nobody_is_named_as_payer_of_what_the_warranty_pays(warranty: Warranty) -> None:
    counter = at_the_desk()
    counter.diagnose("M-FIRST", warranty)
    with pytest.raises(PaidByTheWarranty):
        counter.order.give_estimate(counter.visit, [AskedLine(item="item-1", payer=Payer.CUSTOMER)], (), BRANCH, NOW)
    counter.ordered(counter.order.give_estimate(counter.visit, [AskedLine(item="item-1")], (), BRANCH, NOW))


@pytest.mark.clause("R4")
def test_an_item_that_is_not_diagnosed_or_whose_customer_was_not_told_is_not_estimated() -> None:
    counter = at_the_desk("R-FBP")
    counter.diagnose("R-RBP", told=False)
    for item in ("item-2", "item-3"):
        with pytest.raises(ItemNotDiagnosed) as refused:
            counter.order.give_estimate(counter.visit, [AskedLine(item=item)], (), BRANCH, NOW)
        assert refused.value.missing == (item,)


@pytest.mark.clause("R4")
def test_a_diagnosis_that_changed_after_the_estimate_needs_a_new_estimate() -> None:
    counter = carried_to("draft_order")
    counter.diagnose("R-FBP", Warranty.YES, item="item-1")
    with pytest.raises(ItemNotDiagnosed):
        counter.draft_order()


@pytest.mark.clause("R9")
def test_only_the_latest_estimate_that_is_valid_and_as_shown_can_be_accepted() -> None:
    counter = carried_to("accept")
    first = counter.order.estimates[-1]
    with pytest.raises(EstimateContentDiffers):
        counter.accept(agreed_hash="0" * 64)
    with pytest.raises(Malformed):
        counter.accept(items=("item-9",))
    counter.diagnose("R-BULB")
    counter.estimate()
    with pytest.raises(EstimateReplaced):
        counter.ordered(counter.order.accept_estimate(counter.visit, 1, Channel.PHONE, None, first.content_hash, BRANCH, NOW))
    counter.now += timedelta(days=8)
    with pytest.raises(EstimateExpired):
        counter.accept()
    counter.now -= timedelta(days=1)
    counter.accept()


@pytest.mark.clause("R9")
def test_prices_freeze_at_consent_and_the_consent_is_over_the_estimate() -> None:
    counter = carried_to("")
    accepted = next(event for event in counter.events if isinstance(event, EstimateAccepted))
    given = next(event for event in counter.events if event.TYPE == "reception.estimate_given.v1")
    assert accepted.content_hash == content_hash(given)
    assert counter.order.signed
    assert counter.order.signed.items == counter.order.estimates[-1].items


@pytest.mark.clause("R9")
def test_items_that_the_customer_does_not_accept_are_not_ordered() -> None:
    counter = at_the_desk("R-FBP", "R-BULB")
    counter.seen(counter.visit.record_concerns("repair", ("text:1",), order_signed=False))
    counter.look_up()
    counter.estimate()
    counter.accept(items=("item-2",))
    counter.promise()
    counter.draft_order()
    counter.sign_order()
    assert counter.order.signed
    assert [item.item for item in counter.order.signed.items] == ["item-2"]
    assert counter.order.signed.total == Money.of(Decimal("36.00") + BRANCH.parts["HL-9002"].unit_price)


@pytest.mark.clause("R8")
@pytest.mark.parametrize(
    ("stock", "available", "expected"),
    [
        (Stock(on_hand=2, lead_days=3), True, None),
        (Stock(on_hand=1, lead_days=3), False, date(2026, 3, 12)),
        (Stock(on_hand=0, lead_days=3, expected_on=date(2026, 3, 10)), False, date(2026, 3, 10)),
        (Stock(on_hand=0, lead_days=3, expected_on=date(2026, 3, 1)), False, date(2026, 3, 12)),
    ],
    ids=["on hand", "short", "ordered already", "an order that is overdue"],
)
def test_a_part_is_on_hand_or_has_an_expected_date(stock: Stock, available: bool, expected: date | None) -> None:
    found = looked_up(VISIT, {"BD-4003": 2}, {"BD-4003": stock}, TODAY)
    assert found.lines == (PartsLookedUp.Line(part_no="BD-4003", quantity=2, available=available, expected_on=expected),)


@pytest.mark.clause("R8")
def test_the_parts_of_several_items_are_looked_up_together() -> None:
    counter = at_the_desk("R-FBP", "R-FBD")
    counter.look_up()
    assert counter.order.lookup
    assert {line.part_no: line.quantity for line in counter.order.lookup} == {"BP-4001": 2, "BD-4003": 2}
    assert set(STOCK) == set(BRANCH.parts)


@pytest.mark.clause("R8")
def test_a_part_that_came_into_the_estimate_later_has_to_be_looked_up_before_the_order() -> None:
    counter = at_the_desk("R-FBP")
    counter.look_up()
    more = AskedLine(item="item-1", parts=(AskedPart(part_no="BP-4001", quantity=2),))
    counter.ordered(counter.order.give_estimate(counter.visit, [more], (), BRANCH, NOW))
    with pytest.raises(PartsNotLookedUp) as refused:
        counter.promise()
    assert (refused.value.clause, refused.value.missing) == ("R8", ("BP-4001",))
    counter.look_up()
    counter.promise()


def test_an_estimate_names_what_the_history_proposed() -> None:
    counter = at_the_desk("R-FBP")
    counter.ordered(counter.order.give_estimate(counter.visit, (), ("R-BALL",), BRANCH, NOW))
    assert counter.order.estimates[-1].proposed == ("R-BALL",)
    assert isinstance(counter.order.estimates[-1].valid_until, date)
    assert counter.order.estimates[-1].valid_until == TODAY + timedelta(days=7)
    with pytest.raises(Refused):
        Counter().estimate()


@pytest.mark.clause("R6")
def test_what_is_still_to_be_inspected_is_ordered_as_its_inspection_and_not_as_a_repair() -> None:
    counter = carried_to("diagnose")
    counter.diagnose("R-FBP", fault=FaultState.TO_BE_INSPECTED)
    with pytest.raises(PricedAfterItsInspection) as refused:
        counter.estimate()
    assert refused.value.clause == "R6"
    counter.diagnose("D-BRK", item="item-1", fault=FaultState.TO_BE_INSPECTED)
    counter.estimate()


@pytest.mark.clause("R9")
def test_an_estimate_that_has_run_out_is_given_again() -> None:
    counter = carried_to("accept")
    counter.now += timedelta(days=8)
    with pytest.raises(EstimateExpired):
        counter.accept()
    counter.estimate()
    counter.accept()
    assert counter.order.estimates[-1].valid_until == TODAY + timedelta(days=15)


@pytest.mark.clause("R9")
def test_edge_case_8_a_new_price_list_touches_only_what_is_not_consented() -> None:
    dearer = BRANCH.parts["BP-4001"].model_copy(update={"unit_price": BRANCH.parts["BP-4001"].unit_price + 100})
    later = BRANCH.model_copy(update={"parts": BRANCH.parts | {"BP-4001": dearer}})
    counter = carried_to("")
    signed = counter.order.signed
    assert signed
    changes = Changes(id=VISIT)
    wanted = (Wanted(item="wish-1", operation="R-FBP", warranty=Warranty.NO),)
    changes = changes.after(changes.quote(signed, counter.visit, None, wanted, (), (), STOCK, later, NOW))
    agreed = changes.changes[-1].content_hash
    said = (signed, counter.visit, "change-1", None, "customer", Channel.PHONE, None, agreed)
    revised = changes.after(changes.answer(*said, SignedHow(), counter.questions, "advisor-1", later, NOW, begun=()))
    frozen, new = revised.items_of(signed)
    assert new.parts[0].unit_price == frozen.parts[0].unit_price + Money.of(100)
    assert frozen == signed.items[0]
