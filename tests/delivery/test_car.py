"""D2 to D4 beside the checklists: damage that the sheet does not have, somebody else who collects, a car that nobody comes for."""

from datetime import timedelta

import pytest

from services.delivery import check, damage
from services.delivery.case import Case
from shared.contracts.values import DamageMark
from tests.delivery.conftest import CatchUp, Until
from tests.delivery.desk import (
    ADVISOR,
    NOW,
    PARKED,
    accompanied_check,
    announced,
    at_the_desk,
    carry,
    check_in,
    close,
    customer_call,
    give_back,
    internal_check,
    issue_pass,
    order,
    papers,
    parked,
    pass_the_gate,
    pay,
    refused,
)
from tests.delivery.people import CASE, Desk, Tell, arrive, clause

ORDER = order()
SCRATCH = DamageMark(part="left_front_door", mark="scratch")


def scratched(case: Case) -> Case:
    return carry(case, lambda case: damage.note(case, SCRATCH, ADVISOR, None))


@pytest.mark.clause("D2")
def test_damage_that_is_not_settled_stops_the_checks_and_the_settlement() -> None:
    for case, move in (
        (carry(parked(), papers), internal_check(ORDER)),
        (carry(parked(), papers, internal_check(ORDER), customer_call(ORDER)), accompanied_check(ORDER)),
        (at_the_desk(ORDER), close(ORDER, signed="0" * 64)),
    ):
        with refused("D2", "damage-1"):
            move(scratched(case))


@pytest.mark.clause("D2")
def test_damage_is_settled_once_and_the_customer_is_told() -> None:
    case = scratched(carry(parked(), papers))
    with refused("D2", "customer_told"):
        damage.settle(case, "damage-1", "put_right", "bizsup-1", customer_told=False)
    case = carry(case, lambda case: damage.settle(case, "damage-1", "agreed_with_customer", "bizsup-1", customer_told=True))
    assert carry(case, internal_check(ORDER)).internal_check
    with refused("D2"):
        damage.settle(case, "damage-1", "put_right", "bizsup-1", customer_told=True)


@pytest.mark.clause("D2")
def test_with_damage_open_there_is_no_pass_and_no_way_through_the_gate() -> None:
    """It could never be settled any more."""
    paid = carry(at_the_desk(ORDER), close(ORDER), pay("542.00"))
    with refused("D2", "damage-1"):
        issue_pass(scratched(paid))
    at_the_gate = scratched(carry(paid, issue_pass, give_back))
    with refused("D2", "damage-1"):
        pass_the_gate(at_the_gate)
    agreed = carry(
        at_the_gate, lambda case: damage.settle(case, "damage-1", "agreed_with_customer", "bizsup-1", customer_told=True), pass_the_gate
    )
    assert agreed.left


@pytest.mark.clause("D2")
def test_damage_is_noted_only_while_delivery_holds_the_car() -> None:
    with refused("W11"):
        scratched(announced())


@pytest.mark.clause("D2")
async def test_a_scratch_of_the_wash_is_told_to_both_supervisors_and_goes_back_to_the_workshop(
    desk: Desk, tell: Tell, catch_up: CatchUp
) -> None:
    await arrive(tell)
    await desk.did(f"{CASE}/papers", {"from_person": "supervisor-1", "things": ["key", "order", "sheet"]})
    await desk.did(f"{CASE}/damages", {"part": "left_front_door", "mark": "scratch", "note": "洗车后发现"})
    await catch_up()
    (notice,) = await desk.told("damage_noted")
    assert notice["to"] == ("workshop_supervisor", "business_supervisor", "advisor-1")
    await desk.did(f"{CASE}/return", {"reason": "洗车划伤"})
    settled = {"how": "put_right", "customer_told": True}
    await desk.did(f"{CASE}/damages/damage-1/settlement", settled, by="bizsup-1")
    assert (await desk.post(f"{CASE}/damages/damage-9/settlement", settled, by="bizsup-1")).status_code == 404


@pytest.mark.clause("D4")
def test_somebody_else_takes_delivery_only_authorised_with_identity_checked() -> None:
    called = carry(parked(), papers, internal_check(ORDER), customer_call(ORDER))

    def with_collector(case: Case) -> list[object]:
        points, items = tuple(check.AccompaniedPoint), ["item-1"]
        return list(check.check_with_customer(case, ORDER, ADVISOR, items, points, "S-1", with_collector=True))

    with refused("D4", "authorisation"):
        with_collector(called)
    with refused("D4", "identity_checked"):
        check.authorise_collector(called, "text:delivery:who", "code", ADVISOR, identity_checked=False)
    case = carry(called, lambda case: check.authorise_collector(case, "text:delivery:who", "written_proxy", ADVISOR, identity_checked=True))
    assert with_collector(case)
    assert case.collector
    assert case.collector.identity_checked


