"""A2 to A4: reminded, moved, cancelled, not come; prepared before the car comes; each advisor's opening checklist."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from services.reception.appointment import Appointment
from services.reception.opening import last_open_day_at, next_open_day_at
from shared.contracts.reception import AppointmentReminded, CustomerDidNotCome, SlotFreed
from shared.contracts.workshop import AbsenceRecorded, StockChanged
from shared.store import Store
from shared.timers import TimerLoop
from tests.reception.conftest import ChangeSetting, Desk, HandClock, Tell
from tests.reception.counter import BRANCH, NOW
from tests.reception.recorded import journal, told
from tests.reception.test_api import BOOKING

TODAY, TOMORROW = "2026-03-09", "2026-03-10"
ALL = ["bay_and_team", "surroundings", "customer_file", "forms"]
POINTS = {"points": ["appearance", "forms", "tools_and_materials", "surroundings"]}


async def book(desk: Desk, **other: Any) -> Any:
    return await desk.ok("POST", "/appointments", BOOKING | other)


async def taken(desk: Desk, day: str, slot: str = "10:00:00") -> int:
    slots = {each["slot"]: each["taken"] for each in await desk.ok("GET", f"/slots?day={day}")}
    return int(slots[slot])


@pytest.mark.clause("A2")
async def test_the_customer_is_reminded_the_day_before_once(desk: Desk, store: Store, clock: HandClock, timers: TimerLoop) -> None:
    booked = await book(desk, day="2026-03-12")
    clock.goes(days=1, hours=23)
    await timers.fire_due()
    assert await journal(store, booked["id"], AppointmentReminded) == []
    clock.goes(hours=1)
    await timers.fire_due()
    (reminded,) = await journal(store, booked["id"], AppointmentReminded)
    assert reminded.day == date(2026, 3, 12)
    (notice,) = await told(store, "appointment_tomorrow")
    assert (notice["clause"], notice["roles"], notice["people"]) == ("A2", ["receptionist"], ["advisor-2"])
    confirmed = await desk.ok("POST", f"/appointments/{booked['id']}/confirmation", {"channel": "phone"})
    assert (confirmed["reminded"], confirmed["confirmed_by"]) == (True, "phone")


@pytest.mark.clause("A2")
async def test_a_moved_appointment_gives_its_place_back_and_is_reminded_of_its_new_day(
    desk: Desk, store: Store, clock: HandClock, timers: TimerLoop
) -> None:
    booked = await book(desk, day="2026-03-12")
    to = {"day": "2026-03-14", "slot": "08:30"}
    moved = await desk.ok("POST", f"/appointments/{booked['id']}/move", to)
    assert (moved["day"], moved["arrives_at"], moved["moved"]) == ("2026-03-14", "2026-03-14T00:30:00Z", 1)
    assert (await taken(desk, "2026-03-12"), await taken(desk, "2026-03-14", "08:30:00")) == (0, 1)
    clock.goes(days=2)
    await timers.fire_due()
    assert await told(store, "appointment_tomorrow") == []
    clock.goes(days=2)
    await timers.fire_due()
    assert [each["facts"]["day"] for each in await told(store, "appointment_tomorrow")] == ["2026-03-14"]


@pytest.mark.clause("A2")
async def test_a_move_to_a_full_slot_is_refused_and_changes_nothing(desk: Desk) -> None:
    for number in range(4):
        await book(desk, day="2026-03-14", vehicle={"vin": f"LFPH3APC2RC87910{number}"})
    booked = await book(desk)
    problem = await desk.refused("A1", "POST", f"/appointments/{booked['id']}/move", {"day": "2026-03-14", "slot": "10:00"})
    assert len(problem["facts"]["nearest"]) == 3
    assert await taken(desk, TOMORROW) == 1
    same = await desk.ok("POST", f"/appointments/{booked['id']}/move", {"day": TOMORROW, "slot": "10:30"})
    assert same["arrives_at"] == "2026-03-10T02:30:00Z"


@pytest.mark.clause("A2")
async def test_a_cancelled_appointment_gives_its_place_back_and_nobody_arrives_on_it(desk: Desk, store: Store) -> None:
    booked = await book(desk)
    await desk.ok("POST", f"/appointments/{booked['id']}/cancellation", {"reason": "客户出差"})
    assert await taken(desk, TOMORROW) == 0
    assert len(await journal(store, f"slots-{TOMORROW}", SlotFreed)) == 1
    for path, body in {"cancellation": {}, "confirmation": {"channel": "phone"}, "move": {"day": TOMORROW, "slot": "10:00"}}.items():
        await desk.refused("A2", "POST", f"/appointments/{booked['id']}/{path}", body)
    await desk.refused("A2", "POST", "/arrivals", {"appointment": booked["id"]})


@pytest.mark.clause("A2")
async def test_who_is_booked_is_expected_until_the_branch_closes_as_it_does_by_then(
    desk: Desk, store: Store, clock: HandClock, timers: TimerLoop, change_setting: ChangeSetting
) -> None:
    booked = (await book(desk))["id"]
    await change_setting(("shop.closes", "21:00"))
    clock.at = datetime(2026, 3, 10, 12, tzinfo=UTC)
    await timers.fire_due()
    assert await journal(store, booked, CustomerDidNotCome) == []
    await change_setting(("shop.closes", "18:00"))
    clock.goes(hours=1)
    await timers.fire_due()
    assert len(await journal(store, booked, CustomerDidNotCome)) == 1


@pytest.mark.clause("A2")
async def test_the_customer_is_reminded_on_a_day_on_which_the_branch_opens_by_then(
    desk: Desk, store: Store, clock: HandClock, timers: TimerLoop, change_setting: ChangeSetting
) -> None:
    """Thursday's: on Wednesday; on Tuesday where Wednesday is closed by then; and where Tuesday is as well, not given up."""
    booked = (await book(desk, day="2026-03-12"))["id"]
    await change_setting(("shop.open_days", "mon-tue,thu-sun"))
    clock.goes(hours=23)
    await change_setting(("shop.open_days", "mon,thu-sun"))
    await timers.fire_due()
    assert await journal(store, booked, AppointmentReminded) == []
    clock.goes(hours=1)
    await timers.fire_due()
    assert len(await journal(store, booked, AppointmentReminded)) == 1


