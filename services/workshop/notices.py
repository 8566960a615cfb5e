"""What the workshop tells without being asked, in words: code → text in both languages, the notice's facts in braces."""

from collections.abc import Mapping

from shared.refusal import Texts

NOTICES: Mapping[str, Texts] = {
    "job_waiting": {
        "zh-CN": "有新的任务委托书等待接车派工，承诺交车时间 {promised_at}。",
        "en": "A signed order waits to be taken over and dispatched; promised for {promised_at}.",
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
        "zh-CN": "客户终止了委托，未同意和未开工的项目不再进行。",
        "en": "The customer ended the order: what was not consented, or nobody has begun, is not done.",
    },
    "car_differs_from_sheet": {
        "zh-CN": "班组 {team} 接车核对时发现车辆与接车登记表不符。请立即核实。",
        "en": "Team {team} found that the car differs from its check-in sheet. Look at it now.",
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
    "begun_work_dropped": {
        "zh-CN": "客户取消了已开工的项目 {items}，请停工并将车辆复原，再送总检。",
        "en": "The customer dropped work that was under way ({items}): stop, and put the car together again for its final inspection.",
    },
    "qc_failed": {
        "zh-CN": "总检不合格，第 {round} 轮返工。",
        "en": "The final inspection failed: rework round {round}.",
    },
    "qc_passed": {
        "zh-CN": "车辆总检合格（洗车：{wash}）。",
        "en": "The car has passed its final inspection (wash: {wash}).",
    },
    "washing_begins": {
        "zh-CN": "车辆开始清洗。",
        "en": "Washing of the car begins.",
    },
    "parts_below_reorder_point": {
        "zh-CN": "以下配件低于订货点：{parts}。请订货。",
        "en": "Below their reorder point: {parts}. Order them.",
    },
    "person_away": {
        "zh-CN": "{person} 自 {starts_at} 起缺勤，请调整派工。",
        "en": "{person} is away from {starts_at}: plan the work without them.",
    },
    "handover_not_taken": {
        "zh-CN": "车辆已在 {place} 等待接收超过规定时间，请接收或退回。",
        "en": "A car has waited at {place} for longer than it should: accept it or send it back.",
    },
    "papers_not_handed_in": {
        "zh-CN": "车辆已停入竣工区，钥匙和单据尚未交回（钥匙位置：{key_place}）。",
        "en": "The car is parked, but its key and papers have not come back (key: {key_place}).",
    },
    "car_damaged": {
        "zh-CN": "车辆在店内受损（{damage}，{during}），请立即告知客户并作出决定。",
        "en": "The car was damaged here ({damage}, during {during}): tell the customer and decide.",
    },
    "damage_to_repair": {
        "zh-CN": "车损 {damage} 已决定修复，修复后方可总检。",
        "en": "Damage {damage} is to be repaired: the final inspection waits for it.",
    },
    "damage_repaired": {
        "zh-CN": "车损 {damage} 已修复，可继续总检。",
        "en": "Damage {damage} is repaired: the final inspection may go on.",
    },
}
