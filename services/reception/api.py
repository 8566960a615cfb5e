"""Reception over HTTP, in the order of the procedure: R1 to R13, and the advisor's side of W1. No rules here.

Before the car comes (A1 to A4): `routes/days.py`. While it is here (W6 to W8, R5, R6, R14): `routes/changes.py`.
"""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Body, Query

from services.reception import coming, desk, store
from services.reception.acts import merging
from services.reception.bodies import (
    AcceptEstimate,
    ChangeOwner,
    CorrectCustomer,
    CorrectVehicle,
    CorrectVisitVehicle,
    DiagnoseFault,
    DraftCheckInSheet,
    DraftWorkOrder,
    GiveEstimate,
    HandCarOver,
    PrintSheet,
    PrintWorkOrder,
    PromiseCompletion,
    Queued,
    RecordArrival,
    RecordConcerns,
    RecordWaitingPlace,
    RefuseSignature,
    Sign,
    SignSheet,
    TakeDocuments,
)
from services.reception.order import WorkOrder
from services.reception.routes import changes, days, keeping
from services.reception.vehicle import Vehicle
from services.reception.visit import Visit
from shared.branch import Operation, Part
from shared.web import Call, Roles, table

COUNTER = ("receptionist", "advisor")
PRICES = ("advisor", "cashier", "business_supervisor")
GROUP = ("group_analyst",)
PEOPLE = ("receptionist", "advisor", "cashier", "followup_agent", "business_supervisor")
WORKSHOP = ("workshop_supervisor", "team_leader", "technician", "qc_inspector", "technical_director")
CAR = (*COUNTER, *WORKSHOP, "business_supervisor")

MAY: Roles = {
    "record_arrival": COUNTER,
    "greet_customer": COUNTER,
    "draft_check_in_sheet": ("advisor",),
    "sign_check_in_sheet": ("advisor",),
    "print_check_in_sheet": ("advisor",),
    "record_concerns": ("advisor",),
    "diagnose_fault": ("advisor",),
    "take_documents": ("advisor",),
    "look_parts_up": ("advisor",),
    "give_estimate": ("advisor",),
    "accept_estimate": ("advisor",),
    "promise_completion": ("advisor",),
    "draft_work_order": ("advisor",),
    "sign_work_order": ("advisor",),
    "print_work_order": ("advisor",),
    "record_waiting_place": COUNTER,
    "hand_car_over": ("advisor",),
    "correct_customer": (*COUNTER, "followup_agent", "business_supervisor"),
    "correct_vehicle": COUNTER,
    "read_queue": COUNTER,
    "read_visits": (*CAR, "cashier", "followup_agent", *GROUP),
    "read_texts": (*CAR, "followup_agent"),
    "read_order": (*PRICES, *GROUP),
    "read_customer": PEOPLE,
    "read_vehicle": (*CAR, "cashier", "followup_agent", "gatekeeper"),
    "read_catalogue": (*PRICES, "receptionist", "parts_clerk", *GROUP),
    "read_board": (*CAR, "cashier", "followup_agent", *GROUP),
}
allowed = table(MAY)
router = APIRouter()
router.include_router(days.router)
router.include_router(keeping.router)
router.include_router(changes.router)


# R1 arrival


@router.post("/arrivals", status_code=201)
async def record_arrival(body: RecordArrival, call: Call = allowed("record_arrival")) -> Visit:
    """R1: into the queue; the answer's `id` is the visit. 409 R7: the vehicle has an open visit, or the plate belongs to another VIN."""
    return await call.do(coming.arrival(call, body), Visit)


@router.get("/queue")
async def queue(call: Call = allowed("read_queue")) -> list[Queued]:
    """R1: who waits to be greeted, in the order in which they are to be served."""
    return await coming.queue(call)


@router.post("/visits/{visit}/greeting")
async def greet_customer(visit: str, call: Call = allowed("greet_customer")) -> Visit:
    """R1: greeted and guided to park; the waiting time is recorded."""
    passed_over = await coming.standing_before(call, visit)
    return await call.update(Visit, visit, lambda seen: seen.greet(call.person.id, passed_over, call.now))


# R2 check-in sheet


@router.put("/visits/{visit}/check-in-sheet")
async def draft_check_in_sheet(visit: str, body: DraftCheckInSheet, call: Call = allowed("draft_check_in_sheet")) -> Visit:
    """R2: the sheet as far as filled in. The answer's `sheet_missing` says what lacks, `sheet_hash` is what is to be signed."""
    return await call.do(desk.sheet_draft(call, visit, body), Visit)


@router.post("/visits/{visit}/check-in-sheet/signature")
async def sign_check_in_sheet(visit: str, body: SignSheet, call: Call = allowed("sign_check_in_sheet")) -> Visit:
    """R2: the vehicle is checked in. 409 R2 where something is missing (named) or another content was signed."""
    return await call.do(desk.sheet_signature(visit, body), Visit)


