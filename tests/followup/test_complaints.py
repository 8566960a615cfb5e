"""F5: from the complaint to the customer who is content, in memory; demands and wishes until they are answered."""

from datetime import date
from functools import partial
from typing import TypeVar

import pytest

from services.followup import desk
from services.followup.acts import complaints, entries, unsolved
from services.followup.acts.entries import open_entries
from services.followup.calls import CallDuty
from services.followup.complaint import (
    Complaint,
    ComplaintIsClosed,
    NoSolutionYet,
    NotAComeBack,
    SolutionStands,
)
from services.followup.entry import Entry, EntryIsClosed
from services.followup.register import Letter, RegisteredCall
from services.followup.talk import EntrySaid
from services.followup.unsolved import DecisionInThePast, NotReported, OwnerIsNobody, OwnerMayNotSolve, OwnerStands, ReportedAlready
from shared.aggregate import Aggregate
from shared.branch import Branch
from shared.contracts.followup import (
    CallDutyClosed,
    ComeBackLinked,
    ComplaintClosed,
    ComplaintReported,
    DeadlineMoved,
    DutyOverdue,
    EntryOpened,
    SiteSettingChanged,
)
from shared.contracts.values import Channel
from shared.contracts.workshop import JobDispatched
from shared.effects import BufferedUnit
from shared.refusal import NotFound, Refused
from tests.followup.office import Office
from tests.followup.people import CUSTOMER, VISIT, checked_in, delivered, local, order_signed, said

A = TypeVar("A", bound=Aggregate)

ID = f"{VISIT}-first-1"
NOW = "2026-03-10 18:30"


@pytest.fixture
async def office(branch: Branch) -> Office:
    """Delivered on Monday; on Tuesday's first call the customer complains, and wishes something."""
    office = Office(branch)
    await office.delivered_visit()
    at, planned = local(NOW), local("2026-03-09 17:00")
    await office.act(lambda unit: desk.open_file(unit, VISIT, "text:followup:need", ("car_condition", "tyres"), at), planned)
    entries = (
        EntrySaid(kind="complaint", text="text:followup:2", owner="advisor-1"),
        EntrySaid(kind="wish", text="text:followup:3", owner="advisor-2"),
    )
    words = said("car_condition").model_copy(update={"entries": entries})

    async def hold(unit: BufferedUnit) -> None:
        await open_entries(unit, await desk.hold_call(unit, f"{VISIT}-first", words, None))

    await office.act(hold, at)
    return office


async def report(office: Office, at: str = "2026-03-11 10:00") -> Complaint:
    return await office.act(lambda unit: unsolved.report(unit, Complaint, ID, "text:followup:why"), local(at), "advisor-1")


async def decide(office: Office, due_on: str = "2026-03-13", at: str = "2026-03-11 11:00") -> Complaint:
    due = date.fromisoformat(due_on)
    return await office.act(lambda unit: unsolved.decide(unit, Complaint, ID, "text:followup:decided", due), local(at), "bizsup-1")


async def solve(office: Office, at: str = "2026-03-11 14:00") -> Complaint:
    return await office.act(lambda unit: complaints.solve(unit, ID, "text:followup:solution"), local(at), "advisor-1")


async def tell(office: Office, at: str = "2026-03-11 15:00", *, content: bool = True, channel: Channel = Channel.PHONE) -> Complaint:
    return await office.act(lambda unit: complaints.tell_customer(unit, ID, channel, content=content), local(at))


def entered(office: Office, kind: type[A]) -> list[A]:
    return [office.found(kind, key) for name, key in office.rows if name == kind.COLLECTION]


def overdue(office: Office) -> list[str]:
    return [each.kind for each in office.journalled(DutyOverdue) if isinstance(each, DutyOverdue)]


