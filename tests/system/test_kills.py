"""Whatever is killed with -9 while a day is played, and whenever: the day ends in the same last line."""

import signal
from pathlib import Path

import pytest

from tests.system.two_visits import LAST_LINE, played_day

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("reception", "reception.estimate_accepted"),
        ("workshop", "workshop.work_started"),
        ("delivery", "delivery.internal_check_passed"),
        ("followup", "followup.file_duty_opened"),
        ("database", "workshop.job_accepted"),
        ("entry", "workshop.wash_started"),
    ],
)
async def test_a_process_killed_in_the_middle_of_a_day_leaves_no_trace_in_its_end(name: str, moment: str, tmp_path: Path) -> None:
    async with played_day(tmp_path) as day:
        await day.recorded(moment)
        killed = day.stack.kill(name)
        assert await day.last_line() == LAST_LINE
        assert [(death.name, death.pid, death.status) for death in day.stack.deaths] == [(name, killed, -signal.SIGKILL)]


@pytest.mark.kafka_ci
async def test_a_broker_that_loses_all_its_memory_in_the_middle_of_a_day_leaves_no_trace_in_its_end(tmp_path: Path) -> None:
    async with played_day(tmp_path) as day:
        await day.recorded("workshop.qc_passed")
        await day.stack.empty_broker()
        assert await day.last_line() == LAST_LINE
        assert [(death.name, death.status) for death in day.stack.deaths] == [("broker", -signal.SIGKILL)]
