"""Traces (OpenTelemetry) that follow a car through the departments: call → transaction → publishing → reaction → timer.

The trace of what wrote an entry stays with the entry (W3C `traceparent`), so that whoever publishes it, also another process after a
restart, goes on with it; on the way it is a header of the Kafka message, beside an envelope that knows nothing of it.
Off unless the standard variables (`OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_TRACES_EXPORTER=otlp` …) ask for it: nothing of OpenTelemetry
is imported then. Spans carry types, routes, clauses and visit ids; never what was typed.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import Any

from shared.contracts.envelope import Envelope

HEADER = "traceparent"
STOP_SECONDS = 2.0

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")

_provider: Any = None
_tracer: Any = None


class Traced(Envelope):
    """An envelope whose message had the header; inside a department only."""

    traceparent: str


def read(plain: Mapping[str, Any]) -> Envelope:
    """An envelope as it was kept here, with its trace where it has one."""
    return (Traced if HEADER in plain else Envelope).model_validate(plain)


def heard(headers: Any) -> str | None:
    """The trace in a Kafka message's headers: pairs, or a mapping, of text and bytes."""
    if not headers:
        return None
    found = dict(headers).get(HEADER)
    return found.decode("ascii", "replace") if isinstance(found, bytes) else None


# -- on and off


def wanted(environment: Mapping[str, str] = os.environ) -> bool:
    """What the environment says. `ValueError` where it asks for what is not here."""
    if environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    exporter = environment.get("OTEL_TRACES_EXPORTER", "").strip().lower()
    if exporter not in ("", "none", "otlp"):
        raise ValueError(f"OTEL_TRACES_EXPORTER: {exporter}: only otlp, or none")
    asked = exporter == "otlp" or (not exporter and any(environment.get(name) for name in _ENDPOINTS))
    protocol = next((environment[name] for name in _PROTOCOLS if environment.get(name)), "http/protobuf")
    if asked and protocol != "http/protobuf":
        raise ValueError(f"OTEL_EXPORTER_OTLP_PROTOCOL: {protocol}: only http/protobuf")
    return asked


def start(department: str, site: str) -> None:
    """Export by OTLP from here on. Sampling, headers, batches and the rest are the environment's: `OTEL_…`."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415  loaded only where traces are asked for
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415  loaded only where traces are asked for
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415  loaded only where traces are asked for
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415  loaded only where traces are asked for

    named = {"service.name": os.environ.get("OTEL_SERVICE_NAME", department), "service.namespace": "servicelane"}
    provider = TracerProvider(resource=Resource.create({**named, "servicelane.site": site, "servicelane.department": department}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    use(provider)


def use(provider: Any) -> None:
    """An OpenTelemetry provider of tracers; None turns tracing off."""
    global _provider, _tracer  # noqa: PLW0603  a process has one tracer, as the library has
    _provider = provider
    _tracer = provider.get_tracer("servicelane") if provider else None


def stop() -> None:
    """What is still to be exported has two seconds."""
    if _provider is not None:
        ending = threading.Thread(target=_provider.shutdown, daemon=True)
        ending.start()
        ending.join(STOP_SECONDS)


# -- spans


def current() -> str | None:
    """The `traceparent` of what this task does now."""
    if _tracer is None:
        return None
    from opentelemetry.trace import get_current_span  # noqa: PLC0415  loaded only where traces are asked for

    return _as_text(get_current_span())


def span(name: str, kind: str = "internal", *, parent: str | None = None, **facts: Any) -> AbstractContextManager[Any]:
    """A span around a block; under `parent`, or else under what goes on already, or else the first of a new trace."""
    if _tracer is None:
        return _OFF
    found: AbstractContextManager[Any] = _tracer.start_as_current_span(name, **_begun(kind, parent, facts))
    return found


def step(name: str, **facts: Any) -> AbstractContextManager[Any]:
    """A span within one that goes on; where none does, none."""
    return span(name, **facts) if current() else _OFF


def describe(found: Any, name: str, **facts: Any) -> None:
    """What is known only at the end of a span. With tracing off, `found` is None."""
    if found is not None:
        found.update_name(name)
        found.set_attributes(_attributes(facts))


def taking(envelope: Envelope) -> AbstractContextManager[Any]:
    """The turn of an event that arrived."""
    if _tracer is None:
        return _OFF
    facts = {"messaging_system": "kafka", "visit": envelope.subject, "event": envelope.id, "clause": envelope.clause}
    return span(f"apply {envelope.type}", "consumer", parent=getattr(envelope, HEADER, None), **facts)


@contextmanager
def publishing(entries: Iterable[tuple[str, str, str | None]]) -> Iterator[Mapping[str, str]]:
    """While entries (id, type, trace) are being sent; what to send along, by the entry's id. One that was not traced is none of it."""
    traced = [entry for entry in entries if entry[2]]
    if _tracer is None or not traced:
        yield {id: trace for id, _, trace in traced if trace}
        return
    with ExitStack() as spans:
        sent = {}
        for id, type, trace in traced:
            begun = _tracer.start_span(f"publish {type}", **_begun("producer", trace, {"messaging_system": "kafka", "event": id}))
            spans.callback(begun.end)
            sent[id] = _as_text(begun) or trace or ""
        yield sent


_OFF: AbstractContextManager[Any] = nullcontext()


def _begun(kind: str, parent: str | None, facts: Mapping[str, Any]) -> dict[str, Any]:
    from opentelemetry.trace import SpanKind  # noqa: PLC0415  loaded only where traces are asked for

    under = {"context": _context(parent)} if parent else {}
    return {"kind": SpanKind[kind.upper()], "attributes": _attributes(facts), **under}


def _context(traceparent: str) -> Any:
    """What is no `traceparent` starts a trace of its own."""
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415  loaded only where traces are asked for

    return TraceContextTextMapPropagator().extract({HEADER: traceparent})


def _as_text(found: Any) -> str | None:
    context = found.get_span_context()
    if not context.is_valid:
        return None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"


def _attributes(facts: Mapping[str, Any]) -> dict[str, Any]:
    """`messaging_system` is `messaging.system`; ours are under `servicelane.`."""
    theirs = ("http_", "messaging_")
    return {
        name.replace("_", ".") if name.startswith(theirs) else f"servicelane.{name}": value
        for name, value in facts.items()
        if value is not None
    }
