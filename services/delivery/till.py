"""D5: a day's till: what was taken, counted by the cashier, and closed by somebody who took no money into it."""

from collections.abc import Mapping
from datetime import date
from typing import ClassVar

from shared.aggregate import Aggregate
from shared.branch import Branch
from shared.contracts.delivery import TakingBooked, TillClosed, TillCounted
from shared.contracts.event import Event
from shared.money import Money
from shared.refusal import Refused


class TillIsClosed(Refused):
    clause = "D5"
    title = {"en": "This day's till is closed.", "zh-CN": "当日收银已日结。"}
    remedy = {"en": "What comes in now is in the next day's till.", "zh-CN": "此后的收款计入下一日。"}


class TillNotCounted(Refused):
    clause = "D5"
    title = {"en": "The till was not counted since the last booking.", "zh-CN": "最后一笔入账后尚未清点。"}
    remedy = {"en": "Let the cashier count it.", "zh-CN": "请收银员清点。"}


class CloserIsCashier(Refused):
    clause = "D5"
    title = {"en": "Who took or counted the money does not close the till.", "zh-CN": "收款或清点人员不得审批日结。"}
    remedy = {"en": "Let somebody else close it.", "zh-CN": "请由另一人审批。"}


class DifferenceUnexplained(Refused):
    clause = "D5"
    title = {"en": "The count differs from what was booked.", "zh-CN": "清点金额与账面不符。"}
    remedy = {"en": "Count again, or close it with a note on the difference.", "zh-CN": "请重新清点，或备注差异后日结。"}


def till_id(day: date) -> str:
    return f"till-{day}"


class Till(Aggregate):
    """`booked` is by method, refunds and reversals taken off; `counted` holds until something else is booked."""

    COLLECTION: ClassVar[str] = "tills"

    booked: dict[str, Money] = {}
    entries: int = 0
    cashiers: tuple[str, ...] = ()
    counted: TillCounted | None = None
    closed: TillClosed | None = None

    def book(self, visit: str, entry: str, method: str, amount: Money, cashier: str) -> list[Event]:
        self._must_be_open()
        return [TakingBooked(till=self.id, visit=visit, entry=entry, method=method, amount=amount, cashier=cashier)]

    def count(self, counted: Mapping[str, Money], cashier: str) -> list[Event]:
        self._must_be_open()
        return [TillCounted(till=self.id, cashier=cashier, counted=counted, expected=self.booked)]

    def close(self, approver: str, note: str | None, branch: Branch) -> list[Event]:
        self._must_be_open()
        if not self.counted:
            raise TillNotCounted(missing=("count",), till=self.id)
        if branch.same_person(approver, (*self.cashiers, self.counted.cashier)):
            raise CloserIsCashier(till=self.id)
        differences = self.differences(self.counted.counted)
        if differences and not note:
            raise DifferenceUnexplained(missing=tuple(f"{method} {amount}" for method, amount in differences.items()), till=self.id)
        return [
            TillClosed(
                till=self.id,
                totals=self.booked,
                differences=differences,
                entries=self.entries,
                cashier=self.counted.cashier,
                approver=approver,
                note=note,
            )
        ]

    def differences(self, counted: Mapping[str, Money]) -> dict[str, Money]:
        """Counted less booked, where they are not the same."""
        both = {method: (counted.get(method), self.booked.get(method)) for method in dict.fromkeys((*counted, *self.booked))}
        found = {method: _less(there, booked) for method, (there, booked) in both.items()}
        return {method: amount for method, amount in found.items() if amount}

    def _must_be_open(self) -> None:
        if self.closed:
            raise TillIsClosed(till=self.id)

    def apply(self, event: Event) -> None:
        match event:
            case TakingBooked():
                before = self.booked.get(event.method)
                self.booked[event.method] = before + event.amount if before else event.amount
                self.entries += 1
                self.cashiers = tuple(dict.fromkeys((*self.cashiers, event.cashier)))
                self.counted = None
            case TillCounted():
                self.counted = event
            case TillClosed():
                self.closed = event


def _less(counted: Money | None, booked: Money | None) -> Money:
    if counted is None:
        assert booked is not None
        return booked * -1
    return counted - booked if booked else counted
