"""The routes that every department has."""

import re
from datetime import UTC, datetime, time
from typing import Any

import pytest
from pydantic import BaseModel

from shared import every_department
from shared.openapi import Documented
from tests.web.conftest import ADVISOR, ANALYST, SUPERVISOR, TECHNICIAN, Toy

BOSS = "bizsup-1"


async def numbered(toy: Toy) -> None:
    """What the relay does: every entry gets its number."""
    journal = toy.store.collection("journal")
    for seq, entry in enumerate(await journal.find({"unnumbered": True}).sort([("k", 1)]).to_list(None), start=1):
        number = {"$set": {"epoch": 1, "partition": 0, "seq": seq}, "$unset": {"unnumbered": ""}}
        await journal.update_one({"_id": entry["_id"]}, number)


async def lit(toy: Toy, lamp: str, times: int) -> None:
    for watts in range(100, 100 + times):
        await toy.post(TECHNICIAN, f"/lamps/{lamp}/light", {"watts": watts}, X_Correlation_Id=f"corr-{watts}")


async def test_health_asks_for_no_token(toy: Toy) -> None:
    assert (await toy.get(None, "/health/live")).json() == {"live": True}
    assert (await toy.get(None, "/health/ready")).json() == {"ready": True, "parts": {"database": True}}
    assert (await toy.get(None, "/health/flow")).json()["unnumbered"] == 0


async def test_not_ready_is_503_and_says_which_part(toy: Toy) -> None:
    async def half() -> dict[str, bool]:
        return {"database": True, "stream": False}

    toy.app.state.readiness = half
    answer = await toy.get(None, "/health/ready")
    assert (answer.status_code, answer.json()) == (503, {"ready": False, "parts": {"database": True, "stream": False}})


@pytest.mark.parametrize(
    ("person", "status"), [(ANALYST, 200), (BOSS, 200), ("director-1", 200), (TECHNICIAN, 403), (ADVISOR, 403), (None, 401)]
)
async def test_the_journal_is_for_auditors(toy: Toy, person: str | None, status: int) -> None:
    assert (await toy.get(person, "/journal")).status_code == status


async def test_the_journal_is_paged_in_the_order_of_its_numbers(toy: Toy, lamp: str) -> None:
    await lit(toy, lamp, 4)
    await numbered(toy)
    seen: list[dict[str, Any]] = []
    after = ""
    while True:
        page = (await toy.get(ANALYST, f"/journal?limit=2{after}")).json()
        seen += page["items"]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert [entry["seq"] for entry in seen] == [1, 2, 3, 4, 5]
    assert {entry["source"] for entry in seen} == {f"/{toy.store.site.id}/workshop"}


async def test_the_journal_of_one_correlation_has_what_is_not_numbered_yet(toy: Toy, lamp: str) -> None:
    await lit(toy, lamp, 2)
    (entry,) = (await toy.get(ANALYST, "/journal?correlation=corr-101")).json()["items"]
    assert (entry["type"], entry["seq"], entry["epoch"], entry["actor"]) == ("workshop.lamp_lit.v1", None, None, TECHNICIAN)
    await numbered(toy)
    (entry,) = (await toy.get(ANALYST, "/journal?correlation=corr-101")).json()["items"]
    assert entry["seq"] == 3
    assert (await toy.get(ANALYST, "/journal?correlation=none")).json() == {"items": [], "next": None}
    assert len((await toy.get(ANALYST, f"/journal?subject={lamp}")).json()["items"]) == 3


@pytest.mark.parametrize("query", ["after=x", "after=1.2", "limit=0", "limit=100000", "limit=x"])
async def test_a_cursor_or_limit_that_is_none_is_422(toy: Toy, query: str) -> None:
    assert (await toy.get(ANALYST, f"/journal?{query}")).status_code == 422


async def test_a_notice_is_read_by_its_receivers_each_for_themselves(toy: Toy, lamp: str) -> None:
    await toy.post(SUPERVISOR, f"/lamps/{lamp}/told")
    (notice,) = (await toy.get(TECHNICIAN, "/notices?unread=true")).json()["items"]
    assert (notice["about"], notice["clause"], notice["visit"], notice["read"]) == ("lamp_burns", "W12", lamp, False)
    for _ in range(2):
        read = await toy.post(TECHNICIAN, f"/notices/{notice['id']}/read")
        assert (read.status_code, read.json()["read"]) == (200, True)
    assert (await toy.get(TECHNICIAN, "/notices?unread=true")).json()["items"] == []
    assert (await toy.get(TECHNICIAN, "/notices")).json()["items"][0]["read"] is True
    assert (await toy.get("advisor-2", "/notices?unread=true")).json()["items"][0]["read"] is False
    assert (await toy.get(ADVISOR, "/notices")).json()["items"] == []


