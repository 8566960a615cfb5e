"""Photos and drawn signatures: only what is a picture is kept, once, for those at the car, and named only where it is here."""

import asyncio
import hashlib
import struct
import zlib
from collections.abc import Callable, Coroutine
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from shared import system_time
from shared.contracts.event import VisitEvent
from shared.contracts.values import Signature
from shared.gallery import KEPT_UNNAMED, UnnamedPictures
from shared.pictures import AREA_LIMIT, PictureMissing, PictureNotValid, examined, named_in
from shared.store import MongoUnit, Session
from tests.web.conftest import ADVISOR, ANALYST, MORNING, TECHNICIAN, Toy
from tests.web.toy import Lamp


def png(width: int = 3, height: int = 2, shade: int = 0) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress((b"\0" + bytes([shade]) * min(width, 10)) * min(height, 10)))
    return b"\x89PNG\r\n\x1a\n" + header + pixels + chunk(b"IEND", b"")


def jpeg(width: int = 5, height: int = 4, *, progressive: bool = False) -> bytes:
    thumbnail = b"\xff\xe0" + struct.pack(">H", 8) + b"\xff\xc0\x00\x01\xff\xd9"
    frame = (b"\xff\xc2" if progressive else b"\xff\xc0") + struct.pack(">HBHH", 17, 8, height, width) + b"\x03" + bytes(9)
    return b"\xff\xd8" + thumbnail + frame + b"\xff\xda\x00\x02" + b"\x11" * 20 + b"\xff\xd9"


async def send(toy: Toy, person: str | None, content: bytes, media_type: str = "image/png") -> Any:
    return await toy.ask(person, "POST", "/pictures", headers={"Content-Type": media_type}, content=content)


@pytest.mark.parametrize(
    ("content", "media_type", "size"),
    [(png(), "image/png", (3, 2)), (jpeg(), "image/jpeg", (5, 4)), (jpeg(progressive=True), "image/jpeg; q=1", (5, 4))],
)
async def test_a_picture_is_kept_and_shown_as_it_was(toy: Toy, content: bytes, media_type: str, size: tuple[int, int]) -> None:
    answer = await send(toy, ADVISOR, content, media_type)
    assert answer.status_code == 201, answer.text
    kept = answer.json()
    assert (kept["sha256"], (kept["width"], kept["height"]), kept["size"]) == (hashlib.sha256(content).hexdigest(), size, len(content))
    shown = await toy.get(TECHNICIAN, f"/pictures/{kept['sha256']}")
    assert (shown.content, shown.headers["content-type"]) == (content, media_type.partition(";")[0])
    assert shown.headers["x-content-type-options"] == "nosniff"


async def test_one_larger_than_other_bodies_may_be(toy: Toy) -> None:
    noise = png()[:-12] + hashlib.sha256(b"x").digest() * 20_000 + png()[-12:]
    kept = (await send(toy, ADVISOR, noise)).json()
    assert (await toy.get(ADVISOR, f"/pictures/{kept['sha256']}")).content == noise
    assert (await send(toy, ADVISOR, b"\x89PNG" + bytes(9 << 20))).status_code == 413
    assert (await toy.post(ADVISOR, "/lamps/lamp-1", {"x": "x" * 3000})).status_code == 413


