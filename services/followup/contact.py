"""F4 to F8: whether and where a customer may be called. The number itself is in the customer's record, never here (EDGE_CASES 13, 14)."""

from shared.aggregate import Aggregate
from shared.contracts.event import Event
from shared.contracts.followup import ContactInvalid, DoNotCallSaid
from shared.refusal import Refused


class CustomerWantsNoCalls(Refused):
    clause = "F4"
    title = {"en": "The customer asked not to be called.", "zh-CN": "客户要求不再致电。"}
    remedy = {"en": "Write instead; an open complaint is still answered.", "zh-CN": "请改用信函；未结投诉仍须答复。"}


class NumberUnknown(Refused):
    clause = "F8"
    title = {"en": "There is no number to dial on the customer's record.", "zh-CN": "客户资料中没有可拨打的号码。"}
    remedy = {"en": "Correct the customer's record at reception.", "zh-CN": "请到前台更正客户资料。"}


class NumberIsWrong(Refused):
    clause = "F8"
    title = {"en": "The number on the customer's record is known to be wrong.", "zh-CN": "客户资料中的号码已确认有误。"}
    remedy = {"en": "Write a letter; the number is checked at the next visit.", "zh-CN": "请改寄信函；下次来店时核对号码。"}


class Contact(Aggregate):
    """One a customer, whose id it has. `wrong_number` is the key of the record with the number that turned out to be wrong."""

    COLLECTION = "contacts"

    do_not_call: bool = False
    wrong_number: str | None = None

    def say_do_not_call(self, by: str, *, do_not_call: bool) -> list[Event]:
        if do_not_call == self.do_not_call:
            return []
        return [DoNotCallSaid(customer=self.id, do_not_call=do_not_call, by=by)]

    def find_wrong(self, call: str, dialled: str, visit: str | None) -> list[Event]:
        return [ContactInvalid(customer=self.id, visit=visit, call=call, dialled=dialled)]

    def apply(self, event: Event) -> None:
        match event:
            case DoNotCallSaid():
                self.do_not_call = event.do_not_call
            case ContactInvalid():
                self.wrong_number = event.dialled
