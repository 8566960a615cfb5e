"""Who owes what of an ordered item, to the cent: reception asks the insurer for its part (W8), delivery settles by the same (D5)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from shared.contracts.values import OrderItem, Payer, PaymentChoice
from shared.money import Money

_OWED_LATER: Mapping[str, Payer] = {"insurer": Payer.INSURER, "on_account": Payer.ON_ACCOUNT}

Shares = dict[Payer, Money]


def item_shares(item: OrderItem, pays: Sequence[PaymentChoice]) -> tuple[Shares, ...]:
    """Of the labour, then of each part; each line's shares sum to it."""
    amounts = (item.labour, *(part.amount for part in item.parts))
    if item.free_for_customer:
        return tuple({Payer.WARRANTY: amount} for amount in amounts)
    if item.payer is not None:
        return _capped(item, [{item.payer: amount} for amount in amounts])
    return _capped(item, [_split(amount, pays) for amount in amounts])


def insurer_share(item: OrderItem, pays: Sequence[PaymentChoice]) -> Money:
    """What the insurer is to pay of the item, all its lines together."""
    return sum((shares[Payer.INSURER] for shares in item_shares(item, pays) if Payer.INSURER in shares), start=item.labour * 0)


def payer_by(choice: PaymentChoice) -> Payer:
    """Who owes what is paid in that way."""
    return _OWED_LATER.get(choice.method, Payer.CUSTOMER)


def _split(amount: Money, pays: Sequence[PaymentChoice]) -> Shares:
    """Where no way to pay was chosen, for nothing was owed at the signature (R11), what was added later is the customer's."""
    if not pays:
        return {Payer.CUSTOMER: amount}
    chosen: dict[Payer, Decimal] = {}
    for choice in pays:
        payer = payer_by(choice)
        chosen[payer] = chosen.get(payer, Decimal(0)) + choice.share
    return dict(zip(chosen, amount.split(tuple(chosen.values())), strict=True))


def _capped(item: OrderItem, lines: Sequence[Shares]) -> tuple[Shares, ...]:
    """The insurer pays its first lines until its limit is used up."""
    if (left := item.insurer_up_to) is None:
        return tuple(lines)
    bearer = item.gap_to or Payer.CUSTOMER
    for shares in lines:
        share = shares.pop(Payer.INSURER, None)
        if share is None:
            continue
        pays = min(share, left)
        left -= pays
        if pays:
            shares[Payer.INSURER] = pays
        if gap := share - pays:
            shares[bearer] = shares[bearer] + gap if bearer in shares else gap
    return tuple(lines)
