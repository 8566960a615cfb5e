"""D: journals that break one rule each."""

from dataclasses import replace
from datetime import date, timedelta

from shared.contracts import delivery as d
from shared.contracts import followup as f
from shared.contracts import reception as r
from shared.contracts import workshop as w
from shared.contracts.values import Payer, Recommendation, Warranty
from shared.money import Money
from tests.audit.forged_counter import Forged
from tests.audit.goods import CAR, CUSTOMER, FOUND, ITEM, SAFETY, UNCLEAR
from tests.audit.hand import DAY, Forgery, Step, added, changed, later, moved, repeated, then, without
from tests.audit.stations import V

WISH, COVERED, RETURNED = "wish_after_settlement", "ruled_before_delivery", "parts_returned"
FIRST = ITEM.model_copy(update={"warranty": Warranty.FIRST_MAINTENANCE})
WANTS = f.ReminderAnswered(
    **V, customer=CUSTOMER, vehicle=CAR, agent="agent-1", wants_appointment=True, due_on=DAY.date() + timedelta(days=180)
)
CAPPED = FOUND.model_copy(update={"insurer_up_to": Money.of(100), "gap_to": Payer.GOODWILL})
LATE = Recommendation(recommendation="found-9", operation="R-RBD", safety=True)
FOUND_LATE = w.WorkFound(**V, found="found-9", kind="add_on", operation="R-RBD", by="qc-1", safety=True)
FIRMS = ITEM.model_copy(update={"payer": Payer.ON_ACCOUNT})
ACCIDENT = ITEM.model_copy(update={"kind": "accident"})


def _put(payer: Payer, amount: int, approver: str, after: str = "paid") -> Forgery:
    put = d.PutOnAccount(**V, payer=payer, amount=Money.of(amount), approver=approver)
    return added("put", "delivery", put, after=after)


def _given(amount: int, line: str = "i1.labour") -> Forgery:
    given = d.DiscountGiven(**V, line=line, amount=Money.of(amount), reason="text:delivery:2", by="advisor-1")
    return added(f"given-{line}", "delivery", given, after="ready")


def _discount(line: str, amount: int) -> d.SettlementClosed.Discount:
    money = Money.of(amount)
    return d.SettlementClosed.Discount(line=line, amount=money, shares={Payer.CUSTOMER: money}, reason="text:delivery:2")


def _moved_share(to: Payer) -> Forgery:
    share = d.ShareMoved(**V, settlement="ST-1", from_payer=Payer.INSURER, to_payer=to, amount=Money.of(5), by="cashier-1")
    return added("share", "delivery", share, after="settled")


def _goodwill_on_a_supplement(amount: int) -> Forgery:
    share = d.ShareMoved(
        **V,
        settlement="ST-1",
        from_payer=Payer.CUSTOMER,
        to_payer=Payer.GOODWILL,
        amount=Money.of(amount),
        by="bizsup-1",
        reason="text:delivery:4",
        supplement="SU-1",
    )
    return added("share", "delivery", share, after="settled")


def _insurer_pays_less(amount: int) -> Forgery:
    """Of what it had approved it pays so much, and no more."""
    said = d.InsurerAnswered(**V, claim_number="PICC-1", approved=Money.of(amount), by="advisor-1")
    theirs = d.PaymentTaken(**V, payment="p9", payer=Payer.INSURER, method="transfer", amount=Money.of(amount), cashier="cashier-1")
    return then(added("paid_less", "delivery", theirs, after="insurer_owes"), added("said_less", "delivery", said, after="insurer_owes"))


def _reversed(payment: str, after: str) -> Forgery:
    back = d.PaymentReversed(**V, payment=payment, amount=Money.of(542), reason="text:delivery:3", by="cashier-1")
    return added("bounced", "delivery", back, after=after)


def _supplement_bounces() -> Forgery:
    paid = d.PaymentTaken(**V, payment="p9", payer=Payer.CUSTOMER, method="card", amount=UNCLEAR.amount, cashier="cashier-1")
    return then(added("paid_more", "delivery", paid, after="supplement_told"), _reversed("p9", after="paid_more"))


