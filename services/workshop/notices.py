"""What the workshop tells without being asked, in words: code → text in both languages, the notice's facts in braces."""

from collections.abc import Mapping

from shared.refusal import Texts

NOTICES: Mapping[str, Texts] = {
    "job_waiting": {
        "zh-CN": "有新的任务委托书等待接车派工，承诺交车时间 {promised_at}。",
        "en": "A signed order waits to be taken over and dispatched; promised for {promised_at}.",
    },
    "check_in_corrected": {
        "zh-CN": "接车登记表内容已更正：{field} 为 {value}。",
        "en": "A fact of the check-in sheet was corrected: {field} is {value}.",
    },
    "handover_sent_back": {
        "zh-CN": "车辆已退回服务顾问，请更正后重新移交。",
        "en": "The car was sent back to the advisor: correct it and hand it over anew.",
    },
    "order_cancelled": {
        "zh-CN": "客户已终止委托（未动工即结束：{ended}）。",
        "en": "The customer has ended the order (nobody had touched the car: {ended}).",
    },
    "car_differs_from_sheet": {
        "zh-CN": "班组 {team} 接车核对时发现车辆与接车登记表不符。请立即核实。",
        "en": "Team {team} found that the car differs from its check-in sheet. Look at it now.",
    },
    "belongings_requested": {
        "zh-CN": "作业需要移动物品或进入车内（{request}），请先征询客户。",
        "en": "The work needs belongings moved or the car entered ({request}): ask the customer first.",
    },
    "belongings_answered": {
        "zh-CN": "客户对 {request} 已答复（同意：{agrees}）。",
        "en": "The customer has answered {request} (agrees: {agrees}).",
    },
    "progress_stopped": {
        "zh-CN": "作业已停止（{report}）。",
        "en": "The work has stopped ({report}).",
    },
    "progress_waiting_for_parts": {
        "zh-CN": "作业等待配件（{report}）。",
        "en": "The work waits for parts ({report}).",
    },
    "progress_later": {
        "zh-CN": "作业将延后 {minutes} 分钟（{report}）。",
        "en": "The work will take {minutes} minutes longer ({report}).",
    },
    "progress_earlier": {
        "zh-CN": "作业将提前 {minutes} 分钟（{report}）。",
        "en": "The work will be done {minutes} minutes earlier ({report}).",
    },
    "progress_resumed": {
        "zh-CN": "作业已恢复（{report}）。",
        "en": "The work goes on again ({report}).",
    },
    "progress_at_risk": {
        "zh-CN": "剩余作业时间已超出承诺交车时间（{report}）。",
        "en": "What is left to do does not fit before the promised time ({report}).",
    },
    "car_wanted_as_promised": {
        "zh-CN": "客户要求按承诺时间 {promised_at} 交车，请优先安排。",
        "en": "The customer wants the car as promised, at {promised_at}: it is first in line.",
    },
    "work_found": {
        "zh-CN": "发现新增项目 {operation}（{found}），须先征得客户同意。",
        "en": "Further work was found: {operation} ({found}). Not to be begun before the customer's consent.",
    },
    "order_revised": {
        "zh-CN": "委托书已变更为第 {revision} 版（总检作废：{voids_pass}）。",
        "en": "The order has revision {revision} now (a passed inspection is void: {voids_pass}).",
    },
    "qc_failed": {
        "zh-CN": "第 {round} 轮总检不合格，请返修。",
        "en": "The final inspection of round {round} failed: rework.",
    },
    "qc_passed": {
        "zh-CN": "车辆总检合格（洗车：{wash}）。",
        "en": "The car has passed its final inspection (wash: {wash}).",
    },
    "washing_begins": {
        "zh-CN": "车辆开始清洗。",
        "en": "Washing of the car begins.",
    },
    "check_in_corrected": {
        "zh-CN": "接车登记表已更正：{field} 改为 {value}。",
        "en": "The check-in sheet was corrected: {field} is {value}.",
    },
    "handover_sent_back": {
        "zh-CN": "车辆交接被车间退回，请前台更正后重新交接。",
        "en": "The workshop sent the handover back: correct it and hand the car over again.",
    },
    "order_cancelled": {
        "zh-CN": "客户终止了委托，未同意的项目不再进行。",
        "en": "The customer ended the order: what was not consented is not done.",
    },
    "belongings_requested": {
        "zh-CN": "作业需要移动车内物品（{request}），请先征得客户同意。",
        "en": "The work needs belongings to be moved ({request}): ask the customer first.",
    },
    "belongings_answered": {
        "zh-CN": "客户对移动物品的答复（{request}）：{agrees}。",
        "en": "The customer's answer on belongings ({request}): {agrees}.",
    },
    "progress_stopped": {
        "zh-CN": "作业停止（{report}），请告知客户。",
        "en": "Work has stopped ({report}): tell the customer.",
    },
    "progress_waiting_for_parts": {
        "zh-CN": "作业等待配件（{report}），请告知客户。",
        "en": "Work waits for parts ({report}): tell the customer.",
    },
    "progress_later": {
        "zh-CN": "作业将推迟 {minutes} 分钟（{report}），请告知客户。",
        "en": "Work will be {minutes} minutes late ({report}): tell the customer.",
    },
    "progress_earlier": {
        "zh-CN": "作业将提前完成（{report}）。",
        "en": "Work will be done earlier ({report}).",
    },
    "progress_resumed": {
        "zh-CN": "作业已恢复（{report}）。",
        "en": "Work goes on again ({report}).",
    },
    "progress_at_risk": {
        "zh-CN": "承诺交车时间可能无法保证（{report}）。",
        "en": "The promised time is at risk ({report}).",
    },
    "car_wanted_as_promised": {
        "zh-CN": "客户要求按承诺时间 {promised_at} 取车，已列为最优先。",
        "en": "The customer wants the car as promised, {promised_at}: it has first priority.",
    },
    "work_found": {
        "zh-CN": "发现新的作业 {found}（{operation}），须客户同意后方可开始。",
        "en": "New work was found: {found} ({operation}). It must not start before the customer agrees.",
    },
    "order_revised": {
        "zh-CN": "委托书已更新为第 {revision} 版。",
        "en": "The order is now at revision {revision}.",
    },
    "qc_failed": {
        "zh-CN": "总检不合格，第 {round} 轮返工。",
        "en": "The final inspection failed: rework round {round}.",
    },
}
