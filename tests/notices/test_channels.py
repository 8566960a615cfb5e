"""Outside channels: told once, in their language, to whom it concerns; one that is down is tried again and holds nobody up."""

import codecs
import json
import logging
import socket
import threading
import traceback
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from shared import channels
from shared.branch import Branch
from shared.channels import BadChannels, Channels, Sender
from shared.refusal import Texts
from tests.notices.test_stream import number_all
from tests.waiting_for import until
from tests.web.conftest import SUPERVISOR, Toy

TEXT: Texts = {"en": "A lamp burns.", "zh-CN": "灯亮了。"}


class Receiver:
    """An HTTP server on a port that is known before it is there."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.told: list[dict[str, Any]] = []
        self.answers = 200
        self._server: ThreadingHTTPServer | None = None

    def url(self, secret: str = "s3cret") -> str:
        return f"json://127.0.0.1:{self.port}/{secret}?cto=1&rto=2"

    def up(self) -> None:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if receiver.answers == 200:
                    receiver.told.append(body)
                self.send_response(receiver.answers)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def down(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()


@pytest.fixture(autouse=True)
def nothing_between(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy of the environment; pauses that a test can wait for."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(channels, "FIRST_PAUSE_SECONDS", 0.05)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.down()


@pytest.fixture
def texts(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(toy.store.department.notices, "lamp_burns", TEXT)


def written(folder: Path, text: str) -> Path:
    path = folder / "channels.toml"
    path.write_text(text, encoding="utf-8")
    return path


async def sender_to(toy: Toy, folder: Path, *addresses: str) -> Sender:
    """To the technicians' channels, from now on."""
    sender = Sender(toy.store, Channels.load(written(folder, f"[roles]\ntechnician = {json.dumps(addresses)}\n")), poll_seconds=0.02)
    await sender.fill()
    return sender


