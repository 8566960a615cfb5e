"""F1: agents are named; one who is away has a stand-in, whose the open calls are for those days."""

from datetime import date

import pytest

from services.followup import desk
from services.followup.absence import AbsenceIsPast, Agent, AwayAlready, StandInIsAway, StandInIsNobody, who_acts
from services.followup.acts import agents
from services.followup.agents import AgentIsNobody, NobodyToFollowUp
from services.followup.calls import CallDuty
from services.followup.file import FileDuty
from services.followup.register import RegisteredCall
from shared.branch import Branch
from shared.contracts.followup import AgentAway
from shared.refusal import NotFound
from tests.followup.conftest import Agent as Person
from tests.followup.conftest import HandClock, Tell
from tests.followup.office import Office
from tests.followup.people import VISIT, checked_in, delivered, local, order_signed, said

FIRST = f"{VISIT}-first"
NOW = "2026-03-09 17:00"


@pytest.fixture
async def office(branch: Branch) -> Office:
    office = Office(branch)
    await office.delivered_visit()
    at = local("2026-03-10 18:30")
    await office.act(lambda unit: desk.open_file(unit, VISIT, "text:followup:need", ("car_condition", "tyres"), at), local(NOW))
    return office


async def away(
    office: Office, agent: str = "agent-1", stand_in: str = "agent-2", since: str = "2026-03-10", until: str = "2026-03-11"
) -> Agent:
    days = date.fromisoformat(since), date.fromisoformat(until)
    return await office.act(lambda unit: agents.send_away(unit, agent, stand_in, *days), local(NOW), "bizsup-1")


@pytest.mark.clause("F1")
async def test_the_supervisor_names_the_agents_and_the_next_visits_are_theirs(office: Office) -> None:
    await office.act(lambda unit: agents.name_agents(unit, ("agent-2", "bizsup-1")), local(NOW), "bizsup-1")
    for number in (2, 3):
        await office.hear(checked_in(f"visit-{number}"), local("2026-03-10 08:00"))
    assert [office.found(FileDuty, f"visit-{number}").agent for number in (2, 3)] == ["agent-2", "bizsup-1"]
    assert office.found(FileDuty, VISIT).agent == "agent-1"
    with pytest.raises(AgentIsNobody):
        await office.act(lambda unit: agents.name_agents(unit, ("agent-9",)), local(NOW))
    with pytest.raises(NobodyToFollowUp):
        await office.act(lambda unit: agents.name_agents(unit, ()), local(NOW))


@pytest.mark.clause("F1")
async def test_the_stand_in_is_told_and_the_register_says_whose_call_it_was(office: Office) -> None:
    before = office.found(CallDuty, FIRST)
    await away(office)
    assert [list(notice["people"]) for notice in office.told("stand_in")] == [["agent-2", "agent-1"]]
    await office.act(lambda unit: desk.hold_call(unit, FIRST, said("car_condition"), None), local("2026-03-10 18:30"), "agent-2")
    (call,) = [office.found(RegisteredCall, key) for name, key in office.rows if name == "call_register"]
    assert (call.agent, call.stand_in_for) == ("agent-2", "agent-1")
    after = office.found(CallDuty, FIRST)
    assert (after.agent, after.promise_by, after.due_by) == (before.agent, before.promise_by, before.due_by)


@pytest.mark.clause("F1")
async def test_the_calls_return_when_the_days_are_over(office: Office) -> None:
    await away(office)
    absent = {"agent-1": office.found(Agent, "agent-1")}
    acting = [who_acts("agent-1", date(2026, 3, day), absent) for day in (9, 10, 11, 12)]
    assert acting == ["agent-1", "agent-2", "agent-2", "agent-1"]


@pytest.mark.clause("F1")
@pytest.mark.clause("F10")
async def test_what_is_overdue_meanwhile_is_told_to_the_stand_in(office: Office) -> None:
    await away(office, until="2026-03-20")
    await office.until(local("2026-03-13 00:00"))
    assert [list(notice["people"]) for notice in office.told("duty_overdue")] == [["agent-2"]]


