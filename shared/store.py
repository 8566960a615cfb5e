"""A department's database on one site. Beside it only `shared.tries` and `shared.gallery` know the MongoDB driver.

State and journal are written in one transaction (`Store.transact`). The rest of the spine (intake, relay, timers) gets its
collections and `in_transaction` from here. Upstream moves from motor to PyMongo's async client: that is a move inside these three.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar, cast

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorClientSession, AsyncIOMotorCollection
from pydantic import TypeAdapter
from pymongo import ASCENDING, DeleteOne, InsertOne, ReadPreference, ReplaceOne, ReturnDocument, UpdateOne, WriteConcern
from pymongo.errors import ConnectionFailure, DuplicateKeyError, PyMongoError
from pymongo.read_concern import ReadConcern

from shared import epochs, first_start, system_time, tracing
from shared.aggregate import Aggregate
from shared.branch import Branch, Site
from shared.clock import Clock
from shared.contracts.envelope import Envelope
from shared.contracts.topics import partition_of
from shared.department import Department
from shared.effects import SYSTEM, BufferedUnit
from shared.failpoints import reach
from shared.gallery import Gallery
from shared.journal import Entry
from shared.pictures import named_in
from shared.presence import Presence
from shared.queries import Queries
from shared.reaction import Timer
from shared.refusal import DatabaseAway, KeyUsedForAnotherBody
from shared.tries import PATIENCE, Conflict, Tries, passes, to_its_end

__all__ = ["Collection", "DuplicateKeyError", "MongoUnit", "Once", "ReplaceOne", "ReturnDocument", "Session", "Store", "UpdateOne"]

T = TypeVar("T")

Session = AsyncIOMotorClientSession
Collection = AsyncIOMotorCollection[dict[str, Any]]


@dataclass(frozen=True)
class Once:
    """A command that may be sent twice. `key` counts per `person`; `answer` is the type of what the work returns."""

    key: str
    person: str
    body_hash: str
    answer: Any

    @property
    def id(self) -> str:
        return f"{self.person}:{self.key}"


class MongoUnit(BufferedUnit):
    """A unit inside one transaction. `session` is for those who write rows of their own in it (intake, timers)."""

    session: Session
    store: Store
    ahead: dict[tuple[str, str], dict[str, Any] | None]
    """Rows that were read in bulk before anybody asked for them, in this transaction."""
    asked: list[tuple[str, str]]
    """What was asked for and had not been read ahead."""

    async def row(self, collection: str, id: str) -> dict[str, Any] | None:
        if (collection, id) in self.ahead:
            return self.ahead[collection, id]
        self.asked.append((collection, id))
        return await self.store.collection(collection).find_one({"_id": id}, session=self.session)

    async def rows(self, collection: str, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Those that are there, in one read; what was read already is not read again."""
        if unread := [id for id in ids if (collection, id) not in self.ahead]:
            self.ahead.update({(collection, id): None for id in unread})
            async for row in self.store.collection(collection).find({"_id": {"$in": unread}}, session=self.session):
                self.ahead[collection, row["_id"]] = row
        return {id: row for id in ids if (row := self.ahead[collection, id])}

    async def stored_ids(self, kind: type[Aggregate], where: Mapping[str, Any]) -> list[str]:
        rows = self.store.collection(kind.COLLECTION).find(dict(where), {"_id": 1}, session=self.session).sort("_id", ASCENDING)
        return [row["_id"] async for row in rows]

    async def changes(self, aggregate: str, subject: str, after: int) -> list[dict[str, Any]]:
        entries = self.store.collection("journal").find({"subject": subject}, session=self.session).sort("k", ASCENDING)
        return [
            {"what": entry["type"], "by": entry["actor"], "at": entry["time"], "version": entry["version"]}
            async for entry in entries
            if entry["aggregate"] == aggregate and entry["version"] > after
        ]

    async def erase_pictures(self, sha256s: Sequence[str], *, named_by: Sequence[str]) -> None:
        """Those that no journal entry but these names: the same picture may be another visit's too, and goes with it."""
        others = {"pictures": {"$in": list(sha256s)}, "_id": {"$nin": list(named_by)}}
        entries = self.store.collection("journal").find(others, {"pictures": 1}, session=self.session)
        stay = {sha256 async for entry in entries for sha256 in entry["pictures"]}
        mine = {"_id": {"$in": list(named_by)}, "pictures": {"$exists": True}}
        await self.store.collection("journal").update_many(mine, {"$unset": {"pictures": ""}}, session=self.session)
        await self.store.gallery.erase([sha256 for sha256 in sha256s if sha256 not in stay], self.session)

    async def forget_answers(self, keys: Sequence[str]) -> None:
        """What was answered to commands that saw or wrote these records; sent again, they are carried out anew, or refused."""
        await self.store.collection("answers").delete_many({"records": {"$in": list(keys)}}, session=self.session)

    def records_met(self) -> list[str]:
        """The keys of the records that it has read or written: what its answer may show."""
        read = {id for collection, id in self.seen if collection == "records"}
        return sorted(read | self.effects.records.keys())


