"""Delivery's HTTP commands and queries, from D1 to the gate: parse, authorise, call, answer. No rules here.

A case has the id of its visit. Most answers are the case as it is now, its version in `ETag`. Who acts is the person of the token.
"""

from datetime import date, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, Field

from services.delivery import advice, check, exit_pass, settlement, store
from services.delivery.case import Case
from services.delivery.damage import WorkshopDamage
from services.delivery.exit_pass import GatePass
from services.delivery.order import Order
from services.delivery.routes import car, claims, money, rulings, tills
from services.delivery.settlement import Statement
from services.delivery.store import Stage, cases_at, documents_taken, judged_order, next_paper, order_of, pass_of
from shared.calendar import local_day
from shared.contracts.delivery import RecommendationAnswered
from shared.contracts.records import TextRecord
from shared.contracts.values import NextMaintenance
from shared.signing import content_hash
from shared.texts import texts_of
from shared.unit import Unit
from shared.web import Body, Call, Roles, table

_DESK: tuple[str, ...] = ("advisor", "cashier", "business_supervisor")

MAY: Roles = {
    "see_cases": (*_DESK, "group_analyst"),
    "read_texts": ("advisor", "business_supervisor", "workshop_supervisor"),
    "receive_papers": ("advisor",),
    "check_internally": ("advisor",),
    "call_customer": ("advisor",),
    "check_with_customer": ("advisor",),
    "answer_recommendation": ("advisor",),
    "explain_booklet": ("advisor",),
    "set_next_maintenance": ("advisor",),
    "confirm_call_hour": ("advisor",),
    "see_settlement": (*_DESK, "group_analyst"),
    "close_settlement": ("advisor", "cashier"),
    "print_settlement": ("advisor", "cashier"),
    "return_documents": ("advisor", "receptionist"),
    "issue_exit_pass": ("cashier", "advisor"),
    "see_exit_pass": ("gatekeeper", *_DESK),
    "use_exit_pass": ("gatekeeper",),
}

router = APIRouter()
for beside in (car, rulings, money, tills, claims):
    router.include_router(beside.router)
allowed = table(MAY)

Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Limit = Annotated[int, Query(ge=1, le=200)]
Items = Annotated[tuple[Annotated[str, Field(max_length=80)], ...], Field(max_length=200, examples=[["item-1"]])]


@router.get("/cases")
async def see_cases(
    state: Stage | None = None, limit: Limit = 100, after: str | None = None, call: Call = allowed("see_cases")
) -> list[Case]:
    """The cases, by id, of one stage or of all; `after` is the last id of the page before."""
    return await cases_at(call.store, state, limit, after)


@router.get("/cases/{visit}")
async def see_case(visit: str, call: Call = allowed("see_cases")) -> Case:
    return await call.get(Case, visit)


@router.get("/cases/{visit}/order")
async def see_order(visit: str, call: Call = allowed("see_cases")) -> Order:
    """The revision of the order that QC judged; 409 W11 before that, 503 while it is still on its way here."""
    case = await call.get(Case, visit)
    return case.judged(await order_of(call.store, case))


@router.get("/cases/{visit}/texts")
async def read_texts(visit: str, call: Call = allowed("read_texts")) -> dict[str, str]:
    """What was written about the case, by its key: damage notes (D2), who collects the car (D4), the customer's own notes (D6).

    The workshop supervisor reads of it what the workshop has to put right: damage notes, and why the car was sent back.
    """
    case = await call.get(Case, visit)
    if call.person.is_a("advisor", "business_supervisor"):
        return await texts_of(call.store, [case])
    return await texts_of(call.store, [*case.damages.values(), *case.returned])


@router.get("/cases/{visit}/workshop-damages")
async def see_workshop_damages(visit: str, call: Call = allowed("see_cases")) -> list[WorkshopDamage]:
    """W6, D2: what was damaged while the workshop had the car, and what became of it; its notes are the workshop's to read."""
    case = await call.get(Case, visit)
    return await store.workshop_damages(call.store, case.id)


class ReceivePapers(Body):
    from_person: str = Field(description="The workshop supervisor who hands them over.", examples=["supervisor-1"])
    things: tuple[check.Paper, ...] = Field(examples=[["key", "order", "sheet", "old_parts", "belongings"]])


@router.post("/cases/{visit}/papers")
async def receive_papers(visit: str, body: ReceivePapers, call: Call = allowed("receive_papers")) -> Case:
    """D1: key, order, check-in sheet, old parts and belongings come from the workshop supervisor to the advisor."""

    async def receive(unit: Unit) -> Case:
        back = await store.handed_in(unit, visit)
        return await unit.update(
            Case, visit, lambda case: check.receive_papers(case, call.person.id, body.from_person, body.things, back, call.branch)
        )

    return await call.do(receive, Case)


class CheckInternally(Body):
    items: Items = Field(description="The ordered items, each checked on the car.")
    checklist: tuple[check.InternalPoint, ...] = Field(examples=[[point.value for point in check.InternalPoint]])
    road_test: bool = Field(default=False, description="The faults were checked on the road.")


