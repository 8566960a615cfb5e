"""F10: a period in numbers, counted from the department's own journal, and what is open now, per agent."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, TypeVar

from pydantic import BaseModel

from services.followup.calls import CallDuty
from services.followup.campaign import Invitation
from services.followup.complaint import Complaint
from services.followup.entry import Entry
from services.followup.file import FileDuty
from services.followup.reminder import Reminder
from services.followup.summary import bounds
from shared.calendar import start_of_day
from shared.contracts.event import Event
from shared.contracts.followup import (
    CallDutyClosed,
    CallDutyOpened,
    CallDutyResumed,
    CallDutyStopped,
    CallRegistered,
    CampaignDecided,
    ComeBackLinked,
    ComplaintClosed,
    ComplaintOpened,
    ComplaintReported,
    CustomerFileOpened,
    DutyOverdue,
    EntryOpened,
    FileDutyOpened,
    InvitationLapsed,
    InvitationOpened,
    InvitationTried,
    LetterRegistered,
    OpinionRecorded,
    ReminderAnswered,
    ReminderCame,
    SummaryFacts,
)
from shared.store import Store

E = TypeVar("E", bound=Event)


class Period:
    """The entries of one period in the journal, by type."""

    def __init__(self, store: Store, since: datetime, until: datetime) -> None:
        self._store = store
        self._time = {"$gte": _text(since), "$lt": _text(until)}

    async def of(self, kind: type[E]) -> list[tuple[E, datetime]]:
        rows = self._rows({"type": kind.wire_type(self._store.name), "time": self._time})
        return [(kind.model_validate(row["data"]), datetime.fromisoformat(row["time"])) async for row in rows]

    async def facts(self, kind: type[E]) -> list[E]:
        return [fact for fact, _ in await self.of(kind)]

    async def opened_at(self, complaints: list[str]) -> dict[str, datetime]:
        """When these complaints were opened, whatever the period."""
        where = {"type": ComplaintOpened.wire_type(self._store.name), "data.complaint": {"$in": complaints}}
        return {row["data"]["complaint"]: datetime.fromisoformat(row["time"]) async for row in self._rows(where)}

    async def _rows(self, where: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
        async for row in self._store.collection("journal").find(where):
            yield row


def _text(moment: datetime) -> str:
    """As the journal has it, so that text order is time order."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


async def facts_of(store: Store, period: str) -> SummaryFacts:
    since, until = (start_of_day(day, store.site.zone) for day in bounds(period))
    counted = Period(store, since, until)
    late = Counter(f"{each.kind}:{each.level}" for each in await counted.facts(DutyOverdue))
    opinions = await counted.facts(OpinionRecorded)
    entries = Counter(each.kind for each in await counted.facts(EntryOpened))
    complaints = await counted.facts(ComplaintOpened)
    closed = await counted.of(ComplaintClosed)
    tried = await counted.facts(InvitationTried)
    answered = await counted.facts(ReminderAnswered)
    files, invitations = len(await counted.facts(FileDutyOpened)), len(await counted.facts(InvitationOpened))
    calls = {kind: await _calls(counted, kind, late) for kind in ("first", "second")}
    duties = files + invitations + len(complaints) + sum(entries.values()) + sum(each.opened for each in calls.values())
    return SummaryFacts(
        files_due=files,
        files_opened=len(await counted.facts(CustomerFileOpened)),
        files_late=late["file:red"],
        calls=calls,
        cars_run_well=sum(each.car_runs_well is True for each in opinions),
        cars_do_not=sum(each.car_runs_well is False for each in opinions),
        demands=entries["demand"],
        wishes=entries["wish"],
        complaints=dict(Counter(each.channel for each in complaints)),
        complaints_closed=len(closed),
        hours_to_content=await _hours_to_content(counted, closed),
        complaints_reported=len(await counted.facts(ComplaintReported)),
        come_backs=len(await counted.facts(ComeBackLinked)),
        campaigns=len(await counted.facts(CampaignDecided)),
        invitations=invitations,
        invited_reached=sum(each.reached for each in tried),
        invitations_lapsed=len(await counted.facts(InvitationLapsed)),
        reminders=len(await counted.facts(ReminderCame)),
        reminders_to_appointments=sum(each.wants_appointment for each in answered),
        calls_registered=len(await counted.facts(CallRegistered)),
        letters_registered=len(await counted.facts(LetterRegistered)),
        late=dict(late),
        score=_score(duties, sum(count for what, count in late.items() if what.endswith(":red"))),
    )


