from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

import pytest

from services.reception.barred import OrderCancelledAlready
from services.reception.estimate import AskedLine, EstimateExpired
from services.reception.handover import HandoverIncomplete, WaitingPlaceUnknown
from services.reception.promise import NothingPromised
from services.reception.terms import CustomerMustSign, CustomerNotTold, NewWorkRuleNotTold, OrderContentDiffers, PaymentNotChosen
from shared.contracts.reception import WorkOrderSigned
from shared.contracts.values import Payer, PaymentChoice, Warranty
from shared.refusal import Refused
from shared.signing import content_hash
from tests.reception.counter import BRANCH, CHOICES, CLEAN_PATH, NOW, Counter, carried_to


def pays(**shares: str) -> dict[str, object]:
    return {"pays": tuple(PaymentChoice(method=method, share=Decimal(share)) for method, share in shares.items())}


@pytest.mark.clause("R11")
@pytest.mark.clause("R12")
@pytest.mark.parametrize(
    ("choice", "refusal"),
    [
        ({"payment_ways_told": False}, CustomerNotTold),
        ({"delivery_procedure_explained": False}, CustomerNotTold),
        ({"order_explained": False}, CustomerNotTold),
        ({"new_work_rule_told": False}, NewWorkRuleNotTold),
        (pays(), PaymentNotChosen),
        (pays(wechat="0.5"), PaymentNotChosen),
        (pays(wechat="0.8", insurer="0.3"), PaymentNotChosen),
    ],
)
def test_what_the_customer_was_not_told_or_did_not_choose_keeps_the_order_from_being_made(
    choice: Mapping[str, object], refusal: type[Refused]
) -> None:
    with pytest.raises(refusal):
        carried_to("draft_order").draft_order(CHOICES.model_copy(update=dict(choice)))


@pytest.mark.clause("R11")
def test_several_ways_to_pay_share_the_whole() -> None:
    counter = carried_to("draft_order")
    counter.draft_order(CHOICES.model_copy(update=pays(wechat="0.2", insurer="0.8")))
    counter.sign_order()
    assert counter.order.signed
    assert [choice.method for choice in counter.order.signed.pays] == ["wechat", "insurer"]


def estimated_for(payer: Payer) -> Counter:
    """At the desk with the estimate of an item that is this payer's as a whole."""
    counter = carried_to("estimate")
    asked = [AskedLine(item=counter.visit.diagnoses[0].item, payer=payer)]
    counter.ordered(counter.order.give_estimate(counter.visit, asked, (), BRANCH, NOW))
    counter.accept()
    counter.promise()
    return counter


@pytest.mark.clause("R11")
def test_edge_case_7_for_what_is_the_insurers_as_a_whole_nobody_has_to_choose_a_way_to_pay() -> None:
    counter = estimated_for(Payer.INSURER)
    counter.draft_order(CHOICES.model_copy(update=pays()))
    counter.sign_order()
    assert counter.order.signed
    assert [item.payer for item in counter.order.signed.items] == [Payer.INSURER]


@pytest.mark.clause("R11")
def test_edge_case_7_the_customers_own_item_needs_a_way_to_pay_of_the_customers() -> None:
    counter = estimated_for(Payer.CUSTOMER)
    with pytest.raises(PaymentNotChosen) as refused:
        counter.draft_order(CHOICES.model_copy(update=pays(insurer="1")))
    assert refused.value.facts["items"] == ["item-1"]
    counter.draft_order(CHOICES.model_copy(update=pays(insurer="0.5", cash="0.5")))


@pytest.mark.clause("R11")
def test_nobody_has_to_choose_a_way_to_pay_what_costs_nothing() -> None:
    counter = carried_to("diagnose")
    counter.diagnose("M-FIRST", Warranty.FIRST_MAINTENANCE)
    counter.look_up()
    counter.estimate()
    counter.accept()
    counter.promise()
    counter.draft_order(CHOICES.model_copy(update=pays()))
    counter.sign_order()
    assert counter.order.signed


@pytest.mark.clause("R11")
def test_a_signature_over_another_content_is_refused() -> None:
    counter = carried_to("sign_order")
    assert counter.order.draft
    shown = counter.order.draft.content_hash
    counter.draft_order(CHOICES.model_copy(update={"wash": False}))
    with pytest.raises(OrderContentDiffers) as refused:
        counter.sign_order(shown)
    assert refused.value.clause == "R11"
    counter.sign_order()


@pytest.mark.clause("R11")
def test_only_the_customer_signs_the_order() -> None:
    with pytest.raises(CustomerMustSign):
        carried_to("sign_order").sign_order(signer="tow_driver")


