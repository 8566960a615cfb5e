"""Personal data: records on the compacted topic `customers`, which never leaves the site. One writing department a key."""

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from shared.contracts.event import DepartmentName


class CustomerRecord(BaseModel):
    """Key `customer:ID`, written by reception. Phones are E.164; one that was changed and not verified since consents to no money.

    As long as it is not, `former_phone` is the last one that was.
    """

    kind: Literal["customer"] = "customer"
    name: str
    form_of_address: str | None = None
    phone: str
    address: str | None = None
    convenient_hour: str | None = None
    do_not_call: bool = False
    phone_verified: bool = True
    former_phone: str | None = None


class FormerPlate(BaseModel):
    """R7: a plate that the vehicle had, to the day on which another took its place or it went to another vehicle."""

    plate: str
    until: date


class VehicleRecord(BaseModel):
    """Key `vehicle:ID`, written by reception; the id is the HMAC of the VIN under the group's key (`shared.identity`).

    `former_plates` are those of before, the oldest first.
    """

    kind: Literal["vehicle"] = "vehicle"
    vin: str
    plate: str | None
    engine_no: str | None = None
    model: str | None = None
    registered_on: date | None = None
    owner: str | None = None
    former_plates: tuple[FormerPlate, ...] = ()


class TextRecord(BaseModel):
    """Key `text:DEPARTMENT:ID`, written by that department: free text that may name people."""

    kind: Literal["text"] = "text"
    text: str


RecordBody = CustomerRecord | VehicleRecord | TextRecord


class Record(BaseModel):
    """One state of one record. Readers keep the highest `revision`; an erasure (`body` is None) is one that stays."""

    model_config = ConfigDict(frozen=True)

    key: str
    revision: int
    site: str
    department: DepartmentName
    body: dict[str, Any] | None

    @property
    def erased(self) -> bool:
        return self.body is None
