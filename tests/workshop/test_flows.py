"""What starts what between workshop, reception and delivery, over HTTP and a real database: who is told, and what comes of the answers."""

from typing import Any

import pytest

from services.workshop.job import Job
from services.workshop.stage import Stage
from services.workshop.stock import Stock
from shared.contracts.delivery import CarReturned
from shared.contracts.reception import (
    BelongingsAnswered,
    CheckInCorrected,
    InquiryEnded,
    OrderCancelled,
    ProgressTold,
)
from shared.contracts.values import Channel
from shared.reaction import NotYet
from shared.store import Store
from tests.workshop.conftest import Floor, Settle, Tell
from tests.workshop.shop import (
    ITEM,
    NOW,
    OPERATION,
    PART,
    QC,
    SUPERVISOR,
    TECHNICIAN,
    VISIT,
    answered,
    check_in,
    handed_over,
    order,
    revised,
)
from tests.workshop.test_api import AT, JOB, PATH, carry

ADDED = ((ITEM, OPERATION), ("found-1", "R-WIPE"))
LEADER_E, ADVISOR = "leader-e", "advisor-1"


@pytest.fixture
async def offered(tell: Tell) -> None:
    for event in (check_in(), order(), handed_over()):
        await tell(event)


async def told(store: Store, about: str, person: str = ADVISOR) -> list[dict[str, Any]]:
    return [notice for notice in await store.notices(person=person, roles=("workshop_supervisor",)) if notice["about"] == about]


async def text(store: Store, key: str) -> str:
    record = await store.record(key)
    assert record
    return str(record["text"])


async def to(floor: Floor, tell: Tell, store: Store, last: str) -> Job:
    await carry(floor, tell, store, last)
    return await store.get(Job, VISIT)


@pytest.mark.clause("W1")
async def test_a_handover_sent_back_comes_again_with_the_sheet_corrected(
    floor: Floor, tell: Tell, store: Store, offered: None, settle: Settle
) -> None:
    job = await floor.post(SUPERVISOR, f"{JOB}/sending-back", {"reason": "里程数与登记表不符"})
    assert await text(store, job["sent_back"][-1]["reason"]) == "里程数与登记表不符"
    await settle()
    assert await told(store, "handover_sent_back")
    await floor.refused("W1", *PATH["accept"])
    await tell(CheckInCorrected(visit=VISIT, field="odometer_km", value="40001", reason="text:reception:1", by=ADVISOR))
    assert await told(store, "check_in_corrected")
    await tell(handed_over())
    assert (await floor.post(*PATH["accept"]))["stage"] == "accepted"


@pytest.mark.clause("W8")
async def test_found_work_waits_for_consent_and_is_done_after_it(
    floor: Floor, tell: Tell, store: Store, offered: None, settle: Settle
) -> None:
    await to(floor, tell, store, "start")
    job = await floor.post(TECHNICIAN, f"{JOB}/found", {"kind": "add_on", "operation": "R-WIPE", "note": "雨刮老化"})
    assert job["found"][-1]["found"] == "found-1"
    await settle()
    (notice,) = await told(store, "work_found")
    assert (notice["roles"], notice["people"]) == (["workshop_supervisor"], [ADVISOR])
    await floor.refused("W8", TECHNICIAN, f"{JOB}/items/found-1/start")
    await tell(revised(2, *ADDED))
    await settle()
    proposal = await floor.get(SUPERVISOR, f"{JOB}/dispatch-proposal")
    (given,) = proposal["assignments"]
    assert given["item"] == "found-1"
    job = await floor.post(SUPERVISOR, f"{JOB}/dispatch", {"priority": 3, "assignments": [{"item": "found-1", "team": given["team"]}]})
    assert (job["revision"], job["items"]["found-1"]["team"]) == (2, given["team"])


@pytest.mark.clause("W10")
async def test_declined_work_comes_out_of_the_final_inspection_as_a_recommendation(
    floor: Floor, tell: Tell, store: Store, offered: None
) -> None:
    await to(floor, tell, store, "self_inspect")
    await floor.post(TECHNICIAN, f"{JOB}/found", {"kind": "add_on", "operation": "R-WIPE", "safety": True})
    await tell(answered("R-WIPE"))
    for step in ("leader_inspect", "recommend", "pass_qc"):
        job = await floor.post(*PATH[step])
    assert {each["operation"]: each["safety"] for each in job["qc"]["recommendations"]} == {"R-FBP": True, "R-WIPE": True}


@pytest.mark.clause("W8")
async def test_a_parked_car_comes_back_whichever_department_is_heard_first(
    floor: Floor, tell: Tell, store: Store, offered: None, settle: Settle
) -> None:
    parked = await to(floor, tell, store, "papers")
    back = CarReturned(visit=VISIT, revision=2, reason="order_revised")
    with pytest.raises(NotYet):
        await tell(back)
    await tell(revised(2, *ADDED))
    assert (await store.get(Job, VISIT)).version == parked.version
    await tell(back)
    job = await store.get(Job, VISIT)
    assert (job.stage, job.revision, job.round, job.qc) == (Stage.DISPATCHED, 2, 2, None)
    await settle()
    (notice,) = await told(store, "order_revised")
    assert LEADER_E in notice["people"]


@pytest.mark.clause("W8")
async def test_who_works_on_what_the_customer_dropped_in_the_same_moment_is_told_at_once(
    floor: Floor, tell: Tell, store: Store, offered: None, settle: Settle
) -> None:
    await to(floor, tell, store, "start")
    await tell(revised(2, ("item-2", "R-FBP")))
    await settle()
    (notice,) = await told(store, "begun_work_dropped")
    assert {TECHNICIAN, LEADER_E} <= set(notice["people"])
    assert notice["facts"]["items"] == ITEM


