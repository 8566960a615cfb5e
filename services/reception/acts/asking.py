"""What the advisor takes to the customer while the car is here, each in one transaction: changes (W8, R6), the warranty question
(R5), progress (W7), belongings (W6). Whatever asks for it opened a task with a time; the answer closes it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from services.reception.acts import board, history
from services.reception.acts.dialling import dialled_number
from services.reception.changes import Changes
from services.reception.desk import Work, asked_line
from services.reception.estimate import operation_of
from services.reception.order import WorkOrder
from services.reception.quote import Covered, Wanted
from services.reception.routes.bodies import (
    AnswerBelongings,
    AnswerChange,
    EscalateWarranty,
    QuoteChange,
    RecordRuling,
    TellProgress,
)
from services.reception.ruling import WarrantyQuestions
from services.reception.stock import Stock
from services.reception.task import KINDS, AdvisorTask, counts, due_by, task_id
from services.reception.terms import WorkOrderNotSigned
from services.reception.visit import Visit
from shared.contracts.event import VisitEvent
from shared.contracts.followup import SiteSettingChanged
from shared.contracts.reception import AdvisorTaskOpened, BelongingsAnswered, WorkOrderSigned
from shared.contracts.values import OrderItem, Warranty
from shared.reaction import Timer
from shared.refusal import Malformed, NotFound
from shared.site_changes import as_changed
from shared.unit import Unit
from shared.web import Call

OVERDUE = "advisor_task_overdue"


# the tasks


async def open_task(unit: Unit, visit: Visit, kind: str, about: str, **facts: Any) -> None:
    """With its time; whoever has not answered by then is named to the supervisors. One that was done stays done, whoever asks again."""
    task = task_id(visit.id, about)
    until = due_by(kind, unit.branch, unit.now)
    opened = AdvisorTaskOpened(
        visit=visit.id, task=task, kind=kind, about=about, advisor=visit.advisor or "", due_by=until, since=unit.now, **facts
    )
    if not (await unit.create(AdvisorTask, task, lambda seen: seen.begin(opened))).open:
        return
    await _watch(unit, task, until, visit.id)
    await _note_open(unit, visit.id, {*await _open_tasks(unit, visit.id), task})


async def finish_task(unit: Unit, visit: str, about: str, by: str, said: VisitEvent | None = None) -> AdvisorTask:
    """`NotFound` where the workshop's word has not arrived here; `TaskAlreadyDone`."""
    task = task_id(visit, about)
    done = await unit.update(AdvisorTask, task, lambda seen: seen.finish(by, said))
    await unit.cancel(task)
    await _note_open(unit, visit, await _open_tasks(unit, visit) - {task})
    return done


async def task_about(unit: Unit, visit: str, about: str, *kinds: str) -> AdvisorTask:
    """`NotFound` also where it is about another kind of matter, which has its own answer."""
    task = await unit.load(AdvisorTask, task_id(visit, about))
    if task.kind not in kinds:
        raise NotFound(missing=(about,))
    return task


async def end_open_tasks(unit: Unit, visit: str, by: str, *, kinds: Sequence[str] = ()) -> list[AdvisorTask]:
    """Nobody has to be asked any more: the car has left, or the customer has ended it. `kinds` none: all but a ruling's."""
    return [await finish_task(unit, visit, task.about, by) for task in await open_tasks(unit, visit, kinds=kinds)]


async def open_tasks(unit: Unit, visit: str, *, kinds: Sequence[str] = ()) -> list[AdvisorTask]:
    tasks = [await unit.load(AdvisorTask, task) for task in sorted(await _open_tasks(unit, visit))]
    return [task for task in tasks if (task.kind in kinds if kinds else task.kind != "ruling")]


async def warn_of_unanswered(timer: Timer, unit: Unit) -> None:
    """W7: TELL the supervisors whose customer has not been reached in time."""
    task = await unit.load(AdvisorTask, timer.key)
    if not task.become_overdue():
        return
    await unit.update(AdvisorTask, task.id, lambda seen: seen.become_overdue())
    roles = ("business_supervisor",) if task.kind == "ruling" else ("business_supervisor", "workshop_supervisor")
    clause = {"ruling": "R5", "belongings": "W6", "change": "W8", "finding": "R6"}.get(task.kind, "W7")
    await unit.tell("advisor_task_overdue", clause=clause, visit=task.visit, roles=roles, people=(task.advisor,), kind=task.kind)


