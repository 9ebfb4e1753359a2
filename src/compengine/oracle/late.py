"""Rows that come late: what was posted stands, and what it differs by is credited now (section 8, late rows)."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from compengine.oracle.book import Book, Item, item_of, total_of
from compengine.oracle.clawback import further
from compengine.oracle.rows import Row
from compengine.plan.typed import Stream
from compengine.values.exact import ZERO, subtract
from compengine.values.periods import DAY
from compengine.values.rows import Credit

Id = tuple[str, str]
"""Payee and id."""


def keeping_posted(
    book: Book, stream: Stream, items: list[Item], rows_by_id: Callable[[], Mapping[str, dict[str, Row]]]
) -> list[Item]:
    """The credits of a stream under `late: current_period`; `items` are what the rows come to now.

    What stands under a payee and id stays; the difference to what is credited now, or a credit that is new, is dated
    the first open day.
    """
    plan, posted = book.plan, book.calculation.posted
    if plan.late != "current_period" or posted is None or plan.calendar.name not in posted.ends:
        return items
    first_open = posted.ends[plan.calendar.name] + DAY
    now = {(item.credit.payee, item.credit.source): item for item in items}
    before = [c for c in posted.credits if (c.plan, c.stream) == (plan.name, stream.name)]
    standing = _standing(before, now)
    found = [_new(book, stream, item, first_open) for at, item in now.items() if at not in standing]
    sources = rows_by_id() if any(at not in now for at in standing) else {}
    for at, credits in standing.items():
        item = now.get(at) or _gone(credits, now, sources)
        found += [item_of(credit, item.rows, item.of, at[1]) for credit in credits]
        amount = item.credit.amount if at in now else ZERO
        difference = subtract(amount, total_of(credit.amount for credit in credits))
        if not difference.is_zero():
            source = f"{at[1]}@{book.period(first_open, stream.span).label}"
            credit = further(item.credit, source, first_open, difference)
            found.append(item_of(credit, item.rows, item.of, at[1]))
    last = book.calculation.horizon.end
    return [item for item in found if item.credit.date <= last]


def _standing(posted: list[Credit], now: Mapping[Id, Item]) -> dict[Id, list[Credit]]:
    """What stands under each payee and id, further credits (`ID@PERIOD`) with the credit they belong to, which is
    first."""
    known = {*now, *((credit.payee, credit.source) for credit in posted)}
    found: dict[Id, list[Credit]] = {}
    for credit in sorted(posted, key=lambda credit: (credit.date, credit.source.encode())):
        at, under = ((credit.payee, credit.source), (credit.payee, credit.source.rpartition("@")[0]))
        found.setdefault(under if under in known and at not in now else at, []).append(credit)
    return found


def _gone(credits: list[Credit], now: Mapping[Id, Item], sources: Mapping[str, dict[str, Row]]) -> Item:
    """A credit that there is no more: rules read its source row as it is now, and its related row if there is one."""
    credit = credits[0]
    id = credit.source if credit.source in sources else credit.source.partition("~")[0]
    in_scope = sources.get(_source_of(id, sources), {})
    if id == credit.source:
        return item_of(credit, in_scope, None)
    of = now.get((credit.payee, id)) or item_of(replace(credit, source=id), in_scope, None)
    return item_of(credit, in_scope, of)


def _source_of(id: str, sources: Mapping[str, dict[str, Row]]) -> str:
    """The id itself, or where its related row is gone the key of its source row; empty where there is neither."""
    while id and id not in sources:
        id = id.rpartition("/")[0]
    return id


def _new(book: Book, stream: Stream, item: Item, first_open: date) -> Item:
    """A credit that nothing stands for yet: not before the first open day, if it ever was to be posted."""
    same = [
        plan for plan in book.calculation.program.plans if plan.name == book.plan.name and stream.name in plan.streams
    ]
    day = item.credit.date
    if day >= first_open or not any(plan.start <= day <= plan.end for plan in same):
        return item
    return item_of(replace(item.credit, date=first_open), item.rows, item.of, item.id)
