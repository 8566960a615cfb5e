"""A department that is ready and hears nothing is noticed."""

from typing import Any

from tests.chaos.outages import DEAF_SECONDS, Hearing

LATER = DEAF_SECONDS + 1


def flow(newest: int, applied: int) -> dict[str, Any]:
    rest = {"unnumbered": 0, "waiting": 0, "dead_letters": 0, "timers_due": 0, "epoch": 1, "applied_epoch": {}}
    writer = rest | {"newest": {"0": newest}, "published": {"0": newest}, "applied": {"reception": {"0": newest}}}
    return {"reception": writer, "workshop": rest | {"newest": {}, "published": {}, "applied": {"reception": {"0": applied}}}}


def test_a_department_that_applies_nothing_though_something_is_there_is_deaf() -> None:
    hearing = Hearing()
    assert not hearing.is_deaf(flow(3, 2), 0)
    assert not hearing.is_deaf(flow(3, 2), DEAF_SECONDS)
    assert hearing.is_deaf(flow(9, 2), LATER)


def test_one_that_is_behind_and_goes_on_is_slow() -> None:
    hearing = Hearing()
    assert not hearing.is_deaf(flow(3, 2), 0)
    assert not hearing.is_deaf(flow(9, 3), LATER)


def test_one_that_heard_again_is_deaf_only_after_another_while() -> None:
    hearing = Hearing()
    hearing.is_deaf(flow(3, 2), 0)
    assert hearing.is_deaf(flow(3, 2), LATER)
    assert not hearing.is_deaf(flow(3, 3), LATER + 1)
    assert not hearing.is_deaf(flow(4, 3), LATER + 2)