@pytest.mark.clause("A2")
async def test_who_does_not_come_is_recorded_at_closing_time_and_shown_at_the_next_booking(
    desk: Desk, store: Store, clock: HandClock, timers: TimerLoop
) -> None:
    booked = await book(desk)
    clock.goes(days=1, hours=9, minutes=59)
    await timers.fire_due()
    assert await journal(store, booked["id"], CustomerDidNotCome) == []
    clock.goes(minutes=1)
    await timers.fire_due()
    (missed,) = await journal(store, booked["id"], CustomerDidNotCome)
    assert (missed.customer, missed.day) == (booked["customer"], date(2026, 3, 10))
    again = await book(desk, day="2026-03-12")
    assert again["no_shows"] == [TOMORROW]
    arrived = await desk.ok("POST", "/arrivals", {"appointment": booked["id"]})  # a day late, and served all the same
    assert arrived["id"] == booked["id"]


@pytest.mark.clause("A2")
async def test_who_has_come_is_not_reported_missing(desk: Desk, store: Store, clock: HandClock, timers: TimerLoop) -> None:
    booked = await book(desk)
    clock.goes(days=1)
    await desk.ok("POST", "/arrivals", {"appointment": booked["id"]})
    clock.goes(days=1)
    await timers.fire_due()
    assert await journal(store, booked["id"], CustomerDidNotCome) == []
    assert (await desk.ok("GET", f"/appointments/{booked['id']}"))["kept"]


@pytest.mark.clause("A1")
async def test_the_phone_script_is_on_the_booking_screen(desk: Desk) -> None:
    script = await desk.ok("GET", "/booking-script")
    assert "周敏" in script[0]["zh-CN"]
    assert all(set(step) == {"zh-CN", "en"} for step in script)


