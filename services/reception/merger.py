"""R7: two files of one car, or of one person, are read as one; that can be undone, and gives both back as they were (EDGE_CASES 3).

Nothing is rewritten: a merger only says that one file is read as another. What is recorded while they are one stays, when they are
parted, with the file under which it was recorded.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Literal

from shared.aggregate import Aggregate
from shared.contracts.event import Event
from shared.contracts.reception import FilesMerged, FilesParted
from shared.refusal import Malformed, Refused

Kind = Literal["customer", "vehicle"]


class SameFile(Malformed):
    title = {"en": "A file is not merged with itself.", "zh-CN": "档案不能与自身合并。"}
    remedy = {"en": "Name the other file.", "zh-CN": "请填写另一份档案。"}


class FileIsMerged(Refused):
    clause = "R7"
    title = {"en": "The file is read as another one already.", "zh-CN": "该档案已并入另一档案。"}
    remedy = {"en": "Go on with that one, or part them first.", "zh-CN": "请使用并入的档案，或先撤销合并。"}


class OpenVisitInBoth(Refused):
    clause = "R7"
    title = {"en": "Both files have an open visit.", "zh-CN": "两份档案均有未结束的来访。"}
    remedy = {"en": "Finish one of the visits first, then merge.", "zh-CN": "请先结束其中一次来访，再合并。"}


class FileIsNotMerged(Refused):
    clause = "R7"
    title = {"en": "The file is not merged with another.", "zh-CN": "该档案未与其他档案合并。"}
    remedy = {"en": "Nothing is to be undone.", "zh-CN": "无需撤销。"}


class Merger(Aggregate):
    """The id is that of the file that is read as another, `into`; None where it is itself (again). `steps` is all that was said of it."""

    COLLECTION: ClassVar[str] = "mergers"

    kind: Kind | None = None
    into: str | None = None
    steps: tuple[FilesMerged | FilesParted, ...] = ()

    def merge(
        self,
        kind: Kind,
        into: str,
        into_is_read_as: str,
        reason: str,
        by: str,
        now: datetime,
        *,
        open_here: Sequence[str] = (),
        open_there: Sequence[str] = (),
    ) -> list[Event]:
        """`reason` is the key of a text record; `open_here` and `open_there` are the open visits of the one and of the other."""
        if into == self.id:
            raise SameFile(missing=("into",))
        if self.into is not None:
            raise FileIsMerged(file=self.id, read_as=self.into, link=f"/{kind}s/{self.into}")
        if into_is_read_as != into:
            raise FileIsMerged(file=into, read_as=into_is_read_as, link=f"/{kind}s/{into_is_read_as}")
        if open_here and open_there:
            links = [f"/visits/{visit}" for visit in (*open_here, *open_there)]
            raise OpenVisitInBoth(file=self.id, into=into, visits=[*open_here, *open_there], link=links[-1], links=links)
        return [FilesMerged(kind=kind, file=self.id, into=into, reason=reason, by=by, at=now)]

    def part(self, kind: Kind, reason: str, by: str, now: datetime) -> list[Event]:
        if self.into is None:
            raise FileIsNotMerged(file=self.id)
        return [FilesParted(kind=kind, file=self.id, former=self.into, reason=reason, by=by, at=now)]

    def apply(self, event: Event) -> None:
        match event:
            case FilesMerged():
                self.kind, self.into, self.steps = event.kind, event.into, (*self.steps, event)
            case FilesParted():
                self.into, self.steps = None, (*self.steps, event)
