"""Rows of text to the typed frame of a table, and what its frame looks like.

Every row that holds a cell that cannot be read is rejected whole; each such cell gives one `Reject`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

import polars as pl

from compengine.inputs.cells import Refusal
from compengine.inputs.columns import Parsed, read_column, stored
from compengine.inputs.schema import Column, ColumnType, Table, Workspace
from compengine.source.diagnostic import Diagnostic, Place
from compengine.source.shape import suggestion
from compengine.values.exact import plain
from compengine.values.frames import EXACT

ALWAYS = date(1, 1, 1)
"""The first day of a version that has always been in force."""


@dataclass(frozen=True, slots=True)
class Reject:
    """Why one row of a file is not taken: one per cell. `line` counts from 1, the header being line 1 (0: no file)."""

    table: str
    line: int
    key: str
    column: str
    code: str
    message: str
    help: str = ""

    def diagnostic(self) -> Diagnostic:
        note = f"line {self.line}" if self.line else ""
        return Diagnostic(self.code, self.message, Place(None, self.table, self.key, self.column, note), self.help)


@dataclass(frozen=True, slots=True)
class Raw:
    """Rows as read: one String column per column of the table that the file has, and `lines`, where each row stands.
    `unread` are rows of which not even the cells are known; they are not in `cells`."""

    cells: pl.DataFrame
    lines: pl.Series
    unread: tuple[Reject, ...] = ()


@dataclass(frozen=True, slots=True)
class Typed:
    """`frame` has the table's columns and `@line`, one row per row of `Raw.cells` in its order; what could not be
    read is null there and listed in `rejects`. `good` marks the rows without any."""

    frame: pl.DataFrame
    good: pl.Series
    rejects: tuple[Reject, ...]


def frame_schema(table: Table) -> pl.Schema:
    """Columns and types of a table's frame."""
    schema: dict[str, pl.DataType] = {"@key": pl.String()}
    for column in table.columns.values():
        schema[column.name] = stored(column.type)
        if column.type is ColumnType.MONEY:
            schema[f"{column.name}@currency"] = pl.String()
    if has_measure(table):
        schema["quota"] = pl.String()
    return pl.Schema(schema)


def has_measure(table: Table) -> bool:
    """Whether this is a `quotas` table that calls its column `measure`: its frame has `quota` as well."""
    return table.name == "quotas" and "quota" not in table.columns and "measure" in table.columns


def empty_frame(table: Table) -> pl.DataFrame:
    return pl.DataFrame(schema=frame_schema(table))


def identity(table: Table) -> list[str]:
    """The columns of a frame that tell one row from another: the key, and the first day of a version."""
    return ["@key", table.effective[0]] if table.effective else ["@key"]


def ordered(table: Table, frame: pl.DataFrame) -> pl.DataFrame:
    return frame.sort(identity(table), maintain_order=True)


def read_rows(workspace: Workspace, table: Table, raw: Raw, *, partial: bool = False) -> Typed:
    """`partial`: columns may be missing and required cells empty; only what is there is checked. A version without
    a first day has then always been in force."""
    zone = ZoneInfo(workspace.timezone)
    height = raw.cells.height
    shown_keys = _shown_keys(table, raw)
    columns: dict[str, pl.Series] = {}
    none = pl.Series([False] * height, dtype=pl.Boolean)
    bad = none
    rejects: list[Reject] = []
    for column in table.columns.values():
        cells = raw.cells[column.name] if column.name in raw.cells.columns else None
        parsed = read_column(column.type, cells, zone) if cells is not None else _absent(column, none)
        values = parsed.values
        if partial and table.effective and column.name == table.effective[0]:
            values = values.fill_null(ALWAYS)
        if cells is not None and parsed.reasons:
            rejects += _refused(table, column, cells, parsed, raw.lines, shown_keys)
            bad = bad | parsed.refused
        if not column.optional and (not partial or column.name in table.key) and values.null_count():
            empty = values.is_null() & ~parsed.refused
            rejects += _empty(table, column, empty, raw.lines, shown_keys)
            bad = bad | empty
        columns[column.name] = values
        if parsed.currencies is not None:
            columns[f"{column.name}@currency"] = parsed.currencies
    named = columns.get("amount@currency", none)
    if has_measure(table):
        columns["quota"] = columns["measure"]
    columns["@line"] = raw.lines
    frame = _with_key(table, _with_currencies(workspace, table, pl.DataFrame(columns)))
    more = _backwards(table, frame)
    if table.name == workspace.rates:
        more += _not_positive(table, frame)
    if table.name == "quotas" and workspace.quotas:
        frame, wrong = _quota_units(workspace, frame, named)
        more += wrong
    if more:
        bad = bad | raw.lines.is_in(pl.Series([r.line for r in more], dtype=pl.Int64).implode())
    return Typed(frame, ~bad, tuple(sorted([*rejects, *more], key=lambda r: r.line)))


def _absent(column: Column, none: pl.Series) -> Parsed:
    """A column the file does not have."""
    empty = pl.Series([None] * len(none), dtype=stored(column.type))
    currencies = pl.Series([None] * len(none), dtype=pl.String) if column.type is ColumnType.MONEY else None
    return Parsed(empty, currencies, none, {})


