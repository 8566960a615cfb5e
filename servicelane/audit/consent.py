"""What the customer has consented to at a moment: the signed order (R11), its revisions (W8), and what the manufacturer ruled (R5)."""

from collections.abc import Iterable
from typing import TypeAlias

from servicelane.audit.standing import newest_pass
from servicelane.audit.story import Recorded, Story
from shared.contracts import delivery as d
from shared.contracts import reception as r
from shared.contracts import workshop as w
from shared.contracts.values import OrderItem, Warranty

Items: TypeAlias = dict[str, OrderItem]

ORDERS = (r.WorkOrderSigned, r.OrderRevised)
TAKEN = (w.JobOpened, w.RevisionTaken)


def orders(story: Story) -> list[Recorded]:
    """The signed order and its revisions, in the order in which reception published them."""
    return sorted(story.all(*ORDERS), key=lambda order: order.place)


def consented(story: Story, moment: Recorded) -> Recorded | None:
    """The newest revision of the order at the moment."""
    return next((order for order in reversed(orders(story)) if order.before(moment)), None)


def revision(story: Story, number: int) -> Recorded | None:
    return next((order for order in reversed(orders(story)) if order.fact.revision == number), None)


def taken(story: Story, moment: Recorded) -> int:
    """The newest revision that the workshop had taken; 0 before any."""
    return max((each.fact.revision for each in story.before(moment, *TAKEN)), default=0)


def worked_by(story: Story, moment: Recorded) -> Items:
    """The items that the workshop might work on: of the newest revision that it had taken and the customer had consented to."""
    newest = taken(story, moment)
    found = [order for order in orders(story) if order.fact.revision <= newest and order.before(moment)]
    undone = _not_done(story, moment)
    return {name: item for name, item in (items_of(found[-1]) if found else {}).items() if name not in undone}


def _not_done(story: Story, moment: Recorded) -> set[str]:
    """EDGE_CASES 1: of an order that the customer ended, what nobody had begun, and what was put together again and not done since."""
    left_out = {item for each in story.before(moment, w.WorkDeclined) for item in each.fact.items}
    for undone in story.before(moment, w.ItemReassembled):
        if undone.fact.item not in {each.fact.item for each in story.between(undone, moment, w.WorkFinished)}:
            left_out.add(undone.fact.item)
    return left_out


def done_of(story: Story, order: Recorded | None, moment: Recorded) -> Items:
    """What is charged: the order's items; of one that the customer had ended those that the final inspection names."""
    items = items_of(order)
    if not story.before(moment, r.OrderCancelled):
        return items
    passed = newest_pass(story, moment)
    return {name: item for name, item in items.items() if passed and name in passed.fact.items}


def ever_ordered(story: Story) -> Items:
    """Every item that any revision had, as the newest that has it says."""
    return {item.item: item for order in orders(story) for item in order.fact.items}


def items_of(order: Recorded | None) -> Items:
    return {item.item: item for item in order.fact.items} if order else {}


def rulings(story: Story, moment: Recorded) -> dict[str, bool]:
    """What delivery knew of the manufacturer's rulings: whether the item is covered."""
    return {ruled.fact.item: ruled.fact.covers for ruled in reversed(story.before(moment, d.ItemRuled))}


def unruled(items: Iterable[OrderItem], ruled: dict[str, bool]) -> set[str]:
    return {item.item for item in items if item.warranty is Warranty.UNCLEAR and item.item not in ruled}


def free_for_customer(item: OrderItem, ruled: dict[str, bool]) -> bool:
    """Under warranty, a first maintenance, or ruled to be covered."""
    return item.free_for_customer or (item.warranty is Warranty.UNCLEAR and ruled.get(item.item, False))
