"""A1, A2, A3: an appointment from its booking to the arrival: reminded, confirmed, moved, cancelled, prepared, kept or not."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import ClassVar

from services.reception.opening import last_open_day_at
from shared.aggregate import Aggregate
from shared.branch import Branch
from shared.contracts.event import Event, Instant
from shared.contracts.reception import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentConfirmed,
    AppointmentKept,
    AppointmentMoved,
    AppointmentPrepared,
    AppointmentReminded,
    CustomerDidNotCome,
)
from shared.contracts.values import Channel
from shared.refusal import Refused

PHONE_SCRIPT = (
    {"zh-CN": "您好，这里是{branch}，我是{name}，很高兴为您服务。", "en": "Hello, this is {branch}, my name is {name}."},
    {"zh-CN": "请问怎么称呼您？您的联系电话是？", "en": "May I have your name, and your number?"},
    {"zh-CN": "请问您的车牌号和车型？行驶了多少公里？", "en": "What is the plate, which model is it, and what does the odometer say?"},
    {"zh-CN": "您这次来主要想做什么？车辆有什么现象？", "en": "What would you like done? What do you notice about the car?"},
    {"zh-CN": "您希望哪天、几点到店？该时段可以／最近的空档是…", "en": "Which day and hour suits you? That is free / the nearest are …"},
    {"zh-CN": "您希望由哪位服务顾问接待？", "en": "Which advisor would you like?"},
    {
        "zh-CN": "届时请带上行驶证和保养手册；我们会在前一天提醒您。",
        "en": "Please bring licence and booklet; we remind you a day before.",
    },
    {"zh-CN": "我重复一遍您的预约：… 谢谢，再见。", "en": "Let me repeat your appointment: … Thank you, good-bye."},
)
"""A1: what is asked on the telephone, in its order."""


class AppointmentExists(Refused):
    clause = "A1"
    title = {"en": "This appointment is booked already.", "zh-CN": "该预约已存在。"}
    remedy = {"en": "Book another one.", "zh-CN": "请另建预约。"}


class AppointmentEnded(Refused):
    clause = "A2"
    title = {"en": "The appointment is over: kept, cancelled, or its day has passed.", "zh-CN": "预约已结束：已到店、已取消或已过期。"}
    remedy = {"en": "Book a new appointment.", "zh-CN": "请另建预约。"}


class AppointmentWasCancelled(Refused):
    clause = "A2"
    title = {"en": "The appointment was cancelled.", "zh-CN": "该预约已取消。"}
    remedy = {"en": "Record the arrival as one without an appointment.", "zh-CN": "请按未预约到店登记。"}


class Appointment(Aggregate):
    """The id is that of the visit to come. `wish` is the key of a text record."""

    COLLECTION: ClassVar[str] = "appointments"

    customer: str | None = None
    vehicle: str | None = None
    advisor: str | None = None
    channel: Channel | None = None
    day: date | None = None
    arrives_at: Instant | None = None
    wish: str | None = None
    operations: tuple[str, ...] = ()
    no_shows: tuple[date, ...] = ()
    answers: str | None = None
    reminded: bool = False
    confirmed_by: Channel | None = None
    prepared: tuple[str, ...] = ()
    moved: int = 0
    cancelled: bool = False
    kept: bool = False
    not_come: bool = False

    @property
    def stands(self) -> bool:
        return self.exists and not (self.cancelled or self.kept or self.not_come)

    def book(self, booked: AppointmentBooked) -> list[Event]:
        """A1: the slot itself is taken in the day's `SlotDay`, in the same transaction."""
        if self.exists:
            raise AppointmentExists(visit=self.id)
        return [booked]

    # A2

    def remind(self) -> list[Event]:
        """The day before, by itself."""
        if not self.stands or self.reminded or self.day is None:
            return []
        return [AppointmentReminded(visit=self.id, day=self.day)]

    def confirm(self, channel: Channel, by: str) -> list[Event]:
        self._standing()
        return [AppointmentConfirmed(visit=self.id, channel=channel, by=by)]

    def move(self, day: date, arrives_at: datetime, channel: Channel, by: str) -> list[Event]:
        """To a slot that was taken in the same transaction."""
        self._standing()
        return [AppointmentMoved(visit=self.id, day=day, arrives_at=arrives_at, channel=channel, by=by)]

    def cancel(self, channel: Channel, reason: str | None, by: str) -> list[Event]:
        self._standing()
        return [AppointmentCancelled(visit=self.id, channel=channel, reason=reason, by=by)]

    def miss(self) -> list[Event]:
        """The branch has closed on the day and nobody came."""
        if not self.stands or self.day is None or self.customer is None:
            return []
        return [CustomerDidNotCome(visit=self.id, customer=self.customer, day=self.day)]

    # A3

    def prepare(self, things: Sequence[str], by: str) -> list[Event]:
        self._standing()
        return [AppointmentPrepared(visit=self.id, things=tuple(things), by=by)]

    # R1

    def keep(self) -> list[Event]:
        """Also by a customer who comes on another day; `AppointmentWasCancelled` where it was."""
        if self.cancelled:
            raise AppointmentWasCancelled(visit=self.id)
        return [] if self.kept else [AppointmentKept(visit=self.id)]

    def _standing(self) -> None:
        if not self.stands:
            raise AppointmentEnded(visit=self.id)

    def apply(self, event: Event) -> None:
        match event:
            case AppointmentBooked():
                for name in ("customer", "vehicle", "advisor", "channel", "day", "arrives_at", "wish", "operations", "no_shows", "answers"):
                    setattr(self, name, getattr(event, name))
            case AppointmentReminded():
                self.reminded = True
            case AppointmentConfirmed():
                self.confirmed_by = event.channel
            case AppointmentMoved():
                self.day, self.arrives_at, self.moved = event.day, event.arrives_at, self.moved + 1
                self.reminded, self.confirmed_by = False, None
            case AppointmentCancelled():
                self.cancelled = True
            case CustomerDidNotCome():
                self.not_come = True
            case AppointmentPrepared():
                self.prepared = tuple(dict.fromkeys((*self.prepared, *event.things)))
            case AppointmentKept():
                self.kept = True


def reminder_at(day: date, branch: Branch) -> datetime:
    """A2: the day before, at the site's time; where the branch is closed then, the last day before on which somebody is there to remind."""
    before = datetime.combine(day - timedelta(days=1), time.max, branch.site.zone)
    hour = branch.site.deadlines.appointment_reminder_at
    return datetime.combine(last_open_day_at(hour, branch, before), hour, branch.site.zone)


def missed_at(day: date, branch: Branch) -> datetime:
    """A2: when the branch closes on the day."""
    return datetime.combine(day, branch.site.shop.closes, branch.site.zone)
