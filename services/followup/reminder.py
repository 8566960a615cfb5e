"""D8: before the next maintenance is due, the customer is reminded and offered an appointment."""

from datetime import date, datetime, timedelta

from shared.aggregate import Aggregate
from shared.branch import Site
from shared.calendar import local_day
from shared.contracts.event import Event
from shared.contracts.followup import ReminderCame, ReminderScheduled
from shared.contracts.values import NextMaintenance


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
        return not self.came and visit == self.visit

    def come(self, visit: str) -> list[Event]:
        if not self.stands_for(visit):
            return []
        return [ReminderCame(visit=visit, customer=self.customer, vehicle=self.id, agent=self.agent)]

    def apply(self, event: Event) -> None:
        match event:
            case ReminderScheduled():
                for name in ReminderScheduled.model_fields.keys() & Reminder.model_fields.keys():
                    setattr(self, name, getattr(event, name))
                self.came = False
            case ReminderCame():
                self.came = True


def _remind_on(due_on: date, delivered_on: date, site: Site) -> date:
    """The site's days before, but not before the day after the delivery, and never after it is due."""
    wanted = due_on - timedelta(days=site.deadlines.maintenance_reminder_days_before)
    return min(due_on, max(wanted, delivered_on + timedelta(days=1)))
