"""What reception keeps of others, and its queries.

Read models: `stock` (the workshop's, by part), `board` (cars with a signed order, by visit), `history` (by vehicle: recommendations,
next maintenance), `plates` and `phones` (whose file a plate or number is in, by HMAC), `open_tasks` (an advisor's, by visit),
`no_shows` (by customer), `complaints` (the open ones, by customer), `debts` (what a customer owes, by visit), `wrong_numbers`
(dialled in vain, by customer), `attendance` (shifts and absences), `merged_files` (which are read as one).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

from pydantic import BaseModel, Field

from services.reception.appointment import Appointment
from services.reception.attendance import ROSTER, Attendance, attendance_of
from services.reception.changes import Changes
from services.reception.check_in import REASONS
from services.reception.consultation import FirstMaintenance
from services.reception.order import WorkOrder
from services.reception.preparation import Preparation, preparations_of_day
from services.reception.promise import ShopLoad, after_open_time
from services.reception.stock import Stock
from services.reception.task import KINDS, AdvisorTask
from services.reception.vehicle import Vehicle, read_as_one
from services.reception.visit import Visit
from services.reception.wish import Wish
from shared import merged_files, texts
from shared.branch import Branch
from shared.calendar import local_day
from shared.contracts.event import Instant
from shared.contracts.records import CustomerRecord, VehicleRecord
from shared.department import Census, Index
from shared.refusal import NotFound
from shared.store import Store

READ_MODELS = (
    "stock",
    "board",
    "history",
    "plates",
    "phones",
    "open_tasks",
    "no_shows",
    "complaints",
    "attendance",
    "debts",
    "wrong_numbers",
    merged_files.READ_MODEL,
)
INDEXES: Mapping[str, tuple[Index, ...]] = {
    "visits": (Index((("day", 1), ("greeted_at", 1))), Index((("vehicle", 1),)), Index((("customer", 1),))),
    "appointments": (Index((("day", 1), ("arrives_at", 1))),),
    "opening_checklists": (Index((("day", 1),)),),
    "board": (Index((("stage", 1),)),),
    "wishes": (Index((("outcome", 1),)),),
    "advisor_tasks": (Index((("visit", 1),)), Index((("done_by", 1), ("advisor", 1)))),
}

CENSUS = (
    Census("cars", "board", {"stage": {"$in": ["signed", "handed_over"]}}, by="stage", values=("signed", "handed_over")),
    Census("duties_open", "advisor_tasks", {"done_by": None}, by="kind", values=KINDS),
    Census("duties_overdue", "advisor_tasks", {"done_by": None, "overdue": True}, by="kind", values=KINDS),
)
STAGES = ("signed", "handed_over", "in_workshop", "qc_passed", "parked", "left")
_HERE = STAGES[:-1]
_ALL = 5000


class WorkLeft(BaseModel):
    item: str
    skill: str
    hours: Decimal


class OnTheBoard(BaseModel):
    """A car with a signed order: where it stands in the flow, the work that is not finished on it, the parts it still needs (R8).

    `passed` are the items that its newest final inspection names (W11).
    `at_risk`: what is left does not fit before the promised time any more (R10). `ended`: the customer ended the order before
    anybody touched the car, which stands here until its exit. `damages`: what was damaged in the workshop, and what becomes of it (W6):
    undecided, to_repair, repaired, or as_it_is by agreement.
    """

    visit: str
    number: str
    vehicle: str
    advisor: str
    promised_at: Instant
    stage: str = Field(examples=list(STAGES))
    spot: str | None = None
    left: list[WorkLeft]
    begun: list[str] = []
    passed: list[str] | None = None
    to_draw: dict[str, int] = {}
    at_risk: bool = False
    ended: bool = False
    damages: dict[str, str] = {}


class Proposal(BaseModel):
    """R9: an operation from the vehicle's history; `answer` is what the customer said to it last, None where nothing."""

    operation: str
    safety: bool
    answer: str | None
    visit: str


