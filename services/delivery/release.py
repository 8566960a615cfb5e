"""R14: a visit that ended unsigned, or an order cancelled before anybody touched the car: it leaves without settlement and inspection."""

from collections.abc import Iterable

from services.delivery.case import Case
from services.delivery.ledger import refund_fell_due
from shared.contracts.delivery import CallHourConfirmed, CarReleasedUnsettled, RecommendationAdded
from shared.contracts.event import Event
from shared.contracts.reception import InquiryEnded
from shared.contracts.values import Recommendation
from shared.contracts.workshop import JobEnded


def after_inquiry(case: Case, event: InquiryEnded) -> list[Event]:
    """R14: the car of an inquiry may go; the hour for the call that follows (F4) was asked at reception."""
    if case.left or not event.car_here:
        return []
    hour = CallHourConfirmed(visit=event.visit, hour=event.call_hour)
    if case.released_unsettled:
        return [] if case.call_hour else [hour]
    released = CarReleasedUnsettled(
        visit=event.visit, reason=event.reason, customer=event.customer, vehicle=event.vehicle, advisor=event.advisor
    )
    return [released, hour, *refund_fell_due(case, case.after([released]))]


def untouched(case: Case, event: JobEnded, found: Iterable[Recommendation] = ()) -> list[Event]:
    """EDGE_CASES 1: a car that a team touched passes the final inspection, whatever became of the order.

    D6: no inspection names what was `found` on an untouched one to be unsafe, and the customer drives it away: it is recommended here.
    """
    if event.touched or case.left or case.released_unsettled or case.holds_the_car:
        return []
    released = CarReleasedUnsettled(visit=case.id, reason=event.reason, customer=case.customer, vehicle=case.vehicle, advisor=case.advisor)
    recommended = [RecommendationAdded(visit=case.id, recommendation=advice) for advice in found]
    return [released, *recommended, *refund_fell_due(case, case.after([released]))]
