"""A3, R8, W5: a part that comes to `parts.csv` when the site has long been running is stocked as any other."""

from collections.abc import AsyncIterator

import pytest

from services.workshop.app import WORKSHOP
from services.workshop.reactions import TIMERS
from services.workshop.stock import Stock
from shared.branch import Branch
from shared.reaction import Timer
from shared.store import Store
from tests.workshop.conftest import Floor, Settle, StandingClock, Tell
from tests.workshop.shop import CLERK, NOW, PART, VISIT, check_in, handed_over, order
from tests.workshop.test_api import JOB, SLIP, carry
from tests.workshop.test_flows import told

SHELF = f"/stock/{PART}"


@pytest.fixture
async def store(mongo_url: str, branch: Branch) -> AsyncIterator[Store]:
    """Started first without the part; now the branch has it, and none of it is there."""
    parts = dict(branch.parts)
    new = parts.pop(PART).model_copy(update={"stock": 0})
    for known in (parts, parts | {PART: new}):
        opened = await Store.open(mongo_url, WORKSHOP, branch.model_copy(update={"parts": known}), StandingClock())
        if PART not in known:
            opened.close()
    yield opened
    opened.close()


@pytest.mark.clause("A3")
async def test_the_daily_check_goes_on_and_names_the_new_part(store: Store) -> None:
    timer = Timer(key="reorder-points", kind="reorder_points", due_at=NOW, subject="reorder-points")
    await store.transact(lambda unit: TIMERS["reorder_points"](timer, unit), actor="system", correlation="c", derived_from="timer:1")
    (notice,) = await store.notices(person=CLERK, roles=("parts_clerk",))
    assert PART in notice["facts"]["parts"]


@pytest.mark.clause("W5")
@pytest.mark.parametrize(
    ("what", "body", "on_hand"),
    [
        ("orders", {"quantity": 4}, 0),
        ("receipts", {"quantity": 4, "reference": "DN-1"}, 4),
        ("counts", {"counted": 2, "reason": "货架盘盈"}, 2),
    ],
)
async def test_the_new_part_is_ordered_received_and_counted(floor: Floor, what: str, body: dict[str, object], on_hand: int) -> None:
    assert (await floor.post(CLERK, f"{SHELF}/{what}", body))["on_hand"] == on_hand
    assert (await floor.send(CLERK, "POST", f"/stock/NO-SUCH/{what}", body)).status_code == 404


@pytest.mark.clause("R8")
@pytest.mark.clause("W7")
async def test_a_job_that_needs_the_new_part_waits_for_it_and_goes_on(floor: Floor, tell: Tell, store: Store, settle: Settle) -> None:
    for event in (check_in(), order(), handed_over()):
        await tell(event)
    await carry(floor, tell, store, "confirm")
    short = await floor.refused("W5", CLERK, f"{JOB}/parts-issues", SLIP)
    await settle()
    assert (await store.get(Stock, PART)).claims == {VISIT: 1}
    await floor.post(CLERK, f"{SHELF}/orders", {"quantity": 1, "visit": VISIT})
    report = (await floor.get(CLERK, JOB))["progress"][-1]
    assert report["expected_on"] == short["facts"]["short"][PART]["expected_on"] > "2026-03-09"
    await floor.post(CLERK, f"{SHELF}/receipts", {"quantity": 1, "reference": "DN-1"})
    await settle()
    assert (await floor.get(CLERK, JOB))["waiting"] == []
    assert await told(store, "progress_resumed")
