"""W5, EDGE_CASES 11: what delivery knows of parts that came back to the store: of a consented line only what stayed is charged."""

from services.delivery.case import Case
from shared.contracts.delivery import PartsOutChanged
from shared.contracts.event import Event
from shared.contracts.values import Payer
from shared.contracts.workshop import PartsIssued, PartsReturned


def count_out(case: Case, step: PartsIssued | PartsReturned) -> list[Event]:
    """Every return; an issue only where the part had come back before, since the work is not complete without all its parts."""
    known = case.parts_out.get(step.item, {}).get(step.part_no)
    if step.out is None or step.out == known or (known is None and isinstance(step, PartsIssued)):
        return []
    return [PartsOutChanged(visit=case.id, item=step.item, part_no=step.part_no, out=step.out, slip=step.slip)]


def is_claimed(case: Case, item: str) -> bool:
    """D10: the warranty bears the item that was settled, or left out and ruled to be covered: a credit note is for nobody there."""
    if not case.settlement:
        return False
    if item in case.settlement.awaiting_ruling:
        ruled = case.ruling_of(item)
        return ruled is not None and ruled.covers
    return any(line.item == item and Payer.WARRANTY in line.shares for line in case.settlement.lines)


def charged_too_much(case: Case, item: str, part_no: str) -> bool:
    """Whether the settlement that stands was closed before it was known that the part came back."""
    if not case.settlement:
        return False
    supplemented = {name for entry in case.supplements if entry.settlement == case.settlement.number for name in entry.items}
    return item in supplemented or any((line.item, line.code) == (item, part_no) for line in case.settlement.lines)
