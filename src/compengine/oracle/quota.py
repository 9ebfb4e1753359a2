"""Quotas: rows by the part of their span that counts, by period where the plan says how (section 9)."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from compengine.inputs.schema import ColumnType
from compengine.oracle import people, rows, windows
from compengine.oracle.book import Book, Scene, total_of, window_scene
from compengine.oracle.faults import Fault
from compengine.oracle.measure import presence
from compengine.oracle.people import Stay
from compengine.oracle.rows import Row
from compengine.plan.typed import Expr, Quota
from compengine.source.text import Span
from compengine.values.exact import ONE, ZERO, divide, exact, multiply
from compengine.values.money import minor_unit
from compengine.values.periods import Window
from compengine.values.rounding import FINEST, split

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
    """Of each period's part A of a row: A × share × d ÷ l, where d is above 0."""
    book, share = scene.book, scene.book.plan.quotas[node.name].share
    found = []
    for period, within, part in _divided(book, node, amount, span, number):
        long, counted = length(book, within, EVER), length(book, within, here)
        if not counted:
            continue
        carried = ONE
        if share is not None:
            carried = number(share, window_scene(book, scene.payee, period))
        if counted != long or carried != ONE:
            part = divide(multiply(multiply(part, carried), exact(counted)), exact(long))
        found.append(part)
    return found


def _divided(
    book: Book, node: Quota, amount: Decimal, span: Stay, number: Number
) -> list[tuple[Window, Stay, Decimal]]:
    """The pay periods a row touches, the days of the span in each, and its part of the amount."""
    at = ("divided", node.name, amount, span)
    if at not in book.values:
        periods = book.plan.calendar.between("period", *span)
        within = [(max(period.start, span[0]), min(period.end, span[1])) for period in periods]
        weights = [_weight(book, node, period, days, number) for period, days in zip(periods, within, strict=True)]
        parts = [ZERO for _ in periods]
        if any(weights):
            money = book.calculation.program.workspace.quotas[node.name] is ColumnType.MONEY
            earlier_first = [period.start.isoformat() for period in periods]
            unit = minor_unit(book.plan.currency) if money else FINEST
            parts = split(amount, list(zip(earlier_first, weights, strict=True)), unit)
        book.values[at] = list(zip(periods, within, parts, strict=True))
    found: list[tuple[Window, Stay, Decimal]] = book.values[at]
    return found


def _weight(book: Book, node: Quota, period: Window, days: Stay, number: Number) -> Decimal:
    """l, the length of the period's part in the span; with `spread` spread × l ÷ L, L that of the whole period."""
    part, spread = exact(length(book, days, EVER)), book.plan.quotas[node.name].spread
    if spread is None:
        return part
    heavy = number(spread, window_scene(book, "", period))
    return divide(multiply(heavy, part), exact(length(book, (period.start, period.end), EVER))) if part else ZERO
