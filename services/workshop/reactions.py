"""What starts by itself in the workshop: each reaction says its effect; the table below says what starts it."""

from datetime import timedelta

from services.workshop import belongings, found, handover, progress, promise, revision, stock, wash
from services.workshop.dispatch import team_of
from services.workshop.job import Job
from services.workshop.parts import needs
from services.workshop.revision import Order
from services.workshop.stock import ReorderCheck, Stock
from services.workshop.store import reorder_points, schedule_reorder_check, shelf_of
from shared.branch import Branch
from shared.calendar import add_working_time, local_day
from shared.contracts.delivery import CarReturned
from shared.contracts.event import VisitEvent
from shared.contracts.reception import (
    BelongingsAnswered,
    CarHandedOver,
    ChangeAnswered,
    CheckInCorrected,
    InquiryEnded,
    OrderCancelled,
    OrderRevised,
    ProgressTold,
    VehicleCheckedIn,
    WorkOrderSigned,
)
from shared.contracts.workshop import (
    AbsenceRecorded,
    BelongingsRequestAnswered,
    BelongingsRequested,
    CarCameBack,
    CarParked,
    CarTaken,
    DamageDecided,
    DamageRepaired,
    DamageReported,
    HandoverOffered,
    HandoverSentBack,
    ItemReassembled,
    JobDispatched,
    JobEnded,
    JobOpened,
    LeaderInspected,
    PartsReserved,
    PartsReturned,
    ProgressAnswered,
    ProgressReported,
    QcFailed,
    QcPassed,
    RevisionTaken,
    SelfInspected,
    StockChanged,
    TechniciansNamed,
    WashStarted,
    WorkDeclined,
    WorkFound,
)
from shared.reaction import NotYet, Reactions, Timer, Timers
from shared.unit import Unit

SUPERVISOR = ("workshop_supervisor",)


async def _tell(unit: Unit, about: str, clause: str, job: Job, *people: str, **facts: str) -> None:
    """TELL: supervisor and advisor, and who else is named."""
    await unit.tell(about, clause=clause, visit=job.id, roles=SUPERVISOR, people=(job.advisor, *people), **facts)


def leaders_of(job: Job, branch: Branch, teams: tuple[str, ...] | None = None) -> tuple[str, ...]:
    return tuple(person.id for person in branch.people("team_leader") if person.team in (job.teams if teams is None else teams))


# W1: the job begins, is handed over, or ends


async def announce_job(event: VehicleCheckedIn, unit: Unit) -> None:
    await unit.create(Job, event.visit, lambda job: handover.announce(job, event.vehicle))


async def tell_correction(event: CheckInCorrected, unit: Unit) -> None:
    """The signed sheet says otherwise: who compares the car with it has to know."""
    job = await unit.load(Job, event.visit)
    await _tell(unit, "check_in_corrected", "R2", job, *leaders_of(job, unit.branch), field=event.field, value=event.value)


async def open_job(event: WorkOrderSigned, unit: Unit) -> None:
    await unit.update(Job, event.visit, lambda job: handover.open_job(job, event))
    await unit.tell("job_waiting", clause="W1", visit=event.visit, roles=SUPERVISOR, promised_at=event.promised_at.isoformat())


async def offer_handover(event: CarHandedOver, unit: Unit) -> None:
    await unit.update(Job, event.visit, lambda job: handover.offer(job, event))


async def tell_sent_back(event: HandoverSentBack, unit: Unit) -> None:
    job = await unit.load(Job, event.visit)
    await _tell(unit, "handover_sent_back", "W1", job, reason=event.reason)


async def end_job(event: InquiryEnded, unit: Unit) -> None:
    """R14: of a visit that was not even checked in the workshop knows nothing."""
    if (await unit.find(Job, event.visit)).exists:
        await unit.update(Job, event.visit, lambda job: handover.end_untouched(job, event.reason))


async def end_or_go_on(event: OrderCancelled, unit: Unit) -> None:
    """EDGE_CASES 1: a touched car passes the final inspection with what was begun, the rest is recommended."""
    leaders = leaders_of(await unit.load(Job, event.visit), unit.branch)
    job = await unit.update(
        Job, event.visit, lambda job: handover.end_untouched(job, "cancelled_before_work") or found.note_cancellation(job, event)
    )
    await _tell(unit, "order_cancelled", "W8", job, *leaders, ended=str(bool(job.ended)).lower())


