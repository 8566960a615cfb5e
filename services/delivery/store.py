"""What delivery asks of its own database: cases by stage, the till, a pass by its number, and what it keeps of others."""

from collections.abc import Mapping
from typing import Any, Literal

from services.delivery.case import Case
from services.delivery.exit_pass import GatePass
from services.delivery.order import Order, order_key
from services.delivery.payment import Due
from shared.calendar import local_day
from shared.contracts.reception import DocumentsTaken, WorkOrderSigned
from shared.department import Index
from shared.refusal import NotFound
from shared.store import Store
from shared.unit import Unit

READ_MODELS = ("orders", "documents")

INDEXES: Mapping[str, tuple[Index, ...]] = {
    "cases": (Index((("exit_pass.number", 1),)), Index((("left", 1), ("spot", 1)))),
}

Stage = Literal["announced", "opened", "ready", "checked", "called", "settled", "released", "delivered"]

_THERE: Mapping[str, Any] = {"$ne": None}

_STAGES: Mapping[Stage, Mapping[str, Any]] = {
    "announced": {"revision": None},
    "opened": {"revision": _THERE, "spot": None},
    "ready": {"spot": _THERE, "internal_check": None},
    "checked": {"internal_check": _THERE, "called": None},
    "called": {"called": _THERE, "settlement": None},
    "settled": {"settlement": _THERE, "exit_pass": None},
    "released": {"exit_pass": _THERE, "left": False},
    "delivered": {"left": True},
}


async def cases_at(store: Store, stage: Stage | None, limit: int, after: str | None) -> list[Case]:
    return await store.select(Case, _STAGES[stage] if stage else {}, limit=limit, after=after)


async def till(store: Store, limit: int, after: str | None) -> list[Due]:
    return [Due.of(case) for case in await cases_at(store, "settled", limit, after)]


async def pass_of(store: Store, number: str) -> GatePass:
    for case in await store.select(Case, {"exit_pass.number": number}, limit=1):
        vehicle = await store.record(f"vehicle:{case.vehicle}") or {}
        return GatePass.of(case).model_copy(update={"plate": vehicle.get("plate")})
    raise NotFound(missing=("exit_pass",), number=number)


async def order_of(store: Store, case: Case) -> Order | None:
    """The revision that QC judged; None before QC, and while the order is still on its way."""
    return _order(await store.fetch("orders", order_key(case.id, case.revision or 0)))


async def judged_order(unit: Unit, visit: str) -> Order | None:
    case = await unit.load(Case, visit)
    return _order(await unit.fetch("orders", order_key(visit, case.revision or 0)))


def _order(document: Mapping[str, Any] | None) -> Order | None:
    return Order.model_validate(document) if document else None


async def keep(unit: Unit, event: WorkOrderSigned) -> None:
    order = Order.signed(event)
    await unit.put("orders", order_key(order.visit, order.revision), order.model_dump(mode="json"), subject=order.visit)


async def documents_taken(unit: Unit, visit: str) -> tuple[str, ...]:
    """R7: the documents that reception took into custody at this visit."""
    return tuple((await unit.fetch("documents", visit) or {}).get("documents", ()))


async def keep_taken(unit: Unit, event: DocumentsTaken) -> None:
    documents = dict.fromkeys((*await documents_taken(unit, event.visit), *event.documents))
    await unit.put("documents", event.visit, {"documents": list(documents)}, subject=event.visit)


async def next_paper(unit: Unit, series: Literal["settlement", "exit-pass"]) -> str:
    """`S-20260309-0001`: the first settlement statement of that local day; exit passes have a P."""
    day = local_day(unit.now, unit.branch.site.zone)
    number = await unit.next_number(f"{series}:{day}")
    return f"{'S' if series == 'settlement' else 'P'}-{day:%Y%m%d}-{number:04d}"
