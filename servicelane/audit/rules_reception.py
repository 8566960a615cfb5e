"""R2 to R4, R6 to R14: the counter, judged from recorded facts."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from servicelane.audit.amounts import added, amount_of
from servicelane.audit.consent import revision
from servicelane.audit.findings import Broken, Rules
from servicelane.audit.standing import TOUCHES
from servicelane.audit.story import Recorded, Story
from shared.branch import Branch
from shared.contracts import delivery as d
from shared.contracts import followup as f
from shared.contracts import reception as r
from shared.contracts import workshop as w
from shared.contracts.values import FaultState, OrderItem, Payer
from shared.money import Money

rules = Rules()

COVERS = {"seat", "wheel", "floor"}
EXPLAINED = ("payment_ways_told", "delivery_procedure_explained", "order_explained")


@rules("R2", r.EstimateGiven, r.WorkOrderSigned)
def checked_in_before_order(step: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if not story.before(step, r.VehicleCheckedIn):
        yield f"{type(step.fact).__name__} before the check-in sheet was complete"


@rules("R2", r.VehicleCheckedIn)
def check_in_sheet_complete(checked_in: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    sheet = checked_in.fact
    if missing := COVERS - set(sheet.covers_fitted):
        yield f"covers not fitted: {', '.join(sorted(missing))}"
    if sheet.odometer_km is None and not sheet.odometer_unreadable:
        yield "no odometer reading and no reason"
    if sheet.fuel is None and not sheet.fuel_unreadable:
        yield "no fuel reading and no reason"


@rules("R2", r.VehicleCheckedIn, house_rule=True)
def check_in_sheet_signed(checked_in: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if not checked_in.truly_signed:
        yield "the signature is not over what the sheet says"
    expected = "tow_driver" if checked_in.fact.brought_by == "tow" else "customer"
    if (signer := checked_in.fact.signature.signer) != expected:
        yield f"signed by {signer}, not by the {expected.replace('_', ' ')}"


@rules("R3", r.WorkOrderSigned)
def concerns_recorded_before_order(signed: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if not any(heard.fact.words for heard in story.before(signed, r.ConcernsRecorded)):
        yield "ordered without the customer's own words on record"


@rules("R4", r.WorkOrderSigned)
def every_item_diagnosed_and_told(signed: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    said = {each.fact.item: each.fact for each in story.before(signed, r.FaultDiagnosed)}
    for item in signed.fact.items:
        diagnosis = said.get(item.item)
        if diagnosis is None or not diagnosis.customer_told:
            yield f"item {item.item} ordered without a diagnosis told to the customer"
        elif diagnosis.warranty is not item.warranty:
            yield f"item {item.item} is ordered as warranty {item.warranty}, the customer was told {diagnosis.warranty}"


@rules("R6", r.WorkOrderSigned)
def nothing_priced_before_its_inspection(signed: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    for item in signed.fact.items:
        if item.fault is FaultState.TO_BE_INSPECTED and item.kind != "diagnosis":
            yield f"item {item.item} is still to be inspected but ordered as {item.kind}"


@rules("R6", w.WorkFound)
def found_by_a_finished_inspection(found: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if found.fact.kind == "finding" and found.fact.item not in {each.fact.item for each in story.before(found, w.WorkFinished)}:
        yield f"{found.fact.found} is the finding of an inspection that was not done"


@rules("R7", d.ExitPassUsed)
def papers_asked_for(used: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    """Taken, or on record that the customer has none here. Who signs by a link may bring them after the order."""
    if story.all(r.WorkOrderSigned) and not story.before(used, r.DocumentsTaken):
        yield "the car left, and nobody had ever asked for licence and booklet"


@rules("R7", r.DocumentsTaken)
def documents_verified(taken: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    for what in ("vin", "plate", "engine_no", "owner"):
        if getattr(taken.fact, f"{what}_matches") is False:
            yield f"the papers say another {what.replace('_', ' ')} than the file, undecided"


@rules("R7", d.ExitPassUsed)
def papers_given_back(used: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    taken = {paper for each in story.all(r.DocumentsTaken) for paper in each.fact.documents}
    returned = {paper for each in story.before(used, d.DocumentsReturned) for paper in each.fact.documents}
    if kept := taken - returned:
        yield f"the car left, but these papers were not given back: {', '.join(sorted(kept))}"


@rules("R8", r.WorkOrderSigned, r.ChangeQuoted)
def parts_looked_up(step: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    looks = [look.fact.lines for look in story.before(step, r.PartsLookedUp)]
    if isinstance(step.fact, r.ChangeQuoted):
        looks.append(step.fact.lookup)
    looked_up = {line.part_no for lines in looks for line in lines}
    if missing := {part.part_no for item in step.fact.items for part in item.parts} - looked_up:
        yield f"parts never looked up: {', '.join(sorted(missing))}"


@rules("R8", r.PartsLookedUp, r.ChangeQuoted, house_rule=True)
def a_missing_part_has_a_date(step: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    lines = step.fact.lookup if isinstance(step.fact, r.ChangeQuoted) else step.fact.lines
    for line in lines:
        if not line.available and line.expected_on is None:
            yield f"{line.part_no} is not on hand, and nobody said when it comes"


@rules("R9", r.EstimateGiven, r.WorkOrderSigned, r.OrderRevised)
def estimate_adds_up(priced: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    fact = priced.fact
    labour = added(item.labour for item in fact.items)
    parts = added(part.amount for item in fact.items for part in item.parts)
    if labour != added((fact.labour,)) or parts != added((fact.parts,)) or added((fact.labour, fact.parts)) != added((fact.total,)):
        yield f"the lines do not make {fact.labour} + {fact.parts} = {fact.total}"
    for item in fact.items:
        for part in item.parts:
            if part.unit_price * part.quantity != part.amount:
                yield f"{part.quantity} × {part.unit_price} is not {part.amount} ({part.part_no})"


@rules("R9", r.EstimateGiven, r.ChangeQuoted, of_site=True)
def a_price_off_the_list_has_its_reason(priced: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    """By the list that it says it was priced by, which has to be one that the branch had: of a new one reception hears a little later."""
    prices = {part_no: [part.unit_price] for part_no, part in branch.parts.items()}
    for each in site.before(priced, r.PartPriced):
        prices.setdefault(each.fact.part_no, []).extend((each.fact.former, each.fact.unit_price))
    listed = priced.fact.listed
    if listed is None:
        unknown = {part.part_no: part.unit_price.amount for item in priced.fact.items for part in item.parts}
        parts = unknown | {part_no: known[-1] for part_no, known in prices.items()}
        listed = r.PriceList(labour_rate=branch.site.prices.labour_rate_per_hour, parts=parts)
    elif strange := [*_strange_rate(priced, site, branch), *_strange_prices(listed, prices)]:
        yield f"priced by a list that the branch never had: {', '.join(strange)}"
    for item in priced.fact.items:
        if item in _as_before(priced, site):
            continue
        dearer = [part.part_no for part in item.parts if part.unit_price.amount != listed.parts.get(part.part_no)]
        off_list = ["labour", *dearer] if item.labour != Money.of(item.hours * listed.labour_rate, item.labour.currency) else dearer
        if off_list and not item.price_reason:
            yield f"item {item.item}: {', '.join(off_list)} off the list, and no reason on record"


def _strange_rate(priced: Recorded, site: Story, branch: Branch) -> Iterator[str]:
    changes = [each.fact for each in site.before(priced, f.SiteSettingChanged) if each.fact.key == "prices.labour_rate_per_hour"]
    said = {str(rate) for change in changes for rate in (change.before, change.value)}
    rates = {branch.site.prices.labour_rate_per_hour, *(Decimal(rate) for rate in said if re.fullmatch(r"\d+(\.\d+)?", rate))}
    if priced.fact.listed.labour_rate not in rates:
        yield "labour"


def _strange_prices(listed: r.PriceList, had: Mapping[str, list[Decimal]]) -> list[str]:
    return [part_no for part_no, price in listed.parts.items() if price not in had.get(part_no, [price])]


def _as_before(priced: Recorded, site: Story) -> list[OrderItem]:
    """Of a quote that only says who bears the insurer's gap (W8): the items as they were quoted, whose prices stay."""
    if not isinstance(priced.fact, r.ChangeQuoted) or not any(item.gap_to for item in priced.fact.items):
        return []
    visit, answers_to = priced.fact.visit, priced.fact.answers_to
    before = [each.fact for each in site.before(priced, r.ChangeQuoted) if (each.fact.visit, each.fact.change) == (visit, answers_to)]
    bearers = {item.item: {"insurer_up_to": item.insurer_up_to, "gap_to": item.gap_to} for item in priced.fact.items}
    return [item.model_copy(update=bearers.get(item.item, {})) for quote in before for item in quote.items]


