"""The advisor's desk, R2 to R13 and W1: what a command does in one transaction beside its one move: texts, stock, load, board."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TypeAlias, TypeVar

from services.reception import files, store, vehicle
from services.reception.acts import board, history
from services.reception.acts.dialling import dialled_number
from services.reception.bodies import (
    AcceptEstimate,
    ChangeOwner,
    CorrectCustomer,
    CorrectVehicle,
    CorrectVisitVehicle,
    DiagnoseFault,
    DraftCheckInSheet,
    DraftWorkOrder,
    EstimateLine,
    GiveEstimate,
    HandCarOver,
    PrintWorkOrder,
    RecordConcerns,
    RecordWaitingPlace,
    RefuseSignature,
    Sign,
    SignSheet,
    TakeDocuments,
)
from services.reception.changes import Changes
from services.reception.check_in import REASONS, Sheet
from services.reception.customer import NumberMayNotAccept
from services.reception.estimate import AskedLine, operation_of
from services.reception.order import WorkOrder
from services.reception.papers import same_words
from services.reception.routes.bodies import CorrectCheckIn
from services.reception.ruling import WarrantyQuestions
from services.reception.terms import Choices
from services.reception.vehicle import Vehicle
from services.reception.visit import Visit
from shared import merged_files
from shared.contracts.event import Event
from shared.refusal import Malformed
from shared.unit import Unit
from shared.web import Call

T = TypeVar("T")
Work: TypeAlias = Callable[[Unit], Awaitable[T]]
OrderMove: TypeAlias = Callable[[WorkOrder, Visit], Sequence[Event]]


async def on_order(unit: Unit, visit: str, decide: OrderMove) -> WorkOrder:
    """A move of the order that looks at the visit too: what R2 to R4 recorded binds R11."""
    seen = await unit.load(Visit, visit)
    return await unit.create(WorkOrder, visit, lambda order: decide(order, seen))


# R2 to R4, R7


def sheet_draft(call: Call, visit: str, body: DraftCheckInSheet) -> Work[Visit]:
    async def draft(unit: Unit) -> Visit:
        reasons = {name: await unit.put_text(said) for name in REASONS if (said := getattr(body, name))}
        sheet = Sheet(
            **body.model_dump(exclude={"belongings", *REASONS}),
            **reasons,
            belongings_asked=body.belongings is not None,
            belongings=await unit.put_text("\n".join(body.belongings)) if body.belongings else None,
        )
        car = (await unit.load(Visit, visit)).vehicle
        last = await history.last_odometer(unit, car) if car else None
        return await unit.update(Visit, visit, lambda seen: seen.draft_sheet(call.person.id, sheet, last))

    return draft


def sheet_signature(visit: str, body: SignSheet) -> Work[Visit]:
    async def sign(unit: Unit) -> Visit:
        bringer, towed = body.bringer, body.signer == "tow_driver"
        known = bringer if bringer and (bringer.firm or not towed) else None
        who = await unit.put_text("\n".join(filter(None, (known.name, known.firm, known.phone)))) if known else None
        signed = await unit.update(
            Visit, visit, lambda sheet: sheet.sign_sheet(body.content_hash, body.signer, body.picture_sha256, unit.now, who)
        )
        await history.remember_odometer(unit, signed)
        return signed

    return sign


def signature_refusal(call: Call, visit: str, body: RefuseSignature) -> Work[Visit]:
    async def refuse(unit: Unit) -> Visit:
        reason, witness = await unit.put_text(body.reason), await unit.put_text(body.witness)
        return await unit.update(Visit, visit, lambda seen: seen.refuse_signature(call.person.id, reason, witness))

    return refuse


def check_in_correction(call: Call, visit: str, body: CorrectCheckIn) -> Work[Visit]:
    async def correct(unit: Unit) -> Visit:
        reason = await unit.put_text(body.reason)
        seen = await unit.update(Visit, visit, lambda seen: seen.correct_sheet(body.field, body.value, reason, call.person.id))
        await history.remember_odometer(unit, seen)
        return seen

    return correct


def concerns(visit: str, body: RecordConcerns) -> Work[Visit]:
    async def record(unit: Unit) -> Visit:
        signed = (await unit.find(WorkOrder, visit)).signed is not None
        words = [await unit.put_text(words) for words in body.words]
        return await unit.update(Visit, visit, lambda seen: seen.record_concerns(body.purpose, words, order_signed=signed))

    return record


def diagnosis(visit: str, body: DiagnoseFault) -> Work[Visit]:
    async def diagnose(unit: Unit) -> Visit:
        operation_of(body.operation, unit.branch)
        signed = (await unit.find(WorkOrder, visit)).signed is not None
        if body.item is not None:
            (await unit.find(WarrantyQuestions, visit)).check_as_asked(body.item, body.operation, body.warranty)
        told = await unit.put_text(body.told) if body.told else None
        had = await history.first_maintenance(unit, (await unit.load(Visit, visit)).vehicle)
        reason = await unit.put_text(body.warranty_reason) if body.warranty_reason else None
        return await unit.update(
            Visit,
            visit,
            lambda seen: seen.diagnose(
                body.item,
                body.operation,
                body.fault,
                body.warranty,
                customer_told=body.customer_told,
                told=told,
                order_signed=signed,
                first_maintenance=had,
                warranty_reason=reason,
            ),
        )

    return diagnose


def documents(call: Call, visit: str, body: TakeDocuments) -> Work[Visit]:
    """What the licence shows and the vehicle's file did not know goes into the file."""

    async def take(unit: Unit) -> Visit:
        if missing := [name for name in ("vin", "plate") if "driving_licence" in body.documents and not getattr(body, name)]:
            raise Malformed(missing=missing)
        seen = await unit.load(Visit, visit)
        known = await files.vehicle_as_read(unit, seen.vehicle) if seen.vehicle else None
        same_vin = known.vin == vehicle.checked_vin(body.vin) if known and body.vin else None
        same_plate = vehicle.same_plate(known.plate or "", body.plate) if known and body.plate else None
        same_engine = same_words(known.engine_no, body.engine_no) if known else None
        same_owner = same_words(known.owner, body.owner) if known else None
        taken = await unit.update(
            Visit,
            visit,
            lambda here: here.take_documents(
                body.documents,
                vin_matches=same_vin,
                plate_matches=same_plate,
                engine_no_matches=same_engine,
                owner_matches=same_owner,
            ),
        )
        learnt = CorrectVehicle(engine_no=body.engine_no if same_engine is None else None, owner=body.owner if same_owner is None else None)
        if seen.vehicle and (learnt.engine_no or learnt.owner):
            await files.correct_vehicle(unit, seen.vehicle, learnt, call.store.group_key)
        return taken

    return take