@router.post("/visits/{visit}/check-in-sheet/refusal")
async def refuse_signature(visit: str, body: RefuseSignature, call: Call = allowed("sign_check_in_sheet")) -> Visit:
    """R2: the customer refuses to sign; recorded with a witness, and work stays locked until the sheet is signed."""
    return await call.do(desk.signature_refusal(call, visit, body), Visit)


@router.post("/visits/{visit}/check-in-sheet/prints")
async def print_check_in_sheet(
    visit: str, body: Annotated[PrintSheet, Body(default_factory=PrintSheet)], call: Call = allowed("print_check_in_sheet")
) -> Visit:
    """R2: the copies made of the signed sheet."""
    return await call.update(Visit, visit, lambda seen: seen.print_sheet(body.copies))


# R3, R4 consultation and diagnosis


@router.post("/visits/{visit}/concerns")
async def record_concerns(visit: str, body: RecordConcerns, call: Call = allowed("record_concerns")) -> Visit:
    """R3: the purpose and the customer's own words."""
    return await call.do(desk.concerns(visit, body), Visit)


@router.post("/visits/{visit}/diagnoses")
async def diagnose_fault(visit: str, body: DiagnoseFault, call: Call = allowed("diagnose_fault")) -> Visit:
    """R4: one item; it gets the next id (`item-1`, `item-2` …) in the answer's `diagnoses`."""
    return await call.do(desk.diagnosis(visit, body), Visit)


# R7 papers


@router.post("/visits/{visit}/documents")
async def take_documents(visit: str, body: TakeDocuments, call: Call = allowed("take_documents")) -> Visit:
    """R7: into custody, compared with the file. 409 R7 where VIN, plate, engine number or owner is another than the file's."""
    return await call.do(desk.documents(call, visit, body), Visit)


# R8 to R10 parts, estimate, promise


@router.post("/visits/{visit}/parts-lookup")
async def look_parts_up(visit: str, call: Call = allowed("look_parts_up")) -> WorkOrder:
    """R8: every part of the latest estimate, or of the diagnosed items where there is none yet: on hand, or expected when."""
    return await desk.look_parts_up(call, visit)


@router.get("/visits/{visit}/proposals")
async def proposals(visit: str, call: Call = allowed("read_order")) -> store.Proposals:
    """R9: what the vehicle's history proposes: recommendations declined or put off earlier, maintenance that is due."""
    return await store.proposals_for(call.store, await call.get(Visit, visit))


@router.post("/visits/{visit}/estimates", status_code=201)
async def give_estimate(
    visit: str, body: Annotated[GiveEstimate, Body(default_factory=GiveEstimate)], call: Call = allowed("give_estimate")
) -> WorkOrder:
    """R9: the answer's last of `estimates` has number, lines, sums and the `content_hash` that the customer consents to."""
    return await desk.give_estimate(call, visit, body)


@router.post("/visits/{visit}/estimates/{number}/acceptance")
async def accept_estimate(visit: str, number: int, body: AcceptEstimate, call: Call = allowed("accept_estimate")) -> WorkOrder:
    """R9: prices freeze here. 409 R9 where it is not the latest, no longer valid, another content was shown, or the number unverified."""
    return await call.do(desk.acceptance(visit, number, body), WorkOrder)


@router.get("/visits/{visit}/promise")
async def earliest_promise(visit: str, call: Call = allowed("read_order")) -> store.Earliest:
    """R10: the earliest time that the shop's load, bays, opening hours and expected parts allow for the latest estimate."""
    return store.Earliest(earliest=await desk.earliest(call, visit))


@router.post("/visits/{visit}/promise")
async def promise_completion(
    visit: str, body: Annotated[PromiseCompletion, Body(default_factory=PromiseCompletion)], call: Call = allowed("promise_completion")
) -> WorkOrder:
    """R10: 409 R10, with `earliest`, for a time in the past, outside opening hours or before the earliest possible."""
    return await desk.promise(call, visit, body.promised_at)


# R11 work order


@router.put("/visits/{visit}/order")
async def draft_work_order(visit: str, body: DraftWorkOrder, call: Call = allowed("draft_work_order")) -> WorkOrder:
    """R11: what was told and chosen. The answer's `draft.content_hash` is what the customer signs. 409 names the clause that lacks."""
    return await call.do(desk.order_draft(call, visit, body), WorkOrder)


@router.post("/visits/{visit}/order/signature")
async def sign_work_order(visit: str, body: Sign, call: Call = allowed("sign_work_order")) -> WorkOrder:
    """R11: signed by the customer; the workshop gets the job. 409 R11 where another content was signed."""
    return await call.do(desk.order_signature(visit, body), WorkOrder)


@router.post("/visits/{visit}/order/prints")
async def print_work_order(
    visit: str, body: Annotated[PrintWorkOrder, Body(default_factory=PrintWorkOrder)], call: Call = allowed("print_work_order")
) -> WorkOrder:
    """R11: the copies made; the customer's are given."""
    return await call.do(desk.order_prints(visit, body), WorkOrder)