async def test_a_notice_to_others_is_404(toy: Toy, lamp: str) -> None:
    await toy.post(SUPERVISOR, f"/lamps/{lamp}/told")
    (notice,) = (await toy.get(TECHNICIAN, "/notices")).json()["items"]
    assert (await toy.post(ADVISOR, f"/notices/{notice['id']}/read")).status_code == 404
    assert (await toy.post(TECHNICIAN, "/notices/none/read")).status_code == 404


async def test_notices_are_paged(toy: Toy, lamp: str) -> None:
    for _ in range(3):
        await toy.post(SUPERVISOR, f"/lamps/{lamp}/told")
    first = (await toy.get(TECHNICIAN, "/notices?limit=2")).json()
    second = (await toy.get(TECHNICIAN, f"/notices?limit=2&after={first['next']}")).json()
    assert len({notice["id"] for notice in first["items"] + second["items"]}) == 3
    assert second["next"] is None


async def test_dead_letters_are_the_business_supervisors(toy: Toy) -> None:
    letter = {
        "department": "reception",
        "subject": "visit-1",
        "type": "reception.x.v1",
        "error": "KeyError: x",
        "raised": [],
        "envelope": {},
    }
    await toy.store.collection("dead_letters").insert_one({"_id": "e1", **letter, "at": datetime.now(UTC).isoformat()})
    assert (await toy.get(SUPERVISOR, "/dead-letters")).status_code == 403
    (shown,) = (await toy.get(BOSS, "/dead-letters")).json()["items"]
    assert (shown["id"], shown["department"], shown["error"]) == ("e1", "reception", "KeyError: x")
    assert (await toy.post(TECHNICIAN, "/dead-letters/e1/retry")).status_code == 403
    assert (await toy.post(BOSS, "/dead-letters/e1/retry")).status_code == 202
    assert (await toy.get(BOSS, "/dead-letters")).json()["items"] == []
    assert (await toy.post(BOSS, "/dead-letters/e1/retry")).status_code == 404


async def test_the_api_is_documented_with_problems_parameters_and_clauses(toy: Toy) -> None:
    document = (await toy.get(None, "/openapi.json")).json()
    light = document["paths"]["/lamps/{lamp}/light"]["post"]
    assert light["operationId"] == "light_lamp"
    assert light["tags"] == ["W14"]
    assert light["security"] == [{"token": []}]
    assert {"401", "403", "404", "409", "413", "422", "503"} < set(light["responses"])
    assert {"$ref": "#/components/parameters/Idempotency-Key"} in light["parameters"]
    reading = document["paths"]["/lamps/{lamp}"]["get"]["responses"]
    assert "409" in reading, "a read is refused too where the procedure says so: nothing awaits a ruling, the car has left"
    assert "413" not in reading
    assert set(light["responses"]["200"]["headers"]) == {"X-Correlation-Id", "ETag", "Idempotency-Replayed"}
    assert set(document["components"]["responses"]["Problem429"]["headers"]) == {"X-Correlation-Id", "Retry-After"}
    references = set(re.findall(r'"#/components/(\w+)/([^"]+)"', (await toy.get(None, "/openapi.json")).text))
    assert all(name in document["components"][kind] for kind, name in references)
    assert "openapi.json" in (await toy.get(None, "/docs")).text


def test_a_time_of_day_is_documented_as_one_of_the_place() -> None:
    """The format `time` demands an offset from UTC, which hours of a branch do not have."""

    class Opens(BaseModel):
        at: time

    app = Documented()
    app.add_api_route("/opens", lambda: None, response_model=Opens)
    assert app.openapi()["components"]["schemas"]["Opens"]["properties"]["at"]["format"] == "time-local"


def test_the_routes_of_every_department_name_roles_for_each_command() -> None:
    assert set(every_department.MAY) >= {"read_journal", "read_notices", "read_dead_letters", "retry_dead_letter"}
