"""F1: who looks after a visit. One agent has its file and both its calls, so that the customer hears one voice."""

from collections.abc import Mapping

from shared.branch import Branch
from shared.refusal import Refused


class NobodyToFollowUp(Refused):
    clause = "F1"
    title = {"en": "The branch has no follow-up agent.", "zh-CN": "本站没有跟踪业务员。"}
    remedy = {"en": "Let the business supervisor name one.", "zh-CN": "请业务主管指定跟踪业务员。"}


def agents(branch: Branch) -> tuple[str, ...]:
    """The agents in the order of the staff list; where there are none, the business supervisors do it themselves."""
    people = branch.people("followup_agent") or branch.people("business_supervisor")
    if not people:
        raise NobodyToFollowUp
    return tuple(person.id for person in people)


def least_loaded(candidates: tuple[str, ...], visits: Mapping[str, int]) -> str:
    """The one with the fewest visits in care, from check-in to the second call; among equals the first of the list."""
    return min(candidates, key=lambda agent: visits.get(agent, 0))
