"""What `GET /flow` says of all departments: what of what was recorded is still under way."""

from typing import Any

Flow = dict[str, dict[str, Any]]
"""Each department's `GET /health/flow`, by its name."""


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
            f"{reader}: applied {name} {p} to {applied} of {seq}"
            for reader in flow
            for p, seq in state["newest"].items()
            if (applied := _applied(flow[reader], name, p, state["epoch"])) != seq
        ]
    return left


def _applied(reader: dict[str, Any], writer: str, partition: str, epoch: int) -> int:
    """Numbers of an earlier epoch are none of this one."""
    behind = reader["applied_epoch"].get(writer, {}).get(partition, epoch) < epoch
    return 0 if behind else int(reader["applied"].get(writer, {}).get(partition, 0))
