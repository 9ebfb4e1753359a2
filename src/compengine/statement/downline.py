"""What a manager was credited through each person directly below, and what that earned: the types of the table."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Below:
    """One person directly below the payee, with everybody below that person.

    `credited` is what the payee was credited through them, `earned` what the components per credit made of it.
    """

    id: str
    name: str
    deals: int
    credited: Decimal
    earned: Decimal


@dataclass(frozen=True, slots=True)
class Downline:
    """The credits of one stream, by the person they came through.

    `components` are those paid per credit of the stream. `own` is what was credited to the payee without anybody
    between and what it earned, `other` what is no credit's alone: limits and what was carried. `credited` and `earned`
    are the sums; `earned` is that of the components' subtotals. `unit` is that of `credited`, `currency` of `earned`.
    """

    plan: str
    title: str
    components: tuple[str, ...]
    titles: tuple[str, ...]
    unit: str
    currency: str
    people: tuple[Below, ...]
    own_credited: Decimal
    own_earned: Decimal
    other: Decimal
    credited: Decimal
    earned: Decimal
