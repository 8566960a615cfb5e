"""R9: what a vehicle's history proposes at its next visit, by vehicle: recommendations, what the customer declined, next maintenance."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from services.reception.consultation import FirstMaintenance
from services.reception.store import history_of_all
from services.reception.task import AdvisorTask, task_id
from services.reception.visit import Visit
from shared import merged_files
from shared.calendar import local_day
from shared.contracts.reception import VehicleHistoryRecorded
from shared.contracts.values import NextMaintenance, Recommendation
from shared.unit import Unit


async def vehicle_of(unit: Unit, visit: str) -> str:
    vehicle = (await unit.load(Visit, visit)).vehicle
    assert vehicle is not None
    return vehicle


async def remember_recommended(unit: Unit, vehicle: str, visit: str, recommended: Collection[Recommendation]) -> None:
    """W10: until the customer accepts them. An answer may have come before its recommendation: they are of two departments."""
    history = await _history(unit, vehicle)
    for each in recommended:
        row = _row(unit, visit, each.operation, safety=each.safety, answer=None)
        known = history["recommendations"].setdefault(f"{visit}:{each.recommendation}", row)
        known["safety"] = known["safety"] or each.safety
    await unit.put("history", vehicle, history, subject=vehicle)


async def remember_answer(unit: Unit, vehicle: str, visit: str, recommended: Recommendation, answer: str) -> None:
    history = await _history(unit, vehicle)
    row = _row(unit, visit, recommended.operation, safety=recommended.safety, answer=answer)
    history["recommendations"][f"{visit}:{recommended.recommendation}"] = row
    await unit.put("history", vehicle, history, subject=vehicle)


async def remember_declined(
    unit: Unit,
    vehicle: str,
    visit: str,
    declined: Mapping[str, str],
    *,
    forget: Collection[str] = (),
    answer: str = "declines",
    safety: Collection[str] = (),
) -> None:
    """W8: operations by the item that they were to be; `forget` are items that the customer has accepted since.

    What was found has one id, whether it is declined here or recommended by the workshop: it stays safety-related, as the advisor's task
    or `safety` says.
    """
    history = await _history(unit, vehicle)
    for item in forget:
        history["recommendations"].pop(f"{visit}:{item}", None)
    for item, operation in declined.items():
        known = history["recommendations"].get(f"{visit}:{item}", {}).get("safety", False)
        found_so = item in safety or (await unit.find(AdvisorTask, task_id(visit, item))).safety
        history["recommendations"][f"{visit}:{item}"] = _row(unit, visit, operation, safety=known or found_so, answer=answer)
    await unit.put("history", vehicle, history, subject=vehicle)


async def remember_done(
    unit: Unit, vehicle: str, visit: str, done: Mapping[str, datetime], due: NextMaintenance | None, *, first_maintenance: bool = False
) -> None:
    """What was recommended earlier and done now is no longer proposed; the next maintenance is. `done`: operations, each with the moment
    at which the customer agreed to it. `first_maintenance`: the free one was among them.
    """
    history = await _history(unit, vehicle)
    history["recommendations"] = {key: each for key, each in history["recommendations"].items() if not _done(each, visit, done)}
    history["done"] = {**history.get("done", {}), **dict.fromkeys(sorted(done), unit.now.isoformat())}
    if due:
        history |= {"next": due.model_dump(mode="json"), "next_at": unit.now.isoformat()}
    if first_maintenance:
        _had_first(history, FirstMaintenance(on=local_day(unit.now, unit.branch.site.zone), visit=visit))
    await unit.put("history", vehicle, history, subject=vehicle)


def _done(row: Mapping[str, Any], visit: str, done: Mapping[str, datetime]) -> bool:
    """At this visit: what the customer said no to before agreeing after all (EDGE_CASES 4); what is recommended later is to come."""
    if (agreed_at := done.get(row["operation"])) is None:
        return False
    return row["visit"] != visit or (row["answer"] is not None and datetime.fromisoformat(row["at"]) <= agreed_at)


async def remember_past(unit: Unit, past: VehicleHistoryRecorded, *, newest: bool) -> None:
    """R9: from the branch's old records; odometer and next maintenance where nothing newer says otherwise."""
    history = await _history(unit, past.vehicle)
    for operation in past.recommended:
        row = {"operation": operation, "safety": False, "answer": None, "visit": past.record, "at": past.on.isoformat()}
        history["recommendations"].setdefault(f"{past.record}:{operation}", row)
    if any(unit.branch.operations[operation].kind == "first_maintenance" for operation in past.operations):
        _had_first(history, FirstMaintenance(on=past.on, visit=past.record))
    if newest and past.odometer_km is not None:
        history |= {"odometer_km": past.odometer_km, "odometer_at": past.on.isoformat()}
    if newest and past.next:
        history |= {"next": past.next.model_dump(mode="json"), "next_at": past.on.isoformat()}
    await unit.put("history", past.vehicle, history, subject=past.vehicle)


def _had_first(history: dict[str, Any], had: FirstMaintenance) -> None:
    """The earliest stays."""
    known = history.get("first_maintenance")
    if known is None or had.on.isoformat() < known["on"]:
        history["first_maintenance"] = had.model_dump(mode="json")


async def first_maintenance(unit: Unit, vehicle: str | None) -> FirstMaintenance | None:
    """R4: as the vehicle had it at a visit that is over, under whichever of its files."""
    files = [await _history(unit, file) for file in await merged_files.family(unit, vehicle)] if vehicle else []
    had = history_of_all(files)["first_maintenance"]
    return FirstMaintenance.model_validate(had) if had else None


async def last_odometer(unit: Unit, vehicle: str) -> int | None:
    """R2: of its last visit, as it was corrected since."""
    files = [await _history(unit, file) for file in await merged_files.family(unit, vehicle)]
    last = history_of_all(files)["odometer_km"]
    return None if last is None else int(last)


async def remember_odometer(unit: Unit, visit: Visit) -> None:
    if visit.vehicle and (reading := visit.odometer_km) is not None:
        read_at = visit.checked_in_at or unit.now
        history = await _history(unit, visit.vehicle) | {"odometer_km": reading, "odometer_at": read_at.isoformat()}
        await unit.put("history", visit.vehicle, history, subject=visit.vehicle)


def _row(unit: Unit, visit: str, operation: str, *, safety: bool, answer: str | None) -> dict[str, Any]:
    return {"operation": operation, "safety": safety, "answer": answer, "visit": visit, "at": unit.now.isoformat()}


async def _history(unit: Unit, vehicle: str) -> dict[str, Any]:
    return await unit.fetch("history", vehicle) or {"recommendations": {}, "next": None}
