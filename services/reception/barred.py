"""Why an order is not changed, a quote not answered, or work found later not begun: W8."""

from shared.refusal import NotReadyYet, Refused


class NothingChanges(Refused):
    clause = "W8"
    title = {"en": "The change has nothing in it.", "zh-CN": "变更内容为空。"}
    remedy = {"en": "Name what was found, or the operations wished for or dropped.", "zh-CN": "请注明新发现项目、客户新增或取消的项目。"}


class AlreadyOnTheOrder(Refused):
    clause = "W8"
    title = {"en": "The customer has accepted this already.", "zh-CN": "客户已同意该项目。"}
    remedy = {"en": "It is on the order; nothing is to be asked again.", "zh-CN": "该项目已列入委托书，无需再次询问。"}


class QuoteOpen(Refused):
    clause = "W8"
    title = {"en": "A quote of the same still waits for the customer's answer.", "zh-CN": "同一项目的报价尚待客户答复。"}
    remedy = {"en": "Record the answer to it first.", "zh-CN": "请先登记客户对该报价的答复。"}


class ItemCannotBeDropped(Refused):
    clause = "W8"
    title = {"en": "The item is not on the order, or its work has begun.", "zh-CN": "该项目不在委托书上，或已开工。"}
    remedy = {
        "en": "Quote anew and drop only items that nobody has begun; end the order where nothing is left.",
        "zh-CN": "请重新报价，只能取消未开工的项目；全部取消请终止委托。",
    }


class ChangeAlreadyAnswered(Refused):
    clause = "W8"
    title = {"en": "The customer has answered this quote.", "zh-CN": "客户已答复该报价。"}
    remedy = {
        "en": "Quote it again where the customer thinks better of it.",
        "zh-CN": "如客户改变主意，请按当日价格重新报价。",
    }


class QuoteExpired(Refused):
    clause = "W8"
    title = {"en": "The quote is no longer valid.", "zh-CN": "报价已过有效期。"}
    remedy = {"en": "Quote it again, at today's price.", "zh-CN": "请按当日价格重新报价。"}


class QuoteContentDiffers(Refused):
    clause = "W8"
    title = {"en": "What the customer answered is not this quote.", "zh-CN": "客户答复的内容与该报价不一致。"}
    remedy = {"en": "Read the present quote to the customer.", "zh-CN": "请向客户出示当前报价。"}


class WaitsForInsurer(Refused):
    clause = "W8"
    title = {"en": "The insurer has not consented to what it is to pay.", "zh-CN": "保险公司尚未同意承担其份额。"}
    remedy = {
        "en": "Record the insurer's answer; what it does not pay is borne by a new consent of the customer, or as goodwill.",
        "zh-CN": "请登记保险公司答复；差额须由客户重新同意承担，或经业务主管批准优惠承担。",
    }


class OrderCancelledAlready(Refused):
    clause = "W8"
    title = {"en": "The customer has ended the order.", "zh-CN": "客户已终止委托。"}
    remedy = {
        "en": "Only what was consented is settled; further work needs a new visit.",
        "zh-CN": "仅结算已同意项目；其他作业请新建来访。",
    }


class AcceptedWorkRemains(Refused):
    clause = "W8"
    title = {"en": "The customer has accepted further work that nobody has begun.", "zh-CN": "客户已同意的追加项目尚未开工。"}
    remedy = {"en": "Let the customer drop what has not begun, then end the order.", "zh-CN": "请先取消未开工的追加项目，再终止委托。"}


class RevisionOnItsWay(NotReadyYet):
    """503: the customer's answer is not recorded yet; the same call succeeds as soon as the revision before it was taken."""

    title = {"en": "The revision before this one has not been taken yet.", "zh-CN": "上一次变更尚未生效。"}
    remedy = {"en": "Try again in a moment.", "zh-CN": "请稍后重试。"}
