"""Events as they lie on a topic: cars checked in, each of a visit of its own, numbered as a reception's relay numbers them."""

from __future__ import annotations

from collections.abc import Iterator

from shared.contracts.reception import VehicleCheckedIn
from shared.journal import Entry
from tests.workshop import shop


def checked_in(site: str, first: int, number: int, *, run: str = "") -> Iterator[bytes]:
    """So many values of one partition, from the number `first` on."""
    template = _entry().envelope(site, "reception").model_dump_json()
    for seq in range(first, first + number):
        yield template.replace(f"{shop.VISIT}", f"visit-{run}{seq}").replace('"seq":1,', f'"seq":{seq},').encode()


def _entry() -> Entry:
    event = shop.check_in()
    return Entry(
        id=f"event-{shop.VISIT}",
        subject=shop.VISIT,
        aggregate=f"visit:{shop.VISIT}",
        version=4,
        ordinal=0,
        type=VehicleCheckedIn.TYPE,
        time="2026-03-09T02:00:00Z",
        actor="advisor-1",
        clause="R2",
        correlation=f"c-{shop.VISIT}",
        causation=None,
        data=event.model_dump(mode="json"),
        epoch=1,
        seq=1,
    )
