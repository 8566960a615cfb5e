"""W5, R8: a part leaves the stock only for an item that needs it, signed for, comes back only against its slip, and never below zero."""

import pytest

from services.workshop import handover, inspection, parts, revision
from services.workshop.job import Job
from services.workshop.revision import Order
from services.workshop.stock import Stock
from shared.contracts.workshop import PartsIssued, PartsReturned, SlipPrinted
from shared.refusal import NotFound
from shared.signing import content_hash
from tests.workshop.shop import (
    BRANCH,
    CLEAN_PATH,
    CLERK,
    ITEM,
    NOW,
    PART,
    QC,
    TECHNICIAN,
    VISIT,
    Move,
    carried,
    job_after,
    job_before,
    order,
    refused,
    revised,
    slip,
)

pytestmark = pytest.mark.clause("W5")


PLUG = "SP-3001"


def stock(on_hand: int, part_no: str = PART, **claims: int) -> Stock:
    return Stock(id=part_no, on_hand=on_hand, lead_days=3, claims={visit.replace("_", "-"): claimed for visit, claimed in claims.items()})


def test_the_technician_signs_each_line_of_the_slip() -> None:
    (line,) = parts.issue(job_before("draw"), slip({PART: 1}), [stock(1)], BRANCH, NOW)
    assert isinstance(line, PartsIssued)
    assert (line.slip, line.item, line.drawn_by, line.given_by) == ("SLIP-1", ITEM, TECHNICIAN, CLERK)
    assert (line.signature.signer, line.signature.content_hash) == (TECHNICIAN, content_hash(line))


@pytest.mark.parametrize("before", ["open", "offer", "accept", "dispatch", "draw", "park"])
def test_a_part_that_no_item_needs_is_refused_at_any_time(before: str) -> None:
    with refused("W5"):
        parts.issue(job_before(before), slip({"CK-7004": 1}), [stock(9, "CK-7004")], BRANCH, NOW)


@pytest.mark.parametrize(("item", "lines"), [(ITEM, {PART: 2}), ("item-9", {PART: 1}), (ITEM, {PART: 1, "CK-7004": 1})])
def test_no_more_is_drawn_than_the_item_needs(item: str, lines: dict[str, int]) -> None:
    with refused("W5"):
        parts.issue(job_before("draw"), slip(lines, item), [stock(9, part_no) for part_no in lines], BRANCH, NOW)


def test_what_was_drawn_already_counts() -> None:
    job = job_before("draw")
    job = job.after(parts.issue(job, slip({PART: 1}), [stock(9)], BRANCH, NOW))
    with refused("W5"):
        parts.issue(job, slip({PART: 1}), [stock(8)], BRANCH, NOW)


@pytest.mark.parametrize("person", ["tech-5", "tech-1", CLERK])
def test_only_a_technician_named_for_the_item_draws_its_parts(person: str) -> None:
    with refused("W14"):
        parts.issue(job_before("draw"), slip({PART: 1}, drawn_by=person), [stock(9)], BRANCH, NOW)


def test_a_shortage_is_refused_with_the_date_on_which_the_part_is_expected() -> None:
    with refused("W5", PART) as refusal:
        parts.issue(job_before("draw"), slip({PART: 1}), [stock(0)], BRANCH, NOW)
    assert refusal[0].facts["short"] == {PART: {"on_hand": 0, "free": 0, "wanted": 1, "expected_on": "2026-03-12"}}


def test_what_is_reserved_for_another_order_is_not_given_out() -> None:
    with refused("W5", PART):
        parts.issue(job_before("draw"), slip({PART: 1}), [stock(1, visit_9=1, visit_1=1)], BRANCH, NOW)
    for shelf in (stock(1, visit_1=1, visit_9=1), stock(2, visit_9=1), stock(1)):
        assert parts.issue(job_before("draw"), slip({PART: 1}), [shelf], BRANCH, NOW)


def test_nothing_is_drawn_after_the_work_has_passed() -> None:
    job = job_after("pass_qc")
    job.items[ITEM].drawn.clear()
    with refused("W11"):
        parts.issue(job, slip({PART: 1}), [stock(9)], BRANCH, NOW)


def test_a_slip_is_printed_as_often_as_needed_and_each_time_recorded() -> None:
    job = job_after("draw")
    assert parts.print_slip(job, "SLIP-1", CLERK) == [SlipPrinted(visit=VISIT, slip="SLIP-1", by=CLERK)]
    with pytest.raises(NotFound):
        parts.print_slip(job, "SLIP-9", CLERK)


def returning(part_no: str = PART, quantity: int = 1, number: str = "SLIP-1", *, opened: bool = False, unneeded: bool = False) -> Move:
    return lambda job: parts.take_back(job, number, part_no, quantity, CLERK, opened=opened, unneeded=unneeded)


def four_plugs(step: str) -> Job:
    """The job as it stands after `step`, of an item with four spark plugs."""
    return job_after(step, open=lambda job: handover.open_job(job, order((ITEM, "R-PLUG"))))


