"""How a number is written. Nothing here rounds: a value is shown with all the digits it has.

Digits are grouped and marked as the locale does; the sign is a true minus (U+2212), which is as wide as a digit.
"""

import calendar as civil
import re
from datetime import date, datetime
from decimal import Decimal, localcontext

from babel import Locale
from babel.numbers import get_decimal_symbol, get_group_symbol

from compengine.statement.view import Figure
from compengine.values.exact import CONTEXT
from compengine.values.money import EXPONENTS, is_currency

LOCALE = Locale("en", "US")
PERCENT = "%"
_MARKS = str.maketrans({",": get_group_symbol(LOCALE), ".": get_decimal_symbol(LOCALE)})
_MONTH = re.compile(r"(\d{4})-(\d{2})")


def number(value: Decimal, places: int = 0) -> str:
    """At least `places` digits after the point, and as many more as the value has."""
    tidy = CONTEXT.plus(value).normalize(CONTEXT)
    exponent = tidy.as_tuple().exponent
    assert isinstance(exponent, int), f"{value} is not a finite number"
    has = max(places, -exponent)
    with localcontext(CONTEXT):
        shown = f"{abs(tidy):,.{has}f}".translate(_MARKS)
    return f"−{shown}" if tidy < 0 else shown


def money(value: Decimal, currency: str) -> str:
    """Without the currency: `1,234.50`; a basis finer than the minor unit keeps its digits."""
    return number(value, EXPONENTS[currency])


def signed(value: Decimal, currency: str) -> str:
    """With a sign also where positive: `+800.00`; zero has none."""
    return f"+{money(value, currency)}" if value > 0 else money(value, currency)


def percent(value: Decimal, places: int = 0) -> str:
    """0.05 is `5%`."""
    return f"{number(CONTEXT.multiply(value, Decimal(100)), places)}%"


def figure(shown: Figure) -> str:
    """A figure by its unit, the currency left to the column's head."""
    if is_currency(shown.unit):
        return money(shown.value, shown.unit)
    return percent(shown.value) if shown.unit == PERCENT else number(shown.value)


def named(shown: Figure) -> str:
    """A figure that stands alone: `USD 1,234.50`."""
    text = figure(shown)
    return f"{shown.unit} {text}" if is_currency(shown.unit) else text


def cut(value: Decimal, places: int) -> Decimal:
    """For figures that are shown as a guide and never added up: `value` cut towards zero."""
    return value.quantize(Decimal(1).scaleb(-places), rounding="ROUND_DOWN", context=CONTEXT)


def reaching(value: Decimal, places: int) -> Decimal:
    """For distances beside a figure that is cut: `value` away from zero, so that the two add up to the bound."""
    return value.quantize(Decimal(1).scaleb(-places), rounding="ROUND_UP", context=CONTEXT)


def day(value: date) -> str:
    """`15 April 2026`: no order of figures to mistake."""
    return f"{value.day} {civil.month_name[value.month]} {value.year}"


def short_day(value: date) -> str:
    return f"{value.day} {civil.month_abbr[value.month]} {value.year}"


def moment(value: datetime) -> str:
    zone = value.tzname() or ""
    return f"{short_day(value.date())}, {value:%H:%M} {zone}".rstrip()


def period(label: str) -> str:
    """`2026-01` is `January 2026`; other labels stand as the calendar writes them."""
    found = _MONTH.fullmatch(label)
    return f"{civil.month_name[int(found[2])]} {found[1]}" if found and 1 <= int(found[2]) <= 12 else label


def short_period(label: str) -> str:
    found = _MONTH.fullmatch(label)
    return f"{civil.month_abbr[int(found[2])]} {found[1]}" if found and 1 <= int(found[2]) <= 12 else label


def brief(digest: str) -> str:
    """The first twelve places of a digest: enough to tell two apart, short enough to read out."""
    return digest[:12] or "none"
