"""An aggregate: a state that only its own events change.

A move is a method that looks at the state, the words of the actor and `now`, and returns events or raises `Refused`; `apply`
is the one place where an event changes the state. So a move that announces nothing cannot be written.
"""

from collections.abc import Sequence, Sized
from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict, PrivateAttr

from shared.contracts.event import Event


class Aggregate(BaseModel):
    """Subclasses name their `COLLECTION`, give every field a default (the state before the first event) and write `apply`.

    `version` counts commits; the store compares it. State holds no personal data, only keys of records.
    """

    model_config = ConfigDict(extra="forbid", validate_assignment=False)

    COLLECTION: ClassVar[str]

    id: str
    version: int = 0
    _skipped: int = PrivateAttr(0)

    @property
    def subject(self) -> str:
        """What the order of events is kept for: the visit, which most aggregates share their id with."""
        return self.id

    @property
    def exists(self) -> bool:
        return self.version > 0

    def number_after(self, given: Sized | int) -> int:
        """The next number of what it gives out one by one: after so many, or after that number.

        In a department that was restored from a backup they go on well beyond those that may have been lost: others know these.
        """
        return max(given, self._skipped) + 1 if isinstance(given, int) else self._skipped + len(given) + 1

    def skip_numbers(self, skipped: int) -> None:
        self._skipped = skipped

    def apply(self, event: Event) -> None:
        raise NotImplementedError

    def after(self, events: Sequence[Event]) -> Self:
        """This state with the events of one commit applied; the version goes up by one where there are any."""
        state = self.model_copy(deep=True)
        for event in events:
            state.apply(event)
        if events:
            state.version += 1
        return state
