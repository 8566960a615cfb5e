"""The table of moves: what each needs before it, and what ends it. Every order of moves is judged by the table alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.refusal import Refused
from tests.reception.counter import CLEAN_PATH, Counter, carried_to

AT_THE_COUNTER = (("arrive", "R1"), ("greet", "R1"))
CHECKED_IN = (("sign_sheet", "R2"),)
READY = (*CHECKED_IN, ("record_concerns", "R3"), ("accept", "R9"), ("look_up", "R8"), ("promise", "R10"))

NEEDS: dict[str, tuple[tuple[str, str], ...]] = {
    "arrive": (),
    "greet": (("arrive", "R1"),),
    "draft_sheet": AT_THE_COUNTER,
    "sign_sheet": (*AT_THE_COUNTER, ("draft_sheet", "R2")),
    "print_sheet": CHECKED_IN,
    "record_concerns": AT_THE_COUNTER,
    "diagnose": AT_THE_COUNTER,
    "take_documents": AT_THE_COUNTER,
    "look_up": CHECKED_IN,
    "estimate": (*CHECKED_IN, ("diagnose", "R9")),
    "accept": (*CHECKED_IN, ("estimate", "R9")),
    "promise": (*CHECKED_IN, ("estimate", "R9"), ("look_up", "R8")),
    "wait": (("arrive", "R1"),),
    "draft_order": READY,
    "sign_order": (*READY, ("draft_order", "R11")),
    "print_order": (("sign_order", "R11"),),
    "hand_over": (("sign_order", "R11"),),
}
"""Move → what has to be done before it, and the clause that refuses it otherwise, first come first named."""

ENDED_BY: dict[str, tuple[tuple[str, str], ...]] = {
    "arrive": (("arrive", "R1"),),
    "greet": (("greet", "R1"),),
    "draft_sheet": (("sign_sheet", "R2"),),
    "sign_sheet": (("sign_sheet", "R2"),),
    "record_concerns": (("sign_order", "R11"),),
    "diagnose": (("sign_order", "R11"),),
    "take_documents": (("take_documents", "R7"),),
    "accept": (("sign_order", "R11"), ("accept", "R9")),
    "hand_over": (("hand_over", "W1"),),
    **dict.fromkeys(("look_up", "estimate", "promise", "draft_order", "sign_order"), (("sign_order", "R11"),)),
}
"""Move → what makes it illegal from then on."""

UNDOES = {
    "estimate": ("accept", "promise", "draft_order"),
    "accept": ("draft_order",),
    "promise": ("draft_order",),
}
"""A new estimate needs a new consent and a new promise; whatever the order says anew has to be drafted anew."""


def refusal_of(move: str, done: set[str]) -> str | None:
    ended = next((clause for by, clause in ENDED_BY.get(move, ()) if by in done), None)
    return ended or next((clause for needed, clause in NEEDS[move] if needed not in done), None)


FORWARD = "forward"


def next_of_the_path(done: set[str]) -> str:
    """So that most random walks come far."""
    return next((move for move in CLEAN_PATH if move not in done and refusal_of(move, done) is None), "wait")


def judge(counter: Counter, move: str, done: set[str]) -> None:
    """Does the move, and checks that it went as the table says."""
    expected, before = refusal_of(move, done), (counter.visit, counter.order, len(counter.events))
    if expected is None:
        CLEAN_PATH[move](counter)
        done -= set(UNDOES.get(move, ()))
        if move != "look_up" or "diagnose" in done:  # before a diagnosis there are no parts to look up
            done.add(move)
        return
    with pytest.raises(Refused) as refused:
        CLEAN_PATH[move](counter)
    assert refused.value.clause == expected, f"{move} after {sorted(done)}: {refused.value}"
    assert (counter.visit, counter.order, len(counter.events)) == before


STEPS = list(CLEAN_PATH)
OUT_OF_TURN = [
    (place, move, clause) for place in STEPS for move in STEPS if (clause := refusal_of(move, set(STEPS[: STEPS.index(place)]))) is not None
]


@pytest.mark.parametrize(("place", "move", "clause"), OUT_OF_TURN)
def test_at_each_place_of_the_clean_path_every_move_out_of_turn_is_refused_by_its_clause(place: str, move: str, clause: str) -> None:
    with pytest.raises(Refused) as refused:
        CLEAN_PATH[move](carried_to(place))
    assert refused.value.clause == clause


@pytest.mark.clause("R11")
@pytest.mark.parametrize("place", STEPS)
def test_a_move_that_is_refused_changes_nothing(place: str) -> None:
    for move in STEPS:
        judge(carried_to(place), move, set(STEPS[: STEPS.index(place)]))


@pytest.mark.clause("R2")
@pytest.mark.clause("R11")
@given(st.lists(st.one_of(st.just(FORWARD), st.sampled_from(list(CLEAN_PATH))), max_size=60))
def test_no_order_of_moves_gets_past_a_must(moves: list[str]) -> None:
    counter, done = Counter(), set[str]()
    for move in moves:
        judge(counter, next_of_the_path(done) if move == FORWARD else move, done)
    if counter.order.signed:
        assert counter.visit.checked_in_at
        assert counter.visit.words
        assert counter.order.accepted
        assert counter.order.promise
    assert counter.order.signed or not counter.order.handed_over


@pytest.mark.clause("D5")
@pytest.mark.parametrize("move", sorted(set(CLEAN_PATH) - {"print_sheet", "print_order"}))
def test_nothing_of_a_visit_changes_after_the_car_has_left(move: str) -> None:
    counter = carried_to("")
    counter.seen(counter.visit.close())
    with pytest.raises(Refused):
        CLEAN_PATH[move](counter)


def printed(moves: dict[str, tuple[tuple[str, str], ...]]) -> str:
    return "\n".join(f"{move:16}{', '.join(f'{other} ({clause})' for other, clause in rows)}" for move, rows in moves.items())


def test_the_table_of_moves_can_be_printed() -> None:
    assert set(NEEDS) == set(CLEAN_PATH)
    assert "hand_over       sign_order (R11)" in printed(NEEDS)
    assert "take_documents  take_documents (R7)" in printed(ENDED_BY)
