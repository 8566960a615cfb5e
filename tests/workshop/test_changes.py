"""W8, R6: work that was found, what the customer says to it, and the order's revisions while the car is here and after it was parked."""

from collections.abc import Sequence

import pytest

from services.workshop import damage, found, handover, inspection, parking, parts, revision, work
from services.workshop.item import Hand
from services.workshop.job import Job
from services.workshop.revision import Order
from services.workshop.stage import Stage
from shared.contracts.delivery import CarReturned
from shared.contracts.event import Event
from shared.contracts.reception import OrderCancelled
from shared.contracts.workshop import CarCameBack, JobEnded, QcPassed, RevisionTaken, WorkDeclined, WorkFound
from shared.refusal import Malformed
from tests.workshop.shop import (
    BRANCH,
    CLEAN_PATH,
    ITEM,
    LEADER,
    NOW,
    OPERATION,
    QC,
    STAGES_AFTER_PASS,
    TECHNICIAN,
    VISIT,
    Move,
    answered,
    carried,
    draw_all,
    job_after,
    job_before,
    order,
    push_on,
    refused,
    revised,
)
from tests.workshop.test_meanwhile import answering, asking, moving


def find(kind: str = "add_on", item: str | None = None, operation: str = "R-FBP", *, by: str = TECHNICIAN, safety: bool = False) -> Move:
    return lambda job: found.report(job, by, kind, item, operation, None, BRANCH, safety=safety)


def take(*items: tuple[str, str], number: int = 2) -> Move:
    return lambda job: revision.take(job, Order.of(revised(number, *items)))


def reassembling(by: str = TECHNICIAN) -> Move:
    return lambda job: work.reassemble(job, ITEM, by)


ADDED = ((ITEM, OPERATION), ("found-1", "R-FBP"))
INSPECTED = tuple(CLEAN_PATH[step] for step in ("self_inspect", "leader_inspect", "recommend"))


@pytest.mark.clause("W8")
def test_what_is_found_gets_the_id_that_it_has_on_the_order_once_it_is_consented() -> None:
    job = carried(job_after("start"), find())
    assert [each.found for each in job.found] == ["found-1"]
    assert "found-1" not in job.items


@pytest.mark.clause("W8")
def test_found_work_does_not_start_before_consent_and_starts_after_it() -> None:
    job = carried(job_after("start"), find())
    with refused("W8", "consent"):
        work.start(job, "found-1", TECHNICIAN, NOW)
    with refused("W8", "consent"):
        work.confirm_fault(job, "found-1", TECHNICIAN, BRANCH, road_test=False)
    job = carried(job, take(*ADDED))
    assert carried(job, *push_on("found-1", "team-m", "tech-1")).items["found-1"].self_inspected_by == "tech-1"


@pytest.mark.clause("W8")
def test_the_same_is_reported_once() -> None:
    job = carried(job_after("start"), find())
    with refused("W8"):
        find()(job)
    assert find(operation="R-WIPE")(job)


@pytest.mark.clause("W8")
def test_only_somebody_who_has_to_do_with_the_car_reports() -> None:
    for stranger in ("tech-1", "leader-b", "wash-1"):
        with refused("W3"):
            find(by=stranger)(job_after("start"))
    assert find(by=QC)(job_before("pass_qc"))
    with pytest.raises(Malformed):
        find(operation="R-NONE")(job_after("start"))


def to_be_inspected() -> Move:
    return lambda job: handover.open_job(job, order((ITEM, OPERATION), inspect_first=True))


@pytest.mark.clause("R6")
def test_a_finding_comes_from_a_finished_inspection_of_an_item_that_was_to_be_inspected() -> None:
    for job, item in (
        (job_before("finish", open=to_be_inspected()), ITEM),
        (job_after("finish"), ITEM),
        (job_after("finish", open=to_be_inspected()), None),
    ):
        with refused("R6", "inspection"):
            find("finding", item)(job)
    assert find("finding", ITEM)(job_after("finish", open=to_be_inspected()))


@pytest.mark.clause("W10")
@pytest.mark.parametrize("safety", [True, False])
def test_declined_work_is_recommended_by_itself_as_safety_related_where_the_finder_said_so(safety: bool) -> None:
    job = carried(
        job_before("leader_inspect"), find(operation="R-WIPE", safety=safety), lambda job: found.note_answer(job, answered("R-WIPE"))
    )
    advised = {each.operation: each.safety for each in qc(job).recommendations}
    assert advised == {"R-FBP": True, "R-WIPE": safety}


