"""Whatever is called in whatever order: no exit pass with something unpaid, never two passes, nothing paid twice or beyond what is owed."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.delivery import advice
from services.delivery.advice import Said
from shared.contracts.delivery import ExitPassIssued, ExitPassUsed, PaymentTaken
from shared.contracts.event import Event
from shared.contracts.values import Payer
from shared.money import Money
from shared.refusal import Refused
from shared.signing import content_hash
from tests.delivery import desk

ORDER = desk.order([desk.item("item-1", labour="10.00", part="5.01"), desk.item("item-2", warranty="yes")])
ITEMS = ("item-1", "item-2")


class Desk(RuleBasedStateMachine):
    """One visit; every rule is one call, refused or not."""

    def __init__(self) -> None:
        super().__init__()
        self.order = ORDER.model_copy(update={"pays": desk.pays(insurer="0.5", card="0.5")})
        self.case = desk.announced()
        self.facts: list[Event] = []

    def do(self, move: desk.Move) -> None:
        with suppress(Refused):
            events = move(self.case)
            self.case = self.case.after(events)
            self.facts.extend(events)

    @rule()
    def qc_passes_and_the_car_is_parked(self) -> None:
        if self.case.revision is None:
            self.do(lambda case: case.open(desk.qc_passed((desk.SAFETY,), ITEMS)))
            self.do(lambda case: case.make_ready(desk.PARKED))

    @rule(step=st.integers(0, 5))
    def advisor_does_a_step(self, step: int) -> None:
        steps = (
            desk.papers,
            desk.internal_check(self.order),
            desk.customer_call(self.order),
            desk.accompanied_check(self.order),
            desk.next_maintenance,
            desk.call_hour,
        )
        self.do(steps[step])

    @rule()
    def advisor_does_all_steps(self) -> None:
        for step in range(6):
            self.advisor_does_a_step(step)

    @rule(signed=st.booleans())
    def customer_declines_the_safety_item(self, signed: bool) -> None:
        if self.case.recommendations:
            draft = advice.answer_to_sign(self.case, "rec-1", "declines")
            said = Said("declines", consequence_explained=True, note=draft.note, signed=content_hash(draft) if signed else None)
            self.do(lambda case: advice.answer(case, "rec-1", said, desk.NOW))

    @rule()
    def customer_signs_the_statement(self) -> None:
        self.do(desk.close(self.order))

    @rule(cents=st.integers(1, 1000), payer=st.sampled_from(Payer), id=st.sampled_from(["a", "b", "c"]))
    def cashier_takes(self, cents: int, payer: Payer, id: str) -> None:
        self.do(desk.pay(str(Decimal(cents) / 100), payer, id))

    @rule(payer=st.sampled_from([Payer.CUSTOMER, Payer.INSURER]), id=st.sampled_from(["d", "e"]))
    def cashier_takes_all_that_is_due(self, payer: Payer, id: str) -> None:
        if self.case.settlement:
            self.do(desk.pay(str(self.case.settlement.owed[payer].amount), payer, id))

    @rule(payer=st.sampled_from(Payer))
    def boss_puts_on_account(self, payer: Payer) -> None:
        self.do(desk.account(payer))

    @rule(number=st.sampled_from(["P-1", "P-2"]))
    def pass_is_asked_for(self, number: str) -> None:
        self.do(lambda case: desk.issue_pass(case, number))

    @rule()
    def documents_go_back(self) -> None:
        self.do(desk.give_back)

    @rule(number=st.sampled_from(["P-1", "P-2"]))
    def car_comes_to_the_gate(self, number: str) -> None:
        self.do(lambda case: desk.pass_the_gate(case, number))

    @invariant()
    def no_pass_with_something_unpaid_and_never_two(self) -> None:
        passes = [fact for fact in self.facts if isinstance(fact, ExitPassIssued)]
        assert len(passes) <= 1
        if passes:
            settlement = self.case.settlement
            assert settlement
            for payer in (Payer.CUSTOMER, Payer.INSURER):
                assert self._covered(payer) == settlement.owed[payer]

    @invariant()
    def nothing_is_paid_beyond_what_is_owed_or_twice(self) -> None:
        taken = [fact.payment for fact in self.facts if isinstance(fact, PaymentTaken)]
        assert len(taken) == len(set(taken))
        for payer in Payer:
            owed = self.case.settlement.owed if self.case.settlement else {}
            assert self._covered(payer) <= owed.get(payer, Money.zero())

    @invariant()
    def the_car_leaves_once_with_all_its_papers(self) -> None:
        left = [fact for fact in self.facts if isinstance(fact, ExitPassUsed)]
        assert len(left) <= 1
        if left:
            assert set(self.case.documents_returned) == set(desk.DOCUMENTS)

    @invariant()
    def no_settlement_without_the_signed_answer(self) -> None:
        if self.case.settlement:
            answer = self.case.answer_to("rec-1")
            assert answer
            assert answer.signature

    def _covered(self, payer: Payer) -> Money:
        paid = [entry.amount for entry in self.case.payments if entry.payer is payer]
        owed = [entry.amount for entry in self.case.on_account if entry.payer is payer]
        return sum((*paid, *owed), start=Money.zero())


TestDesk = pytest.mark.clause("D5")(Desk.TestCase)
TestDesk.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
