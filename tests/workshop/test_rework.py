"""W1, W11: what is sent back: a handover to reception, a car that failed its final inspection to its teams."""

import pytest

from services.workshop import dispatch, handover, inspection, parking, wash, work
from services.workshop.job import Job
from services.workshop.stage import Stage
from shared.contracts.workshop import HandoverSentBack, QcFailed, QcPassed
from tests.workshop.shop import (
    BOTH,
    BRANCH,
    CLEAN_PATH,
    DIRECTOR,
    ITEM,
    LEADER,
    NOW,
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
    push_on,
    refused,
)
from tests.workshop.test_inspection import by, two_items_one_done

W1, W10, W11 = pytest.mark.clause("W1"), pytest.mark.clause("W10"), pytest.mark.clause("W11")
AGAIN = ("start", "finish", "self_inspect", "leader_inspect", "recommend")


def sending_back(job: Job) -> list[HandoverSentBack]:
    return [event for event in handover.send_back(job, SUPERVISOR, "text:workshop:1") if isinstance(event, HandoverSentBack)]


@W1
def test_a_handover_sent_back_is_accepted_only_after_it_was_offered_anew() -> None:
    job = carried(job_before("accept"), sending_back)
    assert (job.stage, job.sent_back[0].reason) == (Stage.ORDERED, "text:workshop:1")
    with refused("W1", "handover"):
        CLEAN_PATH["accept"](job)
    with refused("W1", "handover"):
        sending_back(job)
    assert carried(job, CLEAN_PATH["offer"], CLEAN_PATH["accept"]).stage is Stage.ACCEPTED


@W1
@pytest.mark.parametrize(("step", "clause"), [("open", "R11"), ("offer", "W1"), ("dispatch", "W1"), ("take_papers", "W1")])
def test_only_what_is_offered_and_not_accepted_is_sent_back(step: str, clause: str) -> None:
    with refused(clause):
        sending_back(job_before(step))


def failing(*items: str, inspector: str = QC) -> Move:
    return lambda job: inspection.fail_final(job, inspector, items or (ITEM,), "text:workshop:1", BRANCH)


@W11
def test_a_failed_car_goes_back_to_its_team_and_the_round_is_counted() -> None:
    job = job_before("pass_qc")
    assert failing()(job) == [QcFailed(visit=VISIT, inspector=QC, round=1, items=(ITEM,), why="text:workshop:1")]
    job = carried(job, failing())
    assert (job.round, len(job.failures)) == (2, 1)
    assert inspection.missing(job) == (f"finish:{ITEM}", "leader_inspection:team-e", "recommendations:team-e")
    with refused("W11", f"finish:{ITEM}"):
        CLEAN_PATH["pass_qc"](job)
    job = carried(job, *(CLEAN_PATH[step] for step in AGAIN))
    (passed,) = CLEAN_PATH["pass_qc"](job)
    assert isinstance(passed, QcPassed)
    assert passed.round == 2


@W11
def test_only_the_teams_of_what_failed_inspect_and_write_again() -> None:
    both = carried(
        two_items_one_done(),
        *push_on("item-3", "team-m", "tech-1"),
        lambda job: inspection.inspect_as_leader(job, "leader-m", (), BRANCH, passed=True),
        lambda job: inspection.write_recommendations(job, "leader-m", [], None, BRANCH, NOW),
    )
    failed = carried(both, failing("item-3"))
    assert inspection.missing(failed) == ("finish:item-3", "leader_inspection:team-m", "recommendations:team-m")


def writing(leader: str, *recommended: tuple[str, bool]) -> Move:
    return lambda job: inspection.write_recommendations(job, leader, recommended, None, BRANCH, NOW)


def passing(leader: str) -> Move:
    return lambda job: inspection.inspect_as_leader(job, leader, (), BRANCH, passed=True)


BY_ANOTHER_TEAM: tuple[Move, ...] = (
    give(ITEM, "team-m", reason="text:workshop:2"),
    lambda job: dispatch.name(job, ITEM, "leader-m", ("tech-1",), BRANCH),
    lambda job: work.take(job, "tech-1", None, BRANCH),
    lambda job: work.start(job, ITEM, "tech-1", NOW),
    lambda job: work.finish(job, ITEM, "tech-1"),
    lambda job: inspection.inspect_own_work(job, ITEM, "tech-1", passed=True),
    passing("leader-m"),
)


def recommended(job: Job) -> list[tuple[str, bool]]:
    return [(entry.operation, entry.safety) for entry in inspection.recommended_in_all(job)]


