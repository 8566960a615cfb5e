"""`make chaos SHORT=1` as a test."""

import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local import apache

pytestmark = [pytest.mark.slow, pytest.mark.short_form]

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(bool(why := apache.why_not()), reason=f"no Apache Kafka here: {why}")
def test_whatever_is_struck_every_car_is_done_and_nothing_is_lost_or_twice(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.chaos", "--short", "--out", str(tmp_path)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.endswith(" 0 failed\n")
