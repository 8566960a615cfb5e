"""The world of a played day: courses take their turns by business time, people are held by one task at a time."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from servicelane.play.client import Answer, Desk, Unexpected
from servicelane.play.world import Pool, World
from shared.branch import Branch

START = datetime(2026, 3, 9, 0, 0, tzinfo=UTC)  # 08:00 in the shop


class RestingDesk(Desk):
    """A system at rest: its clock goes where it is told, nothing is under way. It has no address."""

    def __init__(self) -> None:
        self.steps: list[datetime] = []

    async def operate(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        if body:
            self.steps.append(datetime.fromisoformat(body["to"]))
        return Answer(httpx.Response(200, json={}), "")


class SlowDesk(RestingDesk):
    """A system that is at rest after so many looks, each of which finds it a little further, or as far as before."""

    def __init__(self, looks: int, *, moves: bool) -> None:
        super().__init__()
        self._looks = looks
        self._moves = moves

    async def operate(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        self._looks -= 1
        left = self._looks if self._moves else min(self._looks, 1)
        state = {"unnumbered": left, "waiting": 0, "dead_letters": 0, "timers_due": 0, "newest": {}, "published": {}, "applied": {}}
        return Answer(httpx.Response(200, json={"workshop": state}), "")


def world(branch: Branch) -> tuple[World, RestingDesk]:
    desk = RestingDesk()
    made = World(desk, branch)
    made.now = START
    return made, desk


async def test_the_clock_goes_from_one_thing_that_somebody_has_to_do_to_the_next(branch: Branch) -> None:
    made, desk = world(branch)
    seen: list[tuple[str, datetime]] = []

    async def course(name: str, *minutes: int) -> None:
        for each in minutes:
            await made.minutes(each)
            seen.append((name, made.now))

    made.start("a", course("a", 10, 20))
    made.start("b", course("b", 15))
    await made.play()
    assert [(name, int((at - START).total_seconds() / 60)) for name, at in seen] == [("a", 10), ("b", 15), ("a", 30)]
    assert desk.steps == [START + timedelta(minutes=each) for each in (10, 15, 30)]


async def test_work_that_does_not_fit_today_goes_on_when_the_shop_opens_again(branch: Branch) -> None:
    made, _ = world(branch)

    async def course() -> None:
        await made.hours_of_work(13)

    made.start("long", course())
    await made.play()
    assert made.now == START + timedelta(days=1, hours=1)


async def test_who_is_taken_is_waited_for_in_turn(branch: Branch) -> None:
    made, _ = world(branch)
    pool = Pool(made, ["one"])
    order: list[str] = []

    async def course(name: str) -> None:
        async with pool.one() as member:
            order.append(f"{name} {member}")
            await made.minutes(5)

    for name in ("a", "b", "c"):
        made.start(name, course(name))
    await made.play()
    assert order == ["a one", "b one", "c one"]
    assert made.now == START + timedelta(minutes=15)


async def test_a_course_that_fails_is_named_and_the_others_go_on(branch: Branch) -> None:
    made, _ = world(branch)

    async def fails() -> None:
        await asyncio.sleep(0)
        raise RuntimeError("stuck in the mud")

    async def goes_on() -> None:
        await made.minutes(5)

    made.start("fails", fails())
    made.start("goes on", goes_on())
    await made.play()
    assert {name: str(error) for name, error in made.failures.items()} == {"fails": "stuck in the mud"}
    assert made.now == START + timedelta(minutes=5)


async def test_a_system_that_moves_is_waited_for_however_slow_it_is(branch: Branch) -> None:
    slow = World(SlowDesk(8, moves=True), branch, patience=0.1)
    await slow.settled()


async def test_a_system_that_stands_still_is_waited_for_no_longer_than_the_patience(branch: Branch) -> None:
    stuck = World(SlowDesk(1000, moves=False), branch, patience=0.3)
    with pytest.raises(Unexpected, match=r"did not come to rest: .*workshop: 1 unnumbered"):
        await stuck.settled()
