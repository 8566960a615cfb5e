"""A site's settings and staff are changed; where the calendar is among it, what is open is counted anew (EDGE_CASES 12)."""

from services.followup.calls import CallDuty
from services.followup.deadlines import watch_file
from services.followup.file import FileDuty
from services.followup.house import HOUSE, House
from shared.branch import Site
from shared.contracts.followup import SettingValue, SiteSettingChanged
from shared.unit import Unit


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
    """Open files and calls by the changed calendar; what is late already stays late."""
    if not event.key.startswith("calendar."):
        return
    site = unit.branch.with_settings({event.key: event.value}).site
    for visit in await unit.ids(FileDuty, {"filed_by": None}):
        await _move_file(unit, visit, site)
    for duty in await unit.ids(CallDuty, {"outcome": None}):
        await _move_call(unit, duty, site)


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
