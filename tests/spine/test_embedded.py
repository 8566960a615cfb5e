"""The embedded database and broker come up, say why they do not, and go when told."""

from pathlib import Path

import pytest

from deploy.local.embedded import EmbeddedFailed, start_broker, start_database
from shared.branch import Branch

pytestmark = pytest.mark.slow


def test_the_sessions_servers_answer(mongo_url: str, kafka_url: str, branch: Branch, site_id: str) -> None:
    assert mongo_url.startswith("mongodb://")
    assert ":" in kafka_url
    assert branch.site.id == site_id


def test_a_stopped_database_starts_again_on_its_port_and_folder(tmp_path: Path) -> None:
    first = start_database(tmp_path / "data")
    first.stop()
    assert not first.is_up
    second = start_database(tmp_path / "data", port=first.port)
    assert second.is_up
    second.stop()


def test_a_taken_port_is_said(tmp_path: Path) -> None:
    broker = start_broker(tmp_path / "broker.log")
    try:
        with pytest.raises(EmbeddedFailed, match=f"{broker.port}: the port is taken"):
            start_broker(tmp_path / "other.log", port=broker.port)
    finally:
        broker.stop()


def test_a_folder_that_cannot_be_used_is_said_with_the_last_words(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "WiredTiger.turtle").write_text("broken")
    (tmp_path / "data" / "WiredTiger").write_text("broken")
    with pytest.raises(EmbeddedFailed, match="the database ended with status"):
        start_database(tmp_path / "data")
