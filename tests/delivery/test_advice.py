"""D6 to D9: recommendations answered, booklet, next maintenance, call hour."""

from datetime import UTC, date, datetime

import pytest

from services.delivery import advice
from services.delivery.advice import Said
from services.delivery.case import Case
from shared.contracts.delivery import BookletExplained, RecommendationAnswered
from shared.contracts.reception import CheckInCorrected
from shared.contracts.values import NextMaintenance
from shared.refusal import NotFound
from shared.signing import content_hash
from tests.delivery.desk import (
    ADVICE,
    ADVISOR,
    NOW,
    SAFETY,
    SITE,
    VISIT,
    Move,
    announced,
    at_the_desk,
    call_hour,
    carry,
    close,
    item,
    next_maintenance,
    order,
    parked,
    refused,
    settled,
)

ORDER = order()
REC = SAFETY.recommendation
TODAY = date(2026, 3, 9)


def _signed(case: Case, answer: advice.Answer) -> Said:
    draft = advice.answer_to_sign(case, REC, answer)
    return Said(answer, consequence_explained=True, note=draft.note, signed=content_hash(draft))


@pytest.mark.clause("D6")
@pytest.mark.parametrize("answer", ["declines", "next_time"])
def test_a_safety_item_put_off_carries_explanation_note_and_signature(answer: advice.Answer) -> None:
    case = at_the_desk(ORDER, SAFETY)
    (answered,) = advice.answer(case, REC, _signed(case, answer), NOW)
    assert isinstance(answered, RecommendationAnswered)
    assert (answered.safety, answered.consequence_explained, answered.note) == (True, True, "text:delivery:visit-1.rec-1")
    assert answered.signature
    assert answered.signature.content_hash == content_hash(answered)


@pytest.mark.clause("D6")
@pytest.mark.parametrize("answer", ["declines", "next_time"])
@pytest.mark.parametrize("without", ["consequence_explained", "note", "signature"])
def test_a_safety_item_put_off_without_one_of_them_is_refused(answer: advice.Answer, without: str) -> None:
    case = at_the_desk(ORDER, SAFETY)
    said = _signed(case, answer)
    said = Said(
        answer,
        consequence_explained=without != "consequence_explained",
        note=said.note if without != "note" else None,
        signed=said.signed if without != "signature" else None,
    )
    with refused("D6", without):
        advice.answer(case, REC, said, NOW)


@pytest.mark.clause("D6")
def test_a_signature_under_another_answer_is_refused() -> None:
    case = at_the_desk(ORDER, SAFETY)
    other = _signed(case, "next_time")
    with refused("D6"):
        advice.answer(case, REC, Said("declines", consequence_explained=True, note=other.note, signed=other.signed), NOW)


@pytest.mark.clause("D6")
def test_an_ordinary_recommendation_needs_no_signature_and_is_answered_once() -> None:
    case = carry(at_the_desk(ORDER, ADVICE), lambda case: advice.answer(case, "rec-2", Said("declines"), NOW))
    assert case.answers[0].answer == "declines"
    with refused("D6"):
        advice.answer(case, "rec-2", Said("accepts"), NOW)


@pytest.mark.clause("D6")
def test_the_settlement_is_not_closed_while_a_safety_item_is_unanswered() -> None:
    case = at_the_desk(ORDER, SAFETY, ADVICE)
    with refused("D6", REC):
        close(ORDER)(case)
    answered = carry(case, lambda case: advice.answer(case, REC, _signed(case, "declines"), NOW), close(ORDER))
    assert answered.settlement
    assert answered.settlement.recommendations == (SAFETY, ADVICE)


@pytest.mark.clause("D6")
def test_an_accepted_safety_item_that_is_not_on_the_order_is_not_repaired_today() -> None:
    case = carry(at_the_desk(ORDER, SAFETY), lambda case: advice.answer(case, REC, Said("accepts"), NOW))
    with refused("D6", REC):
        close(ORDER)(case)
    put_off = carry(case, lambda case: advice.answer(case, REC, _signed(case, "next_time"), NOW), close(ORDER))
    assert [entry.answer for entry in put_off.answers] == ["next_time"]


@pytest.mark.clause("D6")
def test_an_accepted_safety_item_that_the_order_repairs_lets_the_settlement_close() -> None:
    repaired = order([item().model_copy(update={"operation": SAFETY.operation})])
    case = carry(at_the_desk(repaired, SAFETY), lambda case: advice.answer(case, REC, Said("accepts"), NOW), close(repaired))
    assert case.settlement


def test_a_recommendation_that_nobody_made_is_not_found() -> None:
    with pytest.raises(NotFound):
        advice.answer(at_the_desk(ORDER, SAFETY), "rec-9", Said("declines"), NOW)


@pytest.mark.clause("D7")
def test_at_a_first_maintenance_its_points_are_told_too() -> None:
    first = order([item(warranty="first_maintenance")])
    with refused("D7", "first_maintenance"):
        advice.explain_booklet(parked(), first, entries=True, first_maintenance=False)
    case = carry(parked(), lambda case: advice.explain_booklet(case, first, entries=True, first_maintenance=True))
    with refused("D7"):
        advice.explain_booklet(case, first, entries=True, first_maintenance=True)


