"""EDGE_CASES 7: of work found later the insurer that pays a share consents too, and what it does not pay is borne by consent."""

from typing import Any

import pytest

from shared.contracts.reception import AdvisorTaskDone, ChangeQuoted, InsurerConsentRecorded, InsurerGapGranted, OrderRevised
from shared.contracts.shares import item_shares
from shared.contracts.values import Payer
from shared.contracts.workshop import WorkStarted
from shared.money import Money
from shared.signing import content_hash
from shared.store import Store
from tests.reception.conftest import Desk, HandClock, Tell
from tests.reception.recorded import journal, text
from tests.reception.test_changes import answer, found, quote, said
from tests.reception.walk import INSURED, ordered, ordered_as

pytestmark = pytest.mark.clause("W8")

HALF = "243.00"
"""Of rear brake pads: labour 144.00 and a part for 342.00."""


async def insured(desk: Desk, tell: Tell) -> tuple[str, Any]:
    """A visit of which the insurer pays half, and the quote of what was found."""
    visit = await ordered_as(INSURED, desk)
    await tell(found(visit), visit)
    return visit, await quote(desk, visit, found="found-1")


def insurer_says(change: Any, approved: str, **body: Any) -> dict[str, Any]:
    told = {"consents": approved != "0", "claim_number": "PICC-1", "approved_amount": approved, "answered_by": "赵强", "channel": "phone"}
    return told | {"content_hash": change["content_hash"]} | body


async def insurer(desk: Desk, visit: str, change: Any, approved: str) -> Any:
    return await desk.ok("POST", f"/visits/{visit}/changes/{change['change']}/insurer", insurer_says(change, approved))


async def revisions(store: Store, visit: str) -> list[OrderRevised]:
    return await journal(store, visit, OrderRevised)


async def test_edge_case_7_the_workshop_is_told_only_when_customer_and_insurer_have_both_consented(
    desk: Desk, tell: Tell, store: Store
) -> None:
    visit, change = await insured(desk, tell)
    assert change["insurer"] == {"found-1": {"amount": HALF, "currency": "CNY"}}
    await answer(desk, visit, change, accepted=True)
    assert await revisions(store, visit) == []
    assert await journal(store, visit, AdvisorTaskDone) == [], "the insurer is still to be asked"
    await insurer(desk, visit, change, HALF)
    (revised,) = await revisions(store, visit)
    assert [item.item for item in revised.items] == ["item-1", "found-1"]
    assert len(await journal(store, visit, AdvisorTaskDone)) == 1
    (recorded,) = await journal(store, visit, InsurerConsentRecorded)
    assert (recorded.claim_number, recorded.approved, recorded.channel) == ("PICC-1", Money.of(HALF), "phone")
    assert await text(store, recorded.answered_by) == "赵强"


async def test_edge_case_7_the_insurer_of_half_the_order_is_not_asked_for_the_customers_own_wish(
    desk: Desk, tell: Tell, store: Store
) -> None:
    visit = await ordered_as(INSURED, desk)
    line = {"item": "wish-1", "payer": "customer"}
    change = await quote(desk, visit, operations=["R-RBP"], lines=[line])
    assert change["insurer"] == {}
    await answer(desk, visit, change, accepted=True)
    (revised,) = await revisions(store, visit)
    assert item_shares(revised.items[-1], revised.pays) == ({Payer.CUSTOMER: Money.of(144)}, {Payer.CUSTOMER: Money.of(342)})


