"""W8, R6, R9: found and wished work is priced, answered line by line, and makes the next revision of the order."""

from typing import Any

import pytest

from shared.contracts.delivery import RevisionRefused
from shared.contracts.event import VisitEvent
from shared.contracts.reception import AdvisorTaskDone, ChangeAnswered, ChangeQuoted, OrderRevised, SupplementAuthorised
from shared.contracts.shares import item_shares
from shared.contracts.values import Payer
from shared.contracts.workshop import (
    LeaderInspected,
    QcFailed,
    RevisionTaken,
    SelfInspected,
    StockChanged,
    WorkFinished,
    WorkFound,
    WorkStarted,
)
from shared.signing import content_hash
from shared.store import Store
from tests.reception.conftest import Desk, HandClock, Tell
from tests.reception.counter import NOW
from tests.reception.recorded import journal, text
from tests.reception.walk import CHOICES, accept_estimate, arrive, check_in, ordered, sign_order

pytestmark = pytest.mark.clause("W8")


def found(visit: str, operation: str = "R-RBP", number: int = 1, kind: str = "add_on") -> WorkFound:
    return WorkFound(visit=visit, found=f"found-{number}", kind=kind, operation=operation, by="tech-1")


async def quote(desk: Desk, visit: str, **body: Any) -> Any:
    return (await desk.ok("POST", f"/visits/{visit}/changes", body))["changes"][-1]


def said(change: Any, accepted: Any, **body: Any) -> dict[str, Any]:
    return {"accepted": accepted, "channel": "phone", "content_hash": change["content_hash"]} | body


async def answer(desk: Desk, visit: str, change: Any, accepted: Any, **body: Any) -> Any:
    return await desk.ok("POST", f"/visits/{visit}/changes/{change['change']}/answer", said(change, accepted, **body))


async def taken(tell: Tell, visit: str, revision: int, *, voids_pass: bool = False) -> None:
    await tell(RevisionTaken(visit=visit, revision=revision, items=(), voids_pass=voids_pass), visit)


async def work_left(desk: Desk) -> list[str]:
    (car,) = await desk.ok("GET", "/board")
    return [work["item"] for work in car["left"]]


async def test_found_work_is_a_task_with_a_time_until_the_customer_has_answered(desk: Desk, tell: Tell, store: Store) -> None:
    visit = await ordered(desk)
    await tell(found(visit), visit)
    (task,) = await desk.ok("GET", "/tasks?advisor=advisor-1")
    assert (task["kind"], task["about"], task["operation"], task["due_by"]) == ("change", "found-1", "R-RBP", "2026-03-09T02:30:00Z")
    change = await quote(desk, visit, found="found-1")
    changes = await answer(desk, visit, change, accepted=True)
    assert await desk.ok("GET", "/tasks") == []
    assert changes["revisions"] == [{"revision": 2, "change": "change-1", "holder": "pending"}]
    (revised,) = await journal(store, visit, OrderRevised)
    assert [item.item for item in revised.items] == ["item-1", "found-1"]
    assert revised.total == revised.labour + revised.parts
    (answered,) = await journal(store, visit, ChangeAnswered)
    assert answered.total == revised.items[1].amount
    assert await text(store, answered.dialled) == "+8618679719991"
    assert len(await journal(store, visit, AdvisorTaskDone)) == 1
    assert await work_left(desk) == ["item-1", "found-1"]


async def test_the_new_promise_is_the_old_one_put_off_by_the_hours_of_what_was_accepted(desk: Desk, tell: Tell, store: Store) -> None:
    visit = await ordered(desk)
    promised = (await desk.ok("GET", f"/visits/{visit}/order"))["signed"]["promised_at"]
    assert promised == "2026-03-09T03:20:00Z"
    await tell(found(visit, "R-CLUTCH"), visit)
    change = await quote(desk, visit, found="found-1")
    assert change["promised_at"] == "2026-03-09T08:20:00Z"
    changes = await answer(desk, visit, change, accepted=True)
    assert changes["promised_at"] == "2026-03-09T08:20:00Z"
    (car,) = await desk.ok("GET", "/board")
    assert car["promised_at"] == "2026-03-09T08:20:00Z"


@pytest.mark.clause("R8")
async def test_a_part_that_is_short_puts_the_promise_off_until_it_is_there(desk: Desk, tell: Tell) -> None:
    visit = await ordered(desk)
    await tell(StockChanged(part_no="BP-4002", change=-9, on_hand=0, reason="issued", lead_days=2), "BP-4002")
    await tell(found(visit, "R-RBP"), visit)
    change = await quote(desk, visit, found="found-1")
    assert change["lookup"] == [{"part_no": "BP-4002", "quantity": 1, "available": False, "expected_on": "2026-03-11"}]
    assert change["promised_at"] == "2026-03-11T00:48:00Z"


