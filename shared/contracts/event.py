"""What every event is: a fact in the past tense, with a wire name that never changes.

An event's fields may grow by optional ones; anything else is a `.v2` class beside the `.v1`. No event carries personal data:
names, phones, plates and free text are records on the `customers` topic, referred to here by their key.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self, get_args

from pydantic import AwareDatetime, BaseModel, ConfigDict

DepartmentName = Literal["reception", "workshop", "delivery", "followup"]
DEPARTMENTS: tuple[DepartmentName, ...] = get_args(DepartmentName)


class Fact(BaseModel):
    """A value inside an event or an aggregate: immutable, equal by content; a reader ignores fields newer than itself."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        """Nobody changes it: an aggregate that is copied for its next state shares its facts, of which it may have hundreds."""
        return self


class Event(Fact):
    """One recorded fact. `TYPE` is its name on the wire (`department.name.vN`), `CLAUSE` the clause that it carries out.

    A `TYPE` that starts with `*.` is published by every department, under its own name.
    """

    TYPE: ClassVar[str] = ""
    CLAUSE: ClassVar[str] = ""

    @property
    def carries_out(self) -> str:
        """The clause that this very fact carries out, where it is not the same for all of its type."""
        return self.CLAUSE

    @classmethod
    def wire_type(cls, department: str) -> str:
        return cls.TYPE.replace("*", department, 1)


class VisitEvent(Event):
    """A fact about one visit; `visit` is also the id of its work order, its job in the workshop and its case in delivery."""

    visit: str


class RecordChanged(Event):
    """A record of the `customers` topic changed; the record itself is never in the journal.

    `key` is `customer:ID`, `vehicle:ID` or `text:DEPARTMENT:ID`. An erased record keeps its last revision for ever.
    """

    TYPE = "*.record_changed.v1"
    key: str
    revision: int
    erased: bool = False


class NoticeRaised(Event):
    """TELL: somebody was told without asking. `about` is the notice's code; `roles` and `people` are its receivers."""

    TYPE = "*.notice_raised.v1"
    notice: str
    about: str
    clause: str
    visit: str | None = None
    roles: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    facts: Mapping[str, str] = {}


class EpochStarted(Event):
    """The department was restored from a backup: numbers after this one belong to a new epoch."""

    TYPE = "*.epoch_started.v1"
    previous: int
    last: Mapping[str, int]


Instant = AwareDatetime
"""A moment, always with its zone; UTC on the wire."""


def event_types(module: Mapping[str, Any]) -> tuple[type[Event], ...]:
    """The event classes that a contracts module defines, in the order of the file."""
    return tuple(
        value for value in module.values() if isinstance(value, type) and issubclass(value, Event) and value.TYPE and "*" not in value.TYPE
    )
