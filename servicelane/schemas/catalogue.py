"""Which event types there are, and the JSON Schema of each as the code has it now."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from shared.contracts import delivery, event, followup, reception, workshop
from shared.contracts.envelope import Envelope, Heartbeat, ReplayRequest
from shared.contracts.event import DEPARTMENTS, DepartmentName, EpochStarted, Event, NoticeRaised, RecordChanged
from shared.contracts.records import CustomerRecord, Record, TextRecord, VehicleRecord

JsonSchema = Mapping[str, Any]

EVERYWHERE = "every_department"
MESSAGES: tuple[type[BaseModel], ...] = (Heartbeat, ReplayRequest, Record)
RECORDS: tuple[type[BaseModel], ...] = (CustomerRecord, VehicleRecord, TextRecord)
"""What a `Record` may have as its body."""
PLUMBING: tuple[type[BaseModel], ...] = (Envelope, *MESSAGES, *RECORDS)

_MODULES = {"reception": reception, "workshop": workshop, "delivery": delivery, "followup": followup}
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def event_types(department: DepartmentName) -> tuple[type[Event], ...]:
    """All that a department publishes, in the order of its contracts; what each department publishes comes last."""
    return (*event.event_types(vars(_MODULES[department])), RecordChanged, NoticeRaised, EpochStarted)


def event_schemas() -> dict[str, JsonSchema]:
    """Wire name → schema; what each department publishes is `every_department.…`."""
    kinds = {kind.wire_type(EVERYWHERE): kind for department in DEPARTMENTS for kind in event_types(department)}
    return {name: _schema(name, kind) for name, kind in kinds.items()}


def plumbing_schemas() -> dict[str, JsonSchema]:
    """What stands around events, and the records of the topic `customers`."""
    return {name: _schema(name, kind) for kind in PLUMBING for name in [f"servicelane.{_snake(kind.__name__)}.v1"]}


def _schema(name: str, kind: type[BaseModel]) -> JsonSchema:
    return {"$schema": _DIALECT, "$id": name, **kind.model_json_schema(mode="serialization")}


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
