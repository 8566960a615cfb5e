"""W5: parts against the order only, signed for, and never more than there are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.workshop import parts
from services.workshop.parts import Stock
from shared.contracts.workshop import PartsIssued, StockChanged
from shared.signing import content_hash
from tests.workshop.shop import BRANCH, CLERK, ITEM, NOW, PART, TECHNICIAN, job_after, job_before, refused, slip

pytestmark = pytest.mark.clause("W5")


def stock(on_hand: int, part_no: str = PART) -> Stock:
    return Stock(id=part_no, on_hand=on_hand, lead_days=3)


def test_the_technician_signs_each_line_of_the_slip() -> None:
    (line,) = parts.issue(job_before("draw"), slip({PART: 1}), [stock(1)], BRANCH, NOW)
    assert isinstance(line, PartsIssued)
    assert (line.slip, line.item, line.drawn_by, line.given_by) == ("SLIP-1", ITEM, TECHNICIAN, CLERK)
    assert (line.signature.signer, line.signature.content_hash) == (TECHNICIAN, content_hash(line))


@pytest.mark.parametrize("before", ["open", "offer", "accept", "dispatch", "draw", "park"])
def test_a_part_that_no_item_needs_is_refused_at_any_time(before: str) -> None:
    with refused("W5"):
        parts.issue(job_before(before), slip({"CK-7004": 1}), [stock(9, "CK-7004")], BRANCH, NOW)


@pytest.mark.parametrize(("item", "lines"), [(ITEM, {PART: 2}), ("item-9", {PART: 1}), (ITEM, {PART: 1, "CK-7004": 1})])
def test_no_more_is_drawn_than_the_item_needs(item: str, lines: dict[str, int]) -> None:
    with refused("W5"):
        parts.issue(job_before("draw"), slip(lines, item), [stock(9, part_no) for part_no in lines], BRANCH, NOW)


def test_what_was_drawn_already_counts() -> None:
    job = job_before("draw")
    job = job.after(parts.issue(job, slip({PART: 1}), [stock(9)], BRANCH, NOW))
    with refused("W5"):
        parts.issue(job, slip({PART: 1}), [stock(8)], BRANCH, NOW)


@pytest.mark.parametrize("person", ["tech-5", "tech-1", CLERK])
def test_only_a_technician_named_for_the_item_draws_its_parts(person: str) -> None:
    with refused("W14"):
        parts.issue(job_before("draw"), slip({PART: 1}, drawn_by=person), [stock(9)], BRANCH, NOW)


def test_a_shortage_is_refused_with_the_date_on_which_the_part_is_expected() -> None:
    with refused("W5", PART) as refusal:
        parts.issue(job_before("draw"), slip({PART: 1}), [stock(0)], BRANCH, NOW)
    assert refusal[0].facts["short"] == {PART: {"on_hand": 0, "wanted": 1, "expected_on": "2026-03-12"}}


def test_nothing_is_drawn_after_the_work_has_passed() -> None:
    job = job_after("pass_qc")
    job.items[ITEM].drawn.clear()
    with refused("W11"):
        parts.issue(job, slip({PART: 1}), [stock(9)], BRANCH, NOW)


def test_a_receipt_and_a_slip_say_what_they_changed_and_why() -> None:
    assert parts.receive(stock(2), 5, "DN-7") == [
        StockChanged(part_no=PART, change=5, on_hand=7, reason="receipt", reference="DN-7", lead_days=3)
    ]
    assert parts.draw(stock(2), slip({PART: 2})) == [
        StockChanged(part_no=PART, change=-2, on_hand=0, reason="issue", reference="SLIP-1", lead_days=3)
    ]


def test_the_opening_stock_is_booked_once() -> None:
    opened = Stock(id=PART).after(parts.open_stock(Stock(id=PART), 40, 2))
    assert (opened.on_hand, opened.lead_days) == (40, 2)
    with refused("W5"):
        parts.open_stock(opened, 40, 2)


@given(st.lists(st.integers(min_value=-9, max_value=9).filter(bool), max_size=30))
def test_no_sequence_of_slips_and_receipts_takes_the_stock_below_zero(changes: list[int]) -> None:
    shelf, left = stock(0), 0
    for change in changes:
        if left + change < 0:
            with refused("W5"):
                parts.draw(shelf, slip({PART: -change}))
            continue
        left += change
        shelf = shelf.after(parts.receive(shelf, change, "DN") if change > 0 else parts.draw(shelf, slip({PART: -change})))
        assert shelf.on_hand == left
