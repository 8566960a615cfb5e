"""What a journal entry is, and how it becomes the envelope that is published."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from pydantic_core import to_json

from shared.contracts.envelope import Envelope
from shared.contracts.event import DepartmentName
from shared.pictures import named_in
from shared.provenance import MESSAGE_BYTES
from shared.refusal import TooMuchAtOnce

_ENVELOPE_BYTES = 8 << 10
"""More than an envelope has around its data: ids, names, a trace, and what Kafka adds."""

_DERIVED = uuid.UUID("6f0c5a7e-4c0e-5d3b-9a51-2f1d7b9c3e84")


@dataclass(frozen=True)
class Entry:
    """One event as committed. `k` counts the entries of its subject in this department, from 1 and without holes.

    `epoch` and `seq` are given later, by the relay; until then the stored document is marked `unnumbered`.
    `time` is ISO text (the database would cut a date to milliseconds).
    """

    id: str
    subject: str
    aggregate: str
    version: int
    ordinal: int
    type: str
    time: str
    actor: str
    clause: str
    correlation: str
    causation: str | None
    data: Mapping[str, Any]
    partition: int = 0
    k: int = 0
    epoch: int = 0
    seq: int = 0
    trace: str | None = None
    """Of what wrote it (`shared.tracing`); not part of the envelope."""

    def must_fit(self) -> None:
        """`TooMuchAtOnce` where no producer would send it: its number would be published never, and the partition stand still."""
        if len(to_json(self.data)) > MESSAGE_BYTES - _ENVELOPE_BYTES:
            raise TooMuchAtOnce(type=self.type, subject=self.subject)

    def document(self) -> dict[str, Any]:
        plain = {field.name: getattr(self, field.name) for field in fields(self) if field.name not in ("id", "epoch", "seq", "trace")}
        more: dict[str, Any] = {"trace": self.trace} if self.trace else {}
        if named := [*dict.fromkeys(named_in(self.data))]:
            more["pictures"] = named  # so that an erasure finds who else names one
        return {"_id": self.id, **plain, **more, "unnumbered": True}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Entry:
        known = {field.name for field in fields(cls)}
        return cls(id=document["_id"], **{name: value for name, value in document.items() if name in known})

    def envelope(self, site: str, department: DepartmentName) -> Envelope:
        return Envelope.model_validate(
            {
                "id": self.id,
                "source": f"/{site}/{department}",
                "type": self.type,
                "time": self.time,
                "subject": self.subject,
                "site": site,
                "department": department,
                "epoch": self.epoch,
                "partition": self.partition,
                "seq": self.seq,
                "aggregate": self.aggregate,
                "version": self.version,
                "ordinal": self.ordinal,
                "actor": self.actor,
                "clause": self.clause,
                "correlationid": self.correlation,
                "causationid": self.causation,
                "data": dict(self.data),
            }
        )


def derived_id(cause: str, department: str, ordinal: int) -> str:
    """The same effect of the same cause has the same id for ever, also after a restore from a backup."""
    return str(uuid.uuid5(_DERIVED, f"{cause}/{department}/{ordinal}"))
