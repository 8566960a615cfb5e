"""Working days, the ends of days, opening hours."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import calendar
from shared.branch import Shop, Site, SiteIdentity

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
SITE = Site(site=SiteIdentity(id="BJ01", name="x"), shop=Shop(opens=time(8), closes=time(18), open_days=frozenset({0, 1, 2, 3, 4, 5})))


def here(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("day", "country", "working"),
    [
        (date(2026, 3, 9), "CN", True),
        (date(2026, 3, 8), "CN", False),
        (date(2026, 10, 1), "CN", False),  # national day, a Thursday
        (date(2026, 2, 14), "CN", True),  # a Saturday made up for the spring festival
        (date(2026, 12, 25), "CN", True),
        (date(2026, 12, 25), "DE", False),
        (date(2026, 12, 26), "DE", False),
        (date(2026, 12, 28), "DE", True),
        (date(2026, 3, 6), "IL", False),  # a Friday, weekend there
    ],
)
def test_working_days_are_those_of_the_country(day: date, country: str, working: bool) -> None:
    assert calendar.is_working_day(day, country) is working
    assert not calendar.is_provisional(day, country)


@pytest.mark.parametrize("country", ["CN", "XX"])
def test_a_year_that_is_not_published_is_provisional_monday_to_friday(country: str) -> None:
    assert calendar.is_provisional(date(2099, 10, 1), country)
    assert calendar.is_working_day(date(2099, 10, 1), country)
    assert not calendar.is_working_day(date(2099, 10, 3), country)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (date(2026, 3, 9), 0, date(2026, 3, 9)),
        (date(2026, 3, 9), 2, date(2026, 3, 11)),
        (date(2026, 3, 6), 2, date(2026, 3, 10)),  # over a weekend
        (date(2026, 2, 13), 2, date(2026, 2, 24)),  # a made-up Saturday counts, the festival does not
    ],
)
@pytest.mark.clause("F2")
def test_duties_inside_the_house_count_working_days(start: date, days: int, end: date) -> None:
    assert calendar.add_working_days(start, days) == end


@pytest.mark.parametrize(
    ("earliest", "latest", "wanted", "found"),
    [
        (date(2026, 3, 9), date(2026, 3, 15), None, date(2026, 3, 9)),
        (date(2026, 9, 29), date(2026, 10, 5), date(2026, 10, 1), date(2026, 9, 30)),  # before the holiday
        (date(2026, 10, 1), date(2026, 10, 8), date(2026, 10, 3), date(2026, 10, 8)),  # too early before it: after it
        (date(2026, 10, 1), date(2026, 10, 7), date(2026, 10, 3), None),  # nothing inside
        (date(2026, 2, 14), date(2026, 2, 16), None, date(2026, 2, 14)),  # the made-up Saturday
        (date(2026, 3, 9), date(2026, 3, 10), date(2027, 1, 1), date(2026, 3, 10)),  # wanted outside
    ],
)
@pytest.mark.clause("F4")
def test_a_call_moves_to_the_nearest_working_day_of_its_window(
    earliest: date, latest: date, wanted: date | None, found: date | None
) -> None:
    assert calendar.working_day_in_window(earliest, latest, wanted=wanted) == found


def test_a_day_ends_in_the_zone_of_the_site() -> None:
    assert calendar.end_of_day(date(2026, 3, 9), SHANGHAI) == datetime(2026, 3, 9, 15, 59, 59, tzinfo=UTC)
    assert calendar.start_of_day(date(2026, 3, 9), SHANGHAI) == datetime(2026, 3, 8, 16, tzinfo=UTC)
    assert calendar.local_day(datetime(2026, 3, 9, 16, 30, tzinfo=UTC), SHANGHAI) == date(2026, 3, 10)


def test_a_day_on_which_the_clocks_change_ends_at_midnight_all_the_same() -> None:
    assert calendar.end_of_day(date(2026, 3, 29), BERLIN) == datetime(2026, 3, 29, 21, 59, 59, tzinfo=UTC)
    assert calendar.end_of_day(date(2026, 3, 28), BERLIN) == datetime(2026, 3, 28, 22, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-03-09T09:00", 2, "2026-03-09T11:00"),
        ("2026-03-09T16:00", 2, "2026-03-09T18:00"),  # the last minute of the day
        ("2026-03-09T17:00", 2, "2026-03-10T09:00"),
        ("2026-03-09T06:00", 1, "2026-03-09T09:00"),  # before it opens
        ("2026-03-09T19:00", 1, "2026-03-10T09:00"),  # after it closed
        ("2026-03-14T17:00", 2, "2026-03-16T09:00"),  # closed on Sunday
        ("2026-03-09T09:00", 25, "2026-03-11T14:00"),
        ("2026-03-09T09:00", 0, "2026-03-09T09:00"),
        ("2026-03-15T12:00", 0, "2026-03-16T08:00"),
    ],
)
@pytest.mark.clause("R10")
def test_work_takes_opening_hours(start: str, hours: int, end: str) -> None:
    assert calendar.add_working_time(here(start), timedelta(hours=hours), SITE) == here(end)


@given(st.integers(0, 60 * 24 * 30), st.integers(0, 60 * 40), st.integers(0, 60 * 40))
def test_working_time_adds_up(offset: int, first: int, second: int) -> None:
    start = here("2026-03-02T00:00") + timedelta(minutes=offset)
    spans = timedelta(minutes=first), timedelta(minutes=second)
    whole = calendar.add_working_time(start, spans[0] + spans[1], SITE)
    assert calendar.is_open(whole, SITE)
    in_parts = calendar.add_working_time(calendar.add_working_time(start, spans[0], SITE), spans[1], SITE)
    assert in_parts == whole or second == 0  # no work after closing time is none before the next opening either


def test_a_shop_that_never_opens_is_said_and_not_waited_for() -> None:
    closed = SITE.model_copy(update={"shop": SITE.shop.model_copy(update={"open_days": frozenset()})})
    with pytest.raises(ValueError, match="never open"):
        calendar.add_working_time(here("2026-03-09T09:00"), timedelta(hours=1), closed)