@W10
@pytest.mark.parametrize(
    ("said", "known"),
    [((), [("R-FBP", True)]), ((("R-FBP", False), ("R-WIPE", False)), [("R-FBP", False), ("R-WIPE", False), ("R-FBP", True)])],
    ids=["nothing", "less of the same"],
)
def test_what_a_leader_recommended_is_not_lost_when_the_rework_goes_to_another_team(
    said: tuple[tuple[str, bool], ...], known: list[tuple[str, bool]]
) -> None:
    job = carried(job_before("pass_qc"), failing(), *BY_ANOTHER_TEAM, writing("leader-m", *said))
    assert job.teams == ("team-m",)
    assert recommended(job) == known
    (passed,) = CLEAN_PATH["pass_qc"](job)
    assert isinstance(passed, QcPassed)
    assert passed.recommendations == inspection.recommended_in_all(job)


@W10
def test_a_team_that_writes_again_is_held_to_what_it_wrote_last() -> None:
    reworked = carried(job_before("pass_qc"), failing(), *(CLEAN_PATH[step] for step in AGAIN[:-1]))
    assert recommended(carried(reworked, writing(LEADER, ("R-WIPE", False)))) == [("R-WIPE", False)]
    gone = carried(reworked, writing(LEADER), failing(), *BY_ANOTHER_TEAM, writing("leader-m"))
    assert recommended(gone) == []


@W11
def test_it_can_fail_again_and_again() -> None:
    job = job_before("pass_qc")
    for number in (1, 2, 3):
        job = carried(job, failing(), *(CLEAN_PATH[step] for step in AGAIN))
        assert job.round == number + 1
    assert [failed.round for failed in job.failures] == [1, 2, 3]


@W11
def test_a_car_that_is_not_ready_is_not_failed_either_nor_by_somebody_who_worked_on_it() -> None:
    with refused("W11", "recommendations:team-e"):
        failing()(job_before("recommend"))
    with refused("W11"):
        failing(inspector=BOTH)(job_before("pass_qc", **by(BOTH)))
    with refused("W14"):
        failing("item-9")(job_before("pass_qc"))


@W11
def test_work_of_every_round_counts_against_the_inspector() -> None:
    """EDGE_CASES 9: BOTH did the rework of round 1 only, another technician that of round 2."""
    job = carried(
        job_before("pass_qc"),
        failing(),
        lambda job: dispatch.name(job, ITEM, LEADER, (BOTH,), BRANCH),
        lambda job: work.start(job, ITEM, BOTH, NOW),
        lambda job: work.finish(job, ITEM, BOTH),
        lambda job: inspection.inspect_own_work(job, ITEM, BOTH, passed=True),
        *(CLEAN_PATH[step] for step in ("leader_inspect", "recommend")),
        failing(),
        lambda job: dispatch.name(job, ITEM, LEADER, (TECHNICIAN,), BRANCH),
        *(CLEAN_PATH[step] for step in AGAIN),
    )
    with refused("W11") as refusal:
        inspection.pass_final(job, BOTH, 1, BRANCH, NOW)
    assert refusal[0].facts["who_may"] == (QC, DIRECTOR)
    assert inspection.pass_final(job, QC, 1, BRANCH, NOW)


@W11
def test_an_inspector_who_would_turn_a_bolt_after_the_pass_may_not() -> None:
    """EDGE_CASES 9: work after the pass is refused; where the order is revised or the car failed, the pass is gone first."""
    passed = job_after("pass_qc", pass_qc=lambda job: inspection.pass_final(job, BOTH, 1, BRANCH, NOW))
    with refused("W11"):
        handover.move(passed, BOTH, "lift-1", ("car",), for_work=True)
    failed = carried(passed, failing(), lambda job: handover.move(job, BOTH, "lift-1", ("car",), for_work=True))
    done = carried(failed, *(CLEAN_PATH[step] for step in AGAIN))
    with refused("W11"):
        inspection.pass_final(done, BOTH, 1, BRANCH, NOW)


@W11
@pytest.mark.parametrize("step", ["pass_qc", "open_wash", "start_wash", "finish_wash"])
def test_a_passed_car_that_is_found_wanting_loses_its_pass_and_its_wash(step: str) -> None:
    job = carried(job_after(step), failing())
    assert (job.qc, job.washed, job.stage) == (None, None, Stage.DISPATCHED)
    with refused("W11", "final_inspection"):
        wash.start(job, WASHER)
    with refused("W11", "final_inspection"):
        parking.park(job, WASHER, "F-12", nose_to_exit=True)


@W11
def test_a_parked_car_is_no_longer_the_workshops_to_fail() -> None:
    with refused("W13"):
        failing()(job_after("park"))
