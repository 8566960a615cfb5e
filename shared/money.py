"""Money: decimal amounts with their currency, to the cent."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, total_ordering

from pydantic import BaseModel, ConfigDict, Field, field_validator

CENT = Decimal("0.01")


@total_ordering
class Money(BaseModel):
    """`amount` is rounded half up to the cent when made; on the wire it is decimal text. Mixing currencies is a `ValueError`."""

    model_config = ConfigDict(frozen=True)

    amount: Decimal
    currency: str = Field(default="CNY", pattern="^[A-Z]{3}$")

    @field_validator("amount")
    @classmethod
    def _to_the_cent(cls, amount: Decimal) -> Decimal:
        if not amount.is_finite():
            raise ValueError("an amount is a finite number")
        return amount.quantize(CENT, ROUND_HALF_UP)

    @classmethod
    def of(cls, amount: str | int | Decimal, currency: str = "CNY") -> "Money":
        return cls(amount=Decimal(amount), currency=currency)

    @classmethod
    @cache
    def zero(cls, currency: str = "CNY") -> "Money":
        return cls(amount=Decimal(0), currency=currency)

    def _other(self, other: "Money") -> Decimal:
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not mix")
        return other.amount

    def __add__(self, other: "Money") -> "Money":
        return Money(amount=self.amount + self._other(other), currency=self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(amount=self.amount - self._other(other), currency=self.currency)

    def __mul__(self, factor: Decimal | int) -> "Money":
        return Money(amount=self.amount * factor, currency=self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.amount < self._other(other)

    def __bool__(self) -> bool:
        return self.amount != 0

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    def split(self, shares: Sequence[Decimal]) -> tuple["Money", ...]:
        """Parts in proportion to `shares`, which sum to 1; the parts sum to the whole, the last takes the rounding."""
        if sum(shares) != 1:
            raise ValueError(f"shares sum to {sum(shares)}, not to 1")
        parts = [self * share for share in shares[:-1]]
        rest = self
        for part in parts:
            rest -= part
        return (*parts, rest)

    def contained_tax(self, rate: Decimal) -> "Money":
        """The tax inside a price that includes it."""
        return Money(amount=self.amount * rate / (1 + rate), currency=self.currency)
