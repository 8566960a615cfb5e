"""What follow-up announces, in the order of F1 to F9."""

from collections.abc import Mapping
from datetime import date
from typing import Literal

from pydantic import Field

from shared.contracts.event import Event, Fact, Instant, VisitEvent
from shared.contracts.values import Channel, Signature

CallKind = Literal["first", "second"]


class _OfCallDuty(VisitEvent):
    """F4 of the first call, F6 of the second; a duty's id ends on which."""

    @property
    def carries_out(self) -> str:
        return "F6" if getattr(self, "duty", "").endswith("-second") else self.CLAUSE


class VisitAnnounced(VisitEvent):
    """The car is checked in (R2): follow-up knows the visit and who will look after it; nothing may be done yet."""

    TYPE = "followup.visit_announced.v1"
    CLAUSE = "R2"
    customer: str
    vehicle: str
    agent: str
    checked_in_at: Instant


class AgentsNamed(Event):
    """F1: the business supervisor named the follow-up agents; the newest list holds."""

    TYPE = "followup.agents_named.v1"
    CLAUSE = "F1"
    agents: tuple[str, ...]
    by: str


class AgentAway(Event):
    """F1: `stand_in` acts for the agent from `since` to `until`, both included: open calls go over and return, deadlines stay."""

    TYPE = "followup.agent_away.v1"
    CLAUSE = "F1"
    absence: str
    agent: str
    stand_in: str
    since: date
    until: date
    by: str


class AgentBack(Event):
    """F1: the absence ended early: from the day `on` the agent acts again."""

    TYPE = "followup.agent_back.v1"
    CLAUSE = "F1"
    absence: str
    agent: str
    on: date
    by: str


class FileDutyOpened(VisitEvent):
    """F2: a customer file is due; `due_by` counts in working days of the house."""

    TYPE = "followup.file_duty_opened.v1"
    CLAUSE = "F2"
    customer: str
    vehicle: str
    agent: str
    due_by: Instant
    since: Instant | None = None


class FileDutyMoved(VisitEvent):
    """F2: the calendar changed: the two working days end on another day."""

    TYPE = "followup.file_duty_moved.v1"
    CLAUSE = "F2"
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


class CallDutyOpened(_OfCallDuty):
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

    `in_convenient_hour` is said of duty calls: whether it was made in the hour that the customer named (D9). `stand_in_for` is the
    agent who is away, whose call it was (F1).
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
    stand_in_for: str | None = None


class CustomerNotReached(_OfCallDuty):
    """F4: a try that did not reach the customer; the duty stays open. `part_of_day` is morning, afternoon or evening."""

    TYPE = "followup.customer_not_reached.v1"
    CLAUSE = "F4"
    duty: str
    call: str
    at: Instant
    part_of_day: str = Field(pattern="^(morning|afternoon|evening)$")
    in_convenient_hour: bool
    result: str


class OpinionRecorded(_OfCallDuty):
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


class CallDutyClosed(_OfCallDuty):
    """F4, F6: `outcome` is called or not_reached, never the one for the other.

    `told_by` (message, letter) is how a customer who was not reached was written to in place of the call; `letter` is what that letter
    is in the register as (F9). `contact_invalid`: the number is known to be wrong, so that further tries were pointless.
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
    contact_invalid: bool = False
    letter: str | None = None


class CallDutyStopped(_OfCallDuty):
    """F4, F6: no call is made any more: the customer asked for none, a come-back's call takes its place, or the record is erased."""

    TYPE = "followup.call_duty_stopped.v1"
    CLAUSE = "F4"
    duty: str
    kind: CallKind
    reason: str = Field(pattern="^(do_not_call|replaced|erased)$")
    said_under: str | None = Field(default=None, description="The person's other file under which calls were refused (R7).")


class CallDutyResumed(_OfCallDuty):
    """F4, F6: it was stopped for what another person had said, whose file was read as this customer's: it is due again."""

    TYPE = "followup.call_duty_resumed.v1"
    CLAUSE = "F4"
    duty: str
    kind: CallKind


class CallDutyWidened(_OfCallDuty):
    """F4: the visit is a come-back: its first call is about the earlier visit `about` too, whose own call it replaces."""

    TYPE = "followup.call_duty_widened.v1"
    CLAUSE = "F4"
    duty: str
    kind: CallKind
    about: str


class CallHourChanged(_OfCallDuty):
    """F4, F6: the customer wants this call, and the one after it, at another hour; earlier tries are judged by the hour of their time."""

    TYPE = "followup.call_hour_changed.v1"
    CLAUSE = "F4"
    duty: str
    kind: CallKind
    hour: str
    by: str


