"""W6, W12: damage at wash, on a road test, at work: told at once, and no car is parked as finished before it is decided."""

from datetime import timedelta

import pytest

from services.workshop import damage, handover, inspection, parking, wash
from services.workshop.reactions import TIMERS
from services.workshop.stage import Stage
from shared.contracts.workshop import CarMoved, DamageDecided, DamageReported
from shared.reaction import Timer
from shared.refusal import NotFound
from shared.store import Store
from tests.workshop.conftest import Floor, Settle, Tell
from tests.workshop.shop import (
    BRANCH,
    CLEAN_PATH,
    NOW,
    QC,
    SUPERVISOR,
    TECHNICIAN,
    VISIT,
    WASHER,
    Move,
    carried,
    check_in,
    handed_over,
    job_after,
    job_before,
    order,
    refused,
)
from tests.workshop.test_api import JOB, PATH, carry
from tests.workshop.test_flows import told

W1, W6, W12 = pytest.mark.clause("W1"), pytest.mark.clause("W6"), pytest.mark.clause("W12")


def scratching(during: damage.During = "wash", by: str = WASHER) -> Move:
    return lambda job: damage.report(job, by, during, "text:workshop:1")


def deciding(decision: damage.Decision, *, told: bool = True, which: str = "damage-1") -> Move:
    return lambda job: damage.decide(job, which, decision, SUPERVISOR, customer_told=told)


@W6
def test_damage_says_when_it_happened_and_who_saw_it() -> None:
    assert scratching("road_test", TECHNICIAN)(job_after("confirm")) == [
        DamageReported(visit=VISIT, damage="damage-1", during="road_test", by=TECHNICIAN, note="text:workshop:1")
    ]


@W12
@pytest.mark.parametrize("step", ["start_wash", "finish_wash"])
def test_a_scratch_at_the_wash_makes_the_wash_void(step: str) -> None:
    job = carried(job_after(step), scratching())
    assert (job.stage, job.washed) == (Stage.TO_WASH, None)
    decided = carried(job, deciding("as_it_is"))
    with refused("W12", "wash"):
        parking.park(decided, WASHER, "F-1", nose_to_exit=True)
    again = carried(decided, lambda job: wash.start(job, WASHER), CLEAN_PATH["finish_wash"], CLEAN_PATH["park"])
    assert again.stage is Stage.PARKED


@W6
def test_a_car_that_was_damaged_is_not_parked_before_that_is_decided_with_the_customer() -> None:
    job = carried(job_before("start_wash"), scratching("move"))
    with refused("W6", "damage-1"):
        parking.park(job, WASHER, "F-1", nose_to_exit=True)
    with refused("W6", "customer_told"):
        deciding("as_it_is", told=False)(job)
    with pytest.raises(NotFound):
        deciding("repair", which="damage-2")(job)
    assert deciding("as_it_is")(job) == [
        DamageDecided(visit=VISIT, damage="damage-1", decision="as_it_is", customer_told=True, supervisor=SUPERVISOR)
    ]
    with refused("W6"):
        deciding("repair")(carried(job, deciding("as_it_is")))


@W6
@pytest.mark.clause("W11")
def test_damage_that_is_repaired_voids_the_pass() -> None:
    job = carried(job_after("finish_wash"), scratching(), deciding("repair"))
    assert (job.qc, job.round) == (None, 2)
    with refused("W11", "final_inspection"):
        parking.park(job, WASHER, "F-1", nose_to_exit=True)
    assert inspection.pass_final(job, QC, 1, BRANCH, NOW)
    early = carried(job_after("start"), scratching("work"), deciding("repair"))
    assert early.round == 1


@W6
@pytest.mark.parametrize(("step", "clause"), [("open", "R11"), ("accept", "W1"), ("take_papers", "W13")])
def test_damage_is_the_workshops_only_while_it_has_the_car(step: str, clause: str) -> None:
    with refused(clause):
        scratching()(job_before(step))
    with refused(clause):
        deciding("repair")(job_before(step))


@W1
def test_the_key_has_its_own_way_through_the_house() -> None:
    job = job_after("accept")
    assert job.key_place == SUPERVISOR
    job = carried(job, lambda job: handover.move(job, TECHNICIAN, "key-board", ("key",), for_work=False))
    assert (job.place, job.key_place) == ("waiting-3", "key-board")
    (move,) = handover.move(job, TECHNICIAN, "bay-3", ("key",), for_work=False)
    assert move == CarMoved(visit=VISIT, by=TECHNICIAN, from_place="key-board", to_place="bay-3", things=("key",))
    with refused("W1"):
        handover.move(job, TECHNICIAN, "key-board", ("key",), for_work=False)
    assert carried(job, lambda job: handover.move(job, TECHNICIAN, "bay-3", ("car", "key"), for_work=False)).key_place == "bay-3"


@W6
async def test_advisor_and_both_supervisors_hear_of_damage_at_once(floor: Floor, tell: Tell, store: Store, settle: Settle) -> None:
    for event in (check_in(), order(), handed_over()):
        await tell(event)
    await carry(floor, tell, store, "finish_wash")
    await floor.post(WASHER, f"{JOB}/damage", {"during": "wash", "note": "左前门划痕"})
    await settle()
    (notice,) = await told(store, "car_damaged")
    assert (notice["roles"], notice["people"]) == (["workshop_supervisor", "business_supervisor"], ["advisor-1"])
    await floor.refused("W6", *PATH["park"])
    await floor.post(SUPERVISOR, f"{JOB}/damage/damage-1/decision", {"decision": "as_it_is", "customer_told": True})
    await floor.refused("W12", *PATH["park"])
    for step in ("start_wash", "finish_wash", "park"):
        await floor.post(*PATH[step])


@W1
@pytest.mark.clause("D1")
async def test_the_supervisor_hears_of_a_car_or_of_papers_that_nobody_takes(floor: Floor, tell: Tell, store: Store, settle: Settle) -> None:
    for event in (check_in(), order(), handed_over()):
        await tell(event)
    await settle()
    await fire(store, "handover")
    assert len(await told(store, "handover_not_taken")) == 1
    await carry(floor, tell, store, "park")
    await settle()
    await fire(store, "handover")
    await fire(store, "papers")
    assert len(await told(store, "handover_not_taken")) == 1, "accepted meanwhile"
    assert len(await told(store, "papers_not_handed_in")) == 1
    await floor.post(*PATH["papers"])
    await fire(store, "papers")
    assert len(await told(store, "papers_not_handed_in")) == 1


async def fire(store: Store, what: str) -> None:
    row = await store.collection("timers").find_one({"_id": f"{what}:{VISIT}"})
    assert row
    assert row["due_at"] == NOW + timedelta(hours=1)
    timer = Timer(key=row["_id"], kind=row["kind"], due_at=row["due_at"], subject=row["subject"])
    count = await store.collection("journal").count_documents({})
    await store.transact(
        lambda unit: TIMERS[timer.kind](timer, unit), actor="system", correlation="c", derived_from=f"timer:{what}:{count}"
    )
