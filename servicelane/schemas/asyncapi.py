"""The AsyncAPI 3.0 document: a channel per topic, with the messages that are read there."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from servicelane.schemas.catalogue import MESSAGES, PLUMBING, RECORDS, JsonSchema, event_types
from shared.contracts import topics
from shared.contracts.event import DEPARTMENTS, Event
from shared.contracts.records import Record

DESCRIPTION = """What the departments of a site tell each other, and whoever reads along.

All sites may share the topics: a message says whose it is. An event's message has its `subject` as key and, where traces are on,
the header `traceparent`. Events of a partition of a site and department are numbered from 1 (`epoch`, `partition`, `seq`), and may
come twice: keep the highest number that you have applied. A number that is passed over was missed. It is asked for with a
ReplayRequest on `servicelane.replay`, and comes on the department's `backfill` topic, to all who listen there; or it is read from
`GET /journal` of the department, which also has what is older than the broker keeps (event topics have the broker's own retention;
Kafka's default is seven days). `servicelane.customers` is compacted: the newest revision of each record, whose key is the
message's, for ever; a record with a null `body` was erased, and stays so. A new `epoch` begins where a department was restored from
a backup: numbers begin at 1 again, and events that you have may be gone."""


def asyncapi_document() -> dict[str, Any]:
    messages = {kind.wire_type(department): kind for department in DEPARTMENTS for kind in event_types(department)}
    kinds = [*dict.fromkeys(messages.values()), *PLUMBING]
    references, definitions = models_json_schema([(kind, "serialization") for kind in kinds], ref_template="#/components/schemas/{model}")
    schema_of = {kind: references[kind, "serialization"] for kind in kinds}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "servicelane",
            "version": "1",
            "description": DESCRIPTION,
        },
        "defaultContentType": "application/json",
        "channels": {topic: _channel(topic) for topic in topics.ALL_TOPICS},
        "operations": {_operation(topic): _action("receive", topic) for topic in topics.ALL_TOPICS}
        | {"ask_for_replay": _action("send", topics.REPLAY)},
        "components": {
            "messages": {name: _event_message(name, kind, schema_of[kind]) for name, kind in messages.items()}
            | {kind.__name__: {"payload": schema_of[kind]} for kind in MESSAGES}
            | {Record.__name__: _record_message(schema_of)},
            "schemas": definitions["$defs"],
        },
    }


def _action(action: str, topic: str) -> dict[str, Any]:
    return {"action": action, "channel": {"$ref": f"#/channels/{topic}"}}


def _record_message(schema_of: Mapping[type[BaseModel], JsonSchema]) -> dict[str, Any]:
    body = {"oneOf": [*(schema_of[kind] for kind in RECORDS), {"type": "null"}]}
    return {"payload": {"allOf": [schema_of[Record], {"type": "object", "properties": {"body": body}}]}}


def _operation(topic: str) -> str:
    return f"read_{topic.removeprefix('servicelane.').replace('.', '_')}"


def _channel(topic: str) -> dict[str, Any]:
    return {"address": topic, "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in _messages_on(topic)}}


def _messages_on(topic: str) -> list[str]:
    for department in DEPARTMENTS:
        named = [kind.wire_type(department) for kind in event_types(department)]
        if topic == topics.events_topic(department):
            return [*named, "Heartbeat"]
        if topic == topics.backfill_topic(department):
            return named
    return ["Record"] if topic == topics.CUSTOMERS else ["ReplayRequest"]


def _event_message(name: str, kind: type[Event], schema: JsonSchema) -> dict[str, Any]:
    said = " ".join((kind.__doc__ or "").split())
    about = {"summary": said} if said and kind.__doc__ != Event.__doc__ else {}
    envelope = {"$ref": "#/components/schemas/Envelope"}
    return {
        "name": name,
        **about,
        "payload": {"allOf": [envelope, {"type": "object", "properties": {"type": {"const": name}, "data": schema}}]},
    }
