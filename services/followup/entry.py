"""F4, F5: a demand or wish from a call is an entry of its own, with an owner: reported, decided, until the customer is answered."""

from datetime import datetime

from services.followup.unsolved import Unsolved
from shared.branch import Site
from shared.calendar import add_working_days, end_of_day, local_day, moves
from shared.contracts.event import Event
from shared.contracts.followup import DeadlineMoved, DutyDropped, EntryClosed, EntryDecided, EntryHandedOver, EntryOpened, EntryReported
from shared.contracts.values import Channel
from shared.refusal import Refused


class EntryIsClosed(Refused):
    clause = "F5"
    title = {
        "en": "This entry is over.",
        "zh-CN": "该事项已结束。",
    }
    remedy = {"en": "Record what is new on the next call.", "zh-CN": "新的内容请在下次通话中记录。"}


class Entry(Unsolved):
    """One demand or wish, until the customer is answered; `answer` is the key of a text record. `dropped`: why nobody will be.

    `channel`, `call` and `letter` are how the customer was answered, and what that is in the registers.
    """

    COLLECTION = "entries"
    NAME = "entry"
    REPORTED = EntryReported
    DECIDED = EntryDecided
    HANDED_OVER = EntryHandedOver
    LATE = {"answer": "entry", "decision": "entry_decision"}

    kind: str = ""
    answer_by: datetime | None = None
    closed_by: str | None = None
    answer: str | None = None
    channel: Channel | None = None
    call: str | None = None
    letter: str | None = None
    dropped: str | None = None

    def open(self, kind: str, customer: str, visit: str, words: str, owner: str, site: Site, now: datetime) -> list[Event]:
        opened = EntryOpened(
            entry=self.id, kind=kind, customer=customer, visit=visit, words=words, owner=owner, answer_by=_answer_by(now, site), since=now
        )
        return [opened]

    def move(self, site: Site, now: datetime) -> list[Event]:
        """The calendar changed (EDGE_CASES 12). What is late already stays late, and nothing becomes so by it."""
        if self.is_over or self.due_on or "answer" in self.overdue or not self.since or not self.answer_by:
            return []
        due_by = _answer_by(self.since, site)
        return [DeadlineMoved(duty=self.id, kind="entry", due_by=due_by)] if moves(self.answer_by, due_by, now) else []

    def close(self, by: str, answer: str, channel: Channel, *, call: str | None = None, letter: str | None = None) -> list[Event]:
        self.must_be_open()
        return [EntryClosed(entry=self.id, visit=self.visit, by=by, answer=answer, channel=channel, call=call, letter=letter)]

    def drop(self, reason: str) -> list[Event]:
        if self.is_over:
            return []
        return [DutyDropped(visit=self.visit or "", duty=self.id, kind="entry", customer=self.customer, reason=reason)]

    @property
    def is_over(self) -> bool:
        return bool(self.closed_by or self.dropped)

    def must_be_open(self) -> None:
        if self.is_over:
            raise EntryIsClosed(entry=self.id)

    def must_be_unsolved(self) -> None:
        self.must_be_open()

    def waits_for(self, what: str) -> bool:
        """A decision has its own date, which takes the place of the two days to answer."""
        waits = {"report": not self.reported, "answer": self.due_on is None, "decision": self.due_on is not None}
        return not self.is_over and waits[what]

    def apply(self, event: Event) -> None:
        match event:
            case EntryOpened():
                for name in EntryOpened.model_fields.keys() & Entry.model_fields.keys():
                    setattr(self, name, getattr(event, name))
            case DeadlineMoved():
                self.answer_by = event.due_by
            case EntryClosed():
                self.closed_by, self.answer = event.by, event.answer
                self.channel, self.call, self.letter = event.channel, event.call, event.letter
            case DutyDropped():
                self.dropped = event.reason
            case _:
                super().apply(event)


def _answer_by(since: datetime, site: Site) -> datetime:
    last_day = add_working_days(local_day(since, site.zone), site.deadlines.entry_answer_working_days, site.days)
    return end_of_day(last_day, site.zone)
