"""What delivery asks of its own database: cases by stage, the till, a pass by its number, and what it keeps of others."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, Literal

from services.delivery.case import Case
from services.delivery.claim import Claim
from services.delivery.damage import WorkshopDamage
from services.delivery.exit_pass import GatePass
from services.delivery.ledger import Due, due, on_account, refund_due
from services.delivery.order import Order, order_key
from services.delivery.till import Till, till_id
from shared import merged_files
from shared.calendar import local_day
from shared.contracts.reception import DocumentsTaken, OrderRevised, WorkOrderSigned
from shared.contracts.values import Recommendation
from shared.contracts.workshop import DamageDecided, DamageRepaired, DamageReported
from shared.department import Census, Index
from shared.reaction import NotYet
from shared.refusal import NotFound
from shared.store import Store
from shared.unit import Unit

READ_MODELS = ("orders", "documents", "accounts", "handed_in", "safety_found", "workshop_damages", merged_files.READ_MODEL)

INDEXES: Mapping[str, tuple[Index, ...]] = {
    "cases": (Index((("exit_pass.number", 1),)), Index((("passes_revoked", 1),)), Index((("left", 1), ("spot", 1)))),
    "claims": (Index((("sent", 1), ("decided", 1))),),
}

Stage = Literal["announced", "opened", "ready", "checked", "called", "settled", "unsettled", "released", "delivered"]

_THERE: Mapping[str, Any] = {"$ne": None}

ClaimState = Literal["opened", "sent", "decided", "paid", "withdrawn"]

_CLAIMS: Mapping[ClaimState, Mapping[str, Any]] = {
    "opened": {"sent": None, "withdrawn": False},
    "sent": {"sent": _THERE, "decided": None, "withdrawn": False},
    "decided": {"decided": _THERE, "paid": None, "withdrawn": False},
    "paid": {"paid": _THERE},
    "withdrawn": {"withdrawn": True},
}

_HERE: Mapping[str, Any] = {"left": False}
"""In an index: of all the cars that ever were here, the few that are."""
_STAGES: Mapping[Stage, Mapping[str, Any]] = {
    "announced": {"revision": None, "released_unsettled": None, **_HERE},
    "opened": {"revision": _THERE, "spot": None, **_HERE},
    "ready": {"spot": _THERE, "internal_check": None, **_HERE},
    "checked": {"internal_check": _THERE, "called": None, **_HERE},
    "called": {"called": _THERE, "settlement": None, **_HERE},
    "settled": {"settlement": _THERE, "exit_pass": None, **_HERE},
    "unsettled": {"released_unsettled": _THERE, "exit_pass": None, **_HERE},
    "released": {"exit_pass": _THERE, **_HERE},
    "delivered": {"left": True},
}

CENSUS = (
    *(
        Census("cars", "cases", {**_STAGES[stage], "spot": _THERE}, what=stage)
        for stage in ("ready", "checked", "called", "settled", "unsettled", "released")
    ),
    Census("duties_open", "claims", dict(_CLAIMS["opened"]), what="claim_to_send"),
    Census("duties_open", "claims", dict(_CLAIMS["sent"]), what="claim_to_decide"),
)


async def cases_at(store: Store, stage: Stage | None, limit: int, after: str | None) -> list[Case]:
    return await store.select(Case, _STAGES[stage] if stage else {}, limit=limit, after=after)


async def till(store: Store, limit: int, after: str | None) -> list[Due]:
    return [Due.of(case) for case in await cases_at(store, "settled", limit, after)]


async def debts(store: Store, limit: int, after: str | None) -> list[Due]:
    """Visits that have left and still owe: what was paid came back, an insurer paid less, a ruling rejected an item."""
    owed_once = {"left": True, "$or": [{"debts": {"$ne": []}}, {"supplements": {"$ne": []}}]}
    return await _still(store, owed_once, due, limit, after)


async def refunds(store: Store, limit: int, after: str | None) -> list[Due]:
    """Visits that money is to be paid back for, the car here or gone."""
    return await _still(store, {"refunds_due": {"$ne": []}}, refund_due, limit, after)


async def _still(store: Store, once: Mapping[str, Any], what: Callable[[Case], Any], limit: int, after: str | None) -> list[Due]:
    """Of the visits that were so once, a page of those that are so still."""
    found: list[Due] = []
    while len(found) < limit and (page := await store.select(Case, once, limit=limit, after=after)):
        found += [Due.of(case) for case in page if what(case)]
        after = page[-1].id
    return found[:limit]


async def pass_of(store: Store, number: str) -> GatePass:
    for case in await store.select(Case, {"$or": [{"exit_pass.number": number}, {"passes_revoked": number}]}, limit=1):
        known = [await store.record(f"vehicle:{file}") or {} for file in (case.vehicle, *await merged_files.family(store, case.vehicle))]
        plate = next((each["plate"] for each in known if each.get("plate")), None)
        return GatePass.of(case, number).model_copy(update={"plate": plate})
    raise NotFound(missing=("exit_pass",), number=number)


async def order_at(unit: Unit, visit: str, revision: int) -> Order | None:
    return _order(await unit.fetch("orders", order_key(visit, revision)))


async def order_of(store: Store, case: Case) -> Order | None:
    """The revision that QC judged; None before QC, and while the order is still on its way."""
    return _order(await store.fetch("orders", order_key(case.id, case.revision or 0)))


async def judged_order(unit: Unit, visit: str) -> Order | None:
    case = await unit.load(Case, visit)
    return _order(await unit.fetch("orders", order_key(visit, case.revision or 0)))


def _order(document: Mapping[str, Any] | None) -> Order | None:
    return Order.model_validate(document) if document else None


async def keep(unit: Unit, event: WorkOrderSigned) -> None:
    await _keep(unit, Order.signed(event))


async def keep_revised(unit: Unit, event: OrderRevised) -> None:
    """Revisions come in their order, each from reception, the signed order first."""
    before = _order(await unit.fetch("orders", order_key(event.visit, await newest_revision(unit, event.visit))))
    if before is None:
        raise NotYet(f"order:{event.visit}")
    await _keep(unit, before.revised(event))


async def _keep(unit: Unit, order: Order) -> None:
    await unit.put("orders", order_key(order.visit, order.revision), order.model_dump(mode="json"), subject=order.visit)
    await unit.put("orders", order.visit, {"newest": order.revision}, subject=order.visit)


async def newest_revision(unit: Unit, visit: str) -> int:
    """W8: the newest revision that reception announced, judged or not; 0 before the signature."""
    return int((await unit.fetch("orders", visit) or {}).get("newest", 0))


async def claims(store: Store, state: ClaimState | None, limit: int, after: str | None) -> list[Claim]:
    return await store.select(Claim, _CLAIMS[state] if state else {}, limit=limit, after=after)


async def documents_taken(unit: Unit, visit: str) -> tuple[str, ...]:
    """R7: the documents that reception took into custody at this visit."""
    return tuple((await unit.fetch("documents", visit) or {}).get("documents", ()))


async def keep_handed_in(unit: Unit, visit: str, things: Sequence[str]) -> None:
    """D1: what the workshop supervisor has of the car, since it was parked."""
    await unit.put("handed_in", visit, {"things": list(things)}, subject=visit)


async def handed_in(unit: Unit, visit: str) -> tuple[str, ...]:
    return tuple((await unit.fetch("handed_in", visit) or {}).get("things", ()))


async def keep_workshop_damage(unit: Unit, event: DamageReported | DamageDecided | DamageRepaired) -> None:
    kept = {each.damage: each for each in _damages(await unit.fetch("workshop_damages", event.visit))}
    damages = kept | {event.damage: WorkshopDamage.after(kept.get(event.damage), event)}
    document = {"damages": [each.model_dump(mode="json") for each in damages.values()]}
    await unit.put("workshop_damages", event.visit, document, subject=event.visit)


async def workshop_damages(store: Store, visit: str) -> list[WorkshopDamage]:
    """W6: what was damaged in the workshop, and what became of it."""
    return _damages(await store.fetch("workshop_damages", visit))


def _damages(document: Mapping[str, Any] | None) -> list[WorkshopDamage]:
    return [WorkshopDamage.model_validate(each) for each in (document or {"damages": ()})["damages"]]


async def keep_safety(unit: Unit, visit: str, found: Recommendation) -> None:
    """D6: what the workshop found to be unsafe. A final inspection names it; of a car that leaves without one only this says it."""
    known = {each.recommendation: each for each in (*await safety_found(unit, visit), found)}
    await unit.put("safety_found", visit, {"found": [each.model_dump(mode="json") for each in known.values()]}, subject=visit)


async def safety_found(unit: Unit, visit: str) -> tuple[Recommendation, ...]:
    return tuple(Recommendation.model_validate(each) for each in (await unit.fetch("safety_found", visit) or {}).get("found", ()))


async def keep_taken(unit: Unit, event: DocumentsTaken) -> None:
    documents = dict.fromkeys((*await documents_taken(unit, event.visit), *event.documents))
    await unit.put("documents", event.visit, {"documents": list(documents)}, subject=event.visit)


async def account_elsewhere(unit: Unit, case: Case) -> Decimal:
    """D5: what the customer owes on account for other visits, under whichever file of theirs (R7)."""
    accounts = [await unit.fetch("accounts", file) or {"visits": {}} for file in await merged_files.family(unit, case.customer)]
    elsewhere = [amount for account in accounts for visit, amount in account["visits"].items() if visit != case.id]
    return sum((Decimal(amount) for amount in elsewhere), start=Decimal(0))


async def keep_account(unit: Unit, case: Case) -> None:
    """Kept in the same transaction as what changes it: two visits of one customer cannot both take the rest of the limit."""
    visits = dict((await unit.fetch("accounts", case.customer) or {"visits": {}})["visits"])
    before, now = visits.pop(case.id, None), on_account(case)
    if now:
        visits[case.id] = str(now)
    if before != visits.get(case.id):
        # The gate of the file that theirs are read as: else two visits under two files of one person would not meet.
        surviving = await merged_files.surviving(unit, case.customer)
        await unit.put("accounts", case.customer, {"visits": visits}, subject=surviving)


async def open_till(unit: Unit) -> str:
    """Today's till, or tomorrow's where today's is closed already."""
    day = local_day(unit.now, unit.branch.site.zone)
    while (await unit.find(Till, till_id(day))).closed:
        day += timedelta(days=1)
    return till_id(day)


Paper = Literal["settlement", "supplement", "counter", "credit-note", "exit-pass"]
_LETTERS: Mapping[Paper, str] = {"settlement": "S", "supplement": "SU", "counter": "C", "credit-note": "CN", "exit-pass": "P"}


async def next_paper(unit: Unit, series: Paper) -> str:
    """`S-20260309-0001`: the first settlement statement of that local day."""
    day = local_day(unit.now, unit.branch.site.zone)
    number = await unit.next_number(f"{series}:{day}")
    return f"{_LETTERS[series]}-{day:%Y%m%d}-{number:04d}"
