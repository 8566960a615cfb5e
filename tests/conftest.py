"""What tests share: one embedded database and broker a session, the sample branch, and a site of its own for each test.

`SERVICELANE_MONGO_URL` and `SERVICELANE_KAFKA_URL` name other servers to test against; then nothing is started.
A test that stops or empties a server starts its own (`deploy.local.embedded`).
How far random searches go is the profile that `SERVICELANE_TEST_SEARCH` names: `quick`, `thorough` (`make test-thorough`), `mutants`.
"""

import gc
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings

from deploy.local.embedded import database_url, start_broker, start_database
from shared.branch import Branch

_UNHURRIED: dict[str, Any] = {"deadline": None, "suppress_health_check": list(HealthCheck)}
_ONLY_WHETHER: dict[str, Any] = {"phases": [Phase.explicit, Phase.generate], "derandomize": True, "database": None}
settings.register_profile("quick", max_examples=50, stateful_step_count=40, **_UNHURRIED)
settings.register_profile("thorough", max_examples=300, stateful_step_count=60, **_UNHURRIED)
settings.register_profile("mutants", max_examples=50, stateful_step_count=40, **_UNHURRIED, **_ONLY_WHETHER)
settings.load_profile(os.environ.get("SERVICELANE_TEST_SEARCH", "quick"))

SERVERS = {"mongo_url", "kafka_url"}
"""Fixtures that start one; a test that starts its own by other means is marked `slow`."""

BRANCH = Path(__file__).parent.parent / "data" / "branch"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "unit: needs no server; given below, not by hand")
    gc.set_threshold(100_000, 50, 50)  # thousands of tests are collected: many objects to look through again and again, little garbage


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks as `unit` what needs no server."""
    for item in items:
        if not SERVERS & set(getattr(item, "fixturenames", ())) and not any(map(item.get_closest_marker, ("slow", "kafka", "days"))):
            item.add_marker("unit")


@pytest.fixture(scope="session")
def mongo_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A MongoDB of this session; what kills one starts its own, for this one waits for no disk."""
    if url := os.environ.get("SERVICELANE_MONGO_URL"):
        yield url
        return
    database = start_database(tmp_path_factory.mktemp("mongo") / "data", durable=False)
    yield database_url(database.port)
    database.stop()


@pytest.fixture(scope="session")
def kafka_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The bootstrap server (`host:port`) of a Kafka of this session. Its topics are shared: look only at your own site's."""
    if url := os.environ.get("SERVICELANE_KAFKA_URL"):
        yield url
        return
    broker = start_broker(tmp_path_factory.mktemp("kafka") / "broker.log")
    yield broker.address
    broker.stop()


@pytest.fixture(scope="session")
def sample_branch() -> Branch:
    """The sample branch as its folder has it, site BJ01 or whatever it is called there."""
    return Branch.load(BRANCH)


@pytest.fixture
def site_id() -> str:
    """A site that no other test has: database names and consumer groups carry it, so tests do not see each other."""
    return f"T{secrets.token_hex(4).upper()}"


@pytest.fixture
def branch(sample_branch: Branch, site_id: str) -> Branch:
    """The sample branch with this test's own site id."""
    identity = sample_branch.site.site.model_copy(update={"id": site_id})
    return sample_branch.model_copy(update={"site": sample_branch.site.model_copy(update={"site": identity})})
