"""With which legal entity a payee was, and what of a statement falls on those days: types."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Stay:
    """Days on which a payee belongs to one entity; `date.min` and `date.max` where a bound is not said."""

    entity: str
    name: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Employment:
    """What a statement's lines dated on days with one entity come to. `first` and `last` are the days of the period
    with it, None where it is lines of earlier days alone; `pays` is the one that pays the statement."""

    entity: str
    name: str
    first: date | None
    last: date | None
    amount: Decimal
    currency: str
    pays: bool
