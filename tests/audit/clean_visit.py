"""The journal of one visit that went by the procedure, made by hand from the contracts: what forged journals start from."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from servicelane.audit.journals import Journals
from shared.contracts import delivery as d
from shared.contracts import followup as f
from shared.contracts import reception as r
from shared.contracts import workshop as w
from shared.contracts.envelope import Envelope
from shared.contracts.event import DEPARTMENTS, Event, NoticeRaised
from shared.contracts.values import (
    Channel,
    FaultState,
    NextMaintenance,
    OrderItem,
    PartLine,
    Payer,
    PaymentChoice,
    Recommendation,
    Signature,
    Warranty,
)
from shared.money import Money
from shared.signing import content_hash

VISIT = "visit-1"
CUSTOMER = "customer-1"
CAR = "vehicle-1"
DAY = datetime(2026, 3, 9, 0, 0, tzinfo=UTC)  # 08:00 in the shop
S = TypeVar("S", bound=Event)


@dataclass(frozen=True)
class Step:
    """One entry to be: who recorded what when, and which step caused it."""

    name: str
    department: str
    at: datetime
    by: str
    fact: Event
    cause: str | None = None


def signed(fact: S, signer: str, at: datetime) -> S:
    """The fact with a true signature over its content."""
    hashed = content_hash(fact)
    return fact.model_copy(update={"content_hash": hashed, "signature": Signature(signer=signer, at=at, content_hash=hashed)})


def _unsigned(at: datetime) -> dict[str, Any]:
    return {"content_hash": "", "signature": Signature(signer="", at=at, content_hash="")}


ITEM = OrderItem(
    item="i1",
    operation="R-FBP",
    kind="repair",
    skill="chassis",
    hours=Decimal("0.8"),
    fault=FaultState.DETERMINED,
    warranty=Warranty.NO,
    labour=Money.of("144.00"),
    parts=(PartLine(line="i1-1", part_no="BP-4001", quantity=1, unit_price=Money.of(398), amount=Money.of(398)),),
)
SAFETY = Recommendation(recommendation="rec-1", operation="M-TYRE4", safety=True)
NEXT = NextMaintenance(due_on=date(2026, 9, 9), odometer_km=55_000)
TOTAL = Money.of(542)


def clean_steps() -> list[Step]:
    steps: list[Step] = []
    clock = DAY

    def did(name: str, department: str, by: str, fact: Event, *, cause: str | None = None, minutes: int = 5) -> None:
        nonlocal clock
        clock += timedelta(minutes=0 if cause else minutes)
        steps.append(Step(name, department, clock, by, fact, cause))

    v: dict[str, Any] = {"visit": VISIT}
    items = (ITEM,)
    did(
        "arrived",
        "reception",
        "greeter-1",
        r.CustomerArrived(**v, customer=CUSTOMER, vehicle=CAR, day=date(2026, 3, 9), queue_number=1, with_appointment=False),
    )
    did("greeted", "reception", "greeter-1", r.CustomerGreeted(**v, by="greeter-1", waited_seconds=300))
    sheet = r.VehicleCheckedIn(
        **v,
        customer=CUSTOMER,
        vehicle=CAR,
        advisor="advisor-1",
        brought_by="self",
        covers_fitted=("seat", "wheel", "floor"),
        odometer_km=50_000,
        fuel=Decimal("0.5"),
        spare_wheel=True,
        tools=("jack",),
        **_unsigned(clock),
    )
    did("checked_in", "reception", "advisor-1", signed(sheet, "customer", clock))
    did("job_announced", "workshop", "system", w.JobAnnounced(**v, vehicle=CAR), cause="checked_in")
    did("case_announced", "delivery", "system", d.CaseAnnounced(**v), cause="checked_in")
    did("concerns", "reception", "advisor-1", r.ConcernsRecorded(**v, purpose="text:reception:1", words=("text:reception:2",)))
    did(
        "diagnosed",
        "reception",
        "advisor-1",
        r.FaultDiagnosed(**v, item="i1", operation="R-FBP", fault=FaultState.DETERMINED, warranty=Warranty.NO, customer_told=True),
    )
    did("documents", "reception", "advisor-1", r.DocumentsTaken(**v, documents=("driving_licence",), vin_matches=True, plate_matches=True))
    did(
        "parts",
        "reception",
        "advisor-1",
        r.PartsLookedUp(**v, lines=(r.PartsLookedUp.Line(part_no="BP-4001", quantity=1, available=True),)),
    )
    did(
        "estimated",
        "reception",
        "advisor-1",
        r.EstimateGiven(**v, number=1, items=items, labour=Money.of(144), parts=Money.of(398), total=TOTAL, valid_until=date(2026, 3, 16)),
    )
    did(
        "accepted_estimate",
        "reception",
        "advisor-1",
        r.EstimateAccepted(**v, number=1, channel=Channel.IN_PERSON, items=("i1",), content_hash="x"),
    )
    promise = DAY + timedelta(hours=8)
    did("promised", "reception", "advisor-1", r.CompletionPromised(**v, promised_at=promise, earliest=DAY + timedelta(hours=3)))
    order = r.WorkOrderSigned(
        **v,
        number="WO-1",
        revision=1,
        customer=CUSTOMER,
        vehicle=CAR,
        advisor="advisor-1",
        items=items,
        labour=Money.of(144),
        parts=Money.of(398),
        total=TOTAL,
        promised_at=promise,
        pays=(PaymentChoice(method="card", share=Decimal(1)),),
        payment_ways_told=True,
        old_parts="keep",
        wash=True,
        delivery_procedure_explained=True,
        order_explained=True,
        new_work_rule_told=True,
        **_unsigned(clock),
    )
    did("waits", "reception", "advisor-1", r.WaitingPlaceRecorded(**v, place="lounge", reach="customer:1"))
    did("ordered", "reception", "advisor-1", signed(order, "customer", clock))
    did("printed", "reception", "advisor-1", r.WorkOrderPrinted(**v, copies=("customer", "workshop"), customer_copies_given=True))
    job_items = (w.JobOpened.Item(item="i1", operation="R-FBP", skill="chassis", hours=Decimal("0.8"), parts=(("BP-4001", 1),)),)
    did(
        "job_opened",
        "workshop",
        "system",
        w.JobOpened(**v, revision=1, items=job_items, promised_at=promise, wash=True, advisor="advisor-1"),
        cause="ordered",
    )
    did(
        "file_duty",
        "followup",
        "system",
        f.FileDutyOpened(**v, customer=CUSTOMER, vehicle=CAR, agent="agent-1", due_by=DAY + timedelta(days=2, hours=15)),
        cause="ordered",
    )
    did("handed_over", "reception", "advisor-1", r.CarHandedOver(**v, advisor="advisor-1", place="waiting", things=("key",)))
    did("offered", "workshop", "system", w.HandoverOffered(**v, advisor="advisor-1", place="waiting", things=("key",)), cause="handed_over")
    did("accepted", "workshop", "supervisor-1", w.JobAccepted(**v, supervisor="supervisor-1", car_matches_sheet=True, things=("key",)))
    did(
        "dispatched",
        "workshop",
        "supervisor-1",
        w.JobDispatched(**v, supervisor="supervisor-1", priority=3, assignments=(w.JobDispatched.Assignment(item="i1", team="team-m"),)),
    )
    did("named", "workshop", "leader-m", w.TechniciansNamed(**v, item="i1", team="team-m", leader="leader-m", technicians=("tech-1",)))
    did("taken", "workshop", "tech-1", w.CarTaken(**v, team="team-m", by="tech-1"))
    did("confirmed", "workshop", "tech-1", w.FaultConfirmed(**v, item="i1", by="tech-1", road_test=False))
    slip = Signature(signer="tech-1", at=clock, content_hash="s")
    did(
        "drawn",
        "workshop",
        "parts-1",
        w.PartsIssued(**v, slip="S-1", item="i1", part_no="BP-4001", quantity=1, drawn_by="tech-1", given_by="parts-1", signature=slip),
    )
    did("started", "workshop", "tech-1", w.WorkStarted(**v, item="i1", by="tech-1", round=1))
    did("finished", "workshop", "tech-1", w.WorkFinished(**v, item="i1", by="tech-1", round=1), minutes=50)
    did("self_inspected", "workshop", "tech-1", w.SelfInspected(**v, item="i1", by="tech-1", passed=True, round=1))
    did(
        "leader_inspected",
        "workshop",
        "leader-m",
        w.LeaderInspected(**v, team="team-m", by="leader-m", items=("i1",), passed=True, round=1),
    )
    written = w.RecommendationsWritten(**v, team="team-m", leader="leader-m", recommendations=(SAFETY,), round=1, **_unsigned(clock))
    did("recommended", "workshop", "leader-m", signed(written, "leader-m", clock))
    passed = w.QcPassed(**v, inspector="qc-1", revision=1, round=1, items=("i1",), recommendations=(SAFETY,), wash=True, **_unsigned(clock))
    did("qc_passed", "workshop", "qc-1", signed(passed, "qc-1", clock))
    did("wash_opened", "workshop", "system", w.WashOpened(**v), cause="qc_passed")
    did("case_opened", "delivery", "system", d.CaseOpened(**v, revision=1, recommendations=(SAFETY,)), cause="qc_passed")
    did("wash_started", "workshop", "wash-1", w.WashStarted(**v, by="wash-1"))
    did(
        "wash_told",
        "workshop",
        "wash-1",
        NoticeRaised(notice="n1", about="wash_started", clause="W12", visit=VISIT, roles=("workshop_supervisor",)),
        cause="wash_started",
    )
    did(
        "washed",
        "workshop",
        "wash-1",
        w.WashFinished(
            **v,
            by="wash-1",
            checklist=(
                "outside_no_scratch_or_dent",
                "cabin",
                "boot",
                "engine_bay",
                "ashtray",
                "mats",
                "instruments",
                "belongings_protected",
            ),
        ),
    )
    did("parked", "workshop", "wash-1", w.CarParked(**v, by="wash-1", spot="F-3", nose_to_exit=True))
    did("ready", "delivery", "system", d.CarReady(**v, spot="F-3"), cause="parked")
    did(
        "ready_told",
        "delivery",
        "system",
        NoticeRaised(notice="n2", about="car_ready", clause="D1", visit=VISIT, people=("advisor-1",)),
        cause="parked",
    )
    did("papers", "delivery", "advisor-1", d.PapersReceived(**v, from_person="supervisor-1", advisor="advisor-1", things=("key",)))
    points = (
        "completion_recorded",
        "inspector_signature",
        "faults_gone",
        "replaced_parts_at_hand",
        "clean_inside_and_out",
        "outside_matches_sheet",
        "spare_wheel_and_tools",
        "nothing_left_behind",
    )
    did(
        "checked",
        "delivery",
        "advisor-1",
        d.InternalCheckPassed(**v, advisor="advisor-1", items=("i1",), checklist=points, road_test=False),
    )
    did("called", "delivery", "advisor-1", d.CustomerCalled(**v, advisor="advisor-1", delivery_at=clock + timedelta(minutes=30)))
    did(
        "accompanied",
        "delivery",
        "advisor-1",
        d.AccompaniedCheckDone(**v, advisor="advisor-1", items_shown=("i1",), checklist=("work_shown",)),
    )
    note = Signature(signer="customer", at=clock, content_hash="n")
    did(
        "answered",
        "delivery",
        "advisor-1",
        d.RecommendationAnswered(
            **v,
            recommendation="rec-1",
            operation="M-TYRE4",
            safety=True,
            answer="declines",
            consequence_explained=True,
            note="text:delivery:1",
            signature=note,
        ),
    )
    did("next_set", "delivery", "advisor-1", d.NextMaintenanceSet(**v, next=NEXT))
    did("hour", "delivery", "advisor-1", d.CallHourConfirmed(**v, hour="10:00"))
    lines = (
        d.SettlementClosed.Line(
            line="i1", item="i1", kind="labour", code="R-FBP", amount=Money.of(144), shares={Payer.CUSTOMER: Money.of(144)}
        ),
        d.SettlementClosed.Line(
            line="i1-1", item="i1", kind="part", code="BP-4001", amount=Money.of(398), shares={Payer.CUSTOMER: Money.of(398)}
        ),
    )
    settlement = d.SettlementClosed(
        **v,
        number="ST-1",
        revision=1,
        lines=lines,
        total=TOTAL,
        tax_contained=TOTAL.contained_tax(Decimal("0.13")),
        owed={Payer.CUSTOMER: TOTAL},
        recommendations=(SAFETY,),
        next=NEXT,
        call_hour="10:00",
        **_unsigned(clock),
    )
    did("settled", "delivery", "cashier-1", signed(settlement, "customer", clock))
    did(
        "paid",
        "delivery",
        "cashier-1",
        d.PaymentTaken(**v, payment="p1", payer=Payer.CUSTOMER, method="card", amount=TOTAL, cashier="cashier-1"),
    )
    did("returned", "delivery", "advisor-1", d.DocumentsReturned(**v, documents=("driving_licence",), by="advisor-1"))
    did("pass", "delivery", "cashier-1", d.ExitPassIssued(**v, number="EP-1", settlement="ST-1", released_by="cashier-1"))
    did(
        "left",
        "delivery",
        "gate-1",
        d.ExitPassUsed(**v, number="EP-1", gatekeeper="gate-1", customer=CUSTOMER, vehicle=CAR, call_hour="10:00", next=NEXT),
    )
    first, second = f"{VISIT}-first", f"{VISIT}-second"

    def duty(id: str, kind: str, start: int, promise: int, due: int) -> f.CallDutyOpened:
        return f.CallDutyOpened(
            **v,
            duty=id,
            kind=kind,
            customer=CUSTOMER,
            agent="agent-1",
            hour="10:00",
            not_before=DAY + timedelta(days=start),
            promise_by=DAY + timedelta(days=promise),
            due_by=DAY + timedelta(days=due),
        )

    did("first_due", "followup", "system", duty(first, "first", 1, 3, 7), cause="left")
    did(
        "reminder",
        "followup",
        "system",
        f.ReminderScheduled(**v, customer=CUSTOMER, vehicle=CAR, remind_on=date(2026, 8, 26), due_on=NEXT.due_on, odometer_km=55_000),
        cause="left",
    )
    did("file", "followup", "agent-1", f.CustomerFileOpened(**v, customer=CUSTOMER, vehicle=CAR, by="agent-1"))
    did(
        "planned",
        "followup",
        "agent-1",
        f.ContactPlanned(**v, by="agent-1", need="text:followup:1", topics=("brakes",), at=DAY + timedelta(days=2)),
    )

    def call(id: str, duty: str, purpose: str, number: int, topic: str) -> f.CallRegistered:
        return f.CallRegistered(
            call=id,
            number=number,
            direction="out",
            agent="agent-1",
            customer=CUSTOMER,
            visit=VISIT,
            duty=duty,
            purpose=purpose,
            try_number=1,
            reached=True,
            result="content",
            topics=(topic,),
        )

    did("first_call", "followup", "agent-1", call("c1", first, "first", 1, "brakes"), minutes=2 * 24 * 60)
    did(
        "first_closed",
        "followup",
        "agent-1",
        f.CallDutyClosed(**v, duty=first, kind="first", outcome="called", topics=("brakes",)),
        minutes=0,
    )
    did("second_due", "followup", "system", duty(second, "second", 9, 16, 16), cause="first_closed")
    did("second_call", "followup", "agent-1", call("c2", second, "second", 2, "tyres"), minutes=8 * 24 * 60)
    did(
        "second_closed",
        "followup",
        "agent-1",
        f.CallDutyClosed(**v, duty=second, kind="second", outcome="called", topics=("tyres",)),
        minutes=0,
    )
    return steps


Forgery = Callable[[list[Step]], list[Step]]


def journals(steps: list[Step], **kept: Any) -> Journals:
    """The steps as the departments would have numbered them, in the order given."""
    seq = dict.fromkeys(DEPARTMENTS, 0)
    envelopes = []
    for step in steps:
        seq[step.department] += 1  # type: ignore[index]
        envelopes.append(
            Envelope(
                id=step.name,
                source=f"servicelane://BJ01/{step.department}",
                type=step.fact.wire_type(step.department),
                time=step.at,
                subject=VISIT,
                site="BJ01",
                department=step.department,
                epoch=1,
                partition=0,
                seq=seq[step.department],  # type: ignore[index]
                aggregate=f"visit:{VISIT}",
                version=1,
                ordinal=0,
                actor=step.by,
                clause=step.fact.CLAUSE,
                correlationid="c",
                causationid=step.cause,
                data=step.fact.model_dump(mode="json"),
            )
        )
    return Journals.of(envelopes, **kept)


def without(*names: str) -> Forgery:
    return lambda steps: [step for step in steps if step.name not in names]


def changed(name: str, *, resign: bool = False, **fields: Any) -> Forgery:
    """One step's fact with other content; `resign` renews its signature, so that only the content is wrong."""

    def forge(steps: list[Step]) -> list[Step]:
        return [replace(step, fact=_other(step, fields, resign)) if step.name == name else step for step in steps]

    return forge


