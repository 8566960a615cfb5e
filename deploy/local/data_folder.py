"""A stack's data folder: one stack at a time, of one site and one kind of clock, with the ports and secrets that it keeps."""

import fcntl
import json
import os
import secrets
import socket
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Literal

HOST = "127.0.0.1"
PORTS = range(15000, 32000)
"""Below the ports that the system gives to outgoing connections: a client that tries a dead port there again and again may meet itself."""

ClockMode = Literal["real", "stepped"]


class StackFailed(RuntimeError):
    """The stack cannot run as asked; the text says why in one line."""


@contextmanager
def data_folder(data: Path, site: str, clock: ClockMode) -> Iterator[dict[str, Any]]:
    """The folder made, locked and found to be a stack's own; what its `stack.json` says of the last time. `StackFailed` otherwise."""
    try:
        lock, kept = _opened(data, site, clock)
    except OSError as error:
        raise StackFailed(f"the data folder {data} cannot be used: {error.strerror}: {error.filename}") from error
    with lock:
        yield kept


def _opened(data: Path, site: str, clock: ClockMode) -> tuple[IO[str], dict[str, Any]]:
    data.mkdir(parents=True, exist_ok=True)
    kept = _described(data)
    lock = (data / "stack.lock").open("a+")
    try:
        _lock(lock.fileno(), data, kept)
        _same_as_before(kept, data, site, clock)
        for folder in ("logs", "mongo"):
            (data / folder).mkdir(exist_ok=True)
        _secret(data / "group.key")
        describe(data, {**kept, "site": site, "clock": clock})
    except BaseException:
        lock.close()
        raise
    return lock, kept


def _described(data: Path) -> dict[str, Any]:
    path = data / "stack.json"
    if not path.exists():
        if strangers := sorted(each.name for each in data.iterdir() if each.name != "stack.lock"):
            raise StackFailed(f"{data} is not a stack's data folder: it has no stack.json, but {', '.join(strangers[:3])}")
        return {}
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise StackFailed(f"the data folder {data} is broken: stack.json: {error}") from error
    if not isinstance(kept, dict) or not isinstance(kept.get("ports", {}), dict):
        raise StackFailed(f"the data folder {data} is broken: stack.json is not what a stack writes")
    return kept


def _lock(handle: int, data: Path, kept: Mapping[str, Any]) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        who = f"process {kept['supervisor']} at {kept['url']}" if "supervisor" in kept else "another process"
        raise StackFailed(f"a stack runs on {data} already ({who})") from error


def _same_as_before(kept: Mapping[str, Any], data: Path, site: str, clock: ClockMode) -> None:
    if kept.get("site", site) != site:
        raise StackFailed(f"{data} holds site {kept['site']}, and the branch is {site}: it needs a folder of its own")
    if kept.get("clock", clock) != clock:
        raise StackFailed(f"the clock of {data} is {kept['clock']} and cannot become {clock}: what has its date there would be out of time")


def _secret(path: Path) -> None:
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32) + "\n")


def describe(data: Path, content: Mapping[str, Any]) -> None:
    """Write `stack.json`, whole or not at all."""
    fresh = data / ".stack.json.new"
    fresh.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    fresh.replace(data / "stack.json")


def chosen_ports(names: Iterable[str], kept: Mapping[str, Any], asked: Mapping[str, int]) -> dict[str, int]:
    """Those asked for (`StackFailed` where one is taken); for the rest those of the last time, so that addresses stay, where free."""
    for name, port in asked.items():
        if not _is_free(port):
            raise StackFailed(f"port {port} is taken, the {name} cannot listen on it")
    ports = dict(asked)
    for name in names:
        if name not in ports:
            ports[name] = _stays(kept.get(name), ports.values()) or _free(ports.values())
    return ports


def _stays(before: Any, taken: Collection[int]) -> int | None:
    return before if isinstance(before, int) and before not in taken and _is_free(before) else None


def _free(taken: Collection[int]) -> int:
    shuffled = secrets.SystemRandom().sample(PORTS, len(PORTS))
    return next(port for port in shuffled if port not in taken and _is_free(port))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError):
            return False
    return True
