"""R7, EDGE_CASES 3 in delivery: what a person owes, and the plate of a car, under whichever of two files."""

import asyncio
from datetime import UTC, datetime

import pytest

from services.delivery.reactions import REACTIONS
from shared.contracts.event import Event, VisitEvent
from shared.contracts.reception import FilesMerged, FilesParted
from shared.store import Store
from shared.unit import Unit
from tests.delivery.desk import DOCUMENTS, HANDED_IN, PARKED, check_in, documents_taken, item, qc_passed, signed_order
from tests.delivery.people import CASE, Desk, Tell, arrive, clause

SECOND, OTHER = "visit-2", "customer-2"
AT = datetime(2026, 3, 9, tzinfo=UTC)
WORDS = {"reason": "text:reception:1", "by": "bizsup-1", "at": AT}


async def merge(store: Store, kind: str, file: str, into: str) -> None:
    await hear(store, FilesMerged.model_validate({"kind": kind, "file": file, "into": into, **WORDS}))


async def part(store: Store, kind: str, file: str, former: str) -> None:
    await hear(store, FilesParted.model_validate({"kind": kind, "file": file, "former": former, **WORDS}))


async def hear(store: Store, event: Event) -> None:
    async def react(unit: Unit) -> None:
        for reaction in REACTIONS[type(event)]:
            await reaction(event, unit)

    await store.transact(react, actor="system", correlation="c-1")


async def at_the_desk(desk: Desk, tell: Tell, labour: str) -> None:
    """Two visits, of a file each, settled and not paid."""
    await arrive(tell, items=(item(labour=labour),))
    theirs: tuple[VisitEvent, ...] = (
        check_in().model_copy(update={"customer": OTHER}),
        documents_taken(),
        signed_order((item(labour=labour),)).model_copy(update={"customer": OTHER}),
        qc_passed(),
        PARKED,
        HANDED_IN,
    )
    for event in theirs:
        await tell(event.model_copy(update={"visit": SECOND}))
    for visit in ("visit-1", SECOND):
        await desk.to_the_desk(visit=visit)
        await desk.settle(visit=visit)


@pytest.mark.clause("D5")
async def test_edge_case_3_two_files_of_one_person_have_one_limit_on_account_also_at_once(desk: Desk, tell: Tell) -> None:
    await at_the_desk(desk, tell, labour="11000.00")
    await merge(desk.store, "customer", OTHER, "customer-1")
    asked = [desk.post(f"/cases/{visit}/account", {"payer": "customer"}, by="bizsup-1") for visit in ("visit-1", SECOND)]
    answers = await asyncio.gather(*asked)
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    (refused,) = [answer for answer in answers if answer.status_code == 409]
    assert clause(refused) == (409, "D5")
    await part(desk.store, "customer", OTHER, "customer-1")
    left = SECOND if answers[1] is refused else "visit-1"
    await desk.did(f"/cases/{left}/account", {"payer": "customer"}, by="bizsup-1")


async def test_edge_case_3_the_gatekeeper_sees_the_plate_that_only_the_cars_other_file_knows(desk: Desk, tell: Tell) -> None:
    await arrive(tell)
    for vehicle, plate in (("vehicle-1", None), ("vehicle-2", "京GED411")):
        body = {"kind": "vehicle", "vin": "LFPH3APC2RC879156", "plate": plate}
        await desk.store.collection("records").insert_one({"_id": f"vehicle:{vehicle}", "revision": 1, "body": body})
    await merge(desk.store, "vehicle", "vehicle-2", "vehicle-1")
    await desk.to_the_desk()
    await desk.settle()
    await desk.did(f"{CASE}/payments", {"payment": "pay-1", "method": "card", "amount": "542"}, by="cashier-1")
    await desk.did(f"{CASE}/documents-return", {"documents": DOCUMENTS})
    number = (await desk.did(f"{CASE}/exit-pass"))["exit_pass"]["number"]
    shown = (await desk.get(f"/gate/{number}", by="gate-1")).json()
    assert shown["plate"] == "京GED411"
