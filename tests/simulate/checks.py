"""What has to hold when the world is at rest, read straight from the databases: nothing of the code that is judged is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tests.simulate.departments import record_of
from tests.simulate.documents import Document, in_order

if TYPE_CHECKING:
    from tests.simulate.world import World


def rows(world: World, department: str, collection: str) -> list[Document]:
    storage = world.servers[department].storage
    name = next((name for name in storage.collections if name.endswith(f"_{department}.{collection}")), "")
    return [version.copy() for version in storage.read(name, {}, None)] if name else []


# -- at rest


def unrest(world: World) -> list[str]:
    """Why it is not at rest: what is still on its way."""
    return [reason for department in world.servers for reason in _unrest_of(world, department)]


def _unrest_of(world: World, department: str) -> Iterator[str]:
    newest = {head["_id"]: head for head in rows(world, department, "heads")}
    if any(row.get("unnumbered") for row in rows(world, department, "journal")):
        yield f"{department}: entries without a number"
    if behind := [number for number, head in newest.items() if head["published"] < head["seq"]]:
        yield f"{department}: not published in partitions {behind}"
    for collection in ("waiting", "dead_letters"):
        if left := rows(world, department, collection):
            yield f"{department}: {collection}: {[row.get('error') or row['_id'] for row in left]}"
    if due := [row["_id"] for row in rows(world, department, "timers") if row["state"] == "waiting"]:
        yield f"{department}: timers not fired: {due}"
    for consumer in world.servers:
        applied = {row["partition"]: row["seq"] for row in rows(world, consumer, "positions") if row["department"] == department}
        for number, head in newest.items():
            if applied.get(number, 0) != head["seq"]:
                yield f"{consumer}: applied {applied.get(number, 0)} of {head['seq']} of {department}, partition {number}"
    if (
        missing := {row["_id"]: row["revision"] for row in rows(world, "reception", "records")}.items()
        - {row["_id"]: row["revision"] for row in rows(world, department, "records")}.items()
    ):
        yield f"{department}: records not there: {sorted(missing)}"


# -- what is wrong


def wrongs(world: World) -> list[str]:
    found = [wrong for department in world.servers for wrong in _journal(world, department)]
    found += [*_commands(world), *_effects(world)]
    return found


def _journal(world: World, department: str) -> Iterator[str]:
    entries = rows(world, department, "journal")
    yield from _contiguous(f"{department}: numbers of partition", entries, "partition", "seq")
    yield from _contiguous(f"{department}: k of", entries, "subject", "k")
    ordered = in_order(entries, [("partition", 1), ("seq", 1)])
    for subject in {entry["subject"]: None for entry in entries}:
        ks = [entry["k"] for entry in ordered if entry["subject"] == subject]
        if ks != sorted(ks):
            yield f"{department}: {subject} is numbered in the order {ks}"
    for aggregate in {entry["aggregate"]: None for entry in entries}:
        versions = [(entry["version"], entry["ordinal"]) for entry in ordered if entry["aggregate"] == aggregate]
        if versions != sorted(set(versions)):
            yield f"{department}: versions of {aggregate} are numbered in the order {versions}"
    if open_gates := [row["_id"] for row in rows(world, department, "gates") if row["waiting"]]:
        yield f"{department}: gates count events that do not wait: {open_gates}"


def _contiguous(what: str, entries: Sequence[Document], of: str, number: str) -> Iterator[str]:
    for group in {entry[of]: None for entry in entries}:
        numbers = sorted(entry.get(number, 0) for entry in entries if entry[of] == group)
        if numbers != list(range(1, len(numbers) + 1)):
            yield f"{what} {group}: {numbers}"


def _commands(world: World) -> Iterator[str]:
    noted = Counter(entry["data"]["n"] for entry in _told(world, "reception", "noted"))
    for command in world.scenario.commands:
        if noted[command.n] != 1:
            yield f"reception: note {command.n} was done {noted[command.n]} times"
    opened = Counter(entry["subject"] for entry in _told(world, "reception", "opened"))
    if twice := {visit: times for visit, times in opened.items() if times != 1}:
        yield f"reception: opened more than once: {twice}"


def _effects(world: World) -> Iterator[str]:
    """Each department's papers hold what it was told, each once, in the order of whoever told it."""
    desk, jobs, cases = (_notes(world, department) for department in ("reception", "workshop", "delivery"))
    even = {visit: [f"chime {note.split()[1]}" for note in notes if int(note.split()[1]) % 2 == 0] for visit, notes in desk.items()}
    for visit, notes in desk.items():
        job = [note for note in jobs.get(visit, []) if note.startswith("job")]
        yield from _same(f"workshop: job {visit}", job, [note.replace("visit", "job") for note in notes])
        chimes = [note for note in jobs.get(visit, []) if note.startswith("chime")]
        yield from _same(f"workshop: chimes of {visit}", sorted(chimes), sorted(even[visit]))
        case = cases.get(visit, [])
        yield from _same(f"delivery: case {visit}, of the desk", [note for note in case if note.startswith("visit")], notes)
        yield from _same(
            f"delivery: case {visit}, of the workshop", [note for note in case if not note.startswith("visit")], jobs.get(visit, [])
        )
        heard: list[str] = next((row["heard"] for row in rows(world, "followup", "tallies") if row["_id"] == visit), [])
        yield from _same(f"followup: {visit}, of the desk", [note for note in heard if note.startswith("visit")], notes)
        yield from _same(f"followup: {visit}, of delivery", [note[5:] for note in heard if note.startswith("case")], case)
        if not any(row["_id"] == record_of(visit) for row in rows(world, "followup", "records")):
            yield f"followup: no record of {visit}"


def _same(what: str, found: Sequence[str], expected: Sequence[str]) -> Iterator[str]:
    if list(found) != list(expected):
        yield f"{what}: {list(found)} instead of {list(expected)}"


def _told(world: World, department: str, what: str) -> list[Document]:
    return [entry for entry in rows(world, department, "journal") if entry["type"].endswith(f"_{what}.v1") and ".sim_" in entry["type"]]


def _notes(world: World, department: str) -> Mapping[str, Any]:
    return {row["_id"]: row["notes"] for row in rows(world, department, "papers")}
