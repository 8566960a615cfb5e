"""R8, A3, W5: the shelf of a part: for whom it is, what is ordered, what was counted; never below zero."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.workshop import stock as shelf
from services.workshop.stock import ReorderCheck, Stock
from shared.contracts.event import Event
from shared.contracts.workshop import PartOrdered, PartsReserved, ReorderPointsChecked, StockChanged, StockCounted
from shared.refusal import Refused
from tests.workshop.shop import CLERK, PART, refused

R8, W5, A3 = pytest.mark.clause("R8"), pytest.mark.clause("W5"), pytest.mark.clause("A3")
TODAY = date(2026, 3, 9)


def stock(on_hand: int, claims: dict[str, int] | None = None) -> Stock:
    return Stock(id=PART, on_hand=on_hand, lead_days=3, claims=claims or {})


@W5
def test_each_change_says_what_why_and_what_is_left() -> None:
    assert shelf.receive(stock(2), 5, "DN-7") == [
        StockChanged(part_no=PART, change=5, on_hand=7, reason="receipt", reference="DN-7", lead_days=3, free=7)
    ]
    assert shelf.draw(stock(2), 2, "visit-1", "SLIP-1") == [
        StockChanged(part_no=PART, change=-2, on_hand=0, reason="issue", reference="SLIP-1", lead_days=3, visit="visit-1", free=0)
    ]
    assert shelf.put_back(stock(2), 1, "visit-1", "SLIP-1") == [
        StockChanged(part_no=PART, change=1, on_hand=3, reason="return", reference="SLIP-1", lead_days=3, visit="visit-1", free=3)
    ]


@W5
def test_the_opening_stock_is_booked_once() -> None:
    opened = Stock(id=PART).after(shelf.open_stock(Stock(id=PART), 40, 2))
    assert (opened.on_hand, opened.lead_days, opened.free) == (40, 2, 40)
    with refused("W5"):
        shelf.open_stock(opened, 40, 2)


@R8
def test_first_signed_is_first_served_and_the_rest_is_free() -> None:
    held = stock(3, {"visit-1": 2, "visit-2": 2})
    assert (held.reserved, held.free) == ({"visit-1": 2, "visit-2": 1}, 0)
    assert (held.covers("visit-1"), held.covers("visit-2"), held.covers("visit-3")) == (True, False, True)
    assert [held.for_visit(visit) for visit in ("visit-1", "visit-2", "visit-3")] == [2, 1, 0]
    assert stock(5, {"visit-1": 2}).free == 3


@R8
def test_a_claim_is_made_changed_and_freed() -> None:
    (made,) = shelf.reserve(stock(3, {"visit-1": 2}), "visit-2", 2)
    assert made == PartsReserved(part_no=PART, visit="visit-2", quantity=2, covered=1, free=0)
    held = stock(3, {"visit-1": 2}).after([made])
    assert shelf.reserve(held, "visit-2", 2) == []
    freed = held.after(shelf.reserve(held, "visit-1", 0))
    assert (freed.claims, freed.reserved) == ({"visit-2": 2}, {"visit-2": 2})


@R8
def test_a_claim_that_grows_keeps_its_place_in_the_line() -> None:
    held = stock(2, {"visit-1": 1, "visit-2": 1})
    grown = held.after(shelf.reserve(held, "visit-1", 2))
    assert grown.reserved == {"visit-1": 2}


@W5
def test_what_was_drawn_is_claimed_no_more() -> None:
    held = stock(3, {"visit-1": 2, "visit-2": 1})
    drawn = held.after(shelf.draw(held, 2, "visit-1", "SLIP-1"))
    assert (drawn.claims, drawn.reserved, drawn.free) == ({"visit-2": 1}, {"visit-2": 1}, 0)
    with refused("W5"):
        shelf.draw(drawn, 1, "visit-1", "SLIP-2")


@R8
def test_an_order_says_when_it_comes_and_a_receipt_takes_it_off() -> None:
    (ordered,) = shelf.order(stock(0), 5, "visit-1", CLERK, TODAY)
    assert ordered == PartOrdered(part_no=PART, quantity=5, expected_on=date(2026, 3, 12), visit="visit-1", by=CLERK)
    waiting = stock(0).after([ordered])
    waiting = waiting.after(shelf.order(waiting, 2, None, CLERK, date(2026, 3, 10)))
    assert [waiting.expected_on("visit-1", wanted, date(2026, 3, 11)).day for wanted in (5, 7)] == [12, 13]
    (came,) = shelf.receive(waiting, 6, "DN-1")
    assert isinstance(came, StockChanged)
    assert came.expected_on == date(2026, 3, 13)
    assert [left.quantity for left in waiting.after([came]).on_order] == [1]
    assert stock(0).expected_on("visit-1", 1, TODAY) == date(2026, 3, 12)


def on_its_way(held: Stock, *orders: tuple[int, int]) -> Stock:
    """With `orders` of a quantity each, ordered on that day of March and due three days later."""
    for quantity, day in orders:
        held = held.after(shelf.order(held, quantity, None, CLERK, date(2026, 3, day)))
    return held


@R8
@pytest.mark.parametrize(
    ("visit", "today", "due"),
    [
        ("visit-1", 11, 12),
        ("visit-2", 11, 14),
        ("visit-3", 12, 15),
        ("visit-1", 13, 14),
        ("visit-1", 15, 18),
    ],
    ids=["the first", "the second", "none is ordered for it", "the supplier is late", "with both"],
)
def test_the_day_that_is_named_is_that_of_the_part_which_is_for_the_visit(visit: str, today: int, due: int) -> None:
    """First signed, first served: what comes first is for who is before it in the line."""
    held = on_its_way(stock(0, {"visit-1": 1, "visit-2": 1}), (1, 9), (1, 11))
    assert held.expected_on(visit, 1, date(2026, 3, today)) == date(2026, 3, due)


@R8
def test_what_lies_on_the_shelf_counts_for_who_is_first() -> None:
    held = on_its_way(stock(2, {"visit-1": 1, "visit-2": 3}), (1, 9), (1, 11))
    assert held.expected_on("visit-2", 3, date(2026, 3, 9)) == date(2026, 3, 14)
    assert held.expected_on("visit-2", 2, date(2026, 3, 9)) == date(2026, 3, 12)


@W5
def test_a_difference_that_was_counted_is_a_fact_of_its_own_with_its_reason() -> None:
    with refused("W5", "reason"):
        shelf.count(stock(5), 4, None, CLERK)
    counted, changed = shelf.count(stock(5), 4, "text:workshop:1", CLERK)
    assert counted == StockCounted(part_no=PART, counted=4, difference=-1, reason="text:workshop:1", by=CLERK)
    assert isinstance(changed, StockChanged)
    assert (changed.change, changed.on_hand, changed.reason) == (-1, 4, "stock_taking")
    assert shelf.count(stock(5), 5, None, CLERK) == [StockCounted(part_no=PART, counted=5, difference=0, by=CLERK)]


@A3
def test_below_its_reorder_point_is_what_will_be_less_when_all_has_come_and_gone() -> None:
    ordered = stock(0).after(shelf.order(stock(0), 4, None, CLERK, TODAY))
    for held, point, wants in (
        (stock(4), 4, False),
        (stock(3), 4, True),
        (stock(4, {"visit-1": 1}), 4, True),
        (ordered, 4, False),
    ):
        assert (shelf.below([held], {PART: point}) == (PART,)) is wants


@A3
def test_the_reorder_points_are_checked_once_a_day() -> None:
    check = ReorderCheck(id="reorder-check:2026-03-09")
    events = shelf.check_reorder_points(check, TODAY, [stock(3)], {PART: 4})
    assert events == [ReorderPointsChecked(day=TODAY, below=(PART,))]
    assert shelf.check_reorder_points(check.after(events), TODAY, [stock(0)], {PART: 4}) == []


VISITS = ("visit-1", "visit-2", "visit-3")
steps = st.tuples(st.sampled_from(("draw", "receive", "reserve", "put_back", "count", "order")), st.sampled_from(VISITS), st.integers(0, 5))


@W5
@R8
@given(st.lists(steps, max_size=40))
def test_no_sequence_of_steps_takes_the_shelf_below_zero_or_gives_a_part_twice(taken: list[tuple[str, str, int]]) -> None:
    held, left = stock(3), 3
    for what, visit, quantity in taken:
        before = held
        try:
            events: list[Event] = list(_step(held, what, visit, quantity))
        except Refused as refusal:
            assert refusal.clause == "W5"
            continue
        held = held.after(events)
        left += sum(event.change for event in events if isinstance(event, StockChanged))
        assert held.on_hand == left >= 0
        assert sum(held.reserved.values()) + held.free == held.on_hand
        assert all(held.reserved[name] <= claimed for name, claimed in held.claims.items() if name in held.reserved)
        if what == "draw":
            others = [name for name in VISITS if name != visit]
            assert all(held.reserved.get(name, 0) >= before.reserved.get(name, 0) for name in others), "taken from somebody's reservation"


def _step(held: Stock, what: str, visit: str, quantity: int) -> list[Event]:
    made = {
        "draw": lambda: shelf.draw(held, quantity, visit, "SLIP-1") if quantity else [],
        "receive": lambda: shelf.receive(held, quantity, "DN-1") if quantity else [],
        "reserve": lambda: shelf.reserve(held, visit, quantity),
        "put_back": lambda: shelf.put_back(held, quantity, visit, "SLIP-1") if quantity else [],
        "count": lambda: shelf.count(held, quantity, "text:workshop:1", CLERK),
        "order": lambda: shelf.order(held, quantity, None, CLERK, TODAY) if quantity else [],
    }
    return list(made[what]())
