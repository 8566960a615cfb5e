"""What outside consumers read: a JSON Schema per event type, committed beside the contracts, and an AsyncAPI document."""

import json
from collections.abc import Iterator
from pathlib import Path

from servicelane.schemas.asyncapi import asyncapi_document
from servicelane.schemas.catalogue import JsonSchema, event_schemas, plumbing_schemas
from servicelane.schemas.compatible import incompatibilities
from shared.contracts import event

FOLDER = Path(event.__file__).with_name("schemas")


class IncompatibleChange(ValueError):
    """A published version would change under its readers; the text says type, field and what."""


def published() -> dict[str, JsonSchema]:
    """File name (without `.json`) → schema, as the code has it now."""
    return event_schemas() | plumbing_schemas()


def committed(folder: Path = FOLDER) -> dict[str, JsonSchema]:
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))}


def publish(asyncapi: Path, folder: Path = FOLDER) -> Iterator[str]:
    """Write what is new; `IncompatibleChange`, and nothing written, where a reader would break. Says what it wrote."""
    before, now = committed(folder), published()
    if broken := incompatibilities(before, now):
        raise IncompatibleChange("; ".join(broken))
    folder.mkdir(parents=True, exist_ok=True)
    for name, schema in now.items():
        if schema != before.get(name):
            _write(folder / f"{name}.json", schema)
            yield f"wrote {name}.json"
    asyncapi.parent.mkdir(parents=True, exist_ok=True)
    _write(asyncapi, asyncapi_document())
    yield f"wrote {asyncapi}"


def _write(path: Path, content: JsonSchema) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
