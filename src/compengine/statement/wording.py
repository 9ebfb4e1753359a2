"""Conditions, limits, windows and dates of a plan, in words where they are simple; anything else stands as written."""

import re
from datetime import date

from compengine.plan.typed import Release
from compengine.statement import figures
from compengine.statement.language import Language, counted, say

_NAME = r"[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)*"
_ONE = r'"[^"]*"|-?[0-9][0-9A-Za-z_.-]*(?: [A-Z]{3}|%)?|[a-z]+'
_EMPTY = re.compile(rf"({_NAME}) is (not )?empty")
_COMPARED = re.compile(rf"({_NAME}) (==|!=|>=|<=|>|<|in|not in) ({_ONE})")
_LISTED = re.compile(rf"({_NAME}) (in|not in) \(((?:{_ONE})(?:, (?:{_ONE}))*)\)")
_LATER = re.compile(rf"({_NAME}) \+ ([0-9]+) (day|month|year)s?")
_LIMIT = re.compile(
    rf"(at least|at most|first) (.+) per (credit|life|period|month|quarter|year)(?: from ({_NAME}))?"
    rf"(?: by ({_NAME}))?( across plan)?(?: carry)?"
)
_SINCE = re.compile(rf"year from ({_NAME}) to date")
_ROLLING = re.compile(r"rolling ([0-9]+) (day|month)s?")
_UNITS = ("period", "month", "quarter", "year")
_NO_PLAN = re.compile(r"on no plan on ([0-9]{4}-[0-9]{2}-[0-9]{2})")
_NO_PRIZE = "no prize left"
WINDOWS = (*(f"{unit} to date" for unit in (*_UNITS, "life")), *(f"previous {unit}" for unit in _UNITS))
"""Windows that have a name of their own in the catalogue."""
NOT = {
    "==": "why.not",
    "!=": "why.is",
    ">=": "why.below",
    ">": "why.not.above",
    "<=": "why.above",
    "<": "why.not.below",
    "in": "why.not.within",
    "not in": "why.within",
}
"""What is the case where a comparison does not hold, as a key of the catalogue."""
OWN = ("credit.date", "credit.amount", "credit.share", "credit.id", "credit.payee", "period.start", "period.end")
"""Columns of the plan language that the catalogues have a word for."""
VAGUE = ("date", "amount", "id", "on")
"""Columns whose name says nothing without their row's."""


def why_not(words: Language, reason: str) -> str:
    """`deal.stage == "Closed Won"`, which did not hold, is `stage is not Closed Won`; a limit is said as one."""
    if reason == _NO_PRIZE:
        return say(words, "why.prize")
    if found := _NO_PLAN.fullmatch(reason):
        return say(words, "why.no.plan", day=figures.short_day(words, date.fromisoformat(found[1])))
    if _LIMIT.fullmatch(reason):
        return say(words, "why.limit", limit=limited(words, reason))
    return _failed(words, reason)


def limited(words: Language, text: str) -> str:
    """`first 2 per month by deal.customer` is `the first 2 per month, by customer`."""
    found = _LIMIT.fullmatch(text)
    if found is None:
        return figures.as_written(words, text)
    kind, value, unit, anchor, by, across = found.groups()
    scope = say(words, f"unit.{unit}")
    if anchor:
        scope = say(words, "limit.since", scope=scope, name=_name(words, anchor))
    said = say(words, f"limit.{kind}", value=figures.as_written(words, value), scope=scope)
    if by:
        said = say(words, "limit.by", limit=said, name=_name(words, by))
    return say(words, "limit.across", limit=said) if across else said


def spanned(words: Language, window: str) -> str:
    """`year from payee.hired_on to date` is `year from hired on to date`."""
    if window in WINDOWS:
        return say(words, f"window.{window}")
    if window in _UNITS:
        return say(words, f"unit.{window}")
    if found := _SINCE.fullmatch(window):
        return say(words, "window.since", name=_name(words, found[1]))
    if found := _ROLLING.fullmatch(window):
        return counted(words, f"window.rolling {found[2]}s", int(found[1]))
    return window


def _failed(words: Language, condition: str) -> str:
    if found := _EMPTY.fullmatch(condition):
        return say(words, "why.empty" if found[2] else "why.filled", name=_name(words, found[1]))
    if found := _LISTED.fullmatch(condition):
        values = [_value(words, one) for one in re.findall(_ONE, found[3])]
        last = values[-1]
        listed = say(words, "or", first=", ".join(values[:-1]), last=last) if len(values) > 1 else last
        return say(words, "why.not.in" if found[2] == "in" else "why.in", name=_name(words, found[1]), value=listed)
    if found := _COMPARED.fullmatch(condition):
        return say(words, NOT[found[2]], name=_name(words, found[1]), value=_value(words, found[3]))
    return say(words, "why.condition", text=condition) if condition else ""


def released(words: Language, release: Release) -> str:
    """`deal.close_date + 90 days` is `90 days after “close date”`; the date of a related row keeps its row's name."""
    text = release.on.text
    whole = release.each is not None
    if re.fullmatch(_NAME, text):
        return _quoted(words, text, whole)
    found = _LATER.fullmatch(text)
    if found is None:
        return say(words, "release.from", text=text)
    count = int(found[2])
    return counted(words, f"after.{found[3]}s", count, name=_quoted(words, found[1], whole))


def _quoted(words: Language, path: str, whole: bool) -> str:
    """A column of the company keeps its name, in quotes; one of the plan language is said in the statement's."""
    return _name(words, path) if path in OWN else say(words, "quoted", text=_name(words, path, whole))


def _name(words: Language, path: str, whole: bool = False) -> str:
    """The last part of `deal.term_months` says enough; `deal.date` needs all of it."""
    if path in OWN:
        return say(words, f"name.{path}")
    parts = path.split(".")
    return " ".join(parts if whole or parts[-1] in VAGUE else parts[-1:]).replace("_", " ")


def _value(words: Language, text: str) -> str:
    return text[1:-1] if text.startswith('"') else figures.as_written(words, text)