@router.post("/cases/{visit}/internal-check")
async def check_internally(visit: str, body: CheckInternally, call: Call = allowed("check_internally")) -> Case:
    """D2: every item and every point, or it is refused naming what is missing."""

    async def work(unit: Unit) -> Case:
        order = await judged_order(unit, visit)
        return await unit.update(
            Case, visit, lambda case: check.check_internally(case, order, unit.actor, body.items, body.checklist, road_test=body.road_test)
        )

    return await call.do(work, Case)


class CallCustomer(Body):
    delivery_at: AwareDatetime = Field(description="The agreed delivery time.", examples=["2026-03-09T16:00:00+08:00"])


@router.post("/cases/{visit}/customer-call")
async def call_customer(visit: str, body: CallCustomer, call: Call = allowed("call_customer")) -> Case:
    """D3, after D2: told, and a delivery time agreed: in opening hours, for major repairs and accident cars not in peak hours."""

    async def work(unit: Unit) -> Case:
        order = await judged_order(unit, visit)
        return await unit.update(
            Case,
            visit,
            lambda case: check.call_customer(case, order, unit.actor, body.delivery_at, unit.branch.site, unit.now),
        )

    return await call.do(work, Case)


class CheckWithCustomer(Body):
    items_shown: Items
    checklist: tuple[check.AccompaniedPoint, ...] = Field(examples=[[point.value for point in check.AccompaniedPoint]])
    with_collector: bool = Field(default=False, description="With somebody else than the customer, who was authorised before.")


@router.post("/cases/{visit}/accompanied-check")
async def check_with_customer(visit: str, body: CheckWithCustomer, call: Call = allowed("check_with_customer")) -> Case:
    """D4: work shown item by item, and every point; the settlement statement gets its number here."""

    async def work(unit: Unit) -> Case:
        order = await judged_order(unit, visit)
        number = (await unit.load(Case, visit)).statement_number or await next_paper(unit, "settlement")
        return await unit.update(
            Case,
            visit,
            lambda case: check.check_with_customer(
                case, order, unit.actor, body.items_shown, body.checklist, number, with_collector=body.with_collector
            ),
        )

    return await call.do(work, Case)


class AnswerToSign(Body):
    answer: RecommendationAnswered
    content_hash: str = Field(description="What the customer signs where a safety item is not repaired today.")


@router.get("/cases/{visit}/recommendations/{recommendation}/answer")
async def see_answer(
    visit: str, recommendation: str, answer: advice.Answer = "declines", call: Call = allowed("answer_recommendation")
) -> AnswerToSign:
    """D6: the answer as it would be recorded, consequence explained and note written, with the hash to sign."""
    draft = advice.answer_to_sign(await call.get(Case, visit), recommendation, answer)
    return AnswerToSign(answer=draft, content_hash=content_hash(draft))


class AnswerRecommendation(Body):
    answer: advice.Answer = Field(examples=["next_time"])
    consequence_explained: bool = Field(default=False, description="Necessity and consequence were explained.")
    note: str | None = Field(default=None, min_length=1, max_length=2000, description="The customer's own note.")
    content_hash: Hash | None = Field(default=None, description="The hash that the customer signed.")
    picture_sha256: Hash | None = None


@router.post("/cases/{visit}/recommendations/{recommendation}/answer")
async def answer_recommendation(
    visit: str, recommendation: str, body: AnswerRecommendation, call: Call = allowed("answer_recommendation")
) -> Case:
    """D6: a safety item declined or put off needs the explanation, the note and the signature, all three."""

    async def work(unit: Unit) -> Case:
        note = None
        if body.note:
            note = await unit.put_record(advice.note_key(visit, recommendation), TextRecord(text=body.note))
        said = advice.Said(body.answer, body.consequence_explained, note, body.content_hash, body.picture_sha256)
        return await unit.update(Case, visit, lambda case: advice.answer(case, recommendation, said, unit.now))

    return await call.do(work, Case)


class ExplainBooklet(Body):
    entries: bool = Field(description="The booklet has entries of this visit, and they were explained.")
    first_maintenance: bool = Field(
        default=False, description="Told: the first maintenance is free, the warranty rules, the worth of regular maintenance."
    )


@router.post("/cases/{visit}/booklet")
async def explain_booklet(visit: str, body: ExplainBooklet, call: Call = allowed("explain_booklet")) -> Case:
    """D7: at a first maintenance its three points are told too."""

    async def work(unit: Unit) -> Case:
        order = await judged_order(unit, visit)
        return await unit.update(
            Case, visit, lambda case: advice.explain_booklet(case, order, entries=body.entries, first_maintenance=body.first_maintenance)
        )

    return await call.do(work, Case)


@router.get("/cases/{visit}/next-maintenance")
async def see_next_maintenance(visit: str, call: Call = allowed("set_next_maintenance")) -> NextMaintenance | None:
    """D8: what was set, or (as after a corrected odometer) what the site's maintenance cycle proposes; null where none could be read."""
    case = await call.get(Case, visit)
    stands = case.next if case.next and case.is_ahead(case.next) else None
    return stands or advice.propose_maintenance(case, call.branch.site, call.now)


