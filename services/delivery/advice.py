"""D6 to D9: what the customer is advised and asked: recommendations, booklet, next maintenance, call hour."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from services.delivery.case import Case
from services.delivery.order import Order
from shared.branch import Site
from shared.calendar import local_day
from shared.contracts.delivery import BookletExplained, CallHourConfirmed, NextMaintenanceSet, RecommendationAdded, RecommendationAnswered
from shared.contracts.event import Event
from shared.contracts.values import NextMaintenance, Recommendation, Signature
from shared.refusal import NotFound, Refused
from shared.signing import content_hash

Answer = Literal["accepts", "declines", "next_time"]


class SafetyAnswerIncomplete(Refused):
    clause = "D6"
    title = {
        "en": "A safety item that is not repaired today needs its consequence explained, and the customer's note and signature.",
        "zh-CN": "安全项目当日不维修时，须说明后果，并由客户注明和签字。",
    }
    remedy = {"en": "Explain it, then let the customer note and sign it.", "zh-CN": "请说明必要性和后果，并请客户注明和签字。"}


class AnsweredBefore(Refused):
    clause = "D6"
    title = {"en": "This recommendation was answered before.", "zh-CN": "该建议项目客户已答复。"}
    remedy = {"en": "The first answer stays.", "zh-CN": "以首次答复为准。"}


class SignedAnotherAnswer(Refused):
    clause = "D6"
    title = {"en": "What was signed is not this answer.", "zh-CN": "签字内容与该答复不一致。"}
    remedy = {"en": "Show the answer again and let it be signed.", "zh-CN": "请重新出示答复内容并请客户签字。"}


class FirstMaintenanceNotExplained(Refused):
    clause = "D7"
    title = {"en": "At a first maintenance more is to be told.", "zh-CN": "首次保养需向客户说明相关内容。"}
    remedy = {
        "en": "Tell that it is free, the warranty rules, and the worth of regular maintenance.",
        "zh-CN": "请说明首保免费、质量担保规定和定期保养的意义。",
    }


class BookletExplainedBefore(Refused):
    clause = "D7"
    title = {"en": "The booklet was explained before.", "zh-CN": "保养手册已经说明。"}
    remedy = {"en": "Go on with the settlement.", "zh-CN": "请继续结账。"}


class NextMaintenanceNotAhead(Refused):
    clause = "D8"
    title = {"en": "The next maintenance lies ahead, by date and by odometer.", "zh-CN": "下次保养的日期和里程须大于当前。"}
    remedy = {"en": "Give a later date and a higher odometer reading.", "zh-CN": "请填写更晚的日期和更高的里程。"}


class ReminderNotTold(Refused):
    clause = "D8"
    title = {"en": "The customer is told that a reminder comes.", "zh-CN": "须告知客户保养到期前会有提醒。"}
    remedy = {"en": "Point out the next maintenance, and tell of the reminder.", "zh-CN": "请指明下次保养，并告知将提前提醒和预约。"}


@dataclass(frozen=True)
class Said:
    """D6: the customer's answer; `note` is the key of its record, `signed` the hash under the customer's signature."""

    answer: Answer
    consequence_explained: bool = False
    note: str | None = None
    signed: str | None = None
    picture_sha256: str | None = None


def note_key(visit: str, recommendation: str) -> str:
    """Known before the note is written, so that what is signed can name it."""
    return f"text:delivery:{visit}.{recommendation}"


def answer_to_sign(case: Case, recommendation: str, answer: Answer) -> RecommendationAnswered:
    advice = _recommended(case, recommendation)
    return RecommendationAnswered(
        visit=case.id,
        recommendation=recommendation,
        operation=advice.operation,
        safety=advice.safety,
        answer=answer,
        consequence_explained=True,
        note=note_key(case.id, recommendation),
    )


def answer(case: Case, recommendation: str, said: Said, now: datetime) -> list[Event]:
    """D6: an answer stays; only one that accepted may still be taken back, as long as nothing is settled.

    Also of a safety item on a car that leaves unsettled.
    """
    case.must_be_about_to_leave()
    case.must_not_be_settled()
    advice = _recommended(case, recommendation)
    if (before := case.answer_to(recommendation)) and before.answer != "accepts":
        raise AnsweredBefore(visit=case.id, recommendation=recommendation)
    if missing := _unsigned(advice, said):
        raise SafetyAnswerIncomplete(missing=missing, visit=case.id, recommendation=recommendation)
    answered = answer_to_sign(case, recommendation, said.answer).model_copy(
        update={"consequence_explained": said.consequence_explained, "note": said.note}
    )
    if said.signed is None:
        return [answered]
    if said.signed != content_hash(answered):
        raise SignedAnotherAnswer(visit=case.id, recommendation=recommendation)
    signature = Signature(signer="customer", at=now, content_hash=said.signed, picture_sha256=said.picture_sha256)
    return [answered.model_copy(update={"signature": signature})]


def recommend(case: Case, order: Order | None, later: Iterable[Recommendation]) -> list[Event]:
    """W10: found or declined after the pass. What came before, the pass names; it is not said twice, nor of what the order has."""
    if case.revision is None or case.left:
        return []
    ordered = {item.operation for item in order.items if item.item in case.items_judged} if order else set()
    return [
        RecommendationAdded(visit=case.id, recommendation=advice)
        for advice in later
        if advice.operation not in ordered
        and not any(known.operation == advice.operation and known.safety >= advice.safety for known in case.recommendations)
    ]


def explain_booklet(case: Case, order: Order | None, *, entries: bool, first_maintenance: bool) -> list[Event]:
    """D7: until the car leaves, also beside the printed statement; once more where a first maintenance came to the order since."""
    case.must_hold_the_car()
    if case.booklet and not first_maintenance_untold(case, order):
        raise BookletExplainedBefore(visit=case.id)
    if case.judged(order).has_first_maintenance and not first_maintenance:
        raise FirstMaintenanceNotExplained(missing=("first_maintenance",), visit=case.id)
    return [BookletExplained(visit=case.id, entries=entries, first_maintenance=first_maintenance)]


def first_maintenance_untold(case: Case, order: Order | None) -> bool:
    return case.judged(order).has_first_maintenance and not (case.booklet and case.booklet.first_maintenance)


def propose_maintenance(case: Case, site: Site, now: datetime) -> NextMaintenance | None:
    """D8: the site's cycle from today and from the odometer at check-in, as it was corrected since."""
    if case.odometer_km is None:
        return None
    due_on = _months_later(local_day(now, site.zone), site.deadlines.maintenance_every_months)
    return NextMaintenance(due_on=due_on, odometer_km=case.odometer_km + site.deadlines.maintenance_every_km)


