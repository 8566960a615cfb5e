"""F4, F5: a demand or wish from a call is an entry of its own, with an owner: reported, decided, until the customer is answered."""

from datetime import date, datetime

from services.followup.complaint import DecisionInThePast
from shared.aggregate import Aggregate
from shared.branch import Site
from shared.calendar import add_working_days, end_of_day, local_day
from shared.contracts.event import Event
from shared.contracts.followup import DeadlineMoved, DutyOverdue, EntryClosed, EntryDecided, EntryOpened, EntryReported
from shared.refusal import Refused


class EntryIsClosed(Refused):
    clause = "F5"
    title = {"en": "This entry is answered and closed.", "zh-CN": "该事项已答复并结束。"}
    remedy = {"en": "Record what is new on the next call.", "zh-CN": "新的内容请在下次通话中记录。"}


class EntryReportedAlready(Refused):
    clause = "F5"
    title = {"en": "The business supervisor knows of it already.", "zh-CN": "已上报业务主管。"}
    remedy = {"en": "Wait for the decision, or answer the customer.", "zh-CN": "请等待决定，或直接答复客户。"}


class EntryNotReported(Refused):
    clause = "F5"
    title = {"en": "The entry was not reported: there is nothing to decide.", "zh-CN": "事项尚未上报，无需决定。"}
    remedy = {"en": "Report it first, with the reason why it is unanswered.", "zh-CN": "请先说明未答复原因并上报。"}


class Entry(Aggregate):
    """One demand or wish. `words`, `reason`, `decision` and `answer` are keys of text records.

    `overdue`: not answered in its days; `decision_overdue`: not by the date of the decision that holds.
    """

    COLLECTION = "entries"

    kind: str = ""
    customer: str = ""
    visit: str | None = None
    words: str = ""
    owner: str = ""
    answer_by: datetime | None = None
    since: datetime | None = None
    reported: bool = False
    reported_by: str | None = None
    reason: str | None = None
    decision: str | None = None
    due_on: date | None = None
    closed_by: str | None = None
    answer: str | None = None
    overdue: bool = False
    decision_overdue: bool = False

    @property
    def subject(self) -> str:
        return self.visit or self.customer or self.id

    def open(self, kind: str, customer: str, visit: str, words: str, owner: str, site: Site, now: datetime) -> list[Event]:
        opened = EntryOpened(
            entry=self.id, kind=kind, customer=customer, visit=visit, words=words, owner=owner, answer_by=_answer_by(now, site), since=now
        )
        return [opened]

    def move(self, site: Site, now: datetime) -> list[Event]:
        """The calendar changed (EDGE_CASES 12). What is late already stays late, and nothing becomes so by it."""
        if self.closed_by or self.overdue or not self.since or not self.answer_by or self.answer_by <= now:
            return []
        due_by = _answer_by(self.since, site)
        return [DeadlineMoved(duty=self.id, kind="entry", due_by=due_by)] if due_by != self.answer_by and due_by > now else []

    def report(self, by: str, reason: str | None, *, itself: bool = False) -> list[Event]:
        """Unanswered: the business supervisor is told, by the owner, or by itself on the last day."""
        self._is_open()
        if self.reported:
            raise EntryReportedAlready(entry=self.id)
        return [EntryReported(entry=self.id, visit=self.visit, by=by, reason=reason, itself=itself)]

    def decide(self, supervisor: str, decision: str, due_on: date, today: date) -> list[Event]:
        self._is_open()
        if not self.reported:
            raise EntryNotReported(missing=("report",), entry=self.id)
        if due_on < today:
            raise DecisionInThePast(due_on=due_on, today=today)
        return [EntryDecided(entry=self.id, visit=self.visit, supervisor=supervisor, decision=decision, due_on=due_on)]

    def close(self, by: str, answer: str) -> list[Event]:
        self._is_open()
        return [EntryClosed(entry=self.id, visit=self.visit, by=by, answer=answer)]

    @property
    def is_late(self) -> bool:
        return not self.closed_by and not self.overdue

    def escalate(self) -> list[Event]:
        """F5, F10: what could not be answered goes to the business supervisor."""
        return [DutyOverdue(visit=self.visit or "", duty=self.id, kind="entry", level="red")] if self.is_late else []

    @property
    def is_decided_and_late(self) -> bool:
        return not self.closed_by and self.due_on is not None and not self.decision_overdue

    def escalate_decision(self) -> list[Event]:
        if not self.is_decided_and_late:
            return []
        return [DutyOverdue(visit=self.visit or "", duty=self.id, kind="entry_decision", level="red")]

    def _is_open(self) -> None:
        if self.closed_by:
            raise EntryIsClosed(entry=self.id)

    def apply(self, event: Event) -> None:
        match event:
            case EntryOpened():
                for name in EntryOpened.model_fields.keys() & Entry.model_fields.keys():
                    setattr(self, name, getattr(event, name))
            case DeadlineMoved():
                self.answer_by = event.due_by
            case EntryReported():
                self.reported, self.reported_by, self.reason = True, event.by, event.reason
            case EntryDecided():
                self.decision, self.due_on, self.decision_overdue = event.decision, event.due_on, False
            case EntryClosed():
                self.closed_by, self.answer = event.by, event.answer
            case DutyOverdue(kind="entry_decision"):
                self.decision_overdue = True
            case DutyOverdue():
                self.overdue = True


def _answer_by(since: datetime, site: Site) -> datetime:
    last_day = add_working_days(local_day(since, site.zone), site.deadlines.entry_answer_working_days, site.days)
    return end_of_day(last_day, site.zone)
