"""W1: the workshop gets to know the visit, gets the signed order, and takes the car over; every later move is recorded."""

from collections.abc import Sequence
from typing import Literal, get_args

from services.workshop.job import Job
from services.workshop.revision import copied
from shared.contracts.event import Event
from shared.contracts.reception import CarHandedOver, WorkOrderSigned
from shared.contracts.workshop import CarMoved, HandoverOffered, HandoverSentBack, JobAccepted, JobAnnounced, JobEnded, JobOpened
from shared.refusal import Refused

Thing = Literal["car", "key", "order", "sheet"]
HANDED_OVER: tuple[Thing, ...] = get_args(Thing)


class AlreadyHandedOver(Refused):
    clause = "W1"
    title = {"en": "The workshop has this job already.", "zh-CN": "车间已接收该任务。"}
    remedy = {"en": "Go on with the job as it stands.", "zh-CN": "请按当前状态继续。"}


class NotHandedOver(Refused):
    clause = "W1"
    title = {"en": "The advisor has not handed the car over.", "zh-CN": "服务顾问尚未交接车辆。"}
    remedy = {"en": "Let the advisor bring car, key, order and sheet first.", "zh-CN": "请服务顾问先移交车辆、钥匙、委托书和登记表。"}


class HandoverIncomplete(Refused):
    clause = "W1"
    title = {"en": "Something is missing from the handover.", "zh-CN": "交接物品不全。"}
    remedy = {"en": "Take over all that is named, or send the car back.", "zh-CN": "请补齐所列物品，或退回服务顾问。"}


class CarDiffersFromSheet(Refused):
    clause = "W1"
    title = {"en": "The car is not as its check-in sheet says.", "zh-CN": "车辆与接车登记表不符。"}
    remedy = {"en": "Send it back to the advisor with the reason.", "zh-CN": "请注明原因退回服务顾问。"}


class AlreadyThere(Refused):
    clause = "W1"
    title = {"en": "The car is there already.", "zh-CN": "车辆已在该位置。"}
    remedy = {"en": "Name the place that it is moved to.", "zh-CN": "请填写移动后的位置。"}


def announce(job: Job, vehicle: str) -> Sequence[Event]:
    if job.exists:
        raise AlreadyHandedOver(visit=job.id)
    return [JobAnnounced(visit=job.id, vehicle=vehicle)]


def open_job(job: Job, order: WorkOrderSigned) -> Sequence[Event]:
    """The order's copy for the workshop: what is to be done, never what it costs or for whom."""
    if job.revision:
        raise AlreadyHandedOver(visit=job.id, revision=job.revision)
    return [
        JobOpened(
            visit=job.id,
            revision=order.revision,
            items=copied(order.items),
            promised_at=order.promised_at,
            wash=order.wash,
            advisor=order.advisor,
            old_parts_kept=order.old_parts == "keep",
        )
    ]


def offer(job: Job, handed: CarHandedOver) -> Sequence[Event]:
    """Nothing comes of a car that is brought to a job which has ended: it goes to the exit from where it stands."""
    if job.ended:
        return []
    job.must_be_ordered()
    if job.offered:
        raise AlreadyHandedOver(visit=job.id)
    return [HandoverOffered(visit=job.id, advisor=handed.advisor, place=handed.place, things=handed.things, notes=handed.notes)]


def accept(job: Job, supervisor: str, things: Sequence[str], *, car_matches_sheet: bool) -> Sequence[Event]:
    job.must_be_ordered()
    if job.accepted:
        raise AlreadyHandedOver(visit=job.id, supervisor=job.accepted.supervisor)
    if not job.offered:
        raise NotHandedOver(missing=("handover",), visit=job.id)
    if missing := [thing for thing in HANDED_OVER if thing not in things]:
        raise HandoverIncomplete(missing=missing, visit=job.id)
    if not car_matches_sheet:
        raise CarDiffersFromSheet(visit=job.id)
    return [JobAccepted(visit=job.id, supervisor=supervisor, car_matches_sheet=True, things=tuple(dict.fromkeys(things)))]


def send_back(job: Job, supervisor: str, reason: str) -> Sequence[Event]:
    """What was offered does not agree: the car is reception's again until it is offered anew. `reason` is the key of a text record."""
    job.must_be_ordered()
    if job.accepted:
        raise AlreadyHandedOver(visit=job.id, supervisor=job.accepted.supervisor)
    if not job.offered:
        raise NotHandedOver(missing=("handover",), visit=job.id)
    return [HandoverSentBack(visit=job.id, supervisor=supervisor, reason=reason)]


def end_untouched(job: Job, reason: str) -> Sequence[Event]:
    """EDGE_CASES 1: the visit ended without an order, or its order before anybody touched the car; a touched one goes on to W11."""
    return [] if job.touched or job.ended else [JobEnded(visit=job.id, reason=reason, touched=False)]


def move(job: Job, by: str, to_place: str, things: Sequence[str], *, for_work: bool) -> Sequence[Event]:
    """A move for work is work on the car, so it ends with the pass as all other work does.

    A car that nobody has signed for may be parked, and no more (EDGE_CASES 2).
    """
    if for_work:
        job.must_be_workable()
    elif not job.waits_for_order:
        job.must_be_held()
    from_place = (job.place if "car" in things else job.key_place) or ""
    if to_place == from_place:
        raise AlreadyThere(place=to_place)
    moved = tuple(dict.fromkeys(things))
    fetched = job.key_place if {"car", "key"} <= set(moved) and job.key_place != from_place else None
    return [
        CarMoved(visit=job.id, by=by, from_place=from_place, to_place=to_place, for_work=for_work, things=moved, key_from_place=fetched)
    ]
