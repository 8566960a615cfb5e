"""The board: cars with a signed order, where each stands in the flow, and the hours that are left on it (R10)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from services.reception.estimate import parts_of_items
from services.reception.store import STAGES, OnTheBoard, WorkLeft
from shared.contracts.reception import WorkOrderSigned
from shared.contracts.values import OrderItem
from shared.refusal import NotFound
from shared.unit import Unit


async def put_on(unit: Unit, order: WorkOrderSigned) -> None:
    car = OnTheBoard(
        visit=order.visit,
        number=order.number,
        vehicle=order.vehicle,
        advisor=order.advisor,
        promised_at=order.promised_at,
        stage="signed",
        left=_work(order.items),
        to_draw=parts_of_items(order.items),
    )
    await _put(unit, car)


async def move(unit: Unit, visit: str, stage: str, *, finished: Collection[str] = (), spot: str | None = None) -> None:
    """A car only moves forward here: departments are heard in any order."""
    car = await _car(unit, visit)
    car.stage = max(car.stage, stage, key=STAGES.index)
    car.left = [work for work in car.left if work.item not in finished]
    car.spot = spot or car.spot
    car.to_draw = {} if stage in ("qc_passed", "left") else car.to_draw
    await _put(unit, car)


async def move_back(unit: Unit, visit: str, stage: str, *, reopened: Sequence[OrderItem] = ()) -> None:
    """Sent back (W1), failed (W11), or revised after its pass (W8); never a car that has left."""
    car = await _car(unit, visit)
    if car.stage != "left":
        there = {work.item for work in car.left}
        car.stage, car.spot = stage, None
        car.left += [work for work in _work(reopened) if work.item not in there]
        await _put(unit, car)


async def begin(unit: Unit, visit: str, item: str) -> None:
    """W14: its work has begun, so the customer cannot drop it any more."""
    car = await _car(unit, visit)
    car.begun = sorted({*car.begun, item})
    await _put(unit, car)


async def note_passed(unit: Unit, visit: str, items: Collection[str]) -> None:
    """W11: what the final inspection names as done."""
    car = await _car(unit, visit)
    car.passed = sorted(items)
    await _put(unit, car)


async def note_damage(unit: Unit, visit: str, damage: str, state: str) -> None:
    """W6: by the workshop."""
    car = await _car(unit, visit)
    car.damages = {**car.damages, damage: state}
    await _put(unit, car)


async def where_it_stands(unit: Unit, visit: str) -> OnTheBoard:
    return await _car(unit, visit)


async def end(unit: Unit, visit: str) -> None:
    """W8: its job has ended untouched: nothing is to be done or drawn for it any more."""
    car = await _car(unit, visit)
    car.left, car.to_draw, car.ended = [], {}, True
    await _put(unit, car)


async def draw(unit: Unit, visit: str, part_no: str, quantity: int) -> None:
    """W5: what was issued is no longer needed from the shelf."""
    car = await _car(unit, visit)
    car.to_draw = _less(car.to_draw, {part_no: quantity})
    await _put(unit, car)


async def need(unit: Unit, visit: str, part_no: str, quantity: int) -> None:
    """R8: what the workshop keeps, or waits for, for the car."""
    car = await _car(unit, visit)
    car.to_draw = {name: needed for name, needed in {**car.to_draw, part_no: quantity}.items() if needed}
    await _put(unit, car)


async def revise(unit: Unit, visit: str, added: Sequence[OrderItem], dropped: Sequence[OrderItem], promised_at: datetime) -> None:
    """W8, W7: what the customer accepted, and the time that is promised now."""
    car = await _car(unit, visit)
    gone, more = {item.item for item in dropped}, parts_of_items(added)
    car.left = [work for work in car.left if work.item not in gone] + _work(added)
    car.to_draw = _less(car.to_draw, parts_of_items(dropped))
    car.to_draw |= {part_no: quantity + car.to_draw.get(part_no, 0) for part_no, quantity in more.items()}
    car.promised_at = promised_at
    await _put(unit, car)


async def begun(unit: Unit, visit: str) -> frozenset[str]:
    return frozenset((await _car(unit, visit)).begun)


async def _car(unit: Unit, visit: str) -> OnTheBoard:
    if (row := await unit.fetch("board", visit)) is None:
        raise NotFound(missing=(f"board:{visit}",))
    return OnTheBoard.model_validate(row)


async def _put(unit: Unit, car: OnTheBoard) -> None:
    await unit.put("board", car.visit, car.model_dump(mode="json"), subject=car.visit)


def _less(needed: Mapping[str, int], drawn: Mapping[str, int]) -> dict[str, int]:
    return {part_no: quantity - drawn.get(part_no, 0) for part_no, quantity in needed.items() if quantity > drawn.get(part_no, 0)}


def _work(items: Sequence[OrderItem]) -> list[WorkLeft]:
    return [WorkLeft(item=item.item, skill=item.skill, hours=item.hours) for item in items]
