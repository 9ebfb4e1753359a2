"""Amounts as actions give them: always with their currency."""

from dataclasses import dataclass
from decimal import Decimal

from compengine.values.exact import CONTEXT, exact
from compengine.values.money import fixed


@dataclass(frozen=True, slots=True)
class Money:
    """An amount on its currency's minor grid."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{fixed(self.amount, self.currency)} {self.currency}"


def summed(amounts: list[Decimal]) -> Decimal:
    total = Decimal(0)
    for amount in amounts:
        total = CONTEXT.add(total, amount)
    return exact(total)
