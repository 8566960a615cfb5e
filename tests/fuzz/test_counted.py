"""What the walk and the fuzzer count, and what they would not let pass."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.fuzz.reached import NOT_REFUSED, Reached, refusing
from tests.fuzz.walk.fields import fields_of, given_in, same, shows, values_of

BODY: Mapping[str, Any] = {
    "properties": {
        "reason": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "lines": {"items": {"$ref": "#/components/schemas/Line"}},
        "counted": {"type": "object", "additionalProperties": {"type": "number"}},
    }
}
DOCUMENT: Mapping[str, Any] = {
    "paths": {
        "/jobs": {
            "get": {"responses": {"200": {}}},
            "post": {
                "responses": {"201": {}, "409": {}},
                "requestBody": {"content": {"application/json": {"schema": BODY}}},
            },
        },
        "/jobs/{visit}": {"get": {"responses": {"200": {}}}},
    },
    "components": {"schemas": {"Line": {"properties": {"part_no": {"type": "string"}, "names": {"items": {"type": "string"}}}}}},
}


@pytest.fixture
def reached() -> Reached:
    return Reached({"workshop": DOCUMENT})


def _failing(reached: Reached) -> set[str]:
    return {what for what, is_so in reached.checks().items() if not is_so}


def test_a_command_that_was_only_refused_has_not_succeeded(reached: Reached) -> None:
    reached.count("workshop", "POST", "/jobs", 409, {"clause": "W1"})
    assert "succeeded at least once: workshop POST /jobs" in _failing(reached)
    reached.count("workshop", "POST", "/jobs", 201, {})
    assert "succeeded at least once: workshop POST /jobs" not in _failing(reached)


def test_a_clause_that_refused_nothing_is_named(reached: Reached) -> None:
    assert "refused at least once: W1" in _failing(reached)
    reached.count("workshop", "POST", "/jobs", 409, {"clause": "W1"})
    assert "refused at least once: W1" not in _failing(reached)


def test_a_clause_that_nobody_can_make_refuse_and_that_refuses_is_listed_wrongly(reached: Reached) -> None:
    (clause,) = NOT_REFUSED
    assert f"nobody can make refuse: {clause}" not in _failing(reached)
    reached.count("workshop", "POST", "/jobs", 409, {"clause": clause})
    assert f"nobody can make refuse: {clause}" in _failing(reached)


def test_an_answer_that_the_document_does_not_have_is_named(reached: Reached) -> None:
    reached.count("workshop", "POST", "/jobs", 418, {})
    assert "each answer is in the OpenAPI document" in _failing(reached)
    assert list(reached.undocumented) == ["workshop POST /jobs: 418"]


def test_an_answer_of_500_is_not_passed_over(reached: Reached) -> None:
    assert "no answer of 500 or more" not in _failing(reached)
    reached.count("workshop", "GET", "/elsewhere", 500, None)
    assert "no answer of 500 or more" in _failing(reached)


def test_the_clauses_are_those_of_the_departments_code() -> None:
    assert {"A1", "R11", "W11", "D5", "F10"} <= set(refusing())
    assert "W99" not in refusing()


def test_the_query_of_a_command_is_the_nearest_above_it(reached: Reached) -> None:
    assert reached.query_above("/workshop/jobs/visit-1/moves") == "/workshop/jobs/visit-1"
    assert reached.query_above("/workshop/jobs") == "/workshop/jobs"
    assert reached.query_above("/workshop/elsewhere") is None


def test_the_fields_of_a_body_are_its_leaves() -> None:
    assert fields_of(DOCUMENT, DOCUMENT["paths"]["/jobs"]["post"]) == {"reason", "lines[].part_no", "lines[].names", "counted.*"}


def test_null_and_an_empty_list_give_no_field() -> None:
    body = {"reason": None, "lines": [], "parts": [{"part_no": "BP-1", "names": ["a"]}], "happy": False}
    assert set(given_in(body)) == {"parts[].part_no", "parts[].names", "happy"}
    assert values_of(body, "parts[].part_no") == ["BP-1"]


@pytest.mark.parametrize(
    ("sent", "shown"),
    [("7.5", {"amount": "7.50", "currency": "CNY"}), ("09:00", "09:00:00"), ("2026-03-09T08:00:00+08:00", "2026-03-09T00:00:00Z"), (5, 5)],
)
def test_a_value_is_the_same_however_it_is_written(sent: object, shown: object) -> None:
    assert same(sent, shown)


@pytest.mark.parametrize(("sent", "shown"), [(True, 1), (True, False), ("7.5", "7.6"), ("a", "b"), (["a"], ["a", "b"]), (["a"], "a")])
def test_another_value_is_not_the_same(sent: object, shown: object) -> None:
    assert not same(sent, shown)


def test_a_value_under_another_name_is_not_shown() -> None:
    place = {"items": [{"spot": "F-1", "named": ["tech-1"]}]}
    assert shows(place, "spot", "F-1")
    assert shows(place, "named", "tech-1")
    assert not shows(place, "place", "F-1")
    assert not shows(place, "spot", "F-2")
