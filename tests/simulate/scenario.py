"""What happens in one simulated run, as data: who takes part, what is commanded, what goes wrong and when. A seed makes one."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from shared.contracts.event import DepartmentName

TROUBLE_SECONDS = 5.0
"""Commands are given and faults happen within; then all is well, and has to come to rest."""


@dataclass(frozen=True)
class Command:
    """`n` is noted on a visit; the client opens the visit first, and sends again, with the same key, until it is answered."""

    at: float
    visit: str
    n: int


@dataclass(frozen=True)
class Fault:
    """`target` is a department, or a process (`workshop.1`); `seconds` how long, `size` how bad, each as its kind has it."""

    kind: str
    at: float
    target: str = ""
    seconds: float = 0.0
    size: float = 0.0

    def __str__(self) -> str:
        facts = [self.target, f"{self.seconds:.2f} s" if self.seconds else "", f"{self.size:g}" if self.size else ""]
        return " ".join(["at", f"{self.at:.2f}", self.kind, *filter(None, facts)])


@dataclass(frozen=True)
class Scenario:
    seed: int
    partitions: int
    processes: tuple[tuple[DepartmentName, int], ...]
    commands: tuple[Command, ...]
    faults: tuple[Fault, ...]

    @property
    def size(self) -> int:
        return len(self.commands) + len(self.faults) + sum(number for _, number in self.processes)

    def __str__(self) -> str:
        lines = [f"seed {self.seed}, {self.partitions} partitions, " + ", ".join(f"{name} × {number}" for name, number in self.processes)]
        lines += [f"  at {command.at:.2f} note {command.n} on {command.visit}" for command in self.commands]
        lines += [f"  {fault}" for fault in self.faults]
        return "\n".join(lines)

    def with_(self, **changes: Any) -> Scenario:
        return replace(self, **changes)


DEPARTMENTS: Sequence[DepartmentName] = ("reception", "workshop", "delivery", "followup")
Draw = Callable[[random.Random, float], float]
"""Of what is left of the trouble, in seconds."""


def _from_to(low: float, high: float) -> Draw:
    return lambda chance, left: round(chance.uniform(low, high), 2)


def _count(low: int, high: int) -> Draw:
    return lambda chance, left: chance.randint(low, high)


def _none(chance: random.Random, left: float) -> float:
    return 0.0


def _a_while(chance: random.Random, left: float) -> float:
    return round(chance.uniform(0.1, left), 2)


def _mostly_short(chance: random.Random, left: float) -> float:
    return min(left, round(chance.expovariate(1.5) + 0.02, 2))


KINDS: Mapping[str, tuple[str, Draw, Draw]] = {
    # kind: whom it happens to, for how many seconds, how much
    "crash after steps": ("process", _none, _count(1, 300)),
    "crash at edge": ("process", _none, _count(1, 60)),
    "restart": ("process", _none, _none),
    "pause": ("process", _from_to(0.5, 6), _none),
    "clock jump": ("process", _none, _from_to(-12, 12)),
    "database away": ("department", _mostly_short, _none),
    "database dies at commit": ("department", _from_to(0.05, 1), _count(1, 20)),
    "broker away": ("", _a_while, _none),
    "broker empty": ("", _from_to(0.1, 0.5), _none),
    "tail lost": ("", _none, _from_to(0.1, 1)),
    "loss": ("", _a_while, _from_to(0.02, 0.4)),
    "twice": ("", _a_while, _from_to(0.02, 0.4)),
    "reorder": ("", _a_while, _from_to(0.02, 0.4)),
    "delay": ("", _a_while, _from_to(0.02, 1)),
    "late commits": ("", _a_while, _from_to(0.02, 1)),
}


def scenario_of(seed: int) -> Scenario:
    chance = random.Random(f"scenario {seed}")
    processes = tuple((name, chance.choice((1, 1, 2))) for name in DEPARTMENTS)
    visits = [f"v{number}" for number in range(1, chance.randint(1, 3) + 1)]
    commands = [
        Command(round(chance.uniform(0.1, TROUBLE_SECONDS * 0.8), 2), chance.choice(visits), n) for n in range(1, chance.randint(3, 8) + 1)
    ]
    faults = [_fault(chance, processes) for _ in range(chance.choice((0, 1, 2, 3, 4, 6)))]
    return Scenario(
        seed,
        chance.choice((1, 1, 2)),
        processes,
        tuple(sorted(commands, key=lambda each: each.at)),
        tuple(sorted(faults, key=lambda each: each.at)),
    )


def _fault(chance: random.Random, processes: Sequence[tuple[DepartmentName, int]]) -> Fault:
    kind = chance.choice(list(KINDS))
    whom, seconds, size = KINDS[kind]
    name, number = chance.choice(processes)
    target = {"process": f"{name}.{chance.randrange(number)}", "department": name, "": ""}[whom]
    at = round(chance.uniform(0.2, TROUBLE_SECONDS * 0.8), 2)
    left = TROUBLE_SECONDS - at
    return Fault(kind, at, target, seconds(chance, left), size(chance, left))
