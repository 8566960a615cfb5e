"""W1, the advisor's side: the car in the waiting area, with key, order and sheet; where the customer waits is known by then (R13)."""

from shared.refusal import Refused

HANDED_OVER = ("key", "work_order", "check_in_sheet")


class HandoverIncomplete(Refused):
    clause = "W1"
    title = {"en": "Something that goes with the car is missing.", "zh-CN": "交接物品不全。"}
    remedy = {"en": "Hand over key, work order and check-in sheet with the car.", "zh-CN": "请将钥匙、任务委托书和接车登记表随车移交。"}


class AlreadyHandedOver(Refused):
    clause = "W1"
    title = {"en": "The car was handed over already.", "zh-CN": "车辆已移交。"}
    remedy = {"en": "The workshop supervisor accepts it or sends it back.", "zh-CN": "由车间主管接收或退回。"}


class WaitingPlaceUnknown(Refused):
    clause = "R13"
    title = {"en": "Nobody recorded where the customer waits and how to reach them.", "zh-CN": "尚未登记客户等候地点和联系方式。"}
    remedy = {"en": "Ask the customer and record it.", "zh-CN": "请询问客户并登记。"}
