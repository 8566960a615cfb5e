"""R8: are the parts there, or when: from what the workshop says of its shelves, its orders and what it keeps for signed ones."""

from collections.abc import Mapping
from datetime import date, timedelta

from shared.contracts.event import Fact
from shared.contracts.reception import PartsLookedUp
from shared.contracts.workshop import PartOrdered, StockChanged

Wanted = Mapping[str, int]
"""Whole pieces by part number."""


class OnOrder(Fact):
    quantity: int
    expected_on: date


class Stock(Fact):
    """What the workshop last said about a part. `free` is what it keeps for nobody; `owed` is what others still need of it.

    `expected_on` is the day of the next receipt where the orders themselves are not known here.
    """

    on_hand: int
    lead_days: int
    expected_on: date | None = None
    on_order: tuple[OnOrder, ...] = ()
    free: int | None = None
    owed: int = 0

    def changed(self, event: StockChanged) -> "Stock":
        """A receipt is of what was ordered first."""
        came = event.change if event.reason == "receipt" else 0
        left = []
        for order in sorted(self.on_order, key=lambda order: order.expected_on):
            quantity = order.quantity - min(order.quantity, came)
            came -= order.quantity - quantity
            if quantity:
                left.append(order.model_copy(update={"quantity": quantity}))
        told = event.model_dump(include={"on_hand", "lead_days", "expected_on", "free"})
        return self.model_copy(update=told | {"on_order": tuple(left)})

    def ordered(self, event: PartOrdered) -> "Stock":
        more = OnOrder(quantity=event.quantity, expected_on=event.expected_on)
        return self.model_copy(update={"on_order": (*self.on_order, more)})

    def expected(self, quantity: int, today: date) -> date | None:
        """None where so many are there; else the day by which enough come for those before and for these: ordered, or by lead time."""
        there = self.on_hand - self.owed
        if there >= quantity:
            return None
        for order in sorted(self.on_order, key=lambda order: order.expected_on):
            there += order.quantity
            if there >= quantity and order.expected_on >= today:
                return order.expected_on
        if not self.on_order and self.expected_on and self.expected_on >= today:
            return self.expected_on
        return today + timedelta(days=self.lead_days)


def looked_up(visit: str, wanted: Wanted, stock: Mapping[str, Stock], today: date) -> PartsLookedUp:
    """R8: a part that is not there in full gives the date at which it is expected."""
    dated = {part_no: stock[part_no].expected(quantity, today) for part_no, quantity in wanted.items()}
    lines = [
        PartsLookedUp.Line(part_no=part_no, quantity=quantity, available=dated[part_no] is None, expected_on=dated[part_no])
        for part_no, quantity in sorted(wanted.items())
    ]
    return PartsLookedUp(visit=visit, lines=tuple(lines))