@pytest.mark.clause("F4")
@pytest.mark.clause("F5")
async def test_each_entry_of_a_call_is_a_thing_of_its_own_with_its_owner(office: Office) -> None:
    complaint, wish = office.found(Complaint, ID), office.found(Entry, f"{VISIT}-first-2")
    assert (complaint.channel, complaint.customer, complaint.visit, complaint.owner) == ("call", CUSTOMER, VISIT, "advisor-1")
    assert complaint.report_by == local("2026-03-12 23:59:59")
    assert (wish.kind, wish.owner, wish.words) == ("wish", "advisor-2", "text:followup:3")
    assert [list(notice["people"]) for notice in office.told("complaint_to_solve")] == [["advisor-1"]]
    assert [list(notice["people"]) for notice in office.told("entry_to_see_to")] == [["advisor-2"]]


@pytest.mark.clause("F5")
async def test_a_content_customer_closes_it_and_the_call_is_in_the_register(office: Office) -> None:
    await solve(office)
    complaint = await tell(office)
    assert complaint.closed
    assert len(office.journalled(ComplaintClosed)) == 1
    (call,) = [each for each in entered(office, RegisteredCall) if each.duty is None]
    assert (call.purpose, call.direction, call.result) == ("complaint", "out", "content")
    assert not [key for key in office.timers if key.startswith(ID)]


@pytest.mark.clause("F5")
@pytest.mark.clause("F9")
async def test_a_letter_that_tells_the_solution_is_in_the_letter_register(office: Office) -> None:
    await solve(office)
    await tell(office, channel=Channel.LETTER)
    (letter,) = entered(office, Letter)
    assert (letter.kind, letter.content) == ("answer", "text:followup:solution")


@pytest.mark.clause("F5")
async def test_a_customer_who_is_not_content_reopens_the_work(office: Office) -> None:
    await report(office)
    await solve(office)
    complaint = await tell(office, content=False)
    assert (complaint.closed, complaint.solution, complaint.reported) == (False, None, False)
    assert complaint.rejected == ("text:followup:solution",)
    assert complaint.report_by == local("2026-03-13 23:59:59")
    assert office.timers[f"{ID}:report"].due_at == local("2026-03-13 20:00")


@pytest.mark.clause("F5")
async def test_unsolved_it_is_reported_by_itself_on_the_second_working_day(office: Office) -> None:
    await office.until(local("2026-03-12 19:59"))
    assert office.journalled(ComplaintReported) == []
    await office.until(local("2026-03-12 20:00"))
    (reported,) = office.journalled(ComplaintReported)
    assert isinstance(reported, ComplaintReported)
    assert (reported.by, reported.itself) == ("system", True)
    assert [list(notice["roles"]) for notice in office.told("unsolved_complaint")] == [["business_supervisor"]]


@pytest.mark.clause("F5")
async def test_what_was_reported_or_solved_in_time_is_not_reported_by_itself(office: Office) -> None:
    await report(office)
    await office.until(local("2026-04-01 08:00"))
    assert len(office.journalled(ComplaintReported)) == 1


@pytest.mark.clause("F5")
async def test_a_decision_has_its_own_date_and_escalates_past_it(office: Office) -> None:
    await report(office)
    complaint = await decide(office)
    assert (complaint.decision, complaint.due_on) == ("text:followup:decided", date(2026, 3, 13))
    assert [list(notice["people"]) for notice in office.told("decided_complaint")] == [["advisor-1"]]
    await office.until(local("2026-03-13 23:59"))
    assert "complaint_decision" not in overdue(office)
    await office.until(local("2026-03-14 00:00"))
    assert "complaint_decision" in overdue(office)


@pytest.mark.clause("F5")
@pytest.mark.clause("F10")
async def test_a_solution_that_is_not_told_the_same_day_escalates_once(office: Office) -> None:
    await solve(office)
    await office.until(local("2026-03-11 23:59"))
    assert overdue(office) == []
    await office.until(local("2026-03-12 00:00"))
    assert overdue(office) == ["complaint_told"]
    assert office.found(Complaint, ID).escalate("told") == []


@pytest.mark.clause("F5")
async def test_every_other_move_is_refused(office: Office) -> None:
    with pytest.raises(NoSolutionYet):
        await tell(office)
    with pytest.raises(NotReported):
        await decide(office)
    await report(office)
    with pytest.raises(ReportedAlready):
        await report(office)
    with pytest.raises(DecisionInThePast):
        await decide(office, "2026-03-10")
    await solve(office)
    for again in (solve, report, decide):
        with pytest.raises(SolutionStands):
            await again(office)
    await tell(office)
    for move in (solve, report, decide, tell):
        with pytest.raises(ComplaintIsClosed) as refused:
            await move(office)
        assert isinstance(refused.value, Refused)
        assert refused.value.clause == "F5"


