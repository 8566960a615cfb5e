"""What `GET /metrics` says: numbers, by few labels, nothing of a visit or a person, and never at a command's cost."""

from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from deploy.local.gateway import create_gateway
from shared import clock
from shared.metrics import MEASURES, Metrics, documented_as_markdown
from shared.reaction import Timer
from shared.tries import ConnectionFailure
from tests.web.conftest import MORNING, SUPERVISOR, TECHNICIAN, Toy


async def scraped(toy: Toy) -> list[Sample]:
    answer = await toy.get(None, "/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    return [sample for family in text_string_to_metric_families(answer.text) for sample in family.samples]


def value(samples: list[Sample], name: str, **labels: str) -> float | None:
    return next((each.value for each in samples if each.name == f"servicelane_{name}" and labels.items() <= each.labels.items()), None)


async def test_calls_are_counted_by_route_and_status_and_timed(toy: Toy, lamp: str) -> None:
    await toy.post(TECHNICIAN, f"/lamps/{lamp}/light", {"watts": 5})
    await toy.post(TECHNICIAN, f"/lamps/{lamp}/light", {"watts": 13})
    samples = await scraped(toy)
    route = "/lamps/{lamp}/light"
    assert value(samples, "http_requests_total", method="POST", route=route, status="200") == 1
    assert value(samples, "http_requests_total", method="POST", route=route, status="409") == 1
    assert value(samples, "http_request_seconds_count", method="POST", route=route) == 2


async def test_nobody_can_make_labels_by_asking(toy: Toy) -> None:
    for path in ("/a", "/b", "/lamps/x/y/z"):
        await toy.ask(None, "GET", path)
        await toy.ask(None, "BREW", path)
    calls = [each for each in await scraped(toy) if each.name == "servicelane_http_requests_total"]
    assert {(each.labels["method"], each.labels["route"]) for each in calls} == {("GET", "-"), ("other", "-")}


async def test_no_id_no_name_and_no_plate_is_in_the_metrics(toy: Toy, lamp: str) -> None:
    await toy.post(SUPERVISOR, f"/lamps/{lamp}/told")
    await toy.get(SUPERVISOR, "/lamps/京A12345/price?phone=13800000000")
    text = (await toy.get(None, "/metrics")).text
    assert [typed for typed in (lamp, "京A12345", "13800000000", SUPERVISOR) if typed in text] == []


async def test_what_is_not_numbered_yet_and_what_is_due_shows(toy: Toy, lamp: str, clock_file: Path) -> None:
    due = Timer(key="t", kind="burn_out", due_at=MORNING + timedelta(hours=1), subject=lamp)
    await toy.store.transact(lambda unit: unit.schedule(due), actor="a", correlation="c")
    clock.step(clock_file, MORNING + timedelta(hours=2))
    samples = await scraped(toy)
    assert value(samples, "relay_unnumbered") == 1
    assert value(samples, "timers_due") == 1
    assert value(samples, "timers_late_seconds") == 3600
    assert value(samples, "dead_letters") == 0
    assert value(samples, "database_up") == 1
    assert value(samples, "info", department="workshop", site=toy.store.site.id) == 1


async def test_retried_transactions_are_counted(toy: Toy) -> None:
    tries = 0

    async def work(unit: object) -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise ConnectionFailure("gone")

    await toy.store.transact(work, actor="a", correlation="c")
    assert value(await scraped(toy), "transaction_retries_total") == 2


async def test_a_second_scrape_within_seconds_asks_the_database_nothing(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0
    flow = toy.store.flow

    async def counted() -> dict[str, object]:
        nonlocal asked
        asked += 1
        return await flow()

    monkeypatch.setattr(toy.store, "flow", counted)
    await scraped(toy)
    await scraped(toy)
    assert asked == 1


async def test_with_the_database_away_the_rest_is_still_told(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away() -> dict[str, object]:
        raise ConnectionFailure("gone")

    monkeypatch.setattr(toy.store, "flow", away)
    samples = await scraped(toy)
    assert value(samples, "database_up") == 0
    assert value(samples, "relay_unnumbered") is None
    assert value(samples, "relay_partitions") == toy.store.partitions


async def test_the_entry_shows_metrics_to_nobody_unless_it_is_told_to(toy: Toy) -> None:
    app = toy.app
    for shown, status in ((False, 404), (True, 200)):
        gateway = create_gateway({"workshop": "http://toy"}, show_metrics=shown, transport=httpx.ASGITransport(app))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(gateway), base_url="http://entry") as client:
            for path in ("/metrics", "/workshop/metrics", "/workshop/%6Detrics"):
                assert (await client.get(path)).status_code == status


def test_every_measure_is_in_the_documented_table() -> None:
    page = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8")
    assert documented_as_markdown() in page
    assert len({measure.name for measure in MEASURES}) == len(MEASURES)


def test_two_processes_metrics_do_not_meet() -> None:
    one, other = Metrics(), Metrics()
    one.answered("GET", "/", 200, 0.1)
    assert b'route="/"' in one.text()
    assert b'route="/"' not in other.text()
