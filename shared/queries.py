"""What can be asked of a department's database: aggregates, read models, the journal, notices, and where everything is on its way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from shared.aggregate import Aggregate
from shared.branch import Site
from shared.clock import Clock
from shared.contracts.envelope import Envelope
from shared.contracts.event import DepartmentName
from shared.effects import aggregate_from, plain_document
from shared.journal import Entry
from shared.refusal import Malformed, NotFound

A = TypeVar("A", bound=Aggregate)

UP, DOWN = 1, -1


class Queries:
    """The reading half of `shared.store.Store`. A document's key is `id` here, in conditions and orders too."""

    name: DepartmentName
    site: Site
    clock: Clock
    epoch: int
    asked_how_far: set[Callable[[], None]]

    def collection(self, name: str) -> Any:
        raise NotImplementedError

    async def get(self, kind: type[A], id: str) -> A:
        row = await self.collection(kind.COLLECTION).find_one({"_id": id})
        if row is None:
            raise NotFound(missing=(id,))
        return aggregate_from(kind, row)

    async def select(
        self,
        kind: type[A],
        where: Mapping[str, Any],
        *,
        sort: Sequence[tuple[str, int]] = (("id", 1),),
        limit: int = 100,
        after: str | None = None,
    ) -> list[A]:
        """`where` on JSON values (times and decimals are text). `after`: the id of the last one of the page before. `Malformed`."""
        return [aggregate_from(kind, row) for row in await self._page(kind.COLLECTION, where, sort, limit, after)]

    async def parts_of(self, kind: type[Aggregate], where: Mapping[str, Any], fields: Sequence[str]) -> list[dict[str, Any]]:
        """Of all aggregates that fit, these fields as they are stored: where whole ones would be read for a sum."""
        rows: list[dict[str, Any]] = await self.collection(kind.COLLECTION).find(dict(where), list(fields)).to_list(None)
        return rows

    async def fetch(self, name: str, id: str) -> dict[str, Any] | None:
        row = await self.collection(name).find_one({"_id": id})
        return plain_document(row) if row else None

    async def documents(
        self,
        name: str,
        where: Mapping[str, Any],
        *,
        sort: Sequence[tuple[str, int]] = (("id", 1),),
        limit: int = 100,
        after: str | None = None,
    ) -> list[dict[str, Any]]:
        return [plain_document(row) for row in await self._page(name, where, sort, limit, after)]

    async def record(self, key: str) -> Mapping[str, Any] | None:
        row = await self.collection("records").find_one({"_id": key})
        return row["body"] if row else None

    async def journal(
        self, *, correlation: str | None = None, subject: str | None = None, after: str | None = None, limit: int = 100
    ) -> tuple[list[Envelope], str | None]:
        """A page of numbered entries in the order of their numbers, and the cursor of the next page (None at the end)."""
        where: dict[str, Any] = {"seq": {"$gt": 0}}
        where |= {"correlation": correlation} if correlation else {}
        where |= {"subject": subject} if subject else {}
        if after:
            where["$or"] = _beyond(dict(zip(("epoch", "partition", "seq"), map(int, after.split(".")), strict=True)))
        order = [("epoch", UP), ("partition", UP), ("seq", UP)]
        rows = await self.collection("journal").find(where).sort(order).limit(limit).to_list(limit)
        page = [Entry.from_document(row).envelope(self.site.id, self.name) for row in rows]
        more = f"{page[-1].epoch}.{page[-1].partition}.{page[-1].seq}" if len(page) == limit else None
        return page, more

    async def notices(
        self, *, person: str, roles: Sequence[str] = (), unread: bool = False, limit: int = 100, after: str | None = None
    ) -> list[dict[str, Any]]:
        """What this person was told, by name or by role, newest first."""
        where: dict[str, Any] = {"$or": [{"people": person}, {"roles": {"$in": list(roles)}}]}
        if unread:
            where["read.person"] = {"$ne": person}
        return [plain_document(row) for row in await self._page("notices", where, [("at", DOWN)], limit, after)]

    async def notices_among(self, ids: Sequence[str], *, person: str, roles: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Those of `ids` that this person was told, by id."""
        if not ids:
            return {}
        mine = {"$or": [{"people": person}, {"roles": {"$in": list(roles)}}]}
        return {row["_id"]: plain_document(row) async for row in self.collection("notices").find({"_id": {"$in": list(ids)}, **mine})}

    async def read_notice(self, id: str, person: str) -> None:
        """RECORD that this person read it; a second time changes nothing."""
        notices = self.collection("notices")
        read = {"person": person, "at": self.clock.now().isoformat()}
        await notices.update_one({"_id": id, "read.person": {"$ne": person}}, {"$push": {"read": read}})
        if await notices.find_one({"_id": id}) is None:
            raise NotFound(missing=(id,))

    async def flow(self) -> dict[str, Any]:
        """Where everything is on its way: what `GET /health/flow` shows, and what a stepped clock waits for.

        Read from the end of the way to its beginning: what moves on meanwhile is seen twice, and never missed. So where nobody
        gives a command, and the flows of all departments, however they were read beside each other, show nothing under way,
        there is nothing: whatever was committed behind a read was caused by something that another read shows.
        """
        for note_down in self.asked_how_far:
            note_down()
        small = [{"$match": {"closed": {"$ne": True}}}, _number_of("waiting"), _number_of("dead_letters")]
        applied: dict[str, dict[str, int]] = {}
        applied_epoch: dict[str, dict[str, int]] = {}
        counts = {"waiting": 0, "dead_letters": 0}
        async for row in self.collection("positions").aggregate(small):  # one question, since it is asked often
            if "department" in row:
                partition, epochs = str(row["partition"]), applied_epoch.setdefault(row["department"], {})
                if row["epoch"] >= epochs.get(partition, 0):
                    epochs[partition] = row["epoch"]
                    applied.setdefault(row["department"], {})[partition] = row["seq"]
            else:
                counts |= {what: number for what, number in row.items() if what in counts}
        due = {"state": "waiting", "due_at": {"$lte": self.clock.now()}}
        tries = [row.get("tries", 0) async for row in self.collection("timers").find(due, {"tries": 1})]
        counts |= {"timers_due": len(tries), "timers_failing": sum(number > 0 for number in tries)}
        unnumbered = self.collection("journal").find({"unnumbered": True}, {"_id": 1}, hint="unnumbered")
        counts["unnumbered"] = len(await unnumbered.to_list(None))
        heads = {str(head["_id"]): head async for head in self.collection("heads").find()}
        newest = {partition: head["seq"] for partition, head in heads.items()}
        published = {partition: head["published"] for partition, head in heads.items()}
        state = {"department": self.name, "site": self.site.id, "epoch": self.epoch}
        return {**state, "newest": newest, "published": published, "applied": applied, "applied_epoch": applied_epoch, **counts}

    async def _page(
        self, name: str, where: Mapping[str, Any], sort: Sequence[tuple[str, int]], limit: int, after: str | None
    ) -> list[dict[str, Any]]:
        order = [("_id" if key == "id" else key, direction) for key, direction in sort]
        if order[-1][0] != "_id":
            order.append(("_id", UP))
        query = {("_id" if key == "id" else key): value for key, value in where.items()}
        if after is not None:
            if (last := await self.collection(name).find_one({"_id": after})) is None:
                raise Malformed(missing=("after",), expected="the id of an item of this list: the last one of the page before")
            beyond = _beyond({key: last[key] for key, _ in order}, dict(order))
            query = {"$and": [query, {"$or": beyond}]}
        rows: list[dict[str, Any]] = await self.collection(name).find(query).sort(order).limit(limit).to_list(limit)
        return rows


def _number_of(collection: str) -> dict[str, Any]:
    """One row more with the number of the collection's documents under its name; none where it is 0."""
    return {"$unionWith": {"coll": collection, "pipeline": [{"$group": {"_id": None, collection: {"$sum": 1}}}]}}


def _beyond(last: Mapping[str, Any], directions: Mapping[str, int] | None = None) -> list[dict[str, Any]]:
    """What sorts after `last`: greater in the first key, or equal there and greater in the second, and so on."""
    conditions: list[dict[str, Any]] = []
    equal: dict[str, Any] = {}
    for key, value in last.items():
        operator = "$gt" if directions is None or directions[key] == UP else "$lt"
        conditions.append({**equal, key: {operator: value}})
        equal[key] = value
    return conditions
