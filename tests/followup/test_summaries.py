"""F10: a month in numbers from the journal, edited, signed, given in a meeting, filed; and what is open now."""

from datetime import UTC, date, datetime

import pytest

from services.followup.acts.summaries import begin_watching
from services.followup.summary import Summary, bounds, periods_ended
from shared.branch import Branch
from shared.contracts.followup import CallDutyClosed, DutyOverdue, SiteSettingChanged, SummaryFacts, SummaryOpened
from shared.refusal import Malformed
from shared.signing import content_hash
from shared.store import Store
from tests.followup.conftest import Agent, HandClock, Tell, Until
from tests.followup.office import Office
from tests.followup.people import CUSTOMER, VISIT, checked_in, delivered, local, order_signed

PLAN = {"need": "换刹车片", "topics": ["car_condition", "tyres"], "at": "2026-03-10T18:30:00+08:00"}
SAID = {
    "result": "content",
    "topics": ["car_condition"],
    "car_runs_well": False,
    "opinion": "有异响",
    "entries": [
        {"kind": "complaint", "text": "异响仍在", "owner": "agent-1"},
        {"kind": "wish", "text": "周末预约", "owner": "advisor-1"},
    ],
}


@pytest.mark.clause("F10")
@pytest.mark.parametrize(
    ("period", "first", "after"),
    [("2026-03", "2026-03-01", "2026-04-01"), ("2026-12", "2026-12-01", "2027-01-01"), ("2026", "2026-01-01", "2027-01-01")],
)
def test_a_period_is_a_month_or_a_year(period: str, first: str, after: str) -> None:
    assert [day.isoformat() for day in bounds(period)] == [first, after]


@pytest.mark.parametrize("period", ["2026-13", "2026-00", "26-01", "1999", "2026-3", "20２６-03"])
def test_anything_else_is_not_a_period(period: str) -> None:
    with pytest.raises(Malformed):
        bounds(period)


@pytest.mark.clause("F10")
async def test_the_end_of_a_month_opens_the_duty_and_of_december_the_years_too(branch: Branch) -> None:
    office = Office(branch)
    await office.act(begin_watching, local("2026-11-09 10:00"))
    await office.until(local("2026-12-01 00:00"))
    assert [each.period for each in office.journalled(SummaryOpened) if isinstance(each, SummaryOpened)] == ["2026-11"]
    assert [list(notice["roles"]) for notice in office.told("summary_due")] == [["business_supervisor"]]
    assert office.found(Summary, "2026-11").due_by == local("2026-12-08 23:59:59")
    await office.until(local("2026-12-09 00:00"))
    assert [each.kind for each in office.journalled(DutyOverdue, "") if isinstance(each, DutyOverdue)] == ["summary"]
    await office.until(local("2027-01-01 00:00"))
    assert periods_ended(date(2027, 1, 1)) == ("2026-12", "2026")
    assert office.found(Summary, "2026").due_by
    assert "summaries" in office.timers


@pytest.mark.clause("F10")
async def test_a_changed_calendar_moves_a_summary_that_is_not_late(branch: Branch) -> None:
    office = Office(branch)
    await office.act(begin_watching, local("2026-11-09 10:00"))
    await office.until(local("2026-12-01 00:00"))
    closed = SiteSettingChanged(key="calendar.holidays", value=("2026-12-04",), by="bizsup-1", reason="text:followup:9")
    await office.hear(closed, local("2026-12-03 09:00"))
    assert office.found(Summary, "2026-11").due_by == local("2026-12-09 23:59:59")
    await office.until(local("2026-12-09 23:59"))
    assert office.journalled(DutyOverdue, "") == []
    await office.until(local("2026-12-10 00:00"))
    assert len(office.journalled(DutyOverdue, "")) == 1
    await office.hear(closed.model_copy(update={"value": ("2026-12-04", "2026-12-07")}), local("2026-12-10 09:00"))
    assert office.found(Summary, "2026-11").due_by == local("2026-12-09 23:59:59")


async def a_visit_with_a_complaint(agent: Agent, tell: Tell, until: Until, clock: HandClock) -> str:
    await tell(checked_in())
    await tell(order_signed())
    clock.at = local("2026-03-09 16:00")
    await tell(delivered())
    await agent.post(f"/file-duties/{VISIT}/file", PLAN)
    await until("2026-03-13 18:30")  # the promise of day 3 is broken
    await agent.post(f"/duties/{VISIT}-first/call", SAID)
    await tell(CallDutyClosed(visit=VISIT, duty=f"{VISIT}-first", kind="first", outcome="called", topics=("car_condition",)))
    return f"{VISIT}-first-1"


@pytest.mark.clause("F10")
async def test_the_overview_names_who_has_something_open_by_id_and_name_and_who_left_by_the_id(
    agent: Agent, store: Store, tell: Tell, until: Until, clock: HandClock
) -> None:
    await a_visit_with_a_complaint(agent, tell, until, clock)
    for name in (store.branch.staff["agent-1"].name, None):
        people = (await agent.who_is("bizsup-1").get("/overview"))["people"]
        assert {each["person"]: each["name"] for each in people} == {"advisor-1": store.branch.staff["advisor-1"].name, "agent-1": name}
        store.branch = store.branch.with_staff({"agent-1": None})


