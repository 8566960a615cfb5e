"""F10: the monthly and the yearly summary: a draft from the facts, edited and signed by the supervisor, given in a meeting, filed."""

import re
from datetime import date, datetime

from shared.aggregate import Aggregate
from shared.branch import Site
from shared.calendar import add_working_days, end_of_day, local_day, moves, start_of_day
from shared.contracts.event import Event
from shared.contracts.followup import (
    DeadlineMoved,
    DutyOverdue,
    SummaryDrafted,
    SummaryEdited,
    SummaryFacts,
    SummaryFiled,
    SummaryOpened,
    SummaryPresented,
    SummarySigned,
)
from shared.contracts.values import Signature
from shared.refusal import Malformed, Refused
from shared.signing import content_hash


class PeriodNotOver(Refused):
    clause = "F10"
    title = {"en": "The period is not over.", "zh-CN": "该期间尚未结束。"}
    remedy = {"en": "Sum it up when it is.", "zh-CN": "请在期间结束后再作小结。"}


class NothingDrafted(Refused):
    clause = "F10"
    title = {"en": "There is no draft of this summary.", "zh-CN": "尚无该小结的草稿。"}
    remedy = {"en": "Let it be drafted from the facts first.", "zh-CN": "请先依据事实生成草稿。"}


class NotEdited(Refused):
    clause = "F10"
    title = {"en": "The supervisor's own words are missing.", "zh-CN": "缺少主管的小结文字。"}
    remedy = {"en": "Edit the summary, then sign it.", "zh-CN": "请先编辑小结再签字。"}


class SignedAlready(Refused):
    clause = "F10"
    title = {"en": "The summary is signed: it stays as it is.", "zh-CN": "小结已签字，不得再改。"}
    remedy = {"en": "Put what is new into the next one.", "zh-CN": "新的内容请写入下一期。"}


class NotSigned(Refused):
    clause = "F10"
    title = {"en": "The summary is not signed.", "zh-CN": "小结尚未签字。"}
    remedy = {"en": "Sign it before the meeting.", "zh-CN": "请在会议前签字。"}


class FiledAlready(Refused):
    clause = "F10"
    title = {"en": "The summary was given in a meeting and is filed.", "zh-CN": "小结已在会议上通报并归档。"}
    remedy = {"en": "Read it where it is filed.", "zh-CN": "请查阅归档。"}


class NoMeeting(Refused):
    clause = "F10"
    title = {
        "en": "A meeting has people of this branch, and is neither before the signature nor to come.",
        "zh-CN": "会议须有本站人员参加，且不早于签字、不晚于今日。",
    }
    remedy = {"en": "Name the day on which it was, and who was there.", "zh-CN": "请填写会议日期和到会人员。"}


def bounds(period: str) -> tuple[date, date]:
    """The first day of `YYYY-MM` or `YYYY`, and the first day after it."""
    match = re.fullmatch(r"(20[0-9]{2})(?:-(0[1-9]|1[0-2]))?", period)
    if match is None:
        raise Malformed(missing=("period",), expected="YYYY-MM or YYYY")
    year, month = int(match[1]), int(match[2] or 0)
    if not month:
        return date(year, 1, 1), date(year + 1, 1, 1)
    return date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)


def periods_ended(day: date) -> tuple[str, ...]:
    """What ended with the day before `day`'s month: that month, and in January the year too."""
    if day.month == 1:
        return (f"{day.year - 1}-12", f"{day.year - 1}")
    return (f"{day.year}-{day.month - 1:02}",)


def next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


class Summary(Aggregate):
    """One period's; the id is the period. `words` is the key of a text record."""

    COLLECTION = "summaries"

    due_by: datetime | None = None
    facts: SummaryFacts | None = None
    words: str | None = None
    content_hash: str | None = None
    signature: Signature | None = None
    met_on: date | None = None
    present: tuple[str, ...] = ()
    filed: bool = False
    overdue: bool = False

    def open(self, site: Site) -> list[Event]:
        """The period ended: the supervisor has some working days."""
        if self.due_by:
            return []
        return [SummaryOpened(period=self.id, due_by=self._due_by(site))]

    def move(self, site: Site, now: datetime) -> list[Event]:
        """The calendar changed (EDGE_CASES 12): due on another day, where it is not late."""
        if self.filed or self.overdue or not self.due_by:
            return []
        due_by = self._due_by(site)
        return [DeadlineMoved(duty=self.id, kind="summary", due_by=due_by)] if moves(self.due_by, due_by, now) else []

    def _due_by(self, site: Site) -> datetime:
        return end_of_day(add_working_days(bounds(self.id)[1], site.deadlines.summary_working_days, site.days), site.zone)

    def draft(self, facts: SummaryFacts, by: str, site: Site, now: datetime) -> list[Event]:
        """Again and again until it is signed; what was written stays."""
        if now < start_of_day(bounds(self.id)[1], site.zone):
            raise PeriodNotOver(period=self.id)
        if self.signature:
            raise SignedAlready(period=self.id)
        return [*self.open(site), SummaryDrafted(period=self.id, facts=facts, by=by)]

    def edit(self, words: str, by: str) -> list[Event]:
        if self.facts is None:
            raise NothingDrafted(missing=("draft",), period=self.id)
        if self.signature:
            raise SignedAlready(period=self.id)
        return [SummaryEdited(period=self.id, words=words, by=by)]

    def sign(self, by: str, now: datetime) -> list[Event]:
        if self.facts is None:
            raise NothingDrafted(missing=("draft",), period=self.id)
        if self.words is None:
            raise NotEdited(missing=("words",), period=self.id)
        if self.signature:
            raise SignedAlready(period=self.id)
        content = {"period": self.id, "facts": self.facts.model_dump(mode="json"), "words": self.words}
        signed = content_hash(content)
        signature = Signature(signer=by, at=now, content_hash=signed)
        return [SummarySigned(period=self.id, facts=self.facts, words=self.words, content_hash=signed, signature=signature)]

    def meet(self, met_on: date, present: tuple[str, ...], known: tuple[str, ...], by: str, today: date, site: Site) -> list[Event]:
        """Given in a department meeting: with that it is filed."""
        if self.signature is None:
            raise NotSigned(missing=("signature",), period=self.id)
        if self.filed:
            raise FiledAlready(period=self.id)
        strangers = [person for person in present if person not in known]
        if strangers or not present or not local_day(self.signature.at, site.zone) <= met_on <= today:
            raise NoMeeting(missing=strangers or ("present", "date"), met_on=met_on)
        given = SummaryPresented(period=self.id, met_on=met_on, present=tuple(dict.fromkeys(present)), by=by)
        return [given, SummaryFiled(period=self.id, content_hash=self.signature.content_hash)]

    @property
    def is_late(self) -> bool:
        return bool(self.due_by) and not self.filed and not self.overdue

    def escalate(self) -> list[Event]:
        return [DutyOverdue(visit="", duty=self.id, kind="summary", level="red")] if self.is_late else []

    def apply(self, event: Event) -> None:
        match event:
            case SummaryOpened():
                self.due_by = event.due_by
            case DeadlineMoved():
                self.due_by = event.due_by
            case SummaryDrafted():
                self.facts = event.facts
            case SummaryEdited():
                self.words = event.words
            case SummarySigned():
                self.content_hash, self.signature = event.content_hash, event.signature
            case SummaryPresented():
                self.met_on, self.present = event.met_on, event.present
            case SummaryFiled():
                self.filed = True
            case DutyOverdue():
                self.overdue = True
