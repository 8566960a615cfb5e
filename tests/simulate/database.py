"""The database's driver as the product calls it, over documents in memory.

Every call travels to its server and back (`weather`), may find it away, and what it does there happens at once. A server that goes
away forgets the transactions under way; of a commit that was on its way its caller cannot know.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from typing import Any, Self, TypeVar

from bson import Binary
from pymongo import DeleteOne, InsertOne, ReplaceOne, UpdateOne
from pymongo.errors import AutoReconnect, BulkWriteError, DuplicateKeyError
from pymongo.results import BulkWriteResult, DeleteResult, InsertOneResult, UpdateResult

from tests.simulate.documents import Document, in_order, projected, seed_of_upsert, updated
from tests.simulate.storage import Locked, Storage, Transaction, Version
from tests.simulate.weather import Weather

T = TypeVar("T")

LOCK_POLL_SECONDS = 0.01
TRANSACTION_LIFETIME_SECONDS = 60.0


class Server:
    """One MongoDB. `away` is a name in the weather's `databases_away`."""

    def __init__(self, name: str, weather: Weather) -> None:
        self.name = name
        self.weather = weather
        self.storage = Storage()
        self.starts = 1
        self.commits_left = 0
        """It goes away, behind so many commits, before it has answered; `weather` says until when."""

    def restart(self) -> None:
        self.starts += 1
        self.end(list(self.storage.under_way))

    def count_down(self) -> None:
        self.commits_left -= 1
        if self.commits_left == 0:
            self.weather.databases_away.add(self.name)

    def end(self, sessions: Sequence[Any]) -> None:
        for session in sessions:
            self.storage.abort(session)

    def _must_be_there(self) -> None:
        if self.name in self.weather.databases_away:
            raise AutoReconnect(f"{self.name}: connection refused")

    async def call(self, work: Callable[[], T]) -> T:
        """Travel, do, travel back. A write waits while a transaction holds what it wants."""
        await self.weather.travel()
        while True:
            self._must_be_there()
            self._end_overdue()
            try:
                result = work()
                break
            except Locked:
                await asyncio.sleep(LOCK_POLL_SECONDS)
        await self.weather.travel()
        self._must_be_there()
        return result

    def _end_overdue(self) -> None:
        now = asyncio.get_running_loop().time()
        for session, transaction in list(self.storage.under_way.items()):
            if now - transaction.begun > TRANSACTION_LIFETIME_SECONDS:
                self.storage.abort(session)


class Session:
    """As the driver's, its id is used again by the next, unless the server was gone meanwhile."""

    def __init__(self, server: Server, pool: list[Binary]) -> None:
        self.session_id = {"id": pool.pop() if pool else Binary(uuid.uuid4().bytes, 4)}
        self.transaction: Transaction | None = None
        self.dirty = False
        self._pool = pool
        self._server = server
        self._committed: Transaction | None = None

    @property
    def _id(self) -> Binary:
        return self.session_id["id"]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.transaction is not None:
            await self.abort_transaction()
        if not self.dirty:
            self._pool.append(self._id)

    def start_transaction(self, **_: object) -> None:
        self.transaction, self._committed = self._server.storage.begin(self._id, asyncio.get_running_loop().time()), None

    async def commit_transaction(self) -> None:
        """Asked again after it failed, it says whether it did; a server that restarted does not know any more."""
        transaction = self.transaction or self._committed
        assert transaction
        self.transaction, self._committed = None, transaction
        await self._server.weather.before_commit()

        def commit() -> None:
            if transaction.committed_in != self._server.starts:
                self._server.storage.commit(self._id, transaction)
                transaction.committed_in = self._server.starts
                self._server.count_down()

        try:
            await self._server.call(commit)
        except AutoReconnect as error:
            self.dirty = True
            error._add_error_label("UnknownTransactionCommitResult")
            raise

    async def abort_transaction(self) -> None:
        """As the driver's, it never fails."""
        self.transaction = None
        try:
            await self._server.call(lambda: self._server.storage.abort(self._id))
        except AutoReconnect:
            self.dirty = True


class Cursor:
    def __init__(
        self, collection: Collection, where: Mapping[str, Any], projection: Mapping[str, Any] | None, session: Session | None
    ) -> None:
        self._collection = collection
        self._where = where
        self._projection = projection
        self._session = session
        self._order: Sequence[tuple[str, int]] = ()
        self._limit = 0

    def sort(self, key: str | Sequence[tuple[str, int]], direction: int = 1) -> Self:
        self._order = [(key, direction)] if isinstance(key, str) else key
        return self

    def limit(self, limit: int) -> Self:
        self._limit = limit
        return self

    async def to_list(self, length: int | None = None) -> list[Document]:
        found = await self._collection.call(lambda transaction: self._collection.found(self._where, transaction), self._session)
        if self._order:
            found = in_order(found, self._order)
        limit = min(self._limit or len(found), length or len(found))
        return [projected(document, self._projection) for document in found[:limit]]

    async def __aiter__(self) -> AsyncIterator[Document]:
        for document in await self.to_list():
            yield document


