"""R8: what reception keeps of the workshop's shelves. All that is said of one part comes in its order."""

from services.reception.acts import board
from services.reception.stock import Stock
from services.reception.store import stock_of
from shared.contracts.workshop import PartOrdered, PartsReserved, StockChanged
from shared.unit import Unit


async def known(unit: Unit, part_no: str) -> Stock:
    """As the workshop last said; before that, the branch's catalogue."""
    if (row := await unit.fetch("stock", part_no)) is not None:
        return stock_of(row)
    part = unit.branch.parts.get(part_no)
    return Stock(on_hand=part.stock if part else 0, lead_days=part.lead_days if part else 0)


async def keep_stock(event: StockChanged, unit: Unit) -> None:
    await _keep(unit, event.part_no, (await known(unit, event.part_no)).changed(event))
    if event.reason == "issue" and event.visit:
        await board.draw(unit, event.visit, event.part_no, -event.change)


async def keep_ordered(event: PartOrdered, unit: Unit) -> None:
    await _keep(unit, event.part_no, (await known(unit, event.part_no)).ordered(event))


async def keep_reserved(event: PartsReserved, unit: Unit) -> None:
    """What the visit needs from now on, as who draws it has it: returned parts, and revisions that were taken, included."""
    await _keep(unit, event.part_no, (await known(unit, event.part_no)).model_copy(update={"free": event.free}))
    await board.need(unit, event.visit, event.part_no, event.quantity)


async def _keep(unit: Unit, part_no: str, stock: Stock) -> None:
    await unit.put("stock", part_no, stock.model_dump(mode="json", exclude={"owed"}), subject=part_no)
