"""D8, A1: an appointment that a customer wants, asked for by a maintenance reminder: open until a receptionist books it."""

from datetime import date
from typing import ClassVar

from shared.aggregate import Aggregate
from shared.contracts.event import Event
from shared.contracts.followup import ReminderAnswered
from shared.contracts.reception import AppointmentWishClosed, AppointmentWished
from shared.refusal import Refused


class NotTheirWish(Refused):
    clause = "D8"
    title = {"en": "The reminder was of another vehicle.", "zh-CN": "该提醒属于另一辆车。"}
    remedy = {
        "en": "Book it without the reminder, or for the vehicle that was reminded.",
        "zh-CN": "请不引用提醒预约，或为被提醒的车辆预约。",
    }


class WishIsOver(Refused):
    clause = "D8"
    title = {
        "en": "The reminder was answered with an appointment already, or it is not wanted any more.",
        "zh-CN": "该提醒已预约或客户已不需要。",
    }
    remedy = {"en": "Move the appointment that stands, or book without the reminder.", "zh-CN": "请改约已有预约，或不引用提醒预约。"}


class Wish(Aggregate):
    """The id is the visit at whose delivery the maintenance was planned: that of the reminder."""

    COLLECTION: ClassVar[str] = "wishes"

    customer: str = ""
    vehicle: str = ""
    due_on: date | None = None
    wish: str | None = None
    outcome: str | None = None
    appointment: str | None = None

    @property
    def subject(self) -> str:
        return self.id

    def open(self, answered: ReminderAnswered) -> list[Event]:
        if self.exists:
            return []
        return [
            AppointmentWished(
                visit=self.id, customer=answered.customer, vehicle=answered.vehicle, due_on=answered.due_on, wish=answered.wish
            )
        ]

    def book(self, appointment: str, vehicle: str, by: str, read_as: str | None = None) -> list[Event]:
        """The appointment of the vehicle that was reminded, by whichever of its files; booking closes the wish."""
        self._must_be_open()
        if vehicle not in (self.vehicle, read_as):
            raise NotTheirWish(visit=self.id)
        return [AppointmentWishClosed(visit=self.id, outcome="booked", appointment=appointment, by=by)]

    def withdraw(self, by: str) -> list[Event]:
        self._must_be_open()
        return [AppointmentWishClosed(visit=self.id, outcome="withdrawn", by=by)]

    def _must_be_open(self) -> None:
        if self.outcome:
            raise WishIsOver(visit=self.id, appointment=self.appointment)

    def apply(self, event: Event) -> None:
        match event:
            case AppointmentWished():
                self.customer, self.vehicle, self.due_on, self.wish = event.customer, event.vehicle, event.due_on, event.wish
            case AppointmentWishClosed():
                self.outcome, self.appointment = event.outcome, event.appointment