@pytest.mark.clause("W10")
def test_a_declined_wish_is_recommended_and_what_was_accepted_later_is_not() -> None:
    job = carried(job_before("leader_inspect"), find(), lambda job: found.note_answer(job, answered("R-WIPE", "R-FBP")))
    assert [each.operation for each in qc(job).recommendations] == ["R-FBP", "R-WIPE"]
    job = carried(job, take(*ADDED), *push_on("found-1", "team-m", "tech-1"), leader_and_words("leader-m"))
    assert [each.operation for each in qc(job, 2).recommendations] == ["R-FBP", "R-WIPE"], "R-FBP is the leader's own word"


def leader_and_words(leader: str) -> Move:
    def both(job: Job) -> Sequence[Event]:
        inspected = inspection.inspect_as_leader(job, leader, (), BRANCH, passed=True)
        return [*inspected, *inspection.write_recommendations(job.after(inspected), leader, [], None, BRANCH, NOW)]

    return both


def qc(job: Job, revision: int = 1) -> QcPassed:
    if not job.leader_has_passed("team-e"):
        job = carried(
            job,
            lambda job: inspection.inspect_as_leader(job, LEADER, (), BRANCH, passed=True),
            lambda job: inspection.write_recommendations(job, LEADER, [("R-FBP", True)], None, BRANCH, NOW),
        )
    (passed,) = inspection.pass_final(job, QC, revision, BRANCH, NOW)
    assert isinstance(passed, QcPassed)
    return passed


@pytest.mark.clause("W10")
def test_a_team_whose_item_was_dropped_puts_it_together_and_is_inspected_anew() -> None:
    job = carried(job_before("pass_qc"), take(("wish-1", "M-ALIGN")), *push_on("wish-1", "team-m", "tech-1"), leader_and_words("leader-m"))
    for part_no in ("TH-6002", "CL-6001"):
        job = job.after(parts.take_back(job, "SLIP-1", part_no, 1, "parts-1", opened=True))
    assert inspection.missing(job) == (f"reassembly:{ITEM}", "leader_inspection:team-e")
    (passed,) = inspection.pass_final(carried(job, reassembling(), *INSPECTED), QC, 2, BRANCH, NOW)
    assert isinstance(passed, QcPassed)
    assert (passed.items, {each.operation for each in passed.recommendations}) == (("wish-1",), {"R-FBP", OPERATION})


@pytest.mark.clause("W8")
def test_before_the_workshop_has_the_car_a_revision_replaces_its_copy() -> None:
    job = carried(job_before("accept"), take(("wish-1", "M-10K")))
    assert (list(job.items), job.revision) == (["wish-1"], 2)


@pytest.mark.clause("W8")
def test_a_revision_adds_items_keeps_what_was_done_and_moves_the_promise() -> None:
    job = carried(job_before("leader_inspect"), take(*ADDED))
    assert (job.items[ITEM].self_inspected_by, job.round, job.revision) == (TECHNICIAN, 1, 2)
    assert job.promised_at == revised(2).promised_at
    assert "finish:found-1" in inspection.missing(job)


@pytest.mark.clause("W8")
@pytest.mark.parametrize("step", STAGES_AFTER_PASS)
def test_a_revision_voids_pass_and_wash_and_counts_a_round(step: str) -> None:
    job = job_after(step)
    (taken,) = take(*ADDED)(job)
    assert isinstance(taken, RevisionTaken)
    assert taken.voids_pass
    job = job.after([taken])
    assert (job.qc, job.washed, job.wash_opened, job.round, job.stage) == (None, None, False, 2, Stage.DISPATCHED)
    with refused("W11", "finish:found-1"):
        inspection.pass_final(job, QC, 2, BRANCH, NOW)


@pytest.mark.clause("W11")
def test_after_a_revision_the_inspector_judges_the_newest_one() -> None:
    job = carried(job_after("pass_qc"), take(*ADDED), *push_on("found-1", "team-m", "tech-1"), leader_and_words("leader-m"))
    with refused("W11"):
        inspection.pass_final(job, QC, 1, BRANCH, NOW)
    assert qc(job, 2).round == 2


