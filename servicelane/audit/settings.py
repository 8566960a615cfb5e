"""The site's settings and staff as they were at a moment: the folder's, with what the business supervisor had changed by then."""

from bisect import bisect_right
from datetime import datetime

from servicelane.audit.story import Recorded, Story
from shared.branch import Branch, NoSuchSetting, StaffMember
from shared.contracts.followup import SiteSettingChanged, StaffChanged


class Branches:
    """One branch for each change on record, and the folder's before the first."""

    def __init__(self, branch: Branch, site: Story) -> None:
        self._since: list[datetime] = []
        self._branches = [branch]
        for change in sorted(site.all(SiteSettingChanged, StaffChanged), key=lambda recorded: recorded.at):
            self._since.append(change.at)
            self._branches.append(_changed(self._branches[-1], change))

    def at(self, moment: datetime) -> Branch:
        return self._branches[bisect_right(self._since, moment)]


def _changed(branch: Branch, change: Recorded) -> Branch:
    """A setting that this version does not know is left out, as the departments leave it out."""
    fact = change.fact
    if isinstance(fact, StaffChanged):
        return branch.with_staff({fact.staff: None if fact.left else _person(branch, fact)})
    try:
        return branch.with_settings({fact.key: fact.value})
    except NoSuchSetting:
        return branch


def _person(branch: Branch, fact: StaffChanged) -> StaffMember:
    known = branch.staff.get(fact.staff)
    plain = {"id": fact.staff, "name": known.name if known else fact.staff, "role": fact.roles, "team": fact.team, "skills": fact.skills}
    return StaffMember.model_validate(plain)
