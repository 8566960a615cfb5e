"""`servicelane backup` and `servicelane restore`: what they do, what they print, and their exit status."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import typer

from servicelane.backup.archive import Archive, BadArchive, DepartmentCopy, Manifest, Writing, last_of, new_archive
from servicelane.backup.databases import Databases, Reading, databases
from servicelane.backup.lost import Lost, newest_epoch, others_than, told_by_others
from servicelane.backup.where import mongo_url
from servicelane.schemas.catalogue import event_types
from shared.branch import Branch
from shared.contracts.event import DEPARTMENTS, DepartmentName

EPOCHS_BEGIN = datetime(2020, 1, 1, tzinfo=UTC)


class CannotRestore(RuntimeError):
    """Nothing was changed; the text says why, and what to do."""


def backup(url: str | None, data: Path, branch_folder: Path, out: Path, wanted: Sequence[DepartmentName]) -> int:
    """All departments, or those wanted, into the new folder `out`, while they work."""
    site = Branch.load(branch_folder).site.id
    with mongo_url(url, data, site) as there, databases(there) as found:
        names = [name for name in wanted or DEPARTMENTS if not found.is_empty(_database(site, name))]
        if missing := [name for name in wanted or DEPARTMENTS if name not in names]:
            raise BadArchive(f"nothing to back up of {', '.join(missing)}: {site} has no such database here")
        if unfinished := [name for name in names if found.unfinished(_database(site, name))]:
            raise BadArchive(f"the restore of {', '.join(unfinished)} is not finished: this is no state to go back to")
        with new_archive(out) as writing, found.at_one_moment([_database(site, name) for name in names]) as reading:
            manifest = Manifest(
                site=site,
                taken_at=datetime.now(UTC),
                server=found.server,
                one_moment=True,
                departments={name: _copied(writing, reading, site, name) for name in names},
            )
            writing.manifest(manifest)
    for name, copy in manifest.departments.items():
        typer.echo(f"{name}: {_documents(copy)} documents, epoch {copy.epoch}, numbered to {_numbers(copy.numbered)}")
    typer.echo(f"backed up {site}: {len(names)} departments into {out}")
    return 0


def _copied(writing: Writing, reading: Reading, site: str, name: DepartmentName) -> DepartmentCopy:
    database = _database(site, name)
    collections = {each: writing.collection(name, each, reading.documents(database, each)) for each in reading.collections[database]}
    meta = {row["_id"]: row for row in reading.rows(database, "meta")}
    return DepartmentCopy(
        database=database,
        epoch=meta["epoch"]["value"],
        partitions=meta["partitions"]["value"],
        numbered={str(head["_id"]): head["seq"] for head in reading.rows(database, "heads")},
        unnumbered=reading.number_of(database, "journal", {"unnumbered": True}),
        event_types=sorted(reading.distinct(database, "journal", "type")),
        collections=collections,
    )


def restore(url: str | None, data: Path, branch_folder: Path, folder: Path, wanted: Sequence[DepartmentName], *, replace: bool) -> int:
    """The departments of the backup, or those wanted, each in a new epoch. They must not run; the others may."""
    archive = Archive(folder)
    site = Branch.load(branch_folder).site.id
    names = _to_restore(archive, site, wanted)
    archive.verify(names)
    with mongo_url(url, data, site) as there, databases(there) as found:
        _must_be_free(found, site, names, replace=replace)
        readers = [_database(site, name) for name in DEPARTMENTS]
        epochs = {name: _next_epoch(found, archive, name, readers) for name in names}
        for name in names:
            found.begin(_database(site, name), str(folder))
        for name in names:
            for collection in archive.manifest.departments[name].collections:
                found.fill(_database(site, name), collection, archive.documents(name, collection))
        others = [database for database in others_than(names, site) if not found.is_empty(database)]
        lost = [_lost(found, archive, name, others) for name in names]
        ended = last_of(archive.manifest.departments, names)
        for name in names:
            found.finish(_database(site, name), epochs[name], ended)
    for line in _told(archive, epochs, lost, others):
        typer.echo(line)
    typer.echo(f"restored {site}: {', '.join(names)}; start {'it' if len(names) == 1 else 'them'}, the new epoch begins then")
    return 0


def _to_restore(archive: Archive, site: str, wanted: Sequence[DepartmentName]) -> list[DepartmentName]:
    copies = archive.manifest.departments
    if archive.manifest.site != site:
        raise CannotRestore(f"{archive.folder} is a backup of {archive.manifest.site}, and the branch is {site}")
    if missing := [name for name in wanted if name not in copies]:
        raise CannotRestore(f"{archive.folder} has no {', '.join(missing)}, but {', '.join(copies)}")
    names = [name for name in DEPARTMENTS if name in (wanted or copies)]
    if newer := sorted({each for name in names for each in copies[name].event_types} - known_types()):
        raise CannotRestore(f"{archive.folder} is of a newer servicelane: {newer[0]} is not known here; restore with that version")
    return names


def known_types() -> set[str]:
    return {kind.wire_type(name) for name in DEPARTMENTS for kind in event_types(name)}


def _must_be_free(found: Databases, site: str, names: Sequence[DepartmentName], *, replace: bool) -> None:
    at = {_database(site, name): name for name in names}
    if used := found.is_used(list(at)):
        raise CannotRestore(f"{', '.join(at[database] for database in used)} runs: stop it first (the other departments may go on)")
    full = [name for database, name in at.items() if not (found.is_empty(database) or found.unfinished(database))]
    if full and not replace:
        raise CannotRestore(f"the database of {', '.join(full)} is not empty: add --replace to give up what is there")


def _next_epoch(found: Databases, archive: Archive, name: DepartmentName, readers: Iterable[str]) -> int:
    """Above all that anybody has heard of. Where all are lost, twice, nobody has heard of the first new one but Kafka: so by the clock."""
    site = archive.manifest.site
    present = found.row(_database(site, name), "meta", "epoch") or {"value": 0}
    heard = max(archive.manifest.departments[name].epoch, newest_epoch(found, site, name, readers), int(present["value"]))
    return max(heard + 1, int((time.time() - EPOCHS_BEGIN.timestamp()) // 60))


def _lost(found: Databases, archive: Archive, name: DepartmentName, others: Sequence[str]) -> Lost:
    site, copy = archive.manifest.site, archive.manifest.departments[name]
    return told_by_others(found, site, name, copy.epoch, copy.numbered, _database(site, name), others)


def _told(archive: Archive, epochs: Mapping[DepartmentName, int], lost: Sequence[Lost], others: Sequence[str]) -> Iterator[str]:
    """What cannot come back, plainly."""
    then = f"{archive.manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC"
    for each in lost:
        yield f"{each.department}: as it was at {then}, from now on in epoch {epochs[each.department]} (before: {each.epoch})"
        if not others:
            yield f"{each.department}: no other department's database is here to tell what it had recorded since; all of it is lost"
            continue
        for partition, (first, last) in each.beyond.items():
            yield f"{each.department}: lost: numbers {first} to {last} of partition {partition}, which others had applied"
        for visit, types in sorted(each.visits.items()):
            yield f"{each.department}: lost: what led to {', '.join(sorted(set(types)))} of {visit}, which stand: do it again"
        if not each.beyond and not each.visits:
            yield f"{each.department}: nothing is known to be lost: the others had applied nothing beyond the backup"
        else:
            yield f"{each.department}: what it does by itself comes again; each command since {then} has to be given again"


def _documents(copy: DepartmentCopy) -> int:
    return sum(each.documents for each in copy.collections.values())


def _numbers(numbered: Mapping[str, int]) -> str:
    return " ".join(f"{partition}:{seq}" for partition, seq in sorted(numbered.items())) or "nothing"


def _database(site: str, name: DepartmentName) -> str:
    return f"{site.lower()}_{name}"
