"""Amounts as actions give them: always with their currency."""

from dataclasses import dataclass
from decimal import Decimal

from compengine.values.exact import CONTEXT, divide, exact
from compengine.values.money import fixed
from compengine.values.rounding import Rounding, round_to


@dataclass(frozen=True, slots=True)
class Money:
    """An amount on its currency's minor grid."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{fixed(self.amount, self.currency)} {self.currency}"


def said(money: Money) -> str:
    """`1,234.50 USD`: for sentences."""
    return f"{Decimal(fixed(money.amount, money.currency)):,} {money.currency}"


def summed(amounts: list[Decimal]) -> Decimal:
    total = Decimal(0)
    for amount in amounts:
        total = CONTEXT.add(total, amount)
    return exact(total)


def share_of(change: Decimal, before: Decimal) -> Decimal | None:
    """The one rule for percentages of change: `change` over the size of what was before, half-up to a tenth of a
    percent (0.125 is 12.5%). None where there was nothing before."""
    return round_to(divide(exact(change), abs(before)), Decimal("0.001"), Rounding.HALF_UP) if before else None
