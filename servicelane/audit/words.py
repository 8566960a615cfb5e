"""A fact in words: what happened, and the few things of it that tell it from others of its kind."""

import re
from collections.abc import Iterator
from typing import Any

from shared.contracts.event import Event
from shared.money import Money

DETAILS = (
    "number",
    "revision",
    "round",
    "item",
    "items",
    "found",
    "change",
    "operation",
    "part_no",
    "quantity",
    "team",
    "technicians",
    "kind",
    "minutes",
    "answer",
    "accepted",
    "declined",
    "agrees",
    "covers",
    "decision",
    "reference",
    "spot",
    "payer",
    "method",
    "amount",
    "total",
    "channel",
    "answered_by",
    "reason",
    "outcome",
    "level",
    "about",
)


def name(fact: Event) -> str:
    """`QcPassed` → `qc passed`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(fact).__name__).lower()


def details(fact: Event) -> str:
    return ", ".join(_details(fact))


def _details(fact: Event) -> Iterator[str]:
    for field in DETAILS:
        value = getattr(fact, field, None)
        if value not in (None, "", ()) and not str(value).startswith("text:"):
            yield f"{field.replace('_', ' ')} {_plain(value)}"


def _plain(value: Any) -> str:
    if isinstance(value, tuple):
        return " ".join(str(getattr(each, "item", each)) for each in value)
    if isinstance(value, Money):
        return str(value)
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
