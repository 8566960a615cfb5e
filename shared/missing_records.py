"""A record that was announced and did not come is asked for again.

The announcement has a number in the journal and cannot get lost; the record itself comes on a topic without numbers, and may: with a
broker's disk, or with a worker that died while it lay in its queue. So the announcement waits for its record, like any event that
lacks something, and what waits for a while is asked for: a replay that crosses an announcement publishes the present record again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from shared import system_time
from shared.contracts.envelope import Envelope
from shared.contracts.event import DEPARTMENTS, RecordChanged
from shared.reaction import NotYet, Reactions
from shared.store import MongoUnit
from shared.unit import Unit

WAIT = timedelta(seconds=2)
_TYPES = {RecordChanged.wire_type(department) for department in DEPARTMENTS}


async def await_record(event: RecordChanged, unit: Unit) -> None:
    """Another department's record must be here, as new as announced or newer; an erasure is one."""
    assert isinstance(unit, MongoUnit)
    if unit.cause is None or unit.cause.department == unit.store.name:
        return
    kept = unit.effects.records.get(event.key) or await unit.row("records", event.key)
    if kept is None or kept["revision"] < event.revision:
        raise NotYet(event.key)


def announced_in_vain(queues: Sequence[Mapping[str, Any]]) -> list[Envelope]:
    """Of the queues of `waiting`, the announcements at their heads that wait too long for their record."""
    limit = (system_time.now() - WAIT).isoformat()
    heads = [queue["events"][0] for queue in queues if not queue["dead"]]
    return [Envelope.model_validate(head["envelope"]) for head in heads if head["envelope"]["type"] in _TYPES and head["since"] < limit]


REACTIONS: Reactions = {RecordChanged: (await_record,)}
"""What every department does by itself, beside its own reactions."""
