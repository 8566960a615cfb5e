"""A department as its `app.py` wires it: everything that the runtime needs to know of it, in one place."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from fastapi import APIRouter

from shared.aggregate import Aggregate
from shared.contracts.event import DepartmentName
from shared.reaction import Reactions, Timers
from shared.refusal import Texts
from shared.unit import Unit


@dataclass(frozen=True)
class Index:
    """An index of one of the department's collections; `keys` as MongoDB has them, 1 up and -1 down."""

    keys: Sequence[tuple[str, int]]
    unique: bool = False


@dataclass(frozen=True)
class Census:
    """Counted when somebody asks for the metrics: rows of `collection` that `where` names, by an index, and few even after years.

    One number with the label `what`; or one for each of `values`, by the field `by`. `NOW` in `where` is the present as the
    store writes times.
    """

    NOW: ClassVar[str] = "\x00now"

    measure: Literal["cars", "duties_open", "duties_overdue"]
    collection: str
    where: Mapping[str, Any]
    what: str = ""
    by: str = ""
    values: tuple[str, ...] = ()


async def _nothing(unit: Unit) -> None:
    """A department without seed data."""


@dataclass(frozen=True)
class Department:
    """`read_models` are collections of what it keeps of others; `seed` runs once per site, in a unit of its own.

    `notices` are the texts of what it tells, by code; `{facts}` in braces.
    """

    name: DepartmentName
    title: str
    aggregates: tuple[type[Aggregate], ...]
    router: APIRouter
    reactions: Reactions = field(default_factory=dict)
    timers: Timers = field(default_factory=dict)
    read_models: tuple[str, ...] = ()
    indexes: Mapping[str, tuple[Index, ...]] = field(default_factory=dict)
    seed: Callable[[Unit], Awaitable[None]] = _nothing
    notices: Mapping[str, Texts] = field(default_factory=dict)
    census: tuple[Census, ...] = ()
