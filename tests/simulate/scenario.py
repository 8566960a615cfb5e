"""What happens in one simulated run, as data: who takes part, what is commanded, what goes wrong and when. A seed makes one."""

from __future__ import annotations

import random
from collections.abc import Sequence
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
KINDS = (
    "crash after steps", "crash at edge", "restart", "pause", "clock jump", "database away",
    "broker away", "broker empty", "tail lost", "loss", "twice", "reorder", "delay", "late commits",
)  # fmt: skip


def scenario_of(seed: int) -> Scenario:
    chance = random.Random(f"scenario {seed}")
    processes = tuple((name, chance.choice((1, 1, 2))) for name in DEPARTMENTS)
    visits = [f"v{number}" for number in range(1, chance.randint(1, 3) + 1)]
    commands = [
        Command(round(chance.uniform(0.1, TROUBLE_SECONDS * 0.8), 2), chance.choice(visits), n) for n in range(1, chance.randint(3, 8) + 1)
    ]
    faults = [_fault(chance, processes) for _ in range(chance.choice((0, 1, 2, 3, 4, 6)))]
    return Scenario(
        seed, chance.choice((1, 1, 2)), processes, tuple(sorted(commands, key=lambda each: each.at)), tuple(sorted(faults, key=lambda each: each.at))
    )


def _fault(chance: random.Random, processes: Sequence[tuple[DepartmentName, int]]) -> Fault:
    kind = chance.choice(KINDS)
    name, number = chance.choice(processes)
    process = f"{name}.{chance.randrange(number)}"
    at = round(chance.uniform(0.2, TROUBLE_SECONDS * 0.8), 2)
    seconds = round(chance.uniform(0.1, TROUBLE_SECONDS - at), 2)
    match kind:
        case "crash after steps":
            return Fault(kind, at, process, size=chance.randint(1, 300))
        case "crash at edge":
            return Fault(kind, at, process, size=chance.randint(1, 60))
        case "restart":
            return Fault(kind, at, process)
        case "pause":
            return Fault(kind, at, process, seconds=round(chance.uniform(0.5, 6), 2))
        case "clock jump":
            return Fault(kind, at, process, size=round(chance.uniform(-12, 12), 1))
        case "database away":
            return Fault(kind, at, name, seconds=min(seconds, round(chance.expovariate(1.5) + 0.02, 2)))
        case "late commits" | "delay":
            return Fault(kind, at, seconds=seconds, size=round(chance.uniform(0.02, 1.0), 2))
        case "broker away":
            return Fault(kind, at, seconds=seconds)
        case "broker empty":
            return Fault(kind, at, seconds=round(min(seconds, 0.5), 2))
        case "tail lost":
            return Fault(kind, at, size=round(chance.uniform(0.1, 1), 2))
        case _:
            return Fault(kind, at, seconds=seconds, size=round(chance.uniform(0.02, 0.4), 2))
