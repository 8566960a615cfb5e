"""Reception over HTTP while the car is here: W6, W7, W8, R5, R6, what is corrected or ended, the advisor's tasks. No rules here."""

from typing import Annotated

from fastapi import APIRouter, Body, Query

from services.reception import desk, store
from services.reception.acts import agreeing, asking, ending
from services.reception.changes import Changes
from services.reception.routes.bodies import (
    AnswerBelongings,
    AnswerChange,
    AnswerForInsurer,
    CancelOrder,
    CorrectCheckIn,
    EndAsInquiry,
    EscalateWarranty,
    GrantGap,
    QuoteChange,
    RecordInquiry,
    RecordRuling,
    TellProgress,
)
from services.reception.ruling import WarrantyQuestions
from services.reception.supplement import Supplement
from services.reception.task import AdvisorTask
from services.reception.visit import Visit
from shared.web import Call, Roles, table

READERS = ("advisor", "receptionist", "cashier", "workshop_supervisor", "business_supervisor", "group_analyst")

MAY: Roles = {
    "correct_check_in": ("advisor",),
    "quote_change": ("advisor",),
    "answer_change": ("advisor",),
    "answer_for_insurer": ("advisor",),
    "let_customer_bear_gap": ("advisor",),
    "grant_insurer_gap": ("business_supervisor",),
    "escalate_warranty": ("advisor",),
    "record_ruling": ("advisor", "business_supervisor"),
    "tell_progress": ("advisor",),
    "answer_belongings": ("advisor",),
    "cancel_order": ("advisor",),
    "end_as_inquiry": ("advisor",),
    "record_inquiry": ("advisor", "receptionist"),
    "read_tasks": READERS,
    "read_changes": ("advisor", "cashier", "business_supervisor", "group_analyst"),
    "read_questions": READERS,
}
allowed = table(MAY)
router = APIRouter()


# the advisor's tasks


@router.get("/tasks")
async def tasks(
    advisor: str | None = None,
    after: str | None = None,
    limit: int = Query(default=50, ge=1, le=200),
    call: Call = allowed("read_tasks"),
) -> list[AdvisorTask]:
    """W6, W7, W8, R5: what still has to be taken to a customer, by id; those of one advisor."""
    return await store.open_tasks(call.store, advisor, after, limit)


@router.get("/visits/{visit}/tasks")
async def tasks_of_visit(visit: str, call: Call = allowed("read_tasks")) -> list[AdvisorTask]:
    """All tasks of a visit, done ones too."""
    return await call.store.select(AdvisorTask, {"visit": visit})


# W1 sent back: corrected, then handed over again


@router.post("/visits/{visit}/check-in-corrections")
async def correct_check_in(visit: str, body: CorrectCheckIn, call: Call = allowed("correct_check_in")) -> Visit:
    """R2: a typed fact of the signed sheet, by a fact of its own; the sheet stays as it was signed."""
    return await call.do(desk.check_in_correction(call, visit, body), Visit)


# W8, R6 changed items


@router.post("/visits/{visit}/changes")
async def quote_change(visit: str, body: QuoteChange, call: Call = allowed("quote_change")) -> Changes:
    """W8: priced at today's prices; the last of `changes` has its id, lines, promise and the `content_hash` that is consented to."""
    stock = await store.stock(call.store, but=visit)
    return await call.do(asking.quote(visit, body, stock), Changes)


@router.post("/visits/{visit}/changes/{change}/answer")
async def answer_change(visit: str, change: str, body: AnswerChange, call: Call = allowed("answer_change")) -> Changes:
    """W8: the customer's answer, line by line; what is accepted makes the next revision of the order.

    Where `insurer` has an amount, the revision comes when the insurer has consented too (`insurer_said`).
    409 W8 where another content was shown or the quote has run out, 409 R5 for an unclear item nobody asked about, 503 while the
    revision before has not been taken.
    """
    return await call.do(asking.answer(call, visit, change, body), Changes)


@router.post("/visits/{visit}/changes/{change}/insurer")
async def answer_for_insurer(visit: str, change: str, body: AnswerForInsurer, call: Call = allowed("answer_for_insurer")) -> Changes:
    """W8, EDGE_CASES 7: the insurer's own consent to its share (`insurer`), before or after the customer's; nothing starts without both."""
    return await call.do(agreeing.insurer_answer(call, visit, change, body), Changes)


