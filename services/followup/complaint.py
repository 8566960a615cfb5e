"""F5: a complaint, from any channel, until the customer is content."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.followup.unsolved import Unsolved, must_be_able_to_own
from shared.branch import Branch, Site
from shared.calendar import add_working_days, end_of_day, local_day, moves
from shared.contracts.event import Event
from shared.contracts.followup import (
    ComeBackLinked,
    ComplaintClosed,
    ComplaintDecided,
    ComplaintHandedOver,
    ComplaintOpened,
    ComplaintReported,
    CustomerToldSolution,
    DeadlineMoved,
    SolutionFound,
)
from shared.contracts.values import Channel
from shared.refusal import Refused


class ComplaintStands(Refused):
    clause = "F5"
    title = {"en": "This complaint is recorded already.", "zh-CN": "该投诉已登记。"}
    remedy = {"en": "Work on the one that stands.", "zh-CN": "请处理已登记的投诉。"}


class ComplaintIsClosed(Refused):
    clause = "F5"
    title = {"en": "The customer is content: this complaint is closed.", "zh-CN": "客户已满意，投诉已结案。"}
    remedy = {"en": "Record a new complaint.", "zh-CN": "请登记新的投诉。"}


class SolutionStands(Refused):
    clause = "F5"
    title = {"en": "A solution is found already, and the customer has not heard it.", "zh-CN": "已有解决办法，尚未告知客户。"}
    remedy = {"en": "Tell the customer today, and record the answer.", "zh-CN": "请当日告知客户并记录其答复。"}


class NoSolutionYet(Refused):
    clause = "F5"
    title = {"en": "There is no solution to tell.", "zh-CN": "尚无解决办法可告知。"}
    remedy = {
        "en": "Record the solution first; unsolved, report it to the business supervisor.",
        "zh-CN": "请先记录解决办法；未解决的请上报业务主管。",
    }


class NoFirstVisit(Refused):
    clause = "F5"
    title = {"en": "The complaint names no visit that the car could come back to.", "zh-CN": "投诉未关联来店记录，无法登记返修。"}
    remedy = {"en": "Record the complaint with the visit that it is about.", "zh-CN": "请在投诉中注明所涉及的来店。"}


class NotAComeBack(Refused):
    clause = "F5"
    title = {"en": "This visit is no come-back of that one.", "zh-CN": "该次来店不是返修。"}
    remedy = {"en": "Name a later visit of the same car, once.", "zh-CN": "请填写同一车辆之后的来店，且仅一次。"}


def report_by(since: datetime, site: Site) -> datetime:
    """The end of the last working day on which it may still be unsolved and unreported."""
    last_day = add_working_days(local_day(since, site.zone), site.deadlines.complaint_report_working_days, site.days)
    return end_of_day(last_day, site.zone)


def teams_of(visit: Mapping[str, Any]) -> tuple[str, ...]:
    """F5: those that had an item of the visit. `teams` is what an older version kept: whom the last dispatch named."""
    return tuple(sorted({*visit.get("teams", ()), *visit.get("team_by_item", {}).values()}))


class Complaint(Unsolved):
    """One complaint. `solution` is the key of a text record; what was not good enough is in `rejected`.

    Late can be that the customer is `told` on the day, and the `decision`; of the present round alone.
    """

    COLLECTION = "complaints"
    NAME = "complaint"
    REPORTED = ComplaintReported
    DECIDED = ComplaintDecided
    HANDED_OVER = ComplaintHandedOver
    LATE = {"told": "complaint_told", "decision": "complaint_decision"}

    channel: str = ""
    taken_by: str = ""
    duty: str | None = None
    report_by: datetime | None = None
    solution: str | None = None
    found_by: str | None = None
    tell_by: datetime | None = None
    rejected: tuple[str, ...] = ()
    come_backs: tuple[str, ...] = ()
    closed: bool = False

    def open(
        self,
        channel: str,
        customer: str,
        visit: str | None,
        words: str,
        owner: str,
        by: str,
        branch: Branch,
        now: datetime,
        duty: str | None = None,
    ) -> list[Event]:
        if self.exists:
            raise ComplaintStands(complaint=self.id)
        must_be_able_to_own(owner, branch)
        return [
            ComplaintOpened(
                complaint=self.id,
                channel=channel,
                customer=customer,
                visit=visit,
                words=words,
                owner=owner,
                taken_by=by,
                report_by=report_by(now, branch.site),
                duty=duty,
                since=now,
            )
        ]

    def move(self, site: Site, now: datetime) -> list[Event]:
        """The calendar changed (EDGE_CASES 12): the two days to report it end on another day, where they are not over."""
        if self.closed or self.solution or self.reported or not self.since or not self.report_by:
            return []
        due_by = report_by(self.since, site)
        return [DeadlineMoved(duty=self.id, kind="complaint", due_by=due_by)] if moves(self.report_by, due_by, now) else []

    def solve(self, by: str, solution: str, site: Site, now: datetime) -> list[Event]:
        """The customer hears of it the same day."""
        self.must_be_unsolved()
        tell_by = end_of_day(local_day(now, site.zone), site.zone)
        return [SolutionFound(complaint=self.id, visit=self.visit, by=by, solution=solution, tell_by=tell_by)]

    def may_be_told(self) -> None:
        self.must_be_open()
        if not self.solution:
            raise NoSolutionYet(missing=("solution",), complaint=self.id)

    def tell(
        self, by: str, channel: Channel, site: Site, now: datetime, *, content: bool, call: str | None = None, letter: str | None = None
    ) -> list[Event]:
        """Content closes it; not content begins the work again, with its two days."""
        self.may_be_told()
        told = CustomerToldSolution(
            complaint=self.id,
            visit=self.visit,
            by=by,
            channel=channel,
            content=content,
            report_by=None if content else report_by(now, site),
            call=call,
            letter=letter,
            at=now,
        )
        return [told, ComplaintClosed(complaint=self.id, visit=self.visit)] if content else [told]

    def link_come_back(self, come_back: str, order: str | None, teams: tuple[str, ...], inspector: str | None, by: str) -> list[Event]:
        if not self.visit:
            raise NoFirstVisit(missing=("visit",), complaint=self.id)
        if come_back == self.visit or come_back in self.come_backs:
            raise NotAComeBack(visit=come_back, first=self.visit)
        return [
            ComeBackLinked(complaint=self.id, visit=self.visit, come_back=come_back, order=order, teams=teams, inspector=inspector, by=by)
        ]

    def waits_for(self, what: str) -> bool:
        unsolved = self.solution is None
        waits = {"report": unsolved and not self.reported, "told": not unsolved, "decision": unsolved and self.due_on is not None}
        return not self.closed and waits[what]

    def must_be_open(self) -> None:
        if self.closed:
            raise ComplaintIsClosed(complaint=self.id)

    def must_be_unsolved(self) -> None:
        self.must_be_open()
        if self.solution:
            raise SolutionStands(complaint=self.id, tell_by=self.tell_by)

    def apply(self, event: Event) -> None:
        match event:
            case ComplaintOpened():
                for name in ComplaintOpened.model_fields.keys() & Complaint.model_fields.keys():
                    setattr(self, name, getattr(event, name))
            case SolutionFound():
                self.solution, self.found_by, self.tell_by = event.solution, event.by, event.tell_by
            case CustomerToldSolution(content=False):
                self._begin_again(event.report_by, event.at)
            case DeadlineMoved():
                self.report_by = event.due_by
            case ComplaintClosed():
                self.closed = True
            case ComeBackLinked():
                self.come_backs = (*self.come_backs, event.come_back)
            case _:
                super().apply(event)

    def _begin_again(self, until: datetime | None, since: datetime | None) -> None:
        assert self.solution
        self.rejected = (*self.rejected, self.solution)
        self.solution = self.found_by = self.tell_by = None
        self.reported, self.reported_by, self.reason, self.decision, self.due_on = False, None, None, None, None
        self.report_by, self.since, self.overdue = until, since, ()
