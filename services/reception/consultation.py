"""R3, R4: what the customer says, and what is found: each fault determined or to be inspected, under warranty or not."""

from datetime import date

from shared.contracts.event import Fact
from shared.contracts.values import FaultState, Warranty
from shared.refusal import Refused


class NothingSaid(Refused):
    clause = "R3"
    title = {"en": "The customer's own words are missing.", "zh-CN": "缺少客户原话。"}
    remedy = {"en": "Record what the customer says about each fault.", "zh-CN": "请记录客户对每项故障的描述。"}


class NoSuchDiagnosis(Refused):
    clause = "R4"
    title = {"en": "No such item was diagnosed in this visit.", "zh-CN": "本次来访没有该诊断项目。"}
    remedy = {"en": "Record the item's diagnosis first.", "zh-CN": "请先记录该项目的诊断。"}


class FirstMaintenanceUsed(Refused):
    clause = "R4"
    title = {"en": "The vehicle has had its free first maintenance.", "zh-CN": "该车已享受过免费首保。"}
    remedy = {
        "en": "Say whether it is under warranty otherwise, or why it is free once more.",
        "zh-CN": "请另行判定质量担保，或注明再次免费的原因。",
    }


class DiagnosisFrozen(Refused):
    clause = "R11"
    title = {"en": "The work order is signed: its items no longer change here.", "zh-CN": "任务委托书已签字，项目不可在此更改。"}
    remedy = {"en": "Newly found work goes through an add-on with its own consent.", "zh-CN": "新增项目须另行征得客户同意。"}


class FirstMaintenance(Fact):
    """R4, EDGE_CASES 15: the day on which the vehicle had its free first maintenance (首保), and the visit, or the record of before."""

    on: date
    visit: str


class Diagnosis(Fact):
    """`told` and `warranty_reason` (why a first maintenance is free once more) are keys of text records."""

    item: str
    operation: str
    fault: FaultState
    warranty: Warranty
    customer_told: bool
    told: str | None
    warranty_reason: str | None = None


def check_first_maintenance(visit: str, warranty: Warranty, had: FirstMaintenance | None, reason: str | None) -> None:
    """R4: it is free once a vehicle, whoever owns it."""
    if warranty is Warranty.FIRST_MAINTENANCE and had and reason is None:
        raise FirstMaintenanceUsed(missing=("warranty_reason",), visit=visit, on=had.on.isoformat(), had_at=had.visit)
