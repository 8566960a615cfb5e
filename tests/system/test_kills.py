"""Whatever is killed with -9 while a day is played, and whenever: the day ends in the same last line."""

import signal
from pathlib import Path

import pytest

from tests.system.two_visits import LAST_LINE, played_day

pytestmark = pytest.mark.slow

KILLED_WHEN = {
    "reception": "reception.estimate_accepted",
    "workshop": "workshop.work_started",
    "entry": "workshop.wash_started",
    "followup": "followup.file_duty_opened",
    "delivery": "delivery.internal_check_passed",
}
"""Process → what has just been recorded then, in the order in which it is."""


async def test_processes_killed_one_after_the_other_in_the_middle_of_a_day_leave_no_trace_in_its_end(tmp_path: Path) -> None:
    async with played_day(tmp_path) as day:
        killed = set()
        for name, moment in KILLED_WHEN.items():
            await day.recorded(moment)
            killed.add((name, day.stack.kill(name), -signal.SIGKILL))
        assert await day.last_line() == LAST_LINE
        assert {(death.name, death.pid, death.status) for death in day.stack.deaths} == killed


async def test_a_database_killed_in_the_middle_of_a_day_leaves_no_trace_in_its_end(tmp_path: Path) -> None:
    async with played_day(tmp_path) as day:
        await day.recorded("workshop.job_accepted")
        killed = day.stack.kill("database")
        assert await day.last_line() == LAST_LINE
        assert [(death.name, death.pid, death.status) for death in day.stack.deaths] == [("database", killed, -signal.SIGKILL)]


@pytest.mark.kafka_ci
async def test_a_broker_that_loses_all_its_memory_in_the_middle_of_a_day_leaves_no_trace_in_its_end(tmp_path: Path) -> None:
    async with played_day(tmp_path) as day:
        await day.recorded("workshop.qc_passed")
        await day.stack.empty_broker()
        assert await day.last_line() == LAST_LINE
        assert [(death.name, death.status) for death in day.stack.deaths] == [("broker", -signal.SIGKILL)]
