"""What the visits made by hand are about: items at their prices, recommendations, the next maintenance."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from shared.contracts import delivery as d
from shared.contracts import reception as r
from shared.contracts.shares import item_shares
from shared.contracts.values import FaultState, NextMaintenance, OrderItem, PartLine, PaymentChoice, Recommendation, Warranty
from shared.money import Money

CUSTOMER = "customer-1"
CAR = "vehicle-1"

ITEM = OrderItem(
    item="i1",
    operation="R-FBP",
    kind="repair",
    skill="chassis",
    hours=Decimal("0.8"),
    fault=FaultState.DETERMINED,
    warranty=Warranty.NO,
    labour=Money.of("144.00"),
    parts=(PartLine(line="i1-1", part_no="BP-4001", quantity=1, unit_price=Money.of(398), amount=Money.of(398)),),
)
INSPECTION = OrderItem(
    item="i1",
    operation="D-BRK",
    kind="diagnosis",
    skill="chassis",
    hours=Decimal("0.5"),
    fault=FaultState.TO_BE_INSPECTED,
    warranty=Warranty.NO,
    labour=Money.of("90.00"),
)
FOUND = ITEM.model_copy(
    update={
        "item": "found-1",
        "operation": "R-RBD",
        "hours": Decimal("1.4"),
        "labour": Money.of(252),
        "parts": (PartLine(line="found-1-1", part_no="BP-4002", quantity=1, unit_price=Money.of(342), amount=Money.of(342)),),
    }
)
UNCLEAR = FOUND.model_copy(update={"item": "i2", "warranty": Warranty.UNCLEAR, "parts": ()})
COVERED = UNCLEAR.model_copy(update={"warranty": Warranty.YES})
WEIGHTS = PartLine(line="i1-1", part_no="BW-5002", quantity=6, unit_price=Money.of(3), amount=Money.of(18))
BALANCED = ITEM.model_copy(update={"operation": "M-ROT", "kind": "maintenance", "parts": (WEIGHTS,)})
SAFETY = Recommendation(recommendation="rec-1", operation="M-TYRE4", safety=True)
NEXT = NextMaintenance(due_on=date(2026, 9, 9), odometer_km=55_000)


def labour_of(items: tuple[OrderItem, ...]) -> Money:
    return sum((item.labour for item in items), start=Money.zero())


def parts_of(items: tuple[OrderItem, ...]) -> Money:
    return sum((part.amount for item in items for part in item.parts), start=Money.zero())


def sum_of(items: tuple[OrderItem, ...]) -> Money:
    return labour_of(items) + parts_of(items)


def listed(items: tuple[OrderItem, ...]) -> r.PriceList:
    """The list that the items' prices are of."""
    prices = {part.part_no: part.unit_price.amount for item in items for part in item.parts}
    return r.PriceList(labour_rate=Decimal(180), parts=prices)


def looked_up(items: tuple[OrderItem, ...]) -> tuple[r.PartsLookedUp.Line, ...]:
    return tuple(
        r.PartsLookedUp.Line(part_no=part.part_no, quantity=part.quantity, available=True) for item in items for part in item.parts
    )


def settled(items: tuple[OrderItem, ...], covered: tuple[str, ...], pays: tuple[PaymentChoice, ...]) -> tuple[d.SettlementClosed.Line, ...]:
    return tuple(line for item in items for line in _lines(item, pays, covered=item.item in covered))


def _lines(item: OrderItem, pays: tuple[PaymentChoice, ...], *, covered: bool) -> Iterator[d.SettlementClosed.Line]:
    shares = item_shares(item.model_copy(update={"warranty": Warranty.YES}) if covered else item, pays)
    lines = [(f"{item.item}.labour", "labour", item.operation, item.labour)]
    lines += [(part.line, "part", part.part_no, part.amount) for part in item.parts]
    for (id, kind, code, amount), borne in zip(lines, shares, strict=True):
        yield d.SettlementClosed.Line(line=id, item=item.item, kind=kind, code=code, amount=amount, shares=borne)
