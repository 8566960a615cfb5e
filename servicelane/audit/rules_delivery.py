"""D1 to D9 and the gate, judged from recorded facts."""

from collections.abc import Iterator

from servicelane.audit.findings import Broken, Rules
from servicelane.audit.story import Recorded, Story
from shared.branch import Branch
from shared.contracts import delivery as d
from shared.contracts import reception as r
from shared.contracts import workshop as w
from shared.contracts.event import NoticeRaised
from shared.contracts.values import OrderItem, Payer, Warranty
from shared.money import Money
from shared.signing import content_hash

rules = Rules()

CHECK_POINTS = {
    "completion_recorded",
    "inspector_signature",
    "faults_gone",
    "replaced_parts_at_hand",
    "clean_inside_and_out",
    "outside_matches_sheet",
    "spare_wheel_and_tools",
    "nothing_left_behind",
}


def _ordered_lines(items: tuple[OrderItem, ...]) -> dict[tuple[str, str, str], Money]:
    """What the settlement has to equal: labour and parts of each item, added up by operation or part."""
    lines: dict[tuple[str, str, str], Money] = {}
    for item in items:
        for kind, code, amount in (("labour", item.operation, item.labour), *(("part", p.part_no, p.amount) for p in item.parts)):
            key = (item.item, kind, code)
            lines[key] = lines[key] + amount if key in lines else amount
    return {key: amount for key, amount in lines.items() if amount}


@rules("D1")
def delivered_from_a_known_spot(story: Story, branch: Branch) -> Iterator[Broken]:
    for ready in story.all(d.CarReady):
        if not story.before(w.CarParked, ready):
            yield "ready for delivery without being parked", ready
        if not any(told.fact.clause == "D1" and told.at >= ready.at for told in story.all(NoticeRaised)):
            yield "the advisor was not told that the car is done and where it stands", ready


@rules("D1")
def papers_back_before_the_customer_comes(story: Story, branch: Branch) -> Iterator[Broken]:
    for closed in story.all(d.SettlementClosed):
        if not story.before(d.PapersReceived, closed):
            yield "settled without key and papers back with the advisor", closed


@rules("D2")
def checked_before_the_call(story: Story, branch: Branch) -> Iterator[Broken]:
    for called in story.all(d.CustomerCalled):
        if not story.before(d.InternalCheckPassed, called):
            yield "the customer was called before the internal check", called
    signed = story.last(r.WorkOrderSigned)
    for checked in story.all(d.InternalCheckPassed):
        if missing := CHECK_POINTS - set(checked.fact.checklist):
            yield f"internal check without {', '.join(sorted(missing))}", checked
        if signed and (items := {item.item for item in signed.fact.items} - set(checked.fact.items)):
            yield f"internal check without items {', '.join(sorted(items))}", checked


@rules("D3")
def big_jobs_not_at_peak_hour(story: Story, branch: Branch) -> Iterator[Broken]:
    signed = story.last(r.WorkOrderSigned)
    big = signed and any(item.kind in ("major_repair", "accident") for item in signed.fact.items)
    for called in story.all(d.CustomerCalled):
        local = called.fact.delivery_at.astimezone(branch.site.zone).time()
        if big and any(start <= local < end for start, end in branch.site.shop.peak_hours):
            yield f"a major repair or accident car was given {local:%H:%M}", called


@rules("D4")
def accompanied_check_before_settlement(story: Story, branch: Branch) -> Iterator[Broken]:
    for closed in story.all(d.SettlementClosed):
        if not story.before(d.AccompaniedCheckDone, closed):
            yield "settled without the accompanied check", closed


@rules("D5")
def settlement_equals_consent(story: Story, branch: Branch) -> Iterator[Broken]:
    for closed in story.all(d.SettlementClosed):
        signed = story.before(r.WorkOrderSigned, closed)
        if not signed or signed[-1].fact.revision != closed.fact.revision:
            yield "settled without the signed order of that revision", closed
            continue
        lines: dict[tuple[str, str, str], Money] = {}
        for line in closed.fact.lines:
            key = (line.item, line.kind, line.code)
            lines[key] = lines[key] + line.amount if key in lines else line.amount
        if {key: amount for key, amount in lines.items() if amount} != _ordered_lines(signed[-1].fact.items):
            yield "the settlement's lines are not the consented ones at their frozen prices", closed, signed[-1]
        passed = story.before(w.QcPassed, closed)
        if passed and passed[-1].fact.revision != closed.fact.revision:
            yield "the settled revision is not the one that QC judged", closed, passed[-1]


@rules("D5")
def shares_make_every_line_to_the_cent(story: Story, branch: Branch) -> Iterator[Broken]:
    for closed in story.all(d.SettlementClosed):
        zero = closed.fact.total * 0
        owed: dict[Payer, Money] = {}
        for line in closed.fact.lines:
            if sum(line.shares.values(), start=zero) != line.amount:
                yield f"the shares of line {line.line} do not make {line.amount}", closed
            for payer, share in line.shares.items():
                owed[payer] = owed.get(payer, zero) + share
        if {p: m for p, m in owed.items() if m} != {p: m for p, m in closed.fact.owed.items() if m}:
            yield "what the payers owe is not what their lines say", closed
        if sum((line.amount for line in closed.fact.lines), start=zero) != closed.fact.total:
            yield "the lines do not make the total", closed


