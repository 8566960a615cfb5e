"""`servicelane up` as a person runs it: what it shows, what it refuses, what it leaves, and a day played on it."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deploy.local.embedded import free_port
from servicelane.audit.judge import judge
from servicelane.audit.read_site import read_site
from shared.branch import Branch
from shared.contracts.event import DEPARTMENTS
from tests.conftest import BRANCH
from tests.system.command_line import Servicelane, refused
from tests.system.conftest import Up, ready
from tests.system.people import People
from tests.system.two_visits import LAST_LINE, write_sheet
from tests.waiting_for import until

pytestmark = pytest.mark.slow


async def test_the_page_says_what_runs_where(stepped_stack: Up) -> None:
    page = stepped_stack.command.said.read_text(encoding="utf-8")
    described = json.loads((stepped_stack.data / "stack.json").read_text())
    assert set(described["pids"].values()) == stepped_stack.command.started
    for name, pid in described["pids"].items():
        line = next(line for line in page.splitlines() if f" {name} " in line)
        assert f" {pid} " in line
    for department in DEPARTMENTS:
        assert httpx.get(f"{stepped_stack.url}/{department}/health/ready").json()["ready"]
    shown = httpx.get(stepped_stack.url).text
    assert all(f'id="{department}"' in shown for department in DEPARTMENTS)


async def test_a_connection_outlives_the_five_seconds_that_clients_keep_an_idle_one(stepped_stack: Up) -> None:
    """Otherwise a call that is sent as the server lets go is lost, and nobody knows whether it was carried out."""
    address = httpx.URL(stepped_stack.url)
    reader, writer = await asyncio.open_connection(address.host, address.port)
    for _ in range(2):
        writer.write(f"HEAD /flow HTTP/1.1\r\nHost: {address.host}\r\n\r\n".encode())
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), timeout=10)
        assert head.startswith(b"HTTP/1.1 "), head
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), timeout=6)
    writer.close()


async def test_a_second_stack_on_the_same_folder(stepped_stack: Up, tmp_path: Path) -> None:
    line = refused(tmp_path, "up", "--data", stepped_stack.data, "--port", free_port())
    assert f"a stack runs on {stepped_stack.data} already (process {stepped_stack.command.process.pid} at {stepped_stack.url})" in line
    assert httpx.get(f"{stepped_stack.url}/reception/health/ready").is_success


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"port {port} is taken" in refused(tmp_path, "up", "--data", tmp_path / "stack", "--port", port)


def test_a_broken_data_folder(tmp_path: Path) -> None:
    data = tmp_path / "stack"
    data.mkdir()
    (data / "stack.json").write_text('{"ports": {"entry": 1')
    assert f"the data folder {data} is broken" in refused(tmp_path, "up", "--data", data)


def test_a_folder_of_something_else_is_not_touched(tmp_path: Path) -> None:
    assert "is not a stack's data folder" in refused(tmp_path, "up", "--data", BRANCH)
    assert not list(BRANCH.glob("stack*"))


async def test_a_day_is_played_on_it_once_and_audited_at_work_and_after_it(stepped_stack: Up, people: People, tmp_path: Path) -> None:
    sheet, branch = write_sheet(tmp_path), Branch.load(BRANCH)
    play = Servicelane(tmp_path, "play", sheet, "--at", stepped_stack.url)
    try:
        audited = 0
        while play.process.poll() is None:
            journals = await read_site(stepped_stack.url, await people.token("group-1"))
            assert (journals.under_way, judge(journals, branch).violations) == ((), ())
            audited += 1
        assert audited > 10
        ended = play.ended(seconds=180)
        assert (ended.last_line, ended.status) == (LAST_LINE, 0), ended
    finally:
        play.clean_up()
    again = refused(tmp_path, "play", sheet, "--at", stepped_stack.url)
    assert "BJ01-0-0001 begins at 2026-03-09T" in again
    assert "the stack's clock is at" in again
    audit = Servicelane(tmp_path, "audit", "--json", "--at", stepped_stack.url).ended()
    verdict = json.loads(audit.said)
    assert (audit.status, verdict["orders"], verdict["violations"]) == (0, 2, [])
    assert {"R2", "R11", "W11", "D5", "F4"} <= {judged["clause"] for judged in verdict["clauses"]}


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    """A process that is nobody's business."""
    process = subprocess.Popen((sys.executable, "-c", "input()"), stdin=subprocess.PIPE)
    yield process
    process.communicate(b"\n", timeout=10)


async def test_it_ends_with_all_that_it_started_and_what_was_recorded_is_there_again(
    tmp_path: Path, bystander: subprocess.Popen[bytes]
) -> None:
    port = free_port()
    command = Servicelane(tmp_path, "up", "--data", tmp_path / "stack", "--port", port)
    try:
        up = await ready(command, tmp_path / "stack", port)
        async with People(up.url) as people:
            visit = await people.arrival()
        assert "a day is played on a stack whose clock is stepped" in refused(tmp_path, "play", write_sheet(tmp_path), "--at", up.url)
        assert len(command.started) == 7
        os.kill(command.process.pid, signal.SIGKILL)
        assert command.ended().status == -signal.SIGKILL
        await until(lambda: not command.started, what="the end of what the killed one had started")
    finally:
        command.clean_up()

    command = Servicelane(tmp_path, "up", "--data", tmp_path / "stack", "--port", port)
    try:
        await ready(command, tmp_path / "stack", port)
        async with People(up.url) as people:
            found = await people.ask("advisor-1", "GET", f"/reception/visits/{visit['id']}")
        assert (found.status_code, found.json()["id"]) == (200, visit["id"])
        ended = command.end(signal.SIGTERM)
        assert (ended.status, ended.complained) == (0, "")
        assert command.started == set()
    finally:
        command.clean_up()
    assert bystander.poll() is None
