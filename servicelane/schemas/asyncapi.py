"""The AsyncAPI 3.0 document: a channel per topic, with the messages that are read there."""

from typing import Any

from pydantic.json_schema import models_json_schema

from servicelane.schemas.catalogue import MESSAGES, PLUMBING, JsonSchema, event_types
from shared.contracts import topics
from shared.contracts.event import DEPARTMENTS, Event


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
            "description": "What the departments of a site tell each other, and whoever reads along.",
        },
        "defaultContentType": "application/json",
        "channels": {topic: _channel(topic) for topic in topics.ALL_TOPICS},
        "operations": {_operation(topic): {"action": "receive", "channel": {"$ref": f"#/channels/{topic}"}} for topic in topics.ALL_TOPICS},
        "components": {
            "messages": {name: _event_message(name, kind, schema_of[kind]) for name, kind in messages.items()}
            | {kind.__name__: {"payload": schema_of[kind]} for kind in MESSAGES},
            "schemas": definitions["$defs"],
        },
    }


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
