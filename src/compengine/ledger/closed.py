"""What runs of plans with `late: current_period` were compared with: the last posted run of each of their calendars.

A run records the digest of an object that says so (`RunRecord.posted`), so that it can be computed again.
"""

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import date

import sqlalchemy as sa

from compengine.ledger.chain import canonical, texts
from compengine.ledger.queries import last_post
from compengine.ledger.runs import the_run

DOMAIN = b"compengine-posted-v1\0"


@dataclass(frozen=True, slots=True)
class Closed:
    """The last posted period of a calendar ends on `end`; `credits` is the digest of its run's credits."""

    calendar: str
    end: date
    credits: str


def last_closed(connection: sa.Connection, calendars: Iterable[str]) -> tuple[Closed, ...]:
    """One for each of these calendars of which something is posted, by name."""
    found = []
    for calendar in sorted(set(calendars)):
        posting = last_post(connection, calendar)
        if posting is not None:
            credits = the_run(connection, posting.run).record.credits
            found.append(Closed(calendar, date.fromisoformat(posting.period_end), credits))
    return tuple(found)


def content(closed: Iterable[Closed]) -> bytes:
    """The bytes of the object that says it."""
    return DOMAIN + canonical(str(value) for one in closed for value in astuple(one))


def read_closed(stored: bytes) -> tuple[Closed, ...]:
    """The other way; raises `ValueError` for anything else."""
    if not stored.startswith(DOMAIN):
        raise ValueError("an object that should say what was posted says something else")
    values = texts(stored.removeprefix(DOMAIN))
    return tuple(
        Closed(calendar, date.fromisoformat(end), credits)
        for calendar, end, credits in zip(values[::3], values[1::3], values[2::3], strict=True)
    )
