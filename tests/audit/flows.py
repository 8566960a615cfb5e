"""The honest journals: visits that went by the procedure, each another way through it."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from shared.contracts import followup as f
from shared.contracts.followup import OpinionRecorded
from shared.contracts.values import Channel, Payer, PaymentChoice
from tests.audit.changes import Journal, of_complaint
from tests.audit.goods import BALANCED, COVERED, FOUND, INSPECTION, ITEM, SAFETY, UNCLEAR
from tests.audit.hand import VISIT, Step

REPAIR = FOUND.model_copy(update={"item": "i2"})
HALF_INSURED = tuple(PaymentChoice(method=method, share=Decimal("0.5")) for method in ("insurer", "card"))


def _to_signature(visit: Journal) -> None:
    visit.arrive()
    visit.check_in()
    visit.consult()
    visit.estimate()
    visit.order()


def _to_work(visit: Journal) -> None:
    _to_signature(visit)
    visit.hand_over()
    visit.accept()
    visit.dispatch(*(item.item for item in visit.items))
    visit.take()


def _inspected(visit: Journal) -> None:
    visit.leader_inspects()
    visit.qc_passes()


def _to_the_customer(visit: Journal) -> None:
    visit.wash_and_park()
    visit.check_and_call()
    visit.show()


def _out(visit: Journal) -> None:
    visit.pay()
    visit.issue_pass()
    visit.leave()
    visit.follow_up()


def _to_the_end(visit: Journal) -> None:
    _inspected(visit)
    _to_the_customer(visit)
    visit.settle()
    _out(visit)


def parts_returned() -> list[Step]:
    """One of six weights comes back after the inspection, another after the settlement."""
    visit = Journal(items=(BALANCED,))
    _to_work(visit)
    visit.work(BALANCED)
    _inspected(visit)
    visit.part_comes_back(BALANCED, stays=5)
    _to_the_customer(visit)
    visit.settle()
    visit.part_comes_back(BALANCED, stays=4)
    _out(visit)
    return visit.steps


def claimed_part_returned() -> list[Step]:
    """Of an item that the warranty pays a weight comes back after the settlement: its claim becomes less."""
    free = BALANCED.model_copy(update={"warranty": COVERED.warranty})
    visit = Journal(items=(free,), pays=())
    _to_work(visit)
    visit.work(free)
    _inspected(visit)
    _to_the_customer(visit)
    visit.settle(covered=(free.item,))
    visit.part_comes_back(free, stays=5)
    visit.issue_pass()
    visit.leave()
    visit.follow_up()
    return visit.steps


def clean() -> list[Step]:
    visit = Journal()
    _to_work(visit)
    visit.work(ITEM)
    _to_the_end(visit)
    return visit.steps


def add_on_accepted() -> list[Step]:
    """By appointment; sent back at the handover, late, belongings refused; something is found, accepted and done."""
    visit = Journal()
    visit.come_by_appointment()
    _to_signature(visit)
    visit.hand_over()
    visit.send_back()
    visit.hand_over()
    visit.accept()
    visit.dispatch("i1")
    visit.take()
    visit.ask_for_belongings()
    visit.report_late()
    visit.work(ITEM)
    visit.find(FOUND)
    visit.answer(visit.quote(FOUND), accepts=True)
    visit.take_revision()
    visit.dispatch("found-1")
    visit.work(FOUND)
    _to_the_end(visit)
    return visit.steps


def _with_an_insured_add_on(visit: Journal) -> list[Step]:
    """From the consent of all who pay for it to the end; the insurer owes its share."""
    visit.take_revision()
    visit.dispatch("found-1")
    visit.work(visit.items[-1])
    _inspected(visit)
    _to_the_customer(visit)
    visit.settle()
    visit.insurer_owes()
    _out(visit)
    return visit.steps


def insured_add_on() -> list[Step]:
    """The insurer pays half; of what is found it approves less than its half, the house bears the rest, and the customer agrees."""
    visit = Journal(pays=HALF_INSURED)
    _to_work(visit)
    visit.work(ITEM)
    visit.find(FOUND)
    quoted = visit.quote(FOUND)
    visit.insurer_approves(quoted, 200)
    visit.answer(visit.house_bears_gap(quoted, 200), accepts=True)
    return _with_an_insured_add_on(visit)


def add_on_of_the_insurer() -> list[Step]:
    """The customer pays the order, and the insurer all of what was found, to which it has consented (EDGE_CASES 7)."""
    visit = Journal()
    _to_work(visit)
    visit.work(ITEM)
    visit.find(FOUND)
    quoted = visit.quote(FOUND.model_copy(update={"payer": Payer.INSURER}))
    visit.insurer_approves(quoted, 594)
    visit.answer(quoted, accepts=True)
    return _with_an_insured_add_on(visit)


def insured_by_two_claims() -> list[Step]:
    """The insurer pays half: 171 by one claim, 100 by another, and of each as much is on account."""
    visit = Journal(pays=HALF_INSURED)
    _to_work(visit)
    visit.work(ITEM)
    _inspected(visit)
    _to_the_customer(visit)
    visit.settle()
    visit.insurer_owes(171)
    _out(visit)
    return visit.steps


def add_on_declined() -> list[Step]:
    visit = Journal()
    _to_work(visit)
    visit.work(ITEM)
    visit.find(FOUND)
    visit.answer(visit.quote(FOUND), accepts=False)
    _to_the_end(visit)
    return visit.steps


def add_on_accepted_later() -> list[Step]:
    """Declined, the car passed; then accepted: the pass is void, the car is worked on, inspected and washed again."""
    visit = Journal()
    _to_work(visit)
    visit.work(ITEM)
    visit.find(FOUND)
    refused = visit.quote(FOUND)
    visit.answer(refused, accepts=False)
    _inspected(visit)
    visit.advised = (SAFETY,)
    visit.answer(visit.quote(FOUND, answers_to=refused.change), accepts=True)
    visit.take_revision(voids_pass=True)
    visit.dispatch("found-1")
    visit.work(FOUND)
    _to_the_end(visit)
    return visit.steps


def wish_after_settlement() -> list[Step]:
    """A wish when all is paid: the settlement is countered, the pass revoked, the car goes back, and what was paid counts."""
    visit = Journal()
    _to_work(visit)
    visit.work(ITEM)
    _inspected(visit)
    _to_the_customer(visit)
    visit.settle()
    visit.pay()
    visit.issue_pass()
    wish = FOUND.model_copy(update={"item": "wish-1"})
    visit.answer(visit.quote(wish), accepts=True)
    visit.return_car()
    visit.take_revision(voids_pass=True)
    visit.dispatch("wish-1")
    visit.work(wish)
    _to_the_end(visit)
    return visit.steps


def damaged() -> list[Step]:
    """After the final inspection: it is void, the damage repaired, and the car inspected anew."""
    visit = Journal()
    _to_work(visit)
    visit.work(ITEM)
    _inspected(visit)
    visit.damage()
    visit.repair_damage()
    visit.qc_passes()
    _to_the_customer(visit)
    visit.settle()
    _out(visit)
    return visit.steps


def failed_twice() -> list[Step]:
    """The inspection fails twice; the belongings may be moved, the customer wants the car as promised."""
    visit = Journal()
    _to_work(visit)
    visit.ask_for_belongings(agrees=True)
    visit.report_late("wants_car_as_promised")
    visit.work(ITEM)
    for _ in range(2):
        visit.leader_inspects()
        visit.qc_fails("i1")
        visit.do("i1")
    _to_the_end(visit)
    return visit.steps


def sent_back_by_the_leader() -> list[Step]:
    """The leader does not pass it, it is done anew; then a leader of another team stands in."""
    visit = Journal()
    _to_work(visit)
    visit.work(ITEM)
    visit.leader_sends_back("i1")
    visit.do("i1")
    visit.leader_inspects(stand_in="leader-e")
    visit.qc_passes()
    _to_the_customer(visit)
    visit.settle()
    _out(visit)
    return visit.steps


def _with_unclear_item() -> Journal:
    """Item i2 awaits its ruling at delivery: reserved, released, left out of the settlement."""
    visit = Journal(items=(ITEM, UNCLEAR))
    _to_work(visit)
    visit.work(ITEM)
    visit.work(UNCLEAR)
    _inspected(visit)
    _to_the_customer(visit)
    visit.reserve("i2")
    visit.settle(awaiting=("i2",))
    visit.pay()
    visit.issue_pass()
    visit.leave()
    return visit


def ruled_covered_after_delivery() -> list[Step]:
    visit = _with_unclear_item()
    visit.call_due("first", "left", 1, 3, 7)
    visit.open_file()
    visit.rule("i2", covers=True, hours=20)
    visit.claim(UNCLEAR, "ruled")
    visit.hold_call("first", "brakes", 2)
    visit.second_call()
    return visit.steps


def ruled_rejected_after_delivery() -> list[Step]:
    visit = _with_unclear_item()
    visit.call_due("first", "left", 1, 3, 7)
    visit.open_file()
    visit.rule("i2", covers=False, hours=20)
    visit.supplement(UNCLEAR)
    visit.hold_call("first", "brakes", 2)
    visit.second_call()
    return visit.steps


def ruled_before_delivery() -> list[Step]:
    visit = Journal(items=(ITEM, UNCLEAR), wash=False)
    _to_work(visit)
    visit.rule("i2", covers=True)
    visit.work(ITEM)
    visit.work(UNCLEAR)
    _inspected(visit)
    _to_the_customer(visit)
    visit.settle(covered=("i2",))
    _out(visit)
    return visit.steps


def under_warranty_alone() -> list[Step]:
    """The customer's side owes nothing, so that no way to pay is chosen."""
    visit = Journal(items=(COVERED,), pays=(), wash=False)
    _to_work(visit)
    visit.work(COVERED)
    _inspected(visit)
    _to_the_customer(visit)
    visit.settle(covered=("i2",))
    visit.issue_pass()
    visit.leave()
    visit.follow_up()
    return visit.steps


