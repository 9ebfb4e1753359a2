"""What the text of one cell means, by the type of its column.

The rules are exact: a text that could be read in two ways is refused with the way to write it. Surrounding blanks
do not count; a cell of nothing else is empty. `columns.py` reads whole columns to the same result, faster.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from compengine.inputs.schema import ColumnType
from compengine.values.exact import AMOUNT_LIMIT, CONTEXT, exact
from compengine.values.money import is_currency

UNSIGNED = r"[0-9]+(?:_[0-9]+)*(?:\.[0-9]+)?"
NUMBER = re.compile(rf"-?{UNSIGNED}")
PERCENT = re.compile(rf"(-?{UNSIGNED})%")
AMOUNT = re.compile(rf"(?:(?P<before>[A-Za-z]{{3}}) )?(?P<amount>-?{UNSIGNED})(?: (?P<after>[A-Za-z]{{3}}))?")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOMENT = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})[T ](?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:\.[0-9]{1,9})?)?(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})?"
)
WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]")
"""Control characters, and marks that reorder or hide what stands beside them."""

Value = str | Decimal | date | bool


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a cell cannot be read: a code, the facts, the fix."""

    code: str
    message: str
    help: str = ""


@dataclass(frozen=True, slots=True)
class Amount:
    """A money cell; `currency` is empty where the cell names none."""

    value: Decimal
    currency: str


def read_cell(kind: ColumnType, text: str, zone: ZoneInfo) -> Value | Amount | Refusal | None:
    """The value of one cell, None where it is empty; a money cell gives an `Amount`."""
    text = text.strip()
    if not text:
        return None
    match kind:
        case ColumnType.NUMBER:
            return _number(text, text)
        case ColumnType.PERCENT:
            return _percent(text)
        case ColumnType.MONEY:
            return _amount(text)
        case ColumnType.DATE:
            return _day(text, zone)
        case ColumnType.BOOL:
            found = WORDS.get(text.lower()) if text.isascii() else None
            return (
                Refusal("E403", f"{shown(text)} is not true or false", "write true or false")
                if found is None
                else found
            )
        case ColumnType.CURRENCY:
            return _currency(text)
        case _:
            return read_text(text)


def shown(text: str) -> str:
    """A cell inside a message: cut, and with invisible characters spelt out."""
    cut = text if len(text) <= 40 else text[:37] + "..."
    return '"' + "".join(f"\\u{ord(c):04x}" if HIDDEN.match(c) else c for c in cut) + '"'


def read_text(text: str) -> str | Refusal:
    """NFC, without surrounding blanks."""
    if found := HIDDEN.search(text):
        name = unicodedata.name(found[0], f"U+{ord(found[0]):04X}")
        return Refusal("E411", f"{shown(text)} holds {name}", "remove the invisible character")
    return unicodedata.normalize("NFC", text).strip()


def _number(text: str, cell: str) -> Decimal | Refusal:
    if not NUMBER.fullmatch(text):
        return Refusal("E403", f"{shown(cell)} is not a number", _number_help(text))
    digits = text.replace("_", "")
    whole, _, places = digits.lstrip("-").partition(".")
    if len(places) > 12:
        return Refusal("E403", f"{shown(cell)} has {len(places)} decimals", "at most 12 decimals can be kept exactly")
    if len(whole) > 15:
        return Refusal("E408", f"{shown(cell)} is larger than 10^13", "numbers are bounded at 10^13 either way")
    value = exact(digits)
    if abs(value) > AMOUNT_LIMIT:
        return Refusal("E408", f"{shown(cell)} is larger than 10^13", "numbers are bounded at 10^13 either way")
    return value


def _number_help(text: str) -> str:
    if not text.isascii():
        return "write plain digits 0-9, a point for decimals, and - for minus"
    if re.fullmatch(r"[-+]?[0-9.]+[eE][-+]?[0-9]+", text):
        return "scientific notation hides digits; format the column as a number and export again"
    if text.endswith("-") or text.startswith("("):
        return "write a negative number with a minus in front: -12.50"
    if "," in text:
        return "write a point for decimals and no thousands separator: 1234.56"
    if text.startswith("+"):
        return "write a positive number without a sign"
    if text.startswith(("=", "#")):
        return "the cell holds a formula or its error; export its value"
    if "%" in text:
        return "the column is a number, not a percent"
    return "write digits with a point for decimals: 1234.56"


def _percent(text: str) -> Decimal | Refusal:
    found = PERCENT.fullmatch(text)
    if found is None:
        value = _number(text, text)
        if isinstance(value, Refusal) and value.code == "E403" and "%" in text:
            return Refusal("E403", f"{shown(text)} is not a percentage", "write 12.5% or 0.125")
        return value
    if len(found[1].partition(".")[2]) > 10:
        return Refusal(
            "E403", f"{shown(text)} has too many decimals", "at most 10 decimals before % can be kept exactly"
        )
    hundred = _number(found[1], text)
    return hundred if isinstance(hundred, Refusal) else exact(CONTEXT.scaleb(hundred, -2))


def _amount(text: str) -> Amount | Refusal:
    found = AMOUNT.fullmatch(text)
    if found is None:
        bare = re.sub(r"^[A-Za-z]{3} | [A-Za-z]{3}$", "", text)
        hint = _number_help(bare)
        if any(unicodedata.category(c) == "Sc" for c in text):
            hint = "write the currency as its code: 1200.50 USD"
        return Refusal("E403", f"{shown(text)} is not an amount", hint)
    if found["before"] and found["after"]:
        return Refusal("E403", f"{shown(text)} names a currency twice", "write 1200.50 USD")
    value = _number(found["amount"], text)
    if isinstance(value, Refusal):
        return value
    code = found["before"] or found["after"]
    currency = _currency(code) if code else ""
    return currency if isinstance(currency, Refusal) else Amount(value, currency)


def _currency(text: str) -> str | Refusal:
    if text.isascii() and (text.isupper() or text.islower()) and is_currency(text.upper()):
        return text.upper()
    return Refusal("E410", f"{shown(text)} is not a currency code", "use a code of ISO 4217: USD, EUR, JPY")


def _day(text: str, zone: ZoneInfo) -> date | Refusal:
    """A date as it stands; the day in `zone` of a moment with an offset; the date part of one without."""
    try:
        if DAY.fullmatch(text):
            return date.fromisoformat(text)
        if found := MOMENT.fullmatch(text):
            moment = datetime.fromisoformat(
                f"{found['day']}T{found['hour']}:{found['minute']}:{found['second'] or '00'}"
            )
            if found["zone"] is None:
                return moment.date()
            offset = found["zone"].replace("Z", "+00:00")
            return datetime.fromisoformat(moment.isoformat() + offset).astimezone(zone).date()
    except (ValueError, OverflowError):
        return Refusal("E403", f"{shown(text)} is not a day of the calendar", "write year-month-day: 2026-01-31")
    hint = "write year-month-day: 2026-01-31"
    if re.fullmatch(r"[0-9]{1,4}[/.-][0-9]{1,2}[/.-][0-9]{1,4}", text):
        hint = "day and month could be mistaken for each other; " + hint
    return Refusal("E403", f"{shown(text)} is not a date", hint)
