"""A site's settings and staff are changed; where the calendar is among it, what is open is counted anew (EDGE_CASES 12)."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from services.followup.acts import complaints, entries, summaries
from services.followup.calls import CallDuty
from services.followup.campaign import Invitation
from services.followup.complaint import Complaint
from services.followup.deadlines import watch_file, watch_letter
from services.followup.entry import Entry
from services.followup.file import FileDuty
from services.followup.house import HOUSE, House
from services.followup.summary import Summary
from shared.branch import Site
from shared.contracts.followup import SettingValue, SiteSettingChanged
from shared.unit import Unit

Counted = TypeVar("Counted", Entry, Complaint, Invitation, Summary)
"""What counts working days and is due on another day when the calendar changes."""


async def change_setting(unit: Unit, key: str, value: SettingValue, reason: str) -> House:
    return await unit.create(House, HOUSE, lambda house: house.change_setting(key, value, reason, unit.actor, unit.branch))


async def change_person(
    unit: Unit, staff: str, roles: tuple[str, ...], team: str | None, skills: tuple[str, ...], called: str | None, reason: str | None
) -> House:
    return await unit.create(
        House, HOUSE, lambda house: house.change_person(staff, roles, team, skills, called, reason, unit.actor, unit.branch)
    )


async def let_go(unit: Unit, staff: str, reason: str) -> House:
    return await unit.create(House, HOUSE, lambda house: house.let_go(staff, reason, unit.actor, unit.branch))


async def count_anew(event: SiteSettingChanged, unit: Unit) -> None:
    """All that is open by the changed calendar; what is late already stays late.

    The calendar is that of the house: `unit.branch` may not have the other changes yet, of which this may be one of several at once.
    """
    if not event.key.startswith("calendar."):
        return
    changed = {key: value for key, value in (await unit.find(House, HOUSE)).settings.items() if key.startswith("calendar.")}
    site = unit.branch.with_settings({event.key: event.value, **changed}).site
    for visit in await unit.ids(FileDuty, {"filed_by": None}):
        await _move_file(unit, visit, site)
    for duty in await unit.ids(CallDuty, {"outcome": None}):
        await _move_call(unit, duty, site)
    for entry in await unit.ids(Entry, {"closed_by": None}):
        await _move(unit, Entry, entry, site, entries.watch)
    for complaint in await unit.ids(Complaint, {"closed": False}):
        await _move(unit, Complaint, complaint, site, complaints.watch_report)
    for invitation in await unit.ids(Invitation, {"letter": True, "over": True, "sent": None}):
        await _move(unit, Invitation, invitation, site, watch_letter)
    for period in await unit.ids(Summary, {"filed": False}):
        await _move(unit, Summary, period, site, summaries.watch)


async def _move(unit: Unit, kind: type[Counted], id: str, site: Site, watch: Callable[[Unit, Counted], Awaitable[None]]) -> None:
    if (await unit.load(kind, id)).move(site, unit.now):
        await watch(unit, await unit.update(kind, id, lambda duty: duty.move(site, unit.now)))


async def _move_file(unit: Unit, visit: str, site: Site) -> None:
    before = (await unit.load(FileDuty, visit)).due_by
    duty = await unit.update(FileDuty, visit, lambda duty: duty.move(site, unit.now))
    if duty.due_by != before:
        await watch_file(unit, duty)


async def _move_call(unit: Unit, id: str, site: Site) -> None:
    before = (await unit.load(CallDuty, id)).for_duty_agent
    duty = await unit.update(CallDuty, id, lambda duty: duty.move(site, unit.now))
    if duty.for_duty_agent and not before:
        await unit.tell("no_working_day_for_call", clause="F4", visit=duty.visit, roles=("business_supervisor",), duty=id)
