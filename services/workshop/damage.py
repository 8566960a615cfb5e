"""W6, W12, W14: damage while the workshop has the car: reported at once, decided before the car is parked as finished.

What is to be repaired is repaired, by somebody on record, before the final inspection (W11).
"""

from collections.abc import Sequence
from typing import Literal

from services.workshop.item import Damage
from services.workshop.job import Job
from shared.contracts.event import Event
from shared.contracts.workshop import DamageDecided, DamageRepaired, DamageReported
from shared.refusal import NotFound, Refused

During = Literal["work", "road_test", "move", "wash"]
Decision = Literal["repair", "as_it_is"]


class CustomerNotTold(Refused):
    clause = "W6"
    title = {"en": "The customer has not been told of the damage.", "zh-CN": "尚未告知客户车辆受损。"}
    remedy = {"en": "Let the advisor tell the customer first.", "zh-CN": "请服务顾问先告知客户。"}


class DecidedAlready(Refused):
    clause = "W6"
    title = {"en": "This damage is decided.", "zh-CN": "该损伤已有处理决定。"}
    remedy = {"en": "Go on as decided.", "zh-CN": "请按决定执行。"}


class DamageUndecided(Refused):
    clause = "W6"
    title = {"en": "The car was damaged here, and nobody has decided what becomes of it.", "zh-CN": "车辆在店内受损，尚未作出处理决定。"}
    remedy = {"en": "Tell the customer, then let the supervisor decide.", "zh-CN": "请先告知客户，再由车间主管决定。"}


class RepairedAlready(Refused):
    clause = "W6"
    title = {"en": "This damage is repaired.", "zh-CN": "该损伤已修复。"}
    remedy = {"en": "Go on with the final inspection; report new damage as such.", "zh-CN": "请继续总检；如有新的损伤请另行上报。"}


def report(job: Job, by: str, during: During, note: str) -> Sequence[Event]:
    """By anybody who sees it. `note` is the key of a text record."""
    job.must_be_held()
    return [DamageReported(visit=job.id, damage=f"damage-{job.number_after(job.damages)}", during=during, by=by, note=note)]


def decide(job: Job, damage: str, decision: Decision, supervisor: str, *, customer_told: bool) -> Sequence[Event]:
    """A repair that nobody has made yet may be given up, by agreement too: the car is held for it no more."""
    job.must_be_held()
    known = _known(job, damage)
    given_up = known.to_be_repaired and decision == "as_it_is"
    if known.decision and not given_up:
        raise DecidedAlready(damage=damage, decision=known.decision)
    if not customer_told:
        raise CustomerNotTold(missing=("customer_told",), damage=damage)
    return [DamageDecided(visit=job.id, damage=damage, decision=decision, customer_told=True, supervisor=supervisor)]


def repair(job: Job, damage: str, by: str, note: str) -> Sequence[Event]:
    """W14. `note`, what was done, is the key of a text record."""
    job.must_be_workable()
    known = _known(job, damage)
    if not known.decision:
        raise DamageUndecided(missing=(damage,), visit=job.id)
    if known.repaired_by:
        raise RepairedAlready(damage=damage, by=known.repaired_by)
    if not known.to_be_repaired:
        raise DecidedAlready(damage=damage, decision=known.decision)
    return [DamageRepaired(visit=job.id, damage=damage, by=by, note=note)]


def _known(job: Job, damage: str) -> Damage:
    known = next((each for each in job.damages if each.damage == damage), None)
    if known is None:
        raise NotFound(missing=(damage,))
    return known


def must_be_decided(job: Job) -> None:
    if open_ones := tuple(each.damage for each in job.damages if not each.decision):
        raise DamageUndecided(missing=open_ones, visit=job.id)
