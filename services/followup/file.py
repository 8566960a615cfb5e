"""F2, F3: the customer file. A visit brings the duty to have it in two working days; with it the next contact is planned."""

from datetime import datetime

from shared.aggregate import Aggregate
from shared.branch import Site
from shared.calendar import add_working_days, end_of_day, local_day, moves
from shared.contracts.event import Event, Fact, Instant
from shared.contracts.followup import (
    ContactPlanned,
    CustomerFileOpened,
    DutyDropped,
    DutyOverdue,
    FileDutyMoved,
    FileDutyOpened,
    VisitAnnounced,
    VisitFiled,
)
from shared.refusal import Refused


class FormalitiesNotDone(Refused):
    clause = "F2"
    title = {"en": "The check-in formalities of this visit are not done.", "zh-CN": "本次来店的接待手续尚未办完。"}
    remedy = {"en": "The file follows the signed work order.", "zh-CN": "任务委托书签字后再建立客户档案。"}


class FileExists(Refused):
    clause = "F2"
    title = {"en": "This visit is in the customer's file already.", "zh-CN": "本次来店已建档。"}
    remedy = {"en": "Plan the contact anew where it changed.", "zh-CN": "如有变化，请重新计划联系。"}


class FileMissing(Refused):
    clause = "F2"
    title = {"en": "There is no customer file for this visit yet.", "zh-CN": "本次来店尚未建立客户档案。"}
    remedy = {"en": "Open the customer file first.", "zh-CN": "请先建立客户档案。"}


class ContactInThePast(Refused):
    clause = "F3"
    title = {"en": "The next contact is planned for a time that is past.", "zh-CN": "计划的联系时间已经过去。"}
    remedy = {"en": "Plan it for a time to come.", "zh-CN": "请计划将来的时间。"}


class ContactPlan(Fact):
    """`need` is the key of a text record."""

    by: str
    need: str
    topics: tuple[str, ...]
    at: Instant


class FileDuty(Aggregate):
    """F2 for one visit, from its check-in on; `since` is when the formalities were done, `filed_by` who opened the file.

    `dropped`: why there will be none.
    """

    COLLECTION = "file_duties"

    customer: str = ""
    vehicle: str = ""
    agent: str = ""
    checked_in_at: datetime | None = None
    since: datetime | None = None
    due_by: datetime | None = None
    filed_by: str | None = None
    dropped: str | None = None
    plan: ContactPlan | None = None
    overdue: bool = False

    def announce(self, customer: str, vehicle: str, agent: str, at: datetime) -> list[Event]:
        return [VisitAnnounced(visit=self.id, customer=customer, vehicle=vehicle, agent=agent, checked_in_at=at)]

    def open(self, since: datetime, site: Site) -> list[Event]:
        """Due two working days after the formalities were done; a duty that stands already, from an unsigned day, stays."""
        if self.due_by:
            return []
        return [
            FileDutyOpened(
                visit=self.id, customer=self.customer, vehicle=self.vehicle, agent=self.agent, due_by=_due_by(since, site), since=since
            )
        ]

    def move(self, site: Site, now: datetime) -> list[Event]:
        """The calendar changed (EDGE_CASES 12). What is late already stays late, and nothing becomes so by it."""
        if not self.due_by or not self.since or self.is_over or self.overdue:
            return []
        due_by = _due_by(self.since, site)
        return [FileDutyMoved(visit=self.id, due_by=due_by)] if moves(self.due_by, due_by, now) else []

    def open_file(self, by: str, need: str, topics: tuple[str, ...], at: datetime, now: datetime) -> list[Event]:
        if not self.due_by:
            raise FormalitiesNotDone(missing=("signed work order",), visit=self.id)
        if self.filed_by:
            raise FileExists(visit=self.id, customer=self.customer)
        opened = CustomerFileOpened(visit=self.id, customer=self.customer, vehicle=self.vehicle, by=by)
        return [opened, self._planned(by, need, topics, at, now)]

    def plan_contact(self, by: str, need: str, topics: tuple[str, ...], at: datetime, now: datetime) -> list[Event]:
        if not self.filed_by:
            raise FileMissing(missing=("customer file",), visit=self.id)
        return [self._planned(by, need, topics, at, now)]

    def _planned(self, by: str, need: str, topics: tuple[str, ...], at: datetime, now: datetime) -> ContactPlanned:
        if at <= now:
            raise ContactInThePast(at=at, now=now)
        return ContactPlanned(visit=self.id, by=by, need=need, topics=tuple(dict.fromkeys(topics)), at=at)

    @property
    def is_over(self) -> bool:
        return bool(self.filed_by or self.dropped)

    @property
    def is_late(self) -> bool:
        """To be escalated (F10): due, not filed, and not escalated yet. The timer knows that the day is over."""
        return bool(self.due_by) and not self.is_over and not self.overdue

    def drop(self, reason: str) -> list[Event]:
        if self.is_over:
            return []
        return [DutyDropped(visit=self.id, duty=f"{self.id}-file", kind="file", customer=self.customer, reason=reason)]

    def escalate(self) -> list[Event]:
        return [DutyOverdue(visit=self.id, duty=f"{self.id}-file", kind="file", level="red")] if self.is_late else []

    def apply(self, event: Event) -> None:
        match event:
            case VisitAnnounced():
                self.customer, self.vehicle, self.agent = event.customer, event.vehicle, event.agent
                self.checked_in_at = event.checked_in_at
            case FileDutyOpened():
                self.due_by, self.since = event.due_by, event.since
            case FileDutyMoved():
                self.due_by = event.due_by
            case CustomerFileOpened():
                self.filed_by = event.by
            case ContactPlanned():
                self.plan = ContactPlan(by=event.by, need=event.need, topics=event.topics, at=event.at)
            case DutyDropped():
                self.dropped = event.reason
            case DutyOverdue():
                self.overdue = True


def _due_by(since: datetime, site: Site) -> datetime:
    return end_of_day(add_working_days(local_day(since, site.zone), site.deadlines.customer_file_working_days, site.days), site.zone)


class CustomerFile(Aggregate):
    """F2: one file a customer, whatever the number of visits and vehicles. Its id is the customer's."""

    COLLECTION = "files"

    visits: tuple[str, ...] = ()
    vehicles: tuple[str, ...] = ()

    def add_visit(self, visit: str, vehicle: str) -> list[Event]:
        return [VisitFiled(customer=self.id, visit=visit, vehicle=vehicle)]

    def apply(self, event: Event) -> None:
        match event:
            case VisitFiled():
                self.visits = (*self.visits, event.visit)
                self.vehicles = tuple(dict.fromkeys((*self.vehicles, *filter(None, (event.vehicle,)))))