class CallDutyMoved(_OfCallDuty):
    """F4, F6: the calendar changed: another day of the same window. Its bounds count in calendar days and stay."""

    TYPE = "followup.call_duty_moved.v1"
    CLAUSE = "F4"
    duty: str
    planned_on: date
    for_duty_agent: bool


class DoNotCallSaid(Event):
    """F4: the customer wants no calls of follow-up (or wants them again): F4 to F7 end, an open complaint does not."""

    TYPE = "followup.do_not_call_said.v1"
    CLAUSE = "F4"
    customer: str
    do_not_call: bool
    by: str


class ContactInvalid(Event):
    """F8: the number dialled (key of a text record) is not the customer's; to be checked at the next visit (R7)."""

    TYPE = "followup.contact_invalid.v1"
    CLAUSE = "F8"
    customer: str
    visit: str | None = None
    call: str
    dialled: str


class EntryOpened(Event):
    """F4: a demand or wish of the customer, with its owner; `words` is the key of a text record."""

    TYPE = "followup.entry_opened.v1"
    CLAUSE = "F4"
    entry: str
    kind: str = Field(pattern="^(demand|wish)$")
    customer: str
    visit: str | None = None
    words: str
    owner: str
    answer_by: Instant
    since: Instant | None = None


class EntryReported(Event):
    """F5: not answered, so the business supervisor was told. `itself`: nobody had done it, the software did, on the last day."""

    TYPE = "followup.entry_reported.v1"
    CLAUSE = "F5"
    entry: str
    visit: str | None = None
    by: str
    reason: str | None = None
    itself: bool = False


class EntryDecided(Event):
    """F5: the business supervisor's decision (key of a text record) and the date until which it is carried out; the newest holds."""

    TYPE = "followup.entry_decided.v1"
    CLAUSE = "F5"
    entry: str
    visit: str | None = None
    supervisor: str
    decision: str
    due_on: date


class EntryHandedOver(Event):
    """F4, F5: somebody else owns it from now on."""

    TYPE = "followup.entry_handed_over.v1"
    CLAUSE = "F5"
    entry: str
    visit: str | None = None
    owner: str
    by: str


class EntryClosed(Event):
    """F5: the customer was answered; `answer` is the key of a text record.

    `call` and `letter` are what it is in the registers as (F8, F9). Before `channel` was asked for, nobody knows.
    """

    TYPE = "followup.entry_closed.v1"
    CLAUSE = "F5"
    entry: str
    visit: str | None = None
    by: str
    answer: str
    channel: Channel | None = None
    call: str | None = None
    letter: str | None = None


class ComplaintOpened(Event):
    """F5: a complaint, from whatever channel, with its owner; `words` is the key of a text record.

    Unsolved, it is reported to the business supervisor until `report_by`. `visit` is the visit that it is about, if one.
    """

    TYPE = "followup.complaint_opened.v1"
    CLAUSE = "F5"
    complaint: str
    channel: str = Field(pattern="^(call|letter|face_to_face)$")
    customer: str
    visit: str | None = None
    words: str
    owner: str
    taken_by: str
    report_by: Instant
    duty: str | None = None
    since: Instant | None = None


class ComplaintReported(Event):
    """F5: unsolved, so the business supervisor was told. `itself`: nobody had done it, the software did, on the last day."""

    TYPE = "followup.complaint_reported.v1"
    CLAUSE = "F5"
    complaint: str
    visit: str | None = None
    by: str
    reason: str | None = None
    itself: bool = False


class ComplaintDecided(Event):
    """F5: the business supervisor's decision (key of a text record) and the date until which it is carried out; the newest holds."""

    TYPE = "followup.complaint_decided.v1"
    CLAUSE = "F5"
    complaint: str
    visit: str | None = None
    supervisor: str
    decision: str
    due_on: date


class ComplaintHandedOver(Event):
    """F5: somebody else owns it from now on."""

    TYPE = "followup.complaint_handed_over.v1"
    CLAUSE = "F5"
    complaint: str
    visit: str | None = None
    owner: str
    by: str


class SolutionFound(Event):
    """F5: the solution (key of a text record); the customer hears it until `tell_by`, the end of the same day."""

    TYPE = "followup.solution_found.v1"
    CLAUSE = "F5"
    complaint: str
    visit: str | None = None
    by: str
    solution: str
    tell_by: Instant


class CustomerToldSolution(Event):
    """F5: the customer heard the solution. Not content: the work begins again, to be reported until `report_by` if unsolved.

    `call` and `letter` are what it is in the registers as (F8, F9).
    """

    TYPE = "followup.customer_told_solution.v1"
    CLAUSE = "F5"
    complaint: str
    visit: str | None = None
    by: str
    channel: Channel
    content: bool
    report_by: Instant | None = None
    call: str | None = None
    letter: str | None = None
    at: Instant | None = None


