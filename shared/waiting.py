"""Events whose turn has not come: they wait for something, stand behind one that waits, or are dead letters.

Order is kept per subject and department: whoever waits holds up what came after it, and nothing else. A queue is one
document, `DEPARTMENT:SUBJECT`; whoever changes it touches the subject's gate, and so does whoever fulfils what it waits
for: no wake-up slips between two transactions.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from shared import erasing, missing_records, site_changes, system_time, tracing
from shared.contracts.envelope import Envelope
from shared.contracts.event import DEPARTMENTS, Event
from shared.effects import SYSTEM
from shared.failpoints import reach
from shared.reaction import NotYet, Reactions
from shared.refusal import DatabaseAway, NotFound, NotReadyYet
from shared.store import MongoUnit, Store
from shared.telemetry import correlation
from shared.tries import DatabaseError

T = TypeVar("T")

log = logging.getLogger(__name__)


class Handlers:
    """A department's reactions by the type on the wire. An event without reaction, or of a type unknown here, is none of them."""

    def __init__(self, reactions: Reactions) -> None:
        self._of = {kind.wire_type(department): (kind, told) for kind, told in reactions.items() for department in DEPARTMENTS}

    def __contains__(self, type: object) -> bool:
        return type in self._of

    async def react(self, envelope: Envelope, unit: MongoUnit) -> None:
        kind: type[Event]
        kind, reactions = self._of[envelope.type]
        event = kind.model_validate(envelope.data)
        for reaction in reactions:
            with tracing.step(reaction.__name__):
                await reaction(event, unit)


@dataclass
class Held:
    """One event in a queue: the key that it waits for, and since when (system time, ISO)."""

    envelope: dict[str, Any]
    key: str
    since: str


@dataclass
class Queue:
    """The events of one subject from one department that wait, in order. `dead`: the first is a dead letter."""

    department: str
    subject: str
    events: list[Held] = field(default_factory=list)
    dead: bool = False

    @property
    def id(self) -> str:
        return queue_id(self.department, self.subject)

    @classmethod
    async def load(cls, unit: MongoUnit, department: str, subject: str) -> Queue:
        row = await unit.fetch("waiting", queue_id(department, subject))
        events = [Held(**held) for held in row["events"]] if row else []
        return cls(department, subject, events, bool(row and row["dead"]))

    def has(self, envelope: Envelope) -> bool:
        """A department that was restored from a backup publishes it again."""
        return any(held.envelope["id"] == envelope.id for held in self.events)

    def add(self, unit: MongoUnit, envelope: Envelope, key: str) -> None:
        self.events.append(Held(envelope.model_dump(mode="json"), key, system_time.now().isoformat()))
        unit.touch(self.subject, waiting=1)

    async def save(self, unit: MongoUnit) -> None:
        if self.events:
            unit.effects.documents["waiting", self.id] = {"_id": self.id, **asdict(self)}
            return
        unit.effects.documents.pop(("waiting", self.id), None)
        unit.seen["waiting", self.id] = None
        await unit.store.collection("waiting").delete_one({"_id": self.id}, session=unit.session)


def queue_id(department: str, subject: str) -> str:
    return f"{department}:{subject}"


