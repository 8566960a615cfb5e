"""W7: when the promised time is at risk: what is left to do, and the opening hours that are left for it. Pure."""

from datetime import datetime, timedelta

from services.workshop.job import Job
from shared.branch import Site
from shared.calendar import local_day, opening_hours

FINAL_INSPECTION = timedelta(minutes=30)
WASH = timedelta(minutes=30)
_DAY = timedelta(days=1)


def left_to_do(job: Job) -> timedelta:
    """Teams work side by side; what no team has yet counts as one team's. Then the final inspection, and the wash where accepted."""
    teams = {item.team for item in job.items.values() if not item.finished}
    hours = max((sum(item.hours for item in job.items.values() if item.team == team and not item.finished) for team in teams), default=0)
    work = timedelta(hours=float(hours))
    inspection = timedelta(0) if job.qc else FINAL_INSPECTION
    return work + inspection + (WASH if job.wash_accepted and not job.washed else timedelta(0))


def latest_start(job: Job, site: Site) -> datetime | None:
    """The last moment from which what is left fits into the opening hours before the promised time; None where nothing is promised."""
    return before_open_time(job.promised_at, left_to_do(job), site) if job.promised_at else None


def before_open_time(end: datetime, span: timedelta, site: Site) -> datetime:
    """The moment, UTC, from which `span` of opening hours passes until `end`."""
    day = local_day(end, site.zone)
    while True:
        if hours := opening_hours(day, site):
            closes = min(end, hours[1])
            if closes - span >= hours[0]:
                return closes - span
            span -= max(closes - hours[0], timedelta(0))
        day -= _DAY


def next_opening(after: datetime, site: Site) -> datetime:
    """When the shop opens next after a moment, UTC."""
    day = local_day(after, site.zone)
    while not (hours := opening_hours(day, site)) or hours[0] <= after:
        day += _DAY
    return hours[0]
