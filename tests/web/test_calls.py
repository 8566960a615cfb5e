"""One call: what it answers, sent twice, on a stale version, with a correlation id; and what is refused before it starts."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pymongo.errors import OperationFailure

from shared.runtime import _listen
from shared.store import Store
from tests.web.conftest import ADVISOR, SUPERVISOR, TECHNICIAN, Toy

PROBLEM = "application/problem+json"


async def test_a_command_answers_the_new_state_with_its_version(toy: Toy, lamp: str) -> None:
    answer = await toy.post(TECHNICIAN, f"/lamps/{lamp}/light", {"watts": 60})
    assert answer.json() == {"id": lamp, "version": 2, "watts": 60}
    assert answer.headers["ETag"] == '"2"'
    assert (await toy.get(TECHNICIAN, f"/lamps/{lamp}")).headers["ETag"] == '"2"'


async def test_the_same_key_answers_as_the_first_time_and_does_nothing(toy: Toy, lamp: str) -> None:
    first = await toy.post(TECHNICIAN, f"/lamps/{lamp}/light", {"watts": 60}, Idempotency_Key="k1")
    await toy.post(TECHNICIAN, f"/lamps/{lamp}/light", {"watts": 70})
    before = await toy.entries()
    again = await toy.post(TECHNICIAN, f"/lamps/{lamp}/light", {"watts": 60}, Idempotency_Key="k1")
    assert (again.status_code, again.json(), again.headers["ETag"]) == (first.status_code, first.json(), first.headers["ETag"])
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert await toy.entries() == before


@pytest.mark.parametrize("code", [1, 14031])
async def test_a_database_in_trouble_is_said_as_its_being_away_where_something_is_only_read(
    toy: Toy, lamp: str, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def no_room(name: str) -> Any:
        raise OperationFailure("no space left on device", code)

    monkeypatch.setattr(toy.store, "collection", no_room)
    answer = await toy.get(TECHNICIAN, f"/lamps/{lamp}")
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:servicelane:problem:database-away")


async def test_a_double_tap_is_carried_out_once(toy: Toy, lamp: str) -> None:
    taps = [toy.post(TECHNICIAN, f"/lamps/{lamp}/light", {"watts": 60}, Idempotency_Key="tap") for _ in range(5)]
    answers = await asyncio.gather(*taps)
    assert {answer.text for answer in answers} == {answers[0].text}
    assert [answer.headers.get("Idempotency-Replayed") for answer in answers].count(None) == 1
    assert await toy.store.collection("journal").count_documents({"type": "workshop.lamp_lit.v1"}) == 1


async def test_the_same_key_with_another_body_is_409(toy: Toy, lamp: str) -> None:
    await toy.post(TECHNICIAN, f"/lamps/{lamp}/light", {"watts": 60}, Idempotency_Key="k1")
    other = await toy.post(TECHNICIAN, f"/lamps/{lamp}/light", {"watts": 61}, Idempotency_Key="k1")
    assert (other.status_code, other.json()["type"]) == (409, "urn:servicelane:problem:key-used-for-another-body")


async def test_the_same_key_for_another_command_is_409(toy: Toy, lamp: str) -> None:
    await toy.post(SUPERVISOR, "/lamps/lamp-2", Idempotency_Key="k1")
    assert (await toy.post(SUPERVISOR, "/lamps/lamp-3", Idempotency_Key="k1")).status_code == 409


async def test_two_persons_may_use_the_same_key(toy: Toy, lamp: str) -> None:
    for person in (TECHNICIAN, SUPERVISOR):
        answer = await toy.post(person, f"/lamps/{lamp}/light", {"watts": 60}, Idempotency_Key="k1")
        assert "Idempotency-Replayed" not in answer.headers


async def test_a_refused_command_leaves_its_key_free(toy: Toy, lamp: str) -> None:
    for _ in range(2):
        refused = await toy.post(TECHNICIAN, f"/lamps/{lamp}/light", {"watts": 13}, Idempotency_Key="k1")
        assert refused.status_code == 409
    assert (await toy.post(TECHNICIAN, f"/lamps/{lamp}/light", {"watts": 14}, Idempotency_Key="k1")).status_code == 200


@pytest.mark.parametrize("key", ["", "x" * 201, "a b"])
async def test_a_key_that_is_none_is_422(toy: Toy, lamp: str, key: str) -> None:
    answer = await toy.post(TECHNICIAN, f"/lamps/{lamp}/light", {"watts": 1}, Idempotency_Key=key)
    assert (answer.status_code, answer.json()["missing"]) == (422, ["Idempotency-Key"])


@pytest.mark.parametrize(
    ("tag", "status"), [('"1"', 200), ('W/"1"', 200), ("*", 200), ('"0"', 409), ('"7"', 409), ("1", 422), ('"a"', 422)]
)
async def test_a_command_on_another_version_than_expected_is_refused(toy: Toy, lamp: str, tag: str, status: int) -> None:
    answer = await toy.post(TECHNICIAN, f"/lamps/{lamp}/light", {"watts": 1}, If_Match=tag)
    assert answer.status_code == status
    if status == 409:
        assert answer.json()["type"] == "urn:servicelane:problem:stale"
        assert answer.json()["facts"]["present"] == 1


async def test_the_correlation_id_is_in_the_answer_and_the_journal(toy: Toy, lamp: str) -> None:
    answer = await toy.post(TECHNICIAN, f"/lamps/{lamp}/light", {"watts": 1}, X_Correlation_Id="corr-1")
    assert answer.headers["X-Correlation-Id"] == "corr-1"
    entry = await toy.store.collection("journal").find_one({"correlation": "corr-1"})
    assert entry and entry["type"] == "workshop.lamp_lit.v1"


async def test_a_problem_carries_the_correlation_id_too(toy: Toy, lamp: str) -> None:
    answer = await toy.post(TECHNICIAN, f"/lamps/{lamp}/light", {"watts": 13}, X_Correlation_Id="corr-2")
    assert answer.headers["X-Correlation-Id"] == answer.json()["correlation"] == "corr-2"


async def test_a_correlation_id_is_made_where_none_or_nonsense_comes(toy: Toy) -> None:
    made = (await toy.get(None, "/health/live")).headers["X-Correlation-Id"]
    assert len(made) == 36
    nonsense = await toy.get(None, "/health/live", X_Correlation_Id="<script>")
    assert len(nonsense.headers["X-Correlation-Id"]) == 36


@pytest.mark.clause("R11")
async def test_a_refusal_names_its_clause_what_is_missing_and_what_to_do(toy: Toy, lamp: str) -> None:
    answer = await toy.post(TECHNICIAN, f"/lamps/{lamp}/light", {"watts": 13})
    assert answer.status_code == 409
    assert answer.headers["Content-Type"] == PROBLEM
    assert answer.headers["Content-Language"] == "en"
    said = answer.json()
    assert said.pop("correlation")
    assert said == {
        "type": "urn:servicelane:problem:work-order-not-signed",
        "title": "The work order is not signed.",
        "status": 409,
        "detail": "R11: The work order is not signed. Missing: signature.",
        "instance": "/lamps/lamp-1/light",
        "clause": "R11",
        "remedy": "Let the customer sign the order first.",
        "missing": ["signature"],
        "facts": {"visit": lamp},
    }


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("zh-CN", "zh-CN"),
        ("zh-TW,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("en-GB,zh;q=0.5", "en"),
        ("fr", "en"),
        ("zh;q=0", "en"),
        ("zh;q=x", "en"),
        ("*", "en"),
        ("de, zh;q=0.1", "zh-CN"),
    ],
)
async def test_title_and_remedy_are_in_the_readers_language(toy: Toy, lamp: str, accepted: str, language: str) -> None:
    answer = await toy.post(TECHNICIAN, f"/lamps/{lamp}/light", {"watts": 13}, Accept_Language=accepted)
    assert answer.headers["Content-Language"] == language
    assert answer.json()["title"] == {"en": "The work order is not signed.", "zh-CN": "任务委托书尚未签字。"}[language]
    assert answer.json()["remedy"].startswith({"en": "Let the customer", "zh-CN": "请先让客户"}[language])


async def test_a_bad_body_is_422_naming_the_fields_and_not_what_was_typed(toy: Toy, lamp: str) -> None:
    answer = await toy.post(TECHNICIAN, f"/lamps/{lamp}/light", {"watts": "many", "phone": "王伟 13800000000", "x": 1})
    assert answer.status_code == 422
    assert sorted(answer.json()["missing"]) == ["phone", "watts", "x"]
    assert "13800000000" not in answer.text
    assert "many" not in answer.text


@pytest.mark.parametrize("body", [b"{", b"", b"[]", b"\xff", b'{"watts": NaN}', b"[" * 1500])
async def test_what_is_no_json_object_is_422(toy: Toy, lamp: str, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await toy.ask(TECHNICIAN, "POST", f"/lamps/{lamp}/light", headers=headers, content=body)
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, PROBLEM)


async def test_a_number_that_the_database_cannot_hold_is_422(toy: Toy, lamp: str) -> None:
    answer = await toy.post(TECHNICIAN, f"/lamps/{lamp}/light", {"watts": 10**30})
    assert answer.status_code == 422
    assert (await toy.get(TECHNICIAN, f"/lamps/{lamp}")).json()["version"] == 1


async def test_an_unknown_id_is_404_and_an_unknown_address_too(toy: Toy) -> None:
    unknown = await toy.get(TECHNICIAN, "/lamps/none")
    assert (unknown.status_code, unknown.json()["type"]) == (404, "urn:servicelane:problem:not-found")
    address = await toy.get(TECHNICIAN, "/candles")
    assert (address.status_code, address.json()["type"]) == (404, "urn:servicelane:problem:no-such-route")


async def test_a_method_that_an_address_does_not_take_is_405(toy: Toy, lamp: str) -> None:
    answer = await toy.ask(TECHNICIAN, "DELETE", f"/lamps/{lamp}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (405, PROBLEM)
    assert answer.headers["Allow"]


async def test_a_body_that_is_too_large_is_413_before_anything_starts(toy: Toy, lamp: str) -> None:
    large = {"watts": 1, "phone": "1" * 3000}
    answer = await toy.post(TECHNICIAN, f"/lamps/{lamp}/light", large)
    assert (answer.status_code, answer.headers["Content-Type"]) == (413, PROBLEM)


async def test_a_body_that_grows_too_large_while_it_comes_is_413(toy: Toy, lamp: str) -> None:
    async def dripping() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield b" " * 100

    answer = await toy.ask(TECHNICIAN, "POST", f"/lamps/{lamp}/light", content=dripping())
    assert answer.status_code == 413


async def test_what_is_still_on_its_way_is_503_with_retry_after(toy: Toy, lamp: str) -> None:
    answer = await toy.get(SUPERVISOR, f"/lamps/{lamp}/price")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert answer.json()["type"] == "urn:servicelane:problem:revision-not-here"


async def test_a_defect_is_500_without_its_insides_and_is_logged_without_its_text(
    toy: Toy, lamp: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="servicelane.http"):
        answer = await toy.get(TECHNICIAN, f"/lamps/{lamp}/broken", X_Correlation_Id="corr-3")
    assert (answer.status_code, answer.headers["Content-Type"], answer.json()["correlation"]) == (500, PROBLEM, "corr-3")
    assert "王伟" not in answer.text
    assert "RuntimeError" not in answer.text
    assert [record.message for record in caplog.records] == ["a call failed", "call"]


async def test_a_database_that_is_away_is_503(toy: Toy, lamp: str, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = Store("mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=100", store.department, store.branch, store.clock, "x")
    nowhere._client = nowhere._client.__class__("mongodb://127.0.0.1:9/", serverSelectionTimeoutMS=100)
    nowhere._database = nowhere._client["nowhere"]
    monkeypatch.setattr(toy.app.state, "store", nowhere)
    answer = await toy.get(TECHNICIAN, f"/lamps/{lamp}")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert (await toy.get(None, "/health/live")).status_code == 200
    nowhere.close()


async def test_the_log_has_the_route_and_not_the_path(toy: Toy, lamp: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="servicelane.http"):
        await toy.get(TECHNICIAN, f"/lamps/{lamp}?plate=京A12345")
    (record,) = caplog.records
    assert vars(record)["route"] == "/lamps/{lamp}"
    assert "12345" not in str(vars(record))


async def test_a_person_who_may_not_learns_nothing_of_what_exists(toy: Toy, lamp: str) -> None:
    known, unknown = await toy.get(ADVISOR, f"/lamps/{lamp}"), await toy.get(ADVISOR, "/lamps/none")
    assert known.status_code == unknown.status_code == 403


def test_answers_do_not_wait_for_acknowledgements() -> None:
    with _listen("127.0.0.1", 0) as listener:
        assert listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
