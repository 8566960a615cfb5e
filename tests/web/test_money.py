"""Money is to the cent, of one currency, and splits without losing any."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.money import Money

amounts = st.decimals("-1000000", "1000000", places=2)


@pytest.mark.parametrize(
    ("given_amount", "kept"), [("1.005", "1.01"), ("1.004", "1.00"), ("-1.005", "-1.01"), ("2", "2.00"), ("0.995", "1.00")]
)
def test_an_amount_is_rounded_half_up_to_the_cent(given_amount: str, kept: str) -> None:
    assert str(Money.of(given_amount).amount) == kept


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_amount_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match="finite"):
        Money(amount=Decimal(amount))


def test_it_is_decimal_text_on_the_wire_and_comes_back_equal() -> None:
    assert Money.of("10.5").model_dump(mode="json") == {"amount": "10.50", "currency": "CNY"}
    assert Money.model_validate_json(Money.of("10.5").model_dump_json()) == Money.of("10.50")


@pytest.mark.parametrize("mixed", [lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a < b], ids=["sum", "difference", "order"])
def test_currencies_do_not_mix(mixed: Callable[[Money, Money], object]) -> None:
    with pytest.raises(ValueError, match="do not mix"):
        mixed(Money.of(1), Money.of(1, "EUR"))


@given(amounts, st.lists(st.integers(1, 100), min_size=1, max_size=6))
@pytest.mark.clause("D5")
def test_several_payers_share_it_to_the_cent(amount: Decimal, weights: list[int]) -> None:
    shares = [Decimal(weight) / 1000 for weight in weights]
    shares = [*shares[:-1], 1 - sum(shares[:-1], start=Decimal(0))]
    parts = Money.of(amount).split(shares)
    assert sum(parts, start=Money.zero()) == Money.of(amount)
    assert all(abs(part.amount - amount * share) <= Decimal("0.005") for part, share in zip(parts[:-1], shares[:-1], strict=True))


def test_shares_that_do_not_sum_to_one_are_refused() -> None:
    with pytest.raises(ValueError, match=r"sum to 0\.9"):
        Money.of(1).split([Decimal("0.4"), Decimal("0.5")])


def test_a_third_each_leaves_the_rounding_to_the_last() -> None:
    third = Decimal("0.333")
    assert [str(part.amount) for part in Money.of("100").split([third, third, 1 - 2 * third])] == ["33.30", "33.30", "33.40"]


def test_the_tax_inside_a_price() -> None:
    assert Money.of("113").contained_tax(Decimal("0.13")) == Money.of("13")
    assert Money.of("100").contained_tax(Decimal("0.13")) == Money.of("11.50")


def test_times_quantity_order_and_truth() -> None:
    assert Money.of("19.99") * 3 == Money.of("59.97")
    assert Money.of("180") * Decimal("0.75") == Money.of("135")
    assert Money.of(1) < Money.of(2) <= Money.of(2)
    assert Money.of("0.01")
    assert not Money.zero()
    assert str(Money.of("1.5")) == "1.50 CNY"
