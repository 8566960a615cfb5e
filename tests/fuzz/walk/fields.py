"""The fields of a command's body, as its OpenAPI document names them, as a body has them, and as they are read back.

A field is a path such as `vehicle.vin` or `lines[].part_no`; a list of plain values is one field.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

Document = Mapping[str, Any]


def fields_of(document: Document, operation: Mapping[str, Any]) -> set[str]:
    """Of the operation's JSON body; what may only be null is none."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    return {path.removesuffix("[]") for path in _leaves(document, content["schema"])} if content else set()


def _leaves(document: Document, schema: Mapping[str, Any], path: str = "") -> Iterator[str]:
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    choices = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
    if len(choices) == 1:
        yield from _leaves(document, choices[0], path)
    elif "properties" in schema:
        for name, part in schema["properties"].items():
            yield from _leaves(document, part, f"{path}.{name}".lstrip("."))
    elif "items" in schema:
        yield from _leaves(document, schema["items"], f"{path}[]")
    elif schema.get("additionalProperties"):
        yield f"{path}.*"
    elif schema.get("type") != "null":
        yield path


def given_in(body: Any, path: str = "") -> Iterator[str]:
    """The fields that a body gives; null gives none."""
    if isinstance(body, Mapping):
        for name, value in body.items():
            yield from given_in(value, f"{path}.{name}".lstrip("."))
    elif isinstance(body, list | tuple) and any(isinstance(each, Mapping) for each in body):
        for each in body:
            yield from given_in(each, f"{path}[]")
    elif body is not None and body != []:
        yield path


def values_of(body: Any, field: str) -> list[Any]:
    """All that the body gives for the field."""
    if not field:
        return [] if body is None else [body]
    name, _, rest = field.partition(".")
    several = name.endswith("[]")
    value = body.get(name.removesuffix("[]")) if isinstance(body, Mapping) else None
    return [found for each in (value or () if several else (value,)) for found in values_of(each, rest)]


def named(place: Any, name: str) -> set[str]:
    """The ids that stand under the name, wherever."""
    match place:
        case dict():
            own = {place[name]} if isinstance(place.get(name), str) and place[name].startswith(f"{name}-") else set()
            return own.union(*(named(each, name) for each in place.values()))
        case list() | tuple():
            return set().union(*(named(each, name) for each in place))
    return set()


def shows(place: Any, name: str, value: Any) -> bool:
    """Whether what is shown has the value under the name, wherever it stands in it."""
    match place:
        case dict():
            return any(
                (key == name and (same(value, each) or _has(each, value))) or shows(each, name, value) for key, each in place.items()
            )
        case list():
            return any(shows(each, name, value) for each in place)
    return False


def _has(shown: Any, value: Any) -> bool:
    return isinstance(shown, list) and any(same(value, each) for each in shown)


@dataclass(frozen=True)
class Within:
    """Stands in a longer text."""

    text: str


def same(sent: Any, shown: Any) -> bool:
    """Whether what is shown is what was sent: money, times and numbers by their value, several lines of text as one text."""
    match sent, shown:
        case Within(text), str():
            return text in shown
        case dict(), dict():
            return all(name in shown and same(value, shown[name]) for name, value in sent.items())
        case list(), list():
            return len(sent) == len(shown) and all(map(same, sent, shown))
        case _, {"amount": amount, "currency": _}:
            return same(sent, amount)
        case (bool(), _) | (_, bool()):
            return sent is shown
    return sent == shown or any(_equal(read, sent, shown) for read in (Decimal, _moment, time.fromisoformat))


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError
    return moment


def _equal(read: Any, one: Any, other: Any) -> bool:
    with suppress(ValueError, TypeError, InvalidOperation):
        return bool(read(str(one)) == read(str(other)))
    return False