@pytest.mark.clause("W8")
def test_a_revision_is_taken_once_and_an_older_one_never() -> None:
    job = carried(job_after("start"), take(*ADDED, number=3))
    assert take(*ADDED, number=3)(job) == take((ITEM, OPERATION), number=2)(job) == []


@pytest.mark.clause("W8")
def test_a_parked_car_comes_back_for_its_revision() -> None:
    parked = job_after("take_papers")
    assert take(*ADDED)(parked) == []
    back = revision.come_back(parked, CarReturned(visit=VISIT, revision=2, reason="order_revised"), Order.of(revised(2, *ADDED)))
    assert [type(event) for event in back] == [CarCameBack, RevisionTaken]
    job = parked.after(back)
    assert (job.parked, job.papers, job.qc, job.washed, job.round) == (None, None, None, None, 2)
    assert carried(job, *push_on("found-1", "team-m", "tech-1")).items["found-1"].finished


@pytest.mark.clause("W11")
def test_a_car_returned_without_a_revision_is_inspected_and_washed_again() -> None:
    """EDGE_CASES 10: reopened before the pass is used: pass and wash are stale, and what was done stays done."""
    parked = job_after("park")
    back = revision.come_back(parked, CarReturned(visit=VISIT, revision=1, reason="rattle"), None)
    job = parked.after(back)
    assert job.qc is None
    with refused("W11", "final_inspection"):
        parking.park(job, "wash-1", "F-1", nose_to_exit=True)
    assert inspection.fail_final(job, QC, (ITEM,), "text:workshop:1", BRANCH)
    assert revision.come_back(job, CarReturned(visit=VISIT, revision=1, reason="rattle"), None) == []


def cancelled(*operations: str) -> OrderCancelled:
    return OrderCancelled(visit=VISIT, revision=1, kind="after_diagnosis", declined=operations, advisor="advisor-1")


@pytest.mark.clause("W11")
def test_a_cancelled_order_of_a_touched_car_still_passes_the_final_inspection() -> None:
    """EDGE_CASES 1."""
    touched = job_after("confirm")
    assert handover.end_untouched(touched, "cancelled_before_work") == []
    done = carried(job_before("leader_inspect"), lambda job: found.note_cancellation(job, cancelled("R-WIPE")))
    with refused("W11"):
        inspection.pass_final(done, QC, 1, BRANCH, NOW)
    assert "R-WIPE" in {each.operation for each in qc(done).recommendations}


def ending(*operations: str) -> Move:
    return lambda job: found.note_cancellation(job, cancelled(*operations))


TWO_ITEMS: dict[str, Move] = {"open": lambda job: handover.open_job(job, order((ITEM, OPERATION), ("item-2", "R-FBP")))}


@pytest.mark.clause("W14")
@pytest.mark.clause("W11")
def test_edge_case_1_what_nobody_has_begun_is_not_done_any_more_and_the_car_passes_as_it_was_received() -> None:
    assert ending("R-WIPE")(job_after("confirm")) == [
        WorkDeclined(visit=VISIT, change=None, operations=("R-WIPE", OPERATION), items=(ITEM,))
    ]
    job = carried(job_after("confirm"), ending("R-WIPE"))
    with refused("W14"):
        work.start(job, ITEM, TECHNICIAN, NOW)
    with refused("W5"):
        draw_all(job)
    assert (parts.needs(job), inspection.missing(job), job.stage) == ({}, (), Stage.DISPATCHED)
    (passed,) = inspection.pass_final(job, QC, 1, BRANCH, NOW)
    assert isinstance(passed, QcPassed)
    assert passed.items == ()
    assert {each.operation for each in passed.recommendations} == {"R-WIPE", OPERATION}


@pytest.mark.clause("W5")
def test_edge_case_1_parts_of_what_nobody_has_begun_come_back_before_the_final_inspection() -> None:
    job = carried(job_after("draw"), ending())
    with refused("W11", "parts_return:SLIP-1"):
        inspection.pass_final(job, QC, 1, BRANCH, NOW)
    back = [parts.take_back(job, "SLIP-1", part_no, 1, "parts-1", opened=False) for part_no in ("TH-6002", "CL-6001")]
    job = job.after([event for events in back for event in events])
    assert inspection.pass_final(job, QC, 1, BRANCH, NOW)


