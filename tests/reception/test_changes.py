"""W8, R6, R9: found and wished work is priced, answered line by line, and makes the next revision of the order."""

from typing import Any

import pytest

from shared.contracts.event import VisitEvent
from shared.contracts.reception import ChangeAnswered, OrderRevised
from shared.contracts.workshop import WorkFound
from shared.store import Store
from tests.reception.conftest import Desk, Tell
from tests.reception.walk import ordered

pytestmark = pytest.mark.clause("W8")


def found(visit: str, operation: str = "R-RBP", number: int = 1, kind: str = "add_on") -> WorkFound:
    return WorkFound(visit=visit, found=f"found-{number}", kind=kind, operation=operation, by="tech-1", item=None)


async def quote(desk: Desk, visit: str, **body: Any) -> Any:
    return (await desk.ok("POST", f"/visits/{visit}/changes", body))["changes"][-1]


async def answer(desk: Desk, visit: str, change: Any, accepted: Any, **body: Any) -> Any:
    said = {"accepted": accepted, "channel": "phone", "content_hash": change["content_hash"]} | body
    return await desk.ok("POST", f"/visits/{visit}/changes/{change['change']}/answer", said)


async def journal(store: Store, visit: str, kind: type[VisitEvent]) -> list[Any]:
    rows = await store.collection("journal").find({"subject": visit, "type": kind.TYPE}).sort("k", 1).to_list(100)
    return [kind.model_validate(row["data"]) for row in rows]


async def tasks(desk: Desk) -> Any:
    return await desk.ok("GET", "/tasks")


async def test_found_work_is_a_task_with_a_time_until_the_customer_has_answered(desk: Desk, tell: Tell, store: Store) -> None:
    visit = await ordered(desk)
    await tell(found(visit), visit)
    (task,) = await tasks(desk)
    assert (task["kind"], task["about"], task["operation"], task["advisor"]) == ("change", "found-1", "R-RBP", "advisor-1")
    assert task["due_by"] == "2026-03-09T02:30:00Z"
    change = await quote(desk, visit, found="found-1")
    changes = await answer(desk, visit, change, accepted=True)
    assert await tasks(desk) == []
    assert changes["revisions"] == [{"revision": 2, "change": "change-1", "holder": "pending"}]
    (revised,) = await journal(store, visit, OrderRevised)
    assert [item.item for item in revised.items] == ["item-1", "found-1"]
    assert revised.total == revised.labour + revised.parts
    (answered,) = await journal(store, visit, ChangeAnswered)
    assert answered.total == revised.items[1].amount
    assert (await store.record(answered.dialled) or {})["text"] == "+8618679719991"
