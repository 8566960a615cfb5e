"""The work order as delivery keeps it: one document a revision, since the revision that QC judged is settled and no other."""

from shared.contracts.event import Fact, Instant
from shared.contracts.reception import WorkOrderSigned
from shared.contracts.values import OrderItem, PaymentChoice, Warranty
from shared.money import Money


class Order(Fact):
    """R11: what of a signed order delivery needs: items at their frozen prices, ways to pay, wash, replaced parts."""

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

    @property
    def needs_quiet_hour(self) -> bool:
        """D3: major repairs and accident cars are not given a peak-hour slot."""
        return any(item.kind in ("major_repair", "accident") for item in self.items)

    @property
    def has_first_maintenance(self) -> bool:
        return any(item.warranty is Warranty.FIRST_MAINTENANCE for item in self.items)


def order_key(visit: str, revision: int) -> str:
    return f"{visit}.{revision}"
