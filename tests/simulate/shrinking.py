"""The smallest scenario that still fails: what does not matter is left out, one thing after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.simulate.scenario import Scenario

RUNS = 150
"""At most so many runs are spent on one."""


def shrunk(scenario: Scenario, fails: Callable[[Scenario], bool]) -> Scenario:
    left = RUNS
    smaller = True
    while smaller:
        smaller = False
        for candidate in _smaller(scenario):
            left -= 1
            if left < 0:
                return scenario
            if fails(candidate):
                scenario, smaller = candidate, True
                break
    return scenario


def _smaller(scenario: Scenario) -> Iterator[Scenario]:
    for number in range(len(scenario.faults)):
        yield scenario.with_(faults=scenario.faults[:number] + scenario.faults[number + 1 :])
    for number in range(len(scenario.commands)):
        yield scenario.with_(commands=scenario.commands[:number] + scenario.commands[number + 1 :])
    for number, (name, processes) in enumerate(scenario.processes):
        if processes > 1:
            yield scenario.with_(processes=(*scenario.processes[:number], (name, 1), *scenario.processes[number + 1 :]))
    if scenario.partitions > 1:
        yield scenario.with_(partitions=1)
