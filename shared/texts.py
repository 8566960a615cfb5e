"""What keys of text records stand for, read beside the state that names them, by who may see it. An erased text is not there any more."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from shared.store import Store

_KEY = re.compile(r"text:(?:reception|workshop|delivery|followup):\S+")


async def texts_of(store: Store, states: Iterable[BaseModel]) -> dict[str, str]:
    """Of all keys that stand anywhere in the states."""
    return await texts(store, (key for state in states for key in _keys_in(state.model_dump(mode="json"))))


async def texts(store: Store, keys: Iterable[str | None]) -> dict[str, str]:
    records = {key: await store.record(key) for key in dict.fromkeys(keys) if key and _KEY.fullmatch(key)}
    return {key: str(body["text"]) for key, body in records.items() if body}


def _keys_in(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Mapping():
            yield from (key for each in value.values() for key in _keys_in(each))
        case list() | tuple():
            yield from (key for each in value for key in _keys_in(each))