def test_a_part_comes_back_against_the_line_of_its_slip_and_no_more_than_is_out() -> None:
    """EDGE_CASES 11."""
    job = job_after("draw")
    back = PartsReturned(visit=VISIT, slip="SLIP-1", item=ITEM, part_no=PART, quantity=1, to_stock=True, by=CLERK, out=0)
    assert returning()(job) == [back]
    for wrong in (returning(number="SLIP-9"), returning("CK-7004")):
        with refused("W5"):
            wrong(job)
    with refused("W5") as refusal:
        returning()(carried(job, returning()))
    assert refusal[0].facts["rest"] == 0


def test_an_opened_part_is_scrapped() -> None:
    (event,) = returning(opened=True)(job_after("draw"))
    assert isinstance(event, PartsReturned)
    assert not event.to_stock


def test_an_item_without_its_part_is_not_complete() -> None:
    """EDGE_CASES 11: a part that comes back opens its item again, and what was inspected of it is inspected anew."""
    job = carried(job_before("pass_qc"), returning())
    assert inspection.missing(job) == (f"finish:{ITEM}", "leader_inspection:team-e", "recommendations:team-e")
    started = carried(job, CLEAN_PATH["start"])
    with refused("W14", PART):
        CLEAN_PATH["finish"](started)
    again = carried(started, lambda job: parts.issue(job, slip({PART: 1}), [stock(1)], BRANCH, NOW), CLEAN_PATH["finish"])
    assert again.items[ITEM].finished


def test_a_part_that_the_work_did_without_comes_back_and_is_not_drawn_again() -> None:
    """EDGE_CASES 11: the item is complete with what stayed; drawn after all, it is needed again."""
    job = carried(four_plugs("draw"), returning(PLUG, 1, unneeded=True))
    assert isinstance(returned := job.returns[-1], PartsReturned)
    assert (returned.out, job.items[ITEM].lacking, parts.needs(job)) == (3, {}, {})
    assert carried(job, CLEAN_PATH["start"], CLEAN_PATH["finish"]).items[ITEM].finished
    (again,) = parts.issue(job, slip({PLUG: 1}), [stock(9, PLUG)], BRANCH, NOW)
    assert isinstance(again, PartsIssued)
    assert (again.out, job.after([again]).items[ITEM].unneeded) == (4, {PLUG: 0})
    with refused("W5"):
        parts.issue(job, slip({PLUG: 2}), [stock(9, PLUG)], BRANCH, NOW)


def test_an_item_does_not_do_without_the_last_of_its_part() -> None:
    """EDGE_CASES 11: an item without its part can't be reported complete, whatever the technician says of it."""
    job = carried(four_plugs("draw"), returning(PLUG, 4, unneeded=True), CLEAN_PATH["start"])
    assert job.items[ITEM].lacking == {PLUG: 1}
    with refused("W14", PLUG):
        CLEAN_PATH["finish"](job)


@pytest.mark.parametrize("step", ["pass_qc", "park"])
def test_after_the_inspection_only_what_the_work_did_without_comes_back(step: str) -> None:
    """EDGE_CASES 11: the pass stands, since nobody touches the car for it."""
    job = carried(four_plugs(step), returning(PLUG, 1, unneeded=True))
    assert (job.qc is not None, job.items[ITEM].lacking, job.out_for(ITEM, PLUG)) == (True, {}, 3)
    with refused("W5", PLUG):
        returning(PLUG, 3, unneeded=True)(job)


def test_nothing_comes_back_from_a_car_that_has_passed() -> None:
    with refused("W11"):
        returning()(job_after("pass_qc"))


def test_parts_of_a_dropped_item_come_back_before_the_final_inspection() -> None:
    dropped = Order.of(revised(2, ("wish-1", "M-ALIGN")))
    job = carried(job_after("draw"), lambda job: revision.take(job, dropped))
    assert "parts_return:SLIP-1" in inspection.missing(job)
    with refused("W11", "parts_return:SLIP-1"):
        inspection.pass_final(job, QC, 2, BRANCH, NOW)
    job = carried(job, returning(), returning("CL-6001", opened=True))
    assert "parts_return:SLIP-1" not in inspection.missing(job)


def test_an_item_that_is_ordered_again_has_its_drawn_parts_still() -> None:
    job = carried(
        job_after("draw"),
        lambda job: revision.take(job, Order.of(revised(2, ("wish-1", "M-ALIGN")))),
        lambda job: revision.take(job, Order.of(revised(3, (ITEM, "R-THERM")))),
    )
    assert job.items[ITEM].lacking == {}


@pytest.mark.clause("R8")
def test_what_a_job_still_needs_is_what_its_items_lack() -> None:
    assert parts.needs(job_before("draw")) == {PART: 1, "CL-6001": 1}
    assert parts.needs(job_after("draw")) == parts.needs(Job(id=VISIT)) == {}
