"""State and journal are one: together or not at all, whoever writes at the same time, whatever is sent twice."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from shared.contracts.event import Event
from shared.provenance import MESSAGE_BYTES
from shared.refusal import KeyUsedForAnotherBody, NotFound, Stale, TooMuchAtOnce
from shared.store import MongoUnit, Once, Store
from shared.tries import to_its_end
from tests.spine.conftest import OpenStore
from tests.spine.parcels import PARCELS, HandedOutAlready, Parcel, posted


async def post(store: Store, id: str) -> Parcel:
    return await store.transact(lambda unit: unit.create(Parcel, id, posted), actor="adv-1", correlation="c-1")


async def move(store: Store, id: str, place: str, **how: Any) -> Parcel:
    return await store.transact(
        lambda unit: unit.update(Parcel, id, lambda parcel: parcel.move(place)), actor="adv-1", correlation="c-2", **how
    )


async def entries(store: Store) -> list[dict[str, Any]]:
    return await store.collection("journal").find({}).sort([("subject", 1), ("k", 1)]).to_list(None)


async def test_a_command_leaves_its_state_and_its_entries_with_who_when_and_which_clause(store: Store) -> None:
    parcel = await post(store, "p-1")
    assert (parcel.place, parcel.version) == ("post office", 1)
    assert await store.get(Parcel, "p-1") == parcel
    [entry] = await entries(store)
    told = {name: entry[name] for name in ("subject", "k", "aggregate", "version", "ordinal", "type", "actor", "clause", "correlation")}
    assert told == {
        "subject": "p-1",
        "k": 1,
        "aggregate": "parcel:p-1",
        "version": 1,
        "ordinal": 0,
        "type": "reception.parcel_posted.v1",
        "actor": "adv-1",
        "clause": "R1",
        "correlation": "c-1",
    }
    assert entry["time"] == "2026-03-09T00:30:00Z"
    assert "seq" not in entry


async def test_events_of_one_commit_share_a_version_and_count_their_ordinals(store: Store) -> None:
    await post(store, "p-1")
    await store.transact(lambda unit: unit.update(Parcel, "p-1", Parcel.hand_out), actor="adv-1", correlation="c")
    assert [(entry["k"], entry["version"], entry["ordinal"]) for entry in await entries(store)] == [(1, 1, 0), (2, 2, 0), (3, 2, 1)]


async def test_a_refused_command_changes_nothing(store: Store) -> None:
    await post(store, "p-1")
    await store.transact(lambda unit: unit.update(Parcel, "p-1", Parcel.hand_out), actor="adv-1", correlation="c")
    before = await entries(store)
    with pytest.raises(HandedOutAlready):
        await move(store, "p-1", "shelf")
    assert await entries(store) == before
    assert (await store.get(Parcel, "p-1")).version == 2


async def test_what_no_message_could_carry_is_refused_and_nothing_is_recorded(store: Store) -> None:
    """Its number could never be published, and whatever came after it in the partition would wait for it for ever."""
    await post(store, "p-1")
    before = await entries(store)
    with pytest.raises(TooMuchAtOnce):
        await move(store, "p-1", "库" * (MESSAGE_BYTES // 3))
    assert await entries(store) == before
    await move(store, "p-1", "库" * (MESSAGE_BYTES // 4))


async def test_what_fails_late_takes_everything_before_it_back(store: Store) -> None:
    async def work(unit: MongoUnit) -> None:
        await unit.create(Parcel, "p-1", posted)
        await unit.put("places", "x", {"parcels": 1}, subject="p-1")
        await unit.tell("parcel_came", clause="R1", roles=("advisor",))
        await unit.next_number("parcels")
        raise RuntimeError("the power failed")

    with pytest.raises(RuntimeError):
        await store.transact(work, actor="adv-1", correlation="c")
    assert await entries(store) == []
    assert await store.fetch("places", "x") is None
    assert await store.notices(person="adv-1", roles=("advisor",)) == []
    assert await store.collection("counters").count_documents({}) == 0
    with pytest.raises(NotFound):
        await store.get(Parcel, "p-1")


async def test_a_move_that_announces_nothing_writes_nothing(store: Store) -> None:
    await post(store, "p-1")
    nothing: list[Event] = []
    await store.transact(lambda unit: unit.update(Parcel, "p-1", lambda _: nothing), actor="adv-1", correlation="c")
    assert (await store.get(Parcel, "p-1")).version == 1
    assert len(await entries(store)) == 1


async def test_a_decision_on_an_old_version_is_stale_and_told_what_changed_since_by_whom(store: Store) -> None:
    await post(store, "p-1")
    await move(store, "p-1", "shelf", expected=1)
    with pytest.raises(Stale) as told:
        await move(store, "p-1", "cellar", expected=1)
    assert told.value.facts["changed"] == [
        {"what": entry["type"], "by": entry["actor"], "at": entry["time"], "version": 2} for entry in (await entries(store))[1:]
    ]
    assert (await store.get(Parcel, "p-1")).place == "shelf"


async def test_twenty_writers_on_one_aggregate_are_all_right(store: Store) -> None:
    await post(store, "p-1")
    await asyncio.gather(*(move(store, "p-1", f"shelf {n}") for n in range(20)))
    parcel = await store.get(Parcel, "p-1")
    assert (parcel.moves, parcel.version) == (20, 21)
    assert [entry["k"] for entry in await entries(store)] == list(range(1, 22))
    assert [entry["version"] for entry in await entries(store)] == list(range(1, 22))


async def test_twenty_first_writers_create_one_aggregate(store: Store) -> None:
    def once(parcel: Parcel) -> list[Event]:
        return [] if parcel.exists else parcel.post()

    await asyncio.gather(
        *(store.transact(lambda unit: unit.create(Parcel, "p-1", once), actor="adv-1", correlation="c") for _ in range(20))
    )
    assert len(await entries(store)) == 1


async def test_two_units_of_one_visit_never_miss_each_other(store: Store) -> None:
    """The write skew of DESIGN §2: each looks for what the other writes, both would find nothing."""
    looked = asyncio.Barrier(2)
    runs: list[tuple[str, bool]] = []

    async def put_unless_there(unit: MongoUnit, mine: str, other: str) -> None:
        found = await unit.fetch("places", other)
        if len(runs) < 2:
            runs.append((mine, found is not None))
            await looked.wait()
        else:
            runs.append((mine, found is not None))
        await unit.put("places", mine, {"saw_other": found is not None}, subject="visit-1")

    await asyncio.gather(
        store.transact(lambda unit: put_unless_there(unit, "a", "b"), actor="x", correlation="c"),
        store.transact(lambda unit: put_unless_there(unit, "b", "a"), actor="y", correlation="c"),
    )
    saw = [(await store.fetch("places", place) or {})["saw_other"] for place in ("a", "b")]
    assert sorted(saw) == [False, True]
    assert len(runs) == 3


def sent(key: str = "k-1", body: str = "hash-1", person: str = "adv-1") -> Once:
    return Once(key=key, person=person, body_hash=body, answer=Parcel)


async def test_the_same_key_again_answers_as_the_first_did_without_an_event(store: Store) -> None:
    await post(store, "p-1")
    first = await move(store, "p-1", "shelf", once=sent())
    await move(store, "p-1", "cellar")
    again = await move(store, "p-1", "shelf", once=sent())
    assert again == first
    assert (await store.get(Parcel, "p-1")).place == "cellar"
    assert len(await entries(store)) == 3


async def test_the_same_key_with_another_body_is_refused(store: Store) -> None:
    await post(store, "p-1")
    await move(store, "p-1", "shelf", once=sent())
    with pytest.raises(KeyUsedForAnotherBody):
        await move(store, "p-1", "cellar", once=sent(body="hash-2"))


async def test_a_key_is_one_persons(store: Store) -> None:
    await post(store, "p-1")
    await move(store, "p-1", "shelf", once=sent())
    assert (await move(store, "p-1", "cellar", once=sent(person="adv-2"))).place == "cellar"


async def test_a_double_tap_counts_once(store: Store) -> None:
    await post(store, "p-1")
    answers = await asyncio.gather(*(move(store, "p-1", "shelf", once=sent()) for _ in range(5)))
    assert len({answer.version for answer in answers}) == 1
    assert (await store.get(Parcel, "p-1")).moves == 1


async def test_a_failed_command_leaves_its_key_unused(store: Store) -> None:
    with pytest.raises(NotFound):
        await move(store, "p-1", "shelf", once=sent())
    assert await store.collection("answers").count_documents({}) == 0
    await post(store, "p-1")
    assert (await move(store, "p-1", "shelf", once=sent())).moves == 1


async def test_a_series_has_no_holes_and_no_number_twice(store: Store) -> None:
    async def take(fails: bool) -> int:
        async def work(unit: MongoUnit) -> int:
            number = await unit.next_number("parcels")
            if fails:
                raise HandedOutAlready
            return number

        return await store.transact(work, actor="adv-1", correlation="c")

    taken = await asyncio.gather(*(take(n % 4 == 0) for n in range(16)), return_exceptions=True)
    assert sorted(number for number in taken if isinstance(number, int)) == list(range(1, 13))


async def test_the_partition_count_of_the_first_start_stays(open_store: OpenStore) -> None:
    first = await open_store(partitions=3)
    second = await open_store(partitions=8)
    assert (first.partitions, second.partitions) == (3, 3)


async def test_a_department_is_seeded_once_whoever_starts_first(open_store: OpenStore) -> None:
    async def seed(unit: Any) -> None:
        await unit.create(Parcel, "p-first", posted)

    stores = await asyncio.gather(*(open_store(replace(PARCELS, seed=seed)) for _ in range(3)))
    assert len(await entries(stores[0])) == 1


async def test_a_unit_sees_its_own_writes_before_they_are_committed(store: Store) -> None:
    async def work(unit: MongoUnit) -> None:
        await unit.create(Parcel, "p-1", posted)
        await unit.update(Parcel, "p-1", lambda parcel: parcel.move("shelf"))
        assert (await unit.load(Parcel, "p-1")).place == "shelf"
        await unit.put("places", "shelf", {"parcels": 1}, subject="p-1")
        assert await unit.fetch("places", "shelf") == {"id": "shelf", "parcels": 1}
        key = await unit.put_text("leave it with the neighbour")
        assert await unit.record(key) == {"kind": "text", "text": "leave it with the neighbour"}
        assert (await unit.next_number("n"), await unit.next_number("n")) == (1, 2)

    await store.transact(work, actor="adv-1", correlation="c")
    assert (await store.get(Parcel, "p-1")).version == 2


async def test_a_list_is_paged_without_holes_in_the_order_asked(store: Store) -> None:
    for n in range(7):
        await post(store, f"p-{n}")
        await move(store, f"p-{n}", f"shelf {n % 2}")
    page: list[Parcel] = []
    listed: list[str] = []
    while page or not listed:
        after = page[-1].id if page else None
        page = await store.select(Parcel, {}, sort=(("place", -1), ("id", 1)), limit=2, after=after)
        listed += [parcel.id for parcel in page]
    assert listed == ["p-1", "p-3", "p-5", "p-0", "p-2", "p-4", "p-6"]
    assert [parcel.id for parcel in await store.select(Parcel, {"place": "shelf 1"})] == ["p-1", "p-3", "p-5"]


async def test_a_notice_is_told_to_its_role_journalled_and_read(store: Store) -> None:
    await store.transact(
        lambda unit: unit.tell("parcel_came", clause="D1", visit="v-1", roles=("advisor",), spot="A3"), actor="adv-1", correlation="c"
    )
    [notice] = await store.notices(person="adv-2", roles=("advisor",), unread=True)
    assert (notice["about"], notice["clause"], notice["facts"]) == ("parcel_came", "D1", {"spot": "A3"})
    assert [(entry["type"], entry["clause"]) for entry in await entries(store)] == [("reception.notice_raised.v1", "D1")]
    await store.read_notice(notice["id"], "adv-2")
    await store.read_notice(notice["id"], "adv-2")
    assert await store.notices(person="adv-2", roles=("advisor",), unread=True) == []
    assert [read["person"] for read in (await store.notices(person="adv-2", roles=("advisor",)))[0]["read"]] == ["adv-2"]
    assert await store.notices(person="washer-1", roles=("washer",)) == []


async def test_an_expected_version_is_of_what_was_there_and_not_of_what_the_command_makes(store: Store) -> None:
    await post(store, "p-1")

    async def post_and_move(unit: MongoUnit) -> None:
        await unit.create(Parcel, f"p-{len(await unit.ids(Parcel, {})) + 1}", posted)
        await unit.update(Parcel, "p-1", lambda parcel: parcel.move("shelf"))

    await store.transact(post_and_move, actor="adv-1", correlation="c", expected=1)
    assert (await store.get(Parcel, "p-1")).place == "shelf"
    with pytest.raises(Stale) as refused:
        await store.transact(post_and_move, actor="adv-1", correlation="c", expected=1)
    assert refused.value.facts["present"] == 2
    with pytest.raises(Stale):
        await store.transact(lambda unit: unit.create(Parcel, "p-9", posted), actor="adv-1", correlation="c", expected=1)


async def test_what_a_unit_decided_is_found_by_what_it_is_now(store: Store) -> None:
    """A batch is one unit: what an event made, the next one of the batch has to find."""
    for id in ("p-1", "p-2"):
        await post(store, id)

    async def work(unit: MongoUnit) -> list[list[str]]:
        await unit.create(Parcel, "p-3", posted)
        await unit.update(Parcel, "p-1", lambda parcel: parcel.move("shelf"))
        return [await unit.ids(Parcel, {"place": place}) for place in ("post office", "shelf")]

    assert await store.transact(work, actor="adv-1", correlation="c") == [["p-2", "p-3"], ["p-1"]]


async def test_a_write_that_began_ends_though_its_caller_is_cancelled() -> None:
    """The driver's thread goes on: the transaction must not be aborted before it is through."""
    began, may_end, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def write() -> None:
        began.set()
        await may_end.wait()
        ended.set()

    writing = asyncio.create_task(to_its_end(write()))
    await began.wait()
    writing.cancel()
    await asyncio.sleep(0)
    assert not writing.done()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert ended.is_set()


async def test_what_was_answered_is_forgotten_after_a_month_and_pictures_are_found_by_an_index(store: Store) -> None:
    answers, chunks = [await store.collection(name).index_information() for name in ("answers", "pictures.chunks")]
    assert answers["at_1"]["expireAfterSeconds"] == 30 * 24 * 3600
    assert chunks["files_id_1_n_1"]["unique"]
