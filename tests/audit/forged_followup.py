"""F: journals that break one rule each."""

from datetime import timedelta

from shared.contracts import followup as f
from shared.contracts import reception as r
from shared.contracts.event import Event
from shared.contracts.values import Channel
from tests.audit.forged_counter import Forged
from tests.audit.goods import CUSTOMER
from tests.audit.hand import DAY, VISIT, Forgery, added, changed, later, then, without
from tests.audit.stations import V

COMPLAINT = "complaint_until_content"

ENTRY = f.EntryOpened(
    entry="e-1", kind="wish", customer=CUSTOMER, visit=VISIT, words="t", owner="agent-1", answer_by=DAY + timedelta(days=4)
)
ENTRY_REPORTED = f.EntryReported(entry="e-1", visit=VISIT, by="agent-1", reason="t")
ENTRY_DECIDED = f.EntryDecided(entry="e-1", visit=VISIT, supervisor="bizsup-1", decision="t", due_on=(DAY + timedelta(days=9)).date())
LETTER = f.LetterRegistered(letter="l-2", number=2, kind="notice", customer=CUSTOMER, visit=VISIT, content="t", sent_by="agent-1")
OVERDUE = f.DutyOverdue(**V, duty=f"{VISIT}-first", kind="first", level="amber")
COME_BACK = f.ComeBackLinked(complaint=f"{VISIT}-first-1", visit=VISIT, come_back="visit-2", order="WO-1", by="agent-1")
TRY = f.CustomerNotReached(
    **V, duty=f"{VISIT}-first", call="call-77", at=DAY, part_of_day="morning", in_convenient_hour=True, result="no_answer"
)
HOUR_RULE = "the_convenient_hour_is_that_of_its_time"
HOUR_CHANGED = f.CallHourChanged(**V, duty=f"{VISIT}-first", kind="first", hour="08:00", by="agent-1")


def counted_against(*teams: str) -> f.ComeBackLinked:
    return COME_BACK.model_copy(update={"teams": teams, "inspector": "qc-1"})


ONE_CALL = "one_first_call_about_a_come_back_and_its_first_order"


def come_back(*then_recorded: Event, customer: str = CUSTOMER, linked_after: str = "first_due") -> Forgery:
    """The car came back as `visit-2`, whose first call is due; and what was recorded of it, in this order, right after."""
    due = f.CallDutyOpened(
        visit="visit-2",
        duty="visit-2-first",
        kind="first",
        customer=customer,
        agent="agent-1",
        hour="10:00",
        not_before=DAY,
        promise_by=DAY + timedelta(days=3),
        due_by=DAY + timedelta(days=7),
    )
    more = [added(f"more-{number}", "followup", fact, after=linked_after) for number, fact in reversed(list(enumerate(then_recorded)))]
    return then(*more, added("linked", "followup", COME_BACK, after=linked_after), added("due", "followup", due, after=linked_after))


STOPPED = f.CallDutyStopped(**V, duty=f"{VISIT}-first", kind="first", reason="replaced")
RESUMED = f.CallDutyResumed(**V, duty=f"{VISIT}-first", kind="first")


AWAY = f.AgentAway(absence="a-1", agent="agent-1", stand_in="tech-1", since=DAY.date(), until=DAY.date() + timedelta(days=3), by="bizsup-1")
CAMPAIGN = f.CampaignDecided(
    campaign="k-1",
    kind="offer",
    about="t",
    held_on=DAY.date() + timedelta(days=5),
    tell_by=DAY + timedelta(days=1),
    letter=True,
    by="bizsup-1",
)
INVITATION = f.InvitationOpened(
    invitation="k-1:c", campaign="k-1", customer=CUSTOMER, agent="agent-1", tell_by=DAY + timedelta(days=1), letter=True
)
CLOSED = f.EntryClosed(entry="e-1", by="agent-1", answer="text:followup:1")
DROPPED = f.DutyDropped(visit="", duty="k-1:c", kind="campaign_letter", customer=CUSTOMER, reason="erased")
WRONG = f.ContactInvalid(customer=CUSTOMER, call="call-1", dialled="text:followup:2")
INQUIRY = r.InquiryEnded(**V, customer=CUSTOMER, vehicle="", advisor="a", about="t", reason="inquiry", call_hour="10:00", car_here=False)
OTHER_ERASED = r.CustomerErased(customer="customer-9", visits=(), reason="text:reception:1", by="bizsup-1")
GIVEN_UP = f.InvitationGivenUp(invitation="k-1:c", campaign="k-1", customer=CUSTOMER, at=DAY)
LAPSED = f.InvitationLapsed(invitation="k-1:c", campaign="k-1", customer=CUSTOMER, what="call")
INVITED = f.InvitationTried(invitation="k-1:c", campaign="k-1", customer=CUSTOMER, call="call-55", reached=True, over=True)
TO_BE_WRITTEN_TO = INVITED.model_copy(update={"letter_by": DAY + timedelta(days=4)})
SENT = f.InvitationSent(invitation="k-1:c", campaign="k-1", customer=CUSTOMER, letter="l-9")
UNSENT = LAPSED.model_copy(update={"what": "letter"})


