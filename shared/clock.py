"""Business time: what the procedure counts in. Real in production; stepped, from one small file, in tests and played days.

Leases, tokens and retries live on system time and have no business here.
"""

import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """Business time, aware, UTC."""


class RealClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class ClockGoesBackwards(ValueError):
    """Business time was asked to go back: what has happened stays happened."""


class BadClockFile(ValueError):
    """The clock's file is missing or holds no time."""


class FileClock:
    """Business time as the file says it, for every process that shares the file; it stands still between two steps."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int] | None = None
        self._now = datetime.min.replace(tzinfo=UTC)

    def now(self) -> datetime:
        try:
            status = self._path.stat()
        except OSError as error:
            raise BadClockFile(f"{self._path}: {error.strerror}") from error
        seen = (status.st_ino, status.st_mtime_ns)
        if seen != self._seen:
            self._now, self._seen = read(self._path), seen
        return self._now


def clock_of(path: Path | None) -> Clock:
    """The stepped clock of that file; real time where there is none."""
    return FileClock(path) if path else RealClock()


def read(path: Path) -> datetime:
    try:
        kept = datetime.fromisoformat(path.read_text(encoding="ascii").strip())
    except OSError as error:
        raise BadClockFile(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise BadClockFile(f"{path}: holds no time") from error
    if kept.tzinfo is None:
        raise BadClockFile(f"{path}: holds a time without its zone")
    return kept.astimezone(UTC)


def start(path: Path, at: datetime) -> datetime:
    """Business time begins at `at`, unless the file is there already: then it goes on from what that says."""
    if not path.exists():
        _replace(path, at)
    return read(path)


def step(path: Path, to: datetime) -> datetime:
    """Business time is `to` from now on, in every process; `ClockGoesBackwards` where that is in the past. One stepper at a time."""
    present = read(path)
    if to < present:
        raise ClockGoesBackwards(f"business time is {present.isoformat()} already")
    if to > present:
        _replace(path, to)
    return to.astimezone(UTC)


def _replace(path: Path, to: datetime) -> None:
    if to.tzinfo is None:
        raise ValueError("business time needs its zone")
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with fresh.open("w", encoding="ascii") as file:
        file.write(to.astimezone(UTC).isoformat() + "\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    with suppress(OSError):
        _flush_folder(path.parent)


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
