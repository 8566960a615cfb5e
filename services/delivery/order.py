"""The work order as delivery keeps it: one document a revision, since the revision that QC judged is settled and no other."""

from collections.abc import Container, Iterable, Mapping
from typing import Self

from shared.contracts.delivery import ItemRuled, SettlementClosed
from shared.contracts.event import Fact, Instant
from shared.contracts.reception import OrderRevised, WorkOrderSigned
from shared.contracts.values import OrderItem, PartLine, PaymentChoice, Warranty
from shared.money import Money

Returned = SettlementClosed.Returned
PartsOut = Mapping[str, Mapping[str, int]]
"""By item and part number: how many stayed, where some came back."""


class Order(Fact):
    """R11, W8: what of a revision delivery needs: items at their frozen prices, ways to pay, wash, replaced parts.

    `returned` is what its part lines are less by, since parts came back to the store.
    """

    visit: str
    number: str
    revision: int
    customer: str
    vehicle: str
    advisor: str
    items: tuple[OrderItem, ...]
    total: Money
    pays: tuple[PaymentChoice, ...]
    old_parts: str
    wash: bool
    promised_at: Instant
    returned: tuple[Returned, ...] = ()

    @classmethod
    def signed(cls, event: WorkOrderSigned) -> "Order":
        return cls.model_validate(event.model_dump())

    def revised(self, event: OrderRevised) -> Self:
        """W8: the next revision: what it does not say stays as it was signed."""
        changed = event.model_dump(include={"revision", "items", "total", "promised_at", "wash", "pays"})
        return self.model_validate({**self.model_dump(), **changed})

    def ruled(self, rulings: Iterable[ItemRuled]) -> Self:
        """R5: an unclear item is under warranty, or the customer's side's, as the manufacturer ruled."""
        covers = {ruling.item: ruling.covers for ruling in rulings}
        return self.model_copy(update={"items": tuple(_ruled(item, covers) for item in self.items)})

    def less(self, out: PartsOut) -> Self:
        """EDGE_CASES 11: a consented line shrinks to what stayed with the item; its labour stays."""
        shrunk = [(item, *_shrunk(item, out.get(item.item, {}))) for item in self.items]
        items = tuple(item.model_copy(update={"parts": tuple(kept)}) for item, kept, _ in shrunk)
        return self.model_copy(update={"items": items, "returned": tuple(each for _, _, returned in shrunk for each in returned)})

    def without(self, items: Container[str]) -> Self:
        return self.model_copy(
            update={
                "items": tuple(item for item in self.items if item.item not in items),
                "returned": tuple(each for each in self.returned if each.item not in items),
            }
        )

    @property
    def unruled(self) -> tuple[str, ...]:
        return tuple(item.item for item in self.items if item.warranty is Warranty.UNCLEAR)

    @property
    def needs_quiet_hour(self) -> bool:
        """D3: major repairs and accident cars are not given a peak-hour slot."""
        return any(item.kind in ("major_repair", "accident") for item in self.items)

    @property
    def has_first_maintenance(self) -> bool:
        return any(item.warranty is Warranty.FIRST_MAINTENANCE for item in self.items)


def order_key(visit: str, revision: int) -> str:
    return f"{visit}.{revision}"


def _shrunk(item: OrderItem, out: Mapping[str, int]) -> tuple[list[PartLine], list[Returned]]:
    """Where several lines have the part, the first of them keep theirs."""
    left, kept, returned = dict(out), [], []
    for line in item.parts:
        stays = min(line.quantity, left.get(line.part_no, line.quantity))
        if line.part_no in left:
            left[line.part_no] -= stays
        amount = line.amount - line.unit_price * (line.quantity - stays)
        if stays:
            kept.append(line.model_copy(update={"quantity": stays, "amount": amount}))
        if stays < line.quantity:
            less = line.amount - amount if stays else line.amount
            back = line.quantity - stays
            returned.append(Returned(line=line.line, item=item.item, part_no=line.part_no, quantity=back, amount=less))
    return kept, returned


def _ruled(item: OrderItem, covers: Mapping[str, bool]) -> OrderItem:
    if item.item not in covers or item.warranty is not Warranty.UNCLEAR:
        return item
    return item.model_copy(update={"warranty": Warranty.YES if covers[item.item] else Warranty.NO})