@pytest.mark.clause("F1")
async def test_new_visits_go_to_those_who_are_here(office: Office) -> None:
    await away(office, "agent-2", "agent-1", "2026-03-09", "2026-03-09")
    await office.hear(checked_in("visit-2"), local(NOW))
    assert office.found(FileDuty, "visit-2").agent == "agent-1"


@pytest.mark.clause("F1")
async def test_an_absence_ends_early(office: Office) -> None:
    (absence,) = (await away(office, since="2026-03-09", until="2026-03-20")).absences
    back = await office.act(lambda unit: agents.come_back(unit, "agent-1", absence.absence), local("2026-03-11 08:00"))
    assert [(each.since, each.until) for each in back.absences] == [(date(2026, 3, 9), date(2026, 3, 10))]
    with pytest.raises(AbsenceIsPast):
        await office.act(lambda unit: agents.come_back(unit, "agent-1", absence.absence), local("2026-03-11 08:00"))
    with pytest.raises(NotFound):
        await office.act(lambda unit: agents.come_back(unit, "agent-1", "absence-9"), local("2026-03-11 08:00"))


@pytest.mark.clause("F1")
async def test_what_cannot_be_is_refused(office: Office) -> None:
    with pytest.raises(StandInIsNobody):
        await away(office, stand_in="tech-1")
    with pytest.raises(StandInIsNobody):
        await away(office, stand_in="agent-1")
    with pytest.raises(AbsenceIsPast):
        await away(office, since="2026-03-01", until="2026-03-02")
    with pytest.raises(AbsenceIsPast):
        await away(office, since="2026-03-12", until="2026-03-11")
    await away(office)
    with pytest.raises(AwayAlready):
        await away(office, since="2026-03-11", until="2026-03-12")
    with pytest.raises(StandInIsAway):
        await away(office, "agent-2", "agent-1")
    assert len(office.journalled(AgentAway)) == 1


@pytest.mark.clause("F1")
async def test_stand_ins_of_stand_ins_and_circles_end_somewhere(office: Office) -> None:
    await away(office, "agent-2", "bizsup-1")
    with pytest.raises(StandInIsAway):
        await away(office)
    await away(office, "agent-1", "agent-2", "2026-03-12", "2026-03-12")
    absent = {agent: office.found(Agent, agent) for agent in ("agent-1", "agent-2")}
    assert who_acts("agent-1", date(2026, 3, 12), absent) == "agent-2"


@pytest.mark.clause("F1")
async def test_the_work_list_of_the_stand_in_has_the_calls_of_who_is_away(agent: Person, tell: Tell, clock: HandClock) -> None:
    await tell(checked_in())
    await tell(order_signed())
    clock.at = local("2026-03-09 16:00")
    await tell(delivered())
    supervisor = agent.who_is("bizsup-1")
    await supervisor.post("/agents/agent-1/absences", {"stand_in": "agent-2", "since": "2026-03-09", "until": "2026-03-11"})
    (duty,) = await agent.get("/duties?agent=agent-2")
    assert (duty["id"], duty["agent"], duty["acting"]) == (FIRST, "agent-1", "agent-2")
    assert len(await agent.get("/file-duties?agent=agent-2")) == 1
    assert await agent.get("/duties?agent=agent-1") == []
    assert [(each["agent"], each["visits"], each["acting"]) for each in await agent.get("/agents")] == [
        ("agent-1", 1, "agent-2"),
        ("agent-2", 0, "agent-2"),
    ]
    clock.at = local("2026-03-12 08:00")
    (duty,) = await agent.get("/duties?agent=agent-1")
    assert duty["acting"] == "agent-1"
    assert (await agent.send("POST", "/agents", {"agents": ["agent-1"]})).status_code == 403
    named = await supervisor.post("/agents", {"agents": ["agent-2"]})
    assert named["agents"] == ["agent-2"]
