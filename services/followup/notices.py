"""What follow-up tells without being asked, in words: code → text in both languages, the notice's facts in braces."""

from collections.abc import Mapping

from shared.refusal import Texts

NOTICES: Mapping[str, Texts] = {
    "customer_file_due": {
        "zh-CN": "请在 {due_by} 前建立客户档案。",
        "en": "A customer file is due by {due_by}.",
    },
    "stand_in": {
        "zh-CN": "{agent} 的未结电话由您代理，{since} 至 {until}。",
        "en": "You stand in for {agent} from {since} to {until}: the open calls go over to you.",
    },
    "agent_back": {
        "zh-CN": "{agent} 已回岗，代理结束。",
        "en": "{agent} is back: the stand-in has ended.",
    },
    "agent_left": {
        "zh-CN": "{agent} 不再担任跟踪业务员，其未结事项由在岗人员办理。",
        "en": "{agent} is no follow-up agent any more: what is open of theirs goes over to who is here.",
    },
    "no_working_day_for_call": {
        "zh-CN": "跟踪电话 {duty} 的期限内没有工作日，请安排值班人员。",
        "en": "Call {duty} has no working day in its window: an agent on duty is needed.",
    },
    "customer_not_reached": {
        "zh-CN": "多次致电未联系到客户（{duty}），已转为短信或信函。",
        "en": "The customer was not reached ({duty}) and is written to instead.",
    },
    "contact_invalid": {
        "zh-CN": "客户 {customer} 的电话号码有误，下次来店时请核对。",
        "en": "The number of {customer} is wrong: check it at the next visit.",
    },
    "duty_overdue": {
        "zh-CN": "跟踪事项 {duty} 已超期（{level}）。",
        "en": "Duty {duty} is overdue ({level}).",
    },
    "maintenance_reminder": {
        "zh-CN": "车辆保养将于 {due_on} 到期，请提醒客户并建议预约。",
        "en": "Maintenance is due on {due_on}: remind the customer and offer an appointment.",
    },
    "entry_to_see_to": {
        "zh-CN": "客户在回访中提出事项（{kind}），请处理并答复，编号 {entry}。",
        "en": "The customer said something on the call that is yours to see to ({kind}): {entry}.",
    },
    "unsolved_entry": {
        "zh-CN": "客户提出的事项 {entry} 尚未答复，请作出决定并注明期限。",
        "en": "What the customer asked for ({entry}) is unanswered: decide, with a date.",
    },
    "decided_entry": {
        "zh-CN": "业务主管已就事项 {entry} 作出决定，请于 {due_on} 前办理并答复客户。",
        "en": "The business supervisor has decided on {entry}: carry it out by {due_on} and answer the customer.",
    },
    "handed_over_entry": {
        "zh-CN": "客户提出的事项 {entry} 现由 {owner} 负责。",
        "en": "What the customer asked for ({entry}) is {owner}'s from now on.",
    },
    "handed_over_complaint": {
        "zh-CN": "投诉 {complaint} 现由 {owner} 负责。",
        "en": "Complaint {complaint} is {owner}'s from now on.",
    },
    "complaint_to_solve": {
        "zh-CN": "投诉 {complaint} 由您负责，请解决并于当日告知客户。",
        "en": "Complaint {complaint} is yours to solve; the customer hears the solution the same day.",
    },
    "unsolved_complaint": {
        "zh-CN": "投诉 {complaint} 尚未解决，请作出决定并注明期限。",
        "en": "Complaint {complaint} is unsolved: decide, with a date.",
    },
    "decided_complaint": {
        "zh-CN": "业务主管已就投诉 {complaint} 作出决定，请于 {due_on} 前办理。",
        "en": "The business supervisor has decided on complaint {complaint}: carry it out by {due_on}.",
    },
    "solution_to_tell_today": {
        "zh-CN": "投诉 {complaint} 已有解决办法，请今天告知客户。",
        "en": "There is a solution for complaint {complaint}: tell the customer today.",
    },
    "car_came_back": {
        "zh-CN": "车辆因投诉 {complaint} 返修，来访 {come_back}。",
        "en": "The car came back for complaint {complaint}: visit {come_back}.",
    },
    "campaign_calls_due": {
        "zh-CN": "活动 {campaign} 的电话邀请已到期，请致电客户。",
        "en": "The calls of campaign {campaign} are due.",
    },
    "invitation_lapsed": {
        "zh-CN": "活动 {campaign} 日期已过，对客户 {customer} 的邀请未完成，已失效。",
        "en": "The day of campaign {campaign} is over before {customer} was told of it, or written to: the invitation has lapsed.",
    },
    "summary_due": {
        "zh-CN": "{period} 小结待撰写：草稿已按记录生成。",
        "en": "The summary of {period} is due: its draft is made from the records.",
    },
}
