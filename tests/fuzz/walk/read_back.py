"""Whether each field of each command was given with a value, and was seen again from outside."""

from collections.abc import Iterable, Mapping

from tests.fuzz.reached import Reached
from tests.fuzz.walk.fields import fields_of
from tests.fuzz.walk.walking import Walk


def checks(walk: Walk, reached: Reached) -> dict[str, bool]:
    """In words, and whether it is so."""
    return {f"given and read back: {field}": _is_among(walk.read, field) for field in _all_fields(reached)}


def _all_fields(reached: Reached) -> Iterable[str]:
    for name in reached.commands:
        for field in sorted(fields_of(reached.documents[name.partition(" ")[0]], reached.operation(name))):
            yield f"{name}: {field}"


def _is_among(fields: Mapping[str, set[str]], field: str) -> bool:
    """`counted.*` is there where any of its names is."""
    name, _, path = field.partition(": ")
    return any(each.startswith(path.removesuffix("*")) if path.endswith("*") else each == path for each in fields.get(name, ()))
