"""The command `servicelane` as a process, and all that it has started, orphans too: each carries a mark in its environment."""

import os
import signal
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_MARK = "TEST_STARTED_IT"


@dataclass(frozen=True)
class Ended:
    status: int
    said: str
    complained: str

    @property
    def last_line(self) -> str:
        return self.said.rstrip("\n").rpartition("\n")[2]


class Servicelane:
    """A running `servicelane ARGUMENTS …`. What it says is in `said`, what it complains of in `complained`."""

    def __init__(self, folder: Path, *arguments: object) -> None:
        self._id = uuid.uuid4().hex
        self.said, self.complained = folder / f"{self._id}.out", folder / f"{self._id}.err"
        environment = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1", _MARK: self._id}
        command = (sys.executable, "-m", "servicelane.cli", *map(str, arguments))
        with self.said.open("wb") as out, self.complained.open("wb") as err:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err)

    @property
    def started(self) -> set[int]:
        """Ids of the processes that it has started and that still run, whoever their parent is by now."""
        running = (int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit())
        return {pid for pid in running if pid != self.process.pid and self._is_ours(pid)}

    def _is_ours(self, pid: int) -> bool:
        try:
            return f"{_MARK}={self._id}".encode() in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        except OSError:
            return False

    def end(self, which: signal.Signals = signal.SIGTERM, seconds: float = 60) -> Ended:
        self.process.send_signal(which)
        return self.ended(seconds)

    def ended(self, seconds: float = 60) -> Ended:
        """How it ended, by itself within so many seconds."""
        status = self.process.wait(seconds)
        return Ended(status, self.said.read_text(encoding="utf-8"), self.complained.read_text(encoding="utf-8"))

    def clean_up(self) -> None:
        """For the end of a test that failed."""
        self.process.kill()
        self.process.wait()
        for pid in self.started:
            os.kill(pid, signal.SIGKILL)


def refused(folder: Path, *arguments: object) -> str:
    """The one line that the command complains with, ending with status 2 and nothing left running."""
    command = Servicelane(folder, *arguments)
    try:
        ended = command.ended()
        assert (ended.status, ended.said, ended.complained.count("\n")) == (2, "", 1), ended
        assert command.started == set()
    finally:
        command.clean_up()
    return ended.complained