async def test_a_channel_that_was_down_gets_each_notice_once_when_it_is_up(
    toy: Toy, lamp: str, texts: None, receiver: Receiver, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    sender = await sender_to(toy, tmp_path, receiver.url())
    outbox = toy.store.collection("outbox")
    await sender.start()
    try:
        for _ in range(2):
            assert (await toy.post(SUPERVISOR, f"/lamps/{lamp}/told")).status_code == 200
        await until(lambda: outbox.count_documents({"tries": {"$gte": 1}}), what="a try on the channel that is down")
        await number_all(toy)
        receiver.up()
        await until(lambda: sent_all(outbox, 2), deadline=20, what="both notices sent")
    finally:
        await sender.stop()
    assert [(said["message"], said["title"]) for said in receiver.told] == [(f"灯亮了。\n{lamp}", f"{toy.store.site.site.name} W12")] * 2
    assert await outbox.count_documents({}) == 2
    assert "did not take a notice" in caplog.text
    assert "s3cret" not in caplog.text


async def test_an_address_that_was_corrected_is_no_channel_that_is_down_any_more(
    toy: Toy, lamp: str, texts: None, receiver: Receiver, tmp_path: Path
) -> None:
    wrong = await sender_to(toy, tmp_path, receiver.url("wr0ng"))
    await toy.post(SUPERVISOR, f"/lamps/{lamp}/told")
    await number_all(toy)
    await wrong.fill()
    assert not await wrong.send_next(wrong._channels.all()[0])
    corrected = await sender_to(toy, tmp_path, receiver.url())
    await corrected.start()
    try:
        leases, outbox = toy.store.collection("channels"), toy.store.collection("outbox")
        await until(lambda: none_of(leases, {}), what="the channel that is gone to be forgotten")
        await until(lambda: none_of(outbox, {"state": "waiting"}), what="nothing to wait for it")
    finally:
        await corrected.stop()


async def test_one_channel_that_is_down_holds_up_no_other(toy: Toy, lamp: str, texts: None, receiver: Receiver, tmp_path: Path) -> None:
    dead = Receiver()
    receiver.up()
    sender = await sender_to(toy, tmp_path, dead.url(), receiver.url())
    await sender.start()
    try:
        await toy.post(SUPERVISOR, f"/lamps/{lamp}/told")
        await until(lambda: receiver.told, what="the notice at the channel that is up")
    finally:
        await sender.stop()


async def test_a_notice_that_the_channel_never_takes_does_not_hold_up_the_next(
    toy: Toy, lamp: str, texts: None, receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = await sender_to(toy, tmp_path, receiver.url())
    channel = sender._channels.all()[0]
    receiver.answers = 413
    receiver.up()
    await toy.post(SUPERVISOR, f"/lamps/{lamp}/told")
    await sender.fill()
    assert not await sender.send_next(channel)
    receiver.answers = 200
    await toy.post(SUPERVISOR, f"/lamps/{lamp}/told")
    await sender.fill()
    await until(lambda: sender.send_next(channel))
    outbox = toy.store.collection("outbox")
    assert [row["tries"] for row in await outbox.find({"state": "sent"}).to_list(None)] == [0]
    monkeypatch.setattr(channels, "TOO_OLD", -channels.TOO_OLD)
    receiver.answers = 413
    await sender.send_next(channel)
    assert await outbox.count_documents({"state": "given_up"}) == 1


async def test_two_senders_send_it_once(toy: Toy, lamp: str, texts: None, receiver: Receiver, tmp_path: Path) -> None:
    receiver.up()
    senders = [await sender_to(toy, tmp_path, receiver.url()) for _ in range(2)]
    for sender in senders:
        await sender.start()
    try:
        for _ in range(4):
            await toy.post(SUPERVISOR, f"/lamps/{lamp}/told")
        outbox = toy.store.collection("outbox")
        await until(lambda: sent_all(outbox, 4), deadline=20, what="all four sent")
    finally:
        for sender in senders:
            await sender.stop()
    assert len(receiver.told) == 4


async def none_of(rows: Any, which: dict[str, Any]) -> bool:
    return bool(await rows.count_documents(which) == 0)


async def sent_all(outbox: Any, count: int) -> bool:
    return bool(await outbox.count_documents({"state": "sent"}) == count)


async def test_what_was_raised_before_the_first_start_is_not_sent(toy: Toy, lamp: str, receiver: Receiver, tmp_path: Path) -> None:
    await toy.post(SUPERVISOR, f"/lamps/{lamp}/told")
    await number_all(toy)
    await sender_to(toy, tmp_path, receiver.url())
    assert await toy.store.collection("outbox").count_documents({}) == 0


def test_who_has_the_role_or_is_named_is_told_there_and_each_address_once(branch: Branch, tmp_path: Path) -> None:
    text = """
        [roles]
        technician = ["json://127.0.0.1:1/a", "json://127.0.0.1:1/b"]
        washer = ["json://127.0.0.1:1/a"]
        [people]
        tech-1 = ["json://127.0.0.1:1/c"]
        advisor-2 = ["json://127.0.0.1:1/d"]
    """
    loaded = Channels.load(written(tmp_path, text))
    a, b, c, d = sorted(loaded.all(), key=lambda channel: channel.url.get_secret_value())
    assert loaded.of({"roles": ["technician"], "people": ["advisor-2"]}, branch) == {a.key, b.key, c.key, d.key}
    assert loaded.of({"roles": ["washer"], "people": []}, branch) == {a.key}
    assert loaded.of({"roles": ["cashier"], "people": ["advisor-1"]}, branch) == set()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[roles", "is no TOML"),
        ('[roles]\nking = ["json://127.0.0.1/s3cret"]', "roles.king: no such role"),
        ('[roles]\nwasher = ["json://127.0.0.1/a", "nothing:s3cret"]', "roles.washer: address 2"),
        ('[roles]\nwasher = "json://127.0.0.1/s3cret"', "roles.washer"),
        ('colour = "s3cret"', "colour"),
        ('language = "fr"', "language"),
    ],
)
def test_a_bad_file_is_said_without_its_secrets(text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(BadChannels, match=says) as refused:
        Channels.load(written(tmp_path, text))
    assert "s3cret" not in str(refused.value)


def test_a_file_saved_with_a_mark_before_utf_8_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, '[roles]\nwasher = ["json://127.0.0.1/a"]')
    path.write_bytes(codecs.BOM_UTF8 + path.read_bytes())
    assert len(Channels.load(path).all()) == 1


def test_a_file_in_another_encoding_is_named_and_how_to_save_it(tmp_path: Path) -> None:
    path = tmp_path / "channels.toml"
    path.write_bytes('# 业务主管 s3cret\nlanguage = "en"'.encode("gbk"))
    with pytest.raises(BadChannels, match=r"channels\.toml: is not UTF-8 text: save it as UTF-8") as refused:
        Channels.load(path)
    assert "s3cret" not in "".join(traceback.format_exception(refused.value))


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadChannels, match="No such file"):
        Channels.load(tmp_path / "none.toml")
