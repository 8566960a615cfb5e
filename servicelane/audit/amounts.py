"""Sums of money that never mix currencies and never fail: amounts by currency, the empty ones left out."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from shared.contracts.values import OrderItem
from shared.money import Money

Sum: TypeAlias = dict[str, Decimal]


def added(amounts: Iterable[Money]) -> Sum:
    total: dict[str, Decimal] = defaultdict(Decimal)
    for money in amounts:
        total[money.currency] += money.amount
    return {currency: amount for currency, amount in total.items() if amount}


def lacking(owed: Money, covered: Iterable[Money]) -> str:
    """What of `owed` is not covered, as text; empty where nothing is."""
    missing = owed.amount - added(covered).get(owed.currency, Decimal(0))
    return f"{missing} {owed.currency}" if missing > 0 else ""


def amount_of(item: OrderItem) -> Sum:
    return added((item.labour, *(part.amount for part in item.parts)))


def lines_of(items: Iterable[OrderItem]) -> dict[tuple[str, str, str], Sum]:
    """Labour and parts of each item, added up by operation or part."""
    amounts: dict[tuple[str, str, str], list[Money]] = defaultdict(list)
    for item in items:
        amounts[item.item, "labour", item.operation].append(item.labour)
        for part in item.parts:
            amounts[item.item, "part", part.part_no].append(part.amount)
    return {key: total for key, each in amounts.items() if (total := added(each))}


def settled_lines(lines: Iterable[Any]) -> dict[tuple[str, str, str], Sum]:
    """The same of a settlement's lines."""
    amounts: dict[tuple[str, str, str], list[Money]] = defaultdict(list)
    for line in lines:
        amounts[line.item, line.kind, line.code].append(line.amount)
    return {key: total for key, each in amounts.items() if (total := added(each))}


def by_payer(shares: Iterable[Mapping[Any, Money]], taken_off: Iterable[Mapping[Any, Money]] = ()) -> dict[Any, Sum]:
    amounts: dict[Any, list[Money]] = defaultdict(list)
    for shared in shares:
        for payer, money in shared.items():
            amounts[payer].append(money)
    for shared in taken_off:
        for payer, money in shared.items():
            amounts[payer].append(money * -1)
    return {payer: total for payer, each in amounts.items() if (total := added(each))}