class SetNextMaintenance(Body):
    due_on: date = Field(examples=["2026-09-09"])
    odometer_km: int = Field(gt=0, le=9_999_999, examples=[45000])
    reminder_told: bool = Field(description="Pointed out, and told that a reminder and an offer of an appointment come before it is due.")


@router.post("/cases/{visit}/next-maintenance")
async def set_next_maintenance(visit: str, body: SetNextMaintenance, call: Call = allowed("set_next_maintenance")) -> Case:
    """D8: date and odometer, later than today's."""
    due = NextMaintenance(due_on=body.due_on, odometer_km=body.odometer_km)
    today = local_day(call.now, call.branch.site.zone)
    return await call.update(Case, visit, lambda case: advice.set_next_maintenance(case, due, today, reminder_told=body.reminder_told))


class ConfirmCallHour(Body):
    hour: str = Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description="Local time.", examples=["18:30"])


@router.post("/cases/{visit}/call-hour")
async def confirm_call_hour(visit: str, body: ConfirmCallHour, call: Call = allowed("confirm_call_hour")) -> Case:
    """D9: the hour at which the customer wants to be called."""
    return await call.update(Case, visit, lambda case: advice.confirm_call_hour(case, body.hour))


@router.get("/cases/{visit}/settlement")
async def see_settlement(visit: str, call: Call = allowed("see_settlement")) -> Statement:
    """D5: the closed statement, or the draft with the hash to sign (null until D4, D8 and D9 are done) and what is still missing."""
    case = await call.get(Case, visit)
    return settlement.printed(case, await order_of(call.store, case), call.branch.site, call.now)


class CloseSettlement(Body):
    content_hash: Hash = Field(description="The hash of the draft that the customer signed.")
    picture_sha256: Hash | None = None


@router.post("/cases/{visit}/settlement")
async def close_settlement(visit: str, body: CloseSettlement, call: Call = allowed("close_settlement")) -> Case:
    """D5: closed by the customer's signature over what was shown; nothing on it changes later."""

    async def work(unit: Unit) -> Case:
        order = await judged_order(unit, visit)
        rate = unit.branch.site.prices.tax_rate
        return await unit.update(
            Case, visit, lambda case: settlement.close(case, order, rate, body.content_hash, body.picture_sha256, unit.now)
        )

    return await call.do(work, Case)


class PrintSettlement(Body):
    copies: tuple[Literal["customer", "cashier", "file"], ...] = Field(min_length=1, examples=[["customer", "cashier", "file"]])


@router.post("/cases/{visit}/settlement/print")
async def print_settlement(visit: str, body: PrintSettlement, call: Call = allowed("print_settlement")) -> Case:
    return await call.update(Case, visit, lambda case: settlement.print_copies(case, body.copies))


class ReturnDocuments(Body):
    documents: Items = Field(min_length=1, examples=[["driving_licence", "maintenance_booklet"]])


@router.post("/cases/{visit}/documents-return")
async def return_documents(visit: str, body: ReturnDocuments, call: Call = allowed("return_documents")) -> Case:
    """R7: the papers taken at reception are given back, before the car passes the gate."""

    async def work(unit: Unit) -> Case:
        taken = await documents_taken(unit, visit)
        return await unit.update(Case, visit, lambda case: exit_pass.return_documents(case, taken, body.documents, unit.actor))

    return await call.do(work, Case)


@router.post("/cases/{visit}/exit-pass", status_code=201)
async def issue_exit_pass(visit: str, call: Call = allowed("issue_exit_pass")) -> Case:
    """D5: one a visit, when every payer has paid or is on account; without a settlement where the car leaves unsettled (R14)."""

    async def work(unit: Unit) -> Case:
        number = await next_paper(unit, "exit-pass")
        valid_until = unit.now + timedelta(hours=unit.branch.site.deadlines.exit_pass_hours)
        return await unit.update(Case, visit, lambda case: exit_pass.issue(case, number, unit.actor, valid_until, unit.now))

    return await call.do(work, Case)


@router.get("/gate/{pass_number}")
async def see_exit_pass(pass_number: str, call: Call = allowed("see_exit_pass")) -> GatePass:
    return await pass_of(call.store, pass_number)


@router.post("/gate/{pass_number}")
async def use_exit_pass(pass_number: str, call: Call = allowed("use_exit_pass")) -> GatePass:
    """D5: the gatekeeper checks the pass and voids it by its use: the car is delivered. Refused with R7 while its papers are here."""
    visit = (await pass_of(call.store, pass_number)).visit

    async def work(unit: Unit) -> GatePass:
        taken = await documents_taken(unit, visit)
        case = await unit.update(Case, visit, lambda case: exit_pass.use(case, pass_number, taken, unit.actor, unit.now))
        return GatePass.of(case, pass_number)

    return await call.do(work, GatePass)
