"""F5: complaints, demands and wishes: from the call that brings them to the customer who is content, and what fires when a day is over."""

from datetime import date, datetime, timedelta

from services.followup import desk
from services.followup.acts import contacts
from services.followup.calls import CallDuty
from services.followup.complaint import Complaint, NotAComeBack
from services.followup.entry import Entry
from services.followup.file import FileDuty
from shared import merged_files
from shared.calendar import end_of_day, local_day
from shared.contracts.followup import OpinionRecorded
from shared.contracts.values import Channel
from shared.reaction import Timer, Timers
from shared.refusal import NotFound
from shared.unit import Unit


async def open_entries(unit: Unit, duty: CallDuty) -> None:
    """F4: each entry of a call, as a thing of its own with its owner; it has the entry's id."""
    for said in duty.opinion.entries if duty.opinion else ():
        if said.kind == "complaint":
            await _open(unit, said.entry, "call", duty.customer, duty.visit, said.text, said.owner, duty.id)
        else:
            await _open_entry(unit, duty, said)


async def _open_entry(unit: Unit, duty: CallDuty, said: OpinionRecorded.Entry) -> None:
    entry = await unit.create(
        Entry,
        said.entry,
        lambda entry: entry.open(said.kind, duty.customer, duty.visit, said.text, said.owner, unit.branch.site, unit.now),
    )
    await watch_entry(unit, entry)
    await unit.tell("entry_to_see_to", clause="F4", visit=duty.visit, people=(said.owner,), kind=said.kind, entry=entry.id)


async def watch_entry(unit: Unit, entry: Entry) -> None:
    """F5: on its last day, when the shop closes, it is reported by itself; past it, it is overdue."""
    assert entry.answer_by
    await unit.schedule(_of_entry(entry, "answer", _after(entry.answer_by)))
    if not entry.reported:
        await unit.schedule(_of_entry(entry, "report", _at_closing(entry.answer_by, unit)))


def _of_entry(entry: Entry, what: str, due_at: datetime) -> Timer:
    kind = {"answer": "entry_unanswered", "report": "entry_report", "decision": "entry_decision"}[what]
    return Timer(key=f"{entry.id}:{what}", kind=kind, due_at=due_at, subject=entry.subject)


async def report_entry(unit: Unit, id: str, reason: str | None, *, itself: bool = False) -> Entry:
    entry = await unit.update(Entry, id, lambda entry: entry.report(unit.actor, reason, itself=itself))
    await unit.cancel(f"{id}:report")
    await unit.tell(
        "entry_unanswered",
        clause="F5",
        visit=entry.visit,
        roles=("business_supervisor",),
        people=(entry.owner,),
        kind=entry.kind,
        entry=id,
        itself="yes" if itself else "no",
    )
    return entry


async def decide_entry(unit: Unit, id: str, decision: str, due_on: date) -> Entry:
    """F5: as of a complaint: past its date, without an answer, it escalates."""
    site = unit.branch.site
    entry = await unit.update(Entry, id, lambda entry: entry.decide(unit.actor, decision, due_on, local_day(unit.now, site.zone)))
    await unit.schedule(_of_entry(entry, "decision", _after(end_of_day(due_on, site.zone))))
    await unit.tell("entry_decided", clause="F5", visit=entry.visit, people=(entry.owner,), entry=id, due_on=due_on.isoformat())
    return entry


async def close_entry(unit: Unit, id: str, answer: str) -> Entry:
    for what in ("answer", "report", "decision"):
        await unit.cancel(f"{id}:{what}")
    return await unit.update(Entry, id, lambda entry: entry.close(unit.actor, answer))


async def open_complaint(unit: Unit, id: str, channel: str, customer: str, visit: str | None, words: str, owner: str) -> Complaint:
    """F5: from any channel. A call is in the register too (F8)."""
    customer = await merged_files.surviving(unit, customer)
    if await unit.record(f"customer:{customer}") is None:
        raise NotFound(missing=(f"customer:{customer}",))
    if visit:
        await unit.load(FileDuty, visit)
    if channel == "call":
        await desk.register_call(unit, direction="in", customer=customer, visit=visit, purpose="complaint", result="complaint", note=words)
    return await _open(unit, id, channel, customer, visit, words, owner)