@pytest.mark.clause("W14")
@pytest.mark.parametrize("step", ["start", "self_inspect", "recommend"])
def test_edge_case_1_what_was_begun_is_finished_and_inspected(step: str) -> None:
    job = carried(job_after(step, **TWO_ITEMS), ending())
    assert list(job.items) == [ITEM]
    assert job.declined == ("R-FBP",)
    steps = list(CLEAN_PATH)
    rest = steps[steps.index(step) + 1 : steps.index("pass_qc")]
    assert inspection.pass_final(carried(job, *(CLEAN_PATH[each] for each in rest)), QC, 1, BRANCH, NOW)


@pytest.mark.clause("W11")
def test_edge_case_1_what_failed_was_begun_and_is_done_anew() -> None:
    failed = carried(job_before("pass_qc"), lambda job: inspection.fail_final(job, QC, (ITEM,), "text:workshop:1", BRANCH))
    assert list(carried(failed, ending()).items) == [ITEM]


@pytest.mark.clause("W14")
def test_edge_case_1_what_was_begun_is_reassembled_where_its_part_never_came() -> None:
    """It could not be finished without a part that nobody pays for."""
    begun = carried(job_after("confirm"), CLEAN_PATH["start"], ending())
    with refused("W14", "TH-6002"):
        work.finish(begun, ITEM, TECHNICIAN)
    job = carried(begun, reassembling())
    assert (parts.needs(job), inspection.missing(job)[0], job.declined) == ({}, f"self_inspection:{ITEM}", (OPERATION,))
    with refused("W14"):
        work.start(job, ITEM, "tech-6", NOW)
    with refused("W5"):
        draw_all(job)
    passed = qc(carried(job, *INSPECTED))
    assert passed.items == ()
    assert OPERATION in {each.operation for each in passed.recommendations}


@pytest.mark.clause("W5")
def test_edge_case_1_parts_of_what_was_reassembled_come_back_before_the_final_inspection() -> None:
    job = carried(job_after("start"), ending(), reassembling(), *INSPECTED)
    with refused("W11", "parts_return:SLIP-1"):
        inspection.pass_final(job, QC, 1, BRANCH, NOW)


@pytest.mark.clause("D1")
def test_old_parts_are_in_the_car_where_every_new_one_went_back() -> None:
    """They need not come back apart, though the customer wanted to keep them."""
    kept: dict[str, Move] = {"open": lambda job: handover.open_job(job, order().model_copy(update={"old_parts": "keep"}))}
    job = carried(job_after("start", **kept), ending(), reassembling(), *INSPECTED)
    for part_no in ("TH-6002", "CL-6001"):
        job = job.after(parts.take_back(job, "SLIP-1", part_no, 1, "parts-1", opened=False))
    job = carried(job, *(CLEAN_PATH[step] for step in ("pass_qc", "open_wash", "start_wash", "finish_wash", "park")))
    assert parking.take_papers(job, "supervisor-1", TECHNICIAN, parking.HANDED_IN, BRANCH)


@pytest.mark.clause("W11")
def test_who_reassembled_does_not_give_the_final_inspection() -> None:
    job = carried(job_after("start"), ending(), reassembling())
    assert Hand(did="reassembled", item=ITEM) in job.hands[TECHNICIAN]


@pytest.mark.clause("W11")
def test_what_was_badly_reassembled_fails_the_final_inspection_and_is_reassembled_anew() -> None:
    job = carried(job_after("confirm"), CLEAN_PATH["start"], ending(), reassembling(), *INSPECTED)
    failed = carried(job, lambda job: inspection.fail_final(job, QC, (ITEM,), "text:workshop:1", BRANCH))
    assert failed.round == 2
    with refused("W11", "finish:item-1"):
        inspection.pass_final(failed, QC, 1, BRANCH, NOW)
    assert qc(carried(failed, reassembling(), *INSPECTED)).round == 2


@pytest.mark.clause("W8")
def test_begun_work_that_the_customer_dropped_in_the_same_moment_is_put_together_again_and_nothing_else() -> None:
    job = carried(job_after("start"), take(("item-2", "R-FBP")))
    for move in (CLEAN_PATH["start"], CLEAN_PATH["finish"]):
        with refused("W14"):
            move(job)
    with refused("W5"):
        draw_all(job)
    assert f"reassembly:{ITEM}" in inspection.missing(job)
    undone = carried(job, reassembling())
    assert f"self_inspection:{ITEM}" in inspection.missing(undone)
    assert list(undone.done) == ["item-2"]


