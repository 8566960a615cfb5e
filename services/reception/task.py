"""W6, W7, W8, R5, R6: what the advisor has to take to the customer, each with its time."""

from datetime import date, datetime, timedelta
from typing import ClassVar

from shared.aggregate import Aggregate
from shared.branch import OPENING, Branch
from shared.calendar import add_working_days, add_working_time, end_of_day, local_day, moves
from shared.contracts.event import Event, Instant, VisitEvent
from shared.contracts.reception import AdvisorTaskDone, AdvisorTaskMoved, AdvisorTaskOpened, AdvisorTaskOverdue
from shared.refusal import Refused

KINDS = ("change", "finding", "progress", "belongings", "ruling", "delay_warning")


class TaskAlreadyDone(Refused):
    clause = "W7"
    title = {"en": "The customer was asked and has answered this already.", "zh-CN": "该事项已告知客户并得到答复。"}
    remedy = {"en": "Nothing more is to be done about it.", "zh-CN": "无需再次办理。"}


class AdvisorTask(Aggregate):
    """`task-of-VISIT-ABOUT`; `about` is the workshop's id of what it found, reported or asked for, or the item to be ruled."""

    COLLECTION: ClassVar[str] = "advisor_tasks"

    visit: str = ""
    kind: str = ""
    about: str = ""
    advisor: str = ""
    since: Instant | None = None
    due_by: Instant | None = None
    operation: str | None = None
    item: str | None = None
    progress: str | None = None
    minutes: int = 0
    expected_on: date | None = None
    note: str | None = None
    safety: bool = False
    overdue: bool = False
    done_by: str | None = None

    @property
    def subject(self) -> str:
        return self.visit or self.id

    @property
    def open(self) -> bool:
        return self.exists and self.done_by is None

    def begin(self, opened: AdvisorTaskOpened) -> list[Event]:
        return [] if self.exists else [opened]

    def finish(self, by: str, said: VisitEvent | None = None) -> list[Event]:
        """`said` is the customer's answer, where it is about nothing else (W6). Raises `TaskAlreadyDone`."""
        self.must_be_open()
        return [*([said] if said else []), AdvisorTaskDone(visit=self.visit, task=self.id, by=by)]

    def must_be_open(self) -> None:
        if not self.open:
            raise TaskAlreadyDone(visit=self.visit, about=self.about, done_by=self.done_by)

    def move(self, branch: Branch, now: datetime) -> list[Event]:
        """Calendar or opening hours changed (EDGE_CASES 12). What is late already stays late, and nothing becomes so by it."""
        if not self.open or self.overdue or self.due_by is None or self.since is None:
            return []
        anew = due_by(self.kind, branch, self.since)
        return [AdvisorTaskMoved(visit=self.visit, task=self.id, kind=self.kind, due_by=anew)] if moves(self.due_by, anew, now) else []

    def become_overdue(self) -> list[Event]:
        if not self.open or self.overdue or self.due_by is None:
            return []
        return [AdvisorTaskOverdue(visit=self.visit, task=self.id, kind=self.kind, advisor=self.advisor, due_by=self.due_by)]

    def apply(self, event: Event) -> None:
        match event:
            case AdvisorTaskOpened():
                self.visit, self.kind, self.about, self.advisor, self.due_by = (
                    event.visit,
                    event.kind,
                    event.about,
                    event.advisor,
                    event.due_by,
                )
                self.operation, self.item, self.note, self.safety = event.operation, event.item, event.note, event.safety
                self.progress, self.minutes, self.expected_on = event.progress, event.minutes, event.expected_on
                self.since = event.since
            case AdvisorTaskMoved():
                self.due_by = event.due_by
            case AdvisorTaskDone():
                self.done_by = event.by
            case AdvisorTaskOverdue():
                self.overdue = True


def task_id(visit: str, about: str) -> str:
    return f"task-of-{visit}-{about}"


def counts(kind: str, setting: str) -> bool:
    """Whether its time is counted by that setting: working days by the calendar, minutes by the opening hours."""
    return setting.startswith("calendar.") if kind == "ruling" else setting in OPENING


def due_by(kind: str, branch: Branch, now: datetime) -> datetime:
    """The customer is reached within minutes of opening time; the manufacturer has working days for its ruling (R5)."""
    site = branch.site
    if kind == "ruling":
        last = add_working_days(local_day(now, site.zone), site.deadlines.ruling_working_days, site.days)
        return end_of_day(last, site.zone)
    return add_working_time(now, timedelta(minutes=site.deadlines.advisor_task_minutes), site)