@pytest.mark.clause("A3")
async def test_the_board_says_what_is_missing_for_an_appointment_while_there_is_still_time(desk: Desk, tell: Tell) -> None:
    booked = await book(desk, operations=["R-FBP", "M-10K"])
    (line,) = await desk.ok("GET", f"/preparations?day={TOMORROW}")
    assert (line["visit"], line["missing"]) == (booked["id"], ALL)
    assert next((each["team"], each["skills"]) for each in line["teams"]) == ("team-m", ["chassis", "maintenance"])
    await tell(StockChanged(part_no="BP-4001", change=-9, on_hand=0, reason="issued", lead_days=2), "BP-4001")
    await desk.ok("POST", f"/appointments/{booked['id']}/preparations", {"things": ALL[:3]})
    (line,) = await desk.ok("GET", f"/preparations?day={TOMORROW}")
    assert line["missing"] == ["part:BP-4001", "forms"]
    ordered = StockChanged(part_no="BP-4001", change=0, on_hand=0, reason="ordered", lead_days=2, expected_on=date(2026, 3, 9))
    await tell(ordered, "BP-4001")
    await desk.ok("POST", f"/appointments/{booked['id']}/preparations", {"things": ["forms"]})
    (line,) = await desk.ok("GET", f"/preparations?day={TOMORROW}")
    assert line["missing"] == []
    answered = await desk.send("POST", f"/appointments/{booked['id']}/preparations", {"things": ["coffee"]})
    assert answered.status_code == 422


def absence(person: str, day: date) -> AbsenceRecorded:
    begins = datetime.combine(day, time(), BRANCH.site.zone).astimezone(UTC)
    ends = begins + timedelta(days=1)
    return AbsenceRecorded(person=person, absence="absence-1", kind="leave", starts_at=begins, ends_at=ends, by="supervisor-1")


@pytest.mark.clause("A1")
async def test_left_out_the_advisor_is_who_is_there_with_the_fewest_appointments_that_day(desk: Desk, tell: Tell) -> None:
    await tell(absence("advisor-3", date(2026, 3, 10)), "roster")
    cars = [{"vin": vin} for vin in ("LFPM4ACC0RD346802", "LFP73ACC4TA816256", "LFPH3APC2RC879158")]
    await book(desk, advisor="advisor-2")
    assert (await book(desk, vehicle=cars[0], advisor=None))["advisor"] == "advisor-1"
    await book(desk, vehicle=cars[1], advisor="advisor-1")
    assert (await book(desk, vehicle=cars[2], advisor=None))["advisor"] == "advisor-2"


@pytest.mark.clause("A1")
async def test_who_comes_on_an_earlier_day_leaves_the_place_on_the_agreed_day_to_others(desk: Desk) -> None:
    booked = await book(desk)
    assert await taken(desk, TOMORROW) == 1
    await desk.ok("POST", "/arrivals", {"appointment": booked["id"]})
    assert await taken(desk, TOMORROW) == 0


@pytest.mark.clause("A3")
async def test_what_is_missing_is_told_to_the_other_advisors_where_the_cars_own_is_away(
    desk: Desk, tell: Tell, store: Store, clock: HandClock, timers: TimerLoop
) -> None:
    await tell(absence("advisor-1", date(2026, 3, 9)), "roster")
    await book(desk, advisor="advisor-1")
    clock.goes(hours=6)
    await timers.fire_due()
    (missing,) = await told(store, "preparation_missing")
    assert (missing["people"], missing["roles"]) == (["advisor-1"], ["advisor"])


@pytest.mark.clause("A3")
async def test_supervisor_and_parts_clerk_are_told_of_tomorrows_cars_and_the_advisor_of_what_is_missing(
    desk: Desk, store: Store, clock: HandClock, timers: TimerLoop
) -> None:
    ready, other = await book(desk), await book(desk, vehicle={"vin": "LFPM4ACC0RD346802"}, advisor="advisor-1")
    await book(desk, vehicle={"vin": "LFP73ACC4TA816256"}, day="2026-03-11")
    await desk.ok("POST", f"/appointments/{ready['id']}/preparations", {"things": ALL})
    clock.goes(hours=6)
    await timers.fire_due()
    (notice,) = await told(store, "tomorrows_cars")
    assert (notice["roles"], notice["facts"]["day"], notice["facts"]["cars"]) == (["workshop_supervisor", "parts_clerk"], TOMORROW, "2")
    (missing,) = await told(store, "preparation_missing")
    assert (missing["people"], missing["visit"]) == (["advisor-1"], other["id"])