def _deposit_bounces_after_its_refund() -> Forgery:
    taken = d.PaymentTaken(
        **V, payment="p1", payer=Payer.CUSTOMER, method="card", amount=Money.of(542), cashier="cashier-1", kind="deposit"
    )
    back = d.RefundPaid(**V, refund="f1", payer=Payer.CUSTOMER, method="cash", amount=Money.of(542), cashier="cashier-1")
    refunded = then(added("deposit", "delivery", taken, after="job_ended"), added("refund", "delivery", back, after="deposit"))
    return then(refunded, _reversed("p1", after="refund"))


def _early_delivery_of_an_accident_car(steps: list[Step]) -> list[Step]:
    steps = changed("ordered", resign=True, items=(ACCIDENT,))(steps)
    called = next(step for step in steps if step.name == "called").fact
    assert isinstance(called, d.CustomerCalled)
    noon = called.delivery_at.replace(hour=4, minute=0)  # 12:00 in the shop
    return [replace(s, fact=called.model_copy(update={"delivery_at": noon})) if s.name == "called" else s for s in steps]


def _a_reminder_when_it_was_past(steps: list[Step]) -> list[Step]:
    soon = changed("reminder", remind_on=DAY.date(), due_on=DAY.date() + timedelta(days=1))
    came = f.ReminderCame(**V, customer=CUSTOMER, vehicle=CAR, agent="agent-1")
    return then(soon, added("came", "followup", came, after="reminder", days=3))(steps)


SOLD = "a_reminder_ends_as_sold_where_the_car_was"


def owner_noted(since: date, former: str | None = None) -> Forgery:
    """Whose the car is, and its reminder ended by itself."""
    ended = f.ReminderEnded(**V, customer=CUSTOMER, vehicle=CAR, by="system", reason="sold")
    noted = r.VehicleOwnerChanged(vehicle=CAR, owner="customer-2", former=former, since=since)
    return then(added("ended", "followup", ended, after="reminder"), added("noted", "reception", noted, after="reminder"))


DENT = d.DamageNoted(**V, damage="damage-1", part="left_door", mark="dent", by="advisor-1")


def _taking(visit: str, amount: int, cashier: str = "cashier-1") -> d.TakingBooked:
    return d.TakingBooked(till="till-1", visit=visit, entry="p1", method="card", amount=Money.of(amount), cashier=cashier)


def _till_closed(by: str, difference: int = 0) -> Forgery:
    closed = d.TillClosed(
        till="till-1",
        totals={"card": Money.of(542)},
        differences={"card": Money.of(difference)},
        entries=1,
        cashier="cashier-1",
        approver=by,
    )
    return then(
        added("till_closed", "delivery", closed, after="paid"),
        added("taking", "delivery", _taking("visit-1", 542), after="paid"),
    )


