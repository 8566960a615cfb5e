"""One trace follows a parcel from the call in one department to the reaction, and the timer, in the next."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from fastapi import APIRouter
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared import tracing
from shared.auth import Person
from shared.reaction import NotYet, Timer
from shared.store import Store
from shared.timers import TimerLoop
from shared.unit import Unit
from shared.waiting import Turns
from shared.web import Call, create_app, table
from tests.spine.conftest import OpenStore
from tests.spine.parcels import PARCELS, Parcel, ParcelMoved, SteppedClock, posted
from tests.spine.shelves import SHELVES, Shelf
from tests.spine.test_intake_over_kafka import relaying, taking_in
from tests.waiting_for import until

GIVEN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
TRACE = GIVEN.split("-")[1]

router = APIRouter()


@router.post("/parcels/{parcel}")
async def post_parcel(parcel: str, call: Call = table({"post_parcel": ("advisor",)})("post_parcel")) -> Parcel:
    return await call.create(Parcel, parcel, posted)


class Anybody:
    """Everybody's token is an advisor's of the site."""

    def __init__(self, site: str) -> None:
        self._site = site

    async def person(self, token: str | None) -> Person:
        return Person("advisor-1", "", (self._site,), ("advisor",))


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing.use(provider)
    yield exporter
    tracing.use(None)


def of_trace(spans: InMemorySpanExporter, trace: str = TRACE) -> dict[str, ReadableSpan]:
    return {span.name: span for span in spans.get_finished_spans() if span.context and f"{span.context.trace_id:032x}" == trace}


def parent_of(span: ReadableSpan, spans: dict[str, ReadableSpan]) -> str:
    return next((each.name for each in spans.values() if span.parent and each.context and each.context.span_id == span.parent.span_id), "")


async def post(store: Store, parcel: str) -> None:
    app = create_app(replace(PARCELS, router=router), store, verifier=Anybody(store.site.id))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://parcels") as http:
        assert (await http.post(f"/parcels/{parcel}", headers={tracing.HEADER: GIVEN})).status_code == 200


async def opened(shelves: Store, parcel: str) -> bool:
    return await shelves.fetch("shelves", parcel) is not None


@pytest.mark.slow
async def test_the_trace_of_a_call_goes_through_transaction_relay_and_intake_to_the_reaction_in_the_next_department(
    open_store: OpenStore, kafka_url: str, spans: InMemorySpanExporter
) -> None:
    parcels, shelves = await open_store(), await open_store(SHELVES)
    async with relaying(parcels, kafka_url), taking_in(shelves, kafka_url):
        await post(parcels, "p")
        await until(lambda: opened(shelves, "p"), deadline=20, what="the shelf")
    seen = of_trace(spans)
    way = ["open_shelf", "apply reception.parcel_posted.v1", "publish reception.parcel_posted.v1", "transaction", "POST /parcels/{parcel}"]
    assert [parent_of(seen[name], seen) for name in way] == [*way[1:], ""]
    entry = await shelves.collection("journal").find_one({"type": "delivery.shelf_opened.v1"})
    assert entry is not None
    assert entry["trace"].split("-")[1] == TRACE


@pytest.mark.slow
async def test_a_relay_that_starts_after_the_commit_goes_on_with_the_trace(
    open_store: OpenStore, kafka_url: str, spans: InMemorySpanExporter
) -> None:
    parcels = await open_store()
    await post(parcels, "p")
    parcels.close()
    again, shelves = await open_store(), await open_store(SHELVES)
    async with relaying(again, kafka_url), taking_in(shelves, kafka_url):
        await until(lambda: opened(shelves, "p"), deadline=20, what="the shelf")
    assert "open_shelf" in of_trace(spans)


@pytest.mark.slow
async def test_a_relay_that_does_not_trace_passes_the_trace_on(open_store: OpenStore, kafka_url: str, spans: InMemorySpanExporter) -> None:
    parcels, shelves = await open_store(), await open_store(SHELVES)
    await post(parcels, "p")
    provider = tracing._provider
    tracing.use(None)
    async with relaying(parcels, kafka_url):
        await until(lambda: _published(parcels), what="the parcel to be published")
    tracing.use(provider)
    async with taking_in(shelves, kafka_url):
        await until(lambda: opened(shelves, "p"), deadline=20, what="the shelf")
    assert "open_shelf" in of_trace(spans)


async def _published(store: Store) -> bool:
    return bool(sum((await store.flow())["published"].values()))


async def test_an_event_that_had_to_wait_keeps_its_trace(open_store: OpenStore, spans: InMemorySpanExporter) -> None:
    async def note(event: ParcelMoved, unit: Unit) -> None:
        if await unit.fetch("places", event.place) is None:
            raise NotYet(f"place:{event.place}")
        await unit.create(Shelf, event.parcel, lambda shelf: shelf.open())

    store = await open_store(replace(SHELVES, reactions={ParcelMoved: (note,)}, read_models=("places",)))
    turns = Turns(store)
    envelope = _moved(store)
    await store.transact(lambda unit: turns.take(unit, envelope), actor="system", correlation="intake")
    assert not await opened(store, "p")
    await store.transact(lambda unit: unit.put("places", "hall", {}, subject="p"), actor="a", correlation="c")
    spans.clear()
    assert await turns.drain("p") == 1
    assert "note" in of_trace(spans)


def _moved(store: Store) -> tracing.Traced:
    return tracing.Traced.model_validate(
        {
            "id": "e-1", "source": f"/{store.site.id}/reception", "type": ParcelMoved.TYPE, "time": "2026-03-09T01:00:00Z", "subject": "p",
            "site": store.site.id, "department": "reception", "epoch": 1, "partition": 0, "seq": 1, "aggregate": "parcel:p", "version": 1,
            "ordinal": 0, "actor": "a", "correlationid": "c", "data": {"parcel": "p", "place": "hall"}, tracing.HEADER: GIVEN,
        }
    )  # fmt: skip


async def test_a_timer_fires_in_the_trace_that_set_it(open_store: OpenStore, clock: SteppedClock, spans: InMemorySpanExporter) -> None:
    async def remind(timer: Timer, unit: Unit) -> None:
        await unit.create(Parcel, timer.subject, posted)

    store = await open_store(replace(PARCELS, timers={"remind": remind}))
    due = Timer(key="t", kind="remind", due_at=clock.now() + timedelta(days=3), subject="p")
    with tracing.span("call", parent=GIVEN):
        await store.transact(lambda unit: unit.schedule(due), actor="a", correlation="c")
    clock.step(days=4)
    assert await TimerLoop(store).fire_due() == 1
    assert "timer remind" in of_trace(spans)
    entry = await store.collection("journal").find_one({})
    assert entry is not None
    assert entry["trace"].split("-")[1] == TRACE


async def test_without_tracing_an_entry_has_no_trace_and_the_library_is_not_loaded(open_store: OpenStore) -> None:
    store = await open_store()
    await store.transact(lambda unit: unit.create(Parcel, "p", posted), actor="a", correlation="c")
    entry = await store.collection("journal").find_one({})
    assert entry is not None
    assert "trace" not in entry
    code = "import sys, shared.runtime; sys.exit(any(name.startswith('opentelemetry.sdk') for name in sys.modules))"
    assert subprocess.run((sys.executable, "-c", code), check=False).returncode == 0


@pytest.mark.parametrize(
    ("environment", "on"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://collector:4318/v1/traces"}, True),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, True),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, False),
        ({"OTEL_SDK_DISABLED": "true", "OTEL_TRACES_EXPORTER": "otlp"}, False),
    ],
)
def test_it_is_on_where_the_standard_variables_say_so(environment: dict[str, str], on: bool) -> None:
    assert tracing.wanted(environment) is on


@pytest.mark.parametrize(
    "environment", [{"OTEL_TRACES_EXPORTER": "zipkin"}, {"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}]
)
def test_what_it_cannot_do_is_said_at_the_start(environment: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="only"):
        tracing.wanted(environment)


@pytest.mark.parametrize("nonsense", ["", "00-zz-zz-01", "京A12345"])
async def test_a_parent_that_is_none_starts_a_trace_of_its_own(nonsense: str, spans: InMemorySpanExporter) -> None:
    with tracing.span("call", parent=nonsense):
        assert tracing.current()
    assert [span.parent for span in spans.get_finished_spans()] == [None]
