"""What happens on the way, written into a visit's journal: changed items, questions of warranty, progress, cancellation, complaints."""

from dataclasses import dataclass
from datetime import date, timedelta

from shared.contracts import delivery as d
from shared.contracts import followup as f
from shared.contracts import reception as r
from shared.contracts import workshop as w
from shared.contracts.event import Event
from shared.contracts.shares import insurer_share
from shared.contracts.values import Channel, OrderItem, Payer, Recommendation
from shared.money import Money
from shared.signing import content_hash
from tests.audit.goods import CAR, CUSTOMER, FOUND, labour_of, listed, looked_up, parts_of, sum_of
from tests.audit.hand import VISIT, signed, unsigned
from tests.audit.leaving import Leaving
from tests.audit.stations import PROMISE, V

DECLINED = Recommendation(recommendation="declined-found-1", operation=FOUND.operation)


@dataclass
class Journal(Leaving):
    """A visit with everything that may happen to it."""

    def task(self, kind: str, about: str, cause: str) -> None:
        opened = r.AdvisorTaskOpened(
            **V, task=f"task-{about}", kind=kind, about=about, advisor="advisor-1", due_by=self.clock + timedelta(minutes=30)
        )
        self.did("task", "reception", "system", opened, cause=cause)

    def done(self, about: str) -> None:
        self.did("task_done", "reception", "advisor-1", r.AdvisorTaskDone(**V, task=f"task-{about}", by="advisor-1"), minutes=0)

    # W5

    def part_comes_back(self, item: OrderItem, stays: int) -> None:
        """One piece that the work did without."""
        (part,) = item.parts
        back = w.PartsReturned(
            **V,
            slip=f"S-{item.item}",
            item=item.item,
            part_no=part.part_no,
            quantity=1,
            to_stock=True,
            by="parts-1",
            unneeded=True,
            out=stays,
        )
        cause = self.did("came_back", "workshop", "parts-1", back)
        counted = d.PartsOutChanged(**V, item=item.item, part_no=part.part_no, out=stays, slip=back.slip)
        self.did("counted_out", "delivery", "system", counted, cause=cause)
        if any(step.name == "settled" for step in self.steps) and item.free_for_customer:
            line = part.model_copy(update={"quantity": stays, "amount": part.unit_price * stays})
            amount = item.labour + line.amount
            lessened = d.ClaimLessened(**V, claim=f"{VISIT}.{item.item}", item=item.item, amount=amount, slip=back.slip, has_part=False)
            self.did("lessened", "delivery", "system", lessened, cause=cause)
        elif any(step.name == "settled" for step in self.steps):
            self.told(f"told-of-{cause}", "delivery", "D5", cause, roles=("business_supervisor",), people=("advisor-1",))
        else:
            line = part.model_copy(update={"quantity": stays, "amount": part.unit_price * stays})
            self.items = tuple(each.model_copy(update={"parts": (line,)}) if each.item == item.item else each for each in self.items)

    # W8, R6

    def find(self, item: OrderItem, *, inspected: str | None = None) -> None:
        kind = "finding" if inspected else "add_on"
        found = w.WorkFound(**V, found=item.item, kind=kind, item=inspected, operation=item.operation, by="tech-1")
        cause = self.did("found", "workshop", "tech-1", found)
        self.task("finding" if inspected else "change", item.item, cause)

    def quote(self, item: OrderItem, *, answers_to: str | None = None) -> r.ChangeQuoted:
        number = sum(isinstance(step.fact, r.ChangeQuoted) for step in self.steps) + 1
        quoted = r.ChangeQuoted(
            **V,
            change=f"change-{number}",
            found=item.item if item.item.startswith("found") else None,
            items=(item,),
            total=item.amount,
            valid_until=date(2026, 3, 16),
            answers_to=answers_to,
            lookup=looked_up((item,)),
            insurer={item.item: share} if (share := insurer_share(item, self.pays)) else {},
            listed=None if item.gap_to else listed((item,)),
            content_hash="",
        )
        quoted = quoted.model_copy(update={"content_hash": content_hash(quoted)})
        self.did("quoted", "reception", "advisor-1", quoted)
        return quoted

    def insurer_approves(self, quoted: r.ChangeQuoted, amount: int) -> None:
        said = r.InsurerConsentRecorded(
            **V,
            change=quoted.change,
            consents=True,
            claim_number="PICC-1",
            approved=Money.of(amount),
            answered_by="text:reception:7",
            channel=Channel.PHONE,
            content_hash=quoted.content_hash,
            advisor="advisor-1",
        )
        self.did("insurer_said", "reception", "advisor-1", said)

    def house_bears_gap(self, quoted: r.ChangeQuoted, approved: int) -> r.ChangeQuoted:
        (item,) = quoted.items
        gap = quoted.insurer[item.item] - Money.of(approved)
        granted = r.InsurerGapGranted(**V, change=quoted.change, amount=gap, by="bizsup-1", reason="text:reception:8")
        self.did("gap_granted", "reception", "bizsup-1", granted)
        capped = item.model_copy(update={"insurer_up_to": Money.of(approved), "gap_to": Payer.GOODWILL})
        return self.quote(capped, answers_to=quoted.change)

    def answer(self, quoted: r.ChangeQuoted, *, accepts: bool) -> None:
        lines = tuple(item.item for item in quoted.items)
        answered = r.ChangeAnswered(
            **V,
            change=quoted.change,
            found=quoted.found,
            accepted=lines if accepts else (),
            declined=() if accepts else lines,
            operations_declined=() if accepts else tuple(item.operation for item in quoted.items),
            answered_by="customer",
            channel=Channel.PHONE,
            total=quoted.total if accepts else Money.zero(),
            content_hash=quoted.content_hash,
            advisor="advisor-1",
        )
        self.did("changed", "reception", "advisor-1", answered)
        if accepts:
            self.authorise(quoted)
        self.done(quoted.found or quoted.change)
        if accepts:
            self.items = (*self.items, *quoted.items)
            self.revise(quoted.change)
        else:
            self.declined(quoted.change)

    def authorise(self, quoted: r.ChangeQuoted) -> None:
        paper = r.SupplementAuthorised(
            **V,
            number=f"WO-{quoted.change}",
            order="WO-1",
            change=quoted.change,
            found=quoted.found,
            items=quoted.items,
            total=quoted.total,
            order_total=sum_of((*self.items, *quoted.items)),
            promised_at=PROMISE,
            insurer=quoted.insurer,
            content_hash="",
        )
        self.did("supplement", "reception", "advisor-1", signed(paper, "customer", self.clock), minutes=0)

    def declined(self, change: str | None) -> None:
        self.advised = (*self.advised, DECLINED)
        cause = self.steps[-2 if change else -1].name
        self.did("work_declined", "workshop", "system", w.WorkDeclined(**V, change=change, operations=(FOUND.operation,)), cause=cause)

    def revise(self, change: str) -> None:
        self.revision += 1
        revised = r.OrderRevised(
            **V,
            revision=self.revision,
            change=change,
            items=self.items,
            labour=labour_of(self.items),
            parts=parts_of(self.items),
            total=sum_of(self.items),
            promised_at=PROMISE,
            wash=self.wash,
            pays=self.pays,
        )
        self.did("revised", "reception", "advisor-1", revised, minutes=0)

    def take_revision(self, *, voids_pass: bool = False) -> None:
        items = tuple(item.item for item in self.items)
        taken = w.RevisionTaken(**V, revision=self.revision, items=items, voids_pass=voids_pass)
        cause = self.did("revision_taken", "workshop", "system", taken, cause=self.last("revised").name)
        noted = r.RevisionAnswered(**V, revision=self.revision, taken=True, voids_pass=voids_pass)
        self.did("revision_noted", "reception", "system", noted, cause=cause)

    def return_car(self) -> None:
        """The customer wants more after the settlement: countered, pass revoked, the car goes back."""
        cause, reason = self.last("revised").name, "order_revised"
        closed = self.last("settled").fact
        assert isinstance(closed, d.SettlementClosed)
        counter = d.SettlementCountered(**V, number="C-1", counters=closed.number, reason=reason, by_revision=self.revision)
        self.did("countered", "delivery", "system", counter, cause=cause)
        self.did("revoked", "delivery", "system", d.ExitPassRevoked(**V, number="EP-1", reason=reason), cause=cause)
        back = self.did("car_back", "delivery", "system", d.CarReturned(**V, revision=self.revision, reason=reason), cause=cause)
        came = w.CarCameBack(**V, revision=self.revision, reason=reason)
        self.did("car_came_back", "workshop", "system", came, cause=back)

    # R5

    def reserve(self, *items: str) -> None:
        reserved = d.RulingReserved(**V, items=items, **unsigned(self.clock))
        self.did("reserved", "delivery", "advisor-1", signed(reserved, "customer", self.clock))
        self.did("released", "delivery", "bizsup-1", d.ReservationReleased(**V, items=items, supervisor="bizsup-1"))

    def rule(self, item: str, *, covers: bool, hours: int = 0) -> None:
        ruled = r.WarrantyRuled(**V, item=item, covers=covers, reference="MFR-1", by="advisor-1")
        cause = self.did("ruled", "reception", "advisor-1", ruled, minutes=60 * hours + 5)
        known = d.ItemRuled(**V, item=item, covers=covers, reference="MFR-1")
        self.did("item_ruled", "delivery", "system", known, cause=cause)

    def supplement(self, item: OrderItem) -> None:
        owed = {Payer.CUSTOMER: item.amount}
        closed = d.SupplementClosed(
            **V, number="SU-1", settlement="ST-1", items=(item.item,), total=item.amount, owed=owed, customer_called=False
        )
        self.did("supplement", "delivery", "system", closed, cause=self.last("ruled").name)
        self.did("supplement_told", "delivery", "advisor-1", d.SupplementTold(**V, number="SU-1", advisor="advisor-1"))

    # W1, W6, W7

    def send_back(self) -> None:
        sent = w.HandoverSentBack(**V, supervisor="supervisor-1", reason="text:workshop:1")
        cause = self.did("sent_back", "workshop", "supervisor-1", sent)
        self.did("handed_back", "reception", "system", r.CarHandedBack(**V, advisor="advisor-1"), cause=cause)
        corrected = r.CheckInCorrected(**V, field="odometer_km", value="50010", reason="text:reception:4", by="advisor-1")
        self.did("corrected", "reception", "advisor-1", corrected)

    def report_late(self, answer: str = "accepts") -> None:
        report = w.ProgressReported(**V, report="report-1", kind="later", minutes=30, by="tech-1")
        cause = self.did("late", "workshop", "tech-1", report)
        self.told("told-of-late", "workshop", "W7", cause, roles=("workshop_supervisor",), people=("advisor-1",))
        self.task("progress", "report-1", cause)
        told = r.ProgressTold(
            **V,
            report="report-1",
            answer=answer,
            channel=Channel.PHONE,
            promised_at=PROMISE + timedelta(minutes=30),
            advisor="advisor-1",
        )
        heard = self.did("told_late", "reception", "advisor-1", told)
        answered = w.ProgressAnswered(**V, report="report-1", accepted=answer == "accepts", promised_at=told.promised_at)
        self.did("late_answered", "workshop", "system", answered, cause=heard)
        if answer != "accepts":
            self.told("told-of-wish", "workshop", "W7", heard, roles=("workshop_supervisor",))
        self.done("report-1")

    def ask_for_belongings(self, *, agrees: bool = False) -> None:
        asked = w.BelongingsRequested(**V, request="need-1", need="text:workshop:2", by="tech-1")
        cause = self.did("belongings", "workshop", "tech-1", asked)
        self.task("belongings", "need-1", cause)
        answer = r.BelongingsAnswered(**V, request="need-1", agrees=agrees, channel=Channel.PHONE, advisor="advisor-1")
        heard = self.did("belongings_answered", "reception", "advisor-1", answer)
        known = w.BelongingsRequestAnswered(**V, request="need-1", agrees=agrees)
        self.did("belongings_known", "workshop", "system", known, cause=heard)
        self.done("need-1")
        if agrees:
            moved = w.BelongingsMoved(**V, request="need-1", by="tech-1", to_place="locker-1")
            self.did("belongings_moved", "workshop", "tech-1", moved)

    # R14 and the end of an order

    def end_as_inquiry(self) -> None:
        ended = r.InquiryEnded(
            **V,
            customer=CUSTOMER,
            vehicle=CAR,
            advisor="advisor-1",
            about="text:reception:5",
            reason="cancelled_before_signature",
            call_hour="10:00",
            car_here=True,
        )
        cause = self.did("inquiry_ended", "reception", "advisor-1", ended)
        self.did("job_ended", "workshop", "system", w.JobEnded(**V, reason="cancelled_before_signature"), cause=cause)
        released = d.CarReleasedUnsettled(**V, reason="cancelled_before_signature", customer=CUSTOMER, vehicle=CAR)
        self.did("released_unsettled", "delivery", "system", released, cause=cause)
        self.did("hour", "delivery", "system", d.CallHourConfirmed(**V, hour="10:00"), cause=cause)
        self.file_due(cause)

    def cancel(self) -> None:
        cancelled = r.OrderCancelled(**V, revision=self.revision, kind="after_diagnosis", declined=(FOUND.operation,), advisor="advisor-1")
        self.did("cancelled", "reception", "advisor-1", cancelled)
        self.declined(None)

    def end_before(self, *left_out: OrderItem) -> None:
        """The customer ends the order before anybody has begun these items of it."""
        self.items = tuple(item for item in self.items if item not in left_out)
        self.advised += tuple(Recommendation(recommendation=f"declined-{item.item}", operation=item.operation) for item in left_out)
        cancelled = r.OrderCancelled(**V, revision=self.revision, kind="after_diagnosis", advisor="advisor-1")
        cause = self.did("cancelled", "reception", "advisor-1", cancelled)
        operations, items = tuple(item.operation for item in left_out), tuple(item.item for item in left_out)
        declined = w.WorkDeclined(**V, change=None, operations=operations, items=items)
        self.did("work_declined", "workshop", "system", declined, cause=cause)

    def reassemble(self, item: OrderItem) -> None:
        """Begun, when the customer ended the order: put together as received."""
        self.items = tuple(each for each in self.items if each != item)
        self.advised += (Recommendation(recommendation=f"declined-{item.item}", operation=item.operation),)
        undone = w.ItemReassembled(**V, item=item.item, operation=item.operation, by="tech-1", round=self.round)
        self.did("reassembled", "workshop", "tech-1", undone)

    # F5

    def complain(self) -> None:
        opened = f.ComplaintOpened(
            complaint=f"{VISIT}-first-1",
            channel="call",
            customer=CUSTOMER,
            visit=VISIT,
            words="text:followup:5",
            owner="agent-1",
            taken_by="agent-1",
            report_by=self.clock + timedelta(days=2),
        )
        self.did("complained", "followup", "agent-1", opened, minutes=0)

    def complaint_step(self, name: str, fact: Event, *, days: int = 0, by: str = "agent-1") -> None:
        self.did(name, "followup", by, fact, minutes=24 * 60 * days + 5)

    # F10

    def sum_up(self, period: str) -> None:
        facts = f.SummaryFacts()
        opened = f.SummaryOpened(period=period, due_by=self.clock + timedelta(days=30))
        self.did("summary", "followup", "system", opened)
        self.did("drafted", "followup", "bizsup-1", f.SummaryDrafted(period=period, facts=facts, by="bizsup-1"))
        self.did("edited", "followup", "bizsup-1", f.SummaryEdited(period=period, words="text:followup:11", by="bizsup-1"))
        drawn_up = f.SummarySigned(period=period, facts=facts, words="text:followup:11", **unsigned(self.clock))
        summary = signed(drawn_up, "bizsup-1", self.clock)
        self.did("summary_signed", "followup", "bizsup-1", summary)
        met = f.SummaryPresented(period=period, met_on=self.clock.date(), present=("agent-1",), by="bizsup-1")
        self.did("met", "followup", "bizsup-1", met)
        self.did("filed", "followup", "bizsup-1", f.SummaryFiled(period=period, content_hash=summary.content_hash))


def of_complaint() -> dict[str, str]:
    return {"complaint": f"{VISIT}-first-1", "visit": VISIT}
