"""A site's calendar: working days, the ends of days as moments, opening hours. Pure.

Promises to customers count in calendar days, duties inside the house in working days (PROCEDURE.md). In China public holidays
and their make-up working days are published a year at a time: a later year is provisional, Monday to Friday.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import chinese_calendar

from shared.branch import Days, Site

if TYPE_CHECKING:
    import holidays

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_SATURDAY = 5


def is_working_day(day: date, days: str | Days = "CN") -> bool:
    """`days`: a country, or a site's days, whose own holidays and working days go before what is published."""
    if isinstance(days, Days):
        if day in days.working_days:
            return True
        if day in days.holidays:
            return False
        days = days.country
    known = _published(day, days)
    return day.weekday() < _SATURDAY if known is None else known


def is_provisional(day: date, country: str = "CN") -> bool:
    """Nobody has published this year's holidays yet: whether the day is a working day may change."""
    return _published(day, country) is None


@cache
def _published(day: date, country: str) -> bool | None:
    try:
        if country == "CN":
            return bool(chinese_calendar.is_workday(day))
        return not _holidays(country, day.year).get(day) and day.weekday() not in _holidays(country, day.year).weekend
    except NotImplementedError:
        return None


@cache
def _holidays(country: str, year: int) -> "holidays.HolidayBase":
    import holidays  # noqa: PLC0415 (3 MB a process, which a Chinese site does not need)

    return holidays.country_holidays(country, years=year)


def add_working_days(day: date, days: int, country: str | Days = "CN") -> date:
    """The last of `days` working days after `day`, which itself does not count; `day` where `days` is 0."""
    for _ in range(days):
        day = next_working_day(day + _DAY, country)
    return day


def next_working_day(day: date, country: str | Days = "CN") -> date:
    """`day`, or the first working day after it."""
    while not is_working_day(day, country):
        day += _DAY
    return day


def working_day_in_window(earliest: date, latest: date, country: str | Days = "CN", *, wanted: date | None = None) -> date | None:
    """`wanted` (else `earliest`) or the nearest working day: before it where that is not too early, else after it, else None."""
    wanted = min(max(wanted or earliest, earliest), latest)
    before = [wanted - _DAY * n for n in range((wanted - earliest).days + 1)]
    after = [wanted + _DAY * n for n in range(1, (latest - wanted).days + 1)]
    return next((day for day in (*before, *after) if is_working_day(day, country)), None)


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """UTC."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The day's last second, UTC."""
    return start_of_day(day + _DAY, zone) - _SECOND


def moves(due: datetime, anew: datetime, now: datetime) -> bool:
    """EDGE_CASES 12: whether a deadline that a changed calendar counts anew is another one.

    What is late already stays late, and nothing becomes so by it.
    """
    return due > now and anew > now and anew != due


def opening_hours(day: date, site: Site) -> tuple[datetime, datetime] | None:
    """From when to when the shop is open, UTC; None where it is closed. A shop opens on its open days, public holidays too."""
    shop = site.shop
    if day.weekday() not in shop.open_days or shop.closes <= shop.opens:
        return None
    opens, closes = (datetime.combine(day, hour, site.zone).astimezone(UTC) for hour in (shop.opens, shop.closes))
    return opens, closes


def is_open(moment: datetime, site: Site) -> bool:
    hours = opening_hours(local_day(moment, site.zone), site)
    return hours is not None and hours[0] <= moment <= hours[1]


def add_working_time(start: datetime, span: timedelta, site: Site) -> datetime:
    """The moment, UTC, by which `span` of opening hours has passed since `start`; with no span, `start` or the next opening."""
    if not site.shop.open_days or site.shop.closes <= site.shop.opens:
        raise ValueError(f"{site.id} is never open")
    day, moment = local_day(start, site.zone), start.astimezone(UTC)
    while True:
        if hours := opening_hours(day, site):
            begins = max(moment, hours[0])
            if begins < hours[1] and begins + span <= hours[1]:
                return begins + span
            span -= max(hours[1] - begins, timedelta(0))
        day += _DAY