# R8 to R10


async def look_parts_up(call: Call, visit: str) -> WorkOrder:
    stock = await store.stock(call.store, but=visit)
    return await call.do(
        lambda unit: on_order(unit, visit, lambda order, seen: order.look_parts_up(seen, stock, unit.branch, unit.now)), WorkOrder
    )


async def give_estimate(call: Call, visit: str, body: GiveEstimate) -> WorkOrder:
    offers = await store.proposals_for(call.store, await call.store.get(Visit, visit))
    proposed = [offer.operation for offer in offers.operations]

    async def estimate(unit: Unit) -> WorkOrder:
        asked = [await asked_line(unit, line) for line in body.lines]
        return await on_order(unit, visit, lambda order, seen: order.give_estimate(seen, asked, proposed, unit.branch, unit.now))

    return await call.do(estimate, WorkOrder)


async def asked_line(unit: Unit, line: EstimateLine) -> AskedLine:
    reason = await unit.put_text(line.price_reason) if line.price_reason else None
    return AskedLine.model_validate(line.model_dump() | {"price_reason": reason})


def acceptance(visit: str, number: int, body: AcceptEstimate) -> Work[WorkOrder]:
    async def accept(unit: Unit) -> WorkOrder:
        seen = await unit.load(Visit, visit)
        dialled = await dialled_number(unit, seen, body.channel, body.dialled, consents=True, refused=NumberMayNotAccept)
        return await on_order(
            unit,
            visit,
            lambda order, seen: order.accept_estimate(
                seen, number, body.channel, body.items, body.content_hash, unit.branch, unit.now, dialled=dialled
            ),
        )

    return accept


async def earliest(call: Call, visit: str) -> datetime:
    load = await store.shop_load(call.store)
    seen = await call.store.get(Visit, visit)
    order = next(iter(await call.store.select(WorkOrder, {"id": visit})), WorkOrder(id=visit))
    return order.earliest(seen, load, call.branch, call.now)


async def promise(call: Call, visit: str, promised_at: datetime | None) -> WorkOrder:
    load = await store.shop_load(call.store)
    return await call.do(
        lambda unit: on_order(unit, visit, lambda order, seen: order.promise_completion(seen, promised_at, load, unit.branch, unit.now)),
        WorkOrder,
    )


# R11, R13, W1


