"""The `calendars` of a workspace file: text to `values.periods.Calendar`."""

import re
from datetime import date

from compengine.source.diagnostic import Diagnostic
from compengine.source.shape import check_keys, mapping, note, scalar, sequence, word
from compengine.source.yaml import Mapping, Node, Scalar
from compengine.values.periods import SATURDAY, SUNDAY, WEEKDAYS, Calendar, Kind

NAME = re.compile(r"[a-z][a-z0-9_]*")
PAY_DATE = re.compile(r"period\.end(?: ([+-]) ([0-9]{1,3}) days?)?")
ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
LAST_ANCHOR_DAY = 28
"""Every month has it, so that a period never moves."""

ANY_KEYS = ("pay_date", "weekend", "holidays")
KEYS = {
    Kind.DATES: ("periods", "starts", "ends", "per_year", *ANY_KEYS),
    Kind.FOUR_FOUR_FIVE: ("periods", "year_starts", "long_years", *ANY_KEYS),
}
PLAIN_KEYS = ("periods", "year_starts", *ANY_KEYS)
KINDS = tuple(kind.value for kind in Kind)


def read_calendars(node: Node | None, found: list[Diagnostic]) -> dict[str, Calendar]:
    """Every calendar that is right; what is wrong with the others is noted in `found`."""
    whole = mapping(node, "calendars", found)
    calendars: dict[str, Calendar] = {}
    for entry in whole.entries if whole else ():
        name = entry.key.value
        if not NAME.fullmatch(name):
            note(found, "E108", f"{name} is not a name", entry.key.span, "a to z, 0 to 9 and _, a letter first")
        elif body := mapping(entry.value, f"calendar {name}", found):
            calendar = _calendar(name, body, found)
            if calendar is not None:
                calendars[name] = calendar
    if whole is not None and not whole.entries:
        note(found, "E105", "a workspace has at least one calendar", whole.span)
    return calendars


def _calendar(name: str, body: Mapping, found: list[Diagnostic]) -> Calendar | None:
    what, before = f"calendar {name}", len(found)
    if body.entry("periods") is None:
        check_keys(body, what, {*PLAIN_KEYS, *(k for keys in KEYS.values() for k in keys)}, ("periods",), found)
        return None
    chosen = word(body.get("periods"), f"periods of {what}", KINDS, found)
    if chosen is None:
        return None
    kind = Kind(chosen)
    allowed = KEYS.get(kind, PLAIN_KEYS)
    required = ("starts", "ends", "per_year") if kind is Kind.DATES else ("year_starts",)
    check_keys(body, f"{what} ({chosen})", allowed, required, found)
    pay_after = _pay_after(body.get("pay_date"), what, found)
    starts, ends, per_year = _listed(body, what, found)
    anchor = starts[0] if starts else read_date(body.get("year_starts"), f"year_starts of {what}", found)
    long_years = _long_years(body.get("long_years"), what, found)
    weekend, holidays = _weekend(body.get("weekend"), what, found), _holidays(body.get("holidays"), what, found)
    if anchor is not None and kind is not Kind.DATES:
        _check_anchor(kind, anchor, body.get("year_starts"), what, found)
    if anchor is None or len(found) > before:
        return None
    return Calendar(name, kind, anchor, pay_after, long_years, starts, ends, per_year, weekend, holidays)


def read_date(node: Node | None, what: str, found: list[Diagnostic]) -> date | None:
    """A date written year-month-day; E108 otherwise."""
    text = scalar(node, what, found)
    if text is None:
        return None
    try:
        if ISO.fullmatch(text.value):
            return date.fromisoformat(text.value)
    except ValueError:
        pass
    note(found, "E108", f"{what} is not a date: {text.value}", text.span, "write year-month-day: 2026-01-31")
    return None


