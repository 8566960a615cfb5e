"""R5, D10: what a ruling, or its absence, leads to, and the claims of what the warranty pays; both age until somebody acts."""

from datetime import datetime

from services.delivery import ledger, ruling, settlement, store
from services.delivery.case import Case
from services.delivery.claim import Claim, claim_id
from services.delivery.notices import BOSS
from services.delivery.order import Order
from shared.calendar import add_working_days, end_of_day, local_day
from shared.contracts.delivery import SettlementClosed, SettlementCountered, SupplementClosed
from shared.contracts.reception import WarrantyRuled
from shared.contracts.values import Payer
from shared.contracts.workshop import PartsIssued, PartsReturned
from shared.reaction import Timer
from shared.unit import Unit


async def keep_ruling(event: WarrantyRuled, unit: Unit) -> None:
    """R5: before the settlement it decides who pays; after it, it opens a claim or a supplementary settlement."""
    case = await unit.load(Case, event.visit)
    left_out = case.settlement if ruling.was_left_out(case, event.item) else None
    order = await store.order_at(unit, case.id, left_out.revision) if left_out else None
    supplement = None
    if order and not event.covers:
        supplement = settlement.supplement(case, order, event.item, await store.next_paper(unit, "supplement"))
    after = await unit.update(Case, event.visit, lambda case: ruling.rule(case, event, supplement))
    await store.keep_account(unit, after)
    await unit.cancel(_ruling_timer(event.visit, event.item))
    if order and case.settlement and event.covers:
        await _open_claim(unit, case, order, case.settlement.number, event.item, event.reference)


async def ask_for_call(event: SupplementClosed, unit: Unit) -> None:
    """R5: the customer is called the same day."""
    case = await unit.load(Case, event.visit)
    await unit.tell("supplement_to_tell", clause="R5", visit=case.id, people=(case.advisor,), number=event.number, total=str(event.total))
    zone = unit.branch.site.zone
    due_at = end_of_day(local_day(unit.now, zone), zone)
    await unit.schedule(
        Timer(
            key=f"{case.id}:supplement:{event.number}",
            kind="supplement_untold",
            due_at=due_at,
            subject=case.id,
            facts={"number": event.number},
        )
    )


async def watch_rulings(event: SettlementClosed, unit: Unit) -> None:
    """R5: the open item ages, and escalates to the business supervisor until it is ruled."""
    for item in event.awaiting_ruling:
        await _watch_ruling(unit, event.visit, item)


async def _watch_ruling(unit: Unit, visit: str, item: str) -> None:
    due_at = _working_days_on(unit, unit.branch.site.deadlines.ruling_working_days)
    await unit.schedule(Timer(key=_ruling_timer(visit, item), kind="ruling_overdue", due_at=due_at, subject=visit, facts={"item": item}))


def _ruling_timer(visit: str, item: str) -> str:
    return f"{visit}:ruling:{item}"


async def escalate_ruling(timer: Timer, unit: Unit) -> None:
    case, item = await unit.load(Case, timer.subject), timer.facts["item"]
    if ruling.was_left_out(case, item):
        await unit.tell("ruling_awaited", clause="R5", visit=case.id, roles=BOSS, people=(case.advisor,), item=item)
        await _watch_ruling(unit, case.id, item)


async def escalate_supplement(timer: Timer, unit: Unit) -> None:
    """Nobody is to be told of a supplement whose settlement was countered meanwhile."""
    case, number = await unit.load(Case, timer.subject), timer.facts["number"]
    if number in ledger.supplements(case) and number not in case.supplements_told:
        await unit.tell("supplement_untold", clause="R5", visit=case.id, roles=BOSS, people=(case.advisor,), number=number)


async def open_claims(event: SettlementClosed, unit: Unit) -> None:
    """D10: each item that the warranty pays."""
    case = await unit.load(Case, event.visit)
    order = await store.order_at(unit, event.visit, event.revision)
    assert order
    for item in dict.fromkeys(line.item for line in event.lines if Payer.WARRANTY in line.shares):
        ruled = case.ruling_of(item)
        await _open_claim(unit, case, order, event.number, item, ruled.reference if ruled else None)


async def _open_claim(unit: Unit, case: Case, order: Order, settled_by: str, item: str, reference: str | None) -> None:
    entry = next(entry for entry in order.less(case.parts_out).items if entry.item == item)
    claim = await unit.create(
        Claim,
        claim_id(case.id, item),
        lambda claim: claim.open(case.vehicle, settled_by, entry.amount, reference, has_part=bool(entry.parts)),
    )
    await _watch_claim(unit, claim)


async def claim_less(unit: Unit, case: Case, step: PartsIssued | PartsReturned) -> None:
    """Where the claim is not opened yet it will be for what stayed; one that was sent is its senders' to correct."""
    claim = await unit.find(Claim, claim_id(case.id, step.item))
    order = await store.order_at(unit, case.id, case.settlement.revision) if case.settlement else None
    entry = next((entry for entry in order.less(case.parts_out).items if entry.item == step.item), None) if order else None
    if entry is None or claim.withdrawn or claim.amount is None or entry.amount >= claim.amount:
        return
    if not claim.sent:
        await unit.update(Claim, claim.id, lambda claim: claim.lessen(entry.amount, step.slip, has_part=bool(entry.parts)))
        return
    await unit.tell(
        "claimed_part_returned",
        clause="D10",
        visit=case.id,
        roles=BOSS,
        people=(case.advisor,),
        claim=claim.id,
        part_no=step.part_no,
        amount=str(entry.amount),
    )


async def withdraw_claims(event: SettlementCountered, unit: Unit) -> None:
    """D10: what was claimed for a countered settlement; the next one claims anew."""
    case = await unit.load(Case, event.visit)
    countered = next(entry for entry in case.earlier_settlements if entry.number == event.counters)
    for item in dict.fromkeys((*(line.item for line in countered.lines), *countered.awaiting_ruling)):
        claim = await unit.find(Claim, claim_id(case.id, item))
        if claim.exists and claim.settlement == event.counters:
            await unit.update(Claim, claim.id, lambda claim: claim.withdraw(event.counters, event.number))
            await unit.cancel(f"{claim.id}:claim")


async def _watch_claim(unit: Unit, claim: Claim) -> None:
    due_at = _working_days_on(unit, unit.branch.site.deadlines.claim_working_days)
    await unit.schedule(Timer(key=f"{claim.id}:claim", kind="claim_ages", due_at=due_at, subject=claim.visit, facts={"claim": claim.id}))


async def escalate_claim(timer: Timer, unit: Unit) -> None:
    claim = await unit.load(Claim, timer.facts["claim"])
    if claim.is_under_way:
        state = "approved" if claim.decided else "sent" if claim.sent else "opened"
        await unit.tell("claim_ages", clause="D10", visit=claim.visit, roles=BOSS, claim=claim.id, state=state)
        await _watch_claim(unit, claim)


def _working_days_on(unit: Unit, days: int) -> datetime:
    site = unit.branch.site
    return end_of_day(add_working_days(local_day(unit.now, site.zone), days, site.days), site.zone)