async def test_the_consent_is_over_the_hash_of_the_quote_that_anybody_can_compute_again(desk: Desk, tell: Tell, store: Store) -> None:
    visit = await ordered(desk)
    await tell(found(visit), visit)
    change = await quote(desk, visit, found="found-1")
    (quoted,) = await journal(store, visit, ChangeQuoted)
    assert content_hash(quoted) == quoted.content_hash == change["content_hash"]
    path = f"/visits/{visit}/changes/change-1/answer"
    await desk.refused("W8", "POST", path, said(change, accepted=True, content_hash="0" * 64))
    await answer(desk, visit, change, accepted=True)
    await desk.refused("W8", "POST", path, said(change, accepted=True))


async def test_edge_case_4_a_declined_add_on_accepted_next_day_is_a_new_quote_that_points_to_the_refused_one(
    desk: Desk, tell: Tell, store: Store, clock: HandClock
) -> None:
    visit = await ordered(desk)
    await tell(found(visit), visit)
    first = await quote(desk, visit, found="found-1")
    await desk.refused("W8", "POST", f"/visits/{visit}/changes", {"found": "found-1"})
    await answer(desk, visit, first, accepted=False)
    assert await journal(store, visit, OrderRevised) == []
    (answered,) = await journal(store, visit, ChangeAnswered)
    assert (answered.declined, answered.operations_declined, str(answered.total)) == (("found-1",), ("R-RBP",), "0.00 CNY")

    clock.goes(days=1)
    second = await quote(desk, visit, found="found-1")
    assert (second["change"], second["answers_to"], second["valid_until"]) == ("change-2", "change-1", "2026-03-17")
    await answer(desk, visit, second, accepted=True)
    (revised,) = await journal(store, visit, OrderRevised)
    assert (revised.revision, revised.change) == (2, "change-2")
    changes = await desk.ok("GET", f"/visits/{visit}/changes")
    assert [each["declined"] for each in changes["changes"]] == [["found-1"], []]
    await desk.refused("W8", "POST", f"/visits/{visit}/changes", {"found": "found-1"})


@pytest.mark.clause("R9")
async def test_what_was_declined_is_proposed_at_the_next_visit_unless_it_was_accepted_later(desk: Desk, tell: Tell) -> None:
    visit = await ordered(desk)
    for number, operation in enumerate(("R-RBP", "R-BULB"), 1):
        await tell(found(visit, operation, number), visit)
        await answer(desk, visit, await quote(desk, visit, found=f"found-{number}"), accepted=False)
    offers = (await desk.ok("GET", f"/visits/{visit}/proposals"))["operations"]
    assert [(each["operation"], each["answer"]) for each in offers] == [("R-RBP", "declines"), ("R-BULB", "declines")]
    await answer(desk, visit, await quote(desk, visit, found="found-2"), accepted=True)
    offers = (await desk.ok("GET", f"/visits/{visit}/proposals"))["operations"]
    assert [each["operation"] for each in offers] == ["R-RBP"]


async def test_a_second_revision_waits_until_who_holds_the_car_has_answered_the_first(desk: Desk, tell: Tell) -> None:
    visit = await ordered(desk)
    for number in (1, 2):
        await tell(found(visit, number=number), visit)
    first, second = [await quote(desk, visit, found=f"found-{number}") for number in (1, 2)]
    await answer(desk, visit, first, accepted=True)
    waits = await desk.send("POST", f"/visits/{visit}/changes/change-2/answer", said(second, accepted=True))
    assert (waits.status_code, "retry-after" in waits.headers) == (503, True)
    await taken(tell, visit, 2)
    changes = await answer(desk, visit, second, accepted=True)
    assert [(each["revision"], each["holder"]) for each in changes["revisions"]] == [(2, "taken"), (3, "pending")]


async def test_lines_of_one_quote_are_answered_apart(desk: Desk, store: Store) -> None:
    visit = await ordered(desk)
    change = await quote(desk, visit, operations=["R-RBP", "R-WIPE"])
    assert [item["item"] for item in change["items"]] == ["wish-1", "wish-2"]
    answer_path = f"/visits/{visit}/changes/change-1/answer"
    assert (await desk.send("POST", answer_path, said(change, accepted=["wish-9"]))).status_code == 422
    await answer(desk, visit, change, accepted=["wish-2"])
    (revised,) = await journal(store, visit, OrderRevised)
    assert [item.item for item in revised.items] == ["item-1", "wish-2"]


