"""F5: a complaint, demand or wish that is unsolved: reported to the business supervisor, whose decision has its own date."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import ClassVar

from services.followup.absence import Agent, who_acts
from shared.aggregate import Aggregate
from shared.branch import Branch
from shared.contracts.event import Event
from shared.contracts.followup import (
    ComplaintDecided,
    ComplaintHandedOver,
    ComplaintReported,
    DutyOverdue,
    EntryDecided,
    EntryHandedOver,
    EntryReported,
)
from shared.refusal import Refused


class ReportedAlready(Refused):
    clause = "F5"
    title = {"en": "The business supervisor knows of it already.", "zh-CN": "已上报业务主管。"}
    remedy = {"en": "Wait for the decision, or look for a solution.", "zh-CN": "请等待决定或继续寻找解决办法。"}


class NotReported(Refused):
    clause = "F5"
    title = {"en": "It was not reported: there is nothing to decide.", "zh-CN": "尚未上报，无需决定。"}
    remedy = {"en": "Report it first, with the reason why it is unsolved.", "zh-CN": "请先说明未解决原因并上报。"}


class DecisionInThePast(Refused):
    clause = "F5"
    title = {"en": "The decision's date is past.", "zh-CN": "决定的期限已过。"}
    remedy = {"en": "Name today or a later date.", "zh-CN": "请填写今日或以后的日期。"}


class OwnerIsNobody(Refused):
    clause = "F5"
    title = {"en": "The owner is nobody of this branch.", "zh-CN": "负责人不是本站人员。"}
    remedy = {"en": "Name a member of staff who owns it.", "zh-CN": "请指定本站人员负责。"}


class OwnerMayNotSolve(Refused):
    """Who owns it reads what the customer said, reports and solves it: not everybody may."""

    clause = "F5"
    title = {"en": "Such matters are not this person's work.", "zh-CN": "该人员的岗位不处理此类事项。"}
    remedy = {
        "en": "Name an advisor, somebody of the workshop's head or of the business department.",
        "zh-CN": "请指定服务顾问、车间主管、技术总监或业务部人员。",
    }


class OwnerStands(Refused):
    clause = "F5"
    title = {"en": "It is this person's already.", "zh-CN": "该事项已由此人负责。"}
    remedy = {"en": "Name another member of staff.", "zh-CN": "请指定其他人员。"}


SOLVERS = ("followup_agent", "business_supervisor", "advisor", "workshop_supervisor", "technical_director")
"""Whose work it is: these roles may see and solve it, and own it."""


def must_be_able_to_own(owner: str, branch: Branch) -> None:
    if owner not in branch.staff:
        raise OwnerIsNobody(missing=("owner",), owner=owner)
    if not may_own(owner, branch):
        raise OwnerMayNotSolve(missing=("owner",), owner=owner, roles=SOLVERS)


def may_own(owner: str, branch: Branch) -> bool:
    """By any of the person's accounts, as they are now."""
    return any(branch.same_person(owner, [person.id]) for role in SOLVERS for person in branch.people(role))


def whose(owner: str, branch: Branch, day: date, absent: Mapping[str, Agent], team: Sequence[str]) -> str:
    """Who works on what this owner has: the person, or the stand-in of who is away (F1).

    Of who left, or has another work now, it is somebody's of follow-up who is here.
    """
    person = branch.person_of(owner)
    return who_acts(person, day, absent, (*team, person) if may_own(person, branch) else team)


class Unsolved(Aggregate):
    """A complaint, a demand or a wish. `words`, `reason` and `decision` are keys of text records; `owner` (a staff id) works on it.

    `since` is when the days to report it began; `due_on` the last day on which the newest decision is carried out.
    `overdue` names what was escalated (F10) since then, of `LATE`.
    """

    NAME: ClassVar[str]
    """As events, notices, timers and refusals name it."""
    REPORTED: ClassVar[type[ComplaintReported | EntryReported]]
    DECIDED: ClassVar[type[ComplaintDecided | EntryDecided]]
    HANDED_OVER: ClassVar[type[ComplaintHandedOver | EntryHandedOver]]
    LATE: ClassVar[Mapping[str, str]]
    """What may be late of it → the kind of duty that is overdue then."""

    customer: str = ""
    visit: str | None = None
    words: str = ""
    owner: str = ""
    since: datetime | None = None
    reported: bool = False
    reported_by: str | None = None
    reason: str | None = None
    decision: str | None = None
    due_on: date | None = None
    overdue: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        return self.visit or self.customer or self.id

    @abstractmethod
    def must_be_open(self) -> None:
        """`Refused` where it is over."""

    @abstractmethod
    def must_be_unsolved(self) -> None:
        """`Refused` where there is nothing left to solve."""

    @abstractmethod
    def waits_for(self, what: str) -> bool:
        """Whether that is still to be done: `report`, or a name of `LATE`."""

    def hand_over(self, owner: str, by: str, branch: Branch) -> list[Event]:
        """Its days and its decision stay as they are."""
        self.must_be_open()
        must_be_able_to_own(owner, branch)
        if branch.same_person(owner, [self.owner]):
            raise OwnerStands(owner=owner)
        return [self.HANDED_OVER.model_validate({self.NAME: self.id, "visit": self.visit, "owner": owner, "by": by})]

    def report(self, by: str, reason: str | None, *, itself: bool = False) -> list[Event]:
        """The business supervisor is told, by somebody, or by itself on the last day."""
        self.must_be_unsolved()
        if self.reported:
            raise ReportedAlready(**{self.NAME: self.id})
        return [self.REPORTED.model_validate({self.NAME: self.id, "visit": self.visit, "by": by, "reason": reason, "itself": itself})]

    def decide(self, supervisor: str, decision: str, due_on: date, today: date) -> list[Event]:
        self.must_be_unsolved()
        if not self.reported:
            raise NotReported(missing=("report",), **{self.NAME: self.id})
        if due_on < today:
            raise DecisionInThePast(due_on=due_on, today=today)
        said = {"visit": self.visit, "supervisor": supervisor, "decision": decision, "due_on": due_on}
        return [self.DECIDED.model_validate({self.NAME: self.id, **said})]

    def is_late(self, what: str) -> bool:
        """To be escalated (F10). The timer knows that the day is over."""
        return self.waits_for(what) and what not in self.overdue

    def escalate(self, what: str) -> list[Event]:
        if not self.is_late(what):
            return []
        return [DutyOverdue(visit=self.visit or "", duty=self.id, kind=self.LATE[what], level="red")]

    def apply(self, event: Event) -> None:
        match event:
            case ComplaintHandedOver() | EntryHandedOver():
                self.owner = event.owner
            case ComplaintReported() | EntryReported():
                self.reported, self.reported_by, self.reason = True, event.by, event.reason
            case ComplaintDecided() | EntryDecided():
                self.decision, self.due_on = event.decision, event.due_on
                self.overdue = tuple(what for what in self.overdue if what != "decision")
            case DutyOverdue():
                self.overdue = (*self.overdue, *(what for what, kind in self.LATE.items() if kind == event.kind))
