"""A unit of work: all that one command or one reaction writes, committed in one transaction or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

from shared.aggregate import Aggregate
from shared.branch import Branch
from shared.contracts.envelope import Envelope
from shared.contracts.event import Event
from shared.contracts.records import RecordBody
from shared.reaction import Timer

A = TypeVar("A", bound=Aggregate)


class Unit(Protocol):
    """What api and reactions work with. It may run more than once (a write conflict is retried): keep effects inside it.

    Every write touches the gate document of its subject, so two units of one visit never miss each other: what was loaded
    of the same visit is still true when the unit commits.
    """

    @property
    def now(self) -> datetime:
        """Business time, UTC."""

    @property
    def actor(self) -> str:
        """The staff id of who acts; `system` for reactions and timers."""

    @property
    def branch(self) -> Branch:
        """The site's settings, catalogue and staff."""

    @property
    def cause(self) -> Envelope | None:
        """In a reaction, the event that it reacts to."""

    async def load(self, kind: type[A], id: str) -> A:
        """The aggregate, or `NotFound`."""

    async def find(self, kind: type[A], id: str) -> A:
        """The aggregate, or a blank one (`exists` is false) where there is none yet."""

    async def update(self, kind: type[A], id: str, decide: Callable[[A], Sequence[Event]]) -> A:
        """Load, let the domain decide, journal its events, save the new state. `NotFound` where it does not exist."""

    async def create(self, kind: type[A], id: str, decide: Callable[[A], Sequence[Event]]) -> A:
        """As `update`, but a blank aggregate (`version` 0) is given where there is none; the domain refuses what exists already."""

    async def put_record(self, key: str, body: RecordBody) -> str:
        """Write personal data (keys of `shared.contracts.records`), journal `RecordChanged`; gives the key back."""

    async def erase_record(self, key: str) -> None:
        """The body goes, here and wherever it was read; the key stays erased for ever. `NotFound` where it is, or is another's."""

    async def put_text(self, text: str) -> str:
        """A new text record of this department; gives its key, `text:DEPARTMENT:ID`."""

    async def record(self, key: str) -> Mapping[str, Any] | None:
        """The present body of a record, own or read from `customers`; None where unknown or erased."""

    async def tell(
        self,
        about: str,
        *,
        clause: str,
        visit: str | None = None,
        roles: Sequence[str] = (),
        people: Sequence[str] = (),
        **facts: str,
    ) -> None:
        """TELL: a notice in this department's inbox (`GET /notices`), and `NoticeRaised` in the journal. `facts` hold no personal data."""

    async def schedule(self, timer: Timer) -> None:
        """Put or move a timer."""

    async def cancel(self, key: str) -> None:
        """Take a timer away; nothing where there is none."""

    async def put(self, name: str, id: str, document: Mapping[str, Any], *, subject: str) -> None:
        """Write a document of the read model `name`; `subject` is the visit (or own id) whose gate it touches."""

    async def fetch(self, name: str, id: str) -> dict[str, Any] | None:
        """A document of the read model `name`."""

    def touch(self, subject: str) -> None:
        """Take part in what is decided about `subject` where nothing of it is written: what was read of it is still true at the commit."""

    async def ids(self, kind: type[A], where: Mapping[str, Any]) -> list[str]:
        """The ids of those whose stored fields equal `where`, in order; None stands for a field that is empty.

        What another unit commits in the same moment may be missing or stand there still: let the aggregate decide.
        """

    async def next_number(self, series: str) -> int:
        """The next of a series that starts at 1, without holes, such as `work-order:2026-03-09`."""
