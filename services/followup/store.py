"""Follow-up's queries: work lists, the customer file put together, and the two registers with their texts."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from pydantic import BaseModel

from services.followup.absence import Absence, Agent, who_acts
from services.followup.agents import Roster, agents, department
from services.followup.calls import CallDuty
from services.followup.campaign import Campaign, Invitation
from services.followup.complaint import Complaint, teams_of
from services.followup.contact import Contact
from services.followup.entry import Entry
from services.followup.file import CustomerFile, FileDuty
from services.followup.register import Letter, RegisteredCall
from services.followup.reminder import Reminder
from services.followup.unsolved import whose
from shared import merged_files
from shared.branch import Branch
from shared.calendar import local_day
from shared.department import Census, Index
from shared.refusal import NotFound
from shared.store import Store

READ_MODELS = ("agents", "visits", "owners", merged_files.READ_MODEL)

INDEXES: Mapping[str, tuple[Index, ...]] = {
    "journal": (Index((("type", 1), ("time", 1))),),  # F10 counts a period from it
    FileDuty.COLLECTION: (Index((("filed_by", 1), ("due_by", 1))), Index((("customer", 1),))),
    CallDuty.COLLECTION: (Index((("outcome", 1), ("due_by", 1))), Index((("visit", 1),)), Index((("customer", 1),))),
    RegisteredCall.COLLECTION: (Index((("number", 1),), unique=True), Index((("customer", 1), ("number", 1))), Index((("visit", 1),))),
    Letter.COLLECTION: (Index((("number", 1),), unique=True), Index((("customer", 1), ("number", 1)))),
    Complaint.COLLECTION: (Index((("closed", 1), ("owner", 1))), Index((("visit", 1),)), Index((("customer", 1),))),
    Entry.COLLECTION: (Index((("closed_by", 1), ("owner", 1))), Index((("visit", 1),)), Index((("customer", 1),))),
    Invitation.COLLECTION: (Index((("campaign", 1),)), Index((("customer", 1),)), Index((("over", 1), ("agent", 1)))),
    Reminder.COLLECTION: (
        Index((("came", 1), ("remind_on", 1))),
        Index((("came", 1), ("wants_appointment", 1), ("ended", 1))),
        Index((("customer", 1),)),
    ),
}

_LATE = {"$lt": Census.NOW}
_OPEN: Mapping[str, tuple[str, Mapping[str, Any], Mapping[str, Any]]] = {
    "customer_file": (FileDuty.COLLECTION, {"filed_by": None, "dropped": None, "due_by": {"$ne": None}}, {"due_by": _LATE}),
    "first_call": (CallDuty.COLLECTION, {"outcome": None, "kind": "first"}, {"due_by": _LATE}),
    "second_call": (CallDuty.COLLECTION, {"outcome": None, "kind": "second"}, {"due_by": _LATE}),
    "complaint": (Complaint.COLLECTION, {"closed": False}, {"overdue": {"$ne": []}}),
    "entry": (Entry.COLLECTION, {"closed_by": None, "dropped": None}, {"overdue": {"$ne": []}}),
    "campaign_call": (Invitation.COLLECTION, {"over": False}, {"overdue": {"$ne": []}}),
    "reminder": (Reminder.COLLECTION, {"came": True, "ended": None, "wants_appointment": None}, {"overdue": True}),
}
"""What stays open, and when it is late."""

CENSUS = (
    *(Census("duties_open", collection, where, what=kind) for kind, (collection, where, _) in _OPEN.items()),
    *(Census("duties_overdue", collection, {**where, **late}, what=kind) for kind, (collection, where, late) in _OPEN.items()),
)

MOST = 200


class CallShown(BaseModel):
    """F8: a row of the register with its texts."""

    call: RegisteredCall
    note: str | None
    dialled: str | None


class LetterShown(BaseModel):
    """F9: a row of the register with its texts."""

    letter: Letter
    content: str | None
    address: str | None


class VisitShown(BaseModel):
    """F3: a visit in the customer file: its order and settlement (`history`), the planned contact with its need, its call duties."""

    visit: str
    history: dict[str, Any]
    file_duty: FileDuty
    need: str | None
    calls: list[CallDuty]
    opinions: list[str | None]


class ComplaintShown(BaseModel):
    """F5: a complaint with its texts; `rejected` are the solutions that were not good enough."""

    complaint: Complaint
    words: str | None
    reason: str | None
    decision: str | None
    solution: str | None
    rejected: list[str | None]


class FileShown(BaseModel):
    """F2: the customer file; `merged` are the person's other files that are read as it (R7).

    `customer` and `vehicles` are None where a record was erased or has not arrived.
    """

    file: CustomerFile
    merged: dict[str, dict[str, Any] | None] = {}
    customer: dict[str, Any] | None
    vehicles: dict[str, dict[str, Any] | None]
    visits: list[VisitShown]
    calls: list[CallShown]
    letters: list[LetterShown]
    reminders: list[Reminder]
    complaints: list[ComplaintShown]


class AgentShown(BaseModel):
    """F1: `visits` in care, from check-in to the second call; `acting` is who acts for the agent today."""

    agent: str
    visits: int
    acting: str
    absences: tuple[Absence, ...]


class FileDutyShown(FileDuty):
    """F1: with who acts for its agent today."""

    acting: str


class CallDutyShown(CallDuty):
    """F1: with who acts for its agent today."""

    acting: str


class EntryShown(BaseModel):
    """F4, F5: a demand or wish with its texts."""

    entry: Entry
    words: str | None
    reason: str | None
    decision: str | None
    answer: str | None


class ComeBackShown(BaseModel):
    """F5: what a come-back counts against, and the visits that came back."""

    first_visit: str | None
    order: str | None
    teams: list[str]
    inspector: str | None
    come_backs: tuple[str, ...]


_WHO_LEFT = ""
"""Nobody's id: an agent who is not of the department any more."""


