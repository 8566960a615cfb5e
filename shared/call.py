"""One call: who may give it, and what it writes in one transaction. Departments take all of this from `shared.web`."""

import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Generic, TypeVar

from fastapi import Depends, Request, Response, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict, Field

from shared.aggregate import Aggregate
from shared.auth import Person, Verifier, check_may
from shared.branch import ROLES, Branch
from shared.contracts.event import Event
from shared.refusal import Malformed
from shared.store import Once, Store
from shared.unit import Unit

A = TypeVar("A", bound=Aggregate)
T = TypeVar("T")

Roles = Mapping[str, Sequence[str]]
"""Command or query → the roles that may give it."""

CHANGES_NOTHING = frozenset({"GET", "HEAD", "OPTIONS"})

_bearer = HTTPBearer(auto_error=False, scheme_name="token", description="A signed token (JWT): person, sites, roles.")


class Body(BaseModel):
    """What comes in: fields that are not known are refused, spaces around text are dropped."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Page(BaseModel, Generic[T]):
    """`next` goes into `after` of the next call; null at the end."""

    items: list[T]
    next: str | None = Field(default=None, examples=[None])


class Call:
    """What a route works with: the person, business time, the branch, and the department's store.

    A command that came with an `Idempotency-Key` and was carried out before answers as it did then, without an event.
    """

    def __init__(self, request: Request, response: Response, person: Person, store: Store, body: bytes) -> None:
        self.person = person
        self.store = store
        self.correlation: str = request.state.correlation
        self._response = response
        self._expected = expected_version(request.headers.get("If-Match"))
        self._key = None if request.method in CHANGES_NOTHING else idempotency_key(request.headers.get("Idempotency-Key"))
        self._body_hash = _hash(request.method, request.url.path, request.url.query, body) if self._key else ""
        self._transactions = 0

    @property
    def now(self) -> datetime:
        """Business time, UTC."""
        return self.store.clock.now()

    @property
    def branch(self) -> Branch:
        return self.store.branch

    async def get(self, kind: type[A], id: str) -> A:
        return self._tagged(await self.store.get(kind, id))

    async def update(self, kind: type[A], id: str, decide: Callable[[A], Sequence[Event]]) -> A:
        """One aggregate decides; its new state. `NotFound` where there is none."""
        return await self.do(lambda unit: unit.update(kind, id, decide), kind)

    async def create(self, kind: type[A], id: str, decide: Callable[[A], Sequence[Event]]) -> A:
        """As `update`, for one that may not be there yet."""
        return await self.do(lambda unit: unit.create(kind, id, decide), kind)

    async def do(self, work: Callable[[Unit], Awaitable[T]], answer: type[T]) -> T:
        """All that `work` decides, in one transaction; it may run more than once. `answer` is the type of what it returns."""
        once, expected = self._next_transaction(answer)
        made: object = None

        async def watched(unit: Unit) -> T:
            nonlocal made
            made = done = await work(unit)
            return done

        given = await self.store.transact(watched, actor=self.person.id, correlation=self.correlation, once=once, expected=expected)
        if once and given is not made:
            self._response.headers["Idempotency-Replayed"] = "true"
        return self._tagged(given)

    def _next_transaction(self, answer: Any) -> tuple[Once | None, int | None]:
        self._transactions += 1
        if self._transactions == 1:
            return self._once(self._key, answer), self._expected
        return self._once(f"{self._key}#{self._transactions}", answer), None

    def _once(self, key: str | None, answer: Any) -> Once | None:
        return Once(key, self.person.id, self._body_hash, answer) if self._key and key else None

    def _tagged(self, answer: T) -> T:
        if isinstance(answer, Aggregate):
            self._response.headers["ETag"] = f'"{answer.version}"'
        return answer


def table(may: Roles) -> Callable[[str], Any]:
    """Of a table of who may, the dependency for each name: it gives a `Call`, or 401, or 403 that names who may."""
    for name, roles in may.items():
        if not_known := set(roles) - set(ROLES):
            raise ValueError(f"{name}: no such role: {', '.join(sorted(not_known))}")

    def allowed(name: str) -> Any:
        return Depends(Entrance(name, may[name]))

    return allowed


class Entrance:
    """The doorkeeper of one command: it gives the `Call`."""

    def __init__(self, name: str, roles: Sequence[str]) -> None:
        self._name = name
        self._roles = tuple(roles)

    async def __call__(
        self, request: Request, response: Response, credentials: HTTPAuthorizationCredentials | None = Security(_bearer)
    ) -> Call:
        person = await self._admitted(request, credentials)
        return Call(request, response, person, request.app.state.store, await request.body())

    async def admit(self, request: Request) -> Person:
        """Who calls, or 401, or 403 that names who may."""
        return await self._admitted(request, await _bearer(request))

    async def _admitted(self, request: Request, credentials: HTTPAuthorizationCredentials | None) -> Person:
        store: Store = request.app.state.store
        verifier: Verifier = request.app.state.verifier
        person = as_administered(await verifier.person(credentials.credentials if credentials else None), store.branch)
        await request.app.state.rates.count_person(person.id)
        may = store.site.may.get(f"{store.name}.{self._name}", self._roles)
        check_may(person, may, site=store.site.id, changes=request.method not in CHANGES_NOTHING)
        return person


def as_administered(person: Person, branch: Branch) -> Person:
    """With the roles that the business supervisor gave; none for who left. A token is older than what was changed since.

    A second account has its own roles, and acts as the person whose it is.
    """
    id = branch.person_of(person.id)
    roles = person.roles
    if person.id in branch.administered:
        member = branch.staff.get(person.id)
        roles = member.roles if member else ()
    left = id in branch.administered and id not in branch.staff
    return replace(person, id=id, roles=() if left else roles)


def expected_version(if_match: str | None) -> int | None:
    """`"3"` or `W/"3"` → 3; None where nothing certain is expected."""
    if if_match is None or if_match.strip() == "*":
        return None
    tag = re.fullmatch(r'(?:W/)?"(\d{1,15})"', if_match.strip())
    if tag is None:
        raise Malformed(missing=("If-Match",), expected='one ETag, such as "3"')
    return int(tag[1])


def idempotency_key(key: str | None) -> str | None:
    if key is not None and not re.fullmatch(r"[\x21-\x7e]{1,200}", key):
        raise Malformed(missing=("Idempotency-Key",), expected="1 to 200 visible ASCII characters")
    return key


def _hash(method: str, path: str, query: str, body: bytes) -> str:
    return hashlib.sha256(b"\0".join((method.encode(), path.encode(), query.encode(), body))).hexdigest()