@router.get("/visits/{visit}/order")
async def work_order(visit: str, call: Call = allowed("read_order")) -> WorkOrder:
    """R8 to R11: lookup, estimates, promise, draft with its `content_hash`, and the signed order of a visit."""
    return await call.get(WorkOrder, visit)


# R13 waiting


@router.post("/visits/{visit}/waiting-place")
async def record_waiting_place(visit: str, body: RecordWaitingPlace, call: Call = allowed("record_waiting_place")) -> Visit:
    """R13: where the customer waits and how to reach them; recorded again when it changes."""
    return await call.do(desk.waiting_place(visit, body), Visit)


# W1 handover, advisor's side


@router.post("/visits/{visit}/handover")
async def hand_car_over(visit: str, body: HandCarOver, call: Call = allowed("hand_car_over")) -> WorkOrder:
    """W1: car in the waiting area; key, order and sheet to the workshop supervisor. 409 R11 before the order is signed."""
    return await call.do(desk.handover(call, visit, body), WorkOrder)


# what there is to read


@router.get("/visits")
async def visits(
    day: date | None = None,
    vehicle: str | None = None,
    after: str | None = None,
    limit: int = Query(default=50, ge=1, le=200),
    call: Call = allowed("read_visits"),
) -> list[Visit]:
    """Visits by id, `after` the last one of the page before; those that arrived on `day`, those of a vehicle."""
    return await store.visits(call.store, day, vehicle, after, limit)


@router.get("/visits/{visit}")
async def one_visit(visit: str, call: Call = allowed("read_visits")) -> merging.VisitShown:
    """With the correction `notes` that belong to its papers: what was printed keeps its text (R7)."""
    return await merging.shown(call.store, await call.get(Visit, visit))


@router.get("/visits/{visit}/texts")
async def read_texts(visit: str, call: Call = allowed("read_texts")) -> dict[str, str]:
    """What was written about the visit, by its key: the wish (A1), belongings (R2), the customer's words (R3), what they were told (R4).

    Who speaks with the customer sees all of it: also how to reach them (R13), who brought the car, reasons of prices, tasks.
    """
    return await store.texts_of_visit(call.store, visit, everything=call.person.is_a(*COUNTER, "business_supervisor"))


@router.get("/board")
async def board(call: Call = allowed("read_board")) -> list[store.OnTheBoard]:
    """Cars with a signed order that have not left: where they stand, and the hours of work that remain on them."""
    return await store.board(call.store)


@router.get("/customers/{customer}")
async def customer_file(customer: str, call: Call = allowed("read_customer")) -> store.CustomerFile:
    """A file that was merged is answered as the one that it is read as (R7)."""
    return await store.customer_file(call.store, customer)


@router.put("/customers/{customer}")
async def correct_customer(customer: str, body: CorrectCustomer, call: Call = allowed("correct_customer")) -> store.CustomerFile:
    """Corrects the file of a customer; phones are normalised to E.164."""
    return await call.do(desk.customer_correction(call, customer, body), store.CustomerFile)


@router.get("/vehicles/{vehicle}")
async def vehicle_file(vehicle: str, call: Call = allowed("read_vehicle")) -> store.VehicleFile:
    """R7: the vehicle as the file has it, and its visits."""
    return await store.vehicle_file(call.store, vehicle)


@router.put("/vehicles/{vehicle}")
async def correct_vehicle(vehicle: str, body: CorrectVehicle, call: Call = allowed("correct_vehicle")) -> store.VehicleFile:
    """Corrects the file of a vehicle; its VIN never changes. 409 R7 where the plate belongs to another VIN."""
    return await call.do(desk.vehicle_correction(call, vehicle, body), store.VehicleFile)


@router.post("/vehicles/{vehicle}/owner")
async def change_owner(vehicle: str, body: ChangeOwner, call: Call = allowed("correct_vehicle")) -> Vehicle:
    """R7: sold: the work that was done follows the VIN, the former owner's data does not; who signed an open order stays its customer."""
    return await call.do(desk.owner_change(call, vehicle, body), Vehicle)


@router.post("/visits/{visit}/vehicle-correction")
async def correct_visit_vehicle(visit: str, body: CorrectVisitVehicle, call: Call = allowed("correct_vehicle")) -> Visit:
    """R7: another car than was typed at the arrival, as long as its sheet is not signed; the sheet is then drafted anew."""
    return await call.do(desk.visit_vehicle_correction(call, visit, body), Visit)


@router.get("/catalogue/operations")
async def operations(call: Call = allowed("read_catalogue")) -> list[Operation]:
    return list(call.branch.operations.values())


@router.get("/catalogue/parts")
async def parts(call: Call = allowed("read_catalogue")) -> list[Part]:
    return list(call.branch.parts.values())
