"""Backup and restore, past the services: what comes back, what is refused, and that nothing is half done."""

import asyncio
import itertools
import json
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import pytest
from bson import decode

from servicelane.backup import command
from servicelane.backup.archive import Archive, BadArchive
from servicelane.backup.command import CannotRestore
from servicelane.backup.databases import Databases
from shared.contracts.event import DepartmentName, EpochStarted
from shared.epochs import UnfinishedRestore
from shared.numbering import number, take_lease
from shared.pictures import Picture
from shared.store import MongoUnit, Store
from tests.backup.conftest import OpenStore
from tests.spine.parcels import PARCELS, Parcel, ParcelPosted, posted
from tests.spine.shelves import SHELVES, Shelf, ShelfOpened
from tests.waiting_for import until

RECEPTION: tuple[DepartmentName, ...] = ("reception",)
BOTH: tuple[DepartmentName, ...] = ("reception", "delivery")
UNUSED = Path("no-stack-here")


async def post(store: Store, parcel: str) -> None:
    async def work(unit: MongoUnit) -> None:
        await unit.create(Parcel, parcel, posted)

    await store.transact(work, actor="adv-1", correlation="c")


async def shelve(store: Store, parcel: str) -> None:
    async def work(unit: MongoUnit) -> None:
        await unit.create(Shelf, parcel, lambda shelf: shelf.open())

    await store.transact(work, actor="adv-1", correlation="c")


async def number_all(store: Store) -> None:
    for partition in range(store.partitions):
        head = await take_lease(store, partition, "relay")
        assert head
        await number(store, head)


class Site:
    """The commands at this test's database."""

    def __init__(self, mongo_url: str, folder: Path, out: Path) -> None:
        self.out = out
        self._url, self._folder = mongo_url, folder

    async def back_up(self, *departments: DepartmentName) -> Archive:
        assert await asyncio.to_thread(command.backup, self._url, UNUSED, self._folder, self.out, departments) == 0
        return Archive(self.out)

    async def restore(self, *departments: DepartmentName, replace: bool = False) -> None:
        restored = partial(command.restore, self._url, UNUSED, self._folder, self.out, departments, replace=replace)
        assert await asyncio.to_thread(restored) == 0


