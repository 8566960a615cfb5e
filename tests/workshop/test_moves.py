"""The whole table of moves: at each place of the clean path its next move is allowed and every other one is refused, by its clause."""

import pytest

from services.workshop.job import Job
from services.workshop.stage import Stage
from shared.refusal import NotReadyYet, Problem, Refused
from tests.workshop.shop import CLEAN_PATH, VISIT, carried, job_after, job_before

STEPS = tuple(CLEAN_PATH)
AT = {step: place for place, step in enumerate(STEPS)}

REFUSED_BEFORE: dict[str, tuple[tuple[str, str], ...]] = {
    "offer": (("open", "R11"),),
    "accept": (("open", "R11"), ("offer", "W1")),
    "dispatch": (("open", "R11"), ("accept", "W1")),
    "name": (("open", "R11"), ("accept", "W1"), ("dispatch", "W2")),
    "take": (("open", "R11"), ("accept", "W1"), ("dispatch", "W3")),
    "confirm": (("open", "R11"), ("accept", "W1"), ("dispatch", "W2"), ("take", "W3")),
    "draw": (("open", "W5"), ("accept", "W1"), ("name", "W2")),
    "start": (("open", "R11"), ("accept", "W1"), ("dispatch", "W2"), ("take", "W3"), ("confirm", "W4")),
    "finish": (("open", "R11"), ("accept", "W1"), ("start", "W14")),
    "self_inspect": (("open", "R11"), ("accept", "W1"), ("finish", "W9")),
    "leader_inspect": (("open", "R11"), ("accept", "W1"), ("self_inspect", "W9")),
    "recommend": (("open", "R11"), ("accept", "W1"), ("dispatch", "W9"), ("leader_inspect", "W10")),
    "pass_qc": (("open", "R11"), ("accept", "W1"), ("recommend", "W11")),
    "start_wash": (("pass_qc", "W11"),),
    "finish_wash": (("pass_qc", "W11"), ("start_wash", "W12")),
    "park": (("pass_qc", "W11"), ("finish_wash", "W12")),
    "take_papers": (("park", "D1"),),
}
"""For each move, until which step it is refused, by which clause; a later entry holds where the ones before have passed."""

REFUSED_AFTER: dict[str, str] = {
    "announce": "W1",
    "open": "W1",
    "offer": "W1",
    "accept": "W1",
    "dispatch": "W2",
    "name": "W2",
    "take": "W3",
    "confirm": "W4",
    "draw": "W5",
    "start": "W14",
    "finish": "W14",
    "self_inspect": "W9",
    "leader_inspect": "W9",
    "recommend": "W10",
    "pass_qc": "W11",
    "start_wash": "W12",
    "finish_wash": "W12",
    "park": "W13",
    "take_papers": "D1",
}


def test_the_clean_path_goes_from_the_gate_to_the_papers() -> None:
    assert carried(Job(id=VISIT), *CLEAN_PATH.values()).stage is Stage.PARKED


def forbidding(step: str, place: str) -> str | None:
    """The clause that stands in the way of `step` while `place` is next."""
    return next((clause for wall, clause in REFUSED_BEFORE[step] if AT[place] <= AT[wall]), None)


EARLY = [(step, place, clause) for step in REFUSED_BEFORE for place in STEPS[1 : AT[step]] if (clause := forbidding(step, place))]


@pytest.mark.parametrize(("step", "place", "clause"), EARLY)
def test_a_move_before_its_turn_is_refused_with_the_clause_that_stands_in_the_way(step: str, place: str, clause: str) -> None:
    with pytest.raises(Problem) as refused:
        CLEAN_PATH[step](job_before(place))
    assert refused.value.clause == clause


@pytest.mark.parametrize(("step", "clause"), REFUSED_AFTER.items())
def test_a_repeated_move_is_refused(step: str, clause: str) -> None:
    for place in STEPS[AT[step] :]:
        with pytest.raises(Refused) as refused:
            CLEAN_PATH[step](job_after(place))
        if place == step:
            assert refused.value.clause == clause, f"{step} again"


def test_the_wash_cannot_begin_in_the_moment_before_it_has_opened_by_itself() -> None:
    with pytest.raises(NotReadyYet):
        CLEAN_PATH["start_wash"](job_before("open_wash"))
