"""Journals made by hand, step by step, and what a forger does to them."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from servicelane.audit.journals import Journals
from shared.contracts.envelope import Envelope
from shared.contracts.event import DEPARTMENTS, DepartmentName, Event, NoticeRaised
from shared.contracts.values import Signature
from shared.signing import content_hash

VISIT = "visit-1"
DAY = datetime(2026, 3, 9, 0, 0, tzinfo=UTC)  # a Monday, 08:00 in the shop
S = TypeVar("S", bound=Event)


@dataclass(frozen=True)
class Step:
    """One entry to be: who recorded what when, and which step caused it."""

    name: str
    department: DepartmentName
    at: datetime
    by: str
    fact: Event
    cause: str | None = None


def signed(fact: S, signer: str, at: datetime) -> S:
    """The fact with a true signature over its content."""
    hashed = content_hash(fact)
    return fact.model_copy(update={"content_hash": hashed, "signature": Signature(signer=signer, at=at, content_hash=hashed)})


def unsigned(at: datetime) -> dict[str, Any]:
    return {"content_hash": "", "signature": Signature(signer="", at=at, content_hash="")}


@dataclass
class Hand:
    """Writes a journal. A step of a name that is there gets the next number: `qc_passed`, `qc_passed-2`."""

    steps: list[Step] = field(default_factory=list)
    clock: datetime = DAY

    def did(self, name: str, department: DepartmentName, by: str, fact: Event, *, cause: str | None = None, minutes: float = 5) -> str:
        """Recorded `minutes` later, or at once where it has a cause; its name."""
        self.clock += timedelta(minutes=0 if cause else minutes)
        before = {step.name for step in self.steps}
        known = sum(1 for each in before if each == name or each.startswith(f"{name}-"))
        self.steps.append(Step(f"{name}-{known + 1}" if known else name, department, self.clock, by, fact, cause))
        return self.steps[-1].name

    def told(self, name: str, department: DepartmentName, clause: str, cause: str, **receivers: tuple[str, ...]) -> None:
        notice = NoticeRaised(notice=name, about=name, clause=clause, visit=VISIT, **receivers)
        self.did(name, department, "system", notice, cause=cause)

    def last(self, name: str) -> Step:
        return [step for step in self.steps if step.name == name or step.name.startswith(f"{name}-")][-1]


Forgery = Callable[[list[Step]], list[Step]]


def journals(steps: list[Step], **kept: Any) -> Journals:
    """The steps as the departments would have numbered them, in the order given."""
    seq = dict.fromkeys(DEPARTMENTS, 0)
    envelopes = []
    for step in steps:
        seq[step.department] += 1
        envelopes.append(
            Envelope(
                id=step.name,
                source=f"servicelane://BJ01/{step.department}",
                type=step.fact.wire_type(step.department),
                time=step.at,
                subject=VISIT,
                site="BJ01",
                department=step.department,
                epoch=1,
                partition=0,
                seq=seq[step.department],
                aggregate=f"visit:{VISIT}",
                version=1,
                ordinal=0,
                actor=step.by,
                clause=step.fact.CLAUSE,
                correlationid="c",
                causationid=step.cause,
                data=step.fact.model_dump(mode="json"),
            )
        )
    return Journals.of(envelopes, **kept)


def without(*names: str) -> Forgery:
    def forge(steps: list[Step]) -> list[Step]:
        assert set(names) <= {step.name for step in steps}, names
        return [step for step in steps if step.name not in names]

    return forge


def changed(name: str, *, resign: bool = False, **fields: Any) -> Forgery:
    """One step's fact with other content; `resign` renews its signature, so that only the content is wrong."""

    def forge(steps: list[Step]) -> list[Step]:
        assert any(step.name == name for step in steps), name
        return [replace(step, fact=_other(step, fields, resign)) if step.name == name else step for step in steps]

    return forge


def _other(step: Step, fields: dict[str, Any], resign: bool) -> Event:
    fact = step.fact.model_copy(update=fields)
    if not resign:
        return fact
    signature = getattr(fact, "signature", None)
    if isinstance(signature, Signature):
        return signed(fact, signature.signer, step.at)
    return fact.model_copy(update={"content_hash": content_hash(fact)})


def moved(name: str, *, before: str) -> Forgery:
    """One step recorded before another, at that one's time."""

    def forge(steps: list[Step]) -> list[Step]:
        step = next(step for step in steps if step.name == name)
        rest = [other for other in steps if other.name != name]
        place = next(index for index, other in enumerate(rest) if other.name == before)
        return [*rest[:place], replace(step, at=rest[place].at - timedelta(seconds=1)), *rest[place:]]

    return forge


def repeated(name: str, **fields: Any) -> Forgery:
    def forge(steps: list[Step]) -> list[Step]:
        place = next(index for index, step in enumerate(steps) if step.name == name)
        twin = replace(steps[place], name=f"{name}-again", fact=steps[place].fact.model_copy(update=fields))
        return [*steps[: place + 1], twin, *steps[place + 1 :]]

    return forge


def later(name: str, **by: int) -> Forgery:
    """One step recorded so much later than it was."""

    def forge(steps: list[Step]) -> list[Step]:
        assert any(step.name == name for step in steps), name
        return [replace(step, at=step.at + timedelta(**by)) if step.name == name else step for step in steps]

    return forge


def added(
    name: str, department: DepartmentName, fact: Event, *, after: str, by: str = "somebody", cause: str | None = None, **later_by: int
) -> Forgery:
    """A step more, right after another."""

    def forge(steps: list[Step]) -> list[Step]:
        place = next(index for index, step in enumerate(steps) if step.name == after)
        new = Step(name, department, steps[place].at + timedelta(**later_by), by, fact, cause)
        return [*steps[: place + 1], new, *steps[place + 1 :]]

    return forge


def then(*forgeries: Forgery) -> Forgery:
    """One forgery after the other."""

    def forge(steps: list[Step]) -> list[Step]:
        for each in forgeries:
            steps = each(steps)
        return steps

    return forge
