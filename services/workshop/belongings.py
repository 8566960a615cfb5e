"""W6: belongings are not touched and nobody enters the car, unless the work needs it and the customer, asked by the advisor, agrees."""

from collections.abc import Sequence

from services.workshop.found import must_have_to_do_with
from services.workshop.item import Belongings
from services.workshop.job import Job
from shared.branch import Branch
from shared.contracts.event import Event
from shared.contracts.reception import BelongingsAnswered
from shared.contracts.workshop import BelongingsMoved, BelongingsRequestAnswered, BelongingsRequested
from shared.refusal import NotFound, Refused


class CustomerNotAsked(Refused):
    clause = "W6"
    title = {"en": "The customer has not answered yet.", "zh-CN": "客户尚未答复。"}
    remedy = {"en": "Wait until the advisor has asked the customer.", "zh-CN": "请等待服务顾问征询客户。"}


class CustomerRefused(Refused):
    clause = "W6"
    title = {"en": "The customer does not want the belongings touched.", "zh-CN": "客户不同意移动物品。"}
    remedy = {"en": "Leave them where they are and work around them.", "zh-CN": "请保持原位，避开作业。"}


class MovedAlready(Refused):
    clause = "W6"
    title = {"en": "They have been moved already.", "zh-CN": "物品已移动。"}
    remedy = {"en": "Go on with the work.", "zh-CN": "请继续作业。"}


def ask(job: Job, by: str, need: str, branch: Branch) -> Sequence[Event]:
    """`need` is the key of a text record."""
    job.must_be_workable()
    must_have_to_do_with(job, by, branch)
    return [BelongingsRequested(visit=job.id, request=f"request-{job.number_after(job.belongings)}", need=need, by=by)]


def note_answer(job: Job, answered: BelongingsAnswered) -> Sequence[Event]:
    _request(job, answered.request)
    return [BelongingsRequestAnswered(visit=job.id, request=answered.request, agrees=answered.agrees)]


def move(job: Job, request: str, by: str, to_place: str, branch: Branch) -> Sequence[Event]:
    job.must_be_workable()
    must_have_to_do_with(job, by, branch)
    asked = _request(job, request)
    if asked.agrees is None:
        raise CustomerNotAsked(missing=("answer",), request=request)
    if not asked.agrees:
        raise CustomerRefused(request=request)
    if asked.moved_to:
        raise MovedAlready(place=asked.moved_to)
    return [BelongingsMoved(visit=job.id, request=request, by=by, to_place=to_place)]


def _request(job: Job, request: str) -> Belongings:
    asked = next((each for each in job.belongings if each.request == request), None)
    if asked is None:
        raise NotFound(missing=(request,))
    return asked
