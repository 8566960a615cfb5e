"""From `servicelane up` to ready, and the memory of all of it (shared pages counted once); and of one service more that idles."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from statistics import median

from bench.figure import Figure, at_most
from bench.servers import BRANCH, ROOT, folder
from deploy.local.embedded import free_port
from deploy.local.stack import Stack, embedded_stack
from deploy.local.supervisor import Supervisor
from shared.contracts.event import DEPARTMENTS

IDLE_SECONDS = 5.0
SECONDS, MEGABYTES, MEGABYTES_OF_ONE = 10.0, 900.0, 90.0


def megabytes(pids: Iterable[int]) -> float:
    """Proportional set size of the processes and of all that they started."""
    named = set(pids)
    return sum(_own(pid) for pid in named | _with_children(named)) / 1024


def _with_children(pids: set[int]) -> set[int]:
    parents = {int(entry.name): _parent(entry) for entry in Path("/proc").iterdir() if entry.name.isdigit()}
    found: set[int] = set()
    while more := {pid for pid, parent in parents.items() if pid in pids or parent in found} - found:
        found |= more
    return found


def _parent(entry: Path) -> int:
    try:
        return int((entry / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _own(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


async def measure(*, short: bool) -> list[Figure]:
    seconds, used, more = [], [], []
    for _ in range(1 if short else 3):
        with folder() as at:
            took, megabytes_used = _of_the_command(at / "up")
            seconds.append(took)
            used.append(megabytes_used)
        with folder() as at:
            async with embedded_stack(at / "stack", BRANCH) as stack:
                await asyncio.sleep(IDLE_SECONDS)
                more += [await _one_more(stack, name) for name in DEPARTMENTS[: 1 if short else None]]
    return [
        at_most("footprint, start", 1.0, median(seconds), SECONDS, " s"),
        at_most("footprint, memory", 1.0, median(used), MEGABYTES, " MB"),
        at_most("footprint, one more idle service", 1.0, max(more), MEGABYTES_OF_ONE, " MB"),
    ]


def _of_the_command(data: Path) -> tuple[float, float]:
    """Seconds from `servicelane up` to its page, which it shows when all is ready; megabytes of it and all that it started, idle."""
    command = [
        str(Path(sys.executable).with_name("servicelane")),
        "up",
        "--data",
        str(data),
        "--branch",
        str(BRANCH),
        "--port",
        str(free_port()),
    ]
    begun = time.perf_counter()
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as up:
        try:
            assert up.stdout
            if not any("servicelane at" in line for line in up.stdout):
                raise RuntimeError("servicelane up ended before it was ready")
            seconds = time.perf_counter() - begun
            time.sleep(IDLE_SECONDS)
            return seconds, megabytes([up.pid])
        finally:
            up.terminate()
            up.wait(60)


async def _one_more(stack: Stack, name: str) -> float:
    """What the machine has to give for a second process of a department, all its parts, beside the first."""
    supervisor, before = Supervisor(), megabytes(stack.processes.values())
    try:
        await supervisor.start(second := stack.second(name))
        await supervisor.wait_until_ready(second.name)
        await asyncio.sleep(IDLE_SECONDS)
        return megabytes([*stack.processes.values(), *supervisor.pids.values()]) - before
    finally:
        await supervisor.stop()
