"""What starts by itself in reception: stock (R8), the board, the advisor's tasks (W6 to W8), history (R9), the end of a visit."""

from collections.abc import Collection
from datetime import datetime

from services.reception.acts import appointments, asking, board, days, ending, history, keeping, people, shelf
from services.reception.appointment import Appointment
from services.reception.changes import Changes
from services.reception.order import WorkOrder
from services.reception.visit import Visit
from services.reception.wish import Wish
from shared.contracts.delivery import BalanceChanged, ExitPassUsed, RecommendationAdded, RecommendationAnswered, RevisionRefused
from shared.contracts.followup import ComplaintClosed, ComplaintOpened, ContactInvalid, ReminderAnswered, SiteSettingChanged
from shared.contracts.values import OrderItem, Recommendation, Warranty
from shared.contracts.workshop import (
    AbsenceEnded,
    AbsenceRecorded,
    BelongingsRequested,
    CarParked,
    DamageDecided,
    DamageRepaired,
    DamageReported,
    HandoverSentBack,
    ItemReassembled,
    JobAccepted,
    JobEnded,
    LeaderInspected,
    PartOrdered,
    PartsReserved,
    ProgressReported,
    QcFailed,
    QcPassed,
    RevisionTaken,
    SelfInspected,
    ShiftSet,
    StockChanged,
    WorkDeclined,
    WorkFinished,
    WorkFound,
    WorkStarted,
)
from shared.reaction import NotYet, Reactions, Timers
from shared.unit import Unit

# where the car stands


async def show_in_workshop(event: JobAccepted, unit: Unit) -> None:
    await board.move(unit, event.visit, "in_workshop")


async def show_begun(event: WorkStarted, unit: Unit) -> None:
    """W14: begun anew, since somebody else took it over or a part is lacking again, its hours are left once more (R10)."""
    await board.begin(unit, event.visit, event.item)
    if not await _is_left(event, unit):
        await _put_hours_back(unit, event.visit, (event.item,))


async def take_hours_off(event: WorkFinished | ItemReassembled, unit: Unit) -> None:
    """W14, R10: all of them stay while another who began the item is still at it."""
    if isinstance(event, ItemReassembled) or event.item_finished:
        await board.move(unit, event.visit, "in_workshop", finished=(event.item,))


async def take_hours_of_inspected_off(event: SelfInspected, unit: Unit) -> None:
    """W9: it is finished, also where who was still at it when another had finished is named for it no more."""
    if event.passed and await _is_left(event, unit):
        await board.move(unit, event.visit, "in_workshop", finished=(event.item,))


async def _is_left(event: WorkStarted | SelfInspected, unit: Unit) -> bool:
    return event.item in {work.item for work in (await board.where_it_stands(unit, event.visit)).left}


async def take_hours_of_declined_off(event: WorkDeclined, unit: Unit) -> None:
    """EDGE_CASES 1: the customer ended the order: what nobody had begun is not done any more."""
    if event.items:
        await board.move(unit, event.visit, "in_workshop", finished=event.items)


async def put_hours_back(event: QcFailed | SelfInspected | LeaderInspected, unit: Unit) -> None:
    """W9, W11: what does not pass is done anew."""
    if isinstance(event, QcFailed) or not event.passed:
        await _put_hours_back(unit, event.visit, (event.item,) if isinstance(event, SelfInspected) else event.items)


async def _put_hours_back(unit: Unit, visit: str, items: Collection[str]) -> None:
    reopened = [item for item in await _items_now(unit, visit) if item.item in items]
    await board.move_back(unit, visit, "in_workshop", reopened=reopened)


async def show_qc_passed(event: QcPassed, unit: Unit) -> None:
    await board.move(unit, event.visit, "qc_passed", finished=event.items)
    await board.note_passed(unit, event.visit, event.items)


async def show_damage(event: DamageReported | DamageDecided | DamageRepaired, unit: Unit) -> None:
    """W6, W11: what is to be repaired voids a pass."""
    match event:
        case DamageReported():
            state = "undecided"
        case DamageDecided():
            state = "to_repair" if event.decision == "repair" else event.decision
        case DamageRepaired():
            state = "repaired"
    await board.note_damage(unit, event.visit, event.damage, state)
    if state == "to_repair":
        await board.move_back(unit, event.visit, "in_workshop")


async def show_parked(event: CarParked, unit: Unit) -> None:
    await board.move(unit, event.visit, "parked", spot=event.spot)


