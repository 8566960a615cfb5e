"""The people of the branch at a stack's entry, in tests: one call each, and nothing hidden of the answer."""

import secrets
from types import TracebackType
from typing import Any, Self

import httpx

from servicelane.flow import unsettled
from shared.contracts.event import DEPARTMENTS
from tests.waiting_for import until


def someone() -> dict[str, Any]:
    """A customer with a car that was never here before."""
    number = secrets.randbelow(1_000_000)
    vehicle = {"vin": f"LFPH3APC2RC{number:06}", "engine_no": f"CA4GC{number:06}", "model": "红旗 H5 1.8T", "owner": "李丽"}
    return {"customer": {"name": "李丽", "phone": f"+86186{secrets.randbelow(10**8):08}"}, "vehicle": vehicle}


class People:
    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx.AsyncClient(base_url=url, timeout=30, trust_env=False)
        self._tokens: dict[tuple[str, str | None], str] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        await self._http.aclose()

    async def token(self, person: str, site: str | None = None) -> str:
        if (person, site) not in self._tokens:
            asked = {"person": person} | ({"site": site} if site else {})
            answer = (await self._http.post("/issuer/token", json=asked)).raise_for_status()
            self._tokens[person, site] = answer.json()["access_token"]
        return self._tokens[person, site]

    async def ask(
        self, person: str, method: str, path: str, body: object = None, *, site: str | None = None, token: str | None = None, **headers: str
    ) -> httpx.Response:
        """`token` is sent in place of the person's own; empty: none. `If_Match="…"` is the header `If-Match`."""
        token = await self.token(person, site) if token is None else token
        sent = {name.replace("_", "-"): value for name, value in headers.items()} | ({"Authorization": f"Bearer {token}"} if token else {})
        return await self._http.request(method, path, json=body, headers=sent)

    async def arrival(self) -> dict[str, Any]:
        """A visit that has just begun: R1."""
        visit: dict[str, Any] = (await self.ask("greeter-1", "POST", "/reception/arrivals", someone())).raise_for_status().json()
        return visit

    async def recorded(self) -> int:
        """How many entries all journals have, when nothing is under way."""
        await until(self._at_rest, deadline=60, what="rest")
        return sum([await self._length(department) for department in DEPARTMENTS])

    async def _at_rest(self) -> bool:
        answer = await self._http.get("/flow")
        return answer.status_code == 200 and not unsettled(answer.json())

    async def _length(self, department: str) -> int:
        length, after = 0, ""
        while True:
            page = (await self.ask("group-1", "GET", f"/{department}/journal?limit=1000{after}")).raise_for_status().json()
            length += len(page["items"])
            if page["next"] is None:
                return length
            after = f"&after={page['next']}"
