"""The end of a customer's personal data: when it may be, and that it was. The rest of the house hears of it by `CustomerErased`."""

from collections.abc import Sequence
from typing import ClassVar

from shared.aggregate import Aggregate
from shared.contracts.event import Event
from shared.contracts.reception import CustomerErased
from shared.refusal import Refused


class CustomerIsExpected(Refused):
    clause = "D5"
    title = {"en": "The customer has a visit or an appointment that is not over.", "zh-CN": "该客户尚有未结束的来访或预约。"}
    remedy = {"en": "Finish the visit, or cancel the appointment, first.", "zh-CN": "请先结束来访或取消预约。"}


class RulingIsOut(Refused):
    clause = "R5"
    title = {"en": "The manufacturer has not ruled on an item of the customer's yet.", "zh-CN": "该客户的项目尚待厂家裁定。"}
    remedy = {"en": "Wait for the ruling: it may lead to a claim, or to a call the same day.", "zh-CN": "请等待裁定。"}


class ComplaintIsOpen(Refused):
    clause = "F5"
    title = {"en": "The customer has an open complaint.", "zh-CN": "该客户尚有未结投诉。"}
    remedy = {"en": "A complaint is worked on until the customer is content.", "zh-CN": "投诉须处理至客户满意后方可清除资料。"}


class DebtIsOpen(Refused):
    clause = "D5"
    title = {"en": "The customer owes for a visit, at the till or on account.", "zh-CN": "该客户尚有未付款项或挂账。"}
    remedy = {"en": "Take the payment, or counter or credit what is not owed, first.", "zh-CN": "请先收清款项，或冲销、贷记。"}


class Erasure(Aggregate):
    """The id is the customer's. `reason` is the key of a text record."""

    COLLECTION: ClassVar[str] = "erasures"

    merged: tuple[str, ...] = ()
    visits: tuple[str, ...] = ()
    vehicles: tuple[str, ...] = ()
    reason: str = ""
    by: str = ""

    def erase(
        self,
        visits: Sequence[str],
        vehicles: Sequence[str],
        reason: str,
        by: str,
        *,
        expected: Sequence[str],
        unruled: Sequence[str],
        complaints: Sequence[str],
        debts: Sequence[str] = (),
        merged: Sequence[str] = (),
    ) -> list[Event]:
        """`expected`: visits and appointments that are not over; `debts`: visits for which the customer owes; `merged`: other files."""
        if expected:
            raise CustomerIsExpected(missing=expected, customer=self.id)
        if unruled:
            raise RulingIsOut(missing=unruled, customer=self.id)
        if complaints:
            raise ComplaintIsOpen(missing=complaints, customer=self.id)
        if debts:
            raise DebtIsOpen(missing=debts, customer=self.id)
        return [
            CustomerErased(customer=self.id, merged=tuple(merged), visits=tuple(visits), vehicles=tuple(vehicles), reason=reason, by=by)
        ]

    def apply(self, event: Event) -> None:
        match event:
            case CustomerErased():
                self.merged = event.merged
                self.visits, self.vehicles, self.reason, self.by = event.visits, event.vehicles, event.reason, event.by