async def watch_handing(event: HandoverOffered | CarParked, unit: Unit) -> None:
    """W1, D1: what was offered waits for its acceptance, a parked car's key and papers for the supervisor, ⌂ each in opening hours."""
    what = "handover" if isinstance(event, HandoverOffered) else "papers"
    within = timedelta(minutes=unit.branch.site.deadlines.taken_within_minutes)
    due_at = add_working_time(unit.now, within, unit.branch.site)
    await unit.schedule(Timer(key=f"{what}:{event.visit}", kind=f"{what}_overdue", due_at=due_at, subject=event.visit))


async def tell_not_taken(timer: Timer, unit: Unit) -> None:
    job = await unit.load(Job, timer.subject)
    if job.offered and not job.accepted and not job.ended:
        await _tell(unit, "handover_not_taken", "W1", job, place=job.place or "")


async def tell_papers_missing(timer: Timer, unit: Unit) -> None:
    job = await unit.load(Job, timer.subject)
    if job.parked and not job.papers:
        await _tell(unit, "papers_not_handed_in", "D1", job, *leaders_of(job, unit.branch), key_place=job.key_place or "")


# W2


async def tell_absence(event: AbsenceRecorded, unit: Unit) -> None:
    """Who planned with the person has to know: the supervisor, and the leader of the team."""
    member = unit.branch.staff.get(event.person)
    leaders = tuple(leader.id for leader in unit.branch.people("team_leader") if member and member.team and leader.team == member.team)
    facts = {"person": event.person, "starts_at": event.starts_at.isoformat()}
    await unit.tell("person_away", clause="W2", roles=SUPERVISOR, people=leaders, **facts)


# W3, W6, W7: told at once, and the answers


async def tell_difference(event: CarTaken, unit: Unit) -> None:
    if event.difference:
        job = await unit.load(Job, event.visit)
        await _tell(unit, "car_differs_from_sheet", "W3", job, team=event.team, difference=event.difference)


async def tell_need(event: BelongingsRequested, unit: Unit) -> None:
    job = await unit.load(Job, event.visit)
    await _tell(unit, "belongings_requested", "W6", job, request=event.request, need=event.need)


async def note_belongings_answer(event: BelongingsAnswered, unit: Unit) -> None:
    await unit.update(Job, event.visit, lambda job: belongings.note_answer(job, event))


async def tell_belongings_answer(event: BelongingsRequestAnswered, unit: Unit) -> None:
    """W6: who asked learns what the customer said."""
    job = await unit.load(Job, event.visit)
    asked = tuple(each.by for each in job.belongings if each.request == event.request)
    await unit.tell("belongings_answered", clause="W6", visit=job.id, people=asked, request=event.request, agrees=str(event.agrees).lower())


async def tell_damage(event: DamageReported, unit: Unit) -> None:
    """The advisor tells the customer; both supervisors hear of it."""
    job = await unit.load(Job, event.visit)
    facts = {"damage": event.damage, "during": event.during, "note": event.note}
    await unit.tell("car_damaged", clause="W6", visit=job.id, roles=(*SUPERVISOR, "business_supervisor"), people=(job.advisor,), **facts)


async def tell_repair(event: DamageDecided | DamageRepaired, unit: Unit) -> None:
    """W11: the final inspection waits for it: the leaders have it done, and supervisor and advisor hear when it is."""
    job = await unit.load(Job, event.visit)
    if isinstance(event, DamageRepaired):
        await _tell(unit, "damage_repaired", "W14", job, damage=event.damage)
    elif event.decision == "repair":
        await _tell(unit, "damage_to_repair", "W6", job, *leaders_of(job, unit.branch), damage=event.damage)


async def tell_progress(event: ProgressReported, unit: Unit) -> None:
    job = await unit.load(Job, event.visit)
    leaders = leaders_of(job, unit.branch) if event.kind == "resumed" else ()
    await _tell(unit, f"progress_{event.kind}", "W7", job, *leaders, report=event.report, minutes=str(event.minutes))


async def note_progress_answer(event: ProgressTold, unit: Unit) -> None:
    job = await unit.update(Job, event.visit, lambda job: progress.note_answer(job, event))
    if event.answer == "wants_car_as_promised":
        await unit.tell(
            "car_wanted_as_promised",
            clause="W7",
            visit=job.id,
            roles=SUPERVISOR,
            people=leaders_of(job, unit.branch),
            promised_at=event.promised_at.isoformat(),
        )


