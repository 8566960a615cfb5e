"""Whether what arrived on a topic can have been published by whoever may publish there.

A department's events, heartbeats and replays come on its own topics, on the Kafka partition of their number, and from its journal:
so they fit into one message and into the database. What does not is nobody's number: it is passed over, and what comes after it
is not. An epoch begins with its announcement. Who may write to which topic is the broker's to hold (`SECURITY.md`).
"""

import math
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from shared.contracts.envelope import Envelope, Heartbeat
from shared.contracts.event import EpochStarted
from shared.contracts.records import CustomerRecord, Record, TextRecord, VehicleRecord
from shared.contracts.topics import CUSTOMERS, backfill_topic, events_topic

MESSAGE_BYTES = 1 << 20
"""The most that a producer sends in one message as they come."""

_NUMBERS = range(2**63)
_NESTED = 90
"""Documents in documents that the database takes, with room for what an envelope is kept in."""

_BODIES: Mapping[str, type[BaseModel]] = {"customer": CustomerRecord, "vehicle": VehicleRecord, "text": TextRecord}


def is_believable(topic: str, partition: int | None, arrival: Envelope | Record | Heartbeat) -> bool:
    """`partition`: the one of Kafka that it came on, where that is known."""
    if isinstance(arrival, Record):
        return topic == CUSTOMERS and _is_its_writers(arrival) and arrival.revision in _NUMBERS and _is_a_record(arrival)
    if topic not in (events_topic(arrival.department), backfill_topic(arrival.department)) or partition not in (None, arrival.partition):
        return False
    if not all(number in _NUMBERS for number in (arrival.epoch, arrival.partition, arrival.seq)):
        return False
    return isinstance(arrival, Heartbeat) or _is_from_a_journal(arrival)


def _is_from_a_journal(envelope: Envelope) -> bool:
    if not envelope.type.startswith(f"{envelope.department}."):
        return False
    if envelope.epoch > 1 and envelope.seq == 1 and envelope.type != EpochStarted.wire_type(envelope.department):
        return False
    return envelope.version in _NUMBERS and envelope.ordinal in _NUMBERS and _is_storable(envelope.data)


def _is_its_writers(record: Record) -> bool:
    """Reception writes customers and vehicles, each department its own texts."""
    kind, _, rest = record.key.partition(":")
    return record.department == (rest.partition(":")[0] if kind == "text" else "reception") and kind in _BODIES


def _is_a_record(record: Record) -> bool:
    if record.body is None:
        return True
    try:
        _BODIES[record.key.partition(":")[0]].model_validate(record.body)
    except ValidationError:
        return False
    return _is_storable(record.body)


def _is_storable(value: Any, depth: int = 0) -> bool:
    """The database has numbers of 64 bits, names of fields without NUL, and no bottomless documents."""
    match value:
        case dict():
            fits = depth < _NESTED and all("\0" not in name for name in value)
            return fits and all(_is_storable(each, depth + 1) for each in value.values())
        case list():
            return depth < _NESTED and all(_is_storable(each, depth + 1) for each in value)
        case int():
            return -(2**63) <= value < 2**63
        case float():
            return math.isfinite(value)
        case _:
            return True
