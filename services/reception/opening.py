"""A4: the opening checklist, by each advisor, each day that the branch opens."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import ClassVar

from shared.aggregate import Aggregate
from shared.branch import Branch
from shared.contracts.event import Event, Instant
from shared.contracts.reception import OpeningChecklistDone
from shared.refusal import Refused

POINTS = ("appearance", "forms", "tools_and_materials", "surroundings")


class ChecklistIncomplete(Refused):
    clause = "A4"
    title = {"en": "The opening checklist is not complete.", "zh-CN": "营业前检查不完整。"}
    remedy = {"en": "See to what is missing, then tick it.", "zh-CN": "请完成缺少的项目后勾选。"}


class ChecklistAlreadyDone(Refused):
    clause = "A4"
    title = {"en": "This advisor's checklist of the day is done.", "zh-CN": "该顾问当日的营业前检查已完成。"}
    remedy = {"en": "Nothing more is to be done today.", "zh-CN": "今日无需再次检查。"}


class OpeningChecklist(Aggregate):
    """One advisor's of one day, `opening-2026-03-09-advisor-1`."""

    COLLECTION: ClassVar[str] = "opening_checklists"

    day: date | None = None
    advisor: str = ""
    points: tuple[str, ...] = ()
    done_at: Instant | None = None

    def do(self, day: date, advisor: str, points: Sequence[str]) -> list[Event]:
        if self.exists:
            raise ChecklistAlreadyDone(day=day.isoformat(), advisor=advisor)
        if missing := [point for point in POINTS if point not in points]:
            raise ChecklistIncomplete(missing=missing, day=day.isoformat())
        return [OpeningChecklistDone(day=day, advisor=advisor, points=tuple(points))]

    def apply(self, event: Event) -> None:
        match event:
            case OpeningChecklistDone():
                self.day, self.advisor, self.points = event.day, event.advisor, event.points


def checklist_id(day: date, advisor: str) -> str:
    return f"opening-{day.isoformat()}-{advisor}"


def next_open_day_at(hour: time, branch: Branch, now: datetime) -> datetime:
    """The next moment, after `now`, at which it is `hour` on a day that the branch opens."""
    day = now.astimezone(branch.site.zone).date()
    while True:
        moment = datetime.combine(day, hour, branch.site.zone)
        if moment > now and day.weekday() in branch.site.shop.open_days:
            return moment
        day += timedelta(days=1)


def next_open_day(after: date, branch: Branch) -> date:
    """A3: the cars to prepare for are those of the next day that the branch opens, not of a day on which nobody is there."""
    return next_open_day_at(time.max, branch, datetime.combine(after, time.max, branch.site.zone)).date()


def day_before_at(hour: time, day: date, branch: Branch) -> datetime:
    """`hour` of the last day before `day` that the branch opens."""
    before = day - timedelta(days=1)
    while before.weekday() not in branch.site.shop.open_days:
        before -= timedelta(days=1)
    return datetime.combine(before, hour, branch.site.zone)


def last_open_day_at(hour: time, branch: Branch, now: datetime) -> date:
    """The last day that the branch opened and on which it has been `hour`."""
    day = now.astimezone(branch.site.zone).date()
    while datetime.combine(day, hour, branch.site.zone) > now or day.weekday() not in branch.site.shop.open_days:
        day -= timedelta(days=1)
    return day
