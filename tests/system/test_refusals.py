"""What is wrong gets its clear answer and changes nothing: sheets, bodies, orders, versions, taps, sites, roles, tokens."""

import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.conftest import BRANCH
from tests.system.command_line import refused
from tests.system.conftest import Up
from tests.system.people import People, someone
from tests.system.two_visits import write_sheet

pytestmark = pytest.mark.slow

CONCERNS = {"purpose": "maintenance", "words": ["更换制动液"]}


@asynccontextmanager
async def nothing_changes(people: People) -> AsyncIterator[None]:
    before = await people.recorded()
    yield
    assert await people.recorded() == before


def says(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The problem's details, which name what happened and what to do."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == status
    assert problem["title"]
    return problem


# -- the sheet and the branch


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("arrives", "soon", "arrives"),
        ("colour", "red", "colour"),
        ("cheats", ["exit_by_helicopter:D5"], "cheats"),
        ("items", [{"op": "M-NOPE", "fault": "determined", "warranty": "no"}], "M-NOPE"),
    ],
)
async def test_a_malformed_sheet(field: str, value: object, reason: str, stepped_stack: Up, people: People, tmp_path: Path) -> None:
    sheet = write_sheet(tmp_path)
    first, second = sheet.read_text(encoding="utf-8").splitlines()
    sheet.write_text(f"{first}\n{json.dumps(json.loads(second) | {field: value})}\n", encoding="utf-8")
    async with nothing_changes(people):
        line = refused(tmp_path, "play", sheet, "--at", stepped_stack.url)
    assert f"{sheet}:2" in line
    assert reason in line


async def test_a_sheet_that_is_no_json(stepped_stack: Up, people: People, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.jsonl"
    sheet.write_text("{\n")
    async with nothing_changes(people):
        assert f"{sheet}:1" in refused(tmp_path, "play", sheet, "--at", stepped_stack.url)


async def test_a_part_that_the_branch_does_not_have(stepped_stack: Up, people: People, tmp_path: Path) -> None:
    branch = tmp_path / "branch"
    shutil.copytree(BRANCH, branch)
    operations = branch / "operations.csv"
    operations.write_text(operations.read_text(encoding="utf-8").replace("BF-4005*1", "NO-0000*1"), encoding="utf-8")
    async with nothing_changes(people):
        line = refused(tmp_path, "play", write_sheet(tmp_path), "--branch", branch, "--at", stepped_stack.url)
    assert "operations.csv" in line
    assert "NO-0000" in line


# -- the call


@pytest.mark.parametrize("body", [{"purpose": 3, "words": "x"}, {"purpose": "maintenance"}, {**CONCERNS, "colour": "red"}, []])
async def test_a_body_of_wrong_types(body: object, people: People) -> None:
    visit = (await people.arrival())["id"]
    async with nothing_changes(people):
        says(await people.ask("advisor-1", "POST", f"/reception/visits/{visit}/concerns", body), 422)


@pytest.mark.parametrize(
    ("person", "method", "path", "body"),
    [
        ("advisor-1", "POST", "/reception/visits/no-such/concerns", CONCERNS),
        (
            "supervisor-1",
            "POST",
            "/workshop/jobs/no-such/acceptance",
            {"car_matches_sheet": True, "things": ["car", "key", "order", "sheet"]},
        ),
        ("advisor-1", "POST", "/delivery/cases/no-such/settlement", {"content_hash": "0" * 64}),
        ("agent-1", "POST", "/followup/duties/no-such-first/call", {"result": "content", "topics": ["car_condition"], "note": "x"}),
    ],
)
async def test_an_order_that_is_not_known(person: str, method: str, path: str, body: object, people: People) -> None:
    async with nothing_changes(people):
        says(await people.ask(person, method, path, body), 404)


async def test_a_stale_version(people: People) -> None:
    visit = await people.arrival()
    greeted = await people.ask("greeter-1", "POST", f"/reception/visits/{visit['id']}/greeting", {}, If_Match=f'"{visit["version"]}"')
    assert greeted.status_code == 200, greeted.text
    async with nothing_changes(people):
        at = f"/reception/visits/{visit['id']}/concerns"
        says(await people.ask("advisor-1", "POST", at, CONCERNS, If_Match=f'"{visit["version"]}"'), 409)


async def test_a_second_tap_is_answered_as_the_first_and_recorded_once(people: People) -> None:
    customer = someone()
    first = await people.ask("greeter-1", "POST", "/reception/arrivals", customer, Idempotency_Key="tap-1")
    assert first.is_success, first.text
    async with nothing_changes(people):
        second = await people.ask("greeter-1", "POST", "/reception/arrivals", customer, Idempotency_Key="tap-1")
    assert (second.status_code, second.json()) == (first.status_code, first.json())
    assert second.headers["Idempotency-Replayed"] == "true"


async def test_a_key_that_was_used_for_another_body(people: People) -> None:
    first = await people.ask("greeter-1", "POST", "/reception/arrivals", someone(), Idempotency_Key="tap-2")
    assert first.is_success, first.text
    async with nothing_changes(people):
        says(await people.ask("greeter-1", "POST", "/reception/arrivals", someone(), Idempotency_Key="tap-2"), 409)


# -- the person


async def test_a_person_of_a_sister_site(people: People) -> None:
    async with nothing_changes(people):
        says(await people.ask("greeter-1", "POST", "/reception/arrivals", someone(), site="SH01"), 403)


async def test_a_role_that_may_not(people: People) -> None:
    visit = (await people.arrival())["id"]
    async with nothing_changes(people):
        says(await people.ask("wash-1", "POST", f"/reception/visits/{visit}/concerns", CONCERNS), 403)


async def test_no_token(people: People) -> None:
    async with nothing_changes(people):
        says(await people.ask("greeter-1", "POST", "/reception/arrivals", someone(), token=""), 401)


@pytest.mark.parametrize("algorithm", ["ES256", "HS256", "none"])
async def test_a_forged_token(algorithm: str, people: People) -> None:
    """What the true one says, signed by somebody else, or by nobody."""
    true = await people.token("greeter-1")
    claims, head = jwt.decode(true, options={"verify_signature": False}), jwt.get_unverified_header(true)
    keys: dict[str, Any] = {"ES256": ec.generate_private_key(ec.SECP256R1()), "HS256": "0" * 32, "none": None}
    forged = jwt.encode(claims, keys[algorithm], algorithm=algorithm, headers={"kid": head["kid"]})
    async with nothing_changes(people):
        says(await people.ask("greeter-1", "POST", "/reception/arrivals", someone(), token=forged), 401)
