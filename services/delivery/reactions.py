"""What starts by itself in delivery, from others' events and from its own, and what its timers do. The tables are at the end."""

from datetime import date, timedelta

from services.delivery import advice, ledger, parts, release, revision, store
from services.delivery.acts import warranty
from services.delivery.case import Case
from services.delivery.notices import BOSS
from services.delivery.till import Till
from shared import merged_files
from shared.calendar import add_working_time, end_of_day
from shared.contracts.delivery import (
    CarReturned,
    CreditNoteIssued,
    DamageNoted,
    DebtArose,
    ExitPassRevoked,
    ExitPassUsed,
    InternalCheckPassed,
    PaymentReversed,
    PaymentTaken,
    RefundFellDue,
    RefundPaid,
    SettlementClosed,
    SettlementCountered,
    ShareMoved,
    SupplementClosed,
    TakingBooked,
    TillClosed,
)
from shared.contracts.event import VisitEvent
from shared.contracts.reception import (
    CheckInCorrected,
    DocumentsTaken,
    InquiryEnded,
    OrderCancelled,
    OrderRevised,
    VehicleCheckedIn,
    WarrantyRuled,
    WorkOrderSigned,
)
from shared.contracts.values import Recommendation
from shared.contracts.workshop import (
    CarParked,
    DamageDecided,
    DamageRepaired,
    DamageReported,
    JobEnded,
    PapersHandedIn,
    PartsIssued,
    PartsReturned,
    QcPassed,
    WorkDeclined,
    WorkFound,
)
from shared.reaction import NotYet, Reactions, Timer, Timers
from shared.unit import Unit


async def announce_case(event: VehicleCheckedIn, unit: Unit) -> None:
    await unit.create(Case, event.visit, lambda case: case.announce(event))


async def correct_odometer(event: CheckInCorrected, unit: Unit) -> None:
    if event.field == "odometer_km":
        await _must_be_announced(event.visit, unit)
        await unit.update(Case, event.visit, lambda case: case.correct_odometer(event))


async def keep_documents(event: DocumentsTaken, unit: Unit) -> None:
    await store.keep_taken(unit, event)


async def keep_order(event: WorkOrderSigned, unit: Unit) -> None:
    await store.keep(unit, event)


async def keep_revision(event: OrderRevised, unit: Unit) -> None:
    await store.keep_revised(unit, event)


async def take_revision(event: OrderRevised, unit: Unit) -> None:
    """W8: while delivery holds the car a revision takes it back to the workshop; after the exit it is refused."""
    await _take(unit, event.visit, event.revision)


async def open_case(event: QcPassed, unit: Unit) -> None:
    await _must_be_announced(event.visit, unit)
    case = await unit.update(Case, event.visit, lambda case: case.open(event))
    await unit.tell("case_opened", clause="W11", visit=case.id, people=(case.advisor,))


async def recommend_found(event: WorkFound, unit: Unit) -> None:
    found = Recommendation(recommendation=event.found, operation=event.operation, safety=event.safety)
    await _recommend(unit, event.visit, found)
    if found.safety:
        await store.keep_safety(unit, event.visit, found)


async def recommend_declined(event: WorkDeclined, unit: Unit) -> None:
    declined = dict.fromkeys(event.operations)
    await _recommend(unit, event.visit, *(Recommendation(recommendation=f"declined-{each}", operation=each) for each in declined))


async def _recommend(unit: Unit, visit: str, *later: Recommendation) -> None:
    """D6: also what was found or declined after the final inspection is on the settlement."""
    await _must_be_announced(visit, unit)
    order = await store.judged_order(unit, visit)
    await unit.update(Case, visit, lambda case: advice.recommend(case, order, later))


async def make_car_ready(event: CarParked, unit: Unit) -> None:
    """D1: the advisor is told, without being asked, that the car is done and where it stands."""
    await _must_be_announced(event.visit, unit)
    case = await unit.update(Case, event.visit, lambda case: case.make_ready(event))
    await store.keep_handed_in(unit, event.visit, ())
    await unit.tell("car_ready", clause="D1", visit=case.id, people=(case.advisor,), spot=event.spot)
    await _watch_waiting(unit, case.id)


async def keep_handed_in(event: PapersHandedIn, unit: Unit) -> None:
    await store.keep_handed_in(unit, event.visit, event.things)


async def keep_workshop_damage(event: DamageReported | DamageDecided | DamageRepaired, unit: Unit) -> None:
    await store.keep_workshop_damage(unit, event)


async def take_what_came_before_parking(event: CarParked, unit: Unit) -> None:
    """W8: a revision that nobody took: it came when the workshop had parked the car and delivery did not hold it yet."""
    await _take(unit, event.visit, await store.newest_revision(unit, event.visit))


async def _take(unit: Unit, visit: str, number: int) -> None:
    counter = await _counter_number(unit, visit)
    case = await unit.update(Case, visit, lambda case: revision.take(case, number, counter))
    await store.keep_account(unit, case)


