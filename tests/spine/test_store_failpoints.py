"""Killed with -9 at the named points: work is left unfinished there, and the next process finishes it, once."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from shared.contracts.topics import events_topic
from shared.failpoints import FAILPOINTS
from shared.store import Store
from tests.spine.listening import listening
from tests.spine.parcels import Parcel
from tests.waiting_for import until

EVENTS = events_topic("reception")
ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


async def run(mongo_url: str, kafka_url: str, site: str, first: int, last: int, failpoint: str = "") -> int:
    """A department's process that posts parcels `first` to `last`; its exit status."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.spine.killed_process", mongo_url, kafka_url, site, str(first), str(last)),
        cwd=ROOT,
        env={**os.environ, "SERVICELANE_FAILPOINT": failpoint},
    )
    async with asyncio.timeout(30):
        return await process.wait()


def unfinished(flow: dict[str, object], failpoint: str) -> bool:
    match failpoint.partition(":")[0]:
        case "after_commit_before_numbering":
            return bool(flow["unnumbered"])
        case "after_numbering_before_publishing":
            return flow["newest"] != flow["published"]
        case _:
            return True


@pytest.mark.parametrize(
    "failpoint", ["after_commit_before_numbering:2", "after_numbering_before_publishing:2", "between_effect_and_answer:3"]
)
async def test_what_a_killed_process_left_is_finished_once_by_the_next(
    store: Store, mongo_url: str, kafka_url: str, site_id: str, failpoint: str
) -> None:
    assert await run(mongo_url, kafka_url, site_id, 1, 10, failpoint) == -signal.SIGKILL
    assert unfinished(await store.flow(), failpoint)
    before = await store.collection("parcels").count_documents({})
    assert 0 < before <= 10
    assert await run(mongo_url, kafka_url, site_id, 1, 10) == 0
    assert [parcel.version for parcel in await store.select(Parcel, {})] == [1] * 10
    async with listening(kafka_url, site_id, [EVENTS]) as ear:
        await until(lambda: len({event["id"] for event in ear.events(EVENTS)}) == 10)
    assert {event["subject"] for event in ear.events(EVENTS)} == {f"p-{n}" for n in range(1, 11)}
    assert all(sorted(set(numbers)) == list(range(1, max(numbers) + 1)) for numbers in ear.numbers(EVENTS).values())


async def test_an_unknown_failpoint_is_refused_at_the_start(mongo_url: str, kafka_url: str, site_id: str) -> None:
    assert "at_no_such_point" not in FAILPOINTS
    assert await run(mongo_url, kafka_url, site_id, 1, 1, "at_no_such_point") == 1