@pytest.mark.clause("F5")
@pytest.mark.clause("F8")
async def test_a_complaint_from_any_channel(office: Office) -> None:
    async def take(unit: BufferedUnit, channel: str, owner: str = "agent-1", customer: str = CUSTOMER) -> Complaint:
        return await complaints.open_complaint(unit, f"complaint-{channel}", channel, customer, None, "text:followup:9", owner)

    for channel in ("call", "letter", "face_to_face"):
        complaint = await office.act(partial(take, channel=channel), local(NOW), "advisor-2")
        assert (complaint.channel, complaint.taken_by, complaint.owner) == (channel, "advisor-2", "agent-1")
    assert [each.direction for each in entered(office, RegisteredCall)].count("in") == 1
    for refused, owner in ((OwnerIsNobody, "nobody"), (OwnerMayNotSolve, "cashier-1")):
        with pytest.raises(refused):
            await office.act(partial(take, channel="other", owner=owner), local(NOW))
    with pytest.raises(NotFound):
        await office.act(lambda unit: take(unit, "other", customer="customer-9"), local(NOW))


@pytest.mark.clause("F5")
async def test_a_come_back_is_linked_to_the_first_order_its_teams_and_inspector(office: Office) -> None:
    office.rows["visits", VISIT] |= {"teams": ["team-e"], "inspector": "qc-1"}
    await office.hear(checked_in("visit-2"), local("2026-03-12 08:00"))
    await office.act(lambda unit: complaints.link_come_back(unit, ID, "visit-2"), local("2026-03-12 08:30"))
    (linked,) = office.journalled(ComeBackLinked)
    assert isinstance(linked, ComeBackLinked)
    assert (linked.come_back, linked.order, linked.teams, linked.inspector) == ("visit-2", "WO-1", ("team-e",), "qc-1")
    await office.hear(checked_in("visit-3", vehicle="vehicle-2"), local("2026-03-12 08:00"))
    for other in ("visit-2", "visit-3", VISIT):
        with pytest.raises(NotAComeBack):
            await office.act(partial(complaints.link_come_back, id=ID, come_back=other), local("2026-03-12 08:30"))


def given(**teams: str) -> JobDispatched:
    assignments = tuple(JobDispatched.Assignment(item=item, team=team) for item, team in teams.items())
    return JobDispatched(visit=VISIT, supervisor="supervisor-1", priority=3, assignments=assignments)


@pytest.mark.clause("F5")
@pytest.mark.parametrize(
    ("row", "teams"),
    [({}, ("team-e", "team-m")), ({"teams": ["team-b"]}, ("team-b", "team-e", "team-m"))],
    ids=["all was heard by this version", "some by the one before, which kept no items"],
)
async def test_edge_case_10_a_come_back_counts_against_the_team_of_each_item(
    office: Office, row: dict[str, list[str]], teams: tuple[str, ...]
) -> None:
    """A dispatch names only the items that it gives: none, where the priority alone changes."""
    office.rows["visits", VISIT] |= row | {"inspector": "qc-1"}
    for dispatched in (given(i1="team-b", i2="team-b"), given(i1="team-m"), given(i2="team-e"), given()):
        await office.hear(dispatched, local("2026-03-09 10:00"))
    await came_back(office)
    await link(office)
    (linked,) = office.journalled(ComeBackLinked)
    assert isinstance(linked, ComeBackLinked)
    assert linked.teams == teams


@pytest.mark.clause("F5")
@pytest.mark.parametrize("checked_in_at", ["2026-03-02 08:00", "2026-03-09 08:10"], ids=["earlier", "at the same moment"])
async def test_edge_case_10_a_visit_that_was_not_later_is_no_come_back(office: Office, checked_in_at: str) -> None:
    await office.hear(office.journalled(CallDutyClosed)[0], local(NOW))
    await came_back(office, at=checked_in_at)
    with pytest.raises(NotAComeBack):
        await link(office)
    assert calls_due(office) == {f"{VISIT}-second": ()}