class MaintenanceDue(BaseModel):
    due_on: date
    odometer_km: int


class Proposals(BaseModel):
    """R9; R4: whether the vehicle had its free first maintenance."""

    operations: list[Proposal]
    maintenance_due: MaintenanceDue | None = None
    first_maintenance: FirstMaintenance | None = None


class Earliest(BaseModel):
    """R10."""

    earliest: Instant


class CustomerFile(BaseModel):
    """`merged` are the person's other files, which are read as this one, each as it was filed.

    `owing`: the visits for which something is owed; `complaints`: those that are open; both under whichever file.
    `wrong_phones`: the files whose number is not the customer's, and was not corrected since.
    """

    id: str
    customer: CustomerRecord
    merged: dict[str, CustomerRecord] = {}
    owing: list[str] = []
    complaints: list[str] = []
    wrong_phones: list[str] = []


class VehicleFile(BaseModel):
    """R7: what this file does not know is shown as the others that are read as it, `merged`, know it; former `plates` come last."""

    id: str
    vehicle: VehicleRecord
    open_visit: str | None
    visits: list[str]
    plates: list[str] = []
    merged: dict[str, VehicleRecord] = {}


async def appointments_of(store: Store, day: date) -> list[Appointment]:
    return await store.select(Appointment, {"day": day.isoformat()}, sort=(("arrives_at", 1), ("id", 1)), limit=500)


async def preparations_of(store: Store, day: date) -> list[Preparation]:
    """A3: the board of a day, by the time of arrival."""
    shelf, today = await stock(store), local_day(store.clock.now(), store.branch.site.zone)
    return preparations_of_day([each for each in await appointments_of(store, day) if each.stands], shelf, store.branch, today)


async def waiting_to_be_greeted(store: Store) -> list[Visit]:
    """R1: in the order in which they are to be served."""
    waiting = await store.select(Visit, {"greeted_at": None, "arrived_at": {"$ne": None}, "inquiry": None, "closed": False}, limit=500)
    return sorted(waiting, key=lambda visit: visit.place_in_queue(store.branch.site.shop.slot_minutes))


async def visits(store: Store, day: date | None, vehicle: str | None, after: str | None, limit: int) -> list[Visit]:
    where: dict[str, Any] = {"day": day.isoformat()} if day else {}
    where |= {"vehicle": {"$in": await merged_files.family(store, vehicle)}} if vehicle else {}
    return await store.select(Visit, where, limit=limit, after=after)


async def board(store: Store) -> list[OnTheBoard]:
    """With the cars whose promised time is at risk marked."""
    now = store.clock.now()
    return [car.model_copy(update={"at_risk": _at_risk(car, now, store.branch)}) for car in await _signed_cars(store)]


async def _signed_cars(store: Store) -> list[OnTheBoard]:
    return [OnTheBoard.model_validate(row) for row in await store.documents("board", {"stage": {"$in": _HERE}}, limit=_ALL)]


def _at_risk(car: OnTheBoard, now: datetime, branch: Branch) -> bool:
    hours = sum((work.hours for work in car.left), Decimal(0))
    done = after_open_time(now, timedelta(hours=float(hours)), branch) if hours else now
    return car.stage != "parked" and not car.ended and done > car.promised_at


async def open_tasks(store: Store, advisor: str | None, after: str | None, limit: int) -> list[AdvisorTask]:
    where: dict[str, Any] = {"done_by": None} | ({"advisor": advisor} if advisor else {})
    return await store.select(AdvisorTask, where, limit=limit, after=after)


