"""What a job is made of: the ordered items, and the hands that people laid on the car."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from shared.contracts.event import Fact
from shared.contracts.values import FaultState
from shared.contracts.workshop import JobDispatched, JobOpened, WorkFound, WorkStarted


class Hand(Fact):
    """One thing that a person did to the car: what W11 and W9 judge independence by, over all rounds of the visit."""

    did: str
    item: str | None = None


class Found(Fact):
    """W8: work that somebody found, by the id that it has on the order once it is consented to."""

    found: str
    kind: str
    operation: str
    by: str
    item: str | None = None
    note: str | None = None
    safety: bool = False

    @classmethod
    def of(cls, event: WorkFound) -> "Found":
        return cls.model_validate(event.model_dump(exclude={"visit"}))


class Belongings(Fact):
    """W6: a request and its answer; `agrees` is None as long as the customer has not been reached."""

    request: str
    need: str
    by: str
    agrees: bool | None = None
    moved_to: str | None = None


class Damage(Fact):
    """W6, W14: `decision` is None until the supervisor decided with the customer, `repaired_by` until somebody repaired it."""

    damage: str
    during: str
    by: str
    note: str
    decision: str | None = None
    repaired_by: str | None = None
    repair_note: str | None = None

    @property
    def to_be_repaired(self) -> bool:
        return self.decision == "repair" and not self.repaired_by


class Item(BaseModel):
    """An ordered item and what became of it. `started_by` to `self_inspected_by` are of the present round.

    `dropped`: the customer dropped it when somebody had begun it: it is put together again, and nothing else.
    """

    model_config = ConfigDict(extra="forbid")

    operation: str
    skill: str
    hours: Decimal
    parts: dict[str, int] = {}
    fault: FaultState = FaultState.DETERMINED
    team: str | None = None
    override_reason: str | None = None
    technicians: tuple[str, ...] = ()
    fault_confirmed_by: str | None = None
    drawn: dict[str, int] = {}
    unneeded: dict[str, int] = {}
    started_by: tuple[str, ...] = ()
    started_at: datetime | None = None
    finished_by: tuple[str, ...] = ()
    reassembled_by: str | None = None
    self_inspected_by: str | None = None
    dropped: bool = False

    @classmethod
    def ordered(cls, line: JobOpened.Item, before: "Item | None") -> "Item":
        """As the order has it now; what was done of it before stays done, what was undone is to be done anew."""
        told = {"operation": line.operation, "skill": line.skill, "hours": line.hours, "parts": _sums(line.parts), "fault": line.fault}
        if before is None:
            return cls(**told)
        item = before.model_copy(update={**told, "dropped": False})
        if before.undone:
            item.reopen()
        return item

    @property
    def finished(self) -> bool:
        return bool(self.started_by) and set(self.started_by) == set(self.finished_by)

    @property
    def undone(self) -> bool:
        """EDGE_CASES 1: not wanted any more, or put together again as it was received: it is neither charged nor needs parts."""
        return self.dropped or self.reassembled_by is not None

    @property
    def hours_left(self) -> Decimal:
        """The standard hours of what is not finished."""
        return Decimal(0) if self.finished else self.hours

    @property
    def undrawn(self) -> dict[str, int]:
        """What was consented to and is not with the item, with how many."""
        if self.undone:
            return {}
        left = {part_no: ordered - self.drawn.get(part_no, 0) for part_no, ordered in self.parts.items()}
        return {part_no: quantity for part_no, quantity in left.items() if quantity > 0}

    @property
    def lacking(self) -> dict[str, int]:
        """The parts that the item needs and that have not been drawn for it, with how many.

        What the work did without is not needed; but an item never does without the last piece of a part that it was ordered with.
        """
        if self.undone:
            return {}
        needed = {part_no: max(ordered - self.unneeded.get(part_no, 0), 1) for part_no, ordered in self.parts.items()}
        left = {part_no: quantity - self.drawn.get(part_no, 0) for part_no, quantity in needed.items()}
        return {part_no: quantity for part_no, quantity in left.items() if quantity > 0}

    def do_without(self, part_no: str, quantity: int) -> None:
        self.unneeded = {**self.unneeded, part_no: self.unneeded.get(part_no, 0) + quantity}

    def need_again(self, part_no: str) -> None:
        """Drawn after all: the item does without no more than what was ordered and is not with it."""
        if part_no in self.unneeded:
            self.unneeded = {**self.unneeded, part_no: min(self.unneeded[part_no], self.undrawn.get(part_no, 0))}

    def assign(self, given: JobDispatched.Assignment) -> None:
        if given.team != self.team:
            self.name(())
        self.team = given.team
        self.override_reason = given.override_reason

    def name(self, technicians: tuple[str, ...]) -> None:
        """W14: the work of one who began it and is not named any more ends here; where nobody else has begun it, it is begun anew."""
        self.technicians = technicians
        self.started_by = tuple(person for person in self.started_by if person in technicians)
        self.finished_by = tuple(person for person in self.finished_by if person in technicians)
        if not self.started_by:
            self.reopen()

    def start(self, begun: WorkStarted) -> None:
        self.started_by += (begun.by,)
        self.started_at = self.started_at or begun.at

    def reassemble(self, by: str) -> None:
        self.started_by = self.finished_by = (by,)
        self.reassembled_by, self.self_inspected_by = by, None

    def reopen(self) -> None:
        self.started_by = self.finished_by = ()
        self.started_at = None
        self.reassembled_by = self.self_inspected_by = None


def _sums(parts: Iterable[tuple[str, int]]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for part_no, quantity in parts:
        sums[part_no] = sums.get(part_no, 0) + quantity
    return sums
