"""Quotas: rows by the part of their span that counts, by period where the plan says how (section 9)."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from compengine.oracle import people, rows, windows
from compengine.oracle.book import Book, Scene, total_of, window_scene
from compengine.oracle.faults import Fault
from compengine.oracle.measure import presence
from compengine.oracle.people import Stay
from compengine.oracle.rows import Row
from compengine.plan.typed import Expr, Quota
from compengine.source.text import Span
from compengine.values.exact import ONE, ZERO, divide, exact, multiply
from compengine.values.periods import Window

Number = Callable[[Expr, Scene], Decimal]
EVER = [(date.min, date.max)]


def quota(node: Quota, scene: Scene, origin: date | None, number: Number) -> Decimal:
    """The sum over the payee's rows of that name; `number` evaluates an expression that must not be negative."""
    book = scene.book
    first, last = windows.for_quota(node.window, book.plan.calendar, scene.sum_day, scene.day, origin)
    present = EVER if book.plan.prorate == "none" else presence(scene, first, last)
    here = [(max(first, start), min(last, end)) for start, end in present]
    found: list[Decimal] = []
    for row in rows.matching(book.calculation.tables, "quotas", ("payee", "quota"), (scene.payee, node.name)):
        span = (row["from"], row["to"])
        if not (length(book, span, here) or _whole(span, here)):
            continue
        amount = _amount(row, book, node.span)
        if node.name in book.plan.quotas:
            found += _by_period(scene, node, amount, span, here, number)
        else:
            found += _part(book, amount, span, here)
    if not found:
        message = f"{scene.payee} has no quota {node.name} in {node.window.text}, on the days up to {last}"
        raise Fault("E502", message, node.span)
    return total_of(found)


def _amount(row: Row, book: Book, span: Span) -> Decimal:
    """In the plan's currency, at the rate of the row's first day."""
    plan, currency = book.plan, row.get("amount@currency")
    amount: Decimal = row["amount"]
    if not currency:
        return amount
    tables = book.calculation.tables
    return rows.exchange(tables, amount, currency, plan.currency, row["from"], plan.rounding, span).amount


def _part(book: Book, amount: Decimal, span: Stay, here: list[Stay]) -> list[Decimal]:
    """amount × d ÷ n; nothing where d is 0, and the amount itself where all of the row lies in the window and in the
    presence."""
    n, d = length(book, span, EVER), length(book, span, here)
    if _whole(span, here):
        return [amount] if n or book.plan.prorate != "working days" else []
    return [divide(multiply(amount, exact(d)), exact(n))] if d else []


def _whole(span: Stay, here: list[Stay]) -> bool:
    return people.days_within(here, *span) == people.days_within(EVER, *span)


def length(book: Book, span: Stay, here: list[Stay]) -> int:
    """How long the part of a span is that lies in any of the stretches, counted as `prorate` says."""
    plan, (first, last) = book.plan, span
    match plan.prorate:
        case "months":
            ends = [month.end for month in plan.calendar.between("month", first, last)]
            return sum(first <= day <= last and people.holds_on(here, day) for day in ends)
        case "working days":
            parts = [(max(first, start), min(last, end)) for start, end in here]
            return sum(plan.calendar.working_days(*part) for part in parts)
        case _:
            return people.days_within(here, first, last)


# --- spread and share


def _by_period(
    scene: Scene, node: Quota, amount: Decimal, span: Stay, here: list[Stay], number: Number
) -> list[Decimal]:
    """amount × Q ÷ S; nothing where no day of the row counts."""
    book, rule = scene.book, scene.book.plan.quotas[node.name]
    counted: list[Decimal] = []
    weights: list[Decimal] = []
    for period, days in _touched(book, span):
        long, d = length(book, days, EVER), length(book, days, here)
        if not long:
            continue
        heavy, whole = ONE, 1
        if rule.spread is not None:
            heavy = number(rule.spread, window_scene(book, "", period))
            whole = length(book, (period.start, period.end), EVER)
        weights.append(divide(multiply(heavy, exact(long)), exact(whole)))
        if d:
            share = ONE if rule.share is None else number(rule.share, window_scene(book, scene.payee, period))
            counted.append(divide(multiply(multiply(heavy, share), exact(d)), exact(whole)))
    if not counted:
        return []
    q, s = total_of(counted), total_of(weights)
    if s == ZERO:
        return [ZERO]
    return [amount if q == s else divide(multiply(amount, q), s)]


def _touched(book: Book, span: Stay) -> list[tuple[Window, Stay]]:
    """The pay periods a row touches, and the days of the span in each."""
    periods = book.plan.calendar.between("period", *span)
    return [(period, (max(period.start, span[0]), min(period.end, span[1]))) for period in periods]
