"""What people decided by hand, row by row: adjustments are earned and due, holds keep back what is not released yet."""

from collections.abc import Iterable
from dataclasses import replace

from compengine.oracle.book import Book
from compengine.values.decided import ADJUSTMENT, Adjustment, Decided, Released, covers
from compengine.values.exact import exact
from compengine.values.rows import Earning, Payable


def earned_by_hand(books: Iterable[Book], adjustments: Iterable[Adjustment]) -> list[Earning]:
    """A row for each adjustment whose period has ended by the end of the open one."""
    by_plan = {book.plan.name: book for book in books}
    rows = []
    for adjustment in adjustments:
        book = by_plan[adjustment.plan]
        period = book.plan.calendar.period(adjustment.for_period)
        if period.end > book.calculation.horizon.end:
            continue
        rows.append(
            Earning(
                plan=adjustment.plan,
                component=ADJUSTMENT,
                payee=adjustment.payee,
                for_period=period.label,
                date=period.end,
                source=adjustment.id,
                part=adjustment.code,
                kind=ADJUSTMENT,
                basis=adjustment.amount,
                basis_unit=adjustment.currency,
                rate=exact(1),
                rate_unit="",
                amount=adjustment.amount,
                currency=adjustment.currency,
                paid=True,
            )
        )
    return rows


def due_by_hand(rows: Iterable[Earning]) -> list[Payable]:
    """An adjustment is due as a whole on the last day of its period."""
    return [
        Payable(r.plan, r.component, r.payee, r.for_period, r.source, r.part, 0, r.date, r.amount, r.currency)
        for r in rows
    ]


def not_held(payables: Iterable[Payable], decided: Decided) -> list[Payable]:
    """The same parts; those that somebody holds, and that were not released before, have no day."""
    before = set(decided.released)
    found = []
    for part in payables:
        same = Released(part.payee, part.plan, part.component, part.source, part.step)
        held = same not in before and any(
            covers(hold, part.payee, part.plan, part.component, part.source) for hold in decided.holds
        )
        found.append(replace(part, on=None) if held else part)
    return found
