"""Whatever is called in whatever order, revisions, rulings and bounced payments among it: nothing gets past a MUST, and all adds up.

The invariants count from the facts alone, by sums of their own.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import TypeVar

import pytest
from hypothesis import event
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.delivery import advice, correction, revision, ruling, settlement
from services.delivery.advice import Said
from services.delivery.ledger import shares
from services.delivery.order import Order
from shared.contracts import delivery as d
from shared.contracts.event import Event
from shared.contracts.values import OrderItem, Payer
from shared.money import Money
from shared.refusal import NotFound, NotReadyYet, Refused
from shared.signing import content_hash
from tests.delivery import desk

E = TypeVar("E", bound=Event)

FIRST = (
    desk.item("item-1", labour="10.00", part="5.01"),
    desk.item("item-2", warranty="yes"),
    desk.item("item-3", labour="3.33", part="0.01", warranty="unclear"),
)
MORE = (*FIRST, desk.item("found-1", labour="7.77", part="1.00"))
AT_THE_TILL = (Payer.CUSTOMER, Payer.INSURER, Payer.ON_ACCOUNT)
PASSES = ("P-1", "P-2", "P-3")


class Desk(RuleBasedStateMachine):
    """One visit; every rule is one call, refused or not."""

    def __init__(self) -> None:
        super().__init__()
        self.case = desk.announced()
        self.facts: list[Event] = []
        self.revision = 1
        self.due_then: dict[tuple[Payer, int], Money] = {}
        """What a payer owed and had not paid after so many facts: they are only ever added to."""

    def teardown(self) -> None:
        for kind in {type(fact).__name__ for fact in self.facts}:
            event(kind)

    # the world

    def do(self, move: desk.Move) -> None:
        with suppress(Refused, NotFound, NotReadyYet):
            events = move(self.case)
            self.case = self.case.after(events)
            self.facts.extend(events)

    def paper(self, letters: str) -> str:
        """A number that no paper of this visit has."""
        return f"{letters}-{len(self.facts)}"

    @property
    def items(self) -> Sequence[OrderItem]:
        return FIRST if self.revision == 1 else MORE

    @property
    def order(self) -> Order:
        """The order of the revision that QC judged."""
        judged = self.case.revision or 1
        signed = desk.order(FIRST if judged == 1 else MORE, desk.pays(insurer="0.5", card="0.5"))
        return signed.model_copy(update={"revision": judged})

    def all(self, kind: type[E]) -> list[E]:
        return [fact for fact in self.facts if isinstance(fact, kind)]

    # the workshop, reception, the manufacturer

    @rule()
    def qc_passes_and_the_car_is_parked(self) -> None:
        if not self.case.holds_the_car and not self.case.left:
            judged = desk.qc_passed((desk.SAFETY,), [item.item for item in self.items], self.revision)
            self.do(lambda case: case.open(judged))
            self.do(lambda case: case.make_ready(desk.PARKED))

    @rule()
    def customer_accepts_more(self) -> None:
        self.revision += 1
        self.do(lambda case: revision.take(case, self.revision, self.paper("C")))

    @rule(covers=st.booleans())
    def manufacturer_rules(self, covers: bool) -> None:
        supplement = None
        if not covers and ruling.was_left_out(self.case, "item-3"):
            supplement = settlement.supplement(self.case, self.order, "item-3", self.paper("SU"))
        self.do(lambda case: ruling.rule(case, desk.ruled("item-3", covers=covers), supplement))

    # the desk

    @rule(step=st.integers(0, 5))
    def advisor_does_a_step(self, step: int) -> None:
        steps = (
            desk.papers,
            desk.internal_check(self.order),
            desk.customer_call(self.order),
            desk.accompanied_check(self.order, self.case.statement_number or self.paper("S")),
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

    @rule(release=st.booleans())
    def customer_reserves_the_open_item(self, release: bool) -> None:
        self.do(lambda case: ruling.reserve(case, self.order, ruling.reservation(case, self.order).content_hash, None, desk.NOW))
        if release:
            self.do(lambda case: ruling.release(case, desk.BOSS))

    @rule(line=st.sampled_from(["item-1.labour", "item-2.labour", "item-3.1"]), cents=st.integers(0, 1200))
    def boss_takes_off(self, line: str, cents: int) -> None:
        self.do(desk.take_off(self.order, line, _money(cents)))

    @rule()
    def customer_signs_the_statement(self) -> None:
        self.do(desk.close(self.order))

    @rule()
    def boss_counters_the_settlement(self) -> None:
        self.do(lambda case: correction.counter(case, self.paper("C"), self.paper("S"), "text:delivery:why"))

    @rule()
    def advisor_sends_the_car_back(self) -> None:
        self.do(lambda case: revision.send_back(case, "text:delivery:why", self.paper("C")))

    @rule()
    def all_goes_well_up_to_the_signature(self) -> None:
        self.qc_passes_and_the_car_is_parked()
        self.advisor_does_all_steps()
        self.customer_declines_the_safety_item(signed=True)
        self.customer_reserves_the_open_item(release=True)
        self.customer_signs_the_statement()

    # money

    @rule()
    def everybody_pays(self) -> None:
        self.insurer_approves(5000)
        self.boss_puts_on_account(Payer.INSURER)
        for id in "fgh":
            self.cashier_takes_all_that_is_due(Payer.CUSTOMER, id)

    @rule(cents=st.integers(1, 2000), payer=st.sampled_from(Payer), id=st.sampled_from("abc"), overpaid=st.booleans())
    def cashier_takes(self, cents: int, payer: Payer, id: str, overpaid: bool) -> None:
        self.do(desk.pay(_money(cents), payer, id, overpaid=overpaid))

    @rule(cents=st.integers(1, 500), id=st.sampled_from("de"))
    def cashier_takes_a_deposit(self, cents: int, id: str) -> None:
        self.do(desk.pay(_money(cents), Payer.CUSTOMER, id, kind="deposit"))

    @rule(payer=st.sampled_from([Payer.CUSTOMER, Payer.INSURER]), id=st.sampled_from("fgh"))
    def cashier_takes_all_that_is_due(self, payer: Payer, id: str) -> None:
        rest = self._owed().get(payer, Money.zero()) - self._paid(payer)
        if rest > Money.zero():
            self.do(desk.pay(str(rest.amount), payer, id))

    @rule(id=st.sampled_from("abcdefgh"))
    def a_payment_bounces(self, id: str) -> None:
        if self.case.payment(id):
            self.do(desk.reverse(id))

    @rule(cents=st.integers(1, 2000), payer=st.sampled_from(AT_THE_TILL), id=st.sampled_from("xy"))
    def cashier_refunds(self, cents: int, payer: Payer, id: str) -> None:
        before, too_much = len(self.facts), self._paid(payer) - self._owed().get(payer, Money.zero())
        self.do(desk.refund(_money(cents), payer, id))
        if len(self.facts) > before:
            assert Money.of(_money(cents)) <= too_much

    @rule(cents=st.integers(0, 2000))
    def insurer_approves(self, cents: int) -> None:
        self.do(desk.insurer_approves(_money(cents)))

    @rule()
    def customer_bears_the_gap(self) -> None:
        self.do(desk.customer_bears_the_gap)

    @rule(cents=st.integers(1, 1000), payer=st.sampled_from(Payer), supplement=st.booleans())
    def boss_grants_goodwill(self, cents: int, payer: Payer, supplement: bool) -> None:
        self.do(desk.goodwill(_money(cents), payer, self._supplement() if supplement else None))

    @rule(cents=st.integers(1, 1000), payer=st.sampled_from(Payer), supplement=st.booleans())
    def boss_credits(self, cents: int, payer: Payer, supplement: bool) -> None:
        self.do(desk.credit(_money(cents), payer, self._supplement() if supplement else None))

    @rule(payer=st.sampled_from(Payer))
    def boss_puts_on_account(self, payer: Payer) -> None:
        self.do(desk.account(payer))

    # the gate

    @rule(number=st.sampled_from(PASSES))
    def pass_is_asked_for(self, number: str) -> None:
        if number not in {fact.number for fact in self.all(d.ExitPassIssued)}:
            before = len(self.facts)
            self.do(lambda case: desk.issue_pass(case, number))
            if len(self.facts) > before:
                self._judge_pass(number)

    @rule()
    def documents_go_back(self) -> None:
        self.do(desk.give_back)

    @rule(number=st.sampled_from(PASSES))
    def car_comes_to_the_gate(self, number: str) -> None:
        self.do(lambda case: desk.pass_the_gate(case, number))

    @rule(number=st.sampled_from(PASSES))
    def car_leaves_with_what_it_needs(self, number: str) -> None:
        self.pass_is_asked_for(number)
        self.documents_go_back()
        self.car_comes_to_the_gate(number)

    @rule(number=st.sampled_from(PASSES), leaves=st.booleans())
    def all_goes_well_up_to_the_pass(self, number: str, leaves: bool) -> None:
        self.all_goes_well_up_to_the_signature()
        self.everybody_pays()
        self.pass_is_asked_for(number)
        if leaves:
            self.car_leaves_with_what_it_needs(number)

    # what has to be true, whatever was called

    def _judge_pass(self, number: str) -> None:
        """At this moment nothing is owed that is neither paid nor allowed to be owed."""
        owed = self._owed(supplements=False)
        for payer in AT_THE_TILL:
            rest = owed.get(payer, Money.zero()) - self._paid(payer)
            assert rest <= self._allowed(payer), f"{number}: {payer} still owes {rest - self._allowed(payer)}"

    @invariant()
    def one_valid_pass_at_a_time_and_only_while_a_settlement_stands(self) -> None:
        issued = {fact.number for fact in self.all(d.ExitPassIssued)}
        revoked = {fact.number for fact in self.all(d.ExitPassRevoked)}
        assert len(issued - revoked) <= 1
        if issued - revoked:
            assert self.case.settlement

    @invariant()
    def the_car_leaves_once_on_a_valid_pass_with_its_papers_from_deliverys_hands(self) -> None:
        left = self.all(d.ExitPassUsed)
        assert len(left) <= 1
        for fact in left:
            assert fact.number not in {revoked.number for revoked in self.all(d.ExitPassRevoked)}
            assert set(self.case.documents_returned) == set(desk.DOCUMENTS)
            assert self.case.holds_the_car is False
            assert not _after(self.facts, fact, (d.CarReturned, d.SettlementClosed, d.SettlementCountered, d.ExitPassIssued))

    @invariant()
    def every_settlement_had_its_checks_since_the_car_came_last(self) -> None:
        for position, fact in enumerate(self.facts):
            if isinstance(fact, d.SettlementClosed):
                since = _since_last(self.facts[:position], d.CarReturned)
                for needed in (d.PapersReceived, d.InternalCheckPassed, d.CustomerCalled, d.AccompaniedCheckDone):
                    assert any(isinstance(earlier, needed) for earlier in since), needed.__name__
                answers = [earlier for earlier in self.facts[:position] if isinstance(earlier, d.RecommendationAnswered)]
                assert any(answer.signature for answer in answers)

    @invariant()
    def nothing_unruled_is_settled_and_only_what_was_released_is_left_out(self) -> None:
        for position, fact in enumerate(self.facts):
            if isinstance(fact, d.SettlementClosed):
                before = self.facts[:position]
                ruled = {each.item for each in before if isinstance(each, d.ItemRuled)}
                released = {item for each in before if isinstance(each, d.ReservationReleased) for item in each.items}
                lines = {line.item for line in fact.lines}
                assert "item-3" not in lines or "item-3" in ruled
                assert set(fact.awaiting_ruling) <= released
                assert not lines & set(fact.awaiting_ruling)

    @invariant()
    def every_settlement_adds_up_to_the_cent(self) -> None:
        for fact in self.all(d.SettlementClosed):
            for line in fact.lines:
                assert _sum(line.shares.values()) == line.amount
            off = _sum(discount.amount for discount in fact.discounts)
            assert _sum(line.amount for line in fact.lines) - off == fact.total == _sum(fact.owed.values())
            assert all(amount >= Money.zero() for amount in fact.owed.values())
            assert not {discount.line for discount in fact.discounts} & {"item-2.labour", "item-2.1"}

    @invariant()
    def the_consented_lines_at_their_frozen_prices(self) -> None:
        for fact in self.all(d.SettlementClosed):
            ordered = {item.item: item.amount for item in (FIRST if fact.revision == 1 else MORE)}
            settled = {item: _sum(line.amount for line in fact.lines if line.item == item) for item in {line.item for line in fact.lines}}
            assert settled == {item: amount for item, amount in ordered.items() if item not in fact.awaiting_ruling}

    @invariant()
    def no_payment_counts_twice_nor_comes_back_twice(self) -> None:
        taken = [fact.payment for fact in self.all(d.PaymentTaken)]
        assert len(taken) == len(set(taken))
        back = [fact.payment for fact in self.all(d.PaymentReversed)]
        assert len(back) == len(set(back))
        assert set(back) <= set(taken)

    @invariant()
    def a_supplement_is_only_for_what_was_left_out_and_rejected(self) -> None:
        for fact in self.all(d.SupplementClosed):
            assert any(not ruled.covers and ruled.item in fact.items for ruled in self.all(d.ItemRuled))
            closed = next(each for each in self.all(d.SettlementClosed) if each.number == fact.settlement)
            assert set(fact.items) <= set(closed.awaiting_ruling)
        assert len(self.all(d.ItemRuled)) <= 1

    @invariant()
    def who_takes_money_approves_nothing(self) -> None:
        assert not {fact.cashier for fact in self.all(d.PaymentTaken)} & {fact.approver for fact in self.all(d.PutOnAccount)}

    @invariant()
    def nothing_is_moved_or_credited_beyond_what_its_paper_asks_for(self) -> None:
        assert all(amount >= Money.zero() for sums in (self._owed(), self._owed(supplements=False)) for amount in sums.values())

    @invariant()
    def what_is_on_account_was_approved_and_owed_ever_since(self) -> None:
        for payer, share in shares(self.case).items():
            assert share.on_account <= self._allowed(payer), payer

    @invariant()
    def what_is_to_be_paid_back_was_said(self) -> None:
        """EDGE_CASES 5, 6: all that was paid too much, but deposits while a ruling is awaited."""
        since = _since_last(self.facts, d.SettlementCountered)
        closed = next((fact for fact in since if isinstance(fact, d.SettlementClosed)), None)
        if closed is None:
            return
        awaited = set(closed.awaiting_ruling) - {fact.item for fact in self.all(d.ItemRuled)}
        back = {fact.payment for fact in self.all(d.PaymentReversed)}
        deposits = [each for each in self.all(d.PaymentTaken) if awaited and each.kind == "deposit" and each.payment not in back]
        for payer in AT_THE_TILL:
            said = _sum(fact.amount for fact in since if isinstance(fact, d.RefundFellDue) and fact.payer is payer)
            refunded = _sum(fact.amount for fact in since if isinstance(fact, d.RefundPaid) and fact.payer is payer)
            held = _sum(each.amount for each in deposits if each.payer is payer)
            too_much = self._paid(payer) - self._owed().get(payer, Money.zero())
            assert too_much - held <= said - refunded, payer

    @invariant()
    def a_debt_is_of_somebody_who_owes_more(self) -> None:
        assert all(fact.amount > Money.zero() for fact in self.all(d.DebtArose))

    def _supplement(self) -> str | None:
        """The number of one that there was."""
        return next((fact.number for fact in self.all(d.SupplementClosed)), None)

    def _owed(self, facts: Sequence[Event] | None = None, *, supplements: bool = True) -> dict[Payer, Money]:
        """By the facts since the standing settlement was signed."""
        since = _since_last(self.facts if facts is None else facts, d.SettlementCountered)
        sums: dict[Payer, Money] = {}
        for fact in since:
            changes: list[tuple[Payer, Money]] = []
            if isinstance(fact, d.SettlementClosed) or (supplements and isinstance(fact, d.SupplementClosed)):
                changes = list(fact.owed.items())
            elif isinstance(fact, d.ShareMoved | d.CreditNoteIssued) and fact.supplement and not supplements:
                continue
            elif isinstance(fact, d.ShareMoved):
                changes = [(fact.from_payer, fact.amount * -1), (fact.to_payer, fact.amount)]
            elif isinstance(fact, d.CreditNoteIssued):
                changes = [(fact.payer, fact.amount * -1)]
            for payer, amount in changes:
                sums[payer] = sums.get(payer, Money.zero()) + amount
        return sums

    def _paid(self, payer: Payer, facts: Sequence[Event] | None = None) -> Money:
        past = self.facts if facts is None else facts
        back = {fact.payment for fact in past if isinstance(fact, d.PaymentReversed)}
        paid = [fact for fact in past if isinstance(fact, d.PaymentTaken) and fact.payer is payer and fact.payment not in back]
        refunds = [fact for fact in past if isinstance(fact, d.RefundPaid) and fact.payer is payer]
        return _sum(fact.amount for fact in paid) - _sum(fact.amount for fact in refunds)

    def _due_after(self, payer: Payer, place: int) -> Money:
        if (payer, place) not in self.due_then:
            past = self.facts[:place]
            self.due_then[payer, place] = self._owed(past).get(payer, Money.zero()) - self._paid(payer, past)
        return self.due_then[payer, place]

    def _allowed(self, payer: Payer) -> Money:
        """What was put on account since the last counter, as far as it was owed at every moment since."""
        put = Money.zero()
        start = len(self.facts) - len(_since_last(self.facts, d.SettlementCountered))
        for place, fact in enumerate(self.facts[start:], start=start + 1):
            if isinstance(fact, d.PutOnAccount) and fact.payer is payer:
                put += fact.amount
            put = max(min(put, self._due_after(payer, place)), Money.zero())
        if payer is Payer.INSURER:
            approved = self.all(d.InsurerAnswered)
            to_come = (approved[-1].approved if approved else Money.zero()) - self._paid(payer)
            return min(put, max(to_come, Money.zero()))
        return put


def _money(cents: int) -> str:
    return str(Decimal(cents) / 100)


def _sum(amounts: Iterable[Money]) -> Money:
    return sum(amounts, start=Money.zero())


def _since_last(facts: Sequence[Event], kind: type[Event]) -> Sequence[Event]:
    last = max((position for position, fact in enumerate(facts) if isinstance(fact, kind)), default=-1)
    return facts[last + 1 :]


def _after(facts: Sequence[Event], fact: Event, kinds: tuple[type[Event], ...]) -> list[Event]:
    position = next(place for place, each in enumerate(facts) if each is fact)
    return [each for each in facts[position + 1 :] if isinstance(each, kinds)]


TestDesk = pytest.mark.clause("D5")(Desk.TestCase)
