"""Sites that run, and the commands that keep house there, as a person gives them."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from deploy.local.stack import Stack, embedded_stack
from tests.conftest import BRANCH
from tests.system.two_visits import Day, played_day

ROOT = Path(__file__).parents[2]
MORNING = datetime(2026, 3, 9, 7, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@dataclass(frozen=True)
class Ended:
    status: int
    said: str
    complained: str

    @property
    def last_line(self) -> str:
        return self.said.strip().rpartition("\n")[2]


async def servicelane(*arguments: object) -> Ended:
    command = [sys.executable, "-m", "servicelane.cli", *map(str, arguments)]
    run = await asyncio.to_thread(subprocess.run, command, cwd=ROOT, capture_output=True, text=True, timeout=900, check=False)
    return Ended(run.returncode, run.stdout, run.stderr)


@pytest.fixture
async def day(tmp_path: Path) -> AsyncIterator[Day]:
    """Two visits, being played."""
    async with played_day(tmp_path) as day:
        yield day


@pytest.fixture
async def stack(tmp_path: Path) -> AsyncIterator[Stack]:
    """A site at which nobody was yet."""
    async with embedded_stack(tmp_path / "stack", BRANCH, clock="stepped", start=MORNING) as stack:
        yield stack
