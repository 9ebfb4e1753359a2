"""Rows as columns: the Polars form of the dataclasses in `values.rows`.

One declaration (the dataclass) gives both forms. Decimals are `Decimal(38, 12)` everywhere.
"""

import types
import typing
from collections.abc import Iterable
from dataclasses import astuple, fields
from datetime import date
from decimal import Decimal
from typing import TypeVar

import polars as pl

from compengine.values.exact import DIGITS, PLACES

EXACT = pl.Decimal(DIGITS, PLACES)
Row = TypeVar("Row")

_COLUMN: dict[object, pl.DataType] = {
    str: pl.String(),
    Decimal: EXACT,
    date: pl.Date(),
    int: pl.Int32(),
    bool: pl.Boolean(),
}


def schema(row: type) -> pl.Schema:
    """Column names and types of a row class, in the order of its fields."""
    hints = typing.get_type_hints(row)
    return pl.Schema({f.name: _COLUMN[_bare(hints[f.name])] for f in fields(row)})


def _bare(hint: object) -> object:
    if isinstance(hint, types.UnionType):
        return next(a for a in hint.__args__ if a is not type(None))
    return hint


def to_frame(row: type[Row], rows: Iterable[Row]) -> pl.DataFrame:
    values = [astuple(r) for r in rows]  # type: ignore[call-overload]
    return pl.DataFrame(values, schema=schema(row), orient="row")


def to_rows(row: type[Row], frame: pl.DataFrame) -> list[Row]:
    """The other way; the frame must have exactly the columns of the row class."""
    columns = [f.name for f in fields(row)]  # type: ignore[arg-type]
    return [row(*values) for values in frame.select(columns).iter_rows()]


def require(row: type, frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` itself, after asserting that it has the columns and types of `row`, and that no value is missing."""
    expected = schema(row)
    assert frame.schema == expected, f"{row.__name__}: {frame.schema} is not {expected}"
    hints = typing.get_type_hints(row)
    for field in fields(row):
        if not isinstance(hints[field.name], types.UnionType):
            assert frame[field.name].null_count() == 0, f"{row.__name__}.{field.name} has empty values"
    return frame
