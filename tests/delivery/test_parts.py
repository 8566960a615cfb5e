"""EDGE_CASES 11: of a part that came back to the store only what stayed with the item is charged; labour stays."""

import pytest

from services.delivery import parts, settlement
from services.delivery.case import Case
from services.delivery.order import Order
from shared.contracts.values import OrderItem, PartLine, Payer, Signature
from shared.contracts.workshop import PartsIssued, PartsReturned
from shared.money import Money
from shared.store import Store
from tests.delivery.conftest import CatchUp
from tests.delivery.desk import NOW, TAX, VISIT, Move, at_the_desk, carry, close, credit, item, order, parked, refused, ruled
from tests.delivery.people import CASE, Desk, Tell, arrive, clause

pytestmark = pytest.mark.clause("D5")

PLUG = "SP-3001"


def plugs(*quantities: int, warranty: str = "no") -> OrderItem:
    lines = tuple(
        PartLine(line=f"item-1.{n}", part_no=PLUG, quantity=pieces, unit_price=Money.of(62), amount=Money.of(62) * pieces)
        for n, pieces in enumerate(quantities, start=1)
    )
    return item(warranty=warranty).model_copy(update={"labour": Money.of("108.00"), "parts": lines})


def came_back(out: int, quantity: int = 1) -> PartsReturned:
    return PartsReturned(
        visit=VISIT, slip="SLIP-1", item="item-1", part_no=PLUG, quantity=quantity, to_stock=True, by="parts-1", unneeded=True, out=out
    )


def drawn(out: int) -> PartsIssued:
    signature = Signature(signer="tech-1", at=NOW, content_hash="0" * 64)
    return PartsIssued(
        visit=VISIT,
        slip="SLIP-2",
        item="item-1",
        part_no=PLUG,
        quantity=1,
        drawn_by="tech-1",
        given_by="parts-1",
        signature=signature,
        out=out,
    )


def counted(step: PartsIssued | PartsReturned) -> Move:
    return lambda case: parts.count_out(case, step)


def charged(case: Case, kept: Order) -> dict[str, str]:
    return {line.line: str(line.amount.amount) for line in settlement.statement(case, kept, TAX).lines}


def test_the_consented_line_shrinks_by_itself_and_the_statement_says_why() -> None:
    kept = order((plugs(4),))
    case = carry(at_the_desk(kept), counted(came_back(out=3)))
    shown = settlement.statement(case, kept, TAX)
    assert charged(case, kept) == {"item-1.labour": "108.00", "item-1.1": "186.00"}
    assert (shown.total, shown.owed) == (Money.of("294.00"), {Payer.CUSTOMER: Money.of("294.00")})
    (returned,) = shown.returned
    assert (returned.line, returned.part_no, returned.quantity, returned.amount) == ("item-1.1", PLUG, 1, Money.of(62))
    closed = carry(case, close(kept)).settlement
    assert closed and (closed.total, closed.returned) == (shown.total, shown.returned)


def test_a_part_that_comes_back_while_the_customer_reads_makes_another_statement_to_sign() -> None:
    kept = order((plugs(4),))
    case = at_the_desk(kept)
    shown = settlement.statement(case, kept, TAX).content_hash
    with refused("D5"):
        carry(case, counted(came_back(out=3)), close(kept, shown))


def test_of_two_lines_with_one_part_the_first_keeps_its_pieces() -> None:
    kept = order((plugs(2, 2),))
    assert charged(carry(at_the_desk(kept), counted(came_back(out=3))), kept)["item-1.2"] == "62.00"
    assert "item-1.2" not in charged(carry(at_the_desk(kept), counted(came_back(out=1))), kept)


def test_a_part_that_was_drawn_again_is_charged() -> None:
    kept = order((plugs(4),))
    case = carry(at_the_desk(kept), counted(came_back(out=3)), counted(drawn(out=4)))
    assert charged(case, kept)["item-1.1"] == "248.00"
    assert settlement.statement(case, kept, TAX).returned == ()


def test_parts_that_never_came_back_are_not_counted_piece_by_piece() -> None:
    assert parts.count_out(parked(), drawn(out=1)) == []


async def test_edge_case_11_a_part_returned_before_the_signature_is_not_charged(desk: Desk, tell: Tell, store: Store) -> None:
    """After QC, too: the car is at the desk already."""
    await arrive(tell, items=(plugs(4),))
    await desk.to_the_desk()
    await tell(came_back(out=3))
    settled = (await desk.settle())["settlement"]
    assert (settled["total"]["amount"], settled["returned"][0]["quantity"]) == ("294.00", 1)
    assert await desk.told("settled_part_returned") == []


