"""W: journals that break one rule each."""

from datetime import date, time, timedelta

from shared.contracts import reception as r
from shared.contracts import workshop as w
from shared.contracts.values import Signature
from shared.contracts.workshop import JobDispatched
from shared.money import Money
from tests.audit.forged_counter import Forged
from tests.audit.goods import ITEM
from tests.audit.hand import DAY, added, changed, later, moved, repeated, then, without
from tests.audit.stations import V

INSURED = "insured_add_on"
ACCEPTED, DECLINED, LATER, WISH = "add_on_accepted", "add_on_declined", "add_on_accepted_later", "wish_after_settlement"
FAILED, CANCELLED, CUT_SHORT = "failed_twice", "cancelled_after_inspection", "cancelled_before_the_repair"
UNDER_WAY = "cancelled_under_way"
DAMAGED = "damaged"

TO_TEAM_B = (JobDispatched.Assignment(item="i1", team="team-b"),)
TO_TWO = (JobDispatched.Assignment(item="i1", team="team-m"), JobDispatched.Assignment(item="i1", team="team-e"))
BACK = w.PartsReturned(**V, slip="S-i1", item="i1", part_no="BP-4001", quantity=2, to_stock=True, by="parts-1")
AWAY = w.AbsenceRecorded(person="tech-1", absence="a-1", kind="leave", starts_at=DAY, by="supervisor-1")
OTHERS_AWAY = AWAY.model_copy(update={"person": "tech-2"})
OTHER_BACK = w.AbsenceEnded(person="tech-2", absence="a-1", ends_at=DAY, by="supervisor-1")
TUESDAYS = w.ShiftSet(person="tech-1", days=(1,), starts=time(8), ends=time(17), by="supervisor-1")
TO_REPAIR = w.DamageDecided(**V, damage="damage-1", decision="repair", customer_told=True, supervisor="supervisor-1")
CAME_BACK = w.CarCameBack(**V, revision=1, reason="damage")
NOT_GOOD = w.LeaderInspected(**V, team="team-m", by="leader-m", items=("i1",), passed=False, round=1)
TEST_DRIVE = w.CarMoved(**V, by="tech-1", from_place="bay-1", to_place="bay-2", for_work=True)
TASK_MOVED = r.AdvisorTaskMoved(**V, task="task-report-1", kind="progress", due_by=DAY + timedelta(days=90))


def _stock(on_hand: int, change: int) -> w.StockChanged:
    return w.StockChanged(part_no="BP-4001", change=change, on_hand=on_hand, reason="issue", lead_days=1)


