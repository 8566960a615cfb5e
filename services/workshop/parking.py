"""W13, D1: the finished car is parked, which gives it to delivery; key and papers come back to the supervisor."""

from collections.abc import Sequence
from typing import Literal

from services.workshop.damage import must_be_decided
from services.workshop.job import Job
from services.workshop.wash import must_have_passed
from shared.branch import Branch
from shared.contracts.event import Event
from shared.contracts.workshop import CarParked, PapersHandedIn
from shared.refusal import Malformed, Refused

Paper = Literal["key", "order", "sheet", "old_parts", "belongings"]
HANDED_IN: tuple[Paper, ...] = ("key", "order", "sheet")


class NotWashed(Refused):
    clause = "W12"
    title = {"en": "The accepted wash is not finished.", "zh-CN": "客户接受的洗车尚未完成。"}
    remedy = {"en": "Finish the wash first.", "zh-CN": "请先完成洗车。"}


class NoseNotToExit(Refused):
    clause = "W13"
    title = {"en": "A finished car stands nose to the exit.", "zh-CN": "竣工车辆须车头朝向出口停放。"}
    remedy = {"en": "Park it in line, nose to the exit.", "zh-CN": "请按线停放，车头朝向出口。"}


class CarNotParked(Refused):
    clause = "D1"
    title = {"en": "The car is not parked in the finished area.", "zh-CN": "车辆尚未停入竣工区。"}
    remedy = {"en": "Park the car first.", "zh-CN": "请先停放车辆。"}


class PapersIncomplete(Refused):
    clause = "D1"
    title = {"en": "Something is missing from what comes back.", "zh-CN": "交回物品不全。"}
    remedy = {"en": "Bring what is named.", "zh-CN": "请交回所列物品。"}


class PapersHandedInAlready(Refused):
    clause = "D1"
    title = {"en": "Key and papers came back already.", "zh-CN": "钥匙和单据已交回。"}
    remedy = {"en": "Pass them on to the advisor.", "zh-CN": "请转交服务顾问。"}


def park(job: Job, by: str, spot: str, *, nose_to_exit: bool) -> Sequence[Event]:
    must_have_passed(job)
    job.must_be_held()
    must_be_decided(job)
    if job.wash_accepted and not job.washed:
        raise NotWashed(missing=("wash",), visit=job.id)
    if not nose_to_exit:
        raise NoseNotToExit(spot=spot)
    return [CarParked(visit=job.id, by=by, spot=spot, nose_to_exit=True)]


def take_papers(job: Job, supervisor: str, from_person: str, things: Sequence[str], branch: Branch) -> Sequence[Event]:
    """D1. Old parts come back where the customer keeps them and parts of the store are in the car in their place.

    Belongings come back where some were moved out of the way (W6).
    """
    if not job.parked:
        raise CarNotParked(missing=("parking",), visit=job.id)
    if job.papers:
        raise PapersHandedInAlready(supervisor=job.papers.supervisor)
    if from_person not in branch.staff:
        raise Malformed(missing=("from_person",), unknown=from_person)
    due = HANDED_IN
    if job.old_parts_kept and job.out():
        due += ("old_parts",)
    if any(each.moved_to for each in job.belongings):
        due += ("belongings",)
    if lacking := [thing for thing in due if thing not in things]:
        raise PapersIncomplete(missing=lacking)
    return [PapersHandedIn(visit=job.id, from_person=from_person, supervisor=supervisor, things=tuple(dict.fromkeys(things)))]
