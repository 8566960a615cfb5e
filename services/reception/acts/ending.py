"""How a visit ends otherwise than by delivery: as an inquiry (R14), or cancelled by the customer after the diagnosis."""

from services.reception import files
from services.reception.acts import asking, board, history
from services.reception.changes import Changes
from services.reception.desk import Work
from services.reception.order import WorkOrder
from services.reception.routes.bodies import CancelOrder, EndAsInquiry, RecordInquiry
from services.reception.vehicle import Vehicle
from services.reception.visit import Visit
from shared.identity import new_id
from shared.unit import Unit
from shared.web import Call


def inquiry_end(call: Call, visit: str, body: EndAsInquiry) -> Work[Visit]:
    """R14: delivery lets the car out; the vehicle's visit ends when it has left."""

    async def end(unit: Unit) -> Visit:
        signed = (await unit.find(WorkOrder, visit)).signed is not None
        about = await unit.put_text(body.about)
        ended = await unit.update(
            Visit,
            visit,
            lambda seen: seen.end_as_inquiry(about, body.reason, f"{body.call_hour:%H:%M}", call.person.id, order_signed=signed),
        )
        await asking.end_open_tasks(unit, visit, call.person.id)
        return ended

    return end


def inquiry(call: Call, body: RecordInquiry) -> Work[Visit]:
    """R14: somebody who came without a car: recorded, and over."""

    async def record(unit: Unit) -> Visit:
        customer = await files.file_customer(unit, body.customer, call.store.group_key)
        vehicle = await files.file_vehicle(unit, body.vehicle, call.store.group_key) if body.vehicle else None
        about = await unit.put_text(body.about)
        return await unit.create(
            Visit,
            new_id("visit"),
            lambda seen: seen.be_an_inquiry(customer, vehicle, about, f"{body.call_hour:%H:%M}", call.person.id),
        )

    return record


def cancellation(call: Call, visit: str, body: CancelOrder) -> Work[Changes]:
    """After the diagnosis: what is consented stays, what was found is declined and proposed at the next visit."""

    async def cancel(unit: Unit) -> Changes:
        order, seen = await asking.signed_order(unit, visit), await unit.load(Visit, visit)
        reason = await unit.put_text(body.reason) if body.reason else None
        by = call.person.id
        dropped = ("change", "finding")
        found = {task.about: task.operation for task in await asking.open_tasks(unit, visit, kinds=dropped) if task.operation}
        known = await unit.find(Changes, visit)
        quoted = {item.item: item.operation for each in known.changes if not each.answered for item in each.items}
        begun = await board.begun(unit, visit)
        changes = await unit.create(Changes, visit, lambda known: known.cancel(order, seen, tuple(found.values()), by, reason, begun=begun))
        await asking.end_open_tasks(unit, visit, by, kinds=dropped)
        await history.remember_declined(unit, order.vehicle, visit, found | quoted)
        return changes

    return cancel


async def close(unit: Unit, visit: str, vehicle: str | None) -> None:
    """D5: the car has left."""
    await unit.update(Visit, visit, lambda seen: seen.close())
    if vehicle:
        await unit.create(Vehicle, vehicle, lambda car: car.close(visit))
    await asking.end_open_tasks(unit, visit, "system")
