"""R7, D5: the customer's papers are given back, the one exit pass is issued, the gate voids it by its use: the car is delivered."""

from collections.abc import Sequence
from datetime import datetime

from services.delivery.case import Case
from services.delivery.damage import must_be_settled
from services.delivery.ledger import due_to_leave
from services.delivery.settlement import SafetyItemUnanswered, put_off, settled
from shared.contracts.delivery import DocumentsReturned, ExitPassIssued, ExitPassRevoked, ExitPassUsed
from shared.contracts.event import Event, Fact
from shared.refusal import Refused


class DocumentNotHere(Refused):
    clause = "R7"
    title = {"en": "This document is not in our custody.", "zh-CN": "该证件不在本店保管中。"}
    remedy = {"en": "Give back what was taken at reception.", "zh-CN": "请归还接车时收取的证件。"}


class DocumentsStillHere(Refused):
    clause = "R7"
    title = {"en": "The customer's documents were not given back.", "zh-CN": "客户证件尚未归还。"}
    remedy = {"en": "Give the documents back before the car leaves.", "zh-CN": "请在车辆离场前归还证件。"}


class PaymentMissing(Refused):
    clause = "D5"
    title = {"en": "Not everything is paid or on account.", "zh-CN": "尚有款项未付且未挂账。"}
    remedy = {"en": "Take the missing amount, or have it put on account.", "zh-CN": "请收取余款，或经审批挂账。"}


class ExitPassIssuedBefore(Refused):
    clause = "D5"
    title = {"en": "A visit has one exit pass, and this one has it.", "zh-CN": "每次来访只有一张出门证，本次已开具。"}
    remedy = {"en": "Use the exit pass that was issued.", "zh-CN": "请使用已开具的出门证。"}


class NotTheExitPass(Refused):
    clause = "D5"
    title = {"en": "This is not the visit's exit pass.", "zh-CN": "出门证无效。"}
    remedy = {"en": "Ask for the exit pass of this visit.", "zh-CN": "请出示本次来访的出门证。"}


class ExitPassExpired(Refused):
    clause = "D5"
    title = {"en": "The exit pass is no longer valid.", "zh-CN": "出门证已过有效期。"}
    remedy = {"en": "Let a new one be issued.", "zh-CN": "请重新开具出门证。"}


class CallHourUnknown(Refused):
    clause = "D9"
    title = {"en": "The convenient call hour is not known.", "zh-CN": "尚未确认方便回访的时间。"}
    remedy = {"en": "Ask the customer for the hour of the follow-up call.", "zh-CN": "请询问客户方便回访的时间。"}


class GatePass(Fact):
    """What the gatekeeper sees of a pass: no prices, no names; the plate where the pass is looked up, to compare it with the car's."""

    number: str
    visit: str
    vehicle: str
    settlement: str | None
    used: bool
    valid_until: datetime | None = None
    plate: str | None = None

    @classmethod
    def of(cls, case: Case, number: str) -> "GatePass":
        """A pass that was revoked is none."""
        if not case.exit_pass or case.exit_pass.number != number:
            raise NotTheExitPass(missing=("exit_pass",), visit=case.id)
        return cls(
            number=case.exit_pass.number,
            visit=case.id,
            vehicle=case.vehicle,
            settlement=case.exit_pass.settlement,
            used=case.left,
            valid_until=case.exit_pass.valid_until,
        )


def return_documents(case: Case, taken: Sequence[str], documents: Sequence[str], by: str) -> list[Event]:
    """R7: `taken` are the documents that reception took into custody."""
    case.must_be_about_to_leave()
    here = documents_here(case, taken)
    if strange := tuple(document for document in documents if document not in here):
        raise DocumentNotHere(missing=strange, visit=case.id)
    return [DocumentsReturned(visit=case.id, documents=tuple(dict.fromkeys(documents)), by=by)]


def documents_here(case: Case, taken: Sequence[str]) -> tuple[str, ...]:
    return tuple(document for document in taken if document not in case.documents_returned)


def issue(case: Case, number: str, released_by: str, valid_until: datetime, now: datetime) -> list[Event]:
    """D5: for a settlement that is paid or on account; for none where the visit ended unsigned or untouched (R14), and nothing is owed.

    D6: whoever leaves unsettled has noted and signed that a safety item found on the car is not repaired.
    With damage open nobody leaves (D2). One a visit; another only where it was revoked or its time is over.
    """
    case.must_not_have_left()
    expired: list[Event] = []
    if case.exit_pass:
        if not _is_over(case.exit_pass, now):
            raise ExitPassIssuedBefore(visit=case.id, number=case.exit_pass.number)
        expired = [ExitPassRevoked(visit=case.id, number=case.exit_pass.number, reason="expired")]
    settlement = _settled_or_let_go(case)
    must_be_settled(case)
    issued = ExitPassIssued(visit=case.id, number=number, settlement=settlement, released_by=released_by, valid_until=valid_until)
    return [*expired, issued]


def _settled_or_let_go(case: Case) -> str | None:
    if case.released_unsettled:
        if not case.call_hour:
            raise CallHourUnknown(missing=("call_hour",), visit=case.id)
        if unanswered := tuple(advice.recommendation for advice in case.recommendations if advice.safety and not put_off(case, advice)):
            raise SafetyItemUnanswered(missing=unanswered, visit=case.id)
        number = None
    else:
        number = settled(case).number
    # without a settlement too: of a deposit that was refunded and bounced, the refund is owed
    if missing := due_to_leave(case):
        raise PaymentMissing(missing=tuple(f"{payer} {amount}" for payer, amount in missing.items()), visit=case.id)
    return number


def _is_over(issued: ExitPassIssued, now: datetime) -> bool:
    return issued.valid_until is not None and now > issued.valid_until


def use(case: Case, number: str, taken: Sequence[str], gatekeeper: str, now: datetime) -> list[Event]:
    """D5: once. A car must not drive without its licence, so its papers are given back first (R7).

    Damage that was noted when the pass was out already is settled first as well (D2): nobody can settle it after the exit.
    """
    case.must_not_have_left()
    if not case.exit_pass or case.exit_pass.number != number:
        raise NotTheExitPass(missing=("exit_pass",), visit=case.id)
    if _is_over(case.exit_pass, now):
        raise ExitPassExpired(visit=case.id, valid_until=case.exit_pass.valid_until)
    must_be_settled(case)
    if here := documents_here(case, taken):
        raise DocumentsStillHere(missing=here, visit=case.id)
    settlement = case.settlement
    return [
        ExitPassUsed(
            visit=case.id,
            number=number,
            gatekeeper=gatekeeper,
            customer=case.customer,
            vehicle=case.vehicle,
            call_hour=settlement.call_hour if settlement else case.call_hour or "",
            next=settlement.next if settlement else None,
            unsettled=settlement is None,
        )
    ]
