"""`python -m tests.simulate`: many seeds, each a run of its own; one that fails is made smaller, and can be played again alone."""

from __future__ import annotations

import argparse
import asyncio
import logging
import multiprocessing
import os
import signal
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from types import FrameType

from tests.simulate.broken import RULES, broken
from tests.simulate.loop import PROCESS
from tests.simulate.scenario import Scenario, scenario_of
from tests.simulate.shrinking import shrunk
from tests.simulate.world import play

HASH_SEED = "0"
"""Sets of texts have the same order in every run, or a seed would not mean the same twice."""
MOST_CPU_SECONDS = 30.0
"""A run takes a tenth of a second."""
SHRUNK = 3
"""So many of the failing seeds are made smaller, those that are small already."""


def main(arguments: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    if os.environ.get("PYTHONHASHSEED") != HASH_SEED:
        environment = {**os.environ, "PYTHONHASHSEED": HASH_SEED}
        os.execve(sys.executable, [sys.executable, "-m", "tests.simulate", *sys.argv[1:]], environment)
    warnings.simplefilter("ignore", RuntimeWarning)  # of coroutines that nobody awaits any more: their process was killed
    if given.seed is not None:
        return _one(given.seed, given.broken, aloud=given.aloud)
    return _many(range(given.first, given.first + given.seeds), given.broken, given.jobs)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.simulate", description=__doc__)
    parser.add_argument("--seeds", type=int, default=300, help="how many")
    parser.add_argument("--first", type=int, default=1, help="the first of them")
    parser.add_argument("--seed", type=int, help="this one alone, with its scenario")
    parser.add_argument("--aloud", action="store_true", help="with --seed: what the processes log, in simulated time")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="runs at the same time")
    parser.add_argument("--broken", choices=RULES, help="with this rule of the product broken, to see it found")
    return parser


def run(seed: int, rule: str | None = None) -> tuple[int, list[str]]:
    return seed, judge(scenario_of(seed), rule)


def judge(scenario: Scenario, rule: str | None = None, *, aloud: bool = False) -> list[str]:
    try:
        with broken(rule) if rule else nullcontext(), _ended_after(MOST_CPU_SECONDS):
            return play(scenario, aloud=aloud).wrongs
    except Hung as hung:
        return [f"it never comes back from {hung}"]


class Hung(KeyboardInterrupt):
    """Somebody is busy for ever, without an await. Of this kind, since asyncio lets nothing else through."""


@contextmanager
def _ended_after(cpu_seconds: float) -> Iterator[None]:
    def end(_signal: int, frame: FrameType | None) -> None:
        raise Hung(frame.f_code.co_qualname if frame else "")

    before = signal.signal(signal.SIGPROF, end)
    signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _one(seed: int, rule: str | None, *, aloud: bool) -> int:
    scenario = scenario_of(seed)
    print(scenario, flush=True)
    if aloud:
        _log_in_simulated_time()
    wrongs = judge(scenario, rule, aloud=aloud)
    if wrongs:
        _print_failure(scenario, wrongs, rule)
    return _close(1, int(bool(wrongs)))


def _many(seeds: Sequence[int], rule: str | None, jobs: int) -> int:
    started, failed = time.monotonic(), {}
    for done, (seed, wrongs) in enumerate(_runs(seeds, rule, jobs), start=1):
        if wrongs:
            failed[seed] = wrongs
            print(f"seed {seed} failed: {wrongs[0]}", flush=True)
        if done % 1000 == 0:
            print(f"{done} of {len(seeds)} seeds, {time.monotonic() - started:.0f} s", flush=True)
    for seed in sorted(failed, key=lambda seed: scenario_of(seed).size)[:SHRUNK]:
        _print_failure(scenario_of(seed), failed[seed], rule)
    return _close(len(seeds), len(failed))


def _runs(seeds: Sequence[int], rule: str | None, jobs: int) -> Iterator[tuple[int, list[str]]]:
    if jobs == 1:
        yield from (run(seed, rule) for seed in seeds)
        return
    with multiprocessing.Pool(jobs) as pool:
        yield from pool.imap_unordered(partial(run, rule=rule), seeds, chunksize=5)


def _print_failure(scenario: Scenario, wrongs: Sequence[str], rule: str | None) -> None:
    smallest = shrunk(scenario, lambda candidate: bool(judge(candidate, rule)))
    if smallest != scenario:
        wrongs = judge(smallest, rule)
    lines = [
        f"\nthe smallest that fails of {smallest}",
        *(f"    {wrong}" for wrong in wrongs),
        f"again: make simulate SEED={scenario.seed}",
    ]
    print("\n".join(lines), flush=True)


def _close(runs: int, failed: int) -> int:
    print(f"{runs - failed} passed, {failed} failed")
    return 1 if failed else 0


class _Formatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        try:
            now = asyncio.get_running_loop().time()
        except RuntimeError:
            now = 0.0
        process = PROCESS.get()
        return f"{now:8.3f} {process.name if process else 'world'}: {super().format(record)}"


def _log_in_simulated_time() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(_Formatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler])


if __name__ == "__main__":
    sys.exit(main())