async def _open(
    unit: Unit, id: str, channel: str, customer: str, visit: str | None, words: str, owner: str, duty: str | None = None
) -> Complaint:
    complaint = await unit.create(
        Complaint,
        id,
        lambda complaint: complaint.open(channel, customer, visit, words, owner, unit.actor, unit.branch, unit.now, duty),
    )
    await watch_report(unit, complaint)
    await unit.tell("complaint_to_solve", clause="F5", visit=visit, people=(owner,), complaint=id)
    return complaint


async def report(unit: Unit, id: str, reason: str | None, *, itself: bool = False) -> Complaint:
    complaint = await unit.update(Complaint, id, lambda complaint: complaint.report(unit.actor, reason, itself=itself))
    await unit.cancel(f"{id}:report")
    await unit.tell(
        "complaint_unsolved",
        clause="F5",
        visit=complaint.visit,
        roles=("business_supervisor",),
        people=(complaint.owner,),
        complaint=id,
        itself="yes" if itself else "no",
    )
    return complaint


async def decide(unit: Unit, id: str, decision: str, due_on: date) -> Complaint:
    """F5: the decision has its own date; past it, without a solution, it escalates."""
    site = unit.branch.site
    today = local_day(unit.now, site.zone)
    complaint = await unit.update(Complaint, id, lambda complaint: complaint.decide(unit.actor, decision, due_on, today))
    await _schedule(unit, complaint, "decision", _after(end_of_day(due_on, site.zone)))
    await unit.tell(
        "complaint_decided", clause="F5", visit=complaint.visit, people=(complaint.owner,), complaint=id, due_on=due_on.isoformat()
    )
    return complaint


async def solve(unit: Unit, id: str, solution: str) -> Complaint:
    complaint = await unit.update(Complaint, id, lambda complaint: complaint.solve(unit.actor, solution, unit.branch.site, unit.now))
    assert complaint.tell_by
    await unit.cancel(f"{id}:report")
    await unit.cancel(f"{id}:decision")
    await _schedule(unit, complaint, "told", _after(complaint.tell_by))
    await unit.tell("solution_to_tell_today", clause="F5", visit=complaint.visit, people=(complaint.owner,), complaint=id)
    return complaint


async def tell_customer(unit: Unit, id: str, channel: Channel, *, content: bool) -> Complaint:
    """F5: what is told by phone or letter is in its register as well (F8, F9)."""
    complaint = await unit.load(Complaint, id)
    complaint.may_be_told()
    call, letter = await _register(unit, complaint, channel, content=content)
    complaint = await unit.update(
        Complaint,
        id,
        lambda complaint: complaint.tell(unit.actor, channel, unit.branch.site, unit.now, content=content, call=call, letter=letter),
    )
    await unit.cancel(f"{id}:told")
    if not content:
        await watch_report(unit, complaint)
        await unit.tell("complaint_to_solve", clause="F5", visit=complaint.visit, people=(complaint.owner,), complaint=id)
    return complaint


async def _register(unit: Unit, complaint: Complaint, channel: Channel, *, content: bool) -> tuple[str | None, str | None]:
    assert complaint.solution
    if channel is Channel.PHONE:
        call = await desk.register_call(
            unit,
            direction="out",
            customer=complaint.customer,
            visit=complaint.visit,
            purpose="complaint",
            result="content" if content else "not_content",
            note=complaint.solution,
        )
        return call.id, None
    if channel is Channel.LETTER:
        letter = await desk.register_letter(unit, "answer", complaint.customer, complaint.visit, complaint.solution)
        return None, letter.id
    return None, None


