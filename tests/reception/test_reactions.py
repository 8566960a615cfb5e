"""What starts by itself in reception: stock, the board and its load, the history of a vehicle, the end of a visit."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.reception import store as rooms
from services.reception.visit import Visit
from shared.contracts.delivery import ExitPassUsed, RecommendationAdded, RecommendationAnswered
from shared.contracts.values import NextMaintenance, Recommendation, Signature
from shared.contracts.workshop import (
    CarParked,
    DamageDecided,
    DamageRepaired,
    DamageReported,
    ItemReassembled,
    JobAccepted,
    JobEnded,
    PartOrdered,
    PartsReserved,
    QcPassed,
    RevisionTaken,
    StockChanged,
    WorkDeclined,
    WorkFinished,
    WorkFound,
)
from shared.reaction import NotYet
from shared.refusal import NotFound
from shared.store import Store
from tests.reception.conftest import Desk, HandClock, Tell
from tests.reception.counter import NOW
from tests.reception.test_changes import answer as answers
from tests.reception.test_changes import quote
from tests.reception.walk import SHEET, arrive, gone, ordered

SIGNED = Signature(signer="qc-1", at=NOW, content_hash="0" * 64)


def qc_passed(visit: str, *recommended: Recommendation) -> QcPassed:
    return QcPassed(
        visit=visit,
        inspector="qc-1",
        revision=1,
        round=1,
        items=("item-1",),
        recommendations=recommended,
        wash=False,
        content_hash="0" * 64,
        signature=SIGNED,
    )


async def exit_used(desk: Desk, visit: str, due_on: date = date(2026, 9, 9)) -> ExitPassUsed:
    seen = await desk.ok("GET", f"/visits/{visit}")
    maintenance = NextMaintenance(due_on=due_on, odometer_km=45000)
    return ExitPassUsed(
        visit=visit,
        number="EP-1",
        gatekeeper="gate-1",
        customer=seen["customer"],
        vehicle=seen["vehicle"],
        call_hour="18:30",
        next=maintenance,
    )


async def on_the_board(desk: Desk) -> Any:
    (car,) = await desk.ok("GET", "/board")
    return car


@pytest.mark.clause("R8")
async def test_what_the_workshop_says_of_its_stock_is_what_the_lookup_answers(desk: Desk, tell: Tell) -> None:
    visit = await arrive(desk)
    await desk.ok("PUT", f"/visits/{visit}/check-in-sheet", {})
    await tell(StockChanged(part_no="BP-4001", change=-9, on_hand=0, reason="issued", lead_days=2), "BP-4001")
    visit = await ordered(desk, vin="LFPM4ACC0RD346802", plate="京J9F945")
    order = await desk.ok("GET", f"/visits/{visit}/order")
    assert order["lookup"] == [{"part_no": "BP-4001", "quantity": 1, "available": False, "expected_on": "2026-03-11"}]
    promised = datetime.fromisoformat(order["promise"]["promised_at"])
    assert promised == datetime(2026, 3, 11, 1, 20, tzinfo=UTC)  # the part is there on the morning of the 11th


@pytest.mark.clause("R10")
async def test_the_open_hours_of_signed_orders_count_until_they_are_finished(desk: Desk, tell: Tell, store: Store) -> None:
    visit = await ordered(desk, "R-CLUTCH", "R-FBP")
    load = await rooms.shop_load(store)
    assert ({skill: str(hours) for skill, hours in load.hours_by_skill.items()}, load.cars) == (
        {"transmission": "5.0", "chassis": "0.8"},
        1,
    )
    await tell(WorkFinished(visit=visit, item="item-1", by="tech-4", round=1), visit)
    assert list((await rooms.shop_load(store)).hours_by_skill) == ["chassis"]
    other = await ordered(desk, "R-CLUTCH", "R-FBP", vin="LFPM4ACC0RD346802", plate="京J9F945")
    await tell(WorkDeclined(visit=other, change=None, operations=("R-FBP",), items=("item-2",)), other)
    await tell(ItemReassembled(visit=other, item="item-1", operation="R-CLUTCH", by="tech-4", round=1), other)
    assert list((await rooms.shop_load(store)).hours_by_skill) == ["chassis"]
    await tell(CarParked(visit=visit, by="wash-1", spot="F-3", nose_to_exit=True), visit)
    assert (await rooms.shop_load(store)).cars == 0


@pytest.mark.clause("W11")
async def test_reception_sees_where_the_car_stands(desk: Desk, tell: Tell) -> None:
    visit = await ordered(desk)
    assert (await on_the_board(desk))["stage"] == "signed"
    await tell(JobAccepted(visit=visit, supervisor="supervisor-1", car_matches_sheet=True, things=("key",)), visit)
    assert (await on_the_board(desk))["stage"] == "in_workshop"
    await tell(qc_passed(visit), visit)
    assert (await on_the_board(desk))["stage"] == "qc_passed"
    await tell(CarParked(visit=visit, by="wash-1", spot="F-3", nose_to_exit=True), visit)
    car = await on_the_board(desk)
    assert (car["stage"], car["spot"]) == ("parked", "F-3")
    await tell(qc_passed(visit), visit)
    assert (await on_the_board(desk))["stage"] == "parked"


@pytest.mark.clause("W6")
@pytest.mark.clause("W11")
async def test_reception_sees_damage_of_our_own_and_that_the_car_is_inspected_anew_after_its_repair(desk: Desk, tell: Tell) -> None:
    visit = await ordered(desk)
    seen = []
    for event in (
        qc_passed(visit),
        DamageReported(visit=visit, damage="damage-1", during="wash", by="wash-1", note="text:workshop:1"),
        DamageDecided(visit=visit, damage="damage-1", decision="repair", customer_told=True, supervisor="supervisor-1"),
        DamageRepaired(visit=visit, damage="damage-1", by="tech-1", note="text:workshop:2"),
        DamageReported(visit=visit, damage="damage-2", during="move", by="tech-1", note="text:workshop:3"),
        DamageDecided(visit=visit, damage="damage-2", decision="as_it_is", customer_told=True, supervisor="supervisor-1"),
    ):
        await tell(event, visit)
        car = await on_the_board(desk)
        seen.append((car["stage"], car["damages"]))
    assert seen == [
        ("qc_passed", {}),
        ("qc_passed", {"damage-1": "undecided"}),
        ("in_workshop", {"damage-1": "to_repair"}),
        ("in_workshop", {"damage-1": "repaired"}),
        ("in_workshop", {"damage-1": "repaired", "damage-2": "undecided"}),
        ("in_workshop", {"damage-1": "repaired", "damage-2": "as_it_is"}),
    ]


@pytest.mark.clause("R7")
async def test_a_used_exit_pass_ends_the_visit_and_the_next_one_may_open(desk: Desk, tell: Tell) -> None:
    visit = await ordered(desk)
    await tell(await exit_used(desk, visit), visit)
    assert await desk.ok("GET", "/board") == []
    await desk.refused("D5", "POST", f"/visits/{visit}/waiting-place", {"place": "lounge"})
    second = await arrive(desk)
    seen = await desk.ok("GET", f"/visits/{second}")
    assert (await desk.ok("GET", f"/vehicles/{seen['vehicle']}"))["visits"] == [visit, second]


@pytest.mark.clause("R9")
async def test_what_was_declined_or_put_off_is_proposed_at_the_next_visit_until_it_is_done(desk: Desk, tell: Tell) -> None:
    visit = await ordered(desk)
    pads = Recommendation(recommendation="r-1", operation="R-RBP", safety=True)
    tyres = Recommendation(recommendation="r-2", operation="M-TYRE4")
    bulb = Recommendation(recommendation="r-3", operation="R-BULB")
    for each, answer in ((pads, "declines"), (bulb, "accepts")):  # delivery may be heard before the workshop
        said = each.model_dump() | {"answer": answer, "consequence_explained": True}
        await tell(RecommendationAnswered(visit=visit, **said), visit)
    await tell(qc_passed(visit, pads, tyres, bulb), visit)
    await tell(await exit_used(desk, visit), visit)

    second = await arrive(desk)
    proposals = await desk.ok("GET", f"/visits/{second}/proposals")
    assert [(each["operation"], each["answer"], each["safety"]) for each in proposals["operations"]] == [
        ("R-RBP", "declines", True),
        ("M-TYRE4", None, False),
    ]
    await tell(await exit_used(desk, second), second)

    third = await ordered(desk, "R-RBP")
    assert (await desk.ok("GET", f"/visits/{third}/order"))["estimates"][0]["proposed"] == ["R-RBP", "M-TYRE4"]
    await tell(await exit_used(desk, third), third)
    fourth = await arrive(desk)
    assert [each["operation"] for each in (await desk.ok("GET", f"/visits/{fourth}/proposals"))["operations"]] == ["M-TYRE4"]


@pytest.mark.clause("R9")
async def test_recommendations_of_two_visits_are_two_though_their_numbers_are_the_same(desk: Desk, tell: Tell) -> None:
    for operation in ("R-RBP", "M-TYRE4"):
        visit = await ordered(desk)
        await tell(qc_passed(visit, Recommendation(recommendation="team-e-1-1", operation=operation, safety=True)), visit)
        await tell(await exit_used(desk, visit), visit)
    third = await arrive(desk)
    proposals = await desk.ok("GET", f"/visits/{third}/proposals")
    assert [each["operation"] for each in proposals["operations"]] == ["R-RBP", "M-TYRE4"]


@pytest.mark.clause("R9")
async def test_what_was_found_after_the_final_inspection_is_proposed_at_the_next_visit(desk: Desk, tell: Tell) -> None:
    visit = await ordered(desk)
    found = Recommendation(recommendation="found-9", operation="R-RBP", safety=True)
    await tell(RecommendationAdded(visit=visit, recommendation=found), visit)
    await tell(await exit_used(desk, visit), visit)
    second = await arrive(desk)
    (proposal,) = (await desk.ok("GET", f"/visits/{second}/proposals"))["operations"]
    assert (proposal["operation"], proposal["safety"]) == ("R-RBP", True)


@pytest.mark.clause("R9")
async def test_edge_case_4_what_was_declined_and_then_done_at_the_same_visit_is_not_proposed_as_refused(
    desk: Desk, tell: Tell, clock: HandClock
) -> None:
    visit = await ordered(desk)
    for operation in ("R-WIPE", "R-BULB"):
        await answers(desk, visit, await quote(desk, visit, operations=[operation]), accepted=False)
    clock.goes(hours=2)
    await answers(desk, visit, await quote(desk, visit, operations=["R-WIPE"]), accepted=True)
    await tell(RevisionTaken(visit=visit, revision=2, items=("item-1", "wish-3")), visit)
    clock.goes(hours=2)
    again = Recommendation(recommendation="r-1", operation="R-FBP")
    await tell(qc_passed(visit, again), visit)
    said = again.model_dump() | {"answer": "declines", "consequence_explained": True}
    await tell(RecommendationAnswered(visit=visit, **said), visit)  # of the other axle, say: later than what was done of it
    await tell(await exit_used(desk, visit), visit)
    second = await arrive(desk)
    offers = (await desk.ok("GET", f"/visits/{second}/proposals"))["operations"]
    assert [(each["operation"], each["answer"]) for each in offers] == [("R-BULB", "declines"), ("R-FBP", "declines")]


@pytest.mark.clause("R9")
async def test_edge_case_1_a_safety_item_that_was_found_stays_one_when_the_order_is_ended_or_it_is_declined(desk: Desk, tell: Tell) -> None:
    visit = await ordered(desk)
    for number, operation in enumerate(("R-RBP", "R-BALL", "R-TIE"), 1):
        fact = WorkFound(visit=visit, found=f"found-{number}", kind="add_on", operation=operation, by="tech-1", safety=True)
        await tell(fact, visit)
    assert [task["safety"] for task in await desk.ok("GET", "/tasks")] == [True, True, True]
    declined = await quote(desk, visit, found="found-1")
    await answers(desk, visit, declined, accepted=False)
    await quote(desk, visit, found="found-2")
    await desk.ok("POST", f"/visits/{visit}/cancellation", {})
    await tell(WorkFound(visit=visit, found="found-4", kind="add_on", operation="R-FBD", by="tech-1", safety=True), visit)
    offers = (await desk.ok("GET", f"/visits/{visit}/proposals"))["operations"]
    assert {each["operation"]: each["safety"] for each in offers} == {"R-RBP": True, "R-BALL": True, "R-TIE": True, "R-FBD": True}


@pytest.mark.clause("R9")
@pytest.mark.parametrize("touched", [True, False])
async def test_edge_case_1_what_was_ordered_and_not_done_is_proposed_again(desk: Desk, tell: Tell, touched: bool) -> None:
    first = await ordered(desk)
    await tell(qc_passed(first, Recommendation(recommendation="r-1", operation="R-RBP", safety=True)), first)
    await tell(await exit_used(desk, first), first)
    second = await ordered(desk, "R-RBP")
    await desk.ok("POST", f"/visits/{second}/cancellation", {})
    leaving = await exit_used(desk, second)
    if touched:
        with pytest.raises(NotYet):
            await tell(leaving, second)
        await tell(qc_passed(second).model_copy(update={"items": ()}), second)
    else:
        await tell(JobEnded(visit=second, reason="cancelled_before_work", touched=False), second)
    await tell(leaving, second)
    third = await arrive(desk)
    assert "R-RBP" in [each["operation"] for each in (await desk.ok("GET", f"/visits/{third}/proposals"))["operations"]]


@pytest.mark.clause("R9")
@pytest.mark.parametrize(("days", "due"), [(100, False), (175, True)])
async def test_maintenance_is_proposed_when_it_is_due(desk: Desk, tell: Tell, clock: HandClock, days: int, due: bool) -> None:
    visit = await ordered(desk)
    await tell(await exit_used(desk, visit, due_on=date(2026, 9, 9)), visit)
    clock.goes(days=days)
    second = await arrive(desk)
    assert ((await desk.ok("GET", f"/visits/{second}/proposals"))["maintenance_due"] is not None) is due


async def test_an_event_of_a_visit_that_is_not_known_yet_waits(store: Store, tell: Tell) -> None:
    with pytest.raises(NotFound):
        await tell(qc_passed("visit-unknown", Recommendation(recommendation="r-1", operation="R-RBP")), "visit-unknown")
    assert await store.select(Visit, {}) == []


@pytest.mark.clause("R8")
async def test_what_open_orders_still_need_is_not_available_to_the_next(desk: Desk, tell: Tell) -> None:
    first = await ordered(desk)
    await tell(StockChanged(part_no="BP-4001", change=-9, on_hand=1, reason="issued", lead_days=2), "BP-4001")
    second = await ordered(desk, vin="LFPM4ACC0RD346802", plate="京J9F945")
    (line,) = (await desk.ok("GET", f"/visits/{second}/order"))["lookup"]
    assert (line["available"], line["expected_on"]) == (False, "2026-03-11")
    issued = StockChanged(part_no="BP-4001", change=-1, on_hand=0, reason="issue", reference="S-1", lead_days=2, visit=first)
    await tell(issued, "BP-4001")
    third = await ordered(desk, vin="LFP73ACC4TA816256", plate="京EBHB2E")
    (line,) = (await desk.ok("GET", f"/visits/{third}/order"))["lookup"]
    assert not line["available"]  # the second one's


@pytest.mark.clause("R8")
async def test_what_comes_first_is_for_those_who_signed_first(desk: Desk, tell: Tell) -> None:
    """Ten are ordered for the 12th, the first order needs nine of them: a second is not promised what the first one waits for."""
    first = await ordered(desk)
    await tell(StockChanged(part_no="BP-4001", change=-9, on_hand=0, reason="issued", lead_days=2, free=0), "BP-4001")
    await tell(PartsReserved(part_no="BP-4001", visit=first, quantity=9, covered=0, free=0), "BP-4001")
    assert (await on_the_board(desk))["to_draw"] == {"BP-4001": 9}
    await tell(PartOrdered(part_no="BP-4001", quantity=9, expected_on=date(2026, 3, 12), visit=first, by="parts-1"), "BP-4001")
    second = await ordered(desk, vin="LFPM4ACC0RD346802", plate="京J9F945")
    (line,) = (await desk.ok("GET", f"/visits/{second}/order"))["lookup"]
    assert (line["available"], line["expected_on"]) == (False, "2026-03-11")  # by the lead time of a new order
    await tell(PartOrdered(part_no="BP-4001", quantity=9, expected_on=date(2026, 3, 13), by="parts-1"), "BP-4001")
    third = await ordered(desk, vin="LFP73ACC4TA816256", plate="京EBHB2E")
    (line,) = (await desk.ok("GET", f"/visits/{third}/order"))["lookup"]
    assert line["expected_on"] == "2026-03-13"
    await tell(PartsReserved(part_no="BP-4001", visit=first, quantity=0, covered=0, free=0), "BP-4001")
    fourth = await ordered(desk, vin="LFPH3ACC8L1234567", plate="京A12345")
    (line,) = (await desk.ok("GET", f"/visits/{fourth}/order"))["lookup"]
    assert line["expected_on"] == "2026-03-12"


@pytest.mark.clause("R10")
async def test_a_promise_at_risk_is_shown_on_the_board(desk: Desk, clock: HandClock) -> None:
    await ordered(desk)
    assert not (await on_the_board(desk))["at_risk"]
    clock.goes(minutes=50)
    assert (await on_the_board(desk))["at_risk"]


@pytest.mark.clause("R2")
async def test_the_odometer_is_compared_with_that_of_the_last_visit(desk: Desk, tell: Tell) -> None:
    visit = await ordered(desk)
    await tell(await gone(desk, visit), visit)
    second = await arrive(desk)
    drafted = await desk.ok("PUT", f"/visits/{second}/check-in-sheet", SHEET | {"odometer_km": 40000})
    assert drafted["sheet_missing"] == ["odometer_lower_reason"]
    reason = {"odometer_km": 40000, "odometer_lower_reason": "更换仪表"}
    assert (await desk.ok("PUT", f"/visits/{second}/check-in-sheet", SHEET | reason))["sheet_missing"] == []


@pytest.mark.clause("R2")
async def test_who_refuses_to_sign_the_sheet_is_recorded_with_a_witness(desk: Desk) -> None:
    visit = await arrive(desk)
    await desk.ok("PUT", f"/visits/{visit}/check-in-sheet", SHEET)
    refusal = {"reason": "客户认为划痕不是原有的", "witness": "唐晓，接待员"}
    seen = await desk.ok("POST", f"/visits/{visit}/check-in-sheet/refusal", refusal)
    assert seen["signature_refused"]["advisor"] == "advisor-1"
    await desk.refused("R2", "POST", f"/visits/{visit}/estimates", {})
