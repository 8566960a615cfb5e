"""Whether everything that was recorded reached every department exactly once: numbers, positions, and what starts what."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from servicelane.audit.findings import Violation
from servicelane.audit.journals import Journals
from servicelane.audit.standing import newest_pass, voided_by
from servicelane.audit.story import Recorded, Story
from shared.contracts import delivery as d
from shared.contracts import followup as f
from shared.contracts import reception as r
from shared.contracts import workshop as w
from shared.contracts.event import Event


def _always(cause: Recorded, story: Story) -> bool:  # noqa: ARG001 - the shape of all of them
    return True


def _job_goes_on(cause: Recorded, story: Story) -> bool:  # noqa: ARG001 - the shape of all of them
    """Nothing comes of a car that is brought to a job which has ended, before reception had heard so."""
    return not story.all(w.JobEnded)


def _still_asked(cause: Recorded, story: Story) -> bool:
    """The customer is asked as long as the car is here and, of what is found, the order goes on; and both by what reception had heard."""
    if getattr(cause.fact, "kind", "") == "resumed" or story.before(cause, r.VisitClosed, r.OrderCancelled, d.ExitPassUsed):
        return False
    ends = (r.VisitClosed, r.OrderCancelled) if isinstance(cause.fact, w.WorkFound) else (r.VisitClosed,)
    return all(_heard_before(cause, end, story) for end in story.all(*ends))


def _heard_before(cause: Recorded, end: Recorded, story: Story) -> bool:
    """Whether it is on record: before the end its department acted upon what the cause's department numbered later than the cause."""
    later = {each.id for each in story if each.comes_after(cause)}
    return any(each.cause in later and end.comes_after(each) for each in story)


@dataclass(frozen=True)
class Start:
    """A row of PROCEDURE's «What starts what»: each `cause` (where `where` says so) has its effect, or the other one, exactly once.

    `through` is what another department makes of the cause: the effect may follow from either, whichever is heard first.
    """

    cause: type[Event]
    effect: type[Event]
    where: Callable[[Recorded, Story], bool] = _always
    or_else: type[Event] | None = None
    through: type[Event] | None = None

    @property
    def effects(self) -> tuple[type[Event], ...]:
        return (self.effect, self.or_else) if self.or_else else (self.effect,)

    def causes(self, cause: Recorded, story: Story) -> set[str]:
        """The events by which the effect may be named as caused."""
        passed_on = story.all(self.through) if self.through else []
        return {cause.id, *(each.id for each in passed_on if each.cause == cause.id)}


STARTS: tuple[Start, ...] = (
    Start(r.VehicleCheckedIn, w.JobAnnounced),
    Start(r.VehicleCheckedIn, d.CaseAnnounced),
    Start(r.VehicleCheckedIn, f.VisitAnnounced),
    Start(r.WorkOrderSigned, w.JobOpened),
    Start(r.CarHandedOver, w.HandoverOffered, _job_goes_on),
    Start(w.HandoverSentBack, r.CarHandedBack),
    Start(w.WorkFound, r.AdvisorTaskOpened, _still_asked),
    Start(w.BelongingsRequested, r.AdvisorTaskOpened, _still_asked),
    Start(w.ProgressReported, r.AdvisorTaskOpened, _still_asked),
    Start(r.BelongingsAnswered, w.BelongingsRequestAnswered),
    Start(r.ProgressTold, w.ProgressAnswered),
    Start(r.ChangeAnswered, w.WorkDeclined, lambda it, _: bool(it.fact.operations_declined)),
    Start(r.OrderCancelled, w.JobEnded, or_else=w.WorkDeclined),
    Start(r.InquiryEnded, w.JobEnded, lambda it, story: bool(story.before(it, r.VehicleCheckedIn))),
    Start(d.CarReturned, w.CarCameBack),
    Start(w.QcPassed, d.CaseOpened),
    Start(w.CarParked, d.CarReady),
    Start(r.WarrantyRuled, d.ItemRuled),
    Start(r.InquiryEnded, d.CarReleasedUnsettled, lambda it, _: it.fact.car_here, through=w.JobEnded),
    Start(d.ExitPassUsed, f.CallDutyOpened, lambda it, _: not it.fact.unsettled),
    Start(d.ExitPassUsed, f.ReminderScheduled, lambda it, _: it.fact.next is not None),
    Start(d.ExitPassUsed, r.VisitClosed),
    Start(f.CallDutyClosed, f.CallDutyOpened, lambda it, _: it.fact.kind == "first"),
)
"""Those that name their cause. Revisions, washes and file duties, which may be started by more than one thing, are counted beside these."""


