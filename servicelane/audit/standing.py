"""What stands at a moment: the passed final inspection, the settlement, the exit pass."""

from servicelane.audit.story import Recorded, Story
from shared.contracts import delivery as d
from shared.contracts import workshop as w
from shared.contracts.event import Event

HANDS_ON = (w.PartsIssued, w.WorkStarted, w.WorkFinished, w.ItemReassembled)
TOUCHES = (w.FaultConfirmed, *HANDS_ON)
"""What counts as having touched the car."""


def newest_pass(story: Story, moment: Recorded) -> Recorded | None:
    return story.newest(moment, w.QcPassed)


def voided_by(story: Story, passed: Recorded, moment: Recorded | None = None) -> Recorded | None:
    """What voided the pass before the moment, or ever: later work on the car, or what asks for some: a revision, damage, a return."""
    asked_for = (w.RevisionTaken, w.QcFailed, w.DamageDecided, w.CarCameBack, d.CarReturned)
    for later in story.all(*HANDS_ON, w.DamageRepaired, w.CarMoved, *asked_for):
        if _voids(later.fact) and passed.before(later) and (moment is None or later.clearly_before(moment)):
            return later
    return None


def _voids(fact: Event) -> bool:
    match fact:
        case w.RevisionTaken():
            return fact.voids_pass
        case w.CarMoved():
            return fact.for_work
        case w.DamageDecided():
            return fact.decision == "repair"
    return True


def decisions_on_damage(story: Story, moment: Recorded) -> dict[str, Recorded]:
    """The newest of each damage of our own (W6)."""
    return {each.fact.damage: each for each in story.before(moment, w.DamageDecided)}


def settlement(story: Story, moment: Recorded) -> Recorded | None:
    """The settlement that stands: closed and not countered."""
    countered = {counter.fact.counters for counter in story.before(moment, d.SettlementCountered)}
    closed = [each for each in story.before(moment, d.SettlementClosed) if each.fact.number not in countered]
    return closed[-1] if closed else None


def final_settlement(story: Story) -> Recorded | None:
    """The settlement that stands in the end."""
    countered = {counter.fact.counters for counter in story.all(d.SettlementCountered)}
    return next((each for each in reversed(story.all(d.SettlementClosed)) if each.fact.number not in countered), None)


def final_claim(story: Story, item: str) -> Recorded | None:
    """What is claimed for the item in the end: as it was opened last, or lessened since."""
    said = [each for each in story.all(d.ClaimOpened, d.ClaimLessened) if each.fact.item == item]
    return max(said, key=lambda each: each.place, default=None)


def exit_passes(story: Story, moment: Recorded) -> list[Recorded]:
    """Issued and not revoked."""
    revoked = {each.fact.number for each in story.before(moment, d.ExitPassRevoked)}
    return [each for each in story.before(moment, d.ExitPassIssued) if each.fact.number not in revoked]