async def take_all_hours_off(event: JobEnded, unit: Unit) -> None:
    """EDGE_CASES 1: the car waits for its exit only. One that was never signed was never on the board."""
    if (await unit.find(WorkOrder, event.visit)).signed:
        await board.end(unit, event.visit)


async def take_car_back(event: HandoverSentBack, unit: Unit) -> None:
    """W1: the advisor corrects and hands over again."""
    await unit.update(WorkOrder, event.visit, lambda order: order.take_back(event.reason))
    await board.move_back(unit, event.visit, "signed")


# what the advisor has to take to the customer


async def ask_about_found_work(event: WorkFound, unit: Unit) -> None:
    """W8, R6: found after the car has left or the customer has ended it, it is proposed at the next visit."""
    visit = await unit.load(Visit, event.visit)
    if visit.closed or (await unit.find(Changes, event.visit)).cancelled:
        safety = (event.found,) if event.safety else ()
        found = {event.found: event.operation}
        await history.remember_declined(unit, visit.vehicle or "", event.visit, found, answer="next_time", safety=safety)
        return
    kind = "finding" if event.kind == "finding" else "change"
    facts = {"operation": event.operation, "item": event.item, "note": event.note, "safety": event.safety}
    await asking.open_task(unit, visit, kind, event.found, **facts)


async def ask_about_progress(event: ProgressReported, unit: Unit) -> None:
    """W7: going on again as promised is nothing to call about."""
    visit = await unit.load(Visit, event.visit)
    if event.kind == "resumed" or visit.closed:
        return
    kind = "delay_warning" if event.kind == "at_risk" else "progress"
    facts = {"progress": event.kind, "minutes": event.minutes, "expected_on": event.expected_on, "note": event.note}
    await asking.open_task(unit, visit, kind, event.report, **facts)


async def ask_about_belongings(event: BelongingsRequested, unit: Unit) -> None:
    visit = await unit.load(Visit, event.visit)
    if not visit.closed:
        await asking.open_task(unit, visit, "belongings", event.request, note=event.need)


# W8: a revision is taken by who holds the car, or refused


async def note_revision_taken(event: RevisionTaken, unit: Unit) -> None:
    await unit.update(
        Changes, event.visit, lambda changes: changes.note_answer_of_holder(event.revision, taken=True, voids_pass=event.voids_pass)
    )
    if event.voids_pass:
        await board.move_back(unit, event.visit, "in_workshop")


async def propose_refused_revision(event: RevisionRefused, unit: Unit) -> None:
    """The car has left: TELL the advisor to offer an appointment; what was accepted is proposed at the next visit."""
    changes = await unit.load(Changes, event.visit)
    change = next((changes.change(each.change) for each in changes.revisions if each.revision == event.revision), None)
    await unit.update(Changes, event.visit, lambda known: known.note_answer_of_holder(event.revision, taken=False))
    if change is None:
        return
    visit = await unit.load(Visit, event.visit)
    accepted = {item.item: item.operation for item in change.items if item.item in change.accepted}
    await history.remember_declined(unit, visit.vehicle or "", event.visit, accepted, answer="next_time")
    await unit.tell("revision_refused", clause="W8", visit=event.visit, people=(visit.advisor or "",), change=change.change)


# R9: history, and the end of a visit


async def remember_recommendations(event: QcPassed, unit: Unit) -> None:
    vehicle = await history.vehicle_of(unit, event.visit)
    await history.remember_recommended(unit, vehicle, event.visit, event.recommendations)


async def remember_late_recommendation(event: RecommendationAdded, unit: Unit) -> None:
    """D6: found or declined after the final inspection."""
    vehicle = await history.vehicle_of(unit, event.visit)
    await history.remember_recommended(unit, vehicle, event.visit, (event.recommendation,))


async def remember_answer(event: RecommendationAnswered, unit: Unit) -> None:
    vehicle = await history.vehicle_of(unit, event.visit)
    recommended = Recommendation(recommendation=event.recommendation, operation=event.operation, safety=event.safety)
    await history.remember_answer(unit, vehicle, event.visit, recommended, event.answer)


async def close_visit(event: ExitPassUsed, unit: Unit) -> None:
    await ending.close(unit, event.visit, event.vehicle)
    if (await unit.find(WorkOrder, event.visit)).signed:  # a car may also leave unsigned: then it never was on the board
        await board.move(unit, event.visit, "left")