async def came_back(office: Office, customer: str = CUSTOMER, at: str = "2026-03-11 08:00") -> None:
    await office.hear(checked_in("visit-2", customer=customer), local(at))


async def link(office: Office, at: str = "2026-03-12 08:30") -> None:
    await office.act(lambda unit: complaints.link_come_back(unit, ID, "visit-2"), local(at))


def calls_due(office: Office) -> dict[str, tuple[str, ...]]:
    """The calls that are still to be made, and the earlier visits that each is about too."""
    return {duty.id: duty.about for duty in entered(office, CallDuty) if duty.outcome is None}


@pytest.mark.clause("F4")
@pytest.mark.clause("F6")
@pytest.mark.parametrize("first", ("the first call was heard of", "linked before that"))
async def test_edge_case_10_a_come_back_has_one_call_about_both_visits(office: Office, first: str) -> None:
    closed, at = office.journalled(CallDutyClosed)[0], local(NOW)
    if first == "the first call was heard of":
        await office.hear(closed, at)
    await came_back(office)
    await link(office)
    if first == "linked before that":
        await office.hear(closed, at)
    assert calls_due(office) == {}
    await office.hear(delivered("visit-2"), local("2026-03-13 16:00"))
    assert calls_due(office) == {"visit-2-first": (VISIT,)}
    assert not [key for key in office.timers if key.startswith(f"{VISIT}-") and ("amber" in key or "red" in key)]


@pytest.mark.clause("F4")
async def test_edge_case_10_linked_after_the_come_backs_exit_its_call_is_about_both_from_then_on(office: Office) -> None:
    await office.hear(office.journalled(CallDutyClosed)[0], local(NOW))
    await came_back(office)
    await office.hear(delivered("visit-2"), local("2026-03-11 16:00"))
    assert calls_due(office) == {f"{VISIT}-second": (), "visit-2-first": ()}
    await link(office)
    assert calls_due(office) == {"visit-2-first": (VISIT,)}


@pytest.mark.clause("F6")
async def test_another_customers_come_back_takes_nobodys_call(office: Office) -> None:
    await office.hear(office.journalled(CallDutyClosed)[0], local(NOW))
    office.knows_customer(customer="customer-2")
    await came_back(office, "customer-2")
    await link(office)
    assert calls_due(office) == {f"{VISIT}-second": ()}


@pytest.mark.clause("F6")
async def test_a_come_back_linked_after_its_call_leaves_the_earlier_visit_its_own(office: Office) -> None:
    await office.hear(office.journalled(CallDutyClosed)[0], local(NOW))
    await came_back(office)
    await office.hear(delivered("visit-2"), local("2026-03-11 16:00"))
    await office.hear(order_signed("visit-2"), local("2026-03-11 09:00"))
    planned = local("2026-03-12 18:30")
    await office.act(
        lambda unit: desk.open_file(unit, "visit-2", "text:followup:need", ("car_condition",), planned), local("2026-03-11 17:00")
    )
    await office.act(lambda unit: desk.hold_call(unit, "visit-2-first", said("car_condition"), None), planned)
    await link(office, "2026-03-12 19:00")
    assert calls_due(office) == {f"{VISIT}-second": ()}


@pytest.mark.clause("F4")
@pytest.mark.clause("F10")
async def test_a_wish_is_answered_or_escalates(office: Office) -> None:
    wish = f"{VISIT}-first-2"
    assert len(office.journalled(EntryOpened)) == 1
    await office.until(local("2026-03-13 00:00"))
    assert overdue(office).count("entry") == 1
    entry = await office.act(lambda unit: entries.close(unit, wish, "text:followup:answer", Channel.PHONE), local("2026-03-13 09:00"))
    assert (entry.closed_by, entry.answer) == ("agent-1", "text:followup:answer")
    with pytest.raises(EntryIsClosed):
        await office.act(lambda unit: entries.close(unit, wish, "text:followup:answer", Channel.PHONE), local("2026-03-13 09:00"))


WISH = f"{VISIT}-first-2"


