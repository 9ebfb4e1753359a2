"""What must hold of whole tables: references lead somewhere, versions do not overlap, nobody is their own manager.

Each check takes frames with any further columns and gives the offending rows; the caller decides what becomes of them.
"""

from dataclasses import dataclass
from datetime import date

import polars as pl

from compengine.inputs.schema import ColumnType, Table, Workspace

FOREVER = date(9999, 12, 31)


def overlapping(table: Table, frame: pl.DataFrame) -> pl.DataFrame:
    """The rows of an effective table whose days another version of the same row has too; in order of key and day."""
    if table.effective is None:
        return frame.clear()
    first, last = table.effective
    rows = frame.sort("@key", first, maintain_order=True).with_columns(pl.col(last).fill_null(FOREVER).alias("@last"))
    earlier = pl.col("@last").cum_max().shift(1).over("@key")
    later = pl.col(first).shift(-1).over("@key")
    clash = (pl.col(first) <= earlier) | (pl.col("@last") >= later)
    return rows.filter(clash.fill_null(False)).drop("@last")


def references(table: Table) -> tuple[tuple[str, str], ...]:
    """Column and the table it points at; the key of `payees` itself points nowhere."""
    return tuple(
        (c.name, c.table)
        for c in table.columns.values()
        if c.type in (ColumnType.REF, ColumnType.PAYEE) and not (table.name == "payees" and table.key == (c.name,))
    )


def dangling(frame: pl.DataFrame, column: str, target: pl.DataFrame) -> pl.DataFrame:
    """The rows of `frame` whose `column` is no `@key` of `target`."""
    return frame.filter(pl.col(column).is_not_null()).join(target, left_on=column, right_on="@key", how="anti")


@dataclass(frozen=True, slots=True)
class Circle:
    """People each of whom reports to the next, and the last to the first, on `day`."""

    day: date
    payees: tuple[str, ...]

    def __str__(self) -> str:
        when = "" if self.day == date.min else f" on {self.day}"
        return f"{' reports to '.join((*self.payees, self.payees[0]))}{when}"


@dataclass(frozen=True, slots=True)
class Line:
    """`payee` reports to `manager` from `first` to `last`."""

    payee: str
    manager: str
    first: date
    last: date


def circles(workspace: Workspace, payees: pl.DataFrame) -> list[Circle]:
    """Every circle of the hierarchy, once, on the first day it exists."""
    if not workspace.hierarchy:
        return []
    days = workspace.tables["payees"].effective
    rows = payees.filter(pl.col(workspace.hierarchy).is_not_null() & pl.col("@key").is_not_null())
    if days is None:
        found = [Line(p, m, date.min, FOREVER) for p, m in rows.select("@key", workspace.hierarchy).iter_rows()]
    else:
        columns = rows.select("@key", workspace.hierarchy, days[0], pl.col(days[1]).fill_null(FOREVER))
        found = [Line(p, m, a, b) for p, m, a, b in columns.iter_rows()]
    suspects = _on_some_circle(found)
    circles: dict[frozenset[str], Circle] = {}
    for day in sorted({line.first for line in suspects}):
        above = {line.payee: line.manager for line in suspects if line.first <= day <= line.last}
        for circle in _circles_of(above):
            circles.setdefault(frozenset(circle), Circle(day, circle))
    return list(circles.values())


def _on_some_circle(lines: list[Line]) -> list[Line]:
    """The lines that could be part of a circle if days did not matter: what is left after taking away, again and
    again, everybody without reports or without a manager."""
    while True:
        managers, payees = {line.manager for line in lines}, {line.payee for line in lines}
        left = [line for line in lines if line.payee in managers and line.manager in payees]
        if len(left) == len(lines):
            return left
        lines = left


def _circles_of(above: dict[str, str]) -> list[tuple[str, ...]]:
    """The circles of one day, each starting with its smallest id."""
    found: list[tuple[str, ...]] = []
    done: set[str] = set()
    for start in sorted(above):
        path: list[str] = []
        here: str | None = start
        while here is not None and here not in done:
            done.add(here)
            path.append(here)
            here = above.get(here)
        if here in path:
            circle = path[path.index(here) :]
            at = circle.index(min(circle))
            found.append((*circle[at:], *circle[:at]))
    return found
