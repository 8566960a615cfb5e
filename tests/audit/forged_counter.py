"""A and R: journals that break one rule each."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

from shared.contracts import delivery as d
from shared.contracts import reception as r
from shared.contracts import workshop as w
from shared.contracts.values import Channel, FaultState, OrderItem, Payer, PaymentChoice, Signature, Warranty
from shared.money import Money
from tests.audit.goods import CAR, COVERED, CUSTOMER, FOUND, ITEM
from tests.audit.hand import DAY, VISIT, Forgery, added, changed, later, moved, repeated, then, without
from tests.audit.stations import V

Forged = tuple[str, str, Forgery] | tuple[str, str, Forgery, str]
"""Clause, rule, what is forged, and in which honest journal (the clean one where none is named)."""

MERGED = r.FilesMerged(kind="vehicle", file="v-mistyped", into=CAR, reason="t", by="advisor-1", at=DAY)
SLOT = {"day": date(2026, 3, 9), "slot": time(8)}
UNINSPECTED = ITEM.model_copy(update={"fault": FaultState.TO_BE_INSPECTED})
DEARER = ITEM.model_copy(update={"labour": Money.of(200)})
PRICED = r.PartPriced(part_no="BP-4001", unit_price=Decimal(380), former=Decimal(398), by="bizsup-1")
HIT = w.DamageReported(**V, damage="damage-1", during="move", by="tech-1", note="text:workshop:5")
DRIVEN = w.CarMoved(**V, by="tech-1", from_place="bay-1", to_place="road", for_work=True)
MISSING_PART = (r.PartsLookedUp.Line(part_no="BP-4001", quantity=1, available=False),)


def _other_arrival(visit: str, minutes: int) -> Forgery:
    came = r.CustomerArrived(visit=visit, customer="c-2", vehicle="v-2", day=DAY.date(), queue_number=2, with_appointment=False)
    return added("other_arrived", "reception", came, after="arrived", minutes=minutes)


def _priced_by(parts: dict[str, int], rate: int = 180) -> Forgery:
    """An estimate whose lines are those of its list, which is not the branch's."""
    listed = r.PriceList(labour_rate=Decimal(rate), parts={part_no: Decimal(price) for part_no, price in parts.items()})
    lines = [(part, Money.of(parts[part.part_no])) for part in ITEM.parts]
    priced = tuple(part.model_copy(update={"unit_price": price, "amount": price * part.quantity}) for part, price in lines)
    item = ITEM.model_copy(update={"labour": Money.of(ITEM.hours * rate), "parts": priced})
    return changed("estimated", listed=listed, items=(item,))


def _dearer_gap() -> OrderItem:
    """The gap is borne by the house, and the price is another than the insurer heard."""
    return FOUND.model_copy(update={"labour": Money.of(999), "insurer_up_to": Money.of(200), "gap_to": Payer.GOODWILL})


def _five_in_one_slot() -> Forgery:
    taken = [added(f"slot-{n}", "reception", r.SlotTaken(**SLOT, visit=f"v{n}"), after="arrived") for n in range(5)]
    return then(*taken)


def _asked_of_another_found() -> Forgery:
    asked = r.WarrantyQuestionEscalated(**V, item=FOUND.item, operation="R-THERM", reason="text:reception:3", by="advisor-1")
    return added("asked", "reception", asked, after="quoted")


