"""F4, F5: a demand or wish from a call is an entry of its own, with an owner, until the customer is answered."""

from datetime import datetime

from shared.aggregate import Aggregate
from shared.branch import Site
from shared.calendar import add_working_days, end_of_day, local_day
from shared.contracts.event import Event
from shared.contracts.followup import DutyOverdue, EntryClosed, EntryOpened
from shared.refusal import Refused


class EntryIsClosed(Refused):
    clause = "F5"
    title = {"en": "This entry is answered and closed.", "zh-CN": "该事项已答复并结束。"}
    remedy = {"en": "Record what is new on the next call.", "zh-CN": "新的内容请在下次通话中记录。"}


class Entry(Aggregate):
    """One demand or wish. `words` and `answer` are keys of text records."""

    COLLECTION = "entries"

    kind: str = ""
    customer: str = ""
    visit: str | None = None
    words: str = ""
    owner: str = ""
    answer_by: datetime | None = None
    closed_by: str | None = None
    answer: str | None = None
    overdue: bool = False

    @property
    def subject(self) -> str:
        return self.visit or self.customer or self.id

    def open(self, kind: str, customer: str, visit: str, words: str, owner: str, site: Site, now: datetime) -> list[Event]:
        last_day = add_working_days(local_day(now, site.zone), site.deadlines.entry_answer_working_days, site.days)
        answer_by = end_of_day(last_day, site.zone)
        return [EntryOpened(entry=self.id, kind=kind, customer=customer, visit=visit, words=words, owner=owner, answer_by=answer_by)]

    def close(self, by: str, answer: str) -> list[Event]:
        if self.closed_by:
            raise EntryIsClosed(entry=self.id)
        return [EntryClosed(entry=self.id, visit=self.visit, by=by, answer=answer)]

    @property
    def is_late(self) -> bool:
        return not self.closed_by and not self.overdue

    def escalate(self) -> list[Event]:
        """F5, F10: what could not be answered goes to the business supervisor."""
        return [DutyOverdue(visit=self.visit or "", duty=self.id, kind="entry", level="red")] if self.is_late else []

    def apply(self, event: Event) -> None:
        match event:
            case EntryOpened():
                for name in EntryOpened.model_fields.keys() & Entry.model_fields.keys():
                    setattr(self, name, getattr(event, name))
            case EntryClosed():
                self.closed_by, self.answer = event.by, event.answer
            case DutyOverdue():
                self.overdue = True
