"""What arrives is applied once, in order, and whole: the applying, without Kafka."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from deploy.local.embedded import start_database
from shared import missing_records
from shared.applying import Applied, Applying, Stream
from shared.branch import Branch
from shared.contracts.event import Event, RecordChanged
from shared.contracts.records import Record
from shared.store import Store
from shared.waiting import Turns, retry_dead
from tests.spine.parcels import ParcelHandedOut, ParcelMoved, SteppedClock
from tests.spine.shelves import CURE, SHELVES, ParcelCursed, ParcelWeighed, Sender, entries, notes
from tests.waiting_for import until


@pytest.fixture
async def store(mongo_url: str, branch: Branch) -> AsyncIterator[Store]:
    store = await Store.open(mongo_url, SHELVES, branch, SteppedClock())
    yield store
    store.close()


@pytest.fixture
def turns(store: Store) -> Turns:
    return Turns(store)


@pytest.fixture
def applying(store: Store, turns: Turns) -> Applying:
    return Applying(store, turns)


async def test_a_batch_is_applied_and_its_duplicates_are_skipped(store: Store, applying: Applying) -> None:
    sender = Sender(store)
    events = sender.post("p", "q") + sender.move("p", "hall", "desk") + sender.move("q", "yard")
    await applying.apply(events)
    await applying.apply(events)
    await applying.apply([*events, *events, *sender.move("q", "hall")])
    assert await notes(store, "p") == ["hall", "desk"]
    assert await notes(store, "q") == ["yard", "hall"]
    assert await entries(store, "p") == 3
    assert await applying.seq(Stream(store.site.id, "reception", 1, 0)) == 6


async def test_nothing_past_a_gap_is_applied_and_what_is_missing_is_said(store: Store, applying: Applying) -> None:
    sender = Sender(store)
    posted, first, lost, later = sender.post("p") + sender.move("p", "hall", "desk", "yard")
    stream = Stream.of(posted)
    assert await applying.apply([posted, first, later]) == Applied(missing={stream: 4}, reached={stream: 2})
    assert await notes(store, "p") == ["hall"]
    assert await applying.is_behind(stream, 4)
    assert await applying.apply([lost, later]) == Applied(reached={stream: 4})
    assert await notes(store, "p") == ["hall", "desk", "yard"]
    assert not await applying.is_behind(stream, 4)


async def test_partitions_and_departments_are_numbered_apart(store: Store, applying: Applying) -> None:
    one, other, weights = Sender(store), Sender(store, partition=1), Sender(store, "workshop")
    await applying.apply([*one.post("p"), *other.post("q"), weights.send(ParcelWeighed(parcel="q"))])
    assert await notes(store, "q") == ["weighed"]
    assert await notes(store, "p") == []


async def test_an_event_of_a_newer_producer_only_moves_the_position(store: Store, applying: Applying) -> None:
    class ParcelTeleported(Event):
        TYPE = "reception.parcel_teleported.v1"
        parcel: str

    sender = Sender(store)
    await applying.apply([*sender.post("p"), sender.send(ParcelTeleported(parcel="p")), *sender.move("p", "hall")])
    assert await notes(store, "p") == ["hall"]


async def test_two_workers_on_one_partition_apply_once(store: Store) -> None:
    sender = Sender(store)
    events = [*sender.post("p"), *sender.move("p", *map(str, range(30)))]
    workers = [Applying(store, Turns(store)) for _ in range(2)]

    async def apply_all(worker: Applying, size: int) -> None:
        for start in range(0, len(events), size):
            await worker.apply(events[start : start + size])

    await asyncio.gather(apply_all(workers[0], 3), apply_all(workers[1], 4))
    assert await notes(store, "p") == list(map(str, range(30)))
    assert await entries(store, "p") == 31


async def test_what_comes_before_what_it_needs_waits_and_leaves_nothing_and_what_follows_queues_behind(
    store: Store, applying: Applying, turns: Turns
) -> None:
    weights, sender = Sender(store, "workshop"), Sender(store)
    await applying.apply([weights.send(ParcelWeighed(parcel="p")), weights.send(ParcelWeighed(parcel="p"))])
    assert await store.fetch("weights", "p") is None
    queue = await store.fetch("waiting", "workshop:p")
    assert queue and [held["key"] for held in queue["events"]] == ["shelf:p", f"event:{store.site.id}-workshop-1-0-1"]
    assert await applying.seq(Stream(store.site.id, "workshop", 1, 0)) == 2

    await applying.apply([*sender.post("p"), *sender.move("p", "hall")])
    assert store.drainable == {"p"}, "whoever touches the gate wakes what waits there"
    await turns.drain_touched()
    assert await notes(store, "p") == ["hall", "weighed", "weighed"]
    assert await store.fetch("waiting", "workshop:p") is None
    gate = await store.fetch("gates", "p")
    assert gate and gate["waiting"] == 0


async def test_other_subjects_of_a_batch_go_on_when_one_waits(store: Store, applying: Applying) -> None:
    sender = Sender(store)
    await applying.apply([*sender.post("p"), *sender.move("q", "hall"), *sender.move("p", "desk")])
    assert await notes(store, "p") == ["desk"]


async def test_waiting_and_fulfilling_at_once_never_miss_each_other(store: Store, turns: Turns) -> None:
    weigher, poster = Applying(store, turns), Applying(store, turns)
    weights, sender = Sender(store, "workshop"), Sender(store)
    parcels = [f"p{n}" for n in range(12)]
    for parcel in parcels:
        await asyncio.gather(weigher.apply([weights.send(ParcelWeighed(parcel=parcel))]), poster.apply(sender.post(parcel)))
    await turns.drain_touched()
    assert [await notes(store, parcel) for parcel in parcels] == [["weighed"]] * len(parcels)


async def test_the_sweep_drains_what_another_process_fulfilled_and_says_what_waits_too_long(store: Store, branch: Branch) -> None:
    impatient = Turns(store)
    impatient._alarm_after = -impatient._alarm_after
    weights = Sender(store, "workshop")
    await Applying(store, impatient).apply([weights.send(ParcelWeighed(parcel="p"))])
    await impatient.sweep()
    assert impatient.overdue == {"workshop:p"}
    await Applying(store, Turns(store)).apply(Sender(store).post("p"))
    store.drainable.clear()
    await impatient.sweep()
    assert await notes(store, "p") == ["weighed"]
    await impatient.sweep()
    assert impatient.overdue == set()


async def test_a_poisonous_event_is_a_dead_letter_and_the_rest_of_the_partition_goes_on(store: Store, applying: Applying) -> None:
    sender = Sender(store)
    cursed = sender.post("p", "q")
    cursed += [sender.send(ParcelCursed(parcel="p")), *sender.move("p", "hall"), *sender.move("q", "yard")]
    await applying.apply(cursed)
    assert await notes(store, "q") == ["yard"]
    assert await notes(store, "p") == [], "nothing of the poisonous one, and what follows it stands behind"
    [letter] = await store.documents("dead_letters", {})
    assert (letter["id"], letter["error"]) == (cursed[2].id, "RuntimeError: a curse")


async def test_after_the_fix_a_dead_letter_and_what_stands_behind_it_are_applied_in_order(
    store: Store, applying: Applying, turns: Turns
) -> None:
    sender = Sender(store)
    cursed = sender.send(ParcelCursed(parcel="p"), id="cursed")
    posted = Sender(store, partition=1).post("p")
    await applying.apply([*posted, cursed, *sender.move("p", "hall", "desk")])
    await retry_dead(store, "cursed")
    await turns.drain_touched()
    assert await notes(store, "p") == [], "it is as poisonous as it was"
    assert len(await store.documents("dead_letters", {})) == 1
    CURE.add("p")
    try:
        await retry_dead(store, "cursed")
        await turns.drain_touched()
    finally:
        CURE.clear()
    assert await notes(store, "p") == ["cursed", "hall", "desk"]
    assert await store.documents("dead_letters", {}) == await store.documents("waiting", {}) == []


async def test_an_event_that_cannot_be_read_is_a_dead_letter(store: Store, applying: Applying) -> None:
    sender = Sender(store)
    posted, moved = sender.post("p") + sender.move("p", "hall")
    await applying.apply([posted, moved.model_copy(update={"data": {"parcel": "p"}}), *sender.move("p", "desk")])
    assert [letter["type"] for letter in await store.documents("dead_letters", {})] == [ParcelMoved.TYPE]


async def test_a_batch_that_cannot_be_written_is_applied_one_by_one(store: Store, applying: Applying) -> None:
    sender = Sender(store)
    unwritable = [*sender.post("p"), sender.send(ParcelHandedOut(parcel="p")), *sender.post("q"), *sender.move("q", "hall")]
    await applying.apply(unwritable)
    assert await notes(store, "q") == ["hall"]
    [letter] = await store.documents("dead_letters", {})
    assert letter["id"] == unwritable[1].id


async def test_what_waited_and_cannot_be_written_when_its_turn_comes_is_a_dead_letter(
    store: Store, applying: Applying, turns: Turns
) -> None:
    sender = Sender(store)
    await applying.apply([*sender.move("p", "hall"), sender.send(ParcelHandedOut(parcel="p"), id="unwritable"), *sender.move("p", "desk")])
    await applying.apply(Sender(store, "workshop").post("p"))
    await turns.drain_touched()
    assert await notes(store, "p") == ["hall"]
    assert [letter["id"] for letter in await store.documents("dead_letters", {})] == ["unwritable"]


async def test_of_a_record_the_highest_revision_stays_and_an_erasure_is_one(store: Store, applying: Applying) -> None:
    def record(revision: int, name: str | None) -> Record:
        body = {"name": name} if name else None
        return Record(key="customer:c", revision=revision, site=store.site.id, department="reception", body=body)

    assert (await applying.apply([record(2, "Li"), record(1, "old")])).records == ["customer:c"]
    assert await store.record("customer:c") == {"name": "Li"}
    await applying.apply([record(3, None), record(2, "Li")])
    await applying.apply([record(2, "Li")])
    await applying.apply([record(4, "somebody who restored an old backup")])
    assert await store.record("customer:c") is None


async def test_a_new_epoch_begins_when_the_old_one_is_finished(store: Store, applying: Applying) -> None:
    old, new = Sender(store), Sender(store, epoch=2)
    posted, hall, desk, lost = old.post("p") + old.move("p", "hall", "desk", "lost")
    started = new.epoch_started(previous=1, last=3)
    assert (await applying.apply([posted, started])).missing == {Stream.of(posted): 3}
    assert await applying.seq(Stream.of(started)) == 0
    await applying.apply([hall, desk, started, lost, *new.move("p", "yard")])
    assert await notes(store, "p") == ["hall", "desk", "yard"], "a number of the old epoch beyond its last is none"
    assert not await applying.is_behind(Stream.of(posted), 4)


async def test_what_was_applied_beyond_the_old_epochs_end_is_not_applied_again(store: Store, applying: Applying) -> None:
    old, new = Sender(store), Sender(store, epoch=2)
    posted, hall, desk = old.post("p") + old.move("p", "hall", "desk")
    await applying.apply([posted, hall, desk])
    again = new.epoch_started(previous=1, last=1), new.send(ParcelMoved(parcel="p", place="hall"), id=hall.id)
    await applying.apply([*again, *new.move("p", "yard")])
    assert await notes(store, "p") == ["hall", "desk", "yard"]


async def test_of_epochs_between_that_were_lost_in_turn_nothing_more_is_expected_and_nothing_comes_twice(
    store: Store, applying: Applying
) -> None:
    first, lost, third = Sender(store), Sender(store, epoch=2), Sender(store, epoch=3)
    posted, hall = first.post("p") + first.move("p", "hall")
    await applying.apply([posted, hall, lost.epoch_started(previous=1, last=2)])
    desk = lost.send(ParcelMoved(parcel="p", place="desk"))
    await applying.apply([desk])
    again = third.epoch_started(previous=1, last=2), third.send(ParcelMoved(parcel="p", place="desk"), id=desk.id)
    await applying.apply([*again, *third.move("p", "yard")])
    assert await notes(store, "p") == ["hall", "desk", "yard"]
    assert not await applying.is_behind(Stream.of(desk), 9)


async def test_what_waits_and_comes_again_in_a_new_epoch_waits_once(store: Store, applying: Applying, turns: Turns) -> None:
    old, new = Sender(store, "workshop"), Sender(store, "workshop", epoch=2)
    weighed = old.send(ParcelWeighed(parcel="p"))
    await applying.apply([weighed])
    await applying.apply([new.epoch_started(previous=1, last=0), new.send(ParcelWeighed(parcel="p"), id=weighed.id)])
    await applying.apply(Sender(store).post("p"))
    await turns.drain_touched()
    assert await notes(store, "p") == ["weighed"]


async def test_beyond_the_end_of_what_was_lost_with_its_department_nothing_is_applied(store: Store, applying: Applying) -> None:
    sender = Sender(store)
    posted, hall, lost = sender.post("p") + sender.move("p", "hall", "lost")
    stream = Stream.of(posted)
    await applying.apply([posted])
    await store.collection("positions").update_one({"_id": stream.id}, {"$set": {"end": 2}})
    assert await applying.is_behind(stream, 3), "up to its end it is finished"
    await applying.apply([hall, lost])
    assert await notes(store, "p") == ["hall"]
    assert not await Applying(store, turns=Turns(store)).is_behind(stream, 3)
    await applying.apply([Sender(store, epoch=2).epoch_started(previous=1, last=2)])
    assert await notes(store, "p") == ["hall"]


@pytest.mark.slow
async def test_while_the_database_is_away_a_batch_is_kept_and_applied_when_it_is_back(tmp_path: Path, branch: Branch) -> None:
    database = start_database(tmp_path / "data")
    store = await Store.open(f"mongodb://{database.address}/", SHELVES, branch, SteppedClock())
    applying = Applying(store, Turns(store))
    sender = Sender(store)
    await applying.apply(sender.post("p"))
    database.kill()
    under_way = asyncio.create_task(applying.apply(sender.move("p", "hall", "desk")))
    await until(lambda: not database.is_up, what="the database to be gone")
    database = start_database(tmp_path / "data", port=database.port)
    try:
        await asyncio.wait_for(under_way, 15)
        assert await notes(store, "p") == ["hall", "desk"]
    finally:
        store.close()
        database.stop()


async def test_an_announcement_waits_for_its_record_and_is_known_to_lack_it_after_a_while(
    store: Store, applying: Applying, turns: Turns, monkeypatch: pytest.MonkeyPatch
) -> None:
    def record(revision: int) -> Record:
        return Record(key="customer:c", revision=revision, site=store.site.id, department="reception", body={"name": "Li"})

    sender = Sender(store)
    announced = sender.send(RecordChanged(key="customer:c", revision=2), subject="customer:c")
    await applying.apply([record(1), announced, *sender.post("p")])
    monkeypatch.setattr(missing_records, "WAIT", timedelta(0))
    await turns.sweep()
    assert turns.announced_in_vain == [announced]
    assert await notes(store, "p") == [], "nothing else waits for it"
    await turns.drain_waiting_for((await applying.apply([record(2)])).records)
    await turns.sweep()
    assert turns.announced_in_vain == []
    assert await store.documents("waiting", {}) == []


async def test_an_announcement_that_arrives_before_its_record_in_the_same_batch_waits_for_nothing(store: Store, applying: Applying) -> None:
    announced = Sender(store).send(RecordChanged(key="customer:c", revision=1), subject="customer:c")
    await applying.apply([announced, Record(key="customer:c", revision=1, site=store.site.id, department="reception", body=None)])
    assert await store.documents("waiting", {}) == []
