"""What starts by itself: reactions to events and timers that fire. Departments list theirs in one table each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from shared.contracts.event import Event

if TYPE_CHECKING:
    from shared.unit import Unit


class NotYet(Exception):
    """A reaction lacks something that causally comes before its event; the event waits for `key` and is tried again when it is there."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class Timer(BaseModel):
    """A deadline as data: at business time `due_at` the department's handler for `kind` runs, once in effect.

    `key` is the timer's identity: scheduling it again moves it, cancelling an unknown one is nothing.
    """

    model_config = ConfigDict(frozen=True)

    key: str
    kind: str
    due_at: datetime
    subject: str
    facts: Mapping[str, Any] = {}


Reaction = Callable[[Any, "Unit"], Awaitable[None]]
Reactions = Mapping[type[Event], tuple[Reaction, ...]]
TimerHandler = Callable[[Timer, "Unit"], Awaitable[None]]
Timers = Mapping[str, TimerHandler]