async def texts_of_visit(store: Store, id: str, *, everything: bool) -> dict[str, str]:
    """Of one that is booked (A1), too."""
    booked, seen = await store.select(Appointment, {"id": id}), await store.select(Visit, {"id": id})
    if not booked and not seen:
        raise NotFound(missing=(id,))
    if not everything:
        wishes, visit = (each.wish for each in booked), seen[0] if seen else Visit(id=id)
        on_the_sheet = (getattr(visit.sheet, name, None) for name in ("belongings", *REASONS))
        reasons = (*(each.reason for each in visit.corrections), *(each.warranty_reason for each in visit.diagnoses))
        return await texts.texts(store, (*wishes, *visit.words, *(each.told for each in visit.diagnoses), *on_the_sheet, *reasons))
    order, changes = await store.select(WorkOrder, {"id": id}), await store.select(Changes, {"id": id})
    tasks = await store.select(AdvisorTask, {"visit": id}, limit=1000)
    return await texts.texts_of(store, [*booked, *seen, *order, *changes, *tasks])


async def attendance(store: Store) -> Attendance:
    return attendance_of(await store.fetch("attendance", ROSTER))


async def shop_load(store: Store) -> ShopLoad:
    """R10: the unfinished hours of all signed orders whose car is not parked yet, the number of those cars, and who is there."""
    hours: dict[str, Decimal] = {}
    cars = [car for car in await _signed_cars(store) if car.left and car.stage in ("signed", "handed_over", "in_workshop")]
    for work in (work for car in cars for work in car.left):
        hours[work.skill] = hours.get(work.skill, Decimal(0)) + work.hours
    return ShopLoad(hours_by_skill=hours, cars=len(cars), attendance=await attendance(store))


def stock_of(row: Mapping[str, Any]) -> Stock:
    return Stock.model_validate({name: row[name] for name in Stock.model_fields if name in row})


async def stock(store: Store, *, but: str = "") -> dict[str, Stock]:
    """R8: as the workshop last said (before that, the branch's catalogue), without what signed orders still need, but for that visit."""
    shelf = {part_no: Stock(on_hand=part.stock, lead_days=part.lead_days) for part_no, part in store.branch.parts.items()}
    shelf |= {row["id"]: stock_of(row) for row in await store.documents("stock", {}, limit=_ALL)}
    needed: dict[str, int] = {}
    for car in await _signed_cars(store):
        for part_no, quantity in car.to_draw.items() if car.visit != but else ():
            needed[part_no] = needed.get(part_no, 0) + quantity
    return {no: known.model_copy(update={"owed": needed.get(no, 0)}) for no, known in shelf.items()}


async def proposals_for(store: Store, visit: Visit) -> Proposals:
    files = await merged_files.family(store, visit.vehicle) if visit.vehicle else []
    history = history_of_all([await store.fetch("history", file) or {} for file in files])
    today = store.clock.now().astimezone(store.branch.site.zone).date()
    return proposed(history, visit.sheet.odometer_km if visit.sheet else None, today, store.branch)


