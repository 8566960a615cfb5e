"""TELL outside the application: notices go to WeCom, DingTalk, Feishu, SMS, e-mail …, by apprise, to roles and people.

The channels are a file (`SERVICELANE_CHANNELS_FILE`), the only place of their addresses and secrets:

    language = "zh-CN"
    [roles]
    business_supervisor = ["wecombot://KEY"]
    [people]
    advisor-1 = ["mailtos://USER:PASSWORD@example.com"]

What was raised is copied into `outbox`, a row a notice and channel, and a cursor of the journal moves on; so it is sent whatever
dies meanwhile, and nothing that works waits for it. Each channel is one sender's at a time, by a lease, and has its own pause after a
failure, so that one that is down holds up no other. A notice goes to a channel once, or once more where a sender dies between sending
and noting it.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import tomllib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from shared import system_time
from shared.branch import ENCODING, NO_UTF8, ROLES, Branch
from shared.loops import Loops
from shared.notices import Cursor, in_words, newest, raised_since
from shared.store import DuplicateKeyError, Store, UpdateOne

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0
LEASE_SECONDS = 60.0
SENDING_SECONDS = 30.0
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 300.0
TOO_OLD = timedelta(days=3)
"""What a channel has not taken by then is given up; the inbox has it for ever."""

CURSOR = "told_outside"


class BadChannels(ValueError):
    """The file of the channels cannot be used. Names the receiver, never the address."""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    language: Literal["zh-CN", "en"] = "zh-CN"
    roles: dict[str, list[SecretStr]] = {}
    people: dict[str, list[SecretStr]] = {}


@dataclass(frozen=True)
class Channel:
    """One address of apprise. `key` names it in the database and in logs, and gives nothing of it away."""

    url: SecretStr

    @cached_property
    def key(self) -> str:
        return f"{self.scheme}-{hashlib.sha256(self.url.get_secret_value().encode()).hexdigest()[:12]}"

    @property
    def scheme(self) -> str:
        return self.url.get_secret_value().partition(":")[0].lower()

    async def send(self, title: str, body: str) -> bool:
        async with asyncio.timeout(SENDING_SECONDS):
            return bool(await _apprise([self.url]).async_notify(title=title, body=body))

    def is_usable(self) -> bool:
        return len(_apprise([self.url])) == 1


def _apprise(urls: Iterable[SecretStr]) -> Any:
    """Loaded where it is used: most processes have no channels. What it logs may name addresses, so it logs nothing."""
    import apprise  # noqa: PLC0415  loaded only where channels are set

    for name, level in (("apprise", logging.CRITICAL), ("urllib3", logging.ERROR)):
        logging.getLogger(name).setLevel(level)
    sender = apprise.Apprise()
    for url in urls:
        sender.add(url.get_secret_value())
    return sender


@dataclass(frozen=True)
class Channels:
    """Who is told where."""

    language: str
    roles: Mapping[str, Sequence[Channel]]
    people: Mapping[str, Sequence[Channel]]

    @classmethod
    def none(cls) -> Channels:
        """The inbox only."""
        return cls("zh-CN", {}, {})

    @classmethod
    def load(cls, path: Path) -> Channels:
        """`BadChannels` says what is wrong, and where."""
        try:
            given = _File.model_validate(tomllib.loads(path.read_text(encoding=ENCODING)))
        except OSError as error:
            raise BadChannels(f"{path}: {error.strerror}") from error
        except UnicodeDecodeError:
            raise BadChannels(f"{path}: {NO_UTF8}") from None  # the error has the whole text
        except tomllib.TOMLDecodeError as error:
            raise BadChannels(f"{path}: is no TOML (line {getattr(error, 'lineno', '?')})") from None  # the error shows the text around
        except ValidationError as error:
            first = error.errors(include_input=False)[0]
            raise BadChannels(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
        if unknown := sorted(set(given.roles) - set(ROLES)):
            raise BadChannels(f"{path}: roles.{unknown[0]}: no such role")
        tables = {
            name: {receiver: tuple(map(Channel, urls)) for receiver, urls in table.items()}
            for name, table in (("roles", given.roles), ("people", given.people))
        }
        for name, table in tables.items():
            for receiver, channels in table.items():
                if bad := next((number for number, channel in enumerate(channels, start=1) if not channel.is_usable()), None):
                    raise BadChannels(f"{path}: {name}.{receiver}: address {bad} is none that apprise knows")
        return cls(given.language, **tables)

    def all(self) -> list[Channel]:
        """Each once, however many are told there."""
        channels = [channel for table in (self.roles, self.people) for each in table.values() for channel in each]
        return list({channel.key: channel for channel in channels}.values())

    def of(self, notice: Mapping[str, Any], branch: Branch) -> set[str]:
        """The keys of the channels of its receivers: roles, people named, and people who have one of the roles."""
        roles, people = set(notice["roles"]), set(notice["people"])
        people |= {member.id for member in branch.staff.values() if member.is_a(*roles)}
        chosen = [channel for role in roles for channel in self.roles.get(role, ())]
        chosen += [channel for person in people for channel in self.people.get(person, ())]
        return {channel.key for channel in chosen}


class Sender:
    """Sends a department's notices. Several may run."""

    def __init__(self, store: Store, channels: Channels, *, poll_seconds: float = POLL_SECONDS) -> None:
        self._store = store
        self._channels = channels
        self._poll_seconds = poll_seconds
        self._owner = uuid.uuid4().hex
        self._outbox, self._leases = store.collection("outbox"), store.collection("channels")
        self._loops = Loops(log)

    async def start(self) -> None:
        self._loops.start({"gone channels": self._forget_gone})
        if each := {f"channel {channel.key}": partial(self._send_or_rest, channel) for channel in self._channels.all()}:
            self._loops.start({"outbox": self._fill_or_rest, **each})

    async def stop(self) -> None:
        """At once: a lease that is left behind runs out."""
        await self._loops.stop()

    async def _forget_gone(self) -> None:
        """Once: an address that was changed or taken out is another channel, or none: nobody sends there, nor waits for it to be mended."""
        gone = {"$nin": [channel.key for channel in self._channels.all()]}
        await self._outbox.update_many({"channel": gone, "state": "waiting"}, {"$set": {"state": "given_up"}})
        await self._leases.delete_many({"_id": gone})
        await asyncio.Event().wait()

    # -- into the outbox

    async def _fill_or_rest(self) -> None:
        await self.fill()
        await asyncio.sleep(self._poll_seconds)

    async def fill(self) -> None:
        """Copy what was raised since the cursor. A row that is there already stays as it is, so that doing it twice does nothing."""
        since = await self._cursor()
        raised = await raised_since(self._store, since)
        rows = []
        if raised.ids:
            async for notice in self._store.collection("notices").find({"_id": {"$in": raised.ids}}):
                if self._store.clock.now() - datetime.fromisoformat(notice["at"]) < TOO_OLD:
                    rows += [self._row(notice["_id"], key) for key in self._channels.of(notice, self._store.branch)]
        if rows:
            await self._outbox.bulk_write(
                [UpdateOne({"_id": row["_id"]}, {"$setOnInsert": row}, upsert=True) for row in rows], ordered=False
            )
        if raised.until != since:
            await self._store.collection("meta").update_one({"_id": CURSOR}, {"$set": {"value": str(raised.until)}})
            await self._outbox.delete_many({"at": {"$lt": system_time.now() - 2 * TOO_OLD}})

    async def _cursor(self) -> Cursor:
        """At the first start nothing is sent of what was raised before it."""
        meta = self._store.collection("meta")
        row = await meta.find_one({"_id": CURSOR})
        if row is None:
            await meta.update_one({"_id": CURSOR}, {"$setOnInsert": {"value": str(await newest(self._store))}}, upsert=True)
            return await self._cursor()
        return Cursor.read(row["value"], self._store) or await newest(self._store)

    def _row(self, notice: str, channel: str) -> dict[str, Any]:
        return {"_id": f"{notice}:{channel}", "notice": notice, "channel": channel, "state": "waiting", "tries": 0, "at": system_time.now()}

    # -- out of it

    async def _send_or_rest(self, channel: Channel) -> None:
        if not await self.send_next(channel):
            await asyncio.sleep(self._poll_seconds)

    async def send_next(self, channel: Channel) -> bool:
        """Send one notice, where one waits and the channel is nobody else's and not pausing. Whether it was sent."""
        if await self._outbox.find_one({"channel": channel.key, "state": "waiting"}) is None or not await self._claim(channel):
            return False
        # what failed goes behind the others: a notice that the channel never takes does not hold up the rest
        row = await self._outbox.find_one({"channel": channel.key, "state": "waiting"}, sort=[("tries", 1), ("at", 1), ("_id", 1)])
        if row is None:
            await self._free(channel, {"claimed_until": system_time.now()})
            return False
        if sent := await self._sent(channel, row):
            await self._outbox.update_one({"_id": row["_id"]}, {"$set": {"state": "sent", "sent_at": system_time.now()}})
            await self._free(channel, {"claimed_until": system_time.now(), "failures": 0})
        else:
            await self._failed(channel, row)
        return sent

    async def _sent(self, channel: Channel, row: Mapping[str, Any]) -> bool:
        notice = await self._store.fetch("notices", row["notice"])
        if notice is None:
            return True
        site, language = self._store.site, self._channels.language
        text = in_words(self._store.department.notices, notice, language, site.zone)
        title = f"{site.site.name} {notice['clause']}".strip()
        try:
            return await channel.send(title, f"{text}\n{notice['visit']}" if notice["visit"] else text)
        except Exception as error:  # noqa: BLE001  whatever a channel's library raises, the channel did not take it
            log.debug("channel %s: %s", channel.key, type(error).__name__)
            return False

    async def _claim(self, channel: Channel) -> bool:
        now = system_time.now()
        over = [{"$lte": now}, {"$gt": now + system_time.LONGEST_LEASE}]
        free = {"_id": channel.key, "$and": [{"$or": [{name: each} for each in over]} for name in ("claimed_until", "again_at")]}
        claim = {"$set": {"claimed_by": self._owner, "claimed_until": now + timedelta(seconds=LEASE_SECONDS)}}
        if (await self._leases.update_one(free, claim)).matched_count:
            return True
        if await self._leases.find_one({"_id": channel.key}):
            return False
        try:
            await self._leases.insert_one({"_id": channel.key, "again_at": now, "failures": 0, **claim["$set"]})
        except DuplicateKeyError:
            return False
        return True

    async def _failed(self, channel: Channel, row: Mapping[str, Any]) -> None:
        lease = await self._leases.find_one({"_id": channel.key}) or {"failures": 0}
        pause = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** min(lease["failures"], 20))
        state = "given_up" if row["at"] < system_time.now() - TOO_OLD else "waiting"
        log.warning("channel %s did not take a notice (try %d, %s); again in %g s", channel.key, row["tries"] + 1, state, pause)
        await self._outbox.update_one({"_id": row["_id"]}, {"$set": {"state": state}, "$inc": {"tries": 1}})
        again_at = system_time.now() + timedelta(seconds=pause)
        await self._free(channel, {"claimed_until": system_time.now(), "again_at": again_at, "failures": lease["failures"] + 1})

    async def _free(self, channel: Channel, state: Mapping[str, Any]) -> None:
        await self._leases.update_one({"_id": channel.key, "claimed_by": self._owner}, {"$set": dict(state)})
