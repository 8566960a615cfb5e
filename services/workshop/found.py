"""W8, R6: work that the order does not have: found, put to the customer by the advisor, and what is declined becomes a recommendation."""

from collections.abc import Sequence

from services.workshop.barred import NotOfThisJob
from services.workshop.dispatch import team_of
from services.workshop.inspection import FINAL_INSPECTORS
from services.workshop.job import Job
from shared.branch import Branch
from shared.contracts.event import Event
from shared.contracts.reception import ChangeAnswered, OrderCancelled
from shared.contracts.values import FaultState
from shared.contracts.workshop import WorkDeclined, WorkFound
from shared.refusal import Malformed, Refused


class FoundAlready(Refused):
    clause = "W8"
    title = {"en": "This was reported already and is not ordered.", "zh-CN": "该增项已上报，尚未成为委托项目。"}
    remedy = {"en": "Wait for the customer's answer; the advisor may ask again.", "zh-CN": "请等待客户答复，服务顾问可再次征询。"}


class NotYetInspected(Refused):
    clause = "R6"
    title = {"en": "A finding comes from a finished inspection.", "zh-CN": "检查完成后才能上报检查结果。"}
    remedy = {"en": "Name the item that was to be inspected, and finish its inspection first.", "zh-CN": "请填写待检项目，并先完成检查。"}


def report(
    job: Job, by: str, kind: str, item: str | None, operation: str, note: str | None, branch: Branch, *, safety: bool
) -> Sequence[Event]:
    """`note` is the key of a text record. What is found after the pass is reported too; the revision that it leads to voids the pass."""
    job.must_be_held()
    must_have_to_do_with(job, by, branch)
    if operation not in branch.operations:
        raise Malformed(missing=("operation",), unknown=operation)
    ordered = job.ordered(item) if item else None
    if kind == "finding" and (ordered is None or ordered.fault is not FaultState.TO_BE_INSPECTED or not ordered.finished):
        raise NotYetInspected(missing=("inspection",), item=item)
    if same := [each.found for each in job.found if (each.operation, each.item) == (operation, item) and each.found not in job.items]:
        raise FoundAlready(found=same[-1])
    return [
        WorkFound(
            visit=job.id,
            found=f"found-{job.number_after(job.found)}",
            kind=kind,
            item=item,
            operation=operation,
            by=by,
            note=note,
            safety=safety,
        )
    ]


def must_have_to_do_with(job: Job, person: str, branch: Branch) -> None:
    """Of a team that has the job, who laid hands on the car, or an inspector."""
    member = branch.staff.get(person)
    if team_of(person, branch) not in job.teams and person not in job.hands and not (member and member.is_a(*FINAL_INSPECTORS)):
        raise NotOfThisJob(person=person, teams=job.teams)


def note_answer(job: Job, answered: ChangeAnswered) -> Sequence[Event]:
    """What was accepted comes as a revision of the order."""
    declined = answered.operations_declined
    return [WorkDeclined(visit=job.id, change=answered.change, operations=declined)] if declined else []


def note_cancellation(job: Job, cancelled: OrderCancelled) -> Sequence[Event]:
    """EDGE_CASES 1: what was found and is not wanted is recommended, and so is what nobody has begun: it is not done any more."""
    left_out = () if job.ended else tuple(name for name in job.items if not job.has_begun(name))
    operations = tuple(dict.fromkeys((*cancelled.declined, *(job.items[name].operation for name in left_out))))
    return [WorkDeclined(visit=job.id, change=None, operations=operations, items=left_out)]
