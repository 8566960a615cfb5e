"""The least that makes events durable effects: of each event a state and an entry that says so, one transaction an event, or as fast
as the database takes them in bulk. Nothing is compared: what comes twice fails, what is missing is not missed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pymongo import InsertOne, WriteConcern
from pymongo.read_concern import ReadConcern


class Bare:
    """`state` and `entry` are what the product stores of one event, so that both write as much."""

    def __init__(self, client: Any, name: str, state: dict[str, Any], entry: dict[str, Any]) -> None:
        self._client = client
        self._states, self._entries = client[name]["states"], client[name]["entries"]
        self._state, self._entry = state, entry

    async def prepare(self, *like: Any) -> None:
        """`like`: the product's collections of states and entries, whose indexes these get too."""
        for collection in (self._states, self._entries):
            await collection.insert_one({"_id": "first"})
        for mine, theirs in zip((self._states, self._entries), like, strict=False):
            for name, index in (await theirs.index_information()).items():
                options = {key: value for key, value in index.items() if key in ("unique", "partialFilterExpression", "sparse")}
                if name != "_id_":
                    await mine.create_index(index["key"], name=name, **options)

    async def together(self, values: Sequence[bytes]) -> None:
        """One transaction, one bulk write a collection."""
        heard = [json.loads(value) for value in values]
        states = [InsertOne({**self._state, "_id": event["subject"]}) for event in heard]
        entries = [InsertOne({**self._entry, "_id": event["id"], "subject": event["subject"]}) for event in heard]

        async def work(session: Any) -> None:
            await self._states.bulk_write(states, ordered=False, session=session)
            await self._entries.bulk_write(entries, ordered=False, session=session)

        async with await self._client.start_session() as session:
            await session.with_transaction(work, read_concern=ReadConcern("snapshot"), write_concern=WriteConcern("majority"))

    async def one_by_one(self, values: Sequence[bytes]) -> None:
        for value in values:
            await self.together([value])
