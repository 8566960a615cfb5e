"""W2: the software proposes a team for each item, the supervisor gives the items out, the leader names the technicians."""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from services.workshop.item import Item
from services.workshop.job import Job
from shared.branch import Branch
from shared.contracts.event import Event
from shared.contracts.workshop import JobDispatched, TechniciansNamed
from shared.refusal import Malformed, Refused

Assignment = JobDispatched.Assignment


class TeamLacksSkill(Refused):
    clause = "W2"
    title = {"en": "The team does not have the skill.", "zh-CN": "该班组不具备所需技能。"}
    remedy = {"en": "Choose one of the teams named, or override with a reason.", "zh-CN": "请选择所列班组，或注明理由强制派工。"}


class ItemGivenTwice(Refused):
    clause = "W2"
    title = {"en": "Each item goes to one team.", "zh-CN": "每个项目只能派给一个班组。"}
    remedy = {"en": "Name each item once.", "zh-CN": "每个项目请只填写一次。"}


class WorkHasBegun(Refused):
    clause = "W2"
    title = {"en": "Work on the item has begun.", "zh-CN": "该项目已开工。"}
    remedy = {
        "en": "Leave it with those who do it. Who is away, or left the team, is named no more; with all of the team away, another has it.",
        "zh-CN": "请由原班组和技师继续完成；缺勤或已离开班组的技师可不再指定，全班组缺勤时可改派其他班组。",
    }


class NothingChanges(Refused):
    clause = "W2"
    title = {"en": "It is so already.", "zh-CN": "内容没有变化。"}
    remedy = {"en": "Go on, or give it to others.", "zh-CN": "请继续，或改派他人。"}


class NotTheItemsLeader(Refused):
    clause = "W2"
    title = {"en": "The leader of the item's team names its technicians.", "zh-CN": "应由承接班组的班组长指定技师。"}
    remedy = {"en": "Let that team's leader do it.", "zh-CN": "请由该班组的班组长操作。"}


class NotOfTheTeam(Refused):
    clause = "W2"
    title = {"en": "Not a technician of the team.", "zh-CN": "不是该班组的维修技师。"}
    remedy = {"en": "Name technicians of the team.", "zh-CN": "请指定本班组的技师。"}


class TechnicianAway(Refused):
    clause = "W2"
    title = {"en": "A technician who is away cannot be named.", "zh-CN": "不能指定缺勤的技师。"}
    remedy = {"en": "Name somebody who is here.", "zh-CN": "请指定在岗的技师。"}


class ItemNotGiven(Refused):
    clause = "W2"
    title = {"en": "The item is not given to a team, or nobody is named for it.", "zh-CN": "该项目尚未派工或尚未指定技师。"}
    remedy = {"en": "Let the supervisor dispatch it and the leader name technicians.", "zh-CN": "请车间主管派工、班组长指定技师。"}


def propose(job: Job, branch: Branch, loads: Mapping[str, Decimal], absent: Collection[str] = ()) -> tuple[Assignment, ...]:
    """For each item the team that would be through with it first: hours it has, shared by those of it who are here and have the skill.

    Where two would be, the one of fewer skills gets it: all-rounders stay free for what only they can do.
    An item whose skill no team has is left out: the supervisor has to decide.
    """
    hours = {team: loads.get(team, Decimal(0)) for team in branch.teams}
    proposed = []
    for name, item in job.items.items():
        if item.team or not (fit := teams_with(item.skill, branch, absent)):
            continue
        team = min(fit, key=lambda team: _through_with(item, team, hours[team], branch, absent))
        hours[team] += item.hours
        proposed.append(Assignment(item=name, team=team))
    return tuple(proposed)


def _through_with(item: Item, team: str, hours: Decimal, branch: Branch, absent: Collection[str]) -> tuple[Decimal, int]:
    return (hours + item.hours) / len(able(team, item.skill, branch, absent)), len(branch.team_skills(team))


def teams_with(skill: str, branch: Branch, absent: Collection[str] = ()) -> tuple[str, ...]:
    return tuple(team for team in branch.teams if able(team, skill, branch, absent))


def able(team: str, skill: str, branch: Branch, absent: Collection[str] = ()) -> tuple[str, ...]:
    """Those of the team who have the skill and are here."""
    return tuple(person.id for person in branch.team(team) if skill in person.skills and person.id not in absent)


