"""R8, W5, A3 over HTTP and a real database: reserved when signed, short, ordered, received, and the job that waited goes on."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from services.workshop import stock
from services.workshop.job import Job
from services.workshop.reactions import TIMERS, resume_jobs
from services.workshop.stock import Stock
from shared.contracts.workshop import StockChanged
from shared.reaction import Timer
from shared.store import MongoUnit, Store
from tests.workshop.conftest import Floor, Settle, Tell
from tests.workshop.shop import CLERK, ITEM, NOW, PART, TECHNICIAN, VISIT, check_in, handed_over, order, revised
from tests.workshop.test_api import AT, JOB, PATH, SLIP, carry, leave_on_shelf
from tests.workshop.test_flows import cancelled, told

SHELF = f"/stock/{PART}"


@pytest.fixture
async def offered(tell: Tell, settle: Settle) -> None:
    for event in (check_in(), order(), handed_over()):
        await tell(event)
    await settle()


async def shelf(store: Store) -> Stock:
    return await store.get(Stock, PART)


@pytest.mark.clause("R8")
async def test_a_signed_order_reserves_its_parts_a_revision_and_an_end_free_them(
    store: Store, tell: Tell, offered: None, settle: Settle
) -> None:
    assert (await shelf(store)).claims == {VISIT: 1}
    await tell(revised(2, ("wish-1", "M-ALIGN")))
    await settle()
    assert (await shelf(store)).claims == {}
    await tell(revised(3, (ITEM, "R-THERM")))
    await settle()
    assert (await shelf(store)).claims == {VISIT: 1}
    await tell(cancelled())
    await settle()
    freed = await shelf(store)
    assert (freed.claims, freed.free) == ({}, freed.on_hand)


@pytest.mark.clause("R8")
@pytest.mark.clause("W7")
async def test_a_job_that_waits_for_its_part_goes_on_by_itself_when_it_comes(
    floor: Floor, tell: Tell, store: Store, offered: None, settle: Settle
) -> None:
    await leave_on_shelf(store, PART, 0)
    await carry(floor, tell, store, "confirm")
    short = await floor.refused("W5", CLERK, f"{JOB}/parts-issues", SLIP)
    await floor.post(CLERK, f"{SHELF}/orders", {"quantity": 4, "visit": VISIT})
    job = await floor.get(CLERK, JOB)
    report = job["progress"][-1]
    assert (report["kind"], report["parts"], report["by"]) == ("waiting_for_parts", [PART], CLERK)
    assert report["expected_on"] == short["facts"]["short"][PART]["expected_on"]
    await settle()
    (notice,) = await told(store, "progress_waiting_for_parts")
    assert notice["people"] == ["advisor-1"]

    await floor.post(CLERK, f"{SHELF}/receipts", {"quantity": 4, "reference": "DN-1"})
    await settle()
    job = await floor.get(CLERK, JOB)
    assert (job["progress"][-1]["kind"], job["progress"][-1]["by"], job["waiting"]) == ("resumed", "system", [])
    (notice,) = await told(store, "progress_resumed")
    assert notice["people"] == ["advisor-1", "leader-e"]
    assert (await floor.post(CLERK, f"{JOB}/parts-issues", SLIP))["items"][ITEM]["drawn"][PART] == 1


@pytest.mark.clause("R8")
@pytest.mark.clause("W7")
async def test_a_job_that_needs_its_part_no_more_waits_for_nothing(
    floor: Floor, tell: Tell, store: Store, offered: None, settle: Settle
) -> None:
    """EDGE_CASES 1: the customer ended the order, and what was begun is put together again."""
    await leave_on_shelf(store, PART, 0)
    await carry(floor, tell, store, "confirm")
    await floor.post(*PATH["start"])
    await floor.post(CLERK, f"{SHELF}/orders", {"quantity": 4, "visit": VISIT})
    await tell(cancelled())
    await settle()
    assert (await floor.get(CLERK, JOB))["waiting"] == [PART]
    await floor.post(TECHNICIAN, f"{AT}/reassembly")
    await settle()
    job = await floor.get(CLERK, JOB)
    assert (job["progress"][-1]["kind"], job["waiting"]) == ("resumed", [])


@pytest.mark.clause("R8")
@pytest.mark.clause("W7")
async def test_a_job_goes_on_when_an_order_before_it_needs_fewer_of_the_part(
    floor: Floor, tell: Tell, store: Store, settle: Settle
) -> None:
    """Two are there, both for who signed first, until that customer drops one of the two."""
    await leave_on_shelf(store, PART, 2)
    two = ((ITEM, "R-THERM"), ("item-2", "R-THERM"))
    for visit, items in (("visit-0", two), (VISIT, two[:1])):
        for event in (check_in(visit), order(*items, visit=visit), handed_over(visit)):
            await tell(event)
        await settle()
    await carry(floor, tell, store, "confirm")
    await floor.post(CLERK, f"{SHELF}/orders", {"quantity": 4, "visit": VISIT})
    assert (await floor.get(CLERK, JOB))["waiting"] == [PART]
    await tell(revised(2, two[0], visit="visit-0"))
    await settle()
    assert (await shelf(store)).claims == {"visit-0": 1, VISIT: 1}
    job = await floor.get(CLERK, JOB)
    assert (job["progress"][-1]["kind"], job["waiting"]) == ("resumed", [])


@pytest.mark.clause("R8")
async def test_of_those_that_have_the_part_reserved_only_the_jobs_that_wait_for_it_are_read(
    floor: Floor, tell: Tell, store: Store, settle: Settle
) -> None:
    await leave_on_shelf(store, PART, 2)
    for visit in ("visit-0", VISIT, "visit-2"):
        for event in (check_in(visit), order(visit=visit), handed_over(visit)):
            await tell(event)
        await settle()
    await leave_on_shelf(store, PART, 0)
    await carry(floor, tell, store, "confirm")
    await floor.post(CLERK, f"{SHELF}/orders", {"quantity": 4, "visit": VISIT})
    came = StockChanged(part_no=PART, change=4, on_hand=4, reason="receipt", lead_days=1)

    async def read_by(unit: MongoUnit) -> list[str]:
        await unit.update(Stock, PART, lambda _: [came])
        await resume_jobs(came, unit)
        return [id for collection, id in unit.asked if collection == "jobs"]

    assert await store.transact(read_by, actor="system", correlation="c") == [VISIT]
    assert (await floor.get(CLERK, JOB))["waiting"] == []


@pytest.mark.clause("R8")
async def test_who_is_told_once_of_a_wait_is_not_told_again_unless_it_is_longer(
    floor: Floor, tell: Tell, store: Store, offered: None
) -> None:
    for part_no in ("CL-6001", PART):
        await leave_on_shelf(store, part_no, 0)
    await carry(floor, tell, store, "confirm")
    for part_no in ("CL-6001", PART):
        await floor.post(CLERK, f"/stock/{part_no}/orders", {"quantity": 4, "visit": VISIT})
    (report,) = (await floor.get(CLERK, JOB))["progress"]
    assert sorted(report["parts"]) == ["CL-6001", PART]
    lead_days = max(store.branch.parts[part_no].lead_days for part_no in ("CL-6001", PART))
    assert report["expected_on"] == str(date(2026, 3, 9) + timedelta(days=lead_days))


@pytest.mark.clause("R8")
@pytest.mark.clause("W7")
async def test_the_customer_is_not_told_the_day_of_a_part_that_is_for_somebody_before(
    floor: Floor, tell: Tell, store: Store, settle: Settle
) -> None:
    for visit in ("visit-0", VISIT):
        for event in (check_in(visit), order(visit=visit), handed_over(visit)):
            await tell(event)
        await settle()
    await leave_on_shelf(store, PART, 0)
    await carry(floor, tell, store, "confirm")
    await store.transact(
        lambda unit: unit.update(Stock, PART, lambda held: stock.order(held, 1, "visit-0", CLERK, date(2026, 3, 8))),
        actor=CLERK,
        correlation="c",
    )
    await floor.post(CLERK, f"{SHELF}/orders", {"quantity": 1, "visit": VISIT})
    (report,) = (await floor.get(CLERK, JOB))["progress"]
    theirs, own = (await shelf(store)).on_order
    assert theirs.expected_on < own.expected_on
    assert report["expected_on"] == str(own.expected_on)


@pytest.mark.clause("R8")
async def test_a_part_ordered_before_the_car_is_here_or_for_the_shelf_tells_nobody(
    floor: Floor, tell: Tell, store: Store, offered: None
) -> None:
    await leave_on_shelf(store, PART, 0)
    for visit in (VISIT, None):
        await floor.post(CLERK, f"{SHELF}/orders", {"quantity": 1, "visit": visit})
    assert (await store.get(Job, VISIT)).progress == ()
    assert [each.visit for each in (await shelf(store)).on_order] == [VISIT, None]
    assert (await floor.send(CLERK, "POST", f"{SHELF}/orders", {"quantity": 1, "visit": "visit-9"})).status_code == 404


@pytest.mark.clause("W5")
async def test_two_clerks_return_the_same_part_at_once_and_one_hears_what_is_left(
    floor: Floor, tell: Tell, store: Store, offered: None, settle: Settle
) -> None:
    """EDGE_CASES 11."""
    before = await shelf(store)
    job = await carry(floor, tell, store, "draw")
    back = {"slip": job["slips"][0]["slip"], "part_no": PART, "quantity": 1}
    answers = await asyncio.gather(*(floor.send(CLERK, "POST", f"{JOB}/parts-returns", back) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    refusal = next(answer.json() for answer in answers if answer.status_code == 409)
    assert (refusal["clause"], refusal["facts"]["rest"]) == ("W5", 0)
    await settle()
    after = await shelf(store)
    assert (after.on_hand, after.claims) == (before.on_hand, {VISIT: 1})


@pytest.mark.clause("W5")
async def test_an_opened_part_does_not_come_back_to_the_shelf(floor: Floor, tell: Tell, store: Store, offered: None) -> None:
    job = await carry(floor, tell, store, "draw")
    before = await shelf(store)
    back = {"slip": job["slips"][0]["slip"], "part_no": PART, "quantity": 1, "opened": True}
    assert (await floor.post(CLERK, f"{JOB}/parts-returns", back))["returns"][-1]["to_stock"] is False
    assert await shelf(store) == before


@pytest.mark.clause("W5")
async def test_the_parts_store_says_that_the_work_did_without_a_part_also_after_the_car_is_parked(
    floor: Floor, tell: Tell, store: Store, settle: Settle
) -> None:
    """EDGE_CASES 11: it is on the shelf for anybody, and the slip tells delivery how many stayed."""
    for event in (check_in(), order((ITEM, "R-PLUG")), handed_over()):
        await tell(event)
    await settle()
    slip = {"item": ITEM, "lines": [{"part_no": "SP-3001", "quantity": 4}], "drawn_by": TECHNICIAN}
    job = await carry(floor, tell, store, "park", draw=slip)
    before = await store.get(Stock, "SP-3001")
    back = {"slip": job["slips"][0]["slip"], "part_no": "SP-3001", "quantity": 1, "unneeded": True}
    returned = (await floor.post(CLERK, f"{JOB}/parts-returns", back))["returns"][-1]
    assert (returned["unneeded"], returned["out"], returned["to_stock"]) == (True, 3, True)
    await settle()
    after = await store.get(Stock, "SP-3001")
    assert (after.free, after.claims) == (before.free + 1, {})
    refused = await floor.send(CLERK, "POST", f"{JOB}/parts-returns", back | {"quantity": 3})
    assert (refused.status_code, refused.json()["clause"]) == (409, "W5")


@pytest.mark.clause("W5")
async def test_a_slip_is_printed_and_the_shelf_counted(floor: Floor, tell: Tell, store: Store, offered: None) -> None:
    job = await carry(floor, tell, store, "draw")
    slip = job["slips"][0]["slip"]
    assert (await floor.post(CLERK, f"{JOB}/slips/{slip}/printing"))["printed_slips"] == [slip]
    await floor.refused("W5", CLERK, f"{SHELF}/counts", {"counted": 1})
    assert (await floor.post(CLERK, f"{SHELF}/counts", {"counted": 1, "reason": "货架盘亏"}))["on_hand"] == 1
    below = await floor.get(CLERK, "/stock-below-reorder-point")
    assert [each["id"] for each in below if each["id"] == PART] == ([PART] if store.branch.parts[PART].reorder_at > 1 else [])


@pytest.mark.clause("A3")
async def test_the_parts_clerk_hears_every_morning_what_wants_ordering(store: Store) -> None:
    waiting: dict[str, Any] | None = await store.collection("timers").find_one({"_id": "reorder-points"})
    assert waiting
    opens = waiting["due_at"]
    assert opens > NOW
    await leave_on_shelf(store, "OF-2001", 0)
    timer = Timer(key="reorder-points", kind="reorder_points", due_at=opens, subject="reorder-points")
    await store.transact(lambda unit: TIMERS["reorder_points"](timer, unit), actor="system", correlation="c", derived_from="timer:1")
    (notice,) = [each for each in await store.notices(person=CLERK, roles=("parts_clerk",)) if each["about"] == "parts_below_reorder_point"]
    assert "OF-2001" in notice["facts"]["parts"]
    checked = await store.collection("journal").count_documents({"type": "workshop.reorder_points_checked.v1"})
    assert checked == 1


@pytest.mark.clause("W7")
async def test_a_technician_says_that_the_job_waits_and_for_what(floor: Floor, tell: Tell, store: Store, offered: None) -> None:
    await leave_on_shelf(store, PART, 0)
    await carry(floor, tell, store, "confirm")
    job = await floor.post(TECHNICIAN, f"{JOB}/progress", {"kind": "waiting_for_parts"})
    assert (job["progress"][-1]["parts"], job["waiting"]) == ([PART], [PART])
    assert job["progress"][-1]["expected_on"]
    assert PATH["draw"]
