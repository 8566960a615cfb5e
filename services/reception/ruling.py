"""R5: an unclear warranty goes to the manufacturer's service department, and its ruling is kept, also when it comes after the delivery."""

from collections.abc import Collection, Sequence
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


class Question(Fact):
    """`reason` is the key of a text record: what the customer was told."""

    item: str
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

    def escalate(self, item: str, unclear: Collection[str], reason: str, by: str) -> list[Event]:
        """R5: `unclear` are the items of diagnosis and quotes that are neither yes nor no, and what was found and not quoted yet."""
        if item in self.escalated:
            raise AlreadyEscalated(visit=self.id, item=item)
        if item not in unclear:
            raise WarrantyIsClear(missing=(item,), visit=self.id)
        return [WarrantyQuestionEscalated(visit=self.id, item=item, reason=reason, by=by)]

    def rule(self, item: str, reference: str, by: str, *, covers: bool) -> list[Event]:
        if item not in self.escalated:
            raise RulingNotAskedFor(missing=("escalation",), visit=self.id, item=item)
        if any(question.item == item and question.covers is not None for question in self.questions):
            raise AlreadyRuled(visit=self.id, item=item)
        return [WarrantyRuled(visit=self.id, item=item, covers=covers, reference=reference, by=by)]

    def check_asked(self, items: Sequence[OrderItem]) -> None:
        """Before the customer signs or accepts: whatever is unclear was taken to the manufacturer."""
        if unasked := [item.item for item in items if item.warranty is Warranty.UNCLEAR and item.item not in self.escalated]:
            raise WarrantyNotEscalated(missing=unasked, visit=self.id)

    def apply(self, event: Event) -> None:
        match event:
            case WarrantyQuestionEscalated():
                self.questions = (*self.questions, Question(item=event.item, reason=event.reason, by=event.by))
            case WarrantyRuled():
                ruled = {"covers": event.covers, "reference": event.reference}
                self.questions = tuple(each.model_copy(update=ruled) if each.item == event.item else each for each in self.questions)