@rules("R9", r.WorkOrderSigned)
def order_is_the_accepted_estimate(signed: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if not (accepted := story.newest(signed, r.EstimateAccepted)):
        yield "signed without an accepted estimate"
        return
    given = [each for each in story.before(accepted, r.EstimateGiven) if each.fact.number == accepted.fact.number]
    agreed = [item for item in given[-1].fact.items if item.item in accepted.fact.items] if given else []
    if not agreed or agreed != list(signed.fact.items):
        yield "the order's lines are not those of the accepted estimate", accepted
    elif accepted.fact.content_hash != given[-1].content_hash:
        yield "the customer accepted another estimate than the one on record", accepted


@rules("R9", r.EstimateAccepted, house_rule=True)
def estimate_accepted_while_valid(accepted: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    for given in story.before(accepted, r.EstimateGiven):
        same = given.fact.number == accepted.fact.number
        if same and accepted.at.astimezone(branch.site.zone).date() > given.fact.valid_until:
            yield "the estimate was accepted after its validity", given


@rules("R9", r.OrderRevised, house_rule=True)
def prices_freeze_at_consent(revised: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    before = revision(story, revised.fact.revision - 1)
    frozen = {item.item: item for item in before.fact.items} if before else {}
    for item in revised.fact.items:
        if item.item in frozen and frozen[item.item] != item:
            yield f"item {item.item} is not what the customer had consented to"


@rules("R10", r.CompletionPromised)
def promise_is_possible(promised: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if promised.fact.promised_at < max(promised.fact.earliest, promised.at):
        yield f"promised for {promised.fact.promised_at.isoformat()}, possible from {promised.fact.earliest.isoformat()}"


@rules("R10", r.WorkOrderSigned)
def time_promised_before_order(signed: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    promised = story.newest(signed, r.CompletionPromised)
    if promised is None or promised.fact.promised_at != signed.fact.promised_at:
        yield "the order's time is not the one that was promised"


@rules("R11", *TOUCHES)
def work_starts_after_signature(work: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if not story.before(work, r.WorkOrderSigned):
        yield f"{type(work.fact).__name__} without a signed work order"


@rules("R11", r.WorkOrderSigned)
def order_explained_and_signed(signed: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if not signed.truly_signed:
        yield "the signature is not over what the order says"
    if (signer := signed.fact.signature.signer) != "customer":
        yield f"signed by {signer}, not by the customer"
    for said in EXPLAINED:
        if not getattr(signed.fact, said):
            yield f"not on record: {said.replace('_', ' ')}"
    owed_by = _owed_by(signed.fact)
    if (signed.fact.pays or owed_by & {None, Payer.CUSTOMER}) and sum(pay.share for pay in signed.fact.pays) != 1:
        yield "the chosen ways to pay are not the whole"
    if Payer.CUSTOMER in owed_by and not any(pay.method not in ("insurer", "on_account") for pay in signed.fact.pays):
        yield "an item is the customer's own to pay, and no way to pay it was chosen"
    if story.before(signed, r.WorkOrderSigned):
        yield "signed twice"


def _owed_by(order: r.WorkOrderSigned) -> set[Payer | None]:
    """Who was named for what is not free; None where the chosen ways to pay share it."""
    return {item.payer for item in order.items if not item.free_for_customer and amount_of(item)}


@rules("R11", d.ExitPassUsed)
def order_printed_for_the_customer(used: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if not story.all(r.WorkOrderSigned):
        return
    printed = story.before(used, r.WorkOrderPrinted)
    for paper, prints in (("order", printed), ("check-in sheet", story.before(used, r.CheckInSheetPrinted))):
        if not any("customer" in each.fact.copies for each in prints):
            yield f"the car left, and the customer's copy of the {paper} was never printed"
    if not any(each.fact.customer_copies_given for each in printed):
        yield "the car left, and the customer's copies were never given"


@rules("R12", r.WorkOrderSigned)
def told_that_new_work_waits_for_consent(signed: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if not signed.fact.new_work_rule_told:
        yield "the customer was not told that newly found work is done only with consent"


@rules("R13", r.CarHandedOver)
def waiting_place_known(handed: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if not story.before(handed, r.WaitingPlaceRecorded):
        yield "nobody recorded where the customer waits"


@rules("R14", r.InquiryEnded)
def an_inquiry_has_no_order(ended: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if signed := story.newest(ended, r.WorkOrderSigned):
        yield "ended as an inquiry, but an order is signed", signed


@rules("R14", d.ExitPassIssued)
def leaves_unsettled_only_unsigned_or_untouched(issued: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if issued.fact.settlement is not None:
        return
    if not any(each.fact.reason for each in story.before(issued, d.CarReleasedUnsettled)):
        yield "an exit pass without a settlement, and no reason on record"
    untouched = [ended for ended in story.before(issued, w.JobEnded) if not ended.fact.touched]
    if not untouched and not story.before(issued, r.InquiryEnded):
        yield "an exit pass without a settlement, though the visit did not end unsigned or untouched"
    hands = story.before(issued, *TOUCHES, w.SelfInspected, w.LeaderInspected, w.DamageReported, w.BelongingsMoved, w.CarMoved)
    if touched := [each for each in hands if not isinstance(each.fact, w.CarMoved) or each.fact.for_work]:
        yield "an exit pass without a settlement, though the car was touched", touched[0]
