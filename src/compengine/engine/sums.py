"""Running sums over credits: what stood before a mark in the total order.

Credits and marks are sorted together by key, date, phase, id, stream and payee; the sum so far at a mark is then the
answer. Phase 0 is before all credits of a day, 1 among them, 2 what is carried into the day's window, 3 after them.
"""

import polars as pl

from compengine.engine.columns import ZERO_
from compengine.values.frames import EXACT

ORDER = ["key", "date", "phase", "source", "stream", "payee", "tag"]


def marks_at_start(days: pl.Series, keys: pl.Series) -> pl.DataFrame:
    return _marks(pl.DataFrame({"key": keys, "date": days}), 0)


def marks_at_end(days: pl.Series, keys: pl.Series) -> pl.DataFrame:
    return _marks(pl.DataFrame({"key": keys, "date": days}), 3)


def _marks(frame: pl.DataFrame, phase: int) -> pl.DataFrame:
    return frame.select(
        "key",
        "date",
        pl.lit(phase, dtype=pl.Int8).alias("phase"),
        pl.lit("").alias("source"),
        pl.lit("").alias("stream"),
        pl.lit("").alias("payee"),
        pl.lit(0, dtype=pl.Int8).alias("tag"),
    )


def so_far(credits: pl.DataFrame, marks: pl.DataFrame, values: list[str]) -> pl.DataFrame:
    """For each mark the sums of `values` over the credits of its key that stand before it, in the order of `marks`.

    `credits` has key, date, source, stream, payee, `carried` (1 of a carried row, else 0) and the value columns;
    `marks` the columns of `ORDER`.
    """
    entries = credits.select(
        "key",
        "date",
        (pl.col("carried") + 1).cast(pl.Int8).alias("phase"),
        "source",
        "stream",
        "payee",
        pl.lit(0, dtype=pl.Int8).alias("tag"),
        *values,
        pl.lit(None, dtype=pl.UInt32).alias("mark"),
    )
    asked = marks.select(
        *ORDER,
        *[pl.lit(None, dtype=EXACT).alias(v) for v in values],
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("mark"),
    )
    # keys on which no credit stands need no sorting, and marks without a key have nothing before them
    both = pl.concat([entries, asked.join(credits.select(pl.col("key").unique()), on="key", how="semi")]).sort(ORDER)
    sums = both.select("mark", *[pl.col(v).fill_null(ZERO_).cum_sum().over("key").alias(v) for v in values])
    found = sums.filter(pl.col("mark").is_not_null())
    return (
        asked.select("mark")
        .join(found, on="mark", how="left", maintain_order="left")
        .select(pl.col(values).fill_null(ZERO_))
    )
