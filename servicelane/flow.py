"""What `GET /flow` says of all departments: what of what was recorded is still under way."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Flow = dict[str, dict[str, Any]]
"""Each department's `GET /health/flow`, by its name."""


@dataclass(frozen=True)
class Distance:
    """How far a `reader` has come with a partition of a `writer`, itself included: numbers of the writer's epoch."""

    reader: str
    writer: str
    partition: str
    applied: int
    newest: int


def distances(flow: Flow) -> Iterator[Distance]:
    for writer, state in flow.items():
        for reader in flow:
            for partition, newest in state["newest"].items():
                yield Distance(reader, writer, partition, _applied(flow[reader], writer, partition, state["epoch"]), newest)


def unsettled(flow: Flow) -> list[str]:
    """What is still under way, in words; empty when all is at rest.

    A reader can also have applied *more* than a writer says that it has: the writer was asked earlier, and the look is torn.
    """
    left = []
    for name, state in flow.items():
        left += [f"{name}: {state[what]} {what}" for what in ("unnumbered", "waiting", "dead_letters", "timers_due") if state[what]]
        left += [
            f"{name}: partition {p} published to {state['published'].get(p, 0)} of {seq}"
            for p, seq in state["newest"].items()
            if state["published"].get(p, 0) < seq
        ]
    left += [
        f"{each.reader}: applied {each.writer} {each.partition} to {each.applied} of {each.newest}"
        for each in distances(flow)
        if each.applied != each.newest
    ]
    return left


def _applied(reader: dict[str, Any], writer: str, partition: str, epoch: int) -> int:
    """Numbers of an earlier epoch are none of this one."""
    behind = reader["applied_epoch"].get(writer, {}).get(partition, epoch) < epoch
    return 0 if behind else int(reader["applied"].get(writer, {}).get(partition, 0))
