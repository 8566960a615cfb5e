"""R1: arrivals queue, are greeted and guided to park; and the end of a visit: the car has left (D5)."""

from shared.refusal import Refused


class CustomerNotHere(Refused):
    clause = "R1"
    title = {"en": "The customer has not arrived.", "zh-CN": "客户尚未到店。"}
    remedy = {"en": "Record the arrival first.", "zh-CN": "请先登记到店。"}


class AlreadyArrived(Refused):
    clause = "R1"
    title = {"en": "The arrival is recorded already.", "zh-CN": "已登记到店。"}
    remedy = {"en": "Go on with the visit.", "zh-CN": "请继续办理。"}


class NotGreeted(Refused):
    clause = "R1"
    title = {"en": "The customer has not been greeted.", "zh-CN": "尚未迎接客户。"}
    remedy = {"en": "Greet the customer and guide them to park first.", "zh-CN": "请先迎接客户并引导停车。"}


class AlreadyGreeted(Refused):
    clause = "R1"
    title = {"en": "The customer was greeted already.", "zh-CN": "客户已被迎接。"}
    remedy = {"en": "Go on with the visit.", "zh-CN": "请继续办理。"}


class VisitOver(Refused):
    clause = "D5"
    title = {"en": "The visit is over: the car has left.", "zh-CN": "来访已结束，车辆已离店。"}
    remedy = {"en": "Open a new visit.", "zh-CN": "请新建来访。"}
