"""Visits as the services would have stored them, at the stage that a command needs: seeded in bulk, past the services.

One of each is carried there by the domain's own moves; the others are copies of it under other ids.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from services.delivery.case import Case
from services.followup.file import FileDuty
from services.reception.order import WorkOrder
from services.reception.store import OnTheBoard, WorkLeft
from shared.aggregate import Aggregate
from shared.contracts.reception import WorkOrderDrafted
from tests.reception import counter
from tests.workshop import shop

Row = dict[str, Any]
Rows = Mapping[tuple[str, str], Row]
"""By department and collection, the one row of a visit in it."""

VISIT = counter.VISIT
NOW = counter.NOW
"""Business time of the seeded visits: a Monday, 10:00 at the branch."""


def _stored(department: str, *states: Aggregate) -> dict[tuple[str, str], Row]:
    rows = {}
    for state in states:
        row = state.model_dump(mode="json")
        rows[department, state.COLLECTION] = {"_id": row.pop("id"), **row}
    return rows


def _elsewhere() -> dict[tuple[str, str], Row]:
    """What the other departments know of a visit that has been checked in."""
    checked_in = shop.check_in()
    case, duty = Case(id=VISIT), FileDuty(id=VISIT)
    return {
        **_stored("delivery", case.after(case.announce(checked_in))),
        **_stored("followup", duty.after(duty.announce("customer-1", "vehicle-1", "agent-1", NOW))),
    }


def _board() -> Row:
    work = [WorkLeft(item=shop.ITEM, skill="engine", hours=shop.BRANCH.operations[shop.OPERATION].hours)]
    who = {"number": "BJ01-1", "vehicle": "vehicle-1", "advisor": "advisor-1"}
    car = OnTheBoard(visit=VISIT, **who, promised_at=NOW, stage="in_workshop", left=work)
    return {**car.model_dump(mode="json"), "_id": VISIT}


def _in_the_workshop(step: str) -> Rows:
    desk = counter.carried_to("hand_over")
    here = {**_stored("reception", desk.visit, desk.order), ("reception", "board"): _board()}
    return {**_elsewhere(), **here, **_stored("workshop", shop.job_before(step))}


def to_sign() -> Rows:
    desk = counter.carried_to("sign_order")
    return {**_elsewhere(), **_stored("reception", desk.visit, desk.order), **_stored("workshop", shop.job_before("open"))}


def to_dispatch() -> Rows:
    return _in_the_workshop("dispatch")


def to_inspect() -> Rows:
    """Ready for the final inspection (W11)."""
    return _in_the_workshop("pass_qc")


def finished() -> Rows:
    """Through the workshop and out of the gate, as far as queries tell it from one that is here."""
    rows = {**_in_the_workshop("pass_qc"), **_stored("workshop", shop.job_after("take_papers"))}
    rows["reception", "board"] = {**rows["reception", "board"], "stage": "left"}
    return rows


def copies(template: Rows, visits: Iterable[str]) -> dict[tuple[str, str], list[Row]]:
    """The template's rows once for each of `visits`, with the gate of each."""
    ids = list(visits)
    rows: dict[tuple[str, str], list[Row]] = {}
    for (department, collection), row in template.items():
        text = json.dumps(row)
        rows[department, collection] = [json.loads(text.replace(f'"{VISIT}"', f'"{visit}"')) for visit in ids]
        rows[department, "gates"] = [{"_id": visit, "next": 1_000, "waiting": 0, "touched": 1} for visit in ids]
    return rows


def hash_to_sign(visit: str) -> str:
    """Of the order's content, the visit's id among it: what the customer signs."""
    desk = counter.carried_to("sign_order")
    draft = desk.order.draft
    assert draft
    order = WorkOrder.model_validate({**desk.order.model_dump(), "id": visit, "draft": {**draft.model_dump(), "visit": visit}})
    seen = desk.visit.model_copy(update={"id": visit})
    (asked,) = order.draft_order(seen, desk.questions, draft.advisor, draft.number, counter.CHOICES, shop.BRANCH, NOW)
    assert isinstance(asked, WorkOrderDrafted)
    return asked.content_hash
