"""The toy department served in process, and people who sign in to it."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from deploy.local.issuer import AUDIENCE, ISSUER, Issuer
from shared import clock
from shared.auth import SigningKeys, TokenVerifier
from shared.branch import Branch
from shared.store import Store
from shared.web import create_app
from tests.web.toy import TOY

MORNING = datetime(2026, 3, 9, 1, 0, tzinfo=UTC)

SUPERVISOR, TECHNICIAN, ADVISOR, ANALYST = "supervisor-1", "tech-1", "advisor-1", "group-1"


@pytest.fixture
def clock_file(tmp_path: Path) -> Path:
    clock.start(tmp_path / "clock", MORNING)
    return tmp_path / "clock"


@pytest.fixture
def issuer(tmp_path: Path, branch: Branch) -> Issuer:
    return Issuer(tmp_path / "issuer", branch)


@pytest.fixture
async def store(mongo_url: str, branch: Branch, clock_file: Path) -> AsyncIterator[Store]:
    store = await Store.open(mongo_url, TOY, branch, clock.FileClock(clock_file), group_key="test")
    yield store
    store.close()


@pytest.fixture
def verifier(issuer: Issuer) -> TokenVerifier:
    return TokenVerifier(SigningKeys(str(issuer.jwks)), issuer=ISSUER, audience=AUDIENCE)


class Toy:
    """The toy department and everybody's tokens. `person` None is somebody without one."""

    def __init__(self, app: FastAPI, http: httpx.AsyncClient, issuer: Issuer, store: Store) -> None:
        self.app = app
        self.http = http
        self.issuer = issuer
        self.store = store

    async def ask(
        self, person: str | None, method: str, path: str, *, headers: Mapping[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        signed = {"Authorization": f"Bearer {self.issuer.token(person)}"} if person else {}
        return await self.http.request(method, path, headers={**signed, **(headers or {})}, **more)

    async def post(self, person: str | None, path: str, body: Any = None, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.ask(person, "POST", path, headers=named, json=body)

    async def get(self, person: str | None, path: str, **headers: str) -> httpx.Response:
        return await self.ask(person, "GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    async def entries(self) -> int:
        return await self.store.collection("journal").count_documents({})


@pytest.fixture
async def toy(store: Store, verifier: TokenVerifier, issuer: Issuer) -> AsyncIterator[Toy]:
    app = create_app(TOY, store, verifier=verifier, body_limit=2000)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://toy") as client:
        yield Toy(app, client, issuer, store)


@pytest.fixture
async def lamp(toy: Toy) -> str:
    """The id of a lamp that is installed and dark."""
    answer = await toy.post(SUPERVISOR, "/lamps/lamp-1")
    assert answer.status_code == 200
    return "lamp-1"
