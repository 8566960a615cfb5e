"""What MongoDB does with documents: conditions, updates, orders and projections, as far as the product asks for them.

What is asked for and not here raises `NotImplementedError`: add it, and a line to the database's contract.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

Document = dict[str, Any]

ABSENT = object()


def values_at(document: Any, path: str) -> Iterator[Any]:
    """What stands at a dotted path; a list on the way is entered, by number or in each of its elements."""
    head, _, rest = path.partition(".")
    if isinstance(document, list):
        if head.isdigit():
            if int(head) < len(document):
                yield from values_at(document[int(head)], rest) if rest else (document[int(head)],)
            return
        for element in document:
            if isinstance(element, Mapping):
                yield from values_at(element, path)
        return
    if not isinstance(document, Mapping) or head not in document:
        return
    if rest:
        yield from values_at(document[head], rest)
    else:
        yield document[head]


def matches(document: Mapping[str, Any], where: Mapping[str, Any]) -> bool:
    for key, condition in where.items():
        if key == "$or":
            if not any(matches(document, each) for each in condition):
                return False
        elif key == "$and":
            if not all(matches(document, each) for each in condition):
                return False
        elif key.startswith("$"):
            raise NotImplementedError(key)
        elif "." not in key and not isinstance(condition, Mapping):
            if not _equals(document.get(key), condition):
                return False
        elif not _holds(list(values_at(document, key)), condition):
            return False
    return True


def _equals(found: Any, wanted: Any) -> bool:
    if found == wanted:
        return type(found) is type(wanted) or not (isinstance(found, bool) or isinstance(wanted, bool))
    return isinstance(found, list) and wanted in found


def _holds(found: list[Any], condition: Any) -> bool:
    if isinstance(condition, Mapping) and any(key.startswith("$") for key in condition):
        return all(_OPERATORS[name](found, wanted) for name, wanted in condition.items() if _known(name))
    return any(_equals(value, condition) for value in found) or (condition is None and not found)


def _known(name: str) -> bool:
    if name not in _OPERATORS:
        raise NotImplementedError(name)
    return True


def _compared(compare: Callable[[Any, Any], bool]) -> Callable[[list[Any], Any], bool]:
    def holds(found: list[Any], wanted: Any) -> bool:
        return any(compare(each, wanted) for value in found for each in _flat(value) if _comparable(each, wanted))

    return holds


def _flat(value: Any) -> Sequence[Any]:
    return [value, *value] if isinstance(value, list) else [value]


def _comparable(one: Any, other: Any) -> bool:
    numbers = (int, float)
    return type(one) is type(other) or (isinstance(one, numbers) and isinstance(other, numbers))


_OPERATORS: Mapping[str, Callable[[list[Any], Any], bool]] = {
    "$gt": _compared(lambda one, other: bool(one > other)),
    "$gte": _compared(lambda one, other: bool(one >= other)),
    "$lt": _compared(lambda one, other: bool(one < other)),
    "$lte": _compared(lambda one, other: bool(one <= other)),
    "$in": lambda found, wanted: any(_holds(found, each) for each in wanted),
    "$nin": lambda found, wanted: not any(_holds(found, each) for each in wanted),
    "$ne": lambda found, wanted: not _holds(found, wanted),
    "$eq": _holds,
    "$exists": lambda found, wanted: bool(found) == bool(wanted),
}


def updated(document: Mapping[str, Any], change: Mapping[str, Any], *, inserting: bool = False) -> Document:
    """The document after the update; fields at the top only."""
    after = dict(document)
    for operator, fields in change.items():
        for name, value in fields.items():
            if "." in name:
                raise NotImplementedError(f"{operator} of {name}")
            _update_field(after, operator, name, value, inserting=inserting)
    return after


def _update_field(after: Document, operator: str, name: str, value: Any, *, inserting: bool) -> None:
    match operator:
        case "$set":
            after[name] = value
        case "$setOnInsert":
            after |= {name: value} if inserting else {}
        case "$unset":
            after.pop(name, None)
        case "$inc":
            after[name] = after.get(name, 0) + value
        case "$max":
            after[name] = max(after.get(name, value), value)
        case "$push":
            after[name] = [*after.get(name, []), value]
        case "$pull":
            after[name] = [each for each in after.get(name, []) if not _holds([each], value)]
        case "$addToSet":
            added = value["$each"] if isinstance(value, Mapping) and "$each" in value else [value]
            present = after.get(name, [])
            after[name] = present + [each for each in added if each not in present]
        case _:
            raise NotImplementedError(operator)


def seed_of_upsert(where: Mapping[str, Any]) -> Document:
    """What an upsert inserts before its update: what the condition fixes."""
    return {key: value for key, value in where.items() if not key.startswith("$") and not isinstance(value, Mapping)}


def in_order(documents: list[Document], order: Sequence[tuple[str, int]]) -> list[Document]:
    for key, direction in reversed(order):
        documents = sorted(documents, key=lambda document: _sort_key(document, key), reverse=direction < 0)
    return documents


def _sort_key(document: Document, key: str) -> tuple[bool, Any]:
    value = next(values_at(document, key), None)
    return (True, value) if value is not None else (False, 0)


def projected(document: Document, projection: Mapping[str, Any] | None) -> Document:
    if not projection:
        return document
    if any(isinstance(wish, Mapping) for wish in projection.values()):
        return {key: _sliced(value, projection.get(key)) for key, value in document.items()}
    if any(not wish for key, wish in projection.items() if key != "_id"):
        return {key: value for key, value in document.items() if projection.get(key, 1)}
    return {key: value for key, value in document.items() if key in projection or (key == "_id" and projection.get("_id", 1))}


def _sliced(value: Any, wish: Any) -> Any:
    if wish is None:
        return value
    if set(wish) != {"$slice"}:
        raise NotImplementedError(str(wish))
    return value[: wish["$slice"]]
