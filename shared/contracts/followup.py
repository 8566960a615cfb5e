"""What follow-up announces, in the order of F1 to F9."""

from datetime import date
from typing import Literal

from pydantic import Field

from shared.contracts.event import Event, Fact, Instant, VisitEvent

CallKind = Literal["first", "second"]


class VisitAnnounced(VisitEvent):
    """The car is checked in (R2): follow-up knows the visit and who will look after it; nothing may be done yet."""

    TYPE = "followup.visit_announced.v1"
    CLAUSE = "R2"
    customer: str
    vehicle: str
    agent: str
    checked_in_at: Instant


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


class VisitFiled(Event):
    """F2: the customer's file has one visit more; the first one opens it."""

    TYPE = "followup.visit_filed.v1"
    CLAUSE = "F2"
    customer: str
    visit: str
    vehicle: str


class ContactPlanned(VisitEvent):
    """F3: likely need, topics and time of the next contact; `need` is the key of a text record."""

    TYPE = "followup.contact_planned.v1"
    CLAUSE = "F3"
    by: str
    need: str
    topics: tuple[str, ...] = Field(min_length=1)
    at: Instant


class CallDutyOpened(VisitEvent):
    """F4, F6: a call is due between `not_before` and `due_by`; after `promise_by` (first call: D4's promise) it is late for the customer.

    `planned_on` is the first working day of the window; where there is none, the first day, `for_duty_agent`. `covered` are
    the topics of the first call, which the second may not repeat.
    """

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
    planned_on: date | None = None
    for_duty_agent: bool = False
    covered: tuple[str, ...] = ()


class CallRegistered(Event):
    """F8: one call, in or out, in the call register. `note` and `dialled` are keys of text records.

    `in_convenient_hour` is said of duty calls: whether it was made in the hour that the customer named (D9).
    """

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
    at: Instant | None = None
    in_convenient_hour: bool | None = None


class CustomerNotReached(VisitEvent):
    """F4: a try that did not reach the customer; the duty stays open. `part_of_day` is morning, afternoon or evening."""

    TYPE = "followup.customer_not_reached.v1"
    CLAUSE = "F4"
    duty: str
    call: str
    at: Instant
    part_of_day: str = Field(pattern="^(morning|afternoon|evening)$")
    in_convenient_hour: bool
    result: str


class OpinionRecorded(VisitEvent):
    """F4: how the car runs and what the customer thinks of the service; demands and wishes are entries with an owner.

    `opinion` and each entry's `text` are keys of text records. A first call always has both; a second, what was said.
    """

    class Entry(Fact):
        entry: str
        kind: str = Field(pattern="^(demand|wish|complaint)$")
        text: str
        owner: str

    TYPE = "followup.opinion_recorded.v1"
    CLAUSE = "F4"
    duty: str
    car_runs_well: bool | None = None
    opinion: str | None = None
    entries: tuple[Entry, ...] = ()


class CallDutyClosed(VisitEvent):
    """F4, F6: `outcome` is called or not_reached, never the one for the other.

    `told_by` (message, letter) is how a customer who was not reached was written to in place of the call.
    """

    TYPE = "followup.call_duty_closed.v1"
    CLAUSE = "F4"
    duty: str
    kind: CallKind
    outcome: str = Field(pattern="^(called|not_reached)$")
    topics: tuple[str, ...] = ()
    at: Instant | None = None
    in_convenient_hour: bool | None = None
    told_by: str | None = None


class DutyOverdue(VisitEvent):
    """F10: a duty passed its date and was escalated to the business supervisor; `level` is amber (D4's promise) or red (the clause)."""

    TYPE = "followup.duty_overdue.v1"
    CLAUSE = "F10"
    duty: str
    kind: str
    level: str = Field(pattern="^(amber|red)$")


class ReminderScheduled(VisitEvent):
    """D8: the customer is reminded, with the offer of an appointment, before the maintenance is due.

    A vehicle has one reminder: that of its latest delivery takes the place of the one before.
    """

    TYPE = "followup.reminder_scheduled.v1"
    CLAUSE = "D8"
    customer: str
    vehicle: str
    remind_on: date
    due_on: date
    odometer_km: int
    delivered_at: Instant | None = None
    agent: str = ""


class ReminderCame(VisitEvent):
    """D8: the day of the reminder has come; the agent was told to offer the customer an appointment."""

    TYPE = "followup.reminder_came.v1"
    CLAUSE = "D8"
    customer: str
    vehicle: str
    agent: str


class LetterRegistered(Event):
    """F9: one letter in the letter register; `content` and `address` (where it went to) are keys of text records."""

    TYPE = "followup.letter_registered.v1"
    CLAUSE = "F9"
    letter: str
    number: int
    kind: str = Field(pattern="^(notice|invitation|answer)$")
    customer: str
    visit: str | None = None
    content: str
    sent_by: str
    at: Instant | None = None
    address: str | None = None