FORGED: list[Forged] = [
    ("W1", "handed_over_before_accepted", without("handed_over", "offered")),
    ("W1", "handed_over_before_accepted", without("handed_over-2", "offered-2"), ACCEPTED),
    ("W1", "accepted_by_the_supervisor", changed("accepted", supervisor="leader-m")),
    ("W1", "sent_back_before_accepted", moved("sent_back", before="dispatched"), ACCEPTED),
    ("W1", "sent_back_before_accepted", changed("sent_back", reason=""), ACCEPTED),
    ("W1", "worked_on_only_in_the_workshops_hands", moved("taken", before="accepted")),
    ("W1", "worked_on_only_in_the_workshops_hands", without("car_came_back"), WISH),
    ("W1", "worked_on_only_in_the_workshops_hands", later("finished", days=1)),
    ("W2", "each_item_goes_to_one_team", changed("dispatched", assignments=TO_TWO)),
    ("W2", "each_item_goes_to_one_team", moved("dispatched-2", before="found"), ACCEPTED),
    ("W2", "each_team_is_able", changed("dispatched", assignments=TO_TEAM_B)),
    ("W2", "named_by_a_leader", changed("named", leader="tech-1")),
    ("W2", "named_by_a_leader", changed("named-2", leader="supervisor-1"), ACCEPTED),
    ("W2", "named_technicians_do_the_work", changed("started", by="tech-2")),
    ("W2", "nobody_who_is_away_is_named", added("away", "workshop", AWAY, after="accepted")),
    (
        "W2",
        "nobody_who_is_away_is_named",
        then(
            added("other_back", "workshop", OTHER_BACK, after="accepted"),
            added("other_away", "workshop", OTHERS_AWAY, after="accepted"),
            added("away", "workshop", AWAY, after="accepted"),
        ),
    ),
    ("W2", "nobody_who_is_away_is_named", added("shift", "workshop", TUESDAYS, after="accepted")),
    ("W3", "team_checked_the_car_on_taking_it", without("taken")),
    ("W3", "team_checked_the_car_on_taking_it", changed("taken", team="team-e")),
    ("W3", "a_difference_is_told_at_once", changed("taken", difference="text:workshop:5")),
    ("W4", "fault_confirmed", without("confirmed")),
    ("W5", "parts_only_for_consented_items", changed("drawn", part_no="TY-5001")),
    ("W5", "parts_only_for_consented_items", repeated("drawn", slip="S-2")),
    ("W5", "parts_only_for_consented_items", moved("drawn-2", before="changed"), ACCEPTED),
    ("W5", "slip_signed_by_the_technician", changed("drawn", signature=Signature(signer="parts-1", at=DAY, content_hash="s"))),
    ("W5", "returned_only_against_its_slip", added("back", "workshop", BACK, after="drawn")),
    (
        "W5",
        "stock_is_counted_through",
        then(
            added("stock-b", "workshop", _stock(8, -1), after="drawn"),
            added("stock-a", "workshop", _stock(10, -1), after="drawn"),
        ),
    ),
    (
        "W5",
        "a_difference_on_the_shelf_has_its_reason",
        added("counted", "workshop", w.StockCounted(part_no="BP-4001", counted=3, difference=-1, by="parts-1"), after="drawn"),
    ),
    ("W6", "asked_for_a_need_of_the_work", without("belongings"), ACCEPTED),
    ("W6", "customer_asked_before_belongings_are_touched", later("belongings_answered", hours=1), ACCEPTED),
    ("W6", "customer_asked_before_belongings_are_touched", without("belongings_answered"), ACCEPTED),
    ("W6", "belongings_moved_only_with_leave", changed("belongings_answered", agrees=False), FAILED),
    ("W6", "belongings_moved_only_with_leave", moved("belongings_moved", before="belongings_answered"), FAILED),
    ("W6", "damage_is_told_at_once", without("told-of-damage_reported"), DAMAGED),
    ("W6", "damage_is_decided_with_the_customer_before_the_car_is_done", without("damage_decided"), DAMAGED),
    ("W6", "damage_is_decided_with_the_customer_before_the_car_is_done", changed("damage_decided", customer_told=False), DAMAGED),
    ("W7", "the_supervisor_knows_who_wants_the_car_as_promised", without("told-of-wish"), FAILED),
    ("W7", "progress_is_told_at_once", without("told-of-late"), ACCEPTED),
    ("W7", "customer_told_of_progress_in_time", later("told_late", hours=1), ACCEPTED),
    ("W7", "a_time_that_is_over_is_not_moved", added("moved", "reception", TASK_MOVED, after="task-2", hours=1), ACCEPTED),
    ("W7", "a_time_that_is_over_is_not_moved", added("moved", "reception", TASK_MOVED, after="late"), ACCEPTED),
    ("W7", "told_what_was_reported", without("late"), ACCEPTED),
    ("W8", "quoted_line_by_line", changed("quoted", items=(ITEM,)), ACCEPTED),
    ("W8", "the_supplement_says_what_was_agreed", changed("supplement", content_hash="another"), ACCEPTED),
    ("W8", "the_supplement_says_what_was_agreed", changed("supplement", order_total=Money.of(1)), ACCEPTED),
    ("W8", "the_supplement_says_what_was_agreed", changed("supplement", resign=True, items=(ITEM,)), ACCEPTED),
    ("W8", "the_supplement_says_what_was_agreed", changed("supplement", resign=True, total=Money.of(1)), ACCEPTED),
    ("W8", "the_supplement_says_what_was_agreed", without("changed"), ACCEPTED),
    ("W8", "every_change_of_the_order_has_its_supplement", without("supplement"), ACCEPTED),
    ("W8", "the_insurer_consents_to_what_it_is_to_pay", without("insurer_said"), INSURED),
    ("W8", "the_insurer_consents_to_what_it_is_to_pay", changed("insurer_said", approved=Money.of(199)), INSURED),
    ("W8", "the_insurer_consents_to_what_it_is_to_pay", changed("insurer_said", consents=False), INSURED),
    ("W8", "the_insurer_consents_to_what_it_is_to_pay", without("insurer_said"), "add_on_of_the_insurer"),
    ("W8", "the_insurers_answer_says_who_and_for_what_claim", changed("insurer_said", claim_number=""), INSURED),
    ("W8", "the_insurers_answer_says_who_and_for_what_claim", changed("insurer_said", answered_by=""), INSURED),
    ("W8", "the_insurers_answer_says_who_and_for_what_claim", changed("insurer_said", content_hash="another"), INSURED),
    ("W8", "the_house_bears_a_gap_only_by_right", without("gap_granted"), INSURED),
    ("W8", "the_house_bears_a_gap_only_by_right", changed("gap_granted", by="advisor-1"), INSURED),
    ("W8", "quoted_line_by_line", changed("quoted", resign=True, total=Money.of(1)), ACCEPTED),
    ("W8", "quoted_line_by_line", without("found"), ACCEPTED),
    ("W8", "asked_again_points_to_the_refusal", changed("quoted-2", resign=True, answers_to=None), LATER),
    ("W8", "consent_says_who_how_and_what", without("quoted"), ACCEPTED),
    ("W8", "consent_says_who_how_and_what", changed("changed", content_hash="another"), ACCEPTED),
    ("W8", "consent_says_who_how_and_what", changed("changed", total=Money.of(1)), ACCEPTED),
    ("W8", "consent_says_who_how_and_what", changed("changed", answered_by=""), ACCEPTED),
    ("W8", "consent_says_who_how_and_what", changed("changed", declined=("found-1",)), ACCEPTED),
    ("W8", "consent_says_who_how_and_what", repeated("changed"), ACCEPTED),
    ("W8", "answered_while_the_quote_was_valid", changed("quoted", resign=True, valid_until=date(2026, 3, 8)), ACCEPTED),
    ("W8", "revision_is_what_was_consented", changed("revised", items=(ITEM,)), ACCEPTED),
    ("W8", "revision_is_what_was_consented", without("changed"), ACCEPTED),
    ("W8", "revision_taken_as_published", moved("revision_taken", before="found"), ACCEPTED),
    ("W8", "revision_taken_as_published", changed("revision_taken", items=("i1",)), ACCEPTED),
    ("W8", "revision_taken_as_published", repeated("revision_taken"), ACCEPTED),
    ("W8", "found_work_starts_after_consent", moved("started-2", before="changed"), ACCEPTED),
    ("W8", "found_work_starts_after_consent", without("revision_taken"), ACCEPTED),
    (
        "W8",
        "found_work_starts_after_consent",
        added("sneaked", "workshop", w.WorkStarted(**V, item="found-1", by="tech-1", round=1), after="found"),
        DECLINED,
    ),
    ("W8", "declined_work_is_recommended", changed("qc_passed", resign=True, recommendations=()), DECLINED),
    ("W8", "declined_work_is_recommended", changed("qc_passed", resign=True, recommendations=()), CANCELLED),
    ("W8", "only_consented_work_stays_ordered", changed("cancelled", revision=2), CANCELLED),
    ("W8", "only_what_nobody_had_begun_is_left_out", without("cancelled"), CUT_SHORT),
    ("W8", "only_what_nobody_had_begun_is_left_out", changed("work_declined", items=("i1", "i2")), CUT_SHORT),
    (
        "W8",
        "only_consented_work_stays_ordered",
        added("cancelled", "reception", r.OrderCancelled(**V, revision=1, kind="after_diagnosis", advisor="advisor-1"), after="quoted"),
        ACCEPTED,
    ),
    ("W8", "customer_asked_about_found_work_in_time", later("changed", hours=2), DECLINED),
    ("W8", "customer_asked_about_found_work_in_time", without("changed"), DECLINED),
    ("W14", "only_begun_work_that_nobody_wants_is_reassembled", without("cancelled"), UNDER_WAY),
    ("W14", "only_begun_work_that_nobody_wants_is_reassembled", without("started-2"), UNDER_WAY),
    ("W2", "named_technicians_do_the_work", changed("reassembled", by="tech-2"), UNDER_WAY),
    ("W9", "technician_inspects_own_work", changed("self_inspected", by="tech-2")),
    ("W9", "inspected_by_technician_then_leader", without("self_inspected")),
    ("W9", "inspected_by_technician_then_leader", without("self_inspected-2"), FAILED),
    ("W9", "inspected_by_technician_then_leader", changed("leader_inspected", by="tech-1")),
    ("W9", "inspected_by_the_teams_leader", changed("leader_inspected", by="tech-2")),
    ("W9", "inspected_by_the_teams_leader", changed("leader_inspected", by="tech-2", stand_in=True)),
    ("W9", "inspected_by_the_teams_leader", changed("leader_inspected", by="leader-e")),
    ("W10", "recommendations_signed_by_a_leader", changed("recommended", resign=True, leader="tech-2")),
    ("W10", "recommendations_after_the_leaders_pass", moved("recommended", before="leader_inspected")),
    ("W10", "recommendations_after_the_leaders_pass", changed("recommended", leader="leader-e")),
    ("W10", "recommendations_before_final_inspection", without("recommended")),
    ("W10", "recommendations_before_final_inspection", without("recommended-3"), FAILED),
    ("W10", "recommendations_before_final_inspection", changed("qc_passed", resign=True, recommendations=())),
    ("W11", "inspector_has_the_right", changed("qc_passed", inspector="advisor-1")),
    ("W11", "inspector_did_not_work_on_the_car", changed("qc_passed", inspector="tech-1")),
    ("W11", "inspector_did_not_work_on_the_car", changed("finished", by="qc-1"), FAILED),
    ("W11", "inspector_did_not_work_on_the_car", changed("damage_repaired", by="qc-1"), DAMAGED),
    ("W11", "damage_is_repaired_before_the_pass", without("damage_repaired"), DAMAGED),
    ("W11", "damage_is_repaired_before_the_pass", changed("qc_passed-2", resign=True, repaired=()), DAMAGED),
    ("W11", "every_item_inspected_before_the_pass", without("leader_inspected")),
    ("W11", "every_item_inspected_before_the_pass", added("sent_back", "workshop", NOT_GOOD, after="leader_inspected")),
    ("W11", "every_item_inspected_before_the_pass", added("sent_back", "workshop", NOT_GOOD, after="leader_inspected-3"), FAILED),
    ("W11", "every_item_inspected_before_the_pass", changed("work_declined", items=()), CUT_SHORT),
    ("W11", "every_item_inspected_before_the_pass", without("leader_inspected-3"), FAILED),
    ("W11", "every_item_inspected_before_the_pass", changed("qc_passed", resign=True, revision=1), ACCEPTED),
    ("W11", "every_item_inspected_before_the_pass", changed("qc_passed", resign=True, items=("i1",)), ACCEPTED),
    ("W11", "every_item_inspected_before_the_pass", changed("qc_passed", round=7)),
    ("W11", "what_failed_is_done_again", without("started-2", "finished-2"), FAILED),
    ("W11", "the_team_is_told_of_rework", without("told-of-qc_failed"), FAILED),
    ("W11", "later_work_voids_the_pass", added("test_drive", "workshop", TEST_DRIVE, after="qc_passed")),
    ("W11", "later_work_voids_the_pass", added("repair", "workshop", TO_REPAIR, after="qc_passed")),
    ("W11", "later_work_voids_the_pass", moved("damage_repaired", before="wash_started"), DAMAGED),
    ("W11", "later_work_voids_the_pass", added("back", "workshop", CAME_BACK, after="parked")),
    ("W11", "rework_is_counted", changed("qc_passed", resign=True, round=1), FAILED),
    ("W11", "nothing_goes_on_without_a_pass", moved("wash_started", before="qc_passed")),
    ("W11", "nothing_goes_on_without_a_pass", without("qc_passed")),
    ("W11", "later_work_voids_the_pass", moved("finished", before="wash_started")),
    ("W11", "later_work_voids_the_pass", without("qc_passed-2"), LATER),
    ("W11", "later_work_voids_the_pass", without("qc_passed-2"), WISH),
    ("W12", "washed_where_accepted", without("washed")),
    ("W12", "washed_where_accepted", without("washed-2"), WISH),
    ("W12", "washed_only_where_accepted", changed("ordered", resign=True, wash=False)),
    ("W12", "wash_as_the_customer_chose", changed("qc_passed", resign=True, wash=False)),
    ("W12", "washed_by_the_checklist", changed("washed", checklist=("cabin",))),
    ("W12", "told_when_the_wash_begins", without("told-of-wash_started")),
    ("W13", "parked_nose_to_the_exit", changed("parked", nose_to_exit=False)),
    ("W13", "the_spot_is_on_record", changed("parked", spot="")),
    ("W13", "ready_where_it_was_parked", changed("ready", spot="F-9")),
    ("W14", "only_what_the_order_says", changed("started", item="i9")),
    (
        "W14",
        "only_what_the_order_says",
        added("sneaked", "workshop", w.WorkStarted(**V, item="i2", by="tech-1", round=1), after="work_declined"),
        CUT_SHORT,
    ),
    ("W14", "finished_what_was_started", without("started")),
    ("W14", "repaired_as_decided_by_a_technician", without("damage_decided"), DAMAGED),
    ("W14", "repaired_as_decided_by_a_technician", changed("damage_decided", decision="as_it_is"), DAMAGED),
    ("W14", "repaired_as_decided_by_a_technician", changed("damage_repaired", by="wash-1"), DAMAGED),
    ("W1", "worked_on_only_in_the_workshops_hands", later("damage_repaired", days=1), DAMAGED),
]
