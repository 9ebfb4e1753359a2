"""What a statement says of decisions made by people: adjustments and disputes, as types."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Adjusted:
    """An approved adjustment that this statement posts; `kind` and `code` are the register's, `reason` why it was asked
    for, `asked_by` by whom, `dispute` the one that it ends. `amount` is negative where it takes back."""

    id: str
    plan: str
    for_period: str
    kind: str
    code: str
    reason: str
    asked_by: str
    approved_by: str
    approved: date | None
    dispute: str
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Disputed:
    """A dispute that is open, or ended since the statement before. `line` is what of the statement it is about, empty
    for all of it; `outcome` what was said at the end, empty before; `last` the day of the last step."""

    id: str
    statement: str
    line: str
    reason: str
    state: str
    opened: date
    due: date
    last: date
    outcome: str
