"""TELL: who was told of a fact, without asking."""

from datetime import timedelta

from servicelane.audit.story import Recorded, Story
from shared.contracts.event import NoticeRaised

AT_ONCE = timedelta(minutes=1)
"""What a reaction may take; on a stepped clock it takes nothing."""


def told_at_once(story: Story, step: Recorded, clause: str) -> list[Recorded]:
    """The notices of the clause that the fact gave rise to: caused by it, or raised with it."""
    return [
        told
        for told in story.all(NoticeRaised)
        if told.fact.clause == clause
        and (told.cause == step.id or (told.department == step.department and timedelta(0) <= told.at - step.at <= AT_ONCE))
    ]


def missing_receivers(story: Story, step: Recorded, clause: str, *roles: str) -> list[str]:
    """Of the roles, and of people named (the advisor), who was not told at once."""
    told = told_at_once(story, step, clause)
    missing = [role for role in roles if not any(role in each.fact.roles for each in told)]
    return missing if any(each.fact.people for each in told) else [*missing, "advisor"]