async def report_wish(office: Office, at: str = "2026-03-11 10:00") -> Entry:
    return await office.act(lambda unit: unsolved.report(unit, Entry, WISH, "text:followup:why"), local(at), "advisor-2")


async def decide_wish(office: Office, due_on: str, at: str = "2026-03-11 11:00") -> Entry:
    due = date.fromisoformat(due_on)
    return await office.act(lambda unit: unsolved.decide(unit, Entry, WISH, "text:followup:decided", due), local(at), "bizsup-1")


@pytest.mark.clause("F8")
@pytest.mark.clause("F9")
async def test_an_answer_by_phone_or_letter_is_in_that_register_too(office: Office) -> None:
    closed = await office.act(lambda unit: entries.close(unit, WISH, "text:followup:answer", Channel.PHONE), local(NOW))
    (call,) = [each for each in entered(office, RegisteredCall) if each.duty is None]
    assert (call.id, call.purpose, call.result, call.note) == (closed.call, "entry", "answered", "text:followup:answer")
    other = Office(office.branch)
    await other.delivered_visit()
    opened = EntryOpened(entry="e-1", kind="wish", customer=CUSTOMER, words="text:1", owner="advisor-2", answer_by=local(NOW))
    await other.act(lambda unit: unit.create(Entry, "e-1", lambda entry: [opened]), local(NOW))
    closed = await other.act(lambda unit: entries.close(unit, "e-1", "text:followup:answer", Channel.LETTER), local(NOW))
    (letter,) = entered(other, Letter)
    assert (letter.id, letter.kind, letter.content) == (closed.letter, "answer", "text:followup:answer")


@pytest.mark.clause("F5")
async def test_it_is_handed_over_to_another_owner_and_both_are_told(office: Office) -> None:
    async def complaint_to(owner: str) -> Complaint:
        return await office.act(lambda unit: unsolved.hand_over(unit, Complaint, ID, owner), local(NOW))

    async def wish_to(owner: str) -> Entry:
        return await office.act(lambda unit: unsolved.hand_over(unit, Entry, WISH, owner), local(NOW))

    assert (await complaint_to("supervisor-1")).owner == "supervisor-1"
    assert (await wish_to("supervisor-1")).owner == "supervisor-1"
    told = [set(notice["people"]) for matter in ("complaint", "entry") for notice in office.told(f"handed_over_{matter}")]
    assert told == [{"supervisor-1", "advisor-1"}, {"supervisor-1", "advisor-2"}]
    for refused, owner in ((OwnerIsNobody, "nobody-1"), (OwnerMayNotSolve, "tech-1"), (OwnerStands, "supervisor-1")):
        with pytest.raises(refused):
            await complaint_to(owner)
    await office.until(local("2026-03-13 00:00"))
    for matter in ("complaint", "entry"):
        assert "supervisor-1" in {person for notice in office.told(f"unsolved_{matter}") for person in notice["people"]}


@pytest.mark.clause("F5")
async def test_what_is_over_is_handed_over_to_nobody(office: Office) -> None:
    await office.act(lambda unit: entries.close(unit, WISH, "text:followup:answer", Channel.IN_PERSON), local(NOW))
    with pytest.raises(EntryIsClosed):
        await office.act(lambda unit: unsolved.hand_over(unit, Entry, WISH, "supervisor-1"), local(NOW))
    await solve(office)
    await tell(office)
    with pytest.raises(ComplaintIsClosed):
        await office.act(lambda unit: unsolved.hand_over(unit, Complaint, ID, "supervisor-1"), local("2026-03-11 16:00"))


@pytest.mark.clause("F5")
async def test_an_unanswered_wish_is_reported_by_itself_on_its_last_day_where_nobody_did(office: Office) -> None:
    await office.until(local("2026-03-12 19:59"))
    assert office.told("unsolved_entry") == []
    await office.until(local("2026-03-12 20:00"))
    (notice,) = office.told("unsolved_entry")
    assert (list(notice["roles"]), list(notice["people"]), notice["facts"]["itself"]) == (["business_supervisor"], ["advisor-2"], "yes")
    assert office.found(Entry, WISH).reported
    with pytest.raises(ReportedAlready):
        await report_wish(office, "2026-03-12 20:05")