class ComplaintClosed(Event):
    """F5: the customer is content."""

    TYPE = "followup.complaint_closed.v1"
    CLAUSE = "F5"
    complaint: str
    visit: str | None = None


class ComeBackLinked(Event):
    """F5: the visit `come_back` is about the complaint: it counts against the teams and the inspector of the first visit."""

    TYPE = "followup.come_back_linked.v1"
    CLAUSE = "F5"
    complaint: str
    visit: str
    come_back: str
    order: str | None = None
    teams: tuple[str, ...] = ()
    inspector: str | None = None
    by: str


class CampaignDecided(Event):
    """F7: a customer event, offer or free check on `held_on`; the customers are told by phone until `tell_by`.

    `about` is the key of a text record, and so is `reason`: why it was decided later than two weeks before.
    """

    TYPE = "followup.campaign_decided.v1"
    CLAUSE = "F7"
    campaign: str
    kind: str = Field(pattern="^(event|offer|free_check)$")
    about: str
    held_on: date
    tell_by: Instant
    letter: bool
    reason: str | None = None
    by: str


class CampaignCustomersChosen(Event):
    """F7: who is invited; those in `left_out` want no calls, or are invited already.

    `reason` is the key of a text record: why they are chosen when it is too late to tell them in time.
    """

    TYPE = "followup.campaign_customers_chosen.v1"
    CLAUSE = "F7"
    campaign: str
    customers: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    by: str
    reason: str | None = None


class InvitationOpened(Event):
    """F7: one customer is to be told of a campaign by phone, until `tell_by`; `letter`: a letter follows."""

    TYPE = "followup.invitation_opened.v1"
    CLAUSE = "F7"
    invitation: str
    campaign: str
    customer: str
    agent: str
    tell_by: Instant
    letter: bool


class InvitationTried(Event):
    """F7: a call about the campaign; reached, or tried often enough, the letter goes out until `letter_by`, where one does."""

    TYPE = "followup.invitation_tried.v1"
    CLAUSE = "F7"
    invitation: str
    campaign: str
    customer: str
    call: str
    reached: bool
    over: bool
    letter_by: Instant | None = None
    at: Instant | None = None


class InvitationGivenUp(Event):
    """F7: every number of the customer is known to be wrong: no call is made; the letter goes out until `letter_by`, where one does."""

    TYPE = "followup.invitation_given_up.v1"
    CLAUSE = "F7"
    invitation: str
    campaign: str
    customer: str
    letter_by: Instant | None = None
    at: Instant


class InvitationSent(Event):
    """F7: the letter of the campaign went out."""

    TYPE = "followup.invitation_sent.v1"
    CLAUSE = "F7"
    invitation: str
    campaign: str
    customer: str
    letter: str


class InvitationLapsed(Event):
    """F7: the campaign's day is over before the customer was told by phone (`call`), or before the letter was sent (`letter`).

    It is nobody's duty any more, and counts neither as told nor as sent.
    """

    TYPE = "followup.invitation_lapsed.v1"
    CLAUSE = "F7"
    invitation: str
    campaign: str
    customer: str
    what: str = Field(pattern="^(call|letter)$")


class InvitationStopped(Event):
    """F7: the customer wants no calls any more, or the record is erased."""

    TYPE = "followup.invitation_stopped.v1"
    CLAUSE = "F7"
    invitation: str
    campaign: str
    customer: str
    reason: str = Field(pattern="^(do_not_call|erased)$")
    said_under: str | None = Field(default=None, description="The person's other file under which calls were refused (R7).")


class InvitationResumed(Event):
    """F7: as `CallDutyResumed`."""

    TYPE = "followup.invitation_resumed.v1"
    CLAUSE = "F7"
    invitation: str
    campaign: str
    customer: str


class DeadlineMoved(Event):
    """F10: the calendar changed: what counts working days is due on another day. `duty` is its id (a summary's period)."""

    TYPE = "followup.deadline_moved.v1"
    CLAUSE = "F10"
    duty: str
    kind: str = Field(pattern="^(entry|complaint|campaign_letter|summary)$")
    due_by: Instant


class DutyDropped(VisitEvent):
    """F10: nothing is done any more of what was due, and nothing is late: the customer's record is erased.

    `duty` and `visit` as in `DutyOverdue`.
    """

    TYPE = "followup.duty_dropped.v1"
    CLAUSE = "F10"
    duty: str
    kind: str = Field(pattern="^(file|entry|campaign_letter)$")
    customer: str
    reason: str = Field(pattern="^(erased)$")


class DutyOverdue(VisitEvent):
    """F10: a duty passed its date and was escalated to the business supervisor; `level` is amber (D4's promise) or red (the clause).

    `visit` is empty where the duty is about none.
    """

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


