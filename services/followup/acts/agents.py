"""F1: agents named and away; who acts today; who gets the next visit."""

from datetime import date

from services.followup import absence
from services.followup.absence import Absence, Agent
from services.followup.agents import ROLES, ROSTER, Roster, agents, department, least_loaded
from services.followup.unsolved import whose
from shared.calendar import local_day
from shared.contracts.followup import StaffChanged
from shared.identity import new_id
from shared.unit import Unit


async def name_agents(unit: Unit, named: tuple[str, ...]) -> Roster:
    return await unit.create(Roster, ROSTER, lambda roster: roster.name_agents(named, unit.actor, unit.branch))


async def send_away(unit: Unit, agent: str, stand_in: str, since: date, until: date) -> Agent:
    """The open calls go over for these days, and return: who acts is asked of the day. Deadlines stay as they are."""
    team = await _team(unit)
    other = await unit.find(Agent, stand_in)
    wanted = Absence(absence=new_id("absence"), stand_in=stand_in, since=since, until=until)
    away = await unit.create(Agent, agent, lambda agent: agent.go_away(wanted, unit.actor, _today(unit), team, other))
    await unit.tell("stand_in", clause="F1", people=(stand_in, agent), agent=agent, since=str(since), until=str(until))
    return away


async def come_back(unit: Unit, agent: str, id: str) -> Agent:
    stand_ins = [each.stand_in for each in (await unit.load(Agent, agent)).absences if each.absence == id]
    back = await unit.update(Agent, agent, lambda agent: agent.come_back(id, unit.actor, _today(unit)))
    await unit.tell("agent_back", clause="F1", people=(agent, *stand_ins), agent=agent)
    return back


async def who_acts(unit: Unit, agent: str) -> str:
    """As `absence.who_acts`, today."""
    return absence.who_acts(agent, _today(unit), await _absent(unit), await _team(unit))


async def whose_it_is(unit: Unit, owner: str) -> str:
    """F5: as `unsolved.whose`, today: of whom a complaint or an entry is, of whatever department."""
    return whose(owner, unit.branch, _today(unit), await _absent(unit), await _team(unit))


async def tell_of_who_left(event: StaffChanged, unit: Unit) -> None:
    """F1: their visits stay in one hand, that of who acts for them from now on."""
    if (event.left or not set(event.roles) & set(ROLES)) and await unit.fetch("agents", event.staff):
        await unit.tell("agent_left", clause="F1", roles=ROLES, agent=event.staff)


async def _absent(unit: Unit) -> dict[str, Agent]:
    return {id: await unit.find(Agent, id) for id in await unit.ids(Agent, {})}


async def _team(unit: Unit) -> tuple[str, ...]:
    return department(unit.branch, await unit.find(Roster, ROSTER))


async def give_to_an_agent(unit: Unit, visit: str) -> str:
    """Of those who are here the one with the fewest visits."""
    named = agents(unit.branch, await unit.find(Roster, ROSTER))
    here = [agent for agent in named if not (await unit.find(Agent, agent)).stand_in_on(_today(unit))]
    candidates = tuple(here) or named
    agent = least_loaded(candidates, {candidate: await visits_of(unit, candidate) for candidate in candidates})
    await count_visits(unit, agent, 1, visit)
    return agent


async def visits_of(unit: Unit, agent: str) -> int:
    known = await unit.fetch("agents", agent)
    return int(known["visits"]) if known else 0


async def count_visits(unit: Unit, agent: str, change: int, visit: str) -> None:
    await unit.put("agents", agent, {"visits": await visits_of(unit, agent) + change}, subject=visit)


def _today(unit: Unit) -> date:
    return local_day(unit.now, unit.branch.site.zone)
