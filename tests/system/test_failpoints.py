"""Processes that die at the named points (shared/failpoints.py): each leaves work unfinished there, and the day ends as ever."""

import json
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.system.two_visits import LAST_LINE, Day, played_day

pytestmark = [pytest.mark.slow, pytest.mark.kafka_ci]


@asynccontextmanager
async def killed_at(point: str, department: str, folder: Path) -> AsyncIterator[Day]:
    """The department's process has died at the point, and is held down."""
    async with played_day(folder, failpoint={department: point}) as day:
        assert await day.dies(department) == -signal.SIGKILL
        assert department not in day.stack.processes
        yield day


async def ends_as_ever_once_it_is_back(day: Day, department: str) -> None:
    day.stack.release(department)
    assert await day.last_line() == LAST_LINE
    assert [death.name for death in day.stack.deaths] == [department]


async def test_killed_after_commit_before_numbering(tmp_path: Path) -> None:
    async with killed_at("after_commit_before_numbering:4", "reception", tmp_path) as day:
        left = await day.rows("reception", "journal", {"unnumbered": True})
        assert left, "committed, and without a number"
        assert all("seq" not in entry for entry in left)
        await ends_as_ever_once_it_is_back(day, "reception")


async def test_killed_after_numbering_before_publishing(tmp_path: Path) -> None:
    async with killed_at("after_numbering_before_publishing:3", "delivery", tmp_path) as day:
        left = [head for head in await day.rows("delivery", "heads") if head["published"] < head["seq"]]
        assert left, "numbered, and not in Kafka"
        for head in left:
            for reader in ("reception", "workshop", "followup"):
                assert (await day.applied(reader, "delivery")).get(head["_id"], 0) <= head["published"], "nobody has heard of it"
        await ends_as_ever_once_it_is_back(day, "delivery")


async def test_killed_in_the_middle_of_a_batch(tmp_path: Path) -> None:
    async with killed_at("in_the_middle_of_a_batch", "delivery", tmp_path) as day:
        published = await day.published("reception")
        applied = await day.applied("delivery", "reception")
        left = [
            entry["_id"]
            for entry in await day.rows("reception", "journal", {"seq": {"$gt": 0}})  # the day goes on: some have no number yet
            if applied.get(entry["partition"], 0) < entry["seq"] <= published[entry["partition"]]
        ]
        assert left, "published, and the position is behind it"
        assert not await day.rows("delivery", "journal", {"causation": {"$in": left}}), "and nothing of the batch is there"
        await ends_as_ever_once_it_is_back(day, "delivery")
        assert await day.rows("delivery", "journal", {"causation": {"$in": left}})


async def test_killed_between_effect_and_answer(tmp_path: Path) -> None:
    async with killed_at("between_effect_and_answer:9", "reception", tmp_path) as day:
        row = max(await day.rows("reception", "answers"), key=lambda row: str(row["at"]))
        correlation = row["_id"].rpartition(":")[2]
        effects = await _entries(day, correlation)
        assert effects, "the effect is there, and the answer that a repeat gets"
        assert not _answered_well(day, correlation), "and its caller has none"
        await ends_as_ever_once_it_is_back(day, "reception")
        assert _answered_well(day, correlation)
        assert await _entries(day, correlation) == effects, "its repeat has done nothing twice"


async def _entries(day: Day, correlation: str) -> set[str]:
    return {entry["_id"] for entry in await day.rows("reception", "journal", {"correlation": correlation})}


def _answered_well(day: Day, correlation: str) -> bool:
    """Whether the entry has given the caller anything but that the department is away."""
    lines = [json.loads(line) for line in day.stack.log("entry").read_text(encoding="utf-8").splitlines()]
    return any(line["status"] < 300 for line in lines if line.get("correlation") == correlation and "status" in line)
