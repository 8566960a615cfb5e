"""Who somebody is at the branch of a moment. Of people whom it does not know (of a sister site, or who left) nothing is said."""

from shared.branch import Branch


def may_be(account: str, branch: Branch, *roles: str) -> bool:
    """Whether the person, by any of their accounts, has one of the roles."""
    return account not in branch.staff or branch.person_of(account) in {person.id for role in roles for person in branch.people(role)}


def leads(account: str, team: str, branch: Branch) -> bool:
    """Whether the person is a leader of that very team."""
    person = branch.person_of(account)
    return account not in branch.staff or any(each.id == person and each.team == team for each in branch.people("team_leader"))
