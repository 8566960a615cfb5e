"""What a department lost with its database and cannot come back: known by what others recorded because of it, and nobody has any more."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from servicelane.audit.findings import Violation
from servicelane.audit.journals import Journals


@dataclass(frozen=True)
class LostCause:
    """`effects` are the types of the entries that stand, each recorded because of an event of this visit that nobody has.

    `unproven` names the clauses that these entries keep only if what was lost is believed: they are no violations.
    """

    visit: str
    effects: tuple[str, ...]
    unproven: tuple[str, ...]


def lost_causes(journals: Journals, found: Iterable[Violation]) -> tuple[tuple[LostCause, ...], list[Violation]]:
    """What was lost, by visit; and of the violations found those that are not about an effect of it."""
    effects: dict[str, dict[str, None]] = defaultdict(dict)
    visit_of: dict[str, str] = {}
    for entry in journals.every():
        if entry.envelope.causationid in journals.lost:
            visit_of[entry.envelope.id] = entry.envelope.subject
            effects[entry.envelope.subject][entry.envelope.type] = None
    unproven: dict[str, dict[str, None]] = defaultdict(dict)
    stand: list[Violation] = []
    for violation in found:
        if violation.events and (visit := visit_of.get(violation.events[0])):
            unproven[visit][violation.clause] = None
        else:
            stand.append(violation)
    return tuple(LostCause(visit, tuple(types), tuple(unproven[visit])) for visit, types in effects.items()), stand