def _shown_keys(table: Table, raw: Raw) -> pl.Series:
    """The key as the file writes it, to name rows that may not be readable."""
    have = [name for name in table.key if name in raw.cells.columns]
    if not have:
        return pl.repeat("", raw.cells.height, dtype=pl.String, eager=True)
    parts = [pl.col(name).fill_null("").str.strip_chars() for name in have]
    return raw.cells.select(pl.concat_str(parts, separator="/").alias("@key"))["@key"]


def _rows(mask: pl.Series, *columns: pl.Series) -> Iterable[tuple[object, ...]]:
    if not mask.any():
        return ()
    return zip(*(column.filter(mask).to_list() for column in columns), strict=True)


def _refused(
    table: Table, column: Column, cells: pl.Series, parsed: Parsed, lines: pl.Series, keys: pl.Series
) -> list[Reject]:
    found = []
    for line, key, cell in _rows(parsed.refused, lines, keys, cells.str.strip_chars()):
        assert isinstance(line, int) and isinstance(cell, str)
        reason: Refusal = parsed.reasons[cell]
        found.append(Reject(table.name, line, str(key), column.name, reason.code, reason.message, reason.help))
    return found


def _empty(table: Table, column: Column, empty: pl.Series, lines: pl.Series, keys: pl.Series) -> list[Reject]:
    found = []
    for line, key in _rows(empty, lines, keys):
        assert isinstance(line, int)
        message = f"{column.name} is empty and not optional"
        found.append(
            Reject(
                table.name,
                line,
                str(key),
                column.name,
                "E404",
                message,
                f"fill it in, or declare {column.name} as optional",
            )
        )
    return found


def _with_currencies(workspace: Workspace, table: Table, frame: pl.DataFrame) -> pl.DataFrame:
    """The currency of each amount: the cell's own, the row's column `currency`, the workspace's."""
    row = [pl.col("currency")] if "currency" in table.columns else []
    filled = []
    for column in table.columns.values():
        if column.type is ColumnType.MONEY:
            name = f"{column.name}@currency"
            currency = pl.coalesce(pl.col(name), *row, pl.lit(workspace.base_currency))
            filled.append(pl.when(pl.col(column.name).is_not_null()).then(currency).alias(name))
    return frame.with_columns(filled)


def _with_key(table: Table, frame: pl.DataFrame) -> pl.DataFrame:
    parts = []
    for name in table.key:
        part = pl.col(name).cast(pl.String)
        if stored(table.columns[name].type) == EXACT:
            part = part.str.strip_chars_end("0").str.strip_chars_end(".")
        parts.append(part)
    key = pl.concat_str(parts, separator="/").alias("@key")
    return frame.with_columns(key).select(*frame_schema(table), "@line")


def _backwards(table: Table, frame: pl.DataFrame) -> list[Reject]:
    """Versions and quotas that end before they start."""
    spans = ("from", "to") if table.name == "quotas" and {"from", "to"} <= table.columns.keys() else table.effective
    if spans is None:
        return []
    first, last = spans
    found = frame.filter(pl.col(first) > pl.col(last)).select("@line", "@key", first, last).iter_rows()
    return [
        Reject(table.name, line, key or "", last, "E403", f"ends on {end}, before it starts on {start}")
        for line, key, start, end in found
    ]


def _not_positive(table: Table, frame: pl.DataFrame) -> list[Reject]:
    found = frame.filter(pl.col("rate") <= pl.lit(0, dtype=EXACT)).select("@line", "@key", "rate").iter_rows()
    return [
        Reject(table.name, line, key or "", "rate", "E403", f"the rate {plain(rate)} is not above zero")
        for line, key, rate in found
    ]


def _quota_units(workspace: Workspace, frame: pl.DataFrame, named: pl.Series) -> tuple[pl.DataFrame, list[Reject]]:
    """Amounts of a quota that is a number have no currency; a quota nobody declared is refused. `named` are the
    currencies that the cells themselves name."""
    numbers = [name for name, unit in workspace.quotas.items() if unit is ColumnType.NUMBER]
    counted = pl.col("quota").is_in(numbers)
    frame = frame.with_columns(
        pl.when(~counted).then("amount@currency").alias("amount@currency"), named.alias("@named")
    )
    rejects = []
    for line, key, name in _quota_rows(frame, ~pl.col("quota").is_in(list(workspace.quotas))):
        help = suggestion(name, workspace.quotas, "the quotas are")
        message = f"the workspace names no quota {name}"
        rejects.append(Reject("quotas", line, key, "quota", "E406", message, help))
    for line, key, name in _quota_rows(frame, counted & pl.col("@named").is_not_null()):
        message = f"the quota {name} is a number, and the cell names a currency"
        rejects.append(Reject("quotas", line, key, "amount", "E403", message, "write the number alone"))
    return frame.drop("@named"), rejects


def _quota_rows(frame: pl.DataFrame, which: pl.Expr) -> list[tuple[int, str, str]]:
    rows = frame.filter(which).select("@line", pl.col("@key").fill_null(""), "quota")
    return [(line, key, name) for line, key, name in rows.iter_rows()]