def order_draft(call: Call, visit: str, body: DraftWorkOrder) -> Work[WorkOrder]:
    choices = Choices.model_validate(body.model_dump())

    async def draft(unit: Unit) -> WorkOrder:
        here = await unit.load(Visit, visit)
        here.check_first_maintenance(await history.first_maintenance(unit, here.vehicle))
        known = (await unit.find(WorkOrder, visit)).draft
        number = known.number if known else await _order_number(unit)
        questions = await unit.find(WarrantyQuestions, visit)
        return await on_order(
            unit, visit, lambda order, seen: order.draft_order(seen, questions, call.person.id, number, choices, unit.branch, unit.now)
        )

    return draft


async def _order_number(unit: Unit) -> str:
    day = unit.now.astimezone(unit.branch.site.zone)
    return f"{unit.branch.site.id}-{day:%Y%m%d}-{await unit.next_number(f'work-order:{day:%Y-%m-%d}'):04}"


def order_signature(visit: str, body: Sign) -> Work[WorkOrder]:
    async def sign(unit: Unit) -> WorkOrder:
        questions = await unit.find(WarrantyQuestions, visit)
        order = await on_order(
            unit,
            visit,
            lambda order, seen: order.sign_order(
                seen, questions, body.content_hash, body.signer, body.picture_sha256, unit.branch, unit.now
            ),
        )
        assert order.signed is not None
        await board.put_on(unit, order.signed)
        return order

    return sign


def order_prints(visit: str, body: PrintWorkOrder) -> Work[WorkOrder]:
    return lambda unit: on_order(
        unit, visit, lambda order, seen: order.print_copies(seen, body.copies, customer_copies_given=body.customer_copies_given)
    )


def waiting_place(visit: str, body: RecordWaitingPlace) -> Work[Visit]:
    async def record(unit: Unit) -> Visit:
        reach = await unit.put_text(body.reach) if body.reach else None
        return await unit.update(Visit, visit, lambda seen: seen.record_waiting_place(body.place, reach))

    return record


def handover(call: Call, visit: str, body: HandCarOver) -> Work[WorkOrder]:
    async def hand_over(unit: Unit) -> WorkOrder:
        notes = await unit.put_text(body.notes) if body.notes else None
        cancelled = (await unit.find(Changes, visit)).cancelled
        order = await on_order(
            unit, visit, lambda order, seen: order.hand_over(seen, call.person.id, body.place, body.things, notes, cancelled=cancelled)
        )
        await board.move(unit, visit, "handed_over")
        await _tell_of_what_is_left(unit, order, await unit.load(Visit, visit))
        return order

    return hand_over


async def _tell_of_what_is_left(unit: Unit, order: WorkOrder, visit: Visit) -> None:
    """R7, R11: no MUST, and a customer who signs by a link brings papers and gets copies later; so it is told, not refused."""
    advisor = (visit.advisor or "",)
    if not visit.papers_asked_for:
        await unit.tell("papers_not_asked_for", clause="R7", visit=visit.id, people=advisor)
    if not order.customer_copies_given:
        await unit.tell("copies_not_given", clause="R11", visit=visit.id, people=advisor)


# corrections


def customer_correction(call: Call, id: str, body: CorrectCustomer) -> Work[store.CustomerFile]:
    async def correct(unit: Unit) -> store.CustomerFile:
        await files.correct_customer(unit, id, body, call.store.group_key)
        return await store.customer_file(unit, id)

    return correct


def owner_change(call: Call, id: str, body: ChangeOwner) -> Work[Vehicle]:
    async def change(unit: Unit) -> Vehicle:
        since = body.since or unit.now.astimezone(unit.branch.site.zone).date()
        owner = await files.file_customer(unit, body.customer, call.store.group_key)
        await files.change_owner(unit, id, owner, since)
        return await unit.load(Vehicle, await merged_files.surviving(unit, id))

    return change


def visit_vehicle_correction(call: Call, visit: str, body: CorrectVisitVehicle) -> Work[Visit]:
    """R7: the visit goes over to the car that really came, and so does what is open."""

    async def correct(unit: Unit) -> Visit:
        former = (await unit.load(Visit, visit)).vehicle
        right = await files.file_vehicle(unit, body.vehicle, call.store.group_key)
        reason = await unit.put_text(body.reason)
        corrected = await unit.update(Visit, visit, lambda seen: seen.correct_vehicle(right, reason, call.person.id))
        if former:
            await unit.update(Vehicle, former, lambda car: car.close(visit, mistaken=True))
        await files.open_visit(unit, right, visit)
        return corrected

    return correct


def vehicle_correction(call: Call, id: str, body: CorrectVehicle) -> Work[store.VehicleFile]:
    async def correct(unit: Unit) -> store.VehicleFile:
        record = await files.correct_vehicle(unit, id, body, call.store.group_key)
        known = await unit.find(Vehicle, await merged_files.surviving(unit, id))
        return store.VehicleFile(id=known.id, vehicle=record, open_visit=known.open_visit, visits=known.visits)

    return correct