async def test_edge_case_11_a_part_returned_after_the_signature_needs_a_credit_note_and_the_supervisor_is_told(
    desk: Desk, tell: Tell, store: Store
) -> None:
    await arrive(tell, items=(plugs(4),))
    await desk.to_the_desk()
    await desk.settle()
    await tell(came_back(out=3))
    (notice,) = await desk.told("settled_part_returned")
    assert "business_supervisor" in notice["to"]
    case = await store.get(Case, VISIT)
    assert case.settlement and case.settlement.total == Money.of("356.00"), "nothing on it is changed later"
    assert carry(case, credit("62.00")).credit_notes[-1].amount == Money.of(62)


async def test_a_countered_settlement_is_signed_anew_without_the_part(desk: Desk, tell: Tell) -> None:
    await arrive(tell, items=(plugs(4),))
    await desk.to_the_desk()
    await desk.settle()
    await tell(came_back(out=3))
    await desk.did(f"{CASE}/settlement/counter", {"reason": "配件退库"}, by="bizsup-1")
    assert (await desk.settle())["settlement"]["total"]["amount"] == "294.00"


@pytest.mark.clause("D10")
async def test_edge_case_11_of_a_warranty_item_that_was_settled_the_open_claim_becomes_less_and_no_credit_note_is_asked_for(
    desk: Desk, tell: Tell, catch_up: CatchUp
) -> None:
    await arrive(tell, items=(plugs(4, warranty="yes"),))
    await desk.to_the_desk()
    await desk.settle()
    await catch_up()
    await tell(came_back(out=3))
    (claim,) = (await desk.get("/claims", by="bizsup-1")).json()
    assert (claim["amount"]["amount"], claim["has_part"]) == ("294.00", True)
    await tell(came_back(out=0, quantity=3))
    (claim,) = (await desk.get("/claims", by="bizsup-1")).json()
    assert (claim["amount"]["amount"], claim["has_part"]) == ("108.00", False)
    assert await desk.told("settled_part_returned") == await desk.told("claimed_part_returned") == []
    await desk.did(f"/claims/{claim['id']}/sending", {"papers": ["work_order"]})
    decision = {"approved": True, "amount": "294.00", "reference": "MFR-9"}
    assert clause(await desk.post(f"/claims/{claim['id']}/decision", decision)) == (409, "D10")


@pytest.mark.clause("D10")
async def test_edge_case_11_who_sent_the_claim_is_told_to_correct_it(desk: Desk, tell: Tell, catch_up: CatchUp) -> None:
    await arrive(tell, items=(plugs(4, warranty="yes"),))
    await desk.to_the_desk()
    await desk.settle()
    await catch_up()
    await desk.did("/claims/visit-1.item-1/old-part", {"label": "OP-1", "place": "shelf-2"})
    await desk.did("/claims/visit-1.item-1/sending", {"papers": ["work_order"]})
    await tell(came_back(out=3))
    (told,) = await desk.told("claimed_part_returned")
    assert (told["to"], told["claim"], told["amount"]) == (("business_supervisor", "advisor-1"), "visit-1.item-1", "294.00 CNY")
    assert await desk.told("settled_part_returned") == []
    (claim,) = (await desk.get("/claims", by="bizsup-1")).json()
    assert claim["amount"]["amount"] == "356.00", "what was sent stays as it was sent"


@pytest.mark.clause("D10")
async def test_edge_case_11_so_does_the_claim_of_an_item_that_was_ruled_after_the_settlement(
    desk: Desk, tell: Tell, catch_up: CatchUp
) -> None:
    await arrive(tell, items=(plugs(4, warranty="unclear"),))
    await desk.to_the_desk()
    shown = (await desk.get(f"{CASE}/reservation")).json()
    await desk.did(f"{CASE}/reservation", {"content_hash": shown["content_hash"]})
    await desk.did(f"{CASE}/reservation/release", by="bizsup-1")
    await desk.settle()
    await tell(ruled(covers=True))
    await tell(came_back(out=3))
    (claim,) = (await desk.get("/claims", by="bizsup-1")).json()
    assert claim["amount"]["amount"] == "294.00"


@pytest.mark.clause("D10")
async def test_a_claim_is_for_what_stayed_with_the_car(desk: Desk, tell: Tell, catch_up: CatchUp) -> None:
    await arrive(tell, items=(plugs(4, warranty="yes"),))
    await tell(came_back(out=3))
    await desk.to_the_desk()
    await desk.settle()
    await catch_up()
    (claim,) = (await desk.get("/claims", by="bizsup-1")).json()
    assert claim["amount"]["amount"] == "294.00"