async def watch_promise(event: VisitEvent, unit: Unit) -> None:
    """W7: the promise or what is left to do has changed."""
    await _watch(await unit.load(Job, event.visit), unit)


async def watch_what_is_sent_back(event: SelfInspected | LeaderInspected, unit: Unit) -> None:
    """W7, W9: it is to be done anew."""
    if not event.passed:
        await watch_promise(event, unit)


async def warn_of_risk(timer: Timer, unit: Unit) -> None:
    """W7: looked at again with what was done meanwhile."""
    job = await unit.load(Job, timer.subject)
    site = unit.branch.site
    risk_at = promise.risk_at(job, site, unit.now)
    if risk_at and risk_at <= unit.now:
        await unit.update(Job, job.id, lambda job: progress.warn(job, promise.late_by(job, site, unit.now), site))
    else:
        await _watch(job, unit)


async def _watch(job: Job, unit: Unit) -> None:
    key = f"promise:{job.id}"
    if risk_at := promise.risk_at(job, unit.branch.site, unit.now):
        await unit.schedule(Timer(key=key, kind="promise_at_risk", due_at=max(risk_at, unit.now), subject=job.id))
    else:
        await unit.cancel(key)


# W8: found, declined, revised


async def tell_found(event: WorkFound, unit: Unit) -> None:
    job = await unit.load(Job, event.visit)
    await _tell(unit, "work_found", "W8", job, found=event.found, operation=event.operation)


async def note_declined(event: ChangeAnswered, unit: Unit) -> None:
    await unit.update(Job, event.visit, lambda job: found.note_answer(job, event))


async def take_revision(event: OrderRevised, unit: Unit) -> None:
    """Kept as well: while delivery holds the car it is taken only when the car comes back."""
    order = Order.of(event)
    await unit.put("orders", event.visit, order.model_dump(mode="json"), subject=event.visit)
    await unit.update(Job, event.visit, lambda job: revision.take(job, order))


async def take_car_back(event: CarReturned, unit: Unit) -> None:
    kept = await unit.fetch("orders", event.visit)
    newest = Order.model_validate(kept) if kept else None
    job = await unit.load(Job, event.visit)
    if event.revision > max(job.revision, newest.revision if newest else 0):
        raise NotYet(f"order:{event.visit}")
    await unit.update(Job, event.visit, lambda job: revision.come_back(job, event, newest))


async def tell_revision(event: RevisionTaken, unit: Unit) -> None:
    job = await unit.load(Job, event.visit)
    facts = {"revision": str(event.revision), "voids_pass": str(event.voids_pass).lower()}
    await _tell(unit, "order_revised", "W8", job, *leaders_of(job, unit.branch), **facts)
    if event.begun:
        hands = tuple(person for person, did in job.hands.items() if any(hand.item in event.begun for hand in did))
        teams = tuple(team for person in hands if (team := team_of(person, unit.branch)))
        await _tell(unit, "begun_work_dropped", "W8", job, *hands, *leaders_of(job, unit.branch, teams), items=", ".join(event.begun))


# R8, A3: parts


async def reserve_parts(event: JobOpened | RevisionTaken | PartsReturned | WorkDeclined | ItemReassembled | JobEnded, unit: Unit) -> None:
    """What the order needs from now on is reserved, what it needs no more is freed."""
    job = await unit.load(Job, event.visit)
    for part_no in job.part_numbers:
        if (await shelf_of(unit, part_no)).exists:
            await unit.update(Stock, part_no, lambda shelf: stock.reserve(shelf, job.id, needs(job).get(shelf.id, 0)))
    if job.waiting and not job.ended and await _has_what_it_waits_for(job, unit):
        await unit.update(Job, job.id, progress.resume)


async def resume_jobs(event: StockChanged | PartsReserved, unit: Unit) -> None:
    """Those that waited for the part go on, as soon as all that they wait for is there for them: more came, or another needs fewer."""
    if isinstance(event, StockChanged) and event.change <= 0:
        return
    reserved = (await unit.load(Stock, event.part_no)).reserved
    waiting = await unit.ids(Job, {"waiting": event.part_no}) if reserved else ()
    for visit in reserved:
        if visit in waiting and await _has_what_it_waits_for(await unit.load(Job, visit), unit):
            await unit.update(Job, visit, progress.resume)