@rules("D5")
def free_items_cost_nothing(story: Story, branch: Branch) -> Iterator[Broken]:
    signed = story.last(r.WorkOrderSigned)
    free = {item.item for item in signed.fact.items if item.free_for_customer} if signed else set()
    for closed in story.all(d.SettlementClosed):
        for line in closed.fact.lines:
            charged = [p for p, share in line.shares.items() if share and p is not Payer.WARRANTY]
            if line.item in free and charged:
                yield f"item {line.item} is free for the customer but charged to {', '.join(charged)}", closed


@rules("R5")
def nothing_unruled_is_settled(story: Story, branch: Branch) -> Iterator[Broken]:
    signed = story.last(r.WorkOrderSigned)
    unclear = {item.item for item in signed.fact.items if item.warranty is Warranty.UNCLEAR} if signed else set()
    for closed in story.all(d.SettlementClosed):
        if settled := unclear & {line.item for line in closed.fact.lines}:
            yield f"settled before the manufacturer ruled: {', '.join(sorted(settled))}", closed


@rules("D5")
def settlement_signed(story: Story, branch: Branch) -> Iterator[Broken]:
    for closed in story.all(d.SettlementClosed):
        fact = closed.fact
        if not fact.content_hash == fact.signature.content_hash == content_hash(fact):
            yield "the signature is not over what the settlement says", closed


def _covered(story: Story, moment: Recorded) -> dict[Payer, Money]:
    paid: dict[Payer, Money] = {}
    seen: set[str] = set()
    for step in (*story.before(d.PaymentTaken, moment), *story.before(d.PutOnAccount, moment)):
        payment = getattr(step.fact, "payment", step.id)
        if payment not in seen:
            seen.add(payment)
            paid[step.fact.payer] = paid.get(step.fact.payer, step.fact.amount * 0) + step.fact.amount
    return paid


@rules("D5", house_rule=True)
def paid_or_on_account_before_the_pass(story: Story, branch: Branch) -> Iterator[Broken]:
    for issued in story.all(d.ExitPassIssued):
        closed = story.before(d.SettlementClosed, issued)
        if not closed:
            yield "exit pass without a settlement", issued
            continue
        covered = _covered(story, issued)
        for payer, owed in closed[-1].fact.owed.items():
            if payer not in (Payer.WARRANTY, Payer.GOODWILL) and owed and covered.get(payer, owed * 0) < owed:
                yield f"exit pass though {payer} still owes {owed - covered.get(payer, owed * 0)}", issued, closed[-1]


@rules("D5", house_rule=True)
def one_exit_pass_used_once(story: Story, branch: Branch) -> Iterator[Broken]:
    issued, used = story.all(d.ExitPassIssued), story.all(d.ExitPassUsed)
    if len(issued) > 1:
        yield f"{len(issued)} exit passes for one visit", *issued
    if len(used) > 1:
        yield f"the exit pass was used {len(used)} times", *used
    for use in used:
        if use.fact.number not in {x.fact.number for x in story.before(d.ExitPassIssued, use)}:
            yield "the car left on a pass that was not issued", use


@rules("D5", house_rule=True)
def the_approver_is_not_the_cashier(story: Story, branch: Branch) -> Iterator[Broken]:
    cashiers = {x.fact.cashier for x in story.all(d.PaymentTaken)}
    for put in story.all(d.PutOnAccount):
        if put.fact.approver in cashiers:
            yield f"{put.fact.approver} took money and approved an account on the same visit", put


@rules("D6")
def safety_items_answered_before_settlement(story: Story, branch: Branch) -> Iterator[Broken]:
    for closed in story.all(d.SettlementClosed):
        passed = story.before(w.QcPassed, closed)
        answers = {x.fact.recommendation: x.fact for x in story.before(d.RecommendationAnswered, closed)}
        for recommendation in passed[-1].fact.recommendations if passed else ():
            answer = answers.get(recommendation.recommendation)
            if recommendation.recommendation not in {x.recommendation for x in closed.fact.recommendations}:
                yield f"recommended {recommendation.operation} is not on the settlement", closed
            if not recommendation.safety:
                continue
            if answer is None:
                yield f"safety item {recommendation.operation} unanswered at settlement", closed
            elif answer.answer != "accepts" and not (answer.consequence_explained and answer.note and answer.signature):
                yield f"safety item {recommendation.operation} refused without the customer's signed note", closed


@rules("D8")
def next_maintenance_on_the_settlement(story: Story, branch: Branch) -> Iterator[Broken]:
    for closed in story.all(d.SettlementClosed):
        collected = story.before(d.NextMaintenanceSet, closed)
        if not collected or collected[-1].fact.next != closed.fact.next:
            yield "the next maintenance was not collected before the settlement was printed", closed


@rules("D9")
def call_hour_on_the_settlement(story: Story, branch: Branch) -> Iterator[Broken]:
    for closed in story.all(d.SettlementClosed):
        confirmed = story.before(d.CallHourConfirmed, closed)
        if not confirmed or confirmed[-1].fact.hour != closed.fact.call_hour:
            yield "the call hour was not confirmed before the settlement was printed", closed


@rules("R7")
def papers_given_back(story: Story, branch: Branch) -> Iterator[Broken]:
    for used in story.all(d.ExitPassUsed):
        taken = {paper for x in story.all(r.DocumentsTaken) for paper in x.fact.documents}
        returned = {paper for x in story.before(d.DocumentsReturned, used) for paper in x.fact.documents}
        if kept := taken - returned:
            yield f"the car left, but these papers were not given back: {', '.join(sorted(kept))}", used
