"""Keeping house: the site's settings and its staff, changed by the business supervisor while the site runs, each change with its reason."""

from typing import Any

from shared.aggregate import Aggregate
from shared.branch import ROLES, Branch, NoSuchSetting, StaffMember
from shared.contracts.event import Event, Fact
from shared.contracts.followup import SettingValue, SiteSettingChanged, StaffChanged
from shared.refusal import Malformed, NotFound, Refused

HOUSE = "site_changes"
"""The id of the one house of a site; all changes of one site are in one order."""


class SettingIsSo(Refused):
    clause = "F10"
    title = {"en": "The setting has this value already.", "zh-CN": "该设置已是此值。"}
    remedy = {"en": "Nothing needs to change.", "zh-CN": "无需更改。"}


class NobodyWouldSupervise(Refused):
    clause = "F10"
    title = {"en": "The branch would be without a business supervisor.", "zh-CN": "本站将没有业务主管。"}
    remedy = {"en": "Name another one first.", "zh-CN": "请先指定另一名业务主管。"}


class OnlyTheSupervisorKeepsHouse(Refused):
    clause = "F10"
    title = {"en": "Who keeps house is not a setting.", "zh-CN": "设置与人员管理权限不可更改。"}
    remedy = {"en": "It stays with the business supervisor.", "zh-CN": "该权限属于业务主管。"}


HOUSEKEEPING = ("may.followup.change_setting", "may.followup.change_person", "may.followup.let_go")


class Person(Fact):
    """As the house has them; `called` is the key of the record with the name."""

    roles: tuple[str, ...] = ()
    team: str | None = None
    skills: tuple[str, ...] = ()
    called: str | None = None
    left: bool = False

    def member(self, id: str) -> StaffMember | None:
        """As the branch has them, but for the name, which is on record elsewhere."""
        plain = {"id": id, "name": id, "role": self.roles, "team": self.team, "skills": self.skills}
        return None if self.left else StaffMember.model_validate(plain)


class House(Aggregate):
    """What was changed since the folder was read, the newest of each."""

    COLLECTION = "house"

    settings: dict[str, SettingValue] = {}
    people: dict[str, Person] = {}

    def change_setting(self, key: str, value: SettingValue, reason: str, by: str, branch: Branch) -> list[Event]:
        """Refused as input (422) where there is no such setting or it cannot have that value."""
        if key in HOUSEKEEPING:
            raise OnlyTheSupervisorKeepsHouse(setting=key)
        before = self._as_it_is(branch)
        after = before.with_settings({key: value})
        if after.site == before.site:
            raise SettingIsSo(setting=key)
        section, _, account = key.partition(".")
        if section == "accounts" and value != account and value not in after.staff:
            raise NoSuchSetting(missing=(key,), expected="the staff id of a person who has not left")
        return [SiteSettingChanged(key=key, value=value, before=_present(before, key), by=by, reason=reason)]

    def change_person(
        self,
        staff: str,
        roles: tuple[str, ...],
        team: str | None,
        skills: tuple[str, ...],
        called: str | None,
        reason: str | None,
        by: str,
        branch: Branch,
    ) -> list[Event]:
        """New, or with other roles, team or skills from now on."""
        if unknown := [role for role in roles if role not in ROLES]:
            raise Malformed(missing=("roles",), unknown=unknown)
        if not called and staff not in branch.staff and staff not in self.people:
            raise Malformed(missing=("name",))
        changed = Person(roles=roles, team=team, skills=skills)
        _somebody_supervises(staff, self._as_it_is(branch).with_staff({staff: changed.member(staff)}))
        called = called or (self.people[staff].called if staff in self.people else None)
        return [StaffChanged(staff=staff, roles=roles, team=team, skills=skills, called=called, by=by, reason=reason)]

    def let_go(self, staff: str, reason: str, by: str, branch: Branch) -> list[Event]:
        """What they did stays theirs; they do nothing more."""
        before = self._as_it_is(branch)
        if staff not in before.staff:
            raise NotFound(missing=(f"staff:{staff}",))
        _somebody_supervises(staff, before.with_staff({staff: None}))
        return [StaffChanged(staff=staff, left=True, by=by, reason=reason)]

    def _as_it_is(self, branch: Branch) -> Branch:
        """The branch with all that was changed here; a process sees the newest of it a moment later."""
        people = {id: person.member(id) for id, person in self.people.items()}
        return branch.with_staff(people).with_usable_settings(self.settings)[0]

    def apply(self, event: Event) -> None:
        match event:
            case SiteSettingChanged():
                self.settings = {**self.settings, event.key: event.value}
            case StaffChanged():
                said = Person(roles=event.roles, team=event.team, skills=event.skills, called=event.called, left=event.left)
                self.people = {**self.people, event.staff: said}


def _somebody_supervises(changed: str, after: Branch) -> None:
    """A second account of somebody who left is barred with them."""
    if not any(each.is_a("business_supervisor") and after.person_of(each.id) in after.staff for each in after.staff.values()):
        raise NobodyWouldSupervise(missing=("business_supervisor",), staff=changed)


def _present(branch: Branch, key: str) -> Any:
    """The value as JSON has it; None where there was none."""
    section, _, name = key.partition(".")
    value = branch.site.model_dump(mode="json")[section].get(name)
    if isinstance(value, list):
        return tuple(str(each) if not isinstance(each, list) else "-".join(map(str, each)) for each in value)
    return value