@pytest.mark.clause("A3")
async def test_a_car_booked_or_moved_to_tomorrow_after_the_evenings_notice_is_told_of_by_itself(
    desk: Desk, store: Store, clock: HandClock, timers: TimerLoop
) -> None:
    later = await book(desk, vehicle={"vin": "LFPM4ACC0RD346802"}, day="2026-03-12", operations=["R-FBP"], advisor="advisor-2")
    clock.goes(hours=6)
    await timers.fire_due()
    added = await book(desk)
    await desk.ok("POST", f"/appointments/{later['id']}/move", {"day": TOMORROW, "slot": "10:00", "channel": "phone"})
    await desk.ok("POST", f"/appointments/{later['id']}/move", {"day": TOMORROW, "slot": "11:00", "channel": "phone"})
    await book(desk, vehicle={"vin": "LFP73ACC4TA816256"}, day="2026-03-11")
    notices = await told(store, "one_more_car")
    assert [(each["visit"], each["facts"]["day"]) for each in notices] == [(added["id"], TOMORROW), (later["id"], TOMORROW)]
    assert {tuple(each["roles"]) for each in notices} == {("workshop_supervisor", "parts_clerk")}
    missing = await told(store, "preparation_missing")
    assert [(each["visit"], each["people"]) for each in missing] == [(added["id"], [added["advisor"]]), (later["id"], ["advisor-2"])]


@pytest.mark.clause("A3")
async def test_who_loses_the_last_part_to_a_car_that_is_booked_late_is_told(
    desk: Desk, tell: Tell, store: Store, clock: HandClock, timers: TimerLoop
) -> None:
    await tell(StockChanged(part_no="BP-4001", change=-9, on_hand=1, reason="issued", lead_days=2), "BP-4001")
    second = await book(desk, slot="10:00", operations=["R-FBP"], advisor="advisor-2")
    clock.goes(hours=6)
    await timers.fire_due()
    assert "BP-4001" not in str([each for each in await told(store, "preparation_missing") if each["visit"] == second["id"]])
    await book(desk, vehicle={"vin": "LFPM4ACC0RD346802"}, slot="09:00", operations=["R-FBP"])
    last = [each for each in await told(store, "preparation_missing") if each["visit"] == second["id"]][-1]
    assert (last["people"], "BP-4001" in last["facts"]["missing"]) == (["advisor-2"], True)


@pytest.mark.clause("A3")
async def test_one_part_on_the_shelf_is_there_for_the_first_car_of_the_day_only(
    desk: Desk, tell: Tell, store: Store, clock: HandClock, timers: TimerLoop
) -> None:
    second = await book(desk, slot="10:00", operations=["R-FBP"])
    first = await book(desk, vehicle={"vin": "LFPM4ACC0RD346802"}, slot="09:00", operations=["R-FBP"])
    await tell(StockChanged(part_no="BP-4001", change=-9, on_hand=1, reason="issued", lead_days=2), "BP-4001")
    board = {line["visit"]: line["missing"] for line in await desk.ok("GET", f"/preparations?day={TOMORROW}")}
    assert ("part:BP-4001" in board[first["id"]], "part:BP-4001" in board[second["id"]]) == (False, True)
    clock.goes(hours=6)
    await timers.fire_due()
    missing = {each["visit"]: each["facts"]["missing"] for each in await told(store, "preparation_missing")}
    assert ("BP-4001" in missing[first["id"]], "BP-4001" in missing[second["id"]]) == (False, True)


@pytest.mark.clause("A2")
@pytest.mark.clause("A3")
async def test_before_a_closed_day_reminder_and_preparation_are_of_the_next_day_that_the_branch_opens(
    desk: Desk, store: Store, clock: HandClock, timers: TimerLoop
) -> None:
    """Nobody is there on the Sunday before the appointment."""
    store.branch = store.branch.with_settings({"shop.open_days": "mon-sat"})
    store.site = store.branch.site
    booked = await book(desk, day="2026-03-16")
    for hours in (4 * 24 + 6, 17):
        clock.goes(hours=hours)
        await timers.fire_due()
    assert await journal(store, booked["id"], AppointmentReminded) == []
    clock.goes(hours=1)
    await timers.fire_due()
    assert len(await journal(store, booked["id"], AppointmentReminded)) == 1
    assert await told(store, "tomorrows_cars") == []
    clock.goes(hours=6)
    await timers.fire_due()
    assert [each["facts"]["day"] for each in await told(store, "tomorrows_cars")] == ["2026-03-16"]
    assert [each["visit"] for each in await told(store, "preparation_missing")] == [booked["id"]]


