"""W6, W12, W14: damage at wash, on a road test, at work: told at once, decided, repaired, before the car is parked as finished."""

from datetime import timedelta

import pytest

from services.workshop import damage, handover, inspection, parking, wash
from services.workshop.reactions import TIMERS
from services.workshop.stage import Stage
from shared.contracts.workshop import CarMoved, DamageDecided, DamageRepaired, DamageReported
from shared.reaction import Timer
from shared.refusal import NotFound
from shared.store import Store
from tests.workshop.conftest import Floor, Settle, Tell
from tests.workshop.shop import (
    BOTH,
    BRANCH,
    CLEAN_PATH,
    LEADER,
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

W1, W6, W11, W12, W14 = (pytest.mark.clause(clause) for clause in ("W1", "W6", "W11", "W12", "W14"))


def scratching(during: damage.During = "wash", by: str = WASHER) -> Move:
    return lambda job: damage.report(job, by, during, "text:workshop:1")


def deciding(decision: damage.Decision, *, told: bool = True, which: str = "damage-1") -> Move:
    return lambda job: damage.decide(job, which, decision, SUPERVISOR, customer_told=told)


def repairing(which: str = "damage-1", by: str = TECHNICIAN) -> Move:
    return lambda job: damage.repair(job, which, by, "text:workshop:2")


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
@W11
def test_damage_that_is_to_be_repaired_voids_the_pass() -> None:
    job = carried(job_after("finish_wash"), scratching(), deciding("repair"))
    assert (job.qc, job.round) == (None, 2)
    with refused("W11", "final_inspection"):
        parking.park(job, WASHER, "F-1", nose_to_exit=True)
    early = carried(job_after("start"), scratching("work"), deciding("repair"))
    assert early.round == 1


@W11
@W14
def test_the_final_inspection_waits_for_the_repair_and_says_what_it_judged() -> None:
    job = carried(
        job_after("recommend"), scratching("work"), deciding("repair"), scratching("move"), deciding("as_it_is", which="damage-2")
    )
    assert inspection.missing(job) == ("damage_repair:damage-1",)
    for judge in (CLEAN_PATH["pass_qc"], lambda job: inspection.fail_final(job, QC, ["item-1"], "text:workshop:1", BRANCH)):
        with refused("W11", "damage_repair:damage-1"):
            judge(job)
    assert repairing()(job) == [DamageRepaired(visit=VISIT, damage="damage-1", by=TECHNICIAN, note="text:workshop:2")]
    passed = carried(job, repairing(), CLEAN_PATH["pass_qc"])
    assert passed.qc
    assert passed.qc.repaired == ("damage-1",)
    undamaged = job_after("pass_qc").qc
    assert undamaged
    assert undamaged.repaired == ()


@W6
@W14
def test_only_what_was_decided_to_be_repaired_is_repaired_and_once() -> None:
    job = carried(job_after("start"), scratching("work"))
    with pytest.raises(NotFound):
        repairing("damage-2")(job)
    with refused("W6", "damage-1"):
        repairing()(job)
    with refused("W6"):
        repairing()(carried(job, deciding("as_it_is")))
    with refused("W6"):
        repairing(by=BOTH)(carried(job, deciding("repair"), repairing()))


@W6
def test_a_repair_that_nobody_has_made_may_be_given_up_with_the_customer() -> None:
    job = carried(job_after("recommend"), scratching("work"), deciding("repair"))
    with refused("W6", "customer_told"):
        deciding("as_it_is", told=False)(job)
    with refused("W6"):
        deciding("repair")(job)
    with refused("W6"):
        deciding("as_it_is")(carried(job, repairing()))
    assert carried(job, deciding("as_it_is"), CLEAN_PATH["pass_qc"]).qc


@W11
def test_who_repaired_the_damage_does_not_inspect_the_car() -> None:
    job = carried(job_after("recommend"), scratching("work"), deciding("repair"), repairing(by=BOTH))
    assert BOTH not in inspection.who_may(job, BRANCH)
    with refused("W11"):
        inspection.pass_final(job, BOTH, 1, BRANCH, NOW)


@W11
def test_nothing_is_repaired_on_a_car_that_has_passed() -> None:
    """A job of before repairs were recorded: its inspection passed with the repair that was decided."""
    decided = carried(job_after("recommend"), scratching("work"), deciding("repair"))
    passed = decided.model_copy(update={"qc": job_after("pass_qc").qc})
    with refused("W11"):
        repairing()(passed)
    assert carried(passed, CLEAN_PATH["open_wash"], CLEAN_PATH["start_wash"], CLEAN_PATH["finish_wash"], CLEAN_PATH["park"]).parked


@W6
@pytest.mark.parametrize(("step", "clause"), [("open", "R11"), ("accept", "W1"), ("take_papers", "W13")])
def test_damage_is_the_workshops_only_while_it_has_the_car(step: str, clause: str) -> None:
    with refused(clause):
        scratching()(job_before(step))
    with refused(clause):
        deciding("repair")(job_before(step))
    with refused(clause):
        repairing()(job_before(step))


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


@W6
@W14
async def test_a_repair_is_on_record_with_who_made_it_and_who_waits_for_it_hears_of_it(
    floor: Floor, tell: Tell, store: Store, settle: Settle
) -> None:
    for event in (check_in(), order(), handed_over()):
        await tell(event)
    await carry(floor, tell, store, "recommend")
    await floor.post(TECHNICIAN, f"{JOB}/damage", {"during": "road_test", "note": "前保险杠擦伤"})
    await settle()
    at = f"{JOB}/damage/damage-1"
    await floor.refused("W6", TECHNICIAN, f"{at}/repair", {"note": "保险杠已抛光补漆"})
    await floor.post(SUPERVISOR, f"{at}/decision", {"decision": "repair", "customer_told": True})
    await settle()
    (notice,) = await told(store, "damage_to_repair")
    assert (notice["roles"], notice["people"]) == (["workshop_supervisor"], ["advisor-1", "leader-e"])
    await floor.refused("W11", *PATH["pass_qc"])
    assert (await floor.get(QC, f"{JOB}/final-inspection"))["missing"] == ["damage_repair:damage-1"]
    assert (await floor.send(LEADER, "POST", f"{at}/repair", {"note": "保险杠已抛光补漆"})).status_code == 403
    job = await floor.post(TECHNICIAN, f"{at}/repair", {"note": "保险杠已抛光补漆"})
    (damaged,) = job["damages"]
    assert (damaged["decision"], damaged["repaired_by"]) == ("repair", TECHNICIAN)
    assert (await floor.get(SUPERVISOR, f"{JOB}/texts"))[damaged["repair_note"]] == "保险杠已抛光补漆"
    await settle()
    (notice,) = await told(store, "damage_repaired")
    assert (notice["roles"], notice["people"]) == (["workshop_supervisor"], ["advisor-1"])
    await floor.post(*PATH["pass_qc"])


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
