"""Literals: their text → their value."""

from datetime import date, timedelta
from decimal import Decimal

from compengine.plan import syntax as s
from compengine.plan import typed as t
from compengine.plan.typed import Grain, Type, Unit
from compengine.source.diagnostic import Diagnostic
from compengine.source.shape import note
from compengine.source.text import Span
from compengine.source.yaml import Scalar
from compengine.values.exact import exact
from compengine.values.money import is_currency
from compengine.values.periods import Calendar, NoWindow, add_months

_HUNDRED = Decimal(100)


def literal(value: s.Constant, currency: str, found: list[Diagnostic]) -> t.Literal | None:
    """None, with a diagnostic, for a day that does not exist or an amount in another currency."""
    text, read = value.text, _amount
    match value.kind:
        case "number":
            return _literal(value, Unit.NUMBER, exact(read(text)))
        case "percent":
            return _literal(value, Unit.PERCENT, exact(read(text[:-1]) / _HUNDRED))
        case "money":
            return _money(value, currency, found)
        case "date":
            day = day_of(text, value.span, found)
            return _literal(value, Unit.DATE, day) if day else None
        case "duration":
            return _literal(value, Unit.DURATION, duration(text))
        case "bool":
            return _literal(value, Unit.BOOL, text == "true")
        case "currency":
            if is_currency(text):
                return _literal(value, Unit.CURRENCY, text)
            note(found, "E108", f"{text} is not a currency", value.span, "currencies are those of ISO 4217")
            return None
    return _literal(value, Unit.TEXT, text[1:-1])


def _literal(value: s.Constant, unit: Unit, content: Decimal | str | date | bool | t.Duration) -> t.Literal:
    return t.Literal(Type(unit, Grain.CONSTANT), value.span, value.text, content)


def _amount(text: str) -> Decimal:
    return Decimal(text.replace("_", ""))


def _money(value: s.Constant, currency: str, found: list[Diagnostic]) -> t.Literal | None:
    number, code = value.text.split()
    if not is_currency(code):
        note(found, "E108", f"{code} is not a currency", value.span, "currencies are those of ISO 4217")
        return None
    if currency and code != currency:
        message = f"the plan is in {currency}, this amount in {code}"
        note(found, "E213", message, value.span, f"write the amount in {currency}; settle.pay_in converts the payment")
        return None
    return _literal(value, Unit.MONEY, exact(_amount(number)))


def duration(text: str) -> t.Duration:
    number, unit = text.split()
    match unit.removesuffix("s"):
        case "day":
            return t.Duration(0, int(number))
        case "week":
            return t.Duration(0, 7 * int(number))
        case "month":
            return t.Duration(int(number), 0)
    return t.Duration(12 * int(number), 0)


def day_of(text: str, span: Span, found: list[Diagnostic]) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        note(found, "E108", f"there is no day {text}", span, "dates are written 2026-03-31")
        return None


def days_of(days: s.Days, calendar: Calendar, found: list[Diagnostic]) -> tuple[date, date] | None:
    """First and last day of a span. A label is looked up in the plan's calendar, then in the civil one."""
    if days.last is not None:
        first, last = day_of(days.first.name, days.first.span, found), day_of(days.last.name, days.last.span, found)
        if first is None or last is None:
            return None
        if first > last:
            note(found, "E108", "the span ends before it begins", days.span, "put the first day first")
            return None
        return first, last
    label = days.first.name
    unit = "quarter" if "Q" in label else "month"
    try:
        window = calendar.named(unit, label)
    except NoWindow:
        return _civil(label, days.span, found)
    return window.start, window.end


def _civil(label: str, span: Span, found: list[Diagnostic]) -> tuple[date, date] | None:
    year, part = int(label[:4]), label[5:]
    months = 3 if part.startswith("Q") else 1
    month = 3 * int(part[1:]) - 2 if months == 3 else int(part)
    if not (1900 <= year <= 2200 and 1 <= month <= 12):
        note(found, "E108", f"there is no {label}", span, "spans are written 2026-Q1, 2026-03, or as two dates")
        return None
    first = date(year, month, 1)
    return first, add_months(first, months) - timedelta(days=1)


def constant(value: s.Expression, currency: str, found: list[Diagnostic]) -> t.Literal | None:
    """The value of a literal, negated or not, in a place that takes nothing else."""
    if isinstance(value, s.Broken):
        return None
    if isinstance(value, s.Negate) and isinstance(value.value, s.Constant):
        inner = literal(value.value, currency, found)
        if inner is None or not isinstance(inner.value, Decimal):
            return inner
        return t.Literal(inner.type, value.span, value.text, exact(-inner.value))
    if isinstance(value, s.Constant):
        return literal(value, currency, found)
    note(found, "E204", "a table holds constants only", value.span, "write a number, a percent or an amount")
    return None


def currency_literal(value: Scalar) -> s.Constant | None:
    """A currency code standing as a whole value (`pay_in: EUR`)."""
    text = value.value.strip()
    shaped = len(text) == 3 and text.isascii() and text.isalpha() and text.isupper()
    return s.Constant(value.span, text, "currency") if shaped else None