class Collection:
    def __init__(self, server: Server, database: str, name: str) -> None:
        self.name = name
        self._server = server
        self._storage = server.storage
        self._full_name = f"{database}.{name}"

    async def call(self, work: Callable[[Transaction | None], T], session: Session | None) -> T:
        """In the session's transaction, where it has one: any error ends that, as it does on the server."""
        transaction = session.transaction if session else None
        if session is None or transaction is None:
            return await self._server.call(lambda: work(None))

        def inside() -> T:
            self._storage.snapshot(transaction)
            try:
                return work(transaction)
            except Exception:
                self._storage.abort(session._id)
                raise

        try:
            return await self._server.call(inside)
        except AutoReconnect as error:
            session.dirty = True
            error._add_error_label("TransientTransactionError")
            raise

    # -- reading

    def found(self, where: Mapping[str, Any], transaction: Transaction | None) -> list[Document]:
        return [version.copy() for version in self._storage.read(self._full_name, where, transaction)]

    def find(
        self,
        where: Mapping[str, Any] | None = None,
        projection: Mapping[str, Any] | None = None,
        *,
        session: Session | None = None,
        hint: object = None,
    ) -> Cursor:
        return Cursor(self, where or {}, projection, session)

    async def find_one(
        self, where: Mapping[str, Any] | None = None, projection: Mapping[str, Any] | None = None, *, session: Session | None = None
    ) -> Document | None:
        return next(iter(await self.find(where, projection, session=session).limit(1).to_list(1)), None)

    async def count_documents(self, where: Mapping[str, Any], *, session: Session | None = None) -> int:
        return len(await self.find(where, session=session).to_list())

    # -- writing

    async def insert_one(self, document: Document, *, session: Session | None = None) -> InsertOneResult:
        document.setdefault("_id", str(uuid.uuid4()))
        await self.call(lambda transaction: self._insert(document, transaction), session)
        return InsertOneResult(document["_id"], acknowledged=True)

    async def update_one(
        self, where: Mapping[str, Any], change: Mapping[str, Any], *, upsert: bool = False, session: Session | None = None
    ) -> UpdateResult:
        if upsert and session is None:
            return await self._racing_upsert(where, change)
        done = await self.call(lambda transaction: self._update(where, change, transaction, upsert=upsert), session)
        return UpdateResult(done, acknowledged=True)

    async def _racing_upsert(self, where: Mapping[str, Any], change: Mapping[str, Any]) -> UpdateResult:
        """Looking and inserting are two things: who inserted in between makes this one a duplicate."""
        done = await self._server.call(lambda: self._update(where, change, None))
        if not done["n"]:
            done = await self._server.call(lambda: self._insert_for(where, change, None))
        return UpdateResult(done, acknowledged=True)

    async def update_many(self, where: Mapping[str, Any], change: Mapping[str, Any], *, session: Session | None = None) -> UpdateResult:
        done = await self.call(lambda transaction: self._update(where, change, transaction, many=True), session)
        return UpdateResult(done, acknowledged=True)

    async def find_one_and_update(
        self, where: Mapping[str, Any], change: Mapping[str, Any], *, return_document: bool = False, session: Session | None = None
    ) -> Document | None:
        def work(transaction: Transaction | None) -> Document | None:
            for before in self._storage.read(self._full_name, where, transaction):
                assert before.document is not None
                after = Version.of(updated(before.copy(), change))
                self._storage.write(self._full_name, before, after.document, transaction)
                return after.copy() if return_document else before.copy()
            return None

        return await self.call(work, session)

    async def delete_one(self, where: Mapping[str, Any], *, session: Session | None = None) -> DeleteResult:
        number = await self.call(lambda transaction: self._delete(where, transaction, limit=1), session)
        return DeleteResult({"n": number}, acknowledged=True)

    async def delete_many(self, where: Mapping[str, Any], *, session: Session | None = None) -> DeleteResult:
        number = await self.call(lambda transaction: self._delete(where, transaction), session)
        return DeleteResult({"n": number}, acknowledged=True)

    async def bulk_write(self, operations: Sequence[Any], *, ordered: bool = True, session: Session | None = None) -> BulkWriteResult:
        def work(transaction: Transaction | None) -> dict[str, Any]:
            done: dict[str, Any] = dict.fromkeys(("nInserted", "nMatched", "nModified", "nUpserted", "nRemoved"), 0)
            done |= {"upserted": [], "writeErrors": [], "writeConcernErrors": []}
            for number, operation in enumerate(operations):
                try:
                    for what, count in self._one_of_many(operation, transaction).items():
                        done[what] += count
                except DuplicateKeyError as error:
                    done["writeErrors"].append({**(error.details or {}), "index": number})
                    if ordered or transaction is not None:
                        break
            return done

        done = await self.call(lambda transaction: _complete(work(transaction)), session)
        return BulkWriteResult(done, acknowledged=True)

    # -- what happens on the server

    def _insert(self, document: Mapping[str, Any], transaction: Transaction | None) -> None:
        present = self._storage.version(self._storage.collection(self._full_name), document["_id"], transaction)
        there = present if present is not None and present.document is None else None
        self._storage.write(self._full_name, there, document, transaction)

    def _update(
        self,
        where: Mapping[str, Any],
        change: Mapping[str, Any],
        transaction: Transaction | None,
        *,
        upsert: bool = False,
        many: bool = False,
    ) -> dict[str, Any]:
        return self._change(where, lambda before: updated(before, change), transaction, many=many) or (
            self._insert_for(where, change, transaction) if upsert else {"n": 0, "nModified": 0}
        )

    def _insert_for(self, where: Mapping[str, Any], change: Mapping[str, Any], transaction: Transaction | None) -> dict[str, Any]:
        fresh = updated(seed_of_upsert(where), change, inserting=True)
        fresh.setdefault("_id", str(uuid.uuid4()))
        self._insert(fresh, transaction)
        return {"n": 1, "nModified": 0, "upserted": fresh["_id"]}

    def _change(
        self, where: Mapping[str, Any], change: Callable[[Document], Document], transaction: Transaction | None, *, many: bool = False
    ) -> dict[str, Any] | None:
        matched = modified = 0
        for before in list(self._storage.read(self._full_name, where, transaction)):
            modified += self._storage.write(self._full_name, before, change(before.copy()), transaction)
            matched += 1
            if not many:
                break
        return {"n": matched, "nModified": modified} if matched else None

    def _delete(self, where: Mapping[str, Any], transaction: Transaction | None, limit: int = 0) -> int:
        found = list(self._storage.read(self._full_name, where, transaction))
        for before in found[: limit or len(found)]:
            self._storage.write(self._full_name, before, None, transaction)
        return len(found[: limit or len(found)])

    def _one_of_many(self, operation: Any, transaction: Transaction | None) -> dict[str, Any]:
        match operation:
            case InsertOne():
                self._insert(operation._doc, transaction)
                return {"nInserted": 1}
            case DeleteOne():
                return {"nRemoved": self._delete(operation._filter, transaction, limit=1)}
            case UpdateOne():
                change: Any = operation._doc
                done = self._update(operation._filter, change, transaction, upsert=bool(operation._upsert))
            case ReplaceOne():
                done = self._replace(operation._filter, dict(operation._doc), transaction, upsert=bool(operation._upsert))
            case _:
                raise NotImplementedError(type(operation).__name__)
        if "upserted" in done:
            return {"nUpserted": 1, "upserted": [{"index": 0, "_id": done["upserted"]}]}
        return {"nMatched": done["n"], "nModified": done["nModified"]}

    def _replace(self, where: Mapping[str, Any], document: Document, transaction: Transaction | None, *, upsert: bool) -> dict[str, Any]:
        done = self._change(where, lambda before: {"_id": before["_id"], **document}, transaction)
        if done is None and upsert:
            fresh = {**seed_of_upsert(where), **document}
            self._insert(fresh, transaction)
            return {"n": 1, "nModified": 0, "upserted": fresh["_id"]}
        return done or {"n": 0, "nModified": 0}

    # -- indexes

    async def create_index(
        self,
        keys: Iterable[tuple[str, int]],
        *,
        unique: bool = False,
        sparse: bool = False,
        name: str | None = None,
        partialFilterExpression: Mapping[str, Any] | None = None,  # noqa: N803  the driver's word
        expireAfterSeconds: int | None = None,  # noqa: N803  no simulated day is so long
    ) -> str:
        called = name or "_".join(f"{key}_{direction}" for key, direction in keys)
        self._server._must_be_there()
        where = partialFilterExpression or {}
        self._storage.create_index(self._full_name, [key for key, _ in keys], unique=unique, where=where, called=called)
        return called


