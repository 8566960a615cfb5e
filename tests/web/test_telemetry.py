"""Logs are JSON lines without what people typed."""

import json
import logging
import sys

from shared.telemetry import JsonLines, correlation


def line(**more: object) -> dict[str, object]:
    record = logging.LogRecord("shared.relay", logging.INFO, "x.py", 1, "published %d", (3,), None)
    vars(record).update(more)
    return dict(json.loads(JsonLines("workshop").format(record)))


def test_a_line_has_its_service_message_and_facts() -> None:
    said = line(partition=2)
    assert said.pop("at")
    assert said == {"level": "info", "service": "workshop", "logger": "shared.relay", "message": "published 3", "partition": 2}


def test_a_line_carries_the_correlation_id_of_its_task() -> None:
    token = correlation.set("corr-1")
    assert line()["correlation"] == "corr-1"
    correlation.reset(token)
    assert "correlation" not in line()


def test_an_error_is_its_type_and_place_and_not_its_text() -> None:
    try:
        raise ValueError("the owner is called 王伟")
    except ValueError:
        said = line(exc_info=sys.exc_info())
    assert said["error"] == "ValueError"
    assert "test_telemetry.py" in str(said["raised"])
    assert "王伟" not in json.dumps(said, ensure_ascii=False)
