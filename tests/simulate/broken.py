"""Rules of the product, each deliberately broken: what the simulation must find, or it proves nothing.

A rule that is no longer where it was is said so (`RuleMoved`): then the product changed, and this list has to follow.
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

from shared import numbering, relay
from shared.applying import Applying, Position, Stream
from shared.contracts.envelope import Envelope
from shared.store import MongoUnit
from shared.waiting import Queue, Turns


class RuleMoved(Exception):
    """The line that is to be broken is not in the product any more."""


@dataclass(frozen=True)
class Rewritten:
    """A function of the product with one piece of its text replaced; `seen_in` are the modules that imported it by name."""

    owner: Any
    name: str
    instead_of: str
    put: str
    seen_in: tuple[Any, ...] = ()

    def break_it(self, stack: ExitStack) -> None:
        broken = _rewritten(getattr(self.owner, self.name), self.instead_of, self.put)
        for owner in (self.owner, *self.seen_in):
            stack.enter_context(mock.patch.object(owner, self.name, broken))


def _rewritten(function: Callable[..., Any], instead_of: str, put: str) -> Callable[..., Any]:
    source = textwrap.dedent(inspect.getsource(function))
    if source.count(instead_of) != 1:
        raise RuleMoved(f"{function.__qualname__} does not say once: {instead_of}")
    made: dict[str, Any] = {}
    code = compile(f"from __future__ import annotations\n{source.replace(instead_of, put)}", f"<{function.__qualname__}, broken>", "exec")
    exec(code, function.__globals__, made)
    broken: Callable[..., Any] = made[function.__name__]
    return broken


def _remember_positions(stack: ExitStack) -> None:
    """Each process keeps what it saw last, and never looks again."""
    load, save = Position.load, Position.save
    seen: dict[tuple[int, Stream], Position] = {}

    async def remembered(unit: MongoUnit, stream: Stream) -> Position:
        if (id(unit.store), stream) not in seen:
            seen[id(unit.store), stream] = await load(unit, stream)
        return seen[id(unit.store), stream]

    def save_and_remember(position: Position, unit: MongoUnit) -> None:
        seen[id(unit.store), position.stream] = position
        save(position, unit)

    stack.enter_context(mock.patch.object(Position, "load", remembered))
    stack.enter_context(mock.patch.object(Position, "save", save_and_remember))


def _wait_without_a_gate(stack: ExitStack) -> None:
    """What waits is put down without touching the gate. The sweep, which would find it all the same, is left out."""

    def add(queue: Queue, unit: MongoUnit, envelope: Envelope, key: str) -> None:
        gates = dict(unit.effects.gates)
        with_gate(queue, unit, envelope, key)
        unit.effects.gates = gates

    async def hold(turns: Turns, unit: MongoUnit, queue: Queue, hindrance: Exception) -> None:
        gates = dict(unit.effects.gates)
        await hold_at_gate(turns, unit, queue, hindrance)
        unit.effects.gates = gates

    async def waiting(unit: MongoUnit, subject: str) -> int:
        return 1

    with_gate, hold_at_gate = Queue.add, Turns._hold
    stack.enter_context(mock.patch.object(Queue, "add", add))
    stack.enter_context(mock.patch.object(Turns, "_hold", hold))
    stack.enter_context(mock.patch.object(MongoUnit, "waiting", waiting))
    without_sweep(stack)


def without_sweep(stack: ExitStack) -> None:
    async def nothing(turns: Turns) -> None:
        return

    stack.enter_context(mock.patch.object(Turns, "sweep", nothing))


RULES: Mapping[str, Callable[[ExitStack], None]] = {
    "the position is not checked": Rewritten(
        Applying, "_in_order", "if envelope.seq <= position.seq or position.closed or", "if position.closed or"
    ).break_it,
    "the position is taken from a cache": _remember_positions,
    "numbered by id": Rewritten(numbering, "number", 'sort([("subject", 1), ("k", 1)])', 'sort("_id", 1)', seen_in=(relay,)).break_it,
    "a version before the one before it": Rewritten(
        numbering, "number", 'sort([("subject", 1), ("k", 1)])', 'sort([("subject", 1), ("k", -1)])', seen_in=(relay,)
    ).break_it,
    "no gate on waiting": _wait_without_a_gate,
    "a later event passes a waiting one": Rewritten(
        Turns, "_stands_behind", "if not await unit.waiting(envelope.subject):", "if True:"
    ).break_it,
    "catch and go on": Rewritten(Turns, "take", "if hindrance is not None:", "if False:").break_it,
}


@contextmanager
def broken(rule: str) -> Iterator[None]:
    with ExitStack() as stack:
        RULES[rule](stack)
        yield