async def test_the_customer_drops_or_swaps_what_nobody_has_begun(desk: Desk, tell: Tell, store: Store) -> None:
    visit = await ordered(desk, "R-FBP", "R-BULB", "R-WIPE")
    await tell(WorkStarted(visit=visit, item="item-1", by="tech-1", round=1), visit)
    for dropped in (["item-1"], ["item-9"], ["item-1", "item-2", "item-3"]):
        await desk.refused("W8", "POST", f"/visits/{visit}/changes", {"dropped": dropped})
    await desk.refused("W8", "POST", f"/visits/{visit}/changes", {})
    change = await quote(desk, visit, operations=["R-BATT"], dropped=["item-2"])
    await answer(desk, visit, change, accepted=True, channel="in_person")
    (revised,) = await journal(store, visit, OrderRevised)
    assert [item.item for item in revised.items] == ["item-1", "item-3", "wish-1"]
    assert await work_left(desk) == ["item-1", "item-3", "wish-1"]


async def test_what_a_technician_has_begun_since_the_quote_is_not_dropped_by_its_answer(desk: Desk, tell: Tell) -> None:
    visit = await ordered(desk, "R-FBP", "R-BULB")
    change = await quote(desk, visit, dropped=["item-2"])
    await tell(WorkStarted(visit=visit, item="item-2", by="tech-1", round=1), visit)
    await desk.refused("W8", "POST", f"/visits/{visit}/changes/change-1/answer", said(change, accepted=True))
    assert await work_left(desk) == ["item-1", "item-2"]
    await answer(desk, visit, change, accepted=False)


@pytest.mark.clause("R11")
async def test_what_is_found_on_a_car_that_cost_nothing_so_far_is_the_customers(desk: Desk, tell: Tell, store: Store) -> None:
    """Nobody had to choose a way to pay before."""
    visit = await arrive(desk)
    await check_in(desk, visit)
    await desk.ok("POST", f"/visits/{visit}/concerns", {"purpose": "maintenance", "words": ["首保"]})
    first = {"operation": "M-FIRST", "fault": "determined", "warranty": "first_maintenance", "customer_told": True}
    await desk.ok("POST", f"/visits/{visit}/diagnoses", first)
    await accept_estimate(desk, visit)
    await sign_order(desk, visit, CHOICES | {"pays": []})
    await tell(found(visit), visit)
    change = await quote(desk, visit, found="found-1")
    assert change["insurer"] == {}
    await answer(desk, visit, change, accepted=True)
    (revised,) = await journal(store, visit, OrderRevised)
    labour, part = item_shares(revised.items[-1], revised.pays)
    assert (set(labour), set(part)) == ({Payer.CUSTOMER}, {Payer.CUSTOMER})


async def test_a_quote_that_has_run_out_is_given_again(desk: Desk, tell: Tell, clock: HandClock) -> None:
    visit = await ordered(desk)
    await tell(found(visit), visit)
    change = await quote(desk, visit, found="found-1")
    clock.goes(days=8)
    late = said(change, accepted=True)
    await desk.refused("W8", "POST", f"/visits/{visit}/changes/change-1/answer", late)
    anew = await quote(desk, visit, found="found-1")
    assert (anew["change"], anew["answers_to"]) == ("change-2", "change-1")
    assert (await desk.refused("W8", "POST", f"/visits/{visit}/changes/change-1/answer", late))["type"].endswith("change-already-answered")
    await desk.refused("W8", "POST", f"/visits/{visit}/changes", {"found": "found-1"})
    await answer(desk, visit, anew, accepted=True)
    assert await desk.ok("GET", "/tasks") == []


async def test_prices_off_the_list_need_a_reason_here_too(desk: Desk, tell: Tell) -> None:
    visit = await ordered(desk)
    await tell(found(visit), visit)
    line = {"item": "found-1", "labour": "10.00"}
    await desk.refused("R9", "POST", f"/visits/{visit}/changes", {"found": "found-1", "lines": [line]})
    change = await quote(desk, visit, found="found-1", lines=[line | {"price_reason": "老客户优惠"}])
    assert change["items"][0]["labour"]["amount"] == "10.00"