FORGED: list[Forged] = [
    ("D1", "delivered_from_a_known_spot", without("parked")),
    ("D1", "delivered_from_a_known_spot", without("told-of-parked")),
    ("D1", "things_come_back_hand_by_hand", without("handed_in")),
    ("D1", "done_only_in_deliverys_hands", without("ready")),
    ("D1", "done_only_in_deliverys_hands", without("ready-2"), WISH),
    ("D1", "papers_back_before_the_customer_comes", without("papers")),
    ("D1", "papers_back_before_the_customer_comes", without("papers-2"), WISH),
    ("D2", "checked_before_the_call", moved("called", before="checked")),
    ("D2", "checked_before_the_call", without("checked-2"), WISH),
    ("D2", "every_item_and_point_checked", changed("checked", checklist=("faults_gone",))),
    ("D2", "every_item_and_point_checked", changed("checked", items=())),
    ("D2", "damage_is_settled_before_the_settlement", added("dent", "delivery", DENT, after="checked")),
    ("D3", "called_at_once", later("called", minutes=31)),
    ("D3", "called_at_once", without("called")),
    ("D3", "called_before_handed_over", without("called")),
    ("D3", "big_jobs_not_at_peak_hour", _early_delivery_of_an_accident_car),
    ("D4", "accompanied_check_before_settlement", without("accompanied")),
    ("D4", "accompanied_check_before_settlement", without("accompanied-2"), WISH),
    ("D4", "every_item_and_point_shown", changed("accompanied", checklist=("work_shown",))),
    ("D4", "every_item_and_point_shown", changed("accompanied", items_shown=())),
    ("D5", "settlement_signed", changed("settled", total=Money.of(1))),
    ("D5", "settlement_equals_consent", changed("settled", resign=True, lines=())),
    ("D5", "settlement_equals_consent", changed("settled", resign=True, revision=2)),
    ("D5", "settlement_equals_consent", changed("settled-2", resign=True, revision=1), WISH),
    ("D5", "settlement_equals_consent", changed("settled", resign=True, awaiting_ruling=()), "ruled_covered_after_delivery"),
    ("D5", "settlement_equals_consent", without("counted_out"), RETURNED),
    ("D5", "the_insurer_pays_no_more_than_it_consented_to", changed("revised", items=(ITEM, CAPPED)), "insured_add_on"),
    ("D5", "counted_as_the_parts_store_did", changed("counted_out", out=4), RETURNED),
    ("D5", "counted_as_the_parts_store_did", changed("counted_out", part_no="OF-2001"), RETURNED),
    ("D5", "what_came_back_is_not_charged", without("told-of-came_back-2"), RETURNED),
    ("D5", "what_came_back_is_not_charged", without("lessened"), "claimed_part_returned"),
    ("D10", "claims_what_the_warranty_covers", changed("lessened", amount=Money.of(1)), "claimed_part_returned"),
    ("D5", "shares_make_every_line_to_the_cent", changed("settled", resign=True, owed={Payer.CUSTOMER: Money.of("541.99")})),
    ("D5", "shares_make_every_line_to_the_cent", changed("settled", resign=True, tax_contained=Money.of(1))),
    ("D5", "free_items_cost_nothing", changed("ordered", resign=True, items=(ITEM.model_copy(update={"warranty": Warranty.YES}),))),
    ("D5", "free_items_cost_nothing", changed("item_ruled", covers=False), COVERED),
    ("D5", "who_was_named_for_an_item_owes_it", changed("ordered", resign=True, items=(FIRMS,))),
    ("D5", "nobody_gives_more_than_the_role_may", _given(101)),
    ("D5", "nobody_gives_more_than_the_role_may", then(_given(60), _given(60, line="i1-1"))),
    ("D5", "no_account_beyond_its_limit", _put(Payer.ON_ACCOUNT, 1_000_000, "bizsup-1")),
    ("D5", "discounts_as_given", changed("settled", resign=True, discounts=(_discount("i1.labour", 10),))),
    ("D5", "settled_again_only_after_a_counter", without("countered"), WISH),
    ("D5", "settled_again_only_after_a_counter", changed("settled-2", resign=True, number="ST-1"), WISH),
    ("D5", "counters_what_stands", changed("countered", counters="ST-9"), WISH),
    ("D5", "the_approver_is_not_the_cashier", _put(Payer.ON_ACCOUNT, 1, "cashier-1")),
    ("D5", "the_insurer_owes_by_its_claim", _put(Payer.INSURER, 1, "bizsup-1")),
    ("D5", "the_insurer_owes_by_its_claim", changed("insurer_answered-2", approved=Money.of(99)), "insured_by_two_claims"),
    ("D5", "a_gap_is_borne_by_consent_or_goodwill", _moved_share(Payer.GOODWILL)),
    ("D5", "a_gap_is_borne_by_consent_or_goodwill", _moved_share(Payer.CUSTOMER)),
    ("D5", "a_reversal_has_its_consequence", _reversed("p9", after="paid")),
    ("D5", "a_reversal_has_its_consequence", _reversed("p1", after="left")),
    ("D5", "a_reversal_has_its_consequence", then(_put(Payer.CUSTOMER, 542, "bizsup-1", after="settled"), _reversed("p1", after="left"))),
    ("D5", "a_reversal_has_its_consequence", _supplement_bounces(), "ruled_rejected_after_delivery"),
    ("D5", "paid_or_on_account_before_the_pass", without("paid")),
    ("D5", "paid_or_on_account_before_the_pass", changed("paid", amount=Money.of("541.99"))),
    ("D5", "paid_or_on_account_before_the_pass", without("paid-2"), WISH),
    ("D5", "paid_or_on_account_before_the_pass", then(changed("paid", amount=Money.of(537)), _goodwill_on_a_supplement(5))),
    ("D5", "paid_or_on_account_before_the_pass", _reversed("p1", after="pass")),
    ("D5", "paid_or_on_account_before_the_pass", _insurer_pays_less(300), "insured_add_on"),
    ("D5", "paid_or_on_account_before_the_pass", _deposit_bounces_after_its_refund(), "cancelled_before_signature"),
    ("D5", "one_exit_pass_a_visit", repeated("pass", number="EP-2")),
    ("D5", "one_exit_pass_a_visit", without("revoked"), WISH),
    ("D5", "left_once_on_a_pass_that_stood", without("pass")),
    ("D5", "left_once_on_a_pass_that_stood", changed("left", number="EP-1"), WISH),
    ("D5", "left_once_on_a_pass_that_stood", changed("pass-2", settlement="ST-1"), WISH),
    ("D5", "left_once_on_a_pass_that_stood", changed("left", unsettled=True)),
    ("D5", "left_once_on_a_pass_that_stood", repeated("left")),
    ("D5", "nothing_consented_is_left_out", changed("settled", resign=True, revision=1), "add_on_accepted"),
    ("D5", "money_is_booked_in_a_till_once", added("taking", "delivery", _taking("visit-0", 5), after="checked")),
    ("D5", "a_till_is_closed_by_another", _till_closed("cashier-1")),
    ("D5", "a_till_is_closed_by_another", _till_closed("bizsup-1", difference=1)),
    (
        "D5",
        "a_till_is_closed_by_another",
        then(_till_closed("bizsup-1"), added("late_taking", "delivery", _taking("visit-0", 5), after="left")),
    ),
    ("D6", "recommendations_on_the_settlement", changed("settled", resign=True, recommendations=())),
    ("D6", "recommendations_on_the_settlement", added("late", "workshop", FOUND_LATE, after="qc_passed")),
    ("D6", "recommendations_on_the_settlement", added("late", "delivery", d.RecommendationAdded(**V, recommendation=LATE), after="ready")),
    ("D6", "safety_items_answered_before_settlement", without("answered")),
    ("D6", "safety_items_answered_before_settlement", changed("settled", resign=True, recommendations=(SAFETY, LATE))),
    ("D6", "safety_items_answered_before_settlement", changed("answered", answer="accepts")),
    (
        "D6",
        "safety_items_answered_before_an_unsettled_pass",
        added("late", "workshop", FOUND_LATE, after="inquiry_ended"),
        "cancelled_before_signature",
    ),
    ("D6", "a_refused_safety_item_is_signed", changed("answered", signature=None)),
    ("D6", "a_refused_safety_item_is_signed", changed("answered", note="text:delivery:9")),
    ("D7", "first_maintenance_explained", changed("ordered", resign=True, items=(FIRST,))),
    ("D8", "next_maintenance_on_the_settlement", without("next_set")),
    ("D8", "next_maintenance_on_the_settlement", changed("next_set", reminder_told=False)),
    ("D8", "next_maintenance_lies_ahead", added("read", "delivery", d.OdometerCorrected(**V, odometer_km=55_000), after="case_announced")),
    ("D8", "next_maintenance_lies_ahead", added("read", "delivery", d.OdometerCorrected(**V, odometer_km=55_000), after="next_set")),
    ("D8", "reminder_scheduled", without("reminder")),
    ("D8", "the_reminder_came_by_itself", changed("reminder", remind_on=DAY.date())),
    ("D8", "the_reminder_came_by_itself", _a_reminder_when_it_was_past),
    ("D8", "reception_hears_who_wants_to_come", added("wants", "followup", WANTS, after="reminder")),
    ("D8", "an_appointment_from_a_reminder_was_wanted", changed("booked", answers="visit-0"), "add_on_accepted"),
    ("D8", SOLD, owner_noted(DAY.date() - timedelta(days=1))),
    ("D9", "call_hour_on_the_settlement", changed("hour", hour="11:00")),
    ("D9", "call_hour_goes_on_to_follow_up", changed("left", call_hour="18:00")),
    ("D9", "call_hour_goes_on_to_follow_up", changed("left", call_hour="18:00"), "cancelled_before_signature"),
]