class Store(Queries):
    """One department's database on one site."""

    def __init__(self, url: str, department: Department, branch: Branch, clock: Clock, group_key: str) -> None:
        self.department = department
        self.name = department.name
        self.branch = branch
        self.site: Site = branch.site
        self.clock = clock
        self.group_key = group_key
        self.partitions = 0
        self.epoch = 0
        self.since_restore = epochs.NEVER_RESTORED
        self.committed: dict[int, asyncio.Event] = {}
        """Per partition: set when entries were committed in this process; the relay waits for it and clears it."""
        self.to_drain = asyncio.Event()
        """Set when a commit touched a gate at which events wait; `drainable` says which."""
        self.drainable: set[str] = set()
        self.asked_how_far: set[Callable[[], None]] = set()
        """Called when `flow` is asked for: who holds back what it has only to note down does so then."""
        self.retries = 0
        """How often a transaction was tried again, since the start."""
        self._left_open: set[Any] = set()
        """Sessions whose transaction may be under way on the server still, since the connection was lost."""
        self._client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(
            url, serverSelectionTimeoutMS=2000, socketTimeoutMS=20000, connectTimeoutMS=2000, tz_aware=True
        )
        self._database = self._client[f"{branch.site.id.lower()}_{department.name}"]
        self.gallery = Gallery(self._database)
        self.presence = Presence(self.collection("processes"), self._end_sessions)

    @classmethod
    async def open(
        cls,
        url: str,
        department: Department,
        branch: Branch,
        clock: Clock,
        *,
        partitions: int = 4,
        group_key: str = "",
        patience: float = 60.0,
    ) -> Store:
        """Its database as `first_start` makes it; `DatabaseAway` after `patience` seconds."""
        store = cls(url, department, branch, clock, group_key)
        tries = Tries(patience)
        try:
            while True:
                try:
                    await first_start.prepare(store, partitions)
                    return store
                except PyMongoError as error:
                    await tries.pause(error)
        except BaseException:
            store.close()
            raise

    def close(self) -> None:
        self.presence.stop()
        self._client.close()

    def collection(self, name: str) -> Collection:
        return self._database[name]

    async def create_collections(self, names: Sequence[str]) -> None:
        """Those that are not there; a `DatabaseError` where another process creates one at the same moment."""
        there = await self._database.list_collection_names()
        for name in names:
            if name not in there:
                await self._database.create_collection(name, check_exists=False)  # the driver would list them all again before each

    async def _end_sessions(self, sessions: Sequence[Any]) -> None:
        await self._client.admin.command("killSessions", [{"id": session} for session in sessions])

    async def ping(self) -> None:
        """`DatabaseError` where the database does not answer."""
        await self._database.command("ping")

    # -- transactions

    async def transact(
        self,
        work: Callable[[MongoUnit], Awaitable[T]],
        *,
        actor: str,
        correlation: str,
        cause: Envelope | None = None,
        derived_from: str | None = None,
        once: Once | None = None,
        expected: int | None = None,
        patience: float = PATIENCE,
    ) -> T:
        """All that `work` decides, in one transaction. It runs again after a conflict, so its effects belong into its unit.

        `expected` is the version that the first aggregate which it updates must have, of those that were there (`Stale`). With
        `once`, a key that was used gives the answer of then; a work that raises leaves no trace of its key. `derived_from` names
        a cause that is no event (a timer), for ids that stay. `DatabaseAway` after `patience` seconds.
        """
        unit: MongoUnit | None = None
        doubtful = False
        """Whether the key may have been used: asked only then, since most are new."""

        async def attempt(session: Session) -> T:
            nonlocal unit, doubtful
            unit = None
            if once and doubtful and (used := await self._used(once, session)):
                return cast(T, _answer_again(once, used))
            doubtful = True
            unit = self._unit(session, actor, correlation, cause, derived_from, expected)
            answer = await work(unit)
            unit.must_have_met_what_is_expected()
            await self._write(unit)
            if once:
                row = {"_id": once.id, "body": once.body_hash, "answer": TypeAdapter(once.answer).dump_python(answer, mode="json")}
                row |= {"records": records} if (records := unit.records_met()) else {}
                await to_its_end(self.collection("answers").insert_one({**row, "at": system_time.now()}, session=session))
            return answer

        async def landed() -> bool:
            entries = unit.effects.entries if unit else []
            return bool(entries) and await self.collection("journal").find_one({"_id": entries[0].id}) is not None

        # What the system does by itself sees in its transaction whether it was done; the ids of its entries would not say by whom.
        unclear = None if actor == SYSTEM else landed
        with tracing.step("transaction", correlation=correlation):
            try:
                answer = await self.in_transaction(attempt, patience=patience, landed=unclear)
            except DatabaseAway:
                raise
            except Exception:  # what was done already is mostly refused when it is asked for again
                if once is None or (used := await self._sure(partial(self._used, once), Tries(patience))) is None:
                    raise
                answer, unit = cast(T, _answer_again(once, used)), None
        if unit is not None:
            self._wake(unit)
        if actor != SYSTEM:
            reach("between_effect_and_answer")
        return answer

    async def _used(self, once: Once, session: Session | None = None) -> dict[str, Any] | None:
        return await self.collection("answers").find_one({"_id": once.id}, session=session)

    async def in_transaction(
        self,
        work: Callable[[Session], Awaitable[T]],
        *,
        patience: float = PATIENCE,
        landed: Callable[[], Awaitable[bool]] | None = None,
    ) -> T:
        """One snapshot transaction, tried again after conflicts and outages for `patience` seconds, then `DatabaseAway`.

        `landed` is asked when the database cannot say whether it committed: a server that was killed forgets the transaction
        but not what it wrote, and running `work` again would do it twice.
        """
        tries = Tries(patience)
        while True:
            try:
                await self._end_what_is_left_open()
                async with await self._client.start_session() as session:
                    id = cast(Any, session.session_id)["id"]
                    await self.presence.uses(id)
                    try:
                        return await self._attempt(session, work, tries, landed)
                    except (ConnectionFailure, DatabaseAway):
                        self._left_open.add(id)
                        raise
            except (PyMongoError, Conflict) as error:
                if not passes(error):
                    raise
                self.retries += 1
                await tries.pause(error)

    async def _end_what_is_left_open(self) -> None:
        """A server that could not be reached for a while knows nothing of an abort that it did not get: the transaction would hold what
        it wrote for a minute.
        """
        if left_open := list(self._left_open):
            await self._end_sessions(left_open)
            self._left_open -= set(left_open)

    async def _attempt(
        self, session: Session, work: Callable[[Session], Awaitable[T]], tries: Tries, landed: Callable[[], Awaitable[bool]] | None
    ) -> T:
        session.start_transaction(
            read_concern=ReadConcern("snapshot"), write_concern=WriteConcern("majority"), read_preference=ReadPreference.PRIMARY
        )
        try:
            result = await work(session)
        except BaseException:
            await session.abort_transaction()
            raise
        await self._commit(session, tries, landed)
        return result

    async def _commit(self, session: Session, tries: Tries, landed: Callable[[], Awaitable[bool]] | None) -> None:
        while True:
            try:
                return await session.commit_transaction()
            except PyMongoError as error:
                if error.has_error_label("UnknownTransactionCommitResult"):
                    await tries.pause(error)
                elif landed is not None and await self._sure(landed, tries):
                    return None
                else:
                    raise Conflict("commit") from error

    async def _sure(self, asked: Callable[[], Awaitable[T]], tries: Tries) -> T:
        while True:
            try:
                return await asked()
            except PyMongoError as error:
                await tries.pause(error)

    def _unit(
        self, session: Session, actor: str, correlation: str, cause: Envelope | None, derived_from: str | None, expected: int | None
    ) -> MongoUnit:
        unit = MongoUnit(
            self.name,
            self.branch,
            self.clock.now(),
            actor=actor,
            correlation=correlation,
            cause=cause,
            derived_from=derived_from,
            expected=expected,
            since_restore=self.since_restore,
        )
        unit.store, unit.session = self, session
        unit.ahead, unit.asked = {}, []
        return unit

    async def _write(self, unit: MongoUnit) -> None:
        """One bulk write a collection; every row must be as it was read, or the whole transaction is tried again."""
        effects = unit.effects
        for entry in effects.entries:
            entry.must_fit()
        if unit.actor != SYSTEM and (named := [*dict.fromkeys(named_in([entry.data for entry in effects.entries]))]):
            await self.gallery.name(named, unit.session)
        entries, gates = await self._at_the_gates(unit)
        writes: dict[str, list[Any]] = {"gates": gates}
        for (kind, _), state in effects.aggregates.items():
            writes.setdefault(kind.COLLECTION, []).append(_save(state, unit.loaded[kind, state.id].version))
        for (name, _), document in effects.documents.items():
            writes.setdefault(name, []).append(ReplaceOne({"_id": document["_id"]}, document, upsert=True))
        writes["records"] = [ReplaceOne({"_id": key}, record, upsert=True) for key, record in effects.records.items()]
        writes["notices"] = [InsertOne(notice) for notice in effects.notices.values()]
        writes["counters"] = [
            UpdateOne({"_id": series}, {"$set": {"value": value}}, upsert=True) for series, value in effects.counters.items()
        ]
        writes["timers"] = [_set_timer(key, timer) for key, timer in effects.timers.items()]
        writes["journal"] = [InsertOne(entry.document()) for entry in entries]
        for name, operations in writes.items():
            if operations:
                await self._write_all(name, operations, unit.session)

    async def _at_the_gates(self, unit: MongoUnit) -> tuple[list[Entry], list[Any]]:
        """Each subject's next numbers for its entries, and the write that makes units of one subject conflict.

        `touched` counts even where nothing else changes: an update that changes nothing is no write, and would not conflict.
        """
        numbers = Counter(entry.subject for entry in unit.effects.entries)
        steps = {subject: {"next": numbers[subject], "waiting": change, "touched": 1} for subject, change in unit.effects.gates.items()}
        rows = await unit.rows("gates", list(steps))
        following = {subject: rows[subject]["next"] if subject in rows else 1 for subject in steps}
        entries = []
        for entry in unit.effects.entries:
            entries.append(replace(entry, k=following[entry.subject], partition=partition_of(entry.subject, self.partitions)))
            following[entry.subject] += 1
        writes: list[Any] = []
        for subject, step in steps.items():
            row = rows.get(subject)
            if row is None:
                writes.append(InsertOne({"_id": subject, **step, "next": following[subject]}))
            else:
                moved = {name: row[name] + by for name, by in step.items()}
                writes.append(ReplaceOne({"_id": subject, "touched": row["touched"]}, {"_id": subject, **moved}))
            if step["waiting"] > 0 or (row and row["waiting"] + step["waiting"] > 0):
                unit.waited_for.add(subject)
        unit.partitions_written = {entry.partition for entry in entries}
        return entries, writes

    async def _write_all(self, name: str, operations: Sequence[Any], session: Session) -> None:
        result = await to_its_end(self.collection(name).bulk_write(operations, ordered=False, session=session))
        done = result.inserted_count + result.matched_count + result.upserted_count
        if done != sum(not isinstance(operation, DeleteOne) for operation in operations):
            raise Conflict(name)

    def _wake(self, unit: MongoUnit) -> None:
        for partition in unit.partitions_written:
            self.committed[partition].set()
        if unit.waited_for:
            self.drainable |= unit.waited_for
            self.to_drain.set()


def _save(state: Aggregate, loaded_version: int) -> Any:
    row = state.model_dump(mode="json")
    row = {"_id": row.pop("id"), **row}
    return ReplaceOne({"_id": state.id, "version": loaded_version}, row) if loaded_version else InsertOne(row)


def _set_timer(key: str, timer: tuple[Timer, str, str | None, str] | None) -> Any:
    if timer is None:
        return DeleteOne({"_id": key})
    row = {**timer[0].model_dump(mode="json", exclude={"key"}), "due_at": timer[0].due_at, "state": "waiting", "tries": 0}
    _, correlation, trace, setting = timer
    row |= {"correlation": correlation, "setting": setting} | ({"trace": trace} if trace else {})
    return ReplaceOne({"_id": key}, row, upsert=True)


def _answer_again(once: Once, used: Mapping[str, Any]) -> Any:
    if used["body"] != once.body_hash:
        raise KeyUsedForAnotherBody(key=once.key)
    return TypeAdapter(once.answer).validate_python(used["answer"])
