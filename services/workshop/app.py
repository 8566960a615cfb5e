"""The workshop, wired: what it keeps, what it answers, what it reacts to."""

from services.workshop import parts
from services.workshop.api import router
from services.workshop.job import Job
from services.workshop.parts import Stock
from services.workshop.reactions import REACTIONS
from services.workshop.store import INDEXES
from shared.branch import Part
from shared.department import Department
from shared.unit import Unit


async def seed(unit: Unit) -> None:
    """The stock that the branch's `parts.csv` names."""
    for part in unit.branch.parts.values():
        await _open_stock(unit, part)


async def _open_stock(unit: Unit, part: Part) -> None:
    await unit.create(Stock, part.part_no, lambda stock: parts.open_stock(stock, part.stock, part.lead_days))


WORKSHOP = Department(
    name="workshop",
    title="车间 Workshop",
    aggregates=(Job, Stock),
    router=router,
    reactions=REACTIONS,
    indexes=INDEXES,
    seed=seed,
)