async def test_a_later_quotes_wishes_are_priced_by_their_order_in_it_and_a_price_of_nothing_asked_is_refused(desk: Desk) -> None:
    visit = await ordered(desk)
    await quote(desk, visit, operations=["R-WIPE"])
    line = {"item": "wish-2", "labour": "10.00", "price_reason": "老客户优惠"}
    change = await quote(desk, visit, operations=["R-RBP", "R-BULB"], lines=[line])
    assert [item["item"] for item in change["items"]] == ["wish-2", "wish-3"]
    assert [item["labour"]["amount"] == "10.00" for item in change["items"]] == [False, True]
    for lines in ([line | {"item": "wish-3"}], [line | {"item": "found-1"}], [line, line]):
        asked = {"operations": ["R-RBP", "R-BULB"], "lines": lines}
        problem = await desk.refused("", "POST", f"/visits/{visit}/changes", asked, status=422)
        assert problem["missing"] == ["lines"]
    await desk.refused("", "POST", f"/visits/{visit}/changes", {"dropped": ["item-1"], "lines": [line]}, status=422)


async def test_nothing_changes_before_the_order_is_signed(desk: Desk) -> None:
    visit = await arrive(desk)
    await desk.refused("R11", "POST", f"/visits/{visit}/changes", {"operations": ["R-RBP"]})


async def test_edge_case_4_a_revision_after_the_car_has_left_is_refused_and_proposed_at_the_next_visit(
    desk: Desk, tell: Tell, store: Store
) -> None:
    visit = await ordered(desk)
    await tell(found(visit), visit)
    await answer(desk, visit, await quote(desk, visit, found="found-1"), accepted=True)
    await tell(RevisionRefused(visit=visit, revision=2), visit)
    changes = await desk.ok("GET", f"/visits/{visit}/changes")
    assert [each["holder"] for each in changes["revisions"]] == ["refused"]
    assert [item["item"] for item in changes["items"]] == ["item-1"]
    offers = (await desk.ok("GET", f"/visits/{visit}/proposals"))["operations"]
    assert [(each["operation"], each["answer"]) for each in offers] == [("R-RBP", "next_time")]


@pytest.mark.clause("W11")
async def test_work_that_failed_its_inspection_or_voids_a_pass_is_work_again(desk: Desk, tell: Tell) -> None:
    visit = await ordered(desk)
    await tell(WorkFinished(visit=visit, item="item-1", by="tech-1", round=1), visit)
    assert await work_left(desk) == []
    await tell(QcFailed(visit=visit, inspector="qc-1", round=1, items=("item-1",), why="text:workshop:1"), visit)
    assert await work_left(desk) == ["item-1"]
    await tell(found(visit), visit)
    await answer(desk, visit, await quote(desk, visit, found="found-1"), accepted=True)
    await taken(tell, visit, 2, voids_pass=True)
    (car,) = await desk.ok("GET", "/board")
    assert (car["stage"], [work["item"] for work in car["left"]]) == ("in_workshop", ["item-1", "found-1"])


@pytest.mark.clause("R10")
@pytest.mark.clause("W9")
@pytest.mark.parametrize(
    "again",
    [
        SelfInspected(visit="", item="item-1", by="tech-1", passed=False, round=1),
        LeaderInspected(visit="", team="team-e", by="leader-e", items=("item-1",), passed=False, round=1),
        WorkStarted(visit="", item="item-1", by="tech-2", round=1, at=NOW),
    ],
    ids=lambda event: type(event).__name__,
)
async def test_work_that_is_done_anew_is_work_that_is_left(desk: Desk, tell: Tell, again: VisitEvent) -> None:
    visit = await ordered(desk)
    await tell(WorkFinished(visit=visit, item="item-1", by="tech-1", round=1), visit)
    await tell(again.model_copy(update={"visit": visit}), visit)
    assert await work_left(desk) == ["item-1"]


@pytest.mark.clause("R10")
@pytest.mark.clause("W14")
@pytest.mark.parametrize("by_whom", ["both finish", "the other is named no more"])
async def test_work_is_left_as_long_as_another_technician_is_at_it(desk: Desk, tell: Tell, by_whom: str) -> None:
    visit = await ordered(desk)
    for technician in ("tech-1", "tech-2"):
        await tell(WorkStarted(visit=visit, item="item-1", by=technician, round=1, at=NOW), visit)
    await tell(WorkFinished(visit=visit, item="item-1", by="tech-1", round=1, item_finished=False), visit)
    assert await work_left(desk) == ["item-1"]
    if by_whom == "both finish":
        await tell(WorkFinished(visit=visit, item="item-1", by="tech-2", round=1), visit)
    else:
        await tell(SelfInspected(visit=visit, item="item-1", by="tech-1", passed=True, round=1), visit)
    assert await work_left(desk) == []


