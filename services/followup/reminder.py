"""D8: before the next maintenance is due, the customer is reminded and offered an appointment."""

from datetime import date, datetime, timedelta

from shared.aggregate import Aggregate
from shared.branch import Site
from shared.calendar import local_day
from shared.contracts.event import Event
from shared.contracts.followup import DutyOverdue, ReminderAnswered, ReminderBooked, ReminderCame, ReminderEnded, ReminderScheduled
from shared.contracts.values import NextMaintenance
from shared.refusal import Refused


class NotRemindedYet(Refused):
    clause = "D8"
    title = {"en": "The day of this reminder has not come.", "zh-CN": "尚未到保养提醒日期。"}
    remedy = {"en": "Remind the customer from that day on.", "zh-CN": "请在提醒日期之后联系客户。"}


class ReminderIsOver(Refused):
    clause = "D8"
    title = {"en": "This reminder was answered, or it ended.", "zh-CN": "该提醒已答复或已结束。"}
    remedy = {"en": "The next delivery brings the next reminder.", "zh-CN": "下次交车后会有新的提醒。"}


class Reminder(Aggregate):
    """One a vehicle, whose id it has: a later delivery takes the place of the one before. `came` when the agent was told."""

    COLLECTION = "reminders"

    visit: str = ""
    customer: str = ""
    agent: str = ""
    delivered_at: datetime | None = None
    remind_on: date | None = None
    due_on: date | None = None
    odometer_km: int = 0
    came: bool = False
    wants_appointment: bool | None = None
    wish: str | None = None
    channel: str | None = None
    ended: str | None = None
    appointment: str | None = None
    overdue: bool = False

    @property
    def subject(self) -> str:
        return self.visit or self.id

    def schedule(self, visit: str, customer: str, agent: str, delivered_at: datetime, due: NextMaintenance, site: Site) -> list[Event]:
        if self.delivered_at and delivered_at < self.delivered_at:
            return []
        return [
            ReminderScheduled(
                visit=visit,
                customer=customer,
                vehicle=self.id,
                remind_on=_remind_on(due.due_on, local_day(delivered_at, site.zone), site),
                due_on=due.due_on,
                odometer_km=due.odometer_km,
                delivered_at=delivered_at,
                agent=agent,
            )
        ]

    def stands_for(self, visit: str) -> bool:
        """It did not come yet, and no later delivery has taken its place."""
        return not self.came and not self.ended and visit == self.visit

    def is_later_than(self, other: "Reminder") -> bool:
        """R7: of two files of one car, the later delivery's reminder takes the place of the other."""
        if self.delivered_at is None or other.delivered_at is None:
            return False
        return (self.delivered_at, self.id) > (other.delivered_at, other.id)

    def come(self, visit: str) -> list[Event]:
        if not self.stands_for(visit):
            return []
        return [ReminderCame(visit=visit, customer=self.customer, vehicle=self.id, agent=self.agent)]

    def answer(self, agent: str, wish: str | None, call: str | None, channel: str, *, wants_appointment: bool) -> list[Event]:
        """The offer of an appointment was made, and the customer said yes or no. `call`: where it was by phone."""
        if self.ended or self.wants_appointment is not None:
            raise ReminderIsOver(vehicle=self.id)
        if not self.came:
            raise NotRemindedYet(vehicle=self.id, remind_on=self.remind_on)
        assert self.due_on
        return [
            ReminderAnswered(
                visit=self.visit,
                customer=self.customer,
                vehicle=self.id,
                agent=agent,
                wants_appointment=wants_appointment,
                wish=wish,
                due_on=self.due_on,
                call=call,
                channel=channel,
            )
        ]

    @property
    def is_late(self) -> bool:
        """F10: told to the agent, and the customer not asked. The timer knows that the maintenance is due."""
        return self.came and self.wants_appointment is None and not self.ended and not self.overdue

    def escalate(self) -> list[Event]:
        return [DutyOverdue(visit=self.visit, duty=f"{self.visit}-reminder", kind="reminder", level="red")] if self.is_late else []

    def note_booking(self, appointment: str) -> list[Event]:
        return [] if self.appointment == appointment else [ReminderBooked(visit=self.visit, vehicle=self.id, appointment=appointment)]

    def end(self, by: str, reason: str) -> list[Event]:
        """EDGE_CASES 15: a former owner is reminded of nothing; the next owner's delivery begins anew."""
        if self.ended:
            raise ReminderIsOver(vehicle=self.id)
        return [ReminderEnded(visit=self.visit, customer=self.customer, vehicle=self.id, by=by, reason=reason)]

    def apply(self, event: Event) -> None:
        match event:
            case ReminderScheduled():
                for name in ReminderScheduled.model_fields.keys() & Reminder.model_fields.keys():
                    setattr(self, name, getattr(event, name))
                self.came, self.wants_appointment, self.wish, self.channel, self.ended, self.appointment = (
                    False,
                    None,
                    None,
                    None,
                    None,
                    None,
                )
                self.overdue = False
            case ReminderCame():
                self.came = True
            case ReminderAnswered():
                self.wants_appointment, self.wish, self.channel = event.wants_appointment, event.wish, event.channel
            case ReminderBooked():
                self.appointment = event.appointment
            case ReminderEnded():
                self.ended = event.reason
            case DutyOverdue():
                self.overdue = True


def _remind_on(due_on: date, delivered_on: date, site: Site) -> date:
    """The site's days before, but not before the day after the delivery, and never after it is due."""
    wanted = due_on - timedelta(days=site.deadlines.maintenance_reminder_days_before)
    return min(due_on, max(wanted, delivered_on + timedelta(days=1)))
