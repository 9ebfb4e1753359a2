"""What was held and is released, and how what is held has moved: types."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Release:
    """What of one source in one component was held by the statement before and is due on this one.

    `statements` are the numbers of those that have the rows of which it was held; `why` is the condition of the plan or
    the hold that ended, `on` the day on which it became payable, None where it is no single one. `amount` is signed
    from the payee's side.
    """

    plan: str
    component: str
    title: str
    source: str
    facts: tuple[tuple[str, str], ...]
    statements: tuple[str, ...]
    why: str
    on: date | None
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class HeldMove:
    """What is held of one source in one component: `before`, plus `earned` on this statement, less what became due, is
    `after`. What became due is first of what was held before: that is `released`."""

    plan: str
    component: str
    source: str
    currency: str
    before: Decimal
    earned: Decimal
    after: Decimal
    released: Decimal

    @property
    def added(self) -> Decimal:
        """How the held balance moves beside `released`: up by what is newly held, down by what is no longer earned."""
        return self.after - self.before + self.released
