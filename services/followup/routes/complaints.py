"""F5 over HTTP: complaints until the customer is content; demands and wishes until they are answered.

A complaint from a call has the id of the call's entry. Words, solutions, decisions are kept as records.
"""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from services.followup import store
from services.followup.acts import complaints, entries, unsolved
from services.followup.complaint import Complaint
from services.followup.entry import Entry
from services.followup.unsolved import SOLVERS
from shared.contracts.values import Channel
from shared.identity import new_id
from shared.unit import Unit
from shared.web import Body, Call, Roles, table

_DEPARTMENT: tuple[str, ...] = ("followup_agent", "business_supervisor")

MAY: Roles = {
    "see_complaints": (*SOLVERS, "group_analyst"),
    "see_complaint": SOLVERS,
    "open_complaint": (*SOLVERS, "receptionist", "cashier"),
    "report_complaint": SOLVERS,
    "hand_over_complaint": _DEPARTMENT,
    "decide_complaint": ("business_supervisor",),
    "solve_complaint": SOLVERS,
    "tell_solution": SOLVERS,
    "link_come_back": (*_DEPARTMENT, "advisor"),
    "see_entries": (*SOLVERS, "group_analyst"),
    "see_entry": SOLVERS,
    "report_entry": SOLVERS,
    "hand_over_entry": _DEPARTMENT,
    "decide_entry": ("business_supervisor",),
    "close_entry": SOLVERS,
}

router = APIRouter()
allowed = table(MAY)

Text = Annotated[str, Field(min_length=1, max_length=4000)]
Id = Annotated[str, Field(min_length=1, max_length=80)]
Limit = Annotated[int, Query(ge=1, le=200)]
State = Literal["open", "closed", "all"]


@router.get("/complaints")
async def see_complaints(
    state: State = "all",
    visit: str | None = None,
    customer: str | None = None,
    owner: str | None = None,
    limit: Limit = 100,
    after: str | None = None,
    call: Call = allowed("see_complaints"),
) -> list[Complaint]:
    """F5: by id; `after` is the last id of the page before. `owner` asks for those that this person works on today (F1)."""
    return await store.complaints(call.store, call.now, state, visit, customer, owner, limit, after)


@router.get("/complaints/{complaint}")
async def see_complaint(complaint: str, call: Call = allowed("see_complaint")) -> store.ComplaintShown:
    """F5: one complaint with its texts."""
    return await store.complaint_of(call.store, await call.get(Complaint, complaint))


class OpenComplaint(Body):
    """F5: from any channel. `owner` (a staff id) works on it; `visit` is the one that it is about."""

    channel: Literal["call", "letter", "face_to_face"] = Field(examples=["face_to_face"])
    customer: Id = Field(examples=["customer-5f3c9a0b1d2e4f607182"])
    visit: Id | None = None
    text: Text = Field(examples=["交车后异响仍在"])
    owner: Id = Field(examples=["advisor-1"])


@router.post("/complaints", status_code=201)
async def open_complaint(body: OpenComplaint, call: Call = allowed("open_complaint")) -> Complaint:
    async def work(unit: Unit) -> Complaint:
        words = await unit.put_text(body.text)
        return await complaints.open_complaint(unit, new_id("complaint"), body.channel, body.customer, body.visit, words, body.owner)

    return await call.do(work, Complaint)


class HandOver(Body):
    owner: Id = Field(examples=["supervisor-1"], description="A staff id: who works on it from now on.")


@router.post("/complaints/{complaint}/owner")
async def hand_over_complaint(complaint: str, body: HandOver, call: Call = allowed("hand_over_complaint")) -> Complaint:
    """F5: somebody else owns it from now on; both are told."""
    return await call.do(lambda unit: unsolved.hand_over(unit, Complaint, complaint, body.owner), Complaint)


class ReportUnsolved(Body):
    reason: Text = Field(examples=["厂家尚未答复"], description="Why it is unsolved.")


@router.post("/complaints/{complaint}/report")
async def report_complaint(complaint: str, body: ReportUnsolved, call: Call = allowed("report_complaint")) -> Complaint:
    """F5: unsolved: to the business supervisor, within two working days; on the last of them it is reported by itself."""

    async def work(unit: Unit) -> Complaint:
        return await unsolved.report(unit, Complaint, complaint, await unit.put_text(body.reason))

    return await call.do(work, Complaint)


class DecideUnsolved(Body):
    decision: Text = Field(examples=["免费更换并由技术总监复检"])
    due_on: date = Field(examples=["2026-03-16"], description="Until when it is carried out.")


