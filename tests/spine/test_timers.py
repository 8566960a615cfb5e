"""Deadlines fire by themselves: by business time, once in effect, whoever runs and whatever fails meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.department import Department
from shared.reaction import Timer
from shared.store import Store
from shared.timers import TimerLoop
from shared.unit import Unit
from tests.spine.conftest import OpenStore
from tests.spine.parcels import PARCELS, Parcel, SteppedClock, posted
from tests.waiting_for import until

StartTimers = Callable[..., Awaitable[TimerLoop]]


async def move_it(timer: Timer, unit: Unit) -> None:
    await unit.update(Parcel, timer.subject, lambda parcel: parcel.move(str(timer.facts["place"])))


def department(**handlers: Any) -> Department:
    return replace(PARCELS, timers={"move": move_it, **handlers})


@pytest.fixture
async def start_timers() -> AsyncIterator[StartTimers]:
    async with AsyncExitStack() as started:

        async def start(store: Store, **settings: Any) -> TimerLoop:
            loop = TimerLoop(store, **settings)
            await loop.start()
            started.push_async_callback(loop.stop)
            return loop

        yield start


async def schedule(store: Store, clock: SteppedClock, id: str, *, hours: float, kind: str = "move", place: str = "shelf") -> None:
    timer = Timer(key=f"t-{id}", kind=kind, due_at=clock.now() + timedelta(hours=hours), subject=id, facts={"place": place})

    async def work(unit: Unit) -> None:
        await unit.create(Parcel, id, lambda parcel: [] if parcel.exists else posted(parcel))
        await unit.schedule(timer)

    await store.transact(work, actor="adv-1", correlation=f"of {id}")


async def place(store: Store, id: str) -> str:
    return (await store.get(Parcel, id)).place


async def test_a_timer_fires_when_business_time_has_come_and_not_before(
    open_store: OpenStore, clock: SteppedClock, start_timers: StartTimers
) -> None:
    store = await open_store(department())
    await schedule(store, clock, "p-1", hours=2)
    await schedule(store, clock, "p-2", hours=1)
    await start_timers(store)
    clock.step(hours=1)
    await until(lambda: _is(place(store, "p-2"), "shelf"))
    assert await place(store, "p-1") == "post office"
    clock.step(hours=1)
    await until(lambda: _is(place(store, "p-1"), "shelf"))
    [entry] = await store.collection("journal").find({"type": "reception.parcel_moved.v1", "subject": "p-1"}).to_list(None)
    assert (entry["actor"], entry["correlation"]) == ("system", "of p-1")
    assert (await store.flow())["timers_due"] == 0


async def test_two_workers_fire_each_timer_once(open_store: OpenStore, clock: SteppedClock, start_timers: StartTimers) -> None:
    store, other = await open_store(department()), await open_store(department())
    for n in range(20):
        await schedule(store, clock, f"p-{n}", hours=1)
    clock.step(hours=2)
    for worker in (store, other):
        await start_timers(worker, claim_seconds=0)  # claims that hold nobody off: only the transaction does
    await until(lambda: _is(_due(store), 0), deadline=20)
    assert [parcel.moves for parcel in await store.select(Parcel, {})] == [1] * 20


async def test_a_timer_that_was_claimed_by_a_clock_that_ran_ahead_fires_and_is_gone(
    open_store: OpenStore, clock: SteppedClock, start_timers: StartTimers
) -> None:
    store = await open_store(department())
    await schedule(store, clock, "p-1", hours=1)
    until_then = datetime.now(UTC) + timedelta(hours=8)
    await store.collection("timers").update_one({"_id": "t-p-1"}, {"$set": {"claimed_until": until_then, "claimed_by": "gone"}})
    await start_timers(store)
    clock.step(hours=1)
    await until(lambda: _is(place(store, "p-1"), "shelf"))
    assert await store.collection("timers").count_documents({}) == 0


async def test_a_timer_survives_a_restart_also_one_in_the_middle_of_firing(
    open_store: OpenStore, clock: SteppedClock, start_timers: StartTimers
) -> None:
    reached = asyncio.Event()

    async def hang(timer: Timer, unit: Unit) -> None:
        await move_it(timer, unit)
        reached.set()
        await asyncio.Event().wait()

    store = await open_store(department(move=hang))
    await schedule(store, clock, "p-1", hours=1)
    clock.step(hours=1)
    first = await start_timers(store, claim_seconds=0.2)
    await asyncio.wait_for(reached.wait(), 5)
    await first.stop()
    assert await place(store, "p-1") == "post office"
    restarted = await open_store(department())
    await start_timers(restarted)
    await until(lambda: _is(place(restarted, "p-1"), "shelf"))


async def test_a_moved_timer_fires_at_its_new_time_only_and_a_cancelled_one_never(
    open_store: OpenStore, clock: SteppedClock, start_timers: StartTimers
) -> None:
    store = await open_store(department())
    await schedule(store, clock, "p-1", hours=1)
    await schedule(store, clock, "p-1", hours=3, place="cellar")
    await schedule(store, clock, "p-2", hours=1)
    await schedule(store, clock, "p-3", hours=1)
    await store.transact(lambda unit: unit.cancel("t-p-2"), actor="adv-1", correlation="c")
    await store.transact(lambda unit: unit.cancel("t-unknown"), actor="adv-1", correlation="c")
    await start_timers(store)
    clock.step(hours=1)
    await until(lambda: _is(place(store, "p-3"), "shelf"))
    assert [await place(store, parcel) for parcel in ("p-1", "p-2")] == ["post office", "post office"]
    clock.step(hours=2)
    await until(lambda: _is(place(store, "p-1"), "cellar"))


async def test_a_handler_may_set_its_own_timer_again(open_store: OpenStore, clock: SteppedClock, start_timers: StartTimers) -> None:
    async def move_every_hour(timer: Timer, unit: Unit) -> None:
        await move_it(timer, unit)
        await unit.schedule(timer.model_copy(update={"due_at": timer.due_at + timedelta(hours=1)}))

    store = await open_store(department(move=move_every_hour))
    await schedule(store, clock, "p-1", hours=1)
    await start_timers(store)
    clock.step(hours=3)
    await until(lambda: _moves(store, "p-1", 3))
    assert (await store.flow())["timers_due"] == 0


async def test_a_timer_that_is_set_again_for_the_moment_at_which_it_fired_fires_again(
    open_store: OpenStore, clock: SteppedClock, start_timers: StartTimers
) -> None:
    """By somebody else, and by its own handler: business time may stand still meanwhile."""
    again = [True]

    async def move_twice(timer: Timer, unit: Unit) -> None:
        await move_it(timer, unit)
        if again and timer.facts["place"] == "cellar":
            again.clear()
            await unit.schedule(timer)

    store = await open_store(department(move=move_twice))
    await start_timers(store)
    await schedule(store, clock, "p-1", hours=0)
    await until(lambda: _moves(store, "p-1", 1))
    await schedule(store, clock, "p-1", hours=0, place="cellar")
    await until(lambda: _moves(store, "p-1", 3))
    assert (await store.flow())["timers_due"] == 0


async def test_a_failing_handler_is_tried_again_shown_and_holds_nobody_up(
    open_store: OpenStore, clock: SteppedClock, start_timers: StartTimers
) -> None:
    mended = asyncio.Event()

    async def fail_until_mended(timer: Timer, unit: Unit) -> None:
        await move_it(timer, unit)
        if not mended.is_set():
            raise RuntimeError("no such shelf")

    store = await open_store(department(fragile=fail_until_mended))
    await schedule(store, clock, "p-1", hours=1, kind="fragile")
    await schedule(store, clock, "p-2", hours=1)
    clock.step(hours=1)
    await start_timers(store)
    await until(lambda: _is(place(store, "p-2"), "shelf"))
    await until(lambda: _is(_failing(store), 1))
    assert await place(store, "p-1") == "post office"
    assert "no such shelf" in (await store.fetch("timers", "t-p-1") or {})["error"]
    mended.set()
    await until(lambda: _is(place(store, "p-1"), "shelf"))
    assert (await store.flow())["timers_failing"] == 0


async def _is(value: Awaitable[Any], wanted: Any) -> bool:
    return bool(await value == wanted)


async def _due(store: Store) -> int:
    return int((await store.flow())["timers_due"])


async def _failing(store: Store) -> int:
    return int((await store.flow())["timers_failing"])


async def _moves(store: Store, id: str, wanted: int) -> bool:
    return (await store.get(Parcel, id)).moves == wanted


async def test_a_timer_that_has_failed_for_days_holds_no_other_back(
    open_store: OpenStore, clock: SteppedClock, start_timers: StartTimers
) -> None:
    async def fail(timer: Timer, unit: Unit) -> None:
        raise RuntimeError("as ever")

    store = await open_store(department(fail=fail))
    await schedule(store, clock, "p-1", hours=1, kind="fail")
    await schedule(store, clock, "p-2", hours=2)
    await store.collection("timers").update_one({"_id": "t-p-1"}, {"$set": {"tries": 5000}})
    clock.step(hours=3)
    await start_timers(store)
    await until(lambda: _is(place(store, "p-2"), "shelf"))

    async def failed() -> tuple[int, str | None]:
        row = await store.collection("timers").find_one({"_id": "t-p-1"})
        assert row
        return row["tries"], row.get("error")

    await until(lambda: _is(failed(), (5001, "RuntimeError: as ever")))
