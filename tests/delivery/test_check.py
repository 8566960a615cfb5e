"""D1 to D4: what the advisor checks alone and with the customer, and what is refused out of its order."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from services.delivery import check
from services.delivery.case import Case
from shared.contracts.delivery import CustomerCalled
from shared.contracts.event import Event
from shared.contracts.reception import OrderCancelled
from shared.refusal import NotReadyYet
from tests.delivery.desk import (
    ADVISOR,
    ALL_PAPERS,
    BRANCH,
    HANDED_IN,
    NOW,
    PARKED,
    SITE,
    SUPERVISOR,
    VISIT,
    Move,
    accompanied_check,
    announced,
    at_the_desk,
    call_hour,
    carry,
    check_in,
    close,
    customer_call,
    give_back,
    internal_check,
    item,
    opened,
    order,
    papers,
    parked,
    qc_passed,
    refused,
    settled,
)
from tests.delivery.people import CASE, Desk, Tell, arrive, clause

ORDER = order()


@pytest.mark.clause("R2")
def test_a_checked_in_visit_is_announced_once() -> None:
    case = announced()
    assert (case.customer, case.vehicle, case.advisor, case.odometer_km) == ("customer-1", "vehicle-1", ADVISOR, 40000)
    assert case.announce(check_in()) == []


@pytest.mark.clause("W11")
def test_qc_passed_opens_the_case_on_the_revision_that_it_judged() -> None:
    case = opened()
    assert (case.revision, case.items_judged, case.spot) == (1, ("item-1",), None)


@pytest.mark.clause("D1")
def test_a_parked_car_is_ready_on_its_spot() -> None:
    assert parked().spot == "F-3"


@pytest.mark.clause("W11")
@pytest.mark.parametrize("move", [papers, internal_check(ORDER), call_hour, give_back, close(ORDER)])
def test_before_qc_delivery_does_nothing(move: Move) -> None:
    with refused("W11"):
        move(announced())


@pytest.mark.clause("W13")
@pytest.mark.parametrize("move", [papers, internal_check(ORDER), call_hour, give_back, close(ORDER)])
def test_before_it_is_parked_delivery_does_not_hold_the_car(move: Move) -> None:
    with refused("W13"):
        move(opened())


@pytest.mark.clause("D1")
def test_key_order_and_sheet_come_together_from_the_workshop_supervisor() -> None:
    with refused("D1", "sheet"):
        check.receive_papers(parked(), ADVISOR, SUPERVISOR, ("key", "order"), HANDED_IN.things, BRANCH)
    with refused("D1", "from_person"):
        check.receive_papers(parked(), ADVISOR, "tech-1", ALL_PAPERS, HANDED_IN.things, BRANCH)
    case = carry(parked(), papers)
    assert case.papers
    assert (case.papers.from_person, case.papers.advisor, case.papers.things) == (SUPERVISOR, ADVISOR, ALL_PAPERS)
    with refused("D1"):
        papers(case)


@pytest.mark.clause("D1")
def test_nothing_comes_from_a_supervisor_who_has_not_got_it_back_and_all_that_he_has_comes_along() -> None:
    with refused("D1", "key", "order", "sheet"):
        check.receive_papers(parked(), ADVISOR, SUPERVISOR, ALL_PAPERS, (), BRANCH)
    with refused("D1", "old_parts"):
        check.receive_papers(parked(), ADVISOR, SUPERVISOR, ("key", "order", "sheet"), ("key", "order", "sheet", "old_parts"), BRANCH)


@pytest.mark.clause("D1")
async def test_the_papers_of_a_car_that_came_back_are_handed_in_anew(desk: Desk, tell: Tell) -> None:
    body = {"from_person": SUPERVISOR, "things": ["key", "order", "sheet"]}
    await arrive(tell)
    await desk.did(f"{CASE}/papers", body)
    await desk.did(f"{CASE}/return", {"reason": "返工"})
    await tell(qc_passed())
    await tell(PARKED)
    assert clause(await desk.post(f"{CASE}/papers", body)) == (409, "D1")
    await tell(HANDED_IN)
    await desk.did(f"{CASE}/papers", body)


@pytest.mark.clause("D5")
async def test_an_order_that_the_customer_ended_is_so_marked_once_and_its_consented_items_are_settled(desk: Desk, tell: Tell) -> None:
    ended = OrderCancelled(visit=VISIT, revision=1, kind="after_diagnosis", declined=("R-FBP",), advisor=ADVISOR)
    await arrive(tell)
    await tell(ended)
    await tell(ended)
    case = (await desk.get(CASE)).json()
    assert (case["cancelled"]["kind"], case["cancelled"]["declined"]) == ("after_diagnosis", ["R-FBP"])
    assert (await desk.types()).count("cancellation_noted") == 1
    await desk.to_the_desk()
    assert (await desk.settle())["settlement"]["total"]["amount"] == "542.00"


@pytest.mark.clause("D2")
@pytest.mark.parametrize("left_out", list(check.InternalPoint))
def test_the_internal_check_names_the_point_that_is_missing(left_out: check.InternalPoint) -> None:
    points = [point for point in check.InternalPoint if point is not left_out]
    with refused("D2", left_out):
        check.check_internally(carry(parked(), papers), ORDER, ADVISOR, ["item-1"], points, road_test=False)


@pytest.mark.clause("D2")
def test_each_ordered_item_is_checked_on_the_car() -> None:
    two = order([item("item-1"), item("item-2")])
    case = carry(parked(items=("item-1", "item-2")), papers)
    with refused("D2", "item-2"):
        check.check_internally(case, two, ADVISOR, ["item-1"], list(check.InternalPoint), road_test=False)


@pytest.mark.clause("D2")
def test_an_item_that_qc_did_not_judge_has_no_inspector_signature_whatever_is_ticked() -> None:
    two = order([item("item-1"), item("item-2")])
    with refused("D2", "item-2: inspector_signature"):
        internal_check(two)(carry(parked(items=("item-1",)), papers))


@pytest.mark.clause("D2")
def test_the_internal_check_needs_the_papers_and_happens_once() -> None:
    with refused("D1", "sheet"):
        internal_check(ORDER)(parked())
    with refused("D2"):
        internal_check(ORDER)(carry(parked(), papers, internal_check(ORDER)))


@pytest.mark.clause("D2")
@pytest.mark.parametrize(
    "case", [announced(), opened(), parked(), carry(parked(), papers)], ids=["announced", "opened", "parked", "papers"]
)
def test_the_customer_is_not_called_before_the_internal_check(case: Case) -> None:
    with refused("D2", "internal_check"):
        customer_call(ORDER)(case)


def _called_for(local_hour: int, minute: int, kind: str = "repair", day: int = 9) -> Sequence[Event]:
    kept = order([item(kind=kind)])
    case = carry(parked(), papers, internal_check(kept))
    at = datetime(2026, 3, day, local_hour, minute, tzinfo=SITE.zone)
    return check.call_customer(case, kept, ADVISOR, at, SITE, NOW)


@pytest.mark.clause("D3")
@pytest.mark.parametrize(
    ("hour", "minute", "kind", "day"),
    [(13, 59, "repair", 9), (20, 1, "repair", 9), (7, 59, "repair", 10), (17, 30, "accident", 9), (12, 0, "major_repair", 10)],
    ids=["past", "after closing", "before opening", "accident at peak", "major repair at peak"],
)
def test_the_delivery_time_is_ahead_in_opening_hours_and_quiet_for_big_jobs(hour: int, minute: int, kind: str, day: int) -> None:
    with refused("D3"):
        _called_for(hour, minute, kind, day)


@pytest.mark.clause("D3")
@pytest.mark.parametrize(("hour", "kind"), [(14, "repair"), (18, "repair"), (19, "accident"), (20, "repair")])
def test_a_delivery_time_is_agreed(hour: int, kind: str) -> None:
    (called,) = _called_for(hour, 0, kind)
    assert isinstance(called, CustomerCalled)
    assert called.delivery_at.astimezone(SITE.zone).hour == hour


@pytest.mark.clause("D3")
def test_another_time_may_be_agreed_until_the_settlement() -> None:
    case = carry(parked(), papers, internal_check(ORDER), customer_call(ORDER), customer_call(ORDER, NOW + timedelta(hours=2)))
    assert case.called
    assert case.called.delivery_at == datetime(2026, 3, 9, 8, 0, tzinfo=UTC)
    with refused("D5"):
        customer_call(ORDER)(settled(ORDER))


@pytest.mark.clause("D4")
@pytest.mark.parametrize("left_out", list(check.AccompaniedPoint))
def test_the_check_with_the_customer_names_the_point_that_is_missing(left_out: check.AccompaniedPoint) -> None:
    case = carry(parked(), papers, internal_check(ORDER), customer_call(ORDER))
    points = [point for point in check.AccompaniedPoint if point is not left_out]
    with refused("D4", left_out):
        check.check_with_customer(case, ORDER, ADVISOR, ["item-1"], points, "S-1")


@pytest.mark.clause("D4")
def test_work_is_shown_item_by_item_once_the_customer_was_called() -> None:
    case = carry(parked(), papers, internal_check(ORDER))
    with refused("D3", "customer_call"):
        accompanied_check(ORDER)(case)
    with refused("D4", "item-1"):
        check.check_with_customer(carry(case, customer_call(ORDER)), ORDER, ADVISOR, [], list(check.AccompaniedPoint), "S-1")
    with refused("D4"):
        accompanied_check(ORDER)(at_the_desk(ORDER))


@pytest.mark.clause("D4")
def test_the_statement_gets_its_number_with_the_accompanied_check() -> None:
    assert at_the_desk(ORDER).statement_number == "S-20260309-0001"


def test_an_order_that_is_still_on_its_way_is_waited_for_not_refused() -> None:
    case = carry(parked(), papers)
    with pytest.raises(NotReadyYet):
        check.check_internally(case, None, ADVISOR, ["item-1"], list(check.InternalPoint), road_test=False)
    with pytest.raises(NotReadyYet):
        internal_check(ORDER.model_copy(update={"revision": 2}))(case)
