"""W2: what the software proposes, what the supervisor decides, whom the leader names."""

from decimal import Decimal

import pytest

from services.workshop import dispatch, handover
from services.workshop.job import Job
from shared.contracts.workshop import JobDispatched
from shared.refusal import Malformed
from tests.workshop.shop import BOTH, BRANCH, ITEM, LEADER, SUPERVISOR, TECHNICIAN, carried, give, job_after, job_before, order, refused

pytestmark = pytest.mark.clause("W2")


def accepted(*items: tuple[str, str]) -> Job:
    return job_after("accept", open=lambda job: handover.open_job(job, order(*items)))


@pytest.mark.parametrize(
    ("operation", "loads", "team"),
    [
        ("M-10K", {}, "team-m"),
        ("R-THERM", {}, "team-e"),
        ("B-PAINT", {}, "team-b"),
        ("M-10K", {"team-m": Decimal(90)}, "team-e"),
        ("M-10K", {"team-m": Decimal(2), "team-e": Decimal(40)}, "team-m"),
    ],
)
def test_the_proposal_follows_the_teams_skills_and_their_load(operation: str, loads: dict[str, Decimal], team: str) -> None:
    assert [entry.team for entry in dispatch.propose(accepted((ITEM, operation)), BRANCH, loads)] == [team]


def test_items_of_several_skills_are_proposed_to_several_teams() -> None:
    job = accepted(("a", "M-10K"), ("b", "R-THERM"), ("c", "B-PAINT"))
    assert {entry.item: entry.team for entry in dispatch.propose(job, BRANCH, {})} == {"a": "team-m", "b": "team-e", "c": "team-b"}


def test_the_supervisor_decides_and_the_proposal_is_kept_beside() -> None:
    (event,) = give(team="team-e")(accepted((ITEM, "M-10K")))
    assert isinstance(event, JobDispatched)
    assert [entry.team for entry in event.assignments] == ["team-e"]
    assert [entry.team for entry in event.proposed] == ["team-m"]
    assert event.priority == 3


def test_a_team_without_the_skill_is_refused_and_those_with_it_are_named() -> None:
    with refused("W2", "engine") as refusal:
        give(team="team-m")(accepted((ITEM, "R-THERM")))
    assert refusal[0].facts["teams"] == ("team-e",)


def test_a_team_without_the_skill_is_taken_with_a_reason() -> None:
    job = carried(accepted((ITEM, "R-THERM")), give(team="team-m", reason="text:workshop:1"))
    assert (job.items[ITEM].team, job.items[ITEM].override_reason) == ("team-m", "text:workshop:1")


def test_no_reason_gives_an_item_to_a_team_that_does_not_exist() -> None:
    with pytest.raises(Malformed):
        give(team="team-x", reason="text:workshop:1")(accepted())


def test_each_item_goes_to_one_team() -> None:
    both = [JobDispatched.Assignment(item=ITEM, team=team) for team in ("team-e", "team-m")]
    with refused("W2"):
        dispatch.assign(accepted((ITEM, "M-10K")), SUPERVISOR, 3, both, BRANCH, {})


def test_only_ordered_items_are_given_out() -> None:
    with refused("W14"):
        give("item-9")(accepted())


def test_an_item_given_to_another_team_loses_the_technicians_named() -> None:
    job = carried(accepted((ITEM, "M-10K")), give(team="team-e"), lambda job: dispatch.name(job, ITEM, LEADER, (BOTH,), BRANCH))
    assert carried(job, give(team="team-m")).items[ITEM].technicians == ()


def test_a_begun_item_stays_with_its_team_but_the_priority_may_change() -> None:
    begun = job_after("start")
    with refused("W2"):
        give(team="team-m", reason="text:workshop:1")(begun)
    assert carried(begun, give(priority=1)).priority == 1


@pytest.mark.parametrize(
    ("leader", "technicians"),
    [("leader-m", ("tech-4",)), ("tech-4", ("tech-4",)), (LEADER, ("tech-1",)), (LEADER, ("leader-e",)), (LEADER, ("nobody",))],
)
def test_the_teams_own_leader_names_technicians_of_the_team(leader: str, technicians: tuple[str, ...]) -> None:
    with refused("W2"):
        dispatch.name(job_before("name"), ITEM, leader, technicians, BRANCH)


def test_nobody_is_named_for_an_item_that_no_team_has() -> None:
    with refused("W2", "team"):
        dispatch.name(accepted(), ITEM, LEADER, (TECHNICIAN,), BRANCH)


def test_who_has_begun_stays_named_while_others_join() -> None:
    begun = job_after("start")
    with refused("W2"):
        dispatch.name(begun, ITEM, LEADER, (BOTH,), BRANCH)
    assert carried(begun, lambda job: dispatch.name(job, ITEM, LEADER, (TECHNICIAN, BOTH), BRANCH)).items[ITEM].technicians == (
        TECHNICIAN,
        BOTH,
    )


def test_the_load_of_a_team_is_what_it_has_not_finished() -> None:
    assert job_before("finish").items["item-1"].hours_left == BRANCH.operations["R-THERM"].hours
    assert job_after("finish").items["item-1"].hours_left == 0
