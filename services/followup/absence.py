"""F1: agents who are away, and who stands in for them, from – to. Duties stay the absent agent's own; who acts follows from the day."""

from collections.abc import Mapping, Sequence
from datetime import date

from shared.aggregate import Aggregate
from shared.contracts.event import Event, Fact
from shared.contracts.followup import AgentAway, AgentBack
from shared.refusal import NotFound, Refused


class StandInIsNobody(Refused):
    clause = "F1"
    title = {"en": "The stand-in is not of this department.", "zh-CN": "代班人不是本部门人员。"}
    remedy = {"en": "Name another follow-up agent, or the business supervisor.", "zh-CN": "请指定其他跟踪业务员或业务主管。"}


class StandInIsAway(Refused):
    clause = "F1"
    title = {"en": "The stand-in is away on some of these days.", "zh-CN": "代班人在此期间也不在岗。"}
    remedy = {"en": "Name somebody who is here.", "zh-CN": "请指定在岗人员。"}


class AwayAlready(Refused):
    clause = "F1"
    title = {"en": "The agent is entered as away on some of these days already.", "zh-CN": "该业务员在此期间已登记不在岗。"}
    remedy = {"en": "End that absence first.", "zh-CN": "请先结束已登记的缺勤。"}


class AbsenceIsPast(Refused):
    clause = "F1"
    title = {"en": "The absence is past, or ends before it begins.", "zh-CN": "缺勤期间已过或起止颠倒。"}
    remedy = {"en": "Name days from today on.", "zh-CN": "请填写今日以后的日期。"}


class Absence(Fact):
    """From `since` to `until`, both days included."""

    absence: str
    stand_in: str
    since: date
    until: date

    def overlaps(self, since: date, until: date) -> bool:
        return self.since <= until and since <= self.until


class Agent(Aggregate):
    """An agent's absences; the id is the staff id."""

    COLLECTION = "absences"

    absences: tuple[Absence, ...] = ()

    def stand_in_on(self, day: date) -> str | None:
        return next((each.stand_in for each in self.absences if each.overlaps(day, day)), None)

    def go_away(self, wanted: Absence, by: str, today: date, department: tuple[str, ...], stand_in: "Agent") -> list[Event]:
        if wanted.until < max(today, wanted.since):
            raise AbsenceIsPast(since=wanted.since, until=wanted.until)
        if wanted.stand_in == self.id or wanted.stand_in not in department:
            raise StandInIsNobody(missing=("stand_in",), stand_in=wanted.stand_in)
        if any(each.overlaps(wanted.since, wanted.until) for each in stand_in.absences):
            raise StandInIsAway(stand_in=wanted.stand_in)
        if any(each.overlaps(wanted.since, wanted.until) for each in self.absences):
            raise AwayAlready(agent=self.id)
        return [AgentAway(agent=self.id, by=by, **wanted.model_dump())]

    def come_back(self, absence: str, by: str, today: date) -> list[Event]:
        """Earlier than was said: from today on the agent acts again."""
        found = next((each for each in self.absences if each.absence == absence), None)
        if found is None:
            raise NotFound(missing=(f"absence:{absence}",))
        if found.until < today:
            raise AbsenceIsPast(until=found.until)
        return [AgentBack(agent=self.id, absence=absence, on=today, by=by)]

    def apply(self, event: Event) -> None:
        match event:
            case AgentAway():
                self.absences = (*self.absences, Absence.model_validate(event.model_dump()))
            case AgentBack():
                self.absences = tuple(kept for each in self.absences if (kept := _cut(each, event)))


def _cut(absence: Absence, back: AgentBack) -> Absence | None:
    """What is left of it: the days before the agent was back."""
    if absence.absence != back.absence:
        return absence
    last_day = date.fromordinal(back.on.toordinal() - 1)
    return absence.model_copy(update={"until": last_day}) if last_day >= absence.since else None


def who_acts(agent: str, day: date, absent: Mapping[str, Agent], team: Sequence[str]) -> str:
    """The agent, or the stand-in, or that one's stand-in; where all are away, the last who was named.

    For who is not of the `team` any more, the first of it who is here, or else the last of it, a business supervisor.
    """
    seen = {agent}
    while agent in absent and (stand_in := absent[agent].stand_in_on(day)) and stand_in not in seen:
        seen.add(stand_in)
        agent = stand_in
    if agent in team:
        return agent
    return next((each for each in team if each not in absent or not absent[each].stand_in_on(day)), [agent, *team][-1])
