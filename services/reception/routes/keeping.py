"""Reception over HTTP beside the visits: the files are filled, and a customer's personal data end. No rules here."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.reception import store
from services.reception.acts import keeping, merging
from services.reception.erasure import Erasure
from services.reception.estimate import ListPrice
from services.reception.merger import Merger
from services.reception.past import PastVisits
from services.reception.routes.keeping_bodies import (
    EraseCustomer,
    FileCustomer,
    FileVehicle,
    MergeFiles,
    PartFiles,
    RecordHistory,
    SetPrice,
    VehicleFound,
)
from shared.web import Call, Roles, table

MAY: Roles = {
    "file_customer": ("receptionist", "advisor", "business_supervisor"),
    "file_vehicle": ("receptionist", "advisor", "business_supervisor"),
    "look_vehicle_up": ("receptionist", "advisor", "business_supervisor"),
    "record_history": ("business_supervisor",),
    "read_history": ("advisor", "business_supervisor"),
    "merge_vehicles": ("advisor", "business_supervisor"),
    "merge_customers": ("business_supervisor",),
    "part_files": ("business_supervisor",),
    "read_mergers": ("receptionist", "advisor", "business_supervisor"),
    "set_price": ("business_supervisor",),
    "erase_customer": ("business_supervisor",),
}
allowed = table(MAY)
router = APIRouter()


@router.post("/customers", status_code=201)
async def file_customer(body: FileCustomer, call: Call = allowed("file_customer")) -> store.CustomerFile:
    """F2: a customer's file without a visit; the one that is there where name and number are the same."""
    return await call.do(keeping.new_customer(call, body), store.CustomerFile)


@router.post("/vehicles", status_code=201)
async def file_vehicle(body: FileVehicle, call: Call = allowed("file_vehicle")) -> store.VehicleFile:
    """R7: a vehicle's file without a visit. 409 R7 where the plate belongs to another VIN."""
    return await call.do(keeping.new_vehicle(call, body), store.VehicleFile)


@router.get("/vehicle-lookup")
async def look_vehicle_up(
    vin: Annotated[str, Query(max_length=40)],
    plate: Annotated[str | None, Query(max_length=20)] = None,
    call: Call = allowed("look_vehicle_up"),
) -> VehicleFound:
    """R7: whose files VIN and plate are in, by their ids."""
    return await keeping.vehicle_found(call, vin, plate)


@router.post("/vehicle-history", status_code=201)
async def record_history(body: RecordHistory, call: Call = allowed("record_history")) -> PastVisits:
    """R9: a visit from before this software; what was recommended then is proposed at the next visit. 409 R9 where it is here already."""
    return await call.do(keeping.history(call, body), PastVisits)


@router.get("/vehicles/{vehicle}/history")
async def read_history(vehicle: str, call: Call = allowed("read_history")) -> PastVisits:
    """R9: from before this software, of all files of the car."""
    return await keeping.past_of(call.store, vehicle)


# R7: two files that are one


@router.post("/vehicles/{vehicle}/merger", status_code=201)
async def merge_vehicle(vehicle: str, body: MergeFiles, call: Call = allowed("merge_vehicles")) -> Merger:
    """R7: two files of one car, one opened with a mistyped VIN: this one is read as `into` from now on, in every department.

    Nothing is rewritten. 409 R7 where one is merged already, or both have an open visit (`links`).
    """
    return await call.do(merging.merging(call, "vehicle", vehicle, body), Merger)


@router.post("/vehicles/{vehicle}/separation")
async def part_vehicle(vehicle: str, body: PartFiles, call: Call = allowed("part_files")) -> Merger:
    """R7: they were two cars: each file is read as itself again, with what was recorded under it meanwhile."""
    return await call.do(merging.parting(call, "vehicle", vehicle, body), Merger)


@router.post("/customers/{customer}/merger", status_code=201)
async def merge_customer(customer: str, body: MergeFiles, call: Call = allowed("merge_customers")) -> Merger:
    """R7: two files of one person; as for vehicles."""
    return await call.do(merging.merging(call, "customer", customer, body), Merger)


@router.post("/customers/{customer}/separation")
async def part_customer(customer: str, body: PartFiles, call: Call = allowed("part_files")) -> Merger:
    """R7: they were two people."""
    return await call.do(merging.parting(call, "customer", customer, body), Merger)


@router.get("/mergers/{file}")
async def mergers(file: str, call: Call = allowed("read_mergers")) -> list[merging.MergerShown]:
    """R7: what is read as one with this file, of a customer or a vehicle, by whom, when and why."""
    return await merging.mergers_into(call.store, file)


@router.post("/prices/{part_no}")
async def set_price(part_no: str, body: SetPrice, call: Call = allowed("set_price")) -> ListPrice:
    """R9: the list price of a part from now on; what is estimated and consented keeps its own."""
    return await call.create(ListPrice, part_no, lambda price: price.set(body.unit_price, call.person.id, call.branch))


@router.post("/erasures", status_code=201)
async def erase_customer(body: EraseCustomer, call: Call = allowed("erase_customer")) -> Erasure:
    """Erase a customer's personal data, here and, by itself, in every department; the journal keeps ids and stays true.

    409 while a visit or appointment is not over (D5), a ruling is out (R5) or a complaint is open (F5).
    """
    return await call.do(keeping.erasure(call, body), Erasure)