def readable(journals: Journals) -> Iterator[Violation]:
    for department, entries in journals.entries.items():
        for entry in entries:
            if entry.unreadable:
                yield _violation("readable", f"{department}: {entry.unreadable}", entry.envelope.id)


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


def effects(story: Story, lost: frozenset[str] = frozenset()) -> Iterator[Violation]:
    """Each cause has its effect exactly once, named by the effect's own causation.

    The effect of a cause that was `lost` stands for that of the same cause given again.
    """
    caused = Counter((recorded.cause, type(recorded.fact)) for recorded in story)
    stand = Counter(type(recorded.fact) for recorded in story if recorded.cause in lost)
    for start in STARTS:
        for cause in story.all(start.cause):
            times = sum(caused[id, effect] for id in start.causes(cause, story) for effect in start.effects)
            if not times and (standing := next((effect for effect in start.effects if stand[effect]), None)):
                stand[standing] -= 1
            elif times > 1 or (not times and start.where(cause, story)):
                named = " or ".join(effect.__name__ for effect in start.effects)
                says = f"{start.cause.__name__} started {named} {times} times"
                yield _violation("effects", says, cause.id, visit=story.visit)
    yield from _revisions_answered(story)
    yield from _washes_opened(story)
    yield from _file_duties(story)
    yield from _calls_after_an_inquiry(story)


def _revisions_answered(story: Story) -> Iterator[Violation]:
    """W8: who holds the car takes each revision, or refuses it since the car has left."""
    answers = Counter(each.fact.revision for each in story.all(w.RevisionTaken, d.RevisionRefused))
    noted = Counter(each.fact.revision for each in story.all(r.RevisionAnswered))
    for revised in story.all(r.OrderRevised):
        number = revised.fact.revision
        for says, times in (("answered", answers[number]), ("noted as answered", noted[number])):
            if times != 1:
                yield _violation("effects", f"revision {number} was {says} {times} times", revised.id, visit=story.visit)


def _washes_opened(story: Story) -> Iterator[Violation]:
    """W12: a pass opens its wash once, where one was accepted; none if it was void before the workshop heard of it.

    Where the car had passed again by then, the wash is that pass's, whichever of the two was heard of.
    """
    opened = Counter(passed.id for each in story.all(w.WashOpened) if (passed := newest_pass(story, each)))
    begun = {passed.id for each in story.all(w.WashStarted) if (passed := newest_pass(story, each))}
    for passed in story.all(w.QcPassed):
        times = opened[passed.id]
        void = not times and passed.id not in begun and voided_by(story, passed)
        if times != int(passed.fact.wash) and not void:
            yield _violation("effects", f"QcPassed started WashOpened {times} times", passed.id, visit=story.visit)


def _file_duties(story: Story) -> Iterator[Violation]:
    """F2: by the signed order, the end of an unsigned day, or the inquiry's end, whichever comes first."""
    causes = story.all(r.WorkOrderSigned, r.InquiryEnded)
    if causes and (times := len(story.all(f.FileDutyOpened))) != 1:
        yield _violation("effects", f"the visit has {times} file duties", causes[0].id, visit=story.visit)


def _calls_after_an_inquiry(story: Story) -> Iterator[Violation]:
    """F4: a visit that left unsettled has its first call from the inquiry's end, or from the exit where there was an order."""
    left = [each for each in story.all(d.ExitPassUsed) if each.fact.unsettled]
    duties = [each for each in story.all(f.CallDutyOpened) if each.fact.kind == "first"]
    if (causes := [*story.all(r.InquiryEnded), *left]) and len(duties) != 1:
        yield _violation("effects", f"the visit has {len(duties)} first-call duties", causes[0].id, visit=story.visit)


def _violation(rule: str, says: str, *events: str, visit: str | None = None) -> Violation:
    return Violation("exactly once", rule, visit, says, events)
