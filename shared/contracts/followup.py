"""What follow-up announces, in the order of F1 to F9."""

from datetime import date
from typing import Literal

from pydantic import Field

from shared.contracts.event import Event, Fact, Instant, VisitEvent

CallKind = Literal["first", "second"]


class FileDutyOpened(VisitEvent):
    """F2: a customer file is due; `due_by` counts in working days of the house."""

    TYPE = "followup.file_duty_opened.v1"
    CLAUSE = "F2"
    customer: str
    vehicle: str
    agent: str
    due_by: Instant


class CustomerFileOpened(VisitEvent):
    """F2: the customer file exists; the duty of this visit is closed."""

    TYPE = "followup.customer_file_opened.v1"
    CLAUSE = "F2"
    customer: str
    vehicle: str
    by: str


class ContactPlanned(VisitEvent):
    """F3: likely need, topics and time of the next contact; `need` is the key of a text record."""

    TYPE = "followup.contact_planned.v1"
    CLAUSE = "F3"
    by: str
    need: str
    topics: tuple[str, ...] = Field(min_length=1)
    at: Instant


class CallDutyOpened(VisitEvent):
    """F4, F6: a call is due between `not_before` and `due_by`; after `promise_by` (first call: D4's promise) it is late for the customer."""

    TYPE = "followup.call_duty_opened.v1"
    CLAUSE = "F4"
    duty: str
    kind: CallKind
    customer: str
    agent: str
    hour: str
    not_before: Instant
    promise_by: Instant
    due_by: Instant


class CallRegistered(Event):
    """F8: one call, in or out, in the call register. `note` and `dialled` are keys of text records."""

    TYPE = "followup.call_registered.v1"
    CLAUSE = "F8"
    call: str
    number: int
    direction: str = Field(pattern="^(in|out)$")
    agent: str
    customer: str
    visit: str | None = None
    duty: str | None = None
    purpose: str
    try_number: int
    reached: bool
    result: str
    topics: tuple[str, ...] = ()
    note: str | None = None
    dialled: str | None = None


class OpinionRecorded(VisitEvent):
    """F4: how the car runs and what the customer thinks of the service; demands and wishes are entries with an owner."""

    class Entry(Fact):
        entry: str
        kind: str = Field(pattern="^(demand|wish|complaint)$")
        text: str
        owner: str

    TYPE = "followup.opinion_recorded.v1"
    CLAUSE = "F4"
    duty: str
    car_runs_well: bool
    opinion: str
    entries: tuple[Entry, ...] = ()


class CallDutyClosed(VisitEvent):
    """F4, F6: `outcome` is called or not_reached, never the one for the other."""

    TYPE = "followup.call_duty_closed.v1"
    CLAUSE = "F4"
    duty: str
    kind: CallKind
    outcome: str = Field(pattern="^(called|not_reached)$")
    topics: tuple[str, ...] = ()


class DutyOverdue(VisitEvent):
    """F10: a duty passed its date and was escalated to the business supervisor; `level` is amber (D4's promise) or red (the clause)."""

    TYPE = "followup.duty_overdue.v1"
    CLAUSE = "F10"
    duty: str
    kind: str
    level: str = Field(pattern="^(amber|red)$")


class ReminderScheduled(VisitEvent):
    """D8: the customer is reminded, with the offer of an appointment, before the maintenance is due."""

    TYPE = "followup.reminder_scheduled.v1"
    CLAUSE = "D8"
    customer: str
    vehicle: str
    remind_on: date
    due_on: date
    odometer_km: int


class LetterRegistered(Event):
    """F9: one letter in the letter register; `content` is the key of a text record."""

    TYPE = "followup.letter_registered.v1"
    CLAUSE = "F9"
    letter: str
    number: int
    kind: str = Field(pattern="^(notice|invitation|answer)$")
    customer: str
    visit: str | None = None
    content: str
    sent_by: str
