"""What starts by itself in delivery: a car checked in is announced, a QC pass opens its case, a parked car is ready."""

from services.delivery import store
from services.delivery.case import Case
from shared.contracts.reception import DocumentsTaken, VehicleCheckedIn, WorkOrderSigned
from shared.contracts.workshop import CarParked, QcPassed
from shared.reaction import NotYet, Reactions
from shared.unit import Unit


async def announce_case(event: VehicleCheckedIn, unit: Unit) -> None:
    await unit.create(Case, event.visit, lambda case: case.announce(event))


async def keep_documents(event: DocumentsTaken, unit: Unit) -> None:
    await store.keep_taken(unit, event)


async def keep_order(event: WorkOrderSigned, unit: Unit) -> None:
    await store.keep(unit, event)


async def open_case(event: QcPassed, unit: Unit) -> None:
    await _must_be_announced(event.visit, unit)
    case = await unit.update(Case, event.visit, lambda case: case.open(event))
    await unit.tell("case_opened", clause="W11", visit=case.id, people=(case.advisor,))


async def make_car_ready(event: CarParked, unit: Unit) -> None:
    """D1: the advisor is told, without being asked, that the car is done and where it stands."""
    await _must_be_announced(event.visit, unit)
    case = await unit.update(Case, event.visit, lambda case: case.make_ready(event))
    await unit.tell("car_ready", clause="D1", visit=case.id, people=(case.advisor,), spot=event.spot)


async def _must_be_announced(visit: str, unit: Unit) -> None:
    """Reception's events may come after the workshop's, though they happened before."""
    if not (await unit.find(Case, visit)).exists:
        raise NotYet(f"case:{visit}")


REACTIONS: Reactions = {
    VehicleCheckedIn: (announce_case,),
    DocumentsTaken: (keep_documents,),
    WorkOrderSigned: (keep_order,),
    QcPassed: (open_case,),
    CarParked: (make_car_ready,),
}