async def test_edge_case_7_the_insurer_is_asked_for_all_of_an_item_that_is_its_own_on_an_order_that_the_customer_pays(
    desk: Desk, tell: Tell, store: Store
) -> None:
    visit = await ordered(desk)
    await tell(found(visit), visit)
    change = await quote(desk, visit, found="found-1", lines=[{"item": "found-1", "payer": "insurer"}])
    assert change["insurer"] == {"found-1": {"amount": "486.00", "currency": "CNY"}}
    await answer(desk, visit, change, accepted=True)
    assert await revisions(store, visit) == []
    await insurer(desk, visit, change, "400.00")
    anew = (await desk.ok("POST", f"/visits/{visit}/changes/change-1/insurer/gap"))["changes"][-1]
    await answer(desk, visit, anew, accepted=True)
    (revised,) = await revisions(store, visit)
    labour, part = item_shares(revised.items[-1], revised.pays)
    assert labour == {Payer.INSURER: Money.of(144)}
    assert part == {Payer.INSURER: Money.of(256), Payer.CUSTOMER: Money.of(86)}


async def test_edge_case_7_the_insurer_may_answer_first(desk: Desk, tell: Tell, store: Store) -> None:
    visit, change = await insured(desk, tell)
    await insurer(desk, visit, change, HALF)
    assert await revisions(store, visit) == []
    await answer(desk, visit, change, accepted=True)
    assert len(await revisions(store, visit)) == 1


async def test_what_was_begun_until_the_insurer_answered_is_not_dropped(desk: Desk, tell: Tell, store: Store) -> None:
    visit = await ordered_as(INSURED, desk, "R-FBP", "R-BULB")
    await tell(found(visit), visit)
    change = await quote(desk, visit, found="found-1", dropped=["item-2"])
    await answer(desk, visit, change, accepted=True)
    await tell(WorkStarted(visit=visit, item="item-2", by="tech-1", round=1), visit)
    await desk.refused("W8", "POST", f"/visits/{visit}/changes/change-1/insurer", insurer_says(change, HALF))
    anew = await quote(desk, visit, found="found-1")
    await desk.refused("W8", "POST", f"/visits/{visit}/changes/change-1/insurer", insurer_says(change, "0"))
    await answer(desk, visit, anew, accepted=True)
    await insurer(desk, visit, anew, HALF)
    (revised,) = await revisions(store, visit)
    assert [item.item for item in revised.items] == ["item-1", "item-2", "found-1"]


async def test_an_insurer_that_thinks_better_of_it_is_recorded_until_the_work_is_on_the_order(desk: Desk, tell: Tell, store: Store) -> None:
    visit, change = await insured(desk, tell)
    await answer(desk, visit, change, accepted=True)
    await insurer(desk, visit, change, "0")
    await insurer(desk, visit, change, HALF)
    assert len(await revisions(store, visit)) == 1
    await desk.refused("W8", "POST", f"/visits/{visit}/changes/change-1/insurer", insurer_says(change, HALF))


async def test_edge_case_7_declined_the_customer_pays_only_by_a_consent_anew(desk: Desk, tell: Tell, store: Store) -> None:
    visit, change = await insured(desk, tell)
    await answer(desk, visit, change, accepted=True)
    await insurer(desk, visit, change, "0")
    assert await revisions(store, visit) == []
    await desk.refused("W8", "POST", f"/visits/{visit}/changes", {"found": "found-1"})
    anew = (await desk.ok("POST", f"/visits/{visit}/changes/change-1/insurer/gap"))["changes"][-1]
    assert (anew["answers_to"], anew["insurer"], anew["content_hash"] != change["content_hash"]) == ("change-1", {}, True)
    assert await revisions(store, visit) == []
    await answer(desk, visit, anew, accepted=True)
    (revised,) = await revisions(store, visit)
    shares = item_shares(revised.items[-1], revised.pays)
    assert shares == ({Payer.CUSTOMER: Money.of(144)}, {Payer.CUSTOMER: Money.of(342)})


