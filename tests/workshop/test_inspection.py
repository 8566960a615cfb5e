"""W9, W10, W11: who inspects what, who may not, and what stands in the way of the final inspection."""

import pytest

from services.workshop import dispatch, handover, inspection, work
from services.workshop.item import Hand
from services.workshop.job import Job
from shared.branch import Branch
from shared.contracts.values import Recommendation
from shared.contracts.workshop import LeaderInspected, QcPassed, RecommendationsWritten
from shared.refusal import Malformed
from shared.signing import content_hash
from tests.workshop.shop import (
    BOTH,
    BRANCH,
    CLEAN_PATH,
    DIRECTOR,
    ITEM,
    LEADER,
    NOW,
    QC,
    TECHNICIAN,
    Move,
    carried,
    draw_all,
    give,
    job_after,
    job_before,
    order,
    refused,
)


def by(person: str) -> dict[str, Move]:
    """The moves of the clean path with another technician of the team."""
    return {
        "name": lambda job: dispatch.name(job, ITEM, LEADER, (person,), BRANCH),
        "confirm": lambda job: work.confirm_fault(job, ITEM, LEADER, BRANCH, road_test=False),
        "draw": lambda job: draw_all(job, drawn_by=person),
        "start": lambda job: work.start(job, ITEM, person, NOW),
        "finish": lambda job: work.finish(job, ITEM, person),
        "self_inspect": lambda job: inspection.inspect_own_work(job, ITEM, person, passed=True),
    }


@pytest.mark.clause("W9")
def test_who_did_the_work_inspects_it() -> None:
    with refused("W9"):
        inspection.inspect_own_work(job_before("self_inspect"), ITEM, BOTH, passed=True)


@pytest.mark.clause("W9")
def test_an_item_that_somebody_still_works_on_is_not_inspected() -> None:
    job = carried(
        job_after("start"),
        lambda job: dispatch.name(job, ITEM, LEADER, (TECHNICIAN, BOTH), BRANCH),
        lambda job: work.start(job, ITEM, BOTH, NOW),
        CLEAN_PATH["finish"],
    )
    with refused("W9", "finish"):
        CLEAN_PATH["self_inspect"](job)


@pytest.mark.clause("W9")
def test_what_does_not_pass_the_own_inspection_is_started_anew() -> None:
    job = carried(job_before("self_inspect"), lambda job: inspection.inspect_own_work(job, ITEM, TECHNICIAN, passed=False))
    with refused("W9"):
        CLEAN_PATH["self_inspect"](job)
    assert carried(job, *(CLEAN_PATH[step] for step in ("start", "finish", "self_inspect"))).items[ITEM].self_inspected_by == TECHNICIAN


@pytest.mark.clause("W9")
def test_the_leader_sends_items_back_and_inspects_again() -> None:
    sent_back = carried(job_before("leader_inspect"), lambda job: inspection.inspect_as_leader(job, LEADER, (ITEM,), BRANCH, passed=False))
    with refused("W9", ITEM):
        CLEAN_PATH["leader_inspect"](sent_back)
    again = carried(sent_back, *(CLEAN_PATH[step] for step in ("start", "finish", "self_inspect", "leader_inspect")))
    assert again.leader_has_passed("team-e")


@pytest.mark.clause("W9")
@pytest.mark.parametrize(("passed", "items"), [(True, (ITEM,)), (False, ()), (False, ("item-9",))])
def test_a_leaders_inspection_names_what_it_sends_back_and_nothing_else(passed: bool, items: tuple[str, ...]) -> None:
    with pytest.raises(Malformed):
        inspection.inspect_as_leader(job_before("leader_inspect"), LEADER, items, BRANCH, passed=passed)


@pytest.mark.clause("W9")
@pytest.mark.parametrize("person", ["leader-m", TECHNICIAN, "supervisor-1"])
def test_each_team_is_inspected_by_its_own_leader(person: str) -> None:
    with refused("W9"):
        inspection.inspect_as_leader(job_before("leader_inspect"), person, (), BRANCH, passed=True)


@pytest.mark.clause("W9")
def test_a_leader_who_did_the_work_does_not_inspect_it() -> None:
    branch = with_roles(TECHNICIAN, "technician", "team_leader")
    with refused("W9"):
        inspection.inspect_as_leader(job_before("leader_inspect"), TECHNICIAN, (), branch, passed=True)


def with_roles(person: str, *roles: str) -> Branch:
    """The branch with one person's roles of today changed."""
    member = BRANCH.staff[person].model_copy(update={"roles": roles})
    return BRANCH.model_copy(update={"staff": {**BRANCH.staff, person: member}})