@router.post("/complaints/{complaint}/decision")
async def decide_complaint(complaint: str, body: DecideUnsolved, call: Call = allowed("decide_complaint")) -> Complaint:
    """F5: the business supervisor's decision, with its own date; the newest holds."""

    async def work(unit: Unit) -> Complaint:
        return await unsolved.decide(unit, Complaint, complaint, await unit.put_text(body.decision), body.due_on)

    return await call.do(work, Complaint)


class SolveComplaint(Body):
    solution: Text = Field(examples=["重新紧固并消除异响"])


@router.post("/complaints/{complaint}/solution")
async def solve_complaint(complaint: str, body: SolveComplaint, call: Call = allowed("solve_complaint")) -> Complaint:
    """F5: found; the customer hears it the same day."""

    async def work(unit: Unit) -> Complaint:
        return await complaints.solve(unit, complaint, await unit.put_text(body.solution))

    return await call.do(work, Complaint)


class TellSolution(Body):
    """`content`: whether the customer is content. If not, the work begins again."""

    channel: Channel = Field(examples=["phone"])
    content: bool


@router.post("/complaints/{complaint}/told")
async def tell_solution(complaint: str, body: TellSolution, call: Call = allowed("tell_solution")) -> Complaint:
    """F5: the customer heard the solution. By phone or letter it is in that register too (F8, F9)."""
    return await call.do(lambda unit: complaints.tell_customer(unit, complaint, body.channel, content=body.content), Complaint)


@router.get("/complaints/{complaint}/come-back")
async def see_come_back(complaint: str, call: Call = allowed("see_complaint")) -> store.ComeBackShown:
    """F5: the first order with its teams and inspector, and the visits on which the car came back about it."""
    return await store.come_back_of(call.store, await call.get(Complaint, complaint))


class LinkComeBack(Body):
    visit: Id = Field(description="The visit on which the car is here again.")


@router.post("/complaints/{complaint}/come-back")
async def link_come_back(complaint: str, body: LinkComeBack, call: Call = allowed("link_come_back")) -> Complaint:
    return await call.do(lambda unit: complaints.link_come_back(unit, complaint, body.visit), Complaint)


@router.get("/entries")
async def see_entries(
    state: State = "open",
    visit: str | None = None,
    owner: str | None = None,
    limit: Limit = 100,
    after: str | None = None,
    call: Call = allowed("see_entries"),
) -> list[Entry]:
    """F4: demands and wishes of the calls; by id. `owner` asks for those that this person works on today (F1)."""
    return await store.entries(call.store, call.now, state, visit, owner, limit, after)


@router.get("/entries/{entry}")
async def see_entry(entry: str, call: Call = allowed("see_entry")) -> store.EntryShown:
    """F4, F5: one demand or wish with its texts."""
    return await store.entry_of(call.store, await call.get(Entry, entry))


@router.post("/entries/{entry}/owner")
async def hand_over_entry(entry: str, body: HandOver, call: Call = allowed("hand_over_entry")) -> Entry:
    """F5: somebody else owns it from now on; both are told."""
    return await call.do(lambda unit: unsolved.hand_over(unit, Entry, entry, body.owner), Entry)


@router.post("/entries/{entry}/report")
async def report_entry(entry: str, body: ReportUnsolved, call: Call = allowed("report_entry")) -> Entry:
    """F5: not answered: the business supervisor is told; by itself on the last of the two days."""

    async def work(unit: Unit) -> Entry:
        return await unsolved.report(unit, Entry, entry, await unit.put_text(body.reason))

    return await call.do(work, Entry)


@router.post("/entries/{entry}/decision")
async def decide_entry(entry: str, body: DecideUnsolved, call: Call = allowed("decide_entry")) -> Entry:
    """F5: the business supervisor's decision, with its own date; the newest holds."""

    async def work(unit: Unit) -> Entry:
        return await unsolved.decide(unit, Entry, entry, await unit.put_text(body.decision), body.due_on)

    return await call.do(work, Entry)


class CloseEntry(Body):
    answer: Text = Field(examples=["周末预约已开放，已告知客户"])
    channel: Channel = Field(examples=["phone"])


@router.post("/entries/{entry}/closing")
async def close_entry(entry: str, body: CloseEntry, call: Call = allowed("close_entry")) -> Entry:
    """F5: the customer was answered. By phone or letter it is in that register too (F8, F9)."""

    async def work(unit: Unit) -> Entry:
        return await entries.close(unit, entry, await unit.put_text(body.answer), body.channel)

    return await call.do(work, Entry)