@pytest.mark.clause("R6")
async def test_a_finding_of_the_inspection_is_priced_after_it_and_needs_its_own_consent(desk: Desk, tell: Tell, store: Store) -> None:
    visit = await ordered(desk)
    await tell(found(visit, kind="finding"), visit)
    (task,) = await desk.ok("GET", "/tasks")
    assert task["kind"] == "finding"
    await answer(desk, visit, await quote(desk, visit, found="found-1"), accepted=True, answered_by="driver")
    (answered,) = await journal(store, visit, ChangeAnswered)
    assert await text(store, answered.answered_by) == "driver"


async def supplement(desk: Desk, visit: str, change: str, *accepted: str) -> Any:
    query = "?" + "&".join(f"accepted={line}" for line in accepted) if accepted else ""
    return await desk.ok("GET", f"/visits/{visit}/changes/{change}/supplement{query}")


async def test_the_customer_signs_the_add_on_authorisation_over_its_own_hash_and_it_is_read_later_as_it_was_signed(
    desk: Desk, tell: Tell, store: Store, clock: HandClock
) -> None:
    visit = await ordered(desk)
    await tell(found(visit), visit)
    change = await quote(desk, visit, found="found-1")
    shown = (await supplement(desk, visit, "change-1"))["paper"]
    signed = {"channel": "in_person", "by_hand": True, "picture_sha256": "ab" * 32}
    another = said(change, accepted=True, supplement_hash="0" * 64, **signed)
    await desk.refused("W8", "POST", f"/visits/{visit}/changes/change-1/answer", another)
    await answer(desk, visit, change, accepted=True, supplement_hash=shown["content_hash"], **signed)
    (paper,) = await journal(store, visit, SupplementAuthorised)
    assert paper.content_hash == content_hash(paper) == shown["content_hash"] != change["content_hash"]
    assert paper.signature
    assert (paper.signature.signer, paper.signature.content_hash, paper.signature.picture_sha256) == (
        "customer",
        paper.content_hash,
        "ab" * 32,
    )
    (revised,) = await journal(store, visit, OrderRevised)
    assert (paper.order_total, paper.promised_at, paper.number[-3:]) == (revised.total, revised.promised_at, "-A1")

    clock.goes(days=1)
    await tell(found(visit, "R-BULB", 2), visit)
    await tell(RevisionTaken(visit=visit, revision=2, items=()), visit)
    await answer(desk, visit, await quote(desk, visit, found="found-2"), accepted=True)
    kept = await supplement(desk, visit, "change-1")
    assert SupplementAuthorised.model_validate(kept["paper"]) == paper
    assert (kept["authorised_by"], kept["channel"], kept["authorised_at"]) == ("customer", "in_person", "2026-03-09T02:00:00Z")


async def test_an_add_on_authorised_on_the_phone_has_its_paper_with_who_when_and_the_number_dialled(
    desk: Desk, tell: Tell, store: Store
) -> None:
    visit = await ordered(desk)
    await tell(found(visit), visit)
    change = await quote(desk, visit, found="found-1")
    await answer(desk, visit, change, accepted=True)
    kept = await supplement(desk, visit, "change-1")
    assert (kept["paper"]["signature"], kept["authorised_by"], kept["channel"]) == (None, "customer", "phone")
    assert await text(store, kept["dialled"]) == "+8618679719991"


async def test_the_paper_has_the_lines_that_were_accepted_and_names_those_that_were_not(desk: Desk, store: Store) -> None:
    visit = await ordered(desk)
    change = await quote(desk, visit, operations=["R-RBP", "R-BULB"], dropped=["item-1"])
    shown = (await supplement(desk, visit, "change-1", "wish-1", "item-1"))["paper"]
    await answer(desk, visit, change, accepted=["wish-1", "item-1"], supplement_hash=shown["content_hash"])
    (paper,) = await journal(store, visit, SupplementAuthorised)
    assert ([item.item for item in paper.items], paper.dropped, paper.declined) == (["wish-1"], ("item-1",), ("wish-2",))
    assert paper.order_total == paper.total == paper.items[0].amount


async def test_what_the_customer_declines_wholly_is_no_authorisation(desk: Desk, tell: Tell, store: Store) -> None:
    visit = await ordered(desk)
    await tell(found(visit), visit)
    await answer(desk, visit, await quote(desk, visit, found="found-1"), accepted=False)
    assert await journal(store, visit, SupplementAuthorised) == []


async def test_who_signs_says_what_was_shown(desk: Desk, tell: Tell) -> None:
    visit = await ordered(desk)
    await tell(found(visit), visit)
    change = await quote(desk, visit, found="found-1")
    unshown = said(change, accepted=True, by_hand=True)
    assert (await desk.send("POST", f"/visits/{visit}/changes/change-1/answer", unshown)).status_code == 422
