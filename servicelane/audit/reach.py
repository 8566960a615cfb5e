"""Whether everything that was recorded reached every department exactly once: numbers, positions, and what starts what."""

from collections import Counter
from collections.abc import Iterator

from servicelane.audit.findings import Violation
from servicelane.audit.journals import Journals
from servicelane.audit.story import Story
from shared.contracts import delivery as d
from shared.contracts import followup as f
from shared.contracts import reception as r
from shared.contracts import workshop as w
from shared.contracts.event import Event

STARTS: tuple[tuple[type[Event], type[Event]], ...] = (
    (r.VehicleCheckedIn, w.JobAnnounced),
    (r.VehicleCheckedIn, d.CaseAnnounced),
    (r.WorkOrderSigned, w.JobOpened),
    (r.WorkOrderSigned, f.FileDutyOpened),
    (r.CarHandedOver, w.HandoverOffered),
    (w.QcPassed, d.CaseOpened),
    (w.CarParked, d.CarReady),
    (d.ExitPassUsed, f.ReminderScheduled),
)
"""PROCEDURE's «What starts what», as cause and effect; a wash is started only where it was accepted and is judged beside these."""


def numbers(journals: Journals) -> Iterator[Violation]:
    """Every department's numbers are contiguous from 1, and no entry has two of them."""
    for department, entries in journals.entries.items():
        seen: Counter[str] = Counter(entry.envelope.id for entry in entries)
        for entry_id, times in seen.items():
            if times > 1:
                yield _violation("numbers", f"{department} recorded entry {entry_id} {times} times", entry_id)
        last: dict[tuple[int, int], int] = {}
        for entry in entries:
            at = (entry.envelope.epoch, entry.envelope.partition)
            if entry.envelope.seq != last.get(at, 0) + 1:
                yield _violation("numbers", f"{department} {at}: {entry.envelope.seq} follows {last.get(at, 0)}", entry.envelope.id)
            last[at] = entry.envelope.seq


def positions(journals: Journals) -> Iterator[Violation]:
    """Every department has applied every other's last number; nothing waits, nothing is dead."""
    newest: dict[tuple[str, str], int] = {}
    for department, entries in journals.entries.items():
        for entry in entries:
            newest[department, str(entry.envelope.partition)] = entry.envelope.seq
    for reader, applied in journals.applied.items():
        for (writer, partition), seq in newest.items():
            if (at := applied.get(writer, {}).get(partition, 0)) < seq:
                yield _violation("positions", f"{reader} has applied {writer} {partition} to {at} of {seq}")
    for what, counts in (("wait", journals.waiting), ("could not be digested", journals.dead)):
        for reader, count in counts.items():
            if count:
                yield _violation("positions", f"{reader}: {count} events {what}")


def effects(story: Story) -> Iterator[Violation]:
    """Each cause has its effect exactly once, named by the effect's own causation."""
    caused = Counter((entry.envelope.causationid, type(entry.fact)) for entry in story.entries)
    starts = [*STARTS]
    if (signed := story.last(r.WorkOrderSigned)) and signed.fact.wash:
        starts.append((w.QcPassed, w.WashOpened))
    for cause, effect in starts:
        for recorded in story.all(cause):
            if (times := caused[recorded.id, effect]) != 1:
                yield _violation("effects", f"{cause.__name__} started {effect.__name__} {times} times", recorded.id, visit=story.visit)


def _violation(rule: str, says: str, *events: str, visit: str | None = None) -> Violation:
    return Violation("exactly once", rule, visit, says, events)
