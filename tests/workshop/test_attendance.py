"""W2, W9, W10: who is away counts neither for skills nor for load; a leader who is away, or did the work, is stood in for."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest

from services.workshop import attendance, dispatch, handover, inspection, work
from services.workshop.attendance import ROSTER, Roster, Shift
from services.workshop.item import Hand
from services.workshop.job import Job
from shared.branch import Branch
from shared.contracts.event import Event
from shared.contracts.workshop import AbsenceEnded, JobDispatched, LeaderInspected, ShiftSet
from shared.refusal import Malformed, NotFound
from shared.store import Store
from tests.workshop.conftest import Floor, Settle, Tell
from tests.workshop.shop import (
    BOTH,
    BRANCH,
    ITEM,
    LEADER,
    NOW,
    QC,
    SUPERVISOR,
    TECHNICIAN,
    Move,
    carried,
    check_in,
    handed_over,
    job_after,
    job_before,
    order,
    push_on,
    refused,
)
from tests.workshop.test_api import JOB
from tests.workshop.test_changes import ending, reassembling, take
from tests.workshop.test_inspection import two_items_one_done

W2, W9, W10 = pytest.mark.clause("W2"), pytest.mark.clause("W9"), pytest.mark.clause("W10")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ZONE = BRANCH.site.zone


def away(roster: Roster, person: str = TECHNICIAN, starts_at: datetime = NOW, ends_at: datetime | None = NOW + DAY) -> Roster:
    return roster.after(attendance.record_absence(roster, person, "leave", starts_at, ends_at, SUPERVISOR, BRANCH))


@W2
def test_who_is_away_is_so_from_the_first_moment_to_the_last() -> None:
    roster = away(away(Roster(id=ROSTER)), "tech-5", ends_at=None)
    for moment, absent in ((NOW - HOUR, set()), (NOW, {TECHNICIAN, "tech-5"}), (NOW + DAY, {"tech-5"}), (NOW + 90 * DAY, {"tech-5"})):
        assert roster.absent(moment, ZONE) == absent


@W2
def test_an_absence_ends_earlier_or_at_last_and_only_once() -> None:
    roster = away(Roster(id=ROSTER), ends_at=None)
    back: list[Event] = list(attendance.end_absence(roster, TECHNICIAN, "absence-1", NOW + HOUR, SUPERVISOR))
    assert back == [AbsenceEnded(person=TECHNICIAN, absence="absence-1", ends_at=NOW + HOUR, by=SUPERVISOR)]
    roster = roster.after(back)
    assert roster.absent(NOW + HOUR, ZONE) == set()
    with refused("W2"):
        attendance.end_absence(roster, TECHNICIAN, "absence-1", NOW + 2 * HOUR, SUPERVISOR)
    with pytest.raises(NotFound):
        attendance.end_absence(roster, TECHNICIAN, "absence-9", NOW, SUPERVISOR)
    planned = away(Roster(id=ROSTER), starts_at=NOW + DAY, ends_at=None)
    stayed = planned.after(attendance.end_absence(planned, TECHNICIAN, "absence-1", NOW, SUPERVISOR))
    assert stayed.absent(NOW + DAY, ZONE) == set()


@W2
def test_nobody_is_away_twice_at_once_and_only_staff_is_away() -> None:
    roster = away(Roster(id=ROSTER))
    for starts_at, ends_at in ((NOW + HOUR, NOW + 2 * HOUR), (NOW - HOUR, None), (NOW - DAY, NOW + HOUR)):
        with refused("W2"):
            away(roster, starts_at=starts_at, ends_at=ends_at)
    assert len(away(roster, starts_at=NOW + DAY, ends_at=NOW + 2 * DAY).absences[TECHNICIAN]) == 2
    with pytest.raises(NotFound):
        away(roster, "nobody")
    with pytest.raises(Malformed):
        away(roster, "tech-5", ends_at=NOW)


@W2
def test_a_shift_says_on_which_days_and_how_long_somebody_works() -> None:
    """NOW is a Monday."""
    roster = Roster(id=ROSTER)
    early = Shift(days=(0, 2), starts=time(8), ends=time(16, 30))
    events: list[Event] = list(attendance.set_shift(roster, TECHNICIAN, early, SUPERVISOR, BRANCH))
    assert events == [ShiftSet(person=TECHNICIAN, days=(0, 2), starts=time(8), ends=time(16, 30), by=SUPERVISOR)]
    roster = roster.after(events)
    assert attendance.set_shift(roster, TECHNICIAN, early, SUPERVISOR, BRANCH) == []
    assert [roster.hours_today(TECHNICIAN, BRANCH.site, NOW + n * DAY) for n in (0, 1)] == [Decimal("8.5"), 0]
    assert roster.hours_today("tech-5", BRANCH.site, NOW) == 12
    assert roster.absent(NOW + DAY, ZONE) == {TECHNICIAN}
    for wrong in (Shift(days=(), starts=time(8), ends=time(9)), Shift(days=(7,), starts=time(8), ends=time(9))):
        with pytest.raises(Malformed):
            attendance.set_shift(roster, TECHNICIAN, wrong, SUPERVISOR, BRANCH)
    with pytest.raises(Malformed):
        attendance.set_shift(roster, TECHNICIAN, Shift(days=(0,), starts=time(9), ends=time(9)), SUPERVISOR, BRANCH)


def accepted(*items: tuple[str, str]) -> Job:
    return job_after("accept", open=lambda job: handover.open_job(job, order(*items)))


@W2
def test_a_team_whose_able_people_are_away_has_not_the_skill() -> None:
    """Only tech-8 and tech-9 paint."""
    job = accepted((ITEM, "B-PAINT"))
    assert [entry.team for entry in dispatch.propose(job, BRANCH, {}, {"tech-8"})] == ["team-e"]
    assert dispatch.propose(job, BRANCH, {}, {"tech-8", BOTH}) == ()
    given = [dispatch.Assignment(item=ITEM, team="team-b")]
    with refused("W2", "paint") as refusal:
        dispatch.assign(job, SUPERVISOR, 3, given, BRANCH, {}, {"tech-8"})
    assert refusal[0].facts["teams"] == ("team-e",)
    assert dispatch.assign(job, SUPERVISOR, 3, given, BRANCH, {}, {"tech-7"})


@W2
def test_the_load_of_a_team_is_shared_by_those_who_are_here() -> None:
    """A chassis item goes to team-m with its three people, unless two of them are away."""
    job, loads = accepted((ITEM, "M-ALIGN")), {"team-m": Decimal(2), "team-e": Decimal(1)}
    assert [entry.team for entry in dispatch.propose(job, BRANCH, loads)] == ["team-m"]
    assert [entry.team for entry in dispatch.propose(job, BRANCH, loads, {"tech-2", "tech-3"})] == ["team-e"]


@W2
def test_a_technician_who_is_away_is_not_named_but_who_has_begun_stays_named() -> None:
    with refused("W2"):
        dispatch.name(job_before("name"), ITEM, LEADER, (TECHNICIAN,), BRANCH, {TECHNICIAN})
    begun = job_after("start")
    assert dispatch.name(begun, ITEM, LEADER, (TECHNICIAN, BOTH), BRANCH, {TECHNICIAN})
    with refused("W2"):
        dispatch.name(begun, ITEM, LEADER, (BOTH,), BRANCH)


@W2
def test_what_was_begun_goes_to_another_team_only_while_nobody_of_its_own_is_here() -> None:
    everybody = {person.id for person in BRANCH.team("team-e")}
    given = [dispatch.Assignment(item=ITEM, team="team-m", override_reason="text:workshop:1")]
    begun, inspected = job_after("start"), job_after("self_inspect")

    def to_others(job: Job, absent: Collection[str]) -> Job:
        return carried(job, lambda job: dispatch.assign(job, SUPERVISOR, 3, given, BRANCH, {}, absent))

    for job, absent in ((begun, everybody - {BOTH}), (inspected, everybody)):
        with refused("W2"):
            to_others(job, absent)
    others = to_others(begun, everybody).items[ITEM]
    assert (others.team, others.technicians, others.started_by, others.fault_confirmed_by) == ("team-m", (), (), TECHNICIAN)
    assert Hand(did="started", item=ITEM) in to_others(begun, everybody).hands[TECHNICIAN]


@W2
@pytest.mark.clause("W11")
def test_edge_case_1_what_was_dropped_when_it_was_begun_is_put_together_by_another_team_while_its_own_is_away() -> None:
    """W11 lacks it until somebody does."""
    dropped = carried(job_after("start"), take(("item-2", "R-FBP")))
    assert f"reassembly:{ITEM}" in inspection.missing(dropped)
    everybody = {person.id for person in BRANCH.team("team-e")}
    given = [dispatch.Assignment(item=ITEM, team="team-m", override_reason="text:workshop:1")]
    with refused("W2"):
        dispatch.assign(dropped, SUPERVISOR, 3, given, BRANCH, {}, everybody - {BOTH})
    others = carried(
        dropped,
        lambda job: dispatch.assign(job, SUPERVISOR, 3, given, BRANCH, {}, everybody),
        lambda job: dispatch.name(job, ITEM, "leader-m", ("tech-1",), BRANCH, everybody),
        reassembling("tech-1"),
    )
    assert (others.items[ITEM].team, others.items[ITEM].reassembled_by, others.items[ITEM].dropped) == ("team-m", "tech-1", True)


@W2
@pytest.mark.parametrize("reason", [None, "text:workshop:1"])
def test_the_priority_changes_also_while_the_able_people_of_the_team_are_away_and_the_reason_for_the_team_stays(reason: str | None) -> None:
    team = "team-m" if reason else "team-b"

    def given(reason: str | None) -> list[dispatch.Assignment]:
        return [dispatch.Assignment(item=ITEM, team=team, override_reason=reason)]

    job = carried(accepted((ITEM, "B-PAINT")), lambda job: dispatch.assign(job, SUPERVISOR, 3, given(reason), BRANCH, {}))
    (first,) = dispatch.assign(job, SUPERVISOR, 1, given(None), BRANCH, {}, {"tech-8", BOTH})
    assert isinstance(first, JobDispatched)
    assert first.assignments[0].override_reason == reason
    assert (job.after([first]).priority, job.after([first]).items[ITEM].override_reason) == (1, reason)
    (second,) = dispatch.assign(job, SUPERVISOR, 1, given("text:workshop:2"), BRANCH, {}, {"tech-8", BOTH})
    assert job.after([second]).items[ITEM].override_reason == "text:workshop:2"


def naming(technicians: Collection[str], absent: Collection[str] = (), branch: Branch = BRANCH) -> Move:
    return lambda job: dispatch.name(job, ITEM, LEADER, tuple(technicians), branch, absent)


def doing(by: str, *steps: str) -> list[Move]:
    moves: dict[str, Move] = {
        "start": lambda job: work.start(job, ITEM, by, NOW),
        "finish": lambda job: work.finish(job, ITEM, by),
        "self_inspect": lambda job: inspection.inspect_own_work(job, ITEM, by, passed=True),
    }
    return [moves[step] for step in steps]


@W9
@pytest.mark.clause("W14")
@pytest.mark.parametrize("step", ["start", "finish"])
def test_an_item_goes_on_without_a_technician_who_began_it_and_is_away_and_their_hand_stays_on_record(step: str) -> None:
    """Once, the item could neither be finished nor be inspected by anybody any more."""
    taken_over = carried(job_after(step), naming((BOTH,), {TECHNICIAN}))
    assert (taken_over.items[ITEM].started_by, taken_over.items[ITEM].finished) == ((), False)
    with refused("W14"):
        carried(taken_over, *doing(TECHNICIAN, "finish"))
    with refused("W14"):
        carried(taken_over, *doing(TECHNICIAN, "start"))
    done = carried(taken_over, *doing(BOTH, "start", "finish", "self_inspect"))
    assert Hand(did="started", item=ITEM) in done.hands[TECHNICIAN]
    back = carried(taken_over, naming((BOTH, TECHNICIAN)), *doing(TECHNICIAN, "start"))
    assert back.items[ITEM].started_by == (TECHNICIAN,)


@pytest.mark.clause("W14")
def test_what_two_began_is_finished_by_the_one_who_is_still_of_the_team() -> None:
    both = carried(job_after("start"), naming((TECHNICIAN, BOTH)), *doing(BOTH, "start", "finish"))
    assert not both.items[ITEM].finished
    left = BRANCH.with_staff({TECHNICIAN: None})
    alone = carried(both, naming((BOTH,), branch=left))
    assert (alone.items[ITEM].finished, alone.items[ITEM].started_at) == (True, NOW)
    assert carried(alone, *doing(BOTH, "self_inspect")).items[ITEM].self_inspected_by == BOTH


@pytest.mark.clause("W14")
def test_edge_case_1_what_was_reassembled_by_somebody_who_is_away_now_is_reassembled_by_another() -> None:
    undone = carried(carried(job_after("confirm"), *doing(TECHNICIAN, "start")), ending(), reassembling())
    taken_over = carried(undone, naming((BOTH,), {TECHNICIAN}))
    assert not taken_over.items[ITEM].finished
    again = carried(taken_over, lambda job: work.reassemble(job, ITEM, BOTH), *doing(BOTH, "self_inspect"))
    assert again.items[ITEM].self_inspected_by == BOTH


def inspecting(by: str, absent: Collection[str] = (), team: str | None = None) -> Move:
    return lambda job: inspection.inspect_as_leader(job, by, (), BRANCH, absent, team, passed=True)


def writing(by: str, absent: Collection[str] = (), team: str | None = None) -> Move:
    return lambda job: inspection.write_recommendations(job, by, [], None, BRANCH, NOW, absent, team)


@W9
@W10
def test_a_leader_of_another_team_stands_in_for_one_who_is_away() -> None:
    job = job_before("leader_inspect")
    for by, absent in (("leader-m", ()), ("leader-m", ("leader-b",)), (TECHNICIAN, (LEADER,)), (QC, (LEADER,))):
        with refused("W9"):
            inspecting(by, absent)(job)
    (inspected,) = inspecting("leader-m", (LEADER,))(job)
    assert isinstance(inspected, LeaderInspected)
    assert (inspected.team, inspected.by, inspected.stand_in) == ("team-e", "leader-m", True)
    job = job.after([inspected])
    with refused("W9"):
        writing("leader-b")(job)
    assert carried(job, writing("leader-m", (LEADER,))).recommendations["team-e"].leader == "leader-m"
    assert carried(job, writing("leader-m")).recommendations["team-e"].signature.signer == "leader-m", "who inspected signs"
    assert carried(job, writing(LEADER)).recommendations["team-e"].leader == LEADER, "back meanwhile"


@W9
def test_a_stand_in_names_and_confirms_too() -> None:
    assert dispatch.name(job_before("name"), ITEM, "leader-m", (TECHNICIAN,), BRANCH, {LEADER})
    assert work.confirm_fault(job_before("confirm"), ITEM, "leader-m", BRANCH, {LEADER}, road_test=False)
    with refused("W2"):
        dispatch.name(job_before("name"), ITEM, "leader-m", (TECHNICIAN,), BRANCH)


@W9
def test_who_stands_in_for_several_says_for_whom() -> None:
    """Items of team-e and team-b; leader-m has nothing of this car."""
    job = carried(
        job_before("leader_inspect", open=lambda job: handover.open_job(job, order((ITEM, "R-THERM"), ("b", "B-PAINT")))),
        *push_on("b", "team-b", "tech-8"),
    )
    gone = (LEADER, "leader-b")
    with pytest.raises(Malformed):
        inspecting("leader-m", gone)(job)
    assert carried(job, inspecting("leader-m", gone, "team-b"), inspecting("leader-m", gone, "team-e")).leader_has_passed("team-b")


@W9
def test_a_leader_with_own_items_inspects_those_first() -> None:
    job = carried(two_items_one_done(), *push_on("item-3", "team-m", "tech-1"))
    inspected = carried(job, inspecting("leader-m", (LEADER,)))
    assert list(inspected.leader_inspected) == ["team-e", "team-m"]


@W9
def test_a_leader_who_did_the_work_is_stood_in_for_by_another() -> None:
    """EDGE_CASES 9: the same rule between self-inspection and the leader's."""
    member = BRANCH.staff[LEADER].model_copy(update={"roles": ("team_leader", "technician")})
    branch = BRANCH.model_copy(update={"staff": {**BRANCH.staff, LEADER: member}})
    job = carried(
        job_before("name"),
        lambda job: dispatch.name(job, ITEM, LEADER, (LEADER,), branch),
        *(_by_leader(step) for step in ("take", "confirm", "draw", "start", "finish", "self_inspect")),
    )
    with refused("W9"):
        inspection.inspect_as_leader(job, LEADER, (), branch, passed=True)
    (inspected,) = inspection.inspect_as_leader(job, "leader-m", (), branch, passed=True)
    assert isinstance(inspected, LeaderInspected)
    assert inspected.stand_in
    assert inspection.write_recommendations(job.after([inspected]), "leader-m", [], None, branch, NOW)


