"""Days as the site counts them. A duty is due at the end of a day: its last second, so that the moment prints as that date."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shared.branch import Site

SECOND = timedelta(seconds=1)


def local_day(moment: datetime, site: Site) -> date:
    return moment.astimezone(site.zone).date()


def start_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def end_of(day: date, zone: ZoneInfo) -> datetime:
    return start_of(day + timedelta(days=1), zone) - SECOND


def after(deadline: datetime) -> datetime:
    """The first moment past a deadline: when its timer fires."""
    return deadline + SECOND