async def _has_what_it_waits_for(job: Job, unit: Unit) -> bool:
    """Or needs it no more."""
    needed = [part_no for part_no in job.waiting if needs(job).get(part_no)]
    shelves = [await shelf_of(unit, part_no) for part_no in needed]
    return all(shelf.exists and shelf.covers(job.id) for shelf in shelves)


async def check_reorder_points(timer: Timer, unit: Unit) -> None:
    """A3: daily, when the shop opens; TELL the parts clerk what wants ordering."""
    day = local_day(timer.due_at, unit.branch.site.zone)
    shelves = [await shelf_of(unit, part_no) for part_no in unit.branch.parts]
    check = await unit.create(
        ReorderCheck,
        f"reorder-check:{day}",
        lambda check: stock.check_reorder_points(check, day, shelves, reorder_points(unit.branch)),
    )
    if check.below:
        await unit.tell("parts_below_reorder_point", clause="A3", roles=("parts_clerk",), parts=", ".join(check.below))
    await schedule_reorder_check(unit)


# W11, W12


async def tell_rework(event: QcFailed, unit: Unit) -> None:
    job = await unit.load(Job, event.visit)
    teams = tuple(item.team for name in event.items if (item := job.items.get(name)) and item.team)
    await _tell(unit, "qc_failed", "W11", job, *leaders_of(job, unit.branch, teams), round=str(event.round), why=event.why)


async def open_wash(event: QcPassed, unit: Unit) -> None:
    await unit.update(Job, event.visit, wash.open_wash)


async def tell_qc_passed(event: QcPassed, unit: Unit) -> None:
    job = await unit.load(Job, event.visit)
    await _tell(unit, "qc_passed", "W11", job, wash=str(event.wash).lower())


async def tell_washing_begins(event: WashStarted, unit: Unit) -> None:
    await _tell(unit, "washing_begins", "W12", await unit.load(Job, event.visit))


REACTIONS: Reactions = {
    VehicleCheckedIn: (announce_job,),
    CheckInCorrected: (tell_correction,),
    WorkOrderSigned: (open_job,),
    CarHandedOver: (offer_handover,),
    HandoverOffered: (watch_handing,),
    HandoverSentBack: (tell_sent_back,),
    InquiryEnded: (end_job,),
    OrderCancelled: (end_or_go_on,),
    JobOpened: (reserve_parts, watch_promise),
    JobEnded: (reserve_parts, watch_promise),
    AbsenceRecorded: (tell_absence,),
    JobDispatched: (watch_promise,),
    TechniciansNamed: (watch_promise,),
    CarTaken: (tell_difference,),
    PartsReturned: (reserve_parts, watch_promise),
    PartsReserved: (resume_jobs,),
    StockChanged: (resume_jobs,),
    BelongingsRequested: (tell_need,),
    BelongingsAnswered: (note_belongings_answer,),
    BelongingsRequestAnswered: (tell_belongings_answer,),
    DamageReported: (tell_damage, watch_promise),
    DamageDecided: (watch_promise, tell_repair),
    DamageRepaired: (tell_repair,),
    ProgressReported: (tell_progress,),
    ProgressTold: (note_progress_answer,),
    ProgressAnswered: (watch_promise,),
    WorkFound: (tell_found,),
    WorkDeclined: (reserve_parts, watch_promise),
    ItemReassembled: (reserve_parts, watch_promise),
    ChangeAnswered: (note_declined,),
    OrderRevised: (take_revision,),
    CarReturned: (take_car_back,),
    CarCameBack: (watch_promise,),
    RevisionTaken: (reserve_parts, watch_promise, tell_revision),
    SelfInspected: (watch_what_is_sent_back,),
    LeaderInspected: (watch_what_is_sent_back,),
    QcFailed: (watch_promise, tell_rework),
    QcPassed: (open_wash, tell_qc_passed),
    WashStarted: (tell_washing_begins,),
    CarParked: (watch_handing,),
}

TIMERS: Timers = {
    "handover_overdue": tell_not_taken,
    "papers_overdue": tell_papers_missing,
    "promise_at_risk": warn_of_risk,
    "reorder_points": check_reorder_points,
}
