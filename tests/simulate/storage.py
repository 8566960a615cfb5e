"""The documents of an in-memory database: every version that a snapshot may still read, and who holds what.

Snapshot isolation as MongoDB has it: a transaction reads as of its first operation and its own writes; it conflicts with whoever
wrote one of *its* documents since, or has it in hand; what it only read may change meanwhile (write skew).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from bson import CodecOptions, decode, encode
from pymongo.errors import DuplicateKeyError, OperationFailure

from tests.simulate.documents import Document, matches, values_at

_TYPES: CodecOptions[Document] = CodecOptions(tz_aware=True)


class Locked(Exception):
    """A transaction under way holds the document: who writes outside of one waits for it."""


class Version(NamedTuple):
    """`document` is None where it was deleted; `raw` is what a reader gets a copy of."""

    at: int
    document: Document | None
    raw: bytes

    @classmethod
    def of(cls, document: Mapping[str, Any] | None, at: int = 0) -> Version:
        if document is None:
            return cls(at, None, b"")
        raw = encode({"_id": document["_id"], **document} if "_id" in document else document)
        return cls(at, decode(raw, _TYPES), raw)

    def copy(self) -> Document:
        return decode(self.raw, _TYPES)


@dataclass(eq=False)
class Index:
    name: str
    keys: Sequence[str]
    unique: bool
    where: Mapping[str, Any]
    holders: dict[tuple[Any, ...], Any] = field(default_factory=dict)
    """Of a unique one: whose document has the key, as committed."""
    candidates: dict[Any, None] = field(default_factory=dict)
    """Of a partial one: all that are in it, and some that were."""

    def key(self, document: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(next(values_at(document, key), None) for key in self.keys)

    def has(self, document: Mapping[str, Any] | None) -> bool:
        return document is not None and matches(document, self.where)


@dataclass(eq=False)
class Collection:
    name: str
    rows: dict[Any, list[Version]] = field(default_factory=dict)
    indexes: dict[str, Index] = field(default_factory=dict)

    def narrowed(self, where: Mapping[str, Any]) -> Iterable[Any]:
        """The ids that can match at all."""
        wanted = where.get("_id")
        if isinstance(wanted, str | int):
            return (wanted,)
        if isinstance(wanted, Mapping) and set(wanted) == {"$in"}:
            return [id for id in dict.fromkeys(wanted["$in"]) if id in self.rows]
        for index in self.indexes.values():
            if index.where and not index.unique and all(where.get(key) == value for key, value in index.where.items()):
                return list(index.candidates)
        return list(self.rows)


@dataclass(eq=False)
class Transaction:
    """`snapshot` is taken by its first operation; `committed_in` is the life of the server that remembers its commit."""

    begun: float
    snapshot: int = -1
    committed_in: int = 0
    written: dict[str, dict[Any, Version]] = field(default_factory=dict)
    over: bool = False


class Storage:
    """One server's databases. Nothing here takes time: what is called happens at once, whole or not at all."""

    def __init__(self) -> None:
        self.collections: dict[str, Collection] = {}
        self.under_way: dict[Any, Transaction] = {}
        self._holders: dict[tuple[str, Any], Transaction] = {}
        self._now = 0

    def collection(self, name: str) -> Collection:
        return self.collections.setdefault(name, Collection(name))

    # -- reading

    def read(self, name: str, where: Mapping[str, Any], transaction: Transaction | None) -> Iterator[Version]:
        collection = self.collection(name)
        for id in self._ids(collection, where, transaction):
            version = self.version(collection, id, transaction)
            if version and version.document is not None and matches(version.document, where):
                yield version

    def version(self, collection: Collection, id: Any, transaction: Transaction | None) -> Version | None:
        if transaction is not None:
            if (own := transaction.written.get(collection.name, {}).get(id)) is not None:
                return own
            return next((version for version in reversed(collection.rows.get(id, ())) if version.at <= transaction.snapshot), None)
        versions = collection.rows.get(id)
        return versions[-1] if versions else None

    def _ids(self, collection: Collection, where: Mapping[str, Any], transaction: Transaction | None) -> list[Any]:
        ids = list(collection.narrowed(where))
        own = transaction.written.get(collection.name) if transaction else None
        return ids + [id for id in own if id not in ids] if own else ids

    # -- writing

    def write(self, name: str, before: Version | None, after: Mapping[str, Any] | None, transaction: Transaction | None) -> bool:
        """Whether anything changes: an update that changes nothing is no write, and conflicts with nobody."""
        version = Version.of(after)
        if before is not None and version.document == before.document:
            return False
        document = version.document or (before.document if before else None)
        assert document is not None
        id = document["_id"]
        collection = self.collection(name)
        self._take(collection, id, transaction)
        if version.document is not None:
            if before is None:
                self._must_be_free(collection, id, transaction)
            self._must_be_unique(collection, id, version.document, transaction)
        if transaction is None:
            self._now += 1
            self._put(collection, id, version)
        else:
            self._holders[name, id] = transaction
            transaction.written.setdefault(name, {})[id] = version
        return True

    def _take(self, collection: Collection, id: Any, transaction: Transaction | None) -> None:
        holder = self._holders.get((collection.name, id))
        if holder is not None and holder is not transaction:
            if transaction is None:
                raise Locked
            raise conflict(collection.name)
        versions = collection.rows.get(id)
        if transaction is not None and versions and versions[-1].at > transaction.snapshot:
            raise conflict(collection.name)

    def _must_be_free(self, collection: Collection, id: Any, transaction: Transaction | None) -> None:
        present = self.version(collection, id, transaction)
        if present is not None and present.document is not None:
            raise _duplicate(collection, "_id_", {"_id": id})

    def _must_be_unique(self, collection: Collection, id: Any, document: Document, transaction: Transaction | None) -> None:
        for index in collection.indexes.values():
            if not index.unique or not index.has(document):
                continue
            key = index.key(document)
            self._nobody_is_about_to(collection, index, key, id, transaction)
            holder = index.holders.get(key)
            if holder is None or holder == id or (transaction and self._gave_up(collection, index, key, holder, transaction)):
                continue
            if transaction is not None and collection.rows[holder][-1].at > transaction.snapshot:
                raise conflict(collection.name)
            raise _duplicate(collection, index.name, dict(zip(index.keys, key, strict=True)))

    def _nobody_is_about_to(self, collection: Collection, index: Index, key: tuple[Any, ...], id: Any, own: Transaction | None) -> None:
        """Neither another transaction under way, nor another document of this one."""
        for other in [*self.under_way.values()]:
            for other_id, version in other.written.get(collection.name, {}).items():
                document = version.document
                if document is None or other_id == id or not index.has(document) or index.key(document) != key:
                    continue
                if other is own:
                    raise _duplicate(collection, index.name, dict(zip(index.keys, key, strict=True)))
                if own is None:
                    raise Locked
                raise conflict(collection.name)

    def _gave_up(self, collection: Collection, index: Index, key: tuple[Any, ...], holder: Any, transaction: Transaction) -> bool:
        own = transaction.written.get(collection.name, {}).get(holder)
        return own is not None and (own.document is None or not index.has(own.document) or index.key(own.document) != key)

    def _put(self, collection: Collection, id: Any, version: Version) -> None:
        versions = collection.rows.setdefault(id, [])
        before = versions[-1].document if versions else None
        for index in collection.indexes.values():
            self._reindex(index, id, before, version.document)
        versions.append(version._replace(at=self._now))
        self._prune(collection, id)

    def _reindex(self, index: Index, id: Any, before: Document | None, after: Document | None) -> None:
        if index.unique:
            if index.has(before) and index.holders.get(index.key(before or {})) == id:
                del index.holders[index.key(before or {})]
            if index.has(after):
                index.holders[index.key(after or {})] = id
        elif index.where and index.has(after):
            index.candidates[id] = None

    def _prune(self, collection: Collection, id: Any) -> None:
        """Versions that no snapshot can read any more."""
        versions = collection.rows[id]
        oldest = min((each.snapshot for each in self.under_way.values() if each.snapshot >= 0), default=self._now)
        while len(versions) > 1 and versions[1].at <= oldest:
            versions.pop(0)
        for index in collection.indexes.values():
            if index.where and not index.unique and not any(index.has(version.document) for version in versions):
                index.candidates.pop(id, None)
        if len(versions) == 1 and versions[0].document is None:
            del collection.rows[id]

    # -- indexes

    def create_index(self, name: str, keys: Sequence[str], *, unique: bool, where: Mapping[str, Any], called: str) -> None:
        collection = self.collection(name)
        if called in collection.indexes:
            return
        index = Index(called, keys, unique, where)
        for id, versions in collection.rows.items():
            self._reindex(index, id, None, versions[-1].document)
        collection.indexes[called] = index

    # -- transactions

    def begin(self, session: Any, now: float) -> Transaction:
        """As on the server, it ends one that the session left open: whose task was cancelled on the way to its commit."""
        self.abort(session)
        transaction = self.under_way[session] = Transaction(begun=now)
        return transaction

    def snapshot(self, transaction: Transaction) -> None:
        if transaction.over:
            raise no_such_transaction()
        if transaction.snapshot < 0:
            transaction.snapshot = self._now

    def commit(self, session: Any, transaction: Transaction) -> None:
        if transaction.over:
            raise no_such_transaction()
        self._end(session, transaction)
        if not transaction.written:
            return
        self._now += 1
        for name, written in transaction.written.items():
            collection = self.collection(name)
            for id, version in written.items():
                self._put(collection, id, version)

    def abort(self, session: Any) -> None:
        if (transaction := self.under_way.get(session)) is not None:
            self._end(session, transaction)

    def _end(self, session: Any, transaction: Transaction) -> None:
        transaction.over = True
        self.under_way.pop(session, None)
        for name, written in transaction.written.items():
            for id in written:
                self._holders.pop((name, id), None)


def conflict(name: str) -> OperationFailure:
    details = {"ok": 0, "code": 112, "codeName": "WriteConflict", "errorLabels": ["TransientTransactionError"]}
    return OperationFailure(f"WriteConflict in {name}", 112, details)


def no_such_transaction() -> OperationFailure:
    details = {"ok": 0, "code": 251, "codeName": "NoSuchTransaction", "errorLabels": ["TransientTransactionError"]}
    return OperationFailure("NoSuchTransaction", 251, details)


def _duplicate(collection: Collection, index: str, key: Mapping[str, Any]) -> DuplicateKeyError:
    message = f"E11000 duplicate key error collection: {collection.name} index: {index} dup key: {dict(key)}"
    return DuplicateKeyError(message, 11000, {"code": 11000, "errmsg": message, "keyPattern": dict.fromkeys(key, 1), "keyValue": dict(key)})
