"""What clients send to keep the files: customers and vehicles without a visit, history from before, an erasure."""

from datetime import date
from decimal import Decimal

from pydantic import Field

from services.reception.bodies import CustomerGiven, VehicleGiven
from shared.contracts.values import NextMaintenance
from shared.web import Body


class FileCustomer(CustomerGiven):
    """By name and phone: the file of that person, or a new one."""

    id: None = None


class FileVehicle(VehicleGiven):
    """By VIN: the vehicle's file, or a new one. `owned_by` is the id of the owner's file; left out, the file does not say."""

    owned_by: str | None = Field(default=None, max_length=60, examples=["customer-5f3c9a0b1d2e4f607182"])
    owned_since: date | None = Field(default=None, description="Left out: today.")


class VehicleFound(Body):
    """`vehicle` is the file with that VIN, `plate_held_by` the one with that plate; null where there is none."""

    vehicle: str | None
    plate_held_by: str | None


class RecordHistory(Body):
    """A visit before this software. `record` is its number in the old records; the same again is refused."""

    vin: str = Field(max_length=40, examples=["LFPH3APC2RC879156"])
    record: str = Field(min_length=1, max_length=60, examples=["RO-2024-0815"])
    on: date = Field(examples=["2024-08-15"])
    odometer_km: int | None = Field(default=None, ge=0, le=9_999_999, examples=[20150])
    operations: tuple[str, ...] = Field(default=(), max_length=50, examples=[["M-10K"]])
    recommended: tuple[str, ...] = Field(default=(), max_length=50, description="Not done then; proposed at the next visit (R9).")
    next: NextMaintenance | None = None


class SetPrice(Body):
    """In the branch's currency, tax included."""

    unit_price: Decimal = Field(ge=0, max_digits=12, decimal_places=2, examples=["36.00"])


class EraseCustomer(Body):
    customer: str = Field(min_length=1, max_length=60, examples=["customer-5f3c9a0b1d2e4f607182"])
    reason: str = Field(min_length=1, max_length=500, description="Kept: it must not name the customer.", examples=["客户要求删除个人信息"])


class MergeFiles(Body):
    """R7: this file is read as `into` from now on."""

    into: str = Field(min_length=1, max_length=60, examples=["vehicle-5f3c9a0b1d2e4f607182"])
    reason: str = Field(min_length=1, max_length=500, examples=["车架号录入错误，实为同一辆车"])


class PartFiles(Body):
    reason: str = Field(min_length=1, max_length=500, examples=["两辆不同的车"])
