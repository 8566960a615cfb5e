"""One customer's personal data at a site: all of them in one JSON document, or erased everywhere."""

import asyncio
import base64
import time
from collections.abc import Iterator
from typing import Any

import httpx

from servicelane.play.client import Answer, Desk
from shared.contracts.event import DEPARTMENTS

PATIENCE = 60.0
"""Seconds until every department has heard of an erasure."""


class CannotBeDone(RuntimeError):
    """The site refuses, or knows no such customer; the text says which clause."""


async def exported(desk: Desk, person: str, customer: str) -> dict[str, Any]:
    """Every department's records, states, texts and pictures of the customer and of each of the visits; the vehicles' files.

    Of a person of several files (R7) all of them, by whichever it is asked for.
    """
    files = await _files(desk, person, customer)
    by_id: dict[str, dict[str, Any]] = {id: await _of(desk, person, id) for id in files}
    for visit in sorted({visit for file in files for visit in _found(by_id[file], "visit")}):
        by_id[visit] = await _of(desk, person, visit)
    vehicles = sorted({vehicle for each in by_id.values() for vehicle in _found(each, "vehicle")})
    return {
        "customer": files[0],
        "merged": files[1:],
        "exported_at": (await desk.operate("GET", "/clock")).body["now"],
        "departments": {name: {id: each[name] for id, each in by_id.items()} for name in DEPARTMENTS},
        "vehicles": list({file["id"]: file for file in [await _vehicle(desk, person, vehicle) for vehicle in vehicles]}.values()),
        "pictures": {name: {sha: await _picture(desk, person, name, sha) for sha in _pictures(by_id, name)} for name in DEPARTMENTS},
    }


async def erase(desk: Desk, person: str, customer: str, reason: str) -> dict[str, Any]:
    """Reception erases and tells the others; done when none of them has anything left. The erasure as it is recorded."""
    answer = await desk.ask(person, "POST", "/reception/erasures", {"customer": customer, "reason": reason})
    if answer.status >= 300:
        raise CannotBeDone(_why(answer))
    erased: dict[str, Any] = answer.body
    until = time.monotonic() + PATIENCE
    while left := await _left(desk, person, erased):
        if time.monotonic() > until:
            raise CannotBeDone(f"{customer} is erased at reception; {', '.join(left)} will follow when they hear of it")
        await asyncio.sleep(0.2)
    return erased


async def _files(desk: Desk, person: str, customer: str) -> list[str]:
    """The person's files, the one first that the others are read as."""
    answer = await desk.ask(person, "GET", f"/reception/customers/{customer}")
    if answer.status == 404:
        raise CannotBeDone(f"{customer}: the site knows no such customer")
    if answer.status >= 300:
        raise CannotBeDone(_why(answer))
    return [answer.body["id"], *answer.body["merged"]]


async def _left(desk: Desk, person: str, erased: dict[str, Any]) -> list[str]:
    """The departments that still have something."""
    left = set()
    for id in (erased["id"], *erased["merged"], *erased["visits"]):
        for name, kept in (await _of(desk, person, id)).items():
            if kept["pictures"] or set(kept["records"]) - {erased["reason"]}:
                left.add(name)
    return sorted(left)


async def _of(desk: Desk, person: str, id: str) -> dict[str, Any]:
    answers = await asyncio.gather(*(desk.ask(person, "GET", f"/{name}/personal-data/{id}") for name in DEPARTMENTS))
    if refused := next((answer for answer in answers if answer.status >= 300), None):
        raise CannotBeDone(_why(refused))
    return {name: answer.body for name, answer in zip(DEPARTMENTS, answers, strict=True)}


def _found(of_id: dict[str, Any], what: str) -> Iterator[str]:
    """Ids of visits or vehicles that the states name; a visit's own state has its id."""
    for kept in of_id.values():
        for each in kept["states"]:
            named = each["state"].get(what) or (each["state"]["id"] if each["kind"] == what else None)
            if isinstance(named, str) and named:
                yield named


def _pictures(by_id: dict[str, dict[str, Any]], department: str) -> list[str]:
    return sorted({sha256 for each in by_id.values() for sha256 in each[department]["pictures"]})


async def _vehicle(desk: Desk, person: str, vehicle: str) -> Any:
    answer = await desk.ask(person, "GET", f"/reception/vehicles/{vehicle}")
    return answer.body if answer.status == 200 else {"id": vehicle, "vehicle": None}


async def _picture(desk: Desk, person: str, department: str, sha256: str) -> dict[str, str]:
    headers = {"Authorization": f"Bearer {await desk.token(person)}"}
    try:
        answer = (await desk.http.get(f"/{department}/pictures/{sha256}", headers=headers)).raise_for_status()
    except httpx.HTTPError as error:
        raise CannotBeDone(f"the picture {sha256} of {department} was not to be had: {error}; nothing was written") from error
    return {"media_type": answer.headers["content-type"], "base64": base64.b64encode(answer.content).decode()}


def _why(answer: Answer) -> str:
    said = answer.body if isinstance(answer.body, dict) else {}
    return f"{said.get('detail', answer.status)} {said.get('remedy', '')}".strip()
