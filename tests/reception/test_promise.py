from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from services.reception.promise import (
    NoOneForTheWork,
    PromiseInThePast,
    PromiseOutsideOpeningHours,
    PromiseTooEarly,
    ShopLoad,
    after_open_time,
    earliest_completion,
)
from shared.branch import Branch
from shared.contracts.values import OrderItem
from shared.refusal import Refused
from tests.reception.counter import BRANCH, NOW, carried_to

HERE = BRANCH.site.zone
TEN = datetime(2026, 3, 9, 10, tzinfo=HERE)

pytestmark = pytest.mark.clause("R10")


def ordered(*operations: str) -> tuple[OrderItem, ...]:
    counter = carried_to("diagnose")
    for operation in operations:
        counter.diagnose(operation)
    counter.estimate()
    return counter.order.estimates[-1].items


def earliest(*operations: str, load: Mapping[str, str] | None = None, cars: int = 0, parts: date | None = None) -> datetime:
    hours = {skill: Decimal(text) for skill, text in (load or {}).items()}
    return earliest_completion(ordered(*operations), ShopLoad(hours_by_skill=hours, cars=cars), parts, BRANCH, NOW).astimezone(HERE)


def test_an_empty_shop_needs_the_hours_of_the_order_and_the_finishing() -> None:
    assert earliest("R-FBP") == TEN + timedelta(hours=0.8, minutes=32)  # 0.8 h + 30 min, up to the next five minutes


def test_items_follow_one_another() -> None:
    assert earliest("R-CLUTCH", "R-TBELT") == TEN + timedelta(hours=8.8, minutes=32)


def test_the_open_hours_of_a_skill_are_shared_by_its_technicians() -> None:
    assert earliest("R-FBP", load={"chassis": "8", "paint": "99"}) == TEN + timedelta(hours=2.8, minutes=32)  # four do chassis work


def test_when_every_bay_is_taken_all_open_hours_count() -> None:
    assert earliest("R-FBP", load={"paint": "24"}, cars=12) == TEN + timedelta(hours=2.8, minutes=32)
    assert earliest("R-FBP", load={"paint": "24"}, cars=11) == TEN + timedelta(hours=0.8, minutes=32)


def test_work_waits_for_its_parts_and_goes_on_the_next_morning() -> None:
    assert earliest("R-FBP", parts=date(2026, 3, 11)) == datetime(2026, 3, 11, 9, 20, tzinfo=HERE)
    assert earliest("R-FBP", parts=date(2026, 3, 1)) == TEN + timedelta(hours=0.8, minutes=32)


def test_opening_time_runs_only_while_the_branch_is_open(closed_on_tuesdays: Branch) -> None:
    late = datetime(2026, 3, 9, 19, tzinfo=HERE)
    assert after_open_time(late, timedelta(hours=2), BRANCH) == datetime(2026, 3, 10, 9, tzinfo=HERE)
    assert after_open_time(late, timedelta(hours=2), closed_on_tuesdays) == datetime(2026, 3, 11, 9, tzinfo=HERE)
    assert after_open_time(late, timedelta(hours=1), BRANCH) == datetime(2026, 3, 9, 20, tzinfo=HERE)
    assert after_open_time(late, timedelta(), BRANCH) == late


@pytest.fixture
def closed_on_tuesdays() -> Branch:
    shop = BRANCH.site.shop.model_copy(update={"open_days": frozenset({0, 2, 3, 4, 5, 6})})
    return BRANCH.model_copy(update={"site": BRANCH.site.model_copy(update={"shop": shop})})


@pytest.mark.parametrize(
    ("promised_at", "refusal"),
    [
        (TEN - timedelta(minutes=1), PromiseInThePast),
        (TEN, PromiseInThePast),
        (TEN + timedelta(hours=10, minutes=1), PromiseOutsideOpeningHours),
        (datetime(2026, 3, 10, 7, 59, tzinfo=HERE), PromiseOutsideOpeningHours),
        (TEN + timedelta(hours=1), PromiseTooEarly),
    ],
)
def test_a_time_that_cannot_be_kept_is_refused_with_the_earliest_that_can(promised_at: datetime, refusal: type[Refused]) -> None:
    with pytest.raises(refusal) as refused:
        carried_to("promise").promise(promised_at)
    assert refused.value.clause == "R10"
    assert refused.value.facts["earliest"] == (NOW + timedelta(hours=0.8, minutes=32)).isoformat()


def test_the_earliest_itself_and_the_closing_time_can_be_promised() -> None:
    for promised_at in (TEN + timedelta(hours=0.8, minutes=32), TEN + timedelta(hours=10)):
        counter = carried_to("promise")
        counter.promise(promised_at)
        assert counter.order.promise
        assert counter.order.promise.promised_at == promised_at


def test_work_that_nobody_of_the_branch_can_do_is_not_promised() -> None:
    nobody = BRANCH.model_copy(update={"staff": {}})
    with pytest.raises(NoOneForTheWork):
        earliest_completion(ordered("R-FBP"), ShopLoad(), None, nobody, NOW)
