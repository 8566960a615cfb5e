"""When what is missing of a stream is asked for, and when it is asked for again."""

from itertools import pairwise

from shared.healing import LONGEST_SILENCE_SECONDS, SILENCE_SECONDS, Missing


def asked(missing: Missing, *, until: float, every: float = 0.5) -> list[float]:
    """The moments at which it was asked for, looked at so often."""
    moments, now = [], 0.0
    while now <= until:
        if missing.may_be_asked_for(now):
            missing.ask(now)
            moments.append(now)
        now += every
    return moments


def test_nothing_is_asked_for_before_it_is_known_from_where() -> None:
    """Not the whole history of the partition, because one end of it lacks."""
    missing = Missing(newest=200_000)
    assert asked(missing, until=10) == []
    missing.applied = 199_990
    assert asked(missing, until=0) == [0]


def test_what_is_coming_is_not_asked_for_again() -> None:
    missing = Missing(newest=100, applied=10)
    assert asked(missing, until=0) == [0]
    for now in range(1, 60):
        missing.applied, missing.came_at = 10 + now, float(now)
        assert not missing.may_be_asked_for(now + SILENCE_SECONDS / 2)


def test_more_that_is_missing_after_the_last_number_came_is_asked_for_at_once() -> None:
    missing = Missing(newest=100, applied=10)
    missing.ask(0)
    missing.applied, missing.newest = 100, 120
    assert missing.may_be_asked_for(2)


def test_a_request_that_nobody_served_is_asked_again_though_other_streams_are_answered_and_ever_more_rarely() -> None:
    moments = asked(Missing(newest=100, applied=10), until=400)
    pauses = [later - before for before, later in pairwise(moments)]
    assert pauses[0] <= SILENCE_SECONDS + 0.5
    assert pauses == sorted(pauses)
    assert pauses[-1] <= LONGEST_SILENCE_SECONDS + 0.5
