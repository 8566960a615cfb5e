"""W7: the software's own warning that a promised time is at risk, from the work that is left and the opening hours that are left for it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from services.workshop import damage, dispatch, handover, inspection, progress, promise, work
from services.workshop.job import Job
from services.workshop.reactions import TIMERS
from shared.contracts.event import Event
from shared.contracts.reception import ProgressTold
from shared.contracts.values import Channel
from shared.contracts.workshop import ProgressReported
from shared.reaction import Timer
from shared.store import Store
from tests.workshop.conftest import Settle, Tell
from tests.workshop.shop import (
    BOTH,
    BRANCH,
    CLEAN_PATH,
    ITEM,
    LEADER,
    NOW,
    SUPERVISOR,
    TECHNICIAN,
    VISIT,
    WASHER,
    Move,
    carried,
    check_in,
    give,
    handed_over,
    job_after,
    job_before,
    order,
)
from tests.workshop.test_flows import told
from tests.workshop.test_reactions import make

pytestmark = pytest.mark.clause("W7")

SITE = BRANCH.site
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
OPENS = datetime(2026, 3, 9, 0, 0, tzinfo=UTC)
"""The shop is open from 00:00 to 12:00 UTC; NOW is 02:00."""


def promised(at: datetime, *items: tuple[str, str], wash: bool = True) -> dict[str, Move]:
    signed = order(*items, wash=wash).model_copy(update={"promised_at": at})
    return {"open": lambda job: handover.open_job(job, signed)}


def test_what_is_left_is_the_work_the_final_inspection_and_the_wash() -> None:
    """R-THERM takes an hour."""
    left = {step: promise.left_to_do(job_after(step), SITE, NOW) for step in ("open", "self_inspect", "pass_qc", "finish_wash")}
    assert left == {"open": 90 * MINUTE, "self_inspect": 30 * MINUTE, "pass_qc": 20 * MINUTE, "finish_wash": 0 * MINUTE}
    assert promise.left_to_do(job_after("open", **promised(NOW, wash=False)), SITE, NOW) == 70 * MINUTE


def test_teams_work_side_by_side_and_what_nobody_has_follows_one_another() -> None:
    job = job_before("dispatch", **promised(NOW, ("a", "R-THERM"), ("b", "M-ALIGN"), wash=False))
    hours = {name: timedelta(hours=float(item.hours)) for name, item in job.items.items()}
    assert promise.left_to_do(job, SITE, NOW) == hours["a"] + hours["b"] + 10 * MINUTE
    both = carried(job, give("a", "team-e"), give("b", "team-m"))
    assert promise.left_to_do(both, SITE, NOW) == max(hours.values()) + 10 * MINUTE


def test_of_work_under_way_the_time_since_its_start_is_taken_off() -> None:
    job = carried(job_before("start"), lambda job: work.start(job, ITEM, TECHNICIAN, NOW))
    assert promise.left_to_do(job, SITE, NOW + 20 * MINUTE) == 70 * MINUTE
    assert promise.left_to_do(job, SITE, NOW + 3 * HOUR) == 30 * MINUTE


@pytest.mark.parametrize(
    ("at", "risk_at"),
    [
        (NOW + 4 * HOUR, NOW + 4 * HOUR + 15 * MINUTE - 90 * MINUTE),
        (OPENS + timedelta(days=1, minutes=15), OPENS + 11 * HOUR),
    ],
    ids=["same day", "over the night"],
)
def test_it_is_at_risk_from_when_on_what_is_left_does_not_fit_any_more(at: datetime, risk_at: datetime) -> None:
    job = job_after("open", **promised(at))
    assert promise.risk_at(job, SITE, NOW) == risk_at
    assert promise.late_by(job, SITE, risk_at) == promise.grace(SITE)


def test_what_has_left_or_ended_or_is_known_to_be_late_is_not_watched() -> None:
    ended = job_after("open")
    ended = ended.after(handover.end_untouched(ended, "cancelled_before_work"))
    late = carried(job_after("start"), lambda job: progress.report(job, TECHNICIAN, "later", 30, None, BRANCH))
    for job in (Job(id=VISIT), job_after("park"), ended, late):
        assert promise.risk_at(job, SITE, NOW) is None


def test_the_warning_says_in_half_hours_how_late_it_will_be() -> None:
    for late, minutes in ((15, 30), (30, 30), (31, 60)):
        (warned,) = progress.warn(job_after("open"), late * MINUTE, SITE)
        assert isinstance(warned, ProgressReported)
        assert (warned.kind, warned.minutes, warned.by) == ("at_risk", minutes, "system")


async def fire(store: Store, number: int) -> None:
    row = await store.collection("timers").find_one({"_id": f"promise:{VISIT}"})
    assert row
    timer = Timer(key=row["_id"], kind=row["kind"], due_at=row["due_at"], subject=row["subject"])
    await store.transact(lambda unit: TIMERS[timer.kind](timer, unit), actor="system", correlation="c", derived_from=f"timer:{number}")


async def due(store: Store) -> datetime | None:
    row = await store.collection("timers").find_one({"_id": f"promise:{VISIT}", "state": "waiting"})
    return row["due_at"] if row else None


async def test_a_promise_that_fits_is_looked_at_again_and_one_that_does_not_is_reported_once(
    store: Store, tell: Tell, settle: Settle
) -> None:
    """The clock stands at NOW."""
    await tell(check_in())
    await tell(order().model_copy(update={"promised_at": NOW + 4 * HOUR}))
    await settle()
    assert await due(store) == NOW + 165 * MINUTE
    await fire(store, 1)
    assert (await store.get(Job, VISIT)).progress == ()

    told_promise = ProgressTold(
        visit=VISIT, report="report-9", answer="accepts", channel=Channel.PHONE, promised_at=NOW + HOUR, advisor="advisor-1"
    )
    await tell(told_promise)
    await settle()
    assert await due(store) == NOW
    await fire(store, 2)
    (report,) = (await store.get(Job, VISIT)).progress
    assert (report.kind, report.minutes) == ("at_risk", 30)
    await settle()
    (notice,) = await told(store, "progress_at_risk")
    assert (notice["roles"], notice["people"]) == (["workshop_supervisor"], ["advisor-1"])
    await fire(store, 3)
    assert len((await store.get(Job, VISIT)).progress) == 1


LATER = NOW + 4 * HOUR


def clean_until(last: str) -> tuple[Move, ...]:
    steps = list(CLEAN_PATH)
    return tuple(CLEAN_PATH[step] for step in steps[steps.index("accept") : steps.index(last) + 1])


def damaged(job: Job) -> Sequence[Event]:
    return damage.report(job, WASHER, "wash", "text:workshop:1")


def to_be_repaired(job: Job) -> Sequence[Event]:
    return damage.decide(job, "damage-1", "repair", SUPERVISOR, customer_told=True)


async def carried_on(store: Store, tell: Tell, settle: Settle, so_far: tuple[Move, ...], *items: tuple[str, str]) -> None:
    """A car promised for LATER, whose timer has fired in time and was set for what is left then."""
    for event in (check_in(), order(*items).model_copy(update={"promised_at": LATER}), handed_over()):
        await tell(event)
    for move in so_far:
        await make(store, move)
    await settle()
    await fire(store, 1)


@pytest.mark.parametrize(
    ("so_far", "left", "then", "left_then"),
    [
        (clean_until("finish"), 30, lambda job: inspection.inspect_own_work(job, ITEM, TECHNICIAN, passed=False), 90),
        (clean_until("self_inspect"), 30, lambda job: inspection.inspect_as_leader(job, LEADER, (ITEM,), BRANCH, passed=False), 90),
        (clean_until("finish_wash"), 0, damaged, 20),
        ((*clean_until("open_wash"), damaged), 20, to_be_repaired, 30),
        (clean_until("finish"), 30, lambda job: dispatch.name(job, ITEM, LEADER, (BOTH,), BRANCH, {TECHNICIAN}), 90),
    ],
    ids=["self-inspection", "leader's inspection", "damage", "damage to be repaired", "its technician is away"],
)
async def test_what_is_to_be_done_anew_brings_the_warning_forward(
    store: Store, tell: Tell, settle: Settle, so_far: tuple[Move, ...], left: int, then: Move, left_then: int
) -> None:
    """At once, and not only when the timer fires that was set for what was left before."""
    await carried_on(store, tell, settle, so_far)
    assert await due(store) == LATER + promise.grace(SITE) - left * MINUTE
    await make(store, then)
    await settle()
    assert await due(store) == LATER + promise.grace(SITE) - left_then * MINUTE


async def test_what_two_teams_did_side_by_side_and_one_is_to_do_now_brings_it_forward(store: Store, tell: Tell, settle: Settle) -> None:
    side_by_side = (*clean_until("accept"), give(), give("item-2", "team-m", "text:workshop:1"))
    await carried_on(store, tell, settle, side_by_side, (ITEM, "R-THERM"), ("item-2", "R-THERM"))
    assert await due(store) == LATER + promise.grace(SITE) - 90 * MINUTE
    await make(store, give("item-2"))
    await settle()
    assert await due(store) == LATER + promise.grace(SITE) - 150 * MINUTE


def test_the_shop_opens_next_on_the_next_day_that_it_is_open() -> None:
    assert promise.next_opening(NOW, SITE) == OPENS + timedelta(days=1)
    assert promise.next_opening(OPENS - MINUTE, SITE) == OPENS
    closed_on_tuesday = SITE.model_copy(update={"shop": SITE.shop.model_copy(update={"open_days": frozenset({0, 2})})})
    assert promise.next_opening(NOW, closed_on_tuesday) == OPENS + timedelta(days=2)
