"""R5: what is unclear goes to the manufacturer before anybody signs, and its ruling is kept."""

from datetime import datetime
from typing import Any

import pytest

from shared.contracts.reception import AdvisorTaskMoved, AdvisorTaskOverdue, WarrantyQuestionEscalated, WarrantyRuled
from shared.contracts.workshop import WorkFound
from shared.store import Store
from shared.timers import TimerLoop
from tests.reception.conftest import ChangeSetting, Desk, HandClock, Tell
from tests.reception.recorded import journal, text, told
from tests.reception.walk import CHOICES, accept_estimate, arrive, check_in, consult, gone, ordered, sign_order

pytestmark = pytest.mark.clause("R5")

WHY = {"reason": "质量担保范围不明"}
COVERS = {"covers": True, "reference": "MFR-1"}


async def unclear(desk: Desk) -> str:
    """A visit at its estimate, one item of which is unclear."""
    visit = await arrive(desk)
    await check_in(desk, visit)
    await consult(desk, visit, "R-FBP")
    found = {"item": "item-1", "operation": "R-FBP", "fault": "determined", "warranty": "unclear", "customer_told": True}
    await desk.ok("POST", f"/visits/{visit}/diagnoses", found)
    await accept_estimate(desk, visit)
    await desk.ok("POST", f"/visits/{visit}/promise")
    return visit


async def test_an_unclear_item_is_taken_to_the_manufacturer_before_the_order_is_signed(desk: Desk, store: Store) -> None:
    visit = await unclear(desk)
    refused = await desk.refused("R5", "PUT", f"/visits/{visit}/order", CHOICES)
    assert refused["missing"] == ["item-1"]
    await desk.ok("POST", f"/visits/{visit}/items/item-1/escalation", WHY)
    await desk.refused("R5", "POST", f"/visits/{visit}/items/item-1/escalation", WHY)
    (asked,) = await journal(store, visit, WarrantyQuestionEscalated)
    assert await text(store, asked.reason) == WHY["reason"]
    await sign_order(desk, visit)


async def test_what_is_clear_is_no_question_for_the_manufacturer(desk: Desk) -> None:
    visit = await ordered(desk)
    await desk.refused("R5", "POST", f"/visits/{visit}/items/item-1/escalation", WHY)
    await desk.refused("R5", "POST", f"/visits/{visit}/items/item-9/escalation", WHY)
    await desk.refused("R5", "POST", f"/visits/{visit}/items/item-1/ruling", COVERS)


async def test_an_unclear_change_is_taken_to_the_manufacturer_before_the_customer_accepts_it(desk: Desk, tell: Tell) -> None:
    visit = await ordered(desk)
    await tell(WorkFound(visit=visit, found="found-1", kind="add_on", operation="R-RBP", by="tech-1"), visit)
    quoted = await desk.ok("POST", f"/visits/{visit}/changes", {"found": "found-1", "warranty": "unclear"})
    said = {"accepted": True, "channel": "phone", "content_hash": quoted["changes"][-1]["content_hash"]}
    await desk.refused("R5", "POST", f"/visits/{visit}/changes/change-1/answer", said)
    await desk.ok("POST", f"/visits/{visit}/items/found-1/escalation", WHY)
    await desk.ok("POST", f"/visits/{visit}/changes/change-1/answer", said)


@pytest.mark.parametrize("covers", [True, False])
async def test_the_ruling_is_recorded_with_its_reference_also_after_the_delivery(
    desk: Desk, tell: Tell, store: Store, covers: bool
) -> None:
    visit = await unclear(desk)
    await desk.ok("POST", f"/visits/{visit}/items/item-1/escalation", WHY)
    await sign_order(desk, visit)
    await tell(await gone(desk, visit), visit)
    ruled = await desk.who_is("bizsup-1").ok("POST", f"/visits/{visit}/items/item-1/ruling", {"covers": covers, "reference": "MFR-7"})
    assert ruled["questions"][0]["covers"] is covers
    (ruling,) = await journal(store, visit, WarrantyRuled)
    assert (ruling.item, ruling.covers, ruling.reference, ruling.by) == ("item-1", covers, "MFR-7", "bizsup-1")
    await desk.refused("R5", "POST", f"/visits/{visit}/items/item-1/ruling", COVERS)
    assert (await desk.ok("GET", f"/visits/{visit}/warranty-questions"))["questions"][0]["reference"] == "MFR-7"


@pytest.mark.parametrize(("covers", "ruled", "not_said"), [(True, "yes", "no"), (False, "no", "yes")])
async def test_an_item_that_was_asked_about_stays_that_work_and_is_as_the_manufacturer_ruled(
    desk: Desk, covers: bool, ruled: str, not_said: str
) -> None:
    visit = await unclear(desk)
    await desk.ok("POST", f"/visits/{visit}/items/item-1/escalation", WHY)
    at = f"/visits/{visit}/diagnoses"
    found = {"item": "item-1", "operation": "R-FBP", "fault": "determined", "warranty": "unclear", "customer_told": True}
    await desk.refused("R5", "POST", at, found | {"operation": "R-THERM"})
    await desk.refused("R5", "POST", at, found | {"warranty": ruled})
    await desk.ok("POST", at, found)
    await desk.ok("POST", f"/visits/{visit}/items/item-1/ruling", {"covers": covers, "reference": "MFR-7"})
    await desk.refused("R5", "POST", at, found | {"warranty": not_said})
    await desk.refused("R5", "POST", at, found | {"operation": "R-THERM"})
    await desk.ok("POST", at, found | {"warranty": ruled})
    other = {name: value for name, value in found.items() if name != "item"} | {"operation": "R-THERM"}
    assert (await desk.ok("POST", at, other))["diagnoses"][-1]["item"] == "item-2"


