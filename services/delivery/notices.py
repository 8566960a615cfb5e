"""What delivery tells without being asked, in words: code → text in both languages, the notice's facts in braces."""

from collections.abc import Mapping

from shared.refusal import Texts

BOSS = ("business_supervisor",)
"""To whom goes what nobody has acted on."""

NOTICES: Mapping[str, Texts] = {
    "case_opened": {
        "zh-CN": "车辆总检合格，交车手续可以准备。",
        "en": "The car has passed its final inspection: its delivery can be prepared.",
    },
    "car_ready": {
        "zh-CN": "车辆已完工，停在 {spot}。请内部验车并通知客户。",
        "en": "The car is done and stands at {spot}. Check it and call the customer.",
    },
    "customer_not_told": {
        "zh-CN": "车辆已验好，停在 {spot}，尚未通知客户。请立即致电并约定交车时间。",
        "en": "The car is checked and stands at {spot}, and the customer was not told: call now and agree a delivery time.",
    },
    "car_goes_back": {
        "zh-CN": "委托书第 {revision} 版增加了作业，车辆退回车间；原结算与出门证作废。",
        "en": "Revision {revision} of the order asks for work: the car goes back to the workshop, settlement and exit pass are void.",
    },
    "car_sent_back": {
        "zh-CN": "服务顾问将车辆退回车间（原因见交车记录文本），请处理；原结算与出门证作废。",
        "en": "The advisor sends the car back to the workshop: read why among the case's texts. Settlement and exit pass are void.",
    },
    "car_may_leave_unsettled": {
        "zh-CN": "来访未签委托书即结束，车辆可免结算放行。",
        "en": "The visit ended without an order: the car may leave without a settlement.",
    },
    "damage_noted": {
        "zh-CN": "验车发现新的损伤（{part}，{mark}），编号 {damage}。请告知客户并处理。",
        "en": "New damage was found on the car ({part}, {mark}), number {damage}. Tell the customer and deal with it.",
    },
    "first_maintenance_untold": {
        "zh-CN": "已结账，但尚未向首保客户说明首保免费、质量担保规定和定期保养的意义。",
        "en": "Settled, and the customer was not told that the first maintenance is free, the warranty rules, and why it matters.",
    },
    "debt_arose": {
        "zh-CN": "付款被撤回，车辆已离店，{payer} 欠款 {amount}。",
        "en": "A payment was reversed after the car had left: {payer} owes {amount}.",
    },
    "insurer_pays_less": {
        "zh-CN": "车辆离店后，保险公司赔付少于原核定金额，{payer} 欠款 {amount}。",
        "en": "The insurer pays less than it had approved, and the car has left: {payer} owes {amount}.",
    },
    "refund_due": {
        "zh-CN": "应退还 {payer} {amount}，请联系客户办理退款。",
        "en": "{amount} is due back to {payer}: arrange the refund.",
    },
    "exit_pass_revoked": {
        "zh-CN": "出门证 {number} 已作废，车辆不得放行。",
        "en": "Exit pass {number} is revoked: the car must not leave.",
    },
    "settled_part_returned": {
        "zh-CN": "已结算项目 {item} 的配件 {part_no} 已退库，请开具红字凭证。",
        "en": "Part {part_no} of the settled item {item} was returned to stock: a credit note is due.",
    },
    "claimed_part_returned": {
        "zh-CN": "索赔单 {claim} 已提交厂家，其配件 {part_no} 已退库，请向厂家更正为 {amount}。",
        "en": "Claim {claim} was sent, and its part {part_no} was returned to stock: correct it with the manufacturer to {amount}.",
    },
    "supplement_to_tell": {
        "zh-CN": "厂家不予质保，产生补充结算 {number}，金额 {total}。请今天致电客户。",
        "en": "The manufacturer does not cover an item: supplementary settlement {number}, {total}. Call the customer today.",
    },
    "supplement_untold": {
        "zh-CN": "补充结算 {number} 当日未告知客户。",
        "en": "The customer was not told of supplementary settlement {number} on the day.",
    },
    "ruling_awaited": {
        "zh-CN": "项目 {item} 的质量担保裁定仍未答复，请催问厂家。",
        "en": "The manufacturer's ruling on item {item} is still out: ask again.",
    },
    "claim_ages": {
        "zh-CN": "索赔单 {claim} 久未推进（{state}）。",
        "en": "Claim {claim} has not moved for long ({state}).",
    },
    "car_waits": {
        "zh-CN": "完工车辆久未提走，停在 {spot}。请联系客户。",
        "en": "A finished car has been waiting for long at {spot}. Reach the customer.",
    },
    "released_car_waits": {
        "zh-CN": "可免结算放行的车辆久未提走，仍在店内。请联系客户。",
        "en": "A car that may leave without a settlement has been standing here for long. Reach the customer.",
    },
    "till_not_closed": {
        "zh-CN": "收银台 {till} 当日未结账。",
        "en": "The till {till} was not closed on its day.",
    },
}
