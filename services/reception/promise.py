"""R10: when a car can be done, from the hours of its order and the real state of the shop."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from services.reception.attendance import Attendance, able, done_by
from shared.branch import Branch
from shared.contracts.event import Fact
from shared.contracts.values import OrderItem
from shared.refusal import Refused


class PromiseInThePast(Refused):
    clause = "R10"
    title = {"en": "The promised time has passed.", "zh-CN": "承诺时间已过。"}
    remedy = {"en": "Promise a time that is still to come.", "zh-CN": "请承诺将来的时间。"}


class PromiseOutsideOpeningHours(Refused):
    clause = "R10"
    title = {"en": "The branch is closed at the promised time.", "zh-CN": "承诺时间不在营业时间内。"}
    remedy = {"en": "Promise a time in opening hours.", "zh-CN": "请承诺营业时间内的时间。"}


class PromiseTooEarly(Refused):
    clause = "R10"
    title = {"en": "The shop cannot be done by then.", "zh-CN": "车间无法在该时间前完工。"}
    remedy = {"en": "Promise the earliest possible time or later.", "zh-CN": "请承诺不早于最早可能的时间。"}


class NoOneForTheWork(Refused):
    clause = "R10"
    title = {"en": "The branch has no technician for some of the work.", "zh-CN": "本店没有具备所需技能的技师。"}
    remedy = {"en": "Leave the item out, or send the car to a branch that can do it.", "zh-CN": "请去掉该项目，或转到有能力的门店。"}


class NothingPromised(Refused):
    clause = "R10"
    title = {"en": "No completion time that still holds is promised.", "zh-CN": "没有有效的承诺完工时间。"}
    remedy = {"en": "Promise a completion time.", "zh-CN": "请承诺完工时间。"}


class ShopLoad(Fact):
    """The work that the shop still has on its signed orders: hours by skill, and cars; and who is there to do it."""

    hours_by_skill: Mapping[str, Decimal] = {}
    cars: int = 0
    attendance: Attendance = Attendance()

    @property
    def hours(self) -> Decimal:
        return sum(self.hours_by_skill.values(), Decimal(0))


def earliest_completion(
    items: Sequence[OrderItem], load: ShopLoad, parts_expected_on: date | None, branch: Branch, now: datetime
) -> datetime:
    """R10. The open hours of a skill are shared by those of its technicians who are there, all open hours by the bays where every
    bay is taken.

    The car starts when the slowest of these queues has passed, not before its parts are there (at the opening of that day),
    and its items follow one another, each while somebody is there who can do it.
    """
    queues = [_done(now, load.hours_by_skill.get(item.skill, Decimal(0)), item.skill, load, branch, shared=True) for item in items]
    bays = load.hours / branch.site.shop.bays if load.cars >= branch.site.shop.bays else Decimal(0)
    start = max(*queues, after_open_time(now, _span(bays), branch), now)
    if parts_expected_on is not None:
        start = max(start, datetime.combine(parts_expected_on, branch.site.shop.opens, branch.site.zone))
    for item in items:
        start = _done(start, item.hours, item.skill, load, branch, shared=False)
    return _in_steps(after_open_time(start, finishing(branch), branch), branch).astimezone(now.tzinfo)


def _done(start: datetime, hours: Decimal, skill: str, load: ShopLoad, branch: Branch, *, shared: bool) -> datetime:
    people = able(skill, branch)
    done = done_by(start, _span(hours), people, load.attendance, branch, shared=shared)
    if not people or done is None:
        raise NoOneForTheWork(missing=(skill,))
    return done


def finishing(branch: Branch) -> timedelta:
    """What W9 to W13 take after the last item, a wash included: whether there is one is chosen after the promise (R11)."""
    return timedelta(minutes=branch.site.shop.final_inspection_minutes + branch.site.shop.wash_minutes)


def _span(hours: Decimal) -> timedelta:
    return timedelta(seconds=float(hours * 3600))


def after_open_time(start: datetime, span: timedelta, branch: Branch) -> datetime:
    """The moment at which `span` of opening time has passed since `start`; UTC in, UTC out."""
    here = start.astimezone(branch.site.zone)
    while True:
        opens, closes = _opening(here.date(), branch)
        here = max(here, opens)
        if branch_opens(here.date(), branch) and here < closes:
            if span <= closes - here:
                return (here + span).astimezone(start.tzinfo)
            span -= closes - here
        here = datetime.combine(here.date() + timedelta(days=1), time(), branch.site.zone)


def before_open_time(end: datetime, span: timedelta, branch: Branch) -> datetime:
    """The moment from which `span` of opening time passes until `end`; UTC in, UTC out."""
    here = end.astimezone(branch.site.zone)
    while True:
        opens, closes = _opening(here.date(), branch)
        here = min(here, closes)
        if branch_opens(here.date(), branch) and here > opens:
            if span <= here - opens:
                return (here - span).astimezone(end.tzinfo)
            span -= here - opens
        here = datetime.combine(here.date() - timedelta(days=1), time.max, branch.site.zone)


def branch_opens(day: date, branch: Branch) -> bool:
    return day.weekday() in branch.site.shop.open_days


def _opening(day: date, branch: Branch) -> tuple[datetime, datetime]:
    shop = branch.site.shop
    return datetime.combine(day, shop.opens, branch.site.zone), datetime.combine(day, shop.closes, branch.site.zone)


def _in_steps(moment: datetime, branch: Branch) -> datetime:
    """A time that can be said to a customer: the site's next step of the day, never past its closing."""
    here = moment.astimezone(branch.site.zone)
    step, midnight = timedelta(minutes=branch.site.shop.promise_step_minutes), datetime.combine(here.date(), time(), branch.site.zone)
    _, closes = _opening(here.date(), branch)
    return max(here, min(midnight + -(-(here - midnight) // step) * step, closes))


def judged(promised_at: datetime, earliest: datetime, branch: Branch, now: datetime) -> None:
    """R10: raises where the time cannot be promised; the refusal carries the earliest one that can."""
    facts = {"promised_at": promised_at.isoformat(), "earliest": earliest.isoformat()}
    if promised_at <= now:
        raise PromiseInThePast(**facts)
    here = promised_at.astimezone(branch.site.zone)
    opens, closes = _opening(here.date(), branch)
    if not branch_opens(here.date(), branch) or not opens <= here <= closes:
        raise PromiseOutsideOpeningHours(**facts, opens=f"{opens:%H:%M}", closes=f"{closes:%H:%M}")
    if promised_at < earliest:
        raise PromiseTooEarly(**facts)
