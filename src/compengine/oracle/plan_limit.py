"""Limits of a whole plan: `settle.limit`, on the period totals of its paid components (section 12, plan limits)."""

from decimal import Decimal

from compengine.oracle.book import EVERYBODY, Book, Draft, Rule, Subject, key_of, window_scene
from compengine.oracle.faults import Fault, Follows
from compengine.oracle.limit import apply_limits
from compengine.oracle.release import on_its_date, payables
from compengine.values.exact import ZERO, add
from compengine.values.periods import Window
from compengine.values.rows import Earning, Payable

COMPONENT = "settle"


def plan_limits(book: Book) -> tuple[list[Earning], list[Payable]]:
    """Rows per payee, window and limit, payable on their date."""
    limits = book.plan.settle.limits
    if not limits:
        return [], []
    try:
        drafts = _drafts(book)
    except Fault as fault:
        book.calculation.note(fault, "", "", "")
        return [], []

    apply_limits(Rule(book, COMPONENT, "period", "", True, set()), limits, drafts)
    found = [(draft.subject.scene, row) for draft in drafts for row in draft.rows]
    due = [part for scene, row in found for part in payables(row, on_its_date(row), scene)]
    return [row for _, row in found], due


def _drafts(book: Book) -> list[Draft]:
    """Each payee's periods with what their paid components come to, in all versions of the plan.

    Periods are those that end within `effective`: with rows, and for everybody on the plan in them.
    """
    totals: dict[tuple[str, Window], Decimal] = {}
    for row in _paid_rows(book):
        period = book.period(row.date, book.plan.settle.span)
        if book.plan.start <= period.end <= book.plan.end:
            at = (row.payee, period)
            totals[at] = add(totals.get(at, ZERO), row.amount)
    for period in book.closed("period", book.plan.settle.span):
        for payee in book.stays:
            if book.on_plan_in(payee, period):
                totals.setdefault((payee, period), ZERO)
    found = []
    for (payee, period), amount in totals.items():
        key = key_of(period.end, period.label, EVERYBODY, payee)
        scene = window_scene(book, payee, period)
        found.append(Draft(Subject(payee, period.label, period.end, key, scene, None, period.label), [], amount))
    return found


def _paid_rows(book: Book) -> list[Earning]:
    """Everything that the paid components of all versions have earned, clawed rows with it."""
    found: list[Earning] = []
    for other in book.calculation.books.values():
        for name, component in other.plan.components.items() if other.plan.name == book.plan.name else ():
            result = other.component(name)
            if result.broken:
                raise Follows
            if component.paid:
                found += [row for draft in result.drafts for row in draft.rows]
                found += [claw for _, claw in result.claws]
    return found