async def _counter_number(unit: Unit, visit: str) -> str:
    """A number is taken only where there is a settlement to counter."""
    return await store.next_paper(unit, "counter") if (await unit.load(Case, visit)).settlement else ""


async def tell_car_goes_back(event: CarReturned, unit: Unit) -> None:
    """W8: by a revision; or by the advisor's word (D2), whose reason is among the case's texts."""
    case = await unit.load(Case, event.visit)
    await unit.cancel(f"{case.id}:waits")
    await unit.tell(
        "car_goes_back" if event.reason == revision.BY_REVISION else "car_sent_back",
        clause="W8",
        visit=case.id,
        roles=("workshop_supervisor",),
        people=(case.advisor,),
        revision=str(event.revision),
        reason=event.reason,
    )


async def let_inquiry_go(event: InquiryEnded, unit: Unit) -> None:
    """R14: also where no check-in sheet was signed, so that the case begins here."""
    if not event.car_here:
        return
    case = await unit.create(Case, event.visit, lambda case: release.after_inquiry(case, event))
    await _tell_released(unit, case)


async def let_untouched_go(event: JobEnded, unit: Unit) -> None:
    await _must_be_announced(event.visit, unit)
    before = await unit.load(Case, event.visit)
    found = await store.safety_found(unit, event.visit)
    case = await unit.update(Case, event.visit, lambda case: release.untouched(case, event, found))
    if case is not before:
        await _tell_released(unit, case)


async def _tell_released(unit: Unit, case: Case) -> None:
    await unit.tell("car_may_leave_unsettled", clause="R14", visit=case.id, people=(case.advisor,))
    if not case.left:
        await _watch_waiting(unit, case.id)


async def note_cancellation(event: OrderCancelled, unit: Unit) -> None:
    await _must_be_announced(event.visit, unit)
    await unit.update(Case, event.visit, lambda case: case.note_cancellation(event))


async def tell_balance(event: VisitEvent, unit: Unit) -> None:
    """D5: who owes is known to the house, not only at the till: nobody is forgotten who owes."""
    await unit.update(Case, event.visit, ledger.balance_after_leaving)


async def remind_of_first_maintenance(event: SettlementClosed, unit: Unit) -> None:
    """D7: the statement is signed, the customer still at the desk."""
    case = await unit.load(Case, event.visit)
    order = await store.order_at(unit, event.visit, event.revision)
    if case.holds_the_car and case.revision == event.revision and advice.first_maintenance_untold(case, order):
        await unit.tell("first_maintenance_untold", clause="D7", visit=case.id, people=(case.advisor,))


async def tell_damage(event: DamageNoted, unit: Unit) -> None:
    """D2: a scratch of the wash, say: the supervisors are told at once."""
    case = await unit.load(Case, event.visit)
    roles = ("workshop_supervisor", *BOSS)
    await unit.tell(
        "damage_noted",
        clause="D2",
        visit=case.id,
        roles=roles,
        people=(case.advisor,),
        damage=event.damage,
        part=event.part,
        mark=event.mark,
    )


async def tell_debt(event: DebtArose, unit: Unit) -> None:
    """D5: the car has left; the delivery is not undone."""
    case = await unit.load(Case, event.visit)
    await unit.tell(
        "insurer_pays_less" if event.reason == "insurer_pays_less" else "debt_arose",
        clause="D5",
        visit=case.id,
        roles=BOSS,
        people=(case.advisor,),
        payer=event.payer,
        amount=str(event.amount),
    )


async def tell_refund(event: RefundFellDue, unit: Unit) -> None:
    """EDGE_CASES 5, 6: the customer may be long gone, and would hear of it from nobody."""
    case = await unit.load(Case, event.visit)
    people = (case.advisor,) if case.advisor else ()
    await unit.tell(
        "refund_due", clause="D5", visit=case.id, roles=("cashier",), people=people, payer=event.payer, amount=str(event.amount)
    )


async def tell_pass_revoked(event: ExitPassRevoked, unit: Unit) -> None:
    """D5: the gate is told, before somebody comes with it."""
    case = await unit.load(Case, event.visit)
    await unit.tell("exit_pass_revoked", clause="D5", visit=case.id, roles=("gatekeeper",), people=(case.advisor,), number=event.number)


async def count_part_out(event: PartsIssued | PartsReturned, unit: Unit) -> None:
    """EDGE_CASES 11: before the signature the line shrinks by itself; what was settled with more of the part needs a credit note.

    What the warranty pays is in no till: its claim becomes less (D10).
    """
    await _must_be_announced(event.visit, unit)
    before = await unit.load(Case, event.visit)
    case = await unit.update(Case, event.visit, lambda case: parts.count_out(case, event))
    if case is before:
        return
    if parts.is_claimed(case, event.item):
        await warranty.claim_less(unit, case, event)
    elif parts.charged_too_much(case, event.item, event.part_no):
        people = (case.advisor,)
        await unit.tell(
            "settled_part_returned", clause="D5", visit=case.id, roles=BOSS, people=people, item=event.item, part_no=event.part_no
        )