@pytest.mark.clause("W10")
def test_the_leader_signs_the_recommendations_over_their_content() -> None:
    (written,) = inspection.write_recommendations(
        job_before("recommend"), LEADER, [("R-FBP", True), ("R-WIPE", False)], "text:workshop:1", BRANCH, NOW
    )
    assert isinstance(written, RecommendationsWritten)
    assert [(entry.operation, entry.safety) for entry in written.recommendations] == [("R-FBP", True), ("R-WIPE", False)]
    assert len({entry.recommendation for entry in written.recommendations}) == 2
    assert written.signature.signer == LEADER
    assert written.signature.content_hash == written.content_hash == content_hash(written)


@pytest.mark.clause("W10")
def test_what_a_team_gets_later_is_inspected_and_recommended_on_anew() -> None:
    job = carried(
        two_items_one_done(),
        give("item-3", "team-e"),
        lambda job: dispatch.name(job, "item-3", LEADER, (BOTH,), BRANCH),
        lambda job: work.confirm_fault(job, "item-3", BOTH, BRANCH, road_test=False),
        lambda job: work.start(job, "item-3", BOTH, NOW),
        lambda job: work.finish(job, "item-3", BOTH),
        lambda job: inspection.inspect_own_work(job, "item-3", BOTH, passed=True),
    )
    assert inspection.missing(job) == ("leader_inspection:team-e",)
    job = carried(job, CLEAN_PATH["leader_inspect"])
    assert inspection.missing(job) == ("recommendations:team-e",)
    assert inspection.missing(carried(job, CLEAN_PATH["recommend"])) == ()


@pytest.mark.clause("W11")
@pytest.mark.parametrize("step", ["start", "finish", "self_inspect", "leader_inspect", "recommend"])
def test_the_final_inspection_comes_after_everything_of_every_team(step: str) -> None:
    with refused("W11"):
        inspection.pass_final(job_before(step), QC, 1, BRANCH, NOW)


@pytest.mark.clause("W10")
def test_the_final_inspection_waits_for_the_recommendations() -> None:
    with refused("W11", "recommendations:team-e"):
        inspection.pass_final(job_before("recommend"), QC, 1, BRANCH, NOW)


@pytest.mark.clause("W11")
def test_each_team_of_the_job_is_inspected_and_heard() -> None:
    with refused("W11", "finish:item-3"):
        inspection.pass_final(two_items_one_done(), QC, 1, BRANCH, NOW)
    with refused("W11", "finish:item-3", "leader_inspection:team-m", "recommendations:team-m"):
        inspection.pass_final(carried(two_items_one_done(), give("item-3", "team-m")), QC, 1, BRANCH, NOW)


def two_items_one_done() -> Job:
    """Team-e has done all of its own; item-3 is ordered and nobody has it yet."""
    return job_before("pass_qc", open=lambda job: handover.open_job(job, order((ITEM, "R-THERM"), ("item-3", "M-ALIGN"))))


@pytest.mark.clause("W11")
@pytest.mark.parametrize("inspector", [QC, DIRECTOR, BOTH])
def test_an_inspector_who_did_nothing_to_the_car_passes_it_with_a_signature(inspector: str) -> None:
    (passed,) = inspection.pass_final(job_before("pass_qc"), inspector, 1, BRANCH, NOW)
    assert isinstance(passed, QcPassed)
    assert (passed.revision, passed.items, passed.wash) == (1, (ITEM,), True)
    assert passed.recommendations == (Recommendation(recommendation="team-e-1-1", operation="R-FBP", safety=True),)
    assert passed.signature.signer == inspector
    assert passed.signature.content_hash == passed.content_hash == content_hash(passed)


DEEDS: dict[str, Move] = {
    "confirmed_fault": lambda job: work.confirm_fault(job, ITEM, BOTH, BRANCH, road_test=True),
    "drew_parts": lambda job: draw_all(job, drawn_by=BOTH),
    "started": lambda job: work.start(job, ITEM, BOTH, NOW),
    "moved_for_work": lambda job: handover.move(job, BOTH, "lift-1", ("car",), for_work=True),
}


