"""Reads a running site's journals through its entry address, as an auditor signed in there."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import httpx

from servicelane.audit.journals import Journals
from servicelane.flow import Flow, unsettled
from shared.contracts.envelope import Envelope

T = TypeVar("T")

PAGE = 500
STILL, BUSY = 5.0, 60.0
"""Seconds after which a site that stands still, or that goes on and on, is read as it is."""
BETWEEN_LOOKS = 0.05


class SiteUnreadable(RuntimeError):
    """The journals cannot be had; the text says what was asked and what came."""


class NoSuchVisit(SiteUnreadable):
    """No journal of the site knows the visit."""


async def read_site(url: str, token: str) -> Journals:
    """All four journals with the positions of their readers; of a site at work, up to a moment at which nothing was under way."""
    async with httpx.AsyncClient(base_url=url, timeout=60, headers={"Authorization": f"Bearer {token}"}) as http:
        return await read(http)


async def read(http: httpx.AsyncClient, *, still: float = STILL, busy: float = BUSY) -> Journals:
    """`still` and `busy` as `STILL` and `BUSY`."""
    flow = await _at_rest(http, still, busy)
    envelopes: list[Envelope] = []
    for department, state in flow.items():
        envelopes += [envelope for envelope in await _journal(http, department) if _is_in(envelope, state)]
    return Journals.of(
        envelopes,
        applied={reader: state["applied"] for reader, state in flow.items()},
        waiting={reader: state["waiting"] for reader, state in flow.items()},
        dead={reader: state["dead_letters"] for reader, state in flow.items()},
        under_way=tuple(unsettled(flow)),
    )


async def _at_rest(http: httpx.AsyncClient, still: float, busy: float) -> Flow:
    """The second of two looks that are the same and show nothing under way.

    One is not enough: a look asks one department after the other, so that an effect could be in it and its cause not. What
    changed nothing in any department from one look to the next was over before.
    """
    began = moved = time.monotonic()
    before: Flow = {}
    flow: Flow
    while (flow := await _get(http, "/flow", {}, _flow)) != before or unsettled(flow):
        now = time.monotonic()
        moved = now if flow != before else moved
        if now - moved > still or now - began > busy:
            break
        before = flow
        await asyncio.sleep(BETWEEN_LOOKS)
    return flow


def _is_in(envelope: Envelope, state: Mapping[str, Any]) -> bool:
    """Whether it had been numbered at that look."""
    newest: int = state["newest"].get(str(envelope.partition), 0)
    return envelope.epoch < state["epoch"] or envelope.seq <= newest


async def _journal(http: httpx.AsyncClient, department: str) -> list[Envelope]:
    entries: list[Envelope] = []
    after: str | None = None
    while True:
        page, after = await _get(http, f"/{department}/journal", {"limit": PAGE} | ({"after": after} if after else {}), _page)
        entries += page
        if not after:
            return entries


def _page(body: Any) -> tuple[list[Envelope], str | None]:
    return [Envelope.model_validate(entry) for entry in body["items"]], body["next"]


def _flow(body: Any) -> Flow:
    """Of all departments, each with what it says of itself."""
    return {name: {**body[name]} for name in body}


async def _get(http: httpx.AsyncClient, path: str, query: dict[str, Any], read: Callable[[Any], T]) -> T:
    try:
        answer = await http.get(path, params=query)
    except httpx.TransportError as error:
        raise SiteUnreadable(f"{http.base_url}{path}: not reached: {error!r}") from error
    if answer.status_code != 200:
        raise SiteUnreadable(f"{http.base_url}{path}: {answer.status_code}: {answer.text[:300]}")
    return as_told(answer, read)


def as_told(answer: httpx.Response, read: Callable[[Any], T]) -> T:
    """What is read out of the answer. Raises `SiteUnreadable` where it is not what a site says: a page of something else, perhaps."""
    try:
        return read(answer.json())
    except (ValueError, KeyError, TypeError) as error:
        kind = answer.headers.get("content-type", "nothing")
        raise SiteUnreadable(f"{answer.url}: is not answered as by a site's entry, but with {kind}; does --at name one?") from error
