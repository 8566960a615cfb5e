"""No sequence of moves, by anybody, gets a car past W8 or W11, or out of the workshop without them: with revisions, rework, returns."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from services.workshop import damage, dispatch, found, handover, inspection, parking, parts, revision, wash, work
from services.workshop.job import Job
from services.workshop.revision import Order
from services.workshop.stock import Stock
from shared.branch import Branch
from shared.contracts.delivery import CarReturned
from shared.contracts.event import Event
from shared.contracts.reception import OrderCancelled
from shared.contracts.workshop import (
    CarCameBack,
    CarMoved,
    CarParked,
    DamageDecided,
    DamageRepaired,
    FaultConfirmed,
    ItemReassembled,
    LeaderInspected,
    PartsIssued,
    PartsReturned,
    QcFailed,
    QcPassed,
    RecommendationsWritten,
    RevisionTaken,
    SelfInspected,
    WashFinished,
    WashStarted,
    WorkDeclined,
    WorkFinished,
    WorkStarted,
)
from shared.refusal import Problem
from tests.workshop.shop import BRANCH, CLEAN_PATH, NOW, SUPERVISOR, VISIT, Move, handed_over, order, revised, slip

ITEMS = {"item-1": "R-THERM", "item-2": "M-ALIGN"}
FOUND = {f"found-{number}": "M-10K" for number in (1, 2)}
ALL = ITEMS | FOUND
PEOPLE = ("leader-e", "tech-4", "tech-9")


def _all_rounders() -> Branch:
    """The hardest branch for W11: everybody may do everything, so only what they did can speak against them."""
    roles = ("team_leader", "technician", "qc_inspector")
    staff = {**BRANCH.staff, **{name: BRANCH.staff[name].model_copy(update={"roles": roles}) for name in PEOPLE}}
    return BRANCH.model_copy(update={"staff": staff})


HARDEST = _all_rounders()
people = st.sampled_from(PEOPLE)
items = st.sampled_from(tuple(ALL))


class Workshop(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.job = Job(id=VISIT)
        self.told: list[Event] = []
        self.published: Order | None = None

    def attempt(self, move: Move) -> None:
        try:
            events: Sequence[Event] = move(self.job)
        except Problem:
            return
        self.job = self.job.after(events)
        for event in events:
            self.judge(event, self.told)
            self.told.append(event)

    @initialize(wash=st.booleans())
    def accept(self, wash: bool) -> None:
        self.attempt(CLEAN_PATH["announce"])
        self.attempt(lambda job: handover.open_job(job, order(*ITEMS.items(), wash=wash)))
        self.attempt(lambda job: handover.offer(job, handed_over()))
        self.attempt(CLEAN_PATH["accept"])

    @rule(people=st.permutations(PEOPLE), judge=st.sampled_from((*PEOPLE, "qc-1", "qc-1", "")))
    def push_on(self, people: list[str], judge: str) -> None:
        """A stretch of the proper way, so that many runs come to the final inspection, and beyond it."""
        *workers, leader = people
        for number, item in enumerate(self.job.items):
            worker = workers[number % 2]
            self.give_out(item, 3)
            self.name(item, leader, {worker, *self.job.items[item].started_by})
            self.take(worker)
            self.confirm(item, worker)
            self.draw(item, worker)
            self.do_work(item, worker, 3, passed=True)
        self.inspect_as_leader(leader, set())
        self.recommend(leader)
        if judge:
            self.pass_qc(judge)

    @rule()
    def bring_away(self) -> None:
        self.open_wash()
        self.wash_car()
        self.park()

    @rule(item=items, priority=st.integers(1, 5))
    def give_out(self, item: str, priority: int) -> None:
        given = [dispatch.Assignment(item=item, team="team-e")]
        self.attempt(lambda job: dispatch.assign(job, SUPERVISOR, priority, given, HARDEST, {}))

    @rule(item=items, leader=people, named=st.sets(people, min_size=1))
    def name(self, item: str, leader: str, named: set[str]) -> None:
        self.attempt(lambda job: dispatch.name(job, item, leader, sorted(named), HARDEST))

    @rule(person=people)
    def take(self, person: str) -> None:
        self.attempt(lambda job: work.take(job, person, None, HARDEST))

    @rule(item=items, person=people)
    def confirm(self, item: str, person: str) -> None:
        self.attempt(lambda job: work.confirm_fault(job, item, person, HARDEST, road_test=False))

    @rule(item=items, person=people)
    def draw(self, item: str, person: str) -> None:
        known = self.job.items.get(item)
        lines = known.lacking if known else dict(BRANCH.operations[ALL[item]].parts)
        stock = [Stock(id=part_no, on_hand=9) for part_no in lines]
        self.attempt(lambda job: parts.issue(job, slip(lines, item, person), stock, HARDEST, NOW))

    @rule(item=items, person=people, further=st.integers(1, 3), passed=st.booleans())
    def do_work(self, item: str, person: str, further: int, passed: bool) -> None:
        """Up to three steps in a row, so that many runs get far."""
        steps: list[Move] = [
            lambda job: work.start(job, item, person, NOW),
            lambda job: work.finish(job, item, person),
            lambda job: inspection.inspect_own_work(job, item, person, passed=passed),
        ]
        for step in steps[:further]:
            self.attempt(step)

    @rule(person=people, for_work=st.booleans(), place=st.sampled_from(("bay-1", "bay-2")))
    def move_car(self, person: str, for_work: bool, place: str) -> None:
        self.attempt(lambda job: handover.move(job, person, place, ("car",), for_work=for_work))

    @rule(person=people, sent_back=st.sets(items))
    def inspect_as_leader(self, person: str, sent_back: set[str]) -> None:
        self.attempt(lambda job: inspection.inspect_as_leader(job, person, sorted(sent_back), HARDEST, passed=not sent_back))

    @rule(person=people)
    def recommend(self, person: str) -> None:
        self.attempt(lambda job: inspection.write_recommendations(job, person, [], None, HARDEST, NOW))

    @rule(person=st.sampled_from((*PEOPLE, "qc-1")))
    def pass_qc(self, person: str) -> None:
        self.attempt(lambda job: inspection.pass_final(job, person, self.job.revision, HARDEST, NOW))

    @rule()
    def open_wash(self) -> None:
        self.attempt(wash.open_wash)

    @rule()
    def wash_car(self) -> None:
        self.attempt(lambda job: wash.start(job, "wash-1"))
        self.attempt(lambda job: wash.finish(job, "wash-1", wash.CHECKLIST))

    @rule()
    def park(self) -> None:
        self.attempt(lambda job: parking.park(job, "wash-1", "F-1", nose_to_exit=True))

    @rule(person=people, item=st.sampled_from((None, "item-1")))
    def find(self, person: str, item: str | None) -> None:
        self.attempt(lambda job: found.report(job, person, "add_on", item, "M-10K", None, HARDEST, safety=False))

    @rule(ordered=st.sets(st.sampled_from(tuple(ALL)), min_size=1), wash=st.booleans())
    def revise(self, ordered: set[str], wash: bool) -> None:
        """The customer consents to what was found, drops something, or both."""
        known = {each.found for each in self.job.found} | set(ITEMS)
        wanted = [(item, ALL[item]) for item in sorted(ordered & known)]
        if wanted and not self.job.order_ended:
            self.published = Order.of(revised(self.published.revision + 1 if self.published else 2, *wanted, wash=wash))
            self.attempt(lambda job: revision.take(job, self.published) if self.published else [])

    @rule()
    def cancel(self) -> None:
        """By the customer; not of an order that was revised (R9), and once."""
        if not self.published and not self.job.order_ended:
            ended = OrderCancelled(visit=VISIT, revision=1, kind="after_diagnosis", declined=(), advisor="advisor-1")
            self.attempt(lambda job: handover.end_untouched(job, "cancelled_before_work") or found.note_cancellation(job, ended))

    @rule(item=items, person=people)
    def reassemble(self, item: str, person: str) -> None:
        self.attempt(lambda job: work.reassemble(job, item, person))

    @rule(revised=st.booleans())
    def come_back(self, revised: bool) -> None:
        number = self.published.revision if revised and self.published else 1
        back = CarReturned(visit=VISIT, revision=number, reason="order_revised" if revised else "rattle")
        self.attempt(lambda job: revision.come_back(job, back, self.published))

    @rule(person=st.sampled_from((*PEOPLE, "qc-1")), failed=st.sets(items, min_size=1))
    def fail_qc(self, person: str, failed: set[str]) -> None:
        self.attempt(lambda job: inspection.fail_final(job, person, sorted(failed & set(job.items)) or ["item-9"], "text:1", HARDEST))

    @rule(part_no=st.sampled_from(("TH-6002", "CL-6001", "OF-2001")), opened=st.booleans())
    def return_part(self, part_no: str, opened: bool) -> None:
        self.attempt(lambda job: parts.take_back(job, "SLIP-1", part_no, 1, "parts-1", opened=opened))

    @rule(during=st.sampled_from(("work", "wash")), decision=st.sampled_from(("repair", "as_it_is")))
    def damage_it(self, during: damage.During, decision: damage.Decision) -> None:
        self.attempt(lambda job: damage.report(job, "wash-1", during, "text:1"))
        self.attempt(lambda job: damage.decide(job, f"damage-{len(job.damages)}", decision, SUPERVISOR, customer_told=True))

    @rule(person=people, number=st.integers(1, 3))
    def repair(self, person: str, number: int) -> None:
        self.attempt(lambda job: damage.repair(job, f"damage-{number}", person, "text:2"))

    @rule(number=st.integers(1, 3))
    def give_repair_up(self, number: int) -> None:
        self.attempt(lambda job: damage.decide(job, f"damage-{number}", "as_it_is", SUPERVISOR, customer_told=True))

    def judge(self, event: Event, before: Sequence[Event]) -> None:
        match event:
            case QcPassed():
                whoever_passes_the_car_has_not_touched_it(event, before)
                everything_ordered_was_done_since_it_was_last_opened(event, before)
                what_was_to_be_repaired_is_repaired(event, before)
                the_round_is_counted(event, before)
            case QcFailed():
                whoever_passes_the_car_has_not_touched_it(event, before)
                the_round_is_counted(event, before)
            case LeaderInspected():
                no_leader_inspects_own_work(event, before)
            case ItemReassembled():
                only_what_was_begun_and_is_not_wanted_is_put_together_again(event, before)
            case DamageRepaired():
                assert decided_at(before)[event.damage] == "repair"
                assert event.damage not in repaired_at(before)
                assert not standing_pass(before)
                assert not parked_at(before)
            case WorkStarted() | WorkFinished() | PartsIssued() | FaultConfirmed():
                only_what_is_ordered_is_worked_on_while_the_car_is_here_and_has_not_passed(event.item, before)
            case WashStarted() | CarParked():
                nothing_is_washed_or_parked_without_a_pass_that_stands(event, before)


def whoever_passes_the_car_has_not_touched_it(judged: QcPassed | QcFailed, before: Sequence[Event]) -> None:
    assert judged.inspector not in hands_on(before)


def no_leader_inspects_own_work(inspected: LeaderInspected, before: Sequence[Event]) -> None:
    assert inspected.by not in {done.by for done in before if isinstance(done, WorkStarted) and done.item in inspected.items}


def everything_ordered_was_done_since_it_was_last_opened(passed: QcPassed, before: Sequence[Event]) -> None:
    ordered = ordered_at(before)
    done = ordered.items - reassembled_at(before)
    assert (set(passed.items), passed.revision) == (done, ordered.revision)
    for item in done:
        assert steps_since_opened(before, item) == ["finished", "self_inspected", "leader_inspected", "recommended"]
    assert not any(out(before, done).values()), "a part of what is not ordered any more is still out"


def what_was_to_be_repaired_is_repaired(passed: QcPassed, before: Sequence[Event]) -> None:
    to_repair = {damage for damage, decision in decided_at(before).items() if decision == "repair"}
    assert to_repair == repaired_at(before) == set(passed.repaired or ())


def decided_at(events: Sequence[Event]) -> dict[str, str]:
    return {event.damage: event.decision for event in events if isinstance(event, DamageDecided)}


def repaired_at(events: Sequence[Event]) -> set[str]:
    return {event.damage for event in events if isinstance(event, DamageRepaired)}


def only_what_was_begun_and_is_not_wanted_is_put_together_again(undone: ItemReassembled, before: Sequence[Event]) -> None:
    assert undone.item in {event.item for event in before if isinstance(event, WorkStarted)}
    ended = any(isinstance(event, WorkDeclined) and event.change is None for event in before)
    assert ended or undone.item not in ordered_at(before).items
    assert not standing_pass(before)
    assert not parked_at(before)


def reassembled_at(events: Sequence[Event]) -> set[str]:
    """What was put together again, and not done or wanted anew since."""
    undone: set[str] = set()
    for event in events:
        match event:
            case ItemReassembled():
                undone.add(event.item)
            case WorkFinished():
                undone.discard(event.item)
            case RevisionTaken():
                undone -= set(event.items)
    return undone


def the_round_is_counted(judged: QcPassed | QcFailed, before: Sequence[Event]) -> None:
    earlier = [event.round for event in before if isinstance(event, QcPassed | QcFailed)]
    failed = [event.round for event in before if isinstance(event, QcFailed)]
    assert judged.round >= max(earlier, default=1)
    assert judged.round > max(failed, default=0)


def only_what_is_ordered_is_worked_on_while_the_car_is_here_and_has_not_passed(item: str, before: Sequence[Event]) -> None:
    assert item in ordered_at(before).items
    assert not standing_pass(before)
    assert not parked_at(before)


def nothing_is_washed_or_parked_without_a_pass_that_stands(event: WashStarted | CarParked, before: Sequence[Event]) -> None:
    passed = standing_pass(before)
    assert passed
    if isinstance(event, CarParked) and passed.wash:
        assert any(isinstance(done, WashFinished) for done in before[before.index(passed) :])


@dataclass(frozen=True)
class Ordered:
    revision: int
    items: set[str]


def ordered_at(events: Sequence[Event]) -> Ordered:
    ordered = Ordered(1, set(ITEMS))
    for event in events:
        match event:
            case RevisionTaken():
                ordered = Ordered(event.revision, set(event.items))
            case WorkDeclined():
                ordered = Ordered(ordered.revision, ordered.items - set(event.items))
    return ordered


def standing_pass(events: Sequence[Event]) -> QcPassed | None:
    passed = None
    for event in events:
        match event:
            case QcPassed():
                passed = event
            case RevisionTaken() | QcFailed() | CarCameBack() | DamageDecided(decision="repair"):
                passed = None
    return passed


def parked_at(events: Sequence[Event]) -> bool:
    last = [event for event in events if isinstance(event, CarParked | CarCameBack)]
    return bool(last) and isinstance(last[-1], CarParked)


def steps_since_opened(events: Sequence[Event], item: str) -> list[str]:
    """What was done of an item since it was last begun anew, in order, without repetitions."""
    steps: list[str] = []
    for event in events:
        match event:
            case RevisionTaken() if item not in event.items:
                steps = []
            case SelfInspected(passed=False) | PartsReturned() if event.item == item:
                steps = []
            case LeaderInspected(passed=False) | QcFailed() if item in event.items:
                steps = []
            case WorkFinished() if event.item == item:
                steps = ["finished"]
            case SelfInspected() if event.item == item:
                steps = [*steps[:1], "self_inspected"]
            case LeaderInspected() if item in event.items:
                steps = [*steps[:2], "leader_inspected"]
            case RecommendationsWritten(team="team-e") if len(steps) > 2:
                steps = [*steps[:3], "recommended"]
    return steps


def out(events: Sequence[Event], items: set[str]) -> dict[str, int]:
    """Parts of items that are not ordered, issued and not returned."""
    left: dict[str, int] = {}
    for event in events:
        if isinstance(event, PartsIssued | PartsReturned) and event.item not in items:
            sign = 1 if isinstance(event, PartsIssued) else -1
            left[event.part_no] = left.get(event.part_no, 0) + sign * event.quantity
    return left


def hands_on(events: Sequence[Event]) -> set[str]:
    """Who worked on the car, told from the events alone and not from what the job made of them."""
    hands: set[str] = set()
    for event in events:
        match event:
            case WorkStarted() | WorkFinished() | ItemReassembled() | SelfInspected() | LeaderInspected() | FaultConfirmed():
                hands.add(event.by)
            case DamageRepaired():
                hands.add(event.by)
            case PartsIssued():
                hands.add(event.drawn_by)
            case CarMoved(for_work=True):
                hands.add(event.by)
    return hands


@pytest.mark.clause("W8")
@pytest.mark.clause("W9")
@pytest.mark.clause("W10")
@pytest.mark.clause("W11")
@pytest.mark.clause("W12")
@pytest.mark.clause("W13")
@pytest.mark.clause("W14")
class TestNoWayPast(Workshop.TestCase):  # type: ignore[misc, valid-type] # hypothesis makes the class at run time
    """Random moves of everybody in the workshop."""
