"""W8, R6, R9: found or wished work at the prices of today, with its parts (R8) and what it does to the promise (R10)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from services.reception.consultation import Diagnosis
from services.reception.estimate import AskedLine, parts_of_items, priced
from services.reception.promise import after_open_time
from services.reception.stock import Stock, looked_up
from shared.branch import Branch
from shared.contracts.event import Fact, Instant
from shared.contracts.reception import ChangeQuoted, PartsLookedUp
from shared.contracts.shares import insurer_share
from shared.contracts.values import Channel, FaultState, OrderItem, PaymentChoice, Warranty
from shared.money import Money
from shared.refusal import Refused
from shared.signing import content_hash


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
        "en": "Drop only items that nobody has begun; end the order where nothing is left.",
        "zh-CN": "只能取消未开工的项目；全部取消请终止委托。",
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


class InsurerSaid(Fact):
    """The insurer's answer to a quote: `approved` is how much it pays in all, `answered_by` the key of a text record."""

    consents: bool
    claim_number: str
    approved: Money
    answered_by: str
    channel: Channel


class Change(Fact):
    """A quote and the answers to it; `accepted` and `declined` are item ids, dropped ones included. `content_hash` is consented to.

    `insurer` is what the insurer is asked to pay of each item. `superseded`: another quote has taken its place, with another payer.
    """

    change: str
    found: str | None
    items: tuple[OrderItem, ...]
    total: Money
    promised_at: Instant | None
    valid_until: date
    answers_to: str | None
    dropped: tuple[str, ...]
    lookup: tuple[PartsLookedUp.Line, ...]
    insurer: Mapping[str, Money] = {}
    content_hash: str
    insurer_said: InsurerSaid | None = None
    superseded: bool = False
    answered: bool = False
    accepted: tuple[str, ...] = ()
    declined: tuple[str, ...] = ()
    channel: Channel | None = None
    answered_by: str | None = None

    @property
    def lines(self) -> tuple[str, ...]:
        return (*(item.item for item in self.items), *self.dropped)

    def insurer_gap(self, items: Collection[str]) -> Money:
        """What the insurer is asked to pay of these items and has not consented to."""
        nothing = self.total * 0
        asked = sum((share for item, share in self.insurer.items() if item in items), start=nothing)
        approved = self.insurer_said.approved if self.insurer_said else nothing
        return max(asked - approved, nothing)

    @property
    def waits_for_insurer(self) -> bool:
        """The customer has accepted, and nothing may start before the insurer has consented too."""
        return bool(self.accepted) and not self.superseded and bool(self.insurer_gap(self.accepted))


class Wanted(Fact):
    """An item to be put to the customer: `item` is the workshop's id of what was found, or the next of the customer's wishes."""

    item: str
    operation: str
    warranty: Warranty
    asked: AskedLine | None = None


def quoted(
    visit: str,
    change: str,
    found: str | None,
    wanted: Sequence[Wanted],
    dropped: Sequence[str],
    answers_to: str | None,
    promised_at: datetime,
    pays: Sequence[PaymentChoice],
    stock: Mapping[str, Stock],
    branch: Branch,
    now: datetime,
) -> ChangeQuoted:
    """The quote with the `content_hash` that the customer consents to; valid through the last day of the branch's validity."""
    items = tuple(_priced(each, branch) for each in wanted)
    today = now.astimezone(branch.site.zone).date()
    lookup = looked_up(visit, parts_of_items(items), stock, today).lines
    quote = ChangeQuoted(
        visit=visit,
        change=change,
        found=found,
        items=items,
        total=sum((item.amount for item in items), start=Money.zero(branch.site.site.currency)),
        promised_at=later_promise(promised_at, items, lookup, branch, now),
        valid_until=today + timedelta(days=branch.site.prices.estimate_valid_days),
        answers_to=answers_to,
        dropped=tuple(dropped),
        lookup=lookup,
        insurer=insurer_asked(items, pays),
        content_hash="",
    )
    return quote.model_copy(update={"content_hash": content_hash(quote)})


def insurer_asked(items: Sequence[OrderItem], pays: Sequence[PaymentChoice]) -> dict[str, Money]:
    """W8, EDGE_CASES 7: what the insurer is to pay of each item; items of which it pays nothing are left out."""
    return {item.item: share for item in items if (share := insurer_share(item, pays))}


def _priced(wanted: Wanted, branch: Branch) -> OrderItem:
    found = Diagnosis(
        item=wanted.item,
        operation=wanted.operation,
        fault=FaultState.DETERMINED,
        warranty=wanted.warranty,
        customer_told=True,
        told=None,
    )
    return priced(found, wanted.asked or AskedLine(item=wanted.item), branch)


def later_promise(
    promised_at: datetime, items: Sequence[OrderItem], lookup: Sequence[PartsLookedUp.Line], branch: Branch, now: datetime
) -> datetime:
    """R10: the promise of before, put off by the hours of these items, and not before their parts are there."""
    if not items:
        return promised_at.astimezone(UTC)
    start = max(promised_at, now, *(_opening_of(line.expected_on, branch) for line in lookup if line.expected_on))
    hours = sum((item.hours for item in items), Decimal(0))
    return after_open_time(start.astimezone(UTC), timedelta(seconds=float(hours * 3600)), branch)


def _opening_of(day: date, branch: Branch) -> datetime:
    return datetime.combine(day, branch.site.shop.opens, branch.site.zone)