@pytest.mark.clause("F5")
async def test_a_reported_wish_is_decided_with_a_date_and_past_it_escalates_until_the_customer_is_answered(office: Office) -> None:
    with pytest.raises(NotReported):
        await decide_wish(office, "2026-03-13")
    await report_wish(office)
    with pytest.raises(DecisionInThePast):
        await decide_wish(office, "2026-03-10")
    decided = await decide_wish(office, "2026-03-13")
    assert (decided.reported_by, decided.reason, decided.due_on) == ("advisor-2", "text:followup:why", date(2026, 3, 13))
    (told,) = office.told("decided_entry")
    assert (list(told["people"]), told["facts"]["due_on"]) == (["advisor-2"], "2026-03-13")
    await office.until(local("2026-03-13 23:59"))
    assert "entry_decision" not in overdue(office)
    await office.until(local("2026-03-14 00:00"))
    assert overdue(office).count("entry_decision") == 1
    await decide_wish(office, "2026-03-16", "2026-03-14 09:00")
    await office.act(lambda unit: entries.close(unit, WISH, "text:followup:answer", Channel.IN_PERSON), local("2026-03-15 09:00"))
    await office.until(local("2026-03-20 00:00"))
    assert overdue(office).count("entry_decision") == 1
    for late in (report_wish(office, "2026-03-16 09:00"), decide_wish(office, "2026-03-18", "2026-03-16 09:00")):
        with pytest.raises(EntryIsClosed):
            await late


@pytest.mark.clause("F5")
@pytest.mark.clause("F10")
async def test_a_wish_that_was_decided_in_time_is_late_on_the_decisions_own_date_and_not_before(office: Office) -> None:
    await report_wish(office)
    await decide_wish(office, "2026-03-20")
    assert f"{WISH}:answer" not in office.timers
    await close_a_day(office, "2026-03-11 12:00")
    await office.until(local("2026-03-20 23:59"))
    assert {"entry", "entry_decision"}.isdisjoint(overdue(office))
    await office.until(local("2026-03-21 00:00"))
    assert [each for each in overdue(office) if each.startswith("entry")] == ["entry_decision"]


async def close_a_day(office: Office, at: str) -> list[str]:
    """EDGE_CASES 12: Thursday the 12th becomes a free day of the site; gives what was moved by it."""
    closed = SiteSettingChanged(key="calendar.holidays", value=("2026-03-12",), by="bizsup-1", reason="text:followup:9")
    await office.hear(closed, local(at))
    return sorted(each.kind for each in office.journalled(DeadlineMoved) if isinstance(each, DeadlineMoved))


@pytest.mark.clause("F5")
@pytest.mark.clause("F10")
async def test_a_changed_calendar_moves_the_two_days_of_what_is_not_late(office: Office) -> None:
    assert await close_a_day(office, "2026-03-11 09:00") == ["complaint", "entry"]
    friday = local("2026-03-13 23:59:59")
    assert (office.found(Complaint, ID).report_by, office.found(Entry, WISH).answer_by) == (friday, friday)
    await office.until(local("2026-03-13 19:59"))
    assert (office.told("unsolved_complaint"), office.told("unsolved_entry")) == ([], [])
    await office.until(local("2026-03-13 20:00"))
    assert (len(office.told("unsolved_complaint")), len(office.told("unsolved_entry"))) == (1, 1)
    await office.until(local("2026-03-14 00:00"))
    assert overdue(office).count("entry") == 1


@pytest.mark.clause("F5")
async def test_a_solution_that_did_not_content_has_its_days_by_the_changed_calendar_too(office: Office) -> None:
    await solve(office)
    await tell(office, content=False)
    assert office.found(Complaint, ID).report_by == local("2026-03-13 23:59:59")
    assert "complaint" in await close_a_day(office, "2026-03-11 17:00")
    assert office.found(Complaint, ID).report_by == local("2026-03-16 23:59:59")


@pytest.mark.clause("F10")
async def test_what_was_reported_or_is_late_is_not_moved(office: Office) -> None:
    await office.until(local("2026-03-13 00:00"))
    assert await close_a_day(office, "2026-03-13 09:00") == []
