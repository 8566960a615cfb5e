"""What a vehicle's history was before this software: taken over from the branch's old records, each once (R9)."""

from collections.abc import Sequence
from typing import ClassVar

from shared.aggregate import Aggregate
from shared.contracts.event import Event
from shared.contracts.reception import VehicleHistoryRecorded
from shared.refusal import Refused


class RecordedAlready(Refused):
    clause = "R9"
    title = {"en": "This record of the vehicle's history is here already.", "zh-CN": "该维修记录已导入。"}
    remedy = {"en": "Nothing is to be done.", "zh-CN": "无需重复导入。"}


class PastVisits(Aggregate):
    """The id is the vehicle's; in the order in which they were taken over."""

    COLLECTION: ClassVar[str] = "past_visits"

    records: tuple[VehicleHistoryRecorded, ...] = ()

    def record(self, past: VehicleHistoryRecorded, elsewhere: Sequence[VehicleHistoryRecorded] = ()) -> list[Event]:
        """`elsewhere` is what the car's other files have (R7)."""
        if past.record in {each.record for each in (*self.records, *elsewhere)}:
            raise RecordedAlready(vehicle=self.id, record=past.record)
        return [past]

    def newest(self) -> VehicleHistoryRecorded:
        return max(self.records, key=lambda each: each.on)

    def apply(self, event: Event) -> None:
        match event:
            case VehicleHistoryRecorded():
                self.records = (*self.records, event)
