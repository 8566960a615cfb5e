"""W8, EDGE_CASES 7: of work found later that the insurer is to pay, the insurer consents too; its gap does not slide to the customer."""

from collections.abc import Collection
from datetime import datetime, timedelta

from services.reception.barred import ChangeAlreadyAnswered, QuoteContentDiffers, QuoteExpired
from services.reception.changes import Changes
from services.reception.quote import Change, insurer_asked
from services.reception.visit import Visit
from shared.branch import Branch
from shared.contracts.event import Event
from shared.contracts.reception import ChangeQuoted, InsurerConsentRecorded, InsurerGapGranted, WorkOrderSigned
from shared.contracts.values import OrderItem, Payer
from shared.money import Money
from shared.refusal import Malformed, Refused
from shared.signing import content_hash


class InsurerPaysNothing(Refused):
    clause = "W8"
    title = {"en": "The insurer pays nothing of this quote.", "zh-CN": "该报价中没有保险公司承担的份额。"}
    remedy = {"en": "The customer's own consent is enough.", "zh-CN": "征得客户同意即可。"}


class NoInsurerGap(Refused):
    clause = "W8"
    title = {"en": "The insurer leaves nothing of this quote open.", "zh-CN": "保险公司对该报价没有差额。"}
    remedy = {"en": "Record the insurer's answer first, where it has not answered.", "zh-CN": "如保险公司尚未答复，请先登记其答复。"}


def answer(
    changes: Changes,
    order: WorkOrderSigned,
    visit: Visit,
    said: InsurerConsentRecorded,
    branch: Branch,
    now: datetime,
    *,
    begun: Collection[str],
) -> list[Event]:
    """W8: before or after the customer's answer; where both have agreed, the order is revised. The newest answer holds until then."""
    changes.must_go_on(visit)
    quote = _open(changes, said.change)
    if not quote.insurer:
        raise InsurerPaysNothing(visit=changes.id, change=quote.change)
    if bool(said.approved) != said.consents:
        raise Malformed(missing=("approved_amount",), reason="who consents approves an amount, who declines approves none")
    if said.content_hash != quote.content_hash:
        raise QuoteContentDiffers(visit=changes.id, change=quote.change, content_hash=quote.content_hash)
    if not quote.answered and now.astimezone(branch.site.zone).date() > quote.valid_until:
        raise QuoteExpired(visit=changes.id, change=quote.change, valid_until=quote.valid_until.isoformat())
    told = changes.after([said]).change(quote.change)
    agreed = bool(quote.accepted) and not told.waits_for_insurer
    return [said, *([changes.revised(order, quote, quote.accepted, branch, now, begun=begun)] if agreed else [])]


def bear_gap(
    changes: Changes, order: WorkOrderSigned, visit: Visit, change: str, bearer: Payer, branch: Branch, now: datetime
) -> ChangeQuoted:
    """W8: the same work at the same prices, quoted anew with what the insurer approved and who bears the rest; the customer answers it."""
    changes.must_go_on(visit)
    quote = _open(changes, change)
    items = tuple(item.item for item in quote.items)
    if quote.insurer_said is None or not quote.insurer_gap(items):
        raise NoInsurerGap(missing=("insurer_answer",), visit=changes.id, change=change)
    borne = _up_to(quote, quote.insurer_said.approved, bearer)
    anew = ChangeQuoted(
        **quote.model_dump(include={"found", "total", "promised_at", "dropped", "lookup"}),
        visit=changes.id,
        change=f"change-{changes.number_after(changes.changes)}",
        items=borne,
        valid_until=now.astimezone(branch.site.zone).date() + timedelta(days=branch.site.prices.estimate_valid_days),
        answers_to=change,
        insurer=insurer_asked(borne, order.pays),
        content_hash="",
    )
    return anew.model_copy(update={"content_hash": content_hash(anew)})


def grant_gap(
    changes: Changes, order: WorkOrderSigned, visit: Visit, granted: InsurerGapGranted, branch: Branch, now: datetime
) -> list[Event]:
    """W8: as goodwill; whose right it is, the table of who may says. `granted.amount` is filled in here."""
    anew = bear_gap(changes, order, visit, granted.change, Payer.GOODWILL, branch, now)
    quote = changes.change(granted.change)
    return [granted.model_copy(update={"amount": quote.insurer_gap([item.item for item in quote.items])}), anew]


def _open(changes: Changes, change: str) -> Change:
    """A quote of which nothing is on the order yet, and which the customer has not declined."""
    quote = changes.change(change)
    done = change in {revision.change for revision in changes.revisions}
    if quote.superseded or done or (quote.answered and not quote.accepted):
        raise ChangeAlreadyAnswered(visit=changes.id, change=change)
    return quote


def _up_to(quote: Change, approved: Money, bearer: Payer) -> tuple[OrderItem, ...]:
    """What was approved is for the first items, until it is used up."""
    left, items = approved, []
    for item in quote.items:
        asked = quote.insurer.get(item.item)
        if asked is None:
            items.append(item)
            continue
        pays = min(asked, left)
        left -= pays
        items.append(item.model_copy(update={"insurer_up_to": pays, "gap_to": bearer}))
    return tuple(items)