class ReminderAnswered(VisitEvent):
    """D8: what the customer said to the offer of an appointment; yes → reception books it. `wish` is the key of a text record."""

    TYPE = "followup.reminder_answered.v1"
    CLAUSE = "D8"
    customer: str
    vehicle: str
    agent: str
    wants_appointment: bool
    wish: str | None = None
    due_on: date
    call: str | None = None
    channel: str | None = Field(default=None, pattern="^(phone|message)$")


class ReminderBooked(VisitEvent):
    """D8: reception booked the appointment that answers the reminder."""

    TYPE = "followup.reminder_booked.v1"
    CLAUSE = "D8"
    vehicle: str
    appointment: str


class ReminderEnded(VisitEvent):
    """D8: nobody is reminded any more: the customer sold the vehicle, gave it up, or wants no reminders (EDGE_CASES 15)."""

    TYPE = "followup.reminder_ended.v1"
    CLAUSE = "D8"
    customer: str
    vehicle: str
    by: str
    reason: str = Field(pattern="^(sold|given_up|not_wanted)$")


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


class SummaryFacts(Fact):
    """F10: a period in numbers, counted from the journal. Calls by kind (first, second), complaints by channel, duties late by kind.

    `invitations_lapsed`: whose call or letter was still due when the campaign's day was over. `score` is the share, in percent, of the
    duties that fell due without being escalated; None where there were none.
    """

    class Calls(Fact):
        opened: int = 0
        held: int = 0
        not_reached: int = 0
        stopped: int = 0
        in_convenient_hour: int = 0
        amber: int = 0
        red: int = 0

    files_due: int = 0
    files_opened: int = 0
    files_late: int = 0
    calls: Mapping[str, Calls] = {}
    cars_run_well: int = 0
    cars_do_not: int = 0
    demands: int = 0
    wishes: int = 0
    complaints: Mapping[str, int] = {}
    complaints_closed: int = 0
    hours_to_content: int | None = None
    complaints_reported: int = 0
    come_backs: int = 0
    campaigns: int = 0
    invitations: int = 0
    invited_reached: int = 0
    invitations_lapsed: int = 0
    reminders: int = 0
    reminders_to_appointments: int = 0
    calls_registered: int = 0
    letters_registered: int = 0
    late: Mapping[str, int] = {}
    score: int | None = None


class SummaryOpened(Event):
    """F10: a month (`2026-03`) or a year (`2026`) is over: its summary is due, filed, until `due_by`."""

    TYPE = "followup.summary_opened.v1"
    CLAUSE = "F10"
    period: str
    due_by: Instant


class SummaryDrafted(Event):
    """F10: drafted from the facts; the newest draft holds until the signature."""

    TYPE = "followup.summary_drafted.v1"
    CLAUSE = "F10"
    period: str
    facts: SummaryFacts
    by: str


class SummaryEdited(Event):
    """F10: the supervisor's own words (key of a text record)."""

    TYPE = "followup.summary_edited.v1"
    CLAUSE = "F10"
    period: str
    words: str
    by: str


class SummarySigned(Event):
    """F10: signed by the supervisor over period, facts and the key of the words; it stays as it is."""

    TYPE = "followup.summary_signed.v1"
    CLAUSE = "F10"
    period: str
    facts: SummaryFacts
    words: str
    content_hash: str
    signature: Signature


class SummaryPresented(Event):
    """F10: given in a department meeting on that day; `present` are staff ids."""

    TYPE = "followup.summary_presented.v1"
    CLAUSE = "F10"
    period: str
    met_on: date
    present: tuple[str, ...] = Field(min_length=1)
    by: str


class SummaryFiled(Event):
    TYPE = "followup.summary_filed.v1"
    CLAUSE = "F10"
    period: str
    content_hash: str


SettingValue = bool | int | str | tuple[str, ...]


class SiteSettingChanged(Event):
    """A setting of the site (`section.key`, as in `site.toml`) changed while it runs; `reason` is the key of a text record.

    Every department works with it from then on; what was promised or due before stays as it was said, but for open duties whose days
    or opening hours are others by it: where they are not late, they are counted anew (EDGE_CASES 12).
    """

    TYPE = "followup.site_setting_changed.v1"
    CLAUSE = "F10"
    key: str
    value: SettingValue
    before: SettingValue | None = None
    by: str
    reason: str


class StaffChanged(Event):
    """A person of the branch is new, has other roles, team or skills, or `left`. `called` is the key of a record with the name."""

    TYPE = "followup.staff_changed.v1"
    CLAUSE = "F10"
    staff: str
    roles: tuple[str, ...] = ()
    team: str | None = None
    skills: tuple[str, ...] = ()
    called: str | None = None
    left: bool = False
    by: str
    reason: str | None = None
