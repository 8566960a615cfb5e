"""What reception tells without being asked, in words: code → text in both languages, the notice's facts in braces."""

from collections.abc import Mapping

from shared.refusal import Texts

NOTICES: Mapping[str, Texts] = {
    "advisor_task_overdue": {
        "zh-CN": "服务顾问的待办已超时，客户尚未答复（{kind}）。请立即联系客户。",
        "en": "An advisor's task is overdue and the customer has not been asked ({kind}). Reach the customer now.",
    },
    "revision_refused": {
        "zh-CN": "车辆已离店，增项 {change} 未能执行。请为客户预约下次来店。",
        "en": "The car has left: change {change} could not be taken. Offer the customer an appointment.",
    },
    "papers_not_asked_for": {
        "zh-CN": "车辆已移交车间，尚未向客户收取行驶证和保养手册。请收取核对；客户未带的，请登记未收取。",
        "en": "The car is handed over, and nobody has asked for licence and booklet: take them, or record that the customer has none here.",
    },
    "copies_not_given": {
        "zh-CN": "车辆已移交车间，客户尚未拿到任务委托书和接车登记表的客户联。",
        "en": "The car is handed over, and the customer has not got their copies of the order and the check-in sheet.",
    },
    "phone_to_check": {
        "zh-CN": "客户 {customer} 已到店，档案中的电话号码有误，请核对并更正。",
        "en": "{customer} is here, and the number on file is not theirs: ask for it and correct it.",
    },
    "appointment_tomorrow": {
        "zh-CN": "客户 {day} 有预约，请致电提醒。",
        "en": "The customer has an appointment on {day}: remind them.",
    },
    "appointment_wanted": {
        "zh-CN": "客户同意保养预约（{due_on} 到期），请安排预约。",
        "en": "The customer wants an appointment for the maintenance due on {due_on}: book it.",
    },
    "tomorrows_cars": {
        "zh-CN": "下一营业日（{day}）预约到店 {cars} 辆，缺少配件：{parts_missing}。",
        "en": "{cars} cars are booked for {day}, the next day that the branch opens; parts missing: {parts_missing}.",
    },
    "one_more_car": {
        "zh-CN": "当日预约通知发出后，{day} 又新增 1 辆预约到店，缺少配件：{parts_missing}。",
        "en": "One more car is booked for {day}, whose cars you were told of before; parts missing: {parts_missing}.",
    },
    "preparation_missing": {
        "zh-CN": "{day} 的预约尚缺准备：{missing}。",
        "en": "The appointment on {day} still lacks: {missing}.",
    },
    "opening_checklists_missing": {
        "zh-CN": "{day} 开店检查表未完成：{missing}。",
        "en": "Opening checklists of {day} are missing: {missing}.",
    },
    "files_merged": {
        "zh-CN": "档案 {file} 已并入 {into}，如有误请撤销。",
        "en": "The file {file} is read as {into} now; part them again where that is wrong.",
    },
}
