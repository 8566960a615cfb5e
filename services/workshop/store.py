"""The workshop's queries and indexes, and what lies on its shelves at the first start."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from services.workshop import stock
from services.workshop.attendance import ROSTER, Roster
from services.workshop.item import Item
from services.workshop.job import Job
from services.workshop.parts import needs
from services.workshop.promise import next_opening
from services.workshop.stage import Stage
from services.workshop.stock import Stock
from shared.branch import Branch, Part
from shared.calendar import local_day
from shared.department import Census, Index
from shared.reaction import Timer
from shared.store import Store
from shared.unit import Unit

INDEXES: Mapping[str, tuple[Index, ...]] = {"jobs": (Index(keys=(("stage", 1), ("_id", 1))), Index(keys=(("waiting", 1),)))}

_IN_WORK = {"stage": Stage.DISPATCHED.value}
_STANDING = (Stage.OFFERED, Stage.ACCEPTED, Stage.QC_PASSED, Stage.TO_WASH, Stage.WASHING, Stage.WASHED)

CENSUS = (
    Census("cars", "jobs", {"stage": {"$in": [*_STANDING]}}, by="stage", values=_STANDING),
    Census("cars", "jobs", _IN_WORK | {"recommendations": {}}, what="in_work"),
    # a leader has written the recommendations (W10): the car is on its way to the inspector, or another team still works on it
    Census("cars", "jobs", _IN_WORK | {"recommendations": {"$ne": {}}}, what="quality_check"),
)


async def jobs_at(store: Store, stage: Stage | None, limit: int, after: str | None) -> list[Job]:
    return await store.select(Job, {"stage": stage.value} if stage else {}, limit=limit, after=after)


async def stocks(store: Store, limit: int, after: str | None) -> list[Stock]:
    return await store.select(Stock, {}, limit=limit, after=after)


async def team_loads(store: Store) -> dict[str, Decimal]:
    """Per team, the standard hours of all jobs that it has and has not finished (W2)."""
    loads: dict[str, Decimal] = {}
    for job in await store.parts_of(Job, {"stage": Stage.DISPATCHED.value}, ("items",)):
        for item in map(Item.model_validate, job["items"].values()):
            if item.team:
                loads[item.team] = loads.get(item.team, Decimal(0)) + item.hours_left
    return loads


async def shelves_below(store: Store) -> list[Stock]:
    """A3: those below their reorder point."""
    shelves = await store.select(Stock, {}, limit=len(store.branch.parts) + 1)
    wanted = stock.below(shelves, reorder_points(store.branch))
    return [shelf for shelf in shelves if shelf.id in wanted]


def reorder_points(branch: Branch) -> dict[str, int]:
    return {part.part_no: part.reorder_at for part in branch.parts.values()}


async def shelf_of(unit: Unit, part_no: str) -> Stock:
    """The part's shelf. Of a part that came to `parts.csv` after the first start it is opened when it is first wanted.

    Of one that the branch does not know, a blank one.
    """
    shelf, part = await unit.find(Stock, part_no), unit.branch.parts.get(part_no)
    return shelf if shelf.exists or not part else await _open_shelf(unit, part)


async def shortage(unit: Unit, job: Job) -> dict[str, date]:
    """R8: the parts that the job needs and cannot have yet, with the day when enough of them come."""
    today, short = local_day(unit.now, unit.branch.site.zone), {}
    for part_no, needed in needs(job).items():
        shelf = await shelf_of(unit, part_no)
        if shelf.for_visit(job.id) < needed:
            short[part_no] = shelf.expected_on(job.id, needed, today)
    return short


async def absent_now(store: Store) -> frozenset[str]:
    """W2: who is away at the moment."""
    return (await roster_of(store)).absent(store.clock.now(), store.site.zone)


async def roster_of(store: Store) -> Roster:
    return next(iter(await store.select(Roster, {})), Roster(id=ROSTER))


async def open_workshop(unit: Unit) -> None:
    """At a site's first start: its shelves, and the first of the daily checks of reorder points (A3)."""
    await open_shelves(unit)
    await schedule_reorder_check(unit)


async def schedule_reorder_check(unit: Unit) -> None:
    """A3: when the shop opens next."""
    due_at = next_opening(unit.now, unit.branch.site)
    await unit.schedule(Timer(key="reorder-points", kind="reorder_points", due_at=due_at, subject="reorder-points"))


async def open_shelves(unit: Unit) -> None:
    """The stock that the branch's `parts.csv` names."""
    for part in unit.branch.parts.values():
        await _open_shelf(unit, part)


async def _open_shelf(unit: Unit, part: Part) -> Stock:
    return await unit.create(Stock, part.part_no, lambda shelf: stock.open_stock(shelf, part.stock, part.lead_days))