async def _calls(counted: Period, kind: str, late: Counter[str]) -> SummaryFacts.Calls:
    opened = [each for each in await counted.facts(CallDutyOpened) if each.kind == kind]
    closed = [each for each in await counted.facts(CallDutyClosed) if each.kind == kind]
    resumed = {each.duty for each in await counted.facts(CallDutyResumed)}
    stopped = [each for each in await counted.facts(CallDutyStopped) if each.kind == kind and each.duty not in resumed]
    return SummaryFacts.Calls(
        opened=len(opened),
        held=sum(each.outcome == "called" for each in closed),
        not_reached=sum(each.outcome == "not_reached" for each in closed),
        stopped=len(stopped),
        in_convenient_hour=sum(each.in_convenient_hour is True for each in closed),
        amber=late[f"{kind}:amber"],
        red=late[f"{kind}:red"],
    )


async def _hours_to_content(counted: Period, closed: list[tuple[ComplaintClosed, datetime]]) -> int | None:
    """On average, in whole hours, of those that were closed in the period."""
    opened = await counted.opened_at([each.complaint for each, _ in closed])
    hours = [(at - opened[each.complaint]).total_seconds() / 3600 for each, at in closed if each.complaint in opened]
    return round(sum(hours) / len(hours)) if hours else None


def _score(duties: int, late: int) -> int | None:
    return round(100 * max(0, duties - late) / duties) if duties else None


class OpenNow(BaseModel):
    """What one person has open, and how much of it has escalated (`late`). `name`: None of who has left."""

    person: str
    name: str | None = None
    files: int = 0
    calls: int = 0
    complaints: int = 0
    entries: int = 0
    invitations: int = 0
    letters: int = 0
    reminders: int = 0
    late: int = 0


async def open_now(store: Store) -> list[OpenNow]:
    """F10: of everybody who has something open; complaints and entries are their owner's."""
    counts = {
        "files": await _count(store, FileDuty.COLLECTION, "agent", {"filed_by": None, "dropped": None, "due_by": {"$ne": None}}),
        "calls": await _count(store, CallDuty.COLLECTION, "agent", {"outcome": None}),
        "complaints": await _count(store, Complaint.COLLECTION, "owner", {"closed": False}),
        "entries": await _count(store, Entry.COLLECTION, "owner", {"closed_by": None, "dropped": None}),
        "invitations": await _count(store, Invitation.COLLECTION, "agent", {"over": False}),
        "letters": await _count(store, Invitation.COLLECTION, "agent", {"letter_by": {"$ne": None}, "sent": None}),
        "reminders": await _count(store, Reminder.COLLECTION, "agent", {"came": True, "wants_appointment": None, "ended": None}),
    }
    late = (
        await _count(store, FileDuty.COLLECTION, "agent", {"filed_by": None, "dropped": None, "overdue": True})
        + await _count(store, CallDuty.COLLECTION, "agent", {"outcome": None, "overdue": {"$ne": None}})
        + await _count(store, Complaint.COLLECTION, "owner", {"closed": False, "overdue": {"$ne": []}})
        + await _count(store, Entry.COLLECTION, "owner", {"closed_by": None, "dropped": None, "overdue": {"$ne": []}})
        + await _count(store, Invitation.COLLECTION, "agent", {"over": False, "overdue": "call"})
        + await _count(store, Invitation.COLLECTION, "agent", {"letter_by": {"$ne": None}, "sent": None, "overdue": "letter"})
        + await _count(store, Reminder.COLLECTION, "agent", {"overdue": True, "wants_appointment": None, "ended": None})
    )
    people = sorted({person for each in counts.values() for person in each} | set(late))
    names = {person.id: person.name for person in store.branch.staff.values()}
    return [OpenNow(person=id, name=names.get(id), late=late[id], **{what: each[id] for what, each in counts.items()}) for id in people]


async def _count(store: Store, name: str, whose: str, where: dict[str, Any]) -> Counter[str]:
    steps: list[dict[str, Any]] = [{"$match": where}, {"$group": {"_id": f"${whose}", "count": {"$sum": 1}}}]
    return Counter({row["_id"]: row["count"] async for row in store.collection(name).aggregate(steps)})
