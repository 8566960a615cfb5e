"""The workshop's queries and indexes, and what lies on its shelves at the first start."""

from collections.abc import Mapping
from decimal import Decimal

from services.workshop import parts
from services.workshop.job import Job, Stage
from services.workshop.parts import Stock
from shared.branch import Part
from shared.department import Index
from shared.store import Store
from shared.unit import Unit

INDEXES: Mapping[str, tuple[Index, ...]] = {"jobs": (Index(keys=(("stage", 1), ("_id", 1))),)}

_PAGE = 200


async def jobs_at(store: Store, stage: Stage | None, limit: int, after: str | None) -> list[Job]:
    return await store.select(Job, {"stage": stage.value} if stage else {}, limit=limit, after=after)


async def stocks(store: Store, limit: int, after: str | None) -> list[Stock]:
    return await store.select(Stock, {}, limit=limit, after=after)


async def team_loads(store: Store) -> dict[str, Decimal]:
    """Per team, the standard hours of all jobs that it has and has not finished (W2)."""
    loads: dict[str, Decimal] = {}
    page = await jobs_at(store, Stage.DISPATCHED, _PAGE, None)
    while page:
        for job in page:
            for team in job.teams:
                loads[team] = loads.get(team, Decimal(0)) + job.hours_of(team)
        page = await jobs_at(store, Stage.DISPATCHED, _PAGE, page[-1].id) if len(page) == _PAGE else []
    return loads


async def open_shelves(unit: Unit) -> None:
    """The stock that the branch's `parts.csv` names."""
    for part in unit.branch.parts.values():
        await _open_shelf(unit, part)


async def _open_shelf(unit: Unit, part: Part) -> None:
    await unit.create(Stock, part.part_no, lambda stock: parts.open_stock(stock, part.stock, part.lead_days))
