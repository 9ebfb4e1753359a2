"""Conditions and dates of a plan, in words where they are simple; anything else stands as the plan writes it."""

import re

from compengine.plan.typed import Release

_NAME = r"[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)*"
_ONE = r'"[^"]*"|-?[0-9][0-9A-Za-z_.-]*(?: [A-Z]{3}|%)?|[a-z]+'
_EMPTY = re.compile(rf"({_NAME}) is (not )?empty")
_COMPARED = re.compile(rf"({_NAME}) (==|!=|>=|<=|>|<|in|not in) ({_ONE})")
_LISTED = re.compile(rf"({_NAME}) (in|not in) \(((?:{_ONE})(?:, (?:{_ONE}))*)\)")
_LATER = re.compile(rf"({_NAME}) \+ ([0-9]+ (?:days?|months?|years?))")
NOT = {
    "==": "is not",
    "!=": "is",
    ">=": "is below",
    ">": "is not above",
    "<=": "is above",
    "<": "is not below",
    "in": "is not in",
    "not in": "is in",
}
"""What is the case where a comparison does not hold."""
VAGUE = ("date", "amount", "id", "on")
"""Columns whose name says nothing without their row's."""


def why_not(condition: str) -> str:
    """`deal.stage == "Closed Won"`, which did not hold, is `stage is not Closed Won`."""
    if found := _EMPTY.fullmatch(condition):
        return f"{_name(found[1])} is {'' if found[2] else 'not '}empty"
    if found := _LISTED.fullmatch(condition):
        words = [_value(one) for one in re.findall(_ONE, found[3])]
        last = f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else words[0]
        return f"{_name(found[1])} {'is not' if found[2] == 'in' else 'is'} {last}"
    if found := _COMPARED.fullmatch(condition):
        return f"{_name(found[1])} {NOT[found[2]]} {_value(found[3])}"
    return condition


def released(release: Release) -> str:
    """`deal.close_date + 90 days` is `90 days after close date`; the date of a related row keeps its row's name."""
    text = release.on.text
    whole = release.each is not None
    if re.fullmatch(_NAME, text):
        return _name(text, whole)
    found = _LATER.fullmatch(text)
    return f"{found[2]} after {_name(found[1], whole)}" if found else f"from {text}"


def _name(path: str, whole: bool = False) -> str:
    """The last part of `deal.term_months` says enough; `credit.date` needs all of it."""
    parts = path.split(".")
    return " ".join(parts if whole or parts[-1] in VAGUE else parts[-1:]).replace("_", " ")


def _value(text: str) -> str:
    return text[1:-1] if text.startswith('"') else text.replace("_", ",")
