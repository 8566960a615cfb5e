"""W3, W4, W14: taking the car, confirming the fault, and the work, by those named for it."""

import pytest

from services.workshop import dispatch, work
from shared.contracts.workshop import CarTaken, WorkFinished
from tests.workshop.shop import BOTH, BRANCH, CLEAN_PATH, ITEM, LEADER, NOW, TECHNICIAN, carried, job_after, job_before, refused


@pytest.mark.clause("W3")
def test_the_team_takes_the_car_and_says_what_differs() -> None:
    assert work.take(job_before("take"), LEADER, "text:workshop:1", BRANCH) == [
        CarTaken(visit="visit-1", team="team-e", by=LEADER, difference="text:workshop:1")
    ]


@pytest.mark.clause("W3")
@pytest.mark.parametrize("stranger", ["tech-1", "leader-m", "supervisor-1", "nobody"])
def test_only_the_team_that_has_the_job_takes_the_car(stranger: str) -> None:
    with refused("W3"):
        work.take(job_before("take"), stranger, None, BRANCH)


@pytest.mark.clause("W4")
@pytest.mark.parametrize("person", [TECHNICIAN, LEADER])
def test_the_fault_is_confirmed_by_the_technician_named_or_the_leader(person: str) -> None:
    job = job_before("confirm")
    assert job.after(work.confirm_fault(job, ITEM, person, BRANCH, road_test=True)).items[ITEM].fault_confirmed_by == person


@pytest.mark.clause("W4")
def test_a_fault_is_not_confirmed_by_others() -> None:
    with refused("W14"):
        work.confirm_fault(job_before("confirm"), ITEM, "tech-5", BRANCH, road_test=False)


@pytest.mark.clause("R11")
@pytest.mark.parametrize("move", ["start", "confirm", "take", "dispatch", "name", "accept"])
def test_no_work_starts_before_the_order_is_signed(move: str) -> None:
    with refused("R11", "signature"):
        CLEAN_PATH[move](job_after("announce"))


@pytest.mark.clause("W1")
def test_no_work_starts_before_the_supervisor_has_accepted() -> None:
    with refused("W1"):
        work.start(job_before("accept"), ITEM, TECHNICIAN, NOW)


@pytest.mark.clause("W14")
def test_only_what_is_ordered_is_worked_on() -> None:
    with refused("W14"):
        work.start(job_before("start"), "item-9", TECHNICIAN, NOW)


@pytest.mark.clause("W14")
@pytest.mark.parametrize("person", [BOTH, "tech-1", LEADER])
def test_only_technicians_named_for_the_item_work_on_it(person: str) -> None:
    with refused("W14"):
        work.start(job_before("start"), ITEM, person, NOW)
    with refused("W14"):
        work.finish(job_after("start"), ITEM, person)


@pytest.mark.clause("W14")
def test_an_item_is_finished_when_everybody_who_started_it_has_finished() -> None:
    job = carried(
        job_after("start"),
        lambda job: dispatch.name(job, ITEM, LEADER, (TECHNICIAN, BOTH), BRANCH),
        lambda job: work.start(job, ITEM, BOTH, NOW),
        lambda job: work.finish(job, ITEM, TECHNICIAN),
    )
    assert not job.items[ITEM].finished
    assert job.after(work.finish(job, ITEM, BOTH)).items[ITEM].finished


@pytest.mark.clause("W14")
def test_an_item_without_its_parts_cannot_be_finished() -> None:
    without_parts = carried(job_before("draw"), CLEAN_PATH["start"])
    with refused("W14", "TH-6002", "CL-6001"):
        work.finish(without_parts, ITEM, TECHNICIAN)


@pytest.mark.clause("W14")
@pytest.mark.clause("R10")
def test_an_item_is_finished_when_the_last_of_those_who_began_it_is() -> None:
    two = job_before("start", name=lambda job: dispatch.name(job, ITEM, LEADER, (TECHNICIAN, BOTH), BRANCH))
    begun = carried(two, *(lambda job, by=by: work.start(job, ITEM, by, NOW) for by in (TECHNICIAN, BOTH)))
    (first,) = work.finish(begun, ITEM, TECHNICIAN)
    (second,) = work.finish(begun.after([first]), ITEM, BOTH)
    assert [each.item_finished for each in (first, second) if isinstance(each, WorkFinished)] == [False, True]
