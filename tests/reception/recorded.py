"""What reception has recorded: its journal by visit and type, and whom it told."""

from typing import Any, TypeVar

from shared.contracts.event import Event
from shared.store import Store

E = TypeVar("E", bound=Event)


async def journal(store: Store, subject: str, kind: type[E]) -> list[E]:
    rows = await store.collection("journal").find({"subject": subject, "type": kind.TYPE}).sort("k", 1).to_list(100)
    return [kind.model_validate(row["data"]) for row in rows]


async def told(store: Store, about: str) -> list[dict[str, Any]]:
    rows = await store.collection("notices").find({"about": about}).to_list(100)
    return [dict(row) for row in rows]


async def text(store: Store, key: str | None) -> str:
    assert key
    body = await store.record(key)
    assert body
    return str(body["text"])
