"""The simulation finds nothing wrong in the product, and finds what is wrong in a product with a broken rule."""

import subprocess
import sys
from contextlib import ExitStack
from itertools import takewhile
from pathlib import Path

import pytest

from tests.simulate.broken import RULES, broken, without_sweep
from tests.simulate.scenario import scenario_of
from tests.simulate.shrinking import shrunk
from tests.simulate.world import play

# What a killed process was about to await is never awaited.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")]

ROOT = Path(__file__).parents[2]
SOON = range(1, 101)
"""The seeds within which a broken rule has to be found."""

NO_GATE = "no gate on waiting"


def test_after_whatever_goes_wrong_every_effect_is_there_exactly_once_in_order_and_nothing_waits() -> None:
    """In a process of its own, whose hash seed is that of `make simulate`: what fails here fails there."""
    ran = subprocess.run(
        [sys.executable, "-m", "tests.simulate", "--seeds", "300", "--jobs", "1"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.endswith("300 passed, 0 failed\n")


def test_the_same_seed_is_the_same_run() -> None:
    once, again, other = play(scenario_of(4)), play(scenario_of(4)), play(scenario_of(5))
    assert once == again
    assert (once.steps, once.seconds) != (other.steps, other.seconds)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule != NO_GATE])
def test_a_broken_rule_is_found(rule: str) -> None:
    with broken(rule):
        assert any(play(scenario_of(seed)).wrongs for seed in SOON)


def test_a_missing_gate_is_found_where_no_sweep_makes_up_for_it_and_the_gate_alone_is_enough_where_nothing_fails() -> None:
    """A process that dies forgets whom it has to wake: the sweep is for that, and would hide what this is about."""

    def fails(seed: int) -> bool:
        return bool(play(scenario_of(seed).with_(faults=())).wrongs)

    with broken(NO_GATE):
        passed = list(takewhile(lambda seed: not fails(seed), SOON))
    assert len(passed) < len(SOON)
    with ExitStack() as stack:
        without_sweep(stack)
        assert not [seed for seed in (*passed, len(passed) + 1) if fails(seed)]


def test_a_failing_seed_is_made_smaller_and_still_fails() -> None:
    with broken("numbered by id"):
        failing = next(scenario for seed in SOON if play(scenario := scenario_of(seed)).wrongs and len(scenario.faults) > 1)
        smallest = shrunk(failing, lambda scenario: bool(play(scenario).wrongs))
        assert smallest.size < failing.size
        assert play(smallest).wrongs
