"""Files of reception that are read as one: two of one car, or two of one person, until they are parted again (EDGE_CASES 3).

Whatever was recorded under a file keeps its id for ever. Who acts on a file asks for `surviving`, who reads one for all of its `family`.
Each department that keys by customer or vehicle keeps the model `merged_files` of its own, reception in the transaction that merges.
"""

from typing import Any, Protocol

from shared.contracts.reception import FilesMerged, FilesParted
from shared.reaction import Reactions
from shared.unit import Unit

READ_MODEL = "merged_files"


class Rows(Protocol):
    """A unit, or a store."""

    async def fetch(self, name: str, id: str) -> dict[str, Any] | None: ...


async def surviving(rows: Rows, id: str) -> str:
    """The file that this one is read as: itself where it was not merged."""
    seen = {id}
    while (into := (await _row(rows, id))["into"]) and into not in seen:
        seen.add(into)
        id = into
    return id


async def family(rows: Rows, id: str) -> list[str]:
    """All files that are read as one with this one, the surviving one first."""
    found = [await surviving(rows, id)]
    for each in found:
        found += [held for held in (await _row(rows, each))["holds"] if held not in found]
    return found


async def same(rows: Rows, one: str, other: str) -> bool:
    return one == other or await surviving(rows, one) == await surviving(rows, other)


async def _row(rows: Rows, id: str) -> dict[str, Any]:
    return await rows.fetch(READ_MODEL, id) or {"into": None, "holds": []}


async def keep_merged(event: FilesMerged, unit: Unit) -> None:
    """Both files' gates are touched: a decision on either that is taken at the same moment is taken again."""
    file, into = await _row(unit, event.file), await _row(unit, event.into)
    await unit.put(READ_MODEL, event.file, {"into": event.into, "holds": file["holds"]}, subject=event.file)
    await unit.put(READ_MODEL, event.into, {"into": into["into"], "holds": sorted({*into["holds"], event.file})}, subject=event.into)


async def keep_parted(event: FilesParted, unit: Unit) -> None:
    file, former = await _row(unit, event.file), await _row(unit, event.former)
    still = [each for each in former["holds"] if each != event.file]
    await unit.put(READ_MODEL, event.file, {"into": None, "holds": file["holds"]}, subject=event.file)
    await unit.put(READ_MODEL, event.former, {"into": former["into"], "holds": still}, subject=event.former)


REACTIONS: Reactions = {FilesMerged: (keep_merged,), FilesParted: (keep_parted,)}
