"""R10, A1: the promise and the slots count on those who are there, as the workshop tells of shifts and absences."""

from datetime import UTC, datetime, time, timedelta

import pytest

from services.reception.attendance import Attendance
from services.reception.promise import NoOneForTheWork, ShopLoad, earliest_completion
from services.reception.slots import technicians
from shared.contracts.workshop import AbsenceEnded, AbsenceRecorded, ShiftSet
from tests.reception.conftest import Desk, Tell
from tests.reception.counter import BRANCH, NOW
from tests.reception.test_promise import TEN, ordered
from tests.reception.walk import accept_estimate, arrive, check_in, consult

pytestmark = pytest.mark.clause("R10")

CHASSIS = [person.id for person in BRANCH.people("technician") if "chassis" in person.skills]
USUAL = timedelta(hours=0.8, minutes=32)
"""R-FBP and the finishing, up to the next five minutes."""


def away(person: str, ends_at: datetime | None = None, starts_at: datetime = NOW) -> AbsenceRecorded:
    return AbsenceRecorded(person=person, absence="absence-1", kind="leave", starts_at=starts_at, ends_at=ends_at, by="supervisor-1")


def with_all(*events: ShiftSet | AbsenceRecorded | AbsenceEnded) -> Attendance:
    attendance = Attendance()
    for event in events:
        attendance = attendance.after(event)
    return attendance


def earliest(attendance: Attendance, **hours: int) -> datetime:
    load = ShopLoad(hours_by_skill=hours, attendance=attendance)
    return earliest_completion(ordered("R-FBP"), load, None, BRANCH, NOW).astimezone(BRANCH.site.zone)


def test_the_hours_before_are_done_by_fewer_where_somebody_is_away() -> None:
    assert len(CHASSIS) == 4
    assert earliest(Attendance(), chassis=4) == TEN + timedelta(hours=1) + USUAL
    assert earliest(with_all(*map(away, CHASSIS[:2])), chassis=4) == TEN + timedelta(hours=2) + USUAL


def test_work_begins_when_the_first_who_can_do_it_is_back() -> None:
    back = NOW + timedelta(hours=3)
    attendance = with_all(*(away(person, back) for person in CHASSIS))
    assert earliest(attendance) == TEN + timedelta(hours=3) + USUAL
    sooner = AbsenceEnded(person=CHASSIS[0], absence="absence-1", ends_at=NOW + timedelta(hours=1), by="supervisor-1")
    assert earliest(attendance.after(sooner)) == TEN + timedelta(hours=1) + USUAL


def test_who_works_in_the_afternoon_does_nothing_in_the_morning() -> None:
    late = [ShiftSet(person=person, days=(0, 1, 2), starts=time(14), ends=time(18), by="supervisor-1") for person in CHASSIS]
    assert earliest(with_all(*late)) == TEN + timedelta(hours=4) + USUAL


def test_where_nobody_comes_back_nothing_is_promised() -> None:
    with pytest.raises(NoOneForTheWork) as refused:
        earliest(with_all(*map(away, CHASSIS)))
    assert list(refused.value.missing) == ["chassis"]


@pytest.mark.clause("A1")
def test_a_days_slots_have_the_hours_of_those_who_are_there_for_half_of_it() -> None:
    evening, next_day = NOW + timedelta(hours=9), NOW + timedelta(days=1)
    attendance = with_all(away(CHASSIS[0], starts_at=next_day), away(CHASSIS[1], starts_at=evening), away(CHASSIS[2], ends_at=next_day))
    day = NOW.date()
    there = [technicians("chassis", attendance.of_day(each, BRANCH)) for each in (day, next_day.date())]
    assert there == [3, 2]


async def test_the_promise_at_the_desk_follows_an_absence_that_the_workshop_records(desk: Desk, tell: Tell) -> None:
    visit = await arrive(desk)
    await check_in(desk, visit)
    await consult(desk, visit)
    await accept_estimate(desk, visit)
    usual = (await desk.ok("GET", f"/visits/{visit}/promise"))["earliest"]
    for person in CHASSIS:
        await tell(away(person, datetime(2026, 3, 10, 0, tzinfo=UTC)), "roster")
    later = (await desk.ok("GET", f"/visits/{visit}/promise"))["earliest"]
    assert datetime.fromisoformat(later) > datetime.fromisoformat(usual) + timedelta(hours=12)
