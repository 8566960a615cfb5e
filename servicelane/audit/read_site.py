"""Reads a running site's journals through its entry address, as an auditor signed in there."""

from typing import Any

import httpx

from servicelane.audit.journals import Journals
from shared.contracts.envelope import Envelope
from shared.contracts.event import DEPARTMENTS

PAGE = 500


class SiteUnreadable(RuntimeError):
    """The journals cannot be had; the text says what was asked and what came."""


class NoSuchVisit(SiteUnreadable):
    """No journal of the site knows the visit."""


async def read_site(url: str, token: str) -> Journals:
    """All four journals with the positions of their readers. Entries that are not numbered yet are not there yet."""
    async with httpx.AsyncClient(base_url=url, timeout=60, headers={"Authorization": f"Bearer {token}"}) as http:
        envelopes: list[Envelope] = []
        for department in DEPARTMENTS:
            envelopes += await _journal(http, department)
        flow = await _get(http, "/flow", {})
    return Journals.of(
        envelopes,
        applied={reader: state["applied"] for reader, state in flow.items()},
        waiting={reader: state["waiting"] for reader, state in flow.items()},
        dead={reader: state["dead_letters"] for reader, state in flow.items()},
    )


async def _journal(http: httpx.AsyncClient, department: str) -> list[Envelope]:
    entries: list[Envelope] = []
    after: str | None = None
    while True:
        page = await _get(http, f"/{department}/journal", {"limit": PAGE} | ({"after": after} if after else {}))
        entries += [Envelope.model_validate(entry) for entry in page["items"]]
        after = page["next"]
        if not after:
            return entries


async def _get(http: httpx.AsyncClient, path: str, query: dict[str, Any]) -> Any:
    try:
        answer = await http.get(path, params=query)
    except httpx.TransportError as error:
        raise SiteUnreadable(f"{http.base_url}{path}: not reached: {error!r}") from error
    if answer.status_code != 200:
        raise SiteUnreadable(f"{http.base_url}{path}: {answer.status_code}: {answer.text[:300]}")
    return answer.json()
