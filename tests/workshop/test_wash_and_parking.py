"""W12, W13, D1: the wash that starts by itself, the place in the finished area, and what comes back."""

from collections.abc import Iterator

import pytest

from services.workshop import handover, parking, wash
from services.workshop.job import Job
from services.workshop.stage import Stage
from shared.contracts.event import Event
from shared.contracts.reception import WorkOrderSigned
from shared.contracts.workshop import WashOpened
from shared.refusal import Malformed
from tests.workshop.shop import BRANCH, CLEAN_PATH, SUPERVISOR, TECHNICIAN, VISIT, WASHER, Move, job_after, job_before, order, refused
from tests.workshop.test_meanwhile import answering, asking, moving


def ordering(signed: WorkOrderSigned) -> dict[str, Move]:
    return {"open": lambda job: handover.open_job(job, signed)}


@pytest.mark.clause("W12")
def test_the_accepted_wash_opens_by_itself_once() -> None:
    passed = job_after("pass_qc")
    assert wash.open_wash(passed) == [WashOpened(visit=VISIT)]
    assert wash.open_wash(job_after("open_wash")) == []


@pytest.mark.clause("W12")
def test_a_declined_wash_does_not_open_and_the_car_goes_straight_to_its_place() -> None:
    passed = job_after("pass_qc", **ordering(order(wash=False)))
    assert wash.open_wash(passed) == []
    with refused("W12"):
        wash.start(passed, WASHER)
    assert passed.after(parking.park(passed, WASHER, "F-12", nose_to_exit=True)).stage is Stage.PARKED


@pytest.mark.clause("W11")
@pytest.mark.parametrize("step", ["open", "offer", "accept", "start", "recommend", "pass_qc"])
def test_no_car_is_washed_or_parked_before_its_final_inspection(step: str) -> None:
    with refused("W11", "final_inspection"):
        wash.start(job_before(step), WASHER)
    with refused("W11", "final_inspection"):
        parking.park(job_before(step), WASHER, "F-12", nose_to_exit=True)


@pytest.mark.clause("W12")
@pytest.mark.parametrize("unchecked", wash.CHECKLIST)
def test_a_wash_is_finished_with_every_point_checked(unchecked: str) -> None:
    with refused("W12", unchecked):
        wash.finish(job_before("finish_wash"), WASHER, [point for point in wash.CHECKLIST if point != unchecked])


@pytest.mark.clause("W12")
@pytest.mark.parametrize("step", ["open_wash", "start_wash", "finish_wash"])
def test_a_car_whose_wash_was_accepted_is_parked_washed(step: str) -> None:
    with refused("W12", "wash"):
        parking.park(job_before(step), WASHER, "F-12", nose_to_exit=True)


@pytest.mark.clause("W13")
def test_the_finished_car_stands_nose_to_the_exit_on_a_spot_that_is_recorded() -> None:
    with refused("W13"):
        parking.park(job_before("park"), WASHER, "F-12", nose_to_exit=False)
    parked = job_after("park")
    assert (parked.place, parked.stage) == ("F-12", Stage.PARKED)


@pytest.mark.clause("D1")
@pytest.mark.parametrize(("things", "lacking"), [(("key", "order"), "sheet"), (("order", "sheet"), "key"), (("key", "sheet"), "order")])
def test_key_order_and_sheet_come_back_to_the_supervisor(things: tuple[str, ...], lacking: str) -> None:
    with refused("D1", lacking):
        parking.take_papers(job_after("park"), SUPERVISOR, TECHNICIAN, things, BRANCH)


@pytest.mark.clause("D1")
def test_old_parts_that_the_customer_keeps_come_back_too() -> None:
    parked = job_after("park", **ordering(order(old_parts="keep")))
    with refused("D1", "old_parts"):
        parking.take_papers(parked, SUPERVISOR, TECHNICIAN, parking.HANDED_IN, BRANCH)
    assert parking.take_papers(parked, SUPERVISOR, TECHNICIAN, (*parking.HANDED_IN, "old_parts"), BRANCH)


@pytest.mark.clause("D1")
@pytest.mark.clause("W6")
def test_belongings_that_were_moved_come_back_too() -> None:
    """What was asked about and left where it was does not have to."""

    def parked(*moves: Move) -> Job:
        return job_after("park", confirm=lambda job: tuple(_events(job, *moves, CLEAN_PATH["confirm"])))

    moved = parked(asking(), answering(agrees=True), moving())
    with refused("D1", "belongings"):
        parking.take_papers(moved, SUPERVISOR, TECHNICIAN, parking.HANDED_IN, BRANCH)
    assert parking.take_papers(moved, SUPERVISOR, TECHNICIAN, (*parking.HANDED_IN, "belongings"), BRANCH)
    assert parking.take_papers(parked(asking(), answering(agrees=False)), SUPERVISOR, TECHNICIAN, parking.HANDED_IN, BRANCH)


def _events(job: Job, *moves: Move) -> Iterator[Event]:
    for move in moves:
        events = move(job)
        job = job.after(events)
        yield from events


@pytest.mark.clause("D1")
def test_papers_come_from_somebody_of_the_branch() -> None:
    with pytest.raises(Malformed):
        parking.take_papers(job_after("park"), SUPERVISOR, "nobody", parking.HANDED_IN, BRANCH)