def _by_leader(step: str) -> Move:
    from tests.workshop.test_inspection import by

    def take(job: Job) -> Sequence[Event]:
        return work.take(job, LEADER, None, BRANCH)

    return take if step == "take" else by(LEADER)[step]


@pytest.mark.clause("W11")
def test_an_inspector_who_is_away_is_not_named_as_one_who_may() -> None:
    assert inspection.who_may(job_before("pass_qc"), BRANCH, {QC}) == (BOTH, "director-1")


@W2
async def test_attendance_is_kept_by_the_supervisor_and_proposals_follow_it(floor: Floor, tell: Tell, store: Store, settle: Settle) -> None:
    for event in (check_in(), order(), handed_over()):
        await tell(event)
    await floor.post(SUPERVISOR, f"{JOB}/acceptance", {"car_matches_sheet": True, "things": ["car", "key", "order", "sheet"]})
    until = datetime(2026, 3, 12, tzinfo=UTC).isoformat()
    for person in (TECHNICIAN, "tech-5", "tech-6", BOTH):
        leave = {"kind": "leave", "starts_at": NOW.isoformat(), "ends_at": until}
        await floor.post(SUPERVISOR, f"/attendance/{person}/absences", leave)
    await settle()
    assert [notice["facts"]["person"] for notice in await store.notices(person=LEADER, roles=()) if notice["about"] == "person_away"]
    assert (await floor.get(SUPERVISOR, f"{JOB}/dispatch-proposal"))["assignments"] == []
    (load,) = [team for team in await floor.get(SUPERVISOR, "/load") if team["team"] == "team-e"]
    assert load["present"] == []
    assert float(load["hours_today"]) == 0
    await floor.refused("W2", SUPERVISOR, f"{JOB}/dispatch", {"priority": 3, "assignments": [{"item": ITEM, "team": "team-e"}]})
    await floor.post(SUPERVISOR, f"/attendance/{BOTH}/absences/absence-1/end")
    assert [given["team"] for given in (await floor.get(SUPERVISOR, f"{JOB}/dispatch-proposal"))["assignments"]] == ["team-e"]
    await floor.post(SUPERVISOR, f"/attendance/{BOTH}/shift", {"days": [0], "starts": "08:00", "ends": "12:00"})
    here = {line["person"]: line for line in await floor.get(SUPERVISOR, "/attendance")}
    assert (here[BOTH]["present"], float(here[BOTH]["hours_today"])) == (True, 4)
    assert not here[TECHNICIAN]["present"]
    answer = await floor.send(TECHNICIAN, "POST", f"/attendance/{BOTH}/shift", {"days": [0], "starts": "08:00", "ends": "12:00"})
    assert answer.status_code == 403
    for zoned in ({"starts": "08:00:00.000Z", "ends": "12:00"}, {"starts": "08:00", "ends": "12:00+08:00"}):
        answer = await floor.send(SUPERVISOR, "POST", f"/attendance/{BOTH}/shift", {"days": [0], **zoned})
        assert answer.status_code == 422, answer.text


def test_the_roster_knows_only_its_own_events() -> None:
    with pytest.raises(ValueError, match="no event of a roster"):
        Roster(id=ROSTER).apply(Event())