FORGED: list[Forged] = [
    (
        "A1",
        "booked_into_a_slot",
        added(
            "booked",
            "reception",
            r.AppointmentBooked(**V, customer=CUSTOMER, vehicle=CAR, channel=Channel.PHONE, arrives_at=DAY, advisor="advisor-1"),
            after="arrived",
        ),
    ),
    ("A1", "slot_has_room", _five_in_one_slot()),
    ("A2", "reminded_the_day_before", without("reminded"), "add_on_accepted"),
    ("A2", "every_appointment_is_kept_or_its_end_is_recorded", without("kept", "arrived"), "add_on_accepted"),
    ("A3", "prepared_before_arrival", without("prepared"), "add_on_accepted"),
    ("A3", "prepared_before_arrival", changed("prepared", things=("forms",)), "add_on_accepted"),
    ("A4", "advisor_had_done_the_opening_checklist", without("opening"), "add_on_accepted"),
    ("A4", "opening_checklist_is_whole", changed("opening", points=("forms",))),
    ("R1", "greeted_after_arrival", without("arrived")),
    ("R1", "who_was_passed_over_is_on_record", _other_arrival("visit-0", minutes=-1)),
    (
        "R7",
        "one_open_visit_a_vehicle",
        added("other_visit", "reception", r.VehicleVisitOpened(vehicle=CAR, visit="visit-2"), after="visit_opened"),
    ),
    (
        "R7",
        "one_open_visit_a_vehicle",
        then(
            added("other_visit", "reception", r.VehicleVisitOpened(vehicle="v-mistyped", visit="visit-2"), after="visit_opened"),
            added("merged", "reception", MERGED, after="arrived"),
        ),
    ),
    ("R2", "checked_in_before_order", moved("checked_in", before="left")),
    ("R2", "check_in_sheet_complete", changed("checked_in", resign=True, covers_fitted=("seat",))),
    ("R2", "check_in_sheet_complete", changed("checked_in", resign=True, odometer_km=None)),
    ("R2", "check_in_sheet_signed", changed("checked_in", odometer_km=49_000)),
    ("R2", "check_in_sheet_signed", changed("checked_in", resign=True, brought_by="tow")),
    ("R3", "concerns_recorded_before_order", without("concerns")),
    ("R4", "every_item_diagnosed_and_told", changed("diagnosed", customer_told=False)),
    ("R4", "every_item_diagnosed_and_told", without("diagnosed")),
    ("R4", "every_item_diagnosed_and_told", changed("diagnosed", warranty=Warranty.YES)),
    ("R5", "unclear_cover_escalated_before_signature", without("escalated"), "ruled_before_delivery"),
    (
        "R5",
        "unclear_cover_escalated_before_consent",
        changed("quoted", resign=True, items=(FOUND.model_copy(update={"warranty": Warranty.UNCLEAR}),)),
        "add_on_accepted",
    ),
    ("R5", "unclear_cover_escalated_before_signature", changed("escalated", operation="R-THERM"), "ruled_before_delivery"),
    (
        "R5",
        "unclear_cover_escalated_before_signature",
        changed("ordered", resign=True, items=(ITEM, COVERED)),
        "ruled_before_delivery",
    ),
    ("R5", "unclear_cover_escalated_before_consent", _asked_of_another_found(), "add_on_accepted"),
    ("R5", "ruled_once_on_what_was_asked", changed("ruled", item="i9"), "ruled_before_delivery"),
    ("R5", "ruled_once_on_what_was_asked", changed("ruled", reference=""), "ruled_before_delivery"),
    ("R5", "ruled_once_on_what_was_asked", repeated("ruled"), "ruled_before_delivery"),
    ("R5", "charged_as_the_manufacturer_ruled", changed("item_ruled", covers=False), "ruled_before_delivery"),
    ("R5", "nothing_unruled_is_settled", without("item_ruled"), "ruled_before_delivery"),
    ("R5", "reservation_signed", changed("reserved", items=("i1",)), "ruled_covered_after_delivery"),
    ("R5", "reservation_signed", changed("reserved", resign=True, items=("i1", "i2")), "ruled_covered_after_delivery"),
    ("R5", "left_open_only_reserved_and_released", without("released"), "ruled_covered_after_delivery"),
    ("R5", "left_open_only_reserved_and_released", without("reserved"), "ruled_covered_after_delivery"),
    ("R5", "left_open_only_reserved_and_released", changed("released", supervisor="cashier-1"), "ruled_covered_after_delivery"),
    ("R5", "late_ruling_leads_to_claim_or_supplement", without("claim"), "ruled_covered_after_delivery"),
    ("R5", "late_ruling_leads_to_claim_or_supplement", without("supplement"), "ruled_rejected_after_delivery"),
    ("R5", "supplement_equals_what_was_left_open", changed("supplement", total=Money.of(1)), "ruled_rejected_after_delivery"),
    ("R5", "supplement_equals_what_was_left_open", changed("supplement", items=("i1",)), "ruled_rejected_after_delivery"),
    ("R5", "called_the_same_day", later("supplement_told", days=1), "ruled_rejected_after_delivery"),
    ("R5", "called_the_same_day", without("supplement_told"), "ruled_rejected_after_delivery"),
    ("R6", "nothing_priced_before_its_inspection", changed("ordered", resign=True, items=(UNINSPECTED,))),
    ("R6", "found_by_a_finished_inspection", without("finished"), "cancelled_after_inspection"),
    ("R7", "papers_asked_for", without("documents")),
    ("R7", "documents_verified", changed("documents", vin_matches=False)),
    ("R7", "documents_verified", changed("documents", owner_matches=False)),
    ("R7", "papers_given_back", without("returned")),
    ("R8", "parts_looked_up", without("parts")),
    ("R8", "parts_looked_up", changed("quoted", resign=True, lookup=()), "add_on_accepted"),
    ("R8", "a_missing_part_has_a_date", changed("parts", lines=MISSING_PART)),
    ("R9", "estimate_adds_up", changed("estimated", total=Money.of(500))),
    ("R9", "estimate_adds_up", changed("revised", labour=Money.of(500)), "add_on_accepted"),
    ("R9", "a_price_off_the_list_has_its_reason", changed("estimated", items=(DEARER,))),
    (
        "R9",
        "a_price_off_the_list_has_its_reason",
        then(added("priced", "reception", PRICED, after="arrived"), changed("estimated", listed=None)),
    ),
    ("R9", "a_price_off_the_list_has_its_reason", _priced_by({"BP-4001": 398}, rate=200)),
    ("R9", "a_price_off_the_list_has_its_reason", _priced_by({"BP-4001": 400})),
    ("R9", "a_price_off_the_list_has_its_reason", changed("estimated", listed=r.PriceList(labour_rate=Decimal(180)))),
    ("R9", "a_price_off_the_list_has_its_reason", then(_priced_by({"BP-4001": 380}), added("priced", "reception", PRICED, after="left"))),
    ("R9", "a_price_off_the_list_has_its_reason", changed("quoted-2", items=(_dearer_gap(),)), "insured_add_on"),
    ("R9", "order_is_the_accepted_estimate", without("accepted_estimate")),
    ("R9", "order_is_the_accepted_estimate", changed("accepted_estimate", content_hash="another")),
    ("R9", "order_is_the_accepted_estimate", changed("ordered", resign=True, items=(DEARER,))),
    ("R9", "estimate_accepted_while_valid", changed("estimated", valid_until=date(2026, 3, 8))),
    ("R9", "prices_freeze_at_consent", changed("revised", items=(DEARER, FOUND)), "add_on_accepted"),
    ("R10", "promise_is_possible", changed("promised", promised_at=datetime(2026, 3, 9, 1, tzinfo=UTC))),
    ("R10", "time_promised_before_order", without("promised")),
    ("R11", "work_starts_after_signature", moved("started", before="ordered")),
    ("R11", "work_starts_after_signature", moved("drawn", before="ordered")),
    ("R11", "order_explained_and_signed", changed("ordered", wash=False)),
    ("R11", "order_explained_and_signed", changed("ordered", resign=True, order_explained=False)),
    ("R11", "order_explained_and_signed", repeated("ordered")),
    (
        "R11",
        "order_explained_and_signed",
        changed("ordered", resign=True, pays=(PaymentChoice(method="card", share=Decimal("0.5")),)),
    ),
    ("R11", "order_explained_and_signed", changed("ordered", resign=True, pays=())),
    (
        "R11",
        "order_explained_and_signed",
        changed(
            "ordered",
            resign=True,
            items=(ITEM.model_copy(update={"payer": Payer.CUSTOMER}),),
            pays=(PaymentChoice(method="insurer", share=Decimal(1)),),
        ),
    ),
    (
        "R11",
        "order_explained_and_signed",
        changed("ordered", resign=True, signature=Signature(signer="tow_driver", at=DAY, content_hash="")),
    ),
    ("R11", "order_printed_for_the_customer", without("printed")),
    ("R11", "order_printed_for_the_customer", without("sheet_printed")),
    ("R11", "order_printed_for_the_customer", changed("printed", copies=("workshop",))),
    ("R11", "order_printed_for_the_customer", changed("printed", customer_copies_given=False)),
    ("R12", "told_that_new_work_waits_for_consent", changed("ordered", resign=True, new_work_rule_told=False)),
    ("R13", "waiting_place_known", without("waits")),
    (
        "R14",
        "an_inquiry_has_no_order",
        added(
            "inquiry",
            "reception",
            r.InquiryEnded(**V, customer=CUSTOMER, vehicle=CAR, advisor="a", about="t", reason="inquiry", call_hour="10:00", car_here=True),
            after="ordered",
        ),
    ),
    ("R14", "leaves_unsettled_only_unsigned_or_untouched", changed("pass", settlement=None)),
    ("R14", "leaves_unsettled_only_unsigned_or_untouched", without("released_unsettled"), "cancelled_before_signature"),
    (
        "R14",
        "leaves_unsettled_only_unsigned_or_untouched",
        added("worked", "workshop", w.WorkStarted(**V, item="i1", by="tech-1", round=1), after="case_announced"),
        "cancelled_before_signature",
    ),
    (
        "R14",
        "leaves_unsettled_only_unsigned_or_untouched",
        added("driven", "workshop", DRIVEN, after="case_announced"),
        "cancelled_before_signature",
    ),
    (
        "R14",
        "leaves_unsettled_only_unsigned_or_untouched",
        added("hit", "workshop", HIT, after="case_announced"),
        "cancelled_before_signature",
    ),
    ("D10", "each_warranty_item_has_a_claim", without("claim"), "ruled_before_delivery"),
    ("D10", "claims_what_the_warranty_covers", changed("claim", item="i1"), "ruled_before_delivery"),
    ("D10", "claims_what_the_warranty_covers", changed("claim", amount=Money.of(1)), "ruled_before_delivery"),
    (
        "D10",
        "sent_with_papers_and_old_part",
        then(
            changed("claim", has_part=True),
            added("sent", "delivery", d.ClaimSent(**V, claim=f"{VISIT}.i2", papers=("report",), by="advisor-1"), after="claim"),
        ),
        "ruled_before_delivery",
    ),
    (
        "D10",
        "paid_as_decided",
        added("claim_paid", "delivery", d.ClaimPaid(**V, claim=f"{VISIT}.i2", amount=Money.of(252), by="x"), after="claim"),
        "ruled_before_delivery",
    ),
]
