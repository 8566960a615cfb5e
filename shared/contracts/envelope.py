"""What stands around an event on the wire: CloudEvents 1.0 attributes, and the number that makes a loss visible."""

from datetime import datetime
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.contracts.event import DepartmentName


class Envelope(BaseModel):
    """One journal entry as published. `(site, department, epoch, partition, seq)` is its number: contiguous from 1.

    `subject` is the visit (work order), or the aggregate's own id where there is no visit; order is kept per subject.
    `time` is business time, UTC. `id` never changes, also across epochs and replays; a reaction's entries derive theirs from
    the event that caused them.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: Literal["1.0"] = "1.0"
    id: str
    source: str
    type: str
    time: AwareDatetime
    subject: str
    datacontenttype: Literal["application/json"] = "application/json"
    site: str
    department: DepartmentName
    epoch: int = Field(ge=1)
    partition: int = Field(ge=0)
    seq: int = Field(ge=1)
    aggregate: str
    version: int = Field(ge=0)
    ordinal: int = Field(ge=0)
    actor: str
    clause: str = ""
    correlationid: str
    causationid: str | None = None
    data: dict[str, Any]


class Heartbeat(BaseModel):
    """The newest number of one partition, published behind its events: whoever is behind it has a real gap."""

    model_config = ConfigDict(frozen=True)

    type: Literal["servicelane.heartbeat.v1"] = "servicelane.heartbeat.v1"
    site: str
    department: DepartmentName
    epoch: int
    partition: int
    seq: int


class ReplayRequest(BaseModel):
    """A consumer asks a department for the numbers `first` to `last` of one partition; they come on its backfill topic."""

    model_config = ConfigDict(frozen=True)

    site: str
    department: DepartmentName
    epoch: int
    partition: int
    first: int
    last: int
    consumer: str
    asked_at: datetime
