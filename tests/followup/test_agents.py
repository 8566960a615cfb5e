"""F1: agents are named; one who is away has a stand-in, whose the open calls are for those days."""

from collections.abc import Callable
from datetime import date
from functools import partial

import pytest

from services.followup import desk
from services.followup.absence import AbsenceIsPast, Agent, AwayAlready, StandInIsAway, StandInIsNobody, who_acts
from services.followup.acts import agents, complaints, unsolved
from services.followup.agents import AgentIsNobody, NobodyToFollowUp
from services.followup.calls import CallDuty
from services.followup.complaint import Complaint
from services.followup.file import FileDuty
from services.followup.register import RegisteredCall
from services.followup.unsolved import OwnerStands
from shared.branch import Branch
from shared.contracts.followup import AgentAway, StaffChanged
from shared.refusal import NotFound
from shared.store import Store
from tests.followup.conftest import Agent as Person
from tests.followup.conftest import HandClock, Tell
from tests.followup.office import Office
from tests.followup.people import CUSTOMER, VISIT, checked_in, delivered, local, order_signed, said

FIRST = f"{VISIT}-first"
TEAM = ("agent-1", "agent-2", "bizsup-1")
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
    for nobody in ("agent-9", "tech-1"):
        with pytest.raises(AgentIsNobody):
            await office.act(partial(agents.name_agents, named=("agent-2", nobody)), local(NOW))
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
    acting = [who_acts("agent-1", date(2026, 3, day), absent, TEAM) for day in (9, 10, 11, 12)]
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
    assert [list(notice["people"]) for notice in office.told("agent_back")] == [["agent-1", "agent-2"]]
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
    assert who_acts("agent-1", date(2026, 3, 12), absent, TEAM) == "agent-2"


# -- who left, or has another work now


def without(office: Office, *gone: str) -> None:
    office.branch = office.branch.with_staff(dict.fromkeys(gone))


def another_work(office: Office, person: str) -> None:
    changed = office.branch.staff[person].model_copy(update={"roles": ("technician",)})
    office.branch = office.branch.with_staff({person: changed})


@pytest.mark.clause("F1")
@pytest.mark.clause("D8")
@pytest.mark.parametrize("leaves", [without, another_work])
async def test_what_an_agent_who_left_had_is_told_to_who_is_here(office: Office, leaves: Callable[[Office, str], None]) -> None:
    await office.hear(checked_in("visit-2"), local(NOW))
    assert office.found(FileDuty, "visit-2").agent == "agent-2"
    leaves(office, "agent-1")
    await office.hear(order_signed("visit-2"), local(NOW))
    leaves(office, "agent-2")
    await office.until(local("2026-08-26 09:00"))
    assert [list(notice["people"]) for notice in office.told("maintenance_reminder")] == [["bizsup-1"]]
    assert {tuple(notice["people"]) for notice in office.told("duty_overdue")} == {("bizsup-1",)}
    assert [list(notice["people"]) for notice in office.told("customer_file_due")] == [["agent-1"], ["agent-2"]]


@pytest.mark.clause("F1")
async def test_the_department_hears_that_an_agent_left(office: Office) -> None:
    gone = StaffChanged(staff="agent-1", left=True, by="bizsup-1")
    await office.hear(gone, local(NOW))
    await office.hear(gone.model_copy(update={"staff": "agent-1", "left": False, "roles": ("followup_agent", "advisor")}), local(NOW))
    await office.hear(gone.model_copy(update={"staff": "wash-1"}), local(NOW))
    assert [(list(notice["roles"]), notice["facts"]) for notice in office.told("agent_left")] == [
        (["followup_agent", "business_supervisor"], {"agent": "agent-1"})
    ]


@pytest.mark.clause("F1")
async def test_an_agent_who_left_gets_no_visit_and_stands_in_for_nobody(office: Office) -> None:
    await office.act(lambda unit: agents.name_agents(unit, ("agent-1", "agent-2")), local(NOW), "bizsup-1")
    await away(office)
    another_work(office, "agent-2")
    await office.hear(checked_in("visit-2"), local("2026-03-10 08:00"))
    assert office.found(FileDuty, "visit-2").agent == "agent-1"
    await office.hear(order_signed("visit-2"), local("2026-03-10 09:00"))
    assert [list(notice["people"]) for notice in office.told("customer_file_due")] == [["agent-1"], ["bizsup-1"]]
    with pytest.raises(StandInIsNobody):
        await away(office, "bizsup-1", "agent-2")