@dataclass(frozen=True)
class Acting:
    """F1: who acts for whom on one day."""

    day: date
    absent: Mapping[str, Agent]
    team: Sequence[str]

    def of(self, agent: str) -> str:
        return who_acts(agent, self.day, self.absent, self.team)

    def whose(self, person: str | None) -> dict[str, Any]:
        """The condition on `agent` for what this person acts for."""
        if person is None:
            return {}
        known = dict.fromkeys((*self.team, *self.absent))
        return {"agent": self._those(person, known, self.of)}

    def owned(self, person: str | None, branch: Branch) -> dict[str, Any]:
        """F5: the condition on `owner` for what this person works on."""
        if person is None:
            return {}
        known = dict.fromkeys((*branch.staff, *branch.site.accounts, *self.absent))
        return {"owner": self._those(branch.person_of(person), known, lambda owner: whose(owner, branch, self.day, self.absent, self.team))}

    def _those(self, person: str, known: Iterable[str], of: Callable[[str], str]) -> dict[str, Any]:
        if of(_WHO_LEFT) == person:
            return {"$nin": [each for each in known if of(each) != person]}
        return {"$in": [each for each in known if of(each) == person]}


async def _acting(store: Store, now: datetime) -> Acting:
    absent = await store.select(Agent, {}, limit=MOST)
    team = department(store.branch, await _roster(store))
    return Acting(local_day(now, store.site.zone), {agent.id: agent for agent in absent}, team)


async def _roster(store: Store) -> Roster | None:
    return next(iter(await store.select(Roster, {})), None)


async def agents_of(store: Store, now: datetime) -> list[AgentShown]:
    acting = await _acting(store, now)
    visits = {row["id"]: row["visits"] for row in await store.documents("agents", {}, limit=MOST)}
    listed = dict.fromkeys((*agents(store.branch, await _roster(store)), *visits))
    return [
        AgentShown(
            agent=agent,
            visits=visits.get(agent, 0),
            acting=acting.of(agent),
            absences=acting.absent[agent].absences if agent in acting.absent else (),
        )
        for agent in listed
    ]


async def file_duties(
    store: Store, now: datetime, state: str, agent: str | None, due_before: datetime | None, limit: int, after: str | None
) -> list[FileDutyShown]:
    acting = await _acting(store, now)
    where: dict[str, Any] = acting.whose(agent) | _due_before(due_before)
    if state == "open":
        where |= {"filed_by": None, "dropped": None} | ({} if due_before else {"due_by": {"$ne": None}})
    elif state == "closed":
        where["$or"] = [{"filed_by": {"$ne": None}}, {"dropped": {"$ne": None}}]
    found = await store.select(FileDuty, where, limit=limit, after=after)
    return [FileDutyShown(**duty.model_dump(), acting=acting.of(duty.agent)) for duty in found]


