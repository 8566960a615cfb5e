"""What may be said once, or only while something stands: each call out of its turn is refused by the rule that says so, and by no other.

A rule taken out lets a later one refuse in its place, often of the same clause; so these name the refusal, not the clause alone.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import partial

import pytest

from services.reception.appointment import Appointment, AppointmentEnded, AppointmentExists, AppointmentWasCancelled
from services.reception.arrival import AlreadyArrived, AlreadyGreeted, CustomerNotHere, NotGreeted, VisitOver
from services.reception.check_in import SheetNotSigned, VehicleAlreadyCheckedIn
from services.reception.consultation import NoSuchDiagnosis, NothingSaid
from services.reception.erasure import ComplaintIsOpen, CustomerIsExpected, Erasure, RulingIsOut
from services.reception.estimate import (
    EstimateAlreadyAccepted,
    EstimateExpired,
    EstimateNotAccepted,
    NoEstimate,
    NothingToEstimate,
    PartsNotLookedUp,
)
from services.reception.handover import AlreadyHandedOver
from services.reception.inquiry import InquiryAlreadyRecorded, InquiryOver, OrderIsSigned
from services.reception.opening import POINTS, ChecklistAlreadyDone, ChecklistIncomplete, OpeningChecklist
from services.reception.papers import DocumentsAlreadyTaken, SameVehicle
from services.reception.past import PastVisits, RecordedAlready
from services.reception.promise import NothingPromised
from services.reception.ruling import (
    AlreadyEscalated,
    AlreadyRuled,
    AskedAboutOtherWork,
    NotAsRuled,
    RulingNotAskedFor,
    WarrantyIsClear,
    WarrantyNotEscalated,
    WarrantyQuestions,
)
from services.reception.terms import ConcernsNotRecorded
from services.reception.vehicle import OwnerAlready, Vehicle
from services.reception.visit import Visit
from services.reception.wish import NotTheirWish, Wish, WishIsOver
from shared.contracts.event import Event
from shared.contracts.followup import ReminderAnswered
from shared.contracts.reception import AppointmentBooked, VehicleHistoryRecorded
from shared.contracts.values import Channel, Warranty
from shared.refusal import Refused
from tests.reception.counter import ADVISOR, CLEAN_PATH, NOW, VISIT, Counter, carried_to

DAY = date(2026, 3, 10)
BOOKED = AppointmentBooked(
    visit=VISIT, customer="customer-1", vehicle="vehicle-1", channel=Channel.PHONE, arrives_at=NOW, advisor=ADVISOR, day=DAY
)
DONE = carried_to("")


def refusal(call: Callable[[], object]) -> type[Refused]:
    with pytest.raises(Refused) as refused:
        call()
    return refused.type


# A1, A2, A3: an appointment


def appointment() -> Appointment:
    blank = Appointment(id=VISIT)
    return blank.after(blank.book(BOOKED))


def cancelled() -> Appointment:
    return appointment().after(appointment().cancel(Channel.PHONE, None, ADVISOR))


ENDED = {"cancelled": cancelled(), "kept": appointment().after(appointment().keep()), "missed": appointment().after(appointment().miss())}


@pytest.mark.clause("A1")
def test_a_visit_has_one_appointment() -> None:
    assert refusal(lambda: appointment().book(BOOKED)) is AppointmentExists


@pytest.mark.clause("A2")
@pytest.mark.parametrize("ended", ENDED.values(), ids=ENDED)
def test_an_appointment_that_is_over_is_not_confirmed_moved_cancelled_or_prepared(ended: Appointment) -> None:
    assert refusal(lambda: ended.confirm(Channel.PHONE, ADVISOR)) is AppointmentEnded
    assert refusal(lambda: ended.move(DAY, NOW, Channel.PHONE, ADVISOR)) is AppointmentEnded
    assert refusal(lambda: ended.cancel(Channel.PHONE, None, ADVISOR)) is AppointmentEnded
    assert refusal(lambda: ended.prepare(("bay",), ADVISOR)) is AppointmentEnded


@pytest.mark.clause("A2")
def test_who_comes_on_a_cancelled_appointment_comes_without_one() -> None:
    assert refusal(cancelled().keep) is AppointmentWasCancelled


@pytest.mark.clause("A4")
def test_an_opening_checklist_is_complete_and_done_once_a_day() -> None:
    blank = OpeningChecklist(id="opening-2026-03-10-advisor-1")
    for left_out in POINTS:
        with pytest.raises(ChecklistIncomplete):
            blank.do(DAY, ADVISOR, [each for each in POINTS if each != left_out])
    done = blank.after(blank.do(DAY, ADVISOR, POINTS))
    assert refusal(lambda: done.do(DAY, ADVISOR, POINTS)) is ChecklistAlreadyDone


# R1 to R4, R7, R14: the visit

AT_THE_COUNTER: dict[str, Callable[[Visit], Sequence[Event]]] = {
    "correct_vehicle": lambda visit: visit.correct_vehicle("vehicle-2", "text:reception:1", ADVISOR),
    "correct_sheet": lambda visit: visit.correct_sheet("odometer_km", "41000", "text:reception:1", ADVISOR),
    "record_concerns": lambda visit: visit.record_concerns("repair", ("text:reception:2",), order_signed=False),
    "take_documents": lambda visit: visit.take_documents(("maintenance_booklet",), vin_matches=True, plate_matches=True),
    "wait": lambda visit: visit.record_waiting_place("lounge", None),
    "end_as_inquiry": lambda visit: visit.end_as_inquiry("text:reception:3", "inquiry", "18:00", ADVISOR, order_signed=False),
    "greet": lambda visit: visit.greet("greeter-1", (), NOW),
    "draft_sheet": lambda visit: visit.refuse_signature(ADVISOR, "text:reception:4", "witness"),
}


@pytest.mark.clause("R1")
@pytest.mark.parametrize("name", AT_THE_COUNTER)
def test_nothing_is_recorded_of_somebody_who_has_not_arrived(name: str) -> None:
    assert refusal(lambda: AT_THE_COUNTER[name](Visit(id=VISIT))) is CustomerNotHere


@pytest.mark.clause("D5")
@pytest.mark.parametrize("name", AT_THE_COUNTER)
def test_nothing_is_recorded_of_a_visit_that_is_over(name: str) -> None:
    assert refusal(lambda: AT_THE_COUNTER[name](DONE.visit.after(DONE.visit.close()))) is VisitOver


@pytest.mark.clause("R14")
@pytest.mark.parametrize("name", AT_THE_COUNTER)
def test_nothing_is_recorded_of_a_visit_that_ended_without_an_order(name: str) -> None:
    here = carried_to("draft_order").visit
    assert refusal(lambda: AT_THE_COUNTER[name](here.after(AT_THE_COUNTER["end_as_inquiry"](here)))) is InquiryOver


@pytest.mark.clause("R1")
@pytest.mark.parametrize("name", ["record_concerns", "take_documents", "draft_sheet"])
def test_nobody_is_served_before_the_greeting(name: str) -> None:
    assert refusal(lambda: AT_THE_COUNTER[name](carried_to("greet").visit)) is NotGreeted


@pytest.mark.clause("R1")
def test_a_customer_arrives_and_is_greeted_once() -> None:
    assert refusal(lambda: CLEAN_PATH["arrive"](DONE)) is AlreadyArrived
    assert refusal(lambda: CLEAN_PATH["greet"](DONE)) is AlreadyGreeted


@pytest.mark.clause("R2")
def test_the_car_of_a_signed_sheet_stays_and_only_a_signed_sheet_is_corrected() -> None:
    assert refusal(lambda: AT_THE_COUNTER["correct_vehicle"](DONE.visit)) is VehicleAlreadyCheckedIn
    assert refusal(lambda: AT_THE_COUNTER["correct_sheet"](carried_to("sign_sheet").visit)) is SheetNotSigned


@pytest.mark.clause("R7")
def test_a_car_is_corrected_to_another_and_its_papers_are_taken_once() -> None:
    assert refusal(lambda: carried_to("sign_sheet").visit.correct_vehicle("vehicle-1", "text:reception:1", ADVISOR)) is SameVehicle
    assert refusal(lambda: CLEAN_PATH["take_documents"](DONE)) is DocumentsAlreadyTaken


@pytest.mark.clause("R7")
def test_who_owns_the_car_already_does_not_become_its_owner() -> None:
    vehicle = Vehicle(id="vehicle-1")
    owned = vehicle.after(vehicle.change_owner("customer-1", DAY))
    assert refusal(lambda: owned.change_owner("customer-1", DAY)) is OwnerAlready


@pytest.mark.clause("R3")
def test_a_consultation_without_a_word_of_the_customer_is_none() -> None:
    assert refusal(lambda: carried_to("diagnose").visit.record_concerns("repair", (), order_signed=False)) is NothingSaid


@pytest.mark.clause("R4")
def test_only_a_known_item_is_diagnosed_anew() -> None:
    assert refusal(lambda: carried_to("diagnose").diagnose(item="item-9")) is NoSuchDiagnosis


@pytest.mark.clause("R14")
def test_a_signed_order_is_no_inquiry_and_an_inquiry_is_recorded_once() -> None:
    end = ("text:reception:3", "inquiry", "18:00", ADVISOR)
    assert refusal(lambda: DONE.visit.end_as_inquiry(*end, order_signed=True)) is OrderIsSigned
    asked = Visit(id=VISIT).after(Visit(id=VISIT).be_an_inquiry("customer-1", None, "text:reception:3", "18:00", ADVISOR))
    assert refusal(lambda: asked.be_an_inquiry("customer-1", None, "text:reception:3", "18:00", ADVISOR)) is InquiryAlreadyRecorded


# R5: the manufacturer


@pytest.mark.clause("R5")
def test_the_manufacturer_is_asked_once_of_what_is_unclear_and_rules_once() -> None:
    blank = WarrantyQuestions(id=VISIT)
    assert refusal(lambda: blank.escalate("item-1", {}, "text:reception:1", ADVISOR)) is WarrantyIsClear
    assert refusal(lambda: blank.rule("item-1", "MFR-1", ADVISOR, covers=True)) is RulingNotAskedFor
    asked = blank.after(blank.escalate("item-1", {"item-1": "R-FBP"}, "text:reception:1", ADVISOR))
    assert refusal(lambda: asked.escalate("item-1", {"item-1": "R-FBP"}, "text:reception:1", ADVISOR)) is AlreadyEscalated
    ruled = asked.after(asked.rule("item-1", "MFR-1", ADVISOR, covers=True))
    assert refusal(lambda: ruled.rule("item-1", "MFR-1", ADVISOR, covers=False)) is AlreadyRuled


@pytest.mark.clause("R5")
def test_a_ruling_is_on_the_work_that_was_asked_about_and_nobody_else_says_yes_or_no() -> None:
    asked = WarrantyQuestions(id=VISIT)
    asked = asked.after(asked.escalate("item-1", {"item-1": "R-FBP"}, "text:reception:1", ADVISOR))
    asked.check_as_asked("item-1", "R-FBP", Warranty.UNCLEAR)
    asked.check_as_asked("item-2", "R-THERM", Warranty.YES)
    assert refusal(lambda: asked.check_as_asked("item-1", "R-THERM", Warranty.UNCLEAR)) is AskedAboutOtherWork
    assert refusal(lambda: asked.check_as_asked("item-1", "R-FBP", Warranty.YES)) is NotAsRuled
    for covers, said, not_said in ((True, Warranty.YES, Warranty.NO), (False, Warranty.NO, Warranty.YES)):
        ruled = asked.after(asked.rule("item-1", "MFR-1", ADVISOR, covers=covers))
        ruled.check_as_asked("item-1", "R-FBP", said)
        with pytest.raises(NotAsRuled):
            ruled.check_as_asked("item-1", "R-FBP", not_said)


@pytest.mark.clause("R5")
@pytest.mark.parametrize(
    ("asked_about", "warranty", "refused"), [("R-THERM", Warranty.UNCLEAR, AskedAboutOtherWork), ("R-FBP", Warranty.YES, NotAsRuled)]
)
def test_no_order_is_drafted_with_what_the_manufacturer_did_not_say(asked_about: str, warranty: Warranty, refused: type[Refused]) -> None:
    counter = carried_to("look_up")
    counter.diagnose(item="item-1", warranty=warranty)
    for step in ("look_up", "estimate", "accept", "promise"):
        CLEAN_PATH[step](counter)
    counter.questions = counter.questions.after(counter.questions.escalate("item-1", {"item-1": asked_about}, "text:reception:1", ADVISOR))
    assert refusal(counter.draft_order) is refused


@pytest.mark.clause("R5")
def test_no_order_is_drafted_with_an_unclear_item_that_nobody_took_to_the_manufacturer() -> None:
    counter = carried_to("look_up")
    counter.diagnose(item="item-1", warranty=Warranty.UNCLEAR)
    for step in ("look_up", "estimate", "accept", "promise"):
        CLEAN_PATH[step](counter)
    assert refusal(counter.draft_order) is WarrantyNotEscalated


# R8 to R11: estimate and order


@pytest.mark.clause("R9")
def test_the_estimate_of_nothing_an_estimate_that_is_none_and_a_second_consent() -> None:
    undiagnosed = Counter()
    for step in ("arrive", "greet", "draft_sheet", "sign_sheet"):
        CLEAN_PATH[step](undiagnosed)
    assert refusal(undiagnosed.estimate) is NothingToEstimate
    assert refusal(carried_to("estimate").accept) is NoEstimate
    assert refusal(carried_to("promise").accept) is EstimateAlreadyAccepted
    unaccepted = carried_to("accept")
    unaccepted.promise()
    assert refusal(unaccepted.draft_order) is EstimateNotAccepted


@pytest.mark.clause("R9")
def test_an_estimate_that_ran_out_after_the_consent_is_not_ordered() -> None:
    counter = carried_to("draft_order")
    counter.now += timedelta(days=60)
    assert refusal(counter.draft_order) is EstimateExpired


@pytest.mark.clause("R8")
def test_parts_of_a_later_consent_are_looked_up_before_the_order() -> None:
    counter = carried_to("draft_order")
    counter.diagnose(operation="R-THERM")
    counter.estimate()
    counter.accept()
    assert refusal(counter.draft_order) is PartsNotLookedUp


@pytest.mark.clause("R3")
def test_no_order_without_the_concerns_of_the_customer() -> None:
    counter = Counter()
    for step in CLEAN_PATH:
        if step == "draft_order":
            break
        if step != "record_concerns":
            CLEAN_PATH[step](counter)
    assert refusal(counter.draft_order) is ConcernsNotRecorded


@pytest.mark.clause("R10")
def test_no_order_without_a_promise() -> None:
    assert refusal(carried_to("promise").draft_order) is NothingPromised


@pytest.mark.clause("W1")
@pytest.mark.clause("D5")
def test_a_car_is_handed_over_once_and_not_after_the_visit() -> None:
    assert refusal(DONE.hand_over) is AlreadyHandedOver
    gone = carried_to("hand_over")
    gone.seen(gone.visit.close())
    assert refusal(gone.hand_over) is VisitOver


@pytest.mark.clause("D5")
@pytest.mark.parametrize("step", ["estimate", "accept", "draft_order", "sign_order"])
def test_no_order_is_made_of_a_visit_that_is_over(step: str) -> None:
    counter = carried_to("sign_order")
    counter.seen(counter.visit.close())
    assert refusal(lambda: CLEAN_PATH[step](counter)) is VisitOver


# the file of customer and vehicle


@pytest.mark.clause("R9")
def test_an_old_record_is_taken_over_once() -> None:
    past = VehicleHistoryRecorded(vehicle="vehicle-1", record="OLD-1", on=DAY, by="bizsup-1")
    history = PastVisits(id="vehicle-1")
    assert refusal(lambda: history.after(history.record(past)).record(past)) is RecordedAlready


@pytest.mark.clause("D5")
@pytest.mark.clause("R5")
@pytest.mark.clause("F5")
@pytest.mark.parametrize(
    ("stands", "refused"), [("expected", CustomerIsExpected), ("unruled", RulingIsOut), ("complaints", ComplaintIsOpen)]
)
def test_a_customer_with_something_open_is_not_erased(stands: str, refused: type[Refused]) -> None:
    nothing: dict[str, tuple[str, ...]] = {"expected": (), "unruled": (), "complaints": ()}
    erasure = Erasure(id="customer-1")
    assert refusal(lambda: erasure.erase((), (), "text:reception:1", "bizsup-1", **{**nothing, stands: ("x-1",)})) is refused
    assert erasure.erase((), (), "text:reception:1", "bizsup-1", **nothing)


@pytest.mark.clause("D8")
def test_a_wish_from_a_reminder_is_booked_once_for_the_car_that_was_reminded() -> None:
    said = ReminderAnswered(visit=VISIT, customer="customer-1", vehicle="vehicle-1", agent="agent-1", wants_appointment=True, due_on=DAY)
    wish = Wish(id=VISIT).after(Wish(id=VISIT).open(said))
    assert refusal(lambda: wish.book("visit-2", "vehicle-2", ADVISOR)) is NotTheirWish
    for over in (wish.book("visit-2", "vehicle-1", ADVISOR), wish.withdraw(ADVISOR)):
        ended = wish.after(over)
        assert refusal(partial(ended.book, "visit-3", "vehicle-1", ADVISOR)) is WishIsOver
        assert refusal(partial(ended.withdraw, ADVISOR)) is WishIsOver