class Turns:
    """Gives each event its turn, or makes it wait for it."""

    def __init__(self, store: Store, *, alarm_after: timedelta = timedelta(seconds=60)) -> None:
        self.handlers = Handlers(_with_everybodys(store.department.reactions))
        self.overdue: set[str] = set()
        """The queues whose first event waits for longer than `alarm_after`, as the last sweep saw them."""
        self.announced_in_vain: list[Envelope] = []
        """The announcements whose record does not come, as the last sweep saw them."""
        self._store = store
        self._alarm_after = alarm_after

    async def take(self, unit: MongoUnit, envelope: Envelope) -> None:
        """One event in the order of its partition: its effects, or its place in a queue."""
        if envelope.type not in self.handlers or await self._stands_behind(unit, envelope):
            return
        hindrance = await self._try(unit, envelope)
        if hindrance is not None:
            queue = Queue(envelope.department, envelope.subject)
            queue.add(unit, envelope, "")
            await self._hold(unit, queue, hindrance)

    async def _stands_behind(self, unit: MongoUnit, envelope: Envelope) -> bool:
        if not await unit.waiting(envelope.subject):
            return False
        queue = await Queue.load(unit, envelope.department, envelope.subject)
        if not queue.events:
            return False
        if queue.has(envelope):
            return True
        queue.add(unit, envelope, f"event:{queue.events[-1].envelope['id']}")
        await queue.save(unit)
        return True

    async def bury(self, unit: MongoUnit, envelope: Envelope, error: Exception) -> None:
        """An event whose effects could not be written: a dead letter, or in its place behind what waits already."""
        if not await self._stands_behind(unit, envelope):
            queue = Queue(envelope.department, envelope.subject)
            queue.add(unit, envelope, "retry")
            await self._hold(unit, queue, error)

    async def _try(self, unit: MongoUnit, envelope: Envelope) -> Exception | None:
        """All of the event's effects, or none of them and what hinders it."""
        written = len(unit.effects.entries)
        token = correlation.set(envelope.correlationid)
        try:
            with tracing.taking(envelope):
                async with unit.reacting_to(envelope) as reacting:
                    reacting.touch(envelope.subject)
                    await self.handlers.react(envelope, reacting)
        except DatabaseError:
            raise
        except Exception as hindrance:  # noqa: BLE001  whatever a reaction raises is for the dead letters, not for us
            return hindrance
        finally:
            correlation.reset(token)
        if len(unit.effects.entries) > written:
            reach("in_the_middle_of_a_batch")
        return None

    async def _hold(self, unit: MongoUnit, queue: Queue, hindrance: Exception) -> None:
        """The first of the queue stays there: until its key is there, or as a dead letter."""
        first = queue.events[0]
        if (key := _awaited(hindrance)) is not None:
            first.key = key
        else:
            queue.dead, first.key = True, "retry"
            unit.effects.documents["dead_letters", first.envelope["id"]] = _dead_letter(first.envelope, hindrance)
            log.error("dead letter", exc_info=hindrance, extra={"event": first.envelope["id"], "type": first.envelope["type"]})
        unit.touch(queue.subject)
        await queue.save(unit)

    # -- draining

    async def drain(self, subject: str) -> int:
        """Every event that waits at the subject's gate gets its turn, in order, as long as one succeeds. Gives their number."""
        try:
            return await self._transact(subject, lambda unit: self._drain(unit, subject))
        except DatabaseAway:
            raise
        except Exception:
            log.exception("what waits could not be written; one by one", extra={"subject": subject})
        return sum([await self._drain_singly(department, subject) for department in DEPARTMENTS])

    async def _transact(self, subject: str, work: Callable[[MongoUnit], Awaitable[T]]) -> T:
        return await self._store.transact(work, actor=SYSTEM, correlation=f"drain-{subject}")

    async def _drain(self, unit: MongoUnit, subject: str) -> int:
        queues = [await Queue.load(unit, department, subject) for department in DEPARTMENTS]
        done, before = 0, -1
        while done > before:
            before = done
            for queue in queues:
                while await self._advance(unit, queue):
                    done += 1
        return done

    async def _advance(self, unit: MongoUnit, queue: Queue) -> bool:
        """The first of the queue gets its turn. Whether it took it."""
        if not queue.events or queue.dead:
            return False
        hindrance = await self._try(unit, tracing.read(queue.events[0].envelope))
        if hindrance is not None:
            if _awaited(hindrance) != queue.events[0].key:
                await self._hold(unit, queue, hindrance)
            return False
        queue.events.pop(0)
        unit.touch(queue.subject, waiting=-1)
        await queue.save(unit)
        return True

    async def _drain_singly(self, department: str, subject: str) -> int:
        """One event a transaction: the one whose effects cannot be written is a dead letter then."""

        async def advance(unit: MongoUnit) -> bool:
            return await self._advance(unit, await Queue.load(unit, department, subject))

        done = 0
        try:
            while await self._transact(subject, advance):
                done += 1
        except DatabaseAway:
            raise
        except Exception as error:  # noqa: BLE001  it goes to the dead letters
            await self._transact(subject, partial(self._bury_first, department, subject, error))
        return done

    async def _bury_first(self, department: str, subject: str, error: Exception, unit: MongoUnit) -> None:
        queue = await Queue.load(unit, department, subject)
        if queue.events and not queue.dead:
            await self._hold(unit, queue, error)

    async def drain_touched(self) -> None:
        """Drains the gates that commits of this process touched since the last time."""
        self._store.to_drain.clear()
        while self._store.drainable:
            await self._drain_or_keep(self._store.drainable.pop())

    async def sweep(self) -> None:
        """Drains whatever waits, whoever fulfilled it, and says what waits too long."""
        queues = await self._store.collection("waiting").find({}, {"events": {"$slice": 1}}).to_list(None)
        self._watch(queues)
        self.announced_in_vain = missing_records.announced_in_vain(queues)
        for subject in {queue["subject"] for queue in queues if not queue["dead"]}:
            await self._drain_or_keep(subject)

    async def drain_waiting_for(self, keys: Sequence[str]) -> None:
        """Drains what waits for these keys: records that came on a topic without a gate."""
        async for queue in self._store.collection("waiting").find({"events.0.key": {"$in": list(keys)}}):
            await self._drain_or_keep(queue["subject"])

    async def _drain_or_keep(self, subject: str) -> None:
        try:
            await self.drain(subject)
        except BaseException:
            self._store.drainable.add(subject)
            raise

    def _watch(self, queues: Sequence[Mapping[str, Any]]) -> None:
        limit = (system_time.now() - self._alarm_after).isoformat()
        late = {queue["_id"]: queue["events"][0] for queue in queues if queue["events"][0]["since"] < limit}
        for queue in late.keys() - self.overdue:
            log.error("an event waits too long", extra={"queue": queue, "key": late[queue]["key"], "event": late[queue]["envelope"]["id"]})
        self.overdue = set(late)


