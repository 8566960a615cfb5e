"""What starts by itself in the workshop, over a real database."""

from typing import Any

import pytest

from services.workshop import belongings, damage, found, handover, inspection, parts, progress
from services.workshop.job import Job
from services.workshop.stage import Stage
from services.workshop.stock import Stock
from services.workshop.store import team_loads
from shared.contracts.workshop import CarTaken, WashStarted
from shared.refusal import NotFound
from shared.store import Store
from tests.workshop.conftest import Tell
from tests.workshop.shop import (
    BRANCH,
    CLEAN_PATH,
    CLERK,
    ITEM,
    NOW,
    PART,
    QC,
    SUPERVISOR,
    TECHNICIAN,
    VISIT,
    Move,
    answered,
    check_in,
    handed_over,
    order,
    slip,
)


async def carry(store: Store, last: str, first: str = "accept") -> Job:
    """The people's moves of the clean path, from `first` to `last`, each committed."""
    steps = list(CLEAN_PATH)
    for step in steps[steps.index(first) : steps.index(last) + 1]:
        await make(store, CLEAN_PATH[step])
    return await store.get(Job, VISIT)


async def make(store: Store, move: Move) -> None:
    await store.transact(lambda unit: unit.update(Job, VISIT, move), actor="somebody", correlation="c")


async def told(store: Store, about: str) -> list[dict[str, Any]]:
    heard = await store.notices(person="advisor-1", roles=("workshop_supervisor",))
    return [notice for notice in heard if notice["about"] == about]


@pytest.fixture
async def opened(tell: Tell) -> None:
    for event in (check_in(), order(), handed_over()):
        await tell(event)


@pytest.mark.clause("R2")
async def test_a_checked_in_vehicle_is_known_and_nothing_more(store: Store, tell: Tell) -> None:
    await tell(check_in())
    assert (await store.get(Job, VISIT)).stage is Stage.ANNOUNCED


@pytest.mark.clause("W1")
async def test_a_signed_order_opens_the_job_and_the_supervisor_is_told(store: Store, tell: Tell) -> None:
    await tell(check_in())
    await tell(order())
    assert (await store.get(Job, VISIT)).stage is Stage.ORDERED
    (notice,) = await told(store, "job_waiting")
    assert notice["roles"] == ["workshop_supervisor"]


@pytest.mark.clause("W1")
async def test_an_order_that_comes_before_its_check_in_waits_and_is_not_lost(store: Store, tell: Tell) -> None:
    with pytest.raises(NotFound):
        await tell(order())
    await tell(check_in())
    await tell(order())
    assert (await store.get(Job, VISIT)).revision == 1


@pytest.mark.clause("W1")
async def test_the_car_handed_over_waits_for_the_supervisor(store: Store, opened: None) -> None:
    job = await store.get(Job, VISIT)
    assert (job.stage, job.place) == (Stage.OFFERED, "waiting-3")


@pytest.mark.clause("W3")
async def test_supervisor_and_advisor_are_told_of_a_difference_and_of_nothing_else(store: Store, tell: Tell, opened: None) -> None:
    await carry(store, "take")
    await tell(CarTaken(visit=VISIT, team="team-e", by="tech-4"))
    assert await told(store, "car_differs_from_sheet") == []
    await tell(CarTaken(visit=VISIT, team="team-e", by="tech-4", difference="text:workshop:1"))
    (notice,) = await told(store, "car_differs_from_sheet")
    assert (notice["roles"], notice["people"]) == (["workshop_supervisor"], ["advisor-1"])


@pytest.mark.clause("W12")
async def test_the_wash_starts_by_itself_when_qc_has_passed(store: Store, tell: Tell, opened: None) -> None:
    job = await carry(store, "pass_qc")
    assert job.qc
    await tell(job.qc)
    assert (await store.get(Job, VISIT)).stage is Stage.TO_WASH
    (notice,) = await told(store, "qc_passed")
    assert (notice["roles"], notice["people"]) == (["workshop_supervisor"], ["advisor-1"])


@pytest.mark.clause("W12")
async def test_supervisor_and_advisor_are_told_when_washing_begins(store: Store, tell: Tell, opened: None) -> None:
    await carry(store, "start_wash")
    await tell(WashStarted(visit=VISIT, by="wash-1"))
    (notice,) = await told(store, "washing_begins")
    assert (notice["clause"], notice["roles"], notice["people"]) == ("W12", ["workshop_supervisor"], ["advisor-1"])


@pytest.mark.clause("W2")
async def test_the_load_of_the_teams_is_counted_over_all_jobs(store: Store, opened: None) -> None:
    job = await carry(store, "take")
    assert await team_loads(store) == {"team-e": job.items["item-1"].hours}
    await carry(store, "finish", first="confirm")
    assert await team_loads(store) == {"team-e": 0}


@pytest.mark.clause("W5")
async def test_the_shelves_hold_at_the_start_what_the_branch_says(store: Store) -> None:
    stock = {part.id: (part.on_hand, part.lead_days) for part in await store.select(Stock, {}, limit=500)}
    assert stock == {part.part_no: (part.stock, part.lead_days) for part in store.branch.parts.values()}


MUCH_HAPPENS: dict[str, tuple[Move, ...]] = {
    "accept": (lambda job: handover.send_back(job, SUPERVISOR, "text:workshop:1"), CLEAN_PATH["offer"]),
    "start": (
        lambda job: parts.print_slip(job, "SLIP-1", CLERK),
        lambda job: parts.take_back(job, "SLIP-1", PART, 1, CLERK, opened=True),
        lambda job: parts.issue(job, slip({PART: 1}), [Stock(id=PART, on_hand=1)], BRANCH, NOW),
        lambda job: belongings.ask(job, TECHNICIAN, "text:workshop:2", BRANCH),
        lambda job: found.report(job, TECHNICIAN, "add_on", None, "R-WIPE", None, BRANCH, safety=True),
        lambda job: found.note_answer(job, answered("R-WIPE")),
        lambda job: progress.report(job, TECHNICIAN, "later", 30, None, BRANCH),
        lambda job: handover.move(job, TECHNICIAN, "bay-3", ("car",), for_work=False),
    ),
    "leader_inspect": (
        lambda job: damage.report(job, TECHNICIAN, "work", "text:workshop:4"),
        lambda job: damage.decide(job, "damage-1", "repair", SUPERVISOR, customer_told=True),
        lambda job: damage.repair(job, "damage-1", TECHNICIAN, "text:workshop:5"),
    ),
    "pass_qc": (
        lambda job: inspection.fail_final(job, QC, (ITEM,), "text:workshop:3", BRANCH),
        *(CLEAN_PATH[step] for step in ("start", "finish", "self_inspect", "leader_inspect", "recommend")),
    ),
}
"""What happens on the way, before a step of the clean path."""


async def test_every_fact_of_a_job_is_read_back_as_it_was_written(store: Store, opened: None) -> None:
    steps = list(CLEAN_PATH)
    for step in steps[steps.index("accept") :]:
        for move in (*MUCH_HAPPENS.get(step, ()), CLEAN_PATH[step]):
            before = await store.get(Job, VISIT)
            await make(store, move)
            assert await store.get(Job, VISIT) == before.after(move(before))
    job = await store.get(Job, VISIT)
    assert {name for name, value in job.model_dump().items() if not value} == {
        "old_parts_kept",
        "ended",
        "order_ended",
        "waiting",
        "set_aside",
    }
