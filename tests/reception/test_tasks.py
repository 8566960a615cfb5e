"""W6, W7: what the workshop reports or asks goes to the customer in time, and the answer goes back."""

from datetime import datetime
from typing import Any

import pytest

from shared.contracts.reception import AdvisorTaskDone, AdvisorTaskMoved, AdvisorTaskOverdue, BelongingsAnswered, ProgressTold
from shared.contracts.workshop import BelongingsRequested, ProgressReported
from shared.store import Store
from shared.timers import TimerLoop
from tests.reception.conftest import ChangeSetting, Desk, HandClock, Tell
from tests.reception.recorded import journal, told
from tests.reception.walk import gone, ordered


def report(visit: str, kind: str = "later", minutes: int = 40, number: int = 1) -> ProgressReported:
    return ProgressReported(visit=visit, report=f"report-{number}", kind=kind, minutes=minutes, by="tech-1")


@pytest.mark.clause("W7")
@pytest.mark.parametrize(
    ("kind", "answer", "promised"),
    [
        ("later", "accepts", "2026-03-09T04:00:00Z"),
        ("later", "wants_car_as_promised", "2026-03-09T03:20:00Z"),
        ("earlier", "accepts", "2026-03-09T02:40:00Z"),
        ("at_risk", "accepts", "2026-03-09T04:00:00Z"),
    ],
)
async def test_the_customer_is_told_of_progress_and_the_promise_moves_with_the_answer(
    desk: Desk, tell: Tell, store: Store, kind: str, answer: str, promised: str
) -> None:
    visit = await ordered(desk)
    await tell(report(visit, kind), visit)
    (task,) = await desk.ok("GET", f"/visits/{visit}/tasks")
    assert task["kind"] == ("delay_warning" if kind == "at_risk" else "progress")
    told_so = {"answer": answer, "channel": "in_person"}
    changes = await desk.ok("POST", f"/visits/{visit}/progress/report-1/told", told_so)
    assert (changes["promised_at"], changes["told"]) == (promised, ["report-1"])
    (said,) = await journal(store, visit, ProgressTold)
    assert (said.answer, said.advisor, said.report) == (answer, "advisor-1", "report-1")
    await desk.refused("W7", "POST", f"/visits/{visit}/progress/report-1/told", told_so)


@pytest.mark.clause("W7")
async def test_who_says_which_version_they_saw_means_that_of_the_changes_and_not_of_the_task(desk: Desk, tell: Tell) -> None:
    visit = await ordered(desk)
    for number in (1, 2, 3):
        await tell(report(visit, number=number), visit)
    at, told_so = f"/visits/{visit}/progress", {"answer": "accepts", "channel": "in_person"}
    first = await desk.send("POST", f"{at}/report-1/told", told_so)
    second = await desk.send("POST", f"{at}/report-2/told", told_so, If_Match=first.headers["ETag"])
    assert second.status_code == 200, second.text
    stale = await desk.send("POST", f"{at}/report-3/told", told_so, If_Match=first.headers["ETag"])
    assert (stale.status_code, stale.json()["clause"]) == (409, "")
    assert [task["about"] for task in await desk.ok("GET", "/tasks")] == ["report-3"]


@pytest.mark.clause("W7")
async def test_a_report_that_a_restored_workshop_makes_again_under_its_old_number_opens_no_task_anew(desk: Desk, tell: Tell) -> None:
    """The answer stands here. Once, the task was listed as open again and could not be ended: the exit of the car was a dead letter."""
    visit = await ordered(desk)
    await tell(report(visit), visit)
    await desk.ok("POST", f"/visits/{visit}/progress/report-1/told", {"answer": "accepts", "channel": "in_person"})
    await tell(report(visit), visit)
    assert await desk.ok("GET", "/tasks") == []
    await tell(await gone(desk, visit), visit)
    assert (await desk.ok("GET", f"/visits/{visit}"))["closed"]


@pytest.mark.clause("W7")
async def test_a_delay_past_closing_goes_into_the_next_morning(desk: Desk, tell: Tell) -> None:
    visit = await ordered(desk)
    await tell(report(visit, minutes=600), visit)
    changes = await desk.ok("POST", f"/visits/{visit}/progress/report-1/told", {"answer": "accepts", "channel": "phone"})
    assert changes["promised_at"] == "2026-03-10T01:20:00Z"


