"""W7, W8: what is no longer to be changed, quoted, answered or told is refused by the rule that says so."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from services.reception import insurer
from services.reception.arrival import VisitOver
from services.reception.barred import (
    AcceptedWorkRemains,
    AlreadyOnTheOrder,
    ChangeAlreadyAnswered,
    ItemCannotBeDropped,
    NothingChanges,
    OrderCancelledAlready,
    QuoteExpired,
    QuoteOpen,
    WaitsForInsurer,
)
from services.reception.changes import Changes
from services.reception.quote import Wanted
from services.reception.ruling import WarrantyNotEscalated, WarrantyQuestions
from services.reception.supplement import SignedHow
from services.reception.task import AdvisorTask, TaskAlreadyDone, due_by
from services.reception.visit import Visit
from shared.contracts.event import Event
from shared.contracts.reception import AdvisorTaskOpened, ChangeQuoted, InsurerConsentRecorded, WorkOrderSigned
from shared.contracts.values import Channel, Payer, PaymentChoice, Warranty
from shared.money import Money
from tests.reception.counter import ADVISOR, BRANCH, NOW, STOCK, VISIT, carried_to
from tests.reception.test_whose_turn import refusal

DONE = carried_to("")
assert DONE.order.signed
SIGNED = DONE.order.signed


def quote(
    changes: Changes,
    found: str = "found-1",
    warranty: Warranty = Warranty.NO,
    visit: Visit = DONE.visit,
    *,
    wanted: Sequence[Wanted] | None = None,
    dropped: Sequence[str] = (),
    begun: Sequence[str] = (),
) -> list[Event]:
    """What was found, unless something else (or nothing) is `wanted`."""
    asked = (Wanted(item=found, operation="R-RBP", warranty=warranty),) if wanted is None else wanted
    return changes.quote(SIGNED, visit, found, asked, dropped, begun, STOCK, BRANCH, NOW)


def answer(
    changes: Changes, *accepted: str, visit: Visit = DONE.visit, days: int = 0, begun: Sequence[str] = (), signed: WorkOrderSigned = SIGNED
) -> list[Event]:
    said = (signed, visit, "change-1", accepted, "customer", Channel.PHONE, None, changes.changes[0].content_hash)
    now = NOW + timedelta(days=days)
    return changes.answer(*said, SignedHow(), WarrantyQuestions(id=VISIT), ADVISOR, BRANCH, now, begun=begun)


def quoted(warranty: Warranty = Warranty.NO, dropped: Sequence[str] = ()) -> Changes:
    blank = Changes(id=VISIT)
    return blank.after(quote(blank, warranty=warranty, dropped=dropped))


def accepted() -> Changes:
    return quoted().after(answer(quoted(), "found-1"))


def cancel(changes: Changes, visit: Visit = DONE.visit, begun: Sequence[str] = ()) -> list[Event]:
    return changes.cancel(SIGNED, visit, (), ADVISOR, begun=begun)


def tell(changes: Changes, visit: Visit = DONE.visit) -> list[Event]:
    return changes.tell_progress(SIGNED, visit, "report-1", "accepts", Channel.PHONE, timedelta(hours=1), None, ADVISOR, BRANCH, NOW)


INSURED = SIGNED.model_copy(update={"pays": tuple(PaymentChoice(method=each, share=Decimal("0.5")) for each in ("card", "insurer"))})


def insured(approved: int | None = None, dropped: Sequence[str] = ()) -> Changes:
    """A quote of which the insurer is to pay half; what it approved, where it has answered."""
    wanted = (Wanted(item="found-1", operation="R-RBP", warranty=Warranty.NO),)
    blank = Changes(id=VISIT)
    changes = blank.after(blank.quote(INSURED, DONE.visit, "found-1", wanted, dropped, (), STOCK, BRANCH, NOW))
    return changes if approved is None else changes.after(insurer_says(changes, approved))


def insurer_says(changes: Changes, approved: int, visit: Visit = DONE.visit, begun: Sequence[str] = ()) -> list[Event]:
    said = InsurerConsentRecorded(
        visit=VISIT,
        change="change-1",
        consents=bool(approved),
        claim_number="PICC-1",
        approved=Money.of(approved),
        answered_by="text:reception:7",
        channel=Channel.PHONE,
        content_hash=changes.changes[0].content_hash,
        advisor=ADVISOR,
    )
    return insurer.answer(changes, INSURED, visit, said, BRANCH, NOW, begun=begun)


def bear_gap(changes: Changes, visit: Visit = DONE.visit) -> list[Event]:
    return [insurer.bear_gap(changes, INSURED, visit, "change-1", Payer.CUSTOMER, BRANCH, NOW)]


@pytest.mark.clause("W8")
def test_the_same_is_not_quoted_while_the_insurer_is_to_be_heard() -> None:
    waits = insured().after(answer(insured(), "found-1"))
    assert refusal(lambda: quote(waits)) is WaitsForInsurer


@pytest.mark.clause("W8")
def test_the_insurer_is_not_heard_on_a_cancelled_order() -> None:
    called_off = insured(100).after(cancel(insured(100)))
    assert refusal(lambda: insurer_says(called_off, 100)) is OrderCancelledAlready
    assert refusal(lambda: bear_gap(called_off)) is OrderCancelledAlready


@pytest.mark.clause("D5")
@pytest.mark.clause("R14")
def test_nor_once_the_car_has_left() -> None:
    gone = DONE.visit.after(DONE.visit.close())
    assert refusal(lambda: insurer_says(insured(), 100, visit=gone)) is VisitOver
    assert refusal(lambda: bear_gap(insured(100), visit=gone)) is VisitOver


@pytest.mark.clause("W8")
def test_nothing_is_changed_on_a_cancelled_order() -> None:
    called_off = quoted().after(cancel(quoted()))
    assert refusal(lambda: quote(called_off, "found-2")) is OrderCancelledAlready
    assert refusal(lambda: answer(called_off, "found-1")) is OrderCancelledAlready
    assert refusal(lambda: cancel(called_off)) is OrderCancelledAlready


@pytest.mark.clause("D5")
def test_nothing_is_changed_or_told_once_the_car_has_left() -> None:
    gone = DONE.visit.after(DONE.visit.close())
    assert refusal(lambda: quote(quoted(), "found-2", visit=gone)) is VisitOver
    assert refusal(lambda: answer(quoted(), "found-1", visit=gone)) is VisitOver
    assert refusal(lambda: cancel(quoted(), visit=gone)) is VisitOver
    assert refusal(lambda: tell(quoted(), visit=gone)) is VisitOver


@pytest.mark.clause("W8")
def test_a_quote_changes_something_and_drops_only_what_is_there_and_not_begun() -> None:
    blank = Changes(id=VISIT)
    assert refusal(lambda: quote(blank, wanted=())) is NothingChanges
    assert refusal(lambda: quote(blank, dropped=("item-9",))) is ItemCannotBeDropped
    assert refusal(lambda: quote(blank, dropped=("item-1",), begun=("item-1",))) is ItemCannotBeDropped
    assert refusal(lambda: quote(blank, wanted=(), dropped=("item-1",))) is ItemCannotBeDropped


@pytest.mark.clause("W8")
def test_what_was_begun_since_it_was_quoted_is_not_dropped_by_the_answer() -> None:
    """Begun, it is to be inspected and charged; the customer may still have the rest of the quote."""
    swap = quoted(dropped=("item-1",))
    assert refusal(lambda: answer(swap, "found-1", "item-1", begun=("item-1",))) is ItemCannotBeDropped
    waits = insured(dropped=("item-1",))
    assert refusal(lambda: answer(waits, "found-1", "item-1", begun=("item-1",), signed=INSURED)) is ItemCannotBeDropped
    assert answer(swap, "found-1", begun=("item-1",))
    assert answer(swap, "found-1", "item-1")


@pytest.mark.clause("W8")
def test_nor_by_the_insurers_consent_that_comes_days_later_and_then_it_is_quoted_anew() -> None:
    asked = insured(dropped=("item-1",))
    waits = asked.after(answer(asked, "found-1", "item-1", signed=INSURED))
    assert refusal(lambda: insurer_says(waits, 1000, begun=("item-1",))) is ItemCannotBeDropped
    assert refusal(lambda: quote(waits)) is WaitsForInsurer
    (anew,) = quote(waits, begun=("item-1",))
    assert isinstance(anew, ChangeQuoted)
    assert (anew.answers_to, anew.dropped) == ("change-1", ())


@pytest.mark.clause("W8")
def test_the_same_is_not_quoted_while_its_quote_is_open_or_once_it_is_ordered() -> None:
    assert refusal(lambda: quote(quoted())) is QuoteOpen
    assert refusal(lambda: quote(accepted())) is AlreadyOnTheOrder


@pytest.mark.clause("W8")
def test_a_quote_is_answered_once_and_while_it_is_valid() -> None:
    assert refusal(lambda: answer(accepted(), "found-1")) is ChangeAlreadyAnswered
    assert refusal(lambda: answer(quoted(), "found-1", days=60)) is QuoteExpired


@pytest.mark.clause("R5")
def test_an_unclear_line_is_accepted_once_the_manufacturer_was_asked() -> None:
    unclear = quoted(warranty=Warranty.UNCLEAR)
    assert refusal(lambda: answer(unclear, "found-1")) is WarrantyNotEscalated
    assert answer(unclear)


def wish(changes: Changes, number: int, *operations: str, days: int = 0, signed: WorkOrderSigned = SIGNED) -> ChangeQuoted:
    wanted = [Wanted(item=f"wish-{number + each}", operation=code, warranty=Warranty.NO) for each, code in enumerate(operations)]
    (quoted,) = changes.quote(signed, DONE.visit, None, wanted, (), (), STOCK, BRANCH, NOW + timedelta(days=days))
    assert isinstance(quoted, ChangeQuoted)
    return quoted


@pytest.mark.clause("W8")
def test_edge_case_4_a_wish_points_to_the_quote_of_the_same_work_that_was_refused() -> None:
    refused = quoted().after(answer(quoted()))
    again = wish(refused, 1, "R-WIPE", "R-RBP")
    assert again.answers_to == "change-1"
    assert wish(refused, 1, "R-WIPE").answers_to is None
    assert wish(refused.after([again]), 3, "R-RBP").answers_to is None  # still open, it is no refusal
    assert wish(refused.after([again]), 3, "R-RBP", days=60).answers_to == again.change
    assert wish(accepted(), 1, "R-RBP").answers_to is None


@pytest.mark.clause("W8")
def test_a_wish_for_what_was_declined_leaves_alone_what_was_accepted_beside_it_and_waits_for_the_insurer() -> None:
    blank = Changes(id=VISIT)
    both = blank.after([wish(blank, 1, "R-WIPE", "R-RBP", signed=INSURED)])
    waits = both.after(answer(both, "wish-1", signed=INSURED))
    assert waits.change("change-1").waits_for_insurer
    again = wish(waits, 3, "R-RBP", signed=INSURED)
    assert again.answers_to == "change-1"
    assert waits.after([again]).change("change-1").waits_for_insurer


@pytest.mark.clause("W8")
def test_what_was_accepted_meanwhile_is_dropped_before_the_order_is_cancelled() -> None:
    assert refusal(lambda: cancel(accepted())) is AcceptedWorkRemains
    assert refusal(lambda: cancel(accepted(), begun=("item-1",))) is AcceptedWorkRemains


@pytest.mark.clause("W8")
def test_edge_case_1_what_can_be_dropped_no_more_does_not_keep_the_order_from_its_end() -> None:
    """Begun, it is for the workshop to end; and the last item of an order is never dropped."""
    assert cancel(accepted(), begun=("found-1",))
    swapped = quoted(dropped=[item.item for item in SIGNED.items])
    swapped = swapped.after(answer(swapped, "found-1", *(item.item for item in SIGNED.items)))
    assert [item.item for item in swapped.items or ()] == ["found-1"]
    assert cancel(swapped)


@pytest.mark.clause("W7")
def test_a_task_is_done_once() -> None:
    task = AdvisorTask(id="task-1")
    opened = AdvisorTaskOpened(visit=VISIT, task="task-1", kind="progress", about="report-1", advisor=ADVISOR, due_by=NOW)
    task = task.after(task.begin(opened))
    done = task.after(task.finish(ADVISOR))
    assert refusal(lambda: done.finish(ADVISOR)) is TaskAlreadyDone


@pytest.mark.clause("R5")
@pytest.mark.parametrize(("since", "moved"), [(NOW, 1), (None, 0)])
def test_a_ruling_of_an_older_journal_that_does_not_say_since_when_it_is_awaited_keeps_its_day(since: datetime | None, moved: int) -> None:
    """EDGE_CASES 12."""
    task, days = AdvisorTask(id="task-1"), BRANCH.with_settings({"calendar.holidays": ("2026-03-10",)})
    until = due_by("ruling", BRANCH, NOW)
    opened = AdvisorTaskOpened(visit=VISIT, task="task-1", kind="ruling", about="item-1", advisor=ADVISOR, due_by=until, since=since)
    assert len(task.after(task.begin(opened)).move(days, NOW)) == moved
