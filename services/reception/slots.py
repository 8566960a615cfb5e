"""A1: a day's arrival slots, with a capacity in number and in labour hours per skill."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import ClassVar

from shared.aggregate import Aggregate
from shared.branch import Branch
from shared.contracts.event import Event, Fact
from shared.contracts.reception import SlotFreed, SlotTaken
from shared.refusal import Refused

Hours = Mapping[str, Decimal]


class SlotNotOffered(Refused):
    clause = "A1"
    title = {"en": "There is no such arrival slot.", "zh-CN": "该预约时段不存在。"}
    remedy = {"en": "Choose a coming slot in opening hours.", "zh-CN": "请选择营业时间内尚未过去的时段。"}


class SlotFull(Refused):
    clause = "A1"
    title = {"en": "The slot is full.", "zh-CN": "该预约时段已满。"}
    remedy = {"en": "Offer one of the nearest free slots.", "zh-CN": "请向客户提供最近的空闲时段。"}


class PlaceAlreadyHeld(Refused):
    clause = "A1"
    title = {"en": "The visit has a place that day already.", "zh-CN": "该次来访当天已有预约。"}
    remedy = {"en": "Move the appointment in place of booking a second one.", "zh-CN": "请改约，不要重复预约。"}


class Place(Fact):
    slot: time
    hours_by_skill: Hours = {}


class SlotDay(Aggregate):
    """The slots of one day, `slots-2026-03-09`.

    A slot has `slot_capacity` places. Labour: what arrives at a slot or later must fit the technicians of its skill until the
    branch closes, so a late slot takes a small job where it no longer takes a big one. (A technician of several skills
    counts for each of them: the real load is judged again when completion is promised, R10.)
    """

    COLLECTION: ClassVar[str] = "slot_days"

    places: dict[str, Place] = {}

    @property
    def day(self) -> date:
        return date.fromisoformat(self.id.removeprefix("slots-"))

    def take(self, visit: str, slot: time, hours: Hours, branch: Branch, now: datetime, nearest: Sequence[datetime] = ()) -> list[Event]:
        """A1: `nearest` are the free slots to offer instead, for the refusal. Raises `SlotNotOffered`, `SlotFull`."""
        if visit in self.places:
            raise PlaceAlreadyHeld(visit=visit)
        if slot not in slots_of(self.day, branch) or not self._is_bookable(slot, branch, now):
            raise SlotNotOffered(day=self.day.isoformat(), slot=f"{slot:%H:%M}")
        if not self.has_room(slot, hours, branch):
            offers = [{"day": f"{free:%Y-%m-%d}", "slot": f"{free:%H:%M}"} for free in nearest]
            raise SlotFull(day=self.day.isoformat(), slot=f"{slot:%H:%M}", nearest=offers)
        return [SlotTaken(day=self.day, slot=slot, visit=visit, hours_by_skill=hours)]

    def free(self, visit: str) -> list[Event]:
        """A2: moved, cancelled or not shown up."""
        if visit not in self.places:
            return []
        return [SlotFreed(day=self.day, slot=self.places[visit].slot, visit=visit)]

    def has_room(self, slot: time, hours: Hours, branch: Branch) -> bool:
        if self.taken(slot) >= branch.site.shop.slot_capacity:
            return False
        return all(wanted <= self.room_for(skill, slot, branch) for skill, wanted in hours.items())

    def room_for(self, skill: str, slot: time, branch: Branch) -> Decimal:
        """Labour hours of `skill` that a new arrival may bring: it also presses on every earlier slot, worked off until closing too."""
        return min(self.hours_left(skill, each, branch) for each in {slot, *slots_of(self.day, branch)} if each <= slot)

    def taken(self, slot: time) -> int:
        return sum(place.slot == slot for place in self.places.values())

    def hours_left(self, skill: str, slot: time, branch: Branch) -> Decimal:
        """Labour hours of `skill` that may still be booked to arrive at `slot` or later."""
        closes = branch.site.shop.closes
        until_closing = Decimal((closes.hour - slot.hour) * 60 + closes.minute - slot.minute) / 60
        booked = sum((place.hours_by_skill.get(skill, Decimal(0)) for place in self.places.values() if place.slot >= slot), Decimal(0))
        return technicians(skill, branch) * until_closing - booked

    def free_slots(self, hours: Hours, branch: Branch, now: datetime) -> list[time]:
        coming = (slot for slot in slots_of(self.day, branch) if self._is_bookable(slot, branch, now))
        return [slot for slot in coming if self.has_room(slot, hours, branch)]

    def _is_bookable(self, slot: time, branch: Branch, now: datetime) -> bool:
        last = now + timedelta(days=branch.site.shop.bookable_days_ahead)
        return now <= moment(self.day, slot, branch) <= last

    def apply(self, event: Event) -> None:
        match event:
            case SlotTaken():
                self.places[event.visit] = Place(slot=event.slot, hours_by_skill=event.hours_by_skill)
            case SlotFreed():
                self.places.pop(event.visit, None)


def slot_day_id(day: date) -> str:
    return f"slots-{day.isoformat()}"


def slots_of(day: date, branch: Branch) -> Sequence[time]:
    return tuple(_slots_of(day, branch))


def _slots_of(day: date, branch: Branch) -> Iterator[time]:
    shop = branch.site.shop
    if day.weekday() not in shop.open_days:
        return
    slot = datetime.combine(day, shop.opens)
    while slot < datetime.combine(day, shop.closes):
        yield slot.time()
        slot += timedelta(minutes=shop.slot_minutes)


def moment(day: date, slot: time, branch: Branch) -> datetime:
    """The slot's beginning as a moment, in the site's time zone."""
    return datetime.combine(day, slot, branch.site.zone)


def hours_by_skill(operations: Sequence[str], branch: Branch) -> dict[str, Decimal]:
    """The standard hours per skill of these operations of the branch's catalogue."""
    hours: dict[str, Decimal] = {}
    for code in operations:
        operation = branch.operations[code]
        hours[operation.skill] = hours.get(operation.skill, Decimal(0)) + operation.hours
    return hours


def technicians(skill: str, branch: Branch) -> int:
    return sum(skill in person.skills for person in branch.people("technician"))


def nearest_free(days: Sequence[tuple[SlotDay, Branch]], wanted: datetime, hours: Hours, now: datetime, count: int) -> list[datetime]:
    """A1: of these days, each with the branch as attended then, the free slots nearest to the wanted one, the earlier first of two."""
    free = (moment(day.day, slot, there) for day, there in days for slot in day.free_slots(hours, there, now))
    return sorted(free, key=lambda slot: (abs(slot - wanted), slot))[:count]