class Database:
    def __init__(self, server: Server, name: str) -> None:
        self._server = server
        self._name = name

    def __getitem__(self, name: str) -> Collection:
        return Collection(self._server, self._name, name)

    async def command(self, name: str, value: object = 1) -> Mapping[str, Any]:
        match name:
            case "ping":
                await self._server.call(lambda: None)
            case "killSessions":
                assert isinstance(value, Sequence)
                await self._server.call(lambda: self._server.end([each["id"] for each in value]))
            case _:
                raise NotImplementedError(name)
        return {"ok": 1}

    async def list_collection_names(self) -> list[str]:
        self._server._must_be_there()
        prefix = f"{self._name}."
        return [name.removeprefix(prefix) for name in self._server.storage.collections if name.startswith(prefix)]

    async def create_collection(self, name: str, *, check_exists: bool = True) -> Collection:
        self._server._must_be_there()
        self._server.storage.collection(f"{self._name}.{name}")
        return self[name]


class Client:
    def __init__(self, server: Server) -> None:
        self._server = server
        self._sessions: list[Binary] = []

    def __getitem__(self, name: str) -> Database:
        return Database(self._server, name)

    @property
    def admin(self) -> Database:
        return self["admin"]

    async def start_session(self) -> Session:
        return Session(self._server, self._sessions)

    def close(self) -> None:
        """Nothing is open."""


def _complete(done: dict[str, Any]) -> dict[str, Any]:
    if done["writeErrors"]:
        raise BulkWriteError(done)
    return done
