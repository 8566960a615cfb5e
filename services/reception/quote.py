"""W8, R6, R9: found or wished work at the prices of today, with its parts (R8) and what it does to the promise (R10)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from services.reception.consultation import Diagnosis, FirstMaintenance
from services.reception.estimate import AskedLine, parts_of_items, price_list, priced
from services.reception.promise import after_open_time
from services.reception.stock import Stock, looked_up
from shared.branch import Branch
from shared.contracts.event import Fact, Instant
from shared.contracts.reception import ChangeQuoted, PartsLookedUp, SupplementAuthorised
from shared.contracts.shares import insurer_share
from shared.contracts.values import Channel, FaultState, OrderItem, PaymentChoice, Warranty
from shared.money import Money
from shared.signing import content_hash


class InsurerSaid(Fact):
    """The insurer's answer to a quote: `approved` is how much it pays in all, `answered_by` the key of a text record."""

    consents: bool
    claim_number: str
    approved: Money
    answered_by: str
    channel: Channel


class Change(Fact):
    """A quote and the answers to it; `accepted` and `declined` are item ids, dropped ones included. `content_hash` is consented to.

    `insurer` is what the insurer is asked to pay of each item. `superseded`: another quote has taken its place, with another payer or
    at later prices. `answered_by`: `customer`, or the key of a text record.
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
    dialled: str | None = None
    answered_at: Instant | None = None
    supplement: SupplementAuthorised | None = None

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


class Covered(Fact):
    """R4: the first maintenance that the vehicle had before, and why it is free once more (the key of a text record)."""

    first_maintenance: FirstMaintenance | None = None
    reason: str | None = None


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
    warranty_reason: str | None = None,
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
        listed=price_list(items, branch),
        warranty_reason=warranty_reason,
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
