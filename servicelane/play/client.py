"""A person of the branch at the departments' public APIs: signed in, patient while a service is away, sending nothing twice in effect."""

import asyncio
import time
import uuid
from collections.abc import Mapping
from typing import Any

import httpx

from servicelane.sign_in import no_token

TRY_AGAIN = frozenset({429, 502, 503, 504})


class Unexpected(RuntimeError):
    """A call that the procedure allows was not answered as it should be."""


class OtherSite(Unexpected):
    """The site at the address is not the branch's."""


class Answer:
    """What a department said: `status`, the JSON `body`, and the `correlation` under which it is in the journal, if anything is.

    `again`: it had been carried out before, under the same `Idempotency-Key`.
    """

    def __init__(self, response: httpx.Response, correlation: str) -> None:
        self.response = response
        self.status = response.status_code
        self.correlation = correlation
        self.again = response.headers.get("Idempotency-Replayed") == "true"
        self.body: Any = _said(response)

    @property
    def clause(self) -> str:
        return str(self.body.get("clause", "")) if isinstance(self.body, dict) else ""


def _said(response: httpx.Response) -> Any:
    """The JSON; of a refusal that is none, as proxies write them, the beginning of its text."""
    try:
        return response.json() if response.content else None
    except ValueError:
        if not response.is_success:
            return response.text[:300]
    kind = response.headers.get("content-type", "nothing")
    raise Unexpected(f"{response.url}: is not answered as by a site's entry, but with {kind}; does --at name one?")


class Desk:
    """The one entry address, for everybody of the branch. A service that is away is waited for, `patience` seconds at the most.

    Where a site has set a limit to calls in a minute, it is kept to, and that is not counted as waiting.
    """

    def __init__(
        self,
        url: str,
        *,
        patience: float = 120,
        tokens: Mapping[str, str | None] | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.http = httpx.AsyncClient(base_url=url, timeout=30, limits=httpx.Limits(max_connections=32), transport=transport)
        self._patience = patience
        self._given = tokens or {}
        self._tokens: dict[tuple[str, str | None], asyncio.Task[str]] = {}

    async def close(self) -> None:
        await self.http.aclose()

    async def token(self, person: str, site: str | None = None) -> str:
        """The one that was given, else the embedded issuer's; at a sister site, that site's person of the same id."""
        if given := self._given.get(person):
            return given
        if (person, site) not in self._tokens:
            self._tokens[person, site] = asyncio.create_task(self._sign_in(person, site))
        return await self._tokens[person, site]

    async def _sign_in(self, person: str, site: str | None) -> str:
        answer = await self._send("POST", "/issuer/token", {}, {"person": person} | ({"site": site} if site else {}))
        if answer.status != 200:
            raise Unexpected(no_token(person, answer.response))
        return str(answer.body["access_token"])

    async def operate(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        """A call to the stack itself (its clock, its flow), which asks for nobody's token."""
        return await self._send(method, path, {}, body)

    async def ask(
        self, person: str, method: str, path: str, body: Mapping[str, Any] | None = None, *, site: str | None = None, key: str | None = None
    ) -> Answer:
        """One call as `person`; a repeat after a lost answer carries the same `Idempotency-Key`."""
        correlation = str(uuid.uuid4())
        headers = {"Authorization": f"Bearer {await self.token(person, site)}", "X-Correlation-Id": correlation}
        if method != "GET":
            headers["Idempotency-Key"] = key or correlation
        return await self._send(method, path, headers, body)

    async def _send(self, method: str, path: str, headers: dict[str, str], body: Mapping[str, Any] | None) -> Answer:
        until = time.monotonic() + self._patience
        pause = 0.05
        while True:
            try:
                response = await self.http.request(method, path, headers=headers, json=body)
                if response.status_code == httpx.codes.TOO_MANY_REQUESTS and (wait := response.headers.get("Retry-After", "")).isdigit():
                    until += float(wait)
                    await asyncio.sleep(float(wait))
                    continue
                if response.status_code not in TRY_AGAIN or time.monotonic() > until:
                    return Answer(response, headers.get("X-Correlation-Id", ""))
            except httpx.TransportError as error:
                if time.monotonic() > until:
                    raise Unexpected(f"{method} {path}: not reached for {self._patience:.0f} s: {error!r}") from error
            await asyncio.sleep(pause)
            pause = min(pause * 2, 1)


async def must_be_site(desk: Desk, person: str, site: str) -> None:
    """Before anything is sent: another site has other people, prices and days. Raises `OtherSite`."""
    answer = await desk.ask(person, "GET", "/followup/settings")
    if answer.status != 200:
        raise Unexpected(f"{person} cannot read which site that is: {answer.status} {answer.body}")
    if (there := answer.body["site"]["id"]) != site:
        raise OtherSite(f"the site there is {there}, the branch's folder is {site}'s: name the folder with --branch; nothing was sent")


class Person:
    """One member of staff at work: `post` and `get` what must succeed, `attempt` what may be refused."""

    def __init__(self, desk: Desk, id: str) -> None:
        self.desk = desk
        self.id = id

    async def get(self, path: str) -> Any:
        return self._good(await self.desk.ask(self.id, "GET", path), "GET", path)

    async def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        return self._good(await self.desk.ask(self.id, "POST", path, body or {}), "POST", path)

    async def put(self, path: str, body: Mapping[str, Any]) -> Any:
        return self._good(await self.desk.ask(self.id, "PUT", path, body), "PUT", path)

    async def attempt(self, method: str, path: str, body: Mapping[str, Any] | None = None, *, site: str | None = None) -> Answer:
        return await self.desk.ask(self.id, method, path, body or {}, site=site)

    def _good(self, answer: Answer, method: str, path: str) -> Any:
        if answer.status >= 300:
            raise Unexpected(f"{self.id}: {method} {path}: {answer.status} {answer.body}")
        return answer.body