def _followed_up(name: str, fact: Event) -> Forgery:
    return added(name, "followup", fact, after="file")


def invited(*then_recorded: tuple[Event, int]) -> Forgery:
    """A customer is to be told of a campaign; and what was recorded of it so many days after the first call, on the 11th."""
    more = [added(f"more-{number}", "followup", fact, after="first_closed", days=days) for number, (fact, days) in enumerate(then_recorded)]
    campaign = CAMPAIGN.model_copy(update={"reason": "text:1"})
    return then(_followed_up("invitation", INVITATION), _followed_up("campaign", campaign), *reversed(more))


def _open_until(days: int, *gone: str) -> Forgery:
    """These steps never came, and a while later something else is recorded."""
    later_on = added("later_on", "followup", LETTER.model_copy(update={"number": 1}), after="second_closed", days=days)
    return then(later_on, without(*gone))


ENTRY_RULE = "an_entry_is_decided_by_the_supervisor_with_a_date"


def _reported_and(decided: Event) -> Forgery:
    return then(_followed_up("told_of_entry", ENTRY_REPORTED), added("entry_decided", "followup", decided, after="told_of_entry"))


def decided_wish(days: int) -> Forgery:
    """A wish that was decided in time, for so many days after the first, and is not answered yet."""
    decided = ENTRY_DECIDED.model_copy(update={"due_on": (DAY + timedelta(days=days)).date()})
    return then(
        added("wish", "followup", ENTRY, after="opinion"),
        added("wish_reported", "followup", ENTRY_REPORTED, after="wish"),
        added("wish_decided", "followup", decided, after="wish_reported"),
    )


DUE_FOR_EVER = {
    "file": _open_until(1, "file"),
    "entry": added("wish", "followup", ENTRY, after="opinion"),
    "campaign_letter": then(_followed_up("invitation", INVITATION), _followed_up("invited", INVITED)),
}
"""A duty of each kind that is never done."""

