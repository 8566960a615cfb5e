"""TELL beyond the inbox: a notice in words, and what was raised since a point of the journal, for the live stream and outside channels.

A cursor is a place in the journal's numbers: `EPOCH.SEQ.SEQ…`, one number a partition. Numbers have no holes and never change, so
that a cursor means the same in every process and after every restart.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from shared.contracts.event import NoticeRaised
from shared.refusal import Texts
from shared.store import Store

POLL_SECONDS = 1.0
QUIET_SECONDS = 15.0
"""After so long without a notice the stream says that it is alive, and where it stands."""

_UNKNOWN_FACT = "—"


class _Facts(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return _UNKNOWN_FACT


def in_words(texts: Mapping[str, Texts], notice: Mapping[str, Any], language: str, zone: ZoneInfo) -> str:
    """The notice's text with its facts in it, times in the site's zone; its code where the department has no text for it."""
    known = texts.get(notice["about"])
    if known is None:
        return str(notice["about"])
    facts = {name: _readable(str(value), zone) for name, value in notice["facts"].items()}
    return known[language].format_map(_Facts(facts))


def _readable(value: str, zone: ZoneInfo) -> str:
    if not re.match(r"\d{4}-\d{2}-\d{2}T", value):
        return value or _UNKNOWN_FACT
    try:
        return datetime.fromisoformat(value).astimezone(zone).strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return value


@dataclass(frozen=True)
class Cursor:
    epoch: int
    seqs: tuple[int, ...]

    def __str__(self) -> str:
        return ".".join(map(str, (self.epoch, *self.seqs)))

    @classmethod
    def read(cls, text: str, store: Store) -> Cursor | None:
        """None where it is no cursor of this store; one of an earlier epoch begins the present one."""
        if not re.fullmatch(rf"\d{{1,9}}(\.\d{{1,15}}){{{store.partitions}}}", text):
            return None
        epoch, *seqs = map(int, text.split("."))
        return cls(epoch, tuple(seqs)) if epoch == store.epoch else cls(store.epoch, (0,) * store.partitions)

    def moved(self, partition: int, seq: int) -> Cursor:
        return replace(self, seqs=(*self.seqs[:partition], seq, *self.seqs[partition + 1 :]))


async def newest(store: Store) -> Cursor:
    heads = {head["_id"]: head["seq"] async for head in store.collection("heads").find({})}
    return Cursor(store.epoch, tuple(heads.get(partition, 0) for partition in range(store.partitions)))


@dataclass(frozen=True)
class Raised:
    """`numbered`: ids of notices, each with the cursor behind it; `early` have no number yet, and come again when they have one."""

    numbered: Sequence[tuple[str, Cursor]]
    early: Sequence[str]
    until: Cursor

    @property
    def ids(self) -> list[str]:
        return [*dict.fromkeys([*(id for id, _ in self.numbered), *self.early])]


async def raised_since(store: Store, since: Cursor) -> Raised:
    """Early ones are there too since the relay gives no numbers while Kafka is away, and nobody has to wait for that."""
    journal, kind = store.collection("journal"), NoticeRaised.wire_type(store.name)
    early = [row["data"]["notice"] async for row in journal.find({"unnumbered": True, "type": kind}).sort([("time", 1), ("_id", 1)])]
    until = await newest(store)
    numbered = []
    cursor = since
    for partition, (before, last) in enumerate(zip(since.seqs, until.seqs, strict=True)):
        if last > before:
            where = {"epoch": store.epoch, "partition": partition, "seq": {"$gt": before, "$lte": last}, "type": kind}
            async for row in journal.find(where).sort([("seq", 1)]):
                cursor = cursor.moved(partition, row["seq"])
                numbered.append((str(row["data"]["notice"]), cursor))
            cursor = cursor.moved(partition, last)
    return Raised(numbered, early, until)


@dataclass(frozen=True)
class Told:
    """One step of a live stream. `cursor` is what it may go on from later; `notice` None only says that all is well."""

    notice: Mapping[str, Any] | None
    cursor: Cursor | None


async def live(store: Store, person: str, roles: Sequence[str], since: Cursor | None, *, poll: float = POLL_SECONDS) -> AsyncIterator[Told]:
    """What the person is told from now on, or from `since`; a notice whose number is not known yet comes without a cursor."""
    cursor = since or await newest(store)
    sent: set[str] = set()
    yield Told(None, cursor)
    quiet_since = time.monotonic()
    while True:
        raised = await raised_since(store, cursor)
        mine = await store.notices_among(raised.ids, person=person, roles=roles)
        # by their numbers: an early one that got its number meanwhile is among them, and none of an earlier number comes behind it
        places: dict[str, Cursor | None] = {**dict.fromkeys(raised.ids), **dict(raised.numbered)}
        for id in (id for id in places if id in mine and id not in sent):
            yield Told(mine[id], places[id])
        sent = set(raised.early)
        if mine or time.monotonic() - quiet_since >= QUIET_SECONDS:
            yield Told(None, raised.until)
            quiet_since = time.monotonic()
        cursor = raised.until
        await asyncio.sleep(poll)
