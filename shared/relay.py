"""The relay of a department: numbers committed entries, publishes them in that order, and publishes again what somebody missed.

One task a partition owns its lease, its head and its watermark. Several relays of a department may run: a partition is always
one's. Nothing here is lost by dying at any point: the next holder publishes from `published + 1`, and twice is harmless.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Iterable, Sequence
from functools import partial

from shared import system_time, tracing
from shared.backfill import RequestReader, Requests
from shared.contracts.envelope import Heartbeat
from shared.contracts.event import RecordChanged
from shared.contracts.records import Record
from shared.contracts.topics import CUSTOMERS, backfill_topic, events_topic
from shared.failpoints import reach
from shared.journal import Entry
from shared.loops import Loops
from shared.numbering import (
    BATCH,
    LEASE_SECONDS,
    Head,
    anything_unnumbered,
    entries_between,
    mark_published,
    number,
    release_leases,
    renew_lease,
    take_lease,
)
from shared.publisher import Message, Publisher, Topics
from shared.store import Store

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5
"""How late an entry is seen that another process committed; commits of this process wake the relay at once."""
HEARTBEAT_SECONDS = 1.0
TOPICS_SECONDS = 2.0


class Relay:
    def __init__(self, store: Store, kafka_url: str, *, replication: int = 1, lease_seconds: float = LEASE_SECONDS) -> None:
        self.owner = f"{store.site.id}-{store.name}-{uuid.uuid4().hex[:12]}"
        self.held: dict[int, Head] = {}
        """The heads whose lease this relay has."""
        self.topics_are_there = asyncio.Event()
        """Set while the broker answers and has every topic."""
        self._store = store
        self._lease_seconds = lease_seconds
        self._publisher = Publisher(kafka_url, self.owner)
        self._topics = Topics(kafka_url, self.owner, store.partitions, replication)
        self._requests = Requests(store.partitions)
        self._reader = RequestReader(store, kafka_url, self._requests, self.owner)
        self._changed = RecordChanged.wire_type(store.name)
        self._loops = Loops(log)

    async def start(self) -> None:
        self._loops.start({"relay, topics": self._keep_topics, "relay, requests": self._hear_requests})
        for partition in range(self._store.partitions):
            replay = partial(self._requests.serve_next, partition, self._replay)
            self._loops.start({f"relay, partition {partition}": partial(self._hold, partition), f"relay, replay {partition}": replay})

    async def stop(self) -> None:
        """Within two seconds, whatever is away; leases are given back."""
        await self._loops.stop()
        release = asyncio.ensure_future(release_leases(self._store, self.owner))
        ends = {release, asyncio.ensure_future(self._publisher.stop()), asyncio.ensure_future(self._topics.stop())}
        done, _ = await asyncio.wait(ends, timeout=1.5)
        for each in done:
            if error := each.exception():
                log.debug("while stopping: %r", error)

    # -- a partition

    async def _hold(self, partition: int) -> None:
        await self.topics_are_there.wait()
        head = await take_lease(self._store, partition, self.owner, self._lease_seconds)
        if head is None:
            await asyncio.sleep(self._lease_seconds / 3)
            return
        self.held[partition] = head
        try:
            await self._publish_what_is_numbered(head)
            await self._go_on(head)
        finally:
            self.held.pop(partition, None)

    async def _publish_what_is_numbered(self, head: Head) -> None:
        while head.published < head.seq:
            entries = await entries_between(self._store, head.epoch, head.partition, head.published + 1, head.seq)
            await self._publish(head, entries)
            await mark_published(self._store, head)

    async def _go_on(self, head: Head) -> None:
        woken = self._store.committed[head.partition]
        heartbeat_at = renew_at = 0.0
        something = True
        while True:
            if something:
                await self._number_and_publish(head)
            if system_time.monotonic() >= renew_at:
                await renew_lease(self._store, head, self._lease_seconds)
                renew_at = system_time.monotonic() + self._lease_seconds / 3
            if system_time.monotonic() >= heartbeat_at:
                await self._heartbeat(head)
                heartbeat_at = system_time.monotonic() + HEARTBEAT_SECONDS
            something = await _set_within(woken, POLL_SECONDS) or await anything_unnumbered(self._store, head.partition)

    async def _number_and_publish(self, head: Head) -> None:
        woken = self._store.committed[head.partition]
        more, unmarked = True, False
        while more:
            woken.clear()
            if entries := await number(self._store, head):
                reach("after_numbering_before_publishing")
                await self._publish(head, entries)
                unmarked = True
            more = len(entries) == BATCH or woken.is_set()
        if unmarked:
            await mark_published(self._store, head)

    async def _publish(self, head: Head, entries: Sequence[Entry]) -> None:
        await self._publish_records(head.partition, entries)
        await self._send(events_topic(self._store.name), head.partition, entries)
        head.published = entries[-1].seq

    async def _heartbeat(self, head: Head) -> None:
        beat = Heartbeat(
            site=self._store.site.id, department=self._store.name, epoch=head.epoch, partition=head.partition, seq=head.published
        )
        await self._publisher.send(events_topic(self._store.name), head.partition, [("heartbeat", beat.model_dump_json().encode())])

    async def _send(self, topic: str, partition: int, entries: Sequence[Entry]) -> None:
        with tracing.publishing((entry.id, entry.type, entry.trace) for entry in entries) as traces:
            await self._publisher.send(topic, partition, [self._message(entry, traces.get(entry.id)) for entry in entries])

    def _message(self, entry: Entry, trace: str | None) -> Message:
        value = entry.envelope(self._store.site.id, self._store.name).model_dump_json().encode()
        return (entry.subject, value, trace) if trace else (entry.subject, value)

    # -- personal data

    async def _publish_records(self, partition: int, entries: Iterable[Entry]) -> None:
        """The present state of every record that changed, read again afterwards and sent again where it moved meanwhile."""
        keys = {str(entry.data["key"]) for entry in entries if entry.type == self._changed}
        while keys:
            present = await self._records(keys)
            messages = [(key, record.model_dump_json().encode()) for key, record in present.items()]
            await self._publisher.send(CUSTOMERS, partition, messages)
            afterwards = await self._records(keys)
            keys = {key for key in keys if afterwards[key].revision != present[key].revision}

    async def _records(self, keys: Iterable[str]) -> dict[str, Record]:
        rows = self._store.collection("records").find({"_id": {"$in": list(keys)}})
        site = self._store.site.id
        return {
            row["_id"]: Record(key=row["_id"], revision=row["revision"], site=site, department=row["department"], body=row["body"])
            async for row in rows
        }

    # -- what somebody missed

    async def _replay(self, epoch: int, partition: int, first: int, last: int) -> None:
        """Only the holder of the partition answers; the others heard the request too."""
        while partition in self.held:
            entries = await entries_between(self._store, epoch, partition, first, last)
            if not entries:
                return
            await self._publish_records(partition, entries)
            await self._send(backfill_topic(self._store.name), partition, entries)
            log.info("partition %d: replayed %d to %d", partition, entries[0].seq, entries[-1].seq)
            first = entries[-1].seq + 1

    async def _hear_requests(self) -> None:
        await self.topics_are_there.wait()
        await self._reader.read()

    async def _keep_topics(self) -> None:
        try:
            await self._topics.ensure()
        except BaseException:
            self.topics_are_there.clear()
            raise
        self.topics_are_there.set()
        await asyncio.sleep(TOPICS_SECONDS)


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False