async def watch_till(event: TakingBooked, unit: Unit) -> None:
    """D5: closed by the end of its day."""
    zone = unit.branch.site.zone
    due_at = end_of_day(date.fromisoformat(event.till.removeprefix("till-")), zone)
    await unit.schedule(Timer(key=f"{event.till}:close", kind="till_open", due_at=due_at, subject=event.till))


async def stop_watching_till(event: TillClosed, unit: Unit) -> None:
    await unit.cancel(f"{event.till}:close")


async def watch_call(event: InternalCheckPassed, unit: Unit) -> None:
    """D3: the customer is told at once: ⌂ in opening hours, within the site's time."""
    site = unit.branch.site
    due_at = add_working_time(unit.now, timedelta(minutes=site.deadlines.customer_told_within_minutes), site)
    await unit.schedule(Timer(key=f"{event.visit}:uncalled", kind="customer_uncalled", due_at=due_at, subject=event.visit))


async def stop_watching_car(event: ExitPassUsed, unit: Unit) -> None:
    await unit.cancel(f"{event.visit}:waits")


async def _watch_waiting(unit: Unit, visit: str) -> None:
    due_at = unit.now + timedelta(days=unit.branch.site.deadlines.car_waits_days)
    await unit.schedule(Timer(key=f"{visit}:waits", kind="car_waits", due_at=due_at, subject=visit))


async def tell_uncalled(timer: Timer, unit: Unit) -> None:
    case = await unit.load(Case, timer.subject)
    if case.holds_the_car and case.internal_check and not case.called:
        await unit.tell("customer_not_told", clause="D3", visit=case.id, roles=BOSS, people=(case.advisor,), spot=case.spot or "")


async def tell_car_waits(timer: Timer, unit: Unit) -> None:
    """The car stands ready, or was let go, and nobody comes for it: told again and again, until it leaves."""
    case = await unit.load(Case, timer.subject)
    if case.holds_the_car:
        await unit.tell("car_waits", clause="D3", visit=case.id, roles=BOSS, people=(case.advisor,), spot=case.spot or "")
        await _watch_waiting(unit, case.id)
    elif case.released_unsettled and not case.left:
        await unit.tell("released_car_waits", clause="R14", visit=case.id, roles=BOSS, people=(case.advisor,))
        await _watch_waiting(unit, case.id)


async def tell_till_open(timer: Timer, unit: Unit) -> None:
    if not (await unit.load(Till, timer.subject)).closed:
        await unit.tell("till_not_closed", clause="D5", roles=("cashier", *BOSS), till=timer.subject)


async def _must_be_announced(visit: str, unit: Unit) -> None:
    """Reception's events may come after the workshop's, though they happened before."""
    if not (await unit.find(Case, visit)).exists:
        raise NotYet(f"case:{visit}")


REACTIONS: Reactions = {
    **merged_files.REACTIONS,
    VehicleCheckedIn: (announce_case,),
    CheckInCorrected: (correct_odometer,),
    DocumentsTaken: (keep_documents,),
    WorkOrderSigned: (keep_order,),
    OrderRevised: (keep_revision, take_revision),
    OrderCancelled: (note_cancellation,),
    WarrantyRuled: (warranty.keep_ruling,),
    InquiryEnded: (let_inquiry_go,),
    JobEnded: (let_untouched_go,),
    QcPassed: (open_case,),
    WorkFound: (recommend_found,),
    WorkDeclined: (recommend_declined,),
    CarParked: (make_car_ready, take_what_came_before_parking),
    DamageReported: (keep_workshop_damage,),
    DamageDecided: (keep_workshop_damage,),
    DamageRepaired: (keep_workshop_damage,),
    PapersHandedIn: (keep_handed_in,),
    CarReturned: (tell_car_goes_back,),
    InternalCheckPassed: (watch_call,),
    SettlementClosed: (warranty.open_claims, warranty.watch_rulings, remind_of_first_maintenance),
    SupplementClosed: (warranty.ask_for_call, tell_balance),
    SettlementCountered: (warranty.withdraw_claims,),
    PartsIssued: (count_part_out,),
    PartsReturned: (count_part_out,),
    DamageNoted: (tell_damage,),
    DebtArose: (tell_debt,),
    RefundFellDue: (tell_refund,),
    ExitPassRevoked: (tell_pass_revoked,),
    ExitPassUsed: (stop_watching_car, tell_balance),
    PaymentTaken: (tell_balance,),
    PaymentReversed: (tell_balance,),
    RefundPaid: (tell_balance,),
    ShareMoved: (tell_balance,),
    CreditNoteIssued: (tell_balance,),
    TakingBooked: (watch_till,),
    TillClosed: (stop_watching_till,),
}

TIMERS: Timers = {
    "ruling_overdue": warranty.escalate_ruling,
    "supplement_untold": warranty.escalate_supplement,
    "claim_ages": warranty.escalate_claim,
    "car_waits": tell_car_waits,
    "customer_uncalled": tell_uncalled,
    "till_open": tell_till_open,
}