def assign(
    job: Job,
    supervisor: str,
    priority: int,
    given: Sequence[Assignment],
    branch: Branch,
    loads: Mapping[str, Decimal],
    absent: Collection[str] = (),
) -> Sequence[Event]:
    """An item may go to another team as long as nobody has begun it. The priority changes at any time, whoever of the team is away.

    With nobody of its team here, what was begun and not yet inspected goes to another too, which begins it anew, or, the customer having
    dropped it, puts it together again.
    """
    job.must_be_workable()
    if len({entry.item for entry in given}) < len(given):
        raise ItemGivenTwice(items=[entry.item for entry in given])
    for entry in given:
        _must_be_assignable(job, entry, branch, absent)
    given = [_with_its_reason(job.items[entry.item], entry) for entry in given]
    if priority == job.priority and all(job.items[entry.item].team == entry.team for entry in given):
        raise NothingChanges(priority=priority)
    return [
        JobDispatched(
            visit=job.id,
            supervisor=supervisor,
            priority=priority,
            assignments=tuple(given),
            proposed=propose(job, branch, loads, absent),
        )
    ]


def _must_be_assignable(job: Job, entry: Assignment, branch: Branch, absent: Collection[str]) -> None:
    item = job.had(entry.item)
    if entry.team not in branch.teams:
        raise Malformed(missing=("assignments.team",), unknown=entry.team)
    if entry.team == item.team:
        return
    if item.started_by and (item.self_inspected_by or _somebody_is_here(item.team, branch, absent)):
        raise WorkHasBegun(item=entry.item, team=item.team)
    if not able(entry.team, item.skill, branch, absent) and not entry.override_reason:
        raise TeamLacksSkill(missing=(item.skill,), item=entry.item, team=entry.team, teams=teams_with(item.skill, branch, absent))


def _with_its_reason(item: Item, entry: Assignment) -> Assignment:
    """The reason why a team without the skill has the item holds as long as it has it."""
    stays = entry.team == item.team and not entry.override_reason
    return entry.model_copy(update={"override_reason": item.override_reason}) if stays else entry


def _somebody_is_here(team: str | None, branch: Branch, absent: Collection[str]) -> bool:
    return any(person.id not in absent for person in branch.team(team or ""))


def name(job: Job, item: str, leader: str, technicians: Sequence[str], branch: Branch, absent: Collection[str] = ()) -> Sequence[Event]:
    """Those who have begun the item stay named for it, but for who is away now or is not of the team any more.

    Their work on it ends there; that their hand was on it stays on record (W9, W11).
    """
    job.must_be_workable()
    ordered = job.had(item)
    if not ordered.team:
        raise ItemNotGiven(missing=("team",), item=item)
    if not leads(leader, ordered.team, branch, absent):
        raise NotTheItemsLeader(item=item, team=ordered.team, leader=leader)
    of_team = {person.id for person in branch.team(ordered.team)}
    if strangers := [person for person in technicians if person not in of_team]:
        raise NotOfTheTeam(team=ordered.team, strangers=strangers)
    if away := [person for person in technicians if person in absent and person not in ordered.started_by]:
        raise TechnicianAway(away=away)
    here = {person for person in ordered.started_by if person in of_team and person not in absent}
    if not here <= set(technicians) or ordered.self_inspected_by:
        raise WorkHasBegun(item=item, started_by=ordered.started_by)
    if set(technicians) == set(ordered.technicians):
        raise NothingChanges(item=item)
    return [TechniciansNamed(visit=job.id, item=item, team=ordered.team, leader=leader, technicians=tuple(dict.fromkeys(technicians)))]


def leads(person: str, team: str, branch: Branch, absent: Collection[str] = ()) -> bool:
    """A leader of the team; where none of them is here, a leader of another team stands in: of the same grade (W9, W10)."""
    leaders = {leader.id: leader.team for leader in branch.people("team_leader")}
    own = [leader for leader, of_team in leaders.items() if of_team == team and leader not in absent]
    return person in leaders and (leaders[person] == team or not own)


def team_of(person: str, branch: Branch) -> str | None:
    member = branch.staff.get(person)
    return member.team if member else None
