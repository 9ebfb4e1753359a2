"""Where two calculations of one thing first differ."""

from dataclasses import dataclass, fields
from decimal import Decimal

import polars as pl

from compengine.actions.computed import Computed
from compengine.values.exact import plain


@dataclass(frozen=True, slots=True)
class Difference:
    """The first row of a table that only one side has, or that the sides have with other values."""

    table: str
    row: str
    ours: str
    theirs: str

    def __str__(self) -> str:
        ours, theirs = self.ours or "not there", self.theirs or "not there"
        return f"{self.table}: {self.row} is {ours} by one, {theirs} by the other"


NAMES = {
    "credits": ("plan", "stream", "payee", "source"),
    "measures": ("plan", "measure", "payee"),
    "earnings": ("plan", "component", "payee", "source", "part"),
    "payables": ("plan", "component", "payee", "source", "part", "step"),
    "settlements": ("plan", "payee"),
    "exclusions": ("plan", "rule", "source", "payee", "by"),
}
"""What tells one row of each table from all others."""


def differences(ours: Computed, theirs: Computed) -> list[Difference]:
    """The first difference of every table that has any."""
    found = []
    for field in fields(Computed):
        difference = _first(field.name, getattr(ours, field.name), getattr(theirs, field.name))
        if difference is not None:
            found.append(difference)
    return found


def first_difference(ours: Computed, theirs: Computed) -> str:
    """In words; empty where there is none."""
    return next((str(d) for d in differences(ours, theirs)), "")


def _first(table: str, ours: pl.DataFrame, theirs: pl.DataFrame) -> Difference | None:
    """Rows stand in no particular order here."""
    if ours.equals(theirs):
        return None
    key = list(NAMES[table])
    mine = {tuple(row[k] for k in key): row for row in ours.to_dicts()}
    other = {tuple(row[k] for k in key): row for row in theirs.to_dicts()}
    for name in sorted({*mine, *other}, key=str):
        left, right = mine.get(name), other.get(name)
        if left != right:
            changed = [c for c in ours.columns if (left or {}).get(c) != (right or {}).get(c)]
            return Difference(table, " ".join(map(str, name)), _said(left, changed), _said(right, changed))
    return None


def _said(row: dict[str, object] | None, columns: list[str]) -> str:
    if row is None:
        return ""
    return ", ".join(f"{c} {plain(v) if isinstance(v, Decimal) else v}" for c in columns if (v := row[c]) != "")
