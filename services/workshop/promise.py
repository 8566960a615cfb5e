"""W7: when the promised time is at risk: what is left to do, and the opening hours that are left for it. Pure."""

from datetime import datetime, timedelta

from services.workshop.item import Item
from services.workshop.job import Job
from shared.branch import Site
from shared.calendar import add_working_time, local_day, opening_hours

_DAY = timedelta(days=1)
_NONE = timedelta(0)


def risk_at(job: Job, site: Site, now: datetime) -> datetime | None:
    """From when on the promised time is at risk if nothing happens meanwhile; None where it is not watched, or known to be at risk."""
    if not job.promised_at or not job.revision or job.parked or job.ended or job.risk_known_for == job.promised_at:
        return None
    return before_open_time(job.promised_at + grace(site), left_to_do(job, site, now), site)


def grace(site: Site) -> timedelta:
    """Nobody is called for less."""
    return timedelta(minutes=site.deadlines.lateness_told_from_minutes)


def late_by(job: Job, site: Site, now: datetime) -> timedelta:
    """How much later than promised the car will be, in opening hours."""
    done = add_working_time(now, left_to_do(job, site, now), site)
    return open_time(job.promised_at, done, site) if job.promised_at else _NONE


def left_to_do(job: Job, site: Site, now: datetime) -> timedelta:
    """Teams work side by side, what no team has yet counts as one team's; then the final inspection, and the wash where accepted."""
    work: dict[str | None, timedelta] = {}
    for item in job.items.values():
        work[item.team] = work.get(item.team, _NONE) + _left_of(item, site, now)
    inspection = _NONE if job.qc else timedelta(minutes=site.shop.final_inspection_minutes)
    wash = timedelta(minutes=site.shop.wash_minutes) if job.wash_accepted and not job.washed else _NONE
    return max(work.values(), default=_NONE) + inspection + wash


def _left_of(item: Item, site: Site, now: datetime) -> timedelta:
    """Of what has begun, the opening hours since then are taken off."""
    if item.finished:
        return _NONE
    begun = open_time(item.started_at, now, site) if item.started_at else _NONE
    return max(timedelta(hours=float(item.hours)) - begun, _NONE)


def open_time(start: datetime, end: datetime, site: Site) -> timedelta:
    """The opening hours between two moments."""
    day, passed = local_day(start, site.zone), _NONE
    while day <= local_day(end, site.zone):
        if hours := opening_hours(day, site):
            passed += max(min(end, hours[1]) - max(start, hours[0]), _NONE)
        day += _DAY
    return passed


def before_open_time(end: datetime, span: timedelta, site: Site) -> datetime:
    """The moment, UTC, from which `span` of opening hours passes until `end`."""
    day = local_day(end, site.zone)
    while True:
        if hours := opening_hours(day, site):
            closes = min(end, hours[1])
            if closes - span >= hours[0]:
                return closes - span
            span -= max(closes - hours[0], _NONE)
        day -= _DAY


def next_opening(after: datetime, site: Site) -> datetime:
    """When the shop opens next after a moment, UTC."""
    day = local_day(after, site.zone)
    while not (hours := opening_hours(day, site)) or hours[0] <= after:
        day += _DAY
    return hours[0]
