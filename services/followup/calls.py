"""F4, F6: the two calls after a delivery, each a duty with its window; what was said, tries, and what is late.

The first call is due from `first_call_from_day` after delivery to the end of day 3 (D4's promise: amber after it) and of day 7
(the clause: red after it). The second is due in the 7 days that start one week after the first was closed. Calendar days of
the site's time zone; the planned day is the first working day of the window.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.followup.file import ContactPlan
from services.followup.talk import Opinion, Said, Try, in_convenient_hour, part_of_day
from services.followup.unsolved import must_be_able_to_own
from shared.aggregate import Aggregate
from shared.branch import Branch, Site
from shared.calendar import end_of_day, local_day, start_of_day, working_day_in_window
from shared.contracts.event import Event
from shared.contracts.followup import (
    CallDutyClosed,
    CallDutyMoved,
    CallDutyOpened,
    CallDutyResumed,
    CallDutyStopped,
    CallDutyWidened,
    CallHourChanged,
    CallKind,
    CustomerNotReached,
    DutyOverdue,
    OpinionRecorded,
)
from shared.refusal import Refused


class ContactNotPlanned(Refused):
    clause = "F3"
    title = {"en": "The contact is not planned.", "zh-CN": "尚未计划本次联系。"}
    remedy = {"en": "Open the customer file and plan need, topics and time first.", "zh-CN": "请先建档并计划需求、话题和时间。"}


class CarNotDelivered(Refused):
    clause = "F4"
    title = {"en": "The car is not delivered: no call is due yet.", "zh-CN": "车辆尚未交付，还不到回访时间。"}
    remedy = {"en": "The first call follows the delivery.", "zh-CN": "交车后再作首次回访。"}


class FirstCallTooEarly(Refused):
    clause = "F4"
    title = {"en": "It is too early for the first call.", "zh-CN": "首次回访为时尚早。"}
    remedy = {"en": "Call from the day on that the duty names.", "zh-CN": "请在任务规定的日期之后致电。"}


class FirstCallClosed(Refused):
    clause = "F4"
    title = {"en": "The first call is closed.", "zh-CN": "首次回访已结束。"}
    remedy = {"en": "Enter a further call in the call register.", "zh-CN": "其他通话请登记在电话登记表。"}


class OpinionMissing(Refused):
    clause = "F4"
    title = {"en": "How the car runs or the customer's opinion was not recorded.", "zh-CN": "未记录车辆使用情况或客户意见。"}
    remedy = {"en": "Ask the customer, and record what is missing.", "zh-CN": "请询问客户并补充所缺内容。"}


class EntryWithoutOwner(Refused):
    clause = "F4"
    title = {"en": "An entry's owner is nobody of this branch.", "zh-CN": "事项负责人不是本站人员。"}
    remedy = {"en": "Name a member of staff who owns it.", "zh-CN": "请指定本站人员负责。"}


class TriesMissing(Refused):
    clause = "F4"
    title = {"en": "The customer was not tried often enough to be given up.", "zh-CN": "联系次数不足，不能按未接通结束。"}
    remedy = {
        "en": "Try three times, on two days, in different parts of the day, once in the convenient hour.",
        "zh-CN": "请在至少两天、不同时段共尝试三次，其中一次在方便时段。",
    }


class FirstCallStillOpen(Refused):
    clause = "F6"
    title = {"en": "The first call is not closed yet.", "zh-CN": "首次回访尚未结束。"}
    remedy = {"en": "The second call counts from the end of the first.", "zh-CN": "第二次回访从首次回访结束起算。"}


class SecondCallTooEarly(Refused):
    clause = "F6"
    title = {"en": "It is too early for the second call.", "zh-CN": "第二次回访为时尚早。"}
    remedy = {"en": "Its seven days start one week after the first call was closed.", "zh-CN": "首次回访结束一周后的七天内致电。"}


class SecondCallClosed(Refused):
    clause = "F6"
    title = {"en": "The second call is closed.", "zh-CN": "第二次回访已结束。"}
    remedy = {"en": "Enter a further call in the call register.", "zh-CN": "其他通话请登记在电话登记表。"}


class TopicsRepeated(Refused):
    clause = "F6"
    title = {"en": "A topic of the second call was one of the first.", "zh-CN": "第二次回访的话题与首次重复。"}
    remedy = {"en": "Choose other topics of the plan.", "zh-CN": "请选择计划中的其他话题。"}


class TopicsNotPlanned(Refused):
    clause = "F6"
    title = {"en": "A topic of the second call is not in the plan.", "zh-CN": "第二次回访的话题不在计划中。"}
    remedy = {"en": "Plan the contact anew, then call.", "zh-CN": "请先重新计划联系，再致电。"}


@dataclass(frozen=True)
class Window:
    """Moments of UTC; `planned_on` is a date of the site. `for_duty_agent`: no working day lies inside (EDGE_CASES 12)."""

    not_before: datetime
    promise_by: datetime
    due_by: datetime
    planned_on: date
    for_duty_agent: bool


def first_window(delivered_at: datetime, site: Site) -> Window:
    day, deadlines = local_day(delivered_at, site.zone), site.deadlines
    return _window(
        day + timedelta(days=deadlines.first_call_from_day),
        deadlines.first_call_promised_by(day),
        day + timedelta(days=deadlines.first_call_limit_days),
        site,
    )


def second_window(first_closed_at: datetime, site: Site) -> Window:
    start = local_day(first_closed_at, site.zone) + timedelta(days=site.deadlines.second_call_after_days)
    last = start + timedelta(days=site.deadlines.second_call_window_days - 1)
    return _window(start, last, last, site)


def _window(first: date, promise: date, last: date, site: Site) -> Window:
    working_day = working_day_in_window(first, last, site.days)
    return Window(
        not_before=start_of_day(first, site.zone),
        promise_by=end_of_day(promise, site.zone),
        due_by=end_of_day(last, site.zone),
        planned_on=working_day or first,
        for_duty_agent=working_day is None,
    )


def duty_id(visit: str, kind: CallKind) -> str:
    return f"{visit}-{kind}"


def visit_of(duty: str) -> str | None:
    """The visit that a duty's id names; None where it is no duty's id."""
    visit, dash, kind = duty.rpartition("-")
    return visit if dash and kind in ("first", "second") else None


class CallDuty(Aggregate):
    """One call that is due. `covered` are the topics that the second call must not repeat; `overdue` is how far it was escalated.

    `about` are the earlier visits that a come-back's call is about too (EDGE_CASES 10).

    `stopped`: why there is no call any more.

    `in_convenient_hour`: whether the customer was reached in the hour that they named. It is recorded, not refused.
    """

    COLLECTION = "duties"

    visit: str = ""
    kind: CallKind | None = None
    customer: str = ""
    agent: str = ""
    hour: str = ""
    not_before: datetime | None = None
    promise_by: datetime | None = None
    due_by: datetime | None = None
    planned_on: date | None = None
    for_duty_agent: bool = False
    covered: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    tries: tuple[Try, ...] = ()
    opinion: Opinion | None = None
    topics: tuple[str, ...] = ()
    outcome: str | None = None
    stopped: str | None = None
    said_under: str | None = None
    closed_at: datetime | None = None
    in_convenient_hour: bool | None = None
    overdue: str | None = None

    @property
    def subject(self) -> str:
        return visit_of(self.id) or self.id

    @property
    def is_first(self) -> bool:
        return self.id.endswith("-first")

    @property
    def _kind(self) -> CallKind:
        return "first" if self.is_first else "second"

    def open(self, customer: str, agent: str, hour: str, window: Window, covered: tuple[str, ...] = ()) -> list[Event]:
        """A visit has each of its calls once: what is open, or was, stays (an inquiry's exit opens no second set)."""
        if self.exists:
            return []
        return [
            CallDutyOpened(
                visit=self.subject,
                duty=self.id,
                kind=self._kind,
                customer=customer,
                agent=agent,
                hour=hour,
                not_before=window.not_before,
                promise_by=window.promise_by,
                due_by=window.due_by,
                planned_on=window.planned_on,
                for_duty_agent=window.for_duty_agent,
                covered=covered,
            )
        ]

    def hold(self, said: Said, plan: ContactPlan | None, branch: Branch, now: datetime, *, has_car: bool = True) -> list[Event]:
        """The customer was reached: what was said is recorded, and the duty closed as called.

        Not `has_car`: who only inquired (R14) has none that could run well or badly.
        """
        self._may_call(plan, now)
        asked = {"car_runs_well": said.car_runs_well} if has_car else {}
        missing = [what for what, answer in {**asked, "opinion": said.opinion}.items() if answer is None]
        if self.is_first and missing:
            raise OpinionMissing(missing=missing, duty=self.id)
        if not self.is_first:
            self._topics_fit(said.topics, plan)
        for entry in said.entries:
            if entry.owner not in branch.staff:
                raise EntryWithoutOwner(missing=("owner",), owner=entry.owner)
            must_be_able_to_own(entry.owner, branch)
        closed = CallDutyClosed(
            visit=self.visit,
            duty=self.id,
            kind=self._kind,
            outcome="called",
            topics=tuple(dict.fromkeys(said.topics)),
            at=now,
            in_convenient_hour=in_convenient_hour(now, self.hour, branch.site),
        )
        return [*self._opinion(said), closed]

    def fail_to_reach(self, call: str, result: str, plan: ContactPlan | None, site: Site, now: datetime) -> list[Event]:
        self._may_call(plan, now)
        return [
            CustomerNotReached(
                visit=self.visit,
                duty=self.id,
                call=call,
                at=now,
                part_of_day=part_of_day(now, site),
                in_convenient_hour=in_convenient_hour(now, self.hour, site),
                result=result,
            )
        ]

    def may_be_given_up(self, told_by: str, site: Site, now: datetime, *, contact_invalid: bool = False) -> None:
        self._is_open(now)
        lacking = [what for what, there in self._tries_made(site).items() if not there]
        pointless = contact_invalid and told_by == "letter"
        if lacking and not pointless:
            raise TriesMissing(missing=lacking, duty=self.id, tries=len(self.tries))

    def give_up(self, told_by: str, site: Site, now: datetime, *, contact_invalid: bool = False, letter: str | None = None) -> list[Event]:
        """Closed as not reached (EDGE_CASES 13), never as called: after enough tries, or by letter where the number is wrong."""
        self.may_be_given_up(told_by, site, now, contact_invalid=contact_invalid)
        return [
            CallDutyClosed(
                visit=self.visit,
                duty=self.id,
                kind=self._kind,
                outcome="not_reached",
                at=now,
                told_by=told_by,
                contact_invalid=contact_invalid,
                letter=letter,
            )
        ]

    def stop(self, reason: str, said_under: str | None = None) -> list[Event]:
        """No call any more; one that was made, or given up, stays as it is. `said_under`: the person's other file that says so."""
        if not self.exists or self.outcome:
            return []
        return [CallDutyStopped(visit=self.visit, duty=self.id, kind=self._kind, reason=reason, said_under=said_under)]

    def resume(self, now: datetime, *, parted: bool = False) -> list[Event]:
        """The customer wants calls again: not those whose days went by meanwhile, which nobody is late with.

        `parted` (R7): it was another person who had said so: it was due all the time. What was stopped for any other reason stays so.
        """
        if self.stopped != "do_not_call" or self.due_by is None:
            return []
        if not self.said_under if parted else self.due_by <= now:
            return []
        return [CallDutyResumed(visit=self.visit, duty=self.id, kind=self._kind)]

    def widen(self, visit: str) -> list[Event]:
        """EDGE_CASES 10: one call about both. A call that was made, or given up, was about its own visit alone."""
        if not self.exists or self.outcome or visit in self.about:
            return []
        return [CallDutyWidened(visit=self.visit, duty=self.id, kind=self._kind, about=visit)]

    def change_hour(self, hour: str, by: str) -> list[Event]:
        """EDGE_CASES 14: from now on, also before the first day. The second call takes the hour over from the first."""
        self._must_stand()
        return [] if hour == self.hour else [CallHourChanged(visit=self.visit, duty=self.id, kind=self._kind, hour=hour, by=by)]

    def move(self, site: Site, now: datetime) -> list[Event]:
        """The calendar changed (EDGE_CASES 12): the nearest working day of what is left of the window; past breaches stay."""
        if self.outcome or self.overdue or self.not_before is None or self.due_by is None or self.due_by <= now:
            return []
        first = max(local_day(self.not_before, site.zone), local_day(now, site.zone))
        last = local_day(self.due_by, site.zone)
        day = working_day_in_window(first, last, site.days)
        planned_on, for_duty_agent = day or first, day is None
        if (planned_on, for_duty_agent) == (self.planned_on, self.for_duty_agent):
            return []
        return [CallDutyMoved(visit=self.visit, duty=self.id, planned_on=planned_on, for_duty_agent=for_duty_agent)]

    def _tries_made(self, site: Site) -> dict[str, bool]:
        needed = site.deadlines.tries_until_not_reached
        return {
            f"{needed} tries": len(self.tries) >= needed,
            "two days": len({local_day(each.at, site.zone) for each in self.tries}) >= 2,
            "different parts of the day": len({each.part_of_day for each in self.tries}) >= 2,
            "a try in the convenient hour": any(each.in_convenient_hour for each in self.tries),
        }

    def _must_stand(self) -> datetime:
        """From when on it is due."""
        if self.not_before is None:
            raise CarNotDelivered(duty=self.id) if self.is_first else FirstCallStillOpen(duty=self.id)
        if self.outcome:
            raise (FirstCallClosed if self.is_first else SecondCallClosed)(duty=self.id, outcome=self.outcome)
        return self.not_before

    def _is_open(self, now: datetime) -> None:
        not_before = self._must_stand()
        if now < not_before:
            raise (FirstCallTooEarly if self.is_first else SecondCallTooEarly)(duty=self.id, not_before=not_before)

    def _may_call(self, plan: ContactPlan | None, now: datetime) -> None:
        self._is_open(now)
        if plan is None:
            raise ContactNotPlanned(missing=("contact plan",), visit=self.visit)

    def _topics_fit(self, topics: Sequence[str], plan: ContactPlan | None) -> None:
        if repeated := [topic for topic in topics if topic in self.covered]:
            raise TopicsRepeated(topics=repeated)
        if unplanned := [topic for topic in topics if plan and topic not in plan.topics]:
            raise TopicsNotPlanned(missing=unplanned)

    def _opinion(self, said: Said) -> list[Event]:
        if said.car_runs_well is None and said.opinion is None and not said.entries:
            return []
        entries = tuple(
            OpinionRecorded.Entry(entry=f"{self.id}-{number}", kind=entry.kind, text=entry.text, owner=entry.owner)
            for number, entry in enumerate(said.entries, 1)
        )
        return [OpinionRecorded(visit=self.visit, duty=self.id, car_runs_well=said.car_runs_well, opinion=said.opinion, entries=entries)]

    def is_late(self, level: str) -> bool:
        """To be escalated to `level` (F10): open, and not there yet. The timer knows that the day is over."""
        return self.outcome is None and self.overdue not in (level, "red")

    def escalate(self, level: str) -> list[Event]:
        if not self.is_late(level):
            return []
        return [DutyOverdue(visit=self.visit, duty=self.id, kind=self._kind, level=level)]

    def apply(self, event: Event) -> None:  # noqa: C901  one line an event
        match event:
            case CallDutyOpened():
                for name in CallDutyOpened.model_fields.keys() & CallDuty.model_fields.keys():
                    setattr(self, name, getattr(event, name))
            case CustomerNotReached():
                made = Try.model_validate(event.model_dump(include=set(Try.model_fields)))
                self.tries = (*self.tries, made)
            case OpinionRecorded():
                self.opinion = Opinion(car_runs_well=event.car_runs_well, opinion=event.opinion, entries=event.entries)
            case CallDutyClosed():
                self.outcome, self.topics, self.closed_at = event.outcome, event.topics, event.at
                self.in_convenient_hour = event.in_convenient_hour
            case CallDutyStopped():
                self.outcome, self.stopped, self.said_under = "stopped", event.reason, event.said_under
            case CallDutyResumed():
                self.outcome = self.stopped = self.said_under = None
            case CallDutyWidened():
                self.about = (*self.about, event.about)
            case CallHourChanged():
                self.hour = event.hour
            case CallDutyMoved():
                self.planned_on, self.for_duty_agent = event.planned_on, event.for_duty_agent
            case DutyOverdue():
                self.overdue = event.level
