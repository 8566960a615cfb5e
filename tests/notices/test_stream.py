"""The live stream of notices: what a person is told, as it happens, from any process, and where it broke off."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import pytest

from shared import every_department, notices
from shared.store import Store
from tests.web.conftest import ADVISOR, SUPERVISOR, TECHNICIAN, Toy

SECONDS = 10.0


@dataclass
class Said:
    id: str | None
    notice: dict[str, Any] | None


async def stream(toy: Toy, person: str, since: str | None = None) -> AsyncIterator[Said]:
    """The events, as a client reads them from the answer's text."""
    verified = await toy.app.state.verifier.person(toy.issuer.token(person))
    cursor = notices.Cursor.read(since, toy.store) if since else None
    call: Any = type("Listener", (), {"person": verified, "store": toy.store})
    async with aclosing(every_department._events(call, cursor, "en")) as events:
        async for block in events:
            fields = dict(line.split(": ", 1) for line in block.strip().split("\n") if not line.startswith(":"))
            yield Said(fields.get("id"), json.loads(fields["data"]) if "data" in fields else None)


async def next_notice(said: AsyncIterator[Said]) -> Said:
    async with asyncio.timeout(SECONDS):
        async for each in said:
            if each.notice:
                return each
    raise AssertionError("the stream ended")


async def number_all(toy: Toy) -> None:
    """What the relay does, in the same moment for entries and head."""
    journal, heads = toy.store.collection("journal"), toy.store.collection("heads")
    for entry in await journal.find({"unnumbered": True}).sort([("k", 1)]).to_list(None):
        await heads.update_one({"_id": entry["partition"]}, {"$inc": {"seq": 1}}, upsert=True)
        head = await heads.find_one({"_id": entry["partition"]})
        assert head
        await journal.update_one({"_id": entry["_id"]}, {"$set": {"epoch": 1, "seq": head["seq"]}, "$unset": {"unnumbered": ""}})


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices.live, "__kwdefaults__", {"poll": 0.02})


async def test_a_notice_comes_to_its_receivers_by_role_or_name_and_to_nobody_else(toy: Toy, lamp: str) -> None:
    streams = {person: stream(toy, person) for person in (TECHNICIAN, "advisor-2", ADVISOR)}
    for said in streams.values():
        assert (await anext(said)).notice is None
    await toy.post(SUPERVISOR, f"/lamps/{lamp}/told")
    for person in (TECHNICIAN, "advisor-2"):
        told = (await next_notice(streams[person])).notice
        assert told
        assert (told["about"], told["visit"], told["read"], told["text"]) == ("lamp_burns", lamp, False, "lamp_burns")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await next_notice(streams[ADVISOR])


async def test_it_goes_on_where_it_broke_off(toy: Toy, lamp: str) -> None:
    said = stream(toy, TECHNICIAN)
    await anext(said)
    await toy.post(SUPERVISOR, f"/lamps/{lamp}/told")
    await number_all(toy)
    first = await next_notice(said)
    assert first.id and first.notice
    for _ in range(2):
        await toy.post(SUPERVISOR, f"/lamps/{lamp}/told")
    await number_all(toy)
    again = stream(toy, TECHNICIAN, first.id)
    later = [await next_notice(again), await next_notice(again)]
    assert len({first.notice["id"], *(each.notice["id"] for each in later if each.notice)}) == 3
    assert later[-1].id
    end = stream(toy, TECHNICIAN, later[-1].id)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await next_notice(end)


async def test_what_the_relay_has_not_numbered_comes_at_once_and_only_once(toy: Toy, lamp: str) -> None:
    said = stream(toy, TECHNICIAN)
    await anext(said)
    await toy.post(SUPERVISOR, f"/lamps/{lamp}/told")
    early = await next_notice(said)
    assert early.id is None
    await number_all(toy)
    await toy.post(SUPERVISOR, f"/lamps/{lamp}/told")
    later = await next_notice(said)
    assert early.notice and later.notice
    assert early.notice["id"] != later.notice["id"]


async def test_one_that_is_numbered_in_the_moment_it_is_looked_for_comes_in_its_place(
    toy: Toy, lamp: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever goes on from the first that came gets the other, too."""
    await toy.post(SUPERVISOR, f"/lamps/{lamp}/told")
    await number_all(toy)
    await toy.post(SUPERVISOR, f"/lamps/{lamp}/told")
    heads = notices.newest

    async def relay_is_quicker(store: Store) -> notices.Cursor:
        await number_all(toy)
        return await heads(store)

    monkeypatch.setattr(notices, "newest", relay_is_quicker)
    first = await next_notice(stream(toy, TECHNICIAN, "1.0.0.0.0"))
    second = await next_notice(stream(toy, TECHNICIAN, first.id))
    assert first.notice and second.notice
    assert first.notice["id"] != second.notice["id"]


async def test_one_that_follows_an_earlier_epoch_begins_the_present_one(toy: Toy, lamp: str) -> None:
    await toy.post(SUPERVISOR, f"/lamps/{lamp}/told")
    await number_all(toy)
    toy.store.epoch = 2
    await toy.store.collection("journal").update_many({}, {"$set": {"epoch": 2}})
    assert (await next_notice(stream(toy, TECHNICIAN, "1.9.9.9.9"))).notice


@pytest.mark.parametrize("id", ["x", "1", "1.2", "1.0.0.0.0.0", "-1.0.0.0.0", "1.0.0.0.x"])
async def test_an_id_that_is_none_of_this_stream_is_422(toy: Toy, id: str) -> None:
    answer = await toy.get(TECHNICIAN, "/notices/stream", Last_Event_ID=id)
    assert (answer.status_code, answer.json()["missing"]) == (422, ["Last-Event-ID"])


async def test_the_stream_asks_for_a_token(toy: Toy) -> None:
    assert (await toy.get(None, "/notices/stream")).status_code == 401


async def test_it_ends_after_its_time_so_that_the_token_is_looked_at_anew(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(every_department, "STREAM_SECONDS", 0.0)
    answer = await toy.get(TECHNICIAN, "/notices/stream")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text == "id: 1.0.0.0.0\n: here\n\n"


async def test_the_inbox_speaks_the_readers_language(toy: Toy, lamp: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(toy.store.department.notices, "lamp_burns", {"en": "A lamp burns.", "zh-CN": "灯亮了。"})
    await toy.post(SUPERVISOR, f"/lamps/{lamp}/told")
    (notice,) = (await toy.get(TECHNICIAN, "/notices", Accept_Language="zh-CN")).json()["items"]
    assert notice["text"] == "灯亮了。"
    read = await toy.ask(TECHNICIAN, "POST", f"/notices/{notice['id']}/read", headers={"Accept-Language": "en"})
    assert read.json()["text"] == "A lamp burns."