async def call_duties(
    store: Store,
    now: datetime,
    state: str,
    kind: str | None,
    agent: str | None,
    visit: str | None,
    due_before: datetime | None,
    limit: int,
    after: str | None,
) -> list[CallDutyShown]:
    acting = await _acting(store, now)
    where: dict[str, Any] = _given(kind=kind, visit=visit) | acting.whose(agent) | _due_before(due_before)
    if state != "all":
        where["outcome"] = None if state == "open" else {"$ne": None}
    found = await store.select(CallDuty, where, limit=limit, after=after)
    return [CallDutyShown(**duty.model_dump(), acting=acting.of(duty.agent)) for duty in found]


async def file_of(store: Store, customer: str) -> FileShown:
    """Of all files of the person (R7). The latest `MOST` of each register; the registers themselves have the rest."""
    ids = await merged_files.family(store, customer)
    file = await _as_one(store, ids)
    theirs = {"customer": {"$in": ids}}
    visits, calls, letters, reminders, complained = await asyncio.gather(
        asyncio.gather(*(_visit(store, visit) for visit in file.visits)),
        store.select(RegisteredCall, theirs, sort=(("number", -1),), limit=MOST),
        store.select(Letter, theirs, sort=(("number", -1),), limit=MOST),
        store.select(Reminder, theirs, limit=MOST),
        store.select(Complaint, theirs, sort=(("since", -1),), limit=MOST),
    )
    return FileShown(
        file=file,
        merged={id: _body(await store.record(f"customer:{id}")) for id in ids[1:]},
        customer=_body(await store.record(f"customer:{ids[0]}")),
        vehicles={vehicle: _body(await store.record(f"vehicle:{vehicle}")) for vehicle in file.vehicles},
        visits=list(visits),
        calls=await asyncio.gather(*(_call(store, call) for call in calls)),
        letters=await asyncio.gather(*(_letter(store, letter) for letter in letters)),
        reminders=reminders,
        complaints=await asyncio.gather(*(complaint_of(store, each) for each in complained)),
    )


async def _as_one(store: Store, ids: list[str]) -> CustomerFile:
    """F2: the file as it is read: a car of several files once. `NotFound` where no visit of the person was filed."""
    found = [file for id in ids for file in await store.select(CustomerFile, {"id": id})]
    if not found:
        raise NotFound(missing=ids[:1])
    vehicles = [await merged_files.surviving(store, vehicle) for file in found for vehicle in file.vehicles]
    visits = tuple(visit for file in found for visit in file.visits)
    return CustomerFile(id=ids[0], version=found[0].version, visits=visits, vehicles=tuple(dict.fromkeys(vehicles)))


async def contact_of(store: Store, customer: str) -> Contact:
    """Of all files of the person (R7). `NotFound` where nothing is known against calling."""
    ids = await merged_files.family(store, customer)
    found = [contact for id in ids for contact in await store.select(Contact, {"id": id})]
    if not found:
        raise NotFound(missing=ids[:1])
    wrong = next((each.wrong_number for each in found if each.wrong_number), None)
    return Contact(id=ids[0], version=found[0].version, do_not_call=any(each.do_not_call for each in found), wrong_number=wrong)


async def calls(store: Store, customer: str | None, visit: str | None, limit: int, after: int) -> list[CallShown]:
    where = {"number": {"$gt": after}} | _given(visit=visit) | await _theirs(store, customer)
    found = await store.select(RegisteredCall, where, sort=(("number", 1),), limit=limit)
    return await asyncio.gather(*(_call(store, call) for call in found))


async def letters(store: Store, customer: str | None, visit: str | None, limit: int, after: int) -> list[LetterShown]:
    where = {"number": {"$gt": after}} | _given(visit=visit) | await _theirs(store, customer)
    found = await store.select(Letter, where, sort=(("number", 1),), limit=limit)
    return await asyncio.gather(*(_letter(store, letter) for letter in found))


async def _theirs(store: Store, customer: str | None) -> dict[str, Any]:
    """R7: under whichever file of the person."""
    return {"customer": {"$in": await merged_files.family(store, customer)}} if customer else {}


async def campaigns(store: Store, limit: int, after: str | None) -> list[Campaign]:
    return await store.select(Campaign, {}, sort=(("held_on", -1),), limit=limit, after=after)


async def invitations(
    store: Store, now: datetime, state: str, campaign: str | None, agent: str | None, limit: int, after: str | None
) -> list[Invitation]:
    """Open: still to be told, or its letter to be sent."""
    where: dict[str, Any] = _given(campaign=campaign) | (await _acting(store, now)).whose(agent)
    if state == "open":
        where["$or"] = [{"over": False}, {"letter_by": {"$ne": None}, "sent": None}]
    elif state == "closed":
        where["over"] = True
        where["$or"] = [{"letter_by": None}, {"sent": {"$ne": None}}]
    return await store.select(Invitation, where, limit=limit, after=after)


