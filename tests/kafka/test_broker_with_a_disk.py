"""A broker that is killed and has a disk comes back with all that it had: what the embedded one cannot show."""

import signal
from pathlib import Path

import pytest

from deploy.local import apache
from tests.system.two_visits import LAST_LINE, played_day

pytestmark = [pytest.mark.kafka, pytest.mark.slow]


@pytest.fixture(autouse=True)
def _on_apache(monkeypatch: pytest.MonkeyPatch) -> None:
    if missing := apache.why_not():
        pytest.skip(missing)
    monkeypatch.setenv("SERVICELANE_TEST_BROKER", "apache")


async def test_a_broker_killed_in_the_middle_of_a_day_leaves_no_trace_in_its_end(tmp_path: Path) -> None:
    async with played_day(tmp_path) as day:
        await day.recorded("workshop.qc_passed")
        killed = day.stack.kill("broker")
        assert await day.last_line() == LAST_LINE
        assert [(death.name, death.pid, death.status) for death in day.stack.deaths] == [("broker", killed, -signal.SIGKILL)]
