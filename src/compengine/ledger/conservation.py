"""What must hold before entries are written. Where it does not, the identity is named, with both its figures.

These checks are part of posting and paying, not of tests: nothing is written where one fails.
"""

from dataclasses import dataclass

from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.values.money import fixed, from_minor

HELP = "nothing was written; this is a fault of the program: keep the workspace as it is and report it"


@dataclass(frozen=True, slots=True)
class Side:
    """One side of an identity: what it is, in whole minor units of a currency."""

    name: str
    amount: int
    currency: str

    def __str__(self) -> str:
        return f"{self.name} is {fixed(from_minor(self.amount, self.currency), self.currency)} {self.currency}"


def equal(identity: str, about: str, left: Side, right: Side) -> None:
    """Raises `Failed` (E609) where the sides are not the same amount of the same currency."""
    if (left.amount, left.currency) != (right.amount, right.currency):
        raise broken(identity, about, f"{left}, {right}")


def not_negative(identity: str, about: str, side: Side) -> None:
    """Raises `Failed` (E609) for an amount below zero."""
    if side.amount < 0:
        raise broken(
            identity, about, f"{side}, and may not be below {fixed(from_minor(0, side.currency), side.currency)}"
        )


def broken(identity: str, about: str, figures: str) -> Failed:
    """`about` is who or what the figures are of; empty for a posting as a whole."""
    of = f" ({about})" if about else ""
    return Failed([Diagnostic("E609", f"{identity}{of}: {figures}", Place(table="entries"), HELP)])
