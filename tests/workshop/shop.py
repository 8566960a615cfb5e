"""A workshop in a test: the sample branch, a signed order, and a job carried move by move as its people would."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from services.workshop import dispatch, handover, inspection, parking, parts, wash, work
from services.workshop.job import Job
from services.workshop.parts import Slip
from services.workshop.stock import Stock
from shared.branch import Branch
from shared.contracts.event import Event
from shared.contracts.reception import CarHandedOver, ChangeAnswered, OrderRevised, VehicleCheckedIn, WorkOrderSigned
from shared.contracts.values import Channel, FaultState, OrderItem, PartLine, PaymentChoice, Signature, Warranty
from shared.contracts.workshop import JobDispatched
from shared.money import Money
from shared.refusal import Refused

BRANCH = Branch.load(Path(__file__).parent.parent.parent / "data" / "branch")
NOW = datetime(2026, 3, 9, 2, 0, tzinfo=UTC)
VISIT = "visit-1"
SUPERVISOR, LEADER, TECHNICIAN, CLERK, WASHER = "supervisor-1", "leader-e", "tech-4", "parts-1", "wash-1"
QC, DIRECTOR, BOTH = "qc-1", "director-1", "tech-9"
"""`BOTH` is technician and QC inspector at once, of the same team as LEADER and TECHNICIAN."""
ITEM, OPERATION, PART = "item-1", "R-THERM", "TH-6002"

Move = Callable[[Job], Sequence[Event]]


def ordered_item(item: str, operation: str, *, inspect_first: bool = False) -> OrderItem:
    op = BRANCH.operations[operation]
    return OrderItem(
        item=item,
        operation=operation,
        kind=op.kind,
        skill=op.skill,
        hours=op.hours,
        fault=FaultState.TO_BE_INSPECTED if inspect_first else FaultState.DETERMINED,
        warranty=Warranty.NO,
        labour=Money.of("180"),
        parts=tuple(
            PartLine(line=f"{item}-{number}", part_no=part_no, quantity=quantity, unit_price=Money.of(10), amount=Money.of(10) * quantity)
            for number, (part_no, quantity) in enumerate(op.parts, start=1)
        ),
    )


def check_in(visit: str = VISIT) -> VehicleCheckedIn:
    return VehicleCheckedIn(
        visit=visit,
        customer="customer-1",
        vehicle="vehicle-1",
        advisor="advisor-1",
        brought_by="self",
        covers_fitted=("seat", "wheel", "floor"),
        odometer_km=40000,
        fuel=Decimal("0.5"),
        spare_wheel=True,
        content_hash="0" * 64,
        signature=Signature(signer="customer", at=NOW, content_hash="0" * 64),
    )


def order(
    *items: tuple[str, str], wash: bool = True, old_parts: str = "dispose", visit: str = VISIT, inspect_first: bool = False
) -> WorkOrderSigned:
    return WorkOrderSigned(
        visit=visit,
        number="WO-20260309-0001",
        revision=1,
        customer="customer-1",
        vehicle="vehicle-1",
        advisor="advisor-1",
        items=tuple(ordered_item(*item, inspect_first=inspect_first) for item in items or ((ITEM, OPERATION),)),
        labour=Money.of(180),
        parts=Money.of(20),
        total=Money.of(200),
        promised_at=NOW,
        pays=(PaymentChoice(method="wechat", share=Decimal(1)),),
        payment_ways_told=True,
        old_parts=old_parts,
        wash=wash,
        delivery_procedure_explained=True,
        order_explained=True,
        new_work_rule_told=True,
        content_hash="0" * 64,
        signature=Signature(signer="customer", at=NOW, content_hash="0" * 64),
    )


def revised(number: int, *items: tuple[str, str], wash: bool = True, visit: str = VISIT) -> OrderRevised:
    """The order as the customer has consented to it now, promised an hour later a revision."""
    return OrderRevised(
        visit=visit,
        revision=number,
        change=f"change-{number}",
        items=tuple(ordered_item(*item) for item in items),
        labour=Money.of(180),
        parts=Money.of(20),
        total=Money.of(200),
        promised_at=NOW + timedelta(hours=number),
        wash=wash,
        pays=(PaymentChoice(method="wechat", share=Decimal(1)),),
    )


def answered(*declined: str) -> ChangeAnswered:
    return ChangeAnswered(
        visit=VISIT,
        change="change-1",
        found="found-1",
        declined=("found-1",),
        operations_declined=declined,
        channel=Channel.PHONE,
        total=Money.of(0),
        content_hash="0" * 64,
        advisor="advisor-1",
    )


def handed_over(visit: str = VISIT) -> CarHandedOver:
    return CarHandedOver(visit=visit, advisor="advisor-1", place="waiting-3", things=("car", "key", "order", "sheet"))


def slip(lines: dict[str, int], item: str = ITEM, drawn_by: str = TECHNICIAN) -> Slip:
    return Slip(number="SLIP-1", item=item, lines=lines, drawn_by=drawn_by, given_by=CLERK)


def draw_all(job: Job, item: str = ITEM, drawn_by: str = TECHNICIAN) -> Sequence[Event]:
    wanted = slip(dict(job.items[item].parts) if item in job.items else {PART: 1}, item, drawn_by)
    stock = [Stock(id=part_no, on_hand=40) for part_no in wanted.lines]
    return parts.issue(job, wanted, stock, BRANCH, NOW)


def give(item: str = ITEM, team: str = "team-e", reason: str | None = None, priority: int = 3) -> Move:
    given = [JobDispatched.Assignment(item=item, team=team, override_reason=reason)]
    return lambda job: dispatch.assign(job, SUPERVISOR, priority, given, BRANCH, {})


CLEAN_PATH: dict[str, Move] = {
    "announce": lambda job: handover.announce(job, "vehicle-1"),
    "open": lambda job: handover.open_job(job, order()),
    "offer": lambda job: handover.offer(job, handed_over()),
    "accept": lambda job: handover.accept(job, SUPERVISOR, handover.HANDED_OVER, car_matches_sheet=True),
    "dispatch": give(),
    "name": lambda job: dispatch.name(job, ITEM, LEADER, (TECHNICIAN,), BRANCH),
    "take": lambda job: work.take(job, TECHNICIAN, None, BRANCH),
    "confirm": lambda job: work.confirm_fault(job, ITEM, TECHNICIAN, BRANCH, road_test=False),
    "draw": draw_all,
    "start": lambda job: work.start(job, ITEM, TECHNICIAN, NOW),
    "finish": lambda job: work.finish(job, ITEM, TECHNICIAN),
    "self_inspect": lambda job: inspection.inspect_own_work(job, ITEM, TECHNICIAN, passed=True),
    "leader_inspect": lambda job: inspection.inspect_as_leader(job, LEADER, (), BRANCH, passed=True),
    "recommend": lambda job: inspection.write_recommendations(job, LEADER, [("R-FBP", True)], None, BRANCH, NOW),
    "pass_qc": lambda job: inspection.pass_final(job, QC, 1, BRANCH, NOW),
    "open_wash": wash.open_wash,
    "start_wash": lambda job: wash.start(job, WASHER),
    "finish_wash": lambda job: wash.finish(job, WASHER, wash.CHECKLIST),
    "park": lambda job: parking.park(job, WASHER, "F-12", nose_to_exit=True),
    "take_papers": lambda job: parking.take_papers(job, SUPERVISOR, TECHNICIAN, parking.HANDED_IN, BRANCH),
}
"""One job's moves in the order of the procedure; each is the only one of them that is allowed when its turn comes."""


