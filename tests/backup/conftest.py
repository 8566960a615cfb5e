"""A site of two departments of a test's own: parcels (in the name of reception) and their shelves (delivery), and the branch's folder."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from shared.branch import Branch
from shared.department import Department
from shared.store import Store
from tests.conftest import BRANCH
from tests.spine.parcels import SteppedClock

OpenStore = Callable[[Department], Awaitable[Store]]


@pytest.fixture
async def open_store(mongo_url: str, branch: Branch) -> AsyncIterator[OpenStore]:
    """Opens a department of this test's site, as each of its processes does; `store.close()` ends it."""
    async with AsyncExitStack() as opened:

        async def open_one(department: Department) -> Store:
            store = await Store.open(mongo_url, department, branch, SteppedClock(), partitions=2)
            opened.callback(store.close)
            return store

        yield open_one


@pytest.fixture
def folder(site_id: str, tmp_path: Path) -> Path:
    """The branch's folder with this test's site id."""
    copied: Any = shutil.copytree(BRANCH, tmp_path / "branch", ignore=shutil.ignore_patterns("*.jsonl"))
    site = copied / "site.toml"
    text = site.read_text(encoding="utf-8")
    there = Branch.load(BRANCH).site.id
    assert text.count(f'"{there}"') == 1
    site.write_text(text.replace(f'"{there}"', f'"{site_id}"'), encoding="utf-8")
    return Path(copied)
