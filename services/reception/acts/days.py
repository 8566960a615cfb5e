"""A3, A4: what happens by itself each day. A daily timer that fires sets the next one from now: after a gap of weeks it fires once."""

from collections.abc import Mapping
from datetime import date

from services.reception.acts import people, shelf
from services.reception.appointment import Appointment
from services.reception.desk import Work
from services.reception.opening import OpeningChecklist, checklist_id, day_before_at, last_open_day_at, next_open_day, next_open_day_at
from services.reception.preparation import Preparation, preparations_of_day
from services.reception.routes.bodies import DoChecklist
from services.reception.slots import SlotDay, slot_day_id
from services.reception.stock import Stock
from shared.calendar import local_day
from shared.reaction import Timer
from shared.unit import Unit
from shared.web import Call

TOMORROW, CHECKLISTS = "tell_of_tomorrow", "opening_checklists_due"


async def begin(unit: Unit) -> None:
    """Once per site: the daily timers, each of which sets its next."""
    await _set_next(unit, TOMORROW)
    await _set_next(unit, CHECKLISTS)


async def _set_next(unit: Unit, kind: str) -> None:
    deadlines = unit.branch.site.deadlines
    hour = deadlines.preparation_told_at if kind == TOMORROW else deadlines.opening_checklist_by
    due_at = next_open_day_at(hour, unit.branch, unit.now)
    await unit.schedule(Timer(key=kind, kind=kind, due_at=due_at, subject=kind))


# A3


async def tell_of_tomorrow(timer: Timer, unit: Unit) -> None:
    """TELL supervisor and parts clerk of the cars of the next open day, and each advisor of what is missing for theirs."""
    await _set_next(unit, timer.kind)
    today = local_day(unit.now, unit.branch.site.zone)
    tomorrow = next_open_day(today, unit.branch)
    coming = await _preparations(unit, today, tomorrow)
    if not coming:
        return
    day = tomorrow.isoformat()
    parts = sorted({name for each in coming for name in each.missing if name.startswith("part:")})
    facts = {"day": day, "cars": str(len(coming)), "visits": " ".join(each.visit for each in coming), "parts_missing": " ".join(parts)}
    await unit.tell("tomorrows_cars", clause="A3", roles=("workshop_supervisor", "parts_clerk"), **facts)
    for each in coming:
        await _tell_of_missing(unit, each, day)


async def tell_of_one_more(unit: Unit, visit: str, day: date) -> None:
    """The same of a car that is booked, or moved to a day, when the cars of that day have been told of."""
    if unit.now < day_before_at(unit.branch.site.deadlines.preparation_told_at, day, unit.branch):
        return
    today = local_day(unit.now, unit.branch.site.zone)
    before = {each.visit: each.missing for each in await _preparations(unit, today, day, but=visit)}
    coming = await _preparations(unit, today, day)
    (added,) = [each for each in coming if each.visit == visit]
    parts = " ".join(name for name in added.missing if name.startswith("part:"))
    facts = {"day": day.isoformat(), "parts_missing": parts}
    await unit.tell("one_more_car", clause="A3", visit=visit, roles=("workshop_supervisor", "parts_clerk"), **facts)
    for each in coming:  # what the added car takes may have been another's
        if each is added or set(each.missing) - set(before[each.visit]):
            await _tell_of_missing(unit, each, day.isoformat())


async def _tell_of_missing(unit: Unit, prepared: Preparation, day: str) -> None:
    """The advisor, and where they are away today or gone, the others."""
    if prepared.missing:
        here = (await people.attendance(unit)).of_day(local_day(unit.now, unit.branch.site.zone), unit.branch)
        roles = () if prepared.advisor in here.staff else ("advisor",)
        facts = {"day": day, "missing": " ".join(prepared.missing)}
        await unit.tell("preparation_missing", clause="A3", visit=prepared.visit, people=(prepared.advisor,), roles=roles, **facts)


async def _preparations(unit: Unit, today: date, day: date, *, but: str | None = None) -> list[Preparation]:
    places = (await unit.find(SlotDay, slot_day_id(day))).places
    booked = [await unit.find(Appointment, visit) for visit in places if visit != but]
    coming = [each for each in booked if each.stands]
    return preparations_of_day(coming, await _shelf(unit, coming), unit.branch, today)


async def _shelf(unit: Unit, coming: list[Appointment]) -> Mapping[str, Stock]:
    operations = {code for each in coming for code in each.operations if code in unit.branch.operations}
    needed = sorted({part_no for code in operations for part_no, _ in unit.branch.operations[code].parts})
    return {part_no: await _stock(unit, part_no) for part_no in needed}


async def _stock(unit: Unit, part_no: str) -> Stock:
    """What signed orders need is not there for tomorrow's cars."""
    known = await shelf.known(unit, part_no)
    return known if known.free is None else known.model_copy(update={"owed": known.on_hand - known.free})


# A4


def checklist(call: Call, body: DoChecklist) -> Work[OpeningChecklist]:
    async def do(unit: Unit) -> OpeningChecklist:
        day = local_day(unit.now, unit.branch.site.zone)
        id = checklist_id(day, call.person.id)
        return await unit.create(OpeningChecklist, id, lambda known: known.do(day, call.person.id, body.points))

    return do


async def tell_of_missing_checklists(timer: Timer, unit: Unit) -> None:
    """Not of advisors who are away on that day."""
    await _set_next(unit, timer.kind)
    day = last_open_day_at(unit.branch.site.deadlines.opening_checklist_by, unit.branch, unit.now)
    there = (await people.attendance(unit)).of_day(day, unit.branch)
    advisors = [person.id for person in there.people("advisor")]
    missing = [advisor for advisor in advisors if not (await unit.find(OpeningChecklist, checklist_id(day, advisor))).exists]
    if missing:
        facts = {"day": day.isoformat(), "missing": " ".join(missing)}
        await unit.tell("opening_checklists_missing", clause="A4", roles=("business_supervisor",), people=missing, **facts)
