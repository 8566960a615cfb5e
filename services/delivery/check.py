"""D1 to D4: the papers come back, the advisor checks alone, calls the customer, and checks again with the customer."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Literal

from services.delivery.case import Case
from services.delivery.damage import must_be_settled
from services.delivery.order import Order
from shared.branch import Branch, Site
from shared.calendar import is_open
from shared.contracts.delivery import (
    AccompaniedCheckDone,
    CollectorAuthorised,
    CustomerCalled,
    InternalCheckPassed,
    PapersReceived,
    StatementNumbered,
)
from shared.contracts.event import Event
from shared.refusal import Refused

Paper = Literal["key", "order", "sheet", "old_parts", "belongings"]
Proof = Literal["code", "written_proxy"]
ALWAYS_THERE: tuple[Paper, ...] = ("key", "order", "sheet")


class InternalPoint(StrEnum):
    """D2: what the advisor checks before the customer is called."""

    COMPLETION_RECORDED = "completion_recorded"
    INSPECTOR_SIGNATURE = "inspector_signature"
    FAULTS_GONE = "faults_gone"
    REPLACED_PARTS_AT_HAND = "replaced_parts_at_hand"
    CLEAN_INSIDE_AND_OUT = "clean_inside_and_out"
    OUTSIDE_MATCHES_SHEET = "outside_matches_sheet"
    SPARE_WHEEL_AND_TOOLS = "spare_wheel_and_tools"
    NOTHING_LEFT_BEHIND = "nothing_left_behind"


class AccompaniedPoint(StrEnum):
    """D4: what is gone through with the customer at the car."""

    WORK_SHOWN = "work_shown"
    REPLACED_PARTS_SHOWN = "replaced_parts_shown"
    RECOMMENDATIONS_EXPLAINED = "recommendations_explained"
    NEXT_MAINTENANCE_TOLD = "next_maintenance_told"
    SPARE_WHEEL_AND_TOOLS_SHOWN = "spare_wheel_and_tools_shown"
    CLEANLINESS_SHOWN = "cleanliness_shown"
    CALL_WITHIN_3_DAYS_TOLD = "call_within_3_days_told"
    CONVENIENT_HOUR_ASKED = "convenient_hour_asked"
    COVERS_TAKEN_OFF_AND_RECYCLED = "covers_taken_off_and_recycled"


class PapersNotReceived(Refused):
    clause = "D1"
    title = {"en": "The papers have not come back to the advisor.", "zh-CN": "钥匙和单据尚未交回服务顾问。"}
    remedy = {"en": "Take over key, order and check-in sheet first.", "zh-CN": "请先接收钥匙、任务委托书和接车登记表。"}


class PapersIncomplete(Refused):
    clause = "D1"
    title = {"en": "Key, order and check-in sheet come together.", "zh-CN": "钥匙、任务委托书和接车登记表须一并交接。"}
    remedy = {"en": "Ask the workshop supervisor for what is missing.", "zh-CN": "请向车间主管索取缺少的物品。"}


class NotFromTheSupervisor(Refused):
    clause = "D1"
    title = {"en": "The papers come from the workshop supervisor.", "zh-CN": "单据须由车间主管移交。"}
    remedy = {"en": "Name the workshop supervisor who handed them over.", "zh-CN": "请填写移交的车间主管。"}


class PapersNotHandedIn(Refused):
    clause = "D1"
    title = {"en": "The team has not given key and papers back to the workshop supervisor.", "zh-CN": "班组尚未将钥匙和单据交回车间主管。"}
    remedy = {"en": "Let the workshop supervisor take them back first.", "zh-CN": "请先由车间主管收回。"}


class PapersReceivedBefore(Refused):
    clause = "D1"
    title = {"en": "The papers were received before.", "zh-CN": "单据已经接收。"}
    remedy = {"en": "Go on with the internal check.", "zh-CN": "请继续进行内部检查。"}


class InternalCheckIncomplete(Refused):
    clause = "D2"
    title = {"en": "The internal check is not complete.", "zh-CN": "交车前内部检查未完成。"}
    remedy = {"en": "Check what is missing on the car, or send it back to the workshop.", "zh-CN": "请补查所缺项目，或退回车间处理。"}


class InternallyCheckedBefore(Refused):
    clause = "D2"
    title = {"en": "The internal check was passed before.", "zh-CN": "内部检查已经完成。"}
    remedy = {"en": "Call the customer.", "zh-CN": "请通知客户。"}


class NotCheckedInternally(Refused):
    clause = "D2"
    title = {"en": "The internal check comes before the customer is called.", "zh-CN": "通知客户前须先完成内部检查。"}
    remedy = {"en": "Do the internal check first.", "zh-CN": "请先完成内部检查。"}


class DeliveryTimeInThePast(Refused):
    clause = "D3"
    title = {"en": "The agreed delivery time is in the past.", "zh-CN": "约定的交车时间已过。"}
    remedy = {"en": "Agree a time from now on.", "zh-CN": "请约定当前时间之后的交车时间。"}


class ShopIsClosed(Refused):
    clause = "D3"
    title = {"en": "The branch is closed at that time.", "zh-CN": "该时间不在营业时间内。"}
    remedy = {"en": "Agree a time within the opening hours.", "zh-CN": "请约定营业时间内的交车时间。"}


class PeakHour(Refused):
    clause = "D3"
    title = {"en": "Major repairs and accident cars are not given a peak-hour slot.", "zh-CN": "大修和事故车不安排在高峰时段交车。"}
    remedy = {"en": "Agree a time outside the peak hours.", "zh-CN": "请约定高峰时段以外的交车时间。"}


class CustomerNotCalled(Refused):
    clause = "D3"
    title = {"en": "The customer was not told that the car is done.", "zh-CN": "尚未通知客户取车。"}
    remedy = {"en": "Tell the customer and agree a delivery time.", "zh-CN": "请先通知客户并约定交车时间。"}


class CollectorNotAuthorised(Refused):
    clause = "D4"
    title = {"en": "Who collects the car is not authorised by the customer.", "zh-CN": "代取车人未经客户授权。"}
    remedy = {"en": "Record the code or the written proxy, and check the identity.", "zh-CN": "请登记授权码或书面委托，并核对身份。"}


class AccompaniedCheckIncomplete(Refused):
    clause = "D4"
    title = {"en": "The check with the customer is not complete.", "zh-CN": "陪同客户验车未完成。"}
    remedy = {"en": "Go through what is missing with the customer.", "zh-CN": "请与客户逐项完成所缺内容。"}


class CheckedWithCustomerBefore(Refused):
    clause = "D4"
    title = {"en": "The check with the customer was done before.", "zh-CN": "陪同客户验车已经完成。"}
    remedy = {"en": "Go on with the settlement.", "zh-CN": "请继续结账。"}


def receive_papers(
    case: Case, advisor: str, from_person: str, things: Sequence[Paper], handed_in: Sequence[str], branch: Branch
) -> list[Event]:
    """D1: all that the workshop supervisor got back since the car was parked comes along."""
    case.must_hold_the_car()
    if case.papers:
        raise PapersReceivedBefore(visit=case.id)
    if not handed_in:
        raise PapersNotHandedIn(missing=ALWAYS_THERE, visit=case.id)
    if not (giver := branch.staff.get(from_person)) or not giver.is_a("workshop_supervisor"):
        raise NotFromTheSupervisor(missing=("from_person",), visit=case.id)
    if missing := _lacking(dict.fromkeys((*ALWAYS_THERE, *handed_in)), things):
        raise PapersIncomplete(missing=missing, visit=case.id)
    return [PapersReceived(visit=case.id, from_person=from_person, advisor=advisor, things=tuple(dict.fromkeys(things)))]


def check_internally(
    case: Case, order: Order | None, advisor: str, items: Sequence[str], checklist: Sequence[InternalPoint], *, road_test: bool
) -> list[Event]:
    """D2: an ordered item that QC did not judge has no record of completion, whatever is ticked."""
    case.must_hold_the_car()
    if case.internal_check:
        raise InternallyCheckedBefore(visit=case.id)
    if not case.papers:
        raise PapersNotReceived(missing=ALWAYS_THERE, visit=case.id)
    must_be_settled(case)
    ordered = _items(case.judged(order))
    if unjudged := _lacking(ordered, case.items_judged):
        raise InternalCheckIncomplete(missing=tuple(f"{item}: {InternalPoint.INSPECTOR_SIGNATURE}" for item in unjudged), visit=case.id)
    if missing := (*_lacking(ordered, items), *_lacking(InternalPoint, checklist)):
        raise InternalCheckIncomplete(missing=missing, visit=case.id)
    return [InternalCheckPassed(visit=case.id, advisor=advisor, items=ordered, checklist=tuple(InternalPoint), road_test=road_test)]


def call_customer(case: Case, order: Order | None, advisor: str, delivery_at: datetime, site: Site, now: datetime) -> list[Event]:
    """D3: may be repeated before the settlement, where another time is agreed."""
    case.must_not_have_left()
    if not case.internal_check:
        raise NotCheckedInternally(missing=("internal_check",), visit=case.id)
    case.must_not_be_settled()
    _agreeable(delivery_at, case.judged(order), site, now)
    return [CustomerCalled(visit=case.id, advisor=advisor, delivery_at=delivery_at)]


def authorise_collector(case: Case, collector: str, proof: Proof, by: str, *, identity_checked: bool) -> list[Event]:
    """D4: the customer has somebody else take delivery; `collector` is the key of a text record, and the newest holds."""
    case.must_not_have_left()
    if not identity_checked:
        raise CollectorNotAuthorised(missing=("identity_checked",), visit=case.id)
    return [CollectorAuthorised(visit=case.id, collector=collector, proof=proof, by=by, identity_checked=identity_checked)]


def check_with_customer(
    case: Case,
    order: Order | None,
    advisor: str,
    items_shown: Sequence[str],
    checklist: Sequence[AccompaniedPoint],
    statement: str,
    *,
    with_collector: bool = False,
) -> list[Event]:
    """D4; `statement` is the number of the settlement statement at which the customer is seated next."""
    case.must_hold_the_car()
    if case.accompanied_check:
        raise CheckedWithCustomerBefore(visit=case.id)
    if not case.called:
        raise CustomerNotCalled(missing=("customer_call",), visit=case.id)
    if with_collector and not case.collector:
        raise CollectorNotAuthorised(missing=("authorisation",), visit=case.id)
    must_be_settled(case)
    ordered = _items(case.judged(order))
    if missing := (*_lacking(ordered, items_shown), *_lacking(AccompaniedPoint, checklist)):
        raise AccompaniedCheckIncomplete(missing=missing, visit=case.id)
    done = AccompaniedCheckDone(
        visit=case.id, advisor=advisor, items_shown=ordered, checklist=tuple(AccompaniedPoint), with_collector=with_collector
    )
    numbered = StatementNumbered(visit=case.id, number=statement)
    return [done] if case.statement_number == statement else [done, numbered]


def _agreeable(delivery_at: datetime, order: Order, site: Site, now: datetime) -> None:
    if delivery_at < now:
        raise DeliveryTimeInThePast(visit=order.visit, delivery_at=delivery_at)
    local = delivery_at.astimezone(site.zone)
    if not is_open(delivery_at, site):
        raise ShopIsClosed(visit=order.visit, delivery_at=local, opens=site.shop.opens, closes=site.shop.closes)
    for start, end in site.shop.peak_hours:
        if order.needs_quiet_hour and start <= local.time() < end:
            raise PeakHour(visit=order.visit, delivery_at=local, peak=f"{start:%H:%M}-{end:%H:%M}")


def _items(order: Order) -> tuple[str, ...]:
    return tuple(item.item for item in order.items)


def _lacking(needed: Iterable[str], given: Iterable[str]) -> tuple[str, ...]:
    there = set(given)
    return tuple(str(point) for point in needed if point not in there)