def carried(job: Job, *moves: Move) -> Job:
    for move in moves:
        job = job.after(move(job))
    return job


def job_before(step: str, **instead: Move) -> Job:
    """The clean job as it stands when `step` is next; `instead` replaces moves on the way by other ones."""
    job = Job(id=VISIT)
    for name, move in CLEAN_PATH.items():
        if name == step:
            return job
        job = carried(job, instead.get(name, move))
    raise KeyError(step)


def job_after(step: str, **instead: Move) -> Job:
    return carried(job_before(step, **instead), instead.get(step, CLEAN_PATH[step]))


STAGES_AFTER_PASS = ("pass_qc", "open_wash", "start_wash", "finish_wash")


def push_on(item: str, team: str, technician: str) -> tuple[Move, ...]:
    """An item from dispatch to self-inspection."""
    leader = next(person.id for person in BRANCH.people("team_leader") if person.team == team)

    def take(job: Job) -> Sequence[Event]:
        return [] if team in job.taken else work.take(job, technician, None, BRANCH)

    return (
        give(item, team),
        lambda job: dispatch.name(job, item, leader, (technician,), BRANCH),
        take,
        lambda job: work.confirm_fault(job, item, technician, BRANCH, road_test=False),
        lambda job: draw_all(job, item, technician),
        lambda job: work.start(job, item, technician, NOW),
        lambda job: work.finish(job, item, technician),
        lambda job: inspection.inspect_own_work(job, item, technician, passed=True),
    )


@contextmanager
def refused(clause: str, *missing: str) -> Iterator[list[Refused]]:
    """The block is refused by this clause; the refusal, for its facts, is the only one in the list afterwards."""
    caught: list[Refused] = []
    try:
        yield caught
    except Refused as refusal:
        assert refusal.clause == clause, f"{refusal!r} names {refusal.clause}"
        assert set(missing) <= set(refusal.missing), f"{refusal.missing} lacks {missing}"
        caught.append(refusal)
        return
    raise AssertionError(f"not refused; {clause} forbids it")
