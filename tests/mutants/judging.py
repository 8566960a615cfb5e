"""A pytest plugin: in place of the tests it runs the mutants, each against the tests that it has to make fail.

Tests are collected once; a few worker processes, forked from there, take one guard after the other out and run tests until the first fails:
those of the guard's clauses that need no server, then, to say more than `survived`, all others that need none; and for what is not noticed
by then those of its clauses that need a database.
"""

import os
import signal
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from types import SimpleNamespace

import pytest
from _pytest.runner import runtestprotocol

from deploy.local.embedded import start_database
from tests.house.named_clauses import CLAUSES, in_name
from tests.mutants.guards import Guard, taken_out

PATIENCE = 60
"""Seconds that a test may take with a guard gone; a loop that no longer ends is a failure too."""


@dataclass(frozen=True)
class Verdict:
    guard: Guard
    killed_by: str
    """The test that failed; empty: the mutant lived."""
    of_the_clause: bool
    """Whether that test is one of the guard's clauses."""

    @property
    def held(self) -> bool:
        return self.of_the_clause and bool(self.killed_by)


class Judging:
    def __init__(self, guards: Sequence[Guard], workers: int) -> None:
        self.guards = guards
        self.workers = workers
        self.verdicts: dict[Guard, Verdict] = {}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if not any(map(item.get_closest_marker, ("slow", "kafka")))]

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if session.testsfailed:
            raise session.Interrupted("tests that cannot be collected judge nothing")
        without_server = [item for item in session.items if item.get_closest_marker("unit")]
        self._round(session, self.guards, without_server, judge)
        if loose := [guard for guard, verdict in self.verdicts.items() if not verdict.held]:
            with _database():
                rest = [item for item in session.items if item not in set(without_server)]
                self._round(session, loose, rest, judge_by_the_clause)
        return True

    def _round(
        self, session: pytest.Session, guards: Sequence[Guard], items: Sequence[pytest.Item], judging: Callable[[Guard], Verdict | None]
    ) -> None:
        global _items  # noqa: PLW0603 - what a forked worker has of the session
        needed = set[str]().union(*(guard.clauses for guard in guards))
        _items = [item for item in items if _clauses_of(item) & needed or judging is judge]
        with ProcessPoolExecutor(self.workers, mp_context=get_context("fork")) as pool:
            # What fails by itself would kill every mutant.
            if broken := pool.submit(_first_failing).result():
                raise session.Interrupted(f"{broken} fails with every guard in place")
            self.verdicts |= {verdict.guard: verdict for verdict in pool.map(judging, guards) if verdict}


_NO_PARAMETERS = SimpleNamespace(params={})
_items: list[pytest.Item] = []


def judge(guard: Guard) -> Verdict:
    if held := judge_by_the_clause(guard):
        return held
    with taken_out(guard):
        killer = _first_failure(_quick_first(item for item in _items if not _clauses_of(item) & guard.clauses))
    return Verdict(guard, killer, of_the_clause=False)


def judge_by_the_clause(guard: Guard) -> Verdict | None:
    with taken_out(guard):
        killer = _first_failure(_quick_first(item for item in _items if _clauses_of(item) & guard.clauses))
    return Verdict(guard, killer, of_the_clause=True) if killer else None


def _first_failing() -> str:
    return _first_failure(_items)


@contextmanager
def _database() -> Iterator[None]:
    """One for all workers; the fixture `mongo_url` takes it."""
    with tempfile.TemporaryDirectory() as folder:
        database = start_database(Path(folder) / "data", durable=False)
        os.environ["SERVICELANE_MONGO_URL"] = f"mongodb://{database.address}/"
        yield
        database.stop()


def _clauses_of(item: pytest.Item) -> set[str]:
    """Of its marker and its name, and those that it says itself: `with refused("W11")`, a parameter `"W11"`."""
    said = {each for each in getattr(item, "callspec", _NO_PARAMETERS).params.values() if isinstance(each, str)}
    said |= {each for each in getattr(item, "function", _clauses_of).__code__.co_consts if isinstance(each, str)}
    return in_name(item.name.partition("[")[0]).union(said & CLAUSES.keys(), *(marker.args for marker in item.iter_markers("clause")))


def _quick_first(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """Examples first: a search at random takes a second, and names no example when it fails."""
    return sorted(items, key=lambda item: bool(getattr(getattr(item, "obj", None), "is_hypothesis_test", False)))


def _first_failure(items: Sequence[pytest.Item]) -> str:
    for item in items:
        signal.signal(signal.SIGALRM, _out_of_patience)
        signal.alarm(PATIENCE)
        reports = runtestprotocol(item, log=False, nextitem=None)
        signal.alarm(0)
        if any(report.failed for report in reports):
            return item.nodeid
    return ""


def _out_of_patience(*_: object) -> None:
    raise TimeoutError(f"not done after {PATIENCE} s")