def history_of_all(files: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """R9: what the files of one car know together: what was done is not proposed because another file had recommended it before."""
    recommended = {
        key: each
        for file in files
        for key, each in file.get("recommendations", {}).items()
        if not any(other.get("done", {}).get(each["operation"], "") > each.get("at", "") for other in files if other is not file)
    }
    next_ = max((file for file in files if file.get("next")), key=lambda file: file.get("next_at", ""), default={})
    read = max((file for file in files if file.get("odometer_km") is not None), key=lambda file: file.get("odometer_at", ""), default={})
    first = min((file["first_maintenance"] for file in files if file.get("first_maintenance")), key=lambda had: had["on"], default=None)
    read_km = read.get("odometer_km")
    return {"recommendations": recommended, "next": next_.get("next"), "odometer_km": read_km, "first_maintenance": first}


def proposed(history: Mapping[str, Any], odometer_km: int | None, today: date, branch: Branch) -> Proposals:
    """R9: what was recommended and not accepted, each operation once, and the maintenance that is due by date or mileage."""
    open_ones = [Proposal.model_validate(each) for each in history.get("recommendations", {}).values() if each["answer"] != "accepts"]
    by_operation = {each.operation: each for each in open_ones if each.operation in branch.operations}
    due = MaintenanceDue.model_validate(history["next"]) if history.get("next") else None
    if due and today < due.due_on - timedelta(days=branch.site.deadlines.maintenance_reminder_days_before):
        due = due if odometer_km is not None and odometer_km >= due.odometer_km else None
    had = FirstMaintenance.model_validate(history["first_maintenance"]) if history.get("first_maintenance") else None
    return Proposals(operations=list(by_operation.values()), maintenance_due=due, first_maintenance=had)


async def open_wishes(store: Store, after: str | None, limit: int) -> list[Wish]:
    return await store.select(Wish, {"outcome": None}, limit=limit, after=after)


class Reads(merged_files.Rows, Protocol):
    """A unit, or a store."""

    async def record(self, key: str) -> Mapping[str, Any] | None: ...


async def customer_file(reads: Reads, customer: str) -> CustomerFile:
    """The one that it is read as."""
    surviving, *others = await merged_files.family(reads, customer)
    known = {id: await reads.record(f"customer:{id}") for id in (surviving, *others)}
    if known[surviving] is None:
        raise NotFound(missing=(customer,))
    records = {id: CustomerRecord.model_validate(body) for id, body in known.items() if body}
    return CustomerFile(
        id=surviving,
        customer=records.pop(surviving),
        merged=records,
        owing=await owing(reads, [surviving, *others]),
        complaints=await complaints(reads, [surviving, *others]),
        wrong_phones=await wrong_phones(reads, [surviving, *others]),
    )


async def wrong_phones(reads: Reads, customers: Sequence[str]) -> list[str]:
    """F8: of these, whose number on file turned out not to be theirs, and was not corrected since."""
    kept = {id: await reads.fetch("wrong_numbers", id) for id in customers}
    dialled = {id: await reads.record(wrong["dialled"]) for id, wrong in kept.items() if wrong}
    wrong = {number["text"] for number in dialled.values() if number}
    return [id for id in customers if wrong and (await reads.record(f"customer:{id}") or {}).get("phone") in wrong]


async def owing(rows: merged_files.Rows, customers: Sequence[str]) -> list[str]:
    """D5: the visits for which these owe."""
    kept = [await rows.fetch("debts", id) or {} for id in customers]
    return sorted(visit for each in kept for visit in each.get("visits", {}))


async def complaints(rows: merged_files.Rows, customers: Sequence[str]) -> list[str]:
    """F5: the open ones of these."""
    kept = [await rows.fetch("complaints", id) or {} for id in customers]
    return [complaint for each in kept for complaint in each.get("open", [])]


async def vehicle_records(store: Store, vehicle: str) -> dict[str, VehicleRecord]:
    """All files of the car by id, the surviving one first."""
    known = {id: await store.record(f"vehicle:{id}") for id in await merged_files.family(store, vehicle)}
    return {id: VehicleRecord.model_validate(body) for id, body in known.items() if body}


async def vehicle_as_read(store: Store, vehicle: str) -> VehicleRecord | None:
    return read_as_one(list((await vehicle_records(store, vehicle)).values()))


def _plates_of(records: Sequence[VehicleRecord]) -> list[str]:
    """R7: those that the car has by its files, then those that it had."""
    former = [each.plate for record in records for each in reversed(record.former_plates)]
    return list(dict.fromkeys([*(each.plate for each in records if each.plate), *former]))


async def vehicle_file(store: Store, vehicle: str) -> VehicleFile:
    """R7: the one that it is read as, with the visits of all of them."""
    records = await vehicle_records(store, vehicle)
    as_read = read_as_one(list(records.values()))
    if as_read is None:
        raise NotFound(missing=(vehicle,))
    surviving, *others = records
    cars = [car for id in records for car in await store.select(Vehicle, {"id": id})]
    return VehicleFile(
        id=surviving,
        vehicle=as_read,
        open_visit=next((car.open_visit for car in cars if car.open_visit), None),
        visits=list(dict.fromkeys(visit for car in cars for visit in car.visits)),
        plates=_plates_of(list(records.values())),
        merged={id: records[id] for id in others},
    )
