"""R14: a visit without a signed order: who, when, what about. It starts F2 and F4 as a delivery does."""

from shared.contracts.reception import InquiryEnded
from shared.refusal import Refused


class InquiryOver(Refused):
    clause = "R14"
    title = {"en": "The visit ended without an order.", "zh-CN": "来访已结束，未签委托书。"}
    remedy = {"en": "Delivery lets the car out; further work needs a new visit.", "zh-CN": "由交车部门放行；其他作业请新建来访。"}


class OrderIsSigned(Refused):
    clause = "R14"
    title = {"en": "The visit has a signed order.", "zh-CN": "该次来访已签委托书。"}
    remedy = {"en": "A signed order is ended after its diagnosis, and settled.", "zh-CN": "已签委托须在诊断后终止并结算。"}


class InquiryAlreadyRecorded(Refused):
    clause = "R14"
    title = {"en": "This visit exists already.", "zh-CN": "该次来访已存在。"}
    remedy = {"en": "End the visit that is open.", "zh-CN": "请结束未完成的来访。"}


def inquiry_ended(
    visit: str, customer: str, vehicle: str | None, advisor: str, about: str, reason: str, call_hour: str, *, car_here: bool
) -> InquiryEnded:
    return InquiryEnded(
        visit=visit,
        customer=customer,
        vehicle=vehicle or "",
        advisor=advisor,
        about=about,
        reason=reason,
        call_hour=call_hour,
        car_here=car_here,
    )
