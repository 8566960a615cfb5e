from datetime import date, datetime, time
from decimal import Decimal

import pytest

from services.reception.slots import SlotDay, SlotFull, SlotNotOffered, hours_by_skill, moment, nearest_free, slot_day_id
from shared.refusal import Refused
from tests.reception.counter import BRANCH, NOW

DAY = date(2026, 3, 10)
TEN = time(10)
CAPACITY = BRANCH.site.shop.slot_capacity

pytestmark = pytest.mark.clause("A1")


def empty(day: date = DAY) -> SlotDay:
    return SlotDay(id=slot_day_id(day))


def booked(slots: SlotDay, count: int, slot: time = TEN, hours: dict[str, Decimal] | None = None) -> SlotDay:
    for _ in range(count):
        slots = slots.after(slots.take(f"visit-{len(slots.places) + 1}", slot, hours or {}, BRANCH, NOW))
    return slots


def test_a_slot_takes_as_many_visits_as_the_branch_says_and_refuses_the_next_with_the_nearest_free_ones() -> None:
    full = booked(empty(), CAPACITY)
    nearest = nearest_free([(full, BRANCH)], moment(DAY, TEN, BRANCH), {}, NOW, 3)
    with pytest.raises(SlotFull) as refused:
        full.take("visit-9", TEN, {}, BRANCH, NOW, nearest)
    assert refused.value.clause == "A1"
    assert refused.value.facts["nearest"] == [
        {"day": "2026-03-10", "slot": "09:30"},
        {"day": "2026-03-10", "slot": "10:30"},
        {"day": "2026-03-10", "slot": "09:00"},
    ]


def test_a_slot_whose_skill_has_no_hours_left_until_closing_is_refused_though_it_has_places() -> None:
    paint = {"paint": Decimal("3.0")}
    at_five = booked(empty(), 2, time(17), paint)  # two painters, three hours until eight: six hours
    with pytest.raises(SlotFull):
        at_five.take("visit-9", time(17), paint, BRANCH, NOW)
    assert at_five.take("visit-9", time(17), {"body": Decimal(1)}, BRANCH, NOW)


def test_a_late_slot_takes_a_small_job_where_it_no_longer_takes_a_big_one() -> None:
    assert not empty().has_room(time(19, 30), {"paint": Decimal("3.0")}, BRANCH)
    assert empty().has_room(time(19, 30), {"paint": Decimal("1.0")}, BRANCH)


def test_a_new_booking_presses_on_the_earlier_slots_too() -> None:
    all_day = booked(booked(empty(), 3, time(8), {"paint": Decimal(6)}), 1, time(9), {"paint": Decimal(5)})  # 23 of 24 hours
    assert not all_day.has_room(time(12), {"paint": Decimal(2)}, BRANCH)
    assert all_day.has_room(time(12), {"paint": Decimal(1)}, BRANCH)
    assert [room("paint", time(12), BRANCH) for room in (all_day.hours_left, all_day.room_for)] == [Decimal(16), Decimal(1)]


@pytest.mark.parametrize(("day", "slot"), [(DAY, time(3)), (date(2026, 3, 8), TEN)], ids=["before opening", "on a closed day"])
def test_a_time_that_is_no_slot_can_be_asked_for_room(day: date, slot: time) -> None:
    """Whoever books it is told of other slots: that there is none before it must not break the answer."""
    assert isinstance(empty(day).has_room(slot, {"paint": Decimal(1)}, BRANCH), bool)


@pytest.mark.parametrize(
    ("day", "slot"),
    [
        (DAY, time(7, 30)),
        (DAY, time(20)),
        (DAY, time(10, 10)),
        (date(2026, 3, 9), time(9, 30)),
        (date(2026, 3, 8), TEN),
        (date(9999, 12, 31), TEN),
    ],
    ids=["before opening", "at closing", "between slots", "already past", "yesterday", "in another age"],
)
def test_a_slot_that_is_not_offered_is_refused(day: date, slot: time) -> None:
    with pytest.raises(SlotNotOffered):
        empty(day).take("visit-1", slot, {}, BRANCH, NOW)


def test_what_is_too_far_ahead_to_be_booked_is_not_free() -> None:
    """NOW is ten o'clock of the day before."""
    short = BRANCH.with_settings({"shop.bookable_days_ahead": 1})
    free = empty().free_slots({}, short, NOW)
    assert free[-1] == TEN
    assert all(empty().take("visit-1", slot, {}, short, NOW) for slot in free)
    assert empty(date(2026, 3, 11)).free_slots({}, short, NOW) == []


def test_a_visit_has_one_place_a_day() -> None:
    with pytest.raises(Refused):
        booked(empty(), 1).take("visit-1", time(11), {}, BRANCH, NOW)


def test_the_nearest_free_slots_may_be_on_another_day() -> None:
    full = empty()
    for slot in full.free_slots({}, BRANCH, NOW):
        full = booked(full, CAPACITY, slot)
    days = [(day, BRANCH) for day in (empty(date(2026, 3, 9)), full, empty(date(2026, 3, 11)))]
    free = nearest_free(days, moment(DAY, TEN, BRANCH), {}, NOW, 3)
    zone = BRANCH.site.zone
    assert free[0] == datetime(2026, 3, 9, 19, 30, tzinfo=zone)


def test_the_hours_of_a_booking_are_those_of_its_operations_by_skill() -> None:
    assert hours_by_skill(("R-FBP", "R-BALL", "R-BATT"), BRANCH) == {"chassis": Decimal("1.7"), "electrical": Decimal("0.3")}