@pytest.mark.clause("W11")
@pytest.mark.parametrize("deed", DEEDS)
def test_whoever_laid_a_hand_on_the_car_does_not_pass_it(deed: str) -> None:
    both_named = {"name": lambda job: dispatch.name(job, ITEM, LEADER, (TECHNICIAN, BOTH), BRANCH)}
    before = {"confirmed_fault": "confirm", "drew_parts": "draw"}.get(deed, "start")
    job = carried(job_before(before, **both_named), DEEDS[deed])
    with refused("W11") as refusal:
        inspection.pass_final(job, BOTH, 1, BRANCH, NOW)
    assert refusal[0].facts["who_may"] == (QC, DIRECTOR)
    assert refusal[0].facts["did"] == [deed]


@pytest.mark.clause("W11")
def test_a_technician_does_not_pass_the_own_work_whatever_their_role_is_today() -> None:
    job = job_before("pass_qc", **by(BOTH))
    with refused("W11"):
        inspection.pass_final(job, BOTH, 1, with_roles(BOTH, "qc_inspector"), NOW)
    assert inspection.pass_final(job, QC, 1, BRANCH, NOW)


@pytest.mark.clause("W9")
@pytest.mark.parametrize("second", [TECHNICIAN, LEADER])
def test_edge_case_9_a_second_account_of_who_worked_is_no_leader_to_inspect_it(second: str) -> None:
    """Also where the work is on record before it was known that both accounts are one person's; another team's leader stands in."""
    job = job_before("leader_inspect")
    assert inspection.inspect_as_leader(job, LEADER, (), BRANCH, passed=True)
    one_person = BRANCH.with_settings({f"accounts.{second}": LEADER if second == TECHNICIAN else TECHNICIAN})
    with refused("W9"):
        inspection.inspect_as_leader(job, one_person.person_of(LEADER), (), one_person, passed=True)
    (stood_in,) = inspection.inspect_as_leader(job, "leader-m", (), one_person, passed=True)
    assert isinstance(stood_in, LeaderInspected)
    assert stood_in.stand_in


@pytest.mark.clause("W11")
@pytest.mark.parametrize(("worked_as", "inspects_as"), ((BOTH, QC), (QC, BOTH)))
def test_edge_case_9_a_second_account_of_who_worked_is_no_independent_inspector(worked_as: str, inspects_as: str) -> None:
    """Also where the work is on record by the one account before it was known that both are of one person."""
    job = job_before("pass_qc")
    job.hands[worked_as] = (Hand(did="moved_for_work"),)
    assert inspection.pass_final(job, inspects_as, 1, BRANCH, NOW)
    one_person = BRANCH.with_settings({f"accounts.{QC}": BOTH})
    with refused("W11"):
        inspection.pass_final(job, inspects_as, 1, one_person, NOW)
    assert not {BOTH, QC} & set(inspection.who_may(job, one_person))


@pytest.mark.clause("W11")
def test_work_of_an_earlier_round_counts_as_well() -> None:
    """Sent back and done anew by another technician: the first one still worked on the car."""
    job = job_before("leader_inspect", **by(BOTH))
    job = carried(
        job,
        lambda job: inspection.inspect_as_leader(job, LEADER, (ITEM,), BRANCH, passed=False),
        lambda job: dispatch.name(job, ITEM, LEADER, (TECHNICIAN,), BRANCH),
        *(CLEAN_PATH[step] for step in ("start", "finish", "self_inspect", "leader_inspect", "recommend")),
    )
    with refused("W11"):
        inspection.pass_final(job, BOTH, 1, BRANCH, NOW)


@pytest.mark.clause("W11")
def test_a_leader_who_inspected_does_not_give_the_final_inspection_too() -> None:
    with refused("W11"):
        inspection.pass_final(job_before("pass_qc"), LEADER, 1, with_roles(LEADER, "team_leader", "qc_inspector"), NOW)


@pytest.mark.clause("W11")
def test_the_inspector_judges_the_present_revision_of_the_order() -> None:
    with refused("W11"):
        inspection.pass_final(job_before("pass_qc"), QC, 2, BRANCH, NOW)


@pytest.mark.clause("W11")
@pytest.mark.parametrize("move", ["start", "finish", "self_inspect", "dispatch", "name", "take", "confirm", "pass_qc"])
def test_a_passed_car_is_not_worked_on(move: str) -> None:
    with refused("W11"):
        CLEAN_PATH[move](job_after("pass_qc"))


@pytest.mark.clause("W11")
def test_a_passed_car_is_moved_but_not_for_work() -> None:
    passed = job_after("pass_qc")
    assert handover.move(passed, TECHNICIAN, "wash", ("car", "key"), for_work=False)
    with refused("W11"):
        handover.move(passed, TECHNICIAN, "bay-1", ("car", "key"), for_work=True)
