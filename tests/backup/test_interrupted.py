"""A backup or restore that is broken off leaves no database of its own running."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local import embedded
from shared.branch import Branch
from tests.conftest import BRANCH

ROOT = Path(__file__).parents[2]
STANDS_STILL = """
import signal, sys, time
from contextlib import contextmanager
from unittest.mock import MagicMock
from servicelane.backup import command
from servicelane.cli import app

signal.signal(signal.SIGINT, signal.default_int_handler)  # as at a terminal: what runs in the background is started with it ignored

@contextmanager
def databases(url):
    print(url, flush=True)
    time.sleep(300)
    yield

command.databases, command.Archive, command._to_restore = databases, MagicMock(), MagicMock()
app(sys.argv[1:])
"""


@pytest.mark.parametrize("stopped", [KeyboardInterrupt, SystemExit])
def test_a_database_whose_start_is_broken_off_is_stopped(
    stopped: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[embedded.Embedded] = []

    def break_off(self: embedded.Embedded, seconds: float = 0) -> None:
        started.append(self)
        raise stopped

    monkeypatch.setattr(embedded.Embedded, "wait_until_ready", break_off)
    with pytest.raises(stopped):
        embedded.start_database(tmp_path / "mongo")
    assert started[0].process.poll() is not None


def test_a_stop_that_is_broken_off_kills(tmp_path: Path) -> None:
    class Child:
        pid, killed = 1, False

        def poll(self) -> int | None:
            return 0 if self.killed else None

        def terminate(self) -> None: ...

        def kill(self) -> None:
            self.killed = True

        def wait(self, timeout: float | None = None) -> int:
            if not self.killed:
                raise KeyboardInterrupt
            return 0

    child = Child()
    with pytest.raises(KeyboardInterrupt):
        embedded.Embedded("the database", child, 1, tmp_path / "log").stop()
    assert child.killed


@pytest.mark.slow
@pytest.mark.parametrize("command", ["backup", "restore"])
@pytest.mark.parametrize(("which", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_what_is_ended_from_outside_ends_its_database(command: str, which: signal.Signals, status: int, tmp_path: Path) -> None:
    data = tmp_path / "stack"
    data.mkdir()
    (data / "stack.json").write_text(json.dumps({"site": Branch.load(BRANCH).site.id, "clock": "real"}), encoding="utf-8")
    run = [sys.executable, "-c", STANDS_STILL, command, str(tmp_path / "out"), "--data", str(data), "--branch", str(BRANCH)]
    env = {name: value for name, value in os.environ.items() if not name.startswith("SERVICELANE_")}
    process = subprocess.Popen(run, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    with process.stdout as said:
        port = int(said.readline().partition("?")[0].rstrip("/").rpartition(":")[2])
        assert embedded.is_listening(port)
        process.send_signal(which)
        assert process.wait(60) == status
    assert not embedded.is_listening(port)
