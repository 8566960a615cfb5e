"""What comes too often, too large or too slowly is refused in words, and what every answer tells a browser."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.types import Message

from deploy.local.gateway import create_gateway
from deploy.local.issuer import Issuer
from shared.auth import TokenVerifier
from shared.doors import HEADERS_LIMIT, Doors
from shared.rates import Rates
from shared.store import Store
from shared.web import create_app
from tests.web.conftest import ADVISOR, SUPERVISOR, TECHNICIAN, Toy
from tests.web.test_gateway import echo
from tests.web.toy import TOY


@pytest.fixture
async def strict(store: Store, verifier: TokenVerifier, issuer: Issuer) -> AsyncIterator[Toy]:
    """The toy department where a person may ask three times a minute, and an address six."""
    app = create_app(TOY, store, verifier=verifier, rates=Rates(per_person=3, per_address=6))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app, client=("10.0.0.1", 1)), base_url="http://toy") as client:
        yield Toy(app, client, issuer, store)


async def test_a_person_who_asks_too_often_is_told_to_wait_in_their_language_and_changes_nothing(strict: Toy) -> None:
    for number in range(3):
        assert (await strict.post(SUPERVISOR, f"/lamps/lamp-{number}")).status_code == 200
    before = await strict.entries()
    refused = await strict.post(SUPERVISOR, "/lamps/lamp-9", Accept_Language="zh-CN")
    assert refused.status_code == 429
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert 1 <= int(refused.headers["Retry-After"]) <= 61
    assert refused.json()["title"] == "一分钟内请求过多。"
    assert refused.json()["facts"]["per"] == "person"
    assert await strict.entries() == before


async def test_another_person_may_go_on(strict: Toy) -> None:
    for _ in range(4):
        last = await strict.get(SUPERVISOR, "/lamps/lamp-1")
    assert last.status_code == 429
    assert (await strict.get(TECHNICIAN, "/lamps/lamp-1")).status_code == 404


async def test_an_address_is_counted_also_without_a_token_and_health_is_not(strict: Toy) -> None:
    answers = [(await strict.get(None, "/lamps/lamp-1")).status_code for _ in range(7)]
    assert answers == [401] * 6 + [429]
    assert (await strict.get(None, "/health/live")).status_code == 200
    assert (await strict.get(None, "/metrics")).status_code == 200


async def test_no_limit_is_no_limit(store: Store, verifier: TokenVerifier, issuer: Issuer) -> None:
    app = create_app(TOY, store, verifier=verifier, rates=Rates(0, 0))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://toy") as client:
        toy = Toy(app, client, issuer, store)
        assert {(await toy.get(ADVISOR, "/lamps/lamp-1")).status_code for _ in range(10)} == {403}


async def test_the_entry_counts_an_address_and_tells_the_departments_whose_it_is() -> None:
    gateway = create_gateway({"workshop": "http://workshop"}, rate_address=2, transport=httpx.ASGITransport(echo()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(gateway, client=("10.0.0.7", 1)), base_url="http://entry") as client:
        forged = {"X-Forwarded-For": "10.9.9.9", "X-Forwarded-Proto": "https", "Forwarded": "for=10.9.9.9"}
        answers = [await client.get("/workshop/jobs", headers=forged) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    heard = answers[0].json()["headers"]
    assert (heard["x-forwarded-for"], heard["x-forwarded-proto"]) == ("10.0.0.7", "http")
    assert "forwarded" not in heard


async def test_headers_that_are_too_large_are_431(toy: Toy) -> None:
    answer = await toy.get(SUPERVISOR, "/lamps/lamp-1", X_Much="x" * HEADERS_LIMIT)
    assert (answer.status_code, answer.headers["Content-Type"]) == (431, "application/problem+json")


async def test_a_body_that_does_not_come_in_time_is_408() -> None:
    said: list[Message] = []

    async def nothing_comes() -> Message:
        await asyncio.Event().wait()
        return {}

    async def send(message: Message) -> None:
        said.append(message)

    async def never(*_: object) -> None:
        raise AssertionError("it was passed on")

    scope = {"type": "http", "method": "POST", "path": "/lamps/lamp-1", "headers": [], "client": ("10.0.0.1", 1)}
    await Doors(never, body_seconds=0.01)(scope, nothing_comes, send)
    assert said[0]["status"] == 408


@pytest.mark.parametrize("path", ["/lamps/lamp-1", "/health/live", "/openapi.json", "/none"])
async def test_every_answer_says_that_nothing_is_to_be_trusted_framed_or_kept(toy: Toy, path: str) -> None:
    headers = (await toy.get(SUPERVISOR, path)).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in headers


async def test_behind_tls_the_browser_is_told_to_stay_with_it(toy: Toy) -> None:
    answer = await toy.http.get("https://toy/health/live")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
