"""One line of the table: a ratio to something measured in the same run, and whether it holds its goal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any


@dataclass(frozen=True)
class Figure:
    """`limit` is the goal; `at_most` says on which side of it the ratio has to be. One without a limit stands beside.

    Without a ratio it could not be measured; `baseline` says why.
    """

    name: str
    ratio: float | None
    limit: float | None
    at_most: bool
    product: str
    baseline: str

    @property
    def holds(self) -> bool | None:
        if self.limit is None or self.ratio is None:
            return None
        return self.ratio <= self.limit if self.at_most else self.ratio >= self.limit

    @property
    def goal(self) -> str:
        return "beside" if self.limit is None else f"{'≤' if self.at_most else '≥'} {self.limit:g}"

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "ratio": None if self.ratio is None else round(self.ratio, 4),
            "goal": self.goal,
            "holds": self.holds,
            "product": self.product,
            "baseline": self.baseline,
        }


def at_most(name: str, limit: float, product: float, baseline: float, unit: str = "", *, says: tuple[str, str] | None = None) -> Figure:
    return Figure(name, product / baseline, limit, True, *(says or (f"{product:.4g}{unit}", f"{baseline:.4g}{unit}")))


def at_least(name: str, limit: float | None, product: Sequence[float], baseline: Sequence[float], unit: str) -> Figure:
    """Of rates measured by turns: the ratio of the medians."""
    return Figure(name, median(product) / median(baseline), limit, False, spread(product, unit), spread(baseline, unit))


def spread(values: Sequence[float], unit: str) -> str:
    """Median, and the least and the greatest."""
    return f"{median(values):,.4g} ({min(values):,.4g} to {max(values):,.4g}){unit}"


def p99(values: Sequence[float]) -> float:
    return quantiles(values, n=100, method="inclusive")[98]
