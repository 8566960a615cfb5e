"""What is looked up in a site's story is what a look through all of it finds."""

import time
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from servicelane.audit.journals import Journals
from servicelane.audit.judge import judge
from servicelane.audit.story import whole
from shared.branch import Branch
from shared.contracts.envelope import Envelope
from shared.contracts.workshop import StockChanged
from tests.audit.hand import DAY

ENTRY = st.tuples(st.sampled_from(["BP-4001", "TY-5001"]), st.integers(0, 2), st.integers(1, 2), st.integers(0, 5))


def _journals(entries: list[tuple[str, int, int, int]]) -> Journals:
    """Part, partition, epoch and minute of each."""
    envelopes = []
    for number, (part_no, partition, epoch, minute) in enumerate(entries):
        fact = StockChanged(part_no=part_no, change=1, on_hand=number, reason="receipt", lead_days=1)
        envelope = Envelope(
            id=f"entry-{number}",
            source="servicelane://BJ01/workshop",
            type=fact.wire_type("workshop"),
            time=DAY + timedelta(minutes=minute),
            subject=part_no,
            site="BJ01",
            department="workshop",
            epoch=epoch,
            partition=partition,
            seq=number + 1,
            aggregate=f"shelf:{part_no}",
            version=1,
            ordinal=0,
            actor="parts-1",
            clause="W5",
            correlationid="c",
            causationid=None,
            data=fact.model_dump(mode="json"),
        )
        envelopes.append(envelope)
    return Journals.of(envelopes)


@given(st.lists(ENTRY, max_size=20))
def test_a_look_up_finds_what_a_look_through_all_finds(entries: list[tuple[str, int, int, int]]) -> None:
    story = whole(_journals(entries))
    for moment in story.all(StockChanged):
        of_part = [each for each in story.all(StockChanged) if each.fact.part_no == moment.fact.part_no]
        earlier = [each for each in of_part if each.before(moment)]
        others = [each for each in earlier if each is not moment]
        assert story.having(StockChanged, "part_no", moment.fact.part_no) == of_part
        assert earlier == others
        assert story.last_having(StockChanged, "part_no", moment) is (earlier[-1] if earlier else None)
    assert story.having(StockChanged, "part_no", "XX-1") == []


def test_five_times_the_stock_changes_are_judged_in_about_five_times_the_time(sample_branch: Branch) -> None:
    """A look through all of them at each would take twenty-five times as long."""
    few, many = (_journals([("BP-4001", 0, 1, 0)] * number) for number in (800, 4000))
    judge(few, sample_branch)
    assert _seconds(many, sample_branch) < 12 * _seconds(few, sample_branch)


def _seconds(told: Journals, branch: Branch) -> float:
    """Of the processor, the least of three."""
    taken = []
    for _ in range(3):
        started = time.process_time()
        judge(told, branch)
        taken.append(time.process_time() - started)
    return min(taken)
