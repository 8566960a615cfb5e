"""A department for tests of the spine: parcels that are posted, moved and handed out. It stands in the name of reception."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from fastapi import APIRouter

from shared.aggregate import Aggregate
from shared.contracts.event import Event
from shared.department import Department
from shared.refusal import Refused


class ParcelPosted(Event):
    TYPE = "reception.parcel_posted.v1"
    CLAUSE = "R1"
    parcel: str


class ParcelMoved(Event):
    TYPE = "reception.parcel_moved.v1"
    parcel: str
    place: str


class ParcelHandedOut(Event):
    TYPE = "reception.parcel_handed_out.v1"
    parcel: str


class HandedOutAlready(Refused):
    clause = "R1"
    title = {"en": "The parcel is gone.", "zh-CN": "包裹已取走。"}
    remedy = {"en": "Ask who has it.", "zh-CN": "请查询领取人。"}


class Parcel(Aggregate):
    COLLECTION = "parcels"

    place: str = ""
    moves: int = 0
    gone: bool = False

    def post(self) -> list[Event]:
        return [ParcelPosted(parcel=self.id)]

    def move(self, place: str) -> list[Event]:
        if self.gone:
            raise HandedOutAlready(parcel=self.id)
        return [ParcelMoved(parcel=self.id, place=place)]

    def hand_out(self) -> list[Event]:
        if self.gone:
            raise HandedOutAlready(parcel=self.id)
        return [ParcelMoved(parcel=self.id, place="counter"), ParcelHandedOut(parcel=self.id)]

    def apply(self, event: Event) -> None:
        match event:
            case ParcelPosted():
                self.place = "post office"
            case ParcelMoved():
                self.place, self.moves = event.place, self.moves + 1
            case ParcelHandedOut():
                self.gone = True


class SteppedClock:
    """Business time that stands still until it is stepped."""

    def __init__(self, start: datetime = datetime(2026, 3, 9, 0, 30, tzinfo=UTC)) -> None:
        self.present = start

    def now(self) -> datetime:
        return self.present

    def step(self, **by: float) -> None:
        self.present += timedelta(**by)


def posted(parcel: Parcel) -> Sequence[Event]:
    return parcel.post()


PARCELS = Department(name="reception", title="Parcels", aggregates=(Parcel,), router=APIRouter(), read_models=("places",))
