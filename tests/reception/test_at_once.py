"""Many at the counter at the same moment: one gets what there is once, and the others are told what they can do."""

import asyncio
from datetime import date
from typing import Any

import httpx
import pytest

from services.reception.appointment import Appointment
from services.reception.slots import SlotDay, slot_day_id, slots_of
from shared.branch import Branch
from shared.store import Store
from tests.reception.conftest import Desk
from tests.reception.walk import arrive, check_in, consult

DAY = date(2026, 3, 10)
ADVISORS = ("advisor-1", "advisor-2")


def booking(slot: str, number: int) -> dict[str, Any]:
    """Everybody is somebody else and has a car of their own."""
    customer = {"name": f"客户{number}", "phone": f"138001380{number:02}"}
    return {"customer": customer, "vehicle": {"vin": f"LFPH3APC2RC8791{number:02}"}, "channel": "online", "day": str(DAY), "slot": slot}


@pytest.mark.clause("A1")
async def test_of_twenty_who_book_the_last_slot_of_a_day_at_once_one_gets_it_and_the_others_the_nearest_free_ones(
    desk: Desk, store: Store, branch: Branch
) -> None:
    *_, before_last, last = (f"{slot:%H:%M}" for slot in slots_of(DAY, branch))
    places = branch.site.shop.slot_capacity
    for number in range(places - 1):
        await desk.ok("POST", "/appointments", booking(last, number))
    answers = await asyncio.gather(*(desk.send("POST", "/appointments", booking(last, number)) for number in range(20, 40)))
    won = [answer for answer in answers if answer.is_success]
    refused = [answer.json() for answer in answers if answer.status_code == 409]
    assert (len(won), len(refused)) == (1, 19), sorted(answer.status_code for answer in answers)
    for problem in refused:
        assert (problem["clause"], problem["facts"]["nearest"][0]) == ("A1", {"day": str(DAY), "slot": before_last})
    book = await store.get(SlotDay, slot_day_id(DAY))
    assert book.taken(slots_of(DAY, branch)[-1]) == places
    kept = await store.select(Appointment, {})
    assert len(kept) == places
    assert won[0].json()["id"] in {each.id for each in kept} & set(book.places)
    names = [row["body"]["name"] async for row in store.collection("records").find({"_id": {"$regex": "^customer:"}})]
    assert len(names) == places


@pytest.mark.clause("R9")
async def test_of_two_advisors_on_one_order_at_once_one_wins_and_the_other_is_told_what_changed_by_whom(desk: Desk) -> None:
    visit = await arrive(desk)
    await check_in(desk, visit)
    await consult(desk, visit)
    await desk.ok("POST", f"/visits/{visit}/parts-lookup")
    seen = await desk.send("GET", f"/visits/{visit}/order")

    async def estimate(advisor: str) -> httpx.Response:
        return await desk.who_is(advisor).send("POST", f"/visits/{visit}/estimates", {}, If_Match=seen.headers["ETag"])

    answers = dict(zip(ADVISORS, await asyncio.gather(*(estimate(advisor) for advisor in ADVISORS)), strict=True))
    (winner,) = [advisor for advisor, answer in answers.items() if answer.is_success]
    (other,) = [answer for answer in answers.values() if not answer.is_success]
    assert (other.status_code, other.json()["type"].rpartition(":")[2]) == (409, "stale")
    changed = other.json()["facts"]["changed"]
    assert [(each["what"], each["by"]) for each in changed] == [("reception.estimate_given.v1", winner)]
    order = await desk.ok("GET", f"/visits/{visit}/order")
    assert len(order["estimates"]) == 1