def cancelled_before_signature() -> list[Step]:
    visit = Journal()
    visit.arrive()
    visit.check_in()
    visit.consult()
    visit.estimate()
    visit.end_as_inquiry()
    visit.call_due("first", "inquiry_ended", 1, 3, 7)
    visit.issue_pass()
    visit.leave()
    visit.open_file()
    visit.hold_call("first", "brakes", 2)
    visit.second_call()
    return visit.steps


def cancelled_after_inspection() -> list[Step]:
    visit = Journal(items=(INSPECTION,), advised=())
    _to_work(visit)
    visit.work(INSPECTION)
    visit.find(FOUND, inspected="i1")
    visit.quote(FOUND)
    visit.cancel()
    visit.done("found-1")
    _to_the_end(visit)
    return visit.steps


def cancelled_before_the_repair() -> list[Step]:
    """The inspection that was ordered is done and charged, the repair that was ordered with it is not."""
    visit = Journal(items=(INSPECTION, REPAIR))
    _to_work(visit)
    visit.work(INSPECTION)
    visit.end_before(REPAIR)
    _to_the_end(visit)
    return visit.steps


def cancelled_under_way() -> list[Step]:
    """The repair had been begun when the customer ended the order: it is put together again, and not charged."""
    visit = Journal(items=(INSPECTION, REPAIR))
    _to_work(visit)
    visit.work(INSPECTION)
    visit.begin(REPAIR.item)
    visit.end_before()
    visit.reassemble(REPAIR)
    _to_the_end(visit)
    return visit.steps


