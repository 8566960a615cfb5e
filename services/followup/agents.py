"""F1: who looks after a visit. One agent has its file and both its calls, so that the customer hears one voice."""

from collections.abc import Mapping

from shared.aggregate import Aggregate
from shared.branch import Branch
from shared.contracts.event import Event
from shared.contracts.followup import AgentsNamed
from shared.refusal import Refused


class NobodyToFollowUp(Refused):
    clause = "F1"
    title = {"en": "The branch has no follow-up agent.", "zh-CN": "本站没有跟踪业务员。"}
    remedy = {"en": "Let the business supervisor name one.", "zh-CN": "请业务主管指定跟踪业务员。"}


class AgentIsNobody(Refused):
    clause = "F1"
    title = {"en": "One of the agents is nobody of this department.", "zh-CN": "所指定的业务员不是本部门人员。"}
    remedy = {"en": "Name follow-up agents, or business supervisors.", "zh-CN": "请指定跟踪业务员或业务主管。"}


ROLES = ("followup_agent", "business_supervisor")
"""Of whom the department is."""

ROSTER = "agents"
"""The id of the branch's one roster."""


class Roster(Aggregate):
    """The agents whom the business supervisor named, in that order; until then those of the staff list."""

    COLLECTION = "rosters"

    agents: tuple[str, ...] = ()

    def name_agents(self, agents: tuple[str, ...], by: str, branch: Branch) -> list[Event]:
        if not agents:
            raise NobodyToFollowUp(missing=("agents",))
        if unknown := [agent for agent in agents if not is_of_department(branch, agent)]:
            raise AgentIsNobody(missing=unknown)
        return [AgentsNamed(agents=tuple(dict.fromkeys(agents)), by=by)]

    def apply(self, event: Event) -> None:
        match event:
            case AgentsNamed():
                self.agents = event.agents


def is_of_department(branch: Branch, person: str) -> bool:
    """On the staff, with a role of the department."""
    return person in branch.staff and any(branch.same_person(person, [each.id]) for role in ROLES for each in branch.people(role))


def agents(branch: Branch, roster: Roster | None = None) -> tuple[str, ...]:
    """Those named, else those of the staff list; where there are none, the business supervisors do it themselves.

    Who left, or has another work now, is none any more.
    """
    if roster and (named := _named(branch, roster)):
        return named
    people = branch.people("followup_agent") or branch.people("business_supervisor")
    if not people:
        raise NobodyToFollowUp
    return tuple(person.id for person in people)


def department(branch: Branch, roster: Roster | None) -> tuple[str, ...]:
    """Who may stand in: the agents, and after them the business supervisors."""
    listed = [person.id for role in ROLES for person in branch.people(role)]
    return tuple(dict.fromkeys((*(_named(branch, roster) if roster else ()), *listed)))


def _named(branch: Branch, roster: Roster) -> tuple[str, ...]:
    return tuple(agent for agent in roster.agents if is_of_department(branch, agent))


def least_loaded(candidates: tuple[str, ...], visits: Mapping[str, int]) -> str:
    """The one with the fewest visits in care, from check-in to the second call; among equals the first of the list."""
    return min(candidates, key=lambda agent: visits.get(agent, 0))
