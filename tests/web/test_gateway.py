"""The one entry address of an embedded stack."""

import stat
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import jwt
import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse

from deploy.local.gateway import create_gateway
from deploy.local.issuer import AUDIENCE, ISSUER, Issuer
from tests.web.conftest import MORNING, SUPERVISOR, Toy

PROBLEM = "application/problem+json"


def echo() -> FastAPI:
    """An upstream that says what it was asked."""
    app = FastAPI(openapi_url=None, docs_url=None)

    @app.get("/health/flow")
    async def flow() -> dict[str, int]:
        return {"unnumbered": 0}

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        return StreamingResponse((chunk for chunk in (b"a", b"b")), headers={"Connection": "x-hop", "X-Hop": "1", "X-End": "2"})

    @app.api_route("/{path:path}", methods=["GET", "POST", "PUT", "DELETE"])
    async def everything(request: Request, response: Response) -> dict[str, Any]:
        response.headers["ETag"] = '"3"'
        raw = request.scope["raw_path"].decode()
        asked = {"method": request.method, "path": raw, "query": request.url.query, "body": (await request.body()).decode()}
        return asked | {"headers": dict(request.headers)}

    return app


class Upstreams(httpx.AsyncBaseTransport):
    """Departments by host name, in process; `away` does not answer."""

    def __init__(self, apps: dict[str, Any]) -> None:
        self._apps = {host: httpx.ASGITransport(app) for host, app in apps.items()}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host not in self._apps:
            raise httpx.ConnectError("refused")
        return await self._apps[request.url.host].handle_async_request(request)


def client_of(gateway: FastAPI, address: str = "127.0.0.1") -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(gateway, client=(address, 1)), base_url="http://entry")


@pytest.fixture
async def entry(issuer: Issuer, clock_file: Path, toy: Toy) -> AsyncIterator[httpx.AsyncClient]:
    upstreams = {"reception": "http://echo", "workshop": "http://toy", "delivery": "http://echo", "followup": "http://away"}
    transport = Upstreams({"echo": echo(), "toy": toy.app})
    zone = ZoneInfo("Asia/Shanghai")
    gateway = create_gateway(upstreams, site="BJ01", zone=zone, issuer=issuer, clock_file=clock_file, transport=transport)
    async with client_of(gateway) as client:
        yield client


async def test_a_call_goes_to_the_department_of_its_prefix_as_it_came(entry: httpx.AsyncClient) -> None:
    headers = {"Authorization": "Bearer x", "Idempotency-Key": "k", "If-Match": '"3"', "Connection": "x-hop", "X-Hop": "1"}
    answer = await entry.post("/reception/visits/a%2Fb?day=1&day=2", content=b'{"a": 1}', headers=headers)
    asked = answer.json()
    assert (asked["method"], asked["path"], asked["query"], asked["body"]) == ("POST", "/visits/a%2Fb", "day=1&day=2", '{"a": 1}')
    assert {asked["headers"][name] for name in ("authorization", "idempotency-key", "if-match")} == {"Bearer x", "k", '"3"'}
    assert asked["headers"]["x-correlation-id"] == answer.headers["X-Correlation-Id"]
    assert "x-hop" not in asked["headers"]
    assert answer.headers["ETag"] == '"3"'


async def test_an_answer_is_streamed_without_the_headers_of_its_hop(entry: httpx.AsyncClient) -> None:
    answer = await entry.get("/delivery/stream")
    assert (answer.text, answer.headers["X-End"]) == ("ab", "2")
    assert "X-Hop" not in answer.headers


async def test_a_department_that_is_away_is_503_with_retry_after(entry: httpx.AsyncClient) -> None:
    answer = await entry.get("/followup/duties", headers={"Accept-Language": "zh-CN", "X-Correlation-Id": "corr-9"})
    assert (answer.status_code, answer.headers["Retry-After"], answer.headers["Content-Type"]) == (503, "1", PROBLEM)
    assert answer.json()["facts"] == {"department": "followup"}
    assert answer.json()["correlation"] == "corr-9"


@pytest.mark.parametrize("path", ["/sales/visits", "/nothing", "/../reception/x"])
async def test_an_unknown_department_is_404(entry: httpx.AsyncClient, path: str) -> None:
    answer = await entry.get(path)
    assert answer.status_code == (404 if "reception" not in path else 200)


async def test_a_person_signs_in_and_calls_a_department(entry: httpx.AsyncClient) -> None:
    token = (await entry.post("/issuer/token", json={"person": SUPERVISOR})).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert (await entry.post("/workshop/lamps/lamp-7", headers=headers)).json()["version"] == 1
    assert (await entry.get("/workshop/lamps/lamp-7", headers=headers)).status_code == 200
    assert (await entry.get("/workshop/lamps/lamp-7")).status_code == 401


