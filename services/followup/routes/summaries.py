"""F10 over HTTP: what is open and late, per person; the monthly and yearly summaries. A period is `2026-03` or `2026`."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from services.followup.acts import counting, summaries
from services.followup.summary import Summary
from shared.calendar import local_day
from shared.unit import Unit
from shared.web import Body, Call, Roles, table

MAY: Roles = {
    "see_overview": ("business_supervisor", "followup_agent", "group_analyst"),
    "see_summaries": ("business_supervisor", "followup_agent", "group_analyst"),
    "draft_summary": ("business_supervisor",),
    "edit_summary": ("business_supervisor",),
    "sign_summary": ("business_supervisor",),
    "present_summary": ("business_supervisor",),
}

router = APIRouter()
allowed = table(MAY)

Text = Annotated[str, Field(min_length=1, max_length=20000)]
Id = Annotated[str, Field(min_length=1, max_length=80)]
Limit = Annotated[int, Query(ge=1, le=200)]


class Overview(BaseModel):
    """F10: everything open, per person, and the summaries that are due."""

    people: list[counting.OpenNow]
    summaries_due: list[str]


@router.get("/overview")
async def see_overview(call: Call = allowed("see_overview")) -> Overview:
    due = await call.store.select(Summary, {"filed": False})
    return Overview(people=await counting.open_now(call.store), summaries_due=[each.id for each in due])


@router.get("/summaries")
async def see_summaries(limit: Limit = 100, after: str | None = None, call: Call = allowed("see_summaries")) -> list[Summary]:
    return await call.store.select(Summary, {}, limit=limit, after=after)


class SummaryShown(BaseModel):
    """`words`: the supervisor's own."""

    summary: Summary
    words: str | None


@router.get("/summaries/{period}")
async def see_summary(period: str, call: Call = allowed("see_summaries")) -> SummaryShown:
    summary = await call.get(Summary, period)
    record = await call.store.record(summary.words) if summary.words else None
    return SummaryShown(summary=summary, words=record["text"] if record else None)


class DraftSummary(Body):
    period: Annotated[str, Field(pattern=r"^20[0-9]{2}(-(0[1-9]|1[0-2]))?$")] = Field(examples=["2026-03"])


@router.post("/summaries", status_code=201)
async def draft_summary(body: DraftSummary, call: Call = allowed("draft_summary")) -> Summary:
    """F10: drafted from the facts, when the period is over; again until it is signed."""
    facts = await counting.facts_of(call.store, body.period)

    async def work(unit: Unit) -> Summary:
        site = unit.branch.site
        summary = await unit.create(Summary, body.period, lambda summary: summary.draft(facts, unit.actor, site, unit.now))
        await summaries.watch(unit, summary)
        return summary

    return await call.do(work, Summary)


class EditSummary(Body):
    words: Text = Field(examples=["本月回访及时率提高，投诉集中于异响。"])


@router.post("/summaries/{period}/edits")
async def edit_summary(period: str, body: EditSummary, call: Call = allowed("edit_summary")) -> Summary:
    """F10: the supervisor's words; the newest hold."""

    async def work(unit: Unit) -> Summary:
        words = await unit.put_text(body.words)
        return await unit.update(Summary, period, lambda summary: summary.edit(words, unit.actor))

    return await call.do(work, Summary)


@router.post("/summaries/{period}/signature")
async def sign_summary(period: str, call: Call = allowed("sign_summary")) -> Summary:
    """F10: signed over its content: facts and words stay as they are."""
    return await call.update(Summary, period, lambda summary: summary.sign(call.person.id, call.now))


class PresentSummary(Body):
    """The department meeting: its day, and the staff ids of who was there."""

    met_on: date = Field(examples=["2026-04-03"])
    present: tuple[Id, ...] = Field(min_length=1, max_length=100, examples=[["bizsup-1", "agent-1", "agent-2"]])


@router.post("/summaries/{period}/meeting")
async def present_summary(period: str, body: PresentSummary, call: Call = allowed("present_summary")) -> Summary:
    """F10: given in the meeting, and filed with it."""

    async def work(unit: Unit) -> Summary:
        site, known = unit.branch.site, tuple(unit.branch.staff)
        today = local_day(unit.now, site.zone)
        await summaries.settle(unit, period)
        return await unit.update(Summary, period, lambda summary: summary.meet(body.met_on, body.present, known, unit.actor, today, site))

    return await call.do(work, Summary)
