"""D5: the settlement equals the consented items, shared to the cent, closed by a signature over what was shown."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.delivery import settlement
from services.delivery.order import Order
from services.followup.calls import first_window
from shared.calendar import local_day
from shared.contracts.delivery import SettlementClosed
from shared.contracts.values import Payer, PaymentChoice
from shared.money import Money
from shared.refusal import NotReadyYet
from shared.signing import content_hash
from tests.delivery.desk import (
    NEXT,
    NOW,
    SITE,
    TAX,
    announced,
    at_the_desk,
    carry,
    close,
    item,
    next_maintenance,
    order,
    papers,
    parked,
    pays,
    refused,
    settled,
)

ORDER = order()
AMOUNT = st.decimals(min_value=0, max_value=30000, places=2).map(str)


def _closed(kept: Order) -> SettlementClosed:
    closed = settled(kept).settlement
    assert closed
    return closed


@pytest.mark.clause("D5")
def test_the_settlement_is_the_consented_lines_at_their_frozen_prices() -> None:
    closed = _closed(ORDER)
    assert [(line.kind, line.code, line.amount) for line in closed.lines] == [
        ("labour", "R-FBP", Money.of("144.00")),
        ("part", "BP-4001", Money.of("398.00")),
    ]
    assert (closed.total, closed.tax_contained, closed.owed) == (Money.of(542), Money.of("62.35"), {Payer.CUSTOMER: Money.of(542)})


@pytest.mark.clause("D4")
def test_edge_case_12_the_statement_prints_the_date_by_which_the_first_call_comes_as_follow_up_counts_it() -> None:
    """23:30 in the shop on 9 March; the copy that is printed days after the signature says the same."""
    late = NOW + timedelta(hours=9, minutes=30)
    draft = settlement.printed(at_the_desk(ORDER), ORDER, SITE, late)
    assert draft.first_call_by == date(2026, 3, 12)
    window = first_window(late, SITE)
    assert local_day(window.promise_by - timedelta(microseconds=1), SITE.zone) == draft.first_call_by
    copy = settlement.printed(settled(ORDER), ORDER, SITE, NOW + timedelta(days=5))
    assert (copy.closed, copy.first_call_by) == (True, date(2026, 3, 12))
    sooner = SITE.model_copy(update={"deadlines": SITE.deadlines.model_copy(update={"first_call_promise_days": 1})})
    assert settlement.printed(settled(ORDER), ORDER, sooner, NOW).first_call_by == date(2026, 3, 10)


@pytest.mark.clause("D5")
@pytest.mark.parametrize("warranty", ["yes", "first_maintenance"])
def test_an_item_under_warranty_shows_its_price_and_costs_the_customer_nothing(warranty: str) -> None:
    closed = _closed(order([item("item-1", warranty=warranty), item("item-2")]))
    assert closed.total == Money.of(1084)
    assert closed.owed == {Payer.WARRANTY: Money.of(542), Payer.CUSTOMER: Money.of(542)}


@pytest.mark.clause("D5")
def test_each_way_to_pay_owes_its_share_and_several_tills_are_one_customer() -> None:
    closed = _closed(order(paid_by=pays(insurer="0.6", cash="0.2", wechat="0.1", on_account="0.1")))
    assert closed.owed == {Payer.INSURER: Money.of("325.20"), Payer.CUSTOMER: Money.of("162.60"), Payer.ON_ACCOUNT: Money.of("54.20")}


@pytest.mark.clause("D5")
@pytest.mark.parametrize(("bearer", "customer", "house"), [(Payer.CUSTOMER, "342.00", None), (Payer.GOODWILL, "271.00", "71.00")])
def test_edge_case_7_the_insurer_pays_up_to_what_it_approved_and_the_gap_falls_where_it_was_agreed(
    bearer: Payer, customer: str, house: str | None
) -> None:
    agreed = item().model_copy(update={"insurer_up_to": Money.of(200), "gap_to": bearer})
    closed = _closed(order([agreed], pays(insurer="0.5", card="0.5")))
    borne = {Payer.GOODWILL: Money.of(house)} if house else {}
    assert closed.owed == {Payer.CUSTOMER: Money.of(customer), Payer.INSURER: Money.of(200)} | borne
    assert closed.total == Money.of(542)


@pytest.mark.clause("D5")
def test_edge_case_7_an_item_with_a_payer_of_its_own_is_owed_by_that_payer_alone() -> None:
    """The insurer pays the damage, the firm the tyres, and the customer, who shares the rest with the insurer, a wish."""
    whose = {"item-1": Payer.INSURER, "item-2": Payer.ON_ACCOUNT, "item-3": Payer.CUSTOMER, "item-4": None}
    items = [item(name).model_copy(update={"payer": payer}) for name, payer in whose.items()]
    closed = _closed(order(items, pays(insurer="0.5", card="0.5")))
    assert closed.owed == {Payer.INSURER: Money.of(813), Payer.ON_ACCOUNT: Money.of(542), Payer.CUSTOMER: Money.of(813)}
    assert closed.total == Money.of(2168)


@pytest.mark.clause("D5")
def test_edge_case_7_what_the_insurer_leaves_of_its_own_item_falls_where_it_was_agreed() -> None:
    agreed = item().model_copy(update={"payer": Payer.INSURER, "insurer_up_to": Money.of(200), "gap_to": Payer.GOODWILL})
    closed = _closed(order([agreed], pays(card="1")))
    assert closed.owed == {Payer.INSURER: Money.of(200), Payer.GOODWILL: Money.of(342)}


@st.composite
def _choices(draw: st.DrawFn) -> Sequence[PaymentChoice]:
    methods = draw(st.lists(st.sampled_from(["wechat", "card", "insurer", "on_account"]), min_size=1, max_size=4, unique=True))
    cuts = sorted(draw(st.sets(st.integers(1, 9999), min_size=len(methods) - 1, max_size=len(methods) - 1)))
    edges = [0, *cuts, 10000]
    shares = [Decimal(end - start) / 10000 for start, end in pairwise(edges)]
    return tuple(PaymentChoice(method=method, share=share) for method, share in zip(methods, shares, strict=True))


@st.composite
def _orders(draw: st.DrawFn) -> Order:
    covers = draw(st.lists(st.sampled_from(["no", "yes", "first_maintenance"]), min_size=1, max_size=4))
    items = [item(f"item-{n}", labour=draw(AMOUNT), part=draw(AMOUNT), warranty=cover) for n, cover in enumerate(covers)]
    items = [each.model_copy(update={"payer": draw(st.sampled_from([None, Payer.CUSTOMER, Payer.INSURER]))}) for each in items]
    return order(items, draw(_choices()))


@pytest.mark.clause("D5")
@given(_orders())
def test_any_shares_make_every_line_and_the_total_to_the_cent(kept: Order) -> None:
    closed = _closed(kept)
    nothing = Money.zero()
    for line in closed.lines:
        assert sum(line.shares.values(), start=nothing) == line.amount
        assert all(share >= nothing for share in line.shares.values())
    assert sum(closed.owed.values(), start=nothing) == closed.total == kept.total


@pytest.mark.clause("D5")
def test_what_was_signed_can_be_computed_again_from_the_event_on_the_wire() -> None:
    closed = _closed(order(paid_by=pays(insurer="0.8", card="0.2")))
    again = SettlementClosed.model_validate_json(closed.model_dump_json())
    assert content_hash(again) == closed.content_hash == closed.signature.content_hash


@pytest.mark.clause("D5")
def test_the_draft_says_what_is_missing_and_has_no_hash_without_its_number() -> None:
    draft = settlement.statement(carry(parked(), papers), ORDER, TAX)
    assert (draft.closed, draft.content_hash) == (False, None)
    assert draft.missing == ("D4 accompanied_check", "D8 next_maintenance", "D9 call_hour")


@pytest.mark.clause("D5")
def test_the_closed_statement_is_shown_as_it_was_signed() -> None:
    draft = settlement.statement(at_the_desk(ORDER), ORDER, TAX)
    shown = settlement.statement(settled(ORDER), None, TAX)
    assert draft.missing == ()
    assert shown == draft.model_copy(update={"closed": True})


@pytest.mark.clause("D5")
def test_a_signature_over_an_earlier_draft_is_refused() -> None:
    case = at_the_desk(ORDER)
    signed = settlement.statement(case, ORDER, TAX).content_hash
    moved = carry(case, lambda case: [event.model_copy(update={"next": LATER}) for event in next_maintenance(case)])
    with refused("D5"):
        close(ORDER, signed=signed)(moved)


LATER = NEXT.model_copy(update={"odometer_km": 50000})


@pytest.mark.clause("D5")
def test_a_settlement_is_closed_once() -> None:
    with refused("D5"):
        close(ORDER)(settled(ORDER))


@pytest.mark.clause("W11")
def test_nothing_is_settled_before_qc() -> None:
    with refused("W11"):
        close(ORDER, signed="0" * 64)(announced())
    with refused("W11"):
        settlement.statement(announced(), None, TAX)


@pytest.mark.clause("D4")
def test_nothing_is_settled_before_the_check_with_the_customer() -> None:
    with refused("D4"):
        close(ORDER, signed="0" * 64)(parked())


@pytest.mark.clause("R5")
def test_an_item_whose_warranty_is_not_ruled_is_not_settled() -> None:
    unclear = order([item(warranty="unclear")])
    with refused("R5", "item-1"):
        close(unclear)(at_the_desk(unclear))


@pytest.mark.clause("D5")
def test_only_the_revision_that_qc_judged_is_settled() -> None:
    with pytest.raises(NotReadyYet):
        close(ORDER.model_copy(update={"revision": 2}), signed="0" * 64)(at_the_desk(ORDER))


@pytest.mark.clause("D5")
def test_printed_copies_are_recorded_once_closed() -> None:
    with refused("D5", "settlement"):
        settlement.print_copies(at_the_desk(ORDER), ("customer",))
    case = carry(settled(ORDER), lambda case: settlement.print_copies(case, ("customer", "file")))
    assert [entry.copies for entry in case.printed] == [("customer", "file")]