async def test_the_docs_of_a_department_work_behind_its_prefix(entry: httpx.AsyncClient) -> None:
    page = await entry.get("/workshop/docs")
    assert "url: 'openapi.json'" in page.text
    document = (await entry.get("/workshop/openapi.json")).json()
    assert document["servers"] == [{"url": "."}]


async def test_the_clock_is_read_and_stepped_and_never_goes_back(entry: httpx.AsyncClient, toy: Toy) -> None:
    assert (await entry.get("/clock")).json() == {
        "now": "2026-03-09T01:00:00Z",
        "mode": "stepped",
        "site_time": "2026-03-09 09:00",
        "time_zone": "Asia/Shanghai",
    }
    stepped = await entry.post("/clock", json={"to": "2026-03-09T10:00:00+08:00"})
    assert (stepped.status_code, stepped.json()["now"]) == (200, "2026-03-09T02:00:00Z")
    assert toy.store.clock.now() == MORNING + timedelta(hours=1)
    back = await entry.post("/clock", json={"to": "2026-03-09T01:59:59Z"})
    assert (back.status_code, back.json()["type"]) == (409, "urn:servicelane:problem:clock-only-forwards")
    assert (await entry.post("/clock", json={"to": "2026-03-10T00:00:00"})).status_code == 422
    assert (await entry.post("/clock", json={})).json()["missing"] == ["to"]


async def test_a_stack_on_real_time_cannot_be_stepped() -> None:
    async with client_of(create_gateway({})) as client:
        assert (await client.get("/clock")).json()["mode"] == "real"
        answer = await client.post("/clock", json={"to": "2999-01-01T00:00:00Z"})
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:servicelane:problem:clock-is-real")


async def test_the_flow_is_that_of_all_departments_or_503(entry: httpx.AsyncClient) -> None:
    answer = await entry.get("/flow")
    assert (answer.status_code, answer.json()["facts"]) == (503, {"department": "followup"})
    apps = {"echo": echo()}
    async with client_of(create_gateway({"reception": "http://echo", "delivery": "http://echo"}, transport=Upstreams(apps))) as client:
        assert (await client.get("/flow")).json() == {"reception": {"unnumbered": 0}, "delivery": {"unnumbered": 0}}


async def test_the_entry_has_a_page(entry: httpx.AsyncClient) -> None:
    page = await entry.get("/")
    assert page.headers["Content-Type"].startswith("text/html")
    assert all(f'href="{name}/docs"' in page.text for name in ("reception", "workshop", "delivery", "followup"))
    assert "{{" not in page.text
    assert (await entry.get("/health/ready")).status_code == 200


async def test_a_token_is_for_the_persons_own_site_or_a_sister_site(entry: httpx.AsyncClient, issuer: Issuer) -> None:
    key = jwt.PyJWK.from_dict((await entry.get("/issuer/jwks.json")).json()["keys"][0])
    for site in (None, *issuer.sites):
        body = {"person": "tech-9"} | ({"site": site} if site else {})
        token = (await entry.post("/issuer/token", json=body)).json()["access_token"]
        claims = jwt.decode(token, key, algorithms=["ES256"], audience=AUDIENCE, issuer=ISSUER)
        assert (claims["sub"], claims["sites"], claims["roles"]) == ("tech-9", [site or issuer.sites[0]], ["technician", "qc_inspector"])


@pytest.mark.parametrize(
    ("body", "status"), [({"person": "nobody"}, 404), ({"person": SUPERVISOR, "site": "XX99"}, 403), ({}, 422), ({"person": 7}, 422)]
)
async def test_the_issuer_signs_for_nobody_else(entry: httpx.AsyncClient, body: dict[str, Any], status: int) -> None:
    answer = await entry.post("/issuer/token", json=body)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, PROBLEM)


async def test_the_issuer_answers_this_machine_only(issuer: Issuer) -> None:
    async with client_of(create_gateway({}, issuer=issuer), address="192.0.2.7") as client:
        assert (await client.post("/issuer/token", json={"person": SUPERVISOR})).status_code == 403
        assert (await client.get("/issuer/staff")).status_code == 403


async def test_the_issuer_names_the_staff(entry: httpx.AsyncClient, issuer: Issuer) -> None:
    staff = (await entry.get("/issuer/staff")).json()
    assert len(staff) == len(issuer.branch.staff)
    assert set(staff[0]) == {"id", "name", "roles", "team"}


async def test_the_issuers_key_survives_and_is_its_owners_alone(issuer: Issuer) -> None:
    token = issuer.token(SUPERVISOR)
    again = Issuer(issuer.jwks.parent, issuer.branch)
    assert again.public_keys == issuer.public_keys
    assert jwt.decode(token, jwt.PyJWK.from_dict(again.public_keys["keys"][0]), algorithms=["ES256"], audience=AUDIENCE)
    assert stat.S_IMODE((issuer.jwks.parent / "issuer-key.pem").stat().st_mode) == 0o600