@pytest.mark.clause("W7")
@pytest.mark.parametrize(("minutes", "promised"), [(60, "2026-03-09T02:20:00Z"), (200, "2026-03-09T02:00:00Z")])
async def test_earlier_is_never_earlier_than_now(desk: Desk, tell: Tell, clock: HandClock, minutes: int, promised: str) -> None:
    visit = await ordered(desk)
    await tell(report(visit, "earlier", minutes), visit)
    changes = await desk.ok("POST", f"/visits/{visit}/progress/report-1/told", {"answer": "accepts", "channel": "phone"})
    assert (changes["promised_at"], clock.now().isoformat()) == (promised, "2026-03-09T02:00:00+00:00")


@pytest.mark.clause("W7")
async def test_earlier_than_opening_is_the_evening_before(desk: Desk, tell: Tell) -> None:
    """The promise of the next morning, 09:20, earlier by three hours of work."""
    visit = await ordered(desk)
    await tell(report(visit, minutes=600), visit)
    await tell(report(visit, "earlier", 180, number=2), visit)
    for number in (1, 2):
        told_so = {"answer": "accepts", "channel": "phone"}
        changes = await desk.ok("POST", f"/visits/{visit}/progress/report-{number}/told", told_so)
    assert changes["promised_at"] == "2026-03-09T10:20:00Z"


@pytest.mark.clause("W7")
async def test_work_that_goes_on_as_promised_is_nothing_to_call_about(desk: Desk, tell: Tell) -> None:
    visit = await ordered(desk)
    await tell(report(visit, "resumed"), visit)
    assert await desk.ok("GET", "/tasks") == []


@pytest.mark.clause("W6")
@pytest.mark.parametrize("agrees", [True, False])
async def test_the_customer_is_asked_before_belongings_are_touched(desk: Desk, tell: Tell, store: Store, agrees: bool) -> None:
    visit = await ordered(desk)
    await tell(BelongingsRequested(visit=visit, request="request-1", need="text:workshop:1", by="tech-1"), visit)
    path = f"/visits/{visit}/belongings/request-1/answer"
    await desk.ok("POST", path, {"agrees": agrees, "channel": "phone"})
    (said,) = await journal(store, visit, BelongingsAnswered)
    assert (said.request, said.agrees, said.advisor) == ("request-1", agrees, "advisor-1")
    await desk.refused("W7", "POST", path, {"agrees": agrees, "channel": "phone"})


@pytest.mark.clause("W6")
@pytest.mark.clause("W7")
async def test_an_answer_to_one_matter_does_not_close_another(desk: Desk, tell: Tell, store: Store) -> None:
    """Once, a ruling's task could be closed as belongings, and no ruling was recorded any more; the workshop waited for the request."""
    visit = await ordered(desk)
    await tell(report(visit), visit)
    await tell(BelongingsRequested(visit=visit, request="request-1", need="text:workshop:1", by="tech-1"), visit)
    touch, heard = {"agrees": True, "channel": "phone"}, {"answer": "accepts", "channel": "phone"}
    for path, said in (("belongings/report-1/answer", touch), ("progress/request-1/told", heard)):
        assert (await desk.send("POST", f"/visits/{visit}/{path}", said)).status_code == 404
    assert {task["about"] for task in await desk.ok("GET", "/tasks")} == {"report-1", "request-1"}
    assert not await journal(store, visit, BelongingsAnswered)


@pytest.mark.clause("W7")
async def test_a_customer_who_was_not_reached_in_time_is_named_to_the_supervisors_once(
    desk: Desk, tell: Tell, store: Store, clock: HandClock, timers: TimerLoop
) -> None:
    visit = await ordered(desk)
    await tell(report(visit), visit)
    clock.goes(minutes=29)
    assert await timers.fire_due() == 0
    clock.goes(minutes=1)
    await timers.fire_due()
    (overdue,) = await journal(store, visit, AdvisorTaskOverdue)
    assert (overdue.kind, overdue.advisor) == ("progress", "advisor-1")
    (notice,) = await told(store, "advisor_task_overdue")
    assert notice["roles"] == ["business_supervisor", "workshop_supervisor"]
    await desk.ok("POST", f"/visits/{visit}/progress/report-1/told", {"answer": "accepts", "channel": "phone"})


