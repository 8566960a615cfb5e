"""W1: both sides of the handover, and every later move of car and key."""

import pytest

from services.workshop import handover
from services.workshop.stage import Stage
from shared.contracts.workshop import CarMoved, JobAccepted
from tests.workshop.shop import SUPERVISOR, TECHNICIAN, handed_over, job_after, job_before, order, refused

pytestmark = pytest.mark.clause("W1")


def test_the_workshop_copies_from_the_order_what_is_to_be_done_and_nothing_of_prices() -> None:
    job = job_after("open", open=lambda job: handover.open_job(job, order(("i", "M-TYRE4"), wash=False, old_parts="keep")))
    assert job.items["i"].parts == {"TY-5001": 4, "BW-5002": 8}
    assert (job.wash_accepted, job.old_parts_kept, job.advisor, job.revision) == (False, True, "advisor-1", 1)
    assert "180" not in job.model_dump_json()


def test_the_supervisor_takes_over_what_the_advisor_offers() -> None:
    offered = job_before("accept")
    assert offered.stage is Stage.OFFERED
    assert offered.place == "waiting-3"
    assert handover.accept(offered, SUPERVISOR, ("key", "car", "sheet", "order"), car_matches_sheet=True) == [
        JobAccepted(visit=offered.id, supervisor=SUPERVISOR, car_matches_sheet=True, things=("key", "car", "sheet", "order"))
    ]


@pytest.mark.parametrize("lacking", handover.HANDED_OVER)
def test_a_handover_without_car_key_order_or_sheet_is_refused(lacking: str) -> None:
    with refused("W1", lacking):
        handover.accept(
            job_before("accept"), SUPERVISOR, [thing for thing in handover.HANDED_OVER if thing != lacking], car_matches_sheet=True
        )


def test_a_car_that_is_not_as_its_sheet_says_is_not_accepted() -> None:
    with refused("W1"):
        handover.accept(job_before("accept"), SUPERVISOR, handover.HANDED_OVER, car_matches_sheet=False)


def test_every_move_says_who_from_where_to_where() -> None:
    job = job_after("accept")
    for place in ("bay-3", "road"):
        job = job.after(handover.move(job, TECHNICIAN, place, ("car", "key"), for_work=False))
    assert job.moves[-1] == CarMoved(visit=job.id, by=TECHNICIAN, from_place="bay-3", to_place="road")
    assert job.place == "road"


def test_a_key_that_was_not_with_the_car_says_where_it_came_from() -> None:
    """After the acceptance the supervisor has it."""
    job = job_after("accept")
    (first,) = handover.move(job, TECHNICIAN, "bay-3", ("car", "key"), for_work=False)
    assert isinstance(first, CarMoved)
    assert (first.from_place, first.key_from_place) == ("waiting-3", SUPERVISOR)
    (second,) = handover.move(job.after([first]), TECHNICIAN, "road", ("car", "key"), for_work=False)
    assert isinstance(second, CarMoved)
    assert (second.from_place, second.key_from_place) == ("bay-3", None)


def test_the_key_alone_moves_without_the_car() -> None:
    job = job_after("accept")
    assert job.after(handover.move(job, TECHNICIAN, "key-board", ("key",), for_work=False)).place == "waiting-3"


def test_the_workshop_moves_no_car_that_it_does_not_hold() -> None:
    with refused("W1"):
        handover.move(job_before("accept"), TECHNICIAN, "bay-3", ("car",), for_work=False)
    with refused("W13"):
        handover.move(job_after("park"), TECHNICIAN, "bay-3", ("car",), for_work=False)


@pytest.mark.clause("R11")
def test_edge_case_2_a_car_that_nobody_has_signed_for_may_be_parked_and_not_moved_for_work() -> None:
    towed_in = job_after("announce")
    parked = towed_in.after(handover.move(towed_in, SUPERVISOR, "yard-2", ("car",), for_work=False))
    assert (parked.place, parked.stage, parked.touched) == ("yard-2", towed_in.stage, False)
    with refused("R11", "signature"):
        handover.move(parked, SUPERVISOR, "lift-1", ("car",), for_work=True)
    ended = parked.after(handover.end_untouched(parked, "not_signed"))
    with refused("R11", "signature"):
        handover.move(ended, SUPERVISOR, "yard-3", ("car",), for_work=False)


def test_a_move_to_where_the_car_stands_is_refused() -> None:
    with refused("W1"):
        handover.move(job_after("accept"), TECHNICIAN, "waiting-3", ("car",), for_work=False)


@pytest.mark.clause("W8")
def test_edge_case_1_a_car_that_is_brought_to_an_ended_job_begins_nothing() -> None:
    """What was announced must not stand still: the ended visit goes on to its exit."""
    job = job_before("offer")
    job = job.after(handover.end_untouched(job, "cancelled_before_work"))
    assert handover.offer(job, handed_over()) == []
