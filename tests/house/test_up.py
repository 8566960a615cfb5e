"""`servicelane up` as a person has it: one page of what runs, clear lines for what cannot be, and nothing left behind."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.house.test_supervisor import is_alive
from tests.waiting_for import until

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PROCESSES = {"database", "broker", "reception", "workshop", "delivery", "followup", "entry"}


def servicelane(*arguments: object) -> subprocess.Popen[str]:
    command = (sys.executable, "-m", "servicelane.cli", *map(str, arguments))
    env = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1"}
    return subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def refused(*arguments: object) -> str:
    """The one line that the command says, ending with status 2."""
    process = servicelane(*arguments)
    said, complaint = process.communicate(timeout=180)
    assert (process.returncode, said) == (2, ""), complaint
    assert complaint.count("\n") == 1, complaint
    return complaint


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A data folder; whatever `up` on it still has running afterwards is a test's failure, and is ended."""
    yield tmp_path / "stack"
    path = tmp_path / "stack" / "stack.json"
    left = {name: pid for name, pid in json.loads(path.read_text()).get("pids", {}).items() if is_alive(pid)} if path.exists() else {}
    for pid in left.values():
        os.kill(pid, signal.SIGKILL)
    assert left == {}


@pytest.mark.slow
async def test_the_stack_comes_up_says_what_runs_refuses_a_second_one_and_ends_all_of_it(folder: Path) -> None:
    up = servicelane("up", "--data", folder, "--port", 18080, "--clock", "stepped", "--start", "2026-03-01T07:00")
    try:
        await until(lambda: up.poll() is not None or _described(folder).get("pids", {}).keys() == PROCESSES, deadline=180, what="the stack")
        described = _described(folder)
        assert described["url"] == "http://127.0.0.1:18080"
        clock = httpx.get(f"{described['url']}/clock").json()
        there = {"site_time": "2026-03-01 07:00", "time_zone": "Asia/Shanghai"}
        assert clock == {"now": "2026-02-28T23:00:00Z", "mode": "stepped", **there}
        assert re.search(rf"a stack runs on {folder} already \(process {up.pid} at http", refused("up", "--data", folder, "--port", 18081))
        assert "port 18080 is taken" in refused("up", "--data", folder.with_name("other"), "--port", 18080)
    finally:
        up.send_signal(signal.SIGTERM)
        page, complaint = up.communicate(timeout=180)
    assert up.returncode == 0, complaint
    assert all(name in page for name in (*PROCESSES, described["url"]))
    assert [name for name, pid in described["pids"].items() if is_alive(pid)] == []


def _described(folder: Path) -> dict[str, Any]:
    path = folder / "stack.json"
    described: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return described


def test_a_database_that_cannot_open_its_files_is_said(folder: Path) -> None:
    mongo = folder / "mongo"
    mongo.mkdir(parents=True)
    (folder / "stack.json").write_text("{}")
    for name in ("WiredTiger", "WiredTiger.turtle"):
        (mongo / name).write_text("broken")
    assert "database corruption detected" in refused("up", "--data", folder, "--port", 18082)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("up", "--branch", "nowhere"), "nowhere/site.toml: No such file or directory"),
        (("up", "--start", "2026-03-01"), "--start is for a stepped clock"),
        (("play", "nowhere.jsonl"), "nowhere.jsonl"),
        (("audit", "--at", "http://127.0.0.1:1"), "http://127.0.0.1:1: not reached"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_status_2(arguments: tuple[str, ...], says: str) -> None:
    assert says in refused(*arguments)
