"""W1, the advisor's side: the car in the waiting area, with key, order and sheet."""

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