@pytest.mark.clause("D7")
def test_the_booklet_is_explained_beside_the_signed_statement_too() -> None:
    case = carry(at_the_desk(ORDER), close(ORDER), lambda case: advice.explain_booklet(case, ORDER, entries=True, first_maintenance=False))
    assert case.booklet


@pytest.mark.clause("D7")
def test_a_first_maintenance_that_came_to_the_order_after_the_booklet_is_told_of() -> None:
    case = carry(parked(), lambda case: advice.explain_booklet(case, ORDER, entries=True, first_maintenance=False))
    first = order([item(warranty="first_maintenance")])
    case = carry(case, lambda case: advice.explain_booklet(case, first, entries=False, first_maintenance=True))
    assert case.booklet
    assert case.booklet.first_maintenance
    with pytest.raises(advice.BookletExplainedBefore):
        advice.explain_booklet(case, first, entries=False, first_maintenance=True)


@pytest.mark.clause("D7")
def test_without_entries_that_is_said() -> None:
    (explained,) = advice.explain_booklet(parked(), ORDER, entries=False, first_maintenance=False)
    assert isinstance(explained, BookletExplained)
    assert not explained.entries


@pytest.mark.clause("D8")
@pytest.mark.parametrize(
    ("due_on", "km", "told"), [(TODAY, 45000, True), (date(2026, 9, 9), 40000, True), (date(2026, 9, 9), 45000, False)]
)
def test_the_next_maintenance_lies_ahead_and_the_reminder_is_told(due_on: date, km: int, told: bool) -> None:
    with refused("D8"):
        advice.set_next_maintenance(parked(), NextMaintenance(due_on=due_on, odometer_km=km), TODAY, reminder_told=told)


@pytest.mark.clause("D8")
@pytest.mark.parametrize(
    ("now", "due_on"),
    [
        (NOW, date(2026, 9, 9)),
        (datetime(2026, 8, 31, 2, tzinfo=UTC), date(2027, 2, 28)),
        (datetime(2026, 6, 30, 17, tzinfo=UTC), date(2027, 1, 1)),
    ],
    ids=["six months", "short month", "local day"],
)
def test_the_next_maintenance_is_proposed_from_the_cycle_of_the_site(now: datetime, due_on: date) -> None:
    assert advice.propose_maintenance(parked(), SITE, now) == NextMaintenance(due_on=due_on, odometer_km=45000)


def corrected(km: str) -> Move:
    told = CheckInCorrected(visit=VISIT, field="odometer_km", value=km, reason="text:reception:1", by=ADVISOR)
    return lambda case: case.correct_odometer(told)


@pytest.mark.clause("D8")
def test_the_next_maintenance_is_counted_from_the_reading_as_it_was_corrected() -> None:
    due = NextMaintenance(due_on=date(2026, 9, 9), odometer_km=28000)
    with refused("D8"):
        advice.set_next_maintenance(parked(), due, TODAY, reminder_told=True)
    case = carry(parked(), corrected("23000"))
    assert advice.propose_maintenance(case, SITE, NOW) == due
    assert advice.set_next_maintenance(case, due, TODAY, reminder_told=True)


@pytest.mark.clause("D8")
def test_a_next_maintenance_that_a_correction_overtook_is_set_anew_before_the_signature() -> None:
    case = carry(at_the_desk(ORDER), corrected("45000"))
    with refused("D8", "next_maintenance"):
        close(ORDER)(case)
    assert carry(at_the_desk(ORDER), corrected("44999"), close(ORDER)).settlement


def test_nothing_is_proposed_where_the_odometer_was_not_readable() -> None:
    assert advice.propose_maintenance(announced().model_copy(update={"odometer_km": None}), SITE, NOW) is None


@pytest.mark.clause("D8")
def test_the_settlement_is_not_closed_without_the_next_maintenance() -> None:
    with refused("D8", "next_maintenance"):
        close(ORDER, signed="0" * 64)(at_the_desk(ORDER).model_copy(update={"next": None}))


@pytest.mark.clause("D9")
def test_the_settlement_is_not_closed_without_the_call_hour() -> None:
    with refused("D9", "call_hour"):
        close(ORDER, signed="0" * 64)(at_the_desk(ORDER).model_copy(update={"call_hour": None}))


@pytest.mark.clause("D9")
def test_the_confirmed_hour_stands_on_the_settlement() -> None:
    case = settled(ORDER)
    assert case.settlement
    assert case.settlement.call_hour == "18:30"


@pytest.mark.clause("D5")
@pytest.mark.parametrize("move", [next_maintenance, call_hour, lambda case: advice.answer(case, REC, Said("accepts"), NOW)])
def test_nothing_on_a_closed_settlement_changes(move: Move) -> None:
    with refused("D5"):
        move(settled(ORDER))
