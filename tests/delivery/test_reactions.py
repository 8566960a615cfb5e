"""What starts by itself in delivery, over a real database."""

import pytest

from services.delivery.case import Case
from services.delivery.order import Order
from services.delivery.store import documents_taken, judged_order
from shared.contracts.event import VisitEvent
from shared.contracts.reception import CheckInCorrected
from shared.contracts.workshop import DamageDecided, DamageRepaired, DamageReported, WorkDeclined, WorkFound
from shared.reaction import NotYet
from shared.store import Store
from tests.delivery.desk import ADVISOR, DOCUMENTS, HANDED_IN, PARKED, SAFETY, VISIT, check_in, qc_passed, signed_order
from tests.delivery.desk import documents_taken as documents
from tests.delivery.people import CASE, Desk, Tell, clause


async def told(store: Store, about: str) -> list[dict[str, object]]:
    return [notice for notice in await store.notices(person="advisor-1") if notice["about"] == about]


async def kept_order(store: Store) -> Order | None:
    return await store.transact(lambda unit: judged_order(unit, VISIT), actor="advisor-1", correlation="c-2")


@pytest.mark.clause("R2")
async def test_a_checked_in_vehicle_is_known_and_nothing_more(store: Store, tell: Tell) -> None:
    await tell(check_in())
    case = await store.get(Case, VISIT)
    assert (case.advisor, case.revision, case.spot) == ("advisor-1", None, None)


@pytest.mark.clause("D8")
async def test_a_corrected_odometer_reaches_the_case_and_another_correction_does_not(store: Store, tell: Tell) -> None:
    await tell(check_in())
    for field, value in (("odometer_km", "23000"), ("fuel", "0.25"), ("damage", "roof:dent")):
        await tell(CheckInCorrected(visit=VISIT, field=field, value=value, reason="text:reception:1", by=ADVISOR))
    assert (await store.get(Case, VISIT)).odometer_km == 23000


@pytest.mark.clause("W11")
async def test_a_qc_pass_opens_the_case_and_the_advisor_is_told(store: Store, tell: Tell) -> None:
    await tell(check_in())
    await tell(qc_passed())
    assert (await store.get(Case, VISIT)).revision == 1
    (notice,) = await told(store, "case_opened")
    assert notice["people"] == ["advisor-1"]


@pytest.mark.clause("D2")
async def test_the_advisor_who_checks_the_outside_sees_what_the_workshop_damaged_and_what_became_of_it(desk: Desk, tell: Tell) -> None:
    """The workshop may be heard before reception; and `damage-5` was reported before delivery kept what is."""
    for number in (1, 2, 3, 4):
        await tell(DamageReported(visit=VISIT, damage=f"damage-{number}", during="wash", by="wash-1", note="text:workshop:1"))
    decisions = {"damage-2": "as_it_is", "damage-3": "repair", "damage-4": "repair", "damage-5": "as_it_is"}
    for damage, decision in decisions.items():
        await tell(DamageDecided(visit=VISIT, damage=damage, decision=decision, customer_told=True, supervisor="supervisor-1"))
    await tell(DamageRepaired(visit=VISIT, damage="damage-4", by="tech-1", note="text:workshop:2"))
    await tell(check_in())
    shown = (await desk.get(f"{CASE}/workshop-damages")).json()
    assert [(each["damage"], each["during"], each["state"], each["repaired_by"]) for each in shown] == [
        ("damage-1", "wash", "undecided", None),
        ("damage-2", "wash", "as_it_is", None),
        ("damage-3", "wash", "to_repair", None),
        ("damage-4", "wash", "repaired", "tech-1"),
        ("damage-5", None, "as_it_is", None),
    ]


def work_found(found: str, operation: str, *, safety: bool = True) -> WorkFound:
    return WorkFound(visit=VISIT, found=found, kind="add_on", operation=operation, by="qc-1", safety=safety)


@pytest.mark.clause("D6")
async def test_what_is_found_or_declined_after_the_pass_is_on_the_settlement(store: Store, tell: Tell) -> None:
    """Once each, and not what was found before the pass, which names it by itself, or is on the order."""
    early = work_found("found-1", "R-RBD")
    later = (work_found("found-2", "R-RBD"), work_found("found-3", "M-ALIGN", safety=False), work_found("found-4", "R-FBP"))
    declined = WorkDeclined(visit=VISIT, change="change-1", operations=("M-ALIGN", "R-RBD", "M-BFL"))
    for event in (check_in(), signed_order(), early, qc_passed((SAFETY,)), *later, declined, PARKED):
        await tell(event)
    advised = (await store.get(Case, VISIT)).recommendations
    assert [each.recommendation for each in advised] == [SAFETY.recommendation, "found-2", "found-3", "declined-M-BFL"]
    assert [each.safety for each in advised] == [True, True, False, False]


@pytest.mark.clause("D6")
async def test_a_safety_item_that_was_found_after_the_pass_is_signed_for_before_the_settlement_is_closed(desk: Desk, tell: Tell) -> None:
    for event in (check_in(), documents(), signed_order(), qc_passed(), work_found("found-2", "R-RBD"), PARKED, HANDED_IN):
        await tell(event)
    await desk.to_the_desk()
    shown = (await desk.get(f"{CASE}/settlement")).json()
    assert "D6 found-2" in shown["missing"]
    assert clause(await desk.post(f"{CASE}/settlement", {"content_hash": shown["content_hash"]})) == (409, "D6")
    at = f"{CASE}/recommendations/found-2/answer"
    signed = (await desk.get(f"{at}?answer=declines")).json()["content_hash"]
    said = {"answer": "declines", "consequence_explained": True, "note": "已了解后果", "content_hash": signed}
    await desk.did(at, said)
    closed = (await desk.settle())["settlement"]
    assert [each["operation"] for each in closed["recommendations"]] == ["R-RBD"]


@pytest.mark.clause("D1")
async def test_a_parked_car_is_ready_and_the_advisor_is_told_where_it_stands(store: Store, tell: Tell) -> None:
    for event in (check_in(), qc_passed(), PARKED):
        await tell(event)
    assert (await store.get(Case, VISIT)).spot == "F-3"
    (notice,) = await told(store, "car_ready")
    assert (notice["people"], notice["facts"]) == (["advisor-1"], {"spot": "F-3"})


@pytest.mark.clause("W11")
@pytest.mark.parametrize("early", [qc_passed(), PARKED], ids=["QC pass", "parked"])
async def test_what_the_workshop_says_before_the_check_in_is_known_waits_for_it(store: Store, tell: Tell, early: VisitEvent) -> None:
    with pytest.raises(NotYet, match=f"case:{VISIT}"):
        await tell(early)


@pytest.mark.clause("D5")
async def test_the_judged_order_is_kept_whichever_comes_first(store: Store, tell: Tell) -> None:
    for event in (check_in(), qc_passed()):
        await tell(event)
    assert await kept_order(store) is None
    await tell(signed_order())
    assert await kept_order(store) == Order.signed(signed_order())


@pytest.mark.clause("D5")
async def test_another_revision_than_the_judged_one_is_not_the_order_to_settle(store: Store, tell: Tell) -> None:
    for event in (check_in(), signed_order(), qc_passed(revision=2)):
        await tell(event)
    assert await kept_order(store) is None


@pytest.mark.clause("R7")
async def test_documents_taken_at_reception_are_known_here_each_once(store: Store, tell: Tell) -> None:
    await tell(documents())
    await tell(documents())
    assert await store.transact(lambda unit: documents_taken(unit, VISIT), actor="x", correlation="c-2") == DOCUMENTS
