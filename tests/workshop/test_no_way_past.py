"""No sequence of moves, by anybody, gets a car past W11 or out of the workshop without it."""

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.workshop import dispatch, handover, inspection, parking, parts, wash, work
from services.workshop.job import Job
from services.workshop.stock import Stock
from shared.branch import Branch
from shared.contracts.event import Event
from shared.contracts.workshop import (
    CarMoved,
    CarParked,
    FaultConfirmed,
    LeaderInspected,
    PartsIssued,
    QcPassed,
    RecommendationsWritten,
    SelfInspected,
    WashFinished,
    WashStarted,
    WorkFinished,
    WorkStarted,
)
from shared.refusal import Problem
from tests.workshop.shop import BRANCH, CLEAN_PATH, NOW, SUPERVISOR, VISIT, Move, handed_over, order, slip

ITEMS = {"item-1": "R-THERM", "item-2": "M-ALIGN"}
PEOPLE = ("leader-e", "tech-4", "tech-9")


def _all_rounders() -> Branch:
    """The hardest branch for W11: everybody may do everything, so only what they did can speak against them."""
    roles = ("team_leader", "technician", "qc_inspector")
    staff = {**BRANCH.staff, **{name: BRANCH.staff[name].model_copy(update={"roles": roles}) for name in PEOPLE}}
    return BRANCH.model_copy(update={"staff": staff})


HARDEST = _all_rounders()
people = st.sampled_from(PEOPLE)
items = st.sampled_from(tuple(ITEMS))


class Workshop(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.job = Job(id=VISIT)
        self.told: list[Event] = []

    def attempt(self, move: Move) -> None:
        try:
            events: Sequence[Event] = move(self.job)
        except Problem:
            return
        self.job = self.job.after(events)
        self.told.extend(events)

    @initialize(wash=st.booleans())
    def accept(self, wash: bool) -> None:
        self.attempt(CLEAN_PATH["announce"])
        self.attempt(lambda job: handover.open_job(job, order(*ITEMS.items(), wash=wash)))
        self.attempt(lambda job: handover.offer(job, handed_over()))
        self.attempt(CLEAN_PATH["accept"])

    @rule(workers=st.tuples(people, people), leader=people)
    def push_on(self, workers: tuple[str, str], leader: str) -> None:
        """A stretch of the proper way, so that many runs come to the final inspection."""
        for item, worker in zip(ITEMS, workers, strict=True):
            self.give_out(item, 3)
            self.name(item, leader, {worker})
            self.take(worker)
            self.confirm(item, worker)
            self.draw(item, worker)
            self.do_work(item, worker, 3, passed=True)
        self.inspect_as_leader(leader, set())
        self.recommend(leader)

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
        lines = dict(BRANCH.operations[ITEMS[item]].parts)
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
        self.attempt(lambda job: inspection.pass_final(job, person, 1, HARDEST, NOW))

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

    @invariant()
    def whoever_passed_the_car_had_not_touched_it(self) -> None:
        for place, event in enumerate(self.told):
            if isinstance(event, QcPassed):
                assert event.inspector not in hands_on(self.told[:place])

    @invariant()
    def no_leader_passed_own_work(self) -> None:
        for place, event in enumerate(self.told):
            if isinstance(event, LeaderInspected):
                assert event.by not in {done.by for done in self.told[:place] if isinstance(done, WorkStarted) and done.item in event.items}

    @invariant()
    def everything_was_done_before_the_pass(self) -> None:
        for place, event in enumerate(self.told):
            if isinstance(event, QcPassed):
                before = self.told[:place]
                assert {done.item for done in before if isinstance(done, WorkFinished)} == set(ITEMS)
                assert {done.item for done in before if isinstance(done, SelfInspected) and done.passed} == set(ITEMS)
                assert any(isinstance(done, LeaderInspected) and done.passed for done in before)
                assert any(isinstance(done, RecommendationsWritten) for done in before)
                assert {issued.part_no for issued in before if isinstance(issued, PartsIssued)} >= {"TH-6002", "CL-6001"}

    @invariant()
    def nothing_is_washed_or_parked_before_the_pass_and_nothing_done_after_parking(self) -> None:
        passed = next((place for place, event in enumerate(self.told) if isinstance(event, QcPassed)), len(self.told))
        assert not any(isinstance(event, WashStarted | CarParked) for event in self.told[:passed])
        for place, event in enumerate(self.told):
            if isinstance(event, CarParked):
                assert place == len(self.told) - 1
                assert not self.job.wash_accepted or any(isinstance(done, WashFinished) for done in self.told)


def hands_on(events: Sequence[Event]) -> set[str]:
    """Who worked on the car, told from the events alone and not from what the job made of them."""
    hands: set[str] = set()
    for event in events:
        match event:
            case WorkStarted() | WorkFinished() | SelfInspected() | LeaderInspected() | FaultConfirmed():
                hands.add(event.by)
            case PartsIssued():
                hands.add(event.drawn_by)
            case CarMoved(for_work=True):
                hands.add(event.by)
    return hands


@pytest.mark.clause("W9")
@pytest.mark.clause("W10")
@pytest.mark.clause("W11")
@pytest.mark.clause("W12")
@pytest.mark.clause("W13")
@pytest.mark.clause("W14")
class TestNoWayPast(Workshop.TestCase):  # type: ignore[misc, valid-type] # hypothesis makes the class at run time
    settings = settings(max_examples=100, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck))
