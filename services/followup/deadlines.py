"""The timers of a visit's duties: what fires when a date has passed, and what is taken away when the duty is done."""

from datetime import datetime, timedelta

from services.followup.calls import CallDuty
from services.followup.campaign import Campaign, Invitation
from services.followup.file import FileDuty
from services.followup.reminder import Reminder
from shared.calendar import end_of_day, local_day
from shared.reaction import Timer
from shared.unit import Unit


async def watch_signing(unit: Unit, duty: FileDuty) -> None:
    """F2: where no order is signed on the day of the check-in, its end opens the duty."""
    assert duty.checked_in_at
    site = unit.branch.site
    end = _after(end_of_day(local_day(duty.checked_in_at, site.zone), site.zone))
    await unit.schedule(Timer(key=f"{duty.id}:unsigned", kind="order_unsigned", due_at=end, subject=duty.id))


async def watch_file(unit: Unit, duty: FileDuty) -> None:
    assert duty.due_by
    await unit.cancel(f"{duty.id}:unsigned")
    await unit.schedule(Timer(key=f"{duty.id}:file", kind="file_overdue", due_at=_after(duty.due_by), subject=duty.id))


async def settle_file(unit: Unit, visit: str) -> None:
    await unit.cancel(f"{visit}:file")


async def watch_call(unit: Unit, duty: CallDuty) -> None:
    """Amber when the promise is broken (first call, D4), red when the clause is."""
    assert duty.promise_by and duty.due_by
    facts = {"duty": duty.id}
    if duty.promise_by < duty.due_by:
        await unit.schedule(
            Timer(key=f"{duty.id}:amber", kind="call_amber", due_at=_after(duty.promise_by), subject=duty.visit, facts=facts)
        )
    await unit.schedule(Timer(key=f"{duty.id}:red", kind="call_red", due_at=_after(duty.due_by), subject=duty.visit, facts=facts))


async def settle_call(unit: Unit, duty: str) -> None:
    await unit.cancel(f"{duty}:amber")
    await unit.cancel(f"{duty}:red")


async def watch_telling(unit: Unit, invitation: Invitation) -> None:
    """F7: told by phone two weeks before; past that, until the campaign's day is over."""
    await watch_inviting(unit, invitation, "call")


async def settle_telling(unit: Unit, invitation: str) -> None:
    await unit.cancel(f"{invitation}:told")


async def watch_letter(unit: Unit, invitation: Invitation) -> None:
    """F7: within two days after that, where one is due, and until the campaign's day is over."""
    await watch_inviting(unit, invitation, "letter")


INVITING = {"call": ("told", "campaign_untold"), "letter": ("letter", "campaign_letter_late")}
"""The end of the timer's key, and its kind: one timer for the last day of it and for the campaign's own, whichever is next."""


async def watch_inviting(unit: Unit, invitation: Invitation, what: str) -> None:
    """`what` is the call or the letter; nothing where it is not due."""
    if (due_by := invitation.due_by(what)) is None:
        return
    campaign, zone = await unit.load(Campaign, invitation.campaign), unit.branch.site.zone
    assert campaign.held_on
    over = end_of_day(campaign.held_on, zone)
    due_at = _after(over if what in invitation.overdue else min(due_by, over))
    key, kind = INVITING[what]
    await unit.schedule(Timer(key=f"{invitation.id}:{key}", kind=kind, due_at=due_at, subject=invitation.subject))


async def watch_reminder(unit: Unit, reminder: Reminder) -> None:
    """D8: when the shop opens on that day. A vehicle has one such timer: a later delivery moves it."""
    assert reminder.remind_on
    site = unit.branch.site
    moment = datetime.combine(reminder.remind_on, site.shop.opens, site.zone)
    facts = {"vehicle": reminder.id}
    await unit.schedule(
        Timer(key=f"reminder:{reminder.id}", kind="maintenance_reminder", due_at=moment, subject=reminder.visit, facts=facts)
    )


async def watch_answer(unit: Unit, reminder: Reminder) -> None:
    """D8: the offer comes before the maintenance is due."""
    assert reminder.due_on
    due_at = _after(end_of_day(reminder.due_on, unit.branch.site.zone))
    facts = {"vehicle": reminder.id}
    await unit.schedule(
        Timer(key=f"reminder:{reminder.id}:answer", kind="reminder_overdue", due_at=due_at, subject=reminder.visit, facts=facts)
    )


def _after(deadline: datetime) -> datetime:
    """The first moment past the last second of a day."""
    return deadline + timedelta(seconds=1)
