"""W5, D5: what of the consented parts stayed with the car, and what may be charged of their lines."""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from servicelane.audit.amounts import Sum, added
from servicelane.audit.story import Recorded, Story
from shared.contracts import delivery as d
from shared.contracts import workshop as w
from shared.contracts.values import OrderItem, PartLine

Out: TypeAlias = Mapping[tuple[str, str], int]
"""By item and part number."""


def out(story: Story, moment: Recorded, item: str, part_no: str) -> int:
    """By the slips and what came back against them, up to `moment`, a slip or a return itself, and with it."""
    left = 0
    for step in (*story.before(moment, w.PartsIssued, w.PartsReturned), moment):
        if (step.fact.item, step.fact.part_no) == (item, part_no):
            left += -step.fact.quantity if isinstance(step.fact, w.PartsReturned) else step.fact.quantity
    return left


def known_out(story: Story, moment: Recorded) -> Out:
    """What delivery knew to have stayed, where something had come back."""
    found = [each for each in story.all(d.PartsOutChanged) if each.before(moment)]
    return {(each.fact.item, each.fact.part_no): each.fact.out for each in found}


def less_returned(items: Iterable[OrderItem], stayed: Out) -> list[OrderItem]:
    """The items with their part lines as far as the parts stayed; where several lines have one part, the first keep theirs."""
    return [item.model_copy(update={"parts": _stayed(item, stayed)}) for item in items]


def _stayed(item: OrderItem, stayed: Out) -> tuple[PartLine, ...]:
    left, lines = {part_no: quantity for (name, part_no), quantity in stayed.items() if name == item.item}, []
    for line in item.parts:
        gone = max(line.quantity - left.get(line.part_no, line.quantity), 0)
        left[line.part_no] = left.get(line.part_no, line.quantity) - (line.quantity - gone)
        if gone < line.quantity:
            amount = line.amount - line.unit_price * gone
            lines.append(line.model_copy(update={"quantity": line.quantity - gone, "amount": amount}))
    return tuple(lines)


def price(item: OrderItem, part_no: str) -> Sum:
    return added(line.amount for line in item.parts if line.part_no == part_no)
