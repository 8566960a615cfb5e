"""One customer's personal data in one department: what there is, and that it goes.

Reception erases a customer and announces `CustomerErased` with the visits that were theirs; every department then erases the texts,
pictures and kept answers that it has of them. Records go as tombstones to whoever read them; the journal, which has ids and keys
only, stays as true as it was.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.aggregate import Aggregate
from shared.contracts.reception import CustomerErased
from shared.effects import aggregate_from, kind_name, plain_document
from shared.pictures import named_in
from shared.reaction import Reactions
from shared.store import MongoUnit, Session, Store
from shared.unit import Unit


@dataclass
class Kept:
    """`states` are the aggregates that are about the customer or visit, `texts` and `pictures` what their `entries` (ids) name."""

    states: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    entries: list[str] = field(default_factory=list)


async def kept_of(store: Store, ids: Collection[str], session: Session | None = None) -> Kept:
    """What this department has of a customer, of visits, or of both, by their ids.

    What another customer said about such a visit, a complaint or a call, stays that customer's.
    """
    kept = Kept()
    names, subjects, others = [], set(), []
    found = [each async for each in _found(store, ids, session)]
    customers = {*ids, *(row["customer"] for _, row in found if row["_id"] in ids and row.get("customer"))}
    for kind, row in found:
        name = f"{kind_name(kind)}:{row['_id']}"
        if row.get("customer") and row["customer"] not in customers:
            others.append(name)
            continue
        kept.states.append((kind_name(kind), plain_document(row)))
        names.append(name)
        subjects.add(aggregate_from(kind, row).subject)
    theirs = {"subject": {"$in": list(ids)}, "aggregate": {"$nin": others}}
    about_them = {"subject": {"$in": list(subjects)}, "aggregate": {"$in": names}}
    async for entry in store.collection("journal").find({"$or": [theirs, about_them]}, {"data": 1}, session=session):
        kept.entries.append(entry["_id"])
        kept.texts += _keys_in(entry["data"], f"text:{store.name}:")
        kept.pictures += named_in(entry["data"])
    kept.texts, kept.pictures = list(dict.fromkeys(kept.texts)), list(dict.fromkeys(kept.pictures))
    return kept


async def _found(store: Store, ids: Collection[str], session: Session | None) -> AsyncIterator[tuple[type[Aggregate], dict[str, Any]]]:
    for kind in store.department.aggregates:
        named = [{key: {"$in": list(ids)}} for key in ("customer", "visit") if key in kind.model_fields]
        async for row in store.collection(kind.COLLECTION).find({"$or": [{"_id": {"$in": list(ids)}}, *named]}, session=session):
            yield kind, row


def _keys_in(data: Any, prefix: str) -> Iterator[str]:
    if isinstance(data, str) and data.startswith(prefix):
        yield data
    elif isinstance(data, Mapping):
        for value in data.values():
            yield from _keys_in(value, prefix)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from _keys_in(value, prefix)


async def erase_texts_and_pictures(unit: Unit, customer: str, visits: Sequence[str]) -> None:
    """In the unit's own transaction; what is erased already stays so."""
    assert isinstance(unit, MongoUnit)
    kept = await kept_of(unit.store, {customer, *visits}, unit.session)
    for key in kept.texts:
        if await unit.record(key) is not None:
            await unit.erase_record(key)
    await unit.erase_pictures(kept.pictures, named_by=kept.entries)
    await unit.forget_answers([f"customer:{customer}", *kept.texts])


async def rows_with(unit: Unit, name: str, field: str, id: str) -> list[str]:
    """The rows of the read model `name` whose `field` is, or holds, that id: what they are found by may be known to nobody any more."""
    assert isinstance(unit, MongoUnit)
    rows = unit.store.collection(name).find({field: id}, {"_id": 1}, session=unit.session)
    return sorted([row["_id"] async for row in rows])


async def forget_answers(unit: Unit, keys: Sequence[str]) -> None:
    """Kept answers to commands that saw or wrote these records."""
    assert isinstance(unit, MongoUnit)
    await unit.forget_answers(keys)


async def erase_what_is_ours(event: CustomerErased, unit: Unit) -> None:
    """What reception announced; its own was erased in the same transaction."""
    assert isinstance(unit, MongoUnit)
    if unit.store.name != "reception":
        await erase_texts_and_pictures(unit, event.customer, event.visits)


REACTIONS: Reactions = {CustomerErased: (erase_what_is_ours,)}
"""What every department does by itself, beside its own reactions."""