async def complaints(
    store: Store, now: datetime, state: str, visit: str | None, customer: str | None, owner: str | None, limit: int, after: str | None
) -> list[Complaint]:
    where: dict[str, Any] = _given(visit=visit) | await _theirs(store, customer) | (await _acting(store, now)).owned(owner, store.branch)
    if state != "all":
        where["closed"] = state == "closed"
    return await store.select(Complaint, where, limit=limit, after=after)


async def complaint_of(store: Store, complaint: Complaint) -> ComplaintShown:
    return ComplaintShown(
        complaint=complaint,
        words=await _text(store, complaint.words),
        reason=await _text(store, complaint.reason),
        decision=await _text(store, complaint.decision),
        solution=await _text(store, complaint.solution),
        rejected=[await _text(store, key) for key in complaint.rejected],
    )


async def entry_of(store: Store, entry: Entry) -> EntryShown:
    return EntryShown(
        entry=entry,
        words=await _text(store, entry.words),
        reason=await _text(store, entry.reason),
        decision=await _text(store, entry.decision),
        answer=await _text(store, entry.answer),
    )


async def come_back_of(store: Store, complaint: Complaint) -> ComeBackShown:
    first = await store.fetch("visits", complaint.visit) or {} if complaint.visit else {}
    return ComeBackShown(
        first_visit=complaint.visit,
        order=first.get("order"),
        teams=list(teams_of(first)),
        inspector=first.get("inspector"),
        come_backs=complaint.come_backs,
    )


async def entries(
    store: Store, now: datetime, state: str, visit: str | None, owner: str | None, limit: int, after: str | None
) -> list[Entry]:
    where: dict[str, Any] = _given(visit=visit) | (await _acting(store, now)).owned(owner, store.branch)
    if state == "open":
        where |= {"closed_by": None, "dropped": None}
    elif state == "closed":
        where["$or"] = [{"closed_by": {"$ne": None}}, {"dropped": {"$ne": None}}]
    return await store.select(Entry, where, limit=limit, after=after)


async def reminders(store: Store, state: str, until: date | None, limit: int, after: str | None) -> list[Reminder]:
    where: dict[str, Any] = {"remind_on": {"$lte": until.isoformat()}} if until else {}
    if state != "all":
        where |= {"came": state == "come", "ended": None} | ({"wants_appointment": None} if state == "come" else {})
    found: list[Reminder] = []
    while len(found) < limit and (page := await store.select(Reminder, where, limit=limit, after=after)):
        found += [each for each in page if state == "all" or each.came or not await _superseded(store, each)]
        after = page[-1].id
    return found[:limit]


async def _superseded(store: Store, reminder: Reminder) -> bool:
    """R7: as `acts.reminders.is_superseded`."""
    others = [vehicle for vehicle in await merged_files.family(store, reminder.id) if vehicle != reminder.id]
    later = await store.select(Reminder, {"id": {"$in": others}}) if others else []
    return any(other.is_later_than(reminder) for other in later)


async def _visit(store: Store, visit: str) -> VisitShown:
    duty = await store.get(FileDuty, visit)
    duties = await store.select(CallDuty, {"visit": visit})
    return VisitShown(
        visit=visit,
        history=await store.fetch("visits", visit) or {},
        file_duty=duty,
        need=await _text(store, duty.plan.need if duty.plan else None),
        calls=duties,
        opinions=[await _text(store, each.opinion.opinion if each.opinion else None) for each in duties],
    )


async def _call(store: Store, call: RegisteredCall) -> CallShown:
    return CallShown(call=call, note=await _text(store, call.note), dialled=await _text(store, call.dialled))


async def _letter(store: Store, letter: Letter) -> LetterShown:
    return LetterShown(letter=letter, content=await _text(store, letter.content), address=await _text(store, letter.address))


async def _text(store: Store, key: str | None) -> str | None:
    body = await store.record(key) if key else None
    return body["text"] if body else None


def _body(record: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return dict(record) if record else None


def _given(**filters: str | None) -> dict[str, Any]:
    return {name: value for name, value in filters.items() if value is not None}


def _due_before(moment: datetime | None) -> dict[str, Any]:
    """Times are stored as UTC text of whole seconds, so that text order is time order."""
    if moment is None:
        return {}
    return {"due_by": {"$lt": moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}}
