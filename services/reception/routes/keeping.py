"""Reception over HTTP beside the visits: the files are filled, and a customer's personal data end. No rules here."""

from fastapi import APIRouter

from services.reception import store
from services.reception.acts import keeping
from services.reception.erasure import Erasure
from services.reception.past import PastVisits
from services.reception.routes.keeping_bodies import EraseCustomer, FileCustomer, FileVehicle, RecordHistory
from shared.web import Call, Roles, table

MAY: Roles = {
    "file_customer": ("receptionist", "advisor", "business_supervisor"),
    "file_vehicle": ("receptionist", "advisor", "business_supervisor"),
    "record_history": ("business_supervisor",),
    "read_history": ("advisor", "business_supervisor"),
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


@router.post("/vehicle-history", status_code=201)
async def record_history(body: RecordHistory, call: Call = allowed("record_history")) -> PastVisits:
    """R9: a visit from before this software; what was recommended then is proposed at the next visit. 409 R9 where it is here already."""
    return await call.do(keeping.history(call, body), PastVisits)


@router.get("/vehicles/{vehicle}/history")
async def read_history(vehicle: str, call: Call = allowed("read_history")) -> PastVisits:
    return await call.get(PastVisits, vehicle)


@router.post("/erasures", status_code=201)
async def erase_customer(body: EraseCustomer, call: Call = allowed("erase_customer")) -> Erasure:
    """Erase a customer's personal data, here and, by itself, in every department; the journal keeps ids and stays true.

    409 while a visit or appointment is not over (D5), a ruling is out (R5) or a complaint is open (F5).
    """
    return await call.do(keeping.erasure(call, body), Erasure)