def _check_anchor(kind: Kind, anchor: date, node: Node | None, what: str, found: list[Diagnostic]) -> None:
    assert node is not None
    if kind in (Kind.MONTHS, Kind.YEARS) and anchor.day > LAST_ANCHOR_DAY:
        message = f"year_starts of {what} is day {anchor.day}, which not every month has"
        note(found, "E108", message, node.span, f"use a day from 1 to {LAST_ANCHOR_DAY}")
    if kind is Kind.HALF_MONTHS and anchor.day != 1:
        note(found, "E108", f"year_starts of {what} cuts a half month", node.span, "use the first day of a month")
    if not 1900 <= anchor.year <= 2200:
        note(found, "E108", f"year_starts of {what} lies outside 1900 to 2200", node.span)


def _pay_after(node: Node | None, what: str, found: list[Diagnostic]) -> int:
    text = scalar(node, f"pay_date of {what}", found)
    if text is None:
        return 0
    match = PAY_DATE.fullmatch(text.value)
    if match is None:
        note(found, "E108", f"pay_date of {what} cannot be {text.value}", text.span, "write period.end + 15 days")
        return 0
    days = int(match[2] or 0)
    return -days if match[1] == "-" else days


def _listed(body: Mapping, what: str, found: list[Diagnostic]) -> tuple[tuple[date, ...], date | None, int]:
    """The keys of `dates`: first days, last day, periods per year."""
    starts: list[date] = []
    node = sequence(body.get("starts"), f"starts of {what}", found)
    for item in node.items if node else ():
        day = read_date(item, f"a start of {what}", found)
        if day is not None and starts and day <= starts[-1]:
            note(found, "E303", f"starts of {what} do not rise: {day} after {starts[-1]}", item.span)
        elif day is not None:
            starts.append(day)
    if node is not None and not node.items:
        note(found, "E106", f"starts of {what} lists no date", node.span)
    ends = read_date(body.get("ends"), f"ends of {what}", found)
    last = body.get("ends")
    if ends is not None and last is not None and starts and ends < starts[-1]:
        note(found, "E108", f"ends of {what} lies before its last period starts", last.span)
    per_year = read_count(body.get("per_year"), f"per_year of {what}", 1, 366, found)
    return tuple(starts), ends, per_year or 0


def _long_years(node: Node | None, what: str, found: list[Diagnostic]) -> frozenset[int]:
    listed = sequence(node, f"long_years of {what}", found)
    years = [read_count(item, f"a long year of {what}", 1900, 2200, found) for item in (listed.items if listed else ())]
    return frozenset(year for year in years if year is not None)


def _weekend(node: Node | None, what: str, found: list[Diagnostic]) -> frozenset[int]:
    listed = sequence(node, f"weekend of {what}", found)
    if listed is None:
        return frozenset({SATURDAY, SUNDAY})
    days: set[int] = set()
    for item in listed.items:
        given = word(item, f"a day of the weekend of {what}", WEEKDAYS, found)
        if given is not None and WEEKDAYS.index(given) in days:
            note(found, "E302", f"weekend of {what} lists {given} twice", item.span)
        elif given is not None:
            days.add(WEEKDAYS.index(given))
    if len(days) == len(WEEKDAYS):
        note(found, "E108", f"weekend of {what} leaves no day to work", listed.span)
    return frozenset(days)


def _holidays(node: Node | None, what: str, found: list[Diagnostic]) -> frozenset[date]:
    listed = sequence(node, f"holidays of {what}", found)
    days: set[date] = set()
    for item in listed.items if listed else ():
        day = read_date(item, f"a holiday of {what}", found)
        if day is not None and day in days:
            note(found, "E302", f"holidays of {what} lists {day} twice", item.span)
        elif day is not None:
            days.add(day)
    return frozenset(days)


def read_count(node: Node | None, what: str, least: int, most: int, found: list[Diagnostic]) -> int | None:
    text: Scalar | None = scalar(node, what, found)
    if text is None:
        return None
    if re.fullmatch(r"[0-9]{1,4}", text.value) and least <= int(text.value) <= most:
        return int(text.value)
    note(found, "E108", f"{what} is not a whole number from {least} to {most}: {text.value}", text.span)
    return None
