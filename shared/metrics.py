"""What a process tells Prometheus at `GET /metrics`. Labels are of few values, known beforehand: never an id, never what was typed.

Counters and histograms are kept as things happen. Gauges that need the database are asked for when somebody scrapes, at most
every few seconds (`shared.measuring`), so that no command ever waits for a number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

__all__ = ["CONTENT_TYPE_LATEST", "MEASURES", "Measure", "Metrics", "Readings", "documented_as_markdown"]

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Measure:
    """A gauge, or a counter that is kept elsewhere (`_total`). `name` is without the prefix `servicelane_`."""

    name: str
    says: str
    labels: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        return f"servicelane_{self.name}"


MEASURES = (
    Measure("info", "1; which department of which site this is.", ("department", "site", "version")),
    Measure("database_up", "Whether the database answered; where it did not, what it would have said is left out."),
    Measure("ready", "Whether a part of this process is up, as `/health/ready` says it.", ("part",)),
    Measure("transaction_retries_total", "Transactions that were tried again, after a conflict or an outage."),
    Measure("relay_partitions", "Partitions of the department's topic."),
    Measure("relay_partitions_held", "Of them, those whose lease this process has: over all processes, each is somebody's."),
    Measure("relay_unnumbered", "Journal entries committed and not numbered yet."),
    Measure("relay_unpublished", "Journal entries numbered and not published yet."),
    Measure("intake_queued", "Messages received and not applied yet, in this process."),
    Measure("intake_lag", "Events of a department that are known to be published and are not applied here yet.", ("source",)),
    Measure("intake_missing", "Of them, those that did not come and were asked for again.", ("source",)),
    Measure("waiting_queues", "Visits whose events wait for something, or stand behind a dead letter."),
    Measure("waiting_overdue", "Of them, those that wait for longer than a minute."),
    Measure("dead_letters", "Events that could not be digested: `GET /dead-letters` shows them."),
    Measure("timers_due", "Deadlines that are due and have not fired yet."),
    Measure("timers_failing", "Of them, those whose handler failed and is tried again."),
    Measure("timers_late_seconds", "For how long, in business time, the oldest of them has been due."),
    Measure("cars", "Cars that stand at a station of this department.", ("station",)),
    Measure("duties_open", "Duties of people that are open.", ("kind",)),
    Measure("duties_overdue", "Of them, those past their time.", ("kind",)),
    Measure("channel_failures", "Tries in a row that a channel outside did not take a notice; 0: it works.", ("channel",)),
    Measure("channel_waiting", "Notices that wait for a channel.", ("channel",)),
)

_KEPT = (
    Measure("http_requests_total", "Calls answered.", ("method", "route", "status")),
    Measure("http_request_seconds", "How long they took (a histogram).", ("method", "route")),
)


@dataclass
class Readings:
    """What was measured last: of each measure the values by their labels."""

    of: dict[str, dict[tuple[str, ...], float]] = field(default_factory=dict)

    def note(self, name: str, value: float, *labels: str) -> None:
        self.of.setdefault(name, {})[labels] = value

    def note_all(self, name: str, values: Mapping[str, float]) -> None:
        """A measure with one label. One without values is shown as none."""
        self.of.setdefault(name, {}).update({(label,): value for label, value in values.items()})


class Metrics(Collector):
    """The metrics of one process, in a registry of its own. `readings` is what the next scrape shows of `MEASURES`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.readings = Readings()
        requests, seconds = _KEPT
        self._requests = Counter(requests.full_name, requests.says, requests.labels, registry=self.registry)
        self._seconds = Histogram(seconds.full_name, seconds.says, seconds.labels, registry=self.registry, buckets=SECONDS)
        ProcessCollector(registry=self.registry)
        self.registry.register(self)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """`route` is the template, never the path."""
        known = method if method in METHODS else "other"
        self._requests.labels(known, route, str(status)).inc()
        self._seconds.labels(known, route).observe(seconds)

    def collect(self) -> Iterator[Metric]:
        for measure in MEASURES:
            if measure.name in self.readings.of:
                yield _family(measure, self.readings.of[measure.name])

    def describe(self) -> Iterable[Metric]:
        return [_family(measure, {}) for measure in MEASURES]

    def text(self) -> bytes:
        return generate_latest(self.registry)


def _family(measure: Measure, values: Mapping[tuple[str, ...], float]) -> Metric:
    kind = CounterMetricFamily if measure.name.endswith("_total") else GaugeMetricFamily
    family = kind(measure.full_name, measure.says, labels=measure.labels)
    for labels, value in values.items():
        family.add_metric(labels, value)
    return family


def documented_as_markdown() -> str:
    """The table of docs/metrics.md."""
    rows = [
        f"| `{each.full_name}` | {', '.join(f'`{label}`' for label in each.labels) or '–'} | {each.says} |" for each in (*_KEPT, *MEASURES)
    ]
    return "\n".join(("| metric | labels | says |", "|---|---|---|", *rows)) + "\n"
