"""Which rows the reactions to an event will read: learned by type of event, so that a batch reads them at once and not one by one.

What is remembered is only where to look; every row is read anew, in the transaction that needs it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator, Sequence
from typing import Any

from shared.contracts.envelope import Envelope
from shared.store import MongoUnit

SUBJECT = ""
"""In place of a field's name: the event's subject."""


class Foresight:
    """`handled` are the types of events that have reactions here; of others nothing is read, not even the gate."""

    def __init__(self, handled: Container[str]) -> None:
        self._handled = handled
        self._places: dict[str, set[tuple[str, str]]] = defaultdict(lambda: {("gates", SUBJECT)})

    async def look_ahead(self, unit: MongoUnit, arrivals: Sequence[Any]) -> None:
        """In one read a collection, what the reactions to these will ask for, as far as it is known."""
        ids: dict[str, set[str]] = defaultdict(set)
        for arrival in arrivals:
            if isinstance(arrival, Envelope) and arrival.type in self._handled:
                for collection, field in self._places[arrival.type]:
                    if isinstance(id := arrival.subject if field is SUBJECT else arrival.data.get(field), str):
                        ids[collection].add(id)
        for collection in sorted(ids):
            await unit.rows(collection, sorted(ids[collection]))

    def learn(self, unit: MongoUnit, envelope: Envelope) -> None:
        """From what had to be read one by one for this event."""
        for collection, id in unit.asked:
            self._places[envelope.type].update((collection, field) for field in _fields(envelope, id))
        unit.asked.clear()


def _fields(envelope: Envelope, id: str) -> Iterator[str]:
    """Where in the event the id stands."""
    if id == envelope.subject:
        yield SUBJECT
    else:
        yield from (name for name, value in envelope.data.items() if value == id)
