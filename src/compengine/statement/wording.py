"""Conditions and dates of a plan, in words where they are simple; anything else stands as the plan writes it."""

import re

from compengine.plan.typed import Release
from compengine.statement import figures
from compengine.statement.language import Language, counted, say

_NAME = r"[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)*"
_ONE = r'"[^"]*"|-?[0-9][0-9A-Za-z_.-]*(?: [A-Z]{3}|%)?|[a-z]+'
_EMPTY = re.compile(rf"({_NAME}) is (not )?empty")
_COMPARED = re.compile(rf"({_NAME}) (==|!=|>=|<=|>|<|in|not in) ({_ONE})")
_LISTED = re.compile(rf"({_NAME}) (in|not in) \(((?:{_ONE})(?:, (?:{_ONE}))*)\)")
_LATER = re.compile(rf"({_NAME}) \+ ([0-9]+) (day|month|year)s?")
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
VAGUE = ("date", "amount", "id", "on")
"""Columns whose name says nothing without their row's."""


def why_not(words: Language, condition: str) -> str:
    """`deal.stage == "Closed Won"`, which did not hold, is `stage is not Closed Won`."""
    if found := _EMPTY.fullmatch(condition):
        return say(words, "why.empty" if found[2] else "why.filled", name=_name(found[1]))
    if found := _LISTED.fullmatch(condition):
        values = [_value(words, one) for one in re.findall(_ONE, found[3])]
        last = values[-1]
        listed = say(words, "or", first=", ".join(values[:-1]), last=last) if len(values) > 1 else last
        return say(words, "why.not.in" if found[2] == "in" else "why.in", name=_name(found[1]), value=listed)
    if found := _COMPARED.fullmatch(condition):
        return say(words, NOT[found[2]], name=_name(found[1]), value=_value(words, found[3]))
    return condition


def released(words: Language, release: Release) -> str:
    """`deal.close_date + 90 days` is `90 days after close date`; the date of a related row keeps its row's name."""
    text = release.on.text
    whole = release.each is not None
    if re.fullmatch(_NAME, text):
        return _name(text, whole)
    found = _LATER.fullmatch(text)
    if found is None:
        return say(words, "release.from", text=text)
    count = int(found[2])
    return counted(words, f"after.{found[3]}s", count, name=_name(found[1], whole))


def _name(path: str, whole: bool = False) -> str:
    """The last part of `deal.term_months` says enough; `credit.date` needs all of it."""
    parts = path.split(".")
    return " ".join(parts if whole or parts[-1] in VAGUE else parts[-1:]).replace("_", " ")


def _value(words: Language, text: str) -> str:
    return text[1:-1] if text.startswith('"') else figures.as_written(words, text)