async def test_edge_case_7_approved_for_less_the_gap_is_nobodys_until_somebody_consents_to_bear_it(
    desk: Desk, tell: Tell, store: Store
) -> None:
    visit, change = await insured(desk, tell)
    await insurer(desk, visit, change, "200.00")
    await answer(desk, visit, change, accepted=True)
    assert await revisions(store, visit) == []
    body = {"reason": "老客户，差额由本店承担"}
    await desk.refused("", "POST", f"/visits/{visit}/changes/change-1/insurer/goodwill", body, status=403)
    await desk.who_is("bizsup-1").ok("POST", f"/visits/{visit}/changes/change-1/insurer/goodwill", body)
    (granted,) = await journal(store, visit, InsurerGapGranted)
    assert (granted.amount, granted.by) == (Money.of("43.00"), "bizsup-1")
    anew = (await desk.ok("GET", f"/visits/{visit}/changes"))["changes"][-1]
    await answer(desk, visit, anew, accepted=True)
    (revised,) = await revisions(store, visit)
    labour, part = item_shares(revised.items[-1], revised.pays)
    assert labour == {Payer.CUSTOMER: Money.of(72), Payer.INSURER: Money.of(72)}
    assert part == {Payer.CUSTOMER: Money.of(171), Payer.INSURER: Money.of(128), Payer.GOODWILL: Money.of(43)}


@pytest.mark.clause("W10")
async def test_edge_case_7_what_neither_pays_is_a_declined_recommendation(desk: Desk, tell: Tell, store: Store) -> None:
    visit, change = await insured(desk, tell)
    await insurer(desk, visit, change, "0")
    anew = (await desk.ok("POST", f"/visits/{visit}/changes/change-1/insurer/gap"))["changes"][-1]
    await answer(desk, visit, anew, accepted=False)
    assert await revisions(store, visit) == []
    offers = (await desk.ok("GET", f"/visits/{visit}/proposals"))["operations"]
    assert [(each["operation"], each["answer"]) for each in offers] == [("R-RBP", "declines")]


async def test_what_the_insurer_says_is_said_to_the_quote_as_it_was_shown_and_in_time(desk: Desk, tell: Tell, clock: HandClock) -> None:
    visit, change = await insured(desk, tell)
    path = f"/visits/{visit}/changes/change-1/insurer"
    await desk.refused("W8", "POST", path, insurer_says(change, HALF, content_hash="0" * 64))
    assert (await desk.send("POST", path, insurer_says(change, "0", consents=True))).status_code == 422
    assert (await desk.send("POST", path, insurer_says(change, HALF, consents=False))).status_code == 422
    clock.goes(days=30)
    await desk.refused("W8", "POST", path, insurer_says(change, HALF))


async def test_a_gap_is_borne_only_where_the_insurer_leaves_one(desk: Desk, tell: Tell) -> None:
    visit, change = await insured(desk, tell)
    path = f"/visits/{visit}/changes/change-1/insurer/gap"
    await desk.refused("W8", "POST", path)
    await insurer(desk, visit, change, HALF)
    await desk.refused("W8", "POST", path)


async def test_where_the_insurer_pays_nothing_the_customers_consent_is_enough(desk: Desk, tell: Tell, store: Store) -> None:
    visit = await ordered(desk)
    await tell(found(visit), visit)
    change = await quote(desk, visit, found="found-1")
    assert change["insurer"] == {}
    await desk.refused("W8", "POST", f"/visits/{visit}/changes/change-1/insurer", insurer_says(change, HALF))
    await answer(desk, visit, change, accepted=True)
    assert len(await revisions(store, visit)) == 1


async def test_a_quote_whose_place_another_took_is_answered_by_nobody(desk: Desk, tell: Tell, store: Store) -> None:
    visit, change = await insured(desk, tell)
    await insurer(desk, visit, change, "0")
    await desk.ok("POST", f"/visits/{visit}/changes/change-1/insurer/gap")
    await desk.refused("W8", "POST", f"/visits/{visit}/changes/change-1/answer", said(change, accepted=True))
    await desk.refused("W8", "POST", f"/visits/{visit}/changes/change-1/insurer", insurer_says(change, HALF))
    for quoted in await journal(store, visit, ChangeQuoted):
        assert content_hash(quoted) == quoted.content_hash
