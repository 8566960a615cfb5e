"""F8, F9: the call register and the letter register. What is entered stays as it was entered; numbers have no holes."""

from datetime import datetime

from shared.aggregate import Aggregate
from shared.contracts.event import Event
from shared.contracts.followup import CallRegistered, LetterRegistered
from shared.refusal import Refused


class CallRegisteredAlready(Refused):
    clause = "F8"
    title = {"en": "This call is in the register already.", "zh-CN": "该通话已登记。"}
    remedy = {"en": "Enter a new call.", "zh-CN": "请登记新的通话。"}


class LetterRegisteredAlready(Refused):
    clause = "F9"
    title = {"en": "This letter is in the register already.", "zh-CN": "该信函已登记。"}
    remedy = {"en": "Enter a new letter.", "zh-CN": "请登记新的信函。"}


class RegisteredCall(Aggregate):
    """F8: one call, in or out. `note` and `dialled` (the number of that day) are keys of text records."""

    COLLECTION = "call_register"

    number: int = 0
    direction: str = ""
    agent: str = ""
    customer: str = ""
    visit: str | None = None
    duty: str | None = None
    purpose: str = ""
    try_number: int = 1
    reached: bool = False
    result: str = ""
    topics: tuple[str, ...] = ()
    note: str | None = None
    dialled: str | None = None
    at: datetime | None = None
    in_convenient_hour: bool | None = None
    stand_in_for: str | None = None

    @property
    def subject(self) -> str:
        return self.visit or self.customer or self.id

    def enter(self, call: CallRegistered) -> list[Event]:
        if self.number:
            raise CallRegisteredAlready(call=self.id)
        return [call]

    def apply(self, event: Event) -> None:
        match event:
            case CallRegistered():
                for name in CallRegistered.model_fields.keys() & RegisteredCall.model_fields.keys():
                    setattr(self, name, getattr(event, name))


class Letter(Aggregate):
    """F9: one letter. `content` and `address` are keys of text records."""

    COLLECTION = "letter_register"

    number: int = 0
    kind: str = ""
    customer: str = ""
    visit: str | None = None
    content: str = ""
    address: str | None = None
    sent_by: str = ""
    at: datetime | None = None

    @property
    def subject(self) -> str:
        return self.visit or self.customer or self.id

    def enter(self, letter: LetterRegistered) -> list[Event]:
        if self.number:
            raise LetterRegisteredAlready(letter=self.id)
        return [letter]

    def apply(self, event: Event) -> None:
        match event:
            case LetterRegistered():
                for name in LetterRegistered.model_fields.keys() & Letter.model_fields.keys():
                    setattr(self, name, getattr(event, name))