def _other(step: Step, fields: dict[str, Any], resign: bool) -> Event:
    fact = step.fact.model_copy(update=fields)
    return signed(fact, fact.signature.signer, step.at) if resign else fact  # type: ignore[attr-defined]


def moved(name: str, *, before: str) -> Forgery:
    """One step recorded before another, at that one's time."""

    def forge(steps: list[Step]) -> list[Step]:
        step = next(step for step in steps if step.name == name)
        rest = [other for other in steps if other.name != name]
        place = next(index for index, other in enumerate(rest) if other.name == before)
        return [*rest[:place], replace(step, at=rest[place].at - timedelta(seconds=1)), *rest[place:]]

    return forge


def repeated(name: str, **fields: Any) -> Forgery:
    def forge(steps: list[Step]) -> list[Step]:
        place = next(index for index, step in enumerate(steps) if step.name == name)
        twin = replace(steps[place], name=f"{name}-again", fact=steps[place].fact.model_copy(update=fields))
        return [*steps[: place + 1], twin, *steps[place + 1 :]]

    return forge


def later(name: str, **by: int) -> Forgery:
    """One step recorded so much later than it was."""

    def forge(steps: list[Step]) -> list[Step]:
        return [replace(step, at=step.at + timedelta(**by)) if step.name == name else step for step in steps]

    return forge
