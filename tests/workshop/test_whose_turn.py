"""Every call against the states in which the workshop does not have the car: before its order, its handover, and once it is parked."""

import pytest

from services.workshop import belongings, damage, dispatch, found, handover, inspection, parts, progress, work
from services.workshop.barred import CarGone, CarHasPassed, JobHasEnded, JobNotAccepted, NotOrdered, WorkOrderNotSigned
from shared.contracts.reception import BelongingsAnswered
from shared.contracts.values import Channel
from shared.refusal import Refused
from tests.workshop.shop import (
    BRANCH,
    CLEAN_PATH,
    ITEM,
    LEADER,
    NOW,
    PART,
    QC,
    SUPERVISOR,
    TECHNICIAN,
    VISIT,
    WASHER,
    Move,
    carried,
    give,
    job_after,
    job_before,
    refused,
)

AGREED = BelongingsAnswered(visit=VISIT, request="request-1", agrees=True, channel=Channel.PHONE, advisor="advisor-1")

OPEN_CAR: dict[str, Move] = {
    "dispatch": give(priority=2),
    "name": lambda job: dispatch.name(job, ITEM, LEADER, ("tech-5",), BRANCH),
    "self_inspect": CLEAN_PATH["self_inspect"],
    "leader_inspect": CLEAN_PATH["leader_inspect"],
    "recommend": CLEAN_PATH["recommend"],
    "pass_qc": CLEAN_PATH["pass_qc"],
    "ask_for_belongings": lambda job: belongings.ask(job, TECHNICIAN, "text:workshop:1", BRANCH),
    "move_belongings": lambda job: belongings.move(job, "request-1", TECHNICIAN, "locker-2", BRANCH),
    "repair_damage": lambda job: damage.repair(job, "damage-1", TECHNICIAN, "text:workshop:1"),
}
"""What is done only to a car that has not passed."""

HELD_CAR: dict[str, Move] = {
    "find": lambda job: found.report(job, QC, "extra", None, "M-ALIGN", None, BRANCH, safety=False),
    "report_progress": lambda job: progress.report(job, QC, "stopped", 0, None, BRANCH),
    "report_damage": lambda job: damage.report(job, WASHER, "wash", "text:workshop:1"),
    "decide_damage": lambda job: damage.decide(job, "damage-1", "as_it_is", SUPERVISOR, customer_told=True),
    "fail_qc": lambda job: inspection.fail_final(job, QC, [ITEM], "text:workshop:1", BRANCH),
}
"""What is done as long as the workshop has the car."""

WASHED_CAR: dict[str, Move] = {name: CLEAN_PATH[name] for name in ("start_wash", "finish_wash", "park")}


def refusal(move: Move, step: str) -> type[Refused]:
    with pytest.raises(Refused) as refused:
        move(job_after(step))
    return refused.type


@pytest.mark.clause("R11")
@pytest.mark.parametrize("name", [*OPEN_CAR, *HELD_CAR])
def test_nothing_is_done_before_the_order_is_signed(name: str) -> None:
    assert refusal({**OPEN_CAR, **HELD_CAR}[name], "announce") is WorkOrderNotSigned


@pytest.mark.clause("W1")
@pytest.mark.parametrize("name", [*OPEN_CAR, *HELD_CAR])
def test_nothing_is_done_before_the_car_is_accepted(name: str) -> None:
    assert refusal({**OPEN_CAR, **HELD_CAR}[name], "offer") is JobNotAccepted


@pytest.mark.clause("W1")
@pytest.mark.parametrize("name", [*OPEN_CAR, *HELD_CAR])
def test_nothing_is_done_for_a_job_that_has_ended(name: str) -> None:
    job = carried(job_after("accept"), lambda job: handover.end_untouched(job, "cancelled"))
    with pytest.raises(JobHasEnded):
        {**OPEN_CAR, **HELD_CAR}[name](job)


@pytest.mark.clause("W11")
@pytest.mark.parametrize("name", OPEN_CAR)
def test_nothing_is_done_to_a_car_that_has_passed(name: str) -> None:
    assert refusal(OPEN_CAR[name], "pass_qc") is CarHasPassed


@pytest.mark.clause("W13")
@pytest.mark.parametrize("name", [*OPEN_CAR, *HELD_CAR, *WASHED_CAR])
def test_nothing_is_done_to_a_car_that_is_parked(name: str) -> None:
    assert refusal({**OPEN_CAR, **HELD_CAR, **WASHED_CAR}[name], "park") is CarGone


@pytest.mark.clause("W3")
def test_belongings_are_moved_by_somebody_who_has_to_do_with_the_car() -> None:
    asked = carried(job_after("take"), OPEN_CAR["ask_for_belongings"], lambda job: belongings.note_answer(job, AGREED))
    with refused("W3"):
        belongings.move(asked, "request-1", "tech-1", "locker-2", BRANCH)


@pytest.mark.clause("W14")
def test_only_what_was_ordered_is_sent_back_by_the_inspector() -> None:
    with pytest.raises(NotOrdered):
        inspection.fail_final(job_after("recommend"), QC, ["item-9"], "text:workshop:1", BRANCH)


@pytest.mark.clause("W11")
def test_no_part_comes_back_from_a_car_that_has_passed() -> None:
    with pytest.raises(CarHasPassed):
        parts.take_back(job_after("pass_qc"), "SLIP-1", PART, 1, "parts-1", opened=False)


@pytest.mark.clause("W14")
def test_a_fault_is_confirmed_by_who_was_named_for_the_item() -> None:
    with pytest.raises(work.NotNamedForItem):
        work.confirm_fault(job_before("confirm"), ITEM, "tech-5", BRANCH, road_test=False)


@pytest.mark.clause("W14")
def test_work_is_started_once() -> None:
    with pytest.raises(work.WorkStartedAlready):
        work.start(job_after("start"), ITEM, TECHNICIAN, NOW)
