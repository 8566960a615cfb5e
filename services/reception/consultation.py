"""R3, R4: what the customer says, and what is found: each fault determined or to be inspected, under warranty or not."""

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


class DiagnosisFrozen(Refused):
    clause = "R11"
    title = {"en": "The work order is signed: its items no longer change here.", "zh-CN": "任务委托书已签字，项目不可在此更改。"}
    remedy = {"en": "Newly found work goes through an add-on with its own consent.", "zh-CN": "新增项目须另行征得客户同意。"}


class Diagnosis(Fact):
    item: str
    operation: str
    fault: FaultState
    warranty: Warranty
    customer_told: bool
    told: str | None