FORGED: list[Forged] = [
    ("F1", "the_supervisor_names_people_of_the_department", _followed_up("away", AWAY)),
    (
        "F1",
        "the_supervisor_names_people_of_the_department",
        _followed_up("away", AWAY.model_copy(update={"stand_in": "agent-2", "by": "agent-2"})),
    ),
    (
        "F1",
        "the_supervisor_names_people_of_the_department",
        _followed_up("away", AWAY.model_copy(update={"stand_in": "agent-1"})),
    ),
    (
        "F1",
        "the_supervisor_names_people_of_the_department",
        _followed_up("named", f.AgentsNamed(agents=("cashier-1",), by="bizsup-1")),
    ),
    ("F2", "file_within_two_working_days", later("file", days=4)),
    ("F2", "file_within_two_working_days", _open_until(1, "file")),
    ("F2", "file_within_two_working_days", _open_until(1, "file"), "cancelled_before_signature"),
    ("F2", "file_within_two_working_days", then(without("ordered"), later("file", days=4))),
    ("F2", "file_within_two_working_days", then(without("ordered"), _open_until(1, "file"))),
    ("F2", "one_file_duty_a_visit", without("file_duty")),
    ("F3", "contact_planned_with_the_file", without("planned")),
    ("F4", "one_first_call_duty_a_visit", without("first_due")),
    ("F4", "one_first_call_duty_a_visit", without("first_due"), "cancelled_before_signature"),
    ("F4", "first_call_in_its_window", later("first_closed", days=6)),
    ("F4", "first_call_in_its_window", _open_until(1, "first_closed")),
    ("F4", "called_in_the_convenient_hour", changed("first_closed", in_convenient_hour=False)),
    ("F4", HOUR_RULE, changed("first_closed", in_convenient_hour=False)),
    ("F4", HOUR_RULE, added("tried", "followup", TRY, after="planned")),
    ("F4", HOUR_RULE, added("hour_changed", "followup", HOUR_CHANGED, after="opinion")),
    ("F4", "opinion_asked_on_the_first_call", without("opinion")),
    ("F4", "given_up_only_after_enough_tries", changed("first_closed", outcome="not_reached", told_by="message")),
    ("F4", "entries_are_things_of_their_own", without("complained"), COMPLAINT),
    ("F5", "answered_or_escalated", added("wish", "followup", ENTRY, after="opinion")),
    ("F5", "answered_or_escalated", decided_wish(days=5)),
    ("F5", ENTRY_RULE, _followed_up("decided", ENTRY_DECIDED)),
    ("F5", ENTRY_RULE, _reported_and(ENTRY_DECIDED.model_copy(update={"supervisor": "agent-1"}))),
    ("F5", ENTRY_RULE, _reported_and(ENTRY_DECIDED.model_copy(update={"due_on": DAY.date() - timedelta(days=1)}))),
    ("F5", "unsolved_is_reported_in_two_working_days", later("reported", days=3), "complaint_unsolved"),
    ("F5", "unsolved_is_reported_in_two_working_days", without("reported"), "complaint_unsolved"),
    ("F5", "decided_by_the_supervisor_with_a_date", changed("decided", supervisor="agent-1"), COMPLAINT),
    ("F5", "decided_by_the_supervisor_with_a_date", changed("decided", due_on=DAY.date()), COMPLAINT),
    ("F5", "decided_by_the_supervisor_with_a_date", without("reported"), COMPLAINT),
    ("F5", "told_the_same_day", later("told_solution", days=1), COMPLAINT),
    ("F5", "told_the_same_day", without("told_solution-2"), COMPLAINT),
    ("F5", "there_was_a_solution_to_tell", without("solved-2"), COMPLAINT),
    ("F5", "closed_when_the_customer_is_content", changed("told_solution-2", content=False), COMPLAINT),
    ("F5", "a_come_back_names_who_did_the_work", added("linked", "followup", COME_BACK, after="complained"), COMPLAINT),
    ("F5", "a_come_back_names_who_did_the_work", added("linked", "followup", counted_against("team-e"), after="complained"), COMPLAINT),
    ("F4", ONE_CALL, come_back()),
    ("F4", ONE_CALL, then(without("first_closed"), come_back())),
    ("F4", ONE_CALL, then(without("first_closed"), come_back(STOPPED, RESUMED))),
    ("F6", "one_second_call_duty", without("second_due")),
    ("F6", "second_call_in_its_window", later("second_closed", days=8)),
    ("F6", "second_call_in_its_window", later("second_closed", days=-4)),
    ("F6", "second_call_in_its_window", without("first_closed")),
    ("F6", "topics_differ_from_the_first_call", changed("second_closed", topics=("brakes",))),
    ("F6", "topics_differ_from_the_first_call", changed("second_closed", topics=("weather",))),
    ("F7", "decided_in_time_or_with_a_reason", _followed_up("campaign", CAMPAIGN)),
    (
        "F7",
        "each_chosen_customer_is_invited",
        _followed_up("chosen", f.CampaignCustomersChosen(campaign="k-1", customers=(CUSTOMER,), by="bizsup-1")),
    ),
    (
        "F7",
        "chosen_in_time_or_with_a_reason",
        then(
            _followed_up("campaign", CAMPAIGN.model_copy(update={"tell_by": DAY - timedelta(days=1), "reason": "text:1"})),
            _followed_up("chosen", f.CampaignCustomersChosen(campaign="k-1", customers=(CUSTOMER,), by="bizsup-1")),
        ),
    ),
    ("F7", "told_by_phone_in_time", _followed_up("invitation", INVITATION)),
    ("F7", "letter_within_two_days_after", then(_followed_up("invitation", INVITATION), _followed_up("invited", INVITED))),
    ("F7", "letter_within_two_days_after", then(_followed_up("invitation", INVITATION), _followed_up("given_up", GIVEN_UP))),
    ("F7", "what_is_open_lapses_with_the_campaigns_day", invited()),
    ("F7", "what_is_open_lapses_with_the_campaigns_day", invited((TO_BE_WRITTEN_TO, 1))),
    ("F7", "only_what_nobody_did_lapses_and_not_before_the_day_is_over", invited((LAPSED, 2))),
    ("F7", "only_what_nobody_did_lapses_and_not_before_the_day_is_over", invited((TO_BE_WRITTEN_TO, 1), (LAPSED, 4))),
    ("F7", "only_what_nobody_did_lapses_and_not_before_the_day_is_over", invited((TO_BE_WRITTEN_TO, 1), (SENT, 2), (UNSENT, 4))),
    ("F7", "only_what_nobody_did_lapses_and_not_before_the_day_is_over", _followed_up("lapsed", LAPSED)),
    ("F7", "who_is_told_too_late_does_not_count_as_told", invited((LAPSED, 4), (INVITED, 5))),
    ("F7", "who_is_told_too_late_does_not_count_as_told", invited((TO_BE_WRITTEN_TO, 1), (UNSENT, 4), (SENT, 5))),
    ("F8", "invitations_are_in_the_call_register", _followed_up("invited", INVITED)),
    ("F9", "invitations_are_in_the_letter_register", _followed_up("sent", SENT)),
    ("F8", "a_number_is_wrong_where_a_call_showed_it", changed("first_closed", contact_invalid=True)),
    (
        "F8",
        "a_number_is_wrong_where_a_call_showed_it",
        then(_followed_up("invitation", INVITATION), added("given_up", "followup", GIVEN_UP, after="invitation")),
    ),
    ("F8", "every_closed_call_is_in_the_register", without("first_call")),
    ("F8", "every_closed_call_is_in_the_register", changed("first_call", reached=False)),
    ("F8", "every_try_is_in_the_register", added("tried", "followup", TRY, after="planned")),
    ("F8", "call_register_is_whole", changed("second_call", number=1)),
    ("F8", "call_register_is_whole", changed("second_call", number=3)),
    ("F8", "told_by_phone_is_in_the_register", changed("told_solution", call=None), COMPLAINT),
    ("F8", "told_by_phone_is_in_the_register", _followed_up("closed", CLOSED.model_copy(update={"channel": Channel.PHONE}))),
    ("F9", "told_by_letter_is_in_the_register", _followed_up("closed", CLOSED.model_copy(update={"channel": Channel.LETTER}))),
    ("F9", "letter_register_is_whole", added("letter", "followup", LETTER, after="second_closed")),
    (
        "F9",
        "written_to_instead_of_called_is_in_the_register",
        changed("first_closed", outcome="not_reached", told_by="letter", letter="l-9"),
    ),
    ("F9", "told_by_letter_is_in_the_register", changed("told_solution", channel=Channel.LETTER), COMPLAINT),
    ("F10", "overdue_duties_escalate", later("file", days=4)),
    ("F10", "overdue_duties_escalate", later("first_closed", days=2)),
    ("F10", "overdue_comes_before_the_supervisor", added("overdue", "followup", OVERDUE, after="planned")),
    ("F10", "dropped_for_who_was_erased_alone", _followed_up("dropped", DROPPED)),
    (
        "F10",
        "dropped_for_who_was_erased_alone",
        then(
            _followed_up("invitation", INVITATION),
            added("erased", "reception", OTHER_ERASED, after="file_duty"),
            added("dropped", "followup", DROPPED.model_copy(update={"customer": "customer-9"}), after="second_closed"),
        ),
    ),
    ("F10", "summed_up_in_time", later("filed", days=40), "month_summed_up"),
    ("F10", "edited_and_signed_by_the_supervisor", changed("summary_signed", words="text:followup:12"), "month_summed_up"),
    ("F10", "edited_and_signed_by_the_supervisor", without("edited"), "month_summed_up"),
    ("F10", "given_in_a_meeting_and_filed_as_signed", without("met"), "month_summed_up"),
    ("F10", "given_in_a_meeting_and_filed_as_signed", changed("filed", content_hash="another"), "month_summed_up"),
]