async def retry_dead(store: Store, id: str) -> None:
    """The dead letter gets another turn, and what queues behind it too: the next drain tries it. `NotFound` where there is none."""

    async def work(unit: MongoUnit) -> None:
        letter = await unit.fetch("dead_letters", id)
        if letter is None:
            raise NotFound(missing=(f"dead_letter:{id}",))
        queue = await Queue.load(unit, letter["department"], letter["subject"])
        queue.dead = False
        await queue.save(unit)
        unit.touch(queue.subject)
        await store.collection("dead_letters").delete_one({"_id": id}, session=unit.session)

    await store.transact(work, actor=SYSTEM, correlation=f"retry-{id}")


def _with_everybodys(own: Reactions) -> Reactions:
    """The department's reactions, behind those that every department has."""
    everybodys: Reactions = {**missing_records.REACTIONS, **site_changes.REACTIONS, **erasing.REACTIONS}
    kinds: dict[type[Event], None] = dict.fromkeys((*everybodys, *own))
    return {kind: (*everybodys.get(kind, ()), *own.get(kind, ())) for kind in kinds}


def _awaited(hindrance: Exception) -> str | None:
    """The key that an event waits for; None where waiting does not help."""
    if isinstance(hindrance, NotYet):
        return hindrance.key
    if isinstance(hindrance, NotFound | NotReadyYet):
        return hindrance.missing[0] if hindrance.missing else "something"
    return None


def _dead_letter(envelope: Mapping[str, Any], error: Exception) -> dict[str, Any]:
    return {
        "_id": envelope["id"],
        "department": envelope["department"],
        "subject": envelope["subject"],
        "type": envelope["type"],
        "error": f"{type(error).__name__}: {error}",
        "raised": traceback.format_tb(error.__traceback__)[-5:],
        "at": system_time.now().isoformat(),
        "envelope": dict(envelope),
    }
