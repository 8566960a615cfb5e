"""Why nothing may be done to a job, whatever the move: R11, W1, W8, W11, W13, W14."""

from shared.refusal import Refused


class WorkOrderNotSigned(Refused):
    clause = "R11"
    title = {"en": "The work order is not signed.", "zh-CN": "任务委托书尚未签字。"}
    remedy = {"en": "Let the customer sign the order first.", "zh-CN": "请先让客户在任务委托书上签字。"}


class JobHasEnded(Refused):
    clause = "W1"
    title = {"en": "The order was ended before anybody touched the car.", "zh-CN": "委托已在动工前终止。"}
    remedy = {"en": "Leave the car as it came; a new visit needs a new order.", "zh-CN": "请保持车辆原状；再次作业须重新接车。"}


class JobNotAccepted(Refused):
    clause = "W1"
    title = {"en": "The supervisor has not accepted the car.", "zh-CN": "车间主管尚未接收车辆。"}
    remedy = {"en": "Check the car against its papers and accept it first.", "zh-CN": "请先核对车辆与单据并接收。"}


class CarGone(Refused):
    clause = "W13"
    title = {"en": "The car is parked for delivery; the workshop no longer holds it.", "zh-CN": "车辆已停入竣工区，车间不再保管。"}
    remedy = {"en": "Let delivery return the car to the workshop first.", "zh-CN": "如需再作业，请先由交车部门退回车间。"}


class CarHasPassed(Refused):
    clause = "W11"
    title = {
        "en": "The car has passed its final inspection; later work on it would void the pass.",
        "zh-CN": "车辆已通过总检，继续作业将使总检失效。",
    }
    remedy = {"en": "Leave the car as it passed, or let the order be revised.", "zh-CN": "请保持总检后的状态，或先变更委托书。"}


class NotConsented(Refused):
    clause = "W8"
    title = {
        "en": "The customer, or the insurer that is to pay, has not consented to this work.",
        "zh-CN": "客户或承担费用的保险公司尚未同意该增项。",
    }
    remedy = {"en": "Let the advisor ask and record the answer first.", "zh-CN": "请服务顾问先征得同意并记录。"}


class NotOrdered(Refused):
    clause = "W14"
    title = {"en": "The work order has no such item.", "zh-CN": "任务委托书中没有该项目。"}
    remedy = {
        "en": "Do only what is ordered; new work needs the customer's consent first.",
        "zh-CN": "只做委托的项目；新增项目须先征得客户同意。",
    }


class NotOfThisJob(Refused):
    clause = "W3"
    title = {"en": "Neither your team nor you have to do with this car.", "zh-CN": "您或您的班组未承接该车。"}
    remedy = {"en": "Let somebody who works on the car do it.", "zh-CN": "请由承接该车的人员操作。"}
