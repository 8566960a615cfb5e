"""The database goes and comes back, as a server that is killed does: nothing is lost, nothing is done twice, callers are told."""

import asyncio
import resource
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from deploy.local.embedded import Embedded, database_url, start_database
from shared import system_time
from shared.presence import SESSION_SECONDS
from shared.refusal import DatabaseAway
from shared.store import MongoUnit, Once, Session, Store
from tests.spine.conftest import OpenStore
from tests.spine.parcels import HandedOutAlready, Parcel, posted
from tests.waiting_for import until

pytestmark = pytest.mark.slow


class MortalDatabase:
    """A database of this test's own, to be killed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.server: Embedded = start_database(folder)
        self.url = database_url(self.server.port)

    def kill_and_restart(self) -> None:
        self.server.kill()
        self.server = start_database(self._folder, port=self.server.port)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[MortalDatabase]:
    mortal = MortalDatabase(tmp_path / "data")
    yield mortal
    mortal.server.kill()


async def move(store: Store, place: str, patience: float = 20.0) -> Parcel:
    work = store.transact(
        lambda unit: unit.update(Parcel, "p-1", lambda parcel: parcel.move(place)), actor="adv-1", correlation=place, patience=patience
    )
    return await work


async def test_a_full_disk_under_the_database_is_said_as_its_being_away(open_store: OpenStore, database: MortalDatabase) -> None:
    store = await open_store(url=database.url)
    await store.transact(lambda unit: unit.create(Parcel, "p-1", posted), actor="adv-1", correlation="c")
    pid = database.server.process.pid
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, hard))
    for _ in range(4):
        with pytest.raises(DatabaseAway):
            await move(store, "shelf", patience=0.5)


async def test_a_refusal_while_the_database_goes_is_no_answer_for_it_may_be_that_of_a_repetition(
    open_store: OpenStore, database: MortalDatabase
) -> None:
    store = await open_store(url=database.url)

    async def work(unit: MongoUnit) -> Parcel:
        database.server.kill()
        raise HandedOutAlready(parcel="p-1")

    once = Once(key="k-1", person="adv-1", body_hash="", answer=Parcel)
    with pytest.raises(DatabaseAway):
        await store.transact(work, actor="adv-1", correlation="c", once=once, patience=1.0)


async def test_a_database_that_stays_away_is_said_in_time_and_no_harm_done(open_store: OpenStore, database: MortalDatabase) -> None:
    store = await open_store(url=database.url)
    await store.transact(lambda unit: unit.create(Parcel, "p-1", posted), actor="adv-1", correlation="c")
    database.server.stop()
    with pytest.raises(DatabaseAway):
        async with asyncio.timeout(10):
            await move(store, "shelf", patience=0.5)


async def test_a_database_killed_under_traffic_loses_nothing_and_does_nothing_twice(
    open_store: OpenStore, database: MortalDatabase
) -> None:
    store = await open_store(url=database.url)
    await store.transact(lambda unit: unit.create(Parcel, "p-1", posted), actor="adv-1", correlation="c")
    answered = 0

    def is_answered(due: int) -> bool:
        return answered >= due

    async def keep_moving(writer: int) -> None:
        nonlocal answered
        for n in range(40):
            await move(store, f"{writer}-{n}")
            answered += 1

    writers = [asyncio.create_task(keep_moving(writer)) for writer in range(4)]
    for due in (25, 70, 120):
        await until(partial(is_answered, due), deadline=20, every=0.001)
        await asyncio.to_thread(database.kill_and_restart)
    await asyncio.gather(*writers)
    parcel = await store.get(Parcel, "p-1")
    correlations = [entry["correlation"] async for entry in store.collection("journal").find({}).sort("k", 1)]
    assert parcel.moves == answered == 160
    assert sorted(correlations) == sorted(["c", *(f"{writer}-{n}" for writer in range(4) for n in range(40))])


async def test_a_transaction_left_open_by_a_killed_process_is_ended_and_holds_nobody_up_for_long(open_store: OpenStore) -> None:
    killed, store = await open_store(), await open_store()
    await store.transact(lambda unit: unit.create(Parcel, "p-1", posted), actor="adv-1", correlation="c")
    written = asyncio.Event()

    async def write_and_never_commit(session: Session) -> None:
        await killed.collection("gates").update_one({"_id": "p-1"}, {"$inc": {"touched": 1}}, session=session)
        written.set()
        await asyncio.Event().wait()

    left_open = asyncio.create_task(killed.in_transaction(write_and_never_commit))
    await written.wait()
    killed.presence.stop()
    assert (await move(store, "shelf")).place == "shelf"
    left_open.cancel()
    await asyncio.wait({left_open})


async def test_every_session_is_put_down_however_many_begin_at_once(store: Store) -> None:
    sessions = [f"session-{n}" for n in range(60)]
    await asyncio.gather(*(store.presence.uses(session) for session in sessions))
    kept = [row async for row in store.collection("processes").find({"sessions": "session-0"})]
    assert set(sessions) <= set(kept[0]["sessions"])


async def test_sessions_that_the_driver_has_dropped_are_forgotten(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """They were kept for ever, and sent with every beat."""

    async def put_down() -> list[str]:
        row = await store.collection("processes").find_one({"sessions": {"$exists": True}})
        return [session for session in row["sessions"] if str(session).startswith("session-")] if row else []

    await store.presence.uses("session-old")
    used_at = system_time.monotonic()
    monkeypatch.setattr(system_time, "monotonic", lambda: used_at + 2 * SESSION_SECONDS)
    await store.presence.uses("session-new")

    async def only_the_new() -> bool:
        return await put_down() == ["session-new"]

    await until(only_the_new)


async def test_a_living_process_that_was_taken_for_dead_puts_its_sessions_down_again(store: Store) -> None:
    await store.presence.uses("session-1")
    await store.collection("processes").delete_many({})
    await until(lambda: store.collection("processes").find_one({"sessions": "session-1"}))
