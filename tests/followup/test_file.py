"""F2, F3: the customer file and the planned contact, in the domain alone."""

from datetime import datetime

import pytest

from services.followup.file import ContactInThePast, CustomerFile, FileDuty, FileExists, FileMissing, FormalitiesNotDone
from shared.branch import Branch
from shared.contracts.followup import ContactPlanned, CustomerFileOpened, DutyOverdue
from shared.refusal import Refused
from tests.followup.people import CUSTOMER, VEHICLE, VISIT, ZONE, local

NEED = "text:followup:need"
TOPICS = ("car_condition", "next_maintenance")


def announced(at: str = "2026-03-09 08:10") -> FileDuty:
    blank = FileDuty(id=VISIT)
    return blank.after(blank.announce(CUSTOMER, VEHICLE, "agent-1", local(at)))


def opened(branch: Branch, since: str = "2026-03-09 09:00") -> FileDuty:
    duty = announced()
    return duty.after(duty.open(local(since), branch.site))


def filed(branch: Branch) -> FileDuty:
    duty = opened(branch)
    return duty.after(duty.open_file("agent-1", NEED, TOPICS, local("2026-03-12 18:30"), local("2026-03-09 10:00")))


@pytest.mark.clause("F2")
@pytest.mark.parametrize(
    ("formalities_done", "last_day"),
    [
        ("2026-03-09 09:00", "2026-03-11"),  # Monday: Wednesday
        ("2026-03-13 17:59", "2026-03-17"),  # Friday: over the weekend to Tuesday
        ("2026-03-14 10:00", "2026-03-17"),  # Saturday: Monday and Tuesday count
        ("2025-09-30 10:00", "2025-10-10"),  # the last day before eight days of holiday
        ("2025-09-26 10:00", "2025-09-29"),  # Friday: the make-up Sunday and Monday count
        ("2026-03-09 23:59", "2026-03-11"),  # the day is the site's, not that of UTC
    ],
)
def test_the_file_is_due_at_the_end_of_the_second_working_day(branch: Branch, formalities_done: str, last_day: str) -> None:
    due = opened(branch, formalities_done).due_by
    assert due
    assert due.astimezone(ZONE).replace(tzinfo=None) == datetime.fromisoformat(f"{last_day} 23:59:59")


@pytest.mark.clause("F2")
def test_a_duty_that_stands_is_not_opened_again(branch: Branch) -> None:
    assert opened(branch).open(local("2026-03-10 09:00"), branch.site) == []


@pytest.mark.clause("F2")
@pytest.mark.clause("F3")
def test_with_the_file_the_next_contact_is_planned(branch: Branch) -> None:
    events = opened(branch).open_file("agent-1", NEED, TOPICS, local("2026-03-12 18:30"), local("2026-03-09 10:00"))
    assert [type(event) for event in events] == [CustomerFileOpened, ContactPlanned]
    plan = filed(branch).plan
    assert plan
    assert (plan.need, plan.topics, plan.at) == (NEED, TOPICS, local("2026-03-12 18:30"))


@pytest.mark.clause("F2")
@pytest.mark.clause("F3")
@pytest.mark.parametrize(
    ("state", "move", "at", "refusal"),
    [
        ("announced", "open_file", "2026-03-12 18:30", FormalitiesNotDone),
        ("filed", "open_file", "2026-03-12 18:30", FileExists),
        ("announced", "plan_contact", "2026-03-12 18:30", FileMissing),
        ("opened", "plan_contact", "2026-03-12 18:30", FileMissing),
        ("opened", "open_file", "2026-03-09 10:00", ContactInThePast),
        ("filed", "plan_contact", "2026-03-09 09:59", ContactInThePast),
    ],
)
def test_every_other_move_is_refused(branch: Branch, state: str, move: str, at: str, refusal: type[Refused]) -> None:
    duty = {"announced": announced(), "opened": opened(branch), "filed": filed(branch)}[state]
    with pytest.raises(refusal) as raised:
        getattr(duty, move)("agent-1", NEED, TOPICS, local(at), local("2026-03-09 10:00"))
    assert raised.value.clause in ("F2", "F3")


@pytest.mark.clause("F3")
def test_the_newest_plan_holds(branch: Branch) -> None:
    duty = filed(branch)
    again = duty.after(duty.plan_contact("agent-2", NEED, ("tyres",), local("2026-03-20 10:00"), local("2026-03-13 10:00")))
    assert again.plan
    assert again.plan.topics == ("tyres",)


@pytest.mark.clause("F2")
def test_the_second_visit_of_a_customer_is_in_the_same_file() -> None:
    file = CustomerFile(id=CUSTOMER)
    file = file.after(file.add_visit("visit-1", "vehicle-1"))
    file = file.after(file.add_visit("visit-2", "vehicle-1"))
    file = file.after(file.add_visit("visit-3", "vehicle-2"))
    assert file.visits == ("visit-1", "visit-2", "visit-3")
    assert file.vehicles == ("vehicle-1", "vehicle-2")


@pytest.mark.clause("F10")
def test_a_file_that_is_late_escalates_once_and_a_filed_one_never(branch: Branch) -> None:
    late = opened(branch)
    assert late.escalate() == [DutyOverdue(visit=VISIT, duty=f"{VISIT}-file", kind="file", level="red")]
    assert late.after(late.escalate()).escalate() == []
    assert filed(branch).escalate() == []
    assert announced().escalate() == []
