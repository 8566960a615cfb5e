"""W8, R5: no order of moves puts an item on the order that the customer did not accept at its price."""

import itertools
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reception import insurer
from services.reception.barred import RevisionOnItsWay
from services.reception.changes import Changes
from services.reception.quote import Wanted
from services.reception.ruling import WarrantyQuestions
from services.reception.supplement import SignedHow
from shared.contracts.event import Event
from shared.contracts.reception import ChangeAnswered, InsurerConsentRecorded, OrderRevised, RevisionAnswered, WorkOrderSigned
from shared.contracts.shares import insurer_share
from shared.contracts.values import Channel, Payer, PaymentChoice, Warranty
from shared.money import Money
from shared.refusal import Malformed, NotFound, Refused
from tests.reception.counter import ADVISOR, BRANCH, NOW, STOCK, VISIT, carried_to

DONE = carried_to("")
assert DONE.order.signed
SIGNED = DONE.order.signed
INSURED = SIGNED.model_copy(update={"pays": tuple(PaymentChoice(method=method, share=Decimal("0.5")) for method in ("wechat", "insurer"))})
"""The insurer pays half: of what is found later it has to consent too."""


class Desk:
    """What happened, by the domain's own word, and everything that it announced."""

    def __init__(self, signed: WorkOrderSigned) -> None:
        self.signed = signed
        self.changes = Changes(id=VISIT)
        self.questions = WarrantyQuestions(id=VISIT)
        self.now: datetime = NOW
        self.events: list[Event] = []

    def tried(self, move: Callable[[], list[Event]]) -> None:
        try:
            events = move()
        except (Refused, NotFound, Malformed, RevisionOnItsWay):
            return
        self.changes = self.changes.after([each for each in events if not each.TYPE.startswith("reception.warranty")])
        self.questions = self.questions.after([each for each in events if each.TYPE.startswith("reception.warranty")])
        self.events += events

    def quote(self, number: int, warranty: Warranty, drop: bool) -> None:
        wanted = (Wanted(item=f"found-{number}", operation="R-RBP", warranty=warranty),)
        dropped = ("item-1",) if drop else ()
        self.tried(lambda: self.changes.quote(self.signed, DONE.visit, f"found-{number}", wanted, dropped, (), STOCK, BRANCH, self.now))

    def answer(self, number: int, accepted: tuple[str, ...] | None, right_hash: bool) -> None:
        change, shown = self.one_of(number, right_hash)
        said = (self.signed, DONE.visit, change, accepted, "customer", Channel.PHONE, None, shown)
        self.tried(lambda: self.changes.answer(*said, SignedHow(), self.questions, ADVISOR, BRANCH, self.now, begun=()))

    def one_of(self, number: int, right_hash: bool) -> tuple[str, str]:
        change = f"change-{number % (len(self.changes.changes) + 1)}"
        return change, {each.change: each.content_hash for each in self.changes.changes}.get(change, "") if right_hash else "0"

    def insurer_says(self, number: int, approved: int, right_hash: bool) -> None:
        change, shown = self.one_of(number, right_hash)
        said = InsurerConsentRecorded(
            visit=VISIT,
            change=change,
            consents=bool(approved),
            claim_number="PICC-1",
            approved=Money.of(approved),
            answered_by="text:reception:7",
            channel=Channel.PHONE,
            content_hash=shown,
            advisor=ADVISOR,
        )
        self.tried(lambda: insurer.answer(self.changes, self.signed, DONE.visit, said, BRANCH, self.now, begun=()))

    def bear_gap(self, number: int, bearer: Payer) -> None:
        change, _ = self.one_of(number, right_hash=True)
        self.tried(lambda: [insurer.bear_gap(self.changes, self.signed, DONE.visit, change, bearer, BRANCH, self.now)])

    def escalate(self, number: int) -> None:
        quoted = [each for change in self.changes.changes for each in change.items]
        unclear = {each.item: each.operation for each in quoted if each.warranty is Warranty.UNCLEAR}
        self.tried(lambda: self.questions.escalate(f"found-{number}", unclear, "text:reception:9", ADVISOR))

    def taken(self, taken: bool) -> None:
        self.tried(lambda: self.changes.note_answer_of_holder(self.changes.revision, taken=taken))

    def cancel(self) -> None:
        self.tried(lambda: self.changes.cancel(self.signed, DONE.visit, (), ADVISOR, begun=()))


NUMBER = st.integers(1, 3)
MOVES = st.one_of(
    st.tuples(st.just("quote"), NUMBER, st.sampled_from([Warranty.NO, Warranty.UNCLEAR]), st.booleans()),
    st.tuples(st.just("answer"), st.integers(1, 9), st.sampled_from([None, (), ("found-1",), ("found-2", "item-1")]), st.booleans()),
    st.tuples(st.just("escalate"), NUMBER),
    st.tuples(st.just("taken"), st.booleans()),
    st.tuples(st.just("cancel")),
    st.tuples(st.just("insurer_says"), st.integers(1, 9), st.sampled_from([0, 100, 1000]), st.booleans()),
    st.tuples(st.just("bear_gap"), st.integers(1, 9), st.sampled_from([Payer.CUSTOMER, Payer.GOODWILL])),
    st.tuples(st.just("wait"), st.integers(1, 9)),
)


@pytest.mark.clause("W8")
@pytest.mark.clause("R5")
@given(st.sampled_from([SIGNED, INSURED]), st.lists(MOVES, min_size=3, max_size=40))
def test_no_order_of_moves_puts_on_the_order_what_was_not_accepted_at_its_price(
    signed: WorkOrderSigned, moves: list[tuple[Any, ...]]
) -> None:
    desk = Desk(signed)
    for name, *arguments in moves:
        if name == "wait":
            desk.now += timedelta(days=arguments[0])
        else:
            getattr(desk, name)(*arguments)
        check(desk)


def check(desk: Desk) -> None:
    answers = {each.change: each for each in desk.events if isinstance(each, ChangeAnswered)}
    revisions = [each for each in desk.events if isinstance(each, OrderRevised)]
    assert [each.revision for each in revisions] == list(range(2, len(revisions) + 2))
    assert len([each for each in desk.changes.revisions if each.holder == "pending"]) <= 1
    quoted = {change.change: change for change in desk.changes.changes}
    for revision in revisions:
        change, answer = quoted[revision.change], answers[revision.change]
        assert answer.accepted
        assert answer.content_hash == change.content_hash
        assert revision.total == revision.labour + revision.parts
        asked = sum((insurer_share(item, desk.signed.pays) for item in change.items if item.item in answer.accepted), start=Money.zero())
        assert not asked or (change.insurer_said and change.insurer_said.approved >= asked)
        unclear = {item.item for item in change.items if item.item in answer.accepted and item.warranty is Warranty.UNCLEAR}
        assert unclear <= desk.questions.escalated
    for item in desk.changes.items_of(SIGNED):
        assert item in SIGNED.items or any(
            item in change.items and item.item in change.accepted for change in desk.changes.changes if change.answered
        )
    between = [each for each in desk.events if isinstance(each, OrderRevised | RevisionAnswered)]
    assert all(type(one) is not type(next_one) for one, next_one in itertools.pairwise(between))
