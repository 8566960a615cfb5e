"""A department as a process: what it serves when, which parts, and how it ends."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.local.embedded import Embedded, free_port, start_broker, start_database
from shared import system_time
from shared.branch import Branch
from shared.gallery import KEPT_UNNAMED
from shared.relay import Relay
from shared.runtime import Service, _listen, run
from shared.settings import Settings
from shared.store import Collection, Store
from tests.conftest import BRANCH
from tests.spine.conftest import OpenStore
from tests.spine.parcels import PARCELS, Parcel, posted
from tests.spine.shelves import SHELVES, Shelf, entries
from tests.waiting_for import until


def _environment(folder: Path, mongo_url: str, kafka_url: str, port: int, **more: str) -> dict[str, str]:
    settings = {"MONGO_URL": mongo_url, "KAFKA_URL": kafka_url, "BRANCH": str(BRANCH), "JWKS": str(folder / "jwks.json")}
    settings |= {"GROUP_KEY": "secret", "PORT": str(port), **more}
    return {f"SERVICELANE_{name}": value for name, value in settings.items()}


@contextmanager
def _process(department: str, environment: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    code = f"from shared.runtime import run; from tests.spine.{department.lower()} import {department}; run({department})"
    with log.open("ab") as out:
        process = subprocess.Popen([sys.executable, "-c", code], env={**os.environ, **environment}, stdout=out, stderr=out)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def _ready(port: int) -> dict[str, bool]:
    """The parts that are up; empty where nobody answers."""
    async with httpx.AsyncClient(trust_env=False) as http:
        try:
            parts: dict[str, bool] = (await http.get(f"http://127.0.0.1:{port}/health/ready")).json()["parts"]
        except httpx.HTTPError:
            return {}
    return parts


async def _all_ready(port: int) -> bool:
    parts = await _ready(port)
    return bool(parts) and all(parts.values())


@pytest.mark.slow
async def test_started_with_nothing_there_it_says_so_waits_works_and_ends_in_time_with_the_broker_gone(tmp_path: Path) -> None:
    broker, database, port = start_broker(tmp_path / "broker.log"), start_database(tmp_path / "data"), free_port()
    broker.stop()
    database.stop()
    environment = _environment(tmp_path, f"mongodb://{database.address}/", broker.address, port)
    running: list[Embedded] = []
    try:
        with _process("PARCELS", environment, tmp_path / "service.log") as process:
            nothing = await until(lambda: _ready(port), deadline=40, what="HTTP")
            assert nothing == {"database": False, "relay": False, "stream": False}
            async with httpx.AsyncClient(trust_env=False, base_url=f"http://127.0.0.1:{port}") as http:
                assert (await http.get("/health/live")).status_code == 200
                refused = await http.get("/journal")
            assert refused.status_code == 503
            assert int(refused.headers["Retry-After"]) > 0
            running.append(start_database(tmp_path / "data", port=database.port))
            await until(lambda: _part(port, "database"), deadline=40, what="the database to be seen")
            running.append(start_broker(tmp_path / "broker.log", port=broker.port))
            await until(lambda: _all_ready(port), deadline=30, what="all parts")
            running[1].kill()
            await asyncio.sleep(0.5)
            process.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(process.wait, 8) == 0
    finally:
        for each in running:
            each.stop()


async def _part(port: int, name: str) -> bool:
    return (await _ready(port)).get(name, False)


def _settings(folder: Path, mongo_url: str, kafka_url: str) -> Settings:
    environment = _environment(folder, mongo_url, kafka_url, 0)
    return Settings.model_validate({name.removeprefix("SERVICELANE_").lower(): value for name, value in environment.items()})


@asynccontextmanager
async def _serving(settings: Settings, branch: Branch, *parts: str) -> AsyncIterator[str]:
    listener, told_to_stop = _listen("127.0.0.1", 0), asyncio.Event()
    service = Service(PARCELS, settings, branch, frozenset(parts))
    task = asyncio.create_task(service.serve(listener, told_to_stop))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        told_to_stop.set()
        await asyncio.wait_for(task, 8)


@pytest.mark.slow
async def test_each_part_runs_alone_and_three_make_a_department(tmp_path: Path, mongo_url: str, kafka_url: str, branch: Branch) -> None:
    settings = _settings(tmp_path, mongo_url, kafka_url)
    async with (
        _serving(settings, branch, "api") as api,
        _serving(settings, branch, "relay") as relay,
        _serving(settings, branch, "stream") as stream,
        httpx.AsyncClient(trust_env=False) as http,
    ):

        async def parts(url: str) -> Any:
            answer = await http.get(f"{url}/health/ready")
            return answer.json()["parts"] if answer.status_code == 200 else None

        assert await until(lambda: parts(api), deadline=40) == {"database": True}
        assert await until(lambda: parts(relay), deadline=40) == {"database": True, "relay": True}
        assert await until(lambda: parts(stream), deadline=40) == {"database": True, "stream": True}
        assert (await http.get(f"{api}/notices")).status_code == 401
        assert (await http.get(f"{stream}/notices")).status_code == 404
        assert (await http.get(f"{stream}/health/flow")).json()["department"] == "reception"
        metrics = {name: (await http.get(f"{url}/metrics")).text for name, url in (("api", api), ("relay", relay), ("stream", stream))}
        assert all('servicelane_info{department="reception"' in text for text in metrics.values())
        assert {name for name, text in metrics.items() if "servicelane_relay_partitions_held 0.0" in text} == {"api", "stream"}
        assert {name for name, text in metrics.items() if "servicelane_intake_queued " in text} == {"stream"}


@pytest.mark.slow
async def test_whoever_runs_the_relay_clears_away_pictures_that_nobody_named(
    open_store: OpenStore, tmp_path: Path, mongo_url: str, kafka_url: str
) -> None:
    store = await open_store(PARCELS)
    files = store.collection("pictures.files")
    await files.insert_one({"metadata": {"unnamed": True}, "uploadDate": system_time.now() - 2 * KEPT_UNNAMED})
    async with _serving(_settings(tmp_path, mongo_url, kafka_url), store.branch, "relay"):
        await until(lambda: _none(files), deadline=40, what="the picture to go")


async def _none(files: Collection) -> bool:
    return await files.count_documents({}) == 0


@pytest.mark.slow
async def test_killed_in_the_middle_of_a_batch_nothing_of_it_is_left_and_the_next_one_applies_it_once(
    open_store: OpenStore, mongo_url: str, kafka_url: str, tmp_path: Path, site_id: str
) -> None:
    parcels, port, log = await open_store(), free_port(), tmp_path / "service.log"
    environment = _environment(tmp_path, mongo_url, kafka_url, port, BRANCH=str(_branch_of(site_id, tmp_path)))
    relay = Relay(parcels, kafka_url)
    await relay.start()
    try:
        for number in range(3):
            await _post(parcels, f"p{number}")
        with _process("SHELVES", {**environment, "SERVICELANE_FAILPOINT": "in_the_middle_of_a_batch"}, log) as killed:
            assert await asyncio.to_thread(killed.wait, 60) == -signal.SIGKILL
        shelves: Store = await open_store(SHELVES)
        assert await shelves.select(Shelf, {}) == []
        with _process("SHELVES", environment, log):
            await until(lambda: _shelves(shelves, 3), deadline=60, what="the effects")
    finally:
        await relay.stop()
    assert [await entries(shelves, f"p{number}") for number in range(3)] == [1, 1, 1]


async def _post(store: Store, parcel: str) -> None:
    await store.transact(lambda unit: unit.create(Parcel, parcel, posted), actor="a", correlation="c")


def _branch_of(site: str, folder: Path) -> Path:
    shutil.copytree(BRANCH, folder / "branch")
    told = folder / "branch" / "site.toml"
    told.write_text(told.read_text().replace(f'id = "{Branch.load(BRANCH).site.id}"', f'id = "{site}"', 1))
    return folder / "branch"


async def _shelves(store: Store, count: int) -> bool:
    return len(await store.select(Shelf, {})) == count


def _said(monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, str], *arguments: str) -> str:
    for name in [name for name in os.environ if name.startswith("SERVICELANE_")]:
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        run(PARCELS, arguments)
    return str(ended.value.code)


def test_what_is_wrong_at_the_start_is_said_in_a_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    right = _environment(tmp_path, "mongodb://127.0.0.1:1/", "127.0.0.1:1", free_port())
    without = {name: value for name, value in right.items() if name != "SERVICELANE_MONGO_URL"}
    assert _said(monkeypatch, without) == "SERVICELANE_MONGO_URL: Field required"
    assert "SERVICELANE_PORT: Input should be" in _said(monkeypatch, right | {"SERVICELANE_PORT": "http"})
    assert "site.toml: No such file" in _said(monkeypatch, right | {"SERVICELANE_BRANCH": str(tmp_path)})
    with _listen("127.0.0.1", 0) as taken:
        port = str(taken.getsockname()[1])
        assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in _said(monkeypatch, right | {"SERVICELANE_PORT": port})
