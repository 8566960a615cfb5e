"""Where a department keeps its pictures: GridFS, each under the SHA-256 of its bytes.

A picture is `unnamed` until a command's events name it. Who names it writes to its row, so that naming and throwing away at the same
moment conflict, and one of them is tried again. What nobody named for a week is thrown away (`UnnamedPictures`), and the bytes of a
picture whose sending was cut off, which GridFS writes before the row by which they are found.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from gridfs.errors import FileExists, NoFile
from motor.motor_asyncio import AsyncIOMotorClientSession, AsyncIOMotorDatabase, AsyncIOMotorGridFSBucket
from pymongo import UpdateOne
from pymongo.errors import DuplicateKeyError

from shared import system_time
from shared.loops import Loops
from shared.pictures import Picture, PictureMissing
from shared.refusal import NotFound
from shared.tries import to_its_end

if TYPE_CHECKING:
    from shared.store import Store

log = logging.getLogger(__name__)

KEPT_UNNAMED = timedelta(days=7)
"""System time: longer than a tablet is without a network."""
SWEEP_SECONDS = 3600.0


class Gallery:
    """One department's pictures. What takes a session is part of its transaction."""

    def __init__(self, database: AsyncIOMotorDatabase[dict[str, Any]]) -> None:
        self._database = database
        self._files = database["pictures.files"]
        self._chunks = database["pictures.chunks"]
        self._uploads = database["pictures.uploads"]
        """What was begun to be sent, until it is here."""

    async def put(self, picture: Picture, content: bytes) -> None:
        """Kept once, however often and by however many at once it is sent; unnamed, its week begins anew."""
        await self._files.update_one({"filename": picture.sha256, "metadata.unnamed": True}, {"$set": {"uploadDate": system_time.now()}})
        if await self._files.find_one({"filename": picture.sha256}):
            return
        about = {"media_type": picture.media_type, "width": picture.width, "height": picture.height, "unnamed": True}
        id = uuid.uuid4().hex
        await self._uploads.insert_one({"_id": id, "at": system_time.now()})
        writing = self._bucket().open_upload_stream_with_id(id, picture.sha256, metadata=about)
        try:
            await writing.write(content)
            await writing.close()
        except (FileExists, DuplicateKeyError):
            await writing.abort()
        await self._uploads.delete_one({"_id": id})

    async def get(self, sha256: str) -> tuple[str, bytes]:
        """Its media type and its bytes."""
        try:
            stream = await self._bucket().open_download_stream_by_name(sha256)
            return str(stream.metadata["media_type"]), bytes(await stream.read())
        except NoFile as error:
            raise NotFound(missing=(sha256,)) from error

    def _bucket(self) -> Any:
        return AsyncIOMotorGridFSBucket(self._database, bucket_name="pictures")

    async def here(self, sha256s: Sequence[str]) -> list[str]:
        """Those of them that are."""
        there = await self._ids(sha256s)
        return [sha256 for sha256 in sha256s if sha256 in there]

    async def name(self, sha256s: Sequence[str], session: AsyncIOMotorClientSession) -> None:
        """They are named by what this transaction records; `PictureMissing` where one is not here."""
        there = await self._ids(sha256s, session)
        if missing := [sha256 for sha256 in sha256s if sha256 not in there]:
            raise PictureMissing(missing=missing)
        naming = {"$unset": {"metadata.unnamed": ""}, "$inc": {"metadata.times_named": 1}}
        await to_its_end(self._files.bulk_write([UpdateOne({"_id": id}, naming) for id in there.values()], ordered=False, session=session))

    async def erase(self, sha256s: Sequence[str], session: AsyncIOMotorClientSession) -> None:
        await self._throw_away([*(await self._ids(sha256s, session)).values()], session)

    async def unnamed(self, since: timedelta = KEPT_UNNAMED) -> list[Any]:
        """The keys of those that nobody has named for so long."""
        return [row["_id"] async for row in self._files.find(_unnamed(since), {"_id": 1})]

    async def cut_off(self, since: timedelta = KEPT_UNNAMED) -> list[Any]:
        """The keys of those whose sending began so long ago and did not end."""
        return [row["_id"] async for row in self._uploads.find({"at": {"$lt": system_time.now() - since}}, {"_id": 1})]

    async def throw_away_cut_off(self, id: Any, session: AsyncIOMotorClientSession) -> bool:
        """Whether there was no whole picture."""
        whole = await self._files.find_one({"_id": id}, {"_id": 1}, session=session)
        if whole is None:
            await to_its_end(self._chunks.delete_many({"files_id": id}, session=session))
        await to_its_end(self._uploads.delete_one({"_id": id}, session=session))
        return whole is None

    async def throw_away_unnamed(self, id: Any, session: AsyncIOMotorClientSession, since: timedelta = KEPT_UNNAMED) -> bool:
        """Whether it was still there, unnamed, and not sent again meanwhile."""
        if await self._files.find_one({"_id": id, **_unnamed(since)}, {"_id": 1}, session=session) is None:
            return False
        await self._throw_away([id], session)
        return True

    async def _ids(self, sha256s: Sequence[str], session: AsyncIOMotorClientSession | None = None) -> dict[str, Any]:
        """Hash → key, of those that are here."""
        files = self._files.find({"filename": {"$in": list(sha256s)}}, {"filename": 1}, session=session)
        return {row["filename"]: row["_id"] async for row in files}

    async def _throw_away(self, ids: Sequence[Any], session: AsyncIOMotorClientSession) -> None:
        if ids:
            await to_its_end(self._chunks.delete_many({"files_id": {"$in": list(ids)}}, session=session))
            await to_its_end(self._files.delete_many({"_id": {"$in": list(ids)}}, session=session))


def _unnamed(since: timedelta) -> dict[str, Any]:
    return {"metadata.unnamed": True, "uploadDate": {"$lt": system_time.now() - since}}


class UnnamedPictures:
    """Throws away, once an hour, what was sent and never named. Several may run."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._loops = Loops(log)

    async def start(self) -> None:
        self._loops.start({"unnamed pictures": self._sweep_and_rest})

    async def stop(self) -> None:
        await self._loops.stop()

    async def sweep(self) -> int:
        """How many went."""
        gallery = self._store.gallery
        throwing_away = [
            *(partial(gallery.throw_away_unnamed, id) for id in await gallery.unnamed()),
            *(partial(gallery.throw_away_cut_off, id) for id in await gallery.cut_off()),
        ]
        return sum([await self._store.in_transaction(throw_away) for throw_away in throwing_away])

    async def _sweep_and_rest(self) -> None:
        if gone := await self.sweep():
            log.info("pictures that nobody named were thrown away", extra={"number": gone})
        await asyncio.sleep(SWEEP_SECONDS)
