"""F10: the end of a month or a year opens the duty to sum it up; past its days it escalates."""

from datetime import timedelta

from services.followup.acts import campaigns
from services.followup.summary import Summary, next_month, periods_ended
from shared.calendar import local_day, start_of_day
from shared.reaction import Timer, Timers
from shared.unit import Unit

MONTH_END = "summaries"
"""The one timer that goes from month to month."""


async def begin_watching(unit: Unit) -> None:
    """Once per site."""
    zone = unit.branch.site.zone
    due_at = start_of_day(next_month(local_day(unit.now, zone)), zone)
    await unit.schedule(Timer(key=MONTH_END, kind="month_ended", due_at=due_at, subject=MONTH_END))


async def open_summaries(timer: Timer, unit: Unit) -> None:
    """The month before this one; where the clock passed over several, each of them has to be asked for."""
    await begin_watching(unit)
    await campaigns.watch_what_is_late(unit)
    for period in periods_ended(local_day(timer.due_at, unit.branch.site.zone)):
        summary = await unit.create(Summary, period, lambda summary: summary.open(unit.branch.site))
        await watch(unit, summary)
        await unit.tell("summary_due", clause="F10", roles=("business_supervisor",), period=period)


async def watch(unit: Unit, summary: Summary) -> None:
    if summary.due_by and not summary.filed:
        due_at = summary.due_by + timedelta(seconds=1)
        await unit.schedule(Timer(key=f"summary:{summary.id}", kind="summary_late", due_at=due_at, subject=summary.id))


async def settle(unit: Unit, period: str) -> None:
    await unit.cancel(f"summary:{period}")


async def escalate_summary(timer: Timer, unit: Unit) -> None:
    summary = await unit.load(Summary, timer.subject)
    if summary.is_late:
        await unit.update(Summary, summary.id, Summary.escalate)
        await unit.tell("duty_overdue", clause="F10", roles=("business_supervisor",), duty=summary.id, level="red")


TIMERS: Timers = {"month_ended": open_summaries, "summary_late": escalate_summary}
