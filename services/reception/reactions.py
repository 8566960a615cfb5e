"""What starts by itself in reception when an event arrives: stock (R8), the board, the vehicle's history (R9), the end of a visit."""

from typing import Any

from services.reception.desk import move_on_the_board
from services.reception.order import WorkOrder
from services.reception.vehicle import Vehicle
from services.reception.visit import Visit
from shared.contracts.delivery import ExitPassUsed, RecommendationAnswered
from shared.contracts.workshop import CarParked, JobAccepted, QcPassed, StockChanged, WorkFinished
from shared.reaction import Reactions
from shared.unit import Unit


async def keep_stock(event: StockChanged, unit: Unit) -> None:
    await unit.put("stock", event.part_no, event.model_dump(mode="json"), subject=event.part_no)


async def show_in_workshop(event: JobAccepted, unit: Unit) -> None:
    await move_on_the_board(unit, event.visit, "in_workshop")


async def take_hours_off(event: WorkFinished, unit: Unit) -> None:
    await move_on_the_board(unit, event.visit, "in_workshop", finished=(event.item,))


async def show_qc_passed(event: QcPassed, unit: Unit) -> None:
    await move_on_the_board(unit, event.visit, "qc_passed", finished=event.items)


async def show_parked(event: CarParked, unit: Unit) -> None:
    await move_on_the_board(unit, event.visit, "parked", spot=event.spot)


async def remember_recommendations(event: QcPassed, unit: Unit) -> None:
    """R9: proposed at the next visit, until the customer accepts them."""
    vehicle, history = await _history(unit, event.visit)
    for each in event.recommendations:
        # an answer may have come before its recommendation: they are of two departments
        history["recommendations"].setdefault(each.recommendation, _recommended(event.visit, each.operation, each.safety, None))
    await unit.put("history", vehicle, history, subject=vehicle)


async def remember_answer(event: RecommendationAnswered, unit: Unit) -> None:
    vehicle, history = await _history(unit, event.visit)
    history["recommendations"][event.recommendation] = _recommended(event.visit, event.operation, event.safety, event.answer)
    await unit.put("history", vehicle, history, subject=vehicle)


def _recommended(visit: str, operation: str, safety: object, answer: str | None) -> dict[str, Any]:
    return {"operation": operation, "safety": safety, "answer": answer, "visit": visit}


async def close_visit(event: ExitPassUsed, unit: Unit) -> None:
    await unit.update(Visit, event.visit, lambda visit: visit.close())
    await unit.update(Vehicle, event.vehicle, lambda vehicle: vehicle.close(event.visit))
    if (await unit.find(WorkOrder, event.visit)).signed:  # a car may also leave unsigned: then it never was on the board
        await move_on_the_board(unit, event.visit, "left")


async def remember_what_was_done(event: ExitPassUsed, unit: Unit) -> None:
    """R9: an operation recommended earlier that was done now is no longer proposed; the next maintenance is."""
    vehicle, history = await _history(unit, event.visit)
    order = (await unit.find(WorkOrder, event.visit)).signed
    done = {item.operation for item in order.items} if order else set()
    history["recommendations"] = {
        key: each for key, each in history["recommendations"].items() if each["visit"] == event.visit or each["operation"] not in done
    }
    history["next"] = event.next.model_dump(mode="json") if event.next else history["next"]
    await unit.put("history", vehicle, history, subject=vehicle)


async def _history(unit: Unit, visit: str) -> tuple[str, dict[str, Any]]:
    vehicle = (await unit.load(Visit, visit)).vehicle
    assert vehicle is not None
    return vehicle, await unit.fetch("history", vehicle) or {"recommendations": {}, "next": None}


REACTIONS: Reactions = {
    StockChanged: (keep_stock,),
    JobAccepted: (show_in_workshop,),
    WorkFinished: (take_hours_off,),
    QcPassed: (show_qc_passed, remember_recommendations),
    CarParked: (show_parked,),
    RecommendationAnswered: (remember_answer,),
    ExitPassUsed: (close_visit, remember_what_was_done),
}