async def remember_what_was_done(event: ExitPassUsed, unit: Unit) -> None:
    vehicle = await history.vehicle_of(unit, event.visit)
    done = await _items_done(unit, event.visit)
    agreed, first = await _agreed_to(unit, event.visit, done), any(item.warranty is Warranty.FIRST_MAINTENANCE for item in done)
    await history.remember_done(unit, vehicle, event.visit, agreed, event.next, first_maintenance=first)


async def _agreed_to(unit: Unit, visit: str, done: Collection[OrderItem]) -> dict[str, datetime]:
    """When the customer last agreed to each operation."""
    order, changes = (await unit.find(WorkOrder, visit)).signed, await unit.find(Changes, visit)
    later = {item: each.answered_at or unit.now for each in changes.changes for item in each.accepted}
    signed_at = order.signature.at if order else unit.now
    agreed: dict[str, datetime] = {}
    for item in done:
        agreed[item.operation] = max(agreed.get(item.operation, signed_at), later.get(item.item, signed_at))
    return agreed


async def _items_done(unit: Unit, visit: str) -> tuple[OrderItem, ...]:
    """EDGE_CASES 1: of an order that the customer ended, those that the final inspection names; none where its job ended untouched."""
    items = await _items_now(unit, visit)
    if not (await unit.find(Changes, visit)).cancelled:
        return items
    car = await board.where_it_stands(unit, visit)
    if not car.ended and car.passed is None:
        raise NotYet(f"qc_passed:{visit}")
    return tuple(item for item in items if item.item in (car.passed or ()))


async def _items_now(unit: Unit, visit: str) -> tuple[OrderItem, ...]:
    order = (await unit.find(WorkOrder, visit)).signed
    return (await unit.find(Changes, visit)).items_of(order) if order else ()


async def offer_appointment(event: ReminderAnswered, unit: Unit) -> None:
    """D8, A1: the customer wants to come: proposed to the receptionists until one books it, or the customer comes without."""
    if event.wants_appointment:
        await unit.create(Wish, event.visit, lambda wish: wish.open(event))
        if booked := await unit.ids(Appointment, {"answers": event.visit}):
            await unit.update(Wish, event.visit, lambda wish: wish.book(booked[0], event.vehicle, "system"))
            return
        await unit.tell("appointment_wanted", clause="A1", visit=event.visit, roles=("receptionist",), due_on=event.due_on.isoformat())


REACTIONS: Reactions = {
    ReminderAnswered: (offer_appointment,),
    StockChanged: (shelf.keep_stock,),
    PartOrdered: (shelf.keep_ordered,),
    PartsReserved: (shelf.keep_reserved,),
    ShiftSet: (people.keep_attendance,),
    AbsenceRecorded: (people.keep_attendance,),
    AbsenceEnded: (people.keep_attendance,),
    HandoverSentBack: (take_car_back,),
    JobAccepted: (show_in_workshop,),
    JobEnded: (take_all_hours_off,),
    WorkStarted: (show_begun,),
    WorkFinished: (take_hours_off,),
    ItemReassembled: (take_hours_off,),
    WorkDeclined: (take_hours_of_declined_off,),
    BelongingsRequested: (ask_about_belongings,),
    DamageReported: (show_damage,),
    DamageDecided: (show_damage,),
    DamageRepaired: (show_damage,),
    ProgressReported: (ask_about_progress,),
    WorkFound: (ask_about_found_work,),
    RevisionTaken: (note_revision_taken,),
    QcFailed: (put_hours_back,),
    SelfInspected: (put_hours_back, take_hours_of_inspected_off),
    LeaderInspected: (put_hours_back,),
    QcPassed: (show_qc_passed, remember_recommendations),
    CarParked: (show_parked,),
    RecommendationAdded: (remember_late_recommendation,),
    RecommendationAnswered: (remember_answer,),
    RevisionRefused: (propose_refused_revision,),
    ExitPassUsed: (close_visit, remember_what_was_done),
    BalanceChanged: (keeping.remember_debt,),
    ContactInvalid: (keeping.remember_wrong_number,),
    SiteSettingChanged: (asking.count_anew, appointments.keep_to_opening_hours),
    ComplaintOpened: (keeping.remember_complaint,),
    ComplaintClosed: (keeping.forget_complaint,),
}

TIMERS: Timers = {
    appointments.REMINDER: appointments.remind,
    appointments.NO_SHOW: appointments.record_no_show,
    days.TOMORROW: days.tell_of_tomorrow,
    days.CHECKLISTS: days.tell_of_missing_checklists,
    asking.OVERDUE: asking.warn_of_unanswered,
}
