"""A visit's stations, each written into a journal as its people would leave it there."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from shared.contracts import delivery as d
from shared.contracts import followup as f
from shared.contracts import reception as r
from shared.contracts import workshop as w
from shared.contracts.values import Channel, OrderItem, PaymentChoice, Recommendation, Signature, Warranty
from shared.signing import content_hash
from tests.audit.goods import CAR, CUSTOMER, ITEM, SAFETY, labour_of, listed, looked_up, parts_of, sum_of
from tests.audit.hand import DAY, VISIT, Hand, signed, unsigned

V: dict[str, Any] = {"visit": VISIT}
PROMISE = DAY + timedelta(hours=8)
PAYS = (PaymentChoice(method="card", share=Decimal(1)),)
WASH_POINTS = ("outside_no_scratch_or_dent", "cabin", "boot", "engine_bay", "ashtray", "mats", "instruments", "belongings_protected")


@dataclass
class Visit(Hand):
    """What is ordered and advised now, and how far it is: revision of the order, round of the work."""

    items: tuple[OrderItem, ...] = (ITEM,)
    advised: tuple[Recommendation, ...] = (SAFETY,)
    wash: bool = True
    pays: tuple[PaymentChoice, ...] = PAYS
    revision: int = 1
    round: int = 1
    repaired: tuple[str, ...] = ()
    """Damage, as the next final inspection names it."""

    # reception

    def open_shop(self) -> None:
        points = ("appearance", "forms", "tools_and_materials", "surroundings")
        done = r.OpeningChecklistDone(day=self.clock.date(), advisor="advisor-1", points=points)
        self.did("opening", "reception", "advisor-1", done, minutes=0)

    def come_by_appointment(self) -> None:
        """Booked four days before, reminded and prepared for on the day before."""
        coming, self.clock = self.clock, self.clock - timedelta(days=4)
        self.did("slot", "reception", "greeter-1", r.SlotTaken(day=coming.date(), slot=time(8), visit=VISIT), minutes=0)
        booked = r.AppointmentBooked(
            **V, customer=CUSTOMER, vehicle=CAR, channel=Channel.PHONE, arrives_at=coming, advisor="advisor-1", day=coming.date()
        )
        self.did("booked", "reception", "greeter-1", booked, minutes=0)
        self.clock = coming - timedelta(hours=16)
        ready = r.AppointmentPrepared(**V, things=("bay_and_team", "surroundings", "customer_file", "forms"), by="advisor-1")
        self.did("prepared", "reception", "advisor-1", ready)
        self.did("reminded", "reception", "system", r.AppointmentReminded(**V, day=coming.date()))
        self.clock = coming
        self.open_shop()
        self.did("kept", "reception", "greeter-1", r.AppointmentKept(**V))

    def arrive(self) -> None:
        if not self.steps:
            self.open_shop()
        arrived = r.CustomerArrived(**V, customer=CUSTOMER, vehicle=CAR, day=date(2026, 3, 9), queue_number=1, with_appointment=False)
        self.did("arrived", "reception", "greeter-1", arrived)
        self.did("visit_opened", "reception", "greeter-1", r.VehicleVisitOpened(vehicle=CAR, visit=VISIT), minutes=0)
        self.did("greeted", "reception", "greeter-1", r.CustomerGreeted(**V, by="greeter-1", waited_seconds=300))

    def check_in(self) -> None:
        sheet = r.VehicleCheckedIn(
            **V,
            customer=CUSTOMER,
            vehicle=CAR,
            advisor="advisor-1",
            brought_by="self",
            covers_fitted=("seat", "wheel", "floor"),
            odometer_km=50_000,
            fuel=Decimal("0.5"),
            spare_wheel=True,
            tools=("jack",),
            **unsigned(self.clock),
        )
        self.did("checked_in", "reception", "advisor-1", signed(sheet, "customer", self.clock))
        printed = r.CheckInSheetPrinted(**V, copies=("customer", "workshop"))
        self.did("sheet_printed", "reception", "advisor-1", printed, minutes=0)
        self.did("job_announced", "workshop", "system", w.JobAnnounced(**V, vehicle=CAR), cause="checked_in")
        self.did("case_announced", "delivery", "system", d.CaseAnnounced(**V), cause="checked_in")
        known = f.VisitAnnounced(**V, customer=CUSTOMER, vehicle=CAR, agent="agent-1", checked_in_at=self.clock)
        self.did("visit_announced", "followup", "system", known, cause="checked_in")
        papers = r.DocumentsTaken(**V, documents=("driving_licence",), vin_matches=True, plate_matches=True)
        self.did("documents", "reception", "advisor-1", papers)

    def consult(self) -> None:
        concerns = r.ConcernsRecorded(**V, purpose="text:reception:1", words=("text:reception:2",))
        self.did("concerns", "reception", "advisor-1", concerns)
        for item in self.items:
            found = r.FaultDiagnosed(
                **V, item=item.item, operation=item.operation, fault=item.fault, warranty=item.warranty, customer_told=True
            )
            self.did("diagnosed", "reception", "advisor-1", found)
            if item.warranty is Warranty.UNCLEAR:
                self.escalate(item)

    def escalate(self, item: OrderItem) -> None:
        asked = r.WarrantyQuestionEscalated(**V, item=item.item, operation=item.operation, reason="text:reception:3", by="advisor-1")
        self.did("escalated", "reception", "advisor-1", asked)

    def estimate(self) -> None:
        self.did("parts", "reception", "advisor-1", r.PartsLookedUp(**V, lines=looked_up(self.items)))
        sums = {"labour": labour_of(self.items), "parts": parts_of(self.items), "total": sum_of(self.items)}
        given = r.EstimateGiven(**V, number=1, items=self.items, **sums, valid_until=date(2026, 3, 16), listed=listed(self.items))
        self.did("estimated", "reception", "advisor-1", given)
        items = tuple(item.item for item in self.items)
        shown = content_hash(given)
        accepted = r.EstimateAccepted(**V, number=1, channel=Channel.IN_PERSON, items=items, content_hash=shown)
        self.did("accepted_estimate", "reception", "advisor-1", accepted)
        promised = r.CompletionPromised(**V, promised_at=PROMISE, earliest=DAY + timedelta(hours=3))
        self.did("promised", "reception", "advisor-1", promised)

    def order(self) -> None:
        order = r.WorkOrderSigned(
            **V,
            number="WO-1",
            revision=1,
            customer=CUSTOMER,
            vehicle=CAR,
            advisor="advisor-1",
            items=self.items,
            labour=labour_of(self.items),
            parts=parts_of(self.items),
            total=sum_of(self.items),
            promised_at=PROMISE,
            pays=self.pays,
            payment_ways_told=True,
            old_parts="keep",
            wash=self.wash,
            delivery_procedure_explained=True,
            order_explained=True,
            new_work_rule_told=True,
            **unsigned(self.clock),
        )
        self.did("waits", "reception", "advisor-1", r.WaitingPlaceRecorded(**V, place="lounge", reach="customer:1"))
        self.did("ordered", "reception", "advisor-1", signed(order, "customer", self.clock))
        self.did("printed", "reception", "advisor-1", r.WorkOrderPrinted(**V, copies=("customer",), customer_copies_given=True), minutes=0)
        items = tuple(w.JobOpened.Item(item=item.item, operation=item.operation, skill=item.skill, hours=item.hours) for item in self.items)
        opened = w.JobOpened(**V, revision=1, items=items, promised_at=PROMISE, wash=self.wash, advisor="advisor-1")
        self.did("job_opened", "workshop", "system", opened, cause="ordered")
        self.file_due("ordered")

    def file_due(self, cause: str) -> None:
        due = f.FileDutyOpened(**V, customer=CUSTOMER, vehicle=CAR, agent="agent-1", due_by=DAY + timedelta(days=2, hours=15))
        self.did("file_duty", "followup", "system", due, cause=cause)

    # workshop

    def hand_over(self) -> None:
        gone = r.CarHandedOver(**V, advisor="advisor-1", place="waiting", things=("key",))
        cause = self.did("handed_over", "reception", "advisor-1", gone)
        offered = w.HandoverOffered(**V, advisor="advisor-1", place="waiting", things=("key",))
        self.did("offered", "workshop", "system", offered, cause=cause)

    def accept(self) -> None:
        accepted = w.JobAccepted(**V, supervisor="supervisor-1", car_matches_sheet=True, things=("key",))
        self.did("accepted", "workshop", "supervisor-1", accepted)

    def dispatch(self, *items: str) -> None:
        given = tuple(w.JobDispatched.Assignment(item=item, team="team-m") for item in items)
        dispatched = w.JobDispatched(**V, supervisor="supervisor-1", priority=3, assignments=given)
        self.did("dispatched", "workshop", "supervisor-1", dispatched)
        for item in items:
            named = w.TechniciansNamed(**V, item=item, team="team-m", leader="leader-m", technicians=("tech-1",))
            self.did("named", "workshop", "leader-m", named)

    def take(self) -> None:
        self.did("taken", "workshop", "tech-1", w.CarTaken(**V, team="team-m", by="tech-1"))

    def confirm(self, item: str) -> None:
        self.did("confirmed", "workshop", "tech-1", w.FaultConfirmed(**V, item=item, by="tech-1", road_test=False))

    def work(self, item: OrderItem) -> None:
        self.confirm(item.item)
        for part in item.parts:
            slip = Signature(signer="tech-1", at=self.clock, content_hash="s")
            drawn = w.PartsIssued(
                **V,
                slip=f"S-{item.item}",
                item=item.item,
                part_no=part.part_no,
                quantity=part.quantity,
                drawn_by="tech-1",
                given_by="parts-1",
                signature=slip,
            )
            self.did("drawn", "workshop", "parts-1", drawn)
        self.do(item.item)

    def begin(self, item: str) -> None:
        self.confirm(item)
        self._start(item)

    def _start(self, item: str) -> None:
        self.did("started", "workshop", "tech-1", w.WorkStarted(**V, item=item, by="tech-1", round=self.round))

    def do(self, item: str) -> None:
        self._start(item)
        self.did("finished", "workshop", "tech-1", w.WorkFinished(**V, item=item, by="tech-1", round=self.round), minutes=30)
        inspected = w.SelfInspected(**V, item=item, by="tech-1", passed=True, round=self.round)
        self.did("self_inspected", "workshop", "tech-1", inspected)

    def leader_sends_back(self, *items: str) -> None:
        inspected = w.LeaderInspected(**V, team="team-m", by="leader-m", items=items, passed=False, round=self.round)
        self.did("leader_sent_back", "workshop", "leader-m", inspected)

    def leader_inspects(self, *, stand_in: str | None = None) -> None:
        items, leader = tuple(item.item for item in self.items), stand_in or "leader-m"
        inspected = w.LeaderInspected(
            **V, team="team-m", by=leader, items=items, passed=True, round=self.round, stand_in=stand_in is not None
        )
        self.did("leader_inspected", "workshop", leader, inspected)
        advised = (SAFETY,) if SAFETY in self.advised else ()
        written = w.RecommendationsWritten(
            **V, team="team-m", leader=leader, recommendations=advised, round=self.round, **unsigned(self.clock)
        )
        self.did("recommended", "workshop", leader, signed(written, leader, self.clock))

    def damage(self, during: str = "move") -> None:
        """Told at once, and decided with the customer to be repaired."""
        reported = w.DamageReported(**V, damage="damage-1", during=during, by="wash-1", note="text:workshop:5")
        cause = self.did("damage_reported", "workshop", "wash-1", reported)
        self.told(f"told-of-{cause}", "workshop", "W6", cause, roles=("workshop_supervisor", "business_supervisor"), people=("advisor-1",))
        decided = w.DamageDecided(**V, damage="damage-1", decision="repair", customer_told=True, supervisor="supervisor-1")
        self.did("damage_decided", "workshop", "supervisor-1", decided)

    def repair_damage(self) -> None:
        repaired = w.DamageRepaired(**V, damage="damage-1", by="tech-1", note="text:workshop:6")
        self.did("damage_repaired", "workshop", "tech-1", repaired)
        self.repaired, self.round = ("damage-1",), self.round + 1

    def qc_fails(self, *items: str) -> None:
        failed = w.QcFailed(**V, inspector="qc-1", round=self.round, items=items, why="text:workshop:9")
        cause = self.did("qc_failed", "workshop", "qc-1", failed)
        self.told(f"told-of-{cause}", "workshop", "W11", cause, roles=("workshop_supervisor",), people=("leader-m",))
        self.round += 1

    def qc_passes(self) -> None:
        passed = w.QcPassed(
            **V,
            inspector="qc-1",
            revision=self.revision,
            round=self.round,
            items=tuple(item.item for item in self.items),
            recommendations=self.advised,
            wash=self.wash,
            repaired=self.repaired,
            **unsigned(self.clock),
        )
        cause = self.did("qc_passed", "workshop", "qc-1", signed(passed, "qc-1", self.clock))
        if self.wash:
            self.did("wash_opened", "workshop", "system", w.WashOpened(**V), cause=cause)
        opened = d.CaseOpened(**V, revision=self.revision, recommendations=self.advised)
        self.did("case_opened", "delivery", "system", opened, cause=cause)

    def wash_and_park(self) -> None:
        if self.wash:
            cause = self.did("wash_started", "workshop", "wash-1", w.WashStarted(**V, by="wash-1"))
            self.told(f"told-of-{cause}", "workshop", "W12", cause, roles=("workshop_supervisor",), people=("advisor-1",))
            self.did("washed", "workshop", "wash-1", w.WashFinished(**V, by="wash-1", checklist=WASH_POINTS))
        cause = self.did("parked", "workshop", "wash-1", w.CarParked(**V, by="wash-1", spot="F-3", nose_to_exit=True))
        self.did("ready", "delivery", "system", d.CarReady(**V, spot="F-3"), cause=cause)
        self.told(f"told-of-{cause}", "delivery", "D1", cause, people=("advisor-1",))
        handed_in = w.PapersHandedIn(**V, from_person="tech-1", supervisor="supervisor-1", things=("key",))
        self.did("handed_in", "workshop", "supervisor-1", handed_in)