@pytest.mark.clause("W7")
async def test_a_delay_is_told_at_once_and_who_will_not_wait_is_first_in_line(
    floor: Floor, tell: Tell, store: Store, offered: None, settle: Settle
) -> None:
    await to(floor, tell, store, "start")
    job = await floor.post(TECHNICIAN, f"{JOB}/progress", {"kind": "later", "minutes": 45, "note": "作业延时"})
    report = job["progress"][-1]["report"]
    await settle()
    (notice,) = await told(store, "progress_later")
    assert (notice["roles"], notice["people"], notice["clause"]) == (["workshop_supervisor"], [ADVISOR], "W7")
    await tell(
        ProgressTold(visit=VISIT, report=report, answer="wants_car_as_promised", channel=Channel.PHONE, promised_at=NOW, advisor=ADVISOR)
    )
    assert (await store.get(Job, VISIT)).priority == 1
    assert await told(store, "car_wanted_as_promised")


@pytest.mark.clause("W6")
async def test_belongings_stay_where_the_customer_wants_them(floor: Floor, tell: Tell, store: Store, offered: None, settle: Settle) -> None:
    await to(floor, tell, store, "take")
    job = await floor.post(TECHNICIAN, f"{JOB}/belongings", {"need": "后备箱物品需移开"})
    asked = job["belongings"][-1]
    assert await text(store, asked["need"]) == "后备箱物品需移开"
    await floor.refused("W6", TECHNICIAN, f"{JOB}/belongings/{asked['request']}/moving", {"to_place": "locker-1"})
    await settle()
    assert await told(store, "belongings_requested")
    await tell(BelongingsAnswered(visit=VISIT, request=asked["request"], agrees=False, channel=Channel.PHONE, advisor=ADVISOR))
    await settle()
    await floor.refused("W6", TECHNICIAN, f"{JOB}/belongings/{asked['request']}/moving", {"to_place": "locker-1"})
    assert await told(store, "belongings_answered", person=TECHNICIAN)


@pytest.mark.clause("W11")
async def test_a_failed_car_is_reworked_by_its_team_which_is_told(
    floor: Floor, tell: Tell, store: Store, offered: None, settle: Settle
) -> None:
    await to(floor, tell, store, "recommend")
    job = await floor.post(QC, f"{JOB}/final-inspection/failure", {"items": [ITEM], "why": "仍有异响"})
    assert (job["round"], job["stage"]) == (2, "dispatched")
    await settle()
    (notice,) = await told(store, "qc_failed")
    assert LEADER_E in notice["people"]
    for step in ("start", "finish", "self_inspect", "leader_inspect", "recommend", "pass_qc"):
        job = await floor.post(*PATH[step])
    assert job["qc"]["round"] == 2


@pytest.mark.clause("R14")
@pytest.mark.parametrize("unsigned", [True, False])
async def test_a_visit_that_ends_before_anybody_touched_the_car_ends_the_job(
    floor: Floor, tell: Tell, store: Store, unsigned: bool
) -> None:
    """EDGE_CASES 1."""
    await tell(check_in())
    if unsigned:
        await tell(
            InquiryEnded(
                visit=VISIT,
                customer="customer-1",
                vehicle="vehicle-1",
                advisor=ADVISOR,
                about="text:reception:1",
                reason="cancelled_before_signature",
                call_hour="10:00",
                car_here=True,
            )
        )
    else:
        for event in (order(), handed_over(), cancelled()):
            await tell(event)
    assert (await store.get(Job, VISIT)).stage is Stage.ENDED
    await floor.refused("R11" if unsigned else "W1", TECHNICIAN, f"{AT}/start")


def cancelled() -> OrderCancelled:
    return OrderCancelled(visit=VISIT, revision=1, kind="after_diagnosis", declined=("R-WIPE",), advisor=ADVISOR)


@pytest.mark.clause("R14")
async def test_an_inquiry_that_never_was_checked_in_is_nothing_to_the_workshop(tell: Tell, store: Store) -> None:
    told = {"customer": "customer-1", "vehicle": "", "advisor": ADVISOR, "about": "text:reception:1", "reason": "inquiry"}
    await tell(InquiryEnded(visit="visit-9", call_hour="10:00", car_here=False, **told))
    assert await store.select(Job, {}) == []


@pytest.mark.clause("W11")
async def test_a_touched_car_whose_order_is_cancelled_passes_the_final_inspection_with_what_was_consented(
    floor: Floor, tell: Tell, store: Store, offered: None
) -> None:
    """EDGE_CASES 1."""
    await to(floor, tell, store, "self_inspect")
    await tell(cancelled())
    for step in ("leader_inspect", "recommend", "pass_qc"):
        job = await floor.post(*PATH[step])
    assert [each["operation"] for each in job["qc"]["recommendations"]] == ["R-FBP", "R-WIPE"]


@pytest.mark.clause("R8")
async def test_edge_case_1_what_a_touched_car_was_to_have_and_nobody_has_begun_is_freed_and_its_team_told(
    floor: Floor, tell: Tell, store: Store, offered: None, settle: Settle
) -> None:
    await settle()
    assert VISIT in (await store.get(Stock, PART)).claims
    await to(floor, tell, store, "confirm")
    await tell(cancelled())
    await settle()
    assert VISIT not in (await store.get(Stock, PART)).claims
    (notice,) = await told(store, "order_cancelled")
    assert LEADER_E in notice["people"]
    await floor.refused("W14", TECHNICIAN, f"{AT}/start")
    assert (await floor.post(*PATH["pass_qc"]))["qc"]["items"] == []
