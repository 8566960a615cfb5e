"""R5: an unclear warranty goes to the manufacturer's service department, and its ruling is kept, also when it comes after the delivery."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from shared.aggregate import Aggregate
from shared.contracts.event import Event, Fact
from shared.contracts.reception import WarrantyQuestionEscalated, WarrantyRuled
from shared.contracts.values import OrderItem, Warranty
from shared.refusal import Refused


class WarrantyNotEscalated(Refused):
    clause = "R5"
    title = {"en": "The warranty of an item is unclear and nobody was asked.", "zh-CN": "有项目质量担保范围不明，尚未上报。"}
    remedy = {
        "en": "Tell the customer why, and ask the manufacturer's service department.",
        "zh-CN": "请向客户说明原因，并上报厂家服务部。",
    }


class WarrantyIsClear(Refused):
    clause = "R5"
    title = {"en": "No item of that id has an unclear warranty.", "zh-CN": "没有质量担保范围不明的该项目。"}
    remedy = {"en": "Only what is still unclear goes to the manufacturer.", "zh-CN": "只有仍不明确的项目才上报厂家。"}


class AlreadyEscalated(Refused):
    clause = "R5"
    title = {"en": "The manufacturer was asked about this item already.", "zh-CN": "该项目已上报厂家。"}
    remedy = {"en": "Wait for the ruling.", "zh-CN": "请等待厂家裁定。"}


class RulingNotAskedFor(Refused):
    clause = "R5"
    title = {"en": "The manufacturer was not asked about this item.", "zh-CN": "该项目未上报厂家。"}
    remedy = {"en": "Escalate the question first.", "zh-CN": "请先上报。"}


class AlreadyRuled(Refused):
    clause = "R5"
    title = {"en": "The manufacturer has ruled on this item.", "zh-CN": "厂家已对该项目作出裁定。"}
    remedy = {"en": "A ruling stands; a correction of it is a new fact.", "zh-CN": "裁定不可更改。"}


class AskedAboutOtherWork(Refused):
    clause = "R5"
    title = {"en": "The manufacturer was asked about other work under this item.", "zh-CN": "该项目已就其他作业内容上报厂家。"}
    remedy = {
        "en": "Record the other work as an item of its own; the question stays with what it was about.",
        "zh-CN": "请将其他作业另立项目；已上报的问题只针对原作业。",
    }


class NotAsRuled(Refused):
    clause = "R5"
    title = {"en": "The manufacturer has not ruled so on this item.", "zh-CN": "厂家对该项目并未如此裁定。"}
    remedy = {
        "en": "The item stays unclear until the ruling, and is then as the manufacturer ruled.",
        "zh-CN": "裁定前该项目按不明确处理，裁定后以厂家裁定为准。",
    }


class Question(Fact):
    """`reason` is the key of a text record: what the customer was told. `operation`: what it is about; None of an older entry."""

    item: str
    operation: str | None = None
    reason: str
    by: str
    covers: bool | None = None
    reference: str | None = None


class WarrantyQuestions(Aggregate):
    """The questions of a visit; the visit's id."""

    COLLECTION: ClassVar[str] = "warranty_questions"

    questions: tuple[Question, ...] = ()

    @property
    def escalated(self) -> frozenset[str]:
        return frozenset(question.item for question in self.questions)

    def escalate(self, item: str, unclear: Mapping[str, str], reason: str, by: str) -> list[Event]:
        """R5: `unclear` are the items of diagnosis and quotes that are neither yes nor no, and what was found and not quoted yet.

        Each with its operation: the ruling is on that and on nothing else.
        """
        if item in self.escalated:
            raise AlreadyEscalated(visit=self.id, item=item)
        if item not in unclear:
            raise WarrantyIsClear(missing=(item,), visit=self.id)
        return [WarrantyQuestionEscalated(visit=self.id, item=item, operation=unclear[item], reason=reason, by=by)]

    def rule(self, item: str, reference: str, by: str, *, covers: bool) -> list[Event]:
        if item not in self.escalated:
            raise RulingNotAskedFor(missing=("escalation",), visit=self.id, item=item)
        if any(question.item == item and question.covers is not None for question in self.questions):
            raise AlreadyRuled(visit=self.id, item=item)
        return [WarrantyRuled(visit=self.id, item=item, covers=covers, reference=reference, by=by)]

    def check_asked(self, items: Sequence[OrderItem]) -> None:
        """Before the customer signs or accepts: whatever is unclear was taken to the manufacturer, and what was is as it was asked."""
        if unasked := [item.item for item in items if item.warranty is Warranty.UNCLEAR and item.item not in self.escalated]:
            raise WarrantyNotEscalated(missing=unasked, visit=self.id)
        for item in items:
            self.check_as_asked(item.item, item.operation, item.warranty)

    def check_as_asked(self, item: str, operation: str, warranty: Warranty) -> None:
        """The ruling holds for the work that was asked about; until it is there nobody else says yes or no, and then nothing else."""
        if (asked := next((each for each in self.questions if each.item == item), None)) is None:
            return
        if asked.operation not in (None, operation):
            raise AskedAboutOtherWork(visit=self.id, item=item, operation=asked.operation)
        ruled = {True: Warranty.YES, False: Warranty.NO, None: Warranty.UNCLEAR}[asked.covers]
        if warranty not in (Warranty.UNCLEAR, ruled):
            raise NotAsRuled(visit=self.id, item=item, warranty=ruled)

    def apply(self, event: Event) -> None:
        match event:
            case WarrantyQuestionEscalated():
                self.questions = (*self.questions, Question(item=event.item, operation=event.operation, reason=event.reason, by=event.by))
            case WarrantyRuled():
                ruled = {"covers": event.covers, "reference": event.reference}
                self.questions = tuple(each.model_copy(update=ruled) if each.item == event.item else each for each in self.questions)
