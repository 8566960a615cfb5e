"""Whether a published version of an event still is what its readers know.

It may grow by an optional field and nothing else: journals are kept for years, and readers are updated when they like.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from servicelane.schemas.catalogue import JsonSchema


def incompatibilities(before: Mapping[str, JsonSchema], now: Mapping[str, JsonSchema]) -> list[str]:
    """What would break a reader of the old, or a reader of old entries; a line each."""
    gone = [f"{name}: the type is gone" for name in before if name not in now]
    changed = [f"{name}{says}" for name, old in before.items() if name in now for says in _Comparison(old, now[name]).all()]
    return gone + changed


class _Comparison:
    def __init__(self, old: JsonSchema, new: JsonSchema) -> None:
        self._old, self._new = old, new

    def all(self) -> Iterator[str]:
        yield from self._compare(self._old, self._new, "")

    def _compare(self, old: Any, new: Any, at: str) -> Iterator[str]:
        old, new = _resolved(old, self._old), _resolved(new, self._new)
        if "enum" in old or "const" in old:
            yield from _enums(old, new, at)
        elif "anyOf" in old:
            yield from self._choices(old["anyOf"], new.get("anyOf", ()), at)
        elif _kind(old) != _kind(new):
            yield f"{at}: changed from {_kind(old)} to {_kind(new)}"
        else:
            yield from self._fields(old, new, at)
            yield from self._elements(old, new, at)

    def _choices(self, old: Any, new: Any, at: str) -> Iterator[str]:
        if len(old) != len(new):
            yield f"{at}: changed from {len(old)} kinds of value to {len(new)}"
            return
        for before, after in zip(old, new, strict=True):
            yield from self._compare(before, after, at)

    def _fields(self, old: JsonSchema, new: JsonSchema, at: str) -> Iterator[str]:
        fields, present = old.get("properties", {}), new.get("properties", {})
        for name in fields:
            if name not in present:
                yield f"{at}.{name}: the field is gone"
            else:
                yield from self._compare(fields[name], present[name], f"{at}.{name}")
                if fields[name].get("default") != present[name].get("default"):
                    yield f"{at}.{name}: another default"
        needed, needed_now = set(old.get("required", ())), set(new.get("required", ()))
        yield from (f"{at}.{name}: a new required field" for name in sorted(needed_now - needed))
        yield from (f"{at}.{name}: readers count on it, and it became optional" for name in sorted((needed & set(present)) - needed_now))

    def _elements(self, old: JsonSchema, new: JsonSchema, at: str) -> Iterator[str]:
        for key in ("items", "additionalProperties"):
            if isinstance(old.get(key), Mapping) and isinstance(new.get(key), Mapping):
                yield from self._compare(old[key], new[key], f"{at}[]")
        if len(old.get("prefixItems", ())) != len(new.get("prefixItems", ())):
            yield f"{at}: changed its number of elements"
            return
        for number, (before, after) in enumerate(zip(old.get("prefixItems", ()), new.get("prefixItems", ()), strict=True)):
            yield from self._compare(before, after, f"{at}[{number}]")


def _enums(old: JsonSchema, new: JsonSchema, at: str) -> Iterator[str]:
    before, after = _values(old), _values(new)
    if after is None:
        yield f"{at}: changed from an enumeration to {_kind(new)}"
    elif lost := [str(value) for value in before or () if value not in after]:
        yield f"{at}: no longer has {', '.join(lost)}"


def _values(schema: JsonSchema) -> Sequence[Any] | None:
    return [schema["const"]] if "const" in schema else schema.get("enum")


def _kind(schema: JsonSchema) -> str:
    """The type with all that narrows it: a tightened bound breaks who reads old entries, a loosened one who reads new ones."""
    narrowing = {key: value for key, value in schema.items() if key not in _DESCRIBING}
    return json.dumps(narrowing, sort_keys=True)


_DESCRIBING = frozenset(
    {"title", "description", "examples", "default", "properties", "required", "items", "prefixItems", "$defs", "$id", "$schema"}
)


def _resolved(schema: Any, whole: JsonSchema) -> JsonSchema:
    while isinstance(schema, Mapping) and "$ref" in schema:
        schema = whole["$defs"][schema["$ref"].rpartition("/")[2]]
    return schema if isinstance(schema, Mapping) else {"const": schema}
