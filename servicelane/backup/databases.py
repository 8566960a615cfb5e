"""Databases as whole things, over MongoDB's own protocol: read at one moment, emptied, filled.

Reading takes no lock: a snapshot session where the server has them, otherwise one snapshot transaction (which a server may end after
a minute: `transactionLifetimeLimitSeconds`).
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from bson import Timestamp
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient, ReadPreference, WriteConcern
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError, OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern

from shared.epochs import RESTORED, RESTORING

NOT_COPIED = frozenset({"processes"})
"""Who runs is no part of what was recorded."""
BATCH_BYTES = 8 << 20
BATCH = 1000
BEATS_WITHIN = 3.5
"""Seconds in which a department that runs has said so (`shared.presence`)."""

_RAW: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument)


class DatabaseFailed(RuntimeError):
    """The database was not reached, or refused; the text says what."""


@contextmanager
def databases(url: str) -> Iterator["Databases"]:
    try:
        client: MongoClient[Any] = MongoClient(url, serverSelectionTimeoutMS=10_000, connectTimeoutMS=5_000, tz_aware=True)
    except (PyMongoError, ValueError) as error:
        raise DatabaseFailed(f"--mongo, or SERVICELANE_MONGO_URL, is no address of a MongoDB: {str(error)[:300]}") from error
    try:
        yield Databases(client)
    except PyMongoError as error:
        raise DatabaseFailed(f"the database: {str(error).partition(', Timeout')[0][:300]}") from error
    finally:
        client.close()


class Databases:
    def __init__(self, client: MongoClient[Any]) -> None:
        self._client = client

    @property
    def server(self) -> str:
        return str(self._client.server_info()["version"])

    def row(self, database: str, collection: str, id: Any) -> dict[str, Any] | None:
        return self._client[database][collection].find_one({"_id": id})

    def rows(self, database: str, collection: str, where: Mapping[str, Any], fields: Sequence[str]) -> Iterator[dict[str, Any]]:
        yield from self._client[database][collection].find(dict(where), dict.fromkeys(fields, 1))

    @contextmanager
    def at_one_moment(self, names: Sequence[str]) -> Iterator["Reading"]:
        """All of these databases as they are now, however long the reading takes."""
        collections = {name: sorted(self._collections(name)) for name in names}
        probe = next((name for name in names if "meta" in collections[name]), None)
        if probe and self._keeps_snapshots(probe):
            with self._client.start_session(snapshot=True) as session:
                yield Reading(self._client, session, collections)
        else:
            with (
                self._client.start_session() as session,
                session.start_transaction(read_concern=ReadConcern("snapshot"), read_preference=ReadPreference.PRIMARY),
            ):
                yield Reading(self._client, session, collections)

    def _keeps_snapshots(self, database: str) -> bool:
        """One that does not may answer all the same, with what is there at each moment: it then answers also for 1970."""
        try:
            self._client[database].command("find", "meta", limit=1, readConcern={"level": "snapshot"})
        except OperationFailure:
            return False
        try:
            self._client[database].command("find", "meta", limit=1, readConcern={"level": "snapshot", "atClusterTime": Timestamp(1, 1)})
        except OperationFailure:
            return True
        return False

    def _collections(self, database: str) -> list[str]:
        names = self._client[database].list_collection_names()
        return [name for name in names if not name.startswith("system.") and name not in NOT_COPIED]

    # -- restoring

    def is_empty(self, database: str) -> bool:
        return not any(self._client[database][name].find_one({}, {"_id": 1}) for name in self._collections(database))

    def is_used(self, names: Sequence[str]) -> list[str]:
        """Those that a running department works with."""
        before = {name: self._beats(name) for name in names}
        until = time.monotonic() + BEATS_WITHIN
        while before and time.monotonic() < until:
            time.sleep(0.2)
            if used := [name for name in names if self._beats(name) != before[name]]:
                return used
        return []

    def _beats(self, database: str) -> dict[str, int]:
        return {row["_id"]: row["beats"] for row in self._client[database]["processes"].find()}

    def unfinished(self, database: str) -> bool:
        return self.row(database, "meta", RESTORING) is not None

    def begin(self, database: str, archive: str) -> None:
        """From here on no department works with it, until `finish`."""
        meta = self._meta(database)
        with suppress(DuplicateKeyError):
            meta.insert_one({"_id": RESTORING, "archive": archive})
        for name in self._client[database].list_collection_names():
            if name != "meta" and not name.startswith("system."):
                self._client[database].drop_collection(name)
        meta.delete_many({"_id": {"$ne": RESTORING}})

    def fill(self, database: str, collection: str, documents: Iterable[bytes]) -> None:
        target = self._client[database].get_collection(collection, write_concern=WriteConcern("majority"))
        for batch in _batches(documents):
            target.insert_many([RawBSONDocument(document) for document in batch], ordered=False)

    def finish(self, database: str, epoch: int, ended: Mapping[str, Any]) -> None:
        """The last two writes, in an order in which each may be the last: what is there then is whole, or says that it is not."""
        meta = self._meta(database)
        meta.replace_one({"_id": RESTORED}, {"epoch": epoch, "ended": dict(ended)}, upsert=True)
        meta.delete_one({"_id": RESTORING})

    def _meta(self, database: str) -> Any:
        return self._client[database].get_collection("meta", write_concern=WriteConcern("majority", j=True))


class Reading:
    """Databases as they were at one moment."""

    def __init__(self, client: MongoClient[Any], session: ClientSession, collections: Mapping[str, Sequence[str]]) -> None:
        self._client = client
        self._session = session
        self.collections = collections

    def documents(self, database: str, collection: str) -> Iterator[bytes]:
        raw = self._client[database].get_collection(collection, codec_options=_RAW)
        for document in raw.find({}, session=self._session, batch_size=BATCH):
            yield document.raw

    def rows(self, database: str, collection: str) -> Iterator[dict[str, Any]]:
        yield from self._client[database][collection].find({}, session=self._session)

    def distinct(self, database: str, collection: str, field: str) -> list[Any]:
        return self._client[database][collection].distinct(field, session=self._session)

    def number_of(self, database: str, collection: str, where: Mapping[str, Any]) -> int:
        return len(list(self._client[database][collection].find(dict(where), {"_id": 1}, session=self._session)))


def _batches(documents: Iterable[bytes]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    size = 0
    for document in documents:
        if batch and (len(batch) == BATCH or size + len(document) > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(document)
        size += len(document)
    if batch:
        yield batch
