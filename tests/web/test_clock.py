"""Business time in a file: one for all processes, only forwards, over restarts."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from shared import clock

NINE = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)


def test_real_time_is_aware_and_utc() -> None:
    assert abs(clock.clock_of(None).now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_stepped_clock_stands_still_until_it_is_stepped(tmp_path: Path) -> None:
    file = tmp_path / "new" / "clock"
    clock.start(file, NINE)
    stepped = clock.clock_of(file)
    assert stepped.now() == stepped.now() == NINE
    clock.step(file, NINE + timedelta(minutes=5))
    assert stepped.now() == NINE + timedelta(minutes=5)


def test_every_step_is_seen_however_fast_they_come(tmp_path: Path) -> None:
    clock.start(tmp_path / "clock", NINE)
    stepped = clock.FileClock(tmp_path / "clock")
    for second in range(200):
        clock.step(tmp_path / "clock", NINE + timedelta(seconds=second))
        assert stepped.now() == NINE + timedelta(seconds=second)


def test_another_process_sees_the_same_time(tmp_path: Path) -> None:
    clock.start(tmp_path / "clock", NINE)
    code = "import pathlib, sys; from shared import clock; print(clock.read(pathlib.Path(sys.argv[1])).isoformat())"
    said = subprocess.run([sys.executable, "-c", code, str(tmp_path / "clock")], capture_output=True, text=True, check=True)
    assert datetime.fromisoformat(said.stdout.strip()) == NINE


def test_business_time_does_not_go_back(tmp_path: Path) -> None:
    clock.start(tmp_path / "clock", NINE)
    with pytest.raises(clock.ClockGoesBackwards):
        clock.step(tmp_path / "clock", NINE - timedelta(microseconds=1))
    assert clock.read(tmp_path / "clock") == NINE


def test_a_step_to_the_present_changes_nothing(tmp_path: Path) -> None:
    clock.start(tmp_path / "clock", NINE)
    before = (tmp_path / "clock").stat().st_ino
    assert clock.step(tmp_path / "clock", NINE) == NINE
    assert (tmp_path / "clock").stat().st_ino == before


def test_a_restart_goes_on_from_where_it_was(tmp_path: Path) -> None:
    clock.start(tmp_path / "clock", NINE)
    clock.step(tmp_path / "clock", NINE + timedelta(days=3))
    assert clock.start(tmp_path / "clock", NINE) == NINE + timedelta(days=3)


def test_time_of_any_zone_is_kept_as_utc(tmp_path: Path) -> None:
    clock.start(tmp_path / "clock", datetime(2026, 3, 9, 17, 0, tzinfo=timezone(timedelta(hours=8))))
    assert clock.read(tmp_path / "clock").isoformat() == "2026-03-09T09:00:00+00:00"


def test_time_without_a_zone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="zone"):
        clock.start(tmp_path / "clock", datetime(2026, 3, 9))  # noqa: DTZ001  a moment without a zone is what is refused


@pytest.mark.parametrize("content", [None, "", "tomorrow", "2026-03-09T09:00:00"])
def test_a_file_that_holds_no_time_is_said(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "clock").write_text(content)
    with pytest.raises(clock.BadClockFile, match="clock"):
        clock.FileClock(tmp_path / "clock").now()