def set_next_maintenance(case: Case, due: NextMaintenance, today: date, *, reminder_told: bool) -> list[Event]:
    case.must_hold_the_car()
    case.must_not_be_settled()
    if due.due_on <= today or not case.is_ahead(due):
        raise NextMaintenanceNotAhead(visit=case.id, due_on=due.due_on, odometer_km=due.odometer_km)
    if not reminder_told:
        raise ReminderNotTold(missing=("reminder_told",), visit=case.id)
    return [NextMaintenanceSet(visit=case.id, next=due, reminder_told=True)]


def confirm_call_hour(case: Case, hour: str) -> list[Event]:
    """D9; also of a customer whose car leaves unsettled: the first call comes all the same (F4)."""
    case.must_be_about_to_leave()
    case.must_not_be_settled()
    return [CallHourConfirmed(visit=case.id, hour=hour)]


def _recommended(case: Case, recommendation: str) -> Recommendation:
    for advice in case.recommendations:
        if advice.recommendation == recommendation:
            return advice
    raise NotFound(missing=("recommendation",), visit=case.id, recommendation=recommendation)


def _unsigned(advice: Recommendation, said: Said) -> tuple[str, ...]:
    if not advice.safety or said.answer == "accepts":
        return ()
    needed = {"consequence_explained": said.consequence_explained, "note": said.note, "signature": said.signed}
    return tuple(name for name, given in needed.items() if not given)


def _months_later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    # The last days of a long month have no counterpart in a short one; the 28th is in each.
    return date(day.year + years, month + 1, min(day.day, 28))