async def test_the_same_sent_by_many_at_once_is_kept_once(toy: Toy) -> None:
    answers = await asyncio.gather(*(send(toy, ADVISOR, png(shade=9)) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {201}
    files, chunks = (toy.store.collection(f"pictures.{name}") for name in ("files", "chunks"))
    (kept,) = await files.find({}).to_list(None)
    assert {chunk["files_id"] for chunk in await chunks.find({}).to_list(None)} == {kept["_id"]}


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"", "image/png"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
        (b"GIF89a" + bytes(50), "image/gif"),
        (png(), "image/jpeg"),
        (jpeg(), "image/png"),
        (png(), "text/html"),
        (png()[:-4], "image/png"),
        (png()[:20], "image/png"),
        (jpeg()[:30], "image/jpeg"),
        (b"\xff\xd8\xff" + bytes(100), "image/jpeg"),
        (b"\xff\xd8\xff\xff\xff\xff\xff\xff\xff\xff\xff", "image/jpeg"),
        (png(0, 5), "image/png"),
        (png(12_001, 1), "image/png"),
        (png(11_000, AREA_LIMIT // 11_000 + 1), "image/png"),
    ],
)
async def test_what_is_no_whole_picture_of_its_type_and_size_is_422(toy: Toy, content: bytes, media_type: str) -> None:
    assert (await send(toy, ADVISOR, content, media_type)).status_code == 422
    assert await toy.store.collection("pictures.files").count_documents({}) == 0


def test_any_beginning_of_a_picture_is_refused_and_none_fails() -> None:
    for whole, media_type in ((png(), "image/png"), (jpeg(), "image/jpeg")):
        for length in range(len(whole)):
            with pytest.raises(PictureNotValid):
                examined(whole[:length], media_type)


@pytest.mark.parametrize(("person", "status"), [(ADVISOR, 404), ("gate-1", 403), (ANALYST, 403), (None, 401)])
async def test_who_may_see_one(toy: Toy, person: str | None, status: int) -> None:
    assert (await toy.get(person, f"/pictures/{'0' * 64}")).status_code == status
    if person != ADVISOR:
        assert (await send(toy, person, png())).status_code == status


async def test_a_name_that_is_no_hash_is_422(toy: Toy) -> None:
    assert (await toy.get(ADVISOR, "/pictures/x")).status_code == 422


class LampPhotographed(VisitEvent):
    TYPE = "workshop.lamp_photographed.v1"
    photos: tuple[str, ...]
    signature: Signature | None = None


async def photograph(toy: Toy, *photos: str, signed: str | None = None, actor: str = TECHNICIAN) -> None:
    signature = Signature(signer="customer", at=MORNING, content_hash="x", picture_sha256=signed) if signed else None

    async def work(unit: MongoUnit) -> None:
        await unit.update(Lamp, "lamp-1", lambda _: [LampPhotographed(visit="lamp-1", photos=photos, signature=signature)])

    await toy.store.transact(work, actor=actor, correlation="c")


async def test_a_command_names_only_pictures_that_are_here(toy: Toy, lamp: str) -> None:
    here = (await send(toy, ADVISOR, png())).json()["sha256"]
    await photograph(toy, here, signed=here)
    before = await toy.entries()
    for photos, signed in (((here, "ab" * 32), None), ((), "ab" * 32)):
        with pytest.raises(PictureMissing) as refused:
            await photograph(toy, *photos, signed=signed)
        assert refused.value.missing == ("ab" * 32,)
    assert await toy.entries() == before
    await photograph(toy, "ab" * 32, actor="system")  # what another department announced has its picture there


async def test_an_erased_picture_is_gone_with_all_its_bytes(toy: Toy) -> None:
    kept, other = [(await send(toy, ADVISOR, png(shade=shade))).json()["sha256"] for shade in (1, 2)]
    await toy.store.transact(lambda unit: unit.erase_pictures([kept, "ab" * 32], named_by=()), actor="bizsup-1", correlation="c")
    assert (await toy.get(ADVISOR, f"/pictures/{kept}")).status_code == 404
    assert (await toy.get(ADVISOR, f"/pictures/{other}")).status_code == 200
    assert await toy.store.collection("pictures.chunks").count_documents({}) == 1


async def test_a_picture_that_is_another_visits_too_stays_until_that_goes_by_itself(toy: Toy, lamp: str) -> None:
    """An empty signature pad, say, has the same bytes everywhere."""
    sha256 = (await send(toy, ADVISOR, png())).json()["sha256"]
    for _ in range(2):
        await photograph(toy, sha256)
    mine, others = [row["_id"] async for row in toy.store.collection("journal").find({"pictures": sha256})]

    async def erase(*named_by: str) -> int:
        await toy.store.transact(lambda unit: unit.erase_pictures([sha256], named_by=named_by), actor="bizsup-1", correlation="c")
        return (await toy.get(ADVISOR, f"/pictures/{sha256}")).status_code

    assert [await erase(mine), await erase(others)] == [200, 404]


async def age(toy: Toy, sha256: str) -> None:
    """It was sent long ago."""
    files = toy.store.collection("pictures.files")
    await files.update_one({"filename": sha256}, {"$set": {"uploadDate": system_time.now() - KEPT_UNNAMED - timedelta(minutes=1)}})


async def test_what_nobody_named_for_a_week_is_thrown_away_with_all_its_bytes(toy: Toy, lamp: str) -> None:
    named, forgotten, young = [(await send(toy, ADVISOR, png(shade=shade))).json()["sha256"] for shade in (1, 2, 3)]
    await photograph(toy, named)
    for sha256 in (named, forgotten):
        await age(toy, sha256)
    assert await UnnamedPictures(toy.store).sweep() == 1
    assert await toy.store.gallery.here([named, forgotten, young]) == [named, young]
    assert await toy.store.collection("pictures.chunks").count_documents({}) == 2
    assert await UnnamedPictures(toy.store).sweep() == 0


async def test_what_is_sent_again_before_it_is_thrown_away_begins_its_week_anew(toy: Toy) -> None:
    sha256 = (await send(toy, ADVISOR, png())).json()["sha256"]
    await age(toy, sha256)
    await send(toy, ADVISOR, png())
    assert await UnnamedPictures(toy.store).sweep() == 0
    assert await toy.store.gallery.here([sha256]) == [sha256]


async def test_what_is_sent_again_after_it_was_found_unnamed_stays(toy: Toy) -> None:
    sha256 = (await send(toy, ADVISOR, png())).json()["sha256"]
    await age(toy, sha256)
    (id,) = await toy.store.gallery.unnamed()
    await send(toy, ADVISOR, png())
    assert await toy.store.in_transaction(partial(toy.store.gallery.throw_away_unnamed, id)) is False
    assert await toy.store.gallery.here([sha256]) == [sha256]


async def test_the_bytes_of_a_picture_whose_sending_was_cut_off_go_too(toy: Toy) -> None:
    """GridFS writes the bytes first, and then the row by which they are found."""
    files, chunks, uploads = (toy.store.collection(f"pictures.{name}") for name in ("files", "chunks", "uploads"))
    await send(toy, ADVISOR, png())
    (whole,) = await files.find({}).to_list(None)
    long_ago = system_time.now() - KEPT_UNNAMED - timedelta(minutes=1)
    await uploads.insert_many([{"_id": 1, "at": long_ago}, {"_id": 2, "at": system_time.now()}, {"_id": whole["_id"], "at": long_ago}])
    await chunks.insert_many([{"files_id": id, "n": 0, "data": b"half"} for id in (1, 2)])
    assert await UnnamedPictures(toy.store).sweep() == 1
    assert {row["files_id"] async for row in chunks.find({})} == {2, whole["_id"]}
    assert [row["_id"] async for row in uploads.find({})] == [2]


async def test_nothing_is_left_to_do_after_a_picture_was_sent(toy: Toy) -> None:
    await send(toy, ADVISOR, png())
    assert await toy.store.collection("pictures.uploads").count_documents({}) == 0


@pytest.mark.parametrize("named_first", [True, False])
async def test_a_picture_named_while_it_is_thrown_away_is_either_there_and_named_or_refused(
    toy: Toy, lamp: str, *, named_first: bool
) -> None:
    """Each has read the picture's row before the other writes: of both, one has to be tried again."""
    sha256 = (await send(toy, ADVISOR, png())).json()["sha256"]
    (id,) = await toy.store.gallery.unnamed(since=timedelta(days=-1))
    tries = {"naming": 0, "throwing away": 0}
    read, go_on = asyncio.Event(), asyncio.Event()

    async def meanwhile(what: str) -> None:
        tries[what] += 1
        if tries[what] == 1 and (what == "throwing away") == named_first:
            read.set()
            await go_on.wait()

    async def naming(unit: MongoUnit) -> None:
        await toy.store.collection("pictures.files").find_one({"_id": id}, session=unit.session)
        await meanwhile("naming")
        await unit.update(Lamp, "lamp-1", lambda _: [LampPhotographed(visit="lamp-1", photos=(sha256,))])

    async def throwing_away(session: Session) -> bool:
        await toy.store.collection("pictures.files").find_one({"_id": id}, session=session)
        await meanwhile("throwing away")
        return await toy.store.gallery.throw_away_unnamed(id, session, since=timedelta(days=-1))

    name_it = partial(toy.store.transact, naming, actor=TECHNICIAN, correlation="c")
    throw_it_away = partial(toy.store.in_transaction, throwing_away)
    acts: list[Callable[[], Coroutine[Any, Any, Any]]] = [name_it, throw_it_away]
    first, second = acts if named_first else reversed(acts)
    slow = asyncio.create_task(second())
    await read.wait()
    await first()
    go_on.set()
    if named_first:
        assert await slow is False
    else:
        with pytest.raises(PictureMissing):
            await slow
    assert await toy.store.gallery.here([sha256]) == ([sha256] if named_first else [])


def test_hashes_are_found_wherever_an_event_has_them() -> None:
    data = {"sheet": {"photos": ["a", "b"]}, "signature": {"picture_sha256": "c"}, "lines": [{"picture_sha256": None}, {"photos": ["d"]}]}
    assert sorted(named_in(data)) == ["a", "b", "c", "d"]
