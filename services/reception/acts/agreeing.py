"""W8, EDGE_CASES 7: the add-on authorisation as a paper, and the insurer's side of a changed order, each in one transaction."""

from collections.abc import Sequence

from services.reception import insurer
from services.reception.acts import asking, board
from services.reception.changes import Changes
from services.reception.desk import Work
from services.reception.order import WorkOrder
from services.reception.routes.bodies import AnswerForInsurer, GrantGap
from services.reception.supplement import Supplement
from services.reception.visit import Visit
from shared.contracts.reception import InsurerConsentRecorded, InsurerGapGranted
from shared.contracts.values import Payer
from shared.money import Money
from shared.unit import Unit
from shared.web import Call


async def supplement(call: Call, visit: str, change: str, accepted: Sequence[str] | None) -> Supplement:
    changes, order = await call.store.get(Changes, visit), (await call.store.get(WorkOrder, visit)).signed
    quote = changes.change(change)
    if quote.supplement:
        return Supplement(
            paper=quote.supplement,
            authorised_by=quote.answered_by,
            channel=quote.channel,
            dialled=quote.dialled,
            authorised_at=quote.answered_at,
        )
    assert order is not None
    lines = quote.lines if accepted is None else [line for line in quote.lines if line in accepted]
    return Supplement(paper=changes.draft_supplement(order, change, lines, call.branch, call.now))


def insurer_answer(call: Call, visit: str, change: str, body: AnswerForInsurer) -> Work[Changes]:
    async def record(unit: Unit) -> Changes:
        order, seen = await asking.signed_order(unit, visit), await unit.load(Visit, visit)
        before = (await unit.find(Changes, visit)).items_of(order)
        said = InsurerConsentRecorded(
            visit=visit,
            change=change,
            consents=body.consents,
            claim_number=body.claim_number,
            approved=Money(amount=body.approved_amount, currency=unit.branch.site.site.currency),
            answered_by=await unit.put_text(body.answered_by),
            channel=body.channel,
            content_hash=body.content_hash,
            advisor=call.person.id,
        )
        begun = await board.begun(unit, visit)
        changes = await unit.update(
            Changes, visit, lambda known: insurer.answer(known, order, seen, said, unit.branch, unit.now, begun=begun)
        )
        if changes.change(change).answered:
            await asking.after_answer(unit, order, before, changes, change, call.person.id)
        return changes

    return record


def gap_borne_by_customer(visit: str, change: str) -> Work[Changes]:
    async def quote_anew(unit: Unit) -> Changes:
        order, seen = await asking.signed_order(unit, visit), await unit.load(Visit, visit)
        return await unit.update(
            Changes, visit, lambda known: [insurer.bear_gap(known, order, seen, change, Payer.CUSTOMER, unit.branch, unit.now)]
        )

    return quote_anew


def gap_granted(call: Call, visit: str, change: str, body: GrantGap) -> Work[Changes]:
    async def grant(unit: Unit) -> Changes:
        order, seen = await asking.signed_order(unit, visit), await unit.load(Visit, visit)
        reason = await unit.put_text(body.reason)
        nothing = Money.zero(unit.branch.site.site.currency)
        granted = InsurerGapGranted(visit=visit, change=change, amount=nothing, by=call.person.id, reason=reason)
        return await unit.update(Changes, visit, lambda known: insurer.grant_gap(known, order, seen, granted, unit.branch, unit.now))

    return grant
