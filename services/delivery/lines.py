"""D5: the lines of a settlement, each shared among its payers to the cent, and what is taken off them."""

from collections.abc import Iterable, Iterator, Sequence

from services.delivery.order import Order
from shared.contracts.delivery import DiscountGiven, SettlementClosed
from shared.contracts.shares import item_shares
from shared.contracts.values import OrderItem, Payer, PaymentChoice
from shared.money import Money

Line = SettlementClosed.Line
Discount = SettlementClosed.Discount


def lines(order: Order) -> tuple[Line, ...]:
    """Labour and parts apart; each line's shares sum to it to the cent."""
    return tuple(line for item in order.items for line in item_lines(item, order.pays))


def item_lines(item: OrderItem, pays: Sequence[PaymentChoice]) -> Iterator[Line]:
    named = [(f"{item.item}.labour", "labour", item.operation, item.labour)]
    named += [(part.line, "part", part.part_no, part.amount) for part in item.parts]
    for (id, kind, code, amount), shares in zip(named, item_shares(item, pays), strict=True):
        yield Line(line=id, item=item.item, kind=kind, code=code, amount=amount, shares=shares)


def discounts(settled: Iterable[Line], given: Iterable[DiscountGiven]) -> tuple[Discount, ...]:
    """What was given on these lines: never more than the line, never on what the warranty pays, each payer in proportion."""
    by_line = {discount.line: discount for discount in given}
    taken_off = []
    for line in settled:
        discount = by_line.get(line.line)
        if discount and Payer.WARRANTY not in line.shares and (amount := min(discount.amount, line.amount)):
            taken_off.append(Discount(line=line.line, amount=amount, shares=_off(line, amount), reason=discount.reason))
    return tuple(taken_off)


def _off(line: Line, amount: Money) -> dict[Payer, Money]:
    """The largest shares first, none below zero: a cent too much by rounding is never taken from who owes none."""
    rest, off = amount, {}
    for payer, share in sorted(line.shares.items(), key=lambda entry: entry[1], reverse=True):
        part = min(share, amount * (share.amount / line.amount.amount))
        off[payer], rest = min(part, rest), rest - min(part, rest)
    for payer, share in line.shares.items():
        more = min(share - off[payer], rest)
        off[payer], rest = off[payer] + more, rest - more
    return off


def charged(settled: Iterable[Line], taken_off: Iterable[Discount], nothing: Money) -> Money:
    return sum((line.amount for line in settled), start=nothing) - sum((discount.amount for discount in taken_off), start=nothing)


def owed(settled: Iterable[Line], taken_off: Iterable[Discount] = ()) -> dict[Payer, Money]:
    """By payer; who owes nothing is left out."""
    sums: dict[Payer, Money] = {}
    for line in settled:
        for payer, share in line.shares.items():
            sums[payer] = sums[payer] + share if payer in sums else share
    for discount in taken_off:
        for payer, share in discount.shares.items():
            sums[payer] -= share
    return {payer: amount for payer, amount in sums.items() if amount}
