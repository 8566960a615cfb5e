"""A counter in a test: the sample branch, and a visit with its order carried move by move as the advisor would."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from services.reception.check_in import Sheet
from services.reception.order import WorkOrder
from services.reception.promise import ShopLoad
from services.reception.ruling import WarrantyQuestions
from services.reception.stock import Stock
from services.reception.terms import Choices
from services.reception.visit import Visit
from shared.branch import Branch
from shared.contracts.event import Event
from shared.contracts.values import Channel, DamageMark, FaultState, PaymentChoice, Warranty

BRANCH = Branch.load(Path(__file__).parent.parent.parent / "data" / "branch")
NOW = datetime(2026, 3, 9, 2, 0, tzinfo=UTC)
"""A Monday, 10:00 at the branch."""
VISIT = "visit-1"
ADVISOR = "advisor-1"
STOCK = {part_no: Stock(on_hand=part.stock, lead_days=part.lead_days) for part_no, part in BRANCH.parts.items()}

SHEET = Sheet(
    brought_by="self",
    covers_fitted=("seat", "wheel", "floor"),
    odometer_km=40228,
    fuel=Decimal("0.75"),
    damage=(DamageMark(part="roof", mark="chip"),),
    belongings_asked=True,
    belongings="text:reception:1",
    spare_wheel=True,
    tools=("jack",),
)

CHOICES = Choices(
    pays=(PaymentChoice(method="wechat", share=Decimal(1)),),
    payment_ways_told=True,
    old_parts="keep",
    wash=True,
    delivery_procedure_explained=True,
    order_explained=True,
    new_work_rule_told=True,
)


@dataclass
class Counter:
    """The two halves of what reception knows of a visit; `now` stands still unless a test moves it."""

    visit: Visit = field(default_factory=lambda: Visit(id=VISIT))
    order: WorkOrder = field(default_factory=lambda: WorkOrder(id=VISIT))
    questions: WarrantyQuestions = field(default_factory=lambda: WarrantyQuestions(id=VISIT))
    now: datetime = NOW
    events: list[Event] = field(default_factory=list)

    def seen(self, events: Sequence[Event]) -> None:
        self.visit = self.visit.after(events)
        self.events += events

    def ordered(self, events: Sequence[Event]) -> None:
        self.order = self.order.after(events)
        self.events += events

    def diagnose(
        self,
        operation: str = "R-FBP",
        warranty: Warranty = Warranty.NO,
        item: str | None = None,
        *,
        told: bool = True,
        fault: FaultState = FaultState.DETERMINED,
    ) -> None:
        signed = self.order.signed is not None
        self.seen(self.visit.diagnose(item, operation, fault, warranty, customer_told=told, told=None, order_signed=signed))

    def sign_sheet(self, signed_hash: str | None = None, signer: str = "customer") -> None:
        self.seen(
            self.visit.sign_sheet(
                signed_hash or self.visit.sheet_hash or "", signer, None, self.now, "text:reception:9" if signer == "tow_driver" else None
            )
        )

    def estimate(self) -> None:
        self.ordered(self.order.give_estimate(self.visit, (), (), BRANCH, self.now))

    def accept(self, items: Sequence[str] | None = None, agreed_hash: str | None = None) -> None:
        number = len(self.order.estimates)
        shown = agreed_hash or (self.order.estimates[-1].content_hash if self.order.estimates else "")
        self.ordered(self.order.accept_estimate(self.visit, number, Channel.IN_PERSON, items, shown, BRANCH, self.now))

    def look_up(self) -> None:
        self.ordered(self.order.look_parts_up(self.visit, STOCK, BRANCH, self.now))

    def promise(self, promised_at: datetime | None = None, load: ShopLoad = ShopLoad()) -> None:
        promised_at = promised_at or self.now + timedelta(hours=6)
        self.ordered(self.order.promise_completion(self.visit, promised_at, load, BRANCH, self.now))

    def draft_order(self, choices: Choices = CHOICES) -> None:
        self.ordered(self.order.draft_order(self.visit, self.questions, ADVISOR, "BJ01-20260309-0001", choices, BRANCH, self.now))

    def sign_order(self, signed_hash: str | None = None, signer: str = "customer") -> None:
        shown = signed_hash or (self.order.draft.content_hash if self.order.draft else "")
        self.ordered(self.order.sign_order(self.visit, self.questions, shown, signer, None, BRANCH, self.now))

    def hand_over(self, *things: str, cancelled: bool = False) -> None:
        handed = things or ("key", "work_order", "check_in_sheet")
        self.ordered(self.order.hand_over(self.visit, ADVISOR, "waiting-3", handed, None, cancelled=cancelled))


Step = Callable[[Counter], None]

CLEAN_PATH: dict[str, Step] = {
    "arrive": lambda c: c.seen(c.visit.arrive("customer-1", "vehicle-1", c.now.date(), 1, c.now)),
    "greet": lambda c: c.seen(c.visit.greet("greeter-1", (), c.now)),
    "draft_sheet": lambda c: c.seen(c.visit.draft_sheet(ADVISOR, SHEET)),
    "sign_sheet": lambda c: c.sign_sheet(),
    "print_sheet": lambda c: c.seen(c.visit.print_sheet(("customer", "workshop"))),
    "record_concerns": lambda c: c.seen(c.visit.record_concerns("repair", ("text:reception:2",), order_signed=c.order.signed is not None)),
    "diagnose": lambda c: c.diagnose(item="item-1" if c.visit.diagnoses else None),
    "take_documents": lambda c: c.seen(c.visit.take_documents(("driving_licence",), vin_matches=True, plate_matches=True)),
    "look_up": lambda c: c.look_up(),
    "estimate": lambda c: c.estimate(),
    "accept": lambda c: c.accept(),
    "promise": lambda c: c.promise(),
    "wait": lambda c: c.seen(c.visit.record_waiting_place("lounge", None)),
    "draft_order": lambda c: c.draft_order(),
    "sign_order": lambda c: c.sign_order(),
    "print_order": lambda c: c.ordered(c.order.print_copies(c.visit, ("customer", "workshop"), customer_copies_given=True)),
    "hand_over": lambda c: c.hand_over(),
}


def carried_to(step: str) -> Counter:
    """The clean path up to and without `step`."""
    counter = Counter()
    for name, move in CLEAN_PATH.items():
        if name == step:
            return counter
        move(counter)
    return counter