@pytest.mark.clause("A3")
@pytest.mark.clause("A4")
async def test_after_weeks_without_a_tick_of_the_clock_each_daily_timer_fires_once_and_sets_its_next(
    desk: Desk, store: Store, clock: HandClock, timers: TimerLoop
) -> None:
    await book(desk, day="2026-03-28")
    clock.goes(days=18, hours=7)
    await timers.fire_due()
    assert len(await told(store, "opening_checklists_missing")) == 1
    assert [each["facts"]["day"] for each in await told(store, "tomorrows_cars")] == ["2026-03-28"]
    assert await timers.fire_due() == 0
    rows = (
        await store.collection("timers")
        .find({"state": "waiting", "kind": {"$in": ["tell_of_tomorrow", "opening_checklists_due"]}})
        .to_list(9)
    )
    assert sorted(row["due_at"] for row in rows) == [datetime(2026, 3, 28, 1, tzinfo=UTC), datetime(2026, 3, 28, 8, tzinfo=UTC)]


@pytest.mark.clause("A4")
async def test_each_advisor_does_the_whole_opening_checklist_once_a_day(desk: Desk) -> None:
    problem = await desk.refused("A4", "POST", "/opening-checklists", {"points": ["appearance", "forms"]})
    assert problem["missing"] == ["tools_and_materials", "surroundings"]
    done = await desk.ok("POST", "/opening-checklists", POINTS)
    assert (done["day"], done["advisor"]) == (TODAY, "advisor-1")
    await desk.refused("A4", "POST", "/opening-checklists", POINTS)
    of_the_day = await desk.ok("GET", f"/opening-checklists?day={TODAY}")
    assert ([each["advisor"] for each in of_the_day["done"]], of_the_day["missing"]) == (["advisor-1"], ["advisor-2", "advisor-3"])


@pytest.mark.clause("A4")
async def test_who_has_not_done_the_checklist_is_told_to_the_business_supervisor(
    desk: Desk, store: Store, clock: HandClock, timers: TimerLoop
) -> None:
    clock.goes(hours=22)
    await desk.ok("POST", "/opening-checklists", POINTS)
    clock.goes(hours=1)
    await timers.fire_due()
    (notice,) = await told(store, "opening_checklists_missing")
    assert (notice["roles"], notice["facts"]) == (["business_supervisor"], {"day": TOMORROW, "missing": "advisor-2 advisor-3"})


@pytest.mark.clause("A4")
async def test_who_is_away_for_the_day_owes_no_opening_checklist(
    desk: Desk, tell: Tell, store: Store, clock: HandClock, timers: TimerLoop
) -> None:
    await tell(absence("advisor-2", date(2026, 3, 10)), "roster")
    clock.goes(hours=23)
    await timers.fire_due()
    (notice,) = await told(store, "opening_checklists_missing")
    assert notice["facts"] == {"day": TOMORROW, "missing": "advisor-1 advisor-3"}
    assert (await desk.ok("GET", f"/opening-checklists?day={TOMORROW}"))["missing"] == ["advisor-1", "advisor-3"]
    assert "advisor-2" in (await desk.ok("GET", f"/opening-checklists?day={TODAY}"))["missing"]


def test_a_day_on_which_the_branch_is_closed_has_no_daily_duty() -> None:
    weekdays = BRANCH.site.shop.model_copy(update={"open_days": frozenset(range(5))})
    branch = BRANCH.model_copy(update={"site": BRANCH.site.model_copy(update={"shop": weekdays})})
    saturday = datetime(2026, 3, 14, 4, tzinfo=UTC)
    nine = branch.site.deadlines.opening_checklist_by
    assert next_open_day_at(nine, branch, saturday) == datetime(2026, 3, 16, 1, tzinfo=UTC)
    assert last_open_day_at(nine, branch, saturday) == date(2026, 3, 13)
    assert next_open_day_at(nine, branch, NOW) == datetime(2026, 3, 10, 1, tzinfo=UTC)


def test_an_appointment_that_never_was_is_neither_reminded_nor_missed() -> None:
    assert Appointment(id="visit-1").remind() == Appointment(id="visit-1").miss() == []