@pytest.mark.clause("F5")
@pytest.mark.parametrize("leaves", [without, another_work])
async def test_a_complaint_whose_owner_left_is_told_to_who_is_here(office: Office, leaves: Callable[[Office, str], None]) -> None:
    await complained(office, "advisor-1")
    leaves(office, "advisor-1")
    assert await told_of_the_solution(office) == ["agent-1"]


@pytest.mark.clause("F1")
@pytest.mark.clause("F5")
async def test_a_complaint_whose_owner_is_away_is_told_to_the_stand_in(office: Office) -> None:
    await away(office, "agent-1", "agent-2", since="2026-03-09")
    await complained(office, "agent-1")
    assert [list(notice["people"]) for notice in office.told("complaint_to_solve")] == [["agent-2"]]
    assert await told_of_the_solution(office) == ["agent-2"]


@pytest.mark.clause("F5")
async def test_a_complaint_is_owned_by_the_person_whatever_the_account(office: Office) -> None:
    office.branch = office.branch.with_settings({"accounts.tech-1": "advisor-1", "accounts.advisor-2": "tech-2"})
    await complained(office, "tech-1")
    assert await told_of_the_solution(office) == ["advisor-1"]
    with pytest.raises(OwnerStands):
        await office.act(lambda unit: unsolved.hand_over(unit, Complaint, "complaint-1", "advisor-1"), local(NOW))
    await office.act(lambda unit: unsolved.hand_over(unit, Complaint, "complaint-1", "tech-2"), local(NOW))
    assert [list(notice["people"]) for notice in office.told("handed_over_complaint")] == [["tech-2", "advisor-1"]]


async def complained(office: Office, owner: str) -> None:
    await office.act(
        lambda unit: complaints.open_complaint(unit, "complaint-1", "letter", CUSTOMER, VISIT, "text:followup:1", owner), local(NOW)
    )


async def told_of_the_solution(office: Office) -> list[str]:
    await office.act(lambda unit: complaints.solve(unit, "complaint-1", "text:followup:2"), local(NOW))
    (notice,) = office.told("solution_to_tell_today")
    return list(notice["people"])


@pytest.mark.clause("F1")
@pytest.mark.clause("F5")
async def test_what_a_person_works_on_today_is_found_by_its_owner(agent: Person, tell: Tell, store: Store) -> None:
    await tell(checked_in())
    for owner in ("advisor-1", "advisor-2", "agent-1", "bizsup-1"):
        said = {"channel": "face_to_face", "customer": CUSTOMER, "visit": VISIT, "text": "异响仍在", "owner": owner}
        await agent.post("/complaints", said)
    away = {"stand_in": "agent-2", "since": "2026-03-09", "until": "2026-03-11"}
    await agent.who_is("bizsup-1").post("/agents/agent-1/absences", away)
    technician = store.branch.staff["advisor-2"].model_copy(update={"roles": ("technician",)})
    store.branch = store.branch.with_staff({"advisor-1": None, "advisor-2": technician})

    async def owners(person: str) -> set[str]:
        return {each["owner"] for each in await agent.get(f"/complaints?owner={person}")}

    assert await owners("agent-2") == {"advisor-1", "advisor-2", "agent-1"}
    assert await owners("bizsup-1") == {"bizsup-1"}
    assert await owners("agent-1") == await owners("advisor-2") == set()
    assert await agent.get("/entries?owner=agent-2") == []


@pytest.mark.clause("F1")
async def test_the_work_list_of_who_is_here_has_what_was_of_who_left(agent: Person, tell: Tell, store: Store) -> None:
    await tell(checked_in())
    await tell(order_signed())
    await tell(delivered())
    store.branch = store.branch.with_staff({"agent-1": None})
    supervisor = agent.who_is("bizsup-1")
    (duty,) = await supervisor.get("/duties?agent=agent-2")
    assert (duty["id"], duty["agent"], duty["acting"]) == (FIRST, "agent-1", "agent-2")
    assert await supervisor.get("/duties?agent=agent-1") == await supervisor.get("/duties?agent=bizsup-1") == []


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
