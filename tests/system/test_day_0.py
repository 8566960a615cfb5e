"""The sample day by one command: ten cars from the gate to the last follow-up call."""

from pathlib import Path

import pytest

from tests.conftest import BRANCH
from tests.system.command_line import Servicelane

pytestmark = [pytest.mark.slow, pytest.mark.kafka_ci]

LAST_LINE = (
    "played day-0.jsonl: 10 visits, 10 delivered, 0 cancelled, 0 stuck; 3 cheats: 3 refused, 0 passed, 0 not tried; "
    "audit: 10 orders, 0 violations; follow-up: 20 calls held, 0 not reached, 0 open"
)


def test_the_sample_day_ends_as_it_should_and_leaves_nothing_running(tmp_path: Path) -> None:
    play = Servicelane(tmp_path, "play", BRANCH / "day-0.jsonl")
    try:
        ended = play.ended(seconds=900)
        assert (ended.last_line, ended.status) == (LAST_LINE, 0), ended
        assert play.started == set()
    finally:
        play.clean_up()