@pytest.mark.clause("W8")
def test_what_was_dropped_stays_to_be_put_together_through_later_revisions_and_is_said_once() -> None:
    job = carried(job_after("start"), take(("item-2", "R-FBP")))
    (taken,) = take(("item-2", "R-FBP"), ("wish-1", "M-ALIGN"), number=3)(job)
    assert isinstance(taken, RevisionTaken)
    assert taken.begun == ()
    assert f"reassembly:{ITEM}" in inspection.missing(job.after([taken]))


@pytest.mark.clause("W8")
def test_what_was_dropped_and_is_wanted_again_is_done_anew() -> None:
    dropped = carried(job_after("start"), take(("item-2", "R-FBP")), reassembling())
    job = carried(dropped, take((ITEM, OPERATION), number=3))
    assert (list(job.done), job.items[ITEM].finished) == ([ITEM], False)


@pytest.mark.clause("W14")
@pytest.mark.parametrize(
    ("job", "by", "why"),
    [
        (job_after("start"), TECHNICIAN, "W14"),
        (carried(job_after("finish"), ending()), TECHNICIAN, "W14"),
        (carried(job_after("start"), ending()), "tech-9", "W14"),
        (carried(job_after("start"), ending(), reassembling()), TECHNICIAN, "W14"),
        (carried(job_after("pass_qc"), ending()), TECHNICIAN, "W11"),
    ],
    ids=["the order goes on", "finished", "not named for it", "reassembled already", "passed"],
)
def test_nothing_else_is_reassembled(job: Job, by: str, why: str) -> None:
    with refused(why):
        work.reassemble(job, ITEM, by)


@pytest.mark.clause("R14")
@pytest.mark.parametrize("step", ["open", "offer", "accept", "dispatch", "name", "take", "confirm"])
def test_an_untouched_job_ends_and_nothing_may_be_done_any_more(step: str) -> None:
    """EDGE_CASES 1; before the signature it is R11 that stands in the way."""
    job = job_before(step)
    (ended,) = handover.end_untouched(job, "cancelled_before_signature")
    assert isinstance(ended, JobEnded)
    assert not ended.touched
    job = job.after([ended])
    with refused("R11" if step == "open" else "W1"):
        work.start(job, ITEM, TECHNICIAN, NOW)
    assert handover.end_untouched(job, "again") == []
    assert take(*ADDED)(job) == []


@pytest.mark.clause("W6")
@pytest.mark.parametrize(
    "moves",
    [
        (lambda job: damage.report(job, TECHNICIAN, "road_test", "text:workshop:1"),),
        (asking(), answering(agrees=True), moving()),
    ],
    ids=["damaged", "belongings moved"],
)
def test_a_car_that_was_damaged_or_whose_belongings_lie_elsewhere_does_not_leave_as_untouched(moves: tuple[Move, ...]) -> None:
    """EDGE_CASES 1: no hands were laid on it, and yet it is not as it came."""
    job = carried(job_after("take"), *moves)
    assert job.hands == {}
    assert handover.end_untouched(job, "cancelled_before_work") == []


@pytest.mark.clause("W6")
@pytest.mark.parametrize("agrees", [True, False])
def test_a_car_whose_belongings_were_asked_about_and_not_moved_is_untouched(agrees: bool) -> None:
    assert handover.end_untouched(carried(job_after("take"), asking(), answering(agrees=agrees)), "cancelled_before_work")


@pytest.mark.clause("W8")
def test_declined_today_and_accepted_the_next_day_it_joins_the_job() -> None:
    """EDGE_CASES 4: the pass is void and the wash stale; the refusal stays on record."""
    job = carried(job_after("pass_qc"), find(by=QC), lambda job: found.note_answer(job, answered("R-FBP")), take(*ADDED))
    assert job.qc is None
    assert job.declined == ("R-FBP",)
    job = carried(job, *push_on("found-1", "team-m", "tech-1"), leader_and_words("leader-m"))
    assert "found-1" not in {each.recommendation for each in qc(job, 2).recommendations}


def test_what_was_found_is_told_as_it_was_said() -> None:
    (event,) = find("add_on", ITEM, "R-FBP", safety=True)(job_after("start"))
    assert event == WorkFound(visit=VISIT, found="found-1", kind="add_on", item=ITEM, operation="R-FBP", by=TECHNICIAN, safety=True)
