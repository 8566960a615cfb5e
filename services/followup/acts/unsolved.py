"""F5: complaints, demands and wishes that are unsolved go to the business supervisor; and what fires when a day is over."""

from datetime import date, datetime, timedelta
from typing import TypeVar

from services.followup import desk
from services.followup.acts.agents import whose_it_is
from services.followup.complaint import Complaint
from services.followup.entry import Entry
from services.followup.unsolved import Unsolved
from shared.calendar import end_of_day, local_day
from shared.contracts.values import Channel
from shared.reaction import Timer, TimerHandler, Timers
from shared.unit import Unit

A = TypeVar("A", Complaint, Entry)


async def hand_over(unit: Unit, kind: type[A], id: str, owner: str) -> A:
    """Who had it and who has it now are told."""
    before = (await unit.load(kind, id)).owner
    matter = await unit.update(kind, id, lambda matter: matter.hand_over(owner, unit.actor, unit.branch))
    people = tuple(dict.fromkeys([await whose_it_is(unit, each) for each in (owner, before)]))
    await unit.tell(f"handed_over_{kind.NAME}", clause="F5", visit=matter.visit, people=people, owner=owner, **{kind.NAME: id})
    return matter


async def register_answer(unit: Unit, matter: Unsolved, channel: Channel, words: str, result: str) -> tuple[str | None, str | None]:
    """The customer hears it: by phone it is in the call register (F8), by letter in that one (F9). The ids of call and letter.

    `words` is the key of a text record.
    """
    if channel is Channel.PHONE:
        call = await desk.register_call(
            unit, direction="out", customer=matter.customer, visit=matter.visit, purpose=matter.NAME, result=result, note=words
        )
        return call.id, None
    if channel is Channel.LETTER:
        return None, (await desk.register_letter(unit, "answer", matter.customer, matter.visit, words)).id
    return None, None


async def report(unit: Unit, kind: type[A], id: str, reason: str | None, *, itself: bool = False) -> A:
    matter = await unit.update(kind, id, lambda matter: matter.report(unit.actor, reason, itself=itself))
    await unwatch(unit, id, "report")
    await unit.tell(
        f"unsolved_{kind.NAME}",
        clause="F5",
        visit=matter.visit,
        roles=("business_supervisor",),
        people=(await whose_it_is(unit, matter.owner),),
        itself="yes" if itself else "no",
        **{kind.NAME: id},
    )
    return matter


async def decide(unit: Unit, kind: type[A], id: str, decision: str, due_on: date) -> A:
    """The decision has its own date, in place of the days to answer; past it, unsolved, it escalates."""
    site = unit.branch.site
    today = local_day(unit.now, site.zone)
    matter = await unit.update(kind, id, lambda matter: matter.decide(unit.actor, decision, due_on, today))
    await unwatch(unit, id, "answer")
    await watch(unit, matter, "decision", end_of_day(due_on, site.zone))
    said = {kind.NAME: id, "due_on": due_on.isoformat()}
    await unit.tell(f"decided_{kind.NAME}", clause="F5", visit=matter.visit, people=(await whose_it_is(unit, matter.owner),), **said)
    return matter


async def watch(unit: Unit, matter: Unsolved, what: str, last_moment: datetime) -> None:
    """F10: `what` (of `LATE`) escalates where it is not done by then."""
    await _schedule(unit, matter, what, last_moment + timedelta(seconds=1))


async def watch_report(unit: Unit, matter: Unsolved, last_moment: datetime) -> None:
    """On the last day, when the shop closes, it is reported by itself, so that the days for it are kept."""
    site = unit.branch.site
    await _schedule(unit, matter, "report", datetime.combine(local_day(last_moment, site.zone), site.shop.closes, site.zone))


async def _schedule(unit: Unit, matter: Unsolved, what: str, due_at: datetime) -> None:
    await unit.schedule(Timer(key=f"{matter.id}:{what}", kind=f"{matter.NAME}_{what}", due_at=due_at, subject=matter.subject))


async def unwatch(unit: Unit, id: str, *whats: str) -> None:
    for what in whats:
        await unit.cancel(f"{id}:{what}")


def _reporting(kind: type[A]) -> TimerHandler:
    async def report_by_itself(timer: Timer, unit: Unit) -> None:
        matter = await unit.load(kind, timer.key.removesuffix(":report"))
        if matter.waits_for("report"):
            await report(unit, kind, matter.id, None, itself=True)

    return report_by_itself


def _escalating(kind: type[A], what: str) -> TimerHandler:
    async def escalate(timer: Timer, unit: Unit) -> None:
        matter = await unit.load(kind, timer.key.removesuffix(f":{what}"))
        if matter.is_late(what):
            await unit.update(kind, matter.id, lambda matter: matter.escalate(what))
            told = (await whose_it_is(unit, matter.owner),)
            await unit.tell(
                "duty_overdue", clause="F10", visit=matter.visit, roles=("business_supervisor",), people=told, duty=matter.id, level="red"
            )

    return escalate


TIMERS: Timers = {
    "complaint_report": _reporting(Complaint),
    **{f"complaint_{what}": _escalating(Complaint, what) for what in Complaint.LATE},
    "entry_report": _reporting(Entry),
    **{f"entry_{what}": _escalating(Entry, what) for what in Entry.LATE},
}