async def test_found_work_is_quoted_as_the_manufacturer_ruled(desk: Desk, tell: Tell) -> None:
    visit = await ordered(desk)
    await tell(WorkFound(visit=visit, found="found-1", kind="add_on", operation="R-RBP", by="tech-1"), visit)
    await desk.ok("POST", f"/visits/{visit}/items/found-1/escalation", WHY)
    await desk.ok("POST", f"/visits/{visit}/items/found-1/ruling", COVERS | {"covers": False})
    await desk.refused("R5", "POST", f"/visits/{visit}/changes", {"found": "found-1", "warranty": "yes"})
    await desk.ok("POST", f"/visits/{visit}/changes", {"found": "found-1", "warranty": "no"})


async def test_a_ruling_that_stays_out_is_told_to_the_business_supervisor(
    desk: Desk, store: Store, clock: HandClock, timers: TimerLoop
) -> None:
    visit = await unclear(desk)
    await desk.ok("POST", f"/visits/{visit}/items/item-1/escalation", WHY)
    (task,) = await desk.ok("GET", "/tasks")
    assert (task["kind"], task["due_by"]) == ("ruling", "2026-03-12T15:59:59Z")
    clock.goes(days=4)
    await timers.fire_due()
    (notice,) = await told(store, "advisor_task_overdue")
    assert (notice["clause"], notice["roles"]) == ("R5", ["business_supervisor"])


# -- EDGE_CASES 12: a changed calendar


def end_of(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T23:59:59+08:00")


async def awaited(desk: Desk) -> str:
    """A ruling that is due by the end of Thursday the 12th."""
    visit = await unclear(desk)
    await desk.ok("POST", f"/visits/{visit}/items/item-1/escalation", WHY)
    return visit


async def test_a_changed_calendar_counts_the_days_of_an_open_ruling_anew(
    desk: Desk, store: Store, clock: HandClock, timers: TimerLoop, change_setting: ChangeSetting
) -> None:
    visit = await awaited(desk)
    await change_setting(("calendar.holidays", ("2026-03-10", "2026-03-11")))
    (task,) = await desk.ok("GET", "/tasks")
    assert task["due_by"] == "2026-03-16T15:59:59Z"
    (moved,) = await journal(store, visit, AdvisorTaskMoved)
    assert (moved.task, moved.kind, moved.due_by) == (task["id"], "ruling", end_of("2026-03-16"))
    clock.goes(days=4)
    await timers.fire_due()
    assert await told(store, "advisor_task_overdue") == []
    clock.goes(days=4)
    await timers.fire_due()
    (overdue,) = await journal(store, visit, AdvisorTaskOverdue)
    assert overdue.due_by == moved.due_by


async def test_two_changes_of_the_calendar_in_quick_succession_do_not_undo_each_other(
    desk: Desk, clock: HandClock, change_setting: ChangeSetting
) -> None:
    await awaited(desk)
    clock.goes(hours=1)
    await change_setting(("calendar.holidays", ("2026-03-10", "2026-03-11")), ("calendar.working_days", ("2026-03-14",)))
    assert [task["due_by"] for task in await desk.ok("GET", "/tasks")] == ["2026-03-14T15:59:59Z"]


@pytest.mark.parametrize("told_of", [True, False])
async def test_a_ruling_that_is_late_stays_late_and_none_becomes_so_by_a_calendar(
    desk: Desk, store: Store, clock: HandClock, timers: TimerLoop, change_setting: ChangeSetting, told_of: bool
) -> None:
    visit = await awaited(desk)
    clock.goes(days=4)
    if told_of:
        await timers.fire_due()
    await change_setting(("calendar.holidays", ("2026-03-10", "2026-03-11", "2026-03-12")))
    await timers.fire_due()
    (overdue,) = await journal(store, visit, AdvisorTaskOverdue)
    assert overdue.due_by == end_of("2026-03-12")
    assert await journal(store, visit, AdvisorTaskMoved) == []


async def test_a_calendar_with_more_working_days_makes_no_ruling_late(
    desk: Desk, store: Store, clock: HandClock, change_setting: ChangeSetting
) -> None:
    visit = await awaited(desk)
    await change_setting(("calendar.holidays", ("2026-03-10", "2026-03-11", "2026-03-12")))
    clock.goes(days=4)
    await change_setting(("calendar.holidays", ()))
    (moved,) = await journal(store, visit, AdvisorTaskMoved)
    assert moved.due_by == end_of("2026-03-17")


@pytest.mark.parametrize("setting", [("deadlines.ruling_working_days", 9), ("shop.open_days", "mon-fri"), ("shop.bays", 3)])
async def test_other_settings_move_no_ruling(desk: Desk, store: Store, change_setting: ChangeSetting, setting: tuple[str, Any]) -> None:
    visit = await awaited(desk)
    await change_setting(setting)
    assert await journal(store, visit, AdvisorTaskMoved) == []


async def test_a_ruling_that_is_there_is_moved_no_more(desk: Desk, store: Store, change_setting: ChangeSetting) -> None:
    visit = await awaited(desk)
    await desk.ok("POST", f"/visits/{visit}/items/item-1/ruling", COVERS)
    await change_setting(("calendar.holidays", ("2026-03-10",)))
    assert await journal(store, visit, AdvisorTaskMoved) == []
