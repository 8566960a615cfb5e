"""What is said on a call, tries that reach nobody, and the hour at which the customer wants to be called (D9)."""

from datetime import datetime, timedelta

from shared.branch import Site
from shared.contracts.event import Fact, Instant
from shared.contracts.followup import OpinionRecorded


class EntrySaid(Fact):
    """A demand, wish or complaint; `text` is the key of a text record, `owner` a staff id."""

    kind: str
    text: str
    owner: str


class Said(Fact):
    """`opinion` is the key of a text record; topics and result are codes."""

    result: str
    topics: tuple[str, ...]
    car_runs_well: bool | None = None
    opinion: str | None = None
    entries: tuple[EntrySaid, ...] = ()


class Opinion(Fact):
    car_runs_well: bool | None = None
    opinion: str | None = None
    entries: tuple[OpinionRecorded.Entry, ...] = ()


class Try(Fact):
    call: str
    at: Instant
    part_of_day: str
    in_convenient_hour: bool
    result: str


def part_of_day(moment: datetime, site: Site) -> str:
    hour = moment.astimezone(site.zone).time()
    return "morning" if hour < site.deadlines.afternoon_from else "afternoon" if hour < site.deadlines.evening_from else "evening"


def in_convenient_hour(moment: datetime, hour: str, site: Site) -> bool:
    """Within the site's hour that starts at the local time `HH:MM`, also across midnight; any time where no hour was named."""
    if not hour:
        return True
    local = moment.astimezone(site.zone)
    start = local.replace(hour=int(hour[:2]), minute=int(hour[3:]), second=0, microsecond=0)
    return timedelta(0) <= (local - start) % timedelta(days=1) < timedelta(minutes=site.deadlines.convenient_hour_minutes)