def cancelled_before_any_work() -> list[Step]:
    """The fault was confirmed and nothing begun: the car is inspected as it was received, and nothing is charged."""
    visit = Journal(advised=())
    _to_work(visit)
    visit.confirm("i1")
    visit.end_before(ITEM)
    visit.qc_passes()
    _to_the_customer(visit)
    visit.settle()
    visit.issue_pass()
    visit.leave()
    visit.follow_up()
    return visit.steps


def _with_complaint() -> Journal:
    visit = Journal()
    _to_work(visit)
    visit.work(ITEM)
    _inspected(visit)
    _to_the_customer(visit)
    visit.settle()
    visit.pay()
    visit.issue_pass()
    visit.leave()
    visit.call_due("first", "left", 1, 3, 7)
    visit.open_file()
    entry = OpinionRecorded.Entry(entry=f"{VISIT}-first-1", kind="complaint", text="text:followup:5", owner="agent-1")
    visit.hold_call("first", "brakes", 2, entries=(entry,))
    visit.complain()
    return visit


def complaint_until_content() -> list[Step]:
    """Reported, decided, not content with the first solution, content in the end."""
    visit = _with_complaint()
    of = of_complaint()
    visit.complaint_step("reported", f.ComplaintReported(**of, by="agent-1", reason="text:followup:6"), days=1)
    decided = f.ComplaintDecided(**of, supervisor="bizsup-1", decision="text:followup:7", due_on=visit.clock.date() + timedelta(days=3))
    visit.complaint_step("decided", decided, by="bizsup-1")
    for content in (False, True):
        visit.complaint_step("solved", f.SolutionFound(**of, by="agent-1", solution="text:followup:8", tell_by=visit.clock), days=1)
        told = f.CustomerToldSolution(**of, by="agent-1", channel=Channel.PHONE, content=content, call="")
        visit.complaint_step("told_solution", told.model_copy(update={"call": visit.register("complaint_call", purpose="complaint")}))
    visit.did("complaint_closed", "followup", "agent-1", f.ComplaintClosed(**of), minutes=0)
    visit.second_call()
    return visit.steps


def complaint_unsolved() -> list[Step]:
    """Reported on the second working day, still worked on a week later."""
    visit = _with_complaint()
    visit.complaint_step("reported", f.ComplaintReported(**of_complaint(), by="system", itself=True), days=2)
    visit.second_call()
    return visit.steps


def month_summed_up() -> list[Step]:
    """The supervisor's summary of a month, beside a visit."""
    visit = Journal()
    _to_work(visit)
    visit.work(ITEM)
    _to_the_end(visit)
    visit.sum_up("2026-03")
    return visit.steps


FLOWS: dict[str, Callable[[], list[Step]]] = {
    flow.__name__: flow
    for flow in (
        clean,
        claimed_part_returned,
        parts_returned,
        add_on_accepted,
        insured_add_on,
        add_on_of_the_insurer,
        insured_by_two_claims,
        add_on_declined,
        add_on_accepted_later,
        wish_after_settlement,
        damaged,
        failed_twice,
        sent_back_by_the_leader,
        ruled_covered_after_delivery,
        ruled_rejected_after_delivery,
        ruled_before_delivery,
        under_warranty_alone,
        cancelled_before_signature,
        cancelled_after_inspection,
        cancelled_before_the_repair,
        cancelled_under_way,
        cancelled_before_any_work,
        complaint_until_content,
        complaint_unsolved,
        month_summed_up,
    )
}
