"""The entry's own routes, and that it opens nothing of the departments behind it."""

from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from deploy.local.gateway import create_gateway
from deploy.local.issuer import Issuer
from shared import clock
from shared.branch import Branch
from tests.access.asked import ask, every_route
from tests.access.test_who_may_do_what import every_department, rows
from tests.access.written_down import entry_rows
from tests.web.conftest import MORNING

BODIES = {"POST /clock": b'{"to": "2026-03-10T00:00:00Z"}', "POST /issuer/token": b'{"person": "advisor-1"}'}


@pytest.fixture
def entry(tmp_path: Path, branch: Branch) -> FastAPI:
    clock.start(tmp_path / "clock", MORNING)
    return create_gateway({"reception": "http://reception"}, issuer=Issuer(tmp_path / "issuer", branch), clock_file=tmp_path / "clock")


def test_every_route_of_the_entry_is_in_the_table_and_every_row_is_a_route(entry: FastAPI) -> None:
    assert set(every_route(entry.routes)) == set(entry_rows())


@pytest.mark.parametrize("route", [route for route, who in entry_rows().items() if who == "loopback"])
async def test_the_issuer_and_the_stepped_clock_answer_this_machine_only(entry: FastAPI, route: str) -> None:
    method, path = route.split()
    body = BODIES.get(route, b"")
    assert (await ask(entry, method, path, body=body)).problem == "not-from-here"
    assert (await ask(entry, method, path, body=b"{")).status == 403
    assert (await ask(entry, method, path, body=body, client="127.0.0.1")).status == 200


@pytest.mark.parametrize("route", [route for route, who in entry_rows().items() if who == "public" and route != "GET /flow"])
async def test_what_is_public_at_the_entry_answers_anybody(entry: FastAPI, route: str) -> None:
    method, path = route.split()
    assert (await ask(entry, method, path)).status == 200


@every_department
async def test_the_entry_opens_no_door_of_a_department(served: FastAPI, branch: Branch) -> None:
    name = served.state.store.name
    entry = create_gateway({name: f"http://{name}"}, transport=httpx.ASGITransport(served))
    wrong = []
    async with entry.router.lifespan_context(entry):
        for row in rows(served):
            answer = await ask(entry, row.method, f"/{name}{row.address}", {"x-forwarded-user": "bizsup-1", "x-correlation-id": "c"})
            if answer.status != (404 if row.inside else 200 if row.anybody else 401):
                wrong.append(f"{row.method} {row.address}: {answer.status}")
        for way in ("/docs/..", "/health/live/..", "//..", "/%2e%2e", "/health/live%2f.."):
            answer = await ask(entry, "GET", f"/{name}{way}/journal")
            if answer.status not in (401, 404):
                wrong.append(f"{way}: {answer.status}")
    assert wrong == []
