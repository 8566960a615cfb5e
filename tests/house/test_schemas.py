"""Published events keep their shape, and carry no personal data."""

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from servicelane import schemas
from servicelane.schemas.asyncapi import asyncapi_document
from servicelane.schemas.catalogue import event_schemas
from servicelane.schemas.compatible import incompatibilities
from shared.contracts import topics

EVENTS = event_schemas()
PUBLISHED = schemas.published()

PERSONAL = {"name", "names", "phone", "phones", "plate", "plates", "vin", "address", "email", "text"}
KEYS_OF_RECORDS = {"followup.opinion_recorded.v1": {"text"}, "followup.letter_registered.v1": {"address"}}
"""Fields named so that hold the key of a text record, as their event says."""

OLD: dict[str, Any] = {
    "$defs": {"Channel": {"enum": ["phone", "letter"], "type": "string"}},
    "type": "object",
    "required": ["visit", "by"],
    "properties": {
        "visit": {"type": "string"},
        "by": {"type": "string"},
        "round": {"type": "integer", "minimum": 1, "default": 1},
        "channel": {"$ref": "#/$defs/Channel"},
        "reason": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
        "items": {"type": "array", "items": {"type": "object", "properties": {"item": {"type": "string"}}, "required": ["item"]}},
    },
}


def test_every_event_type_has_its_committed_schema_and_it_is_the_present_one() -> None:
    committed, now = schemas.committed(), PUBLISHED
    assert not incompatibilities(committed, now)
    stale = [name for name in now.keys() | committed.keys() if json.dumps(committed.get(name)) != json.dumps(_sorted(now.get(name)))]
    assert stale == [], "run `make schemas` and commit what it writes"


def _sorted(schema: Any) -> Any:
    return json.loads(json.dumps(schema, sort_keys=True))


@pytest.mark.parametrize("name", PUBLISHED)
def test_it_is_a_json_schema(name: str) -> None:
    jsonschema_rs.meta.validate(dict(PUBLISHED[name]))


BREAKING: dict[str, Callable[[dict[str, Any]], object]] = {
    ".by: the field is gone": lambda new: new["properties"].pop("by"),
    ".team: a new required field": lambda new: (new["properties"].update(team={"type": "string"}), new["required"].append("team")),
    ".by: readers count on it, and it became optional": lambda new: new["required"].remove("by"),
    ".round: changed from": lambda new: new["properties"]["round"].update(type="string"),
    ".round: another default": lambda new: new["properties"]["round"].update(default=2),
    ".channel: no longer has letter": lambda new: new["$defs"]["Channel"].update(enum=["phone"]),
    ".channel: changed from an enumeration": lambda new: new["properties"].update(channel={"type": "string"}),
    ".reason: changed from 2 kinds of value to 0": lambda new: new["properties"].update(reason={"type": "string"}),
    ".items[].item: changed from": lambda new: new["properties"]["items"]["items"]["properties"]["item"].update(type="integer"),
    ".round: changed from {": lambda new: new["properties"]["round"].update(minimum=2),
}


@pytest.mark.parametrize("says", BREAKING)
def test_a_change_that_would_break_a_reader_is_refused(says: str) -> None:
    new = copy.deepcopy(OLD)
    BREAKING[says](new)
    assert [line for line in incompatibilities({"x.v1": OLD}, {"x.v1": new}) if line.startswith(f"x.v1{says}")]


def test_a_renamed_field_and_a_vanished_type_are_refused() -> None:
    new = copy.deepcopy(OLD)
    new["properties"]["who"] = new["properties"].pop("by")
    assert "x.v1.by: the field is gone" in incompatibilities({"x.v1": OLD}, {"x.v1": new})
    assert incompatibilities({"x.v1": OLD}, {"x.v2": OLD}) == ["x.v1: the type is gone"]


def test_an_optional_field_a_new_value_and_other_words_are_welcome() -> None:
    new = copy.deepcopy(OLD)
    new["properties"]["note"] = {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}
    new["$defs"]["Channel"]["enum"].append("message")
    new["description"] = "said better"
    assert incompatibilities({"x.v1": OLD}, {"x.v1": new, "y.v1": OLD}) == []


def test_nothing_is_written_where_a_reader_would_break(tmp_path: Path) -> None:
    name, schema = next(iter(EVENTS.items()))
    old = {**schema, "properties": {**schema["properties"], "lost": {"type": "string"}}}
    (tmp_path / f"{name}.json").write_text(json.dumps(old))
    with pytest.raises(schemas.IncompatibleChange, match="lost: the field is gone"):
        list(schemas.publish(tmp_path / "asyncapi.json", tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == [f"{name}.json"]


@pytest.mark.parametrize("name", EVENTS)
def test_no_field_of_an_event_is_named_like_personal_data(name: str) -> None:
    fields = {field for field in _said_in(EVENTS[name]) if PERSONAL & set(field.split("_"))}
    assert fields == KEYS_OF_RECORDS.get(name, set()), "personal data are records on the topic `customers`; an event has their key"


def _said_in(schema: Any) -> Iterator[str]:
    """The names of fields that can hold more than yes and no."""
    if isinstance(schema, Mapping):
        yield from (field for field, value in schema.get("properties", {}).items() if "boolean" not in json.dumps(value))
        for value in schema.values():
            yield from _said_in(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _said_in(value)


def test_the_asyncapi_document_has_every_topic_and_every_reference_leads_somewhere() -> None:
    document = asyncapi_document()
    assert set(document["channels"]) == set(topics.ALL_TOPICS)
    for reference in _references(document):
        found: Any = document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]


def test_the_asyncapi_document_says_what_a_record_may_hold_and_that_a_reader_may_ask_for_what_it_missed() -> None:
    document = asyncapi_document()
    body = document["components"]["messages"]["Record"]["payload"]["allOf"][1]["properties"]["body"]
    kinds = {each["$ref"].rsplit("/", 1)[1] for each in body["oneOf"] if "$ref" in each}
    assert kinds == {"CustomerRecord", "VehicleRecord", "TextRecord"}
    asked = [each["channel"]["$ref"] for each in document["operations"].values() if each["action"] == "send"]
    assert asked == [f"#/channels/{topics.REPLAY}"]


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)
