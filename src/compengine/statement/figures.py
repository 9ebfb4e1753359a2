"""How a number and a date are written. A value is shown with all the digits it has, but for guides beside a drawing.

Digits are grouped and marked as the locale does; the sign is a true minus (U+2212), which is as wide as a digit.
"""

import re
from datetime import date, datetime
from decimal import Decimal, localcontext
from fractions import Fraction

from babel.dates import format_date, format_skeleton

from compengine.statement.language import Language
from compengine.statement.view import Figure
from compengine.values.exact import CONTEXT
from compengine.values.money import EXPONENTS, is_currency

PERCENT = "%"
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_WRITTEN = re.compile(r"(?<![\w.-])(\d[\d_]*(?:\.\d+)?)(%?)(?![\w-]|\.\d)")
"""A number as a plan writes it, and not a part of a date or name."""
_ORDINAL_FIRST = {"fr": "1er", "pt": "1º"}
_SHORT = 4
"""Places of a percentage that is written out."""
_LARGEST, _KEPT = 9999, 12
"""The largest denominator of a share's fraction, and the digits a share is kept with."""
_LONG_MEDIUM = ("pt",)
"""Languages whose medium date is a phrase that fills a column."""


def number(words: Language, value: Decimal, places: int = 0) -> str:
    """At least `places` digits after the point, and as many more as the value has."""
    tidy = CONTEXT.plus(value).normalize(CONTEXT)
    exponent = tidy.as_tuple().exponent
    assert isinstance(exponent, int), f"{value} is not a finite number"
    has = max(places, -exponent)
    with localcontext(CONTEXT):
        plain = f"{abs(tidy):,.{has}f}"
    shown = plain.translate({ord(","): words.group, ord("."): words.decimal})
    return f"−{shown}" if tidy < 0 else shown


def money(words: Language, value: Decimal, currency: str) -> str:
    """Without the currency: `1,234.50`; a basis finer than the minor unit keeps its digits."""
    return number(words, value, EXPONENTS[currency])


def signed(words: Language, value: Decimal, currency: str) -> str:
    """With a sign also where positive: `+800.00`; zero has none."""
    return f"+{money(words, value, currency)}" if value > 0 else money(words, value, currency)


def percent(words: Language, value: Decimal, places: int = 0) -> str:
    """0.05 is `5%`."""
    return f"{number(words, CONTEXT.multiply(value, Decimal(100)), places)}{words.percent}"


def share(words: Language, value: Decimal) -> str:
    """A part of a whole that a reader can multiply by: `66.5%`, and `119/180 (66.11%)` where no short percentage is it.

    A share is kept with twelve digits; the fraction is the one of at most four digits that is rounded to them.
    """
    if cut(value, _SHORT + 2) == value:
        return percent(words, value)
    near = Fraction(value).limit_denominator(_LARGEST)
    if abs(Fraction(value) - near) > Fraction(1, 10**_KEPT):
        return percent(words, value)
    sign = "−" if value < 0 else ""
    return f"{sign}{abs(near.numerator)}/{near.denominator} ({percent(words, rounded(value, 4))})"


def figure(words: Language, shown: Figure) -> str:
    """A figure by its unit, the currency left to the column's head."""
    if is_currency(shown.unit):
        return money(words, shown.value, shown.unit)
    return percent(words, shown.value) if shown.unit == PERCENT else number(words, shown.value)


def named(words: Language, shown: Figure) -> str:
    """A figure that stands alone: `USD 1,234.50`, `1.234,50 USD`."""
    text = figure(words, shown)
    if not is_currency(shown.unit):
        return text
    return f"{shown.unit} {text}" if words.code_first else f"{text}\N{NO-BREAK SPACE}{shown.unit}"


def as_written(words: Language, text: str) -> str:
    """The plan's own words, numbers in the locale's marks: `1_000 USD` is `1,000 USD`, `7.5%` is `7,5 %`."""

    def shown(found: re.Match[str]) -> str:
        _, _, decimals = found[1].partition(".")
        value = number(words, Decimal(found[1].replace("_", "")), len(decimals))
        return value + (words.percent if found[2] else "")

    return _WRITTEN.sub(shown, text)


def cut(value: Decimal, places: int) -> Decimal:
    """For a figure that must not seem to reach what it does not: `value` cut towards zero."""
    return value.quantize(Decimal(1).scaleb(-places), rounding="ROUND_DOWN", context=CONTEXT)


def nearest(value: Decimal) -> Decimal:
    """For labels of a chart, where there is no room for cents: the nearest whole number, half away from zero."""
    return rounded(value, 0)


def rounded(value: Decimal, places: int) -> Decimal:
    """For figures that are shown as a guide and never added up: half away from zero."""
    return value.quantize(Decimal(1).scaleb(-places), rounding="ROUND_HALF_UP", context=CONTEXT)


def day(words: Language, value: date) -> str:
    """`15 April 2026`."""
    assert isinstance(value, date)  # Babel takes no day for today
    return _first(words, format_date(value, "long", locale=words.locale), value)


def short_day(words: Language, value: date) -> str:
    """`15 Apr 2026`."""
    form = "short" if words.locale.language in _LONG_MEDIUM else "medium"
    return _first(words, format_date(value, form, locale=words.locale), value)


def _first(words: Language, text: str, value: date) -> str:
    """The first of a month as an ordinal where the language says it so; Babel has it for no language."""
    ordinal = _ORDINAL_FIRST.get(words.locale.language)
    return f"{ordinal}{text[1:]}" if ordinal and value.day == 1 and text.startswith("1 ") else text


def moment(words: Language, value: datetime) -> str:
    zone = value.tzname() or ""
    return f"{short_day(words, value.date())}, {value:%H:%M} {zone}".rstrip()


def period(words: Language, label: str) -> str:
    """`2026-01` is `January 2026`; other labels stand as the calendar writes them."""
    return _month(words, label, "yMMMM")


def short_period(words: Language, label: str) -> str:
    return _month(words, label, "yMMM")


def month(words: Language, label: str) -> str:
    """`2026-01` is `Jan`."""
    return _month(words, label, "MMM")


def _month(words: Language, label: str, skeleton: str) -> str:
    found = _MONTH.fullmatch(label)
    if found is None:
        return label
    return format_skeleton(skeleton, date(int(found[1]), int(found[2]), 1), fuzzy=True, locale=words.locale)


def brief(digest: str) -> str:
    """The first twelve places of a digest: enough to tell two apart, short enough to read out."""
    return digest[:12] or "—"