async def count_anew(event: SiteSettingChanged, unit: Unit) -> None:
    """EDGE_CASES 12: all open tasks whose time is counted by what changed; what is late already stays late."""
    branch = await as_changed(event, unit)
    for kind in (kind for kind in KINDS if counts(kind, event.key)):
        for id in await unit.ids(AdvisorTask, {"done_by": None, "kind": kind}):
            before = (await unit.load(AdvisorTask, id)).due_by
            task = await unit.update(AdvisorTask, id, lambda seen: seen.move(branch, unit.now))
            if task.due_by and task.due_by != before:
                await _watch(unit, id, task.due_by, task.visit)


async def _watch(unit: Unit, task: str, until: datetime, visit: str) -> None:
    await unit.schedule(Timer(key=task, kind=OVERDUE, due_at=until, subject=visit))


async def _open_tasks(unit: Unit, visit: str) -> set[str]:
    return set((await unit.fetch("open_tasks", visit) or {"tasks": ()})["tasks"])


async def _note_open(unit: Unit, visit: str, tasks: set[str]) -> None:
    await unit.put("open_tasks", visit, {"tasks": sorted(tasks)}, subject=visit)


# W8, R6, R9: changed items


def quote(visit: str, body: QuoteChange, stock: Mapping[str, Stock]) -> Work[Changes]:
    async def put_price_on(unit: Unit) -> Changes:
        order, seen = await signed_order(unit, visit), await unit.load(Visit, visit)
        wanted = await _wanted(unit, visit, body)
        questions, begun = await unit.find(WarrantyQuestions, visit), await board.begun(unit, visit)
        for put in wanted:
            questions.check_as_asked(put.item, put.operation, put.warranty)
        reason = await unit.put_text(body.warranty_reason) if body.warranty_reason else None
        covered = Covered(first_maintenance=await history.first_maintenance(unit, seen.vehicle), reason=reason)
        return await unit.create(
            Changes,
            visit,
            lambda changes: changes.quote(order, seen, body.found, wanted, body.dropped, begun, stock, unit.branch, unit.now, covered),
        )

    return put_price_on


async def _wanted(unit: Unit, visit: str, body: QuoteChange) -> list[Wanted]:
    """A wish's number goes on from the visit's former ones; a line names it by its place in this body."""
    if body.found is not None:
        found = await unit.load(AdvisorTask, task_id(visit, body.found))
        if found.operation is None:
            raise NotFound(missing=(body.found,))
        named = [(body.found, body.found, found.operation)]
    else:
        before = sum(item.item.startswith("wish-") for each in (await unit.find(Changes, visit)).changes for item in each.items)
        named = [(f"wish-{number}", f"wish-{before + number}", operation) for number, operation in enumerate(body.operations, 1)]
    for _, _, operation in named:
        operation_of(operation, unit.branch)
    known = {line for line, _, _ in named}
    if strange := sorted({line.item for line in body.lines if line.item not in known}):
        raise Malformed(missing=("lines",), reason="nothing asked for in this quote has this id", unknown=strange)
    lines = {line.item: await asked_line(unit, line) for line in body.lines}
    if len(lines) < len(body.lines):
        raise Malformed(missing=("lines",), reason="an item stands there twice")
    return [Wanted(item=item, operation=code, warranty=body.warranty, asked=lines.get(line)) for line, item, code in named]


def answer(call: Call, visit: str, change: str, body: AnswerChange) -> Work[Changes]:
    async def record(unit: Unit) -> Changes:
        order, seen = await signed_order(unit, visit), await unit.load(Visit, visit)
        questions, begun = await unit.find(WarrantyQuestions, visit), await board.begun(unit, visit)
        before = (await unit.find(Changes, visit)).items_of(order)
        dialled = await dialled_number(unit, seen, body.channel, body.dialled, consents=body.lines != ())
        by = call.person.id
        answered_by = "customer" if body.answered_by == "customer" else await unit.put_text(body.answered_by)
        changes = await unit.update(
            Changes,
            visit,
            lambda known: known.answer(
                order,
                seen,
                change,
                body.lines,
                answered_by,
                body.channel,
                dialled,
                body.content_hash,
                body.signed,
                questions,
                by,
                unit.branch,
                unit.now,
                begun=begun,
            ),
        )
        await after_answer(unit, order, before, changes, change, by)
        return changes

    return record