async def link_come_back(unit: Unit, id: str, come_back: str) -> Complaint:
    """F5: the same car is here again about it: counted against the first order's teams and inspector (EDGE_CASES 10)."""
    complaint = await unit.load(Complaint, id)
    back = await unit.load(FileDuty, come_back)
    if complaint.visit and not await merged_files.same(unit, (await unit.load(FileDuty, complaint.visit)).vehicle, back.vehicle):
        raise NotAComeBack(visit=come_back, first=complaint.visit)
    first = await unit.fetch("visits", complaint.visit or "") or {}
    order, teams, inspector = first.get("order"), tuple(first.get("teams", ())), first.get("inspector")
    complaint = await unit.update(Complaint, id, lambda complaint: complaint.link_come_back(come_back, order, teams, inspector, unit.actor))
    assert complaint.visit
    await contacts.join_calls(unit, complaint.visit, come_back)
    await unit.tell("car_came_back", clause="F5", visit=complaint.visit, roles=("business_supervisor",), complaint=id, come_back=come_back)
    return complaint


async def watch_report(unit: Unit, complaint: Complaint) -> None:
    """On the last day, when the shop closes, it is reported by itself, so that the two days are kept."""
    assert complaint.report_by
    await _schedule(unit, complaint, "report", _at_closing(complaint.report_by, unit))


def _at_closing(last_day: datetime, unit: Unit) -> datetime:
    site = unit.branch.site
    return datetime.combine(local_day(last_day, site.zone), site.shop.closes, site.zone)


async def _schedule(unit: Unit, complaint: Complaint, what: str, due_at: datetime) -> None:
    facts = {"complaint": complaint.id}
    key = f"{complaint.id}:{what}"
    await unit.schedule(Timer(key=key, kind=f"complaint_{what}", due_at=due_at, subject=complaint.subject, facts=facts))


def _after(deadline: datetime) -> datetime:
    """The first moment past the last second of a day."""
    return deadline + timedelta(seconds=1)


async def report_by_itself(timer: Timer, unit: Unit) -> None:
    complaint = await unit.load(Complaint, timer.facts["complaint"])
    if not (complaint.reported or complaint.solution or complaint.closed):
        await report(unit, complaint.id, None, itself=True)


async def escalate_untold(timer: Timer, unit: Unit) -> None:
    await _escalate(unit, timer.facts["complaint"], "told")


async def escalate_decision(timer: Timer, unit: Unit) -> None:
    await _escalate(unit, timer.facts["complaint"], "decision")


async def _escalate(unit: Unit, id: str, what: str) -> None:
    complaint = await unit.load(Complaint, id)
    if complaint.is_late(what):
        await unit.update(Complaint, id, lambda complaint: complaint.escalate(what))
        await _tell_overdue(unit, complaint.visit, id, complaint.owner)


async def escalate_entry(timer: Timer, unit: Unit) -> None:
    entry = await unit.load(Entry, timer.key.removesuffix(":answer"))
    if entry.is_late:
        await unit.update(Entry, entry.id, Entry.escalate)
        await _tell_overdue(unit, entry.visit, entry.id, entry.owner)


async def report_entry_by_itself(timer: Timer, unit: Unit) -> None:
    entry = await unit.load(Entry, timer.key.removesuffix(":report"))
    if not (entry.reported or entry.closed_by):
        await report_entry(unit, entry.id, None, itself=True)


async def escalate_entry_decision(timer: Timer, unit: Unit) -> None:
    entry = await unit.load(Entry, timer.key.removesuffix(":decision"))
    if entry.is_decided_and_late:
        await unit.update(Entry, entry.id, Entry.escalate_decision)
        await _tell_overdue(unit, entry.visit, entry.id, entry.owner)


async def _tell_overdue(unit: Unit, visit: str | None, duty: str, owner: str) -> None:
    await unit.tell("duty_overdue", clause="F10", visit=visit, roles=("business_supervisor",), people=(owner,), duty=duty, level="red")


TIMERS: Timers = {
    "entry_report": report_entry_by_itself,
    "entry_unanswered": escalate_entry,
    "entry_decision": escalate_entry_decision,
    "complaint_report": report_by_itself,
    "complaint_told": escalate_untold,
    "complaint_decision": escalate_decision,
}
