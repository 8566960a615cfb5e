"""F5: a complaint, from any channel, until the customer is content."""

from services.followup import desk
from services.followup.acts import contacts, erased, unsolved
from services.followup.acts.agents import whose_it_is
from services.followup.calls import CallDuty
from services.followup.complaint import Complaint, NotAComeBack, teams_of
from services.followup.file import FileDuty
from shared import merged_files
from shared.contracts.followup import OpinionRecorded
from shared.contracts.values import Channel
from shared.unit import Unit


async def open_complaint(unit: Unit, id: str, channel: str, customer: str, visit: str | None, words: str, owner: str) -> Complaint:
    """F5: from any channel. A call is in the register too (F8)."""
    customer = await merged_files.surviving(unit, customer)
    await erased.must_be_there(unit, customer)
    if visit:
        await unit.load(FileDuty, visit)
    if channel == "call":
        await desk.register_call(unit, direction="in", customer=customer, visit=visit, purpose="complaint", result="complaint", note=words)
    return await _open(unit, id, channel, customer, visit, words, owner)


async def open_from_call(unit: Unit, duty: CallDuty, said: OpinionRecorded.Entry) -> Complaint:
    return await _open(unit, said.entry, "call", duty.customer, duty.visit, said.text, said.owner, duty.id)


async def _open(
    unit: Unit, id: str, channel: str, customer: str, visit: str | None, words: str, owner: str, duty: str | None = None
) -> Complaint:
    complaint = await unit.create(
        Complaint,
        id,
        lambda complaint: complaint.open(channel, customer, visit, words, owner, unit.actor, unit.branch, unit.now, duty),
    )
    await watch_report(unit, complaint)
    await unit.tell("complaint_to_solve", clause="F5", visit=visit, people=(await whose_it_is(unit, owner),), complaint=id)
    return complaint


async def solve(unit: Unit, id: str, solution: str) -> Complaint:
    complaint = await unit.update(Complaint, id, lambda complaint: complaint.solve(unit.actor, solution, unit.branch.site, unit.now))
    assert complaint.tell_by
    await unsolved.unwatch(unit, id, "report", "decision")
    await unsolved.watch(unit, complaint, "told", complaint.tell_by)
    await unit.tell(
        "solution_to_tell_today", clause="F5", visit=complaint.visit, people=(await whose_it_is(unit, complaint.owner),), complaint=id
    )
    return complaint


async def tell_customer(unit: Unit, id: str, channel: Channel, *, content: bool) -> Complaint:
    """F5: what is told by phone or letter is in its register as well (F8, F9)."""
    complaint = await unit.load(Complaint, id)
    complaint.may_be_told()
    assert complaint.solution
    heard = "content" if content else "not_content"
    call, letter = await unsolved.register_answer(unit, complaint, channel, complaint.solution, heard)
    complaint = await unit.update(
        Complaint,
        id,
        lambda complaint: complaint.tell(unit.actor, channel, unit.branch.site, unit.now, content=content, call=call, letter=letter),
    )
    await unsolved.unwatch(unit, id, "told")
    if not content:
        await watch_report(unit, complaint)
        await unit.tell(
            "complaint_to_solve", clause="F5", visit=complaint.visit, people=(await whose_it_is(unit, complaint.owner),), complaint=id
        )
    return complaint


async def link_come_back(unit: Unit, id: str, come_back: str) -> Complaint:
    """F5: the same car is here again about it: counted against the first order's teams and inspector (EDGE_CASES 10)."""
    complaint = await unit.load(Complaint, id)
    back = await unit.load(FileDuty, come_back)
    if complaint.visit and not await _is_here_again(unit, await unit.load(FileDuty, complaint.visit), back):
        raise NotAComeBack(visit=come_back, first=complaint.visit)
    first = await unit.fetch("visits", complaint.visit or "") or {}
    order, teams, inspector = first.get("order"), teams_of(first), first.get("inspector")
    complaint = await unit.update(Complaint, id, lambda complaint: complaint.link_come_back(come_back, order, teams, inspector, unit.actor))
    assert complaint.visit
    await contacts.join_calls(unit, complaint.visit, come_back)
    await unit.tell("car_came_back", clause="F5", visit=complaint.visit, roles=("business_supervisor",), complaint=id, come_back=come_back)
    return complaint


async def _is_here_again(unit: Unit, first: FileDuty, back: FileDuty) -> bool:
    """A later visit of the same car; a visit whose check-in nobody knows of is not known to be later."""
    if not first.checked_in_at or not back.checked_in_at or back.checked_in_at <= first.checked_in_at:
        return False
    return bool(first.vehicle) and await merged_files.same(unit, first.vehicle, back.vehicle)


async def watch_report(unit: Unit, complaint: Complaint) -> None:
    assert complaint.report_by
    await unsolved.watch_report(unit, complaint, complaint.report_by)
