"""Rows in order, by one number each.

Sorting by several columns of text costs more than all arithmetic of a run. Here each column becomes the rank of its
values, and the ranks of a row are the digits of one number. A column of text is ranked by its distinct values, so they
should be few. Sources are many, and are ranked once, where their stream is made: `@id` is the place of a row's source
among all of the stream, by bytes.
"""

from collections.abc import Sequence

import polars as pl

from compengine.values.frames import schema

_LONGEST = 2**64


def in_order(frame: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """`frame` sorted by columns of text, dates and whole numbers; equal rows stay as they stand."""
    order = _order(frame, by)
    return frame if order is None else frame.select(pl.all().gather(order))


def _order(frame: pl.DataFrame, by: Sequence[str]) -> pl.Series | None:
    """Where the rows stand that come first, second, and so on; None where they are in order."""
    key = number(frame, by)
    return None if key.is_sorted() else key.to_frame().select(pl.arg_sort_by("number", maintain_order=True))["number"]


def number(frame: pl.DataFrame, by: Sequence[str]) -> pl.Series:
    """A number for each row, the same and in the same order as the values of these columns are."""
    texts = [name for name in by if frame.schema[name] == pl.String]
    known = frame.select(pl.col(name).unique().drop_nulls().sort().implode() for name in texts)
    ranks = frame.select(_index(name, known[name][0]) if name in texts else _distance(name) for name in by)
    found, size = pl.lit(0, dtype=pl.UInt64), 1
    for name, highest in zip(by, ranks.max().row(0), strict=True):
        digits = 1 if highest is None else highest + 1
        if size * digits >= _LONGEST:
            found, size = found.rank("dense").cast(pl.UInt64), len(frame) + 1
        found, size = found * digits + pl.col(name).cast(pl.UInt64), size * digits
    return ranks.select(found.alias("number"))["number"]


def index_of(values: pl.Series, among: pl.Series) -> pl.Series:
    """Where each text stands in `among`, which are different texts, and should be few; empty where it does not."""
    return values.to_frame("text").select(_index("text", among))["text"]


def _index(name: str, among: pl.Series) -> pl.Expr:
    return pl.col(name).cast(pl.Enum(among), strict=False).to_physical()


def _distance(name: str) -> pl.Expr:
    """How far each date or number is from the least."""
    whole = pl.col(name).to_physical().cast(pl.Int64)
    return whole - whole.min()


def as_stream(rows: pl.DataFrame) -> pl.DataFrame:
    """Credits of one stream in their order (date, source, payee), with `@n`, their index, and `@id`."""
    rows = rows.sort("source").with_columns(pl.col("source").rle_id().alias("@id"))
    return in_order(rows, ["date", "@id", "payee"]).with_row_index("@n")


def assembled(row: type, pieces: Sequence[pl.DataFrame], rule: Sequence[str], by: Sequence[str]) -> pl.DataFrame:
    """Frame of a row class from pieces that each are of one plan and rule, and may have `@id`.

    `rule` are the columns that are the same for all rows of a piece, the names of plan and rule first. `by` may name
    `@rule`, which stands for these two, and after it `@id`, which stands for the source.
    """
    told = [piece for piece in pieces if not piece.is_empty()]
    if not told:
        return pl.DataFrame(schema=schema(row))
    said = pl.concat([piece.select(rule).head(1) for piece in told]).unique(maintain_order=True)  # versions may differ
    by_rule: dict[tuple[str, ...], list[pl.DataFrame]] = {}
    for piece in told:
        at = said.rows().index(piece.select(rule).row(0))
        piece = piece.with_columns(pl.lit(at, dtype=pl.UInt32).alias("@said"))
        by_rule.setdefault(piece.select(rule[:2]).row(0), []).append(piece)
    parts = [
        _placed(by_rule[names]).with_columns(pl.lit(n, dtype=pl.UInt32).alias("@rule"))
        for n, names in enumerate(sorted(by_rule))
    ]
    order = _order(pl.concat([part.select(by) for part in parts]), by)
    said_by = _gathered(parts, "@said", order)
    return pl.DataFrame(
        [_of_rule(said[name], said_by) if name in rule else _gathered(parts, name, order) for name in schema(row)]
    )


def _gathered(parts: Sequence[pl.DataFrame], name: str, order: pl.Series | None) -> pl.Series:
    """One column of all parts, in order. One at a time: a second copy of everything costs more than to sort it."""
    whole = pl.concat([part[name] for part in parts], rechunk=True)
    return whole if order is None else whole.gather(order)


def _of_rule(values: pl.Series, rule: pl.Series) -> pl.Series:
    """The value of each row's rule."""
    return values.new_from_index(0, len(rule)) if values.n_unique() == 1 else values.gather(rule)


def _placed(pieces: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """One frame of the pieces of a rule, with `@id` in all rows; the ids of several pieces do not compare."""
    if len(pieces) == 1 and "@id" in pieces[0].columns and pieces[0]["@id"].null_count() == 0:
        return pieces[0]
    both = pl.concat(pieces, how="diagonal")
    return both.with_columns(pl.col("source").rank("dense").cast(pl.UInt32).alias("@id"))