@pytest.mark.clause("W7")
async def test_a_task_opened_at_closing_time_is_due_when_the_branch_has_opened_again(desk: Desk, tell: Tell, clock: HandClock) -> None:
    visit = await ordered(desk)
    clock.goes(hours=9, minutes=50)
    await tell(report(visit), visit)
    (task,) = await desk.ok("GET", "/tasks")
    assert task["due_by"] == "2026-03-10T00:20:00Z"


@pytest.mark.clause("W7")
@pytest.mark.parametrize(
    ("key", "value", "due_by"),
    [
        ("shop.opens", "10:00", "2026-03-10T02:20:00Z"),
        ("shop.open_days", "mon,wed-sun", "2026-03-11T00:20:00Z"),
        ("shop.closes", "20:10", "2026-03-10T00:10:00Z"),
        ("shop.closes", "22:00", None),
        ("shop.bays", 3, None),
        ("deadlines.advisor_task_minutes", 90, None),
        ("calendar.holidays", ("2026-03-10",), None),
    ],
)
async def test_changed_opening_hours_count_the_time_of_an_open_task_anew(
    desk: Desk,
    tell: Tell,
    store: Store,
    clock: HandClock,
    timers: TimerLoop,
    change_setting: ChangeSetting,
    key: str,
    value: Any,
    due_by: str | None,
) -> None:
    """EDGE_CASES 12. Opened ten minutes before the branch closes, changed half an hour after it has: nobody is late by what is said now."""
    visit = await ordered(desk)
    clock.goes(hours=9, minutes=50)
    await tell(report(visit), visit)
    clock.goes(minutes=40)
    await change_setting((key, value))
    (task,) = await desk.ok("GET", "/tasks")
    moved = await journal(store, visit, AdvisorTaskMoved)
    assert (task["due_by"], len(moved)) == (due_by or "2026-03-10T00:20:00Z", 1 if due_by else 0)
    assert [each.model_dump(mode="json")["due_by"] for each in moved] == ([due_by] if due_by else [])
    for seconds, overdue in ((-1, 0), (1, 1)):
        clock.at = datetime.fromisoformat(task["due_by"])
        clock.goes(seconds=seconds)
        await timers.fire_due()
        assert len(await told(store, "advisor_task_overdue")) == overdue


@pytest.mark.clause("W7")
async def test_an_answer_in_time_leaves_nothing_to_warn_about(
    desk: Desk, tell: Tell, store: Store, clock: HandClock, timers: TimerLoop
) -> None:
    visit = await ordered(desk)
    await tell(report(visit), visit)
    await desk.ok("POST", f"/visits/{visit}/progress/report-1/told", {"answer": "accepts", "channel": "phone"})
    clock.goes(days=1)
    await timers.fire_due()
    assert await told(store, "advisor_task_overdue") == []


@pytest.mark.clause("W7")
async def test_nobody_has_to_be_asked_any_more_once_the_car_has_left(desk: Desk, tell: Tell, store: Store) -> None:
    visit = await ordered(desk)
    await tell(report(visit), visit)
    await tell(await gone(desk, visit), visit)
    assert await desk.ok("GET", "/tasks") == []
    (done,) = await journal(store, visit, AdvisorTaskDone)
    assert done.by == "system"
    await tell(report(visit, number=2), visit)
    assert await desk.ok("GET", "/tasks") == []


async def test_an_answer_to_something_that_nobody_asked_is_not_found(desk: Desk) -> None:
    visit = await ordered(desk)
    told_so = {"answer": "accepts", "channel": "phone"}
    assert (await desk.send("POST", f"/visits/{visit}/progress/report-9/told", told_so)).status_code == 404
    answer = {"agrees": True, "channel": "phone"}
    assert (await desk.send("POST", f"/visits/{visit}/belongings/request-9/answer", answer)).status_code == 404
