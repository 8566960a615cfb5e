"""The work order as delivery keeps it: one document a revision, since the revision that QC judged is settled and no other."""

from collections.abc import Container, Iterable, Mapping
from typing import Self

from shared.contracts.delivery import ItemRuled
from shared.contracts.event import Fact, Instant
from shared.contracts.reception import OrderRevised, WorkOrderSigned
from shared.contracts.values import OrderItem, PaymentChoice, Warranty
from shared.money import Money


class Order(Fact):
    """R11, W8: what of a revision delivery needs: items at their frozen prices, ways to pay, wash, replaced parts."""

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

    def without(self, items: Container[str]) -> Self:
        return self.model_copy(update={"items": tuple(item for item in self.items if item.item not in items)})

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


def _ruled(item: OrderItem, covers: Mapping[str, bool]) -> OrderItem:
    if item.item not in covers or item.warranty is not Warranty.UNCLEAR:
        return item
    return item.model_copy(update={"warranty": Warranty.YES if covers[item.item] else Warranty.NO})
