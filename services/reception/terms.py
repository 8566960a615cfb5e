"""R11, R12: what the customer is told and chooses before the order is signed, and what its signature needs."""

from collections.abc import Sequence
from decimal import Decimal

from shared.contracts.event import Fact
from shared.contracts.shares import payer_by
from shared.contracts.values import OrderItem, Payer, PaymentChoice
from shared.refusal import Refused


class ConcernsNotRecorded(Refused):
    clause = "R3"
    title = {"en": "The customer's concerns are not recorded.", "zh-CN": "尚未记录客户诉求。"}
    remedy = {"en": "Ask for the purpose and record the customer's own words.", "zh-CN": "请询问来意并记录客户原话。"}


class CustomerNotTold(Refused):
    clause = "R11"
    title = {"en": "The customer was not told everything that belongs to the order.", "zh-CN": "应向客户说明的内容尚未说明。"}
    remedy = {"en": "Tell the customer what is missing, then record it.", "zh-CN": "请说明所缺内容并记录。"}


class NewWorkRuleNotTold(Refused):
    clause = "R12"
    title = {"en": "The customer was not told how newly found work is handled.", "zh-CN": "尚未告知客户新增项目须经其同意。"}
    remedy = {
        "en": "Tell that new work is done only after they are reached, agree and authorise it.",
        "zh-CN": "请告知：新增项目须联系到客户、经其同意并授权后方可施工。",
    }


class PaymentNotChosen(Refused):
    clause = "R11"
    title = {"en": "The chosen ways to pay do not cover the customer's side.", "zh-CN": "所选付款方式未覆盖客户应付部分。"}
    remedy = {
        "en": "The shares of the chosen ways sum to 1; one of them is the customer's own where an item is the customer's to pay.",
        "zh-CN": "各付款方式的份额之和应为 1；有项目由客户自付的，须有客户本人的付款方式。",
    }


class OrderNotDrafted(Refused):
    clause = "R11"
    title = {"en": "There is no work order to sign.", "zh-CN": "没有可签字的任务委托书。"}
    remedy = {"en": "Draft the order and show it to the customer.", "zh-CN": "请先填写任务委托书并出示给客户。"}


class OrderContentDiffers(Refused):
    clause = "R11"
    title = {"en": "What was signed is not the present order.", "zh-CN": "所签内容与当前任务委托书不一致。"}
    remedy = {"en": "Show the present order and let it be signed.", "zh-CN": "请出示当前任务委托书并重新签字。"}


class CustomerMustSign(Refused):
    clause = "R11"
    title = {"en": "Only the customer can sign the order.", "zh-CN": "任务委托书只能由客户签字。"}
    remedy = {"en": "Park the car unsigned until the customer signs.", "zh-CN": "客户签字前车辆只可停放。"}


class OrderAlreadySigned(Refused):
    clause = "R11"
    title = {"en": "The work order is signed.", "zh-CN": "任务委托书已签字。"}
    remedy = {
        "en": "A signed order is not changed; new work needs its own consent.",
        "zh-CN": "已签字的委托书不可更改；新增项目须另行同意。",
    }


class WorkOrderNotSigned(Refused):
    clause = "R11"
    title = {"en": "The work order is not signed.", "zh-CN": "任务委托书尚未签字。"}
    remedy = {"en": "Let the customer sign the order first.", "zh-CN": "请先让客户在任务委托书上签字。"}


class Choices(Fact):
    """R11, R12: what the customer was told and what they chose."""

    pays: tuple[PaymentChoice, ...]
    payment_ways_told: bool
    old_parts: str
    wash: bool
    delivery_procedure_explained: bool
    order_explained: bool
    new_work_rule_told: bool


def check_told(visit: str, choices: Choices, items: Sequence[OrderItem]) -> None:
    """Raises what was not told or chosen; nobody has to choose a way to pay what is free, or is another's to pay as a whole."""
    told = ("payment_ways_told", "delivery_procedure_explained", "order_explained")
    if missing := [point for point in told if not getattr(choices, point)]:
        raise CustomerNotTold(missing=missing, visit=visit)
    if not choices.new_work_rule_told:
        raise NewWorkRuleNotTold(missing=("new_work_rule_told",), visit=visit)
    owed_by = {item.payer for item in items if not item.free_for_customer and item.amount}
    shares = sum((choice.share for choice in choices.pays), Decimal(0))
    if shares != 1 and (owed_by & {None, Payer.CUSTOMER} or choices.pays):
        raise PaymentNotChosen(missing=("pays",), visit=visit, shares=str(shares))
    if Payer.CUSTOMER in owed_by - {payer_by(choice) for choice in choices.pays}:
        raise PaymentNotChosen(missing=("pays",), visit=visit, items=[item.item for item in items if item.payer is Payer.CUSTOMER])
