"""W3, W4, W14: the team takes the car, confirms each fault, and does what is ordered, item by item."""

from collections.abc import Collection, Sequence
from datetime import datetime

from services.workshop.dispatch import ItemNotGiven, leads, team_of
from services.workshop.item import Item
from services.workshop.job import Job
from shared.branch import Branch
from shared.contracts.event import Event
from shared.contracts.workshop import CarTaken, FaultConfirmed, ItemReassembled, WorkFinished, WorkStarted
from shared.refusal import Refused


class NotYourJob(Refused):
    clause = "W3"
    title = {"en": "Your team has no item of this job.", "zh-CN": "您的班组没有该车的项目。"}
    remedy = {"en": "Let the supervisor give an item to the team.", "zh-CN": "请车间主管派工。"}


class CarTakenAlready(Refused):
    clause = "W3"
    title = {"en": "The team has taken the car already.", "zh-CN": "班组已接车。"}
    remedy = {"en": "Go on with the work.", "zh-CN": "请继续作业。"}


class CarNotTaken(Refused):
    clause = "W3"
    title = {"en": "The team has not checked the car against its check-in sheet.", "zh-CN": "班组尚未按接车登记表核对车辆。"}
    remedy = {"en": "Take the car and check it first.", "zh-CN": "请先接车并核对。"}


class FaultNotConfirmed(Refused):
    clause = "W4"
    title = {"en": "The fault is not confirmed.", "zh-CN": "故障尚未确认。"}
    remedy = {"en": "Confirm it on the car first, with a road test where needed.", "zh-CN": "请先在车上确认故障，必要时路试。"}


class FaultConfirmedAlready(Refused):
    clause = "W4"
    title = {"en": "The fault is confirmed already.", "zh-CN": "故障已确认。"}
    remedy = {"en": "Go on with the work.", "zh-CN": "请继续作业。"}


class NotNamedForItem(Refused):
    clause = "W14"
    title = {"en": "Only technicians named for the item work on it.", "zh-CN": "只有被指定的技师才能作业。"}
    remedy = {"en": "Let the team leader name the technician.", "zh-CN": "请班组长指定技师。"}


class WorkStartedAlready(Refused):
    clause = "W14"
    title = {"en": "This work is started or done already.", "zh-CN": "该项目已开工或已完工。"}
    remedy = {"en": "Go on with it, or with the next item.", "zh-CN": "请继续该项目或进行下一项。"}


class WorkNotStarted(Refused):
    clause = "W14"
    title = {"en": "You have no work under way on this item.", "zh-CN": "您在该项目上没有进行中的作业。"}
    remedy = {"en": "Start the item first.", "zh-CN": "请先开工。"}


class PartsNotFitted(Refused):
    clause = "W14"
    title = {"en": "The item lacks parts, so it cannot be complete.", "zh-CN": "该项目缺少配件，不能报完工。"}
    remedy = {"en": "Draw the parts named first.", "zh-CN": "请先领取所列配件。"}


class OrderGoesOn(Refused):
    clause = "W14"
    title = {"en": "The customer has not ended the order: what was begun is finished.", "zh-CN": "客户未取消委托，已开工的项目须完工。"}
    remedy = {"en": "Finish the item, or report what hinders it.", "zh-CN": "请完成该项目，或上报受阻原因。"}


class NothingToReassemble(Refused):
    clause = "W14"
    title = {"en": "The item is finished, or put together again already.", "zh-CN": "该项目已完工或已复原装配。"}
    remedy = {"en": "Go on with its inspection.", "zh-CN": "请继续检验。"}


def take(job: Job, by: str, difference: str | None, branch: Branch) -> Sequence[Event]:
    """W3. `difference`, where the car is not as its sheet says, is the key of a text record."""
    job.must_be_workable()
    team = team_of(by, branch)
    if team is None or team not in job.teams:
        raise NotYourJob(team=team, teams=job.teams)
    if team in job.taken:
        raise CarTakenAlready(team=team, by=job.taken[team].by)
    return [CarTaken(visit=job.id, team=team, by=by, difference=difference)]


def confirm_fault(job: Job, item: str, by: str, branch: Branch, absent: Collection[str] = (), *, road_test: bool) -> Sequence[Event]:
    """W4."""
    job.must_be_workable()
    ordered = _in_hand(job, item)
    if by not in ordered.technicians and not leads(by, ordered.team or "", branch, absent):
        raise NotNamedForItem(item=item, named=ordered.technicians)
    if ordered.fault_confirmed_by:
        raise FaultConfirmedAlready(item=item, by=ordered.fault_confirmed_by)
    return [FaultConfirmed(visit=job.id, item=item, by=by, road_test=road_test)]


def start(job: Job, item: str, by: str, now: datetime) -> Sequence[Event]:
    """W14."""
    job.must_be_workable()
    ordered = _in_hand(job, item)
    must_be_named(ordered, item, by)
    if not ordered.fault_confirmed_by:
        raise FaultNotConfirmed(missing=("fault_confirmation",), item=item)
    if by in ordered.started_by or ordered.self_inspected_by or ordered.reassembled_by:
        raise WorkStartedAlready(item=item, by=ordered.started_by)
    return [WorkStarted(visit=job.id, item=item, by=by, round=job.round, at=now)]


def finish(job: Job, item: str, by: str) -> Sequence[Event]:
    """W14."""
    job.must_be_workable()
    ordered = job.ordered(item)
    if by not in ordered.started_by or by in ordered.finished_by:
        raise WorkNotStarted(item=item, started_by=ordered.started_by, finished_by=ordered.finished_by)
    if ordered.lacking:
        raise PartsNotFitted(missing=tuple(ordered.lacking), item=item)
    others_are_at_it = bool({*ordered.started_by} - {*ordered.finished_by, by})
    return [WorkFinished(visit=job.id, item=item, by=by, round=job.round, item_finished=not others_are_at_it)]


def reassemble(job: Job, item: str, by: str) -> Sequence[Event]:
    """EDGE_CASES 1: the customer ended the order, or dropped the item: it is put together as it was received, and inspected so.

    By a technician named for it; its parts go back to the store before the final inspection.
    """
    job.must_be_workable()
    begun = job.had(item)
    must_be_named(begun, item, by)
    if not job.order_ended and not begun.dropped:
        raise OrderGoesOn(item=item)
    if begun.reassembled_by or (begun.finished and not begun.dropped):
        raise NothingToReassemble(item=item, finished_by=begun.finished_by)
    return [ItemReassembled(visit=job.id, item=item, operation=begun.operation, by=by, round=job.round)]


def must_be_named(ordered: Item, item: str, person: str) -> None:
    if not ordered.technicians:
        raise ItemNotGiven(missing=("technicians",) if ordered.team else ("team", "technicians"), item=item)
    if person not in ordered.technicians:
        raise NotNamedForItem(item=item, named=ordered.technicians)


def _in_hand(job: Job, item: str) -> Item:
    """The ordered item, of a team that has taken the car."""
    ordered = job.ordered(item)
    if not ordered.team:
        raise ItemNotGiven(missing=("team",), item=item)
    if ordered.team not in job.taken:
        raise CarNotTaken(missing=("taking",), team=ordered.team)
    return ordered
