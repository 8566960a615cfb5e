"""What a site sets is what its departments count by: deadlines, capacities and times that no rule keeps as a number of its own."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.followup import calls, talk
from services.reception.promise import ShopLoad, earliest_completion
from services.reception.slots import SlotDay, SlotNotOffered, slot_day_id
from services.reception.task import due_by
from services.workshop import progress, promise
from shared.branch import Branch
from shared.contracts.workshop import ProgressReported
from tests.followup.people import local
from tests.followup.test_calls import duty, tried
from tests.reception.counter import NOW, carried_to
from tests.workshop.shop import job_after


def site_with(branch: Branch, settings: Mapping[str, Any]) -> Branch:
    return branch.with_settings(settings)


@pytest.mark.clause("R10")
def test_a_longer_final_inspection_and_wash_make_the_promise_later(branch: Branch) -> None:
    items = carried_to("accept").order.estimates[-1].items
    slower = site_with(branch, {"shop.final_inspection_minutes": 40, "shop.wash_minutes": 50})
    usual, later = (earliest_completion(items, ShopLoad(), None, each, NOW) for each in (branch, slower))
    assert later - usual == timedelta(minutes=60)


@pytest.mark.clause("W7")
def test_the_workshops_warning_counts_by_the_times_of_the_site(branch: Branch) -> None:
    slower = site_with(branch, {"shop.final_inspection_minutes": 40, "shop.wash_minutes": 50, "deadlines.lateness_told_from_minutes": 0})
    job = job_after("self_inspect")
    assert promise.left_to_do(job, slower.site, NOW) == timedelta(minutes=90)
    earlier, usual = promise.risk_at(job, slower.site, NOW), promise.risk_at(job, branch.site, NOW)
    assert earlier and usual and usual - earlier == timedelta(minutes=75)


@pytest.mark.clause("A1")
def test_no_slot_is_offered_further_ahead_than_the_site_books(branch: Branch) -> None:
    short = site_with(branch, {"shop.bookable_days_ahead": 3})
    for day, refused in ((date(2026, 3, 11), False), (date(2026, 3, 13), True)):
        slots = SlotDay(id=slot_day_id(day))
        if refused:
            with pytest.raises(SlotNotOffered):
                slots.take("visit-1", time(10), {"electric": Decimal(1)}, short, NOW)
        else:
            assert slots.take("visit-1", time(10), {}, short, NOW)


@pytest.mark.clause("R5")
def test_a_day_on_which_the_site_is_closed_is_no_working_day_of_a_rulings_deadline(branch: Branch) -> None:
    """NOW is a Monday: three working days end on Thursday, on Friday where the site has Wednesday off."""
    closed = site_with(branch, {"calendar.holidays": ["2026-03-11"]})
    days = [due_by("ruling", each, NOW).astimezone(each.site.zone).date() for each in (branch, closed)]
    assert days == [date(2026, 3, 12), date(2026, 3, 13)]


@pytest.mark.clause("F4")
def test_a_site_that_tries_more_often_gives_nobody_up_after_three_tries(branch: Branch) -> None:
    patient = site_with(branch, {"deadlines.tries_until_not_reached": 4})
    call = tried(duty(branch), branch, "2026-03-10 18:30", "2026-03-11 10:00", "2026-03-11 14:00")
    with pytest.raises(calls.TriesMissing) as raised:
        call.give_up("message", patient.site, local("2026-03-11 14:05"))
    assert list(raised.value.missing) == ["4 tries"]


@pytest.mark.clause("R10")
@pytest.mark.parametrize(("step", "minute"), [(1, 37), (5, 40), (30, 60), (120, 75)])
def test_a_promise_is_given_in_the_steps_of_the_site_and_not_past_its_closing(branch: Branch, step: int, minute: int) -> None:
    """Done at 10:37 after the car's 1.0 hour and its half hour of inspection and wash, where the branch closes at 11:15."""
    closing = {"shop.promise_step_minutes": step, "shop.closes": "11:15", "shop.opens": "08:00"}
    items = carried_to("accept").order.estimates[-1].items
    begun = datetime(2026, 3, 9, 10, 37, tzinfo=branch.site.zone) - timedelta(hours=float(sum(item.hours for item in items)), minutes=30)
    earliest = earliest_completion(items, ShopLoad(), None, site_with(branch, closing), begun)
    assert earliest == datetime(2026, 3, 9, 10, tzinfo=branch.site.zone) + timedelta(minutes=minute)


@pytest.mark.clause("W7")
def test_the_warning_says_the_lateness_in_the_steps_of_the_site(branch: Branch) -> None:
    finer = site_with(branch, {"deadlines.lateness_step_minutes": 10})
    late = timedelta(minutes=41)
    warned = [event for each in (branch, finer) for event in progress.warn(job_after("open"), late, each.site)]
    assert [event.minutes for event in warned if isinstance(event, ProgressReported)] == [60, 50]


@pytest.mark.clause("F4")
def test_parts_of_the_day_and_the_length_of_the_convenient_hour_are_the_sites(branch: Branch) -> None:
    south = site_with(
        branch, {"deadlines.afternoon_from": "14:00", "deadlines.evening_from": "19:00", "deadlines.convenient_hour_minutes": 30}
    )
    at = local("2026-03-10 13:40")
    assert [talk.part_of_day(at, each.site) for each in (branch, south)] == ["afternoon", "morning"]
    assert [talk.part_of_day(local("2026-03-10 18:00"), each.site) for each in (branch, south)] == ["evening", "afternoon"]
    assert [talk.in_convenient_hour(at, "13:00", each.site) for each in (branch, south)] == [True, False]