@pytest.mark.clause("R11")
@pytest.mark.parametrize(("later", "refusal"), [(timedelta(hours=7), NothingPromised), (timedelta(days=8), EstimateExpired)])
def test_an_order_whose_promise_or_estimate_has_run_out_is_not_signed(later: timedelta, refusal: type[Refused]) -> None:
    counter = carried_to("sign_order")
    counter.now += later
    with pytest.raises(refusal):
        counter.sign_order()


@pytest.mark.clause("R11")
def test_the_signed_hash_can_be_computed_again_from_the_event_alone() -> None:
    signed = carried_to("").order.signed
    assert signed
    again = WorkOrderSigned.model_validate_json(signed.model_dump_json())
    assert content_hash(again) == again.content_hash == again.signature.content_hash
    assert again == signed


@pytest.mark.clause("R11")
def test_everything_told_and_chosen_is_on_the_signed_order() -> None:
    counter = carried_to("")
    signed = counter.order.signed
    assert signed
    assert signed.model_dump(include=set(CHOICES.model_fields_set)) == CHOICES.model_dump()
    assert (signed.revision, signed.customer, signed.vehicle, signed.advisor) == (1, "customer-1", "vehicle-1", "advisor-1")
    assert counter.order.promise
    assert signed.promised_at == counter.order.promise.promised_at


@pytest.mark.clause("R11")
def test_a_later_draft_keeps_the_number_of_the_order() -> None:
    counter = carried_to("sign_order")
    counter.ordered(counter.order.draft_order(counter.visit, counter.questions, "advisor-2", "another", CHOICES, BRANCH, counter.now))
    assert counter.order.draft
    assert counter.order.draft.number == "BJ01-20260309-0001"


@pytest.mark.clause("W1")
@pytest.mark.parametrize("missing", ["key", "work_order", "check_in_sheet"])
def test_key_order_and_sheet_go_with_the_car(missing: str) -> None:
    things = {"key", "work_order", "check_in_sheet"} - {missing}
    with pytest.raises(HandoverIncomplete) as refused:
        carried_to("hand_over").hand_over(*things)
    assert (refused.value.clause, refused.value.missing) == ("W1", (missing,))


@pytest.mark.clause("R13")
def test_the_car_goes_to_the_workshop_when_it_is_known_where_the_customer_waits() -> None:
    counter = carried_to("hand_over")
    counter.visit = counter.visit.model_copy(update={"waiting_place": None})
    with pytest.raises(WaitingPlaceUnknown) as refused:
        counter.hand_over()
    assert (refused.value.clause, refused.value.missing) == ("R13", ("waiting_place",))


@pytest.mark.clause("W8")
def test_edge_case_1_a_cancelled_order_is_not_handed_over() -> None:
    with pytest.raises(OrderCancelledAlready):
        carried_to("hand_over").hand_over(cancelled=True)


@pytest.mark.clause("R11")
def test_another_print_does_not_take_the_customers_copies_back() -> None:
    counter = carried_to("hand_over")
    counter.ordered(counter.order.print_copies(counter.visit, ("workshop",), customer_copies_given=False))
    assert counter.order.customer_copies_given


@pytest.mark.clause("R11")
@pytest.mark.parametrize(
    ("sheet", "order", "given"),
    [
        (("customer", "workshop"), ("customer",), True),
        (("customer", "workshop"), ("workshop",), False),
        (("workshop",), ("customer", "workshop"), False),
    ],
)
def test_the_customers_copies_are_given_only_once_those_of_order_and_sheet_are_printed(
    sheet: tuple[str, ...], order: tuple[str, ...], given: bool
) -> None:
    counter = carried_to("print_sheet")
    counter.seen(counter.visit.print_sheet(sheet))
    for step in list(CLEAN_PATH)[list(CLEAN_PATH).index("record_concerns") : list(CLEAN_PATH).index("print_order")]:
        CLEAN_PATH[step](counter)
    counter.ordered(counter.order.print_copies(counter.visit, order, customer_copies_given=True))
    assert counter.order.customer_copies_given is given


@pytest.mark.clause("R11")
def test_copies_that_were_printed_before_are_given_with_a_later_print() -> None:
    counter = carried_to("print_order")
    counter.ordered(counter.order.print_copies(counter.visit, ("customer",), customer_copies_given=False))
    counter.ordered(counter.order.print_copies(counter.visit, ("workshop",), customer_copies_given=True))
    assert counter.order.customer_copies_given