async def after_answer(unit: Unit, order: WorkOrderSigned, before: Sequence[OrderItem], changes: Changes, change: str, by: str) -> None:
    """The task is done, the board has the new work, and what was declined is proposed at the next visit (R9).

    As long as the insurer has not consented to what the customer accepted, the advisor's task goes on.
    """
    answered = changes.change(change)
    if answered.waits_for_insurer:
        return
    if answered.found is not None and (await unit.find(AdvisorTask, task_id(order.visit, answered.found))).open:
        await finish_task(unit, order.visit, answered.found, by)
    declined = {item.item: item.operation for item in answered.items if item.item in answered.declined}
    await history.remember_declined(unit, order.vehicle, order.visit, declined, forget=answered.accepted)
    if answered.accepted:
        added = [item for item in answered.items if item.item in answered.accepted]
        dropped = [item for item in before if item.item in answered.dropped and item.item in answered.accepted]
        await board.revise(unit, order.visit, added, dropped, changes.promise_of(order))


async def signed_order(unit: Unit, visit: str) -> WorkOrderSigned:
    await unit.load(Visit, visit)
    if (order := (await unit.find(WorkOrder, visit)).signed) is None:
        raise WorkOrderNotSigned(missing=("signature",), visit=visit)
    return order


# R5, the warranty question


def escalation(call: Call, visit: str, item: str, body: EscalateWarranty) -> Work[WarrantyQuestions]:
    async def escalate(unit: Unit) -> WarrantyQuestions:
        seen = await unit.load(Visit, visit)
        seen.check_open()
        unclear = await _unclear_items(unit, seen)
        reason = await unit.put_text(body.reason)
        asked = await unit.create(WarrantyQuestions, visit, lambda questions: questions.escalate(item, unclear, reason, call.person.id))
        await open_task(unit, seen, "ruling", f"ruling-of-{item}", item=item, note=reason)
        return asked

    return escalate


async def _unclear_items(unit: Unit, visit: Visit) -> dict[str, str]:
    """With their operations."""
    quoted = [item for change in (await unit.find(Changes, visit.id)).changes for item in change.items]
    unclear = {each.item: each.operation for each in visit.diagnoses if each.warranty is Warranty.UNCLEAR}
    unclear |= {each.item: each.operation for each in quoted if each.warranty is Warranty.UNCLEAR}
    tasks = [await unit.load(AdvisorTask, task) for task in await _open_tasks(unit, visit.id)]
    found = {task.about: task.operation for task in tasks if task.kind in ("change", "finding") and task.operation}
    return unclear | {item: operation for item, operation in found.items() if item not in {each.item for each in quoted}}


def ruling(call: Call, visit: str, item: str, body: RecordRuling) -> Work[WarrantyQuestions]:
    """Also after the delivery: the item stayed open on account until then."""

    async def record(unit: Unit) -> WarrantyQuestions:
        await unit.load(Visit, visit)
        ruled = await unit.create(
            WarrantyQuestions, visit, lambda questions: questions.rule(item, body.reference, call.person.id, covers=body.covers)
        )
        await finish_task(unit, visit, f"ruling-of-{item}", call.person.id)
        return ruled

    return record


# W7, progress


def progress_told(call: Call, visit: str, report: str, body: TellProgress) -> Work[Changes]:
    async def tell(unit: Unit) -> Changes:
        order, seen = await signed_order(unit, visit), await unit.load(Visit, visit)
        task = await task_about(unit, visit, report, "progress", "delay_warning")
        task.must_be_open()
        later = timedelta(minutes=-task.minutes if task.progress == "earlier" else task.minutes)
        changes = await unit.create(
            Changes,
            visit,
            lambda known: known.tell_progress(
                order, seen, report, body.answer, body.channel, later, task.expected_on, call.person.id, unit.branch, unit.now
            ),
        )
        await finish_task(unit, visit, report, call.person.id)
        await board.revise(unit, visit, (), (), changes.promise_of(order))
        return changes

    return tell


# W6, belongings


def belongings_answer(call: Call, visit: str, request: str, body: AnswerBelongings) -> Work[AdvisorTask]:
    async def record(unit: Unit) -> AdvisorTask:
        await task_about(unit, visit, request, "belongings")
        said = BelongingsAnswered(visit=visit, request=request, agrees=body.agrees, channel=body.channel, advisor=call.person.id)
        return await finish_task(unit, visit, request, call.person.id, said)

    return record