@pytest.mark.clause("D4")
async def test_who_collects_is_a_record_and_not_in_the_journal(desk: Desk, tell: Tell) -> None:
    await arrive(tell)
    body = {"collector": "李丽 110101199003070000", "proof": "written_proxy", "identity_checked": True}
    case = await desk.did(f"{CASE}/collector", body)
    record = await desk.store.record(case["collector"]["collector"])
    assert record
    assert record["text"] == body["collector"]
    assert "李丽" not in str(await desk.journal())
    assert (await desk.get(f"{CASE}/texts")).json() == {case["collector"]["collector"]: body["collector"]}
    assert (await desk.get(f"{CASE}/texts", by="cashier-1")).status_code == 403


@pytest.mark.clause("D3")
async def test_a_car_that_nobody_comes_for_is_told_again_and_again_until_it_leaves(
    desk: Desk, tell: Tell, catch_up: CatchUp, until: Until
) -> None:
    await arrive(tell)
    for weeks in (1, 2, 3):
        await until(NOW + timedelta(days=7 * weeks, minutes=weeks))
    assert len(await desk.told("car_waits")) == 3
    await desk.did(f"{CASE}/return", {"reason": "客户要求复查"})
    await catch_up()
    await until(NOW + timedelta(days=60))
    assert len(await desk.told("car_waits")) == 3
    await tell(PARKED)
    await until(NOW + timedelta(days=68))
    assert len(await desk.told("car_waits")) == 4


@pytest.mark.clause("D3")
@pytest.mark.parametrize("called", [True, False])
async def test_a_customer_who_is_not_told_at_once_of_the_checked_car_comes_before_the_business_supervisor(
    desk: Desk, tell: Tell, catch_up: CatchUp, until: Until, called: bool
) -> None:
    await arrive(tell)
    await desk.did(f"{CASE}/papers", {"from_person": "supervisor-1", "things": ["key", "order", "sheet"]})
    check_list = {"items": ["item-1"], "checklist": list(check.InternalPoint), "road_test": False}
    await desk.did(f"{CASE}/internal-check", check_list)
    await catch_up()
    await until(NOW + timedelta(minutes=29))
    if called:
        await desk.did(f"{CASE}/customer-call", {"delivery_at": "2026-03-09T16:00:00+08:00"})
    assert await desk.told("customer_not_told") == []
    await until(NOW + timedelta(minutes=31))
    expected = [] if called else [{"spot": "F-3", "to": ("business_supervisor", "advisor-1")}]
    assert await desk.told("customer_not_told") == expected


@pytest.mark.clause("D5")
async def test_no_call_of_delivery_touches_a_visit_that_it_does_not_know(desk: Desk) -> None:
    for path, body, by in (
        ("damages", {"part": "hood", "mark": "dent"}, "advisor-1"),
        ("return", {"reason": "x"}, "advisor-1"),
        ("reservation/release", {}, "bizsup-1"),
        ("settlement/counter", {"reason": "x"}, "bizsup-1"),
    ):
        assert (await desk.post(f"{CASE}/{path}", body, by)).status_code == 404
    assert await desk.journal() == []


@pytest.mark.clause("D5")
async def test_from_check_in_on_each_new_call_is_refused_by_its_clause(desk: Desk, tell: Tell) -> None:
    await tell(check_in())
    zeros = {"content_hash": "0" * 64}
    calls = {
        "reservation": ("W11", zeros, "advisor-1"),
        "reservation/release": ("W11", {}, "bizsup-1"),
        "damages": ("W11", {"part": "hood", "mark": "dent"}, "advisor-1"),
        "return": ("W11", {"reason": "x"}, "advisor-1"),
        "discounts": ("W11", {"line": "item-1.labour", "amount": "1", "reason": "x"}, "advisor-1"),
        "refunds": ("D5", {"refund": "r", "method": "cash", "amount": "1"}, "cashier-1"),
        "credit-notes": ("D5", {"amount": "1", "reason": "x"}, "bizsup-1"),
        "goodwill": ("D5", {"payer": "insurer", "amount": "1", "reason": "x"}, "bizsup-1"),
        "settlement/counter": ("W11", {"reason": "x"}, "bizsup-1"),
        "insurer/gap": ("D5", zeros, "advisor-1"),
    }
    before = await desk.journal()
    for path, (expected, body, by) in calls.items():
        assert clause(await desk.post(f"{CASE}/{path}", body, by)) == (409, expected), path
    assert await desk.journal() == before
