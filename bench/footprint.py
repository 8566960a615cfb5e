"""From nothing to ready, and the memory of the whole embedded stack (shared pages counted once); and of one service more that idles."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from pathlib import Path
from statistics import median

from bench.figure import Figure, at_most
from bench.servers import BRANCH, folder
from deploy.local.stack import Stack, embedded_stack
from deploy.local.supervisor import Supervisor
from shared.contracts.event import DEPARTMENTS

IDLE_SECONDS = 5.0
SECONDS, MEGABYTES, MEGABYTES_OF_ONE = 10.0, 900.0, 90.0


def megabytes(pids: Iterable[int]) -> float:
    """Proportional set size of the processes and of all that they started."""
    return sum(_own(pid) for pid in _with_children(set(pids))) / 1024


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
            begun = time.perf_counter()
            async with embedded_stack(at / "stack", BRANCH) as stack:
                seconds.append(time.perf_counter() - begun)
                await asyncio.sleep(IDLE_SECONDS)
                used.append(megabytes(stack.processes.values()))
                more += [await _one_more(stack, name) for name in DEPARTMENTS[: 1 if short else None]]
    return [
        at_most("footprint, start", 1.0, median(seconds), SECONDS, " s"),
        at_most("footprint, memory", 1.0, median(used), MEGABYTES, " MB"),
        at_most("footprint, one more idle service", 1.0, max(more), MEGABYTES_OF_ONE, " MB"),
    ]


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
