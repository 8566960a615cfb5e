"""F4, F5: demands and wishes, from the call that brings them until the customer is answered."""

from services.followup.acts import complaints, unsolved
from services.followup.acts.agents import whose_it_is
from services.followup.calls import CallDuty
from services.followup.entry import Entry
from shared.contracts.followup import OpinionRecorded
from shared.contracts.values import Channel
from shared.unit import Unit


async def open_entries(unit: Unit, duty: CallDuty) -> None:
    """F4: each entry of a call, as a thing of its own with its owner; it has the entry's id."""
    for said in duty.opinion.entries if duty.opinion else ():
        if said.kind == "complaint":
            await complaints.open_from_call(unit, duty, said)
        else:
            await _open(unit, duty, said)


async def _open(unit: Unit, duty: CallDuty, said: OpinionRecorded.Entry) -> None:
    entry = await unit.create(
        Entry,
        said.entry,
        lambda entry: entry.open(said.kind, duty.customer, duty.visit, said.text, said.owner, unit.branch.site, unit.now),
    )
    await watch(unit, entry)
    people = (await whose_it_is(unit, said.owner),)
    await unit.tell("entry_to_see_to", clause="F4", visit=duty.visit, people=people, kind=said.kind, entry=entry.id)


async def watch(unit: Unit, entry: Entry) -> None:
    """F5: past its last day it is overdue; when the shop closes on it, it is reported by itself."""
    assert entry.answer_by
    await unsolved.watch(unit, entry, "answer", entry.answer_by)
    if not entry.reported:
        await unsolved.watch_report(unit, entry, entry.answer_by)


async def close(unit: Unit, id: str, answer: str, channel: Channel) -> Entry:
    """F5: what is told by phone or letter is in its register as well (F8, F9)."""
    entry = await unit.load(Entry, id)
    entry.must_be_open()
    call, letter = await unsolved.register_answer(unit, entry, channel, answer, "answered")
    await unsolved.unwatch(unit, id, "answer", "report", "decision")
    return await unit.update(Entry, id, lambda entry: entry.close(unit.actor, answer, channel, call=call, letter=letter))
