"""R7: two files are merged, or parted again, each in one transaction; and what the papers of a visit have to say about it."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from services.reception.desk import Work
from services.reception.merger import Kind, Merger
from services.reception.routes.keeping_bodies import MergeFiles, PartFiles
from services.reception.vehicle import Vehicle
from services.reception.visit import Visit
from shared import merged_files
from shared.contracts.reception import FilesMerged, FilesParted
from shared.refusal import NotFound
from shared.store import Store
from shared.unit import Unit
from shared.web import Call


def merging(call: Call, kind: Kind, file: str, body: MergeFiles) -> Work[Merger]:
    """TELL: the business supervisor hears of it, who can undo it."""

    async def merge(unit: Unit) -> Merger:
        await _must_be_there(unit, kind, file, body.into)
        reason = await unit.put_text(body.reason)
        read_as = await merged_files.surviving(unit, body.into)
        here, there = await _open_visits(unit, kind, file), await _open_visits(unit, kind, body.into)
        merged = await unit.create(
            Merger,
            file,
            lambda known: known.merge(kind, body.into, read_as, reason, call.person.id, unit.now, open_here=here, open_there=there),
        )
        await _carry_out(unit, merged.steps[-1])
        await unit.tell("files_merged", clause="R7", roles=("business_supervisor",), kind=kind, file=file, into=body.into)
        return merged

    return merge


def parting(call: Call, kind: Kind, file: str, body: PartFiles) -> Work[Merger]:
    async def part(unit: Unit) -> Merger:
        await _must_be_there(unit, kind, file)
        reason = await unit.put_text(body.reason)
        parted = await unit.create(Merger, file, lambda known: known.part(kind, reason, call.person.id, unit.now))
        await _carry_out(unit, parted.steps[-1])
        return parted

    return part


async def _carry_out(unit: Unit, step: FilesMerged | FilesParted) -> None:
    if isinstance(step, FilesMerged):
        await merged_files.keep_merged(step, unit)
    else:
        await merged_files.keep_parted(step, unit)


async def _must_be_there(unit: Unit, kind: Kind, *ids: str) -> None:
    if unknown := [id for id in ids if await unit.record(f"{kind}:{id}") is None]:
        raise NotFound(missing=unknown)


async def _open_visits(unit: Unit, kind: Kind, file: str) -> list[str]:
    """Of the file and of those that are read as it."""
    ids = await merged_files.family(unit, file)
    if kind == "vehicle":
        return [car.open_visit for id in ids if (car := await unit.find(Vehicle, id)).open_visit]
    return [visit for id in ids for visit in await unit.ids(Visit, {"customer": id, "closed": False})]


# what is shown


class MergerShown(BaseModel):
    """A file that is read as another one, its record as it is, and who said so, when and why."""

    file: str
    into: str
    by: str
    at: datetime
    reason: str | None


class CorrectionNote(BaseModel):
    """R7: what is added to the papers of a visit that were printed before; their own text stays (EDGE_CASES 3)."""

    kind: Literal["customer", "vehicle"]
    what: Literal["merged", "parted"] = Field(examples=["merged"])
    former: str = Field(description="The file that the papers name.", examples=["vehicle-5f3c9a0b1d2e4f607182"])
    now: str = Field(description="The file that it is read as since.")
    by: str
    at: datetime
    text: dict[str, str] = Field(examples=[{"zh-CN": "更正：…", "en": "Correction: …"}])


class VisitShown(Visit):
    """With the corrections that belong to its papers."""

    notes: tuple[CorrectionNote, ...] = ()


async def mergers_into(store: Store, id: str) -> list[MergerShown]:
    """All that is read as this file now."""
    ids = await merged_files.family(store, id)
    mergers = [each for each in await store.select(Merger, {"id": {"$in": ids}}, limit=len(ids)) if each.into]
    return [await _shown(store, each) for each in mergers]


async def _shown(store: Store, merger: Merger) -> MergerShown:
    step = merger.steps[-1]
    words = await store.record(step.reason)
    return MergerShown(file=merger.id, into=merger.into or "", by=step.by, at=step.at, reason=words["text"] if words else None)


async def shown(store: Store, visit: Visit) -> VisitShown:
    """The steps since the visit began, of the files under which it was recorded and of those that they are read as."""
    named = [id for id in (visit.customer, visit.vehicle) if id]
    mergers = await store.select(Merger, {"id": {"$in": [each for id in named for each in await _way(store, id)]}}, limit=50)
    steps = sorted((step for each in mergers for step in each.steps), key=lambda step: step.at)
    since = visit.arrived_at
    notes = [_note(step) for step in steps if since is None or step.at >= since]
    return VisitShown(**visit.model_dump(), notes=tuple(notes))


async def _way(store: Store, id: str) -> list[str]:
    """The file, and what it is, or was once, read as."""
    way = [id]
    for each in way:
        for merger in await store.select(Merger, {"id": each}):
            way += [step.into for step in merger.steps if isinstance(step, FilesMerged) and step.into not in way]
    return way


def _note(step: FilesMerged | FilesParted) -> CorrectionNote:
    what: Literal["merged", "parted"] = "merged" if isinstance(step, FilesMerged) else "parted"
    now = step.into if isinstance(step, FilesMerged) else step.file
    former = step.file if isinstance(step, FilesMerged) else step.former
    return CorrectionNote(kind=step.kind, what=what, former=former, now=now, by=step.by, at=step.at, text=_words(what, former, now))


def _words(what: str, former: str, now: str) -> dict[str, str]:
    return {
        "merged": {
            "zh-CN": f"更正：单据所载档案 {former} 现并入档案 {now}；原文不变。",
            "en": f"Correction: the file {former} that this paper names is read as {now} now; its text stays.",
        },
        "parted": {
            "zh-CN": f"更正：档案 {now} 已与 {former} 撤销合并；原文不变。",
            "en": f"Correction: the file {now} is no longer read as {former}; the paper's text stays.",
        },
    }[what]
