"""A and R, and the handover of W1, judged from recorded facts."""

from collections.abc import Iterator

from servicelane.audit.findings import Broken, Rules
from servicelane.audit.story import Story
from shared.branch import Branch
from shared.contracts import reception as r
from shared.contracts import workshop as w
from shared.contracts.values import FaultState
from shared.signing import content_hash

rules = Rules()

WORK = (w.FaultConfirmed, w.PartsIssued, w.WorkStarted, w.WorkFinished)
COVERS = {"seat", "wheel", "floor"}


@rules("R1")
def greeted_after_arrival(story: Story, branch: Branch) -> Iterator[Broken]:
    for greeted in story.all(r.CustomerGreeted):
        if not story.before(r.CustomerArrived, greeted):
            yield "greeted without an arrival on record", greeted


@rules("R2")
def checked_in_before_order(story: Story, branch: Branch) -> Iterator[Broken]:
    for kind in (r.EstimateGiven, r.WorkOrderSigned):
        for step in story.all(kind):
            if not story.before(r.VehicleCheckedIn, step):
                yield f"{kind.__name__} before the check-in sheet was complete and signed", step


@rules("R2")
def check_in_sheet_complete_and_signed(story: Story, branch: Branch) -> Iterator[Broken]:
    for checked_in in story.all(r.VehicleCheckedIn):
        sheet = checked_in.fact
        if missing := COVERS - set(sheet.covers_fitted):
            yield f"covers not fitted: {', '.join(sorted(missing))}", checked_in
        if sheet.odometer_km is None and not sheet.odometer_unreadable:
            yield "no odometer reading and no reason", checked_in
        if sheet.fuel is None and not sheet.fuel_unreadable:
            yield "no fuel reading and no reason", checked_in
        if not sheet.content_hash == sheet.signature.content_hash == content_hash(sheet):
            yield "the signature is not over what the sheet says", checked_in


@rules("R4")
def every_item_diagnosed_and_told(story: Story, branch: Branch) -> Iterator[Broken]:
    for signed in story.all(r.WorkOrderSigned):
        told = {d.fact.item for d in story.before(r.FaultDiagnosed, signed) if d.fact.customer_told}
        for item in signed.fact.items:
            if item.item not in told:
                yield f"item {item.item} ordered without a diagnosis told to the customer", signed


@rules("R7")
def documents_verified(story: Story, branch: Branch) -> Iterator[Broken]:
    for taken in story.all(r.DocumentsTaken):
        if taken.fact.vin_matches is False:
            yield "the VIN of the papers is another than the file's, undecided", taken


@rules("R8")
def parts_looked_up_before_order(story: Story, branch: Branch) -> Iterator[Broken]:
    for signed in story.all(r.WorkOrderSigned):
        looked_up = {line.part_no for look in story.before(r.PartsLookedUp, signed) for line in look.fact.lines}
        missing = {part.part_no for item in signed.fact.items for part in item.parts} - looked_up
        if missing:
            yield f"parts never looked up: {', '.join(sorted(missing))}", signed


@rules("R9")
def estimate_adds_up(story: Story, branch: Branch) -> Iterator[Broken]:
    for priced in (*story.all(r.EstimateGiven), *story.all(r.WorkOrderSigned)):
        fact = priced.fact
        labour = sum((item.labour for item in fact.items), start=fact.labour * 0)
        parts = sum((part.amount for item in fact.items for part in item.parts), start=fact.parts * 0)
        if (labour, parts, labour + parts) != (fact.labour, fact.parts, fact.total):
            yield f"lines make {labour} + {parts}, written are {fact.labour} + {fact.parts} = {fact.total}", priced
        for item in fact.items:
            for part in item.parts:
                if part.unit_price * part.quantity != part.amount:
                    yield f"{part.quantity} × {part.unit_price} is not {part.amount} ({part.part_no})", priced


@rules("R9")
def order_is_the_accepted_estimate(story: Story, branch: Branch) -> Iterator[Broken]:
    for signed in story.all(r.WorkOrderSigned):
        accepted = story.before(r.EstimateAccepted, signed)
        if not accepted:
            yield "signed without an accepted estimate", signed
            continue
        given = [e for e in story.before(r.EstimateGiven, accepted[-1]) if e.fact.number == accepted[-1].fact.number]
        agreed = [item for item in given[-1].fact.items if item.item in accepted[-1].fact.items] if given else []
        if not agreed or agreed != list(signed.fact.items):
            yield "the order's lines are not those of the accepted estimate", signed, accepted[-1]
        elif accepted[-1].at.astimezone(branch.site.zone).date() > given[-1].fact.valid_until:
            yield "the estimate was accepted after its validity", accepted[-1]


@rules("R10")
def promise_is_possible(story: Story, branch: Branch) -> Iterator[Broken]:
    for promised in story.all(r.CompletionPromised):
        if promised.fact.promised_at < max(promised.fact.earliest, promised.at):
            yield f"promised for {promised.fact.promised_at.isoformat()}, possible from {promised.fact.earliest.isoformat()}", promised


@rules("R11")
def work_starts_after_signature(story: Story, branch: Branch) -> Iterator[Broken]:
    for kind in WORK:
        for work in story.all(kind):
            if not story.before(r.WorkOrderSigned, work):
                yield f"{kind.__name__} without a signed work order", work


@rules("R11")
def order_explained_and_signed(story: Story, branch: Branch) -> Iterator[Broken]:
    for signed in story.all(r.WorkOrderSigned):
        order = signed.fact
        if not order.content_hash == order.signature.content_hash == content_hash(order):
            yield "the signature is not over what the order says", signed
        for said in ("payment_ways_told", "delivery_procedure_explained", "order_explained", "new_work_rule_told"):
            if not getattr(order, said):
                yield f"not on record: {said.replace('_', ' ')}", signed
        if sum(pay.share for pay in order.pays) != 1:
            yield "the chosen ways to pay are not the whole", signed


@rules("R11")
def order_printed_for_the_customer(story: Story, branch: Branch) -> Iterator[Broken]:
    for signed in story.all(r.WorkOrderSigned):
        if not any(printed.fact.customer_copies_given for printed in story.all(r.WorkOrderPrinted)):
            yield "the customer's copies were never given", signed


@rules("R6")
def nothing_priced_before_its_inspection(story: Story, branch: Branch) -> Iterator[Broken]:
    for signed in story.all(r.WorkOrderSigned):
        for item in signed.fact.items:
            if item.fault is FaultState.TO_BE_INSPECTED and item.kind != "diagnosis":
                yield f"item {item.item} is still to be inspected but ordered as {item.kind}", signed


@rules("R13")
def waiting_place_known(story: Story, branch: Branch) -> Iterator[Broken]:
    for handed in story.all(r.CarHandedOver):
        if not story.all(r.WaitingPlaceRecorded):
            yield "nobody recorded where the customer waits", handed


@rules("W1")
def handed_over_before_accepted(story: Story, branch: Branch) -> Iterator[Broken]:
    for accepted in story.all(w.JobAccepted):
        if not story.before(r.CarHandedOver, accepted):
            yield "accepted by the workshop without the advisor's handover", accepted
