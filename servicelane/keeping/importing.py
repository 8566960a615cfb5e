"""Sends the lines of an import through the departments' public APIs, each under a key of its own, so that it may be sent again.

A key is made of the file's content and the line's number: the same file again goes on where it broke off and does nothing twice; another
file, or the same one changed, is another import.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from servicelane.keeping.lines import CustomerLine, HistoryLine, Known, Line, PriceLine, StockLine, VehicleLine
from servicelane.keeping.reading import File, Said
from servicelane.play.client import Answer, Desk, Unexpected
from shared.branch import Site

AT_ONCE = 4
"""Lines under way at a time."""

Body = Mapping[str, Any]


@dataclass(frozen=True)
class Clerks:
    """Who imports: each kind by somebody whose role may."""

    files: str
    parts: str


@dataclass
class Imported:
    """`new` lines were carried out now, `there` had been before; `refused` says why not."""

    kind: str
    new: int = 0
    there: int = 0
    refused: list[Said] = field(default_factory=list)


async def known_to(desk: Desk, clerks: Clerks, site: Site) -> Known:
    """What the site at the other end knows; its day is that of its own time zone, wherever this runs."""
    operations, parts = [await _got(desk, clerks.files, f"/reception/catalogue/{what}") for what in ("operations", "parts")]
    now = (await desk.operate("GET", "/clock")).body["now"]
    return Known(
        country=site.site.country,
        today=datetime.fromisoformat(now).astimezone(site.zone).date(),
        operations=frozenset(each["operation"] for each in operations),
        parts=frozenset(each["part_no"] for each in parts),
    )


async def _got(desk: Desk, person: str, path: str) -> Any:
    answer = await desk.ask(person, "GET", path)
    if answer.status != 200:
        raise Unexpected(f"{person} may not read {path}: {answer.status}")
    return answer.body


async def check_at_site(desk: Desk, clerks: Clerks, files: Sequence[File]) -> None:
    """What only the site knows: a plate of another VIN, history of a car that neither it nor these files have. Changes nothing."""
    coming = {line.vin for file in files for line in file.lines.values() if isinstance(line, VehicleLine)}
    at_once = asyncio.Semaphore(AT_ONCE)

    async def check(file: File, number: int, line: VehicleLine | HistoryLine) -> None:
        asked = {"vin": line.vin} | ({"plate": line.plate} if isinstance(line, VehicleLine) and line.plate else {})
        async with at_once:
            found = await desk.ask(clerks.files, "GET", f"/reception/vehicle-lookup?{urlencode(asked)}")
        if found.status != 200:
            raise Unexpected(f"GET /reception/vehicle-lookup: {found.status}")
        known = found.body
        if known["plate_held_by"] not in (None, known["vehicle"]):
            file.bad.append(file.say(number, "plate", "belongs to another VIN in the site's files (R7)"))
        if isinstance(line, HistoryLine) and known["vehicle"] is None and line.vin not in coming:
            file.bad.append(file.say(number, "vin", "is no vehicle of the site, nor of these files"))

    lines = [(file, number, line) for file in files for number, line in file.lines.items() if isinstance(line, VehicleLine | HistoryLine)]
    await asyncio.gather(*(check(*each) for each in lines))
    for file in files:
        file.bad.sort(key=lambda said: said.number)
        bad = {said.number for said in file.bad}
        file.lines = {number: line for number, line in file.lines.items() if number not in bad}


async def send(desk: Desk, clerks: Clerks, file: File, progress: Callable[[], None]) -> Imported:
    """Every line; one that is refused stops no other."""
    imported = Imported(file.kind)
    waiting = iter(file.lines.items())

    async def work() -> None:
        for number, line in waiting:
            answer = await _send_line(desk, clerks, file, number, line)
            _count(imported, file, number, answer)
            progress()

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    imported.refused.sort(key=lambda said: said.number)
    return imported


def _count(imported: Imported, file: File, number: int, answer: Answer) -> None:
    if answer.status < 300:
        if answer.again:
            imported.there += 1
        else:
            imported.new += 1
    elif answer.status == 409 and str(answer.body.get("type", "")).endswith(":recorded-already"):
        imported.there += 1
    else:
        said = answer.body if isinstance(answer.body, dict) else {}
        where = ", ".join(said.get("missing", ())) or "line"
        imported.refused.append(file.say(number, where, f"{said.get('clause', '')} {said.get('title', answer.status)}".strip()))


async def _send_line(desk: Desk, clerks: Clerks, file: File, number: int, line: Line) -> Answer:
    key = f"import-{file.digest[:32]}-{number}"
    match line:
        case CustomerLine():
            return await desk.ask(clerks.files, "POST", "/reception/customers", _given(line), key=key)
        case VehicleLine():
            return await _send_vehicle(desk, clerks, line, key)
        case HistoryLine():
            return await desk.ask(clerks.files, "POST", "/reception/vehicle-history", _history(line), key=key)
        case PriceLine():
            return await desk.ask(clerks.files, "POST", f"/reception/prices/{line.part_no}", {"unit_price": str(line.unit_price)}, key=key)
        case StockLine(counted=None):
            receipt = {"quantity": line.received, "reference": line.reference}
            return await desk.ask(clerks.parts, "POST", f"/workshop/stock/{line.part_no}/receipts", receipt, key=key)
        case StockLine():
            count = {"counted": line.counted, "reason": f"import {file.path.name}"[:200]}
            return await desk.ask(clerks.parts, "POST", f"/workshop/stock/{line.part_no}/counts", count, key=key)
        case _:
            raise AssertionError(type(line))


async def _send_vehicle(desk: Desk, clerks: Clerks, line: VehicleLine, key: str) -> Answer:
    """The owner's file first: its id is what the vehicle's names."""
    body = _given(line, "owner_name", "owner_phone", "owned_since")
    if line.owner_name:
        owner = {"name": line.owner_name, "phone": line.owner_phone}
        filed = await desk.ask(clerks.files, "POST", "/reception/customers", owner, key=f"{key}-owner")
        if filed.status >= 300:
            return filed
        since = line.owned_since or line.registered_on
        body |= {"owned_by": filed.body["id"]} | ({"owned_since": since.isoformat()} if since else {})
    return await desk.ask(clerks.files, "POST", "/reception/vehicles", body, key=key)


def _history(line: HistoryLine) -> dict[str, Any]:
    body = _given(line, "date", "next_due_on", "next_due_km") | {"on": line.date.isoformat()}
    if line.next_due_on and line.next_due_km:
        body["next"] = {"due_on": line.next_due_on.isoformat(), "odometer_km": line.next_due_km}
    return body


def _given(line: Line, *but: str) -> dict[str, Any]:
    return line.model_dump(mode="json", exclude_none=True, exclude=set(but))
