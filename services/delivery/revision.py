"""W8: a revised order, or work left undone, takes the car back to the workshop: settlement countered, pass revoked, custody ended.

After the exit a revision is refused. What was paid stays paid: it counts for the next settlement.
"""

from services.delivery.case import Case
from shared.contracts.delivery import CarReturned, ExitPassRevoked, RevisionRefused, SettlementCountered
from shared.contracts.event import Event

BY_REVISION = "order_revised"


def take(case: Case, revision: int, counter: str) -> list[Event]:
    """W8: `counter` is the number of the counter-settlement, where there is one to counter. Not holding the car yet, nothing happens."""
    if case.left:
        return [RevisionRefused(visit=case.id, revision=revision)]
    if not case.holds_the_car or revision <= (case.revision or 0):
        return []
    return _give_back(case, revision, BY_REVISION, counter, by_revision=revision)


def send_back(case: Case, reason: str, counter: str) -> list[Event]:
    """D2, EDGE_CASES 10: before the pass is used the car goes back on the advisor's word, and comes back by QC and parking."""
    case.must_hold_the_car()
    return _give_back(case, case.revision or 0, reason, counter, by_revision=None)


def counter(case: Case, number: str, reason: str, by_revision: int | None = None) -> list[Event]:
    """D5: the settlement as a whole is countered, and with it the pass that it let out."""
    events: list[Event] = []
    if case.settlement:
        events.append(
            SettlementCountered(visit=case.id, number=number, counters=case.settlement.number, reason=reason, by_revision=by_revision)
        )
    if case.exit_pass:
        events.append(ExitPassRevoked(visit=case.id, number=case.exit_pass.number, reason=reason))
    return events


def _give_back(case: Case, revision: int, reason: str, number: str, by_revision: int | None) -> list[Event]:
    return [*counter(case, number, reason, by_revision), CarReturned(visit=case.id, revision=revision, reason=reason)]
