"""A department that reads of parcels: it keeps a shelf for each, and notes what it hears. It stands in the name of delivery.

What makes a parcel cursed is not digestible until `CURE` is set.
"""

from datetime import UTC, datetime
from itertools import count

from fastapi import APIRouter

from shared.aggregate import Aggregate
from shared.contracts.envelope import Envelope
from shared.contracts.event import DepartmentName, EpochStarted, Event
from shared.department import Department
from shared.store import Store
from shared.unit import Unit
from tests.spine.parcels import ParcelHandedOut, ParcelMoved, ParcelPosted

CURE: set[str] = set()


class ParcelWeighed(Event):
    TYPE = "workshop.parcel_weighed.v1"
    parcel: str


class ParcelCursed(Event):
    TYPE = "reception.parcel_cursed.v1"
    parcel: str


class ShelfOpened(Event):
    TYPE = "delivery.shelf_opened.v1"


class ShelfNoted(Event):
    TYPE = "delivery.shelf_noted.v1"
    what: str


class Shelf(Aggregate):
    COLLECTION = "shelves"

    notes: tuple[str, ...] = ()

    def open(self) -> list[Event]:
        return [ShelfOpened()]

    def note(self, what: str) -> list[Event]:
        return [ShelfNoted(what=what)]

    def apply(self, event: Event) -> None:
        if isinstance(event, ShelfNoted):
            self.notes = (*self.notes, event.what)


async def open_shelf(event: ParcelPosted, unit: Unit) -> None:
    await unit.create(Shelf, event.parcel, lambda shelf: shelf.open())


async def note_place(event: ParcelMoved, unit: Unit) -> None:
    await unit.update(Shelf, event.parcel, lambda shelf: shelf.note(event.place))


async def note_weight(event: ParcelWeighed, unit: Unit) -> None:
    await unit.put("weights", event.parcel, {"weighed": True}, subject=event.parcel)
    await unit.update(Shelf, event.parcel, lambda shelf: shelf.note("weighed"))


async def suffer(event: ParcelCursed, unit: Unit) -> None:
    await unit.update(Shelf, event.parcel, lambda shelf: shelf.note("cursed"))
    if event.parcel not in CURE:
        raise RuntimeError("a curse")


async def overflow(event: ParcelHandedOut, unit: Unit) -> None:
    """Not writable: the database takes no key of this kind, and says so only at the end."""
    await unit.put("weights", event.parcel, {"$where": {"\0": 1}}, subject=event.parcel)


SHELVES = Department(
    name="delivery",
    title="Shelves",
    aggregates=(Shelf,),
    router=APIRouter(),
    read_models=("weights",),
    reactions={
        ParcelPosted: (open_shelf,),
        ParcelMoved: (note_place,),
        ParcelWeighed: (note_weight,),
        ParcelCursed: (suffer,),
        ParcelHandedOut: (overflow,),
    },
)


class Sender:
    """Publishes as one partition of a department would: the next number at each event."""

    def __init__(self, store: Store, department: DepartmentName = "reception", *, epoch: int = 1, partition: int = 0) -> None:
        self.site = store.site.id
        self.department = department
        self.epoch = epoch
        self.partition = partition
        self._numbers = count(1)

    def send(self, event: Event, *, subject: str | None = None, id: str | None = None) -> Envelope:
        seq = next(self._numbers)
        return Envelope(
            id=id or f"{self.site}-{self.department}-{self.epoch}-{self.partition}-{seq}",
            source=f"/{self.site}/{self.department}",
            type=event.wire_type(self.department),
            time=datetime(2026, 3, 9, tzinfo=UTC),
            subject=subject or str(getattr(event, "parcel", "nobody")),
            site=self.site,
            department=self.department,
            epoch=self.epoch,
            partition=self.partition,
            seq=seq,
            aggregate="parcel:x",
            version=seq,
            ordinal=0,
            actor="a",
            correlationid=f"c-{seq}",
            data=event.model_dump(mode="json"),
        )

    def post(self, *parcels: str) -> list[Envelope]:
        return [self.send(ParcelPosted(parcel=parcel)) for parcel in parcels]

    def move(self, parcel: str, *places: str) -> list[Envelope]:
        return [self.send(ParcelMoved(parcel=parcel, place=place)) for place in places]

    def epoch_started(self, previous: int, last: int) -> Envelope:
        return self.send(EpochStarted(previous=previous, last={str(self.partition): last}))


async def notes(store: Store, parcel: str) -> list[str]:
    return list((await store.get(Shelf, parcel)).notes)


async def entries(store: Store, subject: str) -> int:
    return await store.collection("journal").count_documents({"subject": subject})
