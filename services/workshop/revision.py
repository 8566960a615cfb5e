"""W8: the workshop's copy of the order, and its later revisions: taken by the workshop as long as it has the car."""

from collections.abc import Sequence

from services.workshop.job import Job
from shared.contracts.delivery import CarReturned
from shared.contracts.event import Event, Fact, Instant
from shared.contracts.reception import OrderRevised
from shared.contracts.values import OrderItem
from shared.contracts.workshop import CarCameBack, JobOpened, RevisionTaken


def copied(items: Sequence[OrderItem]) -> tuple[JobOpened.Item, ...]:
    """What is to be done, never what it costs or for whom."""
    return tuple(
        JobOpened.Item(
            item=item.item,
            operation=item.operation,
            skill=item.skill,
            hours=item.hours,
            parts=tuple((part.part_no, part.quantity) for part in item.parts),
            fault=item.fault,
        )
        for item in items
    )


class Order(Fact):
    """A revision as the workshop keeps it until it can take it."""

    revision: int
    work: tuple[JobOpened.Item, ...]
    promised_at: Instant
    wash: bool

    @classmethod
    def of(cls, revised: OrderRevised) -> "Order":
        return cls(revision=revised.revision, work=copied(revised.items), promised_at=revised.promised_at, wash=revised.wash)


def take(job: Job, order: Order) -> Sequence[Event]:
    """Work done stays done, a passed inspection is void. While delivery holds the car nothing happens: the car comes back for it."""
    if job.parked or job.ended or order.revision <= job.revision:
        return []
    return [_taken(job, order)]


def come_back(job: Job, returned: CarReturned, newest: Order | None) -> Sequence[Event]:
    """Delivery returned the car: papers, pass and wash are stale, and the newest revision that was published meanwhile is taken."""
    if not job.parked:
        return []
    back = CarCameBack(visit=job.id, revision=returned.revision, reason=returned.reason)
    return [back, _taken(job, newest)] if newest and newest.revision > job.revision else [back]


def _taken(job: Job, order: Order) -> RevisionTaken:
    items = tuple(line.item for line in order.work)
    return RevisionTaken(
        visit=job.id,
        revision=order.revision,
        items=items,
        voids_pass=job.qc is not None,
        work=order.work,
        begun=tuple(name for name, item in job.items.items() if name not in items and not item.dropped and job.has_begun(name)),
        promised_at=order.promised_at,
        wash=order.wash,
    )