@pytest.fixture
def site(mongo_url: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    known = command.known_types() | {ParcelPosted.TYPE, ShelfOpened.TYPE}
    monkeypatch.setattr(command, "known_types", lambda: known)
    return Site(mongo_url, folder, tmp_path / "backup")


async def test_a_backup_while_commands_go_on_is_of_one_moment_in_all_departments(open_store: OpenStore, site: Site) -> None:
    parcels, shelves = await open_store(PARCELS), await open_store(SHELVES)
    done, numbers = asyncio.Event(), itertools.count(1)

    async def go_on() -> None:
        while not done.is_set():
            number = next(numbers)
            await post(parcels, f"p{number}")
            await shelve(shelves, f"p{number}")

    working = asyncio.create_task(go_on())
    await until(lambda: shelves.collection("shelves").find_one({}), what="the first shelf")
    before = await shelves.collection("shelves").count_documents({})
    archive = await site.back_up(*BOTH)
    assert await shelves.collection("shelves").count_documents({}) > before, "nothing went on meanwhile"
    done.set()
    await working
    there = {decode(row)["_id"] for row in archive.documents("reception", "parcels")}
    shelved = {decode(row)["_id"] for row in archive.documents("delivery", "shelves")}
    assert shelved
    assert shelved <= there, "reception is read first: it would have fewer"
    assert len(there - shelved) <= 1


async def test_a_restored_department_is_as_it_was_and_begins_an_epoch_with_its_first_number_in_each_partition(
    open_store: OpenStore, site: Site
) -> None:
    store = await open_store(PARCELS)
    for parcel in ("a", "b", "c"):
        await post(store, parcel)
    await number_all(store)
    await post(store, "without a number")
    await store.gallery.put(Picture("f" * 64, "image/png", 3, 1, 1), b"png")
    archive = await site.back_up(*RECEPTION)
    numbered = archive.manifest.departments["reception"].numbered
    assert sum(numbered.values()) == 3
    assert archive.manifest.departments["reception"].unnumbered == 1
    await post(store, "lost")
    await number_all(store)
    store.close()

    await site.restore(replace=True)
    store = await open_store(PARCELS)
    assert {parcel.id for parcel in await store.select(Parcel, {})} == {"a", "b", "c", "without a number"}
    assert await store.gallery.get("f" * 64) == ("image/png", b"png")
    assert store.epoch > 1
    await number_all(store)
    entries = [entry for entry in (await store.journal(limit=100))[0] if entry.epoch == store.epoch]
    started = [entry for entry in entries if entry.type == EpochStarted.wire_type("reception")]
    assert [(entry.partition, entry.seq) for entry in started] == [(0, 1), (1, 1)]
    assert all(entry.data == {"previous": 1, "last": numbered} for entry in started)
    assert [(entry.subject, entry.seq) for entry in entries if entry not in started] == [("without a number", 2)]

    epoch = store.epoch
    store.close()
    assert (await open_store(PARCELS)).epoch == epoch, "opened again, it goes on"


async def test_what_is_given_out_after_a_restore_was_not_given_out_before_it(open_store: OpenStore, site: Site) -> None:
    async def give_out(unit: MongoUnit) -> list[int]:
        return [await unit.next_number("slips"), await unit.next_number("slips of the day")]

    async def change(unit: MongoUnit) -> None:
        await unit.put_text("words")

    store = await open_store(PARCELS)
    await store.transact(lambda unit: unit.next_number("slips"), actor="adv-1", correlation="c")
    await site.back_up(*RECEPTION)
    lost = await store.transact(give_out, actor="adv-1", correlation="c")
    store.close()
    await site.restore(replace=True)
    store = await open_store(PARCELS)
    again = await store.transact(give_out, actor="adv-1", correlation="c")
    assert all(number > before + 100 for number, before in zip(again, lost, strict=True)), (again, lost)
    await store.transact(change, actor="adv-1", correlation="c")
    [record] = await store.documents("records", {})
    assert record["revision"] > 1_000_000


async def test_within_an_aggregate_commands_give_out_new_numbers_after_a_restore_and_what_is_done_again_the_old_ones(
    open_store: OpenStore, site: Site
) -> None:
    async def following(unit: MongoUnit) -> tuple[int, int]:
        parcel = await unit.find(Parcel, "p")
        return parcel.number_after(("report-1",)), parcel.number_after(4)

    store = await open_store(PARCELS)
    await post(store, "p")
    assert await store.transact(following, actor="adv-1", correlation="c") == (2, 5)
    await site.back_up(*RECEPTION)
    store.close()
    await site.restore(replace=True)
    store = await open_store(PARCELS)
    assert await store.transact(following, actor="adv-1", correlation="c") == (502, 501)
    assert await store.transact(following, actor="system", correlation="c", derived_from="timer:p") == (2, 5)


async def test_a_database_that_is_not_empty_is_refused_and_left_as_it_is(open_store: OpenStore, site: Site) -> None:
    store = await open_store(PARCELS)
    await site.back_up(*RECEPTION)
    await post(store, "since then")
    store.close()
    with pytest.raises(CannotRestore, match="the database of reception is not empty: add --replace"):
        await site.restore()
    assert (await (await open_store(PARCELS)).get(Parcel, "since then")).exists


async def test_a_department_that_runs_is_not_restored(open_store: OpenStore, site: Site) -> None:
    store = await open_store(PARCELS)
    await site.back_up(*RECEPTION)
    with pytest.raises(CannotRestore, match="reception runs: stop it first"):
        await site.restore(replace=True)
    assert store.epoch == 1


async def test_a_backup_of_which_one_byte_has_changed_is_refused_before_anything_is(open_store: OpenStore, site: Site) -> None:
    store = await open_store(PARCELS)
    await post(store, "p")
    await site.back_up(*RECEPTION)
    store.close()
    path = site.out / "reception" / "parcels.bson"
    path.write_bytes(path.read_bytes().replace(b"post office", b"lost office"))
    with pytest.raises(BadArchive, match=r"parcels\.bson: not as it was written"):
        await site.restore(replace=True)
    assert (await (await open_store(PARCELS)).get(Parcel, "p")).place == "post office"


async def test_a_manifest_that_was_changed_is_refused(open_store: OpenStore, site: Site) -> None:
    await open_store(PARCELS)
    await site.back_up(*RECEPTION)
    manifest = site.out / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"epoch": 1', '"epoch": 2'))
    with pytest.raises(BadArchive, match=r"manifest\.json: not as it was written"):
        await site.restore(replace=True)


async def test_a_restore_that_was_broken_off_leaves_no_department_that_starts_and_works_when_it_is_run_again(
    open_store: OpenStore, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await open_store(PARCELS)
    await post(store, "p")
    await site.back_up(*RECEPTION)
    store.close()
    filled: list[str] = []
    fill = Databases.fill

    def die_at_the_third(self: Databases, database: str, collection: str, documents: Iterable[bytes]) -> None:
        filled.append(collection)
        if len(filled) == 3:
            raise KeyboardInterrupt
        fill(self, database, collection, documents)

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Databases, "fill", die_at_the_third)
        await site.restore(replace=True)
    with pytest.raises(UnfinishedRestore, match=r"the restore of reception from .* was not finished: run `servicelane restore` again"):
        await open_store(PARCELS)
    await site.restore()
    assert (await (await open_store(PARCELS)).get(Parcel, "p")).exists


async def test_a_backup_of_another_site_or_of_a_newer_version_is_refused(
    open_store: OpenStore, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await open_store(PARCELS)
    await post(store, "p")
    await site.back_up(*RECEPTION)
    monkeypatch.undo()
    with pytest.raises(CannotRestore, match=r"newer servicelane: reception\.parcel_posted\.v1"):
        command._to_restore(Archive(site.out), store.site.id, ())
    with pytest.raises(CannotRestore, match=r"is a backup of .*, and the branch is SH02"):
        command._to_restore(Archive(site.out), "SH02", ())
    with pytest.raises(CannotRestore, match="has no workshop, but reception"):
        command._to_restore(Archive(site.out), store.site.id, ("workshop",))


async def test_a_backup_is_its_owners_alone_and_never_takes_anothers_place(open_store: OpenStore, site: Site) -> None:
    await open_store(PARCELS)
    await site.back_up(*RECEPTION)
    files = [path for path in site.out.rglob("*") if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    with pytest.raises(BadArchive, match="is there already"):
        await site.back_up(*RECEPTION)
    assert json.loads((site.out / "manifest.json").read_text())["one_moment"] is True
