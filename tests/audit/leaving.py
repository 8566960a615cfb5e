"""A visit from delivery to its last follow-up call, written into its journal."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from shared.contracts import delivery as d
from shared.contracts import followup as f
from shared.contracts import reception as r
from shared.contracts.values import NextMaintenance, OrderItem, Payer, Signature
from shared.money import Money
from shared.signing import content_hash
from tests.audit.goods import CAR, CUSTOMER, NEXT, settled, sum_of
from tests.audit.hand import DAY, VISIT, signed, unsigned
from tests.audit.stations import V, Visit

CHECKED = (
    "completion_recorded",
    "inspector_signature",
    "faults_gone",
    "replaced_parts_at_hand",
    "clean_inside_and_out",
    "outside_matches_sheet",
    "spare_wheel_and_tools",
    "nothing_left_behind",
)
SHOWN = (
    "work_shown",
    "replaced_parts_shown",
    "recommendations_explained",
    "next_maintenance_told",
    "spare_wheel_and_tools_shown",
    "cleanliness_shown",
    "call_within_3_days_told",
    "convenient_hour_asked",
    "covers_taken_off_and_recycled",
)


@dataclass
class Leaving(Visit):
    """`paid` is what the customer has paid so far."""

    paid: Money = field(default_factory=Money.zero)

    def check_and_call(self) -> None:
        received = d.PapersReceived(**V, from_person="supervisor-1", advisor="advisor-1", things=("key",))
        self.did("papers", "delivery", "advisor-1", received)
        items = tuple(item.item for item in self.items)
        checked = d.InternalCheckPassed(**V, advisor="advisor-1", items=items, checklist=CHECKED, road_test=False)
        self.did("checked", "delivery", "advisor-1", checked)
        called = d.CustomerCalled(**V, advisor="advisor-1", delivery_at=self.clock + timedelta(minutes=30))
        self.did("called", "delivery", "advisor-1", called)

    def show(self) -> None:
        items = tuple(item.item for item in self.items)
        shown = d.AccompaniedCheckDone(**V, advisor="advisor-1", items_shown=items, checklist=SHOWN)
        self.did("accompanied", "delivery", "advisor-1", shown)
        self.did("booklet", "delivery", "advisor-1", d.BookletExplained(**V, entries=True, first_maintenance=False), minutes=0)
        for advice in self.advised:
            answered = d.RecommendationAnswered(
                **V,
                recommendation=advice.recommendation,
                operation=advice.operation,
                safety=advice.safety,
                answer="declines",
                consequence_explained=True,
                note="text:delivery:1",
            )
            hashed = content_hash(answered)
            note = Signature(signer="customer", at=self.clock, content_hash=hashed)
            self.did("answered", "delivery", "advisor-1", answered.model_copy(update={"signature": note}))
        self.did("next_set", "delivery", "advisor-1", d.NextMaintenanceSet(**V, next=NEXT))
        self.did("hour", "delivery", "advisor-1", d.CallHourConfirmed(**V, hour="10:00"))

    def settle(self, *, covered: tuple[str, ...] = (), awaiting: tuple[str, ...] = ()) -> None:
        items = tuple(item for item in self.items if item.item not in awaiting)
        lines = settled(items, covered, self.pays)
        owed: dict[Payer, Money] = {}
        for payer, amount in (share for line in lines for share in line.shares.items()):
            owed[payer] = owed.get(payer, Money.zero()) + amount
        number = sum(isinstance(step.fact, d.SettlementClosed) for step in self.steps) + 1
        settlement = d.SettlementClosed(
            **V,
            number=f"ST-{number}",
            revision=self.revision,
            lines=lines,
            total=sum_of(items),
            tax_contained=sum_of(items).contained_tax(Decimal("0.13")),
            owed={payer: amount for payer, amount in owed.items() if amount},
            recommendations=self.advised,
            next=NEXT,
            call_hour="10:00",
            awaiting_ruling=awaiting,
            **unsigned(self.clock),
        )
        cause = self.did("settled", "delivery", "cashier-1", signed(settlement, "customer", self.clock))
        for item in items:
            if item.item in covered:
                self.claim(item, cause)

    def claim(self, item: OrderItem, cause: str) -> None:
        opened = d.ClaimOpened(**V, claim=f"{VISIT}.{item.item}", item=item.item, vehicle=CAR, amount=sum_of((item,)), has_part=False)
        self.did("claim", "delivery", "system", opened, cause=cause)

    def pay(self) -> None:
        closed = self.last("settled").fact
        assert isinstance(closed, d.SettlementClosed)
        amount = closed.owed.get(Payer.CUSTOMER, Money.zero()) - self.paid
        self.paid += amount
        number = sum(isinstance(step.fact, d.PaymentTaken) for step in self.steps) + 1
        taken = d.PaymentTaken(**V, payment=f"p{number}", payer=Payer.CUSTOMER, method="card", amount=amount, cashier="cashier-1")
        self.did("paid", "delivery", "cashier-1", taken)

    def insurer_owes(self, *first: int) -> None:
        """The insurer's share on account, by its claims: of the `first` so much each, of one more the rest."""
        closed = self.last("settled").fact
        assert isinstance(closed, d.SettlementClosed)
        parts = [Money.of(amount) for amount in first]
        parts.append(closed.owed[Payer.INSURER] - sum(parts, start=Money.zero()))
        for number, part in enumerate(parts, start=1):
            answered = d.InsurerAnswered(**V, claim_number=f"PICC-{number}", approved=part, by="advisor-1")
            self.did("insurer_answered", "delivery", "advisor-1", answered)
            self.did("insurer_owes", "delivery", "bizsup-1", d.PutOnAccount(**V, payer=Payer.INSURER, amount=part, approver="bizsup-1"))

    def issue_pass(self) -> None:
        number = sum(isinstance(step.fact, d.ExitPassIssued) for step in self.steps) + 1
        closed = [step.fact.number for step in self.steps if isinstance(step.fact, d.SettlementClosed)]
        issued = d.ExitPassIssued(**V, number=f"EP-{number}", settlement=closed[-1] if closed else None, released_by="cashier-1")
        self.did("pass", "delivery", "cashier-1", issued)

    def leave(self) -> None:
        back = d.DocumentsReturned(**V, documents=("driving_licence",), by="advisor-1")
        self.did("returned", "delivery", "advisor-1", back)
        issued = self.last("pass").fact
        assert isinstance(issued, d.ExitPassIssued)
        due: NextMaintenance | None = NEXT if issued.settlement else None
        used = d.ExitPassUsed(
            **V,
            number=issued.number,
            gatekeeper="gate-1",
            customer=CUSTOMER,
            vehicle=CAR,
            call_hour="10:00",
            next=due,
            unsettled=due is None,
        )
        self.did("left", "delivery", "gate-1", used)
        self.did("closed", "reception", "system", r.VisitClosed(**V), cause="left")
        self.did("visit_over", "reception", "system", r.VehicleVisitClosed(vehicle=CAR, visit=VISIT), cause="left")
        if due:
            reminder = f.ReminderScheduled(
                **V, customer=CUSTOMER, vehicle=CAR, remind_on=date(2026, 8, 26), due_on=due.due_on, odometer_km=due.odometer_km
            )
            self.did("reminder", "followup", "system", reminder, cause="left")

    # follow-up

    def call_due(self, kind: str, cause: str, start: int, promise: int, due: int) -> None:
        begin = datetime.combine(self.clock.date(), DAY.timetz())
        opened = f.CallDutyOpened(
            **V,
            duty=f"{VISIT}-{kind}",
            kind=kind,
            customer=CUSTOMER,
            agent="agent-1",
            hour="10:00",
            not_before=begin + timedelta(days=start),
            promise_by=begin + timedelta(days=promise, hours=15),
            due_by=begin + timedelta(days=due, hours=15),
        )
        self.did(f"{kind}_due", "followup", "system", opened, cause=cause)

    def open_file(self) -> None:
        self.did("file", "followup", "agent-1", f.CustomerFileOpened(**V, customer=CUSTOMER, vehicle=CAR, by="agent-1"))
        topics = ("brakes", "tyres")
        planned = f.ContactPlanned(**V, by="agent-1", need="text:followup:1", topics=topics, at=self.clock + timedelta(days=2))
        self.did("planned", "followup", "agent-1", planned, minutes=0)

    def hold_call(self, kind: str, topic: str, days: int, **said: Any) -> None:
        """So many days later at 10:00 in the shop, the customer's hour."""
        self.clock = datetime.combine(self.clock.date() + timedelta(days=days), DAY.timetz()) + timedelta(hours=2)
        duty = f"{VISIT}-{kind}"
        if kind == "first":
            opinion = f.OpinionRecorded(**V, duty=duty, car_runs_well=True, opinion="text:followup:2", **said)
            self.did("opinion", "followup", "agent-1", opinion, minutes=0)
        closed = f.CallDutyClosed(**V, duty=duty, kind=kind, outcome="called", topics=(topic,), in_convenient_hour=True)
        self.did(f"{kind}_closed", "followup", "agent-1", closed, minutes=0)
        self.register(f"{kind}_call", duty=duty, purpose=kind, topics=(topic,))

    def register(self, name: str, *, purpose: str, reached: bool = True, duty: str | None = None, topics: tuple[str, ...] = ()) -> str:
        number = sum(isinstance(step.fact, f.CallRegistered) for step in self.steps) + 1
        call = f.CallRegistered(
            call=f"call-{number}",
            number=number,
            direction="out",
            agent="agent-1",
            customer=CUSTOMER,
            visit=VISIT,
            duty=duty,
            purpose=purpose,
            try_number=1,
            reached=reached,
            result="content" if reached else "no_answer",
            topics=topics,
        )
        self.did(name, "followup", "agent-1", call, minutes=0)
        return call.call

    def follow_up(self, cause: str = "left") -> None:
        self.call_due("first", cause, 1, 3, 7)
        self.open_file()
        self.hold_call("first", "brakes", 2)
        self.second_call()

    def second_call(self) -> None:
        self.call_due("second", "first_closed", 7, 13, 13)
        self.hold_call("second", "tyres", 8)