@router.post("/visits/{visit}/changes/{change}/insurer/gap")
async def let_customer_bear_gap(visit: str, change: str, call: Call = allowed("let_customer_bear_gap")) -> Changes:
    """W8: the insurer declined, or approved less: quoted anew, the customer to bear the rest, and to be answered like any quote."""
    return await call.do(agreeing.gap_borne_by_customer(visit, change), Changes)


@router.post("/visits/{visit}/changes/{change}/insurer/goodwill")
async def grant_insurer_gap(visit: str, change: str, body: GrantGap, call: Call = allowed("grant_insurer_gap")) -> Changes:
    """W8: the same, the house to bear the rest."""
    return await call.do(agreeing.gap_granted(call, visit, change, body), Changes)


@router.get("/visits/{visit}/changes")
async def changes(visit: str, call: Call = allowed("read_changes")) -> Changes:
    """Quotes and answers, the revisions with what who holds the car has answered, the items and the promise as they are now."""
    return await call.get(Changes, visit)


@router.get("/visits/{visit}/changes/{change}/supplement")
async def supplement(
    visit: str, change: str, accepted: Annotated[list[str] | None, Query()] = None, call: Call = allowed("read_changes")
) -> Supplement:
    """W8: the add-on authorisation (增项单), exactly as it was authorised; before that, the one to be authorised over its `content_hash`,
    of the lines `accepted`, or all.
    """
    return await agreeing.supplement(call, visit, change, accepted)


# R5 the manufacturer's ruling


@router.post("/visits/{visit}/items/{item}/escalation")
async def escalate_warranty(visit: str, item: str, body: EscalateWarranty, call: Call = allowed("escalate_warranty")) -> WarrantyQuestions:
    """R5: the customer was told why it is unclear, the manufacturer is asked. Before the order is signed, or the change answered."""
    return await call.do(asking.escalation(call, visit, item, body), WarrantyQuestions)


@router.post("/visits/{visit}/items/{item}/ruling")
async def record_ruling(visit: str, item: str, body: RecordRuling, call: Call = allowed("record_ruling")) -> WarrantyQuestions:
    """R5: the manufacturer's ruling, also after the delivery."""
    return await call.do(asking.ruling(call, visit, item, body), WarrantyQuestions)


@router.get("/visits/{visit}/warranty-questions")
async def warranty_questions(visit: str, call: Call = allowed("read_questions")) -> WarrantyQuestions:
    return await call.get(WarrantyQuestions, visit)


# W7 progress, W6 belongings


@router.post("/visits/{visit}/progress/{report}/told")
async def tell_progress(visit: str, report: str, body: TellProgress, call: Call = allowed("tell_progress")) -> Changes:
    """W7: the customer was told; accepted, the promise moves by what the technician reported."""
    return await call.do(asking.progress_told(call, visit, report, body), Changes)


@router.post("/visits/{visit}/belongings/{request}/answer")
async def answer_belongings(visit: str, request: str, body: AnswerBelongings, call: Call = allowed("answer_belongings")) -> AdvisorTask:
    """W6: what the customer said; refused, the work is done around them."""
    return await call.do(asking.belongings_answer(call, visit, request, body), AdvisorTask)


# ended otherwise than by delivery


@router.post("/visits/{visit}/cancellation")
async def cancel_order(
    visit: str, body: Annotated[CancelOrder, Body(default_factory=CancelOrder)], call: Call = allowed("cancel_order")
) -> Changes:
    """The customer ends it after the diagnosis: what was consented is settled, what was found becomes a recommendation."""
    return await call.do(ending.cancellation(call, visit, body), Changes)


@router.post("/visits/{visit}/inquiry-end")
async def end_as_inquiry(visit: str, body: EndAsInquiry, call: Call = allowed("end_as_inquiry")) -> Visit:
    """R14: ended without a signed order; delivery lets the car out."""
    return await call.do(ending.inquiry_end(call, visit, body), Visit)


@router.post("/inquiries", status_code=201)
async def record_inquiry(body: RecordInquiry, call: Call = allowed("record_inquiry")) -> Visit:
    """R14: an inquiry of somebody who came without a car."""
    return await call.do(ending.inquiry(call, body), Visit)