@pytest.mark.clause("F10")
@pytest.mark.clause("F5")
async def test_a_month_from_its_facts_to_the_file(agent: Agent, tell: Tell, until: Until, clock: HandClock) -> None:
    supervisor = agent.who_is("bizsup-1")
    complaint = await a_visit_with_a_complaint(agent, tell, until, clock)
    overview = await supervisor.get("/overview")
    assert [(each["person"], each["calls"], each["complaints"], each["entries"]) for each in overview["people"]] == [
        ("advisor-1", 0, 0, 1),
        ("agent-1", 1, 1, 0),
    ]
    (listed,) = await agent.get(f"/complaints?visit={VISIT}")
    assert listed["id"] == complaint
    clock.at = local("2026-03-14 10:30")
    await agent.post(f"/complaints/{complaint}/solution", {"solution": "重新紧固"})
    await agent.post(f"/complaints/{complaint}/told", {"channel": "phone", "content": True})
    shown = await agent.get(f"/complaints/{complaint}")
    assert (shown["words"], shown["solution"], shown["complaint"]["closed"]) == ("异响仍在", "重新紧固", True)

    await supervisor.refused("F10", "/summaries", {"period": "2026-03"})
    assert (await supervisor.send("POST", "/summaries", {"period": "20２６-03"})).status_code == 422
    await until("2026-03-31 20:00")
    await until("2026-04-01 09:00")
    assert (await supervisor.get("/overview"))["summaries_due"] == ["2026-03"]
    draft = await supervisor.post("/summaries", {"period": "2026-03"})
    facts = SummaryFacts.model_validate(draft["facts"])
    assert (facts.files_due, facts.files_opened, facts.files_late) == (1, 1, 0)
    first, second = facts.calls["first"], facts.calls["second"]
    assert (first.opened, first.held, first.amber, first.red) == (1, 1, 1, 0)
    assert (second.opened, second.held, second.red) == (1, 0, 1)
    assert (facts.cars_run_well, facts.cars_do_not, facts.wishes) == (0, 1, 1)
    assert (facts.complaints, facts.complaints_closed, facts.hours_to_content) == ({"call": 1}, 1, 16)
    assert (facts.calls_registered, facts.letters_registered) == (2, 0)
    assert facts.score == 60  # of file, two calls, complaint, wish: the second call and the wish were late

    await supervisor.refused("F10", "/summaries/2026-03/signature", {})
    await supervisor.post("/summaries/2026-03/edits", {"words": "本月及时率有待提高。"})
    await supervisor.refused("F10", "/summaries/2026-03/meeting", {"met_on": "2026-04-01", "present": ["agent-1"]})
    signed = await supervisor.post("/summaries/2026-03/signature")
    content = {"period": "2026-03", "facts": signed["facts"], "words": signed["words"]}
    assert signed["content_hash"] == signed["signature"]["content_hash"] == content_hash(content)
    await supervisor.refused("F10", "/summaries/2026-03/edits", {"words": "改"})
    await supervisor.refused("F10", "/summaries", {"period": "2026-03"})
    await supervisor.refused("F10", "/summaries/2026-03/meeting", {"met_on": "2026-04-02", "present": ["agent-1"]})
    await supervisor.refused("F10", "/summaries/2026-03/meeting", {"met_on": "2026-04-01", "present": ["nobody"]})
    met = {"met_on": "2026-04-01", "present": ["bizsup-1", "agent-1"]}
    filed = await supervisor.post("/summaries/2026-03/meeting", met)
    assert (filed["filed"], filed["present"]) == (True, ["bizsup-1", "agent-1"])
    await supervisor.refused("F10", "/summaries/2026-03/meeting", met)
    assert (await supervisor.get("/overview"))["summaries_due"] == []
    assert (await supervisor.get("/summaries/2026-03"))["words"] == "本月及时率有待提高。"
    assert [each["id"] for each in await supervisor.get("/summaries")] == ["2026-03"]


@pytest.mark.clause("F10")
@pytest.mark.clause("F5")
async def test_complaints_over_http_by_those_whose_work_it_is(agent: Agent, clock: HandClock) -> None:
    taken = {"channel": "face_to_face", "customer": CUSTOMER, "text": "等待太久", "owner": "advisor-1"}
    assert (await agent.who_is("tech-1").send("POST", "/complaints", taken)).status_code == 403
    complaint = (await agent.who_is("greeter-1").post("/complaints", taken))["id"]
    at = f"/complaints/{complaint}"
    await agent.refused("F5", f"{at}/told", {"channel": "phone", "content": True})
    await agent.who_is("advisor-1").post(f"{at}/report", {"reason": "需业务主管决定"})
    assert (await agent.send("POST", f"{at}/decision", {"decision": "赠送保养", "due_on": "2026-03-12"})).status_code == 403
    decided = await agent.who_is("bizsup-1").post(f"{at}/decision", {"decision": "赠送保养", "due_on": "2026-03-12"})
    assert decided["due_on"] == "2026-03-12"
    shown = await agent.get(at)
    assert (shown["reason"], shown["decision"]) == ("需业务主管决定", "赠送保养")
    assert (await agent.get(f"{at}/come-back"))["come_backs"] == []
    assert [each["id"] for each in await agent.get("/complaints?state=open&owner=advisor-1")] == [complaint]


def test_journal_times_compare_as_text() -> None:
    moment = datetime(2026, 3, 31, 16, tzinfo=UTC)
    assert moment.isoformat() > moment.strftime("%Y-%m-%dT%H:%M:%S")
